/* rs-federate_zero.c - a zero-ETL integration, from source to database */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "rs-federate_zero.h"

/* An integration takes minutes, and is not told of when it is ready. */
static const double POLL_FLOOR = 1, POLL_CAP = 30;

static const double YEAR = 365.0 * 24 * 3600;	/* "never give up" */

enum { NAME_MAX_LEN = 63, FILTERS_MAX = 99, FILTER_MAX = 256 };

void
zero_link(struct zero *z, const char *step, enum link_state state,
    const char *detail, const char *remedy)
{
	static const char *const states[] = {
		[LINK_DONE] = "done", [LINK_WAITING] = "waiting",
		[LINK_UNKNOWN] = "unknown", [LINK_MISSING] = "missing",
		[LINK_WRONG] = "wrong"
	};

	z->faults += state == LINK_MISSING || state == LINK_WRONG;
	rec_write(z->out, json_pack("{s:s, s:s, s:s, s:s, s:s*, s:s*}",
	    "kind", "link", "chain", z->o->name, "step", step,
	    "status", states[state], "detail", detail, "remedy", remedy));
}

/*
 * Maxwell's syntax: "include: db.table, exclude: db.*", each at most 256
 * characters, 99 in all.
 */
static int
check_filter(const char *filter, struct err *e)
{
	char *copy = xstrdup(filter), *rest = copy, *part;
	size_t n = 0, len;
	int rc = 0;

	while (rc == 0 && (part = strsep(&rest, ",")) != NULL) {
		part += strspn(part, " ");
		len = strlen(part);
		if ((strncmp(part, "include:", 8) != 0 &&
		    strncmp(part, "exclude:", 8) != 0) ||
		    strchr(part, '.') == NULL || len > FILTER_MAX)
			rc = err_set(e, ERR_USAGE, "--data-filter: '%s' is "
			    "not include: or exclude: and a pattern such as "
			    "db.table", part);
		else if (++n > FILTERS_MAX)
			rc = err_set(e, ERR_USAGE, "--data-filter: more than "
			    "%d patterns", FILTERS_MAX);
	}
	free(copy);
	return rc;
}

static int
check_target(const struct zero *z, struct err *e)
{
	const struct arn *t = &z->target;
	bool serverless = strcmp(t->service, "redshift-serverless") == 0;

	if ((!serverless && strcmp(t->service, "redshift") != 0) ||
	    strncmp(t->resource, "namespace", 9) != 0)
		return err_set(e, ERR_USAGE, "--target-arn: '%s' is not the "
		    "ARN of a namespace of Redshift", z->o->target_arn);
	if (strcmp(t->region, z->source.region) != 0)
		return err_set(e, ERR_USAGE, "the source is in %s, the target "
		    "in %s; they have to be in one region", z->source.region,
		    t->region);
	if (!serverless || strcmp(z->source.service, "dms") != 0)
		return 0;
	err_set(e, ERR_USAGE, "an integration of a self-managed database does "
	    "not take Redshift Serverless for its target");
	return err_hint(e, "make a provisioned cluster (RA3) the target, and "
	    "share from there with rs-datashare-sql --producer-namespace");
}

static int
check(struct zero *z, struct err *e)
{
	const struct opts *o = z->o;
	size_t len = o->name != NULL ? strlen(o->name) : 0;

	if (o->name == NULL || o->source_arn == NULL || o->target_arn == NULL)
		return err_set(e, ERR_USAGE, "--name, --source-arn and "
		    "--target-arn are needed");
	if (len == 0 || len > NAME_MAX_LEN || strspn(o->name,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")
	    != len)
		return err_set(e, ERR_USAGE, "--name: '%s' is not 1 to %d "
		    "letters, digits and '-'", o->name, NAME_MAX_LEN);
	if (arn_parse(o->source_arn, &z->source, e) == -1 ||
	    arn_parse(o->target_arn, &z->target, e) == -1)
		return -1;
	z->keeper = integration_keeper(&z->source);
	if (z->keeper == INTEGRATION_RDS &&
	    strncmp(z->source.resource, "cluster:", 8) != 0 &&
	    strncmp(z->source.resource, "db:", 3) != 0)
		return err_set(e, ERR_USAGE, "--source-arn: '%s' is neither a "
		    "cluster nor an instance of RDS", o->source_arn);
	if (o->data_filter != NULL && check_filter(o->data_filter, e) == -1)
		return -1;
	return check_target(z, e);
}

/* Is what was found what is wished? */
static bool
is_ours(const struct zero *z)
{
	const struct integration *i = &z->found;

	return i->source != NULL && strcmp(i->source, z->o->source_arn) == 0 &&
	    i->target != NULL && strcmp(i->target, z->o->target_arn) == 0;
}

static void
link_integration(struct zero *z)
{
	const struct integration *i = &z->found;
	const char *detail = i->error != NULL ? i->error : i->word;

	if (i->status == INTEGRATION_ABSENT)
		zero_link(z, "integration", LINK_MISSING, i->word,
		    "say --create");
	else if (!is_ours(z))
		zero_link(z, "integration", LINK_WRONG,
		    "it has another source or target", "choose another name");
	else if (i->status == INTEGRATION_ACTIVE)
		zero_link(z, "integration", LINK_DONE, i->arn, NULL);
	else if (i->status == INTEGRATION_NEEDS_ATTENTION)
		zero_link(z, "integration", LINK_WRONG, detail,
		    "mend what it says; it goes on by itself");
	else if (i->status == INTEGRATION_FAILED ||
	    i->status == INTEGRATION_DELETING)
		zero_link(z, "integration", LINK_WRONG, detail,
		    "say --delete, then --create");
	else
		zero_link(z, "integration", LINK_WAITING, detail,
		    "say --wait");
}

static bool
is_over(const struct integration *i, bool gone)
{
	if (gone)
		return i->status == INTEGRATION_ABSENT;
	return i->status == INTEGRATION_ACTIVE ||
	    i->status == INTEGRATION_FAILED ||
	    i->status == INTEGRATION_NEEDS_ATTENTION ||
	    i->status == INTEGRATION_ABSENT;
}

/* Poll until it is active or broken; with `gone`, until there is none. */
static int
await(struct zero *z, bool gone, struct err *e)
{
	struct wait w;
	enum wait_result next;

	wait_begin(&w, z->o->timeout, POLL_FLOOR, POLL_CAP);
	while (!is_over(&z->found, gone)) {
		msg_progress("integration '%s' is %s", z->o->name,
		    z->found.word);
		next = wait_next(&w);
		if (next == WAIT_SIGNAL)
			return err_set(e, ERR_SIGNAL, "stopped by a signal");
		if (next == WAIT_DEADLINE)
			return err_set(e, ERR_DEADLINE, "gave up after %g s: "
			    "integration '%s' is %s", z->o->timeout,
			    z->o->name, z->found.word);
		if (integration_find(z->a, z->keeper, z->o->name, &z->found,
		    e) == -1)
			return -1;
	}
	msg_progress_end();
	return 0;
}

static int
remove_it(struct zero *z, struct err *e)
{
	if (z->found.status != INTEGRATION_ABSENT && !is_ours(z))
		return err_set(e, ERR_NO, "integration '%s' has another "
		    "source or target; it is left alone", z->o->name);
	if (z->found.status != INTEGRATION_ABSENT &&
	    z->found.status != INTEGRATION_DELETING &&
	    integration_delete(z->a, z->keeper, z->found.arn, e) == -1)
		return -1;
	if (z->o->wait && await(z, true, e) == -1)
		return -1;
	zero_link(z, "integration", LINK_DONE, "deleted", NULL);
	return 0;
}

static char *
joined(const struct opt_list *list)
{
	char *text = NULL, *longer;

	for (size_t i = 0; i < list->n; i++) {
		longer = text == NULL ? xstrdup(list->v[i]) :
		    xasprintf("%s,%s", text, list->v[i]);
		free(text);
		text = longer;
	}
	return text;
}

static int
create(struct zero *z, struct err *e)
{
	const struct opts *o = z->o;
	char *subnets = joined(&o->subnets);
	char *groups = joined(&o->security_groups);
	struct integration_wish wish = {
		.name = o->name, .source = o->source_arn,
		.target = o->target_arn, .kms_key = o->kms_key,
		.data_filter = o->data_filter, .subnets = subnets,
		.security_groups = groups
	};
	int rc = integration_create(z->a, z->keeper, &wish, e);

	if (rc == 0)
		rc = integration_find(z->a, z->keeper, o->name, &z->found, e);
	free(subnets);
	free(groups);
	return rc;
}

/* ...:integration:ID or .../ID */
static const char *
integration_id(const char *arn)
{
	const char *colon = strrchr(arn, ':'), *slash = strrchr(arn, '/');

	return slash != NULL && slash > colon ? slash + 1 : colon + 1;
}

/* A setting of CREATE DATABASE ... FROM INTEGRATION: TRUE, FALSE, seconds. */
static void
add_setting(struct gen *g, const char *lead, const char *text)
{
	static const char *const booleans[] = { "ACCEPTINVCHARS",
		"QUERY_ALL_STATES", "TRUNCATECOLUMNS", "HISTORY_MODE",
		"AUTO_REMEDIATION" };
	const char *equals = strchr(text, '='), *value = "";
	size_t len = equals != NULL ? (size_t)(equals - text) : 0;
	static const char interval[] = "REFRESH_INTERVAL";

	if (equals != NULL)
		value = equals + 1;
	if (len == strlen(interval) && strncasecmp(text, interval, len) == 0 &&
	    *value != '\0' && strspn(value, "0123456789") == strlen(value) &&
	    strlen(value) <= 6 && atoi(value) <= 432000) {
		gen_sql(g, "%s %s %s", lead, interval, value);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(booleans); i++)
		if (len == strlen(booleans[i]) &&
		    strncasecmp(text, booleans[i], len) == 0 &&
		    (strcasecmp(value, "true") == 0 ||
		    strcasecmp(value, "false") == 0)) {
			gen_sql(g, "%s %s = %s", lead, booleans[i], value);
			return;
		}
	err_set(g->e, ERR_USAGE, "--set: '%s' is neither "
	    "REFRESH_INTERVAL=0..432000 nor one of ACCEPTINVCHARS, "
	    "QUERY_ALL_STATES, TRUNCATECOLUMNS, HISTORY_MODE, "
	    "AUTO_REMEDIATION with true or false", text);
}

/* The first copy of all tables takes from minutes to days. */
static void
await_state(struct gen *g, const struct opts *o, const char *id)
{
	static const char query[] = "SELECT TRIM(state) AS state "
	    "FROM svv_integration WHERE TRIM(integration_id) = %L "
	    "AND TRIM(target_database) = %N AND TRIM(state) = %L";

	gen_sql(g, query, id, o->set_database, "CdcRefreshState");
	gen_fail_if(g, query, id, o->set_database, "ErrorState");
	gen_wait(g, o->timeout > 0 ? o->timeout : YEAR);
	gen_add(g, "wait until changes arrive in database '%s'",
	    o->set_database);
}

static void
make_database(struct gen *g, const struct opts *o, const char *id)
{
	gen_sql(g, "CREATE DATABASE %I FROM INTEGRATION %L", o->set_database,
	    id);
	if (o->source_database != NULL)
		gen_sql(g, " DATABASE %I", o->source_database);
	for (size_t i = 0; i < o->settings.n; i++)
		add_setting(g, i == 0 ? " SET" : "", o->settings.v[i]);
	gen_unless(g, "SELECT 1 FROM svv_integration "
	    "WHERE TRIM(integration_id) = %L AND TRIM(target_database) = %N",
	    id, o->set_database);
	gen_alone(g);
	gen_add(g, "make database '%s' of integration '%s'", o->set_database,
	    o->name);
	if (o->wait)
		await_state(g, o, id);
	gen_sql(g, "SELECT TRIM(target_database) AS target_database, "
	    "TRIM(state) AS state, current_lag / 1000.0 AS lag_s, "
	    "last_replicated_checkpoint, total_tables_replicated, "
	    "total_tables_failed, refresh_interval FROM svv_integration "
	    "WHERE TRIM(integration_id) = %L", id);
	gen_add(g, "in which state integration '%s' is, and how late",
	    o->name);
	gen_sql(g, "SELECT TRIM(schema_name) AS schema_name, "
	    "TRIM(table_name) AS table_name, "
	    "TRIM(table_state) AS table_state, TRIM(reason) AS reason "
	    "FROM svv_integration_table_state "
	    "WHERE TRIM(integration_id) = %L "
	    "AND TRIM(table_state) <> 'Synced'", id);
	gen_add(g, "which tables are not in step");
}

static int
generate(struct zero *z, const struct warehouses *fleet, struct err *e)
{
	struct gen g;

	gen_init(&g, z->o->case_sensitive, e);
	for (size_t i = 0; i < fleet->n; i++) {
		gen_at(&g, fleet->v[i].name, z->o->database);
		make_database(&g, z->o, integration_id(z->found.arn));
	}
	gen_write(&g, z->out);
	gen_release(&g);
	return e->kind == ERR_NONE ? 0 : -1;
}

static int
faulty(const struct zero *z, struct err *e)
{
	return err_set(e, ERR_NO, "integration '%s': %zu step%s missing or "
	    "wrong; the link records say what to do", z->o->name, z->faults,
	    z->faults == 1 ? " is" : "s are");
}

/* Look at everything, create where asked, wait, and say what follows. */
static int
walk(struct zero *z, const struct warehouses *fleet, struct err *e)
{
	const struct opts *o = z->o;

	if (integration_find(z->a, z->keeper, o->name, &z->found, e) == -1)
		return -1;
	if (o->drop)
		return remove_it(z, e);
	if (zero_source(z, e) == -1 || zero_target(z, e) == -1)
		return -1;
	if (o->create && z->found.status == INTEGRATION_ABSENT) {
		if (z->faults > 0)
			return faulty(z, e);
		if (create(z, e) == -1)
			return -1;
	}
	if (o->wait && await(z, false, e) == -1)
		return -1;
	link_integration(z);
	if (z->faults > 0)
		return faulty(z, e);
	return z->found.status == INTEGRATION_ACTIVE &&
	    o->set_database != NULL ? generate(z, fleet, e) : 0;
}

int
federate_zero(const struct opts *o, const struct warehouses *fleet,
    struct rec_out *out, struct err *e)
{
	struct zero z = { .o = o, .out = out };
	int rc = check(&z, e);

	if (rc == 0) {
		z.a = aws_open(&o->aws, e);
		rc = z.a == NULL ? -1 : walk(&z, fleet, e);
	}
	aws_close(z.a);
	integration_release(&z.found);
	return rc;
}
