/*
 * Endpoints: the corners. That the hosts are those of AWS's own rules is
 * compared elsewhere, for all of them.
 */
#include <stdlib.h>

#include "aws/endpoint.h"
#include "aws/service.h"
#include "aws/session.h"

#include "tap.h"

static struct err e;
static struct endpoint p;

static void
test_regions(void)
{
	static const char *const bad[] = {
		"", "US-EAST-1", "us_east_1", "us-east-1.evil.com", "us east",
		"-us-east-1", "us-east-1-", "us-east-1/", "a\nb", "..",
		"aws-global", "aws-cn-global",
		"a-region-name-that-is-longer-than-a-label-of-a-host-name-can-be1",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(endpoint_rule(AWS_STS, bad[i], false, false, &p, &e) ==
		    -1 && e.kind == ERR_USAGE && strstr(e.msg, bad[i]) != NULL,
		    "no region: '%s'", bad[i]);
	is_str(endpoint_partition("cn-north-1"), "aws-cn", "China");
	is_str(endpoint_partition("us-gov-west-1"), "aws-us-gov", "GovCloud");
	is_str(endpoint_partition("us-iso-east-1"), "aws-iso", "iso");
	is_str(endpoint_partition("us-isob-east-1"), "aws-iso-b", "iso-b");
	is_str(endpoint_partition("us-west-2"), "aws", "aws");
	is_str(endpoint_partition("xx-new-1"), "aws", "and what is unknown");
}

/* What a URL given by the user becomes; NULL: an error. */
static void
is_url(const char *given, const char *url, const char *host)
{
	struct aws_opts opts = AWS_OPTS_DEFAULT;
	struct aws_as as = { 0 };
	struct aws *a;

	opts.region = "us-west-2";
	opts.endpoint_url = given;
	if (!ok((a = aws_open(&opts, &e)) != NULL, "a session")) {
		printf("# %s\n", e.msg);
		return;
	}
	if (endpoint_find(a, AWS_STS, &as, &p, &e) == -1) {
		ok(url == NULL && e.kind == ERR_USAGE &&
		    strstr(e.msg, "--endpoint-url") != NULL, "refused: %s",
		    e.msg);
	} else {
		is_str(p.url, url, given);
		is_str(p.host, host, "its host");
		is_str(p.region, "us-west-2", "the region is still signed");
	}
	aws_close(a);
}

static void
test_urls(void)
{
	is_url("https://x.example", "https://x.example", "x.example");
	is_url("https://x.example/", "https://x.example", "x.example");
	is_url("https://x.example:443", "https://x.example:443", "x.example");
	is_url("http://x.example:80/", "http://x.example:80", "x.example");
	is_url("http://x.example:443", "http://x.example:443",
	    "x.example:443");
	is_url("http://[::1]:4566/a/b/", "http://[::1]:4566/a/b",
	    "[::1]:4566");
	is_url("x.example", NULL, NULL);
	is_url("ftp://x.example", NULL, NULL);
	is_url("https://", NULL, NULL);
	is_url("https:///path", NULL, NULL);
	is_url("https://:443", NULL, NULL);
	is_url("https://user:secret@x.example", NULL, NULL);
	is_url("https://x.example?a=b", NULL, NULL);
	is_url("https://x.example#a", NULL, NULL);
	is_url("https://x.example/a b", NULL, NULL);
	is_url("https://x.example\\@y.example", NULL, NULL);
	is_url("https://x.example/\n", NULL, NULL);
	is_url("", NULL, NULL);
}

int
main(void)
{
	static const char *const forget[] = {
		"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_RETRY_MODE",
		"AWS_MAX_ATTEMPTS", "AWS_USE_FIPS_ENDPOINT",
		"AWS_USE_DUALSTACK_ENDPOINT", "AWS_ENDPOINT_URL",
	};

	for (size_t i = 0; i < ARRAY_LEN(forget); i++)
		unsetenv(forget[i]);
	setenv("AWS_CONFIG_FILE", "/dev/null", 1);
	setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null", 1);
	test_regions();
	test_urls();
	ok(endpoint_rule(AWS_PRICING, "eu-west-3", false, false, &p, &e) == 0,
	    "prices from Paris");
	is_str(p.host, "api.pricing.eu-central-1.amazonaws.com",
	    "come from Frankfurt");
	is_str(p.region, "eu-central-1", "and are signed for it");
	ok(endpoint_rule(AWS_IAM, "ap-south-1", false, false, &p, &e) == 0,
	    "IAM from Mumbai");
	is_str(p.host, "iam.amazonaws.com", "has one host");
	is_str(p.region, "us-east-1", "and one region");
	return done();
}
