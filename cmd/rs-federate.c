/*
 * rs-federate - data of other databases in Redshift, queried or replicated
 *
 * in: workgroups, as operands or as "workgroup" records
 * out: "statement" records, after everything it does not consume; zero-etl
 *     writes a "link" record for each step of the chain before them
 * note: Redshift queries PostgreSQL and MySQL in place and nothing else;
 *     what to do about other engines is said in the hint of the refusal
 */
#include <stdlib.h>
#include <string.h>

#include "base/sig.h"
#include "rs-federate_zero.h"

enum verb { SCHEMA, ZERO_ETL };
#define IN(verb) (1u << (verb))

#define AT(m) offsetof(struct opts, m)
static const struct opt options[] = {
	{ .name = "case-sensitive", .type = OPT_FLAG,
	    .at = AT(case_sensitive),
	    .help = "keep the case of names, as the warehouse does" },
	{ .name = "create", .type = OPT_FLAG, .at = AT(create),
	    .help = "create the integration", .verbs = IN(ZERO_ETL) },
	{ .name = "data-filter", .type = OPT_STR, .at = AT(data_filter),
	    .arg = "patterns", .help = "what to replicate: include: db.*",
	    .verbs = IN(ZERO_ETL) },
	{ .letter = 'd', .name = "database", .type = OPT_STR,
	    .at = AT(database), .arg = "name",
	    .help = "database to make it in (dev)" },
	{ .name = "delete", .type = OPT_FLAG, .at = AT(drop),
	    .help = "delete the integration", .verbs = IN(ZERO_ETL) },
	{ .letter = 'e', .name = "engine", .type = OPT_STR, .at = AT(engine),
	    .arg = "name", .help = "postgres or mysql",
	    .verbs = IN(SCHEMA) },
	{ .name = "format", .type = OPT_ENUM, .at = AT(format),
	    .arg = "format", .names = gen_formats,
	    .help = "ndjson, or sql for people (ndjson)" },
	{ .name = "from-secret", .type = OPT_FLAG, .at = AT(from_secret),
	    .help = "read the source in the secret",
	    .verbs = IN(SCHEMA) },
	{ .name = "host", .type = OPT_STR, .at = AT(host), .arg = "name",
	    .help = "where the source is", .verbs = IN(SCHEMA) },
	{ .name = "kms-key", .type = OPT_STR, .at = AT(kms_key),
	    .arg = "id", .help = "key of a new integration",
	    .verbs = IN(ZERO_ETL) },
	{ .name = "make-database", .type = OPT_STR, .at = AT(set_database),
	    .arg = "name", .help = "database to make of the integration",
	    .verbs = IN(ZERO_ETL) },
	{ .name = "materialized", .type = OPT_FLAG, .at = AT(materialized),
	    .help = "keep a copy of each --table", .verbs = IN(SCHEMA) },
	{ .name = "monitor", .type = OPT_FLAG, .at = AT(monitor),
	    .help = "ask what was asked of the source",
	    .verbs = IN(SCHEMA) },
	{ .letter = 'n', .name = "name", .type = OPT_STR, .at = AT(name),
	    .arg = "name", .help = "name of the integration",
	    .verbs = IN(ZERO_ETL) },
	{ .letter = 'p', .name = "port", .type = OPT_UINT, .at = AT(port),
	    .arg = "n", .min = 1, .max = 65535,
	    .help = "port of the source (5432, 3306)",
	    .verbs = IN(SCHEMA) },
	{ .name = "remove", .type = OPT_FLAG, .at = AT(remove),
	    .help = "drop the views and the schema", .verbs = IN(SCHEMA) },
	{ .letter = 'r', .name = "role", .type = OPT_LIST, .at = AT(roles),
	    .arg = "arn",
	    .help = "role; the next is assumed by the one before",
	    .verbs = IN(SCHEMA) },
	{ .letter = 's', .name = "schema", .type = OPT_STR, .at = AT(schema),
	    .arg = "name", .help = "external schema to make",
	    .verbs = IN(SCHEMA) },
	{ .name = "secret-arn", .type = OPT_STR, .at = AT(secret_arn),
	    .arg = "arn", .help = "secret with username and password",
	    .verbs = IN(SCHEMA) },
	{ .name = "security-group", .type = OPT_LIST,
	    .at = AT(security_groups), .arg = "id",
	    .help = "on the way to a self-managed source",
	    .verbs = IN(ZERO_ETL) },
	{ .name = "set", .type = OPT_LIST, .at = AT(settings),
	    .arg = "name=value",
	    .help = "of the database: REFRESH_INTERVAL=300",
	    .verbs = IN(ZERO_ETL) },
	{ .name = "source-arn", .type = OPT_STR, .at = AT(source_arn),
	    .arg = "arn", .help = "where the data comes from",
	    .verbs = IN(ZERO_ETL) },
	{ .name = "source-database", .type = OPT_STR,
	    .at = AT(source_database), .arg = "name",
	    .help = "database of the source" },
	{ .name = "source-schema", .type = OPT_STR, .at = AT(source_schema),
	    .arg = "name", .help = "schema of a PostgreSQL source (public)",
	    .verbs = IN(SCHEMA) },
	{ .name = "subnet", .type = OPT_LIST, .at = AT(subnets),
	    .arg = "id", .help = "on the way to a self-managed source",
	    .verbs = IN(ZERO_ETL) },
	{ .letter = 't', .name = "table", .type = OPT_LIST, .at = AT(tables),
	    .arg = "table[=view]", .help = "make a view of this table",
	    .verbs = IN(SCHEMA) },
	{ .name = "target-arn", .type = OPT_STR, .at = AT(target_arn),
	    .arg = "arn", .help = "namespace that gets it",
	    .verbs = IN(ZERO_ETL) },
	{ .name = "timeout", .type = OPT_SECONDS, .at = AT(timeout),
	    .arg = "time", .help = "for each --wait (1h; 0: none)",
	    .verbs = IN(ZERO_ETL) },
	{ .name = "view-schema", .type = OPT_STR, .at = AT(view_schema),
	    .arg = "name", .help = "schema of the views (public)",
	    .verbs = IN(SCHEMA) },
	{ .name = "wait", .type = OPT_FLAG, .at = AT(wait),
	    .help = "until it is active, in step, or gone",
	    .verbs = IN(ZERO_ETL) },
	OPT_AWS(struct opts, aws),
	OPT_VERBOSE,
	{ .type = OPT_END }
};

static const struct opt_verb verbs[] = {
	[SCHEMA] = { .name = "schema", .operands = "[workgroup ...]",
	    .help = "query PostgreSQL or MySQL in place" },
	[ZERO_ETL] = { .name = "zero-etl", .operands = "[workgroup ...]",
	    .help = "replicate a database, and say what is missing" },
	{ .name = NULL }
};

static const struct opt_tool tool = {
	.name = "rs-federate",
	.summary = "Bring data of other databases into Redshift.",
	.options = options,
	.verbs = verbs
};

/*
 * zero-etl needs a workgroup only to make a database there; without one it
 * does not read standard input.
 */
static int
run(const struct opts *o, enum verb verb, char **operands, size_t n,
    struct rec_out *out, struct err *e)
{
	struct warehouses fleet = { 0 };
	int rc = 0;

	if (verb == SCHEMA || o->set_database != NULL || n > 0)
		rc = warehouse_collect(&fleet, operands, n, out, e);
	if (rc == 0 && verb == SCHEMA)
		rc = federate_schema(o, &fleet, out, e);
	else if (rc == 0)
		rc = federate_zero(o, &fleet, out, e);
	warehouse_release(&fleet);
	return rc;
}

static void
check_options(const struct opts *o)
{
	if (o->remove && o->monitor)
		opt_misuse("--monitor and --remove exclude each other");
	if (o->create && o->drop)
		opt_misuse("--create and --delete exclude each other");
}

int
main(int argc, char **argv)
{
	struct opts o = { .aws = AWS_OPTS_DEFAULT, .database = "dev",
	    .view_schema = "public", .timeout = 3600 };
	struct rec_out out;
	struct err e = { 0 };
	int verb, at = opt_parse(&tool, argc, argv, &o, &verb);

	sig_init();
	check_options(&o);
	rec_out_init(&out, tool.name);
	out.plain = o.format == GEN_SQL;
	(void)run(&o, (enum verb)verb, argv + at, (size_t)(argc - at), &out,
	    &e);
	opt_release(&tool, &o);
	return sig_reraise_or(rec_finish(&out, &e));	/* tells e */
}
