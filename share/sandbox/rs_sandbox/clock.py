"""The clock that life cycles run on; a test may stop it and step it."""

import time


class Clock:
    def __init__(self):
        self._shift = 0.0
        self._stopped_at = None

    def now(self):
        if self._stopped_at is not None:
            return self._stopped_at
        return time.monotonic() + self._shift

    @property
    def running(self):
        return self._stopped_at is None

    def stop(self):
        self._stopped_at = self.now()

    def start(self):
        if self._stopped_at is not None:
            self._shift = self._stopped_at - time.monotonic()
            self._stopped_at = None

    def advance(self, seconds):
        if self._stopped_at is None:
            self._shift += seconds
        else:
            self._stopped_at += seconds


class Settings:
    """What a test or a demo may tune while the sandbox runs.

    Durations are seconds.  drain stands in for the target group's
    deregistration delay, which nobody wants to sit through in a test.
    """

    DURATIONS = {
        "create": 2.0,
        "modify": 1.0,
        "delete": 1.0,
        "endpoint": 1.0,
        "snapshot": 1.0,
        "initial": 1.0,
        "drain": 2.0,
    }

    def __init__(self, durations=None, stick_parallel=False, verify=True):
        self.durations = {**self.DURATIONS, **(durations or {})}
        self.page_size = 100  # at most this many things on a page
        self.stick_parallel = stick_parallel
        self.verify = verify  # judge signatures

    def __getitem__(self, duration):
        return self.durations[duration]
