"""Error answers of the four protocols, decoded by us and by botocore, and
times in AWS's three forms.

Exceptions: where an answer has no error in it, botocore makes the HTTP status
the code and we say what came; we cut codes at 79 bytes and messages at 767.
"""

import email.utils
import json
import os
import random
from xml.sax.saxutils import escape

import botocore.parsers
import botocore.utils

from driver import Comparison, ask

SEED = int(os.environ.get("SEED", random.randrange(1 << 32)))
rnd = random.Random(SEED)
COUNT = 1500
CODES = ["AccessDeniedException", "ThrottlingException", "ExpiredToken",
         "ValidationException", "UnauthorizedOperation", "Client.Odd"]
TEXT = "abc <>&\"' \u00e4\u6f22;:#/\\"


def words():
    return "".join(rnd.choice(TEXT) for _ in range(rnd.randint(1, 60))).strip(
        ) or "x"


def json_error(rest):
    code = rnd.choice(CODES)
    body, headers = {}, {}
    form = rnd.choice([code, "com.amazon#" + code, "a.b#" + code])
    if rest:
        # The header wins over what the body says.
        headers["x-amzn-errortype"] = rnd.choice(
            [code, code + ":http://internal.amazon.com/x/", "a#" + code])
        body["code"] = "Other"
    else:
        body["__type"] = form
    if rnd.random() < 0.8:
        body[rnd.choice(["message", "Message"])] = words()
    return code, json.dumps(body), headers


def query_error():
    code, message = rnd.choice(CODES), words()
    return code, (
        '<?xml version="1.0"?>\n<ErrorResponse xmlns="http://x/">\n <Error>'
        f"<Type>Sender</Type><Code>{code}</Code>\n"
        f"<Message>{escape(message)}</Message></Error>"
        f"<RequestId>{rnd.randint(0, 99999)}</RequestId></ErrorResponse>"), {}


def ec2_error():
    code, message = rnd.choice(CODES), words()
    return code, (
        f"<Response><Errors><Error><Code>{code}</Code><Message>"
        f"{escape(message)}</Message></Error></Errors><RequestID>"
        f"{rnd.randint(0, 99999)}</RequestID></Response>"), {}


MAKERS = {"json": lambda: json_error(False),
          "rest-json": lambda: json_error(True),
          "query": query_error, "ec2": ec2_error}


def compare_errors(c):
    cases = []
    for _ in range(COUNT):
        protocol = rnd.choice(list(MAKERS))
        code, body, headers = MAKERS[protocol]()
        cases.append((protocol, rnd.choice([400, 403, 404, 500, 503]), body,
                      headers))
    answers = ask([{
        "do": "fault", "status": status, "body": body,
        "headers": "".join(f"{k}: {v}\n" for k, v in headers.items()),
    } for _, status, body, headers in cases])
    for (protocol, status, body, headers), ours in zip(cases, answers):
        parser = botocore.parsers.create_parser(protocol)
        got = parser.parse({"body": body.encode(), "status_code": status,
                            "headers": headers}, None)
        error, what = got["Error"], (protocol, status, body, headers)
        message = error.get("Message") or ""
        c.same(what, ours["code"], error["Code"])
        c.same(what, ours["error"], f"{error['Code']}: {message}"
               if message else error["Code"])
        c.same(what, ours["http"], status)
        if protocol in ("query", "ec2"):
            c.same(what, ours["request_id"],
                   got["ResponseMetadata"]["RequestId"])


def compare_times(c):
    questions, wanted = [], []
    for _ in range(COUNT):
        t = rnd.randrange(0, 4102444800)
        iso = botocore.utils.datetime.datetime.fromtimestamp(
            t, botocore.utils.datetime.timezone.utc)
        value = rnd.choice([
            t, t + 0.25, iso.strftime("%Y-%m-%dT%H:%M:%SZ"),
            iso.strftime("%Y-%m-%dT%H:%M:%S.123Z"),
            iso.strftime("%Y-%m-%dT%H:%M:%S+00:00")])
        questions.append({"do": "date", "value": value})
        wanted.append(int(botocore.utils.parse_timestamp(value).timestamp()))
        http = email.utils.formatdate(t, usegmt=True)
        questions.append({"do": "date", "http": True, "value": http})
        wanted.append(int(botocore.utils.parse_timestamp(http).timestamp()))
    for q, a, t in zip(questions, ask(questions), wanted):
        c.same(q, a["time"], t)
    for bad in ["", "now", "2026-13-01T00:00:00Z", None, True, 1e300,
                "Sat, 31 Feb 2026 00:00:00 GMT"]:
        c.same(bad, ask([{"do": "date", "value": bad}])[0]["time"], None)
    for bad in ["", "Sat, 21 Nov 2026 03:44:00", "Sat, 21 nov 2026 03:44:00 "
                "GMT", "21 Nov 2026 03:44:00 GMT",
                "Sat, 21 Nov 2026 25:44:00 GMT"]:
        c.same(bad, ask([{"do": "date", "http": True,
                          "value": bad}])[0]["time"], None)


def main():
    print(f"SEED={SEED}")
    c = Comparison(3 * COUNT)
    compare_errors(c)
    compare_times(c)
    c.finish()


main()
