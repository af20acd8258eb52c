/*
 * cred_web.c - a role for whoever holds a web identity token, as pods on EKS
 * and many CI systems do
 *
 * The token file is read at every renewal: its owner replaces it in time.
 */
#include <stdlib.h>
#include <string.h>

#include "aws/cred_source.h"
#include "base/alloc.h"
#include "base/file.h"

enum { TOKEN_MAX = 64 << 10 };

/* Each by itself from the environment or, failing that, the profile. */
static const char *
get(const struct cred_query *q, const char *variable, const char *key)
{
	const char *value = q->env ? cred_getenv(variable) : NULL;

	return value != NULL ? value : conf_get(q->a->conf, q->profile, key);
}

static int
read_token(const char *path, struct buf *token, struct err *e)
{
	int ret = file_read(path, TOKEN_MAX, token, e);

	if (ret == 0)
		return err_set(e, ERR_CRED, "there is no such file: %s",
		    path);
	if (ret == -1) {
		e->kind = ERR_CRED;
		return -1;
	}
	while (token->len > 0 && strchr(" \t\r\n",
	    token->s[token->len - 1]) != NULL)
		token->s[--token->len] = '\0';
	if (token->len == 0 || strlen(token->s) != token->len)
		return err_set(e, ERR_CRED, "there is no token in %s", path);
	return 0;
}

static int
assume(const struct cred_query *q, const char *arn, const char *token,
    struct cred *out, struct err *e)
{
	const char *name = get(q, "AWS_ROLE_SESSION_NAME",
	    "role_session_name");
	struct cred_role_call call = { .op = "AssumeRoleWithWebIdentity",
		.method = "assume-role-with-web-identity", .arn = arn,
		.as.anonymous = true };
	char *session = name == NULL ? cred_session_name() : xstrdup(name);
	struct form form = { 0 };

	form_set(&form, "RoleArn", arn);
	form_set(&form, "RoleSessionName", session);
	form_set(&form, "WebIdentityToken", token);
	free(session);
	return cred_call_sts(q, &call, &form, out, e);
}

int
cred_web(const struct cred_query *q, struct cred *out, struct err *e)
{
	const char *path = get(q, "AWS_WEB_IDENTITY_TOKEN_FILE",
	    "web_identity_token_file");
	const char *arn = get(q, "AWS_ROLE_ARN", "role_arn");
	struct buf token = { 0 };
	int ret = -1;

	if (path == NULL || *path == '\0')
		return 0;
	if (arn == NULL || *arn == '\0')
		err_set(e, ERR_CRED, "web identity token %s: no role to "
		    "assume: set AWS_ROLE_ARN, or role_arn in profile '%s'",
		    path, q->profile);
	else if (read_token(path, &token, e) == -1)
		err_prefix(e, "web identity token");
	else if (assume(q, arn, token.s, out, e) == 0)
		ret = 1;
	buf_wipe(&token);
	return ret;
}
