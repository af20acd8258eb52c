/* price.c - what one unit of an item costs in a region, and who says so */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/stamp.h"
#include "cost/decimal.h"
#include "cost/item.h"
#include "cost/price.h"

enum { TIERS_MAX = 16 };

static void
price_release(struct price *price)
{
	for (size_t i = 0; i < price->n; i++)
		mpq_clears(price->tiers[i].up_to, price->tiers[i].usd, NULL);
	free(price->tiers);
	free(price->region);
	free(price->item);
	free(price->unit);
	free(price->source);
}

void
prices_release(struct prices *p)
{
	for (size_t i = 0; i < p->n; i++)
		price_release(&p->v[i]);
	free(p->v);
	memset(p, 0, sizeof(*p));
}

bool
prices_valid_region(const char *region)
{
	size_t len = strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return len > 0 && len < 64 && region[len] == '\0';
}

static struct price *
find(const struct prices *p, const char *region, const char *item)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->v[i].item, item) == 0 &&
		    strcmp(p->v[i].region, region) == 0)
			return &p->v[i];
	return NULL;
}

const struct price *
prices_find(const struct prices *p, const char *region, const char *item)
{
	return find(p, region, item);
}

static const char *
text(const json_t *object, const char *member)
{
	const char *s = json_string_value(json_object_get(object, member));

	return s != NULL ? s : "";
}

static int
valid_date(const char *s)
{
	char stamp[STAMP_SIZE];
	time_t t;

	if (strlen(s) != 10)
		return 0;
	memcpy(stamp, s, 10);
	memcpy(stamp + 10, "T00:00:00Z", 11);
	return stamp_parse(stamp, &t) == 0;
}

static struct price_tier *
add_tier(struct price *price)
{
	struct price_tier *tier;

	price->tiers = xreallocarray(price->tiers, price->n + 1,
	    sizeof(*price->tiers));
	tier = &price->tiers[price->n++];
	mpq_inits(tier->up_to, tier->usd, NULL);
	return tier;
}

/*
 * Tiers as in [{"up_to": "1000000", "usd": "0.01"}, {"usd": "0.004"}]: each
 * with a higher bound than the one before, the last without.
 */
static int
read_tiers(struct price *price, const json_t *tiers)
{
	const json_t *t;
	size_t i, n = json_array_size(tiers);

	if (n == 0 || n > TIERS_MAX)
		return -1;
	json_array_foreach(tiers, i, t) {
		struct price_tier *tier = add_tier(price);
		const json_t *up_to = json_object_get(t, "up_to");

		if (decimal_from_json(json_object_get(t, "usd"),
		    tier->usd) == -1 || mpq_sgn(tier->usd) < 0)
			return -1;
		if ((up_to == NULL) != (i == n - 1))
			return -1;
		if (up_to == NULL)
			continue;
		if (decimal_from_json(up_to, tier->up_to) == -1 ||
		    mpq_sgn(tier->up_to) <= 0 ||
		    (i > 0 && mpq_cmp(tier->up_to, tier[-1].up_to) <= 0))
			return -1;
	}
	return 0;
}

static int
read_rates(struct price *price, const json_t *object)
{
	const json_t *tiers = json_object_get(object, "tiers");
	const json_t *usd = json_object_get(object, "usd");

	if ((tiers == NULL) == (usd == NULL))
		return -1;
	if (tiers != NULL)
		return read_tiers(price, tiers);
	add_tier(price);
	if (decimal_from_json(usd, price->tiers[0].usd) == -1)
		return -1;
	return mpq_sgn(price->tiers[0].usd) < 0 ? -1 : 0;
}

static int
read_price(struct price *price, const json_t *object, const char *region,
    const char *where, struct err *e)
{
	const struct item *item = item_find(text(object, "item"));
	const char *unit = text(object, "unit");
	const char *as_of = text(object, "as_of");

	if (item == NULL)
		return err_set(e, ERR_RECORD, "%s: there is no item '%s'",
		    where, text(object, "item"));
	price->item = xstrdup(text(object, "item"));
	if (strcmp(unit, item->unit) != 0)
		return err_set(e, ERR_RECORD, "%s: %s: the unit is '%s', it "
		    "has to be '%s'", where, price->item, unit, item->unit);
	if (!valid_date(as_of))
		return err_set(e, ERR_RECORD, "%s: %s: \"as_of\" is not a "
		    "date such as 2026-08-12", where, price->item);
	if (*text(object, "source") == '\0')
		return err_set(e, ERR_RECORD, "%s: %s: no \"source\"", where,
		    price->item);
	if (read_rates(price, object) == -1)
		return err_set(e, ERR_RECORD, "%s: %s: needs either \"usd\" "
		    "or \"tiers\", decimal strings that are not negative",
		    where, price->item);
	price->region = xstrdup(region);
	price->unit = xstrdup(unit);
	price->source = xstrdup(text(object, "source"));
	memcpy(price->as_of, as_of, sizeof(price->as_of));
	price->verified = json_is_true(json_object_get(object, "verified"));
	return 0;
}

/* Takes what price holds. */
static void
keep(struct prices *p, struct price *price)
{
	struct price *old = find(p, price->region, price->item);

	if (old == NULL) {
		p->v = xgrow(p->v, p->n, &p->cap, sizeof(*p->v));
		p->v[p->n++] = *price;
	} else if (!price->given && (old->given ||
	    strcmp(old->as_of, price->as_of) > 0)) {
		price_release(price);
	} else {
		price_release(old);
		*old = *price;
	}
}

int
prices_add(struct prices *p, const json_t *doc, const char *where, bool given,
    struct err *e)
{
	const char *region = text(doc, "region");
	const json_t *list = json_object_get(doc, "prices"), *object;
	struct prices read = { 0 };
	size_t i;
	int rc = 0;

	if (!prices_valid_region(region))
		return err_set(e, ERR_RECORD, "%s: no valid \"region\"",
		    where);
	if (strcmp(text(doc, "currency"), "USD") != 0)
		return err_set(e, ERR_RECORD, "%s: \"currency\" has to be "
		    "\"USD\"", where);
	if (!json_is_array(list))
		return err_set(e, ERR_RECORD, "%s: \"prices\" is not an "
		    "array", where);
	json_array_foreach(list, i, object) {
		read.v = xgrow(read.v, read.n, &read.cap, sizeof(*read.v));
		memset(&read.v[read.n], 0, sizeof(*read.v));
		read.v[read.n].given = given;
		rc = read_price(&read.v[read.n++], object, region, where, e);
		if (rc == -1)
			break;
	}
	for (i = 0; rc == 0 && i < read.n; i++)
		keep(p, &read.v[i]);
	if (rc == 0)
		read.n = 0;
	prices_release(&read);
	return rc;
}

static int
load(struct prices *p, const char *path, bool given, bool optional,
    struct err *e)
{
	json_error_t why;
	json_t *doc = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
	int rc;

	if (doc == NULL &&
	    json_error_code(&why) == json_error_cannot_open_file) {
		if (optional && errno == ENOENT)
			return 0;
		return err_sys(e, errno, "cannot read prices from '%s'", path);
	}
	if (doc == NULL)
		return err_set(e, ERR_RECORD, "%s: line %d is not JSON: %s",
		    path, why.line, why.text);
	rc = prices_add(p, doc, path, given, e);
	json_decref(doc);
	return rc;
}

int
prices_load(struct prices *p, const char *path, bool given, struct err *e)
{
	if (load(p, path, given, false, e) == 0)
		return 0;
	if (e->kind == ERR_SYSTEM)
		e->kind = ERR_USAGE;
	return -1;
}

char *
prices_cache_path(const char *region)
{
	const char *base = getenv("XDG_CACHE_HOME");

	if (base != NULL && base[0] == '/')
		return xasprintf("%s/rstools/pricing/%s.json", base, region);
	base = getenv("HOME");
	if (base != NULL && base[0] == '/')
		return xasprintf("%s/.cache/rstools/pricing/%s.json", base,
		    region);
	return NULL;
}

int
prices_load_region(struct prices *p, const char *region, struct err *e)
{
	const char *data = getenv("RS_DATADIR");
	char *shipped = xasprintf("%s/pricing/%s.json",
	    data != NULL ? data : RS_DATADIR, region);
	char *cached = prices_cache_path(region);
	int rc = load(p, shipped, false, true, e);

	if (rc == 0 && cached != NULL)
		rc = load(p, cached, false, true, e);
	if (rc == -1 && cached != NULL && strstr(e->msg, cached) != NULL)
		err_hint(e, "remove the file, or use --refresh");
	free(shipped);
	free(cached);
	return rc;
}

/* The units of a tier that are left to it, at most `left`. */
static void
tier_share(const struct price *price, size_t i, const mpq_t left, mpq_t out)
{
	mpq_t room;

	mpq_set(out, left);
	if (i + 1 == price->n)
		return;
	mpq_init(room);
	mpq_set(room, price->tiers[i].up_to);
	if (i > 0)
		mpq_sub(room, room, price->tiers[i - 1].up_to);
	if (mpq_cmp(out, room) > 0)
		mpq_set(out, room);
	mpq_clear(room);
}

/* Extend "10 x $0.4" by " + 5 x $0.2"; frees and replaces text. */
static char *
tell_tier(char *text, const mpq_t units, const mpq_t rate)
{
	char *n = decimal_text(units, 0, 6), *usd = decimal_text(rate, 0, 12);
	char *longer = xasprintf("%s%s%s x $%s", text != NULL ? text : "",
	    text != NULL ? " + " : "", n, usd);

	free(text);
	free(n);
	free(usd);
	return longer;
}

char *
price_apply(const struct price *price, const mpq_t quantity, mpq_t usd)
{
	char *text = NULL, *formula;
	mpq_t left, part;

	if (price->n == 1 ||
	    mpq_cmp(quantity, price->tiers[0].up_to) <= 0) {
		mpq_mul(usd, quantity, price->tiers[0].usd);
		text = decimal_text(price->tiers[0].usd, 0, 12);
		formula = xasprintf("$%s", text);
		free(text);
		return formula;
	}
	mpq_inits(left, part, NULL);
	mpq_set(left, quantity);
	mpq_set_ui(usd, 0, 1);
	for (size_t i = 0; i < price->n && mpq_sgn(left) > 0; i++) {
		tier_share(price, i, left, part);
		mpq_sub(left, left, part);
		text = tell_tier(text, part, price->tiers[i].usd);
		mpq_mul(part, part, price->tiers[i].usd);
		mpq_add(usd, usd, part);
	}
	mpq_clears(left, part, NULL);
	formula = xasprintf("(%s)", text);
	free(text);
	return formula;
}
