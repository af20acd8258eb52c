"""fault_proxy.py - a network that fails, in front of a DynamoDB engine.

usage: fault_proxy.py ENGINE_PORT

Prints its own port. POST /faults sets a list of rules; each is
{"op": NAME, "do": WHAT, "skip": 0, "times": 1, "seconds": 0}:

    lose      the engine acts, the answer is lost
    late      no answer, and the engine acts `seconds` later
    reset     the connection ends, the engine does not act
    delay     the engine acts after `seconds`, the answer comes
    throttle  400 ProvisionedThroughputExceededException
    error     500, the engine does not act
    done500   500, but the engine has acted

The first rule that names the operation and has times left applies.
GET /seen tells how often each operation came since then.
"""
import collections
import http.client
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ENGINE = int(sys.argv[1])
lock = threading.Lock()
rules = []
seen = collections.Counter()


def rule_for(op):
    with lock:
        seen[op] += 1
        for rule in rules:
            if rule["op"] != op:
                continue
            if rule.get("skip", 0) > 0:
                rule["skip"] -= 1
            elif rule.setdefault("times", 1) > 0:
                rule["times"] -= 1
                return rule
    return {"do": "pass"}


def engine(headers, body):
    conn = http.client.HTTPConnection("127.0.0.1", ENGINE, timeout=60)
    conn.request("POST", "/", body, headers)
    answer = conn.getresponse()
    data = answer.read()
    conn.close()
    return answer.status, dict(answer.getheaders()), data


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, headers, data):
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "connection", "date"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def fail(self, status, code):
        data = json.dumps({"__type": "com.amazonaws.dynamodb.v20120810#" +
                           code, "message": "scripted"}).encode()
        self.answer(status, {"x-amzn-requestid": "SCRIPTED"}, data)

    def do_GET(self):
        with lock:
            data = json.dumps(seen).encode()
        self.answer(200, {}, data)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path == "/faults":
            with lock:
                rules[:] = json.loads(body)
                seen.clear()
            return self.answer(200, {}, b"")
        op = self.headers.get("x-amz-target", "").partition(".")[2]
        return self.act(rule_for(op), dict(self.headers), body)

    def act(self, rule, headers, body):
        do = rule["do"]
        if do == "throttle":
            return self.fail(400, "ProvisionedThroughputExceededException")
        if do == "error":
            return self.fail(500, "InternalServerError")
        if do == "delay":
            time.sleep(rule["seconds"])
        if do == "late":
            threading.Timer(rule["seconds"], engine, (headers, body)).start()
        if do not in ("late", "reset"):
            status, got, data = engine(headers, body)
        if do in ("late", "reset", "lose"):
            self.close_connection = True
            return None
        if do == "done500":
            return self.fail(500, "InternalServerError")
        return self.answer(status, got, data)


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Timer(900, os._exit, (1,)).start()
print(server.server_port, flush=True)
server.serve_forever()
