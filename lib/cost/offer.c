/* offer.c - what an entry of the AWS Price List says about our items */
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/stamp.h"
#include "cost/decimal.h"
#include "cost/item.h"
#include "cost/offer.h"

enum {
	HOURS_OF_YEAR = 8760,
	TIERS_MAX = 16,
	RATE_DIGITS = 20	/* a year's price by the hour never ends */
};

/*
 * Usage types, without the code of the region, and our items. A usage type
 * that ends in "*" is followed by a type, which becomes part of the item.
 * Units differ where AWS counts single calls, or years.
 */
static const struct listing {
	const char *service, *usage, *item;
	const char *operation;	/* when the usage type is not enough */
	long times, by;		/* our unit is so many of theirs; 0: one */
} listings[] = {
	{ "AmazonRedshift", "Redshift:ServerlessUsage", ITEM_COMPUTE, NULL,
	    0, 0 },
	{ "AmazonRedshift", "Redshift:ServerlessUsage-CR-1YR-NU",
	    ITEM_NO_UPFRONT, NULL, 0, 0 },
	{ "AmazonRedshift", "Redshift:ServerlessUsage-CR-1YR-AU",
	    ITEM_ALL_UPFRONT, NULL, 0, HOURS_OF_YEAR },
	{ "AmazonRedshift", "RMS:Serverless", "managed-storage", NULL, 0, 0 },
	{ "AmazonRedshift", "Node:*", ITEM_NODE, NULL, 0, 0 },
	{ "AWSELB", "LoadBalancerUsage", "nlb", "LoadBalancing:Network",
	    0, 0 },
	{ "AWSELB", "LCUUsage", "nlcu", "LoadBalancing:Network", 0, 0 },
	{ "AmazonVPC", "VpcEndpoint-Hours", "endpoint-eni", NULL, 0, 0 },
	{ "AmazonVPC", "VpcEndpoint-Bytes", "endpoint-data", NULL, 0, 0 },
	{ "AmazonRoute53", "ResolverNetworkInterface", "resolver-eni", NULL,
	    0, 0 },
	{ "AWSSecretsManager", "AWSSecretsManager-Secrets", "secret", NULL,
	    0, 0 },
	{ "AWSSecretsManager", "AWSSecretsManagerAPIRequest", "secret-calls",
	    NULL, 10000, 0 },
	{ "AmazonCloudWatch", "CW:AlarmMonitorUsage", "alarm", NULL, 0, 0 },
	{ "AmazonCloudWatch", "CW:MetricMonitorUsage", "metric", NULL, 0, 0 },
	{ "AmazonCloudWatch", "DataProcessing-Bytes", "logs-ingested", NULL,
	    0, 0 },
	{ "AmazonCloudWatch", "TimedStorage-ByteHrs", "logs-stored", NULL,
	    0, 0 }
};

const char *const *
offer_services(size_t *n)
{
	static const char *const services[] = { "AmazonRedshift", "AWSELB",
	    "AmazonVPC", "AmazonRoute53", "AWSSecretsManager",
	    "AmazonCloudWatch" };

	*n = ARRAY_LEN(services);
	return services;
}

static const char *
text(const json_t *object, const char *member)
{
	const char *s = json_string_value(json_object_get(object, member));

	return s != NULL ? s : "";
}

/* "USW2-Node:x" -> "Node:x": the code of a region is one upper-case word. */
static const char *
without_region(const char *usage)
{
	const char *p = usage;

	while (isupper((unsigned char)*p) || isdigit((unsigned char)*p))
		p++;
	return p > usage && *p == '-' ? p + 1 : usage;
}

static bool
matches(const struct listing *l, const char *service, const char *operation,
    const char *usage)
{
	size_t len = strlen(l->usage);

	if (strcmp(l->service, service) != 0 ||
	    (l->operation != NULL && strcmp(l->operation, operation) != 0))
		return false;
	if (l->usage[len - 1] != '*')
		return strcmp(l->usage, usage) == 0;
	return strncmp(l->usage, usage, len - 1) == 0 &&
	    usage[len - 1] != '\0';
}

static const struct listing *
find(const char *service, const char *operation, const char *usage)
{
	for (size_t i = 0; i < ARRAY_LEN(listings); i++)
		if (matches(&listings[i], service, operation, usage))
			return &listings[i];
	return NULL;
}

/* One tier, from a price dimension. */
struct tier {
	mpq_t from, usd;
	const char *end;
};

static int
by_start(const void *a, const void *b)
{
	return mpq_cmp(((const struct tier *)a)->from,
	    ((const struct tier *)b)->from);
}

static int
read_tier(struct tier *t, const struct listing *l, const json_t *dimension)
{
	const char *from = text(dimension, "beginRange");
	const char *usd = text(json_object_get(dimension, "pricePerUnit"),
	    "USD");

	t->end = text(dimension, "endRange");
	if (*from == '\0')
		from = "0";
	if (decimal_parse(from, strlen(from), t->from) == -1 ||
	    decimal_parse(usd, strlen(usd), t->usd) == -1 ||
	    mpq_sgn(t->usd) < 0)
		return -1;
	if (l->times != 0)
		mpz_mul_si(mpq_numref(t->usd), mpq_numref(t->usd), l->times);
	if (l->by != 0)
		mpz_mul_si(mpq_denref(t->usd), mpq_denref(t->usd), l->by);
	mpq_canonicalize(t->usd);
	return 0;
}

static json_t *
tier_object(const struct tier *t, bool last)
{
	char *usd = decimal_text(t->usd, 0, RATE_DIGITS);
	json_t *object = json_pack("{s:s}", "usd", usd);

	free(usd);
	if (!last)
		json_object_set_new(object, "up_to", json_string(t->end));
	return object;
}

/* "usd", or "tiers", of a price from its dimensions. */
static json_t *
rates(struct tier *tiers, size_t n)
{
	json_t *list, *one;

	qsort(tiers, n, sizeof(*tiers), by_start);
	if (n == 1) {
		if (mpq_sgn(tiers[0].usd) == 0)
			return json_null();	/* nothing we bill is free */
		return tier_object(&tiers[0], true);
	}
	list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, tier_object(&tiers[i],
		    i == n - 1));
	one = json_pack("{s:o}", "tiers", list);
	return one;
}

/* The only on-demand term of an entry, or NULL. */
static const json_t *
dimensions_of(const json_t *entry)
{
	const json_t *terms = json_object_get(json_object_get(entry, "terms"),
	    "OnDemand");
	void *first = json_object_iter((json_t *)terms);

	if (json_object_size(terms) != 1)
		return NULL;
	return json_object_get(json_object_iter_value(first),
	    "priceDimensions");
}

static json_t *
read_rates(const struct listing *l, const json_t *entry)
{
	const json_t *dimensions = dimensions_of(entry);
	size_t n = json_object_size(dimensions), read = 0;
	struct tier tiers[TIERS_MAX];
	json_t *one, *price = NULL;
	const char *key;
	bool good = n > 0 && n <= TIERS_MAX;

	json_object_foreach((json_t *)dimensions, key, one) {
		if (!good)
			break;
		mpq_inits(tiers[read].from, tiers[read].usd, NULL);
		good = read_tier(&tiers[read++], l, one) == 0;
	}
	if (good)
		price = rates(tiers, n);
	for (size_t i = 0; i < read; i++)
		mpq_clears(tiers[i].from, tiers[i].usd, NULL);
	return price;
}

/* When the list was published; today when it does not say. */
static void
set_date(json_t *price, const json_t *entry)
{
	const char *published = text(entry, "publicationDate");
	char today[STAMP_SIZE];
	time_t t;

	stamp_now(today);
	json_object_set_new(price, "as_of", json_stringn(
	    stamp_parse(published, &t) == 0 ? published : today, 10));
}

int
offer_take(json_t *prices, const char *region, const json_t *entry,
    struct err *e)
{
	const json_t *product = json_object_get(entry, "product");
	const json_t *attributes = json_object_get(product, "attributes");
	const char *usage = without_region(text(attributes, "usagetype"));
	const struct listing *l = find(text(entry, "serviceCode"),
	    text(attributes, "operation"), usage);
	json_t *price, *old;
	char *item;

	if (l == NULL || strcmp(text(attributes, "regionCode"), region) != 0)
		return 0;
	price = read_rates(l, entry);
	if (price == NULL)
		return err_set(e, ERR_AWS, "the price list's entry '%s' for "
		    "%s cannot be read", text(attributes, "usagetype"),
		    region);
	if (json_is_null(price))
		return 0;
	set_date(price, entry);
	item = strchr(l->usage, '*') == NULL ? xstrdup(l->item) :
	    xasprintf("%s:%s", l->item, strchr(usage, ':') + 1);
	json_object_set_new(price, "item", json_string(item));
	json_object_set_new(price, "unit",
	    json_string(item_find(item)->unit));
	json_object_set_new(price, "source", json_string("AWS price list"));
	json_object_set_new(price, "verified", json_true());
	old = json_object_get(prices, item);
	if (old != NULL && !json_equal(old, price)) {
		json_decref(price);
		price = json_null();
	}
	json_object_set_new(prices, item, price);
	free(item);
	return 0;
}
