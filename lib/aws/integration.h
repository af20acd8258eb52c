/*
 * integration.h - zero-ETL integrations, whichever service keeps them
 *
 * RDS keeps those whose source is RDS or Aurora, Glue those of a self-managed
 * database (a DMS endpoint) or an application (a connection), Redshift the
 * rest (DynamoDB, S3).
 */
#ifndef AWS_INTEGRATION_H
#define AWS_INTEGRATION_H

#include <stdbool.h>

#include "aws/arn.h"
#include "aws/aws.h"
#include "base/attr.h"
#include "base/err.h"

enum integration_keeper {
	INTEGRATION_RDS,
	INTEGRATION_REDSHIFT,
	INTEGRATION_GLUE
};

enum integration_status {
	INTEGRATION_ABSENT = 0,
	INTEGRATION_CREATING,
	INTEGRATION_ACTIVE,
	INTEGRATION_MODIFYING,
	INTEGRATION_SYNCING,		/* recovers by itself */
	INTEGRATION_NEEDS_ATTENTION,	/* the error says what to mend */
	INTEGRATION_FAILED,		/* delete it and make it again */
	INTEGRATION_DELETING,
	INTEGRATION_OTHER		/* a word this version does not know */
};

/* Strings owned; integration_release() accepts a zeroed struct. */
struct integration {
	enum integration_status status;
	char *word;		/* the status as AWS writes it; "absent" */
	char *arn, *source, *target;
	char *error;		/* what AWS says is wrong, or NULL */
};

/* What a new integration is to be; NULL: not said. */
struct integration_wish {
	const char *name, *source, *target;
	const char *kms_key, *data_filter;
	const char *subnets, *security_groups;	/* "a,b": Glue only */
};

/* Who keeps the integrations of a source. */
enum integration_keeper integration_keeper(const struct arn *source);

/* Look one up by name. None: status INTEGRATION_ABSENT, and 0. */
int	integration_find(struct aws *a, enum integration_keeper keeper,
	    const char *name, struct integration *out, struct err *e)
	    MUST_USE;

int	integration_create(struct aws *a, enum integration_keeper keeper,
	    const struct integration_wish *wish, struct err *e) MUST_USE;
int	integration_delete(struct aws *a, enum integration_keeper keeper,
	    const char *arn, struct err *e) MUST_USE;

void	integration_release(struct integration *i);

#endif
