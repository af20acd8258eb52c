/* rs-endpoint-ips - the addresses behind which workgroups answer
 * in: names as operands, or "workgroup" and "lock" records on stdin
 * out: an "ip" record for each network interface
 * note: the API tells addresses that Terraform's resource does not
 * (hashicorp/terraform-provider-aws#39998). An endpoint without one makes
 * the stream incomplete, because a tool after us may remove what is absent. */
#include <string.h>

#include "base/msg.h"
#include "base/sig.h"
#include "record/rec.h"
#include "rs-endpoint-ips.h"

static const char *const from_names[] = {
	[FROM_AUTO] = "auto", [FROM_ACCESS] = "access",
	[FROM_WORKGROUP] = "workgroup", NULL
};

struct opts {
	struct aws_opts aws;
	struct query query;
	bool external;
};

#define AT(member) .at = offsetof(struct opts, member)
static const struct opt options[] = {
	{ .name = "from", .type = OPT_ENUM, AT(query.from), .arg = "source",
	    .names = from_names,
	    .help = "access, workgroup or auto (access if any)" },
	{ .name = "match", .type = OPT_LIST, AT(query.match), .arg = "glob",
	    .help = "every workgroup whose whole name matches" },
	{ .name = "allow-partial", .type = OPT_FLAG, AT(query.partial),
	    .help = "accept endpoints without an address" },
	{ .name = "external", .type = OPT_FLAG, AT(external),
	    .help = "speak Terraform's external data source protocol" },
	OPT_AWS(struct opts, aws),
	OPT_VERBOSE,
	{ .type = OPT_END }
};

static const struct opt_tool tool = {
	.name = "rs-endpoint-ips",
	.summary = "Print the private addresses of workgroup endpoints.",
	.operands = "[workgroup ...]",
	.options = options,
};

static int
ask(struct opts *o, json_t **ips, struct err *e)
{
	struct aws *a = aws_open(&o->aws, e);
	size_t gaps = 0;
	int rc;

	if (a == NULL)
		return -1;
	rc = endpoint_ips(a, &o->query, ips, &gaps, e);
	if (rc == 0 && gaps > 0)
		rc = err_set(e, ERR_NO, "%zu endpoint%s without an address, "
		    "see above", gaps, gaps == 1 ? "" : "s");
	aws_close(a);
	return rc;
}

static int
run_external(struct opts *o)
{
	json_t *ips = NULL, *query = NULL;
	struct err e = { 0 };
	int status = 0;

	if (external_read(&o->query, &query, &e) == -1 ||
	    ask(o, &ips, &e) == -1 || external_write(ips, &e) == -1)
		status = msg_err(&e);
	json_decref(ips);
	json_decref(query);
	return status;
}

static int
run(struct opts *o, char *const *operands, size_t n)
{
	bool read_stdin = n == 0 && o->query.match.n == 0;
	json_t *ips = NULL, *ip;
	struct rec_out out;
	struct err e = { 0 };
	size_t i;

	rec_out_init(&out, tool.name);
	if (names_read_workgroups(&o->query.names, operands, n, read_stdin,
	    &out, &e) == 0)
		(void)ask(o, &ips, &e);		/* told by rec_finish() */
	json_array_foreach(ips, i, ip)
		rec_write(&out, json_incref(ip));
	json_decref(ips);
	return rec_finish(&out, &e);
}

int
main(int argc, char **argv)
{
	struct opts o = { .aws = AWS_OPTS_DEFAULT };
	int first, status;

	sig_init();
	first = opt_parse(&tool, argc, argv, &o, NULL);
	if (o.external && first < argc)
		opt_misuse("--external takes its query from standard input, "
		    "not '%s'", argv[first]);
	status = o.external ? run_external(&o) :
	    run(&o, argv + first, (size_t)(argc - first));
	names_release(&o.query.names);
	opt_list_release(&o.query.match);
	return sig_reraise_or(status);
}
