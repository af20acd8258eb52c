/*
 * gen.h - a list of statements under construction
 *
 *	gen_at(g, "airline-producer", "dev");
 *	gen_sql(g, "ALTER DATASHARE %I ADD SCHEMA %I", share, schema);
 *	gen_unless(g, "SELECT 1 FROM svv_datashare_objects WHERE ...");
 *	seq = gen_add(g, "share schema '%s'", schema);
 *
 * Nothing is written before the whole list is there without an error, so a
 * name that cannot be quoted in the last statement leaves no half a script.
 */
#ifndef SQL_GEN_H
#define SQL_GEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "record/rec.h"
#include "sql/quote.h"
#include "sql/stmt.h"

/* "ndjson" and "sql", for a tool's --format. */
enum gen_format { GEN_NDJSON, GEN_SQL };
extern const char *const gen_formats[];

struct gen {
	struct stmt *v;		/* strings owned */
	size_t n, cap;
	const char *on, *database;
	struct sql sql, unless, fail_if;
	double wait_s;
	long after;
	bool alone;
	struct err *e;
};

/* Failures go to e (borrowed); everything after the first does nothing. */
void	gen_init(struct gen *g, bool keep_case, struct err *e);

/* The warehouse and database of the statements to come, both borrowed. */
void	gen_at(struct gen *g, const char *on, const char *database);

/* Append to the command, or to the query that tells it is done. */
void	gen_sql(struct gen *g, const char *fmt, ...);
void	gen_unless(struct gen *g, const char *fmt, ...);

/*
 * Run the command again until it returns a row, for at most so many seconds,
 * or until the query that gen_fail_if() appends to returns one.
 */
void	gen_wait(struct gen *g, double seconds);
void	gen_fail_if(struct gen *g, const char *fmt, ...);

/* The command cannot run in a transaction block. */
void	gen_alone(struct gen *g);

/* It has to wait for this statement of another warehouse; 0: for none. */
void	gen_after(struct gen *g, long seq);

/* Finish the statement; the text says what it is for. Returns its seq. */
long	gen_add(struct gen *g, const char *why, ...) PRINTF(2, 3);

/* Write the list, unless there was an error. */
void	gen_write(const struct gen *g, struct rec_out *out);
void	gen_release(struct gen *g);

#endif
