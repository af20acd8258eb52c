/* rs-sql_report.c - rows and results as records, failures for people */
#include <stdio.h>
#include <string.h>

#include "base/msg.h"
#include "rs-sql.h"
#include "sql/split.h"

enum {
	FLUSH_AT = 64 << 10,
	ROWS_MAX = FLUSH_AT + REC_LINE_MAX + 1,
	SHOWN = 60		/* characters of a line around its error */
};

static const char *const words[] = {
	[PENDING] = "pending", [OK] = "ok", [SKIPPED] = "skipped",
	[FAILED] = "failed", [UNKNOWN] = "unknown",
	[ROLLED_BACK] = "rolled_back", [NOT_RUN] = "not_run",
	[PLANNED] = "planned"
};

void
report_init(struct report *r, const struct plan *plan, struct rec_out *out)
{
	memset(r, 0, sizeof(*r));
	r->plan = plan;
	r->out = out;
	buf_init(&r->rows, ROWS_MAX);
	buf_init(&r->row_begin, REC_LINE_MAX);
}

void
report_release(struct report *r)
{
	buf_release(&r->rows);
	buf_release(&r->row_begin);
}

/* The members before the row itself, which all rows of an item share. */
static int
begin_rows(struct report *r, const struct item *item)
{
	const char *on = r->plan->sites[item->site].name;

	r->row_item = NULL;
	buf_reset(&r->row_begin);
	if (buf_printf(&r->row_begin, "{\"kind\":\"row\",\"seq\":%ld,",
	    item->s.seq) == -1 ||
	    (on != NULL && buf_printf(&r->row_begin, "\"on\":\"%s\",", on)))
		return -1;
	r->row_item = item;
	return buf_puts(&r->row_begin, "\"row\":");
}

int
report_row(struct report *r, const struct item *item, const struct conn *c,
    struct err *e)
{
	size_t before = r->rows.len;

	if (rec_out_failed(r->out))
		return 0;
	if (r->row_item != item && begin_rows(r, item) == -1)
		return err_set(e, ERR_SYSTEM, "cannot build a row");
	if (buf_add(&r->rows, r->row_begin.s, r->row_begin.len) == -1 ||
	    row_encode(&c->shape, c->values, &r->rows, e) == -1 ||
	    buf_puts(&r->rows, "}\n") == -1 ||
	    r->rows.len - before > REC_LINE_MAX + 1) {
		r->rows.len = before;
		if (e->kind == ERR_NONE)
			err_set(e, ERR_SQL, "a row is longer than the %d "
			    "bytes of a record", REC_LINE_MAX);
		return err_prefix(e, "row %lld", c->rows);
	}
	r->n_rows++;
	if (r->rows.len >= FLUSH_AT)
		report_flush(r);
	return 0;
}

void
report_flush(struct report *r)
{
	if (r->n_rows > 0)
		rec_write_lines(r->out, r->rows.s, r->rows.len, r->n_rows);
	buf_reset(&r->rows);
	r->n_rows = 0;
}

/* --- the record -------------------------------------------------------- */

static json_t *
text_or_null(const char *s)
{
	return *s != '\0' ? json_string(s) : NULL;
}

static json_t *
error_object(const struct conn_error *error)
{
	if (error == NULL)
		return NULL;
	return json_pack("{s:o*, s:s, s:o*, s:o*, s:o*}",
	    "sqlstate", text_or_null(error->sqlstate),
	    "message", error->message,
	    "detail", text_or_null(error->detail),
	    "hint", text_or_null(error->hint),
	    "position", error->position > 0 ?
	    json_integer((json_int_t)error->position) : NULL);
}

static void
write_result(struct report *r, const struct item *item,
    const struct conn_error *error)
{
	bool counted = (item->outcome == OK ||
	    item->outcome == ROLLED_BACK) && item->rows >= 0;

	report_flush(r);
	rec_write(r->out, json_pack(
	    "{s:s, s:I, s:s*, s:s*, s:s, s:o*, s:f, s:o*, s:s*, s:o*}",
	    "kind", "result", "seq", (json_int_t)item->s.seq,
	    "on", r->plan->sites[item->site].name,
	    "database", item->s.database,
	    "status", words[item->outcome],
	    "rows", counted ? json_integer(item->rows) : NULL,
	    "elapsed_s", (double)(long)(item->elapsed * 1e6) / 1e6,
	    "attempts", item->attempts > 1 ?
	    json_integer(item->attempts) : NULL,
	    "why", item->s.why,
	    "error", error_object(error)));
}

/* --- for people -------------------------------------------------------- */

static bool
is_lead(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

/* Where the character with this number (from 1) begins. */
static const char *
character(const char *s, size_t number)
{
	for (; *s != '\0' && number > 1; number--)
		do
			s++;
		while (!is_lead(*s));
	return s;
}

static size_t
characters(const char *from, const char *to)
{
	size_t n = 0;

	for (; from < to; from++)
		n += is_lead(*from);
	return n;
}

/* The line of the command, cut around the error, and a mark below it. */
static void
show_position(const char *sql, size_t position)
{
	const char *at = character(sql, position), *begin = at, *end = at;
	size_t line = 1, n = 0;
	char shown[4 * SHOWN + 8];

	while (begin > sql && begin[-1] != '\n' && n < SHOWN / 2)
		n += is_lead(*--begin);
	while (*end != '\0' && *end != '\n' && n++ < SHOWN)
		end = character(end, 2);
	for (const char *p = sql; p < at; p++)
		line += *p == '\n';
	snprintf(shown, sizeof(shown), "%.*s", (int)(end - begin), begin);
	msg_warn("line %zu: %s", line, shown);
	msg_warn("line %zu: %*s", line, (int)characters(begin, at) + 1, "^");
}

void
report_trouble(struct report *r, const struct item *item, const char *what)
{
	char name[128];

	if (r->kind == ERR_NONE)
		r->kind = ERR_SQL;
	plan_name(r->plan, item, name, sizeof(name));
	msg_warn("%s: %s", name, what);
}

static void
tell_failure(struct report *r, const struct item *item,
    const struct conn_error *error, const char *sql, bool secret)
{
	bool with_state = error->sqlstate[0] != '\0';
	char name[128];

	if (r->kind == ERR_NONE)
		r->kind = error->kind;
	plan_name(r->plan, item, name, sizeof(name));
	msg_warn("%s %s: %s%s%s%s%s%s%s%s", name,
	    item->outcome == UNKNOWN ? "may or may not be done" :
	    item->outcome == NOT_RUN ? "was not run" : "failed",
	    with_state ? error->sqlstate : "", with_state ? ": " : "",
	    error->message,
	    error->detail[0] != '\0' ? ": " : "", error->detail,
	    item->s.why != NULL ? " (" : "",
	    item->s.why != NULL ? item->s.why : "",
	    item->s.why != NULL ? ")" : "");
	if (error->position > 0 && sql != NULL && !secret)
		show_position(sql, error->position);
	if (error->hint[0] != '\0')
		msg_hint("%s", error->hint);
}

void
report_result(struct report *r, struct item *item,
    const struct conn_error *error, const char *sql)
{
	struct conn_error masked;
	bool secret;

	if (error != NULL && !r->quiet) {
		masked = *error;
		split_mask(item->s.sql, strlen(item->s.sql), masked.detail);
		split_mask(item->s.sql, strlen(item->s.sql), masked.hint);
		secret = split_mask(item->s.sql, strlen(item->s.sql),
		    masked.message);
		tell_failure(r, item, &masked, sql, secret);
	}
	item->told = true;
	write_result(r, item, error != NULL && !r->quiet ? &masked : NULL);
}
