"""HTTP/1.1 on loopback: keep-alive, threads, and answers that break off."""

import itertools
import os
import socket
import struct
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn

from .wire import Request

BODY_LIMIT = 64 * 1024 * 1024


class Server(ThreadingMixIn, TCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port, sandbox, tls=None):
        self.sandbox = sandbox
        self.tls = tls  # ssl.SSLContext or None
        self.connections = itertools.count(1)
        super().__init__(("127.0.0.1", port), Handler)

    @property
    def port(self):
        return self.server_address[1]

    def get_request(self):
        connection, address = super().get_request()
        if self.tls:
            # The handshake happens with the first read, in its own thread.
            connection = self.tls.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, address

    def handle_error(self, request, client_address):
        """A client that went away is no news."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    sys_version = ""
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        self.connection_id = next(self.server.connections)

    def _any(self):
        body = self._body()
        if body is None:
            self.send_error(413)
            self.close_connection = True
            return
        request = Request(
            self.command,
            self.path,
            self.headers,
            body,
            self.connection_id,
            "https" if self.server.tls else "http",
        )
        self._send(self.server.sandbox.handle(request))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _any

    def _body(self):
        """Return the request's body, or None when it is too long."""
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            return self._chunks()
        length = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(length) if length <= BODY_LIMIT else None

    def _chunks(self):
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            if len(body) + size > BODY_LIMIT:
                return None
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return body

    def _send(self, response):
        if response.reset:
            self._reset()
            return
        headers = [
            ("Date", self.date_time_string()),
            *response.headers,
            ("Content-Length", str(len(response.body))),
        ]
        body = response.body if self.command != "HEAD" else b""
        if response.cut:
            body = body[: len(body) // 2]
            self.close_connection = True
        if self.close_connection and not response.cut:
            headers.append(("Connection", "close"))
        phrase = HTTPStatus(response.status).phrase
        lines = [f"HTTP/1.1 {response.status} {phrase}"]
        lines += [f"{name}: {value}" for name, value in headers]
        head = "\r\n".join(lines) + "\r\n\r\n"
        # One write: the answer leaves in as few packets as it can.
        self.wfile.write(head.encode("latin-1") + body)

    def finish(self):
        try:
            super().finish()
        except OSError:
            pass  # the client is gone, which may be the point of the test

    def _reset(self):
        """Close with a TCP RST; no FIN may leave first."""
        self.request.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        os.close(self.request.detach())
        self.close_connection = True

    def log_message(self, format, *arguments):
        """The request log is the journal's job."""
