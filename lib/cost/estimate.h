/*
 * estimate.h - what plans cost in a month
 *
 * A workgroup is billed for RPU-hours while it works, at least 60 seconds
 * each time it wakes (Management Guide, "Billing for on-demand compute
 * capacity"). How much it works is the plan's; the scenarios say how the
 * plan is read:
 *
 *	low	 base capacity, queries back to back
 *	expected average capacity, queries evenly spread, each paid for at
 *		 least 60 seconds
 *	max	 the ceiling, all day, the whole month
 */
#ifndef COST_ESTIMATE_H
#define COST_ESTIMATE_H

#include <stddef.h>

#include "cost/bill.h"
#include "cost/usage.h"

enum scenario {
	SCENARIO_LOW,
	SCENARIO_EXPECTED,
	SCENARIO_MAX,
	SCENARIO_HOUR,		/* each workgroup active one hour a day */
	SCENARIO_LOW_HOUR	/* the same at base capacity */
};

/*
 * Add the lines of n plans to bill. Reserved RPUs of a region are charged
 * all day and cover what runs at the same time; the workgroups' active
 * hours are taken to coincide, which covers the least.
 */
void	estimate(const struct usage *plans, size_t n, enum scenario scenario,
	    const struct prices *prices, struct bill *bill);

/* Is this a line whose amount grows with the hours of a workgroup? */
bool	estimate_is_active(const struct line *line);

#endif
