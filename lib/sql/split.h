/*
 * split.h - commands out of a script, and what a command's words tell
 */
#ifndef SQL_SPLIT_H
#define SQL_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "sql/lex.h"

/* One command, borrowed from the script: no semicolon, no blanks around. */
struct split_piece {
	const char *sql;
	size_t len;
	size_t line;		/* where it begins, from 1 */
};

/*
 * The next command of a script; lex was given to lex_init(). Empty commands
 * are passed over. Returns 1, 0 at the end, or -1 with ERR_SQL: a quote or
 * comment that is not closed, a psql command, a NUL byte. name is what the
 * message calls the script.
 */
int	split_next(struct lex *lex, const char *name,
	    struct split_piece *piece, struct err *e) MUST_USE;

/* What matters about a command before it is run. */
enum split_kind {
	SPLIT_PLAIN,
	SPLIT_ALONE,	/* refused inside a transaction block */
	SPLIT_CONTROL	/* begins or ends a transaction */
};

enum split_kind split_kind(const char *sql, size_t len);

/* Does it begin with SELECT or WITH? */
bool	split_is_query(const char *sql);

/*
 * Does the command name a password or a key? Then its strings are replaced
 * by asterisks wherever they occur in text, which came from a server and is
 * about to be shown.
 */
bool	split_mask(const char *sql, size_t len, char *text);

#endif
