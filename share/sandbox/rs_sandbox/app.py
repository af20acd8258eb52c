"""The sandbox itself: who is asking, what goes wrong, who answers."""

import copy
import sys
import threading
import time
import traceback

# Imported for their operations, which register themselves.
from . import (  # noqa: F401
    REGION,
    auth,
    endpoints,
    faults,
    namespaces,
    network,
    operations,
    shapes,
    snapshots,
    workgroups,
)
from .clock import Clock, Settings
from .control import Control
from .data_api import DataApi
from .fleet import Fleet
from .journal import Journal
from .motoapp import Moto
from .targets import Targets
from .wire import Response, ServiceError, error_response, json_response


class Sandbox:
    """All state, under one lock: a test double has no need for more."""

    def __init__(self, region=REGION, settings=None):
        self.region = region
        self.defaults = settings or Settings()
        self.lock = threading.RLock()
        self.moto = Moto()
        self.journal = Journal()
        self.faults = faults.Faults()
        self.control = Control(self)
        self.begun = self.last_used = time.monotonic()
        self.busy = 0
        self.targets = Targets()
        self._forget()

    def _forget(self):
        self.clock = Clock()
        self.settings = copy.deepcopy(self.defaults)
        self.targets.reset(self.clock, self.settings)
        self.fleets = {}
        self.data_api = DataApi()

    def load(self):
        """Load moto, once; begun in the background at start."""
        with self.lock:
            if self.moto.load():
                self.targets.install()
                network.sandbox_vpc(self.region)

    def reset(self):
        """Back to an empty account."""
        with self.lock:
            self.faults.clear()
            shapes.NOT_YET_KNOWN.clear()
            self.moto.reset()
            self._forget()
            network.sandbox_vpc(self.region)
            self.journal.clear()

    def tick(self):
        """Let time pass for everything that has a life cycle."""
        for fleet in self.fleets.values():
            fleet.tick()

    def fleet(self, region=None):
        region = region or self.region
        if region not in self.fleets:
            self.fleets[region] = Fleet(region, self.clock, self.settings)
        return self.fleets[region]

    def handle(self, request):
        self._note_use(+1)
        try:
            self.load()
            if request.path.startswith("/_sandbox/"):
                return self.control.handle(request)
            request.identify(self.region)
            return self._serve(request)
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            problem = ServiceError("InternalFailure", repr(error), 500)
            return error_response(request, problem)
        finally:
            self._note_use(-1)

    def _note_use(self, change):
        with self.lock:
            self.busy += change
            self.last_used = time.monotonic()

    def _serve(self, request):
        with self.lock:
            opened = self.journal.open(request)
            fault = None
            try:
                if self.settings.verify:
                    auth.verify(request)
                fault = self.faults.take(request)
            except ServiceError as error:
                response = error_response(request, error)
                self.journal.close(opened, response, None)
                return response
        response = self._answer(request, fault)
        self.journal.close(opened, response, fault)
        return response

    def _answer(self, request, fault):
        if fault is None:
            return self._call(request)
        account = self.fleets
        if fault.after:
            response = self._call(request, fault.kind)
        self._wait(fault)
        if fault.kind in ("error", "throttle"):
            return faults.refusal(fault, request)
        if fault.after:
            return faults.spoil(fault, response)
        # Whoever was held over a reset must not touch the new account.
        if account is not self.fleets:
            return Response(0, reset=True)
        if fault.kind in ("delay", "hold"):
            return self._call(request)
        return faults.blank(fault)

    def _wait(self, fault):
        if fault.kind == "delay":
            time.sleep(fault.seconds)
        elif fault.kind == "hold":
            fault.holding += 1
            self.faults.wait_released(fault)
            fault.holding -= 1

    def _call(self, request, fault_kind=None):
        if request.service == "redshift-data" and DataApi.wanted():
            return self._call_data_api(request)
        with self.lock:
            self.tick()
            if request.service != "redshift-serverless":
                self.targets.stale = fault_kind == "stale"
                try:
                    return self.moto.handle(request)
                finally:
                    self.targets.stale = False
            try:
                if request.malformed:
                    raise ServiceError(
                        "SerializationException",
                        "The body is not a JSON object.",
                    )
                answer = operations.call(
                    self.fleet(request.region),
                    request.operation,
                    request.params,
                    stale=fault_kind == "stale",
                    stuck=fault_kind == "stuck",
                )
            except ServiceError as error:
                return error_response(request, error)
            return json_response(answer)

    def _call_data_api(self, request):
        """Without the lock: a statement may take its time."""
        try:
            return json_response(
                self.data_api.call(request.operation, request.params)
            )
        except ServiceError as error:
            return error_response(request, error)
