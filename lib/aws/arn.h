/*
 * arn.h - Amazon resource names, taken apart
 *
 *	arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE
 *
 * The partition is never assumed to be "aws". Everything is checked before
 * it is used anywhere: no blank, quote, backslash or control character can
 * be in an ARN that was parsed.
 */
#ifndef AWS_ARN_H
#define AWS_ARN_H

#include "base/attr.h"
#include "base/err.h"

enum { ARN_MAX = 2048 };

struct arn {
	char partition[32];
	char service[64];
	char region[32];	/* "" where the service has none */
	char account[16];	/* "" or 12 digits */
	char resource[ARN_MAX];	/* "role/x", "cluster/name/uuid" */
};

/*
 * Take s apart. Returns 0, or -1 with ERR_USAGE when it is not an ARN; the
 * message names it.
 */
int	arn_parse(const char *s, struct arn *out, struct err *e) MUST_USE;

/*
 * The same, and it has to be of this service and its resource has to begin
 * with the word: arn_expect(s, "iam", "role/", &role, e). The message says
 * what it is instead.
 */
int	arn_expect(const char *s, const char *service, const char *resource,
	    struct arn *out, struct err *e) MUST_USE;

#endif
