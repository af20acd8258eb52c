/* rs-datashare-sql_consumer.c - what a consumer does with a share */
#include <string.h>
#include <strings.h>

#include "base/member.h"
#include "rs-datashare-sql.h"

/* Who gets something: a keyword of GRANT and a type in the views. */
struct grantees {
	json_t *names;
	const char *keyword;
	const char *type;
};

static void
create_database(struct gen *g, const struct wish *w, long granted)
{
	gen_sql(g, "CREATE DATABASE %I%s FROM DATASHARE %I OF ", w->database,
	    w->with_permissions ? " WITH PERMISSIONS" : "", w->share);
	if (w->producer_account != NULL)
		gen_sql(g, "ACCOUNT %L ", w->producer_account);
	gen_sql(g, "NAMESPACE %L", w->producer_namespace);
	gen_unless(g, "SELECT 1 FROM svv_datashares "
	    "WHERE share_type = 'INBOUND' AND TRIM(share_name) = %N "
	    "AND LOWER(TRIM(producer_namespace)) = LOWER(%L) "
	    "AND TRIM(consumer_database) = %N", w->share,
	    w->producer_namespace, w->database);
	gen_alone(g);
	gen_after(g, granted);
	gen_add(g, "make database '%s' of share '%s'", w->database, w->share);
}

/* The second of one name would be taken for the first, and skipped as done. */
static void
check_locals(struct gen *g, const struct wish *w)
{
	size_t n = json_array_size(w->external_schemas);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++) {
			const char *a = member_of(json_array_get(
			    w->external_schemas, i), "local");
			const char *b = member_of(json_array_get(
			    w->external_schemas, k), "local");

			if ((g->sql.keep_case ? strcmp(a, b) :
			    strcasecmp(a, b)) == 0)
				err_set(g->e, ERR_USAGE, "share '%s': two "
				    "local schemas have the name '%s'",
				    w->share, a);
		}
}

static void
create_schema(struct gen *g, const struct wish *w, const json_t *external)
{
	const char *local = member_of(external, "local");
	const char *schema = member_of(external, "schema");

	gen_sql(g, "CREATE EXTERNAL SCHEMA %I FROM REDSHIFT DATABASE %N "
	    "SCHEMA %N", local, w->database, schema);
	gen_unless(g, "SELECT 1 FROM svv_external_schemas "
	    "WHERE TRIM(schemaname) = %N AND TRIM(databasename) = %N "
	    "AND eskind IN (4, 5)", local, w->database);
	gen_add(g, "make schema '%s' for shared schema '%s'", local, schema);
}

/*
 * One privilege of one grantee on the shared database; scope is "DATABASE",
 * or "SCHEMAS", "TABLES" or "FUNCTIONS" for all there is and will be.
 * Redshift refuses GRANT on what is not its own inside a transaction.
 */
static void
grant_database(struct gen *g, const struct wish *w, const char *privilege,
    const char *scope, const struct grantees *to, const char *name)
{
	if (strcmp(scope, "DATABASE") == 0)
		gen_sql(g, "GRANT %s ON DATABASE %I", privilege, w->database);
	else
		gen_sql(g, "GRANT %s FOR %s IN DATABASE %I", privilege, scope,
		    w->database);
	gen_sql(g, " TO %s%I", to->keyword, name);
	gen_unless(g, "SELECT 1 FROM svv_database_privileges "
	    "WHERE TRIM(database_name) = %N "
	    "AND UPPER(TRIM(privilege_type)) = '%s' "
	    "AND UPPER(TRIM(privilege_scope)) = '%s' "
	    "AND LOWER(TRIM(identity_type)) = '%s' "
	    "AND TRIM(identity_name) = %N",
	    w->database, privilege, scope, to->type, name);
	gen_alone(g);
	gen_add(g, "grant %s on %s '%s' to %s '%s'", privilege,
	    strcmp(scope, "DATABASE") == 0 ? "database" :
	    "what is in database", w->database, to->type, name);
}

static void
grant_schema(struct gen *g, const char *privilege, const char *scope,
    const char *local, const struct grantees *to, const char *name)
{
	if (strcmp(scope, "SCHEMA") == 0)
		gen_sql(g, "GRANT %s ON SCHEMA %I", privilege, local);
	else
		gen_sql(g, "GRANT %s FOR %s IN SCHEMA %I", privilege, scope,
		    local);
	gen_sql(g, " TO %s%I", to->keyword, name);
	gen_unless(g, "SELECT 1 FROM svv_schema_privileges "
	    "WHERE TRIM(namespace_name) = %N "
	    "AND UPPER(TRIM(privilege_type)) = '%s' "
	    "AND UPPER(TRIM(privilege_scope)) = '%s' "
	    "AND LOWER(TRIM(identity_type)) = '%s' "
	    "AND TRIM(identity_name) = %N",
	    local, privilege, scope, to->type, name);
	gen_alone(g);
	gen_add(g, "grant %s on %s '%s' to %s '%s'", privilege,
	    strcmp(scope, "SCHEMA") == 0 ? "schema" :
	    "what is in schema", local, to->type, name);
}

static bool
shares_functions(const struct wish *w)
{
	json_t *schema;
	size_t i;

	json_array_foreach(w->schemas, i, schema) {
		if (json_object_get(schema, "functions") != NULL)
			return true;
	}
	return false;
}

static void
grant_to(struct gen *g, const struct wish *w, const struct grantees *to,
    const char *name)
{
	json_t *external;
	size_t i;

	grant_database(g, w, "USAGE", "DATABASE", to, name);
	if (w->with_permissions) {
		grant_database(g, w, "USAGE", "SCHEMAS", to, name);
		grant_database(g, w, "SELECT", "TABLES", to, name);
		if (shares_functions(w))
			grant_database(g, w, "EXECUTE", "FUNCTIONS", to, name);
	}
	json_array_foreach(w->external_schemas, i, external) {
		grant_schema(g, "USAGE", "SCHEMA", member_of(external, "local"),
		    to, name);
		if (w->with_permissions)
			grant_schema(g, "SELECT", "TABLES",
			    member_of(external, "local"), to, name);
	}
}

static void
grant_all(struct gen *g, const struct wish *w)
{
	const struct grantees rows[] = {
		{ w->roles, "ROLE ", "role" },
		{ w->groups, "GROUP ", "group" },
		{ w->users, "", "user" }
	};
	json_t *name;
	size_t i;

	for (size_t row = 0; row < ARRAY_LEN(rows); row++)
		json_array_foreach(rows[row].names, i, name) {
			grant_to(g, w, &rows[row], json_string_value(name));
		}
}

/*
 * Proof that the consumer sees the schema. Where it does not, the command
 * fails: a count of nothing cannot be divided by.
 */
static void
prove_schema(struct gen *g, const struct wish *w, const char *schema)
{
	static const char from[] = "FROM svv_datashare_objects "
	    "WHERE share_type = 'INBOUND' AND TRIM(share_name) = %N "
	    "AND LOWER(TRIM(producer_namespace)) = LOWER(%L) "
	    "AND LOWER(TRIM(object_type)) = 'schema' "
	    "AND TRIM(object_name) = %N";

	gen_sql(g, "SELECT 1 / COUNT(*) AS visible ");
	gen_sql(g, from, w->share, w->producer_namespace, schema);
	gen_unless(g, "SELECT 1 ");
	gen_unless(g, from, w->share, w->producer_namespace, schema);
	gen_add(g, "prove that schema '%s' can be seen here", schema);
}

/* Counts that go through the share; they run each time. */
static void
verify_schema(struct gen *g, const struct wish *w, const json_t *s)
{
	const char *schema = member_of(s, "schema");
	json_t *tables = json_object_get(s, "tables"), *table;
	size_t i;

	gen_sql(g, "SELECT COUNT(*) AS tables FROM svv_redshift_tables "
	    "WHERE TRIM(database_name) = %N AND TRIM(schema_name) = %N",
	    w->database, schema);
	gen_add(g, "count the tables of schema '%s'", schema);
	json_array_foreach(tables, i, table) {
		gen_sql(g, "SELECT COUNT(*) AS rows FROM %I.%I.%I",
		    w->database, schema, json_string_value(table));
		gen_add(g, "count table '%s' through the share",
		    json_string_value(table));
	}
}

void
make_consumer(struct gen *g, const struct wish *w, long granted, bool verify)
{
	json_t *item;
	size_t i;

	check_locals(g, w);
	create_database(g, w, granted);
	json_array_foreach(w->external_schemas, i, item) {
		create_schema(g, w, item);
	}
	grant_all(g, w);
	json_array_foreach(w->schemas, i, item) {
		prove_schema(g, w, member_of(item, "schema"));
	}
	if (verify)
		json_array_foreach(w->schemas, i, item) {
			verify_schema(g, w, item);
		}
}
