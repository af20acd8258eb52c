/* sample_time.c - times as logs have them, read quickly */
#include <stdbool.h>

#include "cost/sample.h"

enum { MICROS = 1000000, DIGITS_MAX = 15 };

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* n digits at s, or -1. */
static int
digits(const char *s, int n)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if (!is_digit(s[i]))
			return -1;
		value = value * 10 + (s[i] - '0');
	}
	return value;
}

/* Days since 1970 of a date of the Gregorian calendar, or -1. */
static long
days_since_1970(int year, int month, int day)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
	    30, 31 };
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243,
	    273, 304, 334 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	long y = year - 1;

	if (year < 1970 || year > 2999 || month < 1 || month > 12 ||
	    day < 1 || day > lengths[month - 1] + (leap && month == 2))
		return -1;
	return y * 365 + y / 4 - y / 100 + y / 400 - 719162 +
	    before[month - 1] + (leap && month > 2) + day - 1;
}

/* Z, +hh, +hh:mm or nothing; *seconds is east of UTC. */
static int
parse_offset(const char *s, size_t len, int *seconds)
{
	int hours, minutes = 0;

	*seconds = 0;
	if (len == 0 || (len == 1 && (*s == 'Z' || *s == 'z')))
		return 0;
	if ((*s != '+' && *s != '-') || (len != 3 && len != 6) ||
	    (len == 6 && s[3] != ':'))
		return -1;
	hours = digits(s + 1, 2);
	if (len == 6)
		minutes = digits(s + 4, 2);
	if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
		return -1;
	*seconds = (hours * 3600 + minutes * 60) * (*s == '-' ? -1 : 1);
	return 0;
}

/* ".25": micros, rounded up. Returns the bytes it takes, or -1. */
static int
parse_fraction(const char *s, size_t len, int64_t *micros)
{
	int64_t unit = MICROS / 10;
	size_t i = 1;
	bool more = false;

	*micros = 0;
	if (len == 0 || *s != '.')
		return 0;
	for (; i < len && is_digit(s[i]); i++, unit /= 10) {
		*micros += unit * (s[i] - '0');
		more = more || (unit == 0 && s[i] != '0');
	}
	*micros += more;
	return i == 1 || i > DIGITS_MAX ? -1 : (int)i;
}

int
sample_time(const char *s, size_t len, int64_t *micros)
{
	int hour, minute, second, offset, used;
	int64_t fraction, t;
	long days;

	if (len < 19 || s[4] != '-' || s[7] != '-' || s[13] != ':' ||
	    s[16] != ':' || (s[10] != 'T' && s[10] != 't' && s[10] != ' '))
		return -1;
	days = days_since_1970(digits(s, 4), digits(s + 5, 2),
	    digits(s + 8, 2));
	hour = digits(s + 11, 2);
	minute = digits(s + 14, 2);
	second = digits(s + 17, 2);
	used = parse_fraction(s + 19, len - 19, &fraction);
	if (days < 0 || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
	    second < 0 || second > 60 || used == -1 ||
	    parse_offset(s + 19 + used, len - 19 - (size_t)used,
	    &offset) == -1)
		return -1;
	t = (int64_t)days * 86400 + hour * 3600 + minute * 60 + second -
	    offset;
	if (t < 0)
		return -1;
	*micros = t * MICROS + fraction;
	return 0;
}
