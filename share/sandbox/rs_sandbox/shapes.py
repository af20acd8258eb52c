"""Requests and answers checked against botocore's model of the service."""

import re
from functools import lru_cache

from botocore.loaders import Loader
from botocore.model import ServiceModel

from .wire import ServiceError

PYTHON_TYPES = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "structure": dict,
    "map": dict,
    "list": list,
}


@lru_cache
def service_model(service="redshift-serverless"):
    data = Loader().load_service_model(service, "service-2")
    return ServiceModel(data, service_name=service)


def operation_model(name):
    if name not in service_model().operation_names:
        raise ServiceError("UnknownOperationException", f"no operation {name}")
    return service_model().operation_model(name)


# Statuses of a service newer than botocore, set by hand for a test.
NOT_YET_KNOWN = set()


def checked_input(model, params):
    """Return params without nulls, or raise what AWS would answer."""
    params = _without_nulls(params)
    problems = []
    if model.input_shape:
        _check(model.input_shape, params, "", problems)
    if problems:
        count = len(problems)
        noun = "error" if count == 1 else "errors"
        raise ServiceError(
            "ValidationException",
            f"{count} validation {noun} detected: " + "; ".join(problems),
        )
    return params


def check_output(model, answer):
    """Our own answers have to fit too: a test double must not invent."""
    problems = []
    if model.output_shape:
        _check(model.output_shape, answer, "", problems)
    if problems:
        raise AssertionError(f"{model.name} answer: " + "; ".join(problems))


def _without_nulls(value):
    if isinstance(value, dict):
        return {
            key: _without_nulls(child)
            for key, child in value.items()
            if child is not None
        }
    if isinstance(value, list):
        return [_without_nulls(child) for child in value]
    return value


def _check(shape, value, where, problems):
    if shape.type_name == "timestamp":
        _check_timestamp(shape, value, where, problems)
        return
    wanted = PYTHON_TYPES.get(shape.type_name)
    wrong_bool = isinstance(value, bool) and shape.type_name != "boolean"
    if wanted and (wrong_bool or not isinstance(value, wanted)):
        problems.append(f"Value at '{where}' is not a {shape.type_name}")
        return
    if shape.type_name == "structure":
        _check_structure(shape, value, where, problems)
    elif shape.type_name == "list":
        _check_bounds(shape, len(value), value, where, problems, "length")
        for index, item in enumerate(value, 1):
            _check(shape.member, item, f"{where}.{index}.member", problems)
    elif shape.type_name == "string":
        _check_string(shape, value, where, problems)
    elif shape.type_name != "boolean":
        _check_bounds(shape, value, value, where, problems, "value")


def _check_structure(shape, value, where, problems):
    for name in shape.required_members:
        if name not in value:
            problems.append(
                f"Value null at '{_join(where, name)}' failed to satisfy "
                "constraint: Member must not be null"
            )
    for name, child in value.items():
        if name not in shape.members:
            problems.append(f"Unknown member '{_join(where, name)}'")
        else:
            _check(shape.members[name], child, _join(where, name), problems)
    if getattr(shape, "is_tagged_union", False) and len(value) != 1:
        problems.append(f"Value at '{where}' must have exactly one member")


def _check_string(shape, value, where, problems):
    rules = shape.metadata
    _check_bounds(shape, len(value), value, where, problems, "length")
    if rules.get("pattern") and not re.search(rules["pattern"], value):
        _failed(
            value,
            where,
            "Member must satisfy regular expression pattern: "
            + rules["pattern"],
            problems,
        )
    if shape.enum and value not in shape.enum and value not in NOT_YET_KNOWN:
        _failed(
            value,
            where,
            f"Member must satisfy enum value set: {shape.enum}",
            problems,
        )


def _check_bounds(shape, size, value, where, problems, what):
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and size < low:
        _failed(
            value,
            where,
            f"Member must have {what} greater than or equal to {low}",
            problems,
        )
    if high is not None and size > high:
        _failed(
            value,
            where,
            f"Member must have {what} less than or equal to {high}",
            problems,
        )


def _check_timestamp(shape, value, where, problems):
    iso = shape.serialization.get("timestampFormat") == "iso8601"
    wanted = str if iso else (int, float)
    if not isinstance(value, wanted) or isinstance(value, bool):
        kind = "an ISO 8601 string" if iso else "a number of seconds"
        problems.append(f"Value at '{where}' is not {kind}")


def _failed(value, where, constraint, problems):
    problems.append(
        f"Value '{value}' at '{where}' failed to satisfy constraint: "
        + constraint
    )


def _join(where, name):
    return f"{where}.{name}" if where else name
