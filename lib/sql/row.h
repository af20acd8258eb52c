/*
 * row.h - a row of a result as a JSON object, no digit lost
 *
 *	boolean			true, false
 *	whole number		number up to 2^53, beyond it a string
 *	float			number; NaN and infinity are strings
 *	JSON, SUPER		itself; a string when a strict reader would
 *				refuse it (a name twice, a huge number)
 *	bytes			string of hexadecimal digits
 *	all else		string, as the server writes it: decimals,
 *				dates, times, arrays
 *	NULL			null
 *
 * The type of a column never depends on the transport that fetched it.
 */
#ifndef SQL_ROW_H
#define SQL_ROW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

enum row_type {
	ROW_TEXT,
	ROW_BOOL,	/* t or f, true or false */
	ROW_INT,
	ROW_FLOAT,
	ROW_JSON,
	ROW_BYTES	/* \x and hexadecimal, or PostgreSQL's older escapes */
};

struct row_column {
	char *key;		/* "name": as it stands in the object */
	size_t key_len;
	enum row_type type;
};

/* The columns of a result. Set to zero it has none. */
struct row_shape {
	struct row_column *v;
	size_t n, cap;
};

/* A value in the server's text form, borrowed. */
struct row_value {
	const char *s;
	size_t len;
	bool null;
};

/*
 * Add a column. A name that an earlier column has gets _2, _3 and so on, so
 * that each key of the object is there once. Returns 0, or -1 (ERR_SQL) for
 * a name that is not UTF-8.
 */
int	row_shape_add(struct row_shape *shape, const char *name,
	    enum row_type type, struct err *e) MUST_USE;

void	row_shape_clear(struct row_shape *shape);
void	row_shape_release(struct row_shape *shape);

/*
 * Append the object for a row of shape->n values. Returns 0, or -1 with
 * ERR_SQL and out unchanged in meaning (its end is not): text that is not
 * UTF-8, a value that is not of its column's type, more than out can hold.
 */
int	row_encode(const struct row_shape *shape,
	    const struct row_value *values, struct buf *out, struct err *e)
	    MUST_USE;

/*
 * Append s as a JSON string with its quotes. Returns 0, or -1 when it is not
 * UTF-8 or out is full.
 */
int	row_put_string(struct buf *out, const char *s, size_t len) MUST_USE;

#endif
