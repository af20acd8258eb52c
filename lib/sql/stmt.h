/*
 * stmt.h - the "statement" record: one SQL command, and when to skip it
 *
 *	{"kind":"statement","seq":3,"after":2,"on":"airline-producer",
 *	"database":"dev","sql":"ALTER DATASHARE ...","unless":"SELECT 1 ...",
 *	"transaction":true,"why":"share schema 'airline_dw'"}
 *
 * "unless" is a query; when it returns a row the statement is already done
 * and is skipped, so a whole stream can be run again. Order is kept within
 * one warehouse; different warehouses are free to work at the same time,
 * except where "after" says otherwise: the statement waits until the one
 * with that seq is done or skipped, wherever it runs, and does not run at
 * all when that one failed. "transaction" false: Redshift refuses it inside
 * a transaction block, so it runs alone.
 *
 * With "wait_s" the command is a query that is run again and again until it
 * returns a row, for at most so many seconds; each time it returns none,
 * the query "fail_if" is asked, and a row of that ends the wait: it failed.
 * It never is part of a transaction, in which it would see no change.
 */
#ifndef SQL_STMT_H
#define SQL_STMT_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "record/rec.h"

struct stmt {
	long seq;		/* 1, 2, 3 ... in the stream */
	long after;		/* seq of an earlier statement; 0: none */
	const char *on;		/* workgroup; NULL: the only warehouse */
	const char *database;	/* to connect to; NULL: the runner's */
	const char *sql;	/* without a semicolon at its end */
	const char *unless;	/* NULL: always to be run */
	const char *fail_if;	/* NULL: only time ends the wait */
	double wait_s;		/* 0: run once, whatever it returns */
	const char *why;	/* a few words for people; may be NULL */
	bool transaction;
};

/*
 * Read a record of kind "statement"; the strings are borrowed from it.
 * Returns 0, or -1 with ERR_RECORD, naming line and member: "sql" or "seq"
 * missing, a member of the wrong type, "after" not before "seq", "fail_if"
 * without "wait_s".
 * "transaction" is true when it is absent.
 */
int	stmt_read(const struct rec *rec, struct stmt *s, struct err *e)
	    MUST_USE;

/* Where a generator writes: records, or (out->plain) a script for people. */
struct stmt_out {
	struct rec_out *out;
	long seq;		/* of the last statement written */
};

/*
 * Write s, whose seq is filled in here. Failed writes stick in out->out.
 * The script has what people need in comments; text in them cannot end the
 * comment, whatever it contains.
 */
void	stmt_write(struct stmt_out *out, struct stmt *s);

#endif
