/* serverless.c - the Redshift Serverless calls the suite makes */
#include <string.h>
#include <strings.h>

#include "aws/api.h"
#include "aws/serverless.h"

enum { PAGE_SIZE = 100 };	/* the most the List operations allow */

/* What differs between the two things that have a name and a status. */
struct noun {
	const char *get, *list;	/* operations */
	const char *name;	/* member that names it, and Get's parameter */
	const char *one, *many;	/* members of the answers */
};

static const struct noun workgroup = {
	"GetWorkgroup", "ListWorkgroups", "workgroupName", "workgroup",
	"workgroups"
};

static const struct noun namespace = {
	"GetNamespace", "ListNamespaces", "namespaceName", "namespace",
	"namespaces"
};

struct listing {
	const struct noun *noun;
	char *const *names;	/* NULL: all */
	size_t n;
	json_t *by_name;
};

static bool
is_wanted(const struct listing *l, const char *name)
{
	if (l->names == NULL)
		return true;
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->names[i], name) == 0)
			return true;
	return false;
}

static int
keep_page(void *ctx, json_t *page, struct err *e)
{
	struct listing *l = ctx;
	json_t *item, *items = json_object_get(page, l->noun->many);
	const char *name;
	size_t i;

	if (!json_is_array(items))
		return err_set(e, ERR_AWS, "%s answered without \"%s\"",
		    l->noun->list, l->noun->many);
	json_array_foreach(items, i, item) {
		name = json_string_value(json_object_get(item,
		    l->noun->name));
		if (name == NULL)
			return err_set(e, ERR_AWS, "%s answered with an item "
			    "that has no \"%s\"", l->noun->list,
			    l->noun->name);
		if (is_wanted(l, name))
			json_object_set(l->by_name, name, item);
	}
	return 0;
}

static int
get_one(struct aws *a, const struct noun *noun, const char *name,
    json_t *by_name, struct err *e)
{
	json_t *reply, *item, *body = json_pack("{s:s}", noun->name, name);
	int rc = aws_json(a, AWS_REDSHIFT_SERVERLESS, noun->get, body, &reply,
	    e);

	json_decref(body);
	if (rc == -1 && err_is(e, "ResourceNotFoundException")) {
		memset(e, 0, sizeof(*e));
		return 0;
	}
	if (rc == -1)
		return err_prefix(e, "cannot describe %s '%s'", noun->one,
		    name);
	item = json_object_get(reply, noun->one);
	if (json_is_object(item))
		json_object_set(by_name, name, item);
	else
		rc = err_set(e, ERR_AWS, "%s '%s' answered without \"%s\"",
		    noun->get, name, noun->one);
	json_decref(reply);
	return rc;
}

static int
list_many(struct aws *a, struct listing *l, struct err *e)
{
	json_t *body = json_pack("{s:i}", "maxResults", PAGE_SIZE);
	int rc = aws_json_pages(a, AWS_REDSHIFT_SERVERLESS, l->noun->list,
	    body, keep_page, l, e);

	json_decref(body);
	return rc == -1 ? err_prefix(e, "cannot list %s", l->noun->many) : 0;
}

static int
describe(struct aws *a, const struct noun *noun, char *const *names,
    size_t n, json_t **by_name, struct err *e)
{
	struct listing l = { noun, names, n, json_object() };
	int rc = 0;

	if (names != NULL && n == 1)
		rc = get_one(a, noun, names[0], l.by_name, e);
	else if (names == NULL || n > 0)
		rc = list_many(a, &l, e);
	if (rc == 0)
		*by_name = l.by_name;
	else
		json_decref(l.by_name);
	return rc;
}

int
sls_workgroups(struct aws *a, char *const *names, size_t n,
    json_t **by_name, struct err *e)
{
	return describe(a, &workgroup, names, n, by_name, e);
}

int
sls_namespaces(struct aws *a, char *const *names, size_t n,
    json_t **by_name, struct err *e)
{
	return describe(a, &namespace, names, n, by_name, e);
}

static int
keep_endpoints(void *ctx, json_t *page, struct err *e)
{
	json_t *endpoints = json_object_get(page, "endpoints");

	if (!json_is_array(endpoints))
		return err_set(e, ERR_AWS,
		    "ListEndpointAccess answered without \"endpoints\"");
	json_array_extend(ctx, endpoints);
	return 0;
}

int
sls_endpoints(struct aws *a, const char *name, json_t **array,
    struct err *e)
{
	json_t *all = json_array(), *body;
	int rc;

	body = json_pack("{s:i, s:s*}", "maxResults", PAGE_SIZE,
	    "workgroupName", name);
	rc = aws_json_pages(a, AWS_REDSHIFT_SERVERLESS, "ListEndpointAccess",
	    body, keep_endpoints, all, e);
	json_decref(body);
	if (rc == 0) {
		*array = all;
		return 0;
	}
	json_decref(all);
	if (name != NULL)
		return err_prefix(e, "cannot list the endpoints of "
		    "workgroup '%s'", name);
	return err_prefix(e, "cannot list endpoints");
}

enum sls_status
sls_status(const json_t *description)
{
	static const struct { const char *word; enum sls_status status; }
	words[] = {
		{ "CREATING", SLS_CREATING },
		{ "AVAILABLE", SLS_AVAILABLE },
		{ "MODIFYING", SLS_MODIFYING },
		{ "DELETING", SLS_DELETING }
	};
	const char *text = sls_status_text(description);

	if (description == NULL)
		return SLS_ABSENT;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i].word, text) == 0)
			return words[i].status;
	return SLS_OTHER;
}

const char *
sls_status_text(const json_t *description)
{
	const char *text;

	if (description == NULL)
		return "absent";
	text = json_string_value(json_object_get(description, "status"));
	return text != NULL ? text : "of unknown status";
}

int
sls_endpoint_active(const json_t *endpoint)
{
	const char *s = json_string_value(json_object_get(endpoint,
	    "endpointStatus"));

	return s != NULL && (strcasecmp(s, "ACTIVE") == 0 ||
	    strcasecmp(s, "AVAILABLE") == 0);
}
