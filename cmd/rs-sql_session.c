/*
 * rs-sql_session.c - the statements of one warehouse, one after the other
 *
 * A session is a state machine that never blocks, so that one process
 * serves all warehouses. It has one connection at a time: a second one to
 * another database would keep DROP DATABASE from working.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "rs-sql_session.h"

enum { STEP_MAX = 512 };	/* events before the others get their turn */

/* Pauses after a conflict, in seconds. */
static const double PAUSE_FLOOR = 0.2, PAUSE_CAP = 10;

struct session *
session_new(struct run *run, size_t site)
{
	struct session *s = xcalloc(1, sizeof(*s));
	size_t cap = 0;

	s->run = run;
	s->site = site;
	for (size_t i = 0; i < run->plan->n; i++) {
		if (run->plan->v[i].site != site)
			continue;
		s->items = xgrow(s->items, s->n, &cap, sizeof(*s->items));
		s->items[s->n++] = i;
	}
	return s;
}

void
session_free(struct session *s)
{
	if (s == NULL)
		return;
	conn_close(s->conn);
	free(s->items);
	free(s);
}

bool
session_done(const struct session *s)
{
	return s->state == CLOSED;
}

struct item *
session_item(const struct session *s, size_t i)
{
	return &s->run->plan->v[s->items[i]];
}

void
session_disconnect(struct session *s)
{
	conn_close(s->conn);
	s->conn = NULL;
	s->in_group = false;
}

/* The first value of the row says why it is no use to wait. */
static void
keep_doubt(struct session *s)
{
	const struct row_value *v = s->conn->values;
	bool given = s->conn->shape.n > 0 && !v->null;

	utf8_copy(s->doubt, sizeof(s->doubt), given ? v->s : "",
	    given ? v->len : 0);
}

static void
on_row(struct session *s)
{
	struct err e = { 0 };

	if (s->state == DOUBTING && !s->answered)
		keep_doubt(s);
	s->answered = true;
	if (s->state != RUNNING)
		return;
	s->gave_rows = true;
	if (report_row(s->run->report, session_item(s, s->i), s->conn,
	    &e) == -1)
		outcome_fail_with(s, FAILED, &e);
}

static void fail_wait(struct session *s, enum err_kind kind, const char *fmt,
    ...) PRINTF(3, 4);

static void
fail_wait(struct session *s, enum err_kind kind, const char *fmt, ...)
{
	struct conn_error error = { .kind = kind };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(error.message, sizeof(error.message), fmt, ap);
	va_end(ap);
	outcome_fail(s, FAILED, &error, true);
}

static void
pause_for_row(struct session *s)
{
	const struct item *item = session_item(s, s->i);

	if (wait_expired(&s->for_row)) {
		fail_wait(s, ERR_DEADLINE, "it returned no row in %g s",
		    item->s.wait_s);
		return;
	}
	s->wake = fmin(wait_now() + wait_pause(&s->for_row),
	    s->for_row.deadline);
	s->state = PAUSING;
}

static void
on_no_row(struct session *s, const struct item *item)
{
	if (conn_in_transaction(s->conn))
		fail_wait(s, ERR_SQL, "it waits for a row inside a "
		    "transaction, which would never see it");
	else if (item->s.fail_if != NULL)
		decide_send(s, item->s.fail_if, DOUBTING);
	else
		pause_for_row(s);
}

static void
on_done(struct session *s)
{
	struct item *item = s->i < s->n ? session_item(s, s->i) : NULL;

	switch (s->state) {
	case BEGINNING:
		s->in_group = true;
		s->group = s->i;
		s->state = NEXT;
		break;
	case GUARDING:
		if (s->answered)
			outcome_settle(s, SKIPPED);
		else if (s->run->o->dry_run)
			outcome_settle(s, PLANNED);
		else
			decide_send(s, item->s.sql, RUNNING);
		break;
	case RUNNING:
		item->rows = s->conn->rows;
		if (item->s.wait_s > 0 && !s->answered)
			on_no_row(s, item);
		else
			outcome_settle(s, OK);
		break;
	case DOUBTING:
		if (s->answered)
			fail_wait(s, ERR_SQL, "\"fail_if\" returned '%s'",
			    s->doubt);
		else
			pause_for_row(s);
		break;
	case COMMITTING:
		outcome_tell_group(s, s->i, OK);
		s->in_group = false;
		s->tries = 0;
		s->gave_rows = false;
		s->state = NEXT;
		break;
	default:
		s->state = NEXT;
	}
}

/*
 * A conflict changed nothing, so the item, or our whole transaction, is
 * tried again; not when rows of it are out already, or when it is part of a
 * transaction that other statements began.
 */
static bool
try_again(struct session *s)
{
	double pause = PAUSE_FLOOR;

	if (!conn_is_conflict(&s->conn->error) || s->gave_rows ||
	    s->run->stopping || s->tries >= s->run->o->retries ||
	    (!s->in_group && conn_in_transaction(s->conn)))
		return false;
	for (unsigned i = 0; i < s->tries && pause < PAUSE_CAP; i++)
		pause *= 2;
	s->tries++;
	s->wake = wait_now() + pause * (0.5 + wait_random() / 2);
	s->state = PAUSING;
	if (s->in_group) {
		s->i = s->group;
		session_disconnect(s);
	}
	return true;
}

/*
 * In a dry run the objects that earlier statements would make are not there,
 * so a guard that misses them has an answer: not done.
 */
static bool
is_missing_as_planned(const struct session *s, const struct conn_error *error)
{
	bool planned = false;

	for (size_t i = 0; i < s->i; i++)
		planned |= session_item(s, i)->outcome == PLANNED;
	return s->run->o->dry_run && planned &&
	    (strncmp(error->sqlstate, "42", 2) == 0 ||
	    strncmp(error->sqlstate, "3", 1) == 0 ||
	    strstr(error->message, "does not exist") != NULL);
}

static void
on_failed(struct session *s)
{
	struct conn_error error = s->conn->error;

	if (is_missing_as_planned(s, &error)) {
		session_disconnect(s);
		outcome_settle(s, PLANNED);
	} else if (try_again(s)) {
		return;
	} else if (s->state == COMMITTING) {
		outcome_fail_commit(s, FAILED);
	} else {
		if (s->state == BEGINNING)
			s->sql = NULL;
		outcome_fail(s, FAILED, &error, true);
	}
}

static void
on_lost(struct session *s)
{
	struct conn_error error = s->conn->error;
	/* without COMMIT our transaction is rolled back for certain */
	bool unknown = s->state == RUNNING && !s->in_group;

	if (s->state == CONNECTING && is_missing_as_planned(s, &error)) {
		session_disconnect(s);
		outcome_settle(s, PLANNED);
	} else if (s->state == COMMITTING) {
		outcome_fail_commit(s, UNKNOWN);
	} else {
		outcome_fail(s, unknown ? UNKNOWN : FAILED, &error, false);
	}
}

/* Returns false when there is something to wait for. */
static bool
take_event(struct session *s)
{
	switch (conn_next(s->conn)) {
	case CONN_WAIT:
		return false;
	case CONN_ROW:
		on_row(s);
		break;
	case CONN_READY:
	case CONN_DONE:
		on_done(s);
		break;
	case CONN_FAILED:
		on_failed(s);
		break;
	case CONN_LOST:
		on_lost(s);
		break;
	}
	return true;
}

static bool
advance(struct session *s, bool *ready)
{
	switch (s->state) {
	case NEXT:
	case WAITING:
		decide_next(s);
		/* a connection is waited for before it is looked at */
		*ready = s->state != CONNECTING;
		return s->state != WAITING;
	case PAUSING:
		if (wait_now() < s->wake)
			return false;
		s->state = NEXT;
		return true;
	case CLOSED:
		return false;
	default:
		return *ready && take_event(s);
	}
}

void
session_step(struct session *s, bool ready)
{
	int n = 0;

	while (n < STEP_MAX && advance(s, &ready))
		n++;
	s->more = n == STEP_MAX;
}

void
session_poll(const struct session *s, struct pollfd *pfd, double *wake)
{
	*pfd = (struct pollfd){ .fd = -1 };
	*wake = 0;
	if (s->more)
		*wake = wait_now();
	else if (s->state == PAUSING)
		*wake = s->wake;
	else if (s->state >= CONNECTING && s->state < CLOSED)
		conn_poll(s->conn, pfd, wake);
}

void
session_stop(struct session *s)
{
	switch (s->state) {
	case BEGINNING:
	case GUARDING:
	case RUNNING:
	case DOUBTING:
	case COMMITTING:	/* of the Data API, it runs the whole batch */
		conn_cancel(s->conn);
		break;
	case CLOSED:
		break;
	case PAUSING:
		if (session_item(s, s->i)->s.wait_s > 0) {
			fail_wait(s, ERR_SQL, "it was stopped before it "
			    "returned a row");
			break;
		}
		/* FALLTHROUGH */
	default:
		outcome_finish(s);
	}
}

void
session_abandon(struct session *s)
{
	if (s->state == CLOSED)
		return;
	snprintf(s->conn->error.message, sizeof(s->conn->error.message),
	    "the server did not answer the request to cancel");
	s->conn->error.kind = ERR_SQL;
	on_lost(s);
}
