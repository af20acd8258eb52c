/*
 * expr.h - an expression of SQL that a user wrote
 *
 * A policy's condition is SQL, so it cannot be quoted. It is held to one
 * expression instead: it cannot end the statement it stands in.
 */
#ifndef SQL_EXPR_H
#define SQL_EXPR_H

#include "sql/quote.h"

/*
 * Append text in parentheses. Refused (ERR_USAGE): semicolons, comments,
 * dollar quotes, quotes that stay open, a backslash anywhere (Redshift and
 * PostgreSQL read it differently), parentheses that do not match.
 */
void	sql_expr(struct sql *q, const char *text);

#endif
