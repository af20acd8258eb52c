/* lex.c - the words of SQL, as Redshift reads them */
#include <string.h>
#include <strings.h>

#include "sql/lex.h"

void
lex_init(struct lex *lex, const char *sql, size_t len)
{
	lex->p = sql;
	lex->end = sql + len;
	lex->line = 1;
}

static bool
at(const struct lex *lex, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(lex->end - lex->p) >= len &&
	    memcmp(lex->p, text, len) == 0;
}

/* Move on by n bytes and count the lines they end. */
static void
skip(struct lex *lex, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (lex->p[i] == '\n')
			lex->line++;
	lex->p += n;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_word_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	    (unsigned char)c >= 0x80;
}

static bool
is_word(char c)
{
	return is_word_start(c) || is_digit(c) || c == '$';
}

/* Comments nest. Returns false when the last one is not closed. */
static bool
skip_comment(struct lex *lex)
{
	size_t depth = 0;

	do {
		if (lex->p == lex->end)
			return false;
		if (at(lex, "/*"))
			depth++;
		else if (at(lex, "*/"))
			depth--;
		else {
			skip(lex, 1);
			continue;
		}
		skip(lex, 2);
	} while (depth > 0);
	return true;
}

/* Blanks and comments. Returns false at a comment that is not closed. */
static bool
skip_blanks(struct lex *lex)
{
	while (lex->p < lex->end) {
		if (memchr(" \t\r\n\f\v", *lex->p, 6) != NULL)
			skip(lex, 1);
		else if (at(lex, "--"))
			while (lex->p < lex->end && *lex->p != '\n')
				lex->p++;
		else if (!at(lex, "/*"))
			break;
		else if (!skip_comment(lex))
			return false;
	}
	return true;
}

/* After the opening quote; a doubled quote stands for itself. */
static bool
skip_quoted(struct lex *lex, char quote, bool escapes)
{
	while (lex->p < lex->end) {
		char c = *lex->p;

		skip(lex, 1);
		if (escapes && c == '\\' && lex->p < lex->end)
			skip(lex, 1);
		else if (c == quote && (lex->p == lex->end ||
		    *lex->p != quote))
			return true;
		else if (c == quote)
			skip(lex, 1);
	}
	return false;
}

/* The length of $tag$ at the place we are, 0 when there is none. */
static size_t
dollar_tag(const struct lex *lex)
{
	const char *p = lex->p + 1;

	if (p < lex->end && is_digit(*p))
		return 0;
	while (p < lex->end && *p != '$' && is_word(*p))
		p++;
	return p < lex->end && *p == '$' ? (size_t)(p + 1 - lex->p) : 0;
}

static bool
skip_dollar(struct lex *lex, size_t tag_len)
{
	const char *tag = lex->p, *close;

	skip(lex, tag_len);
	close = memmem(lex->p, (size_t)(lex->end - lex->p), tag, tag_len);
	if (close == NULL)
		return false;
	skip(lex, (size_t)(close - lex->p) + tag_len);
	return true;
}

static enum lex_type
skip_run(struct lex *lex, bool (*member)(char), enum lex_type type)
{
	while (lex->p < lex->end && member(*lex->p))
		lex->p++;
	return type;
}

static enum lex_type
skip_token(struct lex *lex)
{
	size_t tag_len = *lex->p == '$' ? dollar_tag(lex) : 0;
	char c = *lex->p;

	if (tag_len > 0)
		return skip_dollar(lex, tag_len) ? LEX_STRING : LEX_BROKEN;
	if (is_word_start(c))
		return skip_run(lex, is_word, LEX_WORD);
	if (is_digit(c))
		return skip_run(lex, is_word, LEX_OTHER);
	skip(lex, 1);
	if (c == '\'')
		return skip_quoted(lex, c, true) ? LEX_STRING : LEX_BROKEN;
	if (c == '"')
		return skip_quoted(lex, c, false) ? LEX_NAME : LEX_BROKEN;
	if (c == ';')
		return LEX_SEMICOLON;
	return c == '\\' ? LEX_BACKSLASH : LEX_OTHER;
}

struct lex_token
lex_next(struct lex *lex)
{
	struct lex_token t = { .s = lex->p, .line = lex->line };
	const char *comment;

	if (!skip_blanks(lex)) {
		/* the comment's own beginning is what a user looks for */
		comment = memmem(t.s, (size_t)(lex->end - t.s), "/*", 2);
		for (const char *p = t.s; p < comment; p++)
			t.line += *p == '\n';
		t.s = comment;
		t.type = LEX_BROKEN;
	} else {
		t.s = lex->p;
		t.line = lex->line;
		if (lex->p < lex->end)
			t.type = skip_token(lex);
	}
	t.len = (size_t)(lex->p - t.s);
	return t;
}

bool
lex_is(const struct lex_token *token, const char *word)
{
	return token->type == LEX_WORD && token->len == strlen(word) &&
	    strncasecmp(token->s, word, token->len) == 0;
}
