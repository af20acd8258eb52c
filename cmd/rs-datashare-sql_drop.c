/*
 * rs-datashare-sql_drop.c - taking a share down, all of it or in part
 *
 * Here a guard is true when the thing is gone. What is dropped is looked up
 * together with the share it belongs to: a database of the same name that
 * comes from elsewhere counts as gone and is left alone.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/member.h"
#include "rs-datashare-sql.h"
#include "sql/valid.h"

static void
drop_schema(struct gen *g, const struct wish *w, const char *local)
{
	gen_sql(g, "DROP SCHEMA %I", local);
	gen_unless(g, "SELECT 1 WHERE NOT EXISTS (SELECT 1 "
	    "FROM svv_external_schemas WHERE TRIM(schemaname) = %N "
	    "AND TRIM(databasename) = %N AND eskind IN (4, 5))", local,
	    w->database);
	gen_add(g, "drop schema '%s'", local);
}

/* Returns the seq, which the producer's REVOKE waits for. */
static long
drop_database(struct gen *g, const struct wish *w)
{
	gen_sql(g, "DROP DATABASE %I", w->database);
	gen_unless(g, "SELECT 1 WHERE NOT EXISTS (SELECT 1 "
	    "FROM svv_datashares WHERE share_type = 'INBOUND' "
	    "AND TRIM(share_name) = %N "
	    "AND LOWER(TRIM(producer_namespace)) = LOWER(%L) "
	    "AND TRIM(consumer_database) = %N)", w->share,
	    w->producer_namespace, w->database);
	gen_alone(g);
	return gen_add(g, "drop database '%s' of share '%s'", w->database,
	    w->share);
}

static void
revoke_namespace(struct gen *g, const struct wish *w,
    const char *namespace_id, long after)
{
	gen_sql(g, "REVOKE USAGE ON DATASHARE %I FROM NAMESPACE %L", w->share,
	    namespace_id);
	gen_unless(g, "SELECT 1 WHERE NOT EXISTS (SELECT 1 "
	    "FROM svv_datashare_consumers WHERE TRIM(share_name) = %N "
	    "AND LOWER(TRIM(consumer_namespace)) = LOWER(%L))", w->share,
	    namespace_id);
	gen_after(g, after);
	gen_add(g, "take share '%s' from namespace %s", w->share,
	    namespace_id);
}

static void
revoke_account(struct gen *g, const struct wish *w, const char *account)
{
	gen_sql(g, "REVOKE USAGE ON DATASHARE %I FROM ACCOUNT %L%s", w->share,
	    account, w->data_catalog ? " VIA DATA CATALOG" : "");
	gen_unless(g, "SELECT 1 WHERE NOT EXISTS (SELECT 1 "
	    "FROM svv_datashare_consumers WHERE TRIM(share_name) = %N "
	    "AND TRIM(consumer_account) = %L)", w->share, account);
	gen_add(g, "take share '%s' from account %s", w->share, account);
}

static void
drop_datashare(struct gen *g, const struct wish *w)
{
	gen_sql(g, "DROP DATASHARE %I", w->share);
	gen_unless(g, "SELECT 1 WHERE NOT EXISTS (SELECT 1 "
	    "FROM svv_datashares WHERE share_type = 'OUTBOUND' "
	    "AND TRIM(share_name) = %N AND TRIM(source_database) = %N)",
	    w->share, w->source_database);
	gen_add(g, "drop share '%s'", w->share);
}

/* Returns the seq after which nothing of the share is left there. */
static long
drop_consumer(struct gen *g, const struct wish *w,
    const struct warehouse *consumer)
{
	json_t *external;
	size_t i;

	gen_at(g, consumer->name, w->connect_database);
	json_array_foreach(w->external_schemas, i, external) {
		drop_schema(g, w, member_of(external, "local"));
	}
	return drop_database(g, w);
}

void
drop_share(struct gen *g, const struct wish *w, const struct warehouses *fleet)
{
	size_t i, n = json_array_size(w->consumers);
	long *gone = xcalloc(n + 1, sizeof(*gone));
	json_t *item;

	json_array_foreach(w->consumers, i, item) {
		gone[i] = drop_consumer(g, w,
		    warehouse_find(fleet, json_string_value(item)));
	}
	if (w->producer != NULL) {
		gen_at(g, w->producer, w->source_database);
		json_array_foreach(w->consumers, i, item) {
			revoke_namespace(g, w, warehouse_find(fleet,
			    json_string_value(item))->namespace_id, gone[i]);
		}
		json_array_foreach(w->accounts, i, item) {
			revoke_account(g, w, json_string_value(item));
		}
		drop_datashare(g, w);
	}
	free(gone);
}

/* --- pruning: what the state has and the wish has not --- */

static bool
same(const struct gen *g, const char *a, const char *b)
{
	return (g->sql.keep_case ? strcmp(a, b) : strcasecmp(a, b)) == 0;
}

/* The wished schema of that name, or NULL. */
static const json_t *
wished_schema(const struct gen *g, const struct wish *w, const char *schema)
{
	json_t *item;
	size_t i;

	json_array_foreach(w->schemas, i, item) {
		if (same(g, member_of(item, "schema"), schema))
			return item;
	}
	return NULL;
}

/* Is the name (of a function: with its types or without) in the list? */
static bool
listed(const struct gen *g, const json_t *list, const char *name)
{
	size_t i, plain = strcspn(name, "(");
	json_t *item;
	char *text;
	bool found;

	json_array_foreach(list, i, item) {
		text = xstrdup(json_string_value(item));
		found = same(g, text, name);
		text[strcspn(text, "(")] = '\0';
		found |= name[plain] == '\0' && same(g, text, name);
		free(text);
		if (found)
			return true;
	}
	return false;
}

static bool
wished(const struct gen *g, const struct wish *w, const char *schema,
    const char *type, const char *name)
{
	const json_t *s = wished_schema(g, w, schema);
	bool function = strcasecmp(type, "function") == 0;
	const json_t *list = json_object_get(s, function ? "functions" :
	    "tables");

	if (s == NULL)
		return false;
	if (list == NULL)
		return !function;
	return json_is_string(list) || listed(g, list, name);
}

/*
 * The schema that "schema.name" begins with: names may hold dots, so it is
 * the longest one that the share has. NULL when there is none.
 */
static const char *
schema_of(const struct state *state, const struct wish *w,
    const char *object)
{
	const char *best = NULL, *name;
	size_t i, len, most = 0;
	json_t *row;

	json_array_foreach(state->v, i, row) {
		name = member_of(row, "object_name");
		if (!state_about(row, w, "object") || name == NULL ||
		    strcasecmp(member_of(row, "object_type"), "schema") != 0)
			continue;
		len = strlen(name);
		if (len > most && strncmp(object, name, len) == 0 &&
		    object[len] == '.') {
			best = name;
			most = len;
		}
	}
	return best;
}

/* "(type, type)", checked before it gets into SQL. */
static void
add_types(struct gen *g, const char *text)
{
	char *types = xstrndup(text + 1, strlen(text) - 2);

	if (!valid_types(types))
		err_set(g->e, ERR_RECORD, "'%s' is not a list of types", text);
	gen_sql(g, "(%s)", types);
	free(types);
}

static void
remove_object(struct gen *g, const struct wish *w, const char *type,
    const char *schema, const char *name)
{
	const char *types = strchr(name, '(');
	bool function = strcasecmp(type, "function") == 0;
	char *plain;

	if (function && (types == NULL || name[strlen(name) - 1] != ')')) {
		err_set(g->e, ERR_NO, "share '%s': function '%s.%s' is not "
		    "wanted, but its argument types are not known", w->share,
		    schema, name);
		err_hint(g->e, "remove it with ALTER DATASHARE ... REMOVE "
		    "FUNCTION name(types)");
		return;
	}
	plain = function ? xstrndup(name, (size_t)(types - name)) :
	    xstrdup(name);
	gen_sql(g, "ALTER DATASHARE %I REMOVE %s %I.%I", w->share,
	    function ? "FUNCTION" : "TABLE", schema, plain);
	if (function)
		add_types(g, types);
	gen_unless(g, "SELECT 1 WHERE NOT EXISTS (");
	unless_object(g, w, function ? "= 'function'" :
	    "NOT IN ('schema', 'function')", schema, name);
	gen_unless(g, ")");
	gen_add(g, "no longer share '%s' of schema '%s'", name, schema);
	free(plain);
}

static void
remove_schema(struct gen *g, const struct wish *w, const char *schema)
{
	gen_sql(g, "ALTER DATASHARE %I REMOVE SCHEMA %I", w->share, schema);
	gen_unless(g, "SELECT 1 WHERE NOT EXISTS (");
	unless_object(g, w, "= 'schema'", schema, NULL);
	gen_unless(g, ")");
	gen_add(g, "no longer share schema '%s'", schema);
}

static void
prune_objects(struct gen *g, const struct wish *w, const struct state *state)
{
	const char *type, *name, *schema;
	json_t *row;
	size_t i;

	json_array_foreach(state->v, i, row) {
		type = member_of(row, "object_type");
		name = member_of(row, "object_name");
		if (!state_about(row, w, "object") || type == NULL ||
		    name == NULL || strcasecmp(type, "schema") == 0)
			continue;
		schema = schema_of(state, w, name);
		if (schema == NULL)
			err_set(g->e, ERR_RECORD, "share '%s': the state has "
			    "no schema for '%s'", w->share, name);
		else if (!wished(g, w, schema, type, name + strlen(schema) + 1))
			remove_object(g, w, type, schema,
			    name + strlen(schema) + 1);
	}
	json_array_foreach(state->v, i, row) {
		type = member_of(row, "object_type");
		name = member_of(row, "object_name");
		if (state_about(row, w, "object") && type != NULL &&
		    name != NULL && strcasecmp(type, "schema") == 0 &&
		    wished_schema(g, w, name) == NULL)
			remove_schema(g, w, name);
	}
}

static bool
wished_namespace(const struct wish *w, const struct warehouses *fleet,
    const char *namespace_id)
{
	json_t *item;
	size_t i;

	json_array_foreach(w->consumers, i, item) {
		if (strcasecmp(warehouse_find(fleet, json_string_value(item))->
		    namespace_id, namespace_id) == 0)
			return true;
	}
	return false;
}

static bool
wished_account(const struct wish *w, const char *account)
{
	json_t *item;
	size_t i;

	json_array_foreach(w->accounts, i, item) {
		if (strcmp(json_string_value(item), account) == 0)
			return true;
	}
	return false;
}

void
prune_share(struct gen *g, const struct wish *w, const struct warehouses *fleet,
    const struct state *state)
{
	const char *namespace_id, *account;
	json_t *row;
	size_t i;

	gen_at(g, w->producer, w->source_database);
	json_array_foreach(state->v, i, row) {
		if (!state_about(row, w, "consumer"))
			continue;
		namespace_id = member_of(row, "consumer_namespace");
		account = member_of(row, "consumer_account");
		if (namespace_id != NULL && *namespace_id != '\0') {
			if (!wished_namespace(w, fleet, namespace_id))
				revoke_namespace(g, w, namespace_id, 0);
		} else if (account != NULL && !wished_account(w, account)) {
			revoke_account(g, w, account);
		}
	}
	prune_objects(g, w, state);
}
