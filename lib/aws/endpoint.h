/*
 * endpoint.h - where a service is, and what its signature names
 *
 * The hosts are those of the services' endpoint rules in every partition,
 * with FIPS and dual-stack. An endpoint that the user configured wins:
 * --endpoint-url, AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the
 * "services" section of the profile, the profile's endpoint_url. FIPS and
 * dual-stack settings do not matter then, as with botocore.
 */
#ifndef AWS_ENDPOINT_H
#define AWS_ENDPOINT_H

#include <stdbool.h>

#include "aws/api.h"
#include "aws/session.h"
#include "base/attr.h"
#include "base/err.h"

struct endpoint {
	char url[2048];		/* scheme://host[:port][/path], no last "/" */
	char host[300];		/* the Host header */
	char region[64];	/* in the signature */
	const char *name;	/* likewise: the signing name */
	const char *source;	/* "AWS_ENDPOINT_URL", ...; NULL: AWS's own */
	bool single_encoding;
};

/*
 * A region becomes part of a host name, so only names of regions pass; not
 * "aws-global" and its like, which are none.
 */
int	endpoint_check_region(const char *region, struct err *e) MUST_USE;

/* AWS's own endpoint; pure. Fails for a region that is no region name. */
int	endpoint_rule(enum aws_service service, const char *region, bool fips,
	    bool dualstack, struct endpoint *out, struct err *e) MUST_USE;

/*
 * The one to use in this session. A call on behalf of others than the
 * session itself (as not zero) is one that gets credentials: as in the AWS
 * CLI, --endpoint-url is not for those.
 */
int	endpoint_find(const struct aws *a, enum aws_service service,
	    const struct aws_as *as, struct endpoint *out, struct err *e)
	    MUST_USE;

/* "aws", "aws-cn", "aws-us-gov", ...: the partition in ARNs of a region. */
const char *endpoint_partition(const char *region);

#endif
