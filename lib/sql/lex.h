/*
 * lex.h - the words of SQL, as Redshift reads them
 *
 * Enough of a lexer to know where a command ends and which words it begins
 * with: quotes, quoted names, dollar quotes, nested comments. A backslash in
 * a string escapes the byte after it, as on Redshift; PostgreSQL does so
 * only in E'...' strings.
 */
#ifndef SQL_LEX_H
#define SQL_LEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

enum lex_type {
	LEX_END,
	LEX_WORD,	/* a keyword or a name without quotes */
	LEX_NAME,	/* a name in double quotes */
	LEX_STRING,	/* in single quotes or dollar quotes */
	LEX_SEMICOLON,
	LEX_BACKSLASH,	/* outside quotes: the start of a psql command */
	LEX_OTHER,	/* an operator, a number: one byte or more */
	LEX_BROKEN	/* a quote or a comment that is never closed */
};

/* A piece of the text, borrowed; s[0] tells how a broken one began. */
struct lex_token {
	enum lex_type type;
	const char *s;
	size_t len;
	size_t line;		/* of its first byte, from 1 */
};

struct lex {
	const char *p, *end;
	size_t line;
};

/* The text is borrowed; it need not end in NUL and may hold NULs. */
void	lex_init(struct lex *lex, const char *sql, size_t len);

/* The next token; blanks and comments are passed over. */
struct lex_token lex_next(struct lex *lex);

/* Is it this keyword, in any case? */
bool	lex_is(const struct lex_token *token, const char *word);

#endif
