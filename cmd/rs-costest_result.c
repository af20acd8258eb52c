/* rs-costest_result.c - one input under one scenario, and two compared */
#include <string.h>

#include "rs-costest.h"

static void
add_active(const struct bill *bill, mpq_t out)
{
	for (size_t i = 0; i < bill->n; i++)
		if (estimate_is_active(&bill->v[i]))
			mpq_add(out, out, bill->v[i].usd);
}

void
result_init(struct result *r, const struct fleet *fleet,
    enum scenario scenario, const struct prices *prices)
{
	struct bill hour;

	r->unpriced = fleet->unpriced;
	bill_init(&r->bill);
	mpq_inits(r->hour_usd, r->active_usd, NULL);
	estimate(fleet->v, fleet->n, scenario, prices, &r->bill);
	meter_bill(&fleet->meter, prices, &r->bill);
	r->bill.unknown += json_object_size(fleet->unpriced);
	add_active(&r->bill, r->active_usd);
	bill_init(&hour);
	estimate(fleet->v, fleet->n, scenario == SCENARIO_LOW ?
	    SCENARIO_LOW_HOUR : SCENARIO_HOUR, prices, &hour);
	add_active(&hour, r->hour_usd);
	r->linear = hour.unknown == 0 && fleet->meter.n == 0;
	for (size_t i = 0; i < fleet->n; i++)
		r->linear = r->linear && !fleet->v[i].refreshed;
	bill_release(&hour);
}

void
result_release(struct result *r)
{
	bill_release(&r->bill);
	mpq_clears(r->hour_usd, r->active_usd, NULL);
}

/*
 * If every workgroup of both sides were active h hours a day, a side would
 * cost fixed + h * hour_usd; where the two lines cross is the break-even.
 */
static void
break_even(struct difference *d)
{
	const struct result *a = d->before, *b = d->after;
	mpq_t fixed, slope;

	mpq_inits(fixed, slope, NULL);
	mpq_sub(fixed, b->bill.usd, b->active_usd);
	mpq_sub(fixed, fixed, a->bill.usd);
	mpq_add(fixed, fixed, a->active_usd);
	mpq_sub(slope, a->hour_usd, b->hour_usd);
	if (mpq_sgn(slope) != 0) {
		mpq_div(d->hours, fixed, slope);
		d->breaks_even = mpq_sgn(d->hours) >= 0 &&
		    mpq_cmp_ui(d->hours, 24, 1) <= 0;
	}
	if (!d->breaks_even && mpq_sgn(fixed) != 0)
		d->cheaper = mpq_sgn(fixed) < 0 ? b->side : a->side;
	else if (!d->breaks_even && mpq_sgn(slope) != 0)
		d->cheaper = mpq_sgn(slope) > 0 ? b->side : a->side;
	mpq_clears(fixed, slope, NULL);
}

void
difference_init(struct difference *d, const struct result *before,
    const struct result *after)
{
	memset(d, 0, sizeof(*d));
	d->before = before;
	d->after = after;
	mpq_inits(d->usd, d->hours, NULL);
	mpq_sub(d->usd, after->bill.usd, before->bill.usd);
	d->unknown = before->bill.unknown + after->bill.unknown;
	d->linear = d->unknown == 0 && before->linear && after->linear;
	if (d->linear)
		break_even(d);
}

void
difference_release(struct difference *d)
{
	mpq_clears(d->usd, d->hours, NULL);
}
