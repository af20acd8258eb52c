/* kafka.c - the MSK calls the suite makes */
#include <stdlib.h>
#include <string.h>

#include "aws/api.h"
#include "aws/kafka.h"
#include "aws/uri.h"
#include "base/alloc.h"

/*
 * Members of the answer of GetBootstrapBrokers, the better one first. A
 * listener that is off is absent. The ones for the public and for multi-VPC
 * connectivity are left out: Redshift does not support the latter.
 */
static const char *const members[][2] = {
	[KAFKA_IAM] = { "bootstrapBrokerStringSaslIam", NULL },
	[KAFKA_MTLS] = { "bootstrapBrokerStringTls", NULL },
	[KAFKA_NONE] = { "bootstrapBrokerStringTls", "bootstrapBrokerString" }
};

static char *
path_of(const char *cluster_arn)
{
	struct buf b;
	char *path;

	buf_init(&b, 8192);
	if (buf_puts(&b, "/v1/clusters/") == -1 ||
	    uri_encode(&b, cluster_arn, strlen(cluster_arn), false) == -1 ||
	    buf_puts(&b, "/bootstrap-brokers") == -1)
		buf_reset(&b);	/* cannot be: an ARN has at most 2 KiB */
	path = buf_take(&b);
	return path;
}

char *
kafka_brokers(struct aws *a, const char *cluster_arn, enum kafka_auth auth,
    struct err *e)
{
	char *path = path_of(cluster_arn), *found = NULL;
	const char *brokers = NULL;
	json_t *reply = NULL;

	if (aws_rest(a, AWS_KAFKA, "GetBootstrapBrokers", "GET", path, NULL,
	    NULL, &reply, e) == -1) {
		err_prefix(e, "cannot get the brokers of '%s'", cluster_arn);
		free(path);
		return NULL;
	}
	free(path);
	for (int i = 0; i < 2 && brokers == NULL; i++)
		if (members[auth][i] != NULL)
			brokers = json_string_value(json_object_get(reply,
			    members[auth][i]));
	if (brokers == NULL || *brokers == '\0')
		err_set(e, ERR_NO, "cluster '%s' has no listener for this "
		    "authentication", cluster_arn);
	else
		found = xstrdup(brokers);
	json_decref(reply);
	return found;
}
