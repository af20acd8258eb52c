/* gen.c - a list of statements under construction */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "sql/gen.h"

const char *const gen_formats[] = {
	[GEN_NDJSON] = "ndjson", [GEN_SQL] = "sql", NULL
};

void
gen_init(struct gen *g, bool keep_case, struct err *e)
{
	memset(g, 0, sizeof(*g));
	sql_init(&g->sql, keep_case, e);
	sql_init(&g->unless, keep_case, e);
	sql_init(&g->fail_if, keep_case, e);
	g->e = e;
}

void
gen_at(struct gen *g, const char *on, const char *database)
{
	g->on = on;
	g->database = database;
}

void
gen_sql(struct gen *g, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sql_vaddf(&g->sql, fmt, ap);
	va_end(ap);
}

void
gen_unless(struct gen *g, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sql_vaddf(&g->unless, fmt, ap);
	va_end(ap);
}

void
gen_wait(struct gen *g, double seconds)
{
	g->wait_s = seconds;
}

void
gen_fail_if(struct gen *g, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sql_vaddf(&g->fail_if, fmt, ap);
	va_end(ap);
}

void
gen_alone(struct gen *g)
{
	g->alone = true;
}

void
gen_after(struct gen *g, long seq)
{
	g->after = seq;
}

static char *text(const char *fmt, va_list ap) PRINTF(1, 0);

static char *
text(const char *fmt, va_list ap)
{
	va_list again;
	size_t size;
	char *line;

	va_copy(again, ap);
	size = (size_t)vsnprintf(NULL, 0, fmt, again) + 1;
	va_end(again);
	line = xmalloc(size);
	vsnprintf(line, size, fmt, ap);
	return line;
}

long
gen_add(struct gen *g, const char *why, ...)
{
	struct stmt *s;
	va_list ap;

	g->v = xgrow(g->v, g->n, &g->cap, sizeof(*g->v));
	s = &g->v[g->n++];
	*s = (struct stmt){
		.after = g->after,
		.on = xstrdup(g->on),
		.database = xstrdup(g->database),
		.sql = xstrdup(sql_text(&g->sql)),
		.unless = g->unless.text.len > 0 ?
		    xstrdup(sql_text(&g->unless)) : NULL,
		.fail_if = g->fail_if.text.len > 0 ?
		    xstrdup(sql_text(&g->fail_if)) : NULL,
		.wait_s = g->wait_s,
		.transaction = !g->alone,
	};
	va_start(ap, why);
	s->why = text(why, ap);
	va_end(ap);
	buf_reset(&g->sql.text);
	buf_reset(&g->unless.text);
	buf_reset(&g->fail_if.text);
	g->wait_s = 0;
	g->after = 0;
	g->alone = false;
	return (long)g->n;
}

void
gen_write(const struct gen *g, struct rec_out *out)
{
	struct stmt_out to = { .out = out };

	for (size_t i = 0; i < g->n && g->e->kind == ERR_NONE; i++)
		stmt_write(&to, &g->v[i]);
	msg_debug(1, "%zu statements", g->n);
}

void
gen_release(struct gen *g)
{
	for (size_t i = 0; i < g->n; i++) {
		free((char *)g->v[i].on);
		free((char *)g->v[i].database);
		free((char *)g->v[i].sql);
		free((char *)g->v[i].unless);
		free((char *)g->v[i].fail_if);
		free((char *)g->v[i].why);
	}
	free(g->v);
	sql_release(&g->sql);
	sql_release(&g->unless);
	sql_release(&g->fail_if);
	memset(g, 0, sizeof(*g));
}
