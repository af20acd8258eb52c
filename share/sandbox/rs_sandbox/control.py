"""The sandbox's own API below /_sandbox/: JSON in, JSON out."""

import json
import os
import time

from . import (
    ACCOUNT,
    endpoints,
    network,
    operations,
    shapes,
    targets,
    workgroups,
)
from .faults import KINDS
from .wire import Response, json_response

HEALTH = ("auto", *targets.REASON_OF_STATE)


class Control:
    def __init__(self, sandbox):
        self.sandbox = sandbox

    def handle(self, request):
        """POST /_sandbox/NAME with a JSON object of arguments."""
        name = request.path.removeprefix("/_sandbox/").replace("-", "_")
        verb = getattr(self, f"do_{name}", None)
        if verb is None:
            return json_response({"error": f"no such call: {name}"}, 404)
        try:
            arguments = json.loads(request.body or b"{}")
            with self.sandbox.lock:
                self.sandbox.tick()
                answer = verb(**arguments)
        except (ValueError, TypeError, KeyError) as error:
            return json_response({"error": str(error)}, 400)
        except Exception as error:
            # Services' errors, ours and moto's, have a message.
            if not hasattr(error, "message"):
                raise
            return json_response({"error": error.message}, 400)
        return answer if isinstance(answer, Response) else json_response(answer)

    # --- the sandbox as a whole -------------------------------------------

    def do_status(self):
        sandbox = self.sandbox
        vpc_id, subnet_ids = network.sandbox_vpc(sandbox.region)
        fleet = sandbox.fleet()
        return {
            "pid": os.getpid(),
            "up_s": round(time.monotonic() - sandbox.begun, 3),
            "region": sandbox.region,
            "account": ACCOUNT,
            "vpc_id": vpc_id,
            "subnet_ids": subnet_ids,
            "verify": sandbox.settings.verify,
            "clock_running": sandbox.clock.running,
            "timing": sandbox.settings.durations,
            "stick_parallel": sandbox.settings.stick_parallel,
            "page_size": sandbox.settings.page_size,
            "things": {
                kind: {thing.name: thing.status for thing in fleet.all(kind)}
                for kind in ("namespace", "workgroup", "endpoint")
            },
            "requests": len(sandbox.journal.find()),
            "faults": len(sandbox.faults.list()),
        }

    def do_reset(self):
        self.sandbox.reset()
        return {}

    # --- faults and the request log -----------------------------------------

    def do_fault_add(self, kind, **options):
        return {"id": self.sandbox.faults.add(kind, **options)}

    def do_fault_list(self):
        return {"faults": self.sandbox.faults.list(), "kinds": list(KINDS)}

    def do_fault_clear(self):
        self.sandbox.faults.clear()
        return {}

    def do_fault_release(self, id):
        self.sandbox.faults.release(int(id))
        return {}

    def do_requests(self, service="", operation=""):
        entries = self.sandbox.journal.find(service, operation)
        lines = "".join(json.dumps(entry) + "\n" for entry in entries)
        return Response(
            200, lines.encode(), [("Content-Type", "application/x-ndjson")]
        )

    def do_requests_clear(self):
        self.sandbox.journal.clear()
        return {}

    # --- the life of things -------------------------------------------------

    def do_timing(self, **durations):
        settings = self.sandbox.settings
        for name, value in durations.items():
            if name not in settings.durations:
                known = ", ".join(settings.durations)
                raise ValueError(f"no timing '{name}': {known}")
            if not 0 <= float(value) < 1e9:
                raise ValueError(f"timing '{name}' is out of range: {value}")
        for name, value in durations.items():
            settings.durations[name] = float(value)
        return settings.durations

    def do_option(self, page_size=None, stick_parallel=None, verify=None):
        settings = self.sandbox.settings
        if page_size is not None:
            if int(page_size) < 1:
                raise ValueError("page_size must be at least 1")
            settings.page_size = int(page_size)
        if stick_parallel is not None:
            settings.stick_parallel = _flag(stick_parallel)
        if verify is not None:
            settings.verify = _flag(verify)
        return {}

    def do_clock(self, action, seconds=0):
        clock = self.sandbox.clock
        if action == "stop":
            clock.stop()
        elif action == "start":
            clock.start()
        elif action == "advance":
            clock.advance(float(seconds))
        else:
            raise ValueError("clock: stop, start or advance")
        self.sandbox.tick()
        return {"running": clock.running}

    def do_set(self, kind, name, status=None, hold=None, step=None, enis=None):
        """Change a workgroup, namespace or endpoint behind the API's back."""
        fleet = self.sandbox.fleet()
        if kind not in ("workgroup", "namespace", "endpoint"):
            raise ValueError("set: workgroup, namespace, endpoint or target")
        thing = fleet.get(kind, name)
        if hold is not None:
            thing.held = _flag(hold)
        if step is not None and _flag(step):
            fleet.step(thing)
        if status is not None:
            _force_status(fleet, thing, status)
        if enis is not None:
            _force_interfaces(fleet, thing, int(enis))
        return thing.view

    def do_target(self, group, ip, health, port=None):
        if health not in HEALTH:
            raise ValueError(f"health is one of {', '.join(HEALTH)}")
        self.sandbox.targets.force(
            self.sandbox.region, group, ip, port and int(port), health
        )
        return {}

    # --- ready-made things --------------------------------------------------

    def do_fleet(self, names, endpoint=True):
        """AVAILABLE workgroups with ACTIVE endpoint accesses, at once."""
        self.sandbox.fleet().remember()
        made = [
            self._ready(name, index, endpoint)
            for index, name in enumerate(names)
        ]
        return {"fleet": made}

    def _ready(self, name, index, endpoint):
        fleet = self.sandbox.fleet()
        _, subnets = network.sandbox_vpc(fleet.region)
        _ask(fleet, "CreateNamespace", namespaceName=name)
        _ask(
            fleet,
            "CreateWorkgroup",
            workgroupName=name,
            namespaceName=name,
            subnetIds=subnets,
        )
        workgroup = fleet.get("workgroup", name)
        _force_status(fleet, workgroup, "AVAILABLE")
        made = {
            "workgroup": name,
            "namespace_id": fleet.get("namespace", name).view["namespaceId"],
            "ips": _addresses(workgroup.view["endpoint"]["vpcEndpoints"][0]),
        }
        if endpoint:
            turn = index % len(subnets)
            made["endpoint"] = f"{name}-endpoint"
            _ask(
                fleet,
                "CreateEndpointAccess",
                endpointName=made["endpoint"],
                workgroupName=name,
                subnetIds=subnets[turn:] + subnets[:turn],
            )
            access = fleet.get("endpoint", made["endpoint"])
            _force_status(fleet, access, "ACTIVE")
            made["endpoint_ips"] = _addresses(access.view["vpcEndpoint"])
        return made

    def do_target_group(self, name, port=5439, attached=True):
        arn = targets.create_group(
            self.sandbox.region, name, int(port), _flag(attached)
        )
        return {"arn": arn}


def _ask(fleet, name, **params):
    return operations.call(fleet, name, params, quick=True)


def _addresses(endpoint):
    return [
        interface["privateIpAddress"]
        for interface in endpoint["networkInterfaces"]
    ]


def _flag(value):
    if isinstance(value, bool):
        return value
    if str(value) not in ("true", "false"):
        raise ValueError(f"'{value}' is neither true nor false")
    return value == "true"


def _force_status(fleet, thing, status):
    """Put a thing into a status; a settled one gets what belongs to it."""
    thing.steps = []
    if thing.kind == "workgroup" and status == "AVAILABLE":
        workgroups.available(fleet, thing)
    elif thing.kind == "endpoint" and status == "ACTIVE":
        endpoints.active(fleet, thing)
    elif thing.kind == "endpoint":
        thing.view["endpointStatus"] = status
    else:
        shapes.NOT_YET_KNOWN.add(status)
        thing.view["status"] = status


def _force_interfaces(fleet, thing, count):
    """Let an endpoint access have one interface in each of count subnets."""
    if thing.kind != "endpoint":
        raise ValueError("only an endpoint's enis can be set")
    subnets = network.find_subnets(fleet.region, thing.view["subnetIds"])
    if not 0 <= count <= len(subnets):
        raise ValueError(f"enis must be 0 to {len(subnets)}")
    if count:
        endpoints.attach(fleet, thing, subnets[:count])
    else:
        network.delete_vpc_endpoint(
            fleet.region, thing.view["vpcEndpoint"]
        )
        thing.view["vpcEndpoint"]["networkInterfaces"] = []
