/* test_arn.c - taking ARNs apart */
#include "aws/arn.h"

#include "tap.h"

static void
refuses(const char *s)
{
	struct err e = { 0 };
	struct arn a = { .service = "kept" };

	ok(arn_parse(s, &a, &e) == -1 && e.kind == ERR_USAGE &&
	    strcmp(a.service, "kept") == 0, "refused: %.60s", s);
}

static void
expects(const char *s, const char *service, const char *resource, int rc)
{
	struct err e = { 0 };
	struct arn a;

	is_int(arn_expect(s, service, resource, &a, &e), rc, s);
}

int
main(void)
{
	char longest[ARN_MAX + 2] = "arn:aws:iam::123456789012:role/";
	struct err e = { 0 };
	struct arn a;

	ok(arn_parse("arn:aws-cn:kafka:cn-north-1:123456789012:cluster/a/b:c",
	    &a, &e) == 0, "an ARN is parsed");
	is_str(a.partition, "aws-cn", "partition");
	is_str(a.service, "kafka", "service");
	is_str(a.region, "cn-north-1", "region");
	is_str(a.account, "123456789012", "account");
	is_str(a.resource, "cluster/a/b:c", "the resource keeps its colons");
	ok(arn_parse("arn:aws:s3:::bucket/key", &a, &e) == 0 &&
	    a.region[0] == '\0' && a.account[0] == '\0',
	    "region and account may be empty");
	refuses("");
	refuses("arn");
	refuses("arn:aws:iam::123456789012:");
	refuses("arn:aws:iam::123456789012");
	refuses("arn::iam::123456789012:role/x");
	refuses("arn:aws:::123456789012:role/x");
	refuses("arn:aws:iam::12345678901:role/x");
	refuses("arn:aws:iam::12345678901x:role/x");
	refuses("arn:aws:iam::123456789012:role/x y");
	refuses("arn:aws:iam::123456789012:role/x'");
	refuses("arn:aws:iam::123456789012:role/x\\");
	refuses("arn:aws:iam::123456789012:role/x\n");
	refuses("ARN:aws:iam::123456789012:role/x");
	refuses("arn:aws:a-service-whose-name-is-longer-than-any-that-there-is"
	    "-or-will-be::123456789012:x");
	memset(longest + strlen(longest), 'x', ARN_MAX - strlen(longest));
	refuses(longest);
	longest[ARN_MAX - 1] = '\0';
	ok(arn_parse(longest, &a, &e) == 0, "the longest is parsed");
	expects("arn:aws:iam::123456789012:role/x", "iam", "role/", 0);
	expects("arn:aws:iam::123456789012:role/", "iam", "role/", -1);
	expects("arn:aws:iam::123456789012:policy/x", "iam", "role/", -1);
	expects("arn:aws:iam:::role/x", "iam", "role/", -1);
	expects("arn:aws:sts::123456789012:role/x", "iam", "role/", -1);
	return done();
}
