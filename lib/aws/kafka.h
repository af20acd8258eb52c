/* kafka.h - the MSK calls the suite makes */
#ifndef AWS_KAFKA_H
#define AWS_KAFKA_H

#include "aws/aws.h"
#include "base/attr.h"
#include "base/err.h"

enum kafka_auth { KAFKA_IAM, KAFKA_MTLS, KAFKA_NONE };

/*
 * The brokers of a cluster for one way to authenticate, as
 * "host:port,host:port": a string for free(). The listeners inside the VPC
 * are meant; for KAFKA_NONE those with TLS, or those in plain text when the
 * cluster has no others. Returns NULL with e filled; ERR_NO when the cluster
 * has no such listener.
 */
char	*kafka_brokers(struct aws *a, const char *cluster_arn,
	    enum kafka_auth auth, struct err *e) MUST_USE;

#endif
