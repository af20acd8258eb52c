/* fuzz_url - endpoints that a user configured, and names of regions */
#include "aws/endpoint.h"
#include "aws/session.h"

#include "fuzz.h"

static struct aws *
session(const struct aws_opts *opts)
{
	struct err e = { 0 };

	setenv("AWS_CONFIG_FILE", "/dev/null", 1);
	setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null", 1);
	return aws_open(opts, &e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct aws_opts opts = { .region = "us-west-2" };
	static struct aws *a;
	const struct aws_as as = { 0 };
	struct endpoint p;
	struct err e = { 0 };
	char *s = as_string(data, size);

	if (a == NULL)
		a = session(&opts);
	holds(a != NULL, "there is a session");
	opts.endpoint_url = s;
	if (endpoint_find(a, AWS_STS, &as, &p, &e) == 0) {
		holds(strncmp(p.url, s, strlen(p.url)) == 0,
		    "the URL begins as the input does");
		holds(p.host[0] != '\0' && strpbrk(p.host, "/@ \n") == NULL,
		    "the host is one");
	} else
		holds(e.kind == ERR_USAGE && e.msg[0] != '\0',
		    "a refusal says why");
	if (endpoint_rule(AWS_S3, s, false, false, &p, &e) == 0)
		holds(strcmp(p.region, s) == 0 && strlen(p.host) < 256,
		    "the region is in the host");
	free(s);
	return 0;
}
