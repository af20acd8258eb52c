"""The operations of redshift-serverless, found by name, and their paging."""

import base64
import json

from .shapes import check_output, checked_input, operation_model
from .wire import ServiceError

OPERATIONS = {}


def operation(function):
    """Register create_workgroup as the operation CreateWorkgroup."""
    name = "".join(word.title() for word in function.__name__.split("_"))
    OPERATIONS[name] = function
    return function


def call(fleet, name, params, stale=False, stuck=False, quick=False):
    """Check the request, do it, check the answer.

    quick leaves out what a later stale read would see.
    """
    model = operation_model(name)
    params = checked_input(model, params)
    if name not in OPERATIONS:
        raise ServiceError(
            "UnknownOperationException", f"the sandbox has no {name} yet"
        )
    reads = name.startswith(("Get", "List"))
    if not reads and not quick:
        fleet.remember()
    fresh, fleet.stuck = fleet.tables, stuck
    try:
        if stale and reads:
            fleet.tables = fleet.before_write
        answer = OPERATIONS[name](fleet, params)
    finally:
        fleet.tables, fleet.stuck = fresh, False
    check_output(model, answer)
    return answer


def page(fleet, things, params, error="ValidationException"):
    """Return (one page of views, {"nextToken": ...} or {})."""
    limit = min(params.get("maxResults", 100), fleet.settings.page_size)
    after = _decode(params["nextToken"], error) if "nextToken" in params else 0
    rest = [thing for thing in things if thing.seq > after]
    views = [thing.view for thing in rest[:limit]]
    if len(rest) <= limit:
        return views, {}
    token = json.dumps({"after": rest[limit - 1].seq}).encode()
    return views, {"nextToken": base64.urlsafe_b64encode(token).decode()}


def _decode(token, error):
    try:
        value = json.loads(base64.urlsafe_b64decode(token))["after"]
    except (ValueError, KeyError, TypeError):
        value = None
    if not isinstance(value, int):
        raise ServiceError(error, "The nextToken is not valid.")
    return value
