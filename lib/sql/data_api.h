/*
 * data_api.h - a "connection" through the Redshift Data API
 *
 * There is no connection to speak of: each command is a call of its own, in
 * a session of its own, and its end is asked for. BEGIN collects commands
 * and COMMIT sends them as one batch, which the service runs in one
 * transaction; what they return is not fetched then.
 *
 * Limits of the service (Redshift management guide, "Data API"): 100 KB a
 * command, 40 commands a batch.
 */
#ifndef SQL_DATA_API_H
#define SQL_DATA_API_H

#include <stdbool.h>

#include "aws/aws.h"
#include "base/attr.h"
#include "sql/conn.h"

/* All borrowed for the life of the connection. */
struct data_target {
	struct aws *aws;
	const char *workgroup;
	const char *database;
	const char *secret_arn;		/* NULL: temporary credentials */
	const struct wait *deadline;	/* for calls, but to cancel */
	bool alone;			/* a call may wait at the server */
};

/* Never fails; the first call shows whether the service can be reached. */
struct conn *data_open(const struct data_target *target);

#endif
