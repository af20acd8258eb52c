/*
 * price.h - what one unit of an item costs in a region, and who says so
 *
 * A price file is one JSON object: "region", "currency" (USD), and "prices",
 * an array of objects with "item", "unit", "usd" or "tiers", "as_of",
 * "source" and "verified". rs-costest(1) describes it; share/pricing has the
 * shipped ones. A price that nobody knows is absent, never zero.
 */
#ifndef COST_PRICE_H
#define COST_PRICE_H

#include <gmp.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

struct price_tier {
	mpq_t up_to;		/* units; meaningless in the last tier */
	mpq_t usd;		/* for each unit */
};

struct price {
	char *region, *item, *unit, *source;
	char as_of[11];		/* YYYY-MM-DD */
	bool verified;
	bool given;		/* by --prices: nothing replaces it */
	struct price_tier *tiers;
	size_t n;
};

struct prices {
	struct price *v;
	size_t n, cap;
};

/*
 * Read a file of prices and add them; one for the same region and item is
 * replaced unless it is newer or was given. given: this file is the user's
 * own. Returns 0, or -1: ERR_USAGE when the file is not there, ERR_RECORD
 * naming the file and the price when it is wrong; nothing was added then.
 */
int	prices_load(struct prices *p, const char *path, bool given,
	    struct err *e) MUST_USE;

/*
 * The same for the shipped table of a region and for what --refresh saved.
 * A region without a file is no error.
 */
int	prices_load_region(struct prices *p, const char *region,
	    struct err *e) MUST_USE;

/* The same for a document in memory; where names it in messages. */
int	prices_add(struct prices *p, const json_t *doc, const char *where,
	    bool given, struct err *e) MUST_USE;

const struct price *prices_find(const struct prices *p, const char *region,
	    const char *item);

/*
 * usd = what quantity units cost. Returns the text of it, "$0.36" or
 * "(10 x $0.4 + 5 x $0.2)", for the caller to free. A negative quantity is
 * priced at the first tier.
 */
char	*price_apply(const struct price *price, const mpq_t quantity,
	    mpq_t usd);

/*
 * Where --refresh keeps a region's prices, below XDG_CACHE_HOME or HOME; for
 * the caller to free. NULL when neither is set.
 */
char	*prices_cache_path(const char *region);

/* Only letters, digits and "-": fit for a file name. */
bool	prices_valid_region(const char *region);

void	prices_release(struct prices *p);

#endif
