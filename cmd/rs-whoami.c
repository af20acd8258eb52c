/*
 * rs-whoami - say as whom the tools talk to AWS, and how that came about
 *
 * in: nothing
 * out: one identity record
 * note: with --no-call AWS is not asked whether the keys are good, but a
 * source that has to be asked for them (a role, SSO, an instance) is.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "aws/api.h"
#include "aws/cred.h"
#include "base/opt.h"
#include "base/sig.h"
#include "base/stamp.h"
#include "record/rec.h"

struct opts {
	struct aws_opts aws;
	bool no_call;
};

static const struct opt options[] = {
	{ .name = "no-call", .type = OPT_FLAG,
	    .at = offsetof(struct opts, no_call),
	    .help = "do not ask AWS whose the credentials are" },
	OPT_AWS(struct opts, aws),
	OPT_VERBOSE,
	{ .type = OPT_END }
};

static const struct opt_tool tool = {
	.name = "rs-whoami",
	.summary = "Print the AWS identity in use and where it comes from.",
	.options = options,
};

/* The chain of sources, "a > b > c", as an array. */
static json_t *
chain(const char *source)
{
	json_t *list = json_array();
	const char *end;

	while ((end = strstr(source, " > ")) != NULL) {
		json_array_append_new(list, json_stringn(source,
		    (size_t)(end - source)));
		source = end + strlen(" > ");
	}
	json_array_append_new(list, json_string(source));
	return list;
}

static json_t *
expiry(time_t expires)
{
	char when[STAMP_SIZE];

	if (expires == 0)
		return json_null();
	stamp_format(expires, when);
	return json_string(when);
}

/* reply: what STS says, or NULL when it was not asked. */
static json_t *
identity(const struct aws *a, const struct cred *c, const char *endpoint,
    const struct xml *reply)
{
	const char *account = xml_text(reply, "Account");

	return json_pack("{s:s, s:s?, s:s?, s:s?, s:s, s:o, s:s, s:s, s:s, "
	    "s:o}",
	    "kind", "identity",
	    "account", account != NULL ? account : c->account_id,
	    "arn", xml_text(reply, "Arn"),
	    "user_id", xml_text(reply, "UserId"),
	    "access_key_id", c->access_key_id,
	    "credential_source", chain(c->source),
	    "region", aws_region(a),
	    "region_source", aws_region_source(a),
	    "endpoint", endpoint,
	    "expires_at", expiry(c->expires));
}

static int
ask_sts(struct aws *a, struct xml **reply, struct err *e)
{
	if (aws_query(a, AWS_STS, "GetCallerIdentity", NULL, reply, e) == 0)
		return 0;
	return err_prefix(e, "cannot ask STS who this is");
}

static int
ask(struct aws *a, const struct opts *o, struct rec_out *out, struct err *e)
{
	char *endpoint = aws_endpoint_url(a, AWS_STS, e);
	const struct cred *c = NULL;
	struct xml *reply = NULL;
	int rc = endpoint == NULL ? -1 : 0;

	/* First, so that a source that fails is not taken for STS failing. */
	if (rc == 0 && aws_credentials(a, e) == NULL)
		rc = -1;
	if (rc == 0 && !o->no_call)
		rc = ask_sts(a, &reply, e);
	if (rc == 0 && (c = aws_credentials(a, e)) != NULL)
		rec_write(out, identity(a, c, endpoint, reply));
	xml_free(reply);
	free(endpoint);
	return c == NULL ? -1 : 0;
}

int
main(int argc, char **argv)
{
	struct opts o = { .aws = AWS_OPTS_DEFAULT };
	struct rec_out out;
	struct err e = { 0 };
	struct aws *a;

	sig_init();
	opt_parse(&tool, argc, argv, &o, NULL);
	rec_out_init(&out, tool.name);
	a = aws_open(&o.aws, &e);
	if (a != NULL)
		(void)ask(a, &o, &out, &e);	/* told by rec_finish() */
	aws_close(a);
	return sig_reraise_or(rec_finish(&out, &e));
}
