/* rs-costest_write.c - results as records */
#include <stdlib.h>
#include <string.h>

#include "cost/decimal.h"
#include "rs-costest.h"

char *
money(const mpq_t usd)
{
	return decimal_text(usd, 2, 10);
}

/* Takes text. */
static void
set_text(json_t *object, const char *member, char *text)
{
	json_object_set_new(object, member, json_string(text));
	free(text);
}

static void
set_optional(json_t *object, const char *member, const char *text)
{
	if (text != NULL)
		json_object_set_new(object, member, json_string(text));
}

static json_t *
new_record(const struct result *result, const char *item)
{
	json_t *record = json_pack("{s:s, s:s}", "kind", "cost", "item", item);

	set_optional(record, "side", result->side);
	json_object_set_new(record, "scenario",
	    json_string(result->scenario));
	return record;
}

/* What a unit costs; on average, when there are tiers. */
static void
set_rate(json_t *record, const struct line *line)
{
	mpq_t rate;

	if (line->price == NULL || (line->price->n > 1 &&
	    (!line->known || mpq_sgn(line->quantity) == 0))) {
		json_object_set_new(record, "rate_usd", json_null());
		return;
	}
	mpq_init(rate);
	if (line->price->n == 1)
		mpq_set(rate, line->price->tiers[0].usd);
	else
		mpq_div(rate, line->usd, line->quantity);
	set_text(record, "rate_usd", decimal_text(rate, 0, 12));
	mpq_clear(rate);
}

static void
write_line(struct rec_out *out, const struct result *result,
    const struct line *line)
{
	json_t *record = new_record(result, line->item);

	set_optional(record, "name", line->name);
	set_optional(record, "region", line->region);
	set_optional(record, "month", line->month);
	if (line->counted)
		set_text(record, "quantity",
		    decimal_text(line->quantity, 0, 10));
	else
		json_object_set_new(record, "quantity", json_null());
	json_object_set_new(record, "unit", json_string(line->kind->unit));
	set_rate(record, line);
	if (line->known)
		set_text(record, "usd", money(line->usd));
	else
		json_object_set_new(record, "usd", json_null());
	set_optional(record, "formula", line->formula);
	set_optional(record, "why", line->why);
	if (line->price != NULL) {
		json_object_set_new(record, "as_of",
		    json_string(line->price->as_of));
		json_object_set_new(record, "source",
		    json_string(line->price->source));
		json_object_set_new(record, "verified",
		    json_boolean(line->price->verified));
	}
	if (line->tags != NULL)
		json_object_set(record, "tags", line->tags);
	rec_write(out, record);
}

/* usd is null as long as a part of it is not known. */
static void
set_sum(json_t *record, const mpq_t usd, size_t unknown)
{
	json_object_set_new(record, "usd", json_null());
	if (unknown == 0)
		set_text(record, "usd", money(usd));
	set_text(record, "known_usd", money(usd));
	json_object_set_new(record, "unknown",
	    json_integer((json_int_t)unknown));
}

static void
write_subtotal(struct rec_out *out, const struct result *result,
    const struct subtotal *s)
{
	json_t *record = new_record(result, "subtotal");
	mpq_t share;

	json_object_set_new(record, "by", json_string(s->by));
	json_object_set_new(record, "name", json_string(s->name));
	set_optional(record, "month", s->month);
	set_sum(record, s->usd, s->unknown);
	if (mpq_sgn(result->bill.usd) != 0) {
		mpq_init(share);
		mpq_div(share, s->usd, result->bill.usd);
		set_text(record, "share", decimal_text(share, 0, 4));
		mpq_clear(share);
	}
	rec_write(out, record);
}

static void
set_unpriced(json_t *record, const json_t *unpriced)
{
	json_t *list = json_array(), *unused;
	const char *type;

	json_object_foreach((json_t *)unpriced, type, unused) {
		(void)unused;
		json_array_append_new(list, json_string(type));
	}
	if (json_array_size(list) > 0)
		json_object_set(record, "not_priced", list);
	json_decref(list);
}

void
write_result(struct rec_out *out, const struct result *result)
{
	const struct bill *bill = &result->bill;
	struct subtotals sums;
	json_t *record;

	bill_subtotals(bill, &sums);
	for (size_t i = 0; i < bill->n; i++)
		write_line(out, result, &bill->v[i]);
	for (size_t i = 0; i < sums.n; i++)
		write_subtotal(out, result, &sums.v[i]);
	subtotals_release(&sums);
	record = new_record(result, "total");
	set_sum(record, bill->usd, bill->unknown);
	set_unpriced(record, result->unpriced);
	rec_write(out, record);
}

void
write_difference(struct rec_out *out, const struct difference *d)
{
	json_t *record = new_record(d->after, "difference");

	json_object_del(record, "side");
	set_sum(record, d->usd, d->unknown);
	rec_write(out, record);
	if (!d->linear)
		return;
	record = new_record(d->after, "break-even");
	json_object_del(record, "side");
	json_object_set_new(record, "unit", json_string("h/day"));
	json_object_set_new(record, "quantity", json_null());
	if (d->breaks_even)
		set_text(record, "quantity", decimal_text(d->hours, 0, 10));
	set_optional(record, "cheaper", d->cheaper);
	rec_write(out, record);
}

static void
write_finding(struct rec_out *out, const struct metered *w,
    const struct keepalive *k, const struct price *price, const char *side)
{
	json_t *record = json_pack("{s:s, s:s, s:s, s:s}", "kind", "finding",
	    "tool", "rs-costest", "finding", "keep-alive", "workgroup",
	    w->name);
	char *formula;
	mpq_t usd;

	set_optional(record, "side", side);
	set_optional(record, "source", k->source);
	json_object_set_new(record, "count", json_integer((json_int_t)k->n));
	json_object_set_new(record, "every_s", json_integer(k->every_s));
	json_object_set_new(record, "quantity", json_null());
	if (w->rpu != 0)
		set_text(record, "quantity",
		    decimal_text(k->quantity, 0, 10));
	json_object_set_new(record, "unit", json_string("RPU-h"));
	json_object_set_new(record, "usd", json_null());
	if (price != NULL && w->rpu != 0) {
		mpq_init(usd);
		formula = price_apply(price, k->quantity, usd);
		free(formula);
		set_text(record, "usd", money(usd));
		mpq_clear(usd);
	}
	rec_write(out, record);
}

void
write_findings(struct rec_out *out, const struct fleet *fleet,
    const struct prices *prices, const char *side)
{
	struct keepalive k = { .n = 0 };

	mpq_init(k.quantity);
	for (size_t i = 0; i < fleet->meter.n; i++) {
		const struct metered *w = &fleet->meter.v[i];

		if (w->kind == METER_LOG && meter_keepalive(w, &k))
			write_finding(out, w, &k, prices_find(prices,
			    w->region, ITEM_COMPUTE), side);
	}
	mpq_clear(k.quantity);
}
