/* expr.c - an expression of SQL that a user wrote */
#include <string.h>

#include "sql/expr.h"
#include "sql/lex.h"

/* What is wrong with it, or NULL. */
static const char *
fault(const char *text)
{
	size_t len = strlen(text);
	const char *end = text;
	struct lex_token t;
	struct lex lex;
	int depth = 0;

	if (memchr(text, '\\', len) != NULL)
		return "a backslash";
	lex_init(&lex, text, len);
	while ((t = lex_next(&lex)).type != LEX_END) {
		if (t.type == LEX_BROKEN)
			return "a quote or a comment that stays open";
		if (t.type == LEX_SEMICOLON)
			return "a semicolon";
		if (*t.s == '$')
			return "a dollar sign outside quotes";
		if (strspn(end, " \t\n\r\f\v") < (size_t)(t.s - end))
			return "a comment";
		end = t.s + t.len;
		if (t.type != LEX_OTHER)
			continue;
		depth += (*t.s == '(') - (*t.s == ')');
		if (depth < 0)
			return "a ')' too many";
	}
	if (strspn(end, " \t\n\r\f\v") < strlen(end))
		return "a comment";
	if (end == text)
		return "nothing";
	return depth > 0 ? "a '(' too many" : NULL;
}

void
sql_expr(struct sql *q, const char *text)
{
	const char *why = q->e->kind == ERR_NONE ? fault(text) : NULL;

	if (why != NULL)
		err_set(q->e, ERR_USAGE, "the expression '%s' has %s", text,
		    why);
	sql_addf(q, "(%s)", text);
}
