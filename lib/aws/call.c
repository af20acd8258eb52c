/* call.c - the request of an operation: signed, sent, retried */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "aws/call.h"
#include "aws/crc32.h"
#include "aws/date.h"
#include "aws/endpoint.h"
#include "aws/fault.h"
#include "aws/op.h"
#include "aws/retry.h"
#include "aws/sigv4.h"
#include "base/alloc.h"
#include "base/msg.h"

enum { ATTEMPTS = 3, ATTEMPTS_DYNAMODB = 4, INVOCATION = 37 };

static const double SKEW_MIN = 4 * 60;	/* AWS tolerates five minutes */

/* What stays the same through all attempts of a call. */
struct sending {
	struct aws *a;
	const struct aws_as *as;
	const struct call *call;
	struct endpoint endpoint;
	char invocation[INVOCATION];
	char hash[SIGV4_HEX];
	bool once;
	struct retry retry;
};

/* One attempt's headers; values point into it and into what it signs. */
struct headers {
	struct http_header v[CALL_HEADERS + 8];
	size_t n;
	char date[SIGV4_DATE];
	char attempt[48];
	struct buf authorization;
};

static void
add_header(struct headers *h, const char *name, const char *value,
    bool secret)
{
	h->v[h->n++] = (struct http_header){ name, value, secret };
}

/* A random UUID (version 4): the same for all attempts of a call. */
static int
make_invocation(char out[INVOCATION], struct err *e)
{
	unsigned char r[16];

	if (getrandom(r, sizeof(r), 0) != sizeof(r))
		return err_sys(e, errno, "cannot get random bytes");
	r[6] = (unsigned char)((r[6] & 0x0f) | 0x40);
	r[8] = (unsigned char)((r[8] & 0x3f) | 0x80);
	snprintf(out, INVOCATION, "%02x%02x%02x%02x-%02x%02x-%02x%02x-"
	    "%02x%02x-%02x%02x%02x%02x%02x%02x", r[0], r[1], r[2], r[3],
	    r[4], r[5], r[6], r[7], r[8], r[9], r[10], r[11], r[12], r[13],
	    r[14], r[15]);
	return 0;
}

/*
 * Every header but the last two is signed. The first is the host, which
 * libcurl sends by itself.
 */
static void
fill_headers(struct headers *h, const struct sending *s,
    const struct cred *cred)
{
	add_header(h, "host", s->endpoint.host, false);
	for (size_t i = 0; i < s->call->n_headers; i++)
		h->v[h->n++] = s->call->headers[i];
	snprintf(h->attempt, sizeof(h->attempt), "attempt=%u; max=%u",
	    s->retry.attempt, s->retry.policy.attempts);
	add_header(h, "amz-sdk-invocation-id", s->invocation, false);
	add_header(h, "amz-sdk-request", h->attempt, false);
	if (cred == NULL)
		return;
	sigv4_date(time(NULL) + (time_t)s->a->skew, h->date);
	add_header(h, "x-amz-date", h->date, false);
	if (s->call->service == AWS_S3)
		add_header(h, "x-amz-content-sha256", s->hash, false);
	if (cred->session_token != NULL)
		add_header(h, "x-amz-security-token", cred->session_token,
		    true);
}

/* The path of the endpoint, if it has one, before that of the operation. */
static char *
full_path(const struct sending *s)
{
	const char *host = strstr(s->endpoint.url, "://") + 3;
	const char *prefix = host + strcspn(host, "/");

	return xasprintf("%s%s", prefix, s->call->path);
}

static int
sign(struct headers *h, const struct sending *s, const struct cred *cred,
    struct err *e)
{
	char *path = full_path(s);
	struct sigv4_input in = {
		.method = s->call->method, .path = path,
		.query = s->call->query, .headers = h->v,
		.n_headers = h->n, .payload_hash = s->hash,
		.region = s->endpoint.region, .service = s->endpoint.name,
		.access_key_id = cred->access_key_id,
		.secret_access_key = cred->secret_access_key,
		.single_encoding = s->endpoint.single_encoding,
	};
	int r;

	memcpy(in.date, h->date, sizeof(in.date));
	r = sigv4_authorization(&in, &h->authorization);
	free(path);
	if (r == -1)
		return err_set(e, ERR_AWS, "cannot sign the request");
	add_header(h, "authorization", h->authorization.s, true);
	return 0;
}

/* Does the answer's clock differ so much that it may be the reason? */
static bool
clock_differs(const struct aws *a, const struct http_response *res,
    double *skew)
{
	char date[64];
	time_t server;

	if (!http_response_header(res, "date", date, sizeof(date)) ||
	    date_http(date, &server) == -1)
		return false;
	*skew = difftime(server, time(NULL));
	return fabs(*skew - a->skew) > SKEW_MIN;
}

/* Milliseconds as plain digits; anything else is no hint. */
static double
retry_hint(const struct http_response *res)
{
	char text[32];

	if (!http_response_header(res, "x-amz-retry-after", text,
	    sizeof(text)) || text[0] == '\0' ||
	    text[strspn(text, "0123456789")] != '\0')
		return -1;
	return strtod(text, NULL) / 1000;
}

/* DynamoDB's answers carry a checksum; what does not match did not arrive. */
static bool
is_damaged(const struct http_response *res)
{
	char text[32], *end;
	unsigned long sum;

	if (!http_response_header(res, "x-amz-crc32", text, sizeof(text)))
		return false;
	sum = strtoul(text, &end, 10);
	return end == text || *end != '\0' ||
	    sum != crc32_of(res->body.s, res->body.len);
}

/* Returns 0 when the answer is a success, else -1 and why in o and e. */
static int
judge(const struct http_response *res, struct retry_outcome *o,
    struct err *e)
{
	if (o->failure != HTTP_OK)
		return -1;
	o->status = res->status;
	if (is_damaged(res)) {
		o->failure = HTTP_BROKEN;
		return err_set(e, ERR_AWS, "the answer is damaged: its "
		    "checksum is wrong");
	}
	if (res->status >= 200 && res->status < 300)
		return 0;
	fault_decode(res, e);
	o->code = e->code;
	o->retry_after = retry_hint(res);
	return -1;
}

static int
exchange(struct sending *s, struct headers *h, struct http_response *res,
    struct retry_outcome *o, struct err *e)
{
	const struct call *c = s->call;
	char *url = xasprintf("%s%s%s%s", s->endpoint.url, c->path,
	    *c->query != '\0' ? "?" : "", c->query);
	struct http_request req = {
		.method = c->method, .url = url, .headers = h->v + 1,
		.body = c->body, .body_len = c->body_len,
		.body_secret = op_secret(c->op), .once = s->once,
		.deadline = s->a->deadline,
	};

	add_header(h, "user-agent", s->a->user_agent, false);
	req.n_headers = h->n - 1;
	o->failure = http_do(s->a->http, &req, res, e);
	free(url);
	return judge(res, o, e);
}

static int
attempt(struct sending *s, struct http_response *res,
    struct retry_outcome *o, struct err *e)
{
	const struct cred *cred = s->as->cred;
	struct headers h = { 0 };
	int r = -1;

	*o = (struct retry_outcome){ .failure = HTTP_FATAL, .code = "",
		.retry_after = -1 };
	if (cred == NULL && !s->as->anonymous &&
	    (cred = cred_get(s->a->cred, e)) == NULL)
		return -1;
	buf_init(&h.authorization, SIGV4_REQUEST_MAX);
	fill_headers(&h, s, cred);
	if (cred == NULL || sign(&h, s, cred, e) == 0)
		r = exchange(s, &h, res, o, e);
	buf_wipe(&h.authorization);
	return r;
}

/* Wait before the next attempt; there may be no time for it. */
static int
pause_for(const struct sending *s, double delay, struct err *e)
{
	enum wait_result r = WAIT_DEADLINE;

	msg_debug(2, "%s: attempt %u in %.3f s: %s", s->call->op,
	    s->retry.attempt, delay, e->msg);
	if (delay < wait_left(s->a->deadline))
		r = wait_for(s->a->deadline, delay);
	if (r == WAIT_SIGNAL)
		return err_set(e, ERR_SIGNAL, "stopped before another attempt");
	if (r == WAIT_DEADLINE) {
		e->kind = ERR_DEADLINE;
		return err_prefix(e, "no time left for attempt %u",
		    s->retry.attempt);
	}
	return 0;
}

/* What has to be put right before the next attempt. */
static void
correct(struct sending *s, const struct retry_outcome *o, double skew)
{
	enum retry_why why = retry_classify(o);

	if (why == RETRY_SKEW) {
		s->a->skew = skew;
		msg_debug(1, "this machine's clock is %.0f s %s", fabs(skew),
		    skew > 0 ? "slow" : "fast");
	}
	if (why == RETRY_EXPIRED)
		cred_forget(s->a->cred);
}

static void
say_if_unknown(const struct sending *s, const struct retry_outcome *o,
    struct err *e)
{
	bool unknown = o->failure == HTTP_FATAL ? e->kind == ERR_DEADLINE :
	    retry_may_have_happened(o);

	if (s->once && unknown)
		err_hint(e, "%s may have happened all the same: look before "
		    "you try again", s->call->op);
}

static int
begin(struct sending *s, struct err *e)
{
	bool dynamodb = s->call->service == AWS_DYNAMODB;
	struct retry_policy policy = {
		.attempts = dynamodb ? ATTEMPTS_DYNAMODB : ATTEMPTS,
		.transient_base = dynamodb ? 0.025 : 0.050,
		.throttling_base = 1.0,
		.repeatable = s->call->has_token || op_repeatable(s->call->op),
	};

	if (s->a->max_attempts != 0)
		policy.attempts = s->a->max_attempts;
	s->once = !policy.repeatable;
	retry_begin(&s->retry, &policy, &s->a->retry_quota);
	/* Keys that a caller gave cannot be renewed here. */
	s->retry.renewed = s->as->cred != NULL || s->as->anonymous;
	if (endpoint_find(s->a, s->call->service, s->as,
	    &s->endpoint, e) == -1 || make_invocation(s->invocation, e) == -1)
		return -1;
	if (sigv4_hash(s->call->body != NULL ? s->call->body : "",
	    s->call->body_len, s->hash) == -1)
		return err_set(e, ERR_SYSTEM, "cannot compute SHA-256");
	return 0;
}

int
call_send(struct aws *a, const struct aws_as *as, const struct call *c,
    struct http_response *res, struct err *e)
{
	struct sending s = { .a = a, .as = as, .call = c };
	struct retry_outcome o;
	double delay, skew = 0;

	*res = (struct http_response){ 0 };
	if (begin(&s, e) == -1)
		return -1;
	while (attempt(&s, res, &o, e) == -1) {
		o.skewed = o.failure == HTTP_OK &&
		    clock_differs(a, res, &skew);
		http_response_release(res);
		if (!retry_again(&s.retry, &o, wait_random(), &delay)) {
			say_if_unknown(&s, &o, e);
			return -1;
		}
		correct(&s, &o, skew);
		if (pause_for(&s, delay, e) == -1)
			return -1;
	}
	retry_success(&s.retry);
	*e = (struct err){ 0 };	/* what failed before does not matter now */
	return 0;
}
