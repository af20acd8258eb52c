/*
 * rs-datashare-sql - the SQL that shares data from one warehouse with others
 *
 * in: "workgroup" records of producer and consumers, perhaps "datashare"
 *     records (wishes) and "row" records (what is there now)
 * out: "statement" records, after everything it does not consume
 * note: nothing is written before all of it is known to be sound, and a
 *     consumer's CREATE DATABASE waits for the producer's GRANT ("after")
 */
#include <string.h>

#include "aws/aws.h"
#include "base/msg.h"
#include "base/sig.h"
#include "rs-datashare-sql.h"

struct opts {
	struct aws_opts aws;
	struct wish_opts wish;
	struct task task;
	bool case_sensitive;
	int format;
};

struct run {
	struct wishes wishes;
	struct warehouses fleet;
	struct state state;
	struct rec_out out;
};

#define AT(m) offsetof(struct opts, m)
static const struct opt options[] = {
	{ .name = "account", .type = OPT_LIST, .at = AT(wish.accounts),
	    .arg = "id", .help = "share with this AWS account" },
	{ .name = "all-functions", .type = OPT_FLAG,
	    .at = AT(wish.all_functions),
	    .help = "share the functions of the schemas as well" },
	{ .name = "associate", .type = OPT_FLAG, .at = AT(task.associate),
	    .help = "let the consumers use a share of another account" },
	{ .name = "authorize", .type = OPT_FLAG, .at = AT(task.authorize),
	    .help = "let the accounts that were granted use the share" },
	{ .name = "case-sensitive", .type = OPT_FLAG,
	    .at = AT(case_sensitive),
	    .help = "keep the case of names, as the warehouses do" },
	{ .name = "connect-database", .type = OPT_STR,
	    .at = AT(wish.connect_database), .arg = "name",
	    .help = "database of the consumers to connect to (dev)" },
	{ .name = "consumer", .type = OPT_LIST, .at = AT(wish.consumers),
	    .arg = "workgroup",
	    .help = "share with it (all but the producer)" },
	{ .name = "data-catalog", .type = OPT_FLAG,
	    .at = AT(wish.data_catalog),
	    .help = "share with accounts through Lake Formation" },
	{ .letter = 'd', .name = "database", .type = OPT_STR,
	    .at = AT(wish.database), .arg = "name",
	    .help = "database to make on the consumers" },
	{ .name = "external-schema", .type = OPT_LIST,
	    .at = AT(wish.external_schemas), .arg = "local[=schema]",
	    .help = "make a local schema for a shared one" },
	{ .name = "format", .type = OPT_ENUM, .at = AT(format),
	    .arg = "format", .names = gen_formats,
	    .help = "ndjson, or sql for people (ndjson)" },
	{ .name = "function", .type = OPT_LIST, .at = AT(wish.functions),
	    .arg = "name(types)", .help = "share this function" },
	{ .name = "group", .type = OPT_LIST, .at = AT(wish.groups),
	    .arg = "name", .help = "let this group of the consumers read" },
	{ .name = "include-new", .type = OPT_FLAG,
	    .at = AT(wish.include_new),
	    .help = "share what will be made in the schemas as well" },
	{ .letter = 'p', .name = "producer", .type = OPT_STR,
	    .at = AT(wish.producer), .arg = "workgroup",
	    .help = "the workgroup that shares" },
	{ .name = "producer-account", .type = OPT_STR,
	    .at = AT(wish.producer_account), .arg = "id",
	    .help = "account of a producer in another account" },
	{ .name = "producer-namespace", .type = OPT_STR,
	    .at = AT(wish.producer_namespace), .arg = "id",
	    .help = "namespace of a producer that is elsewhere" },
	{ .name = "prune", .type = OPT_FLAG, .at = AT(task.prune),
	    .help = "take away what the state has and the wish has not" },
	{ .name = "public", .type = OPT_FLAG, .at = AT(wish.publicly),
	    .help = "let publicly accessible warehouses use the share" },
	{ .name = "remove", .type = OPT_FLAG, .at = AT(task.remove),
	    .help = "take all of it down" },
	{ .name = "role", .type = OPT_LIST, .at = AT(wish.roles),
	    .arg = "name", .help = "let this role of the consumers read" },
	{ .letter = 's', .name = "schema", .type = OPT_LIST,
	    .at = AT(wish.schemas), .arg = "name",
	    .help = "schema to share, with its tables and views" },
	{ .name = "share", .type = OPT_STR, .at = AT(wish.share),
	    .arg = "name", .help = "name of the datashare" },
	{ .name = "source-database", .type = OPT_STR,
	    .at = AT(wish.source_database), .arg = "name",
	    .help = "database of the producer to share from (dev)" },
	{ .name = "state", .type = OPT_FLAG, .at = AT(task.state),
	    .help = "ask for what is there now" },
	{ .letter = 't', .name = "table", .type = OPT_LIST,
	    .at = AT(wish.tables), .arg = "name",
	    .help = "share only this table or view of the schema" },
	{ .name = "user", .type = OPT_LIST, .at = AT(wish.users),
	    .arg = "name", .help = "let this user of the consumers read" },
	{ .name = "verify", .type = OPT_FLAG, .at = AT(task.verify),
	    .help = "count tables and rows through the share" },
	{ .name = "with-permissions", .type = OPT_FLAG,
	    .at = AT(wish.with_permissions),
	    .help = "objects need grants of their own on the consumers" },
	OPT_AWS(struct opts, aws),
	OPT_VERBOSE,
	{ .type = OPT_END }
};

static const struct opt_tool tool = {
	.name = "rs-datashare-sql",
	.summary = "Say in SQL how data is shared between warehouses.",
	.options = options
};

static int
take(void *ctx, const struct rec *rec, struct err *e)
{
	struct run *r = ctx;

	if (strcmp(rec->kind, "datashare") == 0)
		return wish_add(&r->wishes, json_incref(rec->object),
		    rec->line, e);
	if (state_take(&r->state, rec))
		return 0;
	rec_pass(&r->out, rec);
	if (strcmp(rec->kind, "workgroup") == 0)
		return warehouse_take(&r->fleet, rec, e);
	return 0;
}

static int
settle(struct run *r, const struct opts *o, struct err *e)
{
	struct wish *w;

	if (r->wishes.n == 0)
		return err_set(e, ERR_USAGE, "nothing to share: give --share, "
		    "or datashare records");
	for (size_t i = 0; i < r->wishes.n; i++) {
		w = &r->wishes.v[i];
		if (wish_settle(w, &r->fleet, &o->task, e) == -1)
			return -1;
		if (o->task.prune && state_whole(w, &r->state, e) == -1)
			return -1;
		if (!o->task.remove && state_findings(w, &r->state, e) == -1)
			return -1;
	}
	return 0;
}

static int
generate(struct run *r, const struct opts *o, struct err *e)
{
	struct gen g;
	const struct wish *w;

	gen_init(&g, o->case_sensitive, e);
	for (size_t i = 0; i < r->wishes.n && e->kind == ERR_NONE; i++) {
		w = &r->wishes.v[i];
		if (o->task.state)
			make_state(&g, w);
		else if (o->task.remove)
			drop_share(&g, w, &r->fleet);
		if (o->task.prune)
			prune_share(&g, w, &r->fleet, &r->state);
		if (!o->task.state && !o->task.remove)
			make_share(&g, w, &r->fleet, o->task.verify);
		if (e->kind != ERR_NONE)
			wish_failed(w, e);
	}
	gen_write(&g, &r->out);
	gen_release(&g);
	return e->kind == ERR_NONE ? 0 : -1;
}

/* The steps across accounts; they are calls of AWS and not SQL. */
static int
call_api(struct run *r, const struct opts *o, struct err *e)
{
	struct aws *a = aws_open(&o->aws, e);
	int rc = a == NULL ? -1 : 0;

	for (size_t i = 0; i < r->wishes.n && rc == 0; i++)
		rc = o->task.authorize ?
		    api_authorize(a, &r->wishes.v[i], &r->out, e) :
		    api_associate(a, &r->wishes.v[i], &r->fleet, &r->out, e);
	aws_close(a);
	return rc;
}

static int
act(struct run *r, const struct opts *o, struct err *e)
{
	if (settle(r, o, e) == -1)
		return -1;
	return o->task.authorize || o->task.associate ? call_api(r, o, e) :
	    generate(r, o, e);
}

static int
add_options(struct run *r, const struct opts *o, struct err *e)
{
	json_t *json;

	if (o->wish.share == NULL)
		return 0;
	json = wish_from_options(&o->wish, e);
	return json != NULL ? wish_add(&r->wishes, json, 0, e) : -1;
}

static void
release(struct run *r)
{
	wishes_release(&r->wishes);
	warehouse_release(&r->fleet);
	json_decref(r->state.v);
}

static void
check_options(const struct opts *o)
{
	if (o->task.remove + o->task.state + o->task.prune +
	    o->task.authorize + o->task.associate > 1)
		opt_misuse("--associate, --authorize, --prune, --remove and "
		    "--state exclude each other");
	if (o->wish.share == NULL && (o->wish.producer != NULL ||
	    o->wish.schemas.n > 0))
		opt_misuse("--share is missing");
}

int
main(int argc, char **argv)
{
	struct opts o = { .aws = AWS_OPTS_DEFAULT };
	struct run r = { 0 };
	struct err e = { 0 };
	int status;

	opt_parse(&tool, argc, argv, &o, NULL);
	check_options(&o);
	sig_init();
	rec_out_init(&r.out, tool.name);
	r.out.plain = o.format == GEN_SQL && !o.task.authorize &&
	    !o.task.associate;
	r.state.v = json_array();
	if (add_options(&r, &o, &e) == 0 &&
	    warehouse_read(take, &r, &e) == 0)
		(void)act(&r, &o, &e);	/* e tells */
	status = rec_finish(&r.out, &e);
	release(&r);
	opt_release(&tool, &o);
	return sig_reraise_or(status);
}
