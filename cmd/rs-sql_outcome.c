/* rs-sql_outcome.c - what became of a statement */
#include <stdio.h>
#include <string.h>

#include "rs-sql_session.h"

static void
tell(struct session *s, struct item *item, const struct conn_error *error)
{
	report_result(s->run->report, item, error, s->sql);
	s->run->changed = true;
}

void
outcome_tell_group(struct session *s, size_t end, enum outcome instead_of_ok)
{
	for (size_t i = s->group; i < end; i++) {
		struct item *item = session_item(s, i);

		if (item->outcome == OK)
			item->outcome = instead_of_ok;
		tell(s, item, NULL);
	}
}

void
outcome_finish(struct session *s)
{
	if (s->in_group && !s->run->o->dry_run)
		outcome_tell_group(s, s->i, ROLLED_BACK);
	session_disconnect(s);
	for (; s->i < s->n; s->i++) {
		session_item(s, s->i)->outcome = NOT_RUN;
		tell(s, session_item(s, s->i), NULL);
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

void
outcome_settle(struct session *s, enum outcome outcome)
{
	struct item *item = session_item(s, s->i);

	item->outcome = outcome;
	item->elapsed = wait_now() - s->began;
	item->attempts = s->tries + 1;
	if (!s->in_group || s->run->o->dry_run)
		tell(s, item, NULL);
	step_on(s);
	if (s->run->o->dry_run)
		s->group = s->i;	/* nothing is taken back */
}

void
outcome_fail(struct session *s, enum outcome outcome,
    const struct conn_error *error, bool go_on)
{
	struct item *item = session_item(s, s->i);

	if (s->in_group) {
		outcome_tell_group(s, s->i, ROLLED_BACK);
		session_disconnect(s);
	}
	item->outcome = outcome;
	item->elapsed = s->began > 0 ? wait_now() - s->began : 0;
	item->attempts = s->tries + 1;
	tell(s, item, error);
	step_on(s);
	if (!go_on || !s->run->o->keep_going || s->run->stopping)
		outcome_finish(s);
}

void
outcome_error(struct conn_error *error, const struct err *e)
{
	memset(error, 0, sizeof(*error));
	error->kind = e->kind;
	snprintf(error->message, sizeof(error->message), "%.700s%s%.80s%s",
	    e->msg, e->request_id[0] != '\0' ? " (request " : "",
	    e->request_id, e->request_id[0] != '\0' ? ")" : "");
	snprintf(error->hint, sizeof(error->hint), "%s", e->hint);
}

void
outcome_fail_with(struct session *s, enum outcome outcome, const struct err *e)
{
	struct conn_error error;

	outcome_error(&error, e);
	outcome_fail(s, outcome, &error, false);
}

void
outcome_fail_commit(struct session *s, enum outcome outcome)
{
	struct conn_error error = s->conn->error;
	struct item *last = session_item(s, s->i - 1);

	s->sql = NULL;
	outcome_tell_group(s, s->i - 1,
	    outcome == UNKNOWN ? UNKNOWN : ROLLED_BACK);
	last->outcome = outcome;
	tell(s, last, &error);
	session_disconnect(s);
	outcome_finish(s);
}
