/* split.c - commands out of a script, and what a command's words tell */
#include <string.h>

#include "sql/split.h"

static int
refuse(const struct lex_token *t, const char *name, struct err *e)
{
	const char *what = "string";

	if (t->type == LEX_BACKSLASH) {
		err_set(e, ERR_SQL, "%s: line %zu: a backslash outside a "
		    "string", name, t->line);
		return err_hint(e, "psql's own commands are not SQL; only SQL "
		    "can be run");
	}
	if (t->s[0] == '"')
		what = "quoted name";
	else if (t->s[0] == '/')
		what = "comment";
	err_set(e, ERR_SQL, "%s: line %zu: a %s begins here and never ends",
	    name, t->line, what);
	if (t->s[0] == '\'')
		err_hint(e, "as on Redshift, a backslash before a quote keeps "
		    "the string open");
	return -1;
}

int
split_next(struct lex *lex, const char *name, struct split_piece *piece,
    struct err *e)
{
	struct lex_token t;

	do
		t = lex_next(lex);
	while (t.type == LEX_SEMICOLON);
	if (t.type == LEX_END)
		return 0;
	piece->sql = t.s;
	piece->line = t.line;
	for (; t.type != LEX_END && t.type != LEX_SEMICOLON;
	    t = lex_next(lex)) {
		if (t.type == LEX_BROKEN || t.type == LEX_BACKSLASH)
			return refuse(&t, name, e);
		piece->len = (size_t)(t.s + t.len - piece->sql);
	}
	if (memchr(piece->sql, '\0', piece->len) != NULL)
		return err_set(e, ERR_SQL, "%s: line %zu: a NUL byte in a "
		    "command", name, piece->line);
	return 1;
}

/*
 * Does the command begin with these words? "*" stands for anything up to the
 * next word of the pattern.
 */
static bool
begins(const char *sql, size_t len, const char *pattern)
{
	struct lex lex;
	struct lex_token t;
	bool anywhere = false;
	char word[32];

	lex_init(&lex, sql, len);
	while (*pattern != '\0') {
		size_t n = strcspn(pattern, " ");

		memcpy(word, pattern, n);
		word[n] = '\0';
		pattern += n + strspn(pattern + n, " ");
		if (strcmp(word, "*") == 0) {
			anywhere = true;
			continue;
		}
		do
			t = lex_next(&lex);
		while (anywhere && !lex_is(&t, word) && t.type != LEX_END &&
		    t.type != LEX_BROKEN);
		if (!lex_is(&t, word))
			return false;
		anywhere = false;
	}
	return true;
}

static bool
begins_one_of(const char *sql, size_t len, const char *const *patterns,
    size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (begins(sql, len, patterns[i]))
			return true;
	return false;
}

enum split_kind
split_kind(const char *sql, size_t len)
{
	/* The pages of these commands in Redshift's developer guide. */
	static const char *const alone[] = {
		"CREATE DATABASE", "DROP DATABASE", "ALTER DATABASE",
		"VACUUM", "CREATE LIBRARY", "CREATE OR REPLACE LIBRARY",
		"DROP LIBRARY", "CREATE EXTERNAL TABLE",
		"ALTER TABLE * APPEND", "ALTER TABLE * ALTER COLUMN",
		"CREATE EXTERNAL SCHEMA * CREATE EXTERNAL DATABASE",
		"DROP SCHEMA * DROP EXTERNAL DATABASE"
	};
	static const char *const control[] = {
		"BEGIN", "START TRANSACTION", "COMMIT", "END", "ROLLBACK",
		"ABORT", "SAVEPOINT", "RELEASE"
	};

	if (begins_one_of(sql, len, alone, ARRAY_LEN(alone)))
		return SPLIT_ALONE;
	if (begins_one_of(sql, len, control, ARRAY_LEN(control)))
		return SPLIT_CONTROL;
	return SPLIT_PLAIN;
}

bool
split_is_query(const char *sql)
{
	static const char *const query[] = { "SELECT", "WITH" };

	return begins_one_of(sql, strlen(sql), query, ARRAY_LEN(query));
}

static bool
names_a_secret(const char *sql, size_t len)
{
	static const char *const secret[] = {
		"* PASSWORD", "* CREDENTIALS", "* ACCESS_KEY_ID",
		"* SECRET_ACCESS_KEY", "* SESSION_TOKEN",
		"* MASTER_SYMMETRIC_KEY"
	};

	return begins_one_of(sql, len, secret, ARRAY_LEN(secret));
}

static void
blot(char *text, const char *secret, size_t len)
{
	char *p = text;

	if (len == 0)
		return;
	while ((p = memmem(p, strlen(p), secret, len)) != NULL) {
		memset(p, '*', len);
		p += len;
	}
}

bool
split_mask(const char *sql, size_t len, char *text)
{
	struct lex lex;
	struct lex_token t;

	if (!names_a_secret(sql, len))
		return false;
	lex_init(&lex, sql, len);
	do {
		t = lex_next(&lex);
		if (t.type == LEX_BROKEN)
			blot(text, t.s + 1, t.len - 1);
		else if (t.type == LEX_STRING)
			blot(text, t.s + 1, t.len - 2);
	} while (t.type != LEX_END && t.type != LEX_BROKEN);
	return true;
}
