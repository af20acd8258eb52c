#!/usr/bin/env python3
"""The services that give out credentials, for the tests, on 127.0.0.1.

usage: identity_server.py DIRECTORY

STS, IAM Identity Center (the portal and SSO-OIDC), the metadata service of
an instance and that of a container, all on one port, which is written to
DIRECTORY/port. Requests are logged to DIRECTORY/requests, one JSON object a
line. The access key of an answer is a digest of all that was asked and of
the key that signed, so two clients that get the same key asked the same.

DIRECTORY/script.json, read at each request, changes the answers: a list of
  {"on": "AssumeRole" (an action or target) or "/path", "status": 500, "body": ..., "count": 2,
   "headers": {...}, "expires_in": 60, "hang": true}
The first entry that matches and whose count is not used up wins.

It ends when the process that started it is gone.
"""
import hashlib
import json
import os
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

LIFETIME = 3600
TOKEN = "imds-session-token"
ROLE = "instance-role"


def digest(*parts):
    text = json.dumps(parts, sort_keys=True)
    return hashlib.sha1(text.encode()).hexdigest()[:16].upper()


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Directory:
    """What the test and the server share."""

    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()
        self.used = {}

    def log(self, entry):
        with self.lock, open(f"{self.path}/requests", "a") as f:
            f.write(json.dumps(entry) + "\n")

    def scripted(self, name):
        try:
            with open(f"{self.path}/script.json") as f:
                text = f.read()
        except FileNotFoundError:
            return {}
        with self.lock:
            for i, entry in enumerate(json.loads(text)):
                used = self.used.get((text, i), 0)
                if entry["on"] == name and used < entry.get("count", 1e9):
                    self.used[(text, i)] = used + 1
                    return entry
        return {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.answer()

    def do_PUT(self):
        self.answer()

    def do_POST(self):
        self.answer()

    def answer(self):
        length = int(self.headers.get("content-length") or 0)
        self.body = self.rfile.read(length).decode()
        self.url = urlsplit(self.path)
        self.form = {k: v[0] for k, v in
                     parse_qs(self.body, keep_blank_values=True).items()}
        target = self.headers.get("x-amz-target", "").rpartition(".")[2]
        name = self.form.get("Action") or target or self.url.path
        signer = re.search(r"Credential=([^/]*)/",
                           self.headers.get("authorization", ""))
        self.signer = signer.group(1) if signer else None
        self.server.directory.log({
            "name": name, "method": self.command, "path": self.path,
            "body": self.body, "signer": self.signer,
            "headers": {k.lower(): v for k, v in self.headers.items()}})
        self.script = self.server.directory.scripted(name)
        self.expires = time.time() + self.script.get("expires_in", LIFETIME)
        if self.script.get("hang"):
            self.server.hang.wait()
            return
        if "status" in self.script or "body" in self.script:
            status, body = self.script.get("status", 200), \
                self.script.get("body", "")
        else:
            status, body = self.default(name)
        self.send(status, body)

    def send(self, status, body):
        if not isinstance(body, str):
            body = json.dumps(body)
        data = body.encode()
        self.send_response(status)
        for header, value in self.script.get("headers", {}).items():
            self.send_header(header, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def default(self, name):
        for pattern, method in (
                ("AssumeRole|AssumeRoleWithWebIdentity", self.assume),
                ("GetCallerIdentity", self.caller),
                ("/federation/credentials", self.portal),
                ("/token", self.oidc),
                ("/latest/api/token", self.imds_token),
                ("/latest/meta-data/iam/security-credentials/.*", self.imds),
                ("/container.*", self.container)):
            if re.fullmatch(pattern, name):
                return method(name)
        return 404, "no such thing"

    def xml(self, action, result):
        return 200, (
            f'<{action}Response xmlns="https://sts.amazonaws.com/doc/'
            f'2011-06-15/"><{action}Result>{result}</{action}Result>'
            "<ResponseMetadata><RequestId>test-request</RequestId>"
            f"</ResponseMetadata></{action}Response>")

    def assume(self, action):
        asked = {k: v for k, v in self.form.items() if k != "Version"}
        session = asked["RoleSessionName"]
        if re.fullmatch(r"(rstools|botocore)-(session-)?\d+", session):
            asked["RoleSessionName"] = "default"
        asked.pop("TokenCode", None)
        key = "ASIA" + digest(asked, self.signer)
        account, role = re.fullmatch(
            r"arn:[^:]*:iam::(\d*):role/(.*)", asked["RoleArn"]).groups()
        return self.xml(action, (
            f"<Credentials><AccessKeyId>{key}</AccessKeyId>"
            f"<SecretAccessKey>secret-{key}</SecretAccessKey>"
            f"<SessionToken>token-{key}</SessionToken>"
            f"<Expiration>{stamp(self.expires)}</Expiration></Credentials>"
            f"<AssumedRoleUser><Arn>arn:aws:sts::{account}:assumed-role/"
            f"{role}/{session}</Arn><AssumedRoleId>AROA:{session}"
            "</AssumedRoleId></AssumedRoleUser>"))

    def caller(self, action):
        return self.xml(action, (
            "<Arn>arn:aws:iam::123456789012:user/tester</Arn>"
            f"<UserId>AIDA-of-{self.signer}</UserId>"
            "<Account>123456789012</Account>"))

    def portal(self, name):
        token = self.headers.get("x-amz-sso_bearer_token", "")
        if not token.startswith("good"):
            return 401, {"__type": "UnauthorizedException",
                         "message": "Session token not found or invalid"}
        key = "ASIA" + digest(self.url.query, token)
        return 200, {"roleCredentials": {
            "accessKeyId": key, "secretAccessKey": f"secret-{key}",
            "sessionToken": f"token-{key}",
            "expiration": int(self.expires * 1000)}}

    def oidc(self, name):
        asked = json.loads(self.body)
        if asked.get("refreshToken") != "good-refresh":
            return 400, {"error": "invalid_grant",
                         "error_description": "no such token"}
        lifetime = asked["clientId"].partition("lives-")[2] or 28800
        return 200, {"accessToken": "good-renewed", "expiresIn": int(lifetime),
                     "refreshToken": "good-refresh",
                     "tokenType": "Bearer"}

    def imds_token(self, name):
        if self.command != "PUT" or not self.headers.get(
                "x-aws-ec2-metadata-token-ttl-seconds"):
            return 400, ""
        return 200, TOKEN

    def imds(self, name):
        # Without the header this is IMDSv1, which some instances allow.
        token = self.headers.get("x-aws-ec2-metadata-token")
        if token not in (None, TOKEN):
            return 401, ""
        if name.endswith("/"):
            return 200, ROLE
        return 200, self.metadata("IMDS" + ("V1" if token is None else ""))

    def container(self, name):
        return 200, self.metadata("CONTAINER",
                                  self.headers.get("authorization"))

    def metadata(self, *what):
        key = "ASIA" + digest(what)
        return {"Code": "Success", "Type": "AWS-HMAC",
                "AccessKeyId": key, "SecretAccessKey": f"secret-{key}",
                "Token": f"token-{key}", "Expiration": stamp(self.expires)}


class Server(ThreadingHTTPServer):
    daemon_threads = True


def main():
    directory = sys.argv[1]
    parent = os.getppid()
    server = Server(("127.0.0.1", 0), Handler)
    server.directory = Directory(directory)
    server.hang = threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with open(f"{directory}/port.new", "w") as f:
        f.write(str(server.server_port))
    os.rename(f"{directory}/port.new", f"{directory}/port")
    while os.getppid() == parent:
        time.sleep(0.2)


main()
