/* estimate.c - what plans cost in a month */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cost/decimal.h"
#include "cost/estimate.h"

/* One stretch of compute: so many RPUs for so many hours of the month. */
struct run {
	const char *region;
	mpq_t rpu, hours;
};

struct work {
	const struct prices *prices;
	enum scenario scenario;
	struct bill *bill;
	struct run *runs;
	size_t n, cap;
};

bool
estimate_is_active(const struct line *line)
{
	return strcmp(line->item, ITEM_COMPUTE) == 0 ||
	    strcmp(line->item, ITEM_COVERED) == 0;
}

static void
clamp(mpq_t q, long max)
{
	if (mpq_cmp_si(q, max, 1) > 0)
		mpq_set_si(q, max, 1);
}

/*
 * The part of an hour that n wakings of s seconds each keep a workgroup
 * billed: spread out, each counts at least 60 seconds; back to back, all of
 * them together do.
 */
static void
awake(mpq_t out, const mpq_t n, const mpq_t s, bool spread)
{
	mpq_t least;

	mpq_init(least);
	mpq_set(least, n);
	if (!spread)
		clamp(least, 1);
	mpz_mul_ui(mpq_numref(least), mpq_numref(least), 60);
	mpq_canonicalize(least);
	mpq_mul(out, n, s);
	if (mpq_cmp(out, least) < 0)
		mpq_set(out, least);
	clamp(out, 3600);
	mpz_mul_ui(mpq_denref(out), mpq_denref(out), 3600);
	mpq_canonicalize(out);
	mpq_clear(least);
}

static char *
show(const mpq_t q)
{
	return decimal_text(q, 0, 10);
}

static void
charge_run(struct work *w, const struct usage *u, const mpq_t rpu,
    const mpq_t hours, const char *formula)
{
	struct run *run;
	mpq_t quantity;
	const struct charge charge = { .item = ITEM_COMPUTE, .name = u->name,
	    .region = u->region, .tags = u->tags,
	    .quantity = (const mpq_t *)&quantity, .formula = formula };

	mpq_init(quantity);
	mpq_mul(quantity, rpu, hours);
	bill_add(w->bill, w->prices, &charge);
	mpq_clear(quantity);
	w->runs = xgrow(w->runs, w->n, &w->cap, sizeof(*w->runs));
	run = &w->runs[w->n++];
	run->region = u->region;
	mpq_inits(run->rpu, run->hours, NULL);
	mpq_set(run->rpu, rpu);
	mpq_set(run->hours, hours);
}

/* The ceiling, all day: what cannot be exceeded. */
static void
charge_max(struct work *w, const struct usage *u)
{
	long rpu = u->max_rpu != 0 ? u->max_rpu : USAGE_CEILING;
	char *formula, *shown;
	mpq_t q, hours;

	mpq_inits(q, hours, NULL);
	mpq_set_si(q, rpu, 1);
	mpq_set_ui(hours, 24, 1);
	mpq_mul(hours, hours, u->days);
	if (mpq_cmp_ui(hours, ITEM_HOURS, 1) < 0)	/* 31 days have more */
		mpq_set_ui(hours, ITEM_HOURS, 1);
	shown = show(hours);
	formula = xasprintf("%ld RPU%s x %s h", rpu,
	    u->max_rpu != 0 ? "" : " (no ceiling is set)", shown);
	charge_run(w, u, q, hours, formula);
	free(shown);
	free(formula);
	mpq_clears(q, hours, NULL);
}

/* "32 RPU x 8 h x 30 d", with the part of an hour where there is one. */
static char *
plan_formula(const struct work *w, const struct usage *u, const mpq_t rpu,
    const mpq_t part)
{
	char *n = show(rpu), *h = show(u->hours), *d = show(u->days);
	char *f = show(u->queries ? part : u->fraction);
	char *q = show(u->per_hour), *s = show(u->query_s), *out;
	bool low = w->scenario == SCENARIO_LOW;

	if (u->queries)
		out = xasprintf("%s RPU x %s h x %s d x %s (%s/h of %s s, "
		    "%s)", n, h, d, f, q, s, low ? "back to back" :
		    "each at least 60 s");
	else if (mpq_cmp_ui(u->fraction, 1, 1) != 0)
		out = xasprintf("%s RPU x %s h x %s d x %s", n, h, d, f);
	else
		out = xasprintf("%s RPU x %s h x %s d", n, h, d);
	free(n);
	free(h);
	free(d);
	free(f);
	free(q);
	free(s);
	return out;
}

/* The hours of the month in which it works; part is of those it may. */
static void
active_hours(const struct usage *u, bool low, mpq_t part, mpq_t hours)
{
	mpq_set(part, u->fraction);
	if (u->queries)
		awake(part, u->per_hour, u->query_s, !low);
	mpq_mul(hours, u->hours, u->days);
	mpq_mul(hours, hours, part);
}

static void
charge_plan(struct work *w, const struct usage *u)
{
	bool low = w->scenario == SCENARIO_LOW ||
	    w->scenario == SCENARIO_LOW_HOUR;
	char *formula;
	mpq_t rpu, part, hours;

	mpq_inits(rpu, part, hours, NULL);
	mpq_set(rpu, u->average_rpu);
	if (low)
		mpq_set_si(rpu, u->base_rpu, 1);
	active_hours(u, low, part, hours);
	formula = plan_formula(w, u, rpu, part);
	charge_run(w, u, rpu, hours, formula);
	free(formula);
	mpq_clears(rpu, part, hours, NULL);
}

/*
 * Zero-ETL has no fee of its own, but each refresh wakes the workgroup: in
 * the hours of the month in which nothing else would. Interval 0 means that
 * it never sleeps.
 */
static void
charge_refresh(struct work *w, const struct usage *u)
{
	char *rest, *awake_part, *formula, *every;
	mpq_t base, part, hours, used;

	mpq_inits(base, part, hours, used, NULL);
	mpq_set_si(base, u->base_rpu, 1);
	active_hours(u, w->scenario == SCENARIO_LOW, part, used);
	mpq_set_ui(hours, ITEM_HOURS, 1);
	mpq_sub(hours, hours, used);
	if (mpq_sgn(hours) < 0)
		mpq_set_ui(hours, 0, 1);
	mpq_set_ui(part, 1, 1);
	if (mpq_sgn(u->refresh_s) > 0) {
		mpq_set_ui(used, 3600, 1);
		mpq_div(used, used, u->refresh_s);
		awake(part, used, u->run_s, true);
	}
	rest = show(hours);
	every = show(u->refresh_s);
	awake_part = show(part);
	mpq_mul(hours, hours, part);
	formula = xasprintf("%ld RPU x %s h x %s (zero-ETL refresh every %s "
	    "s)", u->base_rpu, rest, awake_part, every);
	charge_run(w, u, base, hours, formula);
	free(awake_part);
	free(rest);
	free(every);
	free(formula);
	mpq_clears(base, part, hours, used, NULL);
}

static void
charge_unknown(struct work *w, const struct usage *u, const char *item,
    const char *why)
{
	const struct charge charge = { .item = item, .name = u->name,
	    .region = u->region, .tags = u->tags, .why = why };

	bill_add(w->bill, w->prices, &charge);
}

static void
charge_hour(struct work *w, const struct usage *u)
{
	struct usage hour = *u;	/* shares the numbers that it does not set */

	hour.queries = false;
	mpq_inits(hour.hours, hour.fraction, NULL);
	mpq_set_ui(hour.hours, 1, 1);
	mpq_set_ui(hour.fraction, 1, 1);
	charge_plan(w, &hour);
	mpq_clears(hour.hours, hour.fraction, NULL);
}

static void
charge_compute(struct work *w, const struct usage *u)
{
	if (u->base_rpu == 0 && (w->scenario != SCENARIO_MAX)) {
		charge_unknown(w, u, ITEM_COMPUTE,
		    "the base capacity is not known");
	} else if (w->scenario == SCENARIO_MAX) {
		charge_max(w, u);
	} else if (w->scenario == SCENARIO_HOUR ||
	    w->scenario == SCENARIO_LOW_HOUR) {
		charge_hour(w, u);
	} else if (!u->planned) {
		charge_unknown(w, u, ITEM_COMPUTE, "how many hours it is "
		    "active is not known");
	} else {
		if (!u->refreshed || mpq_sgn(u->hours) != 0)
			charge_plan(w, u);
		if (u->refreshed)
			charge_refresh(w, u);
	}
}

static void
charge_hourly(struct work *w, const struct usage *u, const char *item,
    const mpq_t n)
{
	const struct item *kind = item_find(item);
	char *count = show(n), *formula;
	mpq_t quantity;
	struct charge charge = { .item = item, .name = u->name,
	    .region = u->region, .tags = u->tags,
	    .quantity = (const mpq_t *)&quantity };

	mpq_init(quantity);
	mpq_set_ui(quantity, kind->hourly ? ITEM_HOURS : 1, 1);
	mpq_mul(quantity, quantity, n);
	formula = kind->hourly ? xasprintf("%s x %d h", count, ITEM_HOURS) :
	    xasprintf("%s %s", count, kind->unit);
	charge.formula = formula;
	bill_add(w->bill, w->prices, &charge);
	mpq_clear(quantity);
	free(formula);
	free(count);
}

static void
charge_count(struct work *w, const struct usage *u, const struct count *c)
{
	if (c->why != NULL)
		charge_unknown(w, u, c->item, c->why);
	else
		charge_hourly(w, u, c->item, c->n);
}

static void
charge_reservation(struct work *w, const struct usage *u)
{
	mpq_t n;

	mpq_init(n);
	mpq_set_si(n, u->reserved_rpu, 1);
	charge_hourly(w, u, u->all_upfront ? ITEM_ALL_UPFRONT :
	    ITEM_NO_UPFRONT, n);
	mpq_clear(n);
}

static int
by_hours(const void *a, const void *b)
{
	return mpq_cmp(((const struct run *)a)->hours,
	    ((const struct run *)b)->hours);
}

/*
 * RPU-hours that a reservation covers when all runs of the region begin
 * together: the integral of min(reserved, RPUs at work). runs are sorted by
 * their hours.
 */
static void
covered(const struct work *w, const char *region, long reserved, mpq_t out)
{
	mpq_t at_work, before, span, used;

	mpq_inits(at_work, before, span, used, NULL);
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->runs[i].region, region) == 0)
			mpq_add(at_work, at_work, w->runs[i].rpu);
	for (size_t i = 0; i < w->n; i++) {
		if (strcmp(w->runs[i].region, region) != 0)
			continue;
		mpq_sub(span, w->runs[i].hours, before);
		mpq_set(used, at_work);
		clamp(used, reserved);
		mpq_mul(span, span, used);
		mpq_add(out, out, span);
		mpq_set(before, w->runs[i].hours);
		mpq_sub(at_work, at_work, w->runs[i].rpu);
	}
	mpq_clears(at_work, before, span, used, NULL);
}

static void
charge_covered(struct work *w, const char *region, long reserved)
{
	char *text;
	mpq_t q;
	struct charge charge = { .item = ITEM_COVERED, .name = "(reserved)",
	    .region = region, .quantity = (const mpq_t *)&q };

	mpq_init(q);
	covered(w, region, reserved, q);
	mpq_neg(q, q);
	text = show(q);
	charge.formula = text;
	bill_add(w->bill, w->prices, &charge);
	free(text);
	mpq_clear(q);
}

/* Each region's reservations cover its runs, once. */
static void
charge_all_covered(struct work *w, const struct usage *plans, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		long reserved = 0;
		size_t first = n;

		for (size_t j = 0; plans[i].reserved_rpu != 0 && j < n; j++) {
			if (plans[j].reserved_rpu == 0 ||
			    strcmp(plans[i].region, plans[j].region) != 0)
				continue;
			first = first == n ? j : first;
			reserved += plans[j].reserved_rpu;
		}
		if (first == i)
			charge_covered(w, plans[i].region, reserved);
	}
}

void
estimate(const struct usage *plans, size_t n, enum scenario scenario,
    const struct prices *prices, struct bill *bill)
{
	struct work w = { prices, scenario, bill, NULL, 0, 0 };

	for (size_t i = 0; i < n; i++) {
		const struct usage *u = &plans[i];

		if (u->serverless)
			charge_compute(&w, u);
		if (u->reserved_rpu != 0)
			charge_reservation(&w, u);
		for (size_t j = 0; j < u->n; j++)
			charge_count(&w, u, &u->counts[j]);
	}
	if (w.n > 0)
		qsort(w.runs, w.n, sizeof(*w.runs), by_hours);
	charge_all_covered(&w, plans, n);
	for (size_t i = 0; i < w.n; i++)
		mpq_clears(w.runs[i].rpu, w.runs[i].hours, NULL);
	free(w.runs);
}
