/* bill.c - what something costs, line by line, and the total */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cost/bill.h"

void
bill_init(struct bill *bill)
{
	memset(bill, 0, sizeof(*bill));
	mpq_init(bill->usd);
}

static void
line_release(struct line *line)
{
	free(line->item);
	free(line->name);
	free(line->region);
	free(line->month);
	free(line->formula);
	free(line->why);
	json_decref(line->tags);
	mpq_clears(line->quantity, line->usd, NULL);
}

void
bill_release(struct bill *bill)
{
	for (size_t i = 0; i < bill->n; i++)
		line_release(&bill->v[i]);
	free(bill->v);
	if (mpq_denref(bill->usd)->_mp_d != NULL)
		mpq_clear(bill->usd);
	memset(bill, 0, sizeof(*bill));
}

/* Reserved hours that are used cost what on-demand hours would have. */
static const char *
priced_as(const char *item)
{
	return strcmp(item, ITEM_COVERED) == 0 ? ITEM_COMPUTE : item;
}

static void
apply_price(struct line *line, const char *quantity_formula)
{
	char *rate = price_apply(line->price, line->quantity, line->usd);

	free(line->formula);
	line->formula = xasprintf("%s x %s", quantity_formula, rate);
	line->known = true;
	free(rate);
}

static void
explain_unknown(struct line *line)
{
	if (line->why == NULL)
		line->why = xasprintf("no price for %s in %s is known",
		    line->item, line->region);
}

const struct line *
bill_add(struct bill *bill, const struct prices *prices,
    const struct charge *charge)
{
	struct line *line;

	bill->v = xgrow(bill->v, bill->n, &bill->cap, sizeof(*bill->v));
	line = &bill->v[bill->n++];
	memset(line, 0, sizeof(*line));
	mpq_inits(line->quantity, line->usd, NULL);
	line->item = xstrdup(charge->item);
	line->name = xstrdup(charge->name);
	line->region = xstrdup(charge->region);
	line->month = xstrdup(charge->month);
	line->formula = xstrdup(charge->formula);
	line->why = xstrdup(charge->why);
	line->tags = json_incref(charge->tags);
	line->kind = item_find(charge->item);
	line->price = prices_find(prices, charge->region,
	    priced_as(charge->item));
	line->counted = charge->quantity != NULL;
	if (line->counted)
		mpq_set(line->quantity, *charge->quantity);
	if (line->counted && mpq_sgn(line->quantity) == 0)
		line->known = true;	/* none of it is free at any price */
	else if (line->counted && line->price != NULL)
		apply_price(line, charge->formula);
	else
		explain_unknown(line);
	bill->unknown += !line->known;
	mpq_add(bill->usd, bill->usd, line->usd);
	return line;
}

/* by is copied with prefix in front; month may be NULL. */
static void
push(struct subtotals *out, const char *prefix, const char *by,
    const char *name, const char *month, const struct line *line)
{
	struct subtotal *s;

	out->v = xgrow(out->v, out->n, &out->cap, sizeof(*out->v));
	s = &out->v[out->n++];
	mpq_init(s->usd);
	mpq_set(s->usd, line->usd);
	s->by = xasprintf("%s%s", prefix, by);
	s->name = xstrdup(name);
	s->month = xstrdup(month);
	s->unknown = !line->known;
}

static void
subtotal_release(struct subtotal *s)
{
	free(s->by);
	free(s->name);
	free(s->month);
	mpq_clear(s->usd);
}

static int
compare(const void *va, const void *vb)
{
	const struct subtotal *a = va, *b = vb;
	int c = strcmp(a->by, b->by);

	if (c == 0)
		c = strcmp(a->name, b->name);
	if (c == 0 && a->month != NULL && b->month != NULL)
		c = strcmp(a->month, b->month);
	return c != 0 ? c : (a->month != NULL) - (b->month != NULL);
}

/* Neighbours of one kind become one. */
static void
merge(struct subtotals *out)
{
	size_t kept = 0;

	for (size_t i = 0; i < out->n; i++) {
		struct subtotal *s = &out->v[i], *last = &out->v[kept - 1];

		if (kept == 0 || compare(last, s) != 0) {
			out->v[kept++] = *s;
			continue;
		}
		mpq_add(last->usd, last->usd, s->usd);
		last->unknown += s->unknown;
		subtotal_release(s);
	}
	out->n = kept;
}

void
bill_subtotals(const struct bill *bill, struct subtotals *out)
{
	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < bill->n; i++) {
		const struct line *line = &bill->v[i];
		const char *key;
		json_t *value;

		if (line->name != NULL)
			push(out, "", "name", line->name, line->month, line);
		if (line->month != NULL)
			push(out, "", "month", line->month, NULL, line);
		json_object_foreach(line->tags, key, value)
			push(out, "tag:", key, json_string_value(value),
			    line->month, line);
	}
	if (out->n > 0)
		qsort(out->v, out->n, sizeof(*out->v), compare);
	merge(out);
}

void
subtotals_release(struct subtotals *s)
{
	for (size_t i = 0; i < s->n; i++)
		subtotal_release(&s->v[i]);
	free(s->v);
	memset(s, 0, sizeof(*s));
}
