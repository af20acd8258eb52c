/* datashare.h - the datashare calls of Redshift that the suite makes */
#ifndef AWS_DATASHARE_H
#define AWS_DATASHARE_H

#include <stddef.h>

#include "aws/aws.h"
#include "base/attr.h"
#include "base/err.h"

/* Who a share is meant for: an account, or the ARN of a namespace. */
struct association {
	char *consumer;
	char *status;		/* PENDING_AUTHORIZATION, ACTIVE, ... */
};

/* Set to zero it is no share: arn is NULL. */
struct datashare {
	char *arn;
	struct association *v;
	size_t n, cap;
};

/*
 * Find a share by its name and its producer's namespace; its ARN is taken
 * from the answer and never built. None: arn is NULL, and 0.
 */
int	datashare_find(struct aws *a, const char *namespace_id,
	    const char *name, struct datashare *out, struct err *e) MUST_USE;

/* The status for a consumer, borrowed; NULL when there is none. */
const char *datashare_status(const struct datashare *d,
	    const char *consumer);

/* The producer's side: let an account use it. */
int	datashare_authorize(struct aws *a, const char *arn,
	    const char *account, struct err *e) MUST_USE;

/* The consumer's side: let a namespace, by its ARN, use it. */
int	datashare_associate(struct aws *a, const char *arn,
	    const char *namespace_arn, struct err *e) MUST_USE;

void	datashare_release(struct datashare *d);

#endif
