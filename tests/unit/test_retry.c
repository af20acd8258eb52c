/*
 * Retries in virtual time: what botocore does is compared elsewhere, these
 * are the rules that are ours, the corners, and the numbers.
 */
#include <math.h>

#include "aws/retry.h"

#include "tap.h"

static const struct retry_policy reading = {
	.attempts = 3, .transient_base = 0.05, .throttling_base = 1,
	.repeatable = true,
};

static struct retry_outcome
answer(int status, const char *code)
{
	return (struct retry_outcome){ .status = status, .code = code,
		.retry_after = -1 };
}

static struct retry_outcome
failure(enum http_failure f)
{
	return (struct retry_outcome){ .failure = f, .code = "",
		.retry_after = -1 };
}

static void
test_delays(void)
{
	struct retry_policy p = reading;
	struct retry_outcome o = answer(503, ""), t = answer(400, "SlowDown");
	struct retry r;
	int quota = 100000;
	double delay = 0;

	p.attempts = 20;
	retry_begin(&r, &p, &quota);
	for (int i = 0; i < 19; i++) {
		ok(retry_again(&r, &o, 1, &delay), "attempt %d", i + 2);
		ok(fabs(delay - fmin(0.05 * pow(2, i), 20)) < 1e-9,
		    "after %g s", delay);
	}
	ok(!retry_again(&r, &o, 1, &delay), "no attempt 21");
	retry_begin(&r, &reading, &quota);
	ok(retry_again(&r, &t, 0.5, &delay) && delay == 0.5,
	    "throttled: half a second at the middle of the dice");
	ok(retry_again(&r, &t, 0.5, &delay) && delay == 1, "then a second");
	retry_begin(&r, &reading, &quota);
	ok(retry_again(&r, &o, 0, &delay) && delay == 0, "at once is possible");
}

static void
test_hints(void)
{
	static const struct { double hint, delay; } rows[] = {
		{ -1, 0.5 }, { 0, 0.5 }, { 0.2, 0.5 }, { 0.7, 0.7 },
		{ 5.5, 5.5 }, { 6, 5.5 }, { 1e300, 5.5 }, { INFINITY, 5.5 },
		{ NAN, 0.5 }, { -INFINITY, 0.5 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct retry_outcome o = answer(400, "SlowDown");
		int quota = RETRY_QUOTA;
		struct retry r;
		double delay = -1;

		retry_begin(&r, &reading, &quota);
		o.retry_after = rows[i].hint;
		ok(retry_again(&r, &o, 0.5, &delay) && delay == rows[i].delay,
		    "a hint of %g s makes it %g s", rows[i].hint, delay);
	}
}

static void
test_quota(void)
{
	struct retry_outcome o = failure(HTTP_CONNECT);
	struct retry_outcome t = answer(429, "");
	struct retry r;
	int quota = 33;
	double delay;

	retry_begin(&r, &reading, &quota);
	ok(retry_again(&r, &o, 0, &delay) && quota == 19, "transient costs 14");
	retry_success(&r);
	is_int(quota, 33, "a success gives back what the last retry took");
	retry_begin(&r, &reading, &quota);
	retry_success(&r);
	is_int(quota, 34, "one without retries gives one");
	quota = RETRY_QUOTA;
	retry_success(&r);
	is_int(quota, RETRY_QUOTA, "never more than there was");
	quota = 13;
	retry_begin(&r, &reading, &quota);
	ok(!retry_again(&r, &o, 0, &delay) && quota == 13,
	    "too little left: no retry, nothing taken");
	ok(retry_again(&r, &t, 0, &delay) && quota == 8, "throttled costs 5");
}

static void
test_corrections(void)
{
	struct retry_outcome skew = answer(403, "SignatureDoesNotMatch");
	struct retry_outcome old = answer(400, "ExpiredTokenException");
	struct retry r;
	int quota = 0;
	double delay = -1;

	retry_begin(&r, &reading, &quota);
	ok(!retry_again(&r, &skew, 0.5, &delay), "a clock that is right");
	skew.skewed = true;
	ok(retry_again(&r, &skew, 0.5, &delay) && delay == 0 && quota == 0,
	    "a wrong clock: at once, and the quota does not matter");
	ok(!retry_again(&r, &skew, 0.5, &delay), "but once");
	ok(retry_again(&r, &old, 0.5, &delay) && delay == 0,
	    "expired credentials as well");
	is_int(r.attempt, 3, "both count as attempts");
	ok(!retry_again(&r, &old, 0.5, &delay), "that was the last");
	is_int(retry_classify(&old), RETRY_EXPIRED, "what they are");
}

static void
test_unknown(void)
{
	static const struct {
		int status;
		const char *code;
		bool maybe;
	} rows[] = {
		{ 500, "", true }, { 502, "", true }, { 504, "", true },
		{ 503, "", false }, { 429, "", false },
		{ 400, "RequestTimeout", false },
		{ 500, "ThrottlingException", false },
		{ 400, "ValidationException", false },
		{ 403, "AccessDenied", false },
		{ 400, "InsufficientCapacityException", false },
	};
	struct retry_outcome o;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		o = answer(rows[i].status, rows[i].code);
		ok(retry_may_have_happened(&o) == rows[i].maybe,
		    "%d %s: %s", rows[i].status, rows[i].code,
		    rows[i].maybe ? "it may have happened" : "it has not");
	}
	o = failure(HTTP_CONNECT);
	ok(!retry_may_have_happened(&o), "no connection: it has not");
	o = failure(HTTP_TIMEOUT);
	ok(retry_may_have_happened(&o), "no answer: it may");
	o = failure(HTTP_BROKEN);
	ok(retry_may_have_happened(&o), "half an answer: it may");
}

int
main(void)
{
	test_delays();
	test_hints();
	test_quota();
	test_corrections();
	test_unknown();
	return done();
}
