"""Load balancer targets with a life: initial, healthy, draining, gone.

moto's targets are healthy at once and keyed by address alone.  Here the
three target operations of its ELBv2 backend are replaced; moto goes on to
parse the requests, keep the groups and write the answers.
"""

import copy
import ipaddress
from dataclasses import dataclass

from . import ACCOUNT, network

LIMIT = 1000  # targets in one group
DESCRIPTIONS = {
    "Elb.RegistrationInProgress": "Target registration is in progress",
    "Elb.InitialHealthChecking": "Initial health checks in progress",
    "Target.FailedHealthChecks": "Health checks failed",
    "Target.DeregistrationInProgress":
        "Target deregistration is in progress",
    "Target.NotRegistered": "Target is not registered to the target group",
    "Target.NotInUse":
        "Target group is not configured to receive traffic from the load "
        "balancer",
    "Elb.InternalError": "Health checks failed due to an internal error",
}  # fmt: skip
REASON_OF_STATE = {
    "initial": "Elb.InitialHealthChecking",
    "unhealthy": "Target.FailedHealthChecks",
    "draining": "Target.DeregistrationInProgress",
    "unused": "Target.NotInUse",
    "unavailable": "Elb.InternalError",
    "healthy": None,
}


@dataclass
class Target:
    address: str
    port: int
    zone: str
    started: float = None  # when health checking began
    draining_until: float = None
    forced: str = None  # a state that a test insists on


class Targets:
    """All target groups' targets, in place of moto's own."""

    def reset(self, clock, settings):
        """Begin with none; also called before the first use."""
        self.clock = clock
        self.settings = settings
        self.groups = {}  # ARN -> {(address, port, zone): Target}
        self.before_write = {}
        self.stale = False

    def install(self):
        """Take over from moto for every region's backend, once."""
        from moto.elbv2.models import ELBv2Backend

        _name_arns_by_type(ELBv2Backend)
        ELBv2Backend.register_targets = (
            lambda backend, target_group_arn, instances: self.register(
                backend, target_group_arn, instances
            )
        )
        ELBv2Backend.deregister_targets = (
            lambda backend, target_group_arn, instances: self.deregister(
                backend, target_group_arn, instances
            )
        )
        ELBv2Backend.describe_target_health = (
            lambda backend, target_group_arn, targets: self.describe(
                backend, target_group_arn, targets
            )
        )

    # --- the three operations ---------------------------------------------

    def register(self, backend, arn, wanted):
        group, table = self._table(backend, arn)
        new = [self._new_target(backend, group, item) for item in wanted]
        self.before_write[arn] = copy.deepcopy(table)
        for target in new:
            key = (target.address, target.port, target.zone)
            old = table.get(key)
            if old is None or old.draining_until is not None:
                table[key] = target
        if len(table) > LIMIT:
            self.groups[arn] = self.before_write[arn]
            raise _error(
                "TooManyTargets",
                f"You've reached the limit of {LIMIT} targets in a group.",
            )

    def deregister(self, backend, arn, wanted):
        group, table = self._table(backend, arn)
        found = [self._find(group, table, item) for item in wanted]
        self.before_write[arn] = copy.deepcopy(table)
        delay = int(group.attributes["deregistration_delay.timeout_seconds"])
        wait = min(delay, self.settings["drain"])
        zones = _enabled_zones(backend, group)
        for key in (key for keys in found for key in keys):
            target = table[key]
            if self._health(zones, target)[0] == "unused":
                del table[key]
            elif target.draining_until is None:
                target.draining_until = self.clock.now() + wait
                target.forced = None

    def describe(self, backend, arn, wanted):
        group, table = self._table(backend, arn)
        if self.stale:
            table = self.before_write.get(arn, table)
        zones = _enabled_zones(backend, group)

        def description(target):
            state, reason = self._health(zones, target)
            return _describe(
                group, target.address, target.port, target.zone, state, reason
            )

        if not wanted:
            return [description(target) for target in table.values()]
        answers = []
        for item in wanted:
            keys = self._find(group, table, item)
            answers += [description(table[key]) for key in keys]
            if not keys:
                answers.append(_unregistered(group, item))
        return answers

    # --- what a test may do -----------------------------------------------

    def force(self, region, group_name, address, port=None, state=None):
        """Put a target into a state for good; auto gives it its life back."""
        from moto.elbv2.models import elbv2_backends

        backend = elbv2_backends[ACCOUNT][region]
        group = self.find_group(backend, group_name)
        item = {"Id": address, "Port": port or group.port}
        _, table = self._table(backend, group.arn)
        if not self._find(group, table, item):
            self.register(backend, group.arn, [item])
        for key in self._find(group, table, item):
            table[key].forced = None if state == "auto" else state

    @staticmethod
    def find_group(backend, name):
        for group in backend.target_groups.values():
            if name in (group.name, group.arn):
                return group
        raise _error("TargetGroupNotFound", f"no target group '{name}'")

    # --- the rest ---------------------------------------------------------

    def _table(self, backend, arn):
        """Return (group, its targets), without those drained by now."""
        group = backend.target_groups.get(arn)
        if group is None:
            raise _error(
                "TargetGroupNotFound", "One or more target groups not found"
            )
        table = self.groups.setdefault(arn, {})
        now = self.clock.now()
        for key, target in list(table.items()):
            if target.draining_until is not None:
                if target.draining_until <= now:
                    del table[key]
        return group, table

    def _new_target(self, backend, group, item):
        address, zone = item["Id"], item.get("AvailabilityZone")
        if group.target_type != "ip":
            return Target(address, int(item.get("Port", group.port)), None)
        try:
            ip = ipaddress.IPv4Address(address)
        except ValueError:
            raise _error(
                "ValidationError",
                f"The IP address '{address}' is not a valid IPv4 address",
            ) from None
        found = _zone_of(backend, group, ip)
        if found and zone not in (None, found):
            raise _error(
                "ValidationError",
                f"The target {address} is in the Availability Zone {found}, "
                f"not {zone}",
            )
        if not found and not zone:
            raise _error(
                "InvalidTarget",
                f"The IP address '{address}' is outside the VPC of the "
                "target group: an Availability Zone is needed",
            )
        return Target(address, int(item.get("Port", group.port)), found or zone)

    @staticmethod
    def _find(group, table, item):
        """Keys of the registrations that item names."""
        port = int(item.get("Port", group.port))
        zone = item.get("AvailabilityZone")
        return [
            key
            for key in table
            if key[:2] == (item["Id"], port) and zone in (None, key[2])
        ]

    def _health(self, zones, target):
        """Return (state, reason) as of now; zones are those balanced to."""
        now = self.clock.now()
        if target.draining_until is not None:
            return "draining", "Target.DeregistrationInProgress"
        if target.forced:
            return target.forced, REASON_OF_STATE[target.forced]
        if not zones or target.zone not in (None, "all", *zones):
            target.started = None
            return "unused", "Target.NotInUse"
        if target.started is None:
            target.started = now
        age, initial = now - target.started, self.settings["initial"]
        if age >= initial:
            return "healthy", None
        if age < initial / 2:
            return "initial", "Elb.RegistrationInProgress"
        return "initial", "Elb.InitialHealthChecking"


def _describe(group, address, port, zone, state, reason):
    identity = {"Id": address, "Port": port}
    if zone:
        identity["AvailabilityZone"] = zone
    health = {"State": state}
    if reason:
        health["Reason"] = reason
        health["Description"] = DESCRIPTIONS[reason]
    check = group.health_check_port
    return {
        "Target": identity,
        "HealthCheckPort": str(port if check == "traffic-port" else check),
        "TargetHealth": health,
    }


def _unregistered(group, item):
    return _describe(
        group,
        item["Id"],
        int(item.get("Port", group.port)),
        item.get("AvailabilityZone"),
        "unused",
        "Target.NotRegistered",
    )


def _zone_of(backend, group, ip):
    """The zone of the subnet that holds ip, None outside the VPC."""
    for zone in backend.ec2_backend.subnets.values():
        for subnet in zone.values():
            if subnet.vpc_id == group.vpc_id:
                if ip in ipaddress.IPv4Network(subnet.cidr_block):
                    return subnet.availability_zone
    return None


def _enabled_zones(backend, group):
    """Zones of the load balancers whose listeners send to the group."""
    if not backend._any_listener_using(group.arn):
        return set()
    return {
        subnet.availability_zone
        for arn in group.load_balancer_arns
        if arn in backend.load_balancers
        for subnet in backend.load_balancers[arn].subnets
    }


def _name_arns_by_type(backend_class):
    """moto gives every load balancer the ARN of an application's."""
    from moto.elbv2 import models

    plain_create = backend_class.create_load_balancer
    plain_arn = models.make_arn_for_load_balancer

    def create(backend, **arguments):
        network = arguments.get("loadbalancer_type") == "network"
        models.make_arn_for_load_balancer = lambda **names: (
            plain_arn(**names).replace("/app/", "/net/")
            if network
            else plain_arn(**names)
        )
        return plain_create(backend, **arguments)

    backend_class.create_load_balancer = create


def _error(code, message):
    from moto.elbv2.exceptions import ELBClientError

    return ELBClientError(code, message)


def create_group(region, name, port=5439, attached=True):
    """Make a TCP target group for addresses behind an NLB; returns its ARN."""
    from moto.elbv2.models import elbv2_backends

    backend = elbv2_backends[ACCOUNT][region]
    vpc_id, subnet_ids = network.sandbox_vpc(region)
    group = backend.create_target_group(
        name,
        protocol="TCP",
        port=port,
        vpc_id=vpc_id,
        target_type="ip",
        healthcheck_protocol="TCP",
    )
    if attached:
        balancer = backend.create_load_balancer(
            name=f"{name}-nlb"[:32].rstrip("-"),
            security_groups=[],
            subnet_ids=subnet_ids,
            scheme="internal",
            loadbalancer_type="network",
        )
        forward = {"Type": "forward", "TargetGroupArn": group.arn}
        backend.create_listener(
            balancer.arn, "TCP", port, None, None, [forward]
        )
    return group.arn
