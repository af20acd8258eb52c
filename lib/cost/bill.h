/*
 * bill.h - what something costs, line by line, and the total
 *
 * A line whose quantity or price nobody knows has no amount; it is counted
 * as unknown and adds nothing, so a total with unknown lines is a lower
 * bound and is to be shown as such.
 */
#ifndef COST_BILL_H
#define COST_BILL_H

#include <gmp.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "cost/item.h"
#include "cost/price.h"

/* What is to be charged. All is borrowed; NULL where it does not apply. */
struct charge {
	const char *item;
	const char *name;	/* of the workgroup or the resource */
	const char *region;
	const char *month;	/* "2026-03" of measured use */
	json_t *tags;
	const mpq_t *quantity;	/* NULL: not known, `why` says so */
	const char *formula;	/* how the quantity came about */
	const char *why;	/* a remark, or why nothing is known */
};

struct line {
	char *item, *name, *region, *month, *formula, *why;
	json_t *tags;
	const struct item *kind;
	const struct price *price;	/* borrowed; NULL: not known */
	bool counted;			/* the quantity is known */
	bool known;			/* and so is the amount */
	mpq_t quantity, usd;
};

struct bill {
	struct line *v;
	size_t n, cap;
	size_t unknown;
	mpq_t usd;		/* the sum of what is known */
};

void	bill_init(struct bill *bill);

/*
 * Add a line. prices has to stay as it is for the life of the bill. Returns
 * the line, borrowed until the next call.
 */
const struct line *bill_add(struct bill *bill, const struct prices *prices,
	    const struct charge *charge);

/* Drop the lines; accepts zeroed and released ones. */
void	bill_release(struct bill *bill);

/* A sum over some of the lines. */
struct subtotal {
	char *by;		/* "name", "month", or "tag:" and a key */
	char *name;		/* its value */
	char *month;		/* NULL unless the use was measured */
	size_t unknown;
	mpq_t usd;
};

struct subtotals {
	struct subtotal *v;
	size_t n, cap;
};

/*
 * Sum up by name, by each tag and, where there are months, by month; sorted.
 * Each line counts once in each of them.
 */
void	bill_subtotals(const struct bill *bill, struct subtotals *out);
void	subtotals_release(struct subtotals *s);

#endif
