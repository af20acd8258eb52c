/* stmt.c - the "statement" record: one SQL command, and when to skip it */
#include <string.h>

#include "sql/split.h"
#include "sql/stmt.h"

/* A whole number of at least `least`; absent gives that least. */
static int
read_number(const struct rec *rec, const char *member, json_int_t least,
    long *out, struct err *e)
{
	json_t *v = json_object_get(rec->object, member);
	json_int_t n = v == NULL ? least : json_integer_value(v);

	if ((v != NULL && !json_is_integer(v)) || n < least || n > 1L << 53)
		return err_set(e, ERR_RECORD, "line %zu: member \"%s\" of "
		    "the statement record is not a whole number from %d on",
		    rec->line, member, (int)least);
	*out = (long)n;
	return 0;
}

static int
missing(const struct rec *rec, const char *member, struct err *e)
{
	return err_set(e, ERR_RECORD, "line %zu: the statement record has "
	    "no \"%s\"", rec->line, member);
}

static int
read_strings(const struct rec *rec, struct stmt *s, struct err *e)
{
	const struct { const char *member; const char **at; } rows[] = {
		{ "on", &s->on }, { "database", &s->database },
		{ "sql", &s->sql }, { "unless", &s->unless },
		{ "fail_if", &s->fail_if }, { "why", &s->why }
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		*rows[i].at = rec_str(rec, rows[i].member, e);
		if (e->kind != ERR_NONE)
			return -1;
	}
	return s->sql == NULL || *s->sql == '\0' ?
	    missing(rec, "sql", e) : 0;
}

/* Waiting is for an answer: a command that changes things is run once. */
static int
read_wait(const struct rec *rec, struct stmt *s, struct err *e)
{
	json_t *v = json_object_get(rec->object, "wait_s");

	if (v != NULL && !(json_number_value(v) > 0))
		return err_set(e, ERR_RECORD, "line %zu: member \"wait_s\" of "
		    "the statement record is not a number above 0",
		    rec->line);
	if (v == NULL && s->fail_if != NULL)
		return err_set(e, ERR_RECORD, "line %zu: the statement record "
		    "has \"fail_if\" but no \"wait_s\"", rec->line);
	if (v != NULL && !split_is_query(s->sql))
		return err_set(e, ERR_RECORD, "line %zu: \"wait_s\" is for a "
		    "query, and \"sql\" is none", rec->line);
	s->wait_s = json_number_value(v);
	return 0;
}

int
stmt_read(const struct rec *rec, struct stmt *s, struct err *e)
{
	json_t *transaction = json_object_get(rec->object, "transaction");
	struct stmt read = { 0 };

	if (json_object_get(rec->object, "seq") == NULL)
		return missing(rec, "seq", e);
	if (read_number(rec, "seq", 1, &read.seq, e) == -1 ||
	    read_number(rec, "after", 0, &read.after, e) == -1 ||
	    read_strings(rec, &read, e) == -1 ||
	    read_wait(rec, &read, e) == -1)
		return -1;
	if (read.after >= read.seq)
		return err_set(e, ERR_RECORD, "line %zu: statement %ld is to "
		    "run after %ld, which is not before it", rec->line,
		    read.seq, read.after);
	if (transaction != NULL && !json_is_boolean(transaction))
		return err_set(e, ERR_RECORD, "line %zu: member "
		    "\"transaction\" of the statement record is not true or "
		    "false", rec->line);
	read.transaction = !json_is_false(transaction);
	*s = read;
	return 0;
}

/* In a format of json_pack(), "*" leaves a member without a value out. */
static void
write_record(struct stmt_out *out, const struct stmt *s)
{
	json_t *after = s->after > 0 ? json_integer(s->after) : NULL;
	json_t *wait = s->wait_s > 0 ? rec_seconds(s->wait_s) : NULL;

	rec_write(out->out, json_pack(
	    "{s:s, s:I, s:o*, s:s*, s:s*, s:s, s:s*, s:o*, s:s*, s:b, s:s*}",
	    "kind", "statement", "seq", (json_int_t)s->seq, "after", after,
	    "on", s->on, "database", s->database, "sql", s->sql,
	    "unless", s->unless, "wait_s", wait, "fail_if", s->fail_if,
	    "transaction", (int)s->transaction,
	    "why", s->why));
}

/* "-- label: text", with every line of the text inside the comment. */
static void
comment(struct rec_out *out, const char *label, const char *text)
{
	struct buf b;
	bool full = false;

	buf_init(&b, REC_LINE_MAX);
	full |= buf_printf(&b, "-- %s", label) == -1;
	for (; *text != '\0'; text++)
		full |= buf_putc(&b, (unsigned char)*text < ' ' ? ' ' :
		    *text) == -1;
	if (full)
		err_set(&out->failed, ERR_SYSTEM, "a line is too long");
	rec_text(out, b.s);
	buf_release(&b);
}

static void
write_script(struct rec_out *out, const struct stmt *s)
{
	struct buf b;

	comment(out, "", s->why != NULL ? s->why : "");
	if (s->on != NULL)
		comment(out, "on: ", s->on);
	if (s->database != NULL)
		comment(out, "database: ", s->database);
	if (!s->transaction)
		comment(out, "", "not inside a transaction block");
	if (s->unless != NULL)
		comment(out, "already done when this returns a row: ",
		    s->unless);
	if (s->wait_s > 0)
		comment(out, "", "run it again until it returns a row");
	if (s->fail_if != NULL)
		comment(out, "it never will when this returns a row: ",
		    s->fail_if);
	buf_init(&b, REC_LINE_MAX);
	if (buf_printf(&b, "%s;\n", s->sql) == -1)
		err_set(&out->failed, ERR_SYSTEM, "a line is too long");
	rec_text(out, b.s);
	buf_release(&b);
}

void
stmt_write(struct stmt_out *out, struct stmt *s)
{
	s->seq = ++out->seq;
	if (out->out->plain)
		write_script(out->out, s);
	else
		write_record(out, s);
}
