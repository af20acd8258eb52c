/* cred_env.c - credentials in the environment */
#include <stdlib.h>

#include "aws/cred_source.h"
#include "base/alloc.h"

int
cred_env(const struct cred_query *q, struct cred *out, struct err *e)
{
	const char *id = cred_getenv("AWS_ACCESS_KEY_ID");
	const char *secret = cred_getenv("AWS_SECRET_ACCESS_KEY");
	const char *expires = cred_getenv("AWS_CREDENTIAL_EXPIRATION");
	const char *token = cred_getenv("AWS_SECURITY_TOKEN");

	(void)q;	/* no profile changes the environment */
	if (id == NULL)
		return 0;
	if (secret == NULL) {
		err_set(e, ERR_CRED, "AWS_ACCESS_KEY_ID is set, but "
		    "AWS_SECRET_ACCESS_KEY is not");
		return err_hint(e, "set both, or unset "
		    "AWS_ACCESS_KEY_ID to use a profile");
	}
	if (expires != NULL && cred_time(expires, &out->expires) == -1)
		return err_set(e, ERR_CRED, "AWS_CREDENTIAL_EXPIRATION: "
		    "'%s' is not a time such as 2026-11-21T03:24:00Z",
		    expires);
	if (token == NULL)	/* the newer name yields to the older */
		token = cred_getenv("AWS_SESSION_TOKEN");
	out->access_key_id = xstrdup(id);
	out->secret_access_key = xstrdup(secret);
	out->session_token = xstrdup(token);
	out->account_id = xstrdup(cred_getenv("AWS_ACCOUNT_ID"));
	cred_step(out, "env");
	return 1;
}
