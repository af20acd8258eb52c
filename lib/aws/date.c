/* date.c - times as AWS writes them */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "aws/date.h"
#include "base/stamp.h"

static const double LATEST = 253402300800.0;	/* the year 10000 */

int
date_json(const json_t *value, time_t *out)
{
	double t;

	if (json_is_string(value))
		return stamp_parse(json_string_value(value), out);
	if (!json_is_number(value))
		return -1;
	t = floor(json_number_value(value));
	if (!(t > -LATEST && t < LATEST))
		return -1;
	*out = (time_t)t;
	return 0;
}

int
date_http(const char *s, time_t *out)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char month[4], stamp[STAMP_SIZE];
	const char *found;
	int day, year, hour, minute, second, end = 0;

	if (sscanf(s, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n",
	    &day, month, &year, &hour, &minute, &second, &end) != 6 ||
	    end == 0 || s[end] != '\0')
		return -1;
	found = strstr(months, month);
	if (found == NULL || strlen(month) != 3 || (found - months) % 3 != 0)
		return -1;
	snprintf(stamp, sizeof(stamp), "%04d-%02d-%02dT%02d:%02d:%02dZ", year,
	    (int)(found - months) / 3 + 1, day, hour, minute, second);
	return stamp_parse(stamp, out);
}
