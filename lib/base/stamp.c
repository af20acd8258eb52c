/* stamp.c - wall-clock times as RFC 3339 in UTC, the form of every record */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/stamp.h"

void
stamp_format(time_t t, char out[STAMP_SIZE])
{
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, STAMP_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

void
stamp_now(char out[STAMP_SIZE])
{
	stamp_format(time(NULL), out);
}

/* True when s starts as the pattern says: d stands for a digit. */
static int
matches(const char *s, const char *pattern)
{
	for (; *pattern != '\0'; s++, pattern++)
		if (*pattern == 'd' ? !isdigit((unsigned char)*s) :
		    *s != *pattern)
			return 0;
	return 1;
}

/* The offset after the time, in seconds east of UTC. */
static int
parse_offset(const char *s, long *offset)
{
	int hours, minutes;

	if ((*s == 'Z' || *s == 'z') && s[1] == '\0') {
		*offset = 0;
		return 0;
	}
	if ((*s != '+' && *s != '-') || !matches(s + 1, "dd:dd") ||
	    s[6] != '\0')
		return -1;
	hours = atoi(s + 1);
	minutes = atoi(s + 4);
	if (hours > 23 || minutes > 59)
		return -1;
	*offset = (hours * 3600L + minutes * 60L) * (*s == '-' ? -1 : 1);
	return 0;
}

int
stamp_parse(const char *s, time_t *out)
{
	struct tm tm = { 0 }, check;
	time_t t;
	long offset;

	if (!matches(s, "dddd-dd-dd") || !strchr("Tt ", s[10]) ||
	    s[10] == '\0' || !matches(s + 11, "dd:dd:dd"))
		return -1;
	tm.tm_year = atoi(s) - 1900;
	tm.tm_mon = atoi(s + 5) - 1;
	tm.tm_mday = atoi(s + 8);
	tm.tm_hour = atoi(s + 11);
	tm.tm_min = atoi(s + 14);
	tm.tm_sec = atoi(s + 17);
	if (tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60)
		return -1;
	check = tm;
	check.tm_sec = 0;
	t = timegm(&check) + tm.tm_sec;
	if (check.tm_mon != tm.tm_mon || check.tm_mday != tm.tm_mday)
		return -1;	/* 30 February and its kind */
	s += 19;
	if (*s == '.') {
		if (!isdigit((unsigned char)*++s))
			return -1;
		while (isdigit((unsigned char)*s))
			s++;
	}
	if (parse_offset(s, &offset) == -1)
		return -1;
	*out = t - offset;
	return 0;
}
