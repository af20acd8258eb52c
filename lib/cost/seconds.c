/* seconds.c - a set of seconds */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cost/seconds.h"

enum { WORDS = SECONDS_DAY / 64 };

/* Make room for the days from..to, both included. */
static int
extend(struct seconds *s, long from, long to)
{
	long last = s->first + (long)s->n - 1;
	size_t n;
	uint64_t **days;

	if (s->n > 0 && from >= s->first && to <= last)
		return 0;
	if (s->n > 0 && from > s->first)
		from = s->first;
	if (s->n > 0 && to < last)
		to = last;
	n = (size_t)(to - from + 1);
	if (n > SECONDS_DAYS_MAX)
		return -1;
	days = xcalloc(n, sizeof(*days));
	if (s->n > 0)
		memcpy(days + (s->first - from), s->days,
		    s->n * sizeof(*days));
	free(s->days);
	s->days = days;
	s->first = from;
	s->n = n;
	return 0;
}

/* Set the bits from..to - 1 of a day. */
static void
fill(uint64_t *day, unsigned from, unsigned to)
{
	unsigned word = from / 64, last = (to - 1) / 64;
	uint64_t head = ~UINT64_C(0) << from % 64;
	uint64_t tail = ~UINT64_C(0) >> (63 - (to - 1) % 64);

	if (word == last) {
		day[word] |= head & tail;
		return;
	}
	day[word++] |= head;
	while (word < last)
		day[word++] = ~UINT64_C(0);
	day[last] |= tail;
}

int
seconds_add(struct seconds *s, int64_t from, int64_t to)
{
	long day = (long)(from / SECONDS_DAY);
	long last = (long)((to - 1) / SECONDS_DAY);

	if (from >= to)
		return 0;
	if (extend(s, day, last) == -1)
		return -1;
	for (; day <= last; day++) {
		int64_t midnight = (int64_t)day * SECONDS_DAY;
		uint64_t **at = &s->days[day - s->first];

		if (*at == NULL)
			*at = xcalloc(WORDS, sizeof(**at));
		fill(*at, from > midnight ? (unsigned)(from - midnight) : 0,
		    to < midnight + SECONDS_DAY ? (unsigned)(to - midnight) :
		    SECONDS_DAY);
	}
	return 0;
}

unsigned long
seconds_on(const struct seconds *s, long day)
{
	unsigned long n = 0;

	if (day < s->first || day >= s->first + (long)s->n ||
	    s->days[day - s->first] == NULL)
		return 0;
	for (size_t i = 0; i < WORDS; i++)
		n += (unsigned long)__builtin_popcountll(
		    s->days[day - s->first][i]);
	return n;
}

void
seconds_release(struct seconds *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->days[i]);
	free(s->days);
	memset(s, 0, sizeof(*s));
}
