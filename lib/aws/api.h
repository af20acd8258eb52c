/*
 * api.h - one call: sign, send, retry, decode
 *
 * Failures fill e: ERR_CRED for missing credentials and refused permission,
 * ERR_DEADLINE, ERR_SIGNAL, ERR_AWS for the rest, with AWS's code, message
 * and request id. The caller puts what it was trying to do in front with
 * err_prefix(): "cannot describe target group 'x': AccessDenied: ...".
 */
#ifndef AWS_API_H
#define AWS_API_H

#include <jansson.h>

#include "aws/aws.h"
#include "aws/form.h"
#include "aws/xml.h"

/* The services the suite speaks to; endpoint.c knows what each needs. */
enum aws_service {
	AWS_REDSHIFT_SERVERLESS,
	AWS_REDSHIFT_DATA,
	AWS_REDSHIFT,
	AWS_ELBV2,
	AWS_EC2,
	AWS_DYNAMODB,
	AWS_STS,
	AWS_SECRETSMANAGER,
	AWS_KAFKA,
	AWS_IAM,
	AWS_RDS,
	AWS_GLUE,
	AWS_CLOUDWATCH,
	AWS_LOGS,
	AWS_CLOUDTRAIL,
	AWS_PRICING,
	AWS_ROUTE53RESOLVER,
	AWS_SSM,
	AWS_SERVICE_QUOTAS,
	AWS_SSO,
	AWS_SSO_OIDC,
	AWS_LAMBDA,
	AWS_S3,
	AWS_SERVICE_COUNT
};

/*
 * Where the calls of a service go: "https://sts.eu-west-1.amazonaws.com".
 * Returns a string for free(), or NULL with e filled.
 */
char	*aws_endpoint_url(const struct aws *a, enum aws_service service,
	    struct err *e) MUST_USE;

/*
 * Call a JSON 1.0 or 1.1 operation. body is borrowed; NULL stands for {}.
 * On success *reply is an object that the caller gives to json_decref().
 */
int	aws_json(struct aws *a, enum aws_service service, const char *op,
	    json_t *body, json_t **reply, struct err *e) MUST_USE;

/* One page of an answer, borrowed. Returns 0, or -1 with e filled. */
typedef int aws_page_fn(void *ctx, json_t *page, struct err *e);

/*
 * Call it for every page: as long as an answer has a "nextToken", the call
 * is made again with it. A token that comes twice in a row is an error. body
 * is changed on the way. Stops at the first failure.
 */
int	aws_json_pages(struct aws *a, enum aws_service service,
	    const char *op, json_t *body, aws_page_fn *page, void *ctx,
	    struct err *e) MUST_USE;

/*
 * Call a Query or EC2 operation. form is borrowed and may be NULL. On
 * success *reply is the result element (inside <OpResponse><OpResult>, or
 * the <OpResponse> of EC2), which the caller gives to xml_free().
 */
int	aws_query(struct aws *a, enum aws_service service, const char *op,
	    const struct form *form, struct xml **reply, struct err *e)
	    MUST_USE;

typedef int aws_xml_page_fn(void *ctx, const struct xml *page,
	    struct err *e);

/*
 * The same for every page: the text of element `out` (NextMarker, nextToken)
 * is sent as parameter `in` (Marker, NextToken) of the next call.
 */
int	aws_query_pages(struct aws *a, enum aws_service service,
	    const char *op, struct form *form, const char *in,
	    const char *out, aws_xml_page_fn *page, void *ctx, struct err *e)
	    MUST_USE;

/*
 * Call a REST-JSON operation (kafka, sso, lambda). path has its labels
 * encoded with uri_encode(); query and body are borrowed and may be NULL.
 * An empty answer gives an empty object.
 */
int	aws_rest(struct aws *a, enum aws_service service, const char *op,
	    const char *method, const char *path, const struct form *query,
	    const json_t *body, json_t **reply, struct err *e) MUST_USE;

#endif
