"""The log of requests that a test can question; holds no secrets."""

import datetime
import itertools
import time
from collections import deque

from .wire import SERVICE_OF_SIGNING_NAME, masked

LIMIT = 100_000  # requests kept


class Journal:
    def __init__(self):
        self._numbers = itertools.count(1)
        self._entries = deque(maxlen=LIMIT)

    def open(self, request):
        """Note a request as it comes in; status stays null until answered."""
        now = datetime.datetime.now(datetime.timezone.utc)
        entry = {
            "n": next(self._numbers),
            "time": now.isoformat().replace("+00:00", "Z"),
            "service": request.service,
            "operation": request.operation,
            "region": request.region,
            "status": None,
            "code": None,
            "params": masked(request.params),
            "connection": request.connection,
            "access_key": request.access_key,
            "fault": None,
            "elapsed_s": None,
        }
        self._entries.append(entry)
        return entry, time.monotonic()

    @staticmethod
    def close(opened, response, fault):
        entry, begun = opened
        entry["status"] = response.status
        entry["code"] = response.code or None
        entry["fault"] = fault.kind if fault else None
        entry["elapsed_s"] = round(time.monotonic() - begun, 6)

    def find(self, service="", operation=""):
        service = SERVICE_OF_SIGNING_NAME.get(service, service)
        return [
            entry
            for entry in self._entries
            if service in ("", entry["service"])
            and operation in ("", entry["operation"])
        ]

    def clear(self):
        self._numbers = itertools.count(1)
        self._entries.clear()
