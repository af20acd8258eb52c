/*
 * cred_container.c - the credentials of a container, from an HTTP service
 * beside it: ECS, EKS Pod Identity, Greengrass and others
 *
 * The URL comes from the environment, so it could be anybody's: without TLS
 * only this machine and the addresses that AWS uses are asked.
 */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "aws/cred_source.h"
#include "base/alloc.h"
#include "base/file.h"

/* botocore's numbers. */
static const double TIMEOUT = 2, PAUSE = 1;
enum { ATTEMPTS = 3, TOKEN_MAX = 64 << 10 };

static const char relative_variable[] =
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
static const char full_variable[] = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

/* host is as libcurl has normalised it: 127.1 has become 127.0.0.1. */
static bool
is_near(const char *host)
{
	static const char *const known[] = {
		"localhost", "169.254.170.2", "169.254.170.23"
	};
	struct in6_addr six, eks;
	struct in_addr four;
	char bare[64] = "";
	size_t len = strlen(host);

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(host, known[i]) == 0)
			return true;
	if (inet_pton(AF_INET, host, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	if (len < 3 || host[0] != '[' || len - 2 >= sizeof(bare))
		return false;
	memcpy(bare, host + 1, len - 2);
	inet_pton(AF_INET6, "fd00:ec2::23", &eks);
	return inet_pton(AF_INET6, bare, &six) == 1 &&
	    (IN6_IS_ADDR_LOOPBACK(&six) ||
	    memcmp(&six, &eks, sizeof(six)) == 0);
}

static int
check_url(const char *url, struct err *e)
{
	CURLU *u = curl_url();
	char *scheme = NULL, *host = NULL;
	int ret = 0;

	if (u == NULL || curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		ret = err_set(e, ERR_CRED, "not a URL");
	else if (strcmp(scheme, "https") != 0 &&
	    (strcmp(scheme, "http") != 0 || !is_near(host)))
		ret = err_set(e, ERR_CRED, "host '%s': without https only a "
		    "loopback address, 169.254.170.2, 169.254.170.23 and "
		    "[fd00:ec2::23] are asked", host);
	curl_free(scheme);
	curl_free(host);
	curl_url_cleanup(u);
	return ret;
}

/* The URL to ask and the variable it comes from; for free(). */
static int
find_url(const char **variable, char **url, struct err *e)
{
	const char *relative = cred_getenv(relative_variable);
	const char *full = cred_getenv(full_variable);

	if (relative == NULL && full == NULL)
		return 0;
	*variable = relative != NULL ? relative_variable : full_variable;
	if (relative != NULL && *relative != '/')
		return err_set(e, ERR_CRED, "%s: '%s' does not begin with "
		    "'/'", *variable, relative);
	*url = relative != NULL ?
	    xasprintf("http://169.254.170.2%s", relative) : xstrdup(full);
	return 1;
}

/* The value for the Authorization header; "" when there is none. */
static int
read_authorization(struct buf *token, struct err *e)
{
	static const char file_variable[] =
	    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
	const char *path = cred_getenv(file_variable);
	const char *value = cred_getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN");

	if (path != NULL) {
		switch (file_read(path, TOKEN_MAX, token, e)) {
		case 0:
			return err_set(e, ERR_CRED, "%s: there is no such "
			    "file: %s", file_variable, path);
		case -1:
			e->kind = ERR_CRED;
			return err_prefix(e, "%s", file_variable);
		}
	} else {
		buf_init(token, TOKEN_MAX);
		if (value != NULL && buf_puts(token, value) == -1)
			return err_set(e, ERR_CRED, "the authorization token "
			    "is too large");
	}
	if (strpbrk(token->s, "\r\n") == NULL &&
	    strlen(token->s) == token->len)
		return 0;
	return err_set(e, ERR_CRED, "the authorization token%s%s holds a "
	    "line break or a NUL byte", path != NULL ? " in " : "",
	    path != NULL ? path : "");
}

static int
decode(const struct http_response *res, struct cred *out, struct err *e)
{
	static const struct cred_members members = { .id = "AccessKeyId",
		.secret = "SecretAccessKey", .token = "Token",
		.expires = "Expiration", .account = "AccountId" };
	json_t *o;
	int ret;

	if (res->status != 200) {
		err_set(e, ERR_CRED, "it refuses");
		e->http = res->status;
		return -1;
	}
	o = json_loadb(res->body.s, res->body.len, 0, NULL);
	ret = cred_from_json(o, &members, out, e);
	json_decref(o);
	return ret == -1 ? err_prefix(e, "its answer") : 0;
}

/* Could a second try bring a better answer? */
static bool
is_trouble(int status)
{
	return status >= 500 || status == 429;
}

static int
pause_before_next(const struct cred_query *q, struct err *e)
{
	switch (wait_for(q->a->deadline, PAUSE)) {
	case WAIT_SIGNAL:
		return err_set(e, ERR_SIGNAL, "stopped");
	case WAIT_DEADLINE:
		e->kind = ERR_DEADLINE;
		return -1;
	default:
		return 0;
	}
}

static int
ask(const struct cred_query *q, struct http *h, struct http_request *req,
    struct cred *out, struct err *e)
{
	struct http_response res;
	bool again;
	int ret;

	for (int i = 1; ; i++) {
		res = (struct http_response){ 0 };
		ret = cred_fetch(q, h, req, &res, e);
		again = ret == 0 || (ret == 1 && is_trouble(res.status));
		if (ret == 1)
			ret = decode(&res, out, e);
		else
			ret = -1;
		http_response_release(&res);
		if (ret == 0 || !again || i >= ATTEMPTS)
			return ret;
		if (pause_before_next(q, e) == -1)
			return -1;
	}
}

static int
ask_url(const struct cred_query *q, const char *url, struct cred *out,
    struct err *e)
{
	struct http_opts opts = { .ca_bundle = q->a->ca_bundle,
		.connect_timeout = TIMEOUT, .read_timeout = TIMEOUT,
		.no_proxy = true };
	struct http_header headers[] = {
		{ .name = "Accept", .value = "application/json" },
		{ .name = "Authorization", .secret = true }
	};
	struct http_request req = { .method = "GET", .url = url,
		.headers = headers, .n_headers = 1 };
	struct buf token = { 0 };
	struct http *h = NULL;
	int ret = -1;

	if (check_url(url, e) == 0 && read_authorization(&token, e) == 0) {
		headers[1].value = token.s;
		req.n_headers += token.len > 0;
		h = http_new(&opts);
		ret = ask(q, h, &req, out, e);
	}
	http_free(h);
	buf_wipe(&token);
	return ret;
}

int
cred_container(const struct cred_query *q, struct cred *out, struct err *e)
{
	const char *variable = NULL;
	char *url = NULL;
	int ret = find_url(&variable, &url, e);

	if (ret != 1)
		return ret;
	ret = ask_url(q, url, out, e);
	free(url);
	if (ret == -1)
		return err_prefix(e, "%s", variable);
	cred_step(out, "container-role");
	return 1;
}
