/* secrets.h - the Secrets Manager calls the suite makes */
#ifndef AWS_SECRETS_H
#define AWS_SECRETS_H

#include <jansson.h>

#include "aws/aws.h"
#include "base/attr.h"
#include "base/err.h"

/*
 * The secret of a database: the JSON object in it, which has "username" and
 * "password" (Redshift reads these two). What is in it is told by no
 * message. *secret is for secrets_free(). Returns 0, or -1 with e filled:
 * ERR_NO when the secret is not such an object.
 */
int	secrets_database(struct aws *a, const char *arn, json_t **secret,
	    struct err *e) MUST_USE;

/* Wipes what it can reach. */
void	secrets_free(json_t *secret);

#endif
