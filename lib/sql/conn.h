/*
 * conn.h - a connection to a warehouse that never blocks for long
 *
 * libpq (pg.h) and the Data API (data_api.h) are behind it. One command is
 * under way at a time:
 *
 *	conn_send(c, sql)
 *	until conn_next(c) is CONN_DONE or CONN_FAILED:
 *		CONN_WAIT: wait for what conn_poll() says
 *		CONN_ROW: c->shape and c->values hold a row
 *
 * A connection that was just made says CONN_READY first. After CONN_LOST
 * only conn_close() is left.
 */
#ifndef SQL_CONN_H
#define SQL_CONN_H

#include <poll.h>
#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "sql/row.h"

enum conn_event {
	CONN_WAIT,	/* nothing yet */
	CONN_READY,	/* the connection is open */
	CONN_ROW,
	CONN_DONE,	/* the command did its work; c->rows */
	CONN_FAILED,	/* the command was refused, the rest is well */
	CONN_LOST	/* the connection is gone, or was never made */
};

/* What a server says about a failure; empty where it says nothing. */
struct conn_error {
	enum err_kind kind;
	char sqlstate[8];
	char message[1024];
	char detail[1024];
	char hint[512];
	size_t position;	/* in characters, from 1; 0: unknown */
};

struct conn;

/* What a transport does; see the functions below. */
struct conn_ops {
	int (*send)(struct conn *c, const char *sql, struct err *e);
	enum conn_event (*next)(struct conn *c);
	void (*poll)(const struct conn *c, struct pollfd *pfd, double *wake);
	void (*cancel)(struct conn *c);
	bool (*in_transaction)(const struct conn *c);
	void (*free)(struct conn *c);
};

/* The part every transport has, at the head of its own struct. */
struct conn {
	const struct conn_ops *ops;
	struct conn_error error;	/* after CONN_FAILED, CONN_LOST */
	struct row_shape shape;		/* until the next conn_send() */
	struct row_value *values;	/* shape.n of them; until conn_next() */
	size_t values_cap;
	long long rows;			/* returned or changed; -1: unknown */
	bool asking;	/* set by the caller: the next command only asks, and
			   is no part of a transaction that is collected */
};

/* Start a command: exactly one, or the server refuses it. */
int	conn_send(struct conn *c, const char *sql, struct err *e) MUST_USE;
enum conn_event conn_next(struct conn *c) MUST_USE;

/*
 * What to wait for before the next conn_next(): a descriptor (pfd->fd -1:
 * none) or a time of wait_now() (*wake 0: none).
 */
void	conn_poll(const struct conn *c, struct pollfd *pfd, double *wake);

/* Ask the server to stop the command; conn_next() tells what came of it. */
void	conn_cancel(struct conn *c);

/* Is a transaction open that the commands themselves began? */
bool	conn_in_transaction(const struct conn *c);

/* Close and free it; an open transaction is rolled back. NULL is fine. */
void	conn_close(struct conn *c);

/* For the transports: room for shape.n values. */
void	conn_reserve(struct conn *c);

/*
 * Did the command lose against another transaction, so that it changed
 * nothing and may well succeed when it is run again?
 */
bool	conn_is_conflict(const struct conn_error *error);

#endif
