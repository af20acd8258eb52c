/*
 * rs-sql_session.c - the statements of one warehouse, one after the other
 *
 * A session is a state machine that never blocks, so that one process
 * serves all warehouses. It has one connection at a time: a second one to
 * another database would keep DROP DATABASE from working.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "rs-sql.h"
#include "sql/split.h"

enum { STEP_MAX = 512 };	/* events before the others get their turn */

/* Pauses after a conflict, in seconds. */
static const double PAUSE_FLOOR = 0.2, PAUSE_CAP = 10;

enum state {
	NEXT,		/* decide what comes now */
	WAITING,	/* for a statement on another warehouse */
	PAUSING,	/* after a conflict */
	CONNECTING,
	BEGINNING,
	GUARDING,	/* "unless" is being asked */
	RUNNING,
	COMMITTING,
	CLOSED
};

struct session {
	struct run *run;
	size_t *items;		/* places in the plan, in order */
	size_t n, i;
	size_t site;
	enum state state;
	struct conn *conn;
	const char *database;	/* that conn was opened for */
	const char *sql;	/* what was sent last */
	size_t group;		/* the first item of our transaction */
	bool in_group;		/* our transaction is open */
	bool done_already;	/* "unless" returned a row */
	bool gave_rows;		/* so it cannot be tried again */
	bool more;		/* it has more to do at once */
	unsigned tries;		/* of the item or group, before this one */
	double wake;		/* PAUSING: until then */
	double began;		/* the item at hand; 0: not yet */
};

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

static struct item *
item_at(const struct session *s, size_t i)
{
	return &s->run->plan->v[s->items[i]];
}

static void
disconnect(struct session *s)
{
	conn_close(s->conn);
	s->conn = NULL;
	s->in_group = false;
}

/* --- outcomes ---------------------------------------------------------- */

static void
tell(struct session *s, struct item *item, const struct conn_error *error)
{
	report_result(s->run->report, item, error, s->sql);
	s->run->changed = true;
}

/* The items of the transaction that did not come true. */
static void
tell_group(struct session *s, size_t end, enum outcome instead_of_ok)
{
	for (size_t i = s->group; i < end; i++) {
		struct item *item = item_at(s, i);

		if (item->outcome == OK)
			item->outcome = instead_of_ok;
		tell(s, item, NULL);
	}
}

/* Nothing more is run here. */
static void
finish(struct session *s)
{
	if (s->in_group && !s->run->o->dry_run)
		tell_group(s, s->i, ROLLED_BACK);
	disconnect(s);
	for (; s->i < s->n; s->i++) {
		item_at(s, s->i)->outcome = NOT_RUN;
		tell(s, item_at(s, s->i), NULL);
	}
	s->state = CLOSED;
}

/* The next item begins anew. */
static void
step_on(struct session *s)
{
	s->i++;
	s->began = 0;
	if (!s->in_group) {
		s->tries = 0;
		s->gave_rows = false;
	}
	s->state = NEXT;
}

/* The item at hand is done; inside a transaction only COMMIT makes it true. */
static void
settle(struct session *s, enum outcome outcome)
{
	struct item *item = item_at(s, s->i);

	item->outcome = outcome;
	item->elapsed = wait_now() - s->began;
	item->attempts = s->tries + 1;
	if (!s->in_group || s->run->o->dry_run)
		tell(s, item, NULL);
	step_on(s);
}

/* The item at hand failed, and our transaction with it. */
static void
fail(struct session *s, enum outcome outcome, const struct conn_error *error,
    bool go_on)
{
	struct item *item = item_at(s, s->i);

	if (s->in_group) {
		tell_group(s, s->i, ROLLED_BACK);
		disconnect(s);
	}
	item->outcome = outcome;
	item->elapsed = s->began > 0 ? wait_now() - s->began : 0;
	item->attempts = s->tries + 1;
	tell(s, item, error);
	step_on(s);
	if (!go_on || !s->run->o->keep_going || s->run->stopping)
		finish(s);
}

static void
error_from(struct conn_error *error, const struct err *e)
{
	memset(error, 0, sizeof(*error));
	error->kind = e->kind;
	snprintf(error->message, sizeof(error->message), "%.700s%s%.80s%s",
	    e->msg, e->request_id[0] != '\0' ? " (request " : "",
	    e->request_id, e->request_id[0] != '\0' ? ")" : "");
	snprintf(error->hint, sizeof(error->hint), "%s", e->hint);
}

static void
fail_with(struct session *s, enum outcome outcome, const struct err *e)
{
	struct conn_error error;

	error_from(&error, e);
	fail(s, outcome, &error, false);
}

/* COMMIT failed: the error is told with the last statement. */
static void
fail_commit(struct session *s, enum outcome outcome)
{
	struct conn_error error = s->conn->error;
	struct item *last = item_at(s, s->i - 1);

	s->sql = NULL;
	tell_group(s, s->i - 1, outcome == UNKNOWN ? UNKNOWN : ROLLED_BACK);
	last->outcome = outcome;
	tell(s, last, &error);
	disconnect(s);
	finish(s);
}

/* --- what is sent ------------------------------------------------------ */

/* What --debug shows: the command, without passwords and keys. */
static void
show(const struct session *s, const char *sql)
{
	const char *name = s->run->plan->sites[s->site].name;
	char *shown;

	if (msg_level() < 2)
		return;
	shown = xstrdup(sql);
	split_mask(sql, strlen(sql), shown);
	msg_debug(2, "%s < %s", name != NULL ? name : "warehouse", shown);
	free(shown);
}

static void
send(struct session *s, const char *sql, enum state state)
{
	enum outcome outcome = FAILED;
	struct err e = { 0 };

	show(s, sql);
	s->sql = sql;
	s->state = state;
	s->conn->asking = state == GUARDING;
	if (conn_send(s->conn, sql, &e) == 0)
		return;
	/* a call that AWS did not answer may have arrived all the same */
	if (e.http == 0 && (e.kind == ERR_AWS || e.kind == ERR_SIGNAL ||
	    e.kind == ERR_DEADLINE) && state != GUARDING)
		outcome = UNKNOWN;
	error_from(&s->conn->error, &e);
	if (state == COMMITTING)
		fail_commit(s, outcome);
	else
		fail_with(s, outcome, &e);
}

static void
commit(struct session *s)
{
	send(s, "COMMIT", COMMITTING);
}

/* The Data API has no transaction in which a guard could not write. */
static void
fail_unsafe_guard(struct session *s)
{
	struct err e = { 0 };

	err_set(&e, ERR_SQL, "its guard is no SELECT, so a dry run does not "
	    "ask it");
	fail_with(s, FAILED, &e);
}

static void
begin_item(struct session *s)
{
	const struct item *item = item_at(s, s->i);

	s->done_already = false;
	if (item->s.unless != NULL && s->run->o->dry_run &&
	    s->run->o->data_api && !split_is_query(item->s.unless))
		fail_unsafe_guard(s);
	else if (item->s.unless != NULL)
		send(s, item->s.unless, GUARDING);
	else
		send(s, item->s.sql, RUNNING);
}

static void
open_database(struct session *s, const char *database)
{
	struct err e = { 0 };

	s->database = database;
	s->conn = site_open(s->run->sites, &s->run->plan->sites[s->site],
	    database, &e);
	s->state = CONNECTING;
	if (s->conn == NULL)
		fail_with(s, FAILED, &e);
}

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/*
 * Must this item wait, or can it never run, because of the one that it is
 * to run after? Returns true when something was decided.
 */
static bool
decide_order(struct session *s, const struct item *item)
{
	const struct plan *plan = s->run->plan;
	const struct item *first;
	struct err e = { 0 };
	char name[128];

	if (item->after == NO_ITEM)
		return false;
	first = &plan->v[item->after];
	if (!first->told && first->site != s->site) {
		/* what it waits for may wait for our transaction */
		if (s->in_group && !s->run->o->dry_run)
			commit(s);
		else
			s->state = WAITING;
		return true;
	}
	if (first->outcome == OK || first->outcome == SKIPPED ||
	    first->outcome == PLANNED)
		return false;
	plan_name(plan, first, name, sizeof(name));
	err_set(&e, ERR_SQL, "it is to run after %s, which did not succeed",
	    name);
	fail_with(s, NOT_RUN, &e);
	return true;
}

/* Is the connection the one this item needs? As decide_order(). */
static bool
decide_database(struct session *s, const struct item *item)
{
	struct err e = { 0 };

	if (s->conn != NULL && same(s->database, item->s.database))
		return false;
	if (s->conn != NULL && s->in_group && !s->run->o->dry_run)
		commit(s);
	else if (s->conn != NULL && !s->in_group &&
	    conn_in_transaction(s->conn)) {
		err_set(&e, ERR_SQL, "a transaction is open, and this is for "
		    "another database");
		fail_with(s, NOT_RUN, &e);
	} else {
		disconnect(s);
		open_database(s, item->s.database);
	}
	return true;
}

/* Is a transaction of ours open if and only if it should be? */
static bool
decide_transaction(struct session *s, const struct item *item)
{
	const struct opts *o = s->run->o;
	bool wanted = o->dry_run ||
	    (o->single_transaction && item->s.transaction);

	if (wanted == s->in_group)
		return false;
	if (!wanted)
		commit(s);
	else
		send(s, o->dry_run ? "BEGIN READ ONLY" : "BEGIN", BEGINNING);
	return true;
}

static void
close_at_end(struct session *s)
{
	if (s->conn != NULL && !s->in_group && conn_in_transaction(s->conn))
		report_trouble(s->run->report, item_at(s, s->n - 1),
		    "the transaction was still open at the end, so it is "
		    "rolled back");
	finish(s);
}

static void
decide(struct session *s)
{
	const struct opts *o = s->run->o;
	const struct item *item;

	s->state = NEXT;
	if (s->run->stopping) {
		finish(s);
		return;
	}
	if (s->i == s->n) {
		if (s->in_group && !o->dry_run)
			commit(s);
		else
			close_at_end(s);
		return;
	}
	item = item_at(s, s->i);
	if (decide_order(s, item))
		return;
	if (s->began == 0)
		s->began = wait_now();
	if (o->dry_run && item->s.unless == NULL)
		settle(s, PLANNED);
	else if (!decide_database(s, item) && !decide_transaction(s, item))
		begin_item(s);
}

/* --- what comes back --------------------------------------------------- */

static void
on_row(struct session *s)
{
	struct err e = { 0 };

	if (s->state == GUARDING)
		s->done_already = true;
	if (s->state != RUNNING)
		return;
	s->gave_rows = true;
	if (report_row(s->run->report, item_at(s, s->i), s->conn, &e) == -1)
		fail_with(s, FAILED, &e);
}

static void
on_done(struct session *s)
{
	struct item *item = s->i < s->n ? item_at(s, s->i) : NULL;

	switch (s->state) {
	case BEGINNING:
		s->in_group = true;
		s->group = s->i;
		s->state = NEXT;
		break;
	case GUARDING:
		if (s->done_already)
			settle(s, SKIPPED);
		else if (s->run->o->dry_run)
			settle(s, PLANNED);
		else
			send(s, item->s.sql, RUNNING);
		break;
	case RUNNING:
		item->rows = s->conn->rows;
		settle(s, OK);
		break;
	case COMMITTING:
		tell_group(s, s->i, OK);
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
		disconnect(s);
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
		planned |= item_at(s, i)->outcome == PLANNED;
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
		disconnect(s);
		settle(s, PLANNED);
	} else if (try_again(s)) {
		return;
	} else if (s->state == COMMITTING) {
		fail_commit(s, FAILED);
	} else {
		if (s->state == BEGINNING)
			s->sql = NULL;
		fail(s, FAILED, &error, true);
	}
}

static void
on_lost(struct session *s)
{
	struct conn_error error = s->conn->error;
	/* without COMMIT our transaction is rolled back for certain */
	bool unknown = s->state == RUNNING && !s->in_group;

	if (s->state == CONNECTING && is_missing_as_planned(s, &error)) {
		disconnect(s);
		settle(s, PLANNED);
	} else if (s->state == COMMITTING) {
		fail_commit(s, UNKNOWN);
	} else {
		fail(s, unknown ? UNKNOWN : FAILED, &error, false);
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
		decide(s);
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

/* --- being stopped ----------------------------------------------------- */

void
session_stop(struct session *s)
{
	switch (s->state) {
	case GUARDING:
	case RUNNING:
		conn_cancel(s->conn);
		break;
	case BEGINNING:
	case COMMITTING:
	case CLOSED:
		break;
	default:
		finish(s);
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
