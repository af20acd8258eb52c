/*
 * chain.h - the roles of IAM_ROLE '...', each assumed by the one before
 *
 * The first is attached to the namespace, the last does the work. Redshift
 * takes up to ten, separated by commas without blanks (CREATE EXTERNAL
 * SCHEMA, "IAM_ROLE").
 */
#ifndef SQL_CHAIN_H
#define SQL_CHAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "aws/arn.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/opt.h"
#include "sql/quote.h"

enum { CHAIN_MAX = 10 };

struct chain {
	struct arn v[CHAIN_MAX];
	char *text[CHAIN_MAX];	/* as they were given */
	size_t n;		/* 0 with is_default: the namespace's role */
	bool is_default;
};

/*
 * Read the values of --role: ARNs, each option one or several separated by
 * commas, or the word "default" alone. Returns 0, or -1 with ERR_USAGE: not
 * the ARN of a role, a role twice, different partitions, more than ten.
 */
int	chain_parse(struct chain *c, const struct opt_list *roles,
	    struct err *e) MUST_USE;

/* Append "IAM_ROLE default" or "IAM_ROLE 'arn,arn'"; nothing if empty. */
void	chain_sql(const struct chain *c, struct sql *q);

/* The account whose role does the work, NULL when that is not known. */
const char *chain_account(const struct chain *c);

void	chain_release(struct chain *c);

#endif
