/* The set of seconds, against one bit a second in an array. */
#include <stdlib.h>

#include "cost/seconds.h"
#include "tap.h"

enum { DAYS = 6 };

static unsigned long state = 42;

static long
next(long below)
{
	state = state * 6364136223846793005UL + 1442695040888963407UL;
	return (long)((state >> 33) % (unsigned long)below);
}

/* Add spans in random order; the same days must come out. */
static void
compare(int round)
{
	static char plain[DAYS * SECONDS_DAY];
	struct seconds s = { 0 };
	long first = 20000 + next(1000), wrong = 0;

	memset(plain, 0, sizeof(plain));
	for (int i = 0; i < 40; i++) {
		long from = next(DAYS * SECONDS_DAY);
		long len = next(3) == 0 ? next(2 * SECONDS_DAY) : next(130);

		if (from + len > DAYS * SECONDS_DAY)
			len = DAYS * SECONDS_DAY - from;
		memset(plain + from, 1, (size_t)len);
		wrong += seconds_add(&s, (int64_t)first * SECONDS_DAY + from,
		    (int64_t)first * SECONDS_DAY + from + len) != 0;
	}
	for (long day = 0; day < DAYS; day++) {
		unsigned long n = 0;

		for (long i = 0; i < SECONDS_DAY; i++)
			n += plain[day * SECONDS_DAY + i] != 0;
		wrong += n != seconds_on(&s, first + day);
	}
	ok(wrong == 0, "round %d", round);
	seconds_release(&s);
}

int
main(void)
{
	struct seconds s = { 0 };

	for (int i = 0; i < 50; i++)
		compare(i);
	ok(seconds_on(&s, 0) == 0, "an empty set has no days");
	ok(seconds_add(&s, 5, 5) == 0 && s.n == 0, "nothing adds nothing");
	ok(seconds_add(&s, 0, 1) == 0 && seconds_on(&s, 0) == 1,
	    "the first second there is");
	ok(seconds_on(&s, -1) == 0 && seconds_on(&s, 1) == 0,
	    "no seconds on the days beside it");
	ok(seconds_add(&s, (int64_t)(SECONDS_DAYS_MAX - 1) * SECONDS_DAY,
	    (int64_t)SECONDS_DAYS_MAX * SECONDS_DAY) == 0,
	    "the last day that fits");
	ok(seconds_add(&s, (int64_t)SECONDS_DAYS_MAX * SECONDS_DAY,
	    (int64_t)SECONDS_DAYS_MAX * SECONDS_DAY + 1) == -1,
	    "one day more does not");
	ok(seconds_on(&s, SECONDS_DAYS_MAX - 1) == SECONDS_DAY,
	    "a refusal changes nothing");
	seconds_release(&s);
	return done();
}
