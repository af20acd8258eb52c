/*
 * rs-datashare-sql_state.c - what a producer has now
 *
 * --state asks with make_state(); rs-sql answers with "row" records; state_*
 * read those. A row says with its first column, "state", what it is about.
 */
#include <string.h>
#include <strings.h>

#include "base/member.h"
#include "rs-datashare-sql.h"

void
make_state(struct gen *g, const struct wish *w)
{
	gen_at(g, w->producer, w->source_database);
	gen_sql(g, "SELECT 'share' AS state, %N AS share_name, "
	    "(SELECT COUNT(*) FROM svv_datashare_objects "
	    "WHERE share_type = 'OUTBOUND' AND TRIM(share_name) = %N) "
	    "AS objects, (SELECT COUNT(*) FROM svv_datashare_consumers "
	    "WHERE TRIM(share_name) = %N) AS consumers", w->share, w->share,
	    w->share);
	gen_add(g, "how much is in share '%s'", w->share);
	gen_sql(g, "SELECT 'object' AS state, TRIM(share_name) AS share_name, "
	    "TRIM(object_type) AS object_type, "
	    "TRIM(object_name) AS object_name FROM svv_datashare_objects "
	    "WHERE share_type = 'OUTBOUND' AND TRIM(share_name) = %N",
	    w->share);
	gen_add(g, "what is in share '%s'", w->share);
	gen_sql(g, "SELECT 'consumer' AS state, "
	    "TRIM(share_name) AS share_name, "
	    "TRIM(consumer_account) AS consumer_account, "
	    "TRIM(consumer_namespace) AS consumer_namespace "
	    "FROM svv_datashare_consumers WHERE TRIM(share_name) = %N",
	    w->share);
	gen_add(g, "who may use share '%s'", w->share);
	gen_sql(g, "SELECT DISTINCT 'interleaved' AS state, "
	    "%N AS share_name, TRIM(schema_name) AS schema_name, "
	    "TRIM(table_name) AS table_name FROM svv_redshift_columns "
	    "WHERE TRIM(database_name) = %N AND sortkey < 0", w->share,
	    w->source_database);
	gen_add(g, "which tables have an interleaved sort key");
	gen_sql(g, "SELECT 'rls' AS state, %N AS share_name, "
	    "TRIM(relschema) AS schema_name, TRIM(relname) AS table_name "
	    "FROM svv_rls_relation WHERE TRIM(datname) = %N "
	    "AND is_rls_on = TRUE AND is_rls_datashare_on = TRUE", w->share,
	    w->source_database);
	gen_add(g, "which tables have row-level security for datashares");
}

bool
state_take(struct state *state, const struct rec *rec)
{
	json_t *columns = json_object_get(rec->object, "row"), *row;

	if (strcmp(rec->kind, "row") != 0 ||
	    json_object_get(columns, "state") == NULL)
		return false;
	row = json_copy(columns);
	json_object_set(row, "on", json_object_get(rec->object, "on"));
	json_array_append_new(state->v, row);
	return true;
}

bool
state_about(const json_t *row, const struct wish *w, const char *what)
{
	const char *state = member_of(row, "state");
	const char *share = member_of(row, "share_name");
	const char *on = member_of(row, "on");

	return state != NULL && share != NULL && strcmp(state, what) == 0 &&
	    strcasecmp(share, w->share) == 0 && w->producer != NULL &&
	    (on == NULL || strcmp(on, w->producer) == 0);
}

/* A count that rs-sql may have written as a number or as digits. */
static bool
count_is(const json_t *v, size_t n)
{
	char digits[32];

	snprintf(digits, sizeof(digits), "%zu", n);
	if (json_is_string(v))
		return strcmp(json_string_value(v), digits) == 0;
	return json_is_integer(v) && json_integer_value(v) == (json_int_t)n;
}

int
state_whole(const struct wish *w, const struct state *state, struct err *e)
{
	const json_t *head = NULL, *row;
	size_t i, objects = 0, consumers = 0;

	json_array_foreach(state->v, i, row) {
		objects += state_about(row, w, "object");
		consumers += state_about(row, w, "consumer");
		if (state_about(row, w, "share"))
			head = row;
	}
	if (head == NULL) {
		err_set(e, ERR_RECORD, "share '%s': no state of it came on "
		    "standard input", w->share);
		return err_hint(e, "put 'rs-datashare-sql --state ... | "
		    "rs-sql' before it in the pipeline");
	}
	if (!count_is(json_object_get(head, "objects"), objects) ||
	    !count_is(json_object_get(head, "consumers"), consumers))
		return err_set(e, ERR_RECORD, "share '%s': the state is not "
		    "whole: %zu objects and %zu consumers came", w->share,
		    objects, consumers);
	return 0;
}

/* Will this table be in the share? */
static bool
will_share(const struct wish *w, const char *schema, const char *table)
{
	json_t *item, *tables, *name;
	size_t i, k;

	json_array_foreach(w->schemas, i, item) {
		if (strcasecmp(member_of(item, "schema"), schema) != 0)
			continue;
		tables = json_object_get(item, "tables");
		if (!json_is_array(tables))
			return true;
		json_array_foreach(tables, k, name) {
			if (strcasecmp(json_string_value(name), table) == 0)
				return true;
		}
	}
	return false;
}

/* Append ", schema.table" until the buffer is nearly full. */
static void
note(char *list, size_t size, const json_t *row)
{
	size_t len = strlen(list);

	if (len + 64 > size)
		return;
	snprintf(list + len, size - len, "%s%s.%s", len > 0 ? ", " : "",
	    member_of(row, "schema_name"), member_of(row, "table_name"));
}

static void
find(const struct wish *w, const struct state *state, const char *what,
    char *list, size_t size)
{
	json_t *row;
	size_t i;

	json_array_foreach(state->v, i, row) {
		if (state_about(row, w, what) &&
		    member_of(row, "schema_name") != NULL &&
		    member_of(row, "table_name") != NULL &&
		    will_share(w, member_of(row, "schema_name"),
		    member_of(row, "table_name")))
			note(list, size, row);
	}
}

int
state_findings(const struct wish *w, const struct state *state,
    struct err *e)
{
	char interleaved[400] = "", rls[400] = "";

	find(w, state, "interleaved", interleaved, sizeof(interleaved));
	find(w, state, "rls", rls, sizeof(rls));
	if (*interleaved == '\0' && *rls == '\0')
		return 0;
	err_set(e, ERR_NO, "share '%s' cannot work:%s%s%s%s%s", w->share,
	    *interleaved != '\0' ? " interleaved sort key: " : "", interleaved,
	    *interleaved != '\0' && *rls != '\0' ? ";" : "",
	    *rls != '\0' ? " row-level security: " : "", rls);
	return err_hint(e, "a table with an interleaved sort key cannot be "
	    "shared; one with row-level security cannot be read by consumers "
	    "until ALTER TABLE ... ROW LEVEL SECURITY OFF FOR DATASHARES");
}
