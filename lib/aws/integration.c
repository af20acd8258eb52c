/* integration.c - zero-ETL integrations, whichever service keeps them */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/api.h"
#include "aws/integration.h"
#include "base/alloc.h"
#include "base/member.h"

static const char *const words[] = {
	[INTEGRATION_ABSENT] = "absent",
	[INTEGRATION_CREATING] = "creating",
	[INTEGRATION_ACTIVE] = "active",
	[INTEGRATION_MODIFYING] = "modifying",
	[INTEGRATION_SYNCING] = "syncing",
	[INTEGRATION_NEEDS_ATTENTION] = "needs_attention",
	[INTEGRATION_FAILED] = "failed",
	[INTEGRATION_DELETING] = "deleting"
};

enum integration_keeper
integration_keeper(const struct arn *source)
{
	if (strcmp(source->service, "rds") == 0)
		return INTEGRATION_RDS;
	if (strcmp(source->service, "dms") == 0 ||
	    strcmp(source->service, "glue") == 0)
		return INTEGRATION_GLUE;
	return INTEGRATION_REDSHIFT;
}

/* Glue writes the same words in capitals. */
static enum integration_status
status_of(const char *word)
{
	for (size_t i = INTEGRATION_CREATING; i < ARRAY_LEN(words); i++)
		if (strcasecmp(word, words[i]) == 0)
			return (enum integration_status)i;
	return INTEGRATION_OTHER;
}

void
integration_release(struct integration *i)
{
	free(i->word);
	free(i->arn);
	free(i->source);
	free(i->target);
	free(i->error);
	memset(i, 0, sizeof(*i));
}

struct search {
	const char *name;
	struct integration *found;
};

static void
fill(struct integration *i, const char *status, const char *arn,
    const char *source, const char *target, const char *error)
{
	integration_release(i);
	i->word = xstrdup(status != NULL ? status : "unknown");
	i->status = status_of(i->word);
	i->arn = xstrdup(arn);
	i->source = xstrdup(source);
	i->target = xstrdup(target);
	i->error = xstrdup(error);
}

static int
search_xml(void *ctx, const struct xml *page, struct err *e)
{
	struct search *s = ctx;
	const char *name;

	(void)e;
	for (const struct xml *x = xml_first(page, "Integrations"); x != NULL;
	    x = x->next) {
		name = xml_text(x, "IntegrationName");
		if (name != NULL && strcmp(name, s->name) == 0)
			fill(s->found, xml_text(x, "Status"),
			    xml_text(x, "IntegrationArn"),
			    xml_text(x, "SourceArn"),
			    xml_text(x, "TargetArn"),
			    xml_text(xml_first(x, "Errors"), "ErrorMessage"));
	}
	return 0;
}

static void
search_json(struct search *s, const json_t *page)
{
	const json_t *list = json_object_get(page, "Integrations"), *x;
	const char *name;
	size_t i;

	json_array_foreach(list, i, x) {
		name = member_of(x, "IntegrationName");
		if (name != NULL && strcmp(name, s->name) == 0)
			fill(s->found, member_of(x, "Status"),
			    member_of(x, "IntegrationArn"),
			    member_of(x, "SourceArn"),
			    member_of(x, "TargetArn"),
			    member_of(json_array_get(json_object_get(x,
			    "Errors"), 0), "ErrorMessage"));
	}
}

/* Glue's pages go by "Marker"; one that comes twice would never end. */
static int
search_glue(struct aws *a, struct search *s, struct err *e)
{
	json_t *body = json_object(), *page;
	const char *marker;
	int rc = 0;
	bool more = true;

	while (rc == 0 && more) {
		rc = aws_json(a, AWS_GLUE, "DescribeIntegrations", body,
		    &page, e);
		if (rc == -1)
			break;
		search_json(s, page);
		marker = member_of(page, "Marker");
		more = marker != NULL && *marker != '\0';
		if (more && member_of(body, "Marker") != NULL &&
		    strcmp(marker, member_of(body, "Marker")) == 0)
			rc = err_set(e, ERR_AWS, "Glue gave the same page of "
			    "integrations twice");
		if (more)
			json_object_set_new(body, "Marker",
			    json_string(marker));
		json_decref(page);
	}
	json_decref(body);
	return rc;
}

int
integration_find(struct aws *a, enum integration_keeper keeper,
    const char *name, struct integration *out, struct err *e)
{
	struct integration found = { .word = xstrdup(words[0]) };
	struct search search = { .name = name, .found = &found };
	struct form form = { 0 };
	int rc;

	if (keeper == INTEGRATION_GLUE)
		rc = search_glue(a, &search, e);
	else
		rc = aws_query_pages(a, keeper == INTEGRATION_RDS ? AWS_RDS :
		    AWS_REDSHIFT, "DescribeIntegrations", &form, "Marker",
		    "Marker", search_xml, &search, e);
	form_release(&form);
	if (rc == -1) {
		integration_release(&found);
		return err_prefix(e, "cannot look for integration '%s'", name);
	}
	integration_release(out);
	*out = found;
	return 0;
}

static void
set(struct form *form, const char *name, const char *value)
{
	if (value != NULL)
		form_set(form, name, value);
}

static int
create_query(struct aws *a, enum integration_keeper keeper,
    const struct integration_wish *w, struct err *e)
{
	struct form form = { 0 };
	struct xml *reply = NULL;
	int rc;

	set(&form, "IntegrationName", w->name);
	set(&form, "SourceArn", w->source);
	set(&form, "TargetArn", w->target);
	set(&form, "KMSKeyId", w->kms_key);
	if (keeper == INTEGRATION_RDS)
		set(&form, "DataFilter", w->data_filter);
	rc = aws_query(a, keeper == INTEGRATION_RDS ? AWS_RDS : AWS_REDSHIFT,
	    "CreateIntegration", &form, &reply, e);
	xml_free(reply);
	form_release(&form);
	return rc;
}

static int
create_glue(struct aws *a, const struct integration_wish *w, struct err *e)
{
	json_t *config = NULL, *body, *reply = NULL;
	int rc;

	if (w->subnets != NULL)
		config = json_pack("{s:{s:s, s:s*}}", "SourceProperties",
		    "SubnetIds", w->subnets, "VpcSecurityGroupIds",
		    w->security_groups);
	body = json_pack("{s:s, s:s, s:s, s:s*, s:s*, s:o*}",
	    "IntegrationName", w->name, "SourceArn", w->source,
	    "TargetArn", w->target, "KmsKeyId", w->kms_key,
	    "DataFilter", w->data_filter, "IntegrationConfig", config);
	rc = aws_json(a, AWS_GLUE, "CreateIntegration", body, &reply, e);
	json_decref(reply);
	json_decref(body);
	return rc;
}

int
integration_create(struct aws *a, enum integration_keeper keeper,
    const struct integration_wish *w, struct err *e)
{
	int rc = keeper == INTEGRATION_GLUE ? create_glue(a, w, e) :
	    create_query(a, keeper, w, e);

	return rc == 0 ? 0 : err_prefix(e, "cannot create integration '%s'",
	    w->name);
}

int
integration_delete(struct aws *a, enum integration_keeper keeper,
    const char *arn, struct err *e)
{
	struct form form = { 0 };
	struct xml *xml = NULL;
	json_t *body, *reply = NULL;
	int rc;

	if (keeper == INTEGRATION_GLUE) {
		body = json_pack("{s:s}", "IntegrationIdentifier", arn);
		rc = aws_json(a, AWS_GLUE, "DeleteIntegration", body, &reply,
		    e);
		json_decref(body);
		json_decref(reply);
	} else {
		form_set(&form, keeper == INTEGRATION_RDS ?
		    "IntegrationIdentifier" : "IntegrationArn", arn);
		rc = aws_query(a, keeper == INTEGRATION_RDS ? AWS_RDS :
		    AWS_REDSHIFT, "DeleteIntegration", &form, &xml, e);
		xml_free(xml);
		form_release(&form);
	}
	return rc == 0 ? 0 : err_prefix(e, "cannot delete integration '%s'",
	    arn);
}
