"""Managed endpoint accesses: a way into a workgroup from another VPC."""

import re
import uuid

from . import ACCOUNT, network
from .fleet import iso_now
from .namespaces import must_be_settled
from .operations import operation, page
from .wire import ServiceError

NAME = re.compile(r"^[A-Za-z](?:-?[A-Za-z0-9])*$")


def active(fleet, thing):
    """The interface appears with the status, not before."""
    if "vpcEndpoint" not in thing.view:
        subnets = network.find_subnets(fleet.region, thing.view["subnetIds"])
        attach(fleet, thing, subnets[:1])
    thing.view["endpointStatus"] = "ACTIVE"


def attach(fleet, thing, subnets):
    """Replace the interfaces by one in each of the subnets."""
    groups = [
        group["vpcSecurityGroupId"]
        for group in thing.view["vpcSecurityGroups"]
    ]
    network.delete_vpc_endpoint(
        fleet.region, thing.view.get("vpcEndpoint", {})
    )
    thing.view["vpcEndpoint"] = network.create_vpc_endpoint(
        fleet.region, subnets, groups
    )


def gone(fleet, thing):
    network.delete_vpc_endpoint(
        fleet.region, thing.view.get("vpcEndpoint", {})
    )
    fleet.remove(thing)


def _members(groups):
    return [
        {"vpcSecurityGroupId": group, "status": "active"} for group in groups
    ]


@operation
def create_endpoint_access(fleet, params):
    name = params["endpointName"]
    if len(name) > 30 or not NAME.match(name):
        raise ServiceError(
            "ValidationException",
            f"The endpoint name {name} is not valid: 1 to 30 letters, "
            "digits and single hyphens, beginning with a letter.",
        )
    fleet.must_be_new("endpoint", name)
    workgroup = fleet.get("workgroup", params["workgroupName"])
    must_be_settled(workgroup)
    if not params["subnetIds"]:
        raise ServiceError("ValidationException", "Give at least one subnet.")
    subnets = network.find_subnets(fleet.region, params["subnetIds"])
    groups = network.check_groups(
        fleet.region, params.get("vpcSecurityGroupIds"), subnets[0].vpc_id
    )
    host = f"{name}-endpoint-{uuid.uuid4().hex[:20]}"
    domain = "redshift-serverless.amazonaws.com"
    view = {
        "endpointName": name,
        "endpointArn": fleet.arn("managedvpcendpoint"),
        "endpointStatus": "CREATING",
        "endpointCreateTime": iso_now(),
        "workgroupName": workgroup.name,
        "address": f"{host}.{ACCOUNT}.{fleet.region}.{domain}",
        "port": workgroup.view["port"],
        "subnetIds": params["subnetIds"],
        "vpcSecurityGroups": _members(groups),
    }
    thing = fleet.add("endpoint", name, view)
    fleet.plan(thing, ("endpoint", active))
    return {"endpoint": view}


@operation
def get_endpoint_access(fleet, params):
    return {"endpoint": fleet.get("endpoint", params["endpointName"]).view}


@operation
def list_endpoint_access(fleet, params):
    things = fleet.all("endpoint")
    if "workgroupName" in params:
        fleet.get("workgroup", params["workgroupName"])
        things = [
            thing
            for thing in things
            if thing.view["workgroupName"] == params["workgroupName"]
        ]
    if "vpcId" in params:
        things = [
            thing
            for thing in things
            if thing.view.get("vpcEndpoint", {}).get("vpcId")
            == params["vpcId"]
        ]
    views, token = page(fleet, things, params)
    return {"endpoints": views, **token}


def _must_be_active(thing):
    if thing.status != "ACTIVE":
        raise ServiceError(
            "ConflictException",
            f"The endpoint {thing.name} is {thing.status}. Try again later.",
        )


@operation
def update_endpoint_access(fleet, params):
    thing = fleet.get("endpoint", params["endpointName"])
    _must_be_active(thing)
    groups = network.check_groups(
        fleet.region,
        params.get("vpcSecurityGroupIds"),
        thing.view["vpcEndpoint"]["vpcId"],
    )
    thing.view["vpcSecurityGroups"] = _members(groups)
    thing.view["endpointStatus"] = "MODIFYING"
    fleet.plan(thing, ("endpoint", active))
    return {"endpoint": thing.view}


@operation
def delete_endpoint_access(fleet, params):
    thing = fleet.get("endpoint", params["endpointName"])
    _must_be_active(thing)
    thing.view["endpointStatus"] = "DELETING"
    fleet.plan(thing, ("delete", gone))
    return {"endpoint": thing.view}
