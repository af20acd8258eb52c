/*
 * rs-federate_source.c - is the source of a zero-ETL integration fit for it?
 *
 * Versions and parameters are those of the RDS and Aurora guides, "Zero-ETL
 * integrations", where two pages differ the stricter.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/api.h"
#include "base/alloc.h"
#include "rs-federate_zero.h"

struct parameter {
	const char *name, *value;
};

struct engine {
	const char *name;
	const char *after;	/* the version starts behind this word */
	int least[4][3];	/* major, minor, patch; one row a major */
	struct parameter parameters[8];
};

static const struct engine engines[] = {
	{ "aurora-mysql", "mysql_aurora.", { { 3, 5, 2 } }, {
		{ "aurora_enhanced_binlog", "1" },
		{ "binlog_format", "ROW" },
		{ "binlog_row_image", "full" },
		{ "binlog_row_metadata", "full" },
		{ "binlog_backup", "0" },
		{ "binlog_replication_globaldb", "0" } } },
	{ "aurora-postgresql", "", { { 16, 4, 0 }, { 17, 4, 0 } }, {
		{ "rds.logical_replication", "1" },
		{ "aurora.enhanced_logical_replication", "1" },
		{ "aurora.logical_replication_backup", "0" },
		{ "aurora.logical_replication_globaldb", "0" } } },
	{ "mysql", "", { { 8, 0, 0 } }, {
		{ "binlog_format", "ROW" },
		{ "binlog_row_image", "full" } } },
	{ "postgres", "", { { 15, 11, 0 }, { 16, 7, 0 }, { 17, 3, 0 } }, {
		{ "rds.logical_replication", "1" } } },
	{ "oracle-ee", "", { { 19, 0, 0 } }, { { NULL, NULL } } },
	{ "oracle-se2", "", { { 19, 0, 0 } }, { { NULL, NULL } } }
};

/* What DescribeDBClusters or DescribeDBInstances says; owned. */
struct database {
	char *engine, *version, *group;
	bool cluster;
};

static void
database_release(struct database *d)
{
	free(d->engine);
	free(d->version);
	free(d->group);
}

static int
describe(struct zero *z, struct database *d, struct err *e)
{
	const char *id = strchr(z->source.resource, ':') + 1;
	const struct xml *x;
	struct form form = { 0 };
	struct xml *reply = NULL;
	int rc;

	form_set(&form, d->cluster ? "DBClusterIdentifier" :
	    "DBInstanceIdentifier", id);
	rc = aws_query(z->a, AWS_RDS, d->cluster ? "DescribeDBClusters" :
	    "DescribeDBInstances", &form, &reply, e);
	form_release(&form);
	if (rc == -1)
		return err_prefix(e, "cannot describe source '%s'", id);
	x = xml_first(reply, d->cluster ? "DBClusters" : "DBInstances");
	d->engine = xstrdup(xml_text(x, "Engine"));
	d->version = xstrdup(xml_text(x, "EngineVersion"));
	d->group = xstrdup(d->cluster ?
	    xml_text(x, "DBClusterParameterGroup") :
	    xml_text(xml_first(x, "DBParameterGroups"),
	    "DBParameterGroupName"));
	xml_free(reply);
	if (d->engine == NULL || d->version == NULL || d->group == NULL)
		return err_set(e, ERR_AWS, "the description of source '%s' "
		    "is not whole", id);
	return 0;
}

static const struct engine *
engine_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(engines); i++)
		if (strcmp(engines[i].name, name) == 0)
			return &engines[i];
	return NULL;
}

/* A later major than any listed is newer than these rules, and fine. */
static bool
version_ok(const struct engine *engine, const char *version)
{
	const char *start = strstr(version, engine->after);
	int v[3] = { 0 }, i;

	if (start == NULL || sscanf(start + strlen(engine->after),
	    "%d.%d.%d", &v[0], &v[1], &v[2]) < 1)
		return false;
	for (i = 0; i < 4 && engine->least[i][0] != 0; i++)
		if (engine->least[i][0] == v[0])
			return v[1] > engine->least[i][1] ||
			    (v[1] == engine->least[i][1] &&
			    v[2] >= engine->least[i][2]);
	return v[0] > engine->least[i - 1][0];
}

static void
check_version(struct zero *z, const struct engine *engine,
    const struct database *d)
{
	char *detail = xasprintf("%s %s", d->engine, d->version);

	if (engine == NULL)
		zero_link(z, "source", LINK_WRONG, detail,
		    "use a source that zero-ETL supports: Aurora or RDS of "
		    "MySQL or PostgreSQL, RDS for Oracle");
	else if (!version_ok(engine, d->version))
		zero_link(z, "source", LINK_WRONG, detail,
		    "upgrade the source to a version that zero-ETL supports");
	else
		zero_link(z, "source", LINK_DONE, detail, NULL);
	free(detail);
}

struct comparison {
	const struct engine *engine;
	bool seen[8];
	struct buf wrong;	/* "name is X, not Y; ..." */
	bool full;
};

static int
compare(void *ctx, const struct xml *page, struct err *e)
{
	struct comparison *c = ctx;
	const struct parameter *p;
	const char *name, *value;

	(void)e;
	for (const struct xml *x = xml_first(page, "Parameters"); x != NULL;
	    x = x->next) {
		name = xml_text(x, "ParameterName");
		value = xml_text(x, "ParameterValue");
		for (int i = 0; i < 8; i++) {
			p = &c->engine->parameters[i];
			if (p->name == NULL || name == NULL ||
			    strcmp(p->name, name) != 0)
				continue;
			c->seen[i] = true;
			if (value == NULL || strcasecmp(value, p->value) != 0)
				c->full |= buf_printf(&c->wrong,
				    "%s%s is '%s', not '%s'",
				    c->wrong.len > 0 ? "; " : "", name,
				    value != NULL ? value : "", p->value) ==
				    -1;
		}
	}
	return 0;
}

static void
tell_parameters(struct zero *z, struct comparison *c,
    const struct database *d)
{
	char *remedy = xasprintf("set them in parameter group '%s' (not a "
	    "default one) and restart the source", d->group);

	for (int i = 0; i < 8; i++)
		if (c->engine->parameters[i].name != NULL && !c->seen[i])
			c->full |= buf_printf(&c->wrong, "%s%s is not there",
			    c->wrong.len > 0 ? "; " : "",
			    c->engine->parameters[i].name) == -1;
	if (c->wrong.len > 0)
		zero_link(z, "source_parameters", LINK_WRONG, c->wrong.s,
		    remedy);
	else
		zero_link(z, "source_parameters", LINK_DONE, d->group, NULL);
	free(remedy);
}

static int
check_parameters(struct zero *z, const struct engine *engine,
    const struct database *d, struct err *e)
{
	struct comparison c = { .engine = engine };
	struct form form = { 0 };
	int rc;

	buf_init(&c.wrong, 4096);
	form_set(&form, d->cluster ? "DBClusterParameterGroupName" :
	    "DBParameterGroupName", d->group);
	rc = aws_query_pages(z->a, AWS_RDS, d->cluster ?
	    "DescribeDBClusterParameters" : "DescribeDBParameters", &form,
	    "Marker", "Marker", compare, &c, e);
	if (rc == -1)
		err_prefix(e, "cannot read parameter group '%s'", d->group);
	else
		tell_parameters(z, &c, d);
	form_release(&form);
	buf_release(&c.wrong);
	return rc;
}

int
zero_source(struct zero *z, struct err *e)
{
	struct database d = { .cluster = strncmp(z->source.resource,
	    "cluster:", 8) == 0 };
	const struct engine *engine;
	int rc;

	if (z->keeper != INTEGRATION_RDS) {
		zero_link(z, "source", LINK_UNKNOWN, z->o->source_arn,
		    z->keeper == INTEGRATION_GLUE ?
		    "set the source up for change capture as for a DMS task" :
		    "see the source's own guide for what it needs");
		return 0;
	}
	rc = describe(z, &d, e);
	if (rc == 0) {
		engine = engine_find(d.engine);
		check_version(z, engine, &d);
		if (engine != NULL && engine->parameters[0].name != NULL)
			rc = check_parameters(z, engine, &d, e);
	}
	database_release(&d);
	return rc;
}
