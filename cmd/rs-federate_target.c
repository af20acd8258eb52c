/*
 * rs-federate_target.c - may, and can, the target take an integration?
 */
#include <stdlib.h>
#include <string.h>

#include "aws/api.h"
#include "aws/serverless.h"
#include "base/alloc.h"
#include "base/member.h"
#include "rs-federate_zero.h"

static const char KEY[] = "enable_case_sensitive_identifier";

/* The workgroup of the namespace with this ARN; both maps are by name. */
static const json_t *
workgroup_of(const char *arn, const json_t *namespaces,
    const json_t *workgroups)
{
	const char *name, *key, *is;
	const json_t *v, *w;

	json_object_foreach((json_t *)namespaces, name, v) {
		is = member_of(v, "namespaceArn");
		if (is == NULL || strcmp(is, arn) != 0)
			continue;
		json_object_foreach((json_t *)workgroups, key, w) {
			is = member_of(w, "namespaceName");
			if (is != NULL && strcmp(is, name) == 0)
				return w;
		}
	}
	return NULL;
}

static bool
is_case_sensitive(const json_t *workgroup)
{
	const json_t *list = json_object_get(workgroup, "configParameters");
	const json_t *p;
	const char *key, *value;
	size_t i;

	json_array_foreach(list, i, p) {
		key = member_of(p, "parameterKey");
		value = member_of(p, "parameterValue");
		if (key != NULL && value != NULL && strcmp(key, KEY) == 0)
			return strcmp(value, "true") == 0;
	}
	return false;
}

static void
tell_workgroup(struct zero *z, const json_t *workgroup)
{
	const char *name = member_of(workgroup, "workgroupName");
	char *remedy;

	if (workgroup == NULL) {
		zero_link(z, "target", LINK_MISSING, z->o->target_arn,
		    "the target has to be the namespace of a workgroup here");
		return;
	}
	if (is_case_sensitive(workgroup)) {
		zero_link(z, "target", LINK_DONE, name, NULL);
		return;
	}
	remedy = xasprintf("aws redshift-serverless update-workgroup "
	    "--workgroup-name %s --config-parameters "
	    "parameterKey=%s,parameterValue=true", name, KEY);
	zero_link(z, "target", LINK_WRONG,
	    "names on the target are not case-sensitive", remedy);
	free(remedy);
}

static int
check_serverless(struct zero *z, struct err *e)
{
	json_t *namespaces = NULL, *workgroups = NULL;
	int rc;

	rc = sls_namespaces(z->a, NULL, 0, &namespaces, e);
	if (rc == 0)
		rc = sls_workgroups(z->a, NULL, 0, &workgroups, e);
	if (rc == 0)
		tell_workgroup(z, workgroup_of(z->o->target_arn, namespaces,
		    workgroups));
	json_decref(namespaces);
	json_decref(workgroups);
	return rc;
}

/* Is the text anywhere in the value: itself, in a list, in an object? */
static bool
holds(const json_t *v, const char *text)
{
	const char *name;
	const json_t *item;
	size_t i;

	if (json_is_string(v))
		return strcmp(json_string_value(v), text) == 0;
	json_array_foreach(v, i, item) {
		if (holds(item, text))
			return true;
	}
	json_object_foreach((json_t *)v, name, item) {
		if (holds(item, text))
			return true;
	}
	return false;
}

/*
 * Does the policy allow the action? With a source: to Redshift itself, on
 * condition of that source.
 */
static bool
allows(const json_t *policy, const char *action, const char *source)
{
	const json_t *list = json_object_get(policy, "Statement"), *s;
	const char *effect;
	size_t i;

	json_array_foreach(list, i, s) {
		effect = member_of(s, "Effect");
		if (effect == NULL || strcmp(effect, "Allow") != 0 ||
		    !holds(json_object_get(s, "Action"), action))
			continue;
		if (source == NULL)
			return true;
		if (holds(json_object_get(s, "Principal"),
		    "redshift.amazonaws.com") &&
		    holds(json_object_get(s, "Condition"), source))
			return true;
	}
	return false;
}

static void
tell_policy(struct zero *z, const json_t *policy)
{
	static const char remedy[] = "add it to the resource policy of the "
	    "target: the console's 'Resource policy', or aws redshift "
	    "put-resource-policy";
	static const char source[] = "redshift:AuthorizeInboundIntegration";
	static const char principal[] = "redshift:CreateInboundIntegration";

	if (allows(policy, source, z->o->source_arn))
		zero_link(z, "authorized_source", LINK_DONE,
		    z->o->source_arn, NULL);
	else
		zero_link(z, "authorized_source", LINK_MISSING, source,
		    remedy);
	if (allows(policy, principal, NULL))
		zero_link(z, "authorized_principal", LINK_DONE, principal,
		    NULL);
	else
		zero_link(z, "authorized_principal", LINK_MISSING, principal,
		    remedy);
}

static int
check_policy(struct zero *z, struct err *e)
{
	struct form form = { 0 };
	struct xml *reply = NULL;
	const char *text;
	json_t *policy;
	int rc;

	form_set(&form, "ResourceArn", z->o->target_arn);
	rc = aws_query(z->a, AWS_REDSHIFT, "GetResourcePolicy", &form, &reply,
	    e);
	form_release(&form);
	if (rc == -1 && !err_is(e, "ResourceNotFoundFault"))
		return err_prefix(e, "cannot read the resource policy of "
		    "'%s'", z->o->target_arn);
	if (rc == -1)
		memset(e, 0, sizeof(*e));	/* none: that is an answer */
	text = xml_text(reply, "ResourcePolicy/Policy");
	policy = text != NULL ? json_loads(text, 0, NULL) : NULL;
	tell_policy(z, policy);
	json_decref(policy);
	xml_free(reply);
	return 0;
}

int
zero_target(struct zero *z, struct err *e)
{
	if (strcmp(z->target.service, "redshift-serverless") != 0)
		zero_link(z, "target", LINK_UNKNOWN, z->o->target_arn,
		    "enable_case_sensitive_identifier has to be on in the "
		    "cluster's parameter group");
	else if (check_serverless(z, e) == -1)
		return -1;
	return check_policy(z, e);
}
