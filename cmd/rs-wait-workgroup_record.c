/* rs-wait-workgroup_record.c - what a workgroup looks like to later tools */
#include <string.h>

#include "base/attr.h"
#include "record/rec.h"
#include "rs-wait-workgroup.h"

static json_t *
string_or_null(const json_t *object, const char *member)
{
	json_t *v = json_object_get(object, member);

	return json_is_string(v) ? json_incref(v) : json_null();
}

static json_t *
integer_or_null(const json_t *object, const char *member)
{
	json_t *v = json_object_get(object, member);

	return json_is_integer(v) ? json_incref(v) : json_null();
}

static json_t *
network_interfaces(const json_t *endpoint)
{
	json_t *list = json_array(), *eni;
	size_t i;

	json_array_foreach(json_object_get(endpoint, "networkInterfaces"), i,
	    eni)
		json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o}",
		    "eni", string_or_null(eni, "networkInterfaceId"),
		    "ip", string_or_null(eni, "privateIpAddress"),
		    "az", string_or_null(eni, "availabilityZone"),
		    "subnet", string_or_null(eni, "subnetId")));
	return list;
}

static json_t *
vpc_endpoints(const json_t *endpoint)
{
	json_t *list = json_array(), *one;
	size_t i;

	json_array_foreach(json_object_get(endpoint, "vpcEndpoints"), i, one)
		json_array_append_new(list, json_pack("{s:o, s:o, s:o}",
		    "id", string_or_null(one, "vpcEndpointId"),
		    "vpc", string_or_null(one, "vpcId"),
		    "network_interfaces", network_interfaces(one)));
	return list;
}

json_t *
workgroup_record(const char *name, const json_t *workgroup,
    const json_t *namespace, double waited)
{
	json_t *endpoint = json_object_get(workgroup, "endpoint");

	if (workgroup == NULL)
		return json_pack("{s:s, s:s, s:s, s:o}",
		    "kind", "workgroup", "workgroup", name,
		    "status", "DELETED", "waited_s", rec_seconds(waited));
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
	    "s:o}",
	    "kind", "workgroup", "workgroup", name,
	    "namespace", string_or_null(workgroup, "namespaceName"),
	    "namespace_id", string_or_null(namespace, "namespaceId"),
	    "status", string_or_null(workgroup, "status"),
	    "address", string_or_null(endpoint, "address"),
	    "port", integer_or_null(endpoint, "port"),
	    "base_capacity", integer_or_null(workgroup, "baseCapacity"),
	    "vpc_endpoints", vpc_endpoints(endpoint),
	    "waited_s", rec_seconds(waited));
}

const char *
workgroup_usual_cause(const char *state, bool deleting)
{
	static const struct { const char *state, *cause; } causes[] = {
		{ "MODIFYING", "MODIFYING usually means another operation on "
		    "the workgroup or its namespace is under way: look for "
		    "it in CloudTrail; if there is none, open a support "
		    "case" },
		{ "CREATING", "a create that stays in CREATING usually lacks "
		    "free IP addresses: look at AvailableIpAddressCount of "
		    "its subnets with 'aws ec2 describe-subnets'" },
		{ "AVAILABLE,", "the workgroup is up but its namespace is "
		    "not: look at it with 'aws redshift-serverless "
		    "get-namespace'" },
		{ "AVAILABLE", "nothing has deleted it" },
		{ "absent", "nothing has created it; a create that fails "
		    "leaves nothing behind: look at its caller's error" }
	};

	if (strcmp(state, deleting ? "absent" : "AVAILABLE") == 0)
		return "--stable asks for more looks in a row than there was "
		    "time for";
	for (size_t i = 0; i < ARRAY_LEN(causes); i++)
		if (strncmp(state, causes[i].state,
		    strlen(causes[i].state)) == 0)
			return causes[i].cause;
	return "look at it with 'aws redshift-serverless get-workgroup'";
}
