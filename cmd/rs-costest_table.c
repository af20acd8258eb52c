/* rs-costest_table.c - results as a table for people */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cost/decimal.h"
#include "rs-costest.h"

enum { BAR = 10 };

/* Widths of the columns that depend on what is in them. */
struct widths {
	int name, item, quantity, usd;
};

/*
 * printf() for text that somebody else has chosen: control characters, C0 and
 * C1, become spaces. Newlines stay where the format begins and ends with them.
 */
static void PRINTF(1, 2)
print(const char *fmt, ...)
{
	size_t at = strspn(fmt, "\n"), end = strlen(fmt);
	unsigned char *text;
	va_list ap;

	va_start(ap, fmt);
	text = (unsigned char *)xvasprintf(fmt, ap);
	va_end(ap);
	while (end > at && fmt[end - 1] == '\n')
		end--;
	end = strlen((char *)text) - (strlen(fmt) - end);
	for (; at < end; at++) {
		if (text[at] < 0x20 || text[at] == 0x7f)
			text[at] = ' ';
		else if (text[at] == 0xc2 && (text[at + 1] & 0xe0) == 0x80)
			text[at] = text[at + 1] = ' ';
	}
	fputs((char *)text, stdout);
	free(text);
}

static void
widen(int *width, const char *text)
{
	int len = (int)strlen(text);

	if (len > *width)
		*width = len;
}

/* 1234567.50 -> 1,234,567.50; takes text. */
static char *
group(char *text)
{
	size_t digits = strspn(text + (text[0] == '-'), "0123456789");
	size_t start = text[0] == '-', len = strlen(text), to = 0;
	char *out = xmalloc(len + digits / 3 + 1);

	for (size_t i = 0; i <= len; i++) {
		if (i > start && i < start + digits &&
		    (start + digits - i) % 3 == 0)
			out[to++] = ',';
		out[to++] = text[i];
	}
	free(text);
	return out;
}

static char *
cents(const mpq_t usd)
{
	return group(decimal_text(usd, 2, 2));
}

static char *
quantity(const struct line *line)
{
	char *n, *text;

	if (!line->counted)
		return xasprintf("? %s", line->kind->unit);
	n = group(decimal_text(line->quantity, 0, 2));
	text = xasprintf("%s %s", n, line->kind->unit);
	free(n);
	return text;
}

static char *
item_and_month(const struct line *line)
{
	return line->month == NULL ? xstrdup(line->item) :
	    xasprintf("%s %s", line->item, line->month);
}

static char *
amount(const struct line *line)
{
	return line->known ? cents(line->usd) : xstrdup("?");
}

static void
measure(const struct bill *bill, struct widths *w)
{
	char *total = cents(bill->usd);

	*w = (struct widths){ 4, 4, 8, 9 };
	widen(&w->usd, total);
	free(total);
	for (size_t i = 0; i < bill->n; i++) {
		char *n = quantity(&bill->v[i]), *usd = amount(&bill->v[i]);
		char *item = item_and_month(&bill->v[i]);

		widen(&w->name, bill->v[i].name);
		widen(&w->item, item);
		widen(&w->quantity, n);
		widen(&w->usd, usd);
		free(item);
		free(n);
		free(usd);
	}
}

/* "#####     50.0 %" of the whole; empty when there is no whole. */
static char *
share_bar(const mpq_t part, const mpq_t whole)
{
	char bar[BAR + 1], *percent, *out;
	long filled;
	mpq_t share, half;

	if (mpq_sgn(whole) <= 0 || mpq_sgn(part) < 0)
		return xstrdup("");
	mpq_inits(share, half, NULL);
	mpq_div(share, part, whole);
	mpq_set_ui(half, 100, 1);
	mpq_mul(share, share, half);
	percent = decimal_text(share, 1, 1);
	filled = strtol(percent, NULL, 10) * BAR / 100;
	memset(bar, ' ', BAR);
	memset(bar, '#', (size_t)(filled < BAR ? filled : BAR));
	bar[BAR] = '\0';
	out = xasprintf("%5s %% %s", percent, bar);
	for (size_t len = strlen(out); len > 0 && out[len - 1] == ' ';)
		out[--len] = '\0';
	free(percent);
	mpq_clears(share, half, NULL);
	return out;
}

/* "?" marks a rate that is not verified. */
static char *
rate(const struct line *line)
{
	char *usd, *text;

	if (line->price == NULL)
		return xstrdup("?");
	usd = line->price->n > 1 ? xstrdup("tiers") :
	    decimal_text(line->price->tiers[0].usd, 2, 12);
	text = xasprintf("%s%s", usd, line->price->verified ? " " : "?");
	free(usd);
	return text;
}

static void
print_line(const struct bill *bill, const struct line *line,
    const struct widths *w)
{
	char *item = item_and_month(line), *n = quantity(line);
	char *usd = amount(line), *each = rate(line);
	char *bar = share_bar(line->usd, bill->usd);

	print("%-*s  %-*s  %*s  x %9s  %*s%s%s\n", w->name, line->name,
	    w->item, item, w->quantity, n, each, w->usd, usd,
	    *bar != '\0' ? "  " : "", bar);
	free(item);
	free(n);
	free(usd);
	free(each);
	free(bar);
}

static void
print_subtotals(const struct bill *bill)
{
	struct subtotals sums;
	int width = 0, usd_width = 9;

	bill_subtotals(bill, &sums);
	for (size_t i = 0; i < sums.n; i++) {
		char *usd = cents(sums.v[i].usd);

		widen(&width, sums.v[i].name);
		widen(&usd_width, usd);
		free(usd);
	}
	for (size_t i = 0; i < sums.n; i++) {
		const struct subtotal *s = &sums.v[i];
		char *usd = cents(s->usd);
		char *bar = share_bar(s->usd, bill->usd);

		if (i == 0 || strcmp(s->by, s[-1].by) != 0)
			print("\nby %s\n", s->by);
		print("  %-*s  %s%s%*s%s%s%s\n", width, s->name,
		    s->month != NULL ? s->month : "",
		    s->month != NULL ? "  " : "", usd_width, usd,
		    s->unknown > 0 ? " + ?" : "",
		    *bar != '\0' ? "  " : "", bar);
		free(usd);
		free(bar);
	}
	subtotals_release(&sums);
}

static void
print_notes(const struct result *result)
{
	const struct bill *bill = &result->bill;
	bool unverified = false;
	const char *type;
	json_t *unused;

	for (size_t i = 0; i < bill->n; i++) {
		const struct line *line = &bill->v[i];

		if (line->why != NULL)
			print("note: %s, %s: %s\n", line->name, line->item,
			    line->why);
		unverified |= line->price != NULL && !line->price->verified;
	}
	if (unverified)
		print("note: a rate with ? is not verified against the "
		    "price list\n");
	json_object_foreach((json_t *)result->unpriced, type, unused) {
		(void)unused;
		print("note: not priced here: %s\n", type);
	}
}

void
print_result(const struct result *result)
{
	const struct bill *bill = &result->bill;
	char *total = cents(bill->usd);
	struct widths w;

	measure(bill, &w);
	print("%s%sscenario %s, USD a month\n\n",
	    result->side != NULL ? result->side : "",
	    result->side != NULL ? ", " : "", result->scenario);
	for (size_t i = 0; i < bill->n; i++)
		print_line(bill, &bill->v[i], &w);
	print_subtotals(bill);
	print("\ntotal %s%s\n", total, bill->unknown > 0 ?
	    " and what is not known" : "");
	print_notes(result);
	putchar('\n');
	free(total);
}

void
print_difference(const struct difference *d)
{
	char *usd = cents(d->usd), *hours;

	print("difference, scenario %s: %s%s%s\n", d->after->scenario,
	    mpq_sgn(d->usd) > 0 ? "+" : "", usd,
	    d->unknown > 0 ? " and what is not known" : "");
	if (d->breaks_even) {
		hours = decimal_text(d->hours, 0, 2);
		print("break-even at %s active hours a day\n", hours);
		free(hours);
	} else if (d->cheaper != NULL) {
		print("%s is cheaper at any number of active hours\n",
		    d->cheaper);
	}
	free(usd);
}

/* "; without it 12 RPU-h, 4.50 USD less", as far as it is known. */
static char *
savings(const struct metered *w, const struct keepalive *k,
    const struct price *price)
{
	char *hours, *formula, *usd, *text;
	mpq_t cost;

	if (w->rpu == 0)
		return xstrdup("");
	hours = decimal_text(k->quantity, 0, 2);
	mpq_init(cost);
	if (price != NULL) {
		formula = price_apply(price, k->quantity, cost);
		free(formula);
	}
	usd = price != NULL ? cents(cost) : xstrdup("?");
	text = xasprintf("; without it %s RPU-h, %s USD less", hours, usd);
	mpq_clear(cost);
	free(hours);
	free(usd);
	return text;
}

void
print_findings(const struct fleet *fleet, const struct prices *prices)
{
	struct keepalive k = { .n = 0 };

	mpq_init(k.quantity);
	for (size_t i = 0; i < fleet->meter.n; i++) {
		const struct metered *w = &fleet->meter.v[i];
		char *less;

		if (w->kind != METER_LOG || !meter_keepalive(w, &k))
			continue;
		less = savings(w, &k, prices_find(prices, w->region,
		    ITEM_COMPUTE));
		print("keep-alive: %s: %s%s runs something short every "
		    "%ld s%s\n", w->name, k.source != NULL ? "source " :
		    "somebody", k.source != NULL ? k.source : "", k.every_s,
		    less);
		free(less);
	}
	mpq_clear(k.quantity);
}
