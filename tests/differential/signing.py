"""Generated requests, signed by us and by botocore: canonical request, string
to sign, signature and header, and presigned queries.

Each run takes a new seed and prints it; SEED repeats a run.
"""

import datetime
import os
import random
from unittest import mock
from urllib.parse import quote

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from driver import Comparison, ask

HEADER_COUNT, PRESIGN_COUNT = 3000, 1000
SEED = int(os.environ.get("SEED", random.randrange(1 << 32)))
rnd = random.Random(SEED)
NOW = datetime.datetime(2026, 11, 21, 3, 44, 0)
DATE = "20261121T034400Z"
HOST = "service.us-west-2.amazonaws.com"
ODD = "abcXYZ019-._~ !\"#$%&'()*+,/:;<=>?@[]^`{|}\u00e4\u03bb\u6f22\U0001f600"


def word(least=0, most=12, letters=ODD):
    return "".join(rnd.choice(letters) for _ in range(
        rnd.randint(least, most)))


def path():
    parts = [rnd.choice([word(), word(), "", ".", "..", "arn:aws:kafka:a/b"])
             for _ in range(rnd.randint(0, 5))]
    return "/" + "/".join(quote(p, safe="~") for p in parts)


def query(repeats=True):
    pairs = [(word(1), word()) for _ in range(rnd.randint(0, 6))]
    if pairs and repeats and rnd.random() < 0.4:
        pairs += [(pairs[0][0], word()) for _ in range(2)]
    if not repeats:
        pairs = list(dict(pairs).items())
    texts = [quote(n, safe="-_.~") + ("" if repeats and not v and
                                      rnd.random() < 0.5 else "=") +
             quote(v, safe="-_.~") for n, v in pairs]
    return "&".join(texts)


def headers():
    found = [("Host", HOST), ("X-Amz-Date", DATE)]
    for _ in range(rnd.randint(0, 4)):
        name = "X-" + word(1, 8, "abcDEF-19")
        value = word(0, 20, "ab  \t,;=\"'/") + word(0, 5)
        # botocore also joins words at Unicode's blanks; we send none.
        found.append((name, value))
        if rnd.random() < 0.2:
            found.append((name.lower(), word(1, 5, "xyz ")))
    return found


def body():
    size = rnd.choice([0, 0, 10, 10, 200, 200, 20000])
    return word(0, size) if size < 1000 else "x\u00e4" * size


def request():
    return {
        "method": rnd.choice(["GET", "POST", "PUT", "DELETE"]),
        "path": path(), "query": query(), "headers": headers(),
        "body": body(), "date": DATE,
        "region": rnd.choice(["us-west-2", "eu-central-1", "cn-north-1"]),
        "service": rnd.choice(["redshift-serverless", "sts", "kafka"]),
        "key": "AKIA" + word(12, 12, "ABCDEFGH234567"),
        "secret": word(20, 40, "abcXYZ019/+="),
    }


def as_botocore(q, with_headers=True):
    r = AWSRequest(method=q["method"], data=q["body"].encode(),
                   url=f"https://{HOST}{q['path']}" +
                   (f"?{q['query']}" if q["query"] else ""))
    if with_headers:
        for name, value in q["headers"]:
            if name.lower() not in ("host", "x-amz-date"):
                r.headers.add_header(name, value)
    r.context["timestamp"] = DATE
    return r


def compare_headers(c):
    questions = [dict(request(), do="sign", single=rnd.random() < 0.3)
                 for _ in range(HEADER_COUNT)]
    for q, a in zip(questions, ask(questions)):
        kind = botocore.auth.SigV4Auth
        if q["single"]:
            kind = type("S3Paths", (kind,), {
                "_normalize_url_path": lambda self, path: path})
        signer = kind(Credentials(q["key"], q["secret"]), q["service"],
                      q["region"])
        r = as_botocore(q)
        with mock.patch("botocore.auth.get_current_datetime",
                        return_value=NOW):
            signer.add_auth(r)
        bare = as_botocore(q)
        bare.headers["X-Amz-Date"] = DATE
        canonical = signer.canonical_request(bare)
        c.same(("canonical", q), a["canonical"], canonical)
        c.same(("to sign", q), a["to_sign"],
               signer.string_to_sign(bare, canonical))
        c.same(("authorization", q), a["authorization"],
               r.headers["Authorization"])


def compare_presigned(c):
    questions = []
    for _ in range(PRESIGN_COUNT):
        q = dict(request(), do="presign", expires=rnd.randint(1, 604800))
        q.update(method="GET", body="", headers=[("host", HOST)],
                 query=query(repeats=False))
        if rnd.random() < 0.5:
            q["token"] = word(1, 300, "abcXYZ019/+=")
        questions.append(q)
    for q, a in zip(questions, ask(questions)):
        signer = botocore.auth.SigV4QueryAuth(
            Credentials(q["key"], q["secret"], q.get("token")), q["service"],
            q["region"], expires=q["expires"])
        r = as_botocore(q, with_headers=False)
        r.data = ""
        with mock.patch("botocore.auth.get_current_datetime",
                        return_value=NOW):
            signer.add_auth(r)
        c.same(("presigned", q), a["query"], r.url.partition("?")[2])


def compare_forms(c):
    from botocore.utils import percent_encode_sequence
    questions = []
    for _ in range(500):
        pairs = {word(1): word() for _ in range(rnd.randint(0, 8))}
        questions.append({"do": "form", "pairs": list(pairs.items())})
    for q, a in zip(questions, ask(questions)):
        c.same(("form", q), a["form"], percent_encode_sequence(
            dict(q["pairs"])))


def main():
    print(f"SEED={SEED}")
    c = Comparison(3 * HEADER_COUNT + PRESIGN_COUNT)
    compare_headers(c)
    compare_presigned(c)
    compare_forms(c)
    c.finish()


main()
