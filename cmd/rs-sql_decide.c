/*
 * rs-sql_decide.c - what a warehouse does next
 *
 * Each decision either begins something, whose end rs-sql_session.c waits
 * for, or leaves it to the next one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "rs-sql_session.h"
#include "sql/split.h"

/* Pauses of a query that waits for a row, in seconds. */
static const double ROW_FLOOR = 0.5, ROW_CAP = 15;

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

void
decide_send(struct session *s, const char *sql, enum state state)
{
	enum outcome outcome = FAILED;
	struct err e = { 0 };

	show(s, sql);
	s->sql = sql;
	s->state = state;
	s->answered = false;
	s->conn->asking = state == GUARDING || state == DOUBTING;
	if (conn_send(s->conn, sql, &e) == 0)
		return;
	/* a call that AWS did not answer may have arrived all the same */
	if (e.http == 0 && (e.kind == ERR_AWS || e.kind == ERR_SIGNAL ||
	    e.kind == ERR_DEADLINE) && !s->conn->asking)
		outcome = UNKNOWN;
	outcome_error(&s->conn->error, &e);
	if (state == COMMITTING)
		outcome_fail_commit(s, outcome);
	else
		outcome_fail_with(s, outcome, &e);
}

static void
commit(struct session *s)
{
	decide_send(s, "COMMIT", COMMITTING);
}

/* The Data API has no transaction in which a guard could not write. */
static void
fail_unsafe_guard(struct session *s)
{
	struct err e = { 0 };

	err_set(&e, ERR_SQL, "its guard is no SELECT, so a dry run does not "
	    "ask it");
	outcome_fail_with(s, FAILED, &e);
}

static void
begin_item(struct session *s)
{
	const struct item *item = session_item(s, s->i);

	if (item->s.unless != NULL && s->run->o->dry_run &&
	    s->run->o->data_api && !split_is_query(item->s.unless))
		fail_unsafe_guard(s);
	else if (item->s.unless != NULL)
		decide_send(s, item->s.unless, GUARDING);
	else
		decide_send(s, item->s.sql, RUNNING);
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
		outcome_fail_with(s, FAILED, &e);
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
	outcome_fail_with(s, NOT_RUN, &e);
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
		outcome_fail_with(s, NOT_RUN, &e);
	} else {
		session_disconnect(s);
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
		decide_send(s, o->dry_run ? "BEGIN READ ONLY" : "BEGIN",
		    BEGINNING);
	return true;
}

static void
close_at_end(struct session *s)
{
	if (s->conn != NULL && !s->in_group && conn_in_transaction(s->conn))
		report_trouble(s->run->report, session_item(s, s->n - 1),
		    "the transaction was still open at the end, so it is "
		    "rolled back");
	outcome_finish(s);
}

void
decide_next(struct session *s)
{
	const struct opts *o = s->run->o;
	const struct item *item;

	s->state = NEXT;
	if (s->run->stopping) {
		outcome_finish(s);
		return;
	}
	if (s->i == s->n) {
		if (s->in_group && !o->dry_run)
			commit(s);
		else
			close_at_end(s);
		return;
	}
	item = session_item(s, s->i);
	if (decide_order(s, item))
		return;
	if (s->began == 0) {
		s->began = wait_now();
		wait_begin(&s->for_row, item->s.wait_s, ROW_FLOOR, ROW_CAP);
	}
	if (o->dry_run && item->s.unless == NULL)
		outcome_settle(s, PLANNED);
	else if (!decide_database(s, item) && !decide_transaction(s, item))
		begin_item(s);
}
