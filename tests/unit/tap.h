/*
 * tap.h - what a unit test needs: say ok or not ok, in TAP
 *
 * A test is one plain C program that links the archives:
 *
 *	int
 *	main(void)
 *	{
 *		ok(1 + 1 == 2, "numbers add up");
 *		is_str(name, "etl", "the name is kept");
 *		return done();
 *	}
 *
 * Each check prints one line and goes on after a failure; each returns true
 * when it held, so a test can stop where going on makes no sense.
 */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_run, tap_failed;

__attribute__((unused, format(printf, 2, 3))) static bool
ok(bool held, const char *fmt, ...)
{
	va_list ap;

	printf("%sok %d - ", held ? "" : "not ", ++tap_run);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
	tap_failed += !held;
	return held;
}

/* Strings; NULL equals only NULL. */
__attribute__((unused)) static bool
is_str(const char *got, const char *wanted, const char *what)
{
	bool same = got == wanted ||
	    (got != NULL && wanted != NULL && strcmp(got, wanted) == 0);

	if (!ok(same, "%s", what)) {
		printf("#    got: %s%s%s\n", got ? "'" : "", got ? got :
		    "NULL", got ? "'" : "");
		printf("# wanted: %s%s%s\n", wanted ? "'" : "", wanted ?
		    wanted : "NULL", wanted ? "'" : "");
	}
	return same;
}

__attribute__((unused)) static bool
is_int(long long got, long long wanted, const char *what)
{
	if (!ok(got == wanted, "%s", what))
		printf("#    got: %lld\n# wanted: %lld\n", got, wanted);
	return got == wanted;
}

/* Bytes, which may hold NUL. */
__attribute__((unused)) static bool
is_mem(const void *got, size_t got_len, const void *wanted,
    size_t wanted_len, const char *what)
{
	bool same = got_len == wanted_len &&
	    memcmp(got, wanted, wanted_len) == 0;

	if (!ok(same, "%s", what))
		printf("#    got: %zu bytes\n# wanted: %zu bytes\n", got_len,
		    wanted_len);
	return same;
}

/* The end of main: the plan, and the status of the program. */
static int
done(void)
{
	printf("1..%d\n", tap_run);
	return tap_failed == 0 ? 0 : 1;
}

#endif
