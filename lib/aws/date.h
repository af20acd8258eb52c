/* date.h - times as AWS writes them */
#ifndef AWS_DATE_H
#define AWS_DATE_H

#include <jansson.h>
#include <time.h>

#include "base/attr.h"

/*
 * A member of an answer: seconds since 1970 as a number (a fraction is
 * dropped), or RFC 3339 as a string. Returns 0, or -1 for anything else.
 */
int	date_json(const json_t *value, time_t *out) MUST_USE;

/* The Date header: "Sat, 21 Nov 2026 03:44:00 GMT". Returns 0 or -1. */
int	date_http(const char *s, time_t *out) MUST_USE;

#endif
