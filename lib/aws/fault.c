/* fault.c - AWS's errors, in every form its protocols give them */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "aws/fault.h"
#include "aws/xml.h"
#include "base/words.h"

/* Refused credentials and refused permission, whatever the service. */
static const char *const refusals[] = {
	"AccessDenied", "AccessDeniedException", "AuthFailure",
	"AuthorizationError", "AuthorizationErrorException", "ExpiredToken",
	"ExpiredTokenException", "ForbiddenException",
	"IncompleteSignature", "IncompleteSignatureException",
	"InvalidAccessKeyId", "InvalidClientTokenId", "InvalidGrantException",
	"InvalidIdentityToken", "InvalidIdentityTokenException",
	"InvalidSecurity", "InvalidSignatureException", "InvalidToken",
	"MissingAuthenticationToken", "MissingAuthenticationTokenException",
	"MissingSecurityHeader", "NotAuthorized", "NotAuthorizedException",
	"NotSignedUp", "OptInRequired", "RequestExpired",
	"RequestInTheFuture", "RequestTimeTooSkewed",
	"SignatureDoesNotMatch", "SubscriptionRequiredException",
	"TokenRefreshRequired", "UnauthorizedAccess",
	"UnauthorizedAccessException", "UnauthorizedClientException",
	"UnauthorizedException", "UnauthorizedOperation",
	"UnrecognizedClientException",
};

/* Refusals that another key or a new login would cure. */
static const char *const bad_keys[] = {
	"ExpiredToken", "ExpiredTokenException", "IncompleteSignature",
	"InvalidAccessKeyId", "InvalidClientTokenId",
	"InvalidSignatureException", "MissingAuthenticationToken",
	"MissingAuthenticationTokenException", "SignatureDoesNotMatch",
	"UnrecognizedClientException",
};

static enum err_kind
kind_of(const char *code, int status)
{
	if (words_have(refusals, ARRAY_LEN(refusals), code))
		return ERR_CRED;
	if (*code == '\0' && (status == 401 || status == 403))
		return ERR_CRED;
	return ERR_AWS;
}

/* "com.amazon#Code:http://more" is Code. */
static void
take_code(const char *s, char *out, size_t size)
{
	const char *hash = strchr(s, '#');

	if (hash != NULL)
		s = hash + 1;
	snprintf(out, size, "%.*s", (int)strcspn(s, ":"), s);
}

struct fault {
	char code[80];
	char text[768];
};

static const char *
json_text(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static void
read_json(const struct http_response *res, struct fault *f)
{
	json_t *o = json_loadb(res->body.s, res->body.len, JSON_ALLOW_NUL,
	    NULL);
	const char *code = json_text(o, "__type"), *text;
	char header[256];

	if (http_response_header(res, "x-amzn-errortype", header,
	    sizeof(header)))
		code = header;
	if (code == NULL && (code = json_text(o, "code")) == NULL)
		code = json_text(o, "error");	/* OAuth, as in sso-oidc */
	if ((text = json_text(o, "message")) == NULL &&
	    (text = json_text(o, "Message")) == NULL &&
	    (text = json_text(o, "errorMessage")) == NULL)
		text = json_text(o, "error_description");
	if (code != NULL)
		take_code(code, f->code, sizeof(f->code));
	if (text != NULL)
		snprintf(f->text, sizeof(f->text), "%s", text);
	json_decref(o);
}

static void
read_xml(const struct http_response *res, struct fault *f, struct err *e)
{
	static const char *const paths[] = { "Error", "Errors/Error", "" };
	struct err ignored = { 0 };
	struct xml *root = xml_parse(res->body.s, res->body.len, &ignored);
	const struct xml *x = NULL;
	const char *s;

	for (size_t i = 0; i < ARRAY_LEN(paths) && root != NULL; i++) {
		x = xml_find(root, paths[i]);
		if ((s = xml_text(x, "Code")) != NULL)
			break;
	}
	if ((s = xml_text(x, "Code")) != NULL)
		snprintf(f->code, sizeof(f->code), "%s", s);
	if ((s = xml_text(x, "Message")) != NULL)
		snprintf(f->text, sizeof(f->text), "%s", s);
	if ((s = xml_text(root, "RequestId")) != NULL ||
	    (s = xml_text(root, "RequestID")) != NULL)
		snprintf(e->request_id, sizeof(e->request_id), "%s", s);
	xml_free(root);
}

void
fault_request_id(const struct http_response *res, struct err *e)
{
	static const char *const names[] = {
		"x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"
	};

	for (size_t i = 0; i < ARRAY_LEN(names) &&
	    e->request_id[0] == '\0'; i++)
		(void)http_response_header(res, names[i], e->request_id,
		    sizeof(e->request_id));
}

static void
say_what_came(const struct http_response *res, struct err *e)
{
	if (res->status >= 300 && res->status < 400)
		err_set(e, ERR_AWS, "redirected, which AWS never does");
	else
		err_set(e, kind_of("", res->status), "HTTP %d without an "
		    "error of AWS in it", res->status);
	err_hint(e, "check the endpoint and the proxy: is that AWS?");
}

void
fault_decode(const struct http_response *res, struct err *e)
{
	const char *s = res->body.s + strspn(res->body.s, " \t\r\n");
	struct fault f = { 0 };
	struct err id = { 0 };

	if (*s == '<')
		read_xml(res, &f, &id);
	else
		read_json(res, &f);
	fault_request_id(res, &id);
	if (f.code[0] == '\0')
		say_what_came(res, e);
	else if (f.text[0] == '\0')
		err_set(e, kind_of(f.code, res->status), "%s", f.code);
	else
		err_set(e, kind_of(f.code, res->status), "%s: %s", f.code,
		    f.text);
	if (words_have(bad_keys, ARRAY_LEN(bad_keys), f.code))
		err_hint(e, "rs-whoami --no-call shows which credentials are "
		    "used and where they come from");
	e->http = res->status;
	memcpy(e->code, f.code, sizeof(e->code));
	memcpy(e->request_id, id.request_id, sizeof(e->request_id));
}
