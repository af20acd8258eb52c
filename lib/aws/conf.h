/*
 * conf.h - the AWS configuration files, as botocore reads them
 *
 * ~/.aws/config (AWS_CONFIG_FILE) and ~/.aws/credentials
 * (AWS_SHARED_CREDENTIALS_FILE). A file that does not exist is not an error;
 * one that cannot be read or does not parse is, and is named with its line.
 *
 * In the config file a profile is [profile NAME] or [default]; in the
 * credentials file every section is one. Names of keys are not sensitive to
 * case. A line that begins with # or ; is a comment; what follows a value is
 * part of it. A deeper indented line continues the value before it; below an
 * empty value such lines are a block of their own ("s3 =", then its keys).
 */
#ifndef AWS_CONF_H
#define AWS_CONF_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

struct conf;

enum conf_file {
	CONF_CREDENTIALS,
	CONF_CONFIG,
	CONF_FILES
};

/* Read both files. Returns NULL and fills e (ERR_CRED) on failure. */
struct conf *conf_load(struct err *e) MUST_USE;
void	conf_free(struct conf *c);	/* wipes what it held */

/* Where a file is, or would be: for messages. Borrowed. */
const char *conf_path(const struct conf *c, enum conf_file file);

/* Does either file have this profile? */
bool	conf_has_profile(const struct conf *c, const char *profile);

/*
 * A key of a profile, borrowed, or NULL. For the same key the credentials
 * file wins over the config file.
 */
const char *conf_get(const struct conf *c, const char *profile,
	    const char *key);

/* The same from one file only. */
const char *conf_get_from(const struct conf *c, enum conf_file file,
	    const char *profile, const char *key);

/*
 * Where conf_get() found it: "/home/u/.aws/config:12", or "" when it did
 * not. Returns a string for free().
 */
char	*conf_place(const struct conf *c, const char *profile,
	    const char *key);

/* Does the config file have [TYPE NAME], such as [sso-session corp]? */
bool	conf_has_section(const struct conf *c, const char *type,
	    const char *name);

/*
 * A key of another kind of section: conf_section(c, "sso-session", "corp",
 * "sso_region"); or of a block in it, or in a profile: conf_nested(c,
 * "services", "dev", "dynamodb", "endpoint_url"). Borrowed, or NULL.
 */
const char *conf_section(const struct conf *c, const char *type,
	    const char *name, const char *key);
const char *conf_nested(const struct conf *c, const char *type,
	    const char *name, const char *block, const char *key);

#endif
