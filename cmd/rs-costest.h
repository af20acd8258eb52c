/*
 * rs-costest.h - the parts of rs-costest: results, and two ways to show them
 */
#ifndef CMD_RS_COSTEST_H
#define CMD_RS_COSTEST_H

#include "aws/aws.h"
#include "base/opt.h"
#include "cost/bill.h"
#include "cost/estimate.h"
#include "cost/fleet.h"
#include "record/rec.h"

enum { SIDES = 2, SCENARIOS = 3 };

struct opts {
	struct aws_opts aws;
	const char *workgroup, *hours, *days, *scenario, *terraform;
	const char *compare, *max_monthly;
	unsigned long rpu, max_rpu;
	struct opt_list set, prices;
	bool allow_unknown, refresh, table;
};

/* One input under one scenario. */
struct result {
	const char *side;	/* "before", "after"; NULL: the only one */
	const char *scenario;
	const json_t *unpriced;	/* borrowed: Terraform types, a set */
	struct bill bill;
	mpq_t hour_usd;		/* for each active hour a day, a month */
	mpq_t active_usd;	/* the part that depends on active hours */
	bool linear;		/* hour_usd is known, and all there is */
};

/* Two results under one scenario, set against each other. */
struct difference {
	const struct result *before, *after;
	size_t unknown;		/* amounts on both sides */
	bool linear;		/* a break-even can be told */
	mpq_t usd;		/* after minus before */
	mpq_t hours;		/* a day, at which both cost the same */
	bool breaks_even;
	const char *cheaper;	/* when they never do: "before", "after" */
};

/* What is priced: one side, or two that are compared. */
struct job {
	const struct opts *o;
	bool wanted[SCENARIOS];
	mpq_t limit;		/* of --max-monthly */
	struct fleet sides[SIDES];
	size_t n;
	struct prices prices;
	struct result results[SIDES][SCENARIOS];
	struct rec_out out;
};

/*
 * Read all input into job->sides. Returns 0, or -1; does not return when an
 * option makes no sense.
 */
int	read_input(struct job *job, char *const *files, size_t n,
	    struct err *e) MUST_USE;

/* prices has to live and stay as it is as long as the result. */
void	result_init(struct result *r, const struct fleet *fleet,
	    enum scenario scenario, const struct prices *prices);
void	result_release(struct result *r);

/* hours and usd are initialised here; difference_release() ends it. */
void	difference_init(struct difference *d, const struct result *before,
	    const struct result *after);
void	difference_release(struct difference *d);

/* Records on standard output. */
void	write_result(struct rec_out *out, const struct result *result);
void	write_difference(struct rec_out *out, const struct difference *d);
void	write_findings(struct rec_out *out, const struct fleet *fleet,
	    const struct prices *prices, const char *side);

/* The same as a table for people, on stdio's stdout. */
void	print_result(const struct result *result);
void	print_difference(const struct difference *d);
void	print_findings(const struct fleet *fleet,
	    const struct prices *prices);

/* Money as records have it: at least 2 decimals, at most 10. */
char	*money(const mpq_t usd);

#endif
