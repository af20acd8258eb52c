/*
 * item.h - the things a bill can have on it
 *
 * One table: the name in "cost" records and in share/pricing, the unit its
 * price is for, the member of a "usage" record that counts it, and whether
 * it costs by the hour it exists. AWS bills a month of 730 hours for what is
 * always there.
 */
#ifndef COST_ITEM_H
#define COST_ITEM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

enum { ITEM_HOURS = 730 };

struct item {
	const char *name;
	const char *unit;	/* "RPU-h"; of hourly items "thing-h" */
	const char *member;	/* of a usage record, or NULL */
	bool hourly;		/* a count, times ITEM_HOURS */
};

/*
 * The row for a name. "redshift-node:ra3.xlplus" finds "redshift-node":
 * what follows the colon is a type that only the prices know. NULL when
 * there is none.
 */
const struct item *item_find(const char *name);

/* All rows; *n is their number. */
const struct item *item_all(size_t *n);

/* The items that are spoken of by name elsewhere. */
#define ITEM_COMPUTE "serverless-compute"
#define ITEM_COVERED "serverless-covered"
#define ITEM_NO_UPFRONT "serverless-reservation-no-upfront"
#define ITEM_ALL_UPFRONT "serverless-reservation-all-upfront"
#define ITEM_NODE "redshift-node"
#define ITEM_BROKER "msk-broker"

#endif
