/*
 * err.h - what went wrong, carried from where it happened to where it is told
 *
 * A library function that fails returns -1 and fills the struct err it was
 * given; it never prints. The tool reports once, with msg_err(), and ends
 * with err_status(). Each kind is one exit status, so the two cannot drift.
 *
 *	rs-lock: cannot take lock 'etl': AccessDeniedException: not allowed
 *	(HTTP 400, request 1a2b)
 *	rs-lock: hint: ...
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

#include "base/attr.h"

/* The numbers are the exit statuses of rs-tools(7). */
enum err_kind {
	ERR_NONE = 0,
	ERR_NO = 1,		/* the question was answered with no */
	ERR_USAGE = 2,
	ERR_DEADLINE = 3,
	ERR_CRED = 4,		/* credentials or permission */
	ERR_AWS = 5,		/* AWS or the network, after retries */
	ERR_SQL = 6,
	ERR_RECORD = 7,		/* bad record or truncated stream */
	ERR_SYSTEM = 8,
	ERR_LOST = 9,		/* the lock is lost or not ours */
	ERR_SIGNAL = 10		/* asked to stop; the status is 128 + signal */
};

struct err {
	enum err_kind kind;
	int http;		/* HTTP status, 0 when there was no answer */
	char code[80];		/* AWS code or SQLSTATE, "" when none */
	char request_id[80];	/* AWS request id, "" when none */
	char msg[1024];		/* what failed, outermost first */
	char hint[512];		/* what to do, "" when we do not know */
};

/*
 * Fill e. The message is cut at the size of its field, between two
 * characters of UTF-8. Always returns -1, so
 * that `return err_set(e, ...)` reads well.
 */
int	err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
	    PRINTF(3, 4);

/* The same, followed by ": " and the text of errnum. */
int	err_sys(struct err *e, int errnum, const char *fmt, ...)
	    PRINTF(3, 4);

/* Put "text: " before the message e already has. Returns -1. */
int	err_prefix(struct err *e, const char *fmt, ...) PRINTF(2, 3);

/* Say what the user can do about it. Returns -1. */
int	err_hint(struct err *e, const char *fmt, ...) PRINTF(2, 3);

/* True when e carries this AWS code (or SQLSTATE). */
bool	err_is(const struct err *e, const char *code);

/* The exit status that belongs to e: 0 for ERR_NONE, 128 + n for a signal. */
int	err_status(const struct err *e);
int	err_kind_status(enum err_kind kind);

#endif
