/*
 * rs-datashare-sql_make.c - the statements that make a share
 *
 * Every statement has a guard on the view where Redshift shows it done
 * (Developer Guide, SVV_DATASHARES and its neighbours). Names there are
 * padded on some versions, so they are trimmed before they are compared.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/member.h"
#include "rs-datashare-sql.h"
#include "sql/valid.h"

static bool
is_all(const json_t *v)
{
	return json_is_string(v);	/* check_objects() allows only "all" */
}

void
unless_object(struct gen *g, const struct wish *w, const char *type,
    const char *schema, const char *name)
{
	gen_unless(g, "SELECT 1 FROM svv_datashare_objects "
	    "WHERE share_type = 'OUTBOUND' AND TRIM(share_name) = %N "
	    "AND LOWER(TRIM(object_type)) %s AND TRIM(object_name) = ",
	    w->share, type);
	if (name != NULL)
		gen_unless(g, "%Q", schema, name);
	else
		gen_unless(g, "%N", schema);
}

static void
create(struct gen *g, const struct wish *w)
{
	gen_sql(g, "CREATE DATASHARE %I", w->share);
	gen_unless(g, "SELECT 1 FROM svv_datashares "
	    "WHERE share_type = 'OUTBOUND' AND TRIM(share_name) = %N "
	    "AND TRIM(source_database) = %N", w->share, w->source_database);
	gen_add(g, "create share '%s'", w->share);
	if (!w->publicly)
		return;
	gen_sql(g, "ALTER DATASHARE %I SET PUBLICACCESSIBLE TRUE", w->share);
	gen_unless(g, "SELECT 1 FROM svv_datashares "
	    "WHERE share_type = 'OUTBOUND' AND TRIM(share_name) = %N "
	    "AND is_publicaccessible = TRUE", w->share);
	gen_add(g, "let publicly accessible warehouses use share '%s'",
	    w->share);
}

static void
add_schema(struct gen *g, const struct wish *w, const json_t *s)
{
	const char *schema = member_of(s, "schema");

	gen_sql(g, "ALTER DATASHARE %I ADD SCHEMA %I", w->share, schema);
	unless_object(g, w, "= 'schema'", schema, NULL);
	gen_add(g, "share schema '%s'", schema);
	if (!json_is_true(json_object_get(s, "include_new")))
		return;
	/* Before the objects: none can be made in between and be missed. */
	gen_sql(g, "ALTER DATASHARE %I SET INCLUDENEW TRUE FOR SCHEMA %I",
	    w->share, schema);
	unless_object(g, w, "= 'schema'", schema, NULL);
	gen_unless(g, " AND include_new = TRUE");
	gen_add(g, "share what will be made in schema '%s'", schema);
}

/*
 * ALL is a shorthand for what is there now, so it is done when nothing is
 * left out of the share.
 */
static void
add_all_tables(struct gen *g, const struct wish *w, const char *schema)
{
	gen_sql(g, "ALTER DATASHARE %I ADD ALL TABLES IN SCHEMA %I", w->share,
	    schema);
	gen_unless(g, "SELECT 1 WHERE NOT EXISTS (SELECT 1 "
	    "FROM svv_redshift_tables WHERE TRIM(database_name) = %N "
	    "AND TRIM(schema_name) = %N "
	    "AND TRIM(schema_name) || '.' || TRIM(table_name) NOT IN "
	    "(SELECT TRIM(object_name) FROM svv_datashare_objects "
	    "WHERE share_type = 'OUTBOUND' AND TRIM(share_name) = %N "
	    "AND object_name IS NOT NULL))",
	    w->source_database, schema, w->share);
	gen_add(g, "share all tables and views of schema '%s'", schema);
}

static void
add_all_functions(struct gen *g, const struct wish *w, const char *schema)
{
	gen_sql(g, "ALTER DATASHARE %I ADD ALL FUNCTIONS IN SCHEMA %I",
	    w->share, schema);
	gen_unless(g, "SELECT 1 WHERE "
	    "(SELECT COUNT(*) FROM svv_redshift_functions "
	    "WHERE TRIM(database_name) = %N AND TRIM(schema_name) = %N "
	    "AND TRIM(function_type) <> 'STORED PROCEDURE') <= "
	    "(SELECT COUNT(*) FROM svv_datashare_objects "
	    "WHERE share_type = 'OUTBOUND' AND TRIM(share_name) = %N "
	    "AND LOWER(TRIM(object_type)) = 'function' "
	    "AND SUBSTRING(TRIM(object_name), 1, LENGTH(%N) + 1) = "
	    "%N || '.')",
	    w->source_database, schema, w->share, schema, schema);
	gen_add(g, "share all functions of schema '%s'", schema);
}

static void
add_table(struct gen *g, const struct wish *w, const char *schema,
    const char *table)
{
	gen_sql(g, "ALTER DATASHARE %I ADD TABLE %I.%I", w->share, schema,
	    table);
	unless_object(g, w, "NOT IN ('schema', 'function')", schema, table);
	gen_add(g, "share table '%s' of schema '%s'", table, schema);
}

/* What a view may call the function: with its types or without. */
static void
unless_function(struct gen *g, const struct wish *w, const char *schema,
    const char *name, const char *types)
{
	char *typed = xasprintf("%s(%s)", name, types);

	gen_unless(g, "SELECT 1 FROM svv_datashare_objects "
	    "WHERE share_type = 'OUTBOUND' AND TRIM(share_name) = %N "
	    "AND LOWER(TRIM(object_type)) = 'function' "
	    "AND (TRIM(object_name) = %Q "
	    "OR REPLACE(TRIM(object_name), ' ', '') = REPLACE(%Q, ' ', ''))",
	    w->share, schema, name, schema, typed);
	free(typed);
}

/*
 * A function is "name(type, type)". Its types stand in SQL as they are, so
 * they have to look like types.
 */
static void
add_function(struct gen *g, const struct wish *w, const char *schema,
    const char *text)
{
	char *name = xstrdup(text), *open = strchr(name, '(');
	size_t len = strlen(name);

	if (open == NULL || name[len - 1] != ')') {
		err_set(g->e, ERR_USAGE, "'%s' is not a function with its "
		    "argument types: name(type, type)", text);
		free(name);
		return;
	}
	*open = name[len - 1] = '\0';
	if (!valid_types(open + 1))
		err_set(g->e, ERR_USAGE, "'%s': '%s' is not a list of types",
		    text, open + 1);
	gen_sql(g, "ALTER DATASHARE %I ADD FUNCTION %I.%I(%s)", w->share,
	    schema, name, open + 1);
	unless_function(g, w, schema, name, open + 1);
	gen_add(g, "share function '%s' of schema '%s'", text, schema);
	free(name);
}

static void
add_objects(struct gen *g, const struct wish *w, const json_t *s)
{
	const char *schema = member_of(s, "schema");
	const json_t *tables = json_object_get(s, "tables"), *item;
	const json_t *functions = json_object_get(s, "functions");
	size_t i;

	if (tables == NULL || is_all(tables))
		add_all_tables(g, w, schema);
	if (functions != NULL && is_all(functions))
		add_all_functions(g, w, schema);
	json_array_foreach(tables, i, item) {
		add_table(g, w, schema, json_string_value(item));
	}
	json_array_foreach(functions, i, item) {
		add_function(g, w, schema, json_string_value(item));
	}
}

/* Returns the seq of the statement, for what the consumer does next. */
static long
grant_namespace(struct gen *g, const struct wish *w,
    const struct warehouse *consumer)
{
	gen_sql(g, "GRANT USAGE ON DATASHARE %I TO NAMESPACE %L", w->share,
	    consumer->namespace_id);
	gen_unless(g, "SELECT 1 FROM svv_datashare_consumers "
	    "WHERE TRIM(share_name) = %N "
	    "AND LOWER(TRIM(consumer_namespace)) = LOWER(%L)", w->share,
	    consumer->namespace_id);
	return gen_add(g, "let '%s' use share '%s'", consumer->name, w->share);
}

static void
grant_account(struct gen *g, const struct wish *w, const char *account)
{
	gen_sql(g, "GRANT USAGE ON DATASHARE %I TO ACCOUNT %L%s", w->share,
	    account, w->data_catalog ? " VIA DATA CATALOG" : "");
	gen_unless(g, "SELECT 1 FROM svv_datashare_consumers "
	    "WHERE TRIM(share_name) = %N AND TRIM(consumer_account) = %L",
	    w->share, account);
	gen_add(g, "let account %s use share '%s'", account, w->share);
}

static void
make_producer(struct gen *g, const struct wish *w)
{
	json_t *item;
	size_t i;

	gen_at(g, w->producer, w->source_database);
	create(g, w);
	json_array_foreach(w->schemas, i, item) {
		add_schema(g, w, item);
		add_objects(g, w, item);
	}
	json_array_foreach(w->accounts, i, item) {
		grant_account(g, w, json_string_value(item));
	}
}

void
make_share(struct gen *g, const struct wish *w, const struct warehouses *fleet,
    bool verify)
{
	size_t i, n = json_array_size(w->consumers);
	long *granted = xcalloc(n + 1, sizeof(*granted));
	const struct warehouse *consumer;
	json_t *item;

	if (w->producer != NULL) {
		make_producer(g, w);
		json_array_foreach(w->consumers, i, item) {
			granted[i] = grant_namespace(g, w,
			    warehouse_find(fleet, json_string_value(item)));
		}
	}
	json_array_foreach(w->consumers, i, item) {
		consumer = warehouse_find(fleet, json_string_value(item));
		gen_at(g, consumer->name, w->connect_database);
		make_consumer(g, w, granted[i], verify);
	}
	free(granted);
}
