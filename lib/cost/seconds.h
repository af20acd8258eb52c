/*
 * seconds.h - a set of seconds
 *
 * Serverless compute is billed by the second, and a second that two queries
 * share is billed once. A day that has any is 86,400 bits, so memory grows
 * with the days of a log and not with its lines, in whatever order they are.
 */
#ifndef COST_SECONDS_H
#define COST_SECONDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

enum { SECONDS_DAY = 86400, SECONDS_DAYS_MAX = 4000 };

struct seconds {
	uint64_t **days;	/* days[i] is day first + i; NULL: none in it */
	long first;		/* days since 1970 UTC */
	size_t n;
};

/*
 * Add from <= t < to, in seconds since 1970 UTC, from >= 0. Returns 0, or -1
 * when the set would span more than SECONDS_DAYS_MAX days.
 */
int	seconds_add(struct seconds *s, int64_t from, int64_t to) MUST_USE;

/* How many there are on a day. */
unsigned long seconds_on(const struct seconds *s, long day);

void	seconds_release(struct seconds *s);

#endif
