/* rs-endpoint-ips_collect.c - from AWS's descriptions to "ip" records */
#include <arpa/inet.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/serverless.h"
#include "base/alloc.h"
#include "base/member.h"
#include "base/msg.h"
#include "rs-endpoint-ips.h"

struct collection {
	struct aws *aws;
	struct query *query;
	json_t *workgroups;	/* by name; NULL: not asked for */
	json_t *endpoints;	/* the endpoint accesses */
	json_t *ips;
	size_t gaps;
};

static const char *
text_or(const json_t *object, const char *member, const char *otherwise)
{
	const char *s = member_of(object, member);

	return s != NULL ? s : otherwise;
}

/* The "port" of an endpoint; 0 for what is no port. */
static json_int_t
port_of(const json_t *endpoint)
{
	json_int_t port = json_integer_value(json_object_get(endpoint,
	    "port"));

	return port >= 1 && port <= 65535 ? port : 0;
}

/* The address of a network interface; NULL for what is no address. */
static const char *
address_of(const json_t *eni)
{
	const char *ip = member_of(eni, "privateIpAddress");
	struct in_addr address;

	return ip != NULL && inet_pton(AF_INET, ip, &address) == 1 ? ip :
	    NULL;
}

/* Something that should have an address has none. */
static void PRINTF(2, 3)
gap(struct collection *c, const char *fmt, ...)
{
	char why[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	if (c->query->partial) {
		msg_debug(1, "%s", why);
		return;
	}
	msg_warn("%s", why);
	c->gaps++;
}

struct place {
	const char *workgroup;
	const char *endpoint;	/* name, or VPC endpoint id */
	const char *source;	/* "access" or "workgroup" */
	json_int_t port;
};

/* The addresses of one VPC endpoint. Returns how many there are. */
static size_t
take_interfaces(struct collection *c, const struct place *at,
    const json_t *vpc_endpoint)
{
	json_t *eni, *enis = json_object_get(vpc_endpoint,
	    "networkInterfaces");
	size_t i;

	if (json_array_size(enis) == 0)
		gap(c, "endpoint '%s' of workgroup '%s' has no network "
		    "interface yet", at->endpoint, at->workgroup);
	json_array_foreach(enis, i, eni) {
		const char *ip = address_of(eni);

		if (ip == NULL) {
			gap(c, "network interface '%s' of endpoint '%s' has "
			    "no private address",
			    text_or(eni, "networkInterfaceId", "?"),
			    at->endpoint);
			continue;
		}
		json_array_append_new(c->ips, json_pack("{s:s, s:s, s:s, "
		    "s:s, s:I, s:s?, s:s?, s:s?, s:s?, s:s}",
		    "kind", "ip", "workgroup", at->workgroup,
		    "endpoint", at->endpoint, "ip", ip, "port", at->port,
		    "az", member_of(eni, "availabilityZone"),
		    "subnet", member_of(eni, "subnetId"),
		    "eni", member_of(eni, "networkInterfaceId"),
		    "vpc", member_of(vpc_endpoint, "vpcId"),
		    "source", at->source));
	}
	return json_array_size(enis);
}

static bool
going_away(const json_t *endpoint)
{
	return strcasecmp(text_or(endpoint, "endpointStatus", ""),
	    "DELETING") == 0;
}

/* The endpoint accesses of one workgroup. Returns how many it has. */
static size_t
take_accesses(struct collection *c, const char *workgroup)
{
	struct place at = { .workgroup = workgroup, .source = "access" };
	json_t *endpoint;
	size_t i, found = 0;

	json_array_foreach(c->endpoints, i, endpoint) {
		if (strcmp(text_or(endpoint, "workgroupName", ""),
		    workgroup) != 0 || going_away(endpoint))
			continue;
		found++;
		at.endpoint = text_or(endpoint, "endpointName", "?");
		at.port = port_of(endpoint);
		if (!sls_endpoint_active(endpoint))
			gap(c, "endpoint '%s' of workgroup '%s' is %s",
			    at.endpoint, workgroup, text_or(endpoint,
			    "endpointStatus", "of unknown status"));
		else if (at.port == 0)
			gap(c, "endpoint '%s' of workgroup '%s' has no port",
			    at.endpoint, workgroup);
		else
			take_interfaces(c, &at, json_object_get(endpoint,
			    "vpcEndpoint"));
	}
	return found;
}

/* The workgroup's own endpoint, which it has from its creation. */
static void
take_own(struct collection *c, const char *workgroup, const json_t *wg)
{
	struct place at = { .workgroup = workgroup, .source = "workgroup" };
	const json_t *endpoint = json_object_get(wg, "endpoint");
	json_t *one, *all = json_object_get(endpoint, "vpcEndpoints");
	size_t i;

	at.port = port_of(endpoint);
	if (wg == NULL) {
		msg_warn("workgroup '%s' does not exist in %s", workgroup,
		    aws_region(c->aws));
		c->gaps++;	/* a typo, not an endpoint to come */
		return;
	}
	if (sls_status(wg) == SLS_DELETING)
		gap(c, "workgroup '%s' is being deleted", workgroup);
	else if (json_array_size(all) == 0 || at.port == 0)
		gap(c, "workgroup '%s' (%s) has no endpoint yet", workgroup,
		    sls_status_text(wg));
	else
		json_array_foreach(all, i, one) {
			at.endpoint = text_or(one, "vpcEndpointId", "?");
			take_interfaces(c, &at, one);
		}
}

static void
take_workgroup(struct collection *c, const char *workgroup)
{
	int from = c->query->from;

	if (from != FROM_WORKGROUP && take_accesses(c, workgroup) > 0)
		return;
	if (from == FROM_ACCESS)
		gap(c, "workgroup '%s' has no endpoint access in %s",
		    workgroup, aws_region(c->aws));
	else
		take_own(c, workgroup, json_object_get(c->workgroups,
		    workgroup));
}

/* Add the workgroups that the globs match to the names of the query. */
static int
expand(struct collection *c, struct err *e)
{
	const struct opt_list *match = &c->query->match;
	const char *name;
	json_t *wg;

	for (size_t i = 0; i < match->n; i++) {
		size_t found = 0;

		json_object_foreach(c->workgroups, name, wg) {
			if (fnmatch(match->v[i], name, 0) != 0)
				continue;
			found++;
			/* One on its way out is not of the fleet any more. */
			if (sls_status(wg) == SLS_DELETING)
				msg_debug(1, "workgroup '%s' is being "
				    "deleted: left out", name);
			else
				names_add(&c->query->names, name);
		}
		if (found == 0)
			return err_set(e, ERR_NO, "no workgroup matches '%s' "
			    "in %s", match->v[i], aws_region(c->aws));
	}
	return 0;
}

static int
ask_endpoints(struct collection *c, struct err *e)
{
	const struct names *names = &c->query->names;
	const char *only = names->n == 1 ? names->v[0] : NULL;

	if (sls_endpoints(c->aws, only, &c->endpoints, e) == 0)
		return 0;
	if (err_is(e, "ResourceNotFoundException"))
		e->kind = ERR_NO;
	return -1;
}

/* Does a workgroup have to answer with its own endpoint? */
static bool
needs_own(const struct collection *c)
{
	json_t *endpoint;
	size_t i;

	for (size_t n = 0; n < c->query->names.n; n++) {
		bool found = false;

		json_array_foreach(c->endpoints, i, endpoint)
			if (!going_away(endpoint) && strcmp(text_or(endpoint,
			    "workgroupName", ""), c->query->names.v[n]) == 0)
				found = true;
		if (!found)
			return true;
	}
	return false;
}

/* Ask only what the query needs: mostly that is one List call. */
static int
ask_aws(struct collection *c, struct err *e)
{
	const struct query *q = c->query;

	if (q->match.n > 0 && (sls_workgroups(c->aws, NULL, 0,
	    &c->workgroups, e) == -1 || expand(c, e) == -1))
		return -1;
	if (q->names.n > 0 && q->from != FROM_WORKGROUP &&
	    ask_endpoints(c, e) == -1)
		return -1;
	if (c->workgroups == NULL && q->from != FROM_ACCESS && needs_own(c))
		return sls_workgroups(c->aws, q->names.v, q->names.n,
		    &c->workgroups, e);
	return 0;
}

static int
compare(const void *a, const void *b)
{
	static const char *const keys[] = { "workgroup", "endpoint", "ip" };
	int order = 0;

	for (size_t i = 0; i < ARRAY_LEN(keys) && order == 0; i++)
		order = strcmp(member_of(*(json_t *const *)a, keys[i]),
		    member_of(*(json_t *const *)b, keys[i]));
	return order;
}

/* The same answer for the same state, whatever order AWS lists it in. */
static json_t *
sorted(json_t *ips)
{
	size_t i, n = json_array_size(ips);
	json_t **v = xcalloc(n, sizeof(json_t *)), *list = json_array(), *ip;

	json_array_foreach(ips, i, ip)
		v[i] = ip;
	qsort(v, n, sizeof(json_t *), compare);
	for (i = 0; i < n; i++)
		json_array_append(list, v[i]);
	free(v);
	json_decref(ips);
	return list;
}

int
endpoint_ips(struct aws *a, struct query *q, json_t **ips, size_t *gaps,
    struct err *e)
{
	struct collection c = { .aws = a, .query = q, .ips = json_array() };
	int rc = ask_aws(&c, e);

	for (size_t i = 0; rc == 0 && i < q->names.n; i++)
		take_workgroup(&c, q->names.v[i]);
	*ips = sorted(c.ips);
	*gaps = c.gaps;
	json_decref(c.workgroups);
	json_decref(c.endpoints);
	return rc;
}
