/* fuzz_arn - the parser of ARNs, and of times */
#include "aws/arn.h"
#include "aws/date.h"
#include "base/stamp.h"

#include "fuzz.h"

/* What was parsed, put together again, is the input. */
static void
check_whole(const char *s, const struct arn *a)
{
	char *again;

	holds(asprintf(&again, "arn:%s:%s:%s:%s:%s", a->partition, a->service,
	    a->region, a->account, a->resource) != -1, "there is memory");
	holds(strcmp(again, s) == 0, "nothing is lost and nothing added");
	holds(strpbrk(again, " '\"\\\n\t;") == NULL, "nothing dangerous is in it");
	free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s = as_string(data, size);
	struct arn a;
	struct err e = { 0 };
	time_t t;

	if (arn_parse(s, &a, &e) == 0)
		check_whole(s, &a);
	else
		holds(e.kind == ERR_USAGE && e.msg[0] != '\0',
		    "a refusal says why");
	(void)!date_http(s, &t);
	if (stamp_parse(s, &t) == 0 && t >= 0 && t < 253402300800) {
		char stamp[STAMP_SIZE];
		time_t again;

		stamp_format(t, stamp);
		holds(stamp_parse(stamp, &again) == 0 && again == t,
		    "a time is read as it is written");
	}
	free(s);
	return 0;
}
