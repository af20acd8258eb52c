/* cred_sts.c - the calls of STS that turn one identity into another */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aws/cred_source.h"
#include "base/alloc.h"

char *
cred_session_name(void)
{
	return xasprintf("rstools-%lld", (long long)time(NULL));
}

/* The account in arn:aws:sts::123456789012:assumed-role/...; or NULL. */
static char *
account_of(const char *arn)
{
	for (int i = 0; arn != NULL && i < 4; i++) {
		arn = strchr(arn, ':');
		arn = arn == NULL ? NULL : arn + 1;
	}
	if (arn == NULL || strspn(arn, "0123456789") != 12 || arn[12] != ':')
		return NULL;
	return xstrndup(arn, 12);
}

static int
take(const struct xml *reply, struct cred *out, struct err *e)
{
	const char *id = xml_text(reply, "Credentials/AccessKeyId");
	const char *secret = xml_text(reply, "Credentials/SecretAccessKey");
	const char *token = xml_text(reply, "Credentials/SessionToken");
	const char *expires = xml_text(reply, "Credentials/Expiration");

	if (id == NULL || secret == NULL || token == NULL ||
	    expires == NULL || cred_time(expires, &out->expires) == -1)
		return err_set(e, ERR_AWS,
		    "the answer has no complete credentials");
	out->access_key_id = xstrdup(id);
	out->secret_access_key = xstrdup(secret);
	out->session_token = xstrdup(token);
	out->account_id = account_of(xml_text(reply, "AssumedRoleUser/Arn"));
	return 0;
}

int
cred_call_sts(const struct cred_query *q, const struct cred_role_call *call,
    struct form *form, struct cred *out, struct err *e)
{
	struct xml *reply = NULL;
	char *place;
	int ret;

	ret = aws_query_as(q->a, &call->as, AWS_STS, call->op, form, &reply,
	    e);
	form_release(form);
	if (ret == 0)
		ret = take(reply, out, e);
	xml_free(reply);
	if (ret == -1) {
		place = cred_place(q, "role_arn");
		err_prefix(e, "%s: cannot assume role '%s'", place,
		    call->arn);
		free(place);
		return -1;
	}
	cred_step(out, "%s '%s'", call->method, call->arn);
	return 0;
}
