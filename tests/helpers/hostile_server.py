"""A server that misbehaves: the first part of a request's path says how.

usage: hostile_server.py DIRECTORY

Writes its port to DIRECTORY/port, appends every request to DIRECTORY/log (one
JSON object a line), ends with the process that started it or after ten minutes.
"""

import email.utils
import gzip
import json
import os
import socketserver
import sys
import threading
import time
import zlib

DIRECTORY = sys.argv[1]
LIFETIME = 600
lock = threading.Lock()
seen = {}               # how often each mode was asked for


def answer(status, body=b"", headers=(), length=None):
    if isinstance(body, str):
        body = body.encode()
    lines = [f"HTTP/1.1 {status} Whatever"]
    lines += [f"{k}: {v}" for k, v in headers]
    lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def error(code, message="", status=400, headers=()):
    return answer(status, json.dumps({"__type": code, "message": message}),
                  headers)


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        self.connection.settimeout(30)
        try:
            while self.one():
                pass
        except OSError:
            pass

    def one(self):
        line = self.rfile.readline(65536).decode("latin-1").split()
        if len(line) < 2:
            return False
        headers = {}
        while True:
            h = self.rfile.readline(65536).decode("latin-1").strip()
            if not h:
                break
            name, _, value = h.partition(":")
            headers[name.lower()] = value.strip()
        body = self.rfile.read(int(headers.get("content-length", 0)))
        mode = line[1].split("?")[0].strip("/").split("/")[0]
        if mode == "http:":     # we are taken for a proxy
            mode = "proxied"
        if line[0] == "CONNECT":
            mode = "tunnel"
        with lock:
            seen[mode] = seen.get(mode, 0) + 1
            count = seen[mode]
            with open(os.path.join(DIRECTORY, "log"), "a",
                      encoding="utf-8") as f:
                f.write(json.dumps({
                    "mode": mode, "method": line[0], "target": line[1],
                    "headers": headers, "body": body.decode("latin-1"),
                    "port": self.client_address[1]}) + "\n")
        return getattr(self, "mode_" + mode.replace("-", "_"))(
            headers, body, count)

    def send(self, data):
        self.wfile.write(data)
        self.wfile.flush()
        return True

    def forever(self, head, piece, pause=0.0):
        self.send(head)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            self.send(piece)
            if pause:
                time.sleep(pause)
        return False

    # Slowness and size.

    def mode_silent(self, *_):
        self.connection.settimeout(60)
        return bool(self.rfile.read(1)) and False

    def mode_loris(self, *_):
        return self.forever(b"HTTP/1.1 200 OK\r\nX-A: ", b"a", 0.05)

    def mode_drip(self, *_):
        return self.forever(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n"
                            b"\r\n{", b" ", 0.05)

    def mode_headers(self, *_):
        return self.forever(b"HTTP/1.1 200 OK\r\n", b"X-A: " + b"a" * 1000 +
                            b"\r\n")

    def mode_interim(self, *_):
        return self.forever(b"", b"HTTP/1.1 100 Continue\r\nX-A: " +
                            b"a" * 500 + b"\r\n\r\n")

    def mode_longline(self, *_):
        return self.forever(b"HTTP/1.1 200 OK\r\nX-A: ", b"a" * 5000)

    def mode_huge(self, *_):
        return self.send(answer(200, b"{", length=10 ** 12)) and False

    def mode_chunks(self, *_):
        return self.forever(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked"
                            b"\r\n\r\n", b"100000\r\n" + b" " * 0x100000 +
                            b"\r\n")

    def mode_gzip(self, *_):
        bomb = gzip.compress(b"\0" * (1 << 24))
        return self.send(answer(200, bomb, [("Content-Encoding", "gzip")]))

    # Answers that are none.

    def mode_empty(self, *_):
        return self.send(answer(200))

    def mode_garbage(self, *_):
        return self.send(answer(200, '{"SecretString": "hunter2" "x"}'))

    def mode_list(self, *_):
        return self.send(answer(200, "[1, 2]"))

    def mode_nested(self, *_):
        return self.send(answer(200, '{"a":' * 100000 + "1" + "}" * 100000))

    def mode_html(self, *_):
        return self.send(answer(403, "<html><body>Blocked</body></html>",
                                [("Content-Type", "text/html")]))

    def mode_binary(self, *_):
        return self.send(b"\x16\x03\x01\x00\x05hello\r\n\r\n") and False

    def mode_reset(self, *_):
        return False

    def mode_cut(self, *_):
        return self.send(answer(200, b'{"a": 1', length=100)) and False

    def mode_redirect(self, headers, *_):
        port = self.server.server_address[1]
        return self.send(answer(307, "", [
            ("Location", f"http://localhost:{port}/caught/")]))

    def mode_proxied(self, *_):
        return self.send(answer(200, "{}"))

    def mode_tunnel(self, *_):
        return self.send(answer(403, "<html>no</html>"))

    def mode_caught(self, *_):
        return self.send(answer(200, "{}"))

    def mode_second_dropped(self, *_):
        """A kept connection that dies when it is used again."""
        if getattr(self, "used", False):
            return False
        self.used = True
        return self.send(answer(200, "{}"))

    # Errors with something in them.

    def mode_utf8(self, *_):
        return self.send(answer(400, b'{"__type":"Bad","message":"\xff\xfe"}'))

    def mode_control(self, *_):
        return self.send(error("Bad", "a\x1b]0;title\x07b\r\nc\u009bd\x00e"))

    def mode_long(self, *_):
        return self.send(error("B" * 5000, "m" * 500000))

    def mode_denied(self, *_):
        return self.send(error("AccessDeniedException", "not allowed", 400,
                               [("x-amzn-RequestId", "r-1")]))

    # Errors that pass.

    def fails_first(self, count, failure):
        return self.send(failure if count == 1 else answer(
            200, '{"ok": true}'))

    def mode_throttle_once(self, headers, body, count):
        return self.fails_first(count, error("ThrottlingException", "", 400, [
            ("x-amz-retry-after", "1")]))

    def mode_throttle(self, headers, body, count):
        return self.send(error("ThrottlingException", "slow down", 400, [
            ("x-amz-retry-after", "1")]))

    def mode_internal(self, headers, body, count):
        return self.send(error("InternalServerException", "oops", 500))

    def mode_unavailable(self, headers, body, count):
        return self.send(error("ServiceUnavailable", "later", 503))

    def mode_unavailable_hint(self, headers, body, count):
        return self.send(error("ServiceUnavailable", "later", 503, [
            ("x-amz-retry-after", "3600000")]))

    def mode_reset_once(self, headers, body, count):
        return count > 1 and self.send(answer(200, '{"ok": true}'))

    def mode_expired_once(self, headers, body, count):
        return self.fails_first(count, error("ExpiredTokenException", "old"))

    def mode_expired(self, headers, body, count):
        return self.send(error("ExpiredTokenException", "old"))

    def mode_skew(self, headers, body, count):
        date = email.utils.formatdate(time.time() + 7200, usegmt=True)
        ours = headers["x-amz-date"]
        late = time.strftime("%Y%m%dT%H%M", time.gmtime(time.time() + 5400))
        if ours[:13] < late:
            return self.send(error("InvalidSignatureException",
                                   "Signature expired", 403,
                                   [("Date", date)]))
        return self.send(answer(200, '{"ok": true}', [("Date", date)]))

    def checksummed(self, wrong):
        body = b'{"Item": {}}'
        return self.send(answer(200, body, [
            ("x-amz-crc32", zlib.crc32(body) ^ wrong)]))

    def mode_crc_once(self, headers, body, count):
        return self.checksummed(count == 1)

    def mode_crc(self, *_):
        return self.checksummed(1)

    def mode_echo(self, headers, body, count):
        """A secret in every place that --debug might show."""
        return self.send(answer(200, json.dumps({
            "AdminPassword": "hunter2", "nested": {"accessToken": "hunter2"},
            "Credentials": {"AccessKeyId": "AKIASHOWN",
                            "SecretAccessKey": "hunter2"},
            "nextToken": None, "plain": "shown"}), [
                ("Set-Cookie", "hunter2")]))

    def mode_secrets(self, headers, body, count):
        """Secrets in an answer that is long enough to move its buffers."""
        return self.send(answer(200, json.dumps({
            "pad": "x" * 100000, "SecretString": "wsw" + "o" * 20 + "rd",
            "end": "y" * 100000})))

    # Pages.

    def mode_pages(self, headers, body, count):
        token = json.loads(body).get("nextToken")
        number = int(token) if token else 0
        page = {"items": [number]}
        if number < 3:
            page["nextToken"] = str(number + 1)
        return self.send(answer(200, json.dumps(page)))

    def mode_pages_stuck(self, headers, body, count):
        return self.send(answer(200, '{"nextToken": "again"}'))

    def mode_pages_broken(self, headers, body, count):
        if count > 1:
            return self.mode_denied()
        return self.send(answer(200, '{"nextToken": "2"}'))

    def mode_xml_pages(self, headers, body, count):
        more = "<Marker>m 2/&amp;</Marker>" if count == 1 else ""
        return self.send(answer(200, "<DescribeThingsResponse><DescribeThings"
                                f"Result><n>{count}</n>{more}</DescribeThings"
                                "Result></DescribeThingsResponse>"))

    # XML.

    def mode_laughs(self, *_):
        return self.send(answer(200, "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b "
                                "'&a;&a;&a;'>]><GetCallerIdentityResponse>&b;"
                                "</GetCallerIdentityResponse>"))

    def mode_deep(self, *_):
        return self.send(answer(200, "<a>" * 100000))

    def mode_other_xml(self, *_):
        return self.send(answer(200, "<Hello/>"))

    def mode_caller(self, *_):
        return self.send(answer(
            200, "<GetCallerIdentityResponse xmlns='x'>\n"
            "<GetCallerIdentityResult><Account>1</Account>"
            "</GetCallerIdentityResult></GetCallerIdentityResponse>"))


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


def main():
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    path = os.path.join(DIRECTORY, "port")
    with open(path + ".new", "w", encoding="ascii") as f:
        f.write(str(server.server_address[1]))
    os.rename(path + ".new", path)
    parent, end = os.getppid(), time.monotonic() + LIFETIME
    while os.getppid() == parent and time.monotonic() < end:
        time.sleep(0.5)
    os._exit(0)


main()
