"""What one region holds, and how time changes it.

A Thing is a resource with the view that the API shows and the steps it has
still to go through.  Time passes only in Fleet.tick, so that two requests
under one tick see one truth, and a stopped clock stops everything.
"""

import copy
import datetime
import itertools
import uuid
from dataclasses import dataclass, field

from . import ACCOUNT
from .wire import ServiceError

KINDS = (
    "workgroup",
    "namespace",
    "endpoint",
    "snapshot",
    "recovery point",
    "usage limit",
    "policy",
)


def iso_now():
    now = datetime.datetime.now(datetime.timezone.utc)
    return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Thing:
    kind: str
    name: str
    seq: int  # order of creation, the key that paging goes by
    view: dict
    steps: list = field(default_factory=list)  # [(due, function)]
    held: bool = False

    @property
    def status(self):
        return self.view.get("status") or self.view.get("endpointStatus")


class Fleet:
    def __init__(self, region, clock, settings):
        self.region = region
        self.clock = clock
        self.settings = settings
        self.tables = {kind: {} for kind in KINDS}
        self.tags = {}  # ARN -> {key: value}
        self.before_write = copy.deepcopy(self.tables)
        self._seq = itertools.count(1)

    def arn(self, kind):
        prefix = f"arn:aws:redshift-serverless:{self.region}:{ACCOUNT}"
        return f"{prefix}:{kind}/{uuid.uuid4()}"

    def add(self, kind, name, view, tags=()):
        thing = Thing(kind, name, next(self._seq), view)
        self.tables[kind][name] = thing
        for key, arn in view.items():
            if key == f"{kind}Arn" and tags:
                self.tags[arn] = {tag["key"]: tag["value"] for tag in tags}
        return thing

    def remove(self, thing):
        self.tables[thing.kind].pop(thing.name, None)
        self.tags.pop(thing.view.get(f"{thing.kind}Arn"), None)

    def get(self, kind, name):
        """Return the thing, or raise as the API does."""
        thing = self.tables[kind].get(name)
        if thing is None:
            raise ServiceError(
                "ResourceNotFoundException",
                f"The {kind} {name} was not found.",
                resourceName=str(name),
            )
        return thing

    def all(self, kind):
        return sorted(self.tables[kind].values(), key=lambda t: t.seq)

    def must_be_new(self, kind, name):
        if name in self.tables[kind]:
            raise ServiceError(
                "ConflictException",
                f"The {kind} {name} already exists.",
            )

    def plan(self, thing, *steps):
        """Let thing go through (duration name, function) one by one."""
        due = self.clock.now()
        thing.steps = []
        for duration, function in steps:
            due += self.settings[duration]
            thing.steps.append((due, function))

    def tick(self):
        """Take every step that is due, in the order of time."""
        now = self.clock.now()
        while True:
            due = [
                (thing.steps[0][0], thing.seq, thing)
                for table in self.tables.values()
                for thing in table.values()
                if thing.steps and not thing.held and thing.steps[0][0] <= now
            ]
            if not due:
                return
            self.step(min(due)[2])

    def step(self, thing):
        """Take the next step of one thing now."""
        if thing.steps:
            _, function = thing.steps.pop(0)
            function(self, thing)

    def remember(self):
        """Called before a write: what a stale read will see until the next."""
        self.before_write = copy.deepcopy(self.tables)
