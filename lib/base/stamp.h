/* stamp.h - wall-clock times as RFC 3339 in UTC, the form of every record */
#ifndef BASE_STAMP_H
#define BASE_STAMP_H

#include <stddef.h>
#include <time.h>

#include "base/attr.h"

enum { STAMP_SIZE = 32 };

/* "2026-11-21T03:24:00Z", with NUL. Times are seconds since 1970 UTC. */
void	stamp_format(time_t t, char out[STAMP_SIZE]);
void	stamp_now(char out[STAMP_SIZE]);

/*
 * Read an RFC 3339 time with Z or a numeric offset; a fraction of a second
 * is accepted and dropped. Returns 0, or -1 when s is anything else.
 */
int	stamp_parse(const char *s, time_t *out) MUST_USE;

#endif
