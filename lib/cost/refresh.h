/*
 * refresh.h - today's prices from the AWS Price List
 *
 * GetProducts of service "pricing", once for each service code and region.
 * What it finds replaces the saved table of the region as a whole, in one
 * rename; what it does not find stays with the shipped table. Of several
 * prices for one item none is taken: the answer would be a guess.
 */
#ifndef COST_REFRESH_H
#define COST_REFRESH_H

#include "aws/aws.h"
#include "base/attr.h"
#include "base/err.h"
#include "cost/fleet.h"

/* For every region of the fleet. Returns 0, or -1 with e filled. */
int	refresh_prices(const struct fleet *f, const struct aws_opts *opts,
	    struct err *e) MUST_USE;

#endif
