/*
 * rs-sql_session.h - a warehouse at work, as its three parts see it
 *
 * rs-sql_decide.c says what comes next, rs-sql_session.c takes what comes
 * back, rs-sql_outcome.c settles what became of a statement.
 */
#ifndef RS_SQL_SESSION_H
#define RS_SQL_SESSION_H

#include "rs-sql.h"

enum state {
	NEXT,		/* decide what comes now */
	WAITING,	/* for a statement on another warehouse */
	PAUSING,	/* after a conflict, or for a row to come */
	CONNECTING,
	BEGINNING,
	GUARDING,	/* "unless" is being asked */
	RUNNING,
	DOUBTING,	/* "fail_if" is being asked */
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
	bool answered;		/* what was sent last returned a row */
	bool gave_rows;		/* so it cannot be tried again */
	bool more;		/* it has more to do at once */
	unsigned tries;		/* of the item or group, before this one */
	double wake;		/* PAUSING: until then */
	double began;		/* the item at hand; 0: not yet */
	struct wait for_row;	/* it is wanted of the item at hand */
	char doubt[256];	/* the first value of that row of fail_if */
};

/* The i-th statement of the session. */
struct item *session_item(const struct session *s, size_t i);
void	session_disconnect(struct session *s);

/* --- rs-sql_decide.c --------------------------------------------------- */

/* NEXT: begin whatever is to be done now. */
void	decide_next(struct session *s);
void	decide_send(struct session *s, const char *sql, enum state state);

/* --- rs-sql_outcome.c -------------------------------------------------- */

/* The item at hand is done; inside a transaction only COMMIT makes it true. */
void	outcome_settle(struct session *s, enum outcome outcome);

/*
 * The item at hand failed, and our transaction with it. go_on: the next one
 * may be run if --keep-going was given.
 */
void	outcome_fail(struct session *s, enum outcome outcome,
	    const struct conn_error *error, bool go_on);
void	outcome_fail_with(struct session *s, enum outcome outcome,
	    const struct err *e);

/* COMMIT failed: the error is told with the last statement. */
void	outcome_fail_commit(struct session *s, enum outcome outcome);

/* Tell of our transaction's items before `end`, which are not OK but this. */
void	outcome_tell_group(struct session *s, size_t end,
	    enum outcome instead_of_ok);

/* Nothing more is run here. */
void	outcome_finish(struct session *s);
void	outcome_error(struct conn_error *error, const struct err *e);

#endif
