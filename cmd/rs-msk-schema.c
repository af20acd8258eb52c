/*
 * rs-msk-schema - the SQL that reads topics of MSK or Kafka into Redshift
 *
 * in: workgroups, as operands or as "workgroup" records
 * out: "statement" records, after everything it does not consume; or
 *     "policy" records
 * note: the brokers are asked of MSK here, so that Redshift needs neither
 *     the permission nor a way to MSK's API (which CLUSTER_ARN takes)
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sig.h"
#include "rs-msk-schema.h"
#include "sql/warehouse.h"

static const char *const sources[] = {
	[SOURCE_MSK] = "msk", [SOURCE_KAFKA] = "kafka", NULL
};
static const char *const authentications[] = {
	[KAFKA_IAM] = "iam", [KAFKA_MTLS] = "mtls", [KAFKA_NONE] = "none", NULL
};
static const char *const styles[] = {
	[DIST_EVEN] = "even", [DIST_ALL] = "all", [DIST_KEY] = "key", NULL
};

#define AT(m) offsetof(struct opts, m)
static const struct opt options[] = {
	{ .letter = 'a', .name = "authentication", .type = OPT_ENUM,
	    .at = AT(authentication), .arg = "how", .names = authentications,
	    .help = "iam, mtls or none (iam)" },
	{ .name = "authentication-arn", .type = OPT_STR,
	    .at = AT(authentication_arn), .arg = "arn",
	    .help = "certificate in ACM, for mtls" },
	{ .letter = 'b', .name = "brokers", .type = OPT_STR,
	    .at = AT(brokers), .arg = "host:port,...",
	    .help = "brokers (those that MSK tells of the cluster)" },
	{ .name = "case-sensitive", .type = OPT_FLAG, .at = AT(case_sensitive),
	    .help = "keep the case of names, as the warehouse does" },
	{ .letter = 'c', .name = "cluster-arn", .type = OPT_STR,
	    .at = AT(cluster_arn), .arg = "arn", .help = "cluster of MSK" },
	{ .letter = 'd', .name = "database", .type = OPT_STR,
	    .at = AT(database), .arg = "name",
	    .help = "database to make it in (dev)" },
	{ .name = "dist-key", .type = OPT_STR, .at = AT(dist_key),
	    .arg = "column", .help = "distribute the views by this column" },
	{ .name = "dist-style", .type = OPT_ENUM, .at = AT(dist_style),
	    .arg = "style", .names = styles,
	    .help = "even, all or key (even)" },
	{ .letter = 'f', .name = "field", .type = OPT_LIST, .at = AT(fields),
	    .arg = "path[:type]",
	    .help = "column of a second view, from the parsed JSON" },
	{ .name = "format", .type = OPT_ENUM, .at = AT(format),
	    .arg = "format", .names = gen_formats,
	    .help = "ndjson, or sql for people (ndjson)" },
	{ .name = "manual-refresh", .type = OPT_FLAG,
	    .at = AT(manual_refresh),
	    .help = "do not refresh the views by themselves" },
	{ .name = "monitor", .type = OPT_FLAG, .at = AT(monitor),
	    .help = "ask how far it is, and what was skipped" },
	{ .name = "policies", .type = OPT_FLAG, .at = AT(policies),
	    .help = "print what IAM has to allow" },
	{ .name = "raw", .type = OPT_FLAG, .at = AT(raw),
	    .help = "keep the records as bytes, do not parse JSON" },
	{ .name = "refresh", .type = OPT_FLAG, .at = AT(refresh),
	    .help = "also read the topics up to now" },
	{ .name = "remove", .type = OPT_FLAG, .at = AT(remove),
	    .help = "drop the views and the schema" },
	{ .letter = 'r', .name = "role", .type = OPT_LIST, .at = AT(roles),
	    .arg = "arn",
	    .help = "role to use; the next is assumed by the one before" },
	{ .letter = 's', .name = "schema", .type = OPT_STR, .at = AT(schema),
	    .arg = "name", .help = "external schema to make" },
	{ .name = "secret-arn", .type = OPT_STR, .at = AT(secret_arn),
	    .arg = "arn", .help = "certificate in Secrets Manager, for mtls" },
	{ .name = "sort-key", .type = OPT_LIST, .at = AT(sort_keys),
	    .arg = "column", .help = "sort the views by this column" },
	{ .name = "source", .type = OPT_ENUM, .at = AT(source),
	    .arg = "what", .names = sources, .help = "msk or kafka (msk)" },
	{ .letter = 't', .name = "topic", .type = OPT_LIST, .at = AT(topics),
	    .arg = "topic[=view]", .help = "topic, and the name of its view" },
	{ .name = "use-cluster-arn", .type = OPT_FLAG, .at = AT(by_arn),
	    .help = "let Redshift find the brokers by itself" },
	{ .name = "view-schema", .type = OPT_STR, .at = AT(view_schema),
	    .arg = "name", .help = "schema of the views (public)" },
	OPT_AWS(struct opts, aws),
	OPT_VERBOSE,
	{ .type = OPT_END }
};

static const struct opt_tool tool = {
	.name = "rs-msk-schema",
	.summary = "Say in SQL how topics of Kafka become views.",
	.operands = "[workgroup ...]",
	.options = options
};

/* The brokers that were given, or those MSK tells. */
static int
find_brokers(struct msk *m, struct err *e)
{
	const struct opts *o = m->o;
	struct aws *a;

	if (o->by_arn)
		return 0;
	if (o->brokers != NULL) {
		m->brokers = xstrdup(o->brokers);
		return 0;
	}
	if (o->cluster_arn == NULL)
		return err_set(e, ERR_USAGE, "give --brokers, or the "
		    "--cluster-arn to ask MSK for them");
	a = aws_open(&o->aws, e);
	if (a == NULL)
		return -1;
	m->brokers = kafka_brokers(a, o->cluster_arn,
	    (enum kafka_auth)o->authentication, e);
	aws_close(a);
	return m->brokers == NULL ? -1 :
	    msk_check_brokers(m, m->brokers, e);
}

static void
make(struct gen *g, const struct msk *m)
{
	if (m->o->remove)
		msk_remove(g, m);
	else if (m->o->monitor)
		msk_monitor(g, m);
	else
		msk_make(g, m);
	if (m->o->refresh)
		msk_refresh(g, m);
}

static int
generate(const struct msk *m, const struct warehouses *fleet,
    struct rec_out *out, struct err *e)
{
	struct gen g;

	gen_init(&g, m->o->case_sensitive, e);
	for (size_t i = 0; i < fleet->n && e->kind == ERR_NONE; i++) {
		gen_at(&g, fleet->v[i].name, m->o->database);
		make(&g, m);
	}
	gen_write(&g, out);
	gen_release(&g);
	return e->kind == ERR_NONE ? 0 : -1;
}

static int
run(const struct opts *o, char **operands, size_t n, struct rec_out *out,
    struct err *e)
{
	struct msk m = { 0 };
	struct warehouses fleet = { 0 };
	bool makes = !o->remove && !o->monitor;
	int rc = msk_check(&m, o, e);

	if (rc == 0 && o->policies) {
		rc = msk_policies(&m, out, e);
	} else if (rc == 0) {
		rc = warehouse_collect(&fleet, operands, n, out, e);
		if (rc == 0 && makes)
			rc = find_brokers(&m, e);
		if (rc == 0)
			rc = generate(&m, &fleet, out, e);
	}
	warehouse_release(&fleet);
	msk_release(&m);
	return rc;
}

int
main(int argc, char **argv)
{
	struct opts o = { .aws = AWS_OPTS_DEFAULT, .database = "dev",
	    .view_schema = "public" };
	struct rec_out out;
	struct err e = { 0 };
	int at = opt_parse(&tool, argc, argv, &o, NULL);

	sig_init();
	if (o.remove + o.monitor + o.policies + o.refresh > 1)
		opt_misuse("--monitor, --policies, --refresh and --remove "
		    "exclude each other");
	rec_out_init(&out, tool.name);
	out.plain = o.format == GEN_SQL && !o.policies;
	(void)run(&o, argv + at, (size_t)(argc - at), &out, &e);
	opt_release(&tool, &o);
	return sig_reraise_or(rec_finish(&out, &e));	/* tells e */
}
