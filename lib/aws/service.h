/* service.h - what each service needs: names, versions, quirks of its hosts */
#ifndef AWS_SERVICE_H
#define AWS_SERVICE_H

#include <stdbool.h>

#include "aws/api.h"

/* Where a service's hosts differ from PREFIX[-fips].REGION.SUFFIX. */
enum service_quirk {
	GOV_PLAIN = 1 << 0,	/* in GovCloud, FIPS is the plain host */
	GOV_PLAIN_DUAL = 1 << 1,	/* and so it is with dual-stack */
	DUAL_IS_PLAIN = 1 << 2,	/* dual-stack keeps the ordinary suffix */
	DUAL_KAFKA = 1 << 3,	/* dual-stack has a prefix of its own */
	ONE_PER_PARTITION = 1 << 4,	/* one host and one signing region */
	PINNED = 1 << 5,	/* lives in few regions */
	S3_HOSTS = 1 << 6
};

struct service {
	const char *variable;	/* AWS_ENDPOINT_URL_... */
	const char *prefix;	/* of the host name */
	const char *signing;	/* the name in the signature */
	const char *target;	/* X-Amz-Target before the operation, or NULL */
	const char *version;	/* of Query calls, or NULL */
	unsigned quirks;
	bool json_1_0;
	bool ec2;		/* the EC2 variant of Query */
};

const struct service *service_get(enum aws_service service);

#endif
