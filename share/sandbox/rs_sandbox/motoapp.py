"""moto behind our own server: one WSGI call for one request."""

import io
import os
import re
import sys
import traceback
from urllib.parse import unquote_to_bytes

from .wire import Response, ServiceError, error_response

ERROR_CODE = re.compile(
    rb'(?:<Code>|"(?:__type|code)":\s*"(?:[^"]*#)?)([A-Za-z0-9.]+)'
)

# moto reads these when it is loaded: no default AMIs (slow), no CORS.
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
os.environ.setdefault("MOTO_DISABLE_GLOBAL_CORS", "true")


class Moto:
    """The rest of AWS; loaded with the first request that needs it."""

    def __init__(self):
        self._app = None

    def load(self):
        """Returns whether this was the first time."""
        if self._app is not None:
            return False
        from moto.moto_server import werkzeug_app

        self._app = werkzeug_app.DomainDispatcherApplication(
            werkzeug_app.create_backend_app
        )
        return True

    def reset(self):
        from moto.moto_api._internal.models import moto_api_backend

        moto_api_backend.reset()

    def handle(self, request):
        answer = {}

        def start_response(status, headers, exc_info=None):
            answer["status"], answer["headers"] = int(status[:3]), headers

        try:
            chunks = self._app(_environ(request), start_response)
            body = b"".join(chunks)
            if hasattr(chunks, "close"):
                chunks.close()
        except NotImplementedError as error:
            return error_response(
                request, ServiceError("InvalidAction", f"moto: {error}", 501)
            )
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            return error_response(
                request,
                ServiceError("InternalFailure", f"moto: {error!r}", 500),
            )
        headers = [
            (name, value)
            for name, value in answer["headers"]
            if name.lower() not in ("content-length", "connection", "date")
        ]
        return Response(answer["status"], body, headers, _code(answer, body))


def _code(answer, body):
    """The AWS error code in one of moto's answers, for the request log."""
    if answer["status"] < 400:
        return ""
    found = ERROR_CODE.search(body)
    return found.group(1).decode() if found else ""


def _environ(request):
    host = request.headers.get("Host", "127.0.0.1")
    environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        "QUERY_STRING": request.query,
        "RAW_URI": request.target,
        "REQUEST_URI": request.target,
        "SERVER_NAME": host.partition(":")[0],
        "SERVER_PORT": host.partition(":")[2] or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.scheme,
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH", "TRANSFER_ENCODING"):
            environ[f"HTTP_{key}"] = value
    return environ
