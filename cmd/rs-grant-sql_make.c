/*
 * rs-grant-sql_make.c - roles, columns, rows, masks
 *
 * The guards look at the views that the guide gives for each command. Where
 * something is taken away, the guard is true when it is not there.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "rs-grant-sql.h"
#include "sql/expr.h"
#include "sql/valid.h"

void
grant_each(struct gen *g, const struct opts *o, const char *table,
    grant_fn *fn)
{
	const struct {
		const struct opt_list *names;
		const char *keyword, *type;
	} rows[] = {
		{ &o->roles, "ROLE ", "role" },
		{ &o->groups, "GROUP ", "group" },
		{ &o->users, "", "user" }
	};
	struct grantee to;

	for (size_t row = 0; row < ARRAY_LEN(rows); row++)
		for (size_t i = 0; i < rows[row].names->n; i++) {
			to.name = rows[row].names->v[i];
			to.keyword = rows[row].keyword;
			to.type = rows[row].type;
			fn(g, o, table, &to);
		}
	to = (struct grantee){ "public", NULL, "public" };
	if (o->public)
		fn(g, o, table, &to);
}

void
grant_to(struct gen *g, const char *word, const struct grantee *to)
{
	if (to->keyword == NULL)
		gen_sql(g, " %s PUBLIC", word);
	else
		gen_sql(g, " %s %s%I", word, to->keyword, to->name);
}

/* The guard around a query: true when it has a row, or when it has none. */
static const char *
opening(const struct opts *o)
{
	return o->remove ? "SELECT 1 WHERE NOT EXISTS (" : "";
}

static const char *
closing(const struct opts *o)
{
	return o->remove ? ")" : "";
}

/* --- roles --- */

static void
give_role(struct gen *g, const struct opts *o, const char *table,
    const struct grantee *to)
{
	bool role = strcmp(to->type, "role") == 0;

	(void)table;
	gen_sql(g, "%s ROLE %I", o->remove ? "REVOKE" : "GRANT", o->name);
	grant_to(g, o->remove ? "FROM" : "TO", to);
	gen_unless(g, "%s", opening(o));
	if (role)
		gen_unless(g, "SELECT 1 FROM svv_role_grants "
		    "WHERE TRIM(role_name) = %N "
		    "AND TRIM(granted_role_name) = %N", to->name, o->name);
	else
		gen_unless(g, "SELECT 1 FROM svv_user_grants "
		    "WHERE TRIM(user_name) = %N AND TRIM(role_name) = %N",
		    to->name, o->name);
	gen_unless(g, "%s", closing(o));
	gen_add(g, "%s role '%s' %s %s '%s'", o->remove ? "take" : "give",
	    o->name, o->remove ? "from" : "to", to->type, to->name);
}

void
grant_role(struct gen *g, const struct opts *o)
{
	if (o->remove)
		grant_each(g, o, NULL, give_role);
	gen_sql(g, "%s ROLE %I", o->remove ? "DROP" : "CREATE", o->name);
	gen_unless(g, "%sSELECT 1 FROM svv_roles WHERE TRIM(role_name) = %N%s",
	    opening(o), o->name, closing(o));
	gen_add(g, "%s role '%s'", o->remove ? "drop" : "make", o->name);
	if (!o->remove)
		grant_each(g, o, NULL, give_role);
}

/* --- columns --- */

static const char *
privilege_of(const struct opts *o)
{
	return o->privilege == PRIVILEGE_SELECT ? "SELECT" : "UPDATE";
}

static void
give_columns(struct gen *g, const struct opts *o, const char *table,
    const struct grantee *to)
{
	gen_sql(g, "%s %s (", o->remove ? "REVOKE" : "GRANT", privilege_of(o));
	gen_unless(g, "SELECT 1 WHERE %d = (SELECT COUNT(*) "
	    "FROM svv_column_privileges WHERE TRIM(namespace_name) = %N "
	    "AND TRIM(relation_name) = %N AND TRIM(privilege_type) = '%s' "
	    "AND LOWER(TRIM(identity_type)) = '%s' "
	    "AND TRIM(identity_name) = %N AND TRIM(column_name) IN (",
	    o->remove ? 0 : (int)o->columns.n, o->schema, table,
	    privilege_of(o), to->type, to->name);
	for (size_t i = 0; i < o->columns.n; i++) {
		gen_sql(g, "%s%I", i > 0 ? ", " : "", o->columns.v[i]);
		gen_unless(g, "%s%N", i > 0 ? ", " : "", o->columns.v[i]);
	}
	gen_sql(g, ") ON TABLE %I.%I", o->schema, table);
	grant_to(g, o->remove ? "FROM" : "TO", to);
	gen_unless(g, "))");
	gen_add(g, "%s %s on columns of table '%s' %s %s '%s'",
	    o->remove ? "revoke" : "grant", privilege_of(o), table,
	    o->remove ? "from" : "to", to->type, to->name);
}

void
grant_columns(struct gen *g, const struct opts *o)
{
	for (size_t i = 0; i < o->tables.n; i++)
		grant_each(g, o, o->tables.v[i], give_columns);
}

/* --- policies: rows and masks --- */

/* WITH ("name" type, ...), from "name:type". */
static void
add_inputs(struct gen *g, const struct opts *o)
{
	char *name, *type;

	for (size_t i = 0; i < o->inputs.n; i++) {
		name = xstrdup(o->inputs.v[i]);
		type = strrchr(name, ':');
		if (type == NULL || !valid_type(type + 1)) {
			err_set(g->e, ERR_USAGE, "--with: '%s' is not a "
			    "column and its type: name:type", name);
		} else {
			*type++ = '\0';
			gen_sql(g, "%s%I %s", i == 0 ? " WITH (" : ", ", name,
			    type);
		}
		free(name);
	}
	if (o->inputs.n > 0)
		gen_sql(g, ")");
}

static void
make_rows_policy(struct gen *g, const struct opts *o)
{
	if (o->remove) {
		gen_sql(g, "DROP RLS POLICY IF EXISTS %I", o->name);
	} else {
		gen_sql(g, "CREATE RLS POLICY %I", o->name);
		add_inputs(g, o);
		gen_sql(g, " USING ");
		sql_expr(&g->sql, o->using);
	}
	gen_unless(g, "%sSELECT 1 FROM svv_rls_policy "
	    "WHERE TRIM(poldb) = %N AND TRIM(polname) = %N%s", opening(o),
	    o->database, o->name, closing(o));
	gen_add(g, "%s policy '%s' for rows", o->remove ? "drop" : "make",
	    o->name);
}

static void
attach_rows(struct gen *g, const struct opts *o, const char *table,
    const struct grantee *to)
{
	gen_sql(g, "%s RLS POLICY %I ON TABLE %I.%I",
	    o->remove ? "DETACH" : "ATTACH", o->name, o->schema, table);
	grant_to(g, o->remove ? "FROM" : "TO", to);
	gen_unless(g, "%sSELECT 1 FROM svv_rls_attached_policy "
	    "WHERE TRIM(polname) = %N AND TRIM(relschema) = %N "
	    "AND TRIM(relname) = %N AND LOWER(TRIM(granteekind)) = '%s' "
	    "AND TRIM(grantee) = %N%s", opening(o), o->name, o->schema, table,
	    to->type, to->name, closing(o));
	gen_add(g, "%s policy '%s' for %s '%s' on table '%s'",
	    o->remove ? "detach" : "attach", o->name, to->type, to->name,
	    table);
}

/*
 * A policy does nothing before row-level security is on for the table. Over
 * datashares it is a switch of its own: on, consumers cannot read the table.
 */
static void
switch_rows(struct gen *g, const struct opts *o, const char *table)
{
	gen_sql(g, "ALTER TABLE %I.%I ROW LEVEL SECURITY ON", o->schema,
	    table);
	gen_unless(g, "SELECT 1 FROM svv_rls_relation "
	    "WHERE TRIM(datname) = %N AND TRIM(relschema) = %N "
	    "AND TRIM(relname) = %N AND is_rls_on = TRUE", o->database,
	    o->schema, table);
	gen_add(g, "turn row-level security on for table '%s'", table);
	if (o->shared == SHARED_ALONE)
		return;
	gen_sql(g, "ALTER TABLE %I.%I ROW LEVEL SECURITY %s FOR DATASHARES",
	    o->schema, table, o->shared == SHARED_ON ? "ON" : "OFF");
	gen_unless(g, "SELECT 1 FROM svv_rls_relation "
	    "WHERE TRIM(datname) = %N AND TRIM(relschema) = %N "
	    "AND TRIM(relname) = %N AND is_rls_datashare_on = %s",
	    o->database, o->schema, table,
	    o->shared == SHARED_ON ? "TRUE" : "FALSE");
	gen_add(g, "turn row-level security %s for consumers of table '%s'",
	    o->shared == SHARED_ON ? "on" : "off", table);
}

void
grant_rows(struct gen *g, const struct opts *o)
{
	if (!o->remove)
		make_rows_policy(g, o);
	for (size_t i = 0; i < o->tables.n; i++) {
		grant_each(g, o, o->tables.v[i], attach_rows);
		if (!o->remove)
			switch_rows(g, o, o->tables.v[i]);
	}
	if (o->remove)
		make_rows_policy(g, o);
}

static void
make_mask_policy(struct gen *g, const struct opts *o)
{
	if (o->remove) {
		gen_sql(g, "DROP MASKING POLICY %I", o->name);
	} else {
		gen_sql(g, "CREATE MASKING POLICY %I", o->name);
		add_inputs(g, o);
		gen_sql(g, " USING ");
		sql_expr(&g->sql, o->using);
	}
	gen_unless(g, "%sSELECT 1 FROM svv_masking_policy "
	    "WHERE TRIM(policy_database) = %N AND TRIM(policy_name) = %N%s",
	    opening(o), o->database, o->name, closing(o));
	gen_add(g, "%s policy '%s' for masks", o->remove ? "drop" : "make",
	    o->name);
}

/* SVV_ATTACHED_MASKING_POLICY has the columns as JSON: ["a","b"]. */
static void
attach_mask(struct gen *g, const struct opts *o, const char *table,
    const struct grantee *to)
{
	gen_sql(g, "%s MASKING POLICY %I ON %I.%I (",
	    o->remove ? "DETACH" : "ATTACH", o->name, o->schema, table);
	gen_unless(g, "%sSELECT 1 FROM svv_attached_masking_policy "
	    "WHERE TRIM(policy_name) = %N AND TRIM(schema_name) = %N "
	    "AND TRIM(table_name) = %N AND LOWER(TRIM(grantee_type)) = '%s' "
	    "AND TRIM(grantee) = %N", opening(o), o->name, o->schema, table,
	    to->type, to->name);
	if (!o->remove)
		gen_unless(g, " AND priority = %d", (int)o->priority);
	for (size_t i = 0; i < o->columns.n; i++) {
		gen_sql(g, "%s%I", i > 0 ? ", " : "", o->columns.v[i]);
		gen_unless(g, " AND POSITION('\"' || %N || '\"' "
		    "IN output_columns) > 0", o->columns.v[i]);
	}
	gen_sql(g, ")");
	grant_to(g, o->remove ? "FROM" : "TO", to);
	if (!o->remove)
		gen_sql(g, " PRIORITY %d", (int)o->priority);
	gen_unless(g, "%s", closing(o));
	gen_add(g, "%s policy '%s' for %s '%s' on table '%s'",
	    o->remove ? "detach" : "attach", o->name, to->type, to->name,
	    table);
}

void
grant_mask(struct gen *g, const struct opts *o)
{
	if (!o->remove)
		make_mask_policy(g, o);
	for (size_t i = 0; i < o->tables.n; i++)
		grant_each(g, o, o->tables.v[i], attach_mask);
	if (o->remove)
		make_mask_policy(g, o);
}
