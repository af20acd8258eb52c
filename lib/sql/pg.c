/* pg.c - a connection through libpq */
#include <arpa/inet.h>
#include <libpq-fe.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/utf8.h"
#include "base/wait.h"
#include "sql/pg.h"

/* libpq's enum values by number: catalog/pg_type.dat, Redshift's drivers. */
enum {
	OID_BOOL = 16, OID_BYTEA = 17, OID_INT8 = 20, OID_INT2 = 21,
	OID_INT4 = 23, OID_OID = 26, OID_JSON = 114, OID_FLOAT4 = 700,
	OID_FLOAT8 = 701, OID_JSONB = 3802, OID_SUPER = 4000
};

enum { PARAMS_MAX = 24 };

struct pg {
	struct conn conn;
	PGconn *pq;
	PGresult *row;		/* what conn.values point into */
	enum { CONNECTING, SETTING_UP, IDLE, BUSY } state;
	short events;		/* poll(2) for these */
	double give_up;		/* connecting, on wait_now()'s clock; or 0 */
	bool failed;		/* the command at hand was refused */
};

struct params {
	const char *keyword[PARAMS_MAX + 1];
	const char *value[PARAMS_MAX + 1];
	size_t n;
};

static void
add(struct params *p, const char *keyword, const char *value)
{
	if (value == NULL)
		return;
	p->keyword[p->n] = keyword;
	p->value[p->n++] = value;
}

/* What the user said through the environment or a service, or NULL. */
static const char *
said(const PQconninfoOption *options, const char *keyword)
{
	for (const PQconninfoOption *o = options; o->keyword != NULL; o++) {
		if (strcmp(o->keyword, keyword) != 0)
			continue;
		if (o->val == NULL || o->compiled == NULL)
			return o->val;
		if (o->envvar != NULL && getenv(o->envvar) != NULL)
			return o->val;
		return strcmp(o->val, o->compiled) != 0 ? o->val : NULL;
	}
	return NULL;
}

bool
pg_environment_has(const char *keyword)
{
	PQconninfoOption *options = PQconndefaults();
	bool has = options != NULL && said(options, keyword) != NULL;

	PQconninfoFree(options);
	return has;
}

static void
add_default(struct params *p, const PQconninfoOption *options,
    const char *keyword, const char *value)
{
	if (said(options, keyword) == NULL)
		add(p, keyword, value);
}

static bool
is_address(const char *host)
{
	unsigned char addr[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, addr) == 1 ||
	    inet_pton(AF_INET6, host, addr) == 1;
}

/* The certificates of the system, where OpenSSL looks for them. */
static const char *
system_certificates(void)
{
	const char *path = getenv(X509_get_default_cert_file_env());

	return path != NULL ? path : X509_get_default_cert_file();
}

static bool
has_own_certificates(void)
{
	const char *home = getenv("HOME");
	char *path;
	bool has;

	if (home == NULL)
		return false;
	path = xasprintf("%s/.postgresql/root.crt", home);
	has = access(path, R_OK) == 0;
	free(path);
	return has;
}

/* How TLS is to be done; host NULL: only an address is known. */
static int
add_tls(struct params *p, const PQconninfoOption *options, const char *host,
    struct err *e)
{
	const char *mode = said(options, "sslmode");

	if (host != NULL && (host[0] == '/' || host[0] == '@'))
		return 0;	/* a socket of this machine */
	if (mode != NULL && (strcmp(mode, "disable") == 0 ||
	    strcmp(mode, "allow") == 0 || strcmp(mode, "prefer") == 0)) {
		err_set(e, ERR_USAGE, "sslmode '%s' would let SQL and "
		    "passwords cross the network in the clear", mode);
		return err_hint(e, "leave PGSSLMODE unset for verify-full, or "
		    "set it to require, verify-ca or verify-full");
	}
	if (mode == NULL)
		add(p, "sslmode", host == NULL || is_address(host) ?
		    "verify-ca" : "verify-full");
	else if (strcmp(mode, "require") == 0)
		add(p, "sslmode", "verify-ca");	/* also without a file */
	if (!has_own_certificates())
		add_default(p, options, "sslrootcert", system_certificates());
	return 0;
}

static int
add_all(struct params *p, const PQconninfoOption *options,
    const struct pg_target *t, struct err *e)
{
	const char *host = t->host != NULL ? t->host : said(options, "host");
	const char *addr = t->hostaddr != NULL ? t->hostaddr :
	    said(options, "hostaddr");

	if (host == NULL && addr == NULL) {
		err_set(e, ERR_USAGE, "no warehouse to connect to");
		return err_hint(e, "name a workgroup, or give --host, "
		    "--service or PGHOST");
	}
	add(p, "host", t->host);
	add(p, "hostaddr", t->hostaddr);
	add(p, "port", t->port);
	add(p, "dbname", t->database);
	add(p, "user", t->user);
	add(p, "password", t->password);
	if (t->port == NULL)
		add_default(p, options, "port", "5439");
	add(p, "fallback_application_name", msg_name());
	add(p, "client_encoding", "UTF8");
	/* Redshift closes the connection of one who asks for GSS first. */
	add_default(p, options, "gssencmode", "disable");
	add_default(p, options, "keepalives_idle", "60");
	add_default(p, options, "keepalives_interval", "15");
	add_default(p, options, "keepalives_count", "4");
	/* milliseconds; bounds a cancel request to a silent server as well */
	add_default(p, options, "tcp_user_timeout", "30000");
	return add_tls(p, options, host, e);
}

/* Server messages of less than an error; only people with -v want them. */
static void
on_notice(void *ctx, const PGresult *result)
{
	(void)ctx;
	msg_debug(1, "server: %s",
	    PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
}

static double
connect_limit(PGconn *pq, double otherwise)
{
	PQconninfoOption *options = PQconninfo(pq);
	const char *text = options != NULL ?
	    said(options, "connect_timeout") : NULL;
	double limit = text != NULL ? strtod(text, NULL) : otherwise;

	PQconninfoFree(options);
	return limit > 0 ? wait_now() + limit : 0;
}

static const struct conn_ops pg_ops;

struct conn *
pg_open(const struct pg_target *target, struct err *e)
{
	PQconninfoOption *options = PQconndefaults();
	struct params p = { .n = 0 };
	struct pg *pg;
	PGconn *pq = NULL;

	if (options == NULL) {
		err_set(e, ERR_USAGE, "libpq cannot read its environment or "
		    "service file");
		return NULL;
	}
	if (add_all(&p, options, target, e) == 0 &&
	    (pq = PQconnectStartParams(p.keyword, p.value, 0)) == NULL)
		err_set(e, ERR_SYSTEM, "libpq is out of memory");
	PQconninfoFree(options);
	if (pq == NULL)
		return NULL;
	PQsetNoticeReceiver(pq, on_notice, NULL);
	pg = xcalloc(1, sizeof(*pg));
	pg->conn.ops = &pg_ops;
	pg->pq = pq;
	pg->events = POLLOUT;
	pg->give_up = connect_limit(pq, target->connect_timeout);
	return &pg->conn;
}

static void
copy_field(char *to, size_t size, const char *from)
{
	size_t len;

	if (from == NULL)
		return;
	utf8_copy(to, size, from, strlen(from));
	len = strlen(to);
	while (len > 0 && to[len - 1] == '\n')
		to[--len] = '\0';
}

static enum conn_event
lost(struct pg *pg, const char *why)
{
	struct conn_error *error = &pg->conn.error;

	error->kind = ERR_SQL;
	if (error->message[0] == '\0')
		copy_field(error->message, sizeof(error->message), why);
	if (error->message[0] == '\0')
		copy_field(error->message, sizeof(error->message),
		    "the connection was closed");
	return CONN_LOST;
}

static void
keep_error(struct pg *pg, const PGresult *r)
{
	struct conn_error *error = &pg->conn.error;
	const char *position = PQresultErrorField(r,
	    PG_DIAG_STATEMENT_POSITION);

	pg->failed = true;
	error->kind = ERR_SQL;
	copy_field(error->sqlstate, sizeof(error->sqlstate),
	    PQresultErrorField(r, PG_DIAG_SQLSTATE));
	copy_field(error->message, sizeof(error->message),
	    PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY));
	copy_field(error->detail, sizeof(error->detail),
	    PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL));
	copy_field(error->hint, sizeof(error->hint),
	    PQresultErrorField(r, PG_DIAG_MESSAGE_HINT));
	if (position != NULL)
		error->position = strtoul(position, NULL, 10);
	if (error->message[0] == '\0')
		copy_field(error->message, sizeof(error->message),
		    PQresultErrorMessage(r));
}

/* What every session needs: whole floats, dates in one form. */
static enum conn_event
set_up(struct pg *pg)
{
	pg->state = SETTING_UP;
	pg->events = POLLIN;
	if (PQsetnonblocking(pg->pq, 1) == -1 || PQsendQuery(pg->pq,
	    "SET extra_float_digits = 2; SET DateStyle = 'ISO'") == 0)
		return lost(pg, PQerrorMessage(pg->pq));
	return CONN_WAIT;
}

static enum conn_event
go_on_connecting(struct pg *pg)
{
	if (pg->give_up != 0 && wait_now() >= pg->give_up)
		return lost(pg, "no connection in time");
	switch (PQconnectPoll(pg->pq)) {
	case PGRES_POLLING_READING:
		pg->events = POLLIN;
		break;
	case PGRES_POLLING_WRITING:
		pg->events = POLLOUT;
		break;
	case PGRES_POLLING_OK:
		return set_up(pg);
	default:
		return lost(pg, PQerrorMessage(pg->pq));
	}
	return CONN_WAIT;
}

static enum row_type
type_of(Oid oid)
{
	switch (oid) {
	case OID_BOOL:
		return ROW_BOOL;
	case OID_INT2:
	case OID_INT4:
	case OID_INT8:
	case OID_OID:
		return ROW_INT;
	case OID_FLOAT4:
	case OID_FLOAT8:
		return ROW_FLOAT;
	case OID_JSON:
	case OID_JSONB:
	case OID_SUPER:
		return ROW_JSON;
	case OID_BYTEA:
		return ROW_BYTES;
	default:
		return ROW_TEXT;
	}
}

static int
learn_shape(struct pg *pg, const PGresult *r)
{
	struct err e = { 0 };

	for (int i = 0; i < PQnfields(r); i++) {
		if (row_shape_add(&pg->conn.shape, PQfname(r, i),
		    type_of(PQftype(r, i)), &e) == 0)
			continue;
		copy_field(pg->conn.error.message,
		    sizeof(pg->conn.error.message), e.msg);
		return -1;
	}
	conn_reserve(&pg->conn);
	return 0;
}

static enum conn_event
give_row(struct pg *pg, PGresult *r)
{
	struct conn *c = &pg->conn;

	pg->row = r;
	if (c->shape.n == 0 && learn_shape(pg, r) == -1)
		return lost(pg, NULL);
	for (size_t i = 0; i < c->shape.n; i++) {
		c->values[i].null = PQgetisnull(r, 0, (int)i);
		c->values[i].s = PQgetvalue(r, 0, (int)i);
		c->values[i].len = (size_t)PQgetlength(r, 0, (int)i);
	}
	c->rows++;
	return CONN_ROW;
}

/* One result of the command; CONN_WAIT: go on with the next. */
static enum conn_event
take(struct pg *pg, PGresult *r)
{
	enum conn_event event = CONN_WAIT;

	switch (PQresultStatus(r)) {
	case PGRES_SINGLE_TUPLE:
		return give_row(pg, r);
	case PGRES_TUPLES_OK:
	case PGRES_EMPTY_QUERY:
		break;
	case PGRES_COMMAND_OK:
		pg->conn.rows = strtoll(PQcmdTuples(r), NULL, 10);
		break;
	case PGRES_COPY_IN:
	case PGRES_COPY_OUT:
	case PGRES_COPY_BOTH:
		event = lost(pg, "COPY from or to the client is not possible; "
		    "use S3");
		break;
	default:
		keep_error(pg, r);
	}
	PQclear(r);
	return event;
}

static enum conn_event
finish(struct pg *pg)
{
	bool was_setting_up = pg->state == SETTING_UP;

	if (PQstatus(pg->pq) == CONNECTION_BAD)
		return lost(pg, PQerrorMessage(pg->pq));
	pg->state = IDLE;
	if (was_setting_up)
		return pg->failed ? lost(pg, NULL) : CONN_READY;
	return pg->failed ? CONN_FAILED : CONN_DONE;
}

/* What has arrived already, before the socket is asked for more. */
static enum conn_event
take_results(struct pg *pg)
{
	enum conn_event event = CONN_WAIT;
	PGresult *r;

	while (event == CONN_WAIT && !PQisBusy(pg->pq)) {
		r = PQgetResult(pg->pq);
		event = r != NULL ? take(pg, r) : finish(pg);
	}
	return event;
}

/*
 * libpq moves its whole buffer at each PQconsumeInput(), so that is not
 * called for every row.
 */
static enum conn_event
go_on_reading(struct pg *pg)
{
	enum conn_event event = take_results(pg);
	int left;

	if (event != CONN_WAIT)
		return event;
	left = PQflush(pg->pq);
	if (left == -1 || PQconsumeInput(pg->pq) == 0)
		return lost(pg, PQerrorMessage(pg->pq));
	pg->events = (short)(POLLIN | (left == 1 ? POLLOUT : 0));
	return take_results(pg);
}

static enum conn_event
pg_next(struct conn *c)
{
	struct pg *pg = (struct pg *)c;

	PQclear(pg->row);
	pg->row = NULL;
	switch (pg->state) {
	case CONNECTING:
		return go_on_connecting(pg);
	case SETTING_UP:
	case BUSY:
		return go_on_reading(pg);
	case IDLE:
		break;
	}
	return CONN_WAIT;
}

/*
 * The extended protocol, because there a second command in the text is an
 * error of the server.
 */
static int
pg_send(struct conn *c, const char *sql, struct err *e)
{
	struct pg *pg = (struct pg *)c;

	pg->failed = false;
	pg->events = POLLIN | POLLOUT;
	if (PQsendQueryParams(pg->pq, sql, 0, NULL, NULL, NULL, NULL, 0) == 0)
		return err_set(e, ERR_SQL, "cannot send: %s",
		    PQerrorMessage(pg->pq));
	PQsetSingleRowMode(pg->pq);
	pg->state = BUSY;
	return 0;
}

static void
pg_poll(const struct conn *c, struct pollfd *pfd, double *wake)
{
	const struct pg *pg = (const struct pg *)c;

	pfd->fd = PQsocket(pg->pq);
	pfd->events = pg->events;
	if (pfd->fd == -1)
		*wake = wait_now();	/* it failed before it began */
	else if (pg->state == CONNECTING)
		*wake = pg->give_up;
}

static void
pg_cancel(struct conn *c)
{
	struct pg *pg = (struct pg *)c;
	PGcancel *cancel = PQgetCancel(pg->pq);
	char why[256];

	if (cancel != NULL && PQcancel(cancel, why, sizeof(why)) == 0)
		msg_debug(1, "cannot cancel: %s", why);
	PQfreeCancel(cancel);
}

static bool
pg_in_transaction(const struct conn *c)
{
	PGTransactionStatusType status =
	    PQtransactionStatus(((const struct pg *)c)->pq);

	return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

static void
pg_free(struct conn *c)
{
	struct pg *pg = (struct pg *)c;

	PQclear(pg->row);
	PQfinish(pg->pq);
	free(pg);
}

static const struct conn_ops pg_ops = {
	.send = pg_send,
	.next = pg_next,
	.poll = pg_poll,
	.cancel = pg_cancel,
	.in_transaction = pg_in_transaction,
	.free = pg_free
};
