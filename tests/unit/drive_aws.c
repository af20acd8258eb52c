/*
 * drive_aws - let a test in another language ask lib/aws questions
 * in: one JSON object a line, {"do": "sign", ...}
 * out: one JSON object a line, the answer
 * note: tests/differential compares the answers with botocore's
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "aws/date.h"
#include "aws/endpoint.h"
#include "aws/fault.h"
#include "aws/form.h"
#include "aws/op.h"
#include "aws/retry.h"
#include "aws/service.h"
#include "aws/session.h"
#include "aws/sigv4.h"
#include "base/alloc.h"
#include "base/msg.h"
#include "base/sig.h"

enum { HEADERS_MAX = 32 };

static const char *
text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s != NULL ? s : "";
}

static bool
flag(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}

static json_t *
failure(const struct err *e)
{
	return json_pack("{s:s, s:i, s:s, s:s, s:s, s:i}", "error", e->msg,
	    "kind", (int)e->kind, "code", e->code, "request_id",
	    e->request_id, "hint", e->hint, "http", e->http);
}

/* ---- signing ---- */

static void
fill_input(const json_t *q, struct sigv4_input *in, struct http_header *v,
    char hash[SIGV4_HEX])
{
	const json_t *headers = json_object_get(q, "headers");
	const json_t *body = json_object_get(q, "body");

	in->method = text(q, "method");
	in->path = text(q, "path");
	in->query = text(q, "query");
	in->headers = v;
	for (; in->n_headers < json_array_size(headers); in->n_headers++) {
		const json_t *pair = json_array_get(headers, in->n_headers);

		v[in->n_headers].name =
		    json_string_value(json_array_get(pair, 0));
		v[in->n_headers].value =
		    json_string_value(json_array_get(pair, 1));
	}
	in->payload_hash = text(q, "payload_hash");
	if (body != NULL && sigv4_hash(json_string_value(body),
	    json_string_length(body), hash) == 0)
		in->payload_hash = hash;
	snprintf(in->date, sizeof(in->date), "%s", text(q, "date"));
	in->region = text(q, "region");
	in->service = text(q, "service");
	in->access_key_id = text(q, "key");
	in->secret_access_key = text(q, "secret");
	in->single_encoding = flag(q, "single");
}

static json_t *
do_sign(const json_t *q)
{
	struct http_header v[HEADERS_MAX];
	struct sigv4_input in = { 0 };
	struct buf canonical = { 0 }, to_sign = { 0 }, auth = { 0 };
	char hash[SIGV4_HEX], signature[SIGV4_HEX] = "";
	json_t *o = NULL;

	fill_input(q, &in, v, hash);
	buf_init(&canonical, SIGV4_REQUEST_MAX);
	buf_init(&to_sign, SIGV4_REQUEST_MAX);
	buf_init(&auth, SIGV4_REQUEST_MAX);
	if (sigv4_canonical(&in, &canonical) == 0 &&
	    sigv4_string_to_sign(&in, canonical.s, &to_sign) == 0 &&
	    sigv4_signature(&in, to_sign.s, signature) == 0 &&
	    sigv4_authorization(&in, &auth) == 0)
		o = json_pack("{s:s, s:s, s:s, s:s}", "canonical",
		    canonical.s, "to_sign", to_sign.s, "signature",
		    signature, "authorization", auth.s);
	buf_release(&canonical);
	buf_release(&to_sign);
	buf_release(&auth);
	return o;
}

static json_t *
do_presign(const json_t *q)
{
	struct http_header v[HEADERS_MAX];
	struct sigv4_input in = { 0 };
	struct buf out = { 0 };
	char hash[SIGV4_HEX];
	json_t *o = NULL;
	const char *token = json_string_value(json_object_get(q, "token"));

	fill_input(q, &in, v, hash);
	buf_init(&out, SIGV4_REQUEST_MAX);
	if (sigv4_presign(&in, (unsigned)json_integer_value(
	    json_object_get(q, "expires")), token, &out) == 0)
		o = json_pack("{s:s}", "query", out.s);
	buf_release(&out);
	return o;
}

static void
fill_form(const json_t *pairs, struct form *form)
{
	for (size_t i = 0; i < json_array_size(pairs); i++) {
		const json_t *pair = json_array_get(pairs, i);

		form_set(form, json_string_value(json_array_get(pair, 0)),
		    json_string_value(json_array_get(pair, 1)));
	}
}

static json_t *
do_form(const json_t *q)
{
	struct form form = { 0 };
	struct buf out = { 0 };
	json_t *o;

	fill_form(json_object_get(q, "pairs"), &form);
	buf_init(&out, SIGV4_REQUEST_MAX);
	o = form_encode(&form, &out) == 0 ?
	    json_pack("{s:s}", "form", out.s) : NULL;
	buf_release(&out);
	form_release(&form);
	return o;
}

/* ---- endpoints ---- */

static int
service_index(const char *variable)
{
	for (int i = 0; i < AWS_SERVICE_COUNT; i++)
		if (strcmp(service_get((enum aws_service)i)->variable +
		    strlen("AWS_ENDPOINT_URL_"), variable) == 0)
			return i;
	fprintf(stderr, "drive_aws: no service '%s'\n", variable);
	exit(2);
}

static json_t *
endpoint_json(const struct endpoint *p)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s?, s:b}", "url", p->url,
	    "host", p->host, "region", p->region, "name", p->name, "source",
	    p->source, "single", (int)p->single_encoding);
}

static json_t *
do_services(const json_t *q)
{
	json_t *list = json_array();

	(void)q;
	for (int i = 0; i < AWS_SERVICE_COUNT; i++) {
		const struct service *s = service_get((enum aws_service)i);

		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s?, "
		    "s:s?, s:b, s:b}", "id", s->variable +
		    strlen("AWS_ENDPOINT_URL_"), "prefix", s->prefix,
		    "signing", s->signing, "target", s->target, "version",
		    s->version, "json_1_0", (int)s->json_1_0, "ec2",
		    (int)s->ec2));
	}
	return json_pack("{s:o}", "services", list);
}

static json_t *
do_endpoint(const json_t *q)
{
	struct endpoint p;
	struct err e = { 0 };

	if (endpoint_rule((enum aws_service)service_index(text(q, "service")),
	    text(q, "region"), flag(q, "fips"), flag(q, "dualstack"), &p,
	    &e) == -1)
		return failure(&e);
	return endpoint_json(&p);
}

/* What a session finds in the environment and the configuration files. */
static json_t *
do_session(const json_t *q)
{
	const json_t *url = json_object_get(q, "endpoint_url");
	const json_t *services = json_object_get(q, "services");
	struct aws_opts opts = AWS_OPTS_DEFAULT;
	const struct aws_as ourselves = { 0 };
	struct err e = { 0 };
	struct aws *a;
	json_t *o;

	opts.endpoint_url = json_string_value(url);
	if ((a = aws_open(&opts, &e)) == NULL)
		return failure(&e);
	o = json_pack("{s:s, s:s, s:i}", "region", a->region,
	    "region_source", a->region_source, "max_attempts",
	    (int)a->max_attempts);
	for (size_t i = 0; i < json_array_size(services); i++) {
		const char *id = json_string_value(
		    json_array_get(services, i));
		struct endpoint p;

		json_object_set_new(o, id, endpoint_find(a,
		    (enum aws_service)service_index(id), &ourselves, &p,
		    &e) == -1 ?
		    failure(&e) : endpoint_json(&p));
	}
	aws_close(a);
	return o;
}

/* ---- retries ---- */

static const char *const why_names[] = {
	[RETRY_NOT] = "not", [RETRY_TRANSIENT] = "transient",
	[RETRY_THROTTLING] = "throttling", [RETRY_SKEW] = "skew",
	[RETRY_EXPIRED] = "expired",
};

static struct retry_outcome
outcome_of(const json_t *o)
{
	static const struct { const char *name; enum http_failure f; } map[] = {
		{ "connect", HTTP_CONNECT }, { "timeout", HTTP_TIMEOUT },
		{ "broken", HTTP_BROKEN }, { "fatal", HTTP_FATAL },
	};
	struct retry_outcome r = { .code = text(o, "code"),
		.status = (int)json_integer_value(json_object_get(o,
		    "status")),
		.retry_after = -1, .skewed = flag(o, "skewed") };

	for (size_t i = 0; i < ARRAY_LEN(map); i++)
		if (strcmp(text(o, "failure"), map[i].name) == 0)
			r.failure = map[i].f;
	if (json_object_get(o, "retry_after") != NULL)
		r.retry_after = json_number_value(
		    json_object_get(o, "retry_after"));
	return r;
}

/* A sequence of calls on one quota; each call a list of outcomes. */
static json_t *
do_retry(const json_t *q)
{
	int quota = RETRY_QUOTA;
	json_t *calls = json_object_get(q, "calls"), *call, *out, *o;
	json_t *answer = json_array();
	size_t i, j;
	struct retry_policy policy = {
		.attempts = (unsigned)json_integer_value(
		    json_object_get(q, "attempts")),
		.transient_base = json_number_value(
		    json_object_get(q, "transient_base")),
		.throttling_base = 1.0,
		.repeatable = flag(q, "repeatable"),
	};
	double random = json_number_value(json_object_get(q, "random"));

	json_array_foreach(calls, i, call) {
		struct retry r;

		out = json_array();
		retry_begin(&r, &policy, &quota);
		json_array_foreach(call, j, o) {
			struct retry_outcome x = outcome_of(o);
			double delay = -1;
			bool again;

			if (x.failure == HTTP_OK && x.status == 200) {
				retry_success(&r);
				break;
			}
			again = retry_again(&r, &x, random, &delay);
			json_array_append_new(out, json_pack(
			    "{s:b, s:f, s:s, s:i}", "again", (int)again,
			    "delay", again ? delay : -1.0, "why",
			    why_names[retry_classify(&x)], "quota", quota));
			if (!again)
				break;
		}
		json_array_append_new(answer, out);
	}
	return json_pack("{s:o, s:i}", "calls", answer, "quota", quota);
}

/* ---- answers ---- */

static json_t *
do_fault(const json_t *q)
{
	struct http_response res = { .status = (int)json_integer_value(
	    json_object_get(q, "status")) };
	const json_t *body = json_object_get(q, "body");
	struct err e = { 0 };

	buf_init(&res.headers, HTTP_HEADERS_MAX);
	buf_init(&res.body, HTTP_BODY_MAX);
	if (buf_puts(&res.headers, text(q, "headers")) == -1 ||
	    buf_add(&res.body, json_string_value(body),
	    json_string_length(body)) == -1)
		exit(2);
	fault_decode(&res, &e);
	http_response_release(&res);
	return failure(&e);
}

static json_t *
do_op(const json_t *q)
{
	const char *op = text(q, "op");

	return json_pack("{s:b, s:b}", "repeatable", (int)op_repeatable(op),
	    "secret", (int)op_secret(op));
}

static json_t *
do_date(const json_t *q)
{
	const json_t *value = json_object_get(q, "value");
	time_t t;

	if (flag(q, "http") ? date_http(json_string_value(value), &t) == -1 :
	    date_json(value, &t) == -1)
		return json_pack("{s:n}", "time");
	return json_pack("{s:I}", "time", (json_int_t)t);
}

/* ---- calls ---- */

static json_t *
tree_json(const struct xml *x)
{
	json_t *o = json_array();

	for (; x != NULL; x = x->next)
		json_array_append_new(o, x->child != NULL ?
		    json_pack("[s, o]", x->name, tree_json(x->child)) :
		    json_pack("[s, s]", x->name, x->text));
	return o;
}

static int
keep_page(void *ctx, json_t *page, struct err *e)
{
	(void)e;
	return json_array_append(ctx, page);
}

static int
keep_xml_page(void *ctx, const struct xml *page, struct err *e)
{
	(void)e;
	return json_array_append_new(ctx, tree_json(page->child));
}

static int
call_query(struct aws *a, const json_t *q, struct form *form, json_t **reply,
    struct err *e)
{
	const enum aws_service service =
	    (enum aws_service)service_index(text(q, "service"));
	struct xml *x = NULL;

	if (flag(q, "pages")) {
		*reply = json_array();
		return aws_query_pages(a, service, text(q, "op"), form,
		    text(q, "in"), text(q, "out"), keep_xml_page, *reply, e);
	}
	if (aws_query(a, service, text(q, "op"), form, &x, e) == -1)
		return -1;
	*reply = tree_json(x);
	xml_free(x);
	return 0;
}

static int
call_any(struct aws *a, const json_t *q, struct form *form, json_t **reply,
    struct err *e)
{
	const enum aws_service service =
	    (enum aws_service)service_index(text(q, "service"));
	json_t *body = json_object_get(q, "body");

	if (strcmp(text(q, "protocol"), "query") == 0)
		return call_query(a, q, form, reply, e);
	if (strcmp(text(q, "protocol"), "rest") == 0)
		return aws_rest(a, service, text(q, "op"), text(q, "method"),
		    text(q, "path"), form, body, reply, e);
	if (flag(q, "pages")) {
		*reply = json_array();
		return aws_json_pages(a, service, text(q, "op"), body,
		    keep_page, *reply, e);
	}
	return aws_json(a, service, text(q, "op"), body, reply, e);
}

static json_t *
call_once(struct aws *a, const json_t *q)
{
	struct form form = { 0 };
	struct err e = { 0 };
	json_t *reply = NULL, *o;

	fill_form(json_object_get(q, "form"), &form);
	if (call_any(a, q, &form, &reply, &e) == -1) {
		json_decref(reply);
		o = failure(&e);
	} else
		o = json_pack("{s:o}", "reply", reply);
	if (flag(q, "quiet"))
		json_object_del(o, "reply");
	json_object_set_new(o, "quota", json_integer(a->retry_quota));
	form_release(&form);
	return o;
}

/* One session, and "times" calls in it. */
static json_t *
do_call(const json_t *q)
{
	struct aws_opts opts = AWS_OPTS_DEFAULT;
	json_t *list = json_array();
	struct wait deadline = { 0 };
	struct err e = { 0 };
	struct aws *a;
	json_int_t times = json_integer_value(json_object_get(q, "times"));

	if (json_object_get(q, "read_timeout") != NULL)
		opts.read_timeout = json_number_value(
		    json_object_get(q, "read_timeout"));
	if ((a = aws_open(&opts, &e)) == NULL) {
		json_decref(list);
		return failure(&e);
	}
	wait_begin(&deadline, json_number_value(
	    json_object_get(q, "deadline")), 1, 1);
	aws_set_deadline(a, &deadline);
	for (json_int_t i = 0; i < times || i == 0; i++)
		json_array_append_new(list, call_once(a, q));
	aws_close(a);
	return json_pack("{s:o, s:f}", "calls", list, "elapsed",
	    wait_elapsed(&deadline));
}

/* ---- memory ---- */

/* How often the reverse of a text stands in a piece of memory. */
__attribute__((no_sanitize("address"))) static int
count_reversed(const char *from, const char *to, const char *reversed,
    size_t len)
{
	int found = 0;

	for (const char *p = from; p + len <= to; p++) {
		size_t i = 0;

		while (i < len && p[i] == reversed[len - 1 - i])
			i++;
		found += i == len;
	}
	return found;
}

/*
 * Where in our writable memory a secret is left. It is given in reverse, so
 * that the question does not hold what is looked for.
 */
static json_t *
do_scan(const json_t *q)
{
	const char *reversed = text(q, "reversed");
	FILE *maps = fopen("/proc/self/maps", "re");
	json_t *o = json_object();
	char line[512], access[8], name[256];
	unsigned long from, to;

	while (maps != NULL && fgets(line, sizeof(line), maps) != NULL) {
		int found;

		name[0] = '\0';
		if (sscanf(line, "%lx-%lx %7s %*s %*s %*s %255s", &from, &to,
		    access, name) < 3 || strncmp(access, "rw", 2) != 0)
			continue;
		found = count_reversed((const char *)from, (const char *)to,
		    reversed, strlen(reversed));
		if (found > 0)
			json_object_set_new(o, *name != '\0' ? name : "other",
			    json_integer(found));
	}
	if (maps != NULL)
		fclose(maps);
	return json_pack("{s:o}", "found", o);
}

static const struct {
	const char *name;
	json_t *(*run)(const json_t *);
} verbs[] = {
	{ "sign", do_sign }, { "presign", do_presign }, { "form", do_form },
	{ "services", do_services }, { "endpoint", do_endpoint },
	{ "session", do_session }, { "call", do_call }, { "retry", do_retry },
	{ "fault", do_fault }, { "op", do_op }, { "date", do_date },
	{ "scan", do_scan },
};

static json_t *
answer(const json_t *q)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (strcmp(text(q, "do"), verbs[i].name) == 0)
			return verbs[i].run(q);
	return NULL;
}

int
main(void)
{
	char *line = NULL;
	size_t cap = 0;

	msg_init("drive_aws");
	msg_set_level(getenv("DRIVE_DEBUG") != NULL ? 2 : 0);
	sig_init();
	while (getline(&line, &cap, stdin) != -1) {
		json_t *q = json_loads(line, 0, NULL);
		json_t *a = answer(q);
		char *s = a != NULL ? json_dumps(a, JSON_COMPACT) :
		    strdup("null");

		puts(s);
		fflush(stdout);
		free(s);
		json_decref(a);
		json_decref(q);
	}
	free(line);
	return sig_reraise_or(0);
}
