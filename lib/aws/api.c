/* api.c - one call: sign, send, retry, decode */
#include <stdlib.h>
#include <string.h>

#include "aws/call.h"
#include "aws/op.h"
#include "aws/service.h"
#include "base/alloc.h"

enum { PAGES_MAX = 1 << 20 };

static const struct aws_as ourselves = { 0 };

/* Answers may hold secrets, so the parser's own words are not repeated. */
static json_t *
parse_json(const struct http_response *res, struct err *e)
{
	json_error_t where;
	json_t *o;

	if (res->body.len == 0)
		return json_object();
	o = json_loadb(res->body.s, res->body.len, 0, &where);
	if (json_is_object(o))
		return o;
	if (o != NULL)
		err_set(e, ERR_AWS, "the answer is not a JSON object");
	else
		err_set(e, ERR_AWS, "unreadable JSON in the answer, line %d, "
		    "column %d", where.line, where.column);
	json_decref(o);
	return NULL;
}

/* Send a call whose body and answer are JSON; body may be NULL. */
static int
send_json(struct aws *a, const struct aws_as *as, struct call *c,
    const json_t *body, json_t **reply, struct err *e)
{
	struct http_response res = { 0 };
	char *text = NULL;
	int r;

	if (body != NULL && (text = json_dumps(body, JSON_COMPACT)) == NULL)
		return err_set(e, ERR_AWS, "cannot write the request as JSON");
	c->body = text;
	c->body_len = text != NULL ? strlen(text) : 0;
	c->has_token = op_has_token(body);
	r = call_send(a, as, c, &res, e);
	if (r == 0) {
		json_t *o = parse_json(&res, e);

		if (o != NULL)
			*reply = o;
		r = o != NULL ? 0 : -1;
	}
	http_response_release(&res);
	xwipe_free(text);
	return r;
}

int
aws_json(struct aws *a, enum aws_service service, const char *op,
    json_t *body, json_t **reply, struct err *e)
{
	const struct service *s = service_get(service);
	char *target = xasprintf("%s%s", s->target, op);
	json_t *nothing = body == NULL ? json_object() : NULL;
	struct call c = {
		.service = service, .op = op, .method = "POST", .path = "/",
		.query = "", .n_headers = 2,
		.headers = {
			{ .name = "content-type", .value = s->json_1_0 ?
			    "application/x-amz-json-1.0" :
			    "application/x-amz-json-1.1" },
			{ .name = "x-amz-target", .value = target },
		},
	};
	int r = send_json(a, &ourselves, &c, body != NULL ? body : nothing,
	    reply, e);

	json_decref(nothing);
	free(target);
	return r;
}

/* How answers name the next page, and requests ask for it. */
static const struct { const char *out, *in; } page_tokens[] = {
	{ "nextToken", "nextToken" },
	{ "NextToken", "NextToken" },
	{ "LastEvaluatedKey", "ExclusiveStartKey" },
};

/*
 * Ask for the page after this one: 1 when there is one, 0 when this was the
 * last, -1 when the same page would come again.
 */
static int
next_page(json_t *body, const json_t *page, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(page_tokens); i++) {
		json_t *token = json_object_get(page, page_tokens[i].out);
		const char *in = page_tokens[i].in, *s;

		if (token == NULL || json_is_null(token) ||
		    ((s = json_string_value(token)) != NULL && *s == '\0'))
			continue;
		if (json_equal(token, json_object_get(body, in)))
			return err_set(e, ERR_AWS, "the same page came twice");
		if (json_object_set(body, in, token) == -1)
			return err_set(e, ERR_AWS, "unusable page token");
		return 1;
	}
	return 0;
}

int
aws_json_pages(struct aws *a, enum aws_service service, const char *op,
    json_t *body, aws_page_fn *page, void *ctx, struct err *e)
{
	for (int i = 0; i < PAGES_MAX; i++) {
		json_t *reply = NULL;
		int r;

		if (aws_json(a, service, op, body, &reply, e) == -1)
			return -1;
		r = page(ctx, reply, e);
		if (r == 0)
			r = next_page(body, reply, e);
		json_decref(reply);
		if (r != 1)
			return r;
	}
	return err_set(e, ERR_AWS, "the pages of the answer do not end");
}

/*
 * The element that has the operation's results, taken out of the tree:
 * <OpResult> inside <OpResponse>, or the latter when there is none.
 */
static struct xml *
take_result(struct xml *root, const char *op)
{
	char *wanted = xasprintf("%sResult", op);

	for (struct xml **p = &root->child; *p != NULL; p = &(*p)->next) {
		struct xml *x = *p;

		if (strcmp(x->name, wanted) != 0)
			continue;
		*p = x->next;
		x->next = NULL;
		xml_free(root);
		root = x;
		break;
	}
	free(wanted);
	return root;
}

static struct xml *
parse_xml(const struct http_response *res, const char *op, struct err *e)
{
	struct xml *root = xml_parse(res->body.s, res->body.len, e);
	size_t len = strlen(op);

	if (root == NULL)
		return NULL;
	if (strncmp(root->name, op, len) == 0 &&
	    strcmp(root->name + len, "Response") == 0)
		return take_result(root, op);
	err_set(e, ERR_AWS, "the answer is not one to %s", op);
	xml_free(root);
	return NULL;
}

static int
encode_query(const struct service *s, const char *op,
    const struct form *form, struct buf *out, struct err *e)
{
	if (buf_printf(out, "Action=%s&Version=%s", op, s->version) == -1 ||
	    (form != NULL && form->n > 0 && (buf_putc(out, '&') == -1 ||
	    form_encode(form, out) == -1)))
		return err_set(e, ERR_AWS, "the request is too large");
	return 0;
}

int
aws_query_as(struct aws *a, const struct aws_as *as,
    enum aws_service service, const char *op, const struct form *form,
    struct xml **reply, struct err *e)
{
	struct http_response res = { 0 };
	struct buf body = { 0 };
	struct call c = {
		.service = service, .op = op, .method = "POST", .path = "/",
		.query = "", .n_headers = 1,
		.has_token = op_form_has_token(form),
		.headers = { { .name = "content-type", .value =
		    "application/x-www-form-urlencoded; charset=utf-8" } },
	};
	struct xml *x = NULL;

	buf_init(&body, HTTP_BODY_MAX);
	if (encode_query(service_get(service), op, form, &body, e) == 0) {
		c.body = body.s;
		c.body_len = body.len;
		if (call_send(a, as, &c, &res, e) == 0)
			x = parse_xml(&res, op, e);
	}
	http_response_release(&res);
	buf_wipe(&body);
	if (x == NULL)
		return -1;
	*reply = x;
	return 0;
}

int
aws_query(struct aws *a, enum aws_service service, const char *op,
    const struct form *form, struct xml **reply, struct err *e)
{
	return aws_query_as(a, &ourselves, service, op, form, reply, e);
}

/* As next_page(), for the marker of a Query answer. */
static int
next_xml_page(struct form *form, const char *in, const char *token,
    struct err *e)
{
	const char *before = form_get(form, in);

	if (token == NULL || *token == '\0')
		return 0;
	if (before != NULL && strcmp(before, token) == 0)
		return err_set(e, ERR_AWS, "the same page came twice");
	form_set(form, in, token);
	return 1;
}

int
aws_query_pages(struct aws *a, enum aws_service service, const char *op,
    struct form *form, const char *in, const char *out,
    aws_xml_page_fn *page, void *ctx, struct err *e)
{
	for (int i = 0; i < PAGES_MAX; i++) {
		struct xml *reply = NULL;
		int r;

		if (aws_query(a, service, op, form, &reply, e) == -1)
			return -1;
		r = page(ctx, reply, e);
		if (r == 0)
			r = next_xml_page(form, in, xml_text(reply, out), e);
		xml_free(reply);
		if (r != 1)
			return r;
	}
	return err_set(e, ERR_AWS, "the pages of the answer do not end");
}

int
aws_rest_as(struct aws *a, const struct aws_as *as, enum aws_service service,
    const struct aws_rest *call, json_t **reply, struct err *e)
{
	struct buf query = { 0 };
	struct call c = {
		.service = service, .op = call->op, .method = call->method,
		.path = call->path,
	};
	int r = -1;

	if (call->body != NULL)
		c.headers[c.n_headers++] = (struct http_header){
			"content-type", "application/json", false };
	if (call->header.name != NULL)
		c.headers[c.n_headers++] = call->header;
	buf_init(&query, HTTP_URL_MAX);
	if (call->query != NULL && form_encode(call->query, &query) == -1)
		err_set(e, ERR_AWS, "the request is too large");
	else {
		c.query = query.s;
		r = send_json(a, as, &c, call->body, reply, e);
	}
	buf_wipe(&query);
	return r;
}

int
aws_rest(struct aws *a, enum aws_service service, const char *op,
    const char *method, const char *path, const struct form *query,
    const json_t *body, json_t **reply, struct err *e)
{
	struct aws_rest call = {
		.op = op, .method = method, .path = path, .query = query,
		.body = body,
	};

	return aws_rest_as(a, &ourselves, service, &call, reply, e);
}
