"""Namespaces: the storage side of a warehouse."""

import json
import secrets
import uuid

from . import ACCOUNT
from .fleet import iso_now
from .operations import operation, page
from .wire import ServiceError

SETTLED = ("AVAILABLE",)
# Each UpdateNamespace may carry one of these groups only.
CHANGES = (
    {"adminUsername", "adminUserPassword", "manageAdminPassword",
     "adminPasswordSecretKmsKeyId"},
    {"iamRoles", "defaultIamRoleArn"},
    {"kmsKeyId"},
    {"logExports"},
)  # fmt: skip


def must_be_settled(thing):
    if thing.status not in SETTLED:
        raise ServiceError(
            "ConflictException",
            f"There is an operation running on the {thing.kind} "
            f"{thing.name} ({thing.status}). Try again later.",
        )


def must_be_one_change(params, name_member, groups):
    """AWS takes one kind of change in a request."""
    given = set(params) - {name_member}
    touched = [group for group in groups if group & given]
    if not touched:
        raise ServiceError("ValidationException", "There is nothing to update.")
    if len(touched) > 1:
        raise ServiceError(
            "ValidationException",
            "You can't update multiple configurations at the same time: "
            + ", ".join(sorted(given)),
        )


def available(fleet, thing):
    thing.view["status"] = "AVAILABLE"


def gone(fleet, thing):
    fleet.remove(thing)


def workgroup_of(fleet, namespace_name):
    for thing in fleet.all("workgroup"):
        if thing.view["namespaceName"] == namespace_name:
            return thing
    return None


@operation
def create_namespace(fleet, params):
    name = params["namespaceName"]
    fleet.must_be_new("namespace", name)
    identifier = str(uuid.uuid4())
    prefix = f"arn:aws:redshift-serverless:{fleet.region}:{ACCOUNT}"
    view = {
        "namespaceName": name,
        "namespaceId": identifier,
        "namespaceArn": f"{prefix}:namespace/{identifier}",
        "status": "AVAILABLE",
        "dbName": params.get("dbName", "dev"),
        "adminUsername": params.get("adminUsername", "admin"),
        "kmsKeyId": params.get("kmsKeyId", "AWS_OWNED_KMS_KEY"),
        "iamRoles": _roles(params.get("iamRoles", [])),
        "logExports": params.get("logExports", []),
        "creationDate": iso_now(),
    }
    if "defaultIamRoleArn" in params:
        view["defaultIamRoleArn"] = params["defaultIamRoleArn"]
    _manage_password(fleet, view, params)
    fleet.add("namespace", name, view, params.get("tags", ()))
    return {"namespace": view}


def _roles(arns):
    return [
        f"IamRole(applyStatus=in-sync, iamRoleArn={arn})" for arn in arns
    ]


def _manage_password(fleet, view, params):
    """Keep the administrator's password in Secrets Manager, as AWS would."""
    managed = params.get("manageAdminPassword")
    if managed and "adminUserPassword" in params:
        raise ServiceError(
            "ValidationException",
            "adminUserPassword cannot be given with manageAdminPassword.",
        )
    if managed and "adminPasswordSecretArn" not in view:
        view["adminPasswordSecretArn"] = _new_secret(fleet, view)
        view["adminPasswordSecretKmsKeyId"] = params.get(
            "adminPasswordSecretKmsKeyId", "alias/aws/secretsmanager"
        )
    elif managed is False:
        view.pop("adminPasswordSecretArn", None)
        view.pop("adminPasswordSecretKmsKeyId", None)


def _new_secret(fleet, view):
    """Put a random password into moto's Secrets Manager; returns the ARN."""
    from moto.secretsmanager.models import secretsmanager_backends

    user = view["adminUsername"]
    secret = {"username": user, "password": secrets.token_urlsafe(24)}
    made = secretsmanager_backends[ACCOUNT][fleet.region].create_secret(
        name=f"redshift!{view['namespaceName']}-{user}",
        secret_string=json.dumps(secret),
        secret_binary=None,
        description="",
        tags=[],
        kms_key_id=None,
        client_request_token=None,
        replica_regions=[],
        force_overwrite=False,
    )
    return json.loads(made)["ARN"]


@operation
def get_namespace(fleet, params):
    thing = fleet.get("namespace", params["namespaceName"])
    return {"namespace": thing.view}


@operation
def list_namespaces(fleet, params):
    views, token = page(fleet, fleet.all("namespace"), params)
    return {"namespaces": views, **token}


@operation
def update_namespace(fleet, params):
    thing = fleet.get("namespace", params["namespaceName"])
    must_be_settled(thing)
    must_be_one_change(params, "namespaceName", CHANGES)
    _manage_password(fleet, thing.view, params)
    for member in (
        "adminUsername",
        "defaultIamRoleArn",
        "kmsKeyId",
        "logExports",
    ):
        if member in params:
            thing.view[member] = params[member]
    if "iamRoles" in params:
        thing.view["iamRoles"] = _roles(params["iamRoles"])
    thing.view["status"] = "MODIFYING"
    fleet.plan(thing, ("modify", available))
    return {"namespace": thing.view}


@operation
def delete_namespace(fleet, params):
    thing = fleet.get("namespace", params["namespaceName"])
    if workgroup_of(fleet, thing.name):
        raise ServiceError(
            "ConflictException",
            f"The namespace {thing.name} still has a workgroup.",
        )
    must_be_settled(thing)
    thing.view["status"] = "DELETING"
    fleet.plan(thing, ("delete", gone))
    return {"namespace": thing.view}
