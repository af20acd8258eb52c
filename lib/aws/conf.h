/*
 * conf.h - the AWS configuration files, as botocore reads them
 *
 * ~/.aws/config (AWS_CONFIG_FILE) and ~/.aws/credentials
 * (AWS_SHARED_CREDENTIALS_FILE). A file that does not exist is not an error;
 * one that cannot be read or does not parse is, and is named.
 */
#ifndef AWS_CONF_H
#define AWS_CONF_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

struct conf;

/* Read both files. Returns NULL and fills e (ERR_CRED) on failure. */
struct conf *conf_load(struct err *e) MUST_USE;
void	conf_free(struct conf *c);	/* wipes what it held */

/* Does either file have this profile? */
bool	conf_has_profile(const struct conf *c, const char *profile);

/*
 * A key of a profile, borrowed, or NULL. For the same key the credentials
 * file wins over the config file.
 */
const char *conf_get(const struct conf *c, const char *profile,
	    const char *key);

/*
 * A key of a nested block ("s3 =" and its indented lines), or of another
 * kind of section: conf_section(c, "sso-session", "corp", "sso_region"),
 * conf_nested(c, "services", "dev", "dynamodb", "endpoint_url").
 */
const char *conf_section(const struct conf *c, const char *type,
	    const char *name, const char *key);
const char *conf_nested(const struct conf *c, const char *type,
	    const char *name, const char *block, const char *key);

#endif
