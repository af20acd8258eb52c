/* quote.c - names and values inside SQL: one function for each */
#include <string.h>

#include "base/utf8.h"
#include "sql/quote.h"

void
sql_init(struct sql *q, bool keep_case, struct err *e)
{
	buf_init(&q->text, SQL_TEXT_MAX);
	q->keep_case = keep_case;
	q->e = e;
}

void
sql_release(struct sql *q)
{
	buf_release(&q->text);
}

const char *
sql_text(const struct sql *q)
{
	return q->e->kind == ERR_NONE ? q->text.s : "";
}

bool
sql_printable(const char *s, size_t max)
{
	size_t len = strlen(s), bad;
	unsigned char c, next;

	if (len == 0 || len > max || !utf8_valid(s, len, &bad))
		return false;
	for (; *s != '\0'; s++) {
		c = (unsigned char)s[0];
		next = (unsigned char)s[1];
		if (c < 0x20 || c == 0x7f || (c == 0xc2 && next < 0xa0))
			return false;	/* 0xc2 0x80 is U+0080, and so on */
	}
	return true;
}

static void
add(struct sql *q, const char *s, size_t len)
{
	if (q->e->kind == ERR_NONE && buf_add(&q->text, s, len) == -1)
		err_set(q->e, ERR_USAGE, "a statement is longer than %d bytes",
		    SQL_TEXT_MAX);
}

/* s with the quotes inside doubled, the letters folded if asked. */
static void
add_escaped(struct sql *q, const char *s, char quote, bool fold)
{
	for (; *s != '\0'; s++) {
		char c = fold && *s >= 'A' && *s <= 'Z' ?
		    (char)(*s - 'A' + 'a') : *s;

		if (c == quote)
			add(q, &quote, 1);
		add(q, &c, 1);
	}
}

static void
add_quoted(struct sql *q, const char *s, char quote, bool fold)
{
	add(q, &quote, 1);
	add_escaped(q, s, quote, fold);
	add(q, &quote, 1);
}

static bool
name_ok(struct sql *q, const char *name)
{
	if (q->e->kind != ERR_NONE)
		return false;
	if (sql_printable(name, SQL_NAME_MAX))
		return true;
	if (*name == '\0')
		err_set(q->e, ERR_USAGE, "a name is empty");
	else if (strlen(name) > SQL_NAME_MAX)
		err_set(q->e, ERR_USAGE, "the name '%s' is %zu bytes long; "
		    "Redshift allows %d", name, strlen(name), SQL_NAME_MAX);
	else
		err_set(q->e, ERR_USAGE, "the name '%s' is not printable "
		    "UTF-8", name);
	return false;
}

void
sql_ident(struct sql *q, const char *name)
{
	if (name_ok(q, name))
		add_quoted(q, name, '"', !q->keep_case);
}

static bool
literal_ok(struct sql *q, const char *text)
{
	if (q->e->kind != ERR_NONE)
		return false;
	if (strchr(text, '\\') != NULL)
		err_set(q->e, ERR_USAGE, "'%s' has a backslash, which "
		    "Redshift would read as an escape", text);
	else if (*text != '\0' && !sql_printable(text, SQL_TEXT_MAX))
		err_set(q->e, ERR_USAGE, "'%s' is not printable UTF-8", text);
	return q->e->kind == ERR_NONE;
}

void
sql_literal(struct sql *q, const char *text)
{
	if (literal_ok(q, text))
		add_quoted(q, text, '\'', false);
}

void
sql_name_literal(struct sql *q, const char *name)
{
	if (name_ok(q, name) && literal_ok(q, name))
		add_quoted(q, name, '\'', !q->keep_case);
}

/* 'schema.name', the way SVV_DATASHARE_OBJECTS has it. */
static void
add_qualified(struct sql *q, const char *schema, const char *name)
{
	if (!name_ok(q, schema) || !literal_ok(q, schema) ||
	    !name_ok(q, name) || !literal_ok(q, name))
		return;
	add(q, "'", 1);
	add_escaped(q, schema, '\'', !q->keep_case);
	add(q, ".", 1);
	add_escaped(q, name, '\'', !q->keep_case);
	add(q, "'", 1);
}

static void
add_int(struct sql *q, int n)
{
	if (q->e->kind == ERR_NONE && buf_printf(&q->text, "%d", n) == -1)
		err_set(q->e, ERR_USAGE, "a statement is longer than %d bytes",
		    SQL_TEXT_MAX);
}

/* One conversion; the arguments travel in a struct so that ap moves on. */
struct args {
	va_list ap;
};

static void
convert(struct sql *q, char c, struct args *args)
{
	const char *s;

	if (c == '%') {
		add(q, "%", 1);
		return;
	}
	if (c == 'd') {
		add_int(q, va_arg(args->ap, int));
		return;
	}
	s = va_arg(args->ap, const char *);
	if (c == 'I')
		sql_ident(q, s);
	else if (c == 'N')
		sql_name_literal(q, s);
	else if (c == 'Q')
		add_qualified(q, s, va_arg(args->ap, const char *));
	else if (c == 'L')
		sql_literal(q, s);
	else
		add(q, s, strlen(s));
}

void
sql_vaddf(struct sql *q, const char *fmt, va_list ap)
{
	struct args args;
	const char *pc;

	va_copy(args.ap, ap);
	while ((pc = strchr(fmt, '%')) != NULL) {
		add(q, fmt, (size_t)(pc - fmt));
		convert(q, pc[1], &args);
		fmt = pc + 2;
	}
	add(q, fmt, strlen(fmt));
	va_end(args.ap);
}

void
sql_addf(struct sql *q, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sql_vaddf(q, fmt, ap);
	va_end(ap);
}
