/*
 * rs-grant-sql - who may see what, in SQL
 *
 * in: workgroups, as operands or as "workgroup" records
 * out: "statement" records, after everything it does not consume
 * note: nothing of this reaches through a datashare: policies stay with the
 *     producer, and a table with row-level security is refused to consumers
 */
#include <stdlib.h>
#include <string.h>

#include "base/sig.h"
#include "rs-grant-sql.h"
#include "sql/warehouse.h"

#define IN(verb) (1u << (verb))

static const char *const privileges[] = {
	[PRIVILEGE_SELECT] = "select", [PRIVILEGE_UPDATE] = "update", NULL
};
static const char *const shared[] = {
	[SHARED_ALONE] = "alone", [SHARED_ON] = "on", [SHARED_OFF] = "off",
	NULL
};

#define AT(m) offsetof(struct opts, m)
static const struct opt options[] = {
	{ .name = "case-sensitive", .type = OPT_FLAG,
	    .at = AT(case_sensitive),
	    .help = "keep the case of names, as the warehouse does" },
	{ .letter = 'c', .name = "column", .type = OPT_LIST,
	    .at = AT(columns), .arg = "name", .help = "column of the tables",
	    .verbs = IN(GRANT_COLUMNS) | IN(GRANT_MASK) },
	{ .letter = 'd', .name = "database", .type = OPT_STR,
	    .at = AT(database), .arg = "name",
	    .help = "database it is about (dev)" },
	{ .name = "for-datashares", .type = OPT_ENUM, .at = AT(shared),
	    .arg = "how", .names = shared,
	    .help = "row-level security for consumers: on, off (alone)",
	    .verbs = IN(GRANT_ROWS) },
	{ .name = "format", .type = OPT_ENUM, .at = AT(format),
	    .arg = "format", .names = gen_formats,
	    .help = "ndjson, or sql for people (ndjson)" },
	{ .letter = 'g', .name = "group", .type = OPT_LIST, .at = AT(groups),
	    .arg = "name", .help = "group that gets it",
	    .verbs = IN(GRANT_COLUMNS) },
	{ .letter = 'n', .name = "name", .type = OPT_STR, .at = AT(name),
	    .arg = "name", .help = "name of the role or policy",
	    .verbs = IN(GRANT_ROLE) | IN(GRANT_ROWS) | IN(GRANT_MASK) },
	{ .name = "priority", .type = OPT_UINT, .at = AT(priority),
	    .arg = "n", .max = 1000000,
	    .help = "of a mask; the highest wins (0)",
	    .verbs = IN(GRANT_MASK) },
	{ .name = "privilege", .type = OPT_ENUM, .at = AT(privilege),
	    .arg = "what", .names = privileges,
	    .help = "select or update (select)",
	    .verbs = IN(GRANT_COLUMNS) },
	{ .name = "public", .type = OPT_FLAG, .at = AT(public),
	    .help = "everybody gets it",
	    .verbs = IN(GRANT_COLUMNS) | IN(GRANT_ROWS) | IN(GRANT_MASK) },
	{ .name = "remove", .type = OPT_FLAG, .at = AT(remove),
	    .help = "take it away" },
	{ .letter = 'r', .name = "role", .type = OPT_LIST, .at = AT(roles),
	    .arg = "name", .help = "role that gets it" },
	{ .letter = 's', .name = "schema", .type = OPT_STR, .at = AT(schema),
	    .arg = "name", .help = "schema of the tables (public)",
	    .verbs = IN(GRANT_COLUMNS) | IN(GRANT_ROWS) | IN(GRANT_MASK) },
	{ .letter = 't', .name = "table", .type = OPT_LIST, .at = AT(tables),
	    .arg = "name", .help = "table it is about",
	    .verbs = IN(GRANT_COLUMNS) | IN(GRANT_ROWS) | IN(GRANT_MASK) },
	{ .letter = 'u', .name = "user", .type = OPT_LIST, .at = AT(users),
	    .arg = "name", .help = "user that gets it" },
	{ .name = "using", .type = OPT_STR, .at = AT(using),
	    .arg = "expression",
	    .help = "which rows are seen, or what is seen instead",
	    .verbs = IN(GRANT_ROWS) | IN(GRANT_MASK) },
	{ .letter = 'w', .name = "with", .type = OPT_LIST, .at = AT(inputs),
	    .arg = "column:type", .help = "what the expression speaks of",
	    .verbs = IN(GRANT_ROWS) | IN(GRANT_MASK) },
	OPT_AWS(struct opts, aws),
	OPT_VERBOSE,
	{ .type = OPT_END }
};

static const struct opt_verb verbs[] = {
	[GRANT_ROLE] = { .name = "role", .operands = "[workgroup ...]",
	    .help = "a role, and who has it" },
	[GRANT_COLUMNS] = { .name = "columns",
	    .operands = "[workgroup ...]", .help = "grants on columns" },
	[GRANT_ROWS] = { .name = "rows", .operands = "[workgroup ...]",
	    .help = "row-level security" },
	[GRANT_MASK] = { .name = "mask", .operands = "[workgroup ...]",
	    .help = "dynamic data masking" },
	{ .name = NULL }
};

static const struct opt_tool tool = {
	.name = "rs-grant-sql",
	.summary = "Say in SQL who may see what.",
	.options = options,
	.verbs = verbs
};

static int
check(const struct opts *o, enum grant_verb verb, struct err *e)
{
	bool policy = verb == GRANT_ROWS || verb == GRANT_MASK;
	bool nobody = o->roles.n + o->groups.n + o->users.n == 0 &&
	    !o->public;

	if (verb != GRANT_COLUMNS && o->name == NULL)
		return err_set(e, ERR_USAGE, "--name is missing");
	if (verb != GRANT_ROLE && o->tables.n == 0)
		return err_set(e, ERR_USAGE, "--table is missing");
	if (verb != GRANT_ROLE && nobody)
		return err_set(e, ERR_USAGE, "nobody is named: give --role, "
		    "--user or --public");
	if ((verb == GRANT_COLUMNS || verb == GRANT_MASK) && o->columns.n == 0)
		return err_set(e, ERR_USAGE, "--column is missing");
	if (policy && !o->remove && o->using == NULL)
		return err_set(e, ERR_USAGE, "--using is missing");
	if (verb == GRANT_MASK && !o->remove && o->inputs.n == 0)
		return err_set(e, ERR_USAGE, "--with is missing: a mask needs "
		    "the columns it reads");
	return 0;
}

static int
generate(const struct opts *o, enum grant_verb verb,
    const struct warehouses *fleet, struct rec_out *out, struct err *e)
{
	static void (*const makers[])(struct gen *, const struct opts *) = {
		[GRANT_ROLE] = grant_role, [GRANT_COLUMNS] = grant_columns,
		[GRANT_ROWS] = grant_rows, [GRANT_MASK] = grant_mask
	};
	struct gen g;

	gen_init(&g, o->case_sensitive, e);
	for (size_t i = 0; i < fleet->n && e->kind == ERR_NONE; i++) {
		gen_at(&g, fleet->v[i].name, o->database);
		makers[verb](&g, o);
	}
	gen_write(&g, out);
	gen_release(&g);
	return e->kind == ERR_NONE ? 0 : -1;
}

int
main(int argc, char **argv)
{
	struct opts o = { .aws = AWS_OPTS_DEFAULT, .database = "dev",
	    .schema = "public" };
	struct warehouses fleet = { 0 };
	struct rec_out out;
	struct err e = { 0 };
	int verb, at = opt_parse(&tool, argc, argv, &o, &verb);

	sig_init();
	rec_out_init(&out, tool.name);
	out.plain = o.format == GEN_SQL;
	if (check(&o, (enum grant_verb)verb, &e) == 0 &&
	    warehouse_collect(&fleet, argv + at, (size_t)(argc - at), &out,
	    &e) == 0)
		(void)generate(&o, (enum grant_verb)verb, &fleet, &out, &e);
	warehouse_release(&fleet);
	opt_release(&tool, &o);
	return sig_reraise_or(rec_finish(&out, &e));	/* tells e */
}
