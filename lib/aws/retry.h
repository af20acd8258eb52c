/*
 * retry.h - whether and when a call is made again: the SDKs' standard mode
 *
 * Nothing here waits, sends or looks at a clock: what happened goes in, a
 * decision comes out. Numbers: three attempts (four for DynamoDB), delays
 * of rand(0,1) * min(base * 2^i, 20 s), a quota of 500 that failures drain.
 */
#ifndef AWS_RETRY_H
#define AWS_RETRY_H

#include <stdbool.h>

#include "aws/http.h"
#include "base/attr.h"
#include "base/err.h"

enum { RETRY_QUOTA = 500, RETRY_ATTEMPTS_MAX = 100 };

enum retry_why {
	RETRY_NOT,		/* an answer that will not get better */
	RETRY_TRANSIENT,
	RETRY_THROTTLING,
	RETRY_SKEW,		/* our clock is wrong: correct it, try again */
	RETRY_EXPIRED		/* credentials expired: renew, try again */
};

/* What one attempt brought. */
struct retry_outcome {
	enum http_failure failure;
	int status;		/* HTTP, when failure is HTTP_OK */
	const char *code;	/* AWS's error code, "" when none */
	double retry_after;	/* x-amz-retry-after in seconds, < 0: none */
	bool skewed;		/* the answer's Date is far from our clock */
};

/* How a service is retried. */
struct retry_policy {
	unsigned attempts;	/* including the first */
	double transient_base;	/* seconds */
	double throttling_base;
	bool repeatable;	/* doing it twice is doing it once */
};

/* One call and its attempts; a quota belongs to a session. */
struct retry {
	struct retry_policy policy;
	int *quota;
	unsigned attempt;	/* the one made last, from 1 */
	int cost;		/* what the last retry took from the quota */
	bool skewed, renewed;	/* these two are tried once */
};

/* What an outcome is: the table of codes and statuses. */
enum retry_why retry_classify(const struct retry_outcome *o);

/*
 * Did a call fail, after its retries, because AWS wants fewer of them? Who
 * waits for something anyway goes on waiting.
 */
bool	retry_throttled(const struct err *e);

/* Can the request have taken effect although it failed? */
bool	retry_may_have_happened(const struct retry_outcome *o);

void	retry_begin(struct retry *r, const struct retry_policy *policy,
	    int *quota);

/*
 * After a failed attempt: true when there shall be another one, *delay
 * seconds from now. random is 0 <= x < 1.
 */
bool	retry_again(struct retry *r, const struct retry_outcome *o,
	    double random, double *delay) MUST_USE;

/* After a success: give back what the call took. */
void	retry_success(struct retry *r);

#endif
