"""Scripted faults: which request goes wrong, how often, and how."""

import itertools
import threading
from dataclasses import asdict, dataclass, field

from .wire import (
    SERVICE_OF_SIGNING_NAME,
    Response,
    ServiceError,
    error_response,
)

# kind -> whether the operation is carried out before the fault shows.
KINDS = {
    "error": False,
    "throttle": False,
    "delay": False,
    "hold": False,
    "reset": False,
    "empty": False,
    "garbage": False,
    "huge": False,
    "cut": True,
    "stale": True,
    "stuck": True,
}
STALE_SERVICES = ("", "redshift-serverless", "elbv2")
HUGE = 64 * 1024 * 1024
HOLD_LIMIT_S = 120  # nobody is held for ever


@dataclass
class Fault:
    id: int
    kind: str
    service: str = ""  # empty: any
    operation: str = ""
    count: int = 1  # 0: until cleared
    skip: int = 0
    page: int = 0  # only this page of a listing
    where: dict = field(default_factory=dict)
    after: bool = False  # carry the operation out first
    status: int = 400
    code: str = "InternalServerException"
    message: str = "This fault was asked for."
    retry_after_ms: int = 0
    seconds: float = 1.0
    hits: int = 0
    holding: int = 0

    def matches(self, request, page):
        return (
            self.service in ("", request.service)
            and self.operation in ("", request.operation)
            and self.page in (0, page)
            and all(
                str(request.params.get(name)) == value
                for name, value in self.where.items()
            )
        )


class Faults:
    """Callers hold the sandbox lock, except around wait_released."""

    def __init__(self):
        self._ids = itertools.count(1)
        self._faults = {}
        self._gates = {}
        self._pages = {}

    def add(self, kind, **options):
        if kind not in KINDS:
            raise ValueError(f"no fault kind '{kind}': {', '.join(KINDS)}")
        if kind == "stuck":
            options.setdefault("operation", "CreateWorkgroup")
        service = options.get("service", "")
        service = SERVICE_OF_SIGNING_NAME.get(service, service)
        options["service"] = service
        if kind == "stale" and service not in STALE_SERVICES:
            raise ValueError(f"no stale answers from '{service}'")
        options.setdefault("after", KINDS[kind])
        if kind == "throttle":
            options.setdefault("code", "ThrottlingException")
            options.setdefault("message", "Rate exceeded")
        elif kind == "error" and options.get("status", 400) >= 500:
            options.setdefault("message", "An internal error occurred.")
        fault = Fault(next(self._ids), kind, **options)
        self._faults[fault.id] = fault
        self._gates[fault.id] = threading.Event()
        return fault.id

    def take(self, request):
        """Return the fault that this request meets, or None."""
        key = (request.service, request.operation, request.access_key)
        page = self._pages.get(key, 0) + 1 if request.has_page_token else 1
        self._pages[key] = page
        for fault in self._faults.values():
            if not fault.matches(request, page):
                continue
            if fault.skip:
                fault.skip -= 1
            elif not fault.count or fault.hits < fault.count:
                fault.hits += 1
                return fault
        return None

    def wait_released(self, fault):
        self._gates[fault.id].wait(HOLD_LIMIT_S)

    def release(self, fault_id):
        self._gates[fault_id].set()

    def clear(self):
        for gate in self._gates.values():
            gate.set()
        self._faults.clear()
        self._pages.clear()

    def list(self):
        return [asdict(fault) for fault in self._faults.values()]


def refusal(fault, request):
    """The answer to a request that meets an error or throttle fault."""
    error = ServiceError(fault.code, fault.message, fault.status)
    response = error_response(request, error)
    if fault.retry_after_ms:
        response.headers.append(
            ("x-amz-retry-after", str(fault.retry_after_ms))
        )
    return response


def spoil(fault, response):
    """Return what is left of a good answer."""
    if fault.kind == "cut":
        response.cut = True
    elif fault.kind == "reset":
        response.reset = True
    elif fault.kind == "empty":
        response.body = b""
    elif fault.kind == "garbage":
        response.body = b'{"<neither>&json\x00\xff nor xml'
    elif fault.kind == "huge":
        response.body = b'{"x":"' + b"x" * HUGE + b'"}'
    return response


def blank(fault):
    """An answer to spoil when the operation was not carried out."""
    kind = "application/x-amz-json-1.1"
    return spoil(fault, Response(200, b"{}", [("Content-Type", kind)]))
