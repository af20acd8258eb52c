"""SigV4 verification, with botocore's signer as the judge."""

import hashlib
import hmac
import re
from urllib.parse import parse_qsl, quote

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from . import ACCESS_KEY, SECRET_KEY
from .wire import CREDENTIAL, SERVICE_OF_SIGNING_NAME, ServiceError

AUTHORIZATION = re.compile(
    r"^AWS4-HMAC-SHA256 Credential=\S+?,\s*SignedHeaders=([a-z0-9;_-]+),"
    r"\s*Signature=([0-9a-f]{64})$"
)
UNSIGNED = {
    "AssumeRoleWithSAML",
    "AssumeRoleWithWebIdentity",
}
# Codes by protocol: (nothing signed, unknown key, wrong signature), status.
CODES = {
    "json": (
        "MissingAuthenticationTokenException",
        "UnrecognizedClientException",
        "InvalidSignatureException",
        400,
    ),
    "ec2": (
        "MissingAuthenticationToken",
        "AuthFailure",
        "SignatureDoesNotMatch",
        403,
    ),
    "rest-xml": (
        "AccessDenied",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        403,
    ),
    "query": (
        "MissingAuthenticationToken",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        403,
    ),
}
CODES["rest-json"] = CODES["json"][:3] + (403,)


def verify(request):
    """Raise ServiceError unless the request is signed with a known key."""
    missing, unknown, wrong, status = CODES[request.protocol]
    if _needs_no_signature(request):
        return
    if not request.access_key:
        raise ServiceError(
            missing, "Missing Authentication Token", max(status, 403)
        )
    credentials = _credentials(request.access_key)
    if credentials is None:
        raise ServiceError(
            unknown, "The security token included is invalid.", status
        )
    problem = _problem(request, credentials)
    if problem:
        raise ServiceError(
            wrong,
            "The request signature we calculated does not match the "
            "signature you provided. Check your AWS Secret Access Key and "
            f"signing method. {problem}",
            status,
        )


def _needs_no_signature(request):
    return (
        request.operation in UNSIGNED
        or request.path.startswith("/latest/")
        or "x-amz-sso_bearer_token" in request.headers
    )


def _credentials(access_key):
    """Credentials of our own key, or of one that moto handed out."""
    if access_key == ACCESS_KEY:
        return Credentials(ACCESS_KEY, SECRET_KEY)
    from moto.iam.models import iam_backends
    from moto.sts.models import sts_backends

    for account in list(sts_backends):
        for backend in sts_backends[account].values():
            role = backend.get_assumed_role_from_access_key(access_key)
            if role:
                return Credentials(
                    access_key, role.secret_access_key, role.session_token
                )
    for account in list(iam_backends):
        for backend in iam_backends[account].values():
            for user in backend.users.values():
                for key in user.access_keys:
                    if key.access_key_id == access_key:
                        return Credentials(access_key, key.secret_access_key)
    return None


def _problem(request, credentials):
    service = SERVICE_OF_SIGNING_NAME.get(
        request.signing_name, request.signing_name
    )
    if service != request.service:
        return f"Credential should be scoped to service {request.service}."
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    if "X-Amz-Signature" in query:
        return _query_problem(request, credentials, query)
    return _header_problem(request, credentials)


def _header_problem(request, credentials):
    given = AUTHORIZATION.match(request.headers.get("Authorization", ""))
    if not given:
        return "the Authorization header is malformed"
    signed, signature = given.group(1).split(";"), given.group(2)
    unsigned = {
        name.lower()
        for name in request.headers.keys()
        if name.lower().startswith("x-amz-") or name.lower() == "host"
    } - set(signed)
    if unsigned:
        return f"these headers are not signed: {', '.join(sorted(unsigned))}"
    token = request.headers.get("X-Amz-Security-Token")
    if token != credentials.token:
        return "the session token does not belong to the key"
    body_hash = hashlib.sha256(request.body).hexdigest()
    claimed = request.headers.get("X-Amz-Content-SHA256", body_hash)
    streamed = request.service == "s3" and claimed.startswith(
        ("UNSIGNED-PAYLOAD", "STREAMING-")
    )
    if claimed != body_hash and not streamed:
        return "X-Amz-Content-SHA256 does not fit the body"
    stamp = request.headers.get("X-Amz-Date", "")
    return _judge(request, credentials, signed, claimed, stamp, signature)


def _query_problem(request, credentials, query):
    if query.get("X-Amz-Security-Token") != credentials.token:
        return "the session token does not belong to the key"
    body_hash = hashlib.sha256(request.body).hexdigest()
    if request.service == "s3":
        body_hash = "UNSIGNED-PAYLOAD"
    return _judge(
        request,
        credentials,
        query.get("X-Amz-SignedHeaders", "").split(";"),
        body_hash,
        query.get("X-Amz-Date", ""),
        query["X-Amz-Signature"],
    )


def _judge(request, credentials, signed, body_hash, stamp, signature):
    """Let botocore sign the same request again and compare."""
    scope = CREDENTIAL.search(
        request.headers.get("Authorization", "")
    ) or CREDENTIAL.search(
        "Credential="
        + dict(parse_qsl(request.query)).get("X-Amz-Credential", "")
    )
    _, day, region, service = scope.groups()
    if not stamp.startswith(day):
        return "the credential scope has another date than X-Amz-Date"
    kind = S3SigV4Auth if service == "s3" else SigV4Auth
    signer = kind(credentials, service, region)
    query = "&".join(
        part
        for part in request.query.split("&")
        if not part.startswith("X-Amz-Signature=")
    )
    # The host in the URL is not looked at: the signed Host header is.
    again = AWSRequest(
        method=request.method,
        url=f"{request.scheme}://sandbox{request.path}"
        + (f"?{query}" if query else ""),
        headers={"X-Amz-Content-SHA256": body_hash},
    )
    again.context["timestamp"] = stamp
    headers = HTTPHeaders()
    for name in signed:
        headers[name] = _header(request, name)
    signer.headers_to_sign = lambda _: headers
    canonical = signer.canonical_request(again)
    text = signer.string_to_sign(again, canonical)
    expected = signer.signature(text, again)
    if hmac.compare_digest(expected, signature):
        return None
    for token in (credentials.token, quote(credentials.token or "", "")):
        if token:
            canonical = canonical.replace(token, "***")
    return (
        "\n\nThe Canonical String for this request should have been\n"
        f"'{canonical}'\n\nThe String-to-Sign should have been\n'{text}'\n"
    )


def _header(request, name):
    text = ",".join(
        " ".join(value.split()) for value in request.headers.get_all(name, [])
    )
    return text.encode("latin-1").decode("utf-8", "replace")
