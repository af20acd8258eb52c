/* data_api.c - a "connection" through the Redshift Data API */
#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/api.h"
#include "base/alloc.h"
#include "base/utf8.h"
#include "base/wait.h"
#include "sql/data_api.h"

enum {
	SQL_MAX = 100 * 1024,	/* bytes of a command */
	BATCH_MAX = 40,		/* commands of a transaction */
	LONG_POLL = 10,		/* seconds; the service allows 30 */
	NUMBER_SIZE = 32
};

/* Pauses between two looks, in seconds: 100 looks a second are allowed. */
static const double LOOK_FIRST = 0.1, LOOK_GROWTH = 1.5, LOOK_LAST = 3;

/* How long a request to cancel may take, in seconds. */
static const double CANCEL_LIMIT = 4;

struct data {
	struct conn conn;
	struct data_target target;
	enum { OPENED, IDLE, COLLECTED, ASKED, FETCHING } state;
	bool in_batch;		/* commands are collected until COMMIT */
	bool no_long_poll;	/* this endpoint does not know it */
	json_t *batch;		/* array of the commands */
	char *id;		/* of the statement under way */
	double pause, wake;
	json_t *page;		/* of the result; values point into it */
	size_t row;
	char **scratch;		/* a value of each column in text form */
	size_t n_scratch;
};

static void
copy_text(char *to, size_t size, const char *from)
{
	utf8_copy(to, size, from, strlen(from));
}

/* The service did not answer as it should; what became of it is unknown. */
static enum conn_event
lost(struct data *d, const struct err *e)
{
	d->conn.error.kind = e->kind;
	copy_text(d->conn.error.message, sizeof(d->conn.error.message),
	    e->msg);
	copy_text(d->conn.error.hint, sizeof(d->conn.error.hint), e->hint);
	return CONN_LOST;
}

static int
call(struct data *d, const char *op, json_t *body, json_t **reply,
    struct err *e)
{
	aws_set_deadline(d->target.aws, d->target.deadline);
	return aws_json(d->target.aws, AWS_REDSHIFT_DATA, op, body, reply, e);
}

/* --- sending ----------------------------------------------------------- */

/* A token of ours makes the call safe to be sent again: RFC 4122, version 4. */
static void
make_token(char out[37])
{
	unsigned a[8];

	for (size_t i = 0; i < 8; i++)
		a[i] = (unsigned)(wait_random() * 65536);
	snprintf(out, 37, "%04x%04x-%04x-4%03x-%04x-%04x%04x%04x", a[0], a[1],
	    a[2], a[3] & 0xfff, 0x8000 | (a[4] & 0x3fff), a[5], a[6], a[7]);
}

static int
submit(struct data *d, const char *op, const char *member, json_t *sql,
    struct err *e)
{
	char token[37];
	json_t *body, *reply = NULL;
	const char *id;
	int rc;

	make_token(token);
	body = json_pack("{s:O, s:s, s:s, s:s*, s:s}", member, sql,
	    "WorkgroupName", d->target.workgroup, "Database",
	    d->target.database, "SecretArn", d->target.secret_arn,
	    "ClientToken", token);
	rc = call(d, op, body, &reply, e);
	id = json_string_value(json_object_get(reply, "Id"));
	if (rc == 0 && id == NULL)
		rc = err_set(e, ERR_AWS, "%s: the answer has no Id", op);
	if (rc == 0) {
		free(d->id);
		d->id = xstrdup(id);
		d->state = ASKED;
		d->pause = LOOK_FIRST;
		d->wake = d->target.alone && !d->no_long_poll ? wait_now() :
		    wait_now() + d->pause;
	}
	json_decref(reply);
	json_decref(body);
	return rc;
}

/* With no call at all: the next conn_next() says that it is done. */
static int
collect(struct data *d, json_t *sql, struct err *e)
{
	if (sql != NULL && json_array_size(d->batch) == BATCH_MAX) {
		err_set(e, ERR_SQL, "the Data API takes no more than %d "
		    "commands in a transaction", BATCH_MAX);
		return err_hint(e, "leave --single-transaction or --data-api "
		    "out");
	}
	if (sql != NULL) {
		json_array_append(d->batch, sql);
		d->conn.rows = -1;
	}
	d->state = COLLECTED;
	d->wake = wait_now();
	return 0;
}

static int
commit(struct data *d, struct err *e)
{
	d->in_batch = false;
	if (json_array_size(d->batch) == 0)
		return collect(d, NULL, e);
	return submit(d, "BatchExecuteStatement", "Sqls", d->batch, e);
}

static int
data_send(struct conn *c, const char *sql, struct err *e)
{
	struct data *d = (struct data *)c;
	json_t *text;
	int rc;

	if (strcmp(sql, "COMMIT") == 0)
		return commit(d, e);
	if (strcmp(sql, "BEGIN") == 0 || strcmp(sql, "BEGIN READ ONLY") == 0) {
		json_array_clear(d->batch);
		d->in_batch = true;
		return collect(d, NULL, e);
	}
	if (strlen(sql) > SQL_MAX)
		return err_set(e, ERR_SQL, "the Data API takes no command of "
		    "more than %d bytes", SQL_MAX);
	text = json_string(sql);
	rc = d->in_batch && !c->asking ? collect(d, text, e) :
	    submit(d, "ExecuteStatement", "Sql", text, e);
	json_decref(text);
	return rc;
}

/* --- how it went ------------------------------------------------------- */

/*
 * "ERROR: relation "x" does not exist\n  Position: 15" is what the service
 * makes of the server's error; of a batch the failed command is named.
 */
static enum conn_event
refused(struct data *d, const json_t *reply)
{
	static const char prefix[] = "ERROR: ";
	struct conn_error *error = &d->conn.error;
	const char *text = json_string_value(json_object_get(reply, "Error"));
	char *at;

	d->state = IDLE;
	error->kind = ERR_SQL;
	if (text == NULL)
		text = json_string_value(json_object_get(reply, "Status"));
	if (strncmp(text, prefix, strlen(prefix)) == 0)
		text += strlen(prefix);
	copy_text(error->message, sizeof(error->message), text);
	at = strstr(error->message, "Position: ");
	if (at != NULL) {
		error->position = strtoul(at + strlen("Position: "), NULL, 10);
		while (at > error->message &&
		    (at[-1] == ' ' || at[-1] == '\n'))
			at--;
		*at = '\0';
	}
	return CONN_FAILED;
}

static enum row_type
type_of(const char *name)
{
	static const struct {
		const char *name;
		enum row_type type;
	} types[] = {
		{ "bool", ROW_BOOL }, { "int2", ROW_INT }, { "int4", ROW_INT },
		{ "int8", ROW_INT }, { "oid", ROW_INT },
		{ "float4", ROW_FLOAT }, { "float8", ROW_FLOAT },
		{ "super", ROW_JSON }, { "bytea", ROW_BYTES }
	};

	for (size_t i = 0; name != NULL && i < ARRAY_LEN(types); i++)
		if (strcmp(types[i].name, name) == 0)
			return types[i].type;
	return ROW_TEXT;
}

static int
learn_shape(struct data *d, struct err *e)
{
	json_t *columns = json_object_get(d->page, "ColumnMetadata"), *column;
	size_t i;

	json_array_foreach(columns, i, column) {
		const char *name = json_string_value(json_object_get(column,
		    "label"));

		if (name == NULL)
			name = json_string_value(json_object_get(column,
			    "name"));
		if (row_shape_add(&d->conn.shape, name != NULL ? name : "",
		    type_of(json_string_value(json_object_get(column,
		    "typeName"))), e) == -1)
			return -1;
	}
	conn_reserve(&d->conn);
	return 0;
}

static int
fetch_page(struct data *d, const char *token, struct err *e)
{
	json_t *body = json_pack("{s:s, s:s*}", "Id", d->id, "NextToken",
	    token);
	json_t *page = NULL;
	int rc = call(d, "GetStatementResult", body, &page, e);

	json_decref(body);
	if (rc == -1)
		return err_prefix(e, "cannot fetch the rows");
	json_decref(d->page);
	d->page = page;
	d->row = 0;
	d->state = FETCHING;
	return d->conn.shape.n == 0 ? learn_shape(d, e) : 0;
}

static enum conn_event
finished(struct data *d, const json_t *reply)
{
	json_int_t rows = json_integer_value(json_object_get(reply,
	    "ResultRows"));
	struct err e = { 0 };

	if (!json_is_true(json_object_get(reply, "HasResultSet")) ||
	    json_object_get(reply, "SubStatements") != NULL) {
		d->conn.rows = rows > 0 ? rows : 0;
		d->state = IDLE;
		return CONN_DONE;
	}
	if (fetch_page(d, NULL, &e) == -1)
		return lost(d, &e);
	return conn_next(&d->conn);
}

static enum conn_event
judge(struct data *d, const json_t *reply)
{
	static const char *const going[] = { "SUBMITTED", "PICKED", "STARTED" };
	const char *status = json_string_value(json_object_get(reply,
	    "Status"));
	struct err e = { 0 };

	for (size_t i = 0; status != NULL && i < ARRAY_LEN(going); i++)
		if (strcmp(status, going[i]) == 0) {
			d->wake = wait_now() + d->pause;
			d->pause *= LOOK_GROWTH;
			if (d->pause > LOOK_LAST)
				d->pause = LOOK_LAST;
			return CONN_WAIT;
		}
	if (status != NULL && strcmp(status, "FINISHED") == 0)
		return finished(d, reply);
	if (status != NULL && (strcmp(status, "FAILED") == 0 ||
	    strcmp(status, "ABORTED") == 0))
		return refused(d, reply);
	err_set(&e, ERR_AWS, "DescribeStatement: the status '%s' is not "
	    "known", status != NULL ? status : "");
	return lost(d, &e);
}

/* One look at the statement; at the server it may wait for the end. */
static int
describe(struct data *d, json_t **reply, struct err *e)
{
	bool wait = d->target.alone && !d->no_long_poll;
	json_t *body = json_pack("{s:s, s:o*}", "Id", d->id,
	    "WaitTimeSeconds", wait ? json_integer(LONG_POLL) : NULL);
	int rc = call(d, "DescribeStatement", body, reply, e);

	json_decref(body);
	if (rc == -1 && wait && err_is(e, "ValidationException")) {
		/* the parameter is younger than some endpoints */
		d->no_long_poll = true;
		memset(e, 0, sizeof(*e));
		return describe(d, reply, e);
	}
	return rc;
}

static enum conn_event
look(struct data *d)
{
	struct err e = { 0 };
	json_t *reply = NULL;
	enum conn_event event;

	if (wait_now() < d->wake)
		return CONN_WAIT;
	if (describe(d, &reply, &e) == -1) {
		if (e.kind != ERR_SIGNAL && e.kind != ERR_DEADLINE)
			return lost(d, &e);
		d->wake = wait_now() + LOOK_LAST;	/* to be cancelled */
		return CONN_WAIT;
	}
	event = judge(d, reply);
	json_decref(reply);
	return event;
}

/* --- rows -------------------------------------------------------------- */

static void
keep(struct data *d, size_t column, char *text)
{
	if (column >= d->n_scratch) {
		d->scratch = xreallocarray(d->scratch, column + 1,
		    sizeof(*d->scratch));
		while (d->n_scratch <= column)
			d->scratch[d->n_scratch++] = NULL;
	}
	free(d->scratch[column]);
	d->scratch[column] = text;
}

/* The shortest text that reads back as the same number. */
static char *
double_text(double x)
{
	char text[NUMBER_SIZE];

	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, x);
		if (strtod(text, NULL) == x)
			break;
	}
	return xstrdup(text);
}

/* Base64 as the hexadecimal form that row.h knows; NULL when it is not. */
static char *
bytes_text(const char *base64, size_t len)
{
	size_t pad = len > 1 ? (base64[len - 1] == '=') +
	    (size_t)(base64[len - 2] == '=') : 0;
	unsigned char *raw = xmalloc(len + 1);
	int n = EVP_DecodeBlock(raw, (const unsigned char *)base64, (int)len);
	char *text = NULL;

	if (n >= 0) {
		text = xmalloc(2 * (size_t)n + 3);
		memcpy(text, "\\x", 3);
		for (size_t i = 0; i < (size_t)n - pad; i++)
			snprintf(text + 2 + 2 * i, 3, "%02x", raw[i]);
	}
	free(raw);
	return text;
}

/* A Field of the answer in the text form of a server; NULL: unknown form. */
static const char *
field_text(struct data *d, size_t column, const json_t *field, size_t *len)
{
	json_t *v;
	char *text;

	if ((v = json_object_get(field, "stringValue")) != NULL) {
		*len = json_string_length(v);
		return json_string_value(v);
	}
	if ((v = json_object_get(field, "longValue")) != NULL)
		text = xasprintf("%" JSON_INTEGER_FORMAT,
		    json_integer_value(v));
	else if ((v = json_object_get(field, "doubleValue")) != NULL)
		text = json_is_string(v) ? xstrdup(json_string_value(v)) :
		    double_text(json_number_value(v));
	else if ((v = json_object_get(field, "booleanValue")) != NULL)
		text = xstrdup(json_is_true(v) ? "t" : "f");
	else if ((v = json_object_get(field, "blobValue")) != NULL &&
	    json_is_string(v))
		text = bytes_text(json_string_value(v), json_string_length(v));
	else
		text = NULL;
	keep(d, column, text);
	*len = text != NULL ? strlen(text) : 0;
	return text;
}

static int
take_row(struct data *d, const json_t *record, struct err *e)
{
	struct conn *c = &d->conn;

	if (json_array_size(record) != c->shape.n)
		return err_set(e, ERR_AWS, "GetStatementResult: a row of %zu "
		    "values for %zu columns", json_array_size(record),
		    c->shape.n);
	for (size_t i = 0; i < c->shape.n; i++) {
		const json_t *field = json_array_get(record, i);
		struct row_value *v = &c->values[i];

		v->null = json_is_true(json_object_get(field, "isNull"));
		v->s = v->null ? "" : field_text(d, i, field, &v->len);
		if (v->s == NULL)
			return err_set(e, ERR_AWS, "GetStatementResult: a "
			    "value of an unknown form");
	}
	c->rows++;
	return 0;
}

static enum conn_event
next_row(struct data *d)
{
	const json_t *records = json_object_get(d->page, "Records");
	const char *token = json_string_value(json_object_get(d->page,
	    "NextToken"));
	char *copy;
	struct err e = { 0 };
	int rc;

	if (d->row < json_array_size(records))
		return take_row(d, json_array_get(records, d->row++), &e) ==
		    0 ? CONN_ROW : lost(d, &e);
	if (token == NULL || *token == '\0') {
		d->state = IDLE;
		return CONN_DONE;
	}
	copy = xstrdup(token);	/* its page goes away */
	rc = fetch_page(d, copy, &e);
	free(copy);
	return rc == 0 ? next_row(d) : lost(d, &e);
}

static enum conn_event
data_next(struct conn *c)
{
	struct data *d = (struct data *)c;

	switch (d->state) {
	case OPENED:
		d->state = IDLE;
		return CONN_READY;
	case COLLECTED:
		d->state = IDLE;
		return CONN_DONE;
	case ASKED:
		return look(d);
	case FETCHING:
		return next_row(d);
	case IDLE:
		break;
	}
	return CONN_WAIT;
}

static void
data_poll(const struct conn *c, struct pollfd *pfd, double *wake)
{
	const struct data *d = (const struct data *)c;

	(void)pfd;	/* each call is over when it returns */
	*wake = d->state == ASKED ? d->wake : wait_now();
}

static void
data_cancel(struct conn *c)
{
	struct data *d = (struct data *)c;
	struct wait limit;
	struct err e = { 0 };
	json_t *body, *reply = NULL;

	if (d->state != ASKED)
		return;
	wait_begin(&limit, CANCEL_LIMIT, 0, 0);
	d->target.deadline = NULL;
	d->no_long_poll = true;
	aws_set_deadline(d->target.aws, &limit);
	body = json_pack("{s:s}", "Id", d->id);
	if (aws_json(d->target.aws, AWS_REDSHIFT_DATA, "CancelStatement",
	    body, &reply, &e) == 0)
		d->wake = wait_now();
	aws_set_deadline(d->target.aws, NULL);
	json_decref(reply);
	json_decref(body);
}

/* Commands cannot begin one: each is in a session of its own. */
static bool
data_in_transaction(const struct conn *c)
{
	(void)c;
	return false;
}

static void
data_free(struct conn *c)
{
	struct data *d = (struct data *)c;

	for (size_t i = 0; i < d->n_scratch; i++)
		free(d->scratch[i]);
	free(d->scratch);
	json_decref(d->page);
	json_decref(d->batch);
	free(d->id);
	free(d);
}

static const struct conn_ops data_ops = {
	.send = data_send,
	.next = data_next,
	.poll = data_poll,
	.cancel = data_cancel,
	.in_transaction = data_in_transaction,
	.free = data_free
};

struct conn *
data_open(const struct data_target *target)
{
	struct data *d = xcalloc(1, sizeof(*d));

	d->conn.ops = &data_ops;
	d->target = *target;
	d->batch = json_array();
	return &d->conn;
}
