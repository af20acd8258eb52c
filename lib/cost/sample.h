/*
 * sample.h - one line of measured use, read quickly
 *
 * A year of minutes is millions of lines. sample_scan() reads the plain ones
 * in place: a flat object whose members it knows, no escapes, ASCII, numbers
 * of up to 15 digits. It takes no line that jansson would refuse and reads
 * none differently; every other line is left to jansson and
 * sample_from_json(). The tests hold the two against each other.
 */
#ifndef COST_SAMPLE_H
#define COST_SAMPLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

/* Text that is borrowed and not ended by NUL; s is NULL when absent. */
struct span {
	const char *s;
	size_t len;
};

struct sample {
	struct span workgroup, region;
	struct span source;	/* who ran it, where the log says */
	struct span charged;	/* RPU-seconds as charged: a decimal */
	struct span computed;	/* RPU-seconds without minimum charges */
	struct span rpu;	/* capacity, of a line of a query log */
	int64_t start, end;	/* microseconds since 1970 UTC; -1: absent */
};

/* Returns true when it could read the line; it is a "usage" or "row". */
bool	sample_scan(struct sample *s, const char *text, size_t len);

/*
 * The same from an object. Numbers are written to numbers, which lives as
 * long as s is used. Returns 0, or -1: where names the line in the message.
 */
struct sample_numbers {
	char charged[32], computed[32], rpu[32];
};
int	sample_from_json(struct sample *s, const json_t *object,
	    struct sample_numbers *numbers, const char *where, struct err *e)
	    MUST_USE;

/*
 * A time as RFC 3339 or as Redshift prints it ("2026-11-01 00:00:00", UTC
 * when no offset is given), 1970 to 2999. Returns 0 or -1.
 */
int	sample_time(const char *s, size_t len, int64_t *micros) MUST_USE;

#endif
