/* retry.c - whether and when a call is made again: the SDKs' standard mode */
#include <math.h>
#include <string.h>

#include "aws/retry.h"
#include "base/words.h"

static const double DELAY_MAX = 20;
static const double HINT_EXTRA = 5;	/* a server's hint adds at most this */
enum { COST_TRANSIENT = 14, COST_THROTTLING = 5, REFUND = 1 };

static const char *const transient_codes[] = {
	"RequestTimeout", "RequestTimeoutException", "IDPCommunicationError",
	/* What our services' models call retryable. */
	"InsufficientCapacityException", "InternalErrorException",
	"InternalServerException", "ReplicatedWriteConflictException",
};

static const char *const throttling_codes[] = {
	"Throttling", "ThrottlingException", "ThrottledException",
	"RequestThrottledException", "RequestThrottled",
	"TooManyRequestsException", "ProvisionedThroughputExceededException",
	"TransactionInProgressException", "RequestLimitExceeded",
	"BandwidthLimitExceeded", "LimitExceededException", "SlowDown",
	"EC2ThrottledException", "PriorRequestNotComplete",
};

/* What a wrong clock can bring; only with a Date that proves it. */
static const char *const skew_codes[] = {
	"RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture",
	"InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure",
};

static const char *const expired_codes[] = {
	"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired",
	"RequestExpired",
};

#define LISTED(list, code) words_have(list, ARRAY_LEN(list), code)

static bool
transient_status(int status)
{
	return status == 500 || status == 502 || status == 503 ||
	    status == 504;
}

enum retry_why
retry_classify(const struct retry_outcome *o)
{
	if (o->failure != HTTP_OK)
		return o->failure == HTTP_FATAL ? RETRY_NOT : RETRY_TRANSIENT;
	if (LISTED(throttling_codes, o->code) || o->status == 429)
		return RETRY_THROTTLING;
	if (LISTED(transient_codes, o->code))
		return RETRY_TRANSIENT;
	if (o->skewed && LISTED(skew_codes, o->code))
		return RETRY_SKEW;
	if (LISTED(expired_codes, o->code))
		return RETRY_EXPIRED;
	return transient_status(o->status) ? RETRY_TRANSIENT : RETRY_NOT;
}

bool
retry_throttled(const struct err *e)
{
	struct retry_outcome o = { .status = e->http, .code = e->code,
	    .retry_after = -1 };

	return e->kind == ERR_AWS && retry_classify(&o) == RETRY_THROTTLING;
}

/* What was throttled, refused (4xx) or turned away (503) has not. */
bool
retry_may_have_happened(const struct retry_outcome *o)
{
	if (o->failure != HTTP_OK)
		return o->failure != HTTP_CONNECT;
	return retry_classify(o) == RETRY_TRANSIENT &&
	    transient_status(o->status) && o->status != 503;
}

void
retry_begin(struct retry *r, const struct retry_policy *policy, int *quota)
{
	*r = (struct retry){ .policy = *policy, .quota = quota, .attempt = 1 };
}

static double
backoff(const struct retry *r, enum retry_why why,
    const struct retry_outcome *o, double random)
{
	double base = why == RETRY_THROTTLING ? r->policy.throttling_base :
	    r->policy.transient_base;
	double delay = random *
	    fmin(ldexp(base, (int)r->attempt - 1), DELAY_MAX);

	/* !(x >= y) is also true for a hint that is not a number. */
	if (!(o->retry_after >= 0))
		return delay;
	return fmin(fmax(o->retry_after, delay), delay + HINT_EXTRA);
}

/* Corrections are made once each and at once; they are no load on anyone. */
static bool
correct(bool *done, double *delay)
{
	bool again = !*done;

	*done = true;
	*delay = 0;
	return again;
}

bool
retry_again(struct retry *r, const struct retry_outcome *o, double random,
    double *delay)
{
	enum retry_why why = retry_classify(o);
	int cost = why == RETRY_THROTTLING ? COST_THROTTLING : COST_TRANSIENT;
	bool again;

	if (why == RETRY_NOT || r->attempt >= r->policy.attempts ||
	    (!r->policy.repeatable && retry_may_have_happened(o)))
		return false;
	if (why == RETRY_SKEW || why == RETRY_EXPIRED) {
		again = correct(why == RETRY_SKEW ? &r->skewed : &r->renewed,
		    delay);
	} else {
		again = *r->quota >= cost;
		if (again) {
			*r->quota -= cost;
			r->cost = cost;
			*delay = backoff(r, why, o, random);
		}
	}
	r->attempt += again;
	return again;
}

void
retry_success(struct retry *r)
{
	int back = r->cost != 0 ? r->cost : REFUND;

	*r->quota = *r->quota + back < RETRY_QUOTA ? *r->quota + back :
	    RETRY_QUOTA;
}
