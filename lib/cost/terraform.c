/* terraform.c - plans and states as 'terraform show -json' prints them */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/member.h"
#include "cost/terraform.h"

enum {
	DOCUMENT_MAX = 256 << 20,
	MODULES_MAX = 64,	/* modules within modules */
	DEFAULT_RPU = 128	/* of CreateWorkgroup, when none is given */
};

/* A resource on one side. */
struct resource {
	struct fleet *fleet;
	const char *address, *type;
	const json_t *values;
	const json_t *unknown;	/* members known only after apply, or NULL */
};

static json_t *
first(const json_t *object, const char *member)
{
	return json_array_get(json_object_get(object, member), 0);
}

/* The tags that are strings, or NULL when there are none. */
static json_t *
tags_of(const struct resource *r)
{
	const json_t *all = json_object_get(r->values, "tags_all");
	json_t *tags = json_object(), *value;
	const char *key;

	if (!json_is_object(all))
		all = json_object_get(r->values, "tags");
	json_object_foreach((json_t *)all, key, value) {
		if (json_is_string(value))
			json_object_set(tags, key, value);
	}
	if (json_object_size(tags) > 0)
		return tags;
	json_decref(tags);
	return NULL;
}

static void
set_common(const struct resource *r, json_t *object)
{
	const char *region = member_of(r->values, "region");
	json_t *tags = tags_of(r);

	if (region != NULL)
		json_object_set_new(object, "region", json_string(region));
	if (tags != NULL)
		json_object_set_new(object, "tags", tags);
}

static json_t *
new_plan(const struct resource *r)
{
	json_t *plan = json_pack("{s:s}", "name", r->address);

	set_common(r, plan);
	return plan;
}

/* So many of something; n < 0: Terraform does not know yet. */
static void
add_count(json_t *plan, const char *member, json_int_t n)
{
	if (n >= 0)
		json_object_set_new(plan, member, json_integer(n));
	else
		json_object_set_new(plan, "unknown", json_pack("{s:s}",
		    member, "Terraform knows it only after apply"));
}

static void
plan_one(const struct resource *r, const char *member, json_int_t n)
{
	json_t *plan = new_plan(r);

	add_count(plan, member, n);
	fleet_plan(r->fleet, plan, r->address);
}

/* The length of a list, or -1 when it is not known. */
static json_int_t
length(const struct resource *r, const char *member)
{
	const json_t *list = json_object_get(r->values, member);

	if (json_is_true(json_object_get(r->unknown, member)))
		return -1;
	return (json_int_t)json_array_size(list);
}

/* An integer; `absent` when it is not there, -1 when it is not known. */
static json_int_t
integer(const struct resource *r, const char *member, json_int_t absent)
{
	const json_t *v = json_object_get(r->values, member);

	if (json_is_integer(v))
		return json_integer_value(v);
	return json_is_true(json_object_get(r->unknown, member)) ? -1 :
	    absent;
}

static void
take_workgroup(const struct resource *r)
{
	const char *name = member_of(r->values, "workgroup_name");
	json_int_t base = integer(r, "base_capacity", DEFAULT_RPU);
	json_int_t max = integer(r, "max_capacity", 0);
	json_t *facts = fleet_facts(r->fleet, name != NULL ? name :
	    r->address);

	/* A capacity that is left out is the default; the provider calls it
	 * unknown because AWS fills it in. */
	json_object_set_new(facts, "base_rpu", json_integer(base > 0 ? base :
	    DEFAULT_RPU));
	if (max > 0)
		json_object_set_new(facts, "max_rpu", json_integer(max));
	set_common(r, facts);
}

static void
take_endpoint(const struct resource *r)
{
	const char *name = member_of(r->values, "workgroup_name");

	/* AWS picks one of the subnets given: one network interface. */
	if (name != NULL)
		fleet_add_enis(r->fleet, name, 1);
	else
		plan_one(r, "endpoint_enis", 1);
}

static void
take_cluster(const struct resource *r)
{
	json_t *plan = new_plan(r);
	const char *type = member_of(r->values, "node_type");

	json_object_set_new(plan, "node_type", json_string(type != NULL ?
	    type : "unknown"));
	add_count(plan, "nodes", integer(r, "number_of_nodes", 1));
	fleet_plan(r->fleet, plan, r->address);
}

static void
take_balancer(const struct resource *r)
{
	const char *type = member_of(r->values, "load_balancer_type");

	if (type != NULL && strcmp(type, "network") == 0)
		plan_one(r, "nlbs", 1);
	else
		fleet_unpriced(r->fleet, "aws_lb (not a network one)");
}

static void
take_vpc_endpoint(const struct resource *r)
{
	const char *type = member_of(r->values, "vpc_endpoint_type");

	if (type == NULL || strcmp(type, "Gateway") == 0)
		return;		/* a gateway endpoint is free */
	plan_one(r, "endpoint_enis", length(r, "subnet_ids"));
}

static void
take_resolver(const struct resource *r)
{
	plan_one(r, "resolver_enis", length(r, "ip_address"));
}

static void
take_secret(const struct resource *r)
{
	plan_one(r, "secrets", 1);
}

static void
take_alarm(const struct resource *r)
{
	plan_one(r, "alarms", 1);
}

static void
take_msk_serverless(const struct resource *r)
{
	plan_one(r, "msk_clusters", 1);
}

static void
take_msk(const struct resource *r)
{
	const json_t *group = first(r->values, "broker_node_group_info");
	const json_t *disk = first(first(group, "storage_info"),
	    "ebs_storage_info");
	const char *type = member_of(group, "instance_type");
	const json_t *size = json_object_get(disk, "volume_size");
	json_int_t brokers = integer(r, "number_of_broker_nodes", -1);
	json_t *plan = new_plan(r);

	json_object_set_new(plan, "msk_broker_type", json_string(
	    type != NULL ? type : "unknown"));
	add_count(plan, "msk_brokers", brokers);
	if (json_is_integer(size) && brokers >= 0)
		add_count(plan, "msk_broker_gb", brokers *
		    json_integer_value(size));
	fleet_plan(r->fleet, plan, r->address);
}

static void
take_snapshot(const struct resource *r)
{
	json_t *plan = new_plan(r);

	json_object_set_new(plan, "unknown", json_pack("{s:s}", "snapshot_gb",
	    "Terraform does not know how large it is"));
	fleet_plan(r->fleet, plan, r->address);
}

static void
take_unpriced(const struct resource *r)
{
	fleet_unpriced(r->fleet, r->type);
}

static void
take_free(const struct resource *r)
{
	(void)r;
}

/* The first that matches; an asterisk at the end stands for anything. */
static const struct kind {
	const char *type;
	void (*take)(const struct resource *r);
} kinds[] = {
	{ "aws_redshiftserverless_workgroup", take_workgroup },
	{ "aws_redshiftserverless_endpoint_access", take_endpoint },
	{ "aws_redshiftserverless_snapshot", take_snapshot },
	{ "aws_redshiftserverless_*", take_free },
	{ "aws_redshift_cluster", take_cluster },
	{ "aws_redshift_cluster_snapshot", take_snapshot },
	{ "aws_redshift_endpoint_access", take_endpoint },
	{ "aws_redshift_integration", take_unpriced },
	{ "aws_redshift_snapshot_copy", take_unpriced },
	{ "aws_redshift_*", take_free },
	{ "aws_redshiftdata_*", take_free },
	{ "aws_lb", take_balancer },
	{ "aws_lb_*", take_free },
	{ "aws_vpc_endpoint", take_vpc_endpoint },
	{ "aws_route53_resolver_endpoint", take_resolver },
	{ "aws_route53_resolver_rule*", take_free },
	{ "aws_secretsmanager_secret", take_secret },
	{ "aws_secretsmanager_secret_*", take_free },
	{ "aws_cloudwatch_metric_alarm", take_alarm },
	{ "aws_cloudwatch_log_group", take_free },
	{ "aws_msk_serverless_cluster", take_msk_serverless },
	{ "aws_msk_cluster", take_msk },
	{ "aws_iam_*", take_free },
	{ "aws_vpc", take_free },
	{ "aws_vpc_security_group_*", take_free },
	{ "aws_subnet", take_free },
	{ "aws_route", take_free },
	{ "aws_route_table*", take_free },
	{ "aws_route53_record", take_free },
	{ "aws_security_group*", take_free },
	{ "aws_internet_gateway*", take_free },
	{ "aws_default_*", take_free },
	{ "null_resource", take_free },
	{ "terraform_data", take_free },
	{ "random_*", take_free },
	{ "time_*", take_free },
	{ "local_*", take_free }
};

static bool
matches(const char *pattern, const char *type)
{
	size_t len = strlen(pattern);

	if (pattern[len - 1] == '*')
		return strncmp(pattern, type, len - 1) == 0;
	return strcmp(pattern, type) == 0;
}

static void
take(const struct resource *r)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (matches(kinds[i].type, r->type)) {
			kinds[i].take(r);
			return;
		}
	take_unpriced(r);
}

/* One side of a change, or a resource of a state. */
static int
take_side(struct fleet *f, const json_t *resource, const json_t *values,
    const json_t *unknown, struct err *e)
{
	struct resource r = { f, member_of(resource, "address"),
	    member_of(resource, "type"), values, unknown };
	const char *mode = member_of(resource, "mode");

	if (r.address == NULL || r.type == NULL || mode == NULL)
		return err_set(e, ERR_RECORD, "a resource has no address, "
		    "type or mode");
	if (values != NULL && !json_is_null(values) && !json_is_object(values))
		return err_set(e, ERR_RECORD, "'%s' has values that are not "
		    "an object", r.address);
	if (strcmp(mode, "managed") == 0 && json_is_object(values))
		take(&r);
	return 0;
}

/* An array, or nothing at all, which stands for an empty one. */
static bool
is_list(const json_t *v)
{
	return v == NULL || json_is_array(v);
}

static int
take_module(struct fleet *f, const json_t *module, int depth, struct err *e)
{
	const json_t *resources = json_object_get(module, "resources");
	const json_t *children = json_object_get(module, "child_modules");
	const json_t *one;
	size_t i;

	if (depth > MODULES_MAX)
		return err_set(e, ERR_RECORD, "modules are nested deeper "
		    "than %d", MODULES_MAX);
	if (!json_is_object(module) || !is_list(resources) ||
	    !is_list(children))
		return err_set(e, ERR_RECORD, "a module is not an object with "
		    "arrays of resources and modules");
	json_array_foreach(resources, i, one) {
		if (take_side(f, one, json_object_get(one, "values"), NULL,
		    e) == -1)
			return -1;
	}
	json_array_foreach(children, i, one) {
		if (take_module(f, one, depth + 1, e) == -1)
			return -1;
	}
	return 0;
}

static int
take_changes(struct fleet *before, struct fleet *after, const json_t *changes,
    struct err *e)
{
	const json_t *one;
	size_t i;

	json_array_foreach(changes, i, one) {
		const json_t *change = json_object_get(one, "change");

		if (!json_is_object(change))
			return err_set(e, ERR_RECORD, "a resource change has "
			    "no \"change\"");
		if (take_side(before, one, json_object_get(change, "before"),
		    NULL, e) == -1 ||
		    take_side(after, one, json_object_get(change, "after"),
		    json_object_get(change, "after_unknown"), e) == -1)
			return -1;
	}
	return 0;
}

static int
take_document(const json_t *doc, struct fleet *before, struct fleet *after,
    bool *plan, struct err *e)
{
	const char *version = member_of(doc, "format_version");
	const json_t *changes = json_object_get(doc, "resource_changes");
	const json_t *values = json_object_get(doc, "values");

	if (version == NULL || (strncmp(version, "0.", 2) != 0 &&
	    strncmp(version, "1.", 2) != 0))
		return err_set(e, ERR_RECORD, "it is not the output of "
		    "'terraform show -json': no known \"format_version\"");
	if (json_is_true(json_object_get(doc, "errored")))
		return err_set(e, ERR_RECORD, "it is a plan that failed");
	*plan = changes != NULL;
	if (*plan && !json_is_array(changes))
		return err_set(e, ERR_RECORD, "\"resource_changes\" is not an "
		    "array");
	if (*plan)
		return take_changes(before, after, changes, e);
	if (values == NULL)
		return err_set(e, ERR_RECORD, "it holds neither a plan nor a "
		    "state");
	return take_module(before, json_object_get(values, "root_module"), 0,
	    e);
}

static int
slurp(int fd, struct buf *out, struct err *e)
{
	char chunk[16384];
	ssize_t n;

	do {
		if (rec_wait_input(fd, "it", e) == -1)
			return -1;
		n = read(fd, chunk, sizeof(chunk));
		if (n == -1 && errno != EINTR && errno != EAGAIN)
			return err_sys(e, errno, "cannot read it");
		if (n > 0 && buf_add(out, chunk, (size_t)n) == -1)
			return err_set(e, ERR_RECORD, "it is larger than %d "
			    "MiB", DOCUMENT_MAX >> 20);
	} while (n != 0);
	return 0;
}

static int
load(const char *path, json_t **doc, struct err *e)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	struct buf all;
	json_error_t why;
	int rc;

	if (is_stdin && isatty(fd))
		return err_set(e, ERR_USAGE, "it would have to come from a "
		    "terminal");
	if (fd == -1) {
		err_sys(e, errno, "cannot open it");
		e->kind = ERR_USAGE;
		return -1;
	}
	buf_init(&all, DOCUMENT_MAX);
	rc = slurp(fd, &all, e);
	if (!is_stdin)
		close(fd);
	*doc = rc == 0 ? json_loadb(all.s, all.len, JSON_REJECT_DUPLICATES,
	    &why) : NULL;
	buf_release(&all);
	if (rc == 0 && *doc == NULL)
		return err_set(e, ERR_RECORD, "line %d is not JSON: %s",
		    why.line, why.text);
	return rc;
}

int
terraform_read(const char *path, struct fleet *before, struct fleet *after,
    bool *plan, struct err *e)
{
	json_t *doc = NULL;
	int rc = load(path, &doc, e);

	if (rc == 0)
		rc = take_document(doc, before, after, plan, e);
	json_decref(doc);
	if (rc == -1)
		return err_prefix(e, "Terraform's %s", strcmp(path, "-") ==
		    0 ? "document on standard input" : path);
	return 0;
}
