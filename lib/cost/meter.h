/*
 * meter.h - measured use, summed up as it is read
 *
 * Three kinds of lines, told apart by what they carry; a workgroup has lines
 * of one kind:
 *
 *	charged_seconds	 RPU-seconds that AWS charged (SYS_SERVERLESS_USAGE);
 *			 minimum charges are in them
 *	compute_seconds	 RPU-seconds used (CloudWatch ComputeSeconds); they
 *			 carry no minimum charges, so the bill is a lower bound
 *	end		 a query log: billed by the second from start to end,
 *			 at least 60 seconds, shared seconds once
 *
 * Sums are kept by calendar month in UTC, as AWS bills. Memory grows with
 * workgroups, months and (query logs) days, never with lines.
 */
#ifndef COST_METER_H
#define COST_METER_H

#include <gmp.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "cost/bill.h"
#include "cost/sample.h"
#include "cost/seconds.h"

enum meter_kind { METER_NONE, METER_CHARGED, METER_COMPUTED, METER_LOG };

/* Millionths of an RPU-second in a month, and what did not fit those. */
struct month {
	int number;		/* year * 12 + month - 1 */
	uint64_t micros;
	mpq_t more;
};

/* Activities of one source in a query log. */
struct talker {
	char *name;
	uint64_t n;
	int64_t first, last;	/* start times, in microseconds */
	uint64_t busy;		/* microseconds, overlaps counted twice */
};

struct metered {
	char *name, *region;
	enum meter_kind kind;
	long rpu;		/* of a query log; 0: not known */
	struct month *months;
	size_t n, cap;
	long day;		/* looked up last, and the month it is in */
	size_t day_month;
	struct seconds paid;	/* every second that is billed */
	struct seconds work;	/* the part that is not of short activities */
	struct talker *talkers;
	size_t ntalkers, talkers_cap;
};

struct meter {
	struct metered *v;
	size_t n, cap;
	size_t *slots;		/* hash table: index in v plus 1, 0 empty */
	size_t nslots;
	size_t last;		/* the one found last */
};

/* The month of a day (days since 1970 UTC), made when it is new. */
struct month *meter_month(struct metered *w, long day);

/* Does a usage or row record carry measured use? */
bool	meter_is_measured(const json_t *object);

/* Add a line that sample_scan() can read; false: it was left alone. */
bool	meter_scan(struct meter *m, const char *text, size_t len);

/* Add a record. Returns 0, or -1 with ERR_RECORD; where names the line. */
int	meter_take(struct meter *m, const json_t *object, const char *where,
	    struct err *e) MUST_USE;

/* Is there measured use of this workgroup? */
bool	meter_has(const struct meter *m, const char *name);

/*
 * Everything is read: take what is missing (region, base_rpu) from the facts
 * known of each workgroup, then from the defaults.
 */
int	meter_close(struct meter *m, const json_t *facts,
	    const json_t *defaults, struct err *e) MUST_USE;

/* A line for each workgroup and month, in the order of their names. */
void	meter_bill(const struct meter *m, const struct prices *prices,
	    struct bill *bill);

/* How many different months there are in all. */
size_t	meter_months(const struct meter *m);

/*
 * Short activities (under a second) that kept a workgroup awake: the RPU-h
 * that would not have been billed without them, and the source that repeats
 * them most evenly, or NULL. Returns false when they cost less than a tenth
 * of what was billed. The strings are borrowed.
 */
struct keepalive {
	const char *source;
	long every_s;		/* seconds between two of them; 0: irregular */
	uint64_t n;
	mpq_t quantity;		/* initialised by the caller */
};
bool	meter_keepalive(const struct metered *w, struct keepalive *out);

void	meter_release(struct meter *m);

#endif
