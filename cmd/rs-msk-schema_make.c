/* rs-msk-schema_make.c - external schema, streaming views, questions */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "rs-msk-schema.h"
#include "sql/valid.h"

static const char *const keywords[] = {
	[KAFKA_IAM] = "iam", [KAFKA_MTLS] = "mtls", [KAFKA_NONE] = "none"
};

/*
 * SVV_EXTERNAL_SCHEMAS: kind 10 is MSK. The guide names no kind for Kafka
 * outside MSK, so there any later one will do.
 */
static const char *
kind_of(const struct msk *m)
{
	return m->o->source == SOURCE_MSK ? "= 10" : ">= 10";
}

static void
make_schema(struct gen *g, const struct msk *m)
{
	const struct opts *o = m->o;

	gen_sql(g, "CREATE EXTERNAL SCHEMA %I FROM %s", o->schema,
	    o->source == SOURCE_MSK ? "MSK" : "KAFKA");
	chain_sql(&m->chain, &g->sql);
	if (!o->by_arn)
		gen_sql(g, " URI %L", m->brokers);
	gen_sql(g, " AUTHENTICATION %s", keywords[o->authentication]);
	if (o->by_arn)
		gen_sql(g, " CLUSTER_ARN %L", o->cluster_arn);
	if (o->authentication_arn != NULL)
		gen_sql(g, " AUTHENTICATION_ARN %L", o->authentication_arn);
	if (o->secret_arn != NULL)
		gen_sql(g, " SECRET_ARN %L", o->secret_arn);
	gen_unless(g, "SELECT 1 FROM svv_external_schemas "
	    "WHERE TRIM(schemaname) = %N AND eskind %s", o->schema,
	    kind_of(m));
	gen_add(g, "make external schema '%s' of the brokers", o->schema);
}

/* Table attributes come before AUTO REFRESH. */
static void
add_attributes(struct gen *g, const struct opts *o)
{
	static const char *const styles[] = {
		[DIST_EVEN] = "EVEN", [DIST_ALL] = "ALL", [DIST_KEY] = "KEY"
	};

	if (o->dist_style != DIST_EVEN)
		gen_sql(g, " DISTSTYLE %s", styles[o->dist_style]);
	if (o->dist_key != NULL)
		gen_sql(g, " DISTKEY(%I)", o->dist_key);
	for (size_t i = 0; i < o->sort_keys.n; i++)
		gen_sql(g, "%s%I%s", i == 0 ? " SORTKEY(" : ", ",
		    o->sort_keys.v[i], i + 1 == o->sort_keys.n ? ")" : "");
	gen_sql(g, " AUTO REFRESH %s", o->manual_refresh ? "NO" : "YES");
}

static void
unless_view(struct gen *g, const struct opts *o, const char *view)
{
	gen_unless(g, "SELECT 1 FROM svv_mv_info "
	    "WHERE TRIM(database_name) = %N AND TRIM(schema_name) = %N "
	    "AND TRIM(name) = %N", o->database, o->view_schema, view);
}

/*
 * A record that is not JSON would stop the refresh for good, so it is left
 * out. Nothing but parsing is done here: a failing cast would stop it, too.
 */
static void
make_view(struct gen *g, const struct opts *o, const struct topic *t)
{
	gen_sql(g, "CREATE MATERIALIZED VIEW %I.%I", o->view_schema, t->view);
	add_attributes(g, o);
	gen_sql(g, " AS SELECT kafka_partition, kafka_offset, "
	    "kafka_timestamp_type, kafka_timestamp, kafka_key, "
	    "kafka_headers, refresh_time, %s FROM %I.%I%s",
	    o->raw ? "kafka_value" : "JSON_PARSE(kafka_value) AS data",
	    o->schema, t->name,
	    o->raw ? "" : " WHERE CAN_JSON_PARSE(kafka_value)");
	unless_view(g, o, t->view);
	gen_alone(g);
	gen_add(g, "make view '%s' of topic '%s'", t->view, t->name);
}

/* For a view that was there before with the other setting. */
static void
set_refresh(struct gen *g, const struct opts *o, const struct topic *t)
{
	gen_sql(g, "ALTER MATERIALIZED VIEW %I.%I AUTO REFRESH %s",
	    o->view_schema, t->view, o->manual_refresh ? "NO" : "YES");
	unless_view(g, o, t->view);
	gen_unless(g, " AND autorefresh IN (%s)",
	    o->manual_refresh ? "'f', '0'" : "'t', '1'");
	gen_alone(g);
	gen_add(g, "refresh view '%s' %s", t->view,
	    o->manual_refresh ? "by hand only" : "by itself");
}

/*
 * One "path.to.field", "path:type": the column's expression to *q, its name
 * to *names as a string (for the guard).
 */
static void
add_field(struct gen *g, struct sql *names, const char *field)
{
	char *path = xstrdup(field), *type = strrchr(path, ':');
	char *name, *rest = path, *part;

	if (type != NULL)
		*type++ = '\0';
	if (type != NULL && !valid_type(type))
		err_set(g->e, ERR_USAGE, "--field %s: '%s' is not a type",
		    field, type);
	if (!g->sql.keep_case && strpbrk(path,
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != NULL)
		err_set(g->e, ERR_USAGE, "--field %s: members with capital "
		    "letters need enable_case_sensitive_super_attribute on "
		    "and --case-sensitive", field);
	name = xstrdup(path);
	for (char *p = name; *p != '\0'; p++)
		if (*p == '.')
			*p = '_';
	gen_sql(g, ", CAST(data");
	while ((part = strsep(&rest, ".")) != NULL)
		gen_sql(g, ".%I", part);
	gen_sql(g, " AS %s) AS %I", type != NULL ? type : "varchar", name);
	sql_addf(names, ", %N", name);
	free(name);
	free(path);
}

static void
make_fields(struct gen *g, const struct opts *o, const struct topic *t)
{
	struct sql names;

	sql_init(&names, g->sql.keep_case, g->e);
	gen_sql(g, "CREATE VIEW %I.%I AS SELECT kafka_partition, "
	    "kafka_offset, kafka_timestamp", o->view_schema, t->fields_view);
	for (size_t i = 0; i < o->fields.n; i++)
		add_field(g, &names, o->fields.v[i]);
	gen_sql(g, " FROM %I.%I", o->view_schema, t->view);
	gen_unless(g, "SELECT 1 WHERE %d = (SELECT COUNT(*) "
	    "FROM svv_redshift_columns WHERE TRIM(database_name) = %N "
	    "AND TRIM(schema_name) = %N AND TRIM(table_name) = %N "
	    "AND TRIM(column_name) IN ('kafka_partition', 'kafka_offset', "
	    "'kafka_timestamp'%s))", (int)o->fields.n + 3, o->database,
	    o->view_schema, t->fields_view, sql_text(&names));
	gen_add(g, "make view '%s' of fields of topic '%s'", t->fields_view,
	    t->name);
	sql_release(&names);
}

void
msk_make(struct gen *g, const struct msk *m)
{
	make_schema(g, m);
	for (size_t i = 0; i < m->n_topics; i++) {
		make_view(g, m->o, &m->topics[i]);
		set_refresh(g, m->o, &m->topics[i]);
		if (m->o->fields.n > 0)
			make_fields(g, m->o, &m->topics[i]);
	}
}

void
msk_refresh(struct gen *g, const struct msk *m)
{
	for (size_t i = 0; i < m->n_topics; i++) {
		gen_sql(g, "REFRESH MATERIALIZED VIEW %I.%I",
		    m->o->view_schema, m->topics[i].view);
		gen_alone(g);
		gen_add(g, "read topic '%s' up to now", m->topics[i].name);
	}
}

void
msk_monitor(struct gen *g, const struct msk *m)
{
	const char *schema = m->o->schema;

	gen_sql(g, "SELECT TRIM(mv_name) AS mv_name, "
	    "TRIM(stream_name) AS stream_name, partition_id, "
	    "MAX(latest_position) AS latest_position, "
	    "SUM(scanned_rows) AS scanned_rows, "
	    "SUM(skipped_rows) AS skipped_rows, "
	    "SUM(scanned_bytes) AS scanned_bytes, "
	    "MAX(stream_record_time_max) AS newest_record, "
	    "MAX(record_time) AS last_scan FROM sys_stream_scan_states "
	    "WHERE TRIM(external_schema_name) = %N "
	    "AND record_time > DATEADD(hour, -1, GETDATE()) "
	    "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3", schema);
	gen_add(g, "how far each partition was read in the last hour");
	gen_sql(g, "SELECT record_time, TRIM(mv_name) AS mv_name, "
	    "TRIM(stream_name) AS stream_name, partition_id, position, "
	    "error_code, TRIM(error_reason) AS error_reason "
	    "FROM sys_stream_scan_errors "
	    "WHERE TRIM(external_schema_name) = %N "
	    "ORDER BY record_time DESC LIMIT 100", schema);
	gen_add(g, "which records were skipped, and why");
	gen_sql(g, "SELECT TRIM(name) AS name, is_stale, state, autorefresh "
	    "FROM svv_mv_info WHERE TRIM(database_name) = %N "
	    "AND TRIM(schema_name) = %N", m->o->database, m->o->view_schema);
	gen_add(g, "in which state the views are");
}

static void
drop_view(struct gen *g, const struct opts *o, const struct topic *t)
{
	if (o->fields.n > 0) {
		gen_sql(g, "DROP VIEW IF EXISTS %I.%I", o->view_schema,
		    t->fields_view);
		gen_unless(g, "SELECT 1 WHERE NOT EXISTS (SELECT 1 "
		    "FROM svv_redshift_tables "
		    "WHERE TRIM(database_name) = %N "
		    "AND TRIM(schema_name) = %N AND TRIM(table_name) = %N)",
		    o->database, o->view_schema, t->fields_view);
		gen_add(g, "drop view '%s'", t->fields_view);
	}
	gen_sql(g, "DROP MATERIALIZED VIEW IF EXISTS %I.%I", o->view_schema,
	    t->view);
	gen_unless(g, "SELECT 1 WHERE NOT EXISTS (");
	unless_view(g, o, t->view);
	gen_unless(g, ")");
	gen_alone(g);
	gen_add(g, "drop view '%s'", t->view);
}

void
msk_remove(struct gen *g, const struct msk *m)
{
	for (size_t i = 0; i < m->n_topics; i++)
		drop_view(g, m->o, &m->topics[i]);
	gen_sql(g, "DROP SCHEMA %I", m->o->schema);
	gen_unless(g, "SELECT 1 WHERE NOT EXISTS (SELECT 1 "
	    "FROM svv_external_schemas WHERE TRIM(schemaname) = %N "
	    "AND eskind %s)", m->o->schema, kind_of(m));
	gen_add(g, "drop external schema '%s'", m->o->schema);
}
