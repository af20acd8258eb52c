/*
 * offer.h - what an entry of the AWS Price List says about our items
 *
 * An entry (AWS Price List API, GetProducts, format aws_v1) is a product
 * with its usage type and its on-demand terms. Usage types begin with a code
 * of the region ("USW2-", nothing in older ones) and must match to the end:
 * "ServerlessUsage-CR-1YR-AU" has prices of a whole year.
 */
#ifndef COST_OFFER_H
#define COST_OFFER_H

#include <jansson.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

/* The service codes to ask for; *n is their number. */
const char *const *offer_services(size_t *n);

/*
 * Add what entry says to prices, an object of item -> price (as in a file of
 * prices). Entries that are of no interest are left out. Two prices for one
 * item make it null: neither is to be believed. Returns 0, or -1 with
 * ERR_AWS when an entry that is of interest cannot be read.
 */
int	offer_take(json_t *prices, const char *region, const json_t *entry,
	    struct err *e) MUST_USE;

#endif
