/* cred_profile.c - keys that stand in a profile */
#include <stdlib.h>

#include "aws/cred_source.h"
#include "base/alloc.h"

static const char *
non_empty(const char *s)
{
	return s != NULL && *s != '\0' ? s : NULL;
}

static int
incomplete(const struct cred_query *q, const char *path, const char *key,
    struct err *e)
{
	err_set(e, ERR_CRED, "%s: profile '%s': '%s' is missing or empty",
	    path, q->profile, key);
	return err_hint(e, "both keys must stand in the same file: run "
	    "'aws configure --profile %s'", q->profile);
}

/*
 * botocore looks at each file by itself: the two keys cannot be put together
 * from both.
 */
static int
from_file(const struct cred_query *q, enum conf_file file,
    const char *method, struct cred *out, struct err *e)
{
	const struct conf *c = q->a->conf;
	const char *path = conf_path(c, file);
	const char *id = conf_get_from(c, file, q->profile,
	    "aws_access_key_id");
	const char *secret = conf_get_from(c, file, q->profile,
	    "aws_secret_access_key");
	const char *token = conf_get_from(c, file, q->profile,
	    "aws_security_token");

	if (id == NULL)
		return 0;
	if (*id == '\0')
		return incomplete(q, path, "aws_access_key_id", e);
	if (non_empty(secret) == NULL)
		return incomplete(q, path, "aws_secret_access_key", e);
	if (token == NULL)	/* the newer name yields to the older */
		token = conf_get_from(c, file, q->profile,
		    "aws_session_token");
	out->access_key_id = xstrdup(id);
	out->secret_access_key = xstrdup(secret);
	out->session_token = xstrdup(non_empty(token));
	out->account_id = xstrdup(non_empty(conf_get_from(c, file,
	    q->profile, "aws_account_id")));
	cred_step(out, "%s '%s'", method, q->profile);
	return 1;
}

int
cred_shared_file(const struct cred_query *q, struct cred *out,
    struct err *e)
{
	return from_file(q, CONF_CREDENTIALS, "shared-credentials-file", out,
	    e);
}

int
cred_config_file(const struct cred_query *q, struct cred *out,
    struct err *e)
{
	return from_file(q, CONF_CONFIG, "config-file", out, e);
}
