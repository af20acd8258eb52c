"""Snapshots, recovery points, usage limits, resource policies and tags."""

import uuid

from . import ACCOUNT
from .fleet import iso_now
from .namespaces import available as settled
from .namespaces import must_be_settled, workgroup_of
from .operations import operation, page
from .wire import ServiceError

# --- snapshots and recovery points ------------------------------------------


def make_snapshot(fleet, namespace, name, retention=-1, tags=()):
    view = {
        "snapshotName": name,
        "snapshotArn": fleet.arn("snapshot"),
        "namespaceName": namespace.name,
        "namespaceArn": namespace.view["namespaceArn"],
        "adminUsername": namespace.view["adminUsername"],
        "kmsKeyId": namespace.view["kmsKeyId"],
        "ownerAccount": ACCOUNT,
        "status": "CREATING",
        "snapshotCreateTime": iso_now(),
        "snapshotRetentionPeriod": retention,
        "totalBackupSizeInMegaBytes": 1.0,
    }
    thing = fleet.add("snapshot", name, view, tags)
    fleet.plan(thing, ("snapshot", settled))
    return thing


@operation
def create_snapshot(fleet, params):
    fleet.must_be_new("snapshot", params["snapshotName"])
    namespace = fleet.get("namespace", params["namespaceName"])
    if not workgroup_of(fleet, namespace.name):
        raise ServiceError(
            "ValidationException",
            "You can't create a snapshot because there isn't a workgroup "
            "created for the namespace.",
        )
    thing = make_snapshot(
        fleet,
        namespace,
        params["snapshotName"],
        params.get("retentionPeriod", -1),
        params.get("tags", ()),
    )
    return {"snapshot": thing.view}


def _named_snapshot(fleet, params):
    if "snapshotName" in params:
        return fleet.get("snapshot", params["snapshotName"])
    for thing in fleet.all("snapshot"):
        if thing.view["snapshotArn"] == params.get("snapshotArn"):
            return thing
    if "snapshotArn" not in params:
        raise ServiceError(
            "ValidationException", "Give a snapshotName or a snapshotArn."
        )
    return fleet.get("snapshot", params["snapshotArn"])


@operation
def get_snapshot(fleet, params):
    return {"snapshot": _named_snapshot(fleet, params).view}


@operation
def list_snapshots(fleet, params):
    views, token = page(fleet, _of_namespace(fleet, "snapshot", params), params)
    return {"snapshots": views, **token}


def _of_namespace(fleet, kind, params):
    return [
        thing
        for thing in fleet.all(kind)
        if all(
            thing.view[member] == params[member]
            for member in ("namespaceName", "namespaceArn")
            if member in params
        )
    ]


@operation
def update_snapshot(fleet, params):
    thing = fleet.get("snapshot", params["snapshotName"])
    if "retentionPeriod" in params:
        thing.view["snapshotRetentionPeriod"] = params["retentionPeriod"]
    return {"snapshot": thing.view}


@operation
def delete_snapshot(fleet, params):
    thing = fleet.get("snapshot", params["snapshotName"])
    must_be_settled(thing)
    fleet.remove(thing)
    return {"snapshot": {**thing.view, "status": "DELETED"}}


@operation
def restore_from_snapshot(fleet, params):
    if ("snapshotName" in params) == ("snapshotArn" in params):
        raise ServiceError(
            "ValidationException",
            "Give exactly one of snapshotName and snapshotArn.",
        )
    snapshot = _named_snapshot(fleet, params)
    namespace = fleet.get("namespace", params["namespaceName"])
    workgroup = fleet.get("workgroup", params["workgroupName"])
    for thing in (snapshot, namespace, workgroup):
        must_be_settled(thing)
    for thing in (namespace, workgroup):
        thing.view["status"] = "MODIFYING"
        fleet.plan(thing, ("modify", settled))
    return {
        "namespace": namespace.view,
        "snapshotName": snapshot.name,
        "ownerAccount": ACCOUNT,
    }


@operation
def get_recovery_point(fleet, params):
    thing = fleet.get("recovery point", params["recoveryPointId"])
    return {"recoveryPoint": thing.view}


@operation
def list_recovery_points(fleet, params):
    things = _of_namespace(fleet, "recovery point", params)
    views, token = page(fleet, things, params)
    return {"recoveryPoints": views, **token}


# --- usage limits -----------------------------------------------------------


def _must_exist(fleet, arn):
    for kind in ("workgroup", "namespace", "snapshot"):
        for thing in fleet.all(kind):
            if thing.view[f"{kind}Arn"] == arn:
                return
    raise ServiceError(
        "ResourceNotFoundException",
        f"The resource {arn} was not found.",
        resourceName=arn,
    )


@operation
def create_usage_limit(fleet, params):
    _must_exist(fleet, params["resourceArn"])
    identifier = str(uuid.uuid4())
    for thing in fleet.all("usage limit"):
        if all(
            thing.view[member] == params[member]
            for member in ("resourceArn", "usageType")
        ) and thing.view["period"] == params.get("period", "monthly"):
            raise ServiceError(
                "ConflictException", "There is such a usage limit already."
            )
    view = {
        "usageLimitId": identifier,
        "usageLimitArn": fleet.arn("usagelimit"),
        "resourceArn": params["resourceArn"],
        "usageType": params["usageType"],
        "amount": params["amount"],
        "period": params.get("period", "monthly"),
        "breachAction": params.get("breachAction", "log"),
    }
    fleet.add("usage limit", identifier, view)
    return {"usageLimit": view}


@operation
def get_usage_limit(fleet, params):
    thing = fleet.get("usage limit", params["usageLimitId"])
    return {"usageLimit": thing.view}


@operation
def list_usage_limits(fleet, params):
    things = [
        thing
        for thing in fleet.all("usage limit")
        if all(
            thing.view[member] == params[member]
            for member in ("resourceArn", "usageType")
            if member in params
        )
    ]
    views, token = page(fleet, things, params, "InvalidPaginationException")
    return {"usageLimits": views, **token}


@operation
def update_usage_limit(fleet, params):
    thing = fleet.get("usage limit", params["usageLimitId"])
    for member in ("amount", "breachAction"):
        if member in params:
            thing.view[member] = params[member]
    return {"usageLimit": thing.view}


@operation
def delete_usage_limit(fleet, params):
    thing = fleet.get("usage limit", params["usageLimitId"])
    fleet.remove(thing)
    return {"usageLimit": thing.view}


# --- resource policies and tags ---------------------------------------------


@operation
def put_resource_policy(fleet, params):
    _must_exist(fleet, params["resourceArn"])
    view = {key: params[key] for key in ("resourceArn", "policy")}
    fleet.add("policy", params["resourceArn"], view)
    return {"resourcePolicy": view}


@operation
def get_resource_policy(fleet, params):
    thing = fleet.get("policy", params["resourceArn"])
    return {"resourcePolicy": thing.view}


@operation
def delete_resource_policy(fleet, params):
    fleet.remove(fleet.get("policy", params["resourceArn"]))
    return {}


@operation
def tag_resource(fleet, params):
    _must_exist(fleet, params["resourceArn"])
    tags = {tag["key"]: tag["value"] for tag in params["tags"]}
    fleet.tags.setdefault(params["resourceArn"], {}).update(tags)
    return {}


@operation
def untag_resource(fleet, params):
    _must_exist(fleet, params["resourceArn"])
    for key in params["tagKeys"]:
        fleet.tags.get(params["resourceArn"], {}).pop(key, None)
    return {}


@operation
def list_tags_for_resource(fleet, params):
    _must_exist(fleet, params["resourceArn"])
    tags = fleet.tags.get(params["resourceArn"], {})
    return {
        "tags": [{"key": key, "value": value} for key, value in tags.items()]
    }
