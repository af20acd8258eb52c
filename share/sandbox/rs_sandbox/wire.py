"""Requests and answers as AWS puts them on the wire, in its four dialects."""

import json
import re
import uuid
from dataclasses import dataclass, field
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

CREDENTIAL = re.compile(
    r"Credential=([^/,\s]+)/(\d{8})/([^/,\s]+)/([^/,\s]+)/aws4_request"
)
# Signing names that differ from the service names of the AWS CLI.
SERVICE_OF_SIGNING_NAME = {
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
}
SERVICE_OF_TARGET = {
    "RedshiftServerless": "redshift-serverless",
    "RedshiftData": "redshift-data",
    "DynamoDB_20120810": "dynamodb",
}
SECRET = re.compile(
    r"password|secretstring|secretbinary|secretaccesskey|sessiontoken"
    r"|accesstoken|refreshtoken|clientsecret|webidentitytoken",
    re.IGNORECASE,
)
PAGE_TOKENS = ("nextToken", "NextToken", "Marker", "ExclusiveStartKey")


class ServiceError(Exception):
    """An error as a service reports it."""

    def __init__(self, code, message, status=400, **members):
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.members = members


@dataclass
class Request:
    method: str
    target: str  # path and query as they came
    headers: object  # http.client.HTTPMessage
    body: bytes
    connection: int = 0
    scheme: str = "http"

    service: str = ""
    signing_name: str = ""
    region: str = ""
    access_key: str = ""
    protocol: str = ""
    operation: str = ""
    params: dict = field(default_factory=dict)
    malformed: bool = False  # ought to be JSON and is not

    @property
    def path(self):
        return self.target.partition("?")[0]

    @property
    def query(self):
        return self.target.partition("?")[2]

    def identify(self, default_region):
        """Fill in who is asking for what; never fails."""
        query = dict(parse_qsl(self.query, keep_blank_values=True))
        found = CREDENTIAL.search(self.headers.get("Authorization", ""))
        if not found:
            found = CREDENTIAL.search(
                "Credential=" + query.get("X-Amz-Credential", "")
            )
        if found:
            self.access_key, _, self.region, self.signing_name = found.groups()
        self.region = self.region or default_region
        self.service = SERVICE_OF_SIGNING_NAME.get(
            self.signing_name, self.signing_name
        )
        self._find_operation(query)

    def _find_operation(self, query):
        kind = self.headers.get("Content-Type", "")
        target = self.headers.get("X-Amz-Target", "")
        if target:
            prefix, _, self.operation = target.rpartition(".")
            self.service = SERVICE_OF_TARGET.get(prefix, self.service)
            self.protocol = "json"
            self.params = _json_object(self.body)
            self.malformed = self.params is None
        elif kind.startswith("application/x-www-form-urlencoded"):
            text = self.body.decode("utf-8", "replace")
            self._take_form(dict(parse_qsl(text, keep_blank_values=True)))
        elif "Action" in query:
            self._take_form(query)
        else:
            self.protocol = "rest-xml" if self.service == "s3" else "rest-json"
            self.operation = f"{self.method} {self.path}"
            self.params = _json_object(self.body)
        self.params = self.params or {}

    def _take_form(self, form):
        self.protocol = "ec2" if self.service == "ec2" else "query"
        self.operation = form.pop("Action", "")
        form.pop("Version", None)
        self.params = unflatten(form)

    @property
    def has_page_token(self):
        return any(self.params.get(name) for name in PAGE_TOKENS)


@dataclass
class Response:
    status: int
    body: bytes = b""
    headers: list = field(default_factory=list)
    code: str = ""  # AWS error code, for the request log
    cut: bool = False  # close in the middle of the body
    reset: bool = False  # answer with a TCP reset


def _json_object(body):
    """Return the object, or None when the body is something else."""
    try:
        value = json.loads(body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def unflatten(form):
    """Turn Targets.member.1.Id=x into {"Targets": [{"Id": "x"}]}."""
    tree = {}
    for key, value in form.items():
        parts = [part for part in key.split(".") if part != "member"]
        node = tree
        for part in parts[:-1]:
            child = node.setdefault(part, {})
            if not isinstance(child, dict):
                break
            node = child
        else:
            node[parts[-1]] = value
    return _lists(tree)


def _lists(node):
    if not isinstance(node, dict):
        return node
    if node and all(key.isdigit() for key in node):
        return [_lists(node[key]) for key in sorted(node, key=int)]
    return {key: _lists(value) for key, value in node.items()}


def masked(value, key=""):
    """A copy of request parameters that is safe to keep in a log."""
    if isinstance(value, dict):
        return {name: masked(child, name) for name, child in value.items()}
    if isinstance(value, list):
        return [masked(child, key) for child in value]
    if SECRET.search(key) and not isinstance(value, bool):
        return "***"
    return value


def json_response(value, status=200):
    return Response(
        status,
        json.dumps(value).encode(),
        [
            ("Content-Type", "application/x-amz-json-1.1"),
            ("x-amzn-RequestId", str(uuid.uuid4())),
        ],
    )


def error_response(request, error):
    """Say no in the dialect of the request."""
    if request.protocol.startswith(("json", "rest-json")):
        body = {
            "__type": error.code,
            "message": error.message,
            **error.members,
        }
        response = json_response(body, error.status)
        response.headers.append(("x-amzn-ErrorType", error.code))
    else:
        response = Response(
            error.status,
            _xml_error(request.protocol, error).encode(),
            [("Content-Type", "text/xml")],
        )
    response.code = error.code
    return response


def _xml_error(protocol, error):
    code, message = escape(error.code), escape(error.message)
    request_id = uuid.uuid4()
    fault = "Sender" if error.status < 500 else "Receiver"
    inner = f"<Code>{code}</Code><Message>{message}</Message>"
    if protocol == "ec2":
        return (
            f"<Response><Errors><Error>{inner}</Error></Errors>"
            f"<RequestID>{request_id}</RequestID></Response>"
        )
    if protocol == "rest-xml":
        return f"<Error>{inner}<RequestId>{request_id}</RequestId></Error>"
    return (
        f"<ErrorResponse><Error><Type>{fault}</Type>{inner}</Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    )
