/*
 * usage.h - a plan: how something is going to be used in a month
 *
 * A "usage" record, or what stands for one: options, a "workgroup" record, a
 * resource of a Terraform plan. rs-costest(1) describes its members; one
 * that is not known there is refused, because a misspelt one would make the
 * bill too small.
 */
#ifndef COST_USAGE_H
#define COST_USAGE_H

#include <gmp.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "cost/item.h"

/* The largest ceiling a workgroup can have: Management Guide, billing. */
enum { USAGE_CEILING = 5632 };

/* So many of an item: secrets, GB, nodes of a type. */
struct count {
	char *item;
	char *why;		/* the number is not known; NULL: it is */
	mpq_t n;
};

struct usage {
	char *name, *region;
	json_t *tags;		/* NULL, or an object of strings */
	bool serverless;	/* it is a workgroup */
	long base_rpu;		/* 0: not known */
	long max_rpu;		/* 0: no ceiling is set */
	long reserved_rpu;
	bool all_upfront;	/* how the reservation is paid */
	bool planned;		/* hours, fraction or queries are given */
	bool queries;		/* per_hour and query_s are given */
	bool refreshed;		/* refresh_s and run_s are given */
	mpq_t average_rpu;
	mpq_t hours, days, fraction;
	mpq_t per_hour, query_s;
	mpq_t refresh_s, run_s;	/* of a zero-ETL integration */
	struct count *counts;
	size_t n, cap;
};

/*
 * Read object; where ("line 3", "aws_lb.x") begins messages. Returns 0, or
 * -1 with ERR_RECORD; u has to be released in both cases.
 */
int	usage_read(struct usage *u, const json_t *object, const char *where,
	    struct err *e) MUST_USE;

void	usage_release(struct usage *u);

/* 4, 8 to 512 in steps of 8, to 1024 in steps of 32. */
bool	usage_valid_rpu(long rpu);

#endif
