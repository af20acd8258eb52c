/* test_stamp.c - RFC 3339 there and back */
#include <stdlib.h>

#include "base/stamp.h"
#include "tap.h"

static const struct {
	const char *text;
	long long seconds;
} good[] = {
	{ "1970-01-01T00:00:00Z", 0 },
	{ "1969-12-31T23:59:59Z", -1 },
	{ "2026-11-21T03:24:00Z", 1795231440 },
	{ "2026-11-21t03:24:00z", 1795231440 },
	{ "2026-11-21 03:24:00Z", 1795231440 },
	{ "2026-11-21T03:24:00.999999999Z", 1795231440 },
	{ "2026-11-21T03:24:00+00:00", 1795231440 },
	{ "2026-11-21T05:24:00+02:00", 1795231440 },
	{ "2026-11-20T21:54:00-05:30", 1795231440 },
	{ "2024-02-29T00:00:00Z", 1709164800 },
	{ "2000-02-29T00:00:00Z", 951782400 },
	{ "2016-12-31T23:59:60Z", 1483228800 },	/* a leap second */
	{ "2038-01-19T03:14:08Z", 2147483648 },
	{ "9999-12-31T23:59:59Z", 253402300799 },
	{ "0001-01-01T00:00:00Z", -62135596800 }
};

static const char *const bad[] = {
	"", "now", "2026", "2026-11-21", "2026-11-21T03:24Z",
	"2026-11-21T03:24:00", "2026-11-21T03:24:00 Z",
	"2026-11-21T03:24:00Zulu", "2026-11-21T03:24:00.Z",
	"2026-11-21T03:24:00+0200", "2026-11-21T03:24:00+24:00",
	"2026-11-21T03:24:00+02:60", "2026-11-21T03:24:00+02:00x",
	"2026-02-30T00:00:00Z", "2025-02-29T00:00:00Z",
	"1900-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
	"2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z",
	"2026-01-32T00:00:00Z", "2026-11-21T24:00:00Z",
	"2026-11-21T23:60:00Z", "2026-11-21T23:59:61Z",
	"26-11-21T03:24:00Z", " 2026-11-21T03:24:00Z", "2026-11-21T",
	"+026-11-21T03:24:00Z", "2026-11-21T03:24:-1Z"
};

int
main(void)
{
	char text[STAMP_SIZE];
	time_t t;

	/* The zone of the user is of no importance. */
	setenv("TZ", "America/New_York", 1);
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		t = 12345;
		if (ok(stamp_parse(good[i].text, &t) == 0, "'%s' is a time",
		    good[i].text))
			is_int(t, good[i].seconds, good[i].text);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		t = 12345;
		ok(stamp_parse(bad[i], &t) == -1 && t == 12345,
		    "'%s' is none, and nothing is written", bad[i]);
	}
	stamp_format(1795231440, text);
	is_str(text, "2026-11-21T03:24:00Z", "a time is written in UTC");
	stamp_format(253402300799, text);
	is_str(text, "9999-12-31T23:59:59Z", "the last with four digits too");
	stamp_now(text);
	ok(stamp_parse(text, &t) == 0 && t > 1700000000, "now can be read");
	return done();
}
