/*
 * rs-federate_schema.c - external schemas for PostgreSQL and MySQL
 *
 * Redshift queries RDS and Aurora of these two engines in place and nothing
 * else (Developer Guide, "Querying data with federated queries").
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/secrets.h"
#include "base/alloc.h"
#include "rs-federate.h"

/* Where the source is, from options or from the secret. */
struct place {
	enum federate_engine engine;
	const char *host, *database, *schema;
	int port;
	const struct chain *chain;
};

static int
refuse(const char *name, struct err *e)
{
	err_set(e, ERR_USAGE, "Redshift has no federated query for '%s', "
	    "only for PostgreSQL and MySQL of RDS or Aurora", name);
	return err_hint(e, "what works: zero-ETL of a self-managed database "
	    "through a DMS endpoint into a provisioned cluster, shared from "
	    "there ('rs-federate zero-etl --create --name NAME --source-arn "
	    "arn:aws:dms:...:endpoint:ID --target-arn "
	    "arn:aws:redshift:...:namespace:ID'); a DMS task into Redshift "
	    "or S3; Glue or BCP to S3 and COPY; moving to Aurora");
}

enum federate_engine
federate_engine(const char *name, struct err *e)
{
	static const struct { const char *name; enum federate_engine is; }
	    engines[] = {
		{ "postgres", ENGINE_POSTGRES },
		{ "postgresql", ENGINE_POSTGRES },
		{ "aurora-postgresql", ENGINE_POSTGRES },
		{ "mysql", ENGINE_MYSQL },
		{ "aurora-mysql", ENGINE_MYSQL },
		{ "aurora", ENGINE_MYSQL }
	};

	for (size_t i = 0; i < ARRAY_LEN(engines); i++)
		if (strcasecmp(name, engines[i].name) == 0)
			return engines[i].is;
	(void)refuse(name, e);
	return ENGINE_NONE;
}

/* An option wins; a secret that says otherwise is a mistake somewhere. */
static int
choose(const char **out, const char *option, const json_t *secret,
    const char *member, struct err *e)
{
	const char *v = json_string_value(json_object_get(secret, member));

	if (option != NULL && v != NULL && strcmp(option, v) != 0)
		return err_set(e, ERR_USAGE, "the secret has another \"%s\" "
		    "than the option says", member);
	*out = option != NULL ? option : v;
	return 0;
}

static int
choose_port(struct place *p, const struct opts *o, const json_t *secret,
    struct err *e)
{
	const json_t *v = json_object_get(secret, "port");
	const char *s = json_string_value(v);
	long port = s != NULL ? atol(s) : (long)json_integer_value(v);

	if (v != NULL && (port < 1 || port > 65535))
		return err_set(e, ERR_NO, "the secret's \"port\" is no port");
	if (v != NULL && o->port != 0 && o->port != (unsigned long)port)
		return err_set(e, ERR_USAGE, "the secret has another \"port\" "
		    "than the option says");
	p->port = o->port != 0 ? (int)o->port : v != NULL ? (int)port :
	    p->engine == ENGINE_POSTGRES ? 5432 : 3306;
	return 0;
}

static int
check_host(const char *host, struct err *e)
{
	if (host[0] == '\0' || strlen(host) > 253 || host[0] == '-' ||
	    strspn(host, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") != strlen(host))
		return err_set(e, ERR_USAGE, "'%s' is not the name of a host",
		    host);
	return 0;
}

static int
settle(struct place *p, const struct opts *o, const json_t *secret,
    struct err *e)
{
	const char *engine;

	if (choose(&engine, o->engine, secret, "engine", e) == -1 ||
	    choose(&p->host, o->host, secret, "host", e) == -1 ||
	    choose(&p->database, o->source_database, secret, "dbname", e) ==
	    -1)
		return -1;
	if (engine == NULL)
		return err_set(e, ERR_USAGE, "--engine is missing");
	p->engine = federate_engine(engine, e);
	if (p->engine == ENGINE_NONE)
		return -1;
	if (p->host == NULL)
		return err_set(e, ERR_USAGE, "--host is missing");
	if (p->database == NULL)
		return err_set(e, ERR_USAGE, "--source-database is missing");
	if (p->engine == ENGINE_MYSQL && o->source_schema != NULL)
		return err_set(e, ERR_USAGE, "MySQL has no schemas: leave "
		    "--source-schema out");
	p->schema = o->source_schema != NULL ? o->source_schema : "public";
	return check_host(p->host, e) == -1 ? -1 :
	    choose_port(p, o, secret, e);
}

static const char *
kind_of(const struct place *p)
{
	return p->engine == ENGINE_POSTGRES ? "3" : "8";
}

static void
make_schema(struct gen *g, const struct opts *o, const struct place *p)
{
	gen_sql(g, "CREATE EXTERNAL SCHEMA %I FROM %s DATABASE %L", o->schema,
	    p->engine == ENGINE_POSTGRES ? "POSTGRES" : "MYSQL", p->database);
	if (p->engine == ENGINE_POSTGRES)
		gen_sql(g, " SCHEMA %L", p->schema);
	gen_sql(g, " URI %L PORT %d", p->host, p->port);
	chain_sql(p->chain, &g->sql);
	gen_sql(g, " SECRET_ARN %L", o->secret_arn);
	gen_unless(g, "SELECT 1 FROM svv_external_schemas "
	    "WHERE TRIM(schemaname) = %N AND eskind = %s "
	    "AND TRIM(databasename) = %L", o->schema, kind_of(p),
	    p->database);
	gen_add(g, "make external schema '%s' of database '%s'", o->schema,
	    p->database);
}

/* "table", or "table=view". */
static void
split_table(const char *text, char **table, char **view)
{
	const char *equals = strchr(text, '=');

	*table = equals == NULL ? xstrdup(text) :
	    xstrndup(text, (size_t)(equals - text));
	*view = xstrdup(equals == NULL ? text : equals + 1);
}

static void
unless_view(struct gen *g, const struct opts *o, const char *view)
{
	if (o->materialized)
		gen_unless(g, "SELECT 1 FROM svv_mv_info "
		    "WHERE TRIM(database_name) = %N "
		    "AND TRIM(schema_name) = %N AND TRIM(name) = %N",
		    o->database, o->view_schema, view);
	else
		gen_unless(g, "SELECT 1 FROM svv_redshift_tables "
		    "WHERE TRIM(database_name) = %N "
		    "AND TRIM(schema_name) = %N AND TRIM(table_name) = %N",
		    o->database, o->view_schema, view);
}

/*
 * A view of an external table has to be late-binding. A materialized one
 * cannot refresh by itself, and each refresh reads the whole table.
 */
static void
make_view(struct gen *g, const struct opts *o, const char *text)
{
	char *table, *view;

	split_table(text, &table, &view);
	gen_sql(g, "CREATE %sVIEW %I.%I%s AS SELECT * FROM %I.%I%s",
	    o->materialized ? "MATERIALIZED " : "", o->view_schema, view,
	    o->materialized ? " AUTO REFRESH NO" : "", o->schema, table,
	    o->materialized ? "" : " WITH NO SCHEMA BINDING");
	unless_view(g, o, view);
	if (o->materialized)
		gen_alone(g);
	gen_add(g, "make view '%s' of table '%s'", view, table);
	free(table);
	free(view);
}

static void
drop_view(struct gen *g, const struct opts *o, const char *text)
{
	char *table, *view;

	split_table(text, &table, &view);
	gen_sql(g, "DROP %sVIEW IF EXISTS %I.%I",
	    o->materialized ? "MATERIALIZED " : "", o->view_schema, view);
	gen_unless(g, "SELECT 1 WHERE NOT EXISTS (");
	unless_view(g, o, view);
	gen_unless(g, ")");
	if (o->materialized)
		gen_alone(g);
	gen_add(g, "drop view '%s'", view);
	free(table);
	free(view);
}

static void
drop_schema(struct gen *g, const struct opts *o)
{
	gen_sql(g, "DROP SCHEMA %I", o->schema);
	gen_unless(g, "SELECT 1 WHERE NOT EXISTS (SELECT 1 "
	    "FROM svv_external_schemas WHERE TRIM(schemaname) = %N "
	    "AND eskind IN (3, 8))", o->schema);
	gen_add(g, "drop external schema '%s'", o->schema);
}

static void
monitor(struct gen *g, const struct opts *o)
{
	gen_sql(g, "SELECT query_id, start_time, end_time, "
	    "duration / 1000000.0 AS duration_s, returned_rows, "
	    "returned_bytes, TRIM(table_name) AS table_name, "
	    "TRIM(external_query_text) AS external_query_text "
	    "FROM sys_external_query_detail WHERE source_type <> 'S3' "
	    "AND start_time > DATEADD(hour, -1, GETDATE()) "
	    "ORDER BY start_time DESC LIMIT 100");
	gen_add(g, "what was asked of the source in the last hour");
	gen_sql(g, "SELECT TRIM(schemaname) AS schemaname, eskind, "
	    "TRIM(databasename) AS databasename, esoptions "
	    "FROM svv_external_schemas WHERE TRIM(schemaname) = %N",
	    o->schema);
	gen_add(g, "what external schema '%s' stands for", o->schema);
}

static void
make(struct gen *g, const struct opts *o, const struct place *p)
{
	if (o->monitor) {
		monitor(g, o);
		return;
	}
	if (!o->remove)
		make_schema(g, o, p);
	for (size_t i = 0; i < o->tables.n; i++)
		if (o->remove)
			drop_view(g, o, o->tables.v[i]);
		else
			make_view(g, o, o->tables.v[i]);
	if (o->remove)
		drop_schema(g, o);
}

static int
generate(const struct opts *o, const struct place *p,
    const struct warehouses *fleet, struct rec_out *out, struct err *e)
{
	struct gen g;

	gen_init(&g, o->case_sensitive, e);
	for (size_t i = 0; i < fleet->n && e->kind == ERR_NONE; i++) {
		gen_at(&g, fleet->v[i].name, o->database);
		make(&g, o, p);
	}
	gen_write(&g, out);
	gen_release(&g);
	return e->kind == ERR_NONE ? 0 : -1;
}

static int
check(struct chain *chain, const struct opts *o, struct err *e)
{
	struct arn secret;

	if (o->engine != NULL && federate_engine(o->engine, e) == ENGINE_NONE)
		return -1;
	if (o->schema == NULL)
		return err_set(e, ERR_USAGE, "--schema is missing");
	if (o->remove || o->monitor)
		return 0;
	if (o->secret_arn == NULL)
		return err_set(e, ERR_USAGE, "--secret-arn is missing");
	if (arn_expect(o->secret_arn, "secretsmanager", "secret:", &secret,
	    e) == -1)
		return err_prefix(e, "--secret-arn");
	if (chain_parse(chain, &o->roles, e) == -1)
		return -1;
	if (chain->n == 0 && !chain->is_default)
		return err_set(e, ERR_USAGE, "--role is missing");
	return 0;
}

static int
read_secret(const struct opts *o, json_t **secret, struct err *e)
{
	struct aws *a = aws_open(&o->aws, e);
	int rc = a == NULL ? -1 : secrets_database(a, o->secret_arn, secret,
	    e);

	aws_close(a);
	return rc;
}

int
federate_schema(const struct opts *o, const struct warehouses *fleet,
    struct rec_out *out, struct err *e)
{
	struct chain chain = { 0 };
	struct place place = { .chain = &chain };
	json_t *secret = NULL;
	bool makes = !o->remove && !o->monitor;
	int rc = check(&chain, o, e);

	if (rc == 0 && makes && o->from_secret)
		rc = read_secret(o, &secret, e);
	if (rc == 0 && makes)
		rc = settle(&place, o, secret, e);
	if (rc == 0)
		rc = generate(o, &place, fleet, out, e);
	secrets_free(secret);
	chain_release(&chain);
	return rc;
}
