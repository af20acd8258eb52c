/* meter_bill.c - measured use: what it comes to when all is read */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cost/decimal.h"
#include "cost/meter.h"

enum {
	MICROS = 1000000,
	EVERY_MAX_S = 120	/* pings this often keep a minute paid */
};

static const char *
default_text(const json_t *facts, const json_t *defaults, const char *member)
{
	const char *s = json_string_value(json_object_get(facts, member));

	return s != NULL ? s :
	    json_string_value(json_object_get(defaults, member));
}

/* A whole number as options have it, "3.2e1" being one; 0: it is none. */
static long
whole(const char *text)
{
	mpq_t n;
	long value = 0;

	mpq_init(n);
	if (decimal_parse(text, strlen(text), n) == 0 &&
	    mpz_cmp_ui(mpq_denref(n), 1) == 0)
		value = mpz_get_si(mpq_numref(n));
	mpq_clear(n);
	return value;
}

/* The months of a query log, from its seconds. */
static void
months_of_log(struct metered *w)
{
	for (size_t i = 0; i < w->paid.n; i++) {
		long day = w->paid.first + (long)i;
		unsigned long n = seconds_on(&w->paid, day);

		if (n > 0)
			meter_month(w, day)->micros += n * (uint64_t)w->rpu *
			    MICROS;
	}
}

static int
by_month(const void *a, const void *b)
{
	return ((const struct month *)a)->number -
	    ((const struct month *)b)->number;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct metered *)a)->name,
	    ((const struct metered *)b)->name);
}

static int
close_one(struct metered *w, const json_t *facts, const json_t *defaults,
    struct err *e)
{
	const json_t *own = json_object_get(facts, w->name);
	const char *region = default_text(own, defaults, "region");
	const char *rpu = json_string_value(json_object_get(defaults,
	    "base_rpu"));

	if (w->region == NULL)
		w->region = xstrdup(region);
	if (w->region == NULL)
		err_set(e, ERR_RECORD, "no region is given for workgroup "
		    "'%s'", w->name);
	else if (!prices_valid_region(w->region))
		err_set(e, ERR_RECORD, "workgroup '%s': '%s' is not a region",
		    w->name, w->region);
	if (e->kind != ERR_NONE)
		return err_hint(e, "say --region, or give the records a "
		    "\"region\"");
	if (w->rpu == 0)
		w->rpu = (long)json_integer_value(json_object_get(own,
		    "base_rpu"));
	if (w->rpu == 0 && rpu != NULL)
		w->rpu = whole(rpu);
	if (w->kind == METER_LOG)
		months_of_log(w);
	qsort(w->months, w->n, sizeof(*w->months), by_month);
	return 0;
}

int
meter_close(struct meter *m, const json_t *facts, const json_t *defaults,
    struct err *e)
{
	for (size_t i = 0; i < m->n; i++)
		if (close_one(&m->v[i], facts, defaults, e) == -1)
			return -1;
	if (m->n > 0)
		qsort(m->v, m->n, sizeof(*m->v), by_name);
	free(m->slots);		/* places have changed, nothing is looked up */
	m->slots = NULL;
	return 0;
}

static int
by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

size_t
meter_months(const struct meter *m)
{
	size_t n = 0, cap = 0, different = 0;
	int *numbers = NULL;

	for (size_t i = 0; i < m->n; i++)
		for (size_t j = 0; j < m->v[i].n; j++) {
			numbers = xgrow(numbers, n, &cap, sizeof(*numbers));
			numbers[n++] = m->v[i].months[j].number;
		}
	if (n > 0)
		qsort(numbers, n, sizeof(*numbers), by_number);
	for (size_t i = 0; i < n; i++)
		different += i == 0 || numbers[i] != numbers[i - 1];
	free(numbers);
	return different;
}

static void
month_seconds(const struct month *month, mpq_t out)
{
	mpz_import(mpq_numref(out), 1, 1, sizeof(month->micros), 0, 0,
	    &month->micros);
	mpz_set_ui(mpq_denref(out), MICROS);
	mpq_canonicalize(out);
	mpq_add(out, out, month->more);
}

static char *
month_formula(const struct metered *w, const struct month *month)
{
	mpq_t seconds;
	char *text, *formula;

	mpq_init(seconds);
	month_seconds(month, seconds);
	if (w->kind == METER_LOG && w->rpu != 0) {
		mpz_mul_ui(mpq_denref(seconds), mpq_denref(seconds),
		    (unsigned long)w->rpu);
		mpq_canonicalize(seconds);
	}
	text = decimal_text(seconds, 0, 6);
	formula = w->kind == METER_LOG ?
	    xasprintf("%ld RPU x %s s / 3600", w->rpu, text) :
	    xasprintf("%s RPU-s / 3600", text);
	mpq_clear(seconds);
	free(text);
	return formula;
}

static void
bill_month(const struct metered *w, const struct month *month,
    const struct prices *prices, struct bill *bill)
{
	char name[16], *formula = month_formula(w, month);
	mpq_t quantity;
	struct charge charge = { .item = ITEM_COMPUTE, .name = w->name,
	    .region = w->region, .month = name, .formula = formula };

	mpq_init(quantity);
	month_seconds(month, quantity);
	mpz_mul_ui(mpq_denref(quantity), mpq_denref(quantity), 3600);
	mpq_canonicalize(quantity);
	snprintf(name, sizeof(name), "%04d-%02d", month->number / 12,
	    month->number % 12 + 1);
	charge.quantity = (const mpq_t *)&quantity;
	if (w->kind == METER_LOG && w->rpu == 0) {
		charge.quantity = NULL;
		charge.formula = NULL;
		charge.why = "the capacity is not known: give \"rpu\", a "
		    "workgroup record or --rpu";
	} else if (w->kind == METER_COMPUTED) {
		charge.why = "compute_seconds carry no minimum charges: this "
		    "is the least it can be";
	}
	bill_add(bill, prices, &charge);
	mpq_clear(quantity);
	free(formula);
}

void
meter_bill(const struct meter *m, const struct prices *prices,
    struct bill *bill)
{
	for (size_t i = 0; i < m->n; i++)
		for (size_t j = 0; j < m->v[i].n; j++)
			bill_month(&m->v[i], &m->v[i].months[j], prices,
			    bill);
}

/* Short activities that come this often, in seconds; 0: they do not. */
static long
interval(const struct talker *t)
{
	int64_t every;

	if (t->n < 10 || t->busy / t->n >= MICROS)
		return 0;
	every = (t->last - t->first) / (int64_t)(t->n - 1) / MICROS;
	return every < 1 ? 1 : every > EVERY_MAX_S ? 0 : (long)every;
}

bool
meter_keepalive(const struct metered *w, struct keepalive *out)
{
	unsigned long paid = 0, work = 0;

	out->source = NULL;
	out->n = 0;
	out->every_s = 0;
	for (size_t i = 0; i < w->paid.n; i++) {
		paid += seconds_on(&w->paid, w->paid.first + (long)i);
		work += seconds_on(&w->work, w->paid.first + (long)i);
	}
	for (size_t i = 0; i < w->ntalkers; i++) {
		const struct talker *t = &w->talkers[i];
		long every = interval(t);

		if (every == 0 || t->n <= out->n)
			continue;
		out->n = t->n;
		out->every_s = every;
		out->source = t->name[0] != '\0' ? t->name : NULL;
	}
	mpq_set_ui(out->quantity, paid - work, 3600);
	mpq_canonicalize(out->quantity);
	mpz_mul_si(mpq_numref(out->quantity), mpq_numref(out->quantity),
	    w->rpu);
	mpq_canonicalize(out->quantity);
	return out->n > 0 && (paid - work) * 10 >= paid;
}

void
meter_release(struct meter *m)
{
	for (size_t i = 0; i < m->n; i++) {
		struct metered *w = &m->v[i];

		for (size_t j = 0; j < w->n; j++)
			mpq_clear(w->months[j].more);
		for (size_t j = 0; j < w->ntalkers; j++)
			free(w->talkers[j].name);
		free(w->months);
		free(w->talkers);
		free(w->name);
		free(w->region);
		seconds_release(&w->paid);
		seconds_release(&w->work);
	}
	free(m->v);
	free(m->slots);
	memset(m, 0, sizeof(*m));
}
