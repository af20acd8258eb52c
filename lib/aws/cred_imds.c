/*
 * cred_imds.c - the role of an EC2 instance, from its metadata service
 *
 * Only with a session token (IMDSv2). The older way is taken when the user
 * says that it may be: AWS_EC2_METADATA_V1_DISABLED=false. A machine that is
 * no instance has no such service, so silence is "nothing here".
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/cred_source.h"
#include "base/alloc.h"

static const char token_path[] = "latest/api/token";
static const char role_path[] =
    "latest/meta-data/iam/security-credentials/";

/*
 * When the service is in trouble it hands out credentials about to expire,
 * or expired; AWS goes on taking them. So they are used for another 15
 * minutes and up to 10 more, at random, before it is asked again.
 */
static const time_t EXTENSION = 15 * 60, EXTENSION_MIN = 2 * 60,
    EXTENSION_SPREAD = 8 * 60;

struct imds {
	const struct cred_query *q;
	struct http *http;
	char *base;		/* ends in a slash */
	unsigned attempts;
	struct buf token;	/* empty: none (IMDSv1) */
};

/* A setting: the environment, then the session's profile, or NULL. */
static const char *
setting(const struct cred_query *q, const char *variable, const char *key)
{
	const char *value = cred_getenv(variable);

	return value != NULL ? value :
	    conf_get(q->a->conf, q->a->profile, key);
}

static bool
is_word(const char *s, const char *word)
{
	return s != NULL && strcasecmp(s, word) == 0;
}

/* A whole number that is at least 1; 1 when it is not set. */
static int
number(const struct cred_query *q, const char *variable, const char *key,
    unsigned *out, struct err *e)
{
	const char *s = setting(q, variable, key);

	*out = 1;
	if (s == NULL)
		return 0;
	if (strspn(s, "0123456789") != strlen(s) || strlen(s) > 6 ||
	    (*out = (unsigned)atoi(s)) == 0)
		return err_set(e, ERR_CRED, "%s (%s): '%s' is not a whole "
		    "number above 0", variable, key, s);
	return 0;
}

static int
choose_base(struct imds *m, struct err *e)
{
	const char *url = setting(m->q, "AWS_EC2_METADATA_SERVICE_ENDPOINT",
	    "ec2_metadata_service_endpoint");
	const char *mode = setting(m->q,
	    "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
	    "ec2_metadata_service_endpoint_mode");
	bool six = is_word(setting(m->q, "AWS_IMDS_USE_IPV6",
	    "imds_use_ipv6"), "true");

	if (mode != NULL) {
		six = is_word(mode, "ipv6");
		if (!six && !is_word(mode, "ipv4"))
			return err_set(e, ERR_CRED,
			    "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE "
			    "(ec2_metadata_service_endpoint_mode): '%s' is "
			    "neither IPv4 nor IPv6", mode);
	}
	if (url == NULL || *url == '\0')
		url = six ? "http://[fd00:ec2::254]/" :
		    "http://169.254.169.254/";
	m->base = xasprintf("%s%s", url,
	    url[strlen(url) - 1] == '/' ? "" : "/");
	return 0;
}

static int
imds_init(struct imds *m, const struct cred_query *q, struct err *e)
{
	struct http_opts opts = { .no_proxy = true };
	unsigned timeout;

	m->q = q;
	buf_init(&m->token, 4096);
	if (number(q, "AWS_METADATA_SERVICE_TIMEOUT",
	    "metadata_service_timeout", &timeout, e) == -1 ||
	    number(q, "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
	    "metadata_service_num_attempts", &m->attempts, e) == -1 ||
	    choose_base(m, e) == -1)
		return -1;
	opts.connect_timeout = opts.read_timeout = timeout;
	m->http = http_new(&opts);
	return 0;
}

static void
imds_release(struct imds *m)
{
	http_free(m->http);
	free(m->base);
	buf_wipe(&m->token);
}

/* An answer or, after so many attempts, none: 1, 0, -1. */
static int
request(const struct imds *m, const char *method, const char *path,
    const struct http_header *header, struct http_response *res,
    struct err *e)
{
	char *url = xasprintf("%s%s", m->base, path);
	struct http_request req = { .method = method, .url = url,
		.headers = header, .n_headers = header->value != NULL };
	int ret = 0;

	for (unsigned i = 0; i < m->attempts && ret == 0; i++) {
		http_response_release(res);
		ret = cred_fetch(m->q, m->http, &req, res, e);
		if (ret == 1 && res->status >= 500 && i + 1 < m->attempts)
			ret = 0;
	}
	free(url);
	return ret;
}

static bool
is_header_value(const struct buf *b)
{
	for (size_t i = 0; i < b->len; i++)
		if (b->s[i] <= ' ' || b->s[i] >= 0x7f)
			return false;
	return b->len > 0;
}

static int
get_token(struct imds *m, struct err *e)
{
	const struct http_header ttl = {
		.name = "x-aws-ec2-metadata-token-ttl-seconds",
		.value = "21600" };
	struct http_response res = { 0 };
	int ret = request(m, "PUT", token_path, &ttl, &res, e);
	bool bad_request = ret == 1 && res.status == 400;

	if (ret == 0)
		cred_note(m->q->chain, "%s", e->msg);
	else if (ret == 1 && (res.status != 200 ||
	    !is_header_value(&res.body) ||
	    buf_add(&m->token, res.body.s, res.body.len) == -1)) {
		cred_note(m->q->chain, "no session token (HTTP %d)",
		    res.status);
		ret = 0;
	}
	http_response_release(&res);
	if (ret == 0 && !bad_request &&
	    is_word(setting(m->q, "AWS_EC2_METADATA_V1_DISABLED",
	    "ec2_metadata_v1_disabled"), "false"))
		ret = 1;	/* the user wants it tried without */
	return ret;
}

/* The text at a path: 1, 0 when the service does not have it, -1. */
static int
get_text(const struct imds *m, const char *path, struct buf *out,
    struct err *e)
{
	const struct http_header token = {
		.name = "x-aws-ec2-metadata-token", .secret = true,
		.value = m->token.len > 0 ? m->token.s : NULL };
	struct http_response res = { 0 };
	int ret = request(m, "GET", path, &token, &res, e);

	if (ret == 0) {
		cred_note(m->q->chain, "%s", e->msg);
	} else if (ret == 1 && (res.status != 200 || res.body.len == 0)) {
		cred_note(m->q->chain, res.status == 404 ?
		    "this instance has no role (HTTP %d)" :
		    "it refuses (HTTP %d)", res.status);
		ret = 0;
	} else if (ret == 1) {
		*out = res.body;
		res.body = (struct buf){ 0 };
	}
	http_response_release(&res);
	return ret;
}

/* The name of the role: one line, with nothing that changes a URL. */
static int
get_role(const struct imds *m, struct buf *role, struct err *e)
{
	int ret = get_text(m, role_path, role, e);

	if (ret != 1)
		return ret;
	role->len = strcspn(role->s, "\r\n");
	role->s[role->len] = '\0';
	if (is_header_value(role) && strpbrk(role->s, "/?#%\\") == NULL)
		return 1;
	cred_note(m->q->chain, "the name of the role is garbled");
	return 0;
}

static int
decode(const struct imds *m, const struct buf *text, struct cred *out)
{
	static const struct cred_members members = { .id = "AccessKeyId",
		.secret = "SecretAccessKey", .token = "Token",
		.expires = "Expiration", .account = "AccountId" };
	json_t *o = json_loadb(text->s, text->len, 0, NULL);
	const char *code = json_string_value(json_object_get(o, "Code"));
	const char *why = json_string_value(json_object_get(o, "Message"));
	struct err e = { 0 };
	time_t now = cred_now(m->q->a);
	int ret = 1;

	if (cred_from_json(o, &members, out, &e) == -1) {
		cred_note(m->q->chain, "%s%s%s", code == NULL ? e.msg : code,
		    why == NULL ? "" : ": ", why == NULL ? "" : why);
		cred_release(out);
		ret = 0;
	} else if (out->expires < now + EXTENSION) {
		out->expires = now + EXTENSION + EXTENSION_MIN +
		    (time_t)(wait_random() * (double)EXTENSION_SPREAD);
	}
	json_decref(o);
	return ret;
}

static int
fetch(struct imds *m, struct cred *out, struct err *e)
{
	struct buf role = { 0 }, text = { 0 };
	char *path = NULL;
	int ret = get_token(m, e);

	if (ret == 1)
		ret = get_role(m, &role, e);
	if (ret == 1) {
		path = xasprintf("%s%s", role_path, role.s);
		ret = get_text(m, path, &text, e);
	}
	if (ret == 1)
		ret = decode(m, &text, out);
	if (ret == 1)
		cred_step(out, "iam-role '%s'", role.s);
	free(path);
	buf_release(&role);
	buf_wipe(&text);
	return ret;
}

int
cred_imds(const struct cred_query *q, struct cred *out, struct err *e)
{
	struct imds m = { 0 };
	int ret;

	if (is_word(getenv("AWS_EC2_METADATA_DISABLED"), "true")) {
		cred_note(q->chain, "AWS_EC2_METADATA_DISABLED is set");
		return 0;
	}
	ret = imds_init(&m, q, e);
	if (ret == 0)
		ret = fetch(&m, out, e);
	imds_release(&m);
	return ret == -1 ? err_prefix(e, "instance metadata") : ret;
}
