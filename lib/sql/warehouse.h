/*
 * warehouse.h - the warehouses that statements can be for
 *
 * The generators read workgroup records and pass them on, because the runner
 * behind them needs address and port.
 */
#ifndef SQL_WAREHOUSE_H
#define SQL_WAREHOUSE_H

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "record/rec.h"

struct warehouse {
	char *name;
	char *namespace_id;	/* NULL when the record has none */
};

/* Each workgroup once, in order of arrival. */
struct warehouses {
	struct warehouse *v;
	size_t n, cap;
};

/* The warehouse of that name, borrowed; NULL when there is none. */
const struct warehouse *warehouse_find(const struct warehouses *fleet,
	    const char *name);

/*
 * Remember a workgroup by a record, or by its name alone. Returns 0, or -1:
 * no valid name (ERR_RECORD, ERR_USAGE), a namespace_id that is none.
 */
int	warehouse_take(struct warehouses *fleet, const struct rec *rec,
	    struct err *e) MUST_USE;
int	warehouse_name(struct warehouses *fleet, const char *name,
	    struct err *e) MUST_USE;

/* What a tool does with a record; returns 0, or -1 with e filled. */
typedef int warehouse_record_fn(void *ctx, const struct rec *rec,
	    struct err *e);

/*
 * Read standard input to its end. Returns 0, or -1: it is a terminal
 * (ERR_USAGE), a bad record, a stream that is not complete (ERR_RECORD).
 */
int	warehouse_read(warehouse_record_fn *record, void *ctx, struct err *e)
	    MUST_USE;

/*
 * The workgroups that operands name, or without any (or with "-") those of
 * the records on standard input; all records are passed on. At least one.
 */
int	warehouse_collect(struct warehouses *fleet, char *const *operands,
	    size_t n, struct rec_out *out, struct err *e) MUST_USE;

void	warehouse_release(struct warehouses *fleet);

#endif
