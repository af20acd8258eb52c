/* http_debug.c - the wire as --debug shows it, secrets masked */
#include <ctype.h>
#include <string.h>

#include "aws/http_debug.h"
#include "base/msg.h"

enum { SHOWN_MAX = 3000, MASKED_MAX = 16 << 10 };

static const char mask[] = "***";

static const char *const secret_headers[] = {
	"authorization", "x-amz-security-token", "x-amz-sso_bearer_token",
	"x-aws-ec2-metadata-token", "set-cookie", "cookie",
	"proxy-authorization",
};

/* Parts of names whose values nobody else should read. */
static const char *const secret_words[] = {
	"password", "passwd", "secret", "securitytoken", "sessiontoken",
	"accesstoken", "refreshtoken", "idtoken", "webidentitytoken",
	"credential", "privatekey", "samlassertion", "authtoken",
};

static bool
is_secret_header(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(secret_headers); i++)
		if (strlen(secret_headers[i]) == len &&
		    strncasecmp(secret_headers[i], name, len) == 0)
			return true;
	return false;
}

/* Compared without case and punctuation: "admin_user_Password" matches. */
static bool
is_secret_name(const char *name, size_t len)
{
	char plain[128];
	size_t n = 0;

	for (size_t i = 0; i < len && n < sizeof(plain) - 1; i++)
		if (isalnum((unsigned char)name[i]))
			plain[n++] = (char)tolower((unsigned char)name[i]);
	plain[n] = '\0';
	if (strstr(plain, "secretarn") != NULL ||
	    strstr(plain, "secretid") != NULL)
		return false;	/* names of secrets, not secrets */
	for (size_t i = 0; i < ARRAY_LEN(secret_words); i++)
		if (strstr(plain, secret_words[i]) != NULL)
			return true;
	return false;
}

/* The length of what starts at s and ends before an unescaped end. */
static size_t
span_to(const char *s, size_t len, char end)
{
	size_t i = 0;

	while (i < len && s[i] != end)
		i += s[i] == '\\' && i + 1 < len ? 2 : 1;
	return i;
}

/* A word of a body: letters, digits and what joins them. */
static size_t
name_len(const char *s, size_t len)
{
	size_t i = 0;

	while (i < len && (isalnum((unsigned char)s[i]) ||
	    strchr("_-.", s[i]) != NULL))
		i++;
	return i;
}

/*
 * After a secret name: how much is punctuation, and how much the value that
 * follows: "name": "value" in JSON, <name>value< in XML, name=value& in
 * forms. Returns 0 when no value follows.
 */
static size_t
value_len(const char *s, size_t len, size_t *skip)
{
	size_t i = 0;

	if (len > 0 && (*s == '>' || *s == '=')) {
		*skip = 1;
		return span_to(s + 1, len - 1, *s == '>' ? '<' : '&');
	}
	if (i < len && s[i] == '"')
		i++;
	while (i < len && strchr(" \t\r\n:", s[i]) != NULL)
		i++;
	if (i == 0 || i >= len)
		return 0;
	*skip = i;
	if (s[i] == '"') {
		*skip = i + 1;
		return span_to(s + i + 1, len - i - 1, '"');
	}
	if (s[i] == '{' || s[i] == '[')
		return 0;	/* what is inside has names of its own */
	return span_to(s + i, len - i, ',');
}

void
http_debug_mask(const char *body, size_t len, struct buf *out)
{
	size_t i = 0;

	while (i < len && out->len < SHOWN_MAX) {
		size_t n = name_len(body + i, len - i), skip = 0, value;

		if (n == 0) {
			if (buf_putc(out, body[i++]) == -1)
				return;
			continue;
		}
		if (buf_add(out, body + i, n) == -1)
			return;
		i += n;
		if (!is_secret_name(body + i - n, n))
			continue;
		value = value_len(body + i, len - i, &skip);
		if (value == 0)
			continue;
		if (buf_add(out, body + i, skip) == -1 ||
		    buf_puts(out, mask) == -1)
			return;
		i += skip + value;
	}
}

static void
show_body(const char *arrow, const char *body, size_t len, bool secret)
{
	struct buf out = { 0 };

	if (len == 0)
		return;
	if (secret) {
		msg_debug(2, "%s (%zu bytes, not shown)", arrow, len);
		return;
	}
	buf_init(&out, MASKED_MAX);
	http_debug_mask(body, len, &out);
	msg_debug(2, "%s %s%s", arrow, out.s,
	    out.len >= SHOWN_MAX ? "..." : "");
	buf_wipe(&out);
}

void
http_debug_request(const struct http_request *req)
{
	if (msg_level() < 2)
		return;
	msg_debug(2, "> %s %s", req->method, req->url);
	for (size_t i = 0; i < req->n_headers; i++) {
		const struct http_header *p = &req->headers[i];
		bool secret = p->secret ||
		    is_secret_header(p->name, strlen(p->name));

		msg_debug(2, "> %s: %s", p->name, secret ? mask : p->value);
	}
	show_body(">", req->body, req->body_len, req->body_secret);
}

void
http_debug_response(const struct http_request *req,
    const struct http_response *res)
{
	const char *s = res->headers.s;

	if (msg_level() < 2)
		return;
	msg_debug(2, "< HTTP %d", res->status);
	while (*s != '\0') {
		int len = (int)strcspn(s, "\n");
		size_t name = strcspn(s, ":\n");

		if (is_secret_header(s, name))
			msg_debug(2, "< %.*s: %s", (int)name, s, mask);
		else
			msg_debug(2, "< %.*s", len, s);
		s += len + (s[len] == '\n');
	}
	show_body("<", res->body.s, res->body.len, req->body_secret);
}
