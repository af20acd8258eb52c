/*
 * quote.h - names and values inside SQL: one function for each
 *
 * Text that comes from outside reaches SQL through these and nothing else.
 * What they accept reads back unchanged on Redshift and on PostgreSQL; what
 * the two would read differently is refused (ERR_USAGE), never guessed.
 *
 * Redshift folds the ASCII letters of a name to lower case, quoted or not,
 * unless enable_case_sensitive_identifier is on (its guide, "Names and
 * identifiers"). So we fold them as well, and a name that is looked up in a
 * system view is the name that was made. keep_case is for warehouses where
 * the parameter is on.
 */
#ifndef SQL_QUOTE_H
#define SQL_QUOTE_H

#include <stdarg.h>
#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

enum {
	SQL_NAME_MAX = 127,		/* bytes, quotes not counted */
	SQL_TEXT_MAX = 256 * 1024	/* one statement of ours */
};

/* One piece of SQL under construction; the first failure sticks in e. */
struct sql {
	struct buf text;
	bool keep_case;
	struct err *e;			/* borrowed */
};

/* Start empty. What follows does nothing while e already has an error. */
void	sql_init(struct sql *q, bool keep_case, struct err *e);

/*
 * Append a name in double quotes: 1 to 127 bytes of UTF-8 without control
 * characters; a double quote is doubled.
 */
void	sql_ident(struct sql *q, const char *name);

/*
 * Append a string in single quotes: UTF-8 without control characters; a
 * single quote is doubled. A backslash is refused: Redshift takes it for an
 * escape, PostgreSQL for itself.
 */
void	sql_literal(struct sql *q, const char *text);

/* A name as the string that a system view has for it. */
void	sql_name_literal(struct sql *q, const char *name);

/*
 * Append fmt, where %I takes a name (sql_ident), %N a name to look up
 * (sql_name_literal), %Q two of them to look up as 'schema.name', %L a
 * string (sql_literal), %s SQL of our own, %d an int, %% a percent sign.
 */
void	sql_addf(struct sql *q, const char *fmt, ...);
void	sql_vaddf(struct sql *q, const char *fmt, va_list ap);

/* The text, borrowed until the next change; "" when there is an error. */
const char *sql_text(const struct sql *q);
void	sql_release(struct sql *q);

/* Is it 1 to max bytes of UTF-8 without control characters? */
bool	sql_printable(const char *s, size_t max);

#endif
