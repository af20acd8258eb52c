"""Workgroups: the compute side, with the life cycle that tools wait for."""

import secrets
import time

from . import ACCOUNT, network
from .fleet import iso_now
from .namespaces import (
    must_be_one_change,
    must_be_settled,
    workgroup_of,
)
from .operations import operation, page
from .wire import ServiceError

PORTS = (*range(5431, 5456), *range(8191, 8216))
FREE_ADDRESSES = 3  # in each subnet
DEFAULT_PARAMETERS = {
    "auto_mv": "true",
    "datestyle": "ISO, MDY",
    "enable_case_sensitive_identifier": "false",
    "enable_user_activity_logging": "true",
    "query_group": "default",
    "require_ssl": "true",
    "search_path": "$user, public",
    "use_fips_ssl": "false",
    "max_query_execution_time": "14400",
}
QUERY_LIMITS = {
    "max_query_blocks_read",
    "max_query_cpu_time",
    "max_query_cpu_usage_percent",
    "max_query_execution_time",
    "max_query_queue_time",
    "max_query_temp_blocks_to_disk",
    "max_io_skew",
    "max_join_row_count",
    "max_nested_loop_join_row_count",
    "max_return_row_count",
    "max_scan_row_count",
    "max_cpu_skew",
    "max_segment_execution_time",
}
# Each UpdateWorkgroup may carry one of these groups only.
CHANGES = (
    {"baseCapacity"},
    {"maxCapacity"},
    {"configParameters"},
    {"enhancedVpcRouting"},
    {"extraComputeForAutomaticOptimization"},
    {"ipAddressType"},
    {"port"},
    {"pricePerformanceTarget"},
    {"publiclyAccessible"},
    {"securityGroupIds", "subnetIds"},
    {"trackName"},
)
PLAIN_MEMBERS = (
    "baseCapacity",
    "maxCapacity",
    "enhancedVpcRouting",
    "extraComputeForAutomaticOptimization",
    "ipAddressType",
    "port",
    "pricePerformanceTarget",
    "publiclyAccessible",
    "trackName",
)


# --- the life cycle -------------------------------------------------------


def modifying(fleet, thing):
    """CREATING is over: the endpoint exists, the workgroup does not answer."""
    attach(fleet, thing)
    thing.view["status"] = "MODIFYING"


def available(fleet, thing):
    attach(fleet, thing)
    thing.view["status"] = "AVAILABLE"
    _namespace_status(fleet, thing, "AVAILABLE")
    _first_recovery_point(fleet, thing)


def gone(fleet, thing):
    network.delete_vpc_endpoint(fleet.region, _vpc_endpoint(thing) or {})
    for endpoint in fleet.all("endpoint"):
        if endpoint.view["workgroupName"] == thing.name:
            network.delete_vpc_endpoint(
                fleet.region, endpoint.view.get("vpcEndpoint", {})
            )
            fleet.remove(endpoint)
    _namespace_status(fleet, thing, "AVAILABLE")
    fleet.remove(thing)


def attach(fleet, thing):
    """Give the workgroup its network interfaces, unless it has them."""
    if _vpc_endpoint(thing):
        return
    subnets = network.find_subnets(fleet.region, thing.view["subnetIds"])
    made = network.create_vpc_endpoint(
        fleet.region, subnets, thing.view["securityGroupIds"]
    )
    thing.view["endpoint"]["vpcEndpoints"] = [made]


def _vpc_endpoint(thing):
    endpoints = thing.view["endpoint"].get("vpcEndpoints")
    return endpoints[0] if endpoints else None


def _namespace_status(fleet, thing, status):
    namespace = fleet.tables["namespace"].get(thing.view["namespaceName"])
    if namespace and namespace.status != "DELETING":
        namespace.view["status"] = status


def _first_recovery_point(fleet, thing):
    namespace = fleet.get("namespace", thing.view["namespaceName"])
    name = f"rp-{namespace.view['namespaceId']}"
    if name in fleet.tables["recovery point"]:
        return
    view = {
        "recoveryPointId": name,
        "recoveryPointCreateTime": iso_now(),
        "namespaceName": namespace.name,
        "namespaceArn": namespace.view["namespaceArn"],
        "workgroupName": thing.name,
        "totalSizeInMegaBytes": 1.0,
    }
    fleet.add("recovery point", name, view)


# --- the operations -------------------------------------------------------


@operation
def create_workgroup(fleet, params):
    name = params["workgroupName"]
    fleet.must_be_new("workgroup", name)
    namespace = fleet.get("namespace", params["namespaceName"])
    if workgroup_of(fleet, namespace.name):
        raise ServiceError(
            "ConflictException",
            f"The namespace {namespace.name} already has a workgroup.",
        )
    must_be_settled(namespace)
    view = _new_view(fleet, params)
    stuck = fleet.stuck or (
        fleet.settings.stick_parallel
        and any(
            thing.status in ("CREATING", "MODIFYING")
            for thing in fleet.all("workgroup")
        )
    )
    thing = fleet.add("workgroup", name, view, params.get("tags", ()))
    namespace.view["status"] = "MODIFYING"
    if stuck:
        fleet.plan(thing, ("create", modifying))
    else:
        fleet.plan(thing, ("create", modifying), ("modify", available))
    return {"workgroup": view}


def _new_view(fleet, params):
    name = params["workgroupName"]
    routed = params.get("enhancedVpcRouting", False)
    subnet_ids = params.get("subnetIds") or network.default_subnets(
        fleet.region
    )
    groups = _checked_network(
        fleet, subnet_ids, params.get("securityGroupIds"), routed
    )
    port = _checked_port(params.get("port", 5439))
    domain = "redshift-serverless.amazonaws.com"
    view = {
        "workgroupName": name,
        "workgroupArn": fleet.arn("workgroup"),
        "namespaceName": params["namespaceName"],
        "status": "CREATING",
        "baseCapacity": 128,
        "enhancedVpcRouting": routed,
        "publiclyAccessible": False,
        "ipAddressType": "ipv4",
        "trackName": "current",
        "patchVersion": "197",
        "workgroupVersion": "1.0.0",
        "crossAccountVpcs": [],
        "creationDate": iso_now(),
        "subnetIds": subnet_ids,
        "securityGroupIds": groups,
        "configParameters": _parameters(
            DEFAULT_PARAMETERS, params.get("configParameters", [])
        ),
        "pricePerformanceTarget": {"status": "DISABLED"},
        "port": port,
        "endpoint": {
            "address": f"{name}.{ACCOUNT}.{fleet.region}.{domain}",
            "port": port,
            "vpcEndpoints": [],
        },
    }
    view["workgroupId"] = view["workgroupArn"].rpartition("/")[2]
    for member in PLAIN_MEMBERS:
        if member in params:
            view[member] = params[member]
    return view


def _checked_network(fleet, subnet_ids, group_ids, routed):
    """AWS wants two zones, three with enhanced VPC routing."""
    subnets = network.find_subnets(fleet.region, subnet_ids)
    for subnet in subnets:
        if subnet.available_ip_address_count < FREE_ADDRESSES:
            raise ServiceError(
                "ValidationException",
                f"There aren't enough free IP addresses in subnet "
                f"{subnet.id}: at least {FREE_ADDRESSES} must be free.",
            )
    wanted = 3 if routed else 2
    zones = {subnet.availability_zone for subnet in subnets}
    if len(zones) < wanted:
        raise ServiceError(
            "ValidationException",
            f"The subnets must span at least {wanted} Availability Zones; "
            f"those given span {len(zones)}.",
        )
    return network.check_groups(fleet.region, group_ids, subnets[0].vpc_id)


def _checked_port(port):
    if port not in PORTS:
        raise ServiceError(
            "ValidationException",
            f"The port {port} is not in 5431-5455 or 8191-8215.",
        )
    return port


def _parameters(current, changes):
    """Merge configParameters; WLM JSON and single limits exclude each other."""
    merged = dict(current)
    for change in changes:
        key = change["parameterKey"]
        if key not in QUERY_LIMITS | set(DEFAULT_PARAMETERS) | {
            "wlm_json_configuration"
        }:
            raise ServiceError(
                "ValidationException", f"The parameter {key} is not valid."
            )
        merged[key] = change["parameterValue"]
    given = {change["parameterKey"] for change in changes}
    if "wlm_json_configuration" in given:
        if given & QUERY_LIMITS:
            raise ServiceError(
                "ValidationException",
                "wlm_json_configuration and query limits exclude each other.",
            )
        for key in QUERY_LIMITS:
            merged.pop(key, None)
    return [
        {"parameterKey": key, "parameterValue": value}
        for key, value in merged.items()
    ]


@operation
def get_workgroup(fleet, params):
    return {"workgroup": fleet.get("workgroup", params["workgroupName"]).view}


@operation
def list_workgroups(fleet, params):
    things = fleet.all("workgroup")
    if params.get("ownerAccount", ACCOUNT) != ACCOUNT:
        things = []
    views, token = page(fleet, things, params)
    return {"workgroups": views, **token}


@operation
def update_workgroup(fleet, params):
    thing = fleet.get("workgroup", params["workgroupName"])
    must_be_settled(thing)
    must_be_one_change(params, "workgroupName", CHANGES)
    view = thing.view
    if {"subnetIds", "securityGroupIds", "enhancedVpcRouting"} & set(params):
        subnet_ids = params.get("subnetIds", view["subnetIds"])
        view["securityGroupIds"] = _checked_network(
            fleet,
            subnet_ids,
            params.get("securityGroupIds", view["securityGroupIds"]),
            params.get("enhancedVpcRouting", view["enhancedVpcRouting"]),
        )
        if subnet_ids != view["subnetIds"]:
            view["subnetIds"] = subnet_ids
            network.delete_vpc_endpoint(fleet.region, _vpc_endpoint(thing))
            view["endpoint"]["vpcEndpoints"] = []
    if "port" in params:
        view["endpoint"]["port"] = _checked_port(params["port"])
    if "configParameters" in params:
        current = {
            item["parameterKey"]: item["parameterValue"]
            for item in view["configParameters"]
        }
        view["configParameters"] = _parameters(
            current, params["configParameters"]
        )
    for member in PLAIN_MEMBERS:
        if member in params:
            view[member] = params[member]
    view["status"] = "MODIFYING"
    fleet.plan(thing, ("modify", available))
    return {"workgroup": view}


@operation
def delete_workgroup(fleet, params):
    thing = fleet.get("workgroup", params["workgroupName"])
    must_be_settled(thing)
    thing.view["status"] = "DELETING"
    _namespace_status(fleet, thing, "MODIFYING")
    fleet.plan(thing, ("delete", gone))
    return {"workgroup": thing.view}


@operation
def get_credentials(fleet, params):
    """The password is random and opens nothing: there is no database yet."""
    if "customDomainName" in params and "workgroupName" not in params:
        raise ServiceError(
            "ResourceNotFoundException",
            f"No workgroup has the domain {params['customDomainName']}.",
            resourceName=params["customDomainName"],
        )
    if "workgroupName" not in params:
        raise ServiceError(
            "ValidationException",
            "Give a workgroupName or a customDomainName.",
        )
    fleet.get("workgroup", params["workgroupName"])
    seconds = params.get("durationSeconds", 900)
    if not 900 <= seconds <= 3600:
        raise ServiceError(
            "ValidationException", "durationSeconds must be 900 to 3600."
        )
    now = time.time()
    return {
        "dbUser": "IAM:sandbox",
        "dbPassword": secrets.token_urlsafe(48),
        "expiration": now + seconds,
        "nextRefreshTime": now + seconds / 2,
    }
