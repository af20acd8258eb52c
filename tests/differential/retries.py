"""Decisions and delays for generated sequences of answers, against botocore's
standard mode with the numbers of 2026, in virtual time.

Ours differ from botocore's in four ways, which this test leaves out of the
comparison and checks by themselves:
- a wrong clock and expired credentials are put right once, then tried again;
- HTTP 429 is throttling whatever its code;
- what may have happened is not sent again unless twice is as good as once;
- a certificate that does not verify will not verify the next time either.
"""

import itertools
import os
import random

os.environ["AWS_NEW_RETRIES_2026"] = "true"

import botocore.session
from botocore.exceptions import (ConnectionClosedError, EndpointConnectionError,
                                 ReadTimeoutError)
from botocore.retries import quota, standard

from driver import Comparison, ask

SEED = int(os.environ.get("SEED", random.randrange(1 << 32)))
rnd = random.Random(SEED)
RUNS, CALLS = 300, 30

CODES = (standard.TransientRetryableChecker._TRANSIENT_ERROR_CODES +
         standard.ThrottledRetryableChecker._THROTTLED_ERROR_CODES +
         ["AccessDeniedException", "ValidationException", "", "Nonsense",
          "ConflictException", "ResourceNotFoundException",
          "ConditionalCheckFailedException", "ServiceUnavailable"])
# botocore looks these up in the model of the service; we have one table.
MODELED = {
    "redshift-serverless": ["InsufficientCapacityException",
                            "InternalServerException"],
    "dynamodb": [],
}
STATUSES = [400, 400, 400, 403, 404, 500, 501, 502, 503, 504, 509]
FAILURES = {
    "connect": EndpointConnectionError(endpoint_url="https://x"),
    "timeout": ReadTimeoutError(endpoint_url="https://x"),
    "broken": ConnectionClosedError(endpoint_url="https://x"),
}
session = botocore.session.Session()
operations = {
    "redshift-serverless": session.get_service_model(
        "redshift-serverless").operation_model("CreateWorkgroup"),
    "dynamodb": session.get_service_model(
        "dynamodb").operation_model("GetItem"),
}


class Answer:
    def __init__(self, status, headers):
        self.status_code = status
        self.headers = headers
        self.content = b""


def outcome(service):
    kind = rnd.random()
    if kind < 0.15:
        return {"status": 200}
    if kind < 0.4:
        return {"failure": rnd.choice(list(FAILURES))}
    found = {"status": rnd.choice(STATUSES), "code": rnd.choice(CODES + MODELED[service])}
    if rnd.random() < 0.3:
        found["retry_after"] = rnd.choice([0, 0.05, 1, 4.5, 30, 100000])
    return found


class Theirs:
    """botocore's handler, without clients and clocks."""

    def __init__(self, service, attempts, randomness):
        adapter = standard.RetryEventAdapter()
        detector = standard.ThrottlingErrorDetector(adapter)
        self.service = service
        self.bucket = quota.RetryQuota()
        self.quota = standard.RetryQuotaChecker(self.bucket, detector)
        self.handler = standard.RetryHandler(
            standard.RetryPolicy(
                standard.StandardRetryConditions(max_attempts=attempts),
                standard.ExponentialBackoff(
                    random=lambda: randomness, service_name=service,
                    throttling_detector=detector)),
            adapter, self.quota, service_name=service)

    def call(self, outcomes):
        decisions = []
        context = {}
        for attempt, o in enumerate(outcomes, 1):
            if o.get("status") == 200:
                self.quota.release_retry_quota(context, Answer(200, {}))
                break
            response, caught = None, FAILURES.get(o.get("failure"))
            if caught is None:
                headers = {}
                if "retry_after" in o:
                    headers["x-amz-retry-after"] = str(
                        round(o["retry_after"] * 1000))
                response = (Answer(o["status"], headers),
                            {"Error": {"Code": o["code"]}})
            delay = self.handler.needs_retry(
                attempts=attempt, operation=operations[self.service],
                response=response, caught_exception=caught,
                request_dict={"context": context})
            decisions.append((delay is not None,
                              -1 if delay is None else round(delay, 6)))
            if delay is None:
                break
        return decisions


def compare_sequences(c):
    questions = []
    for _ in range(RUNS):
        service = rnd.choice(list(operations))
        attempts = rnd.choice([1, 2, 3, 3, 4, 8])
        questions.append({
            "do": "retry", "service": service, "attempts": attempts,
            "transient_base": 0.025 if service == "dynamodb" else 0.05,
            "repeatable": True, "random": round(rnd.random(), 3),
            "calls": [[outcome(service) for _ in range(attempts + 1)]
                      for _ in range(CALLS)],
        })
    for q, a in zip(questions, ask(questions)):
        handler = Theirs(q["service"], q["attempts"], q["random"])
        for i, (outcomes, ours) in enumerate(zip(q["calls"], a["calls"])):
            got = [(d["again"], round(d["delay"], 6)) for d in ours]
            c.same((q["service"], q["attempts"], i, outcomes), got,
                   handler.call(outcomes))
        c.same("quota", a["quota"], handler.bucket.available_capacity)


def decide(outcomes, **policy):
    q = {"do": "retry", "attempts": 3, "transient_base": 0.05,
         "repeatable": True, "random": 0.5, "calls": [outcomes]}
    q.update(policy)
    return [(d["again"], d["why"]) for d in ask([q])[0]["calls"][0]]


def check_differences(c):
    skewed = {"status": 403, "code": "RequestTimeTooSkewed", "skewed": True}
    c.same("skew, once", decide([skewed, skewed]),
           [(True, "skew"), (False, "skew")])
    c.same("no proof of skew", decide([dict(skewed, skewed=False)]),
           [(False, "not")])
    for code in ("ExpiredToken", "ExpiredTokenException"):
        expired = {"status": 403, "code": code}
        c.same(code, decide([expired, expired]),
               [(True, "expired"), (False, "expired")])
    c.same("429", decide([{"status": 429}]), [(True, "throttling")])
    c.same("fatal", decide([{"failure": "fatal"}]), [(False, "not")])
    happened = {"failure=timeout": False, "failure=broken": False,
                "failure=connect": True, "status=500": False,
                "status=502": False, "status=503": True,
                "status=504": False, "status=429": True}
    for what, again in happened.items():
        key, value = what.split("=")
        o = {key: int(value) if value.isdigit() else value}
        c.same(f"create after {what}",
               decide([o], repeatable=False)[0][0], again)
    throttled = {"status": 400, "code": "ThrottlingException"}
    c.same("create when throttled",
           decide([throttled], repeatable=False)[0][0], True)


def check_operations(c):
    """The table of what may be sent twice, over every operation there is."""
    for name, wanted in {
            "ListWorkgroups": True, "GetCredentials": True,
            "CreateWorkgroup": False, "ExecuteStatement": False,
            "BatchExecuteStatement": False, "UpdateItem": False,
            "PutItem": True, "DeleteItem": True, "RegisterTargets": True,
            "DeregisterTargets": True, "AssumeRole": True,
            "CreateToken": False, "RegisterClient": False,
            "RestoreFromSnapshot": False, "Nonsense": False,
            "TransactWriteItems": False, "SendCommand": False}.items():
        c.same(name, ask([{"do": "op", "op": name}])[0]["repeatable"],
               wanted)
    names = sorted({op for service in ("redshift-serverless", "redshift",
                    "redshift-data", "ec2", "rds", "glue", "dynamodb")
                    for op in session.get_service_model(
                        service).operation_names})
    answers = ask([{"do": "op", "op": n} for n in names])
    for n, a in zip(names, answers):
        if n.startswith(("Create", "Run", "Start", "Execute", "Allocate",
                         "Purchase", "Restore", "Copy", "Import")):
            c.same(n, a["repeatable"], False)
        if n.startswith(("Describe", "List")):
            c.same(n, a["repeatable"], True)


def main():
    print(f"SEED={SEED}")
    c = Comparison(RUNS * CALLS)
    compare_sequences(c)
    check_differences(c)
    check_operations(c)
    c.finish()


main()
