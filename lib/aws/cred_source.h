/*
 * cred_source.h - the sources of credentials; for lib/aws/cred*.c only
 *
 * One file and one function a source. cred.c asks them in order.
 */
#ifndef AWS_CRED_SOURCE_H
#define AWS_CRED_SOURCE_H

#include <jansson.h>
#include <stdbool.h>
#include <time.h>

#include "aws/cred.h"
#include "aws/session.h"
#include "base/attr.h"
#include "base/err.h"

/* What a source is asked for. */
struct cred_query {
	struct aws *a;
	struct cred_chain *chain;
	const char *profile;
	bool env;		/* variables that name a role count as well */
};

/*
 * A source: 1 and *out filled (zeroed before); 0 when nothing configures it;
 * -1 with e filled (ERR_CRED, or how the call it made failed) when something
 * does and it does not work.
 */
typedef int cred_source(const struct cred_query *q, struct cred *out,
	    struct err *e);

cred_source cred_env;		/* AWS_ACCESS_KEY_ID ... */
cred_source cred_shared_file;	/* keys in the credentials file */
cred_source cred_config_file;	/* keys in the config file */

/* The first source of a list that has something; 0 when none has. */
int	cred_first(cred_source *const *list, size_t n,
	    const struct cred_query *q, struct cred *out, struct err *e)
	    MUST_USE;

/* An environment variable, or NULL when it is unset or empty. */
const char *cred_getenv(const char *name);

/*
 * A time of expiry in any form the SDKs write: RFC 3339, or with "UTC",
 * "+0000" in the place of "Z". Returns 0, or -1.
 */
int	cred_time(const char *s, time_t *out) MUST_USE;

/* Add one more step to out->source, "a > b". */
void	cred_step(struct cred *out, const char *fmt, ...) PRINTF(2, 3);

#endif
