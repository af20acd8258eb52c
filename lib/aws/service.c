/* service.c - what each service needs: names, versions, quirks of its hosts */
#include <assert.h>

#include "aws/service.h"

#define URL "AWS_ENDPOINT_URL_"

/* From the services' models; the order is that of enum aws_service. */
static const struct service services[] = {
	[AWS_REDSHIFT_SERVERLESS] = {
		.variable = URL "REDSHIFT_SERVERLESS",
		.prefix = "redshift-serverless",
		.signing = "redshift-serverless",
		.target = "RedshiftServerless." },
	[AWS_REDSHIFT_DATA] = {
		.variable = URL "REDSHIFT_DATA", .prefix = "redshift-data",
		.signing = "redshift-data", .target = "RedshiftData." },
	[AWS_REDSHIFT] = {
		.variable = URL "REDSHIFT",
		.prefix = "redshift", .signing = "redshift",
		.version = "2012-12-01", .quirks = GOV_PLAIN },
	[AWS_ELBV2] = {
		.variable = URL "ELASTIC_LOAD_BALANCING_V2",
		.prefix = "elasticloadbalancing",
		.signing = "elasticloadbalancing", .version = "2015-12-01",
		.quirks = GOV_PLAIN },
	[AWS_EC2] = {
		.variable = URL "EC2", .prefix = "ec2", .signing = "ec2",
		.version = "2016-11-15", .quirks = GOV_PLAIN, .ec2 = true },
	[AWS_DYNAMODB] = {
		.variable = URL "DYNAMODB",
		.prefix = "dynamodb", .signing = "dynamodb",
		.target = "DynamoDB_20120810.", .quirks = GOV_PLAIN,
		.json_1_0 = true },
	[AWS_STS] = {
		.variable = URL "STS", .prefix = "sts", .signing = "sts",
		.version = "2011-06-15", .quirks = GOV_PLAIN },
	[AWS_SECRETSMANAGER] = {
		.variable = URL "SECRETS_MANAGER", .prefix = "secretsmanager",
		.signing = "secretsmanager", .target = "secretsmanager.",
		.quirks = DUAL_IS_PLAIN },
	[AWS_KAFKA] = {
		.variable = URL "KAFKA",
		.prefix = "kafka", .signing = "kafka",
		.quirks = GOV_PLAIN | GOV_PLAIN_DUAL | DUAL_KAFKA },
	[AWS_IAM] = {
		.variable = URL "IAM", .prefix = "iam", .signing = "iam",
		.version = "2010-05-08", .quirks = ONE_PER_PARTITION },
	[AWS_RDS] = {
		.variable = URL "RDS", .prefix = "rds", .signing = "rds",
		.version = "2014-10-31", .quirks = GOV_PLAIN },
	[AWS_GLUE] = {
		.variable = URL "GLUE", .prefix = "glue", .signing = "glue",
		.target = "AWSGlue." },
	[AWS_CLOUDWATCH] = {
		.variable = URL "CLOUDWATCH", .prefix = "monitoring",
		.signing = "monitoring",
		.target = "GraniteServiceVersion20100801.",
		.version = "2010-08-01",
		.quirks = GOV_PLAIN | GOV_PLAIN_DUAL, .json_1_0 = true },
	[AWS_LOGS] = {
		.variable = URL "CLOUDWATCH_LOGS",
		.prefix = "logs", .signing = "logs",
		.target = "Logs_20140328.", .quirks = GOV_PLAIN },
	[AWS_CLOUDTRAIL] = {
		.variable = URL "CLOUDTRAIL", .prefix = "cloudtrail",
		.signing = "cloudtrail",
		.target = "com.amazonaws.cloudtrail.v20131101."
		    "CloudTrail_20131101.",
		.quirks = GOV_PLAIN },
	[AWS_PRICING] = {
		.variable = URL "PRICING", .prefix = "api.pricing",
		.signing = "pricing", .target = "AWSPriceListService.",
		.quirks = PINNED },
	[AWS_ROUTE53RESOLVER] = {
		.variable = URL "ROUTE53RESOLVER",
		.prefix = "route53resolver",
		.signing = "route53resolver", .target = "Route53Resolver.",
		.quirks = GOV_PLAIN },
	[AWS_SSM] = {
		.variable = URL "SSM", .prefix = "ssm", .signing = "ssm",
		.target = "AmazonSSM.", .quirks = GOV_PLAIN },
	[AWS_SERVICE_QUOTAS] = {
		.variable = URL "SERVICE_QUOTAS", .prefix = "servicequotas",
		.signing = "servicequotas",
		.target = "ServiceQuotasV20190624.", .quirks = GOV_PLAIN },
	[AWS_SSO] = {
		.variable = URL "SSO", .prefix = "portal.sso",
		.signing = "awsssoportal", .quirks = GOV_PLAIN },
	[AWS_SSO_OIDC] = {
		.variable = URL "SSO_OIDC",
		.prefix = "oidc", .signing = "sso-oauth",
		.quirks = GOV_PLAIN },
	[AWS_LAMBDA] = {
		.variable = URL "LAMBDA",
		.prefix = "lambda", .signing = "lambda" },
	[AWS_S3] = {
		.variable = URL "S3", .prefix = "s3", .signing = "s3",
		.quirks = S3_HOSTS },
};

static_assert(ARRAY_LEN(services) == AWS_SERVICE_COUNT,
    "a service without a row");

const struct service *
service_get(enum aws_service service)
{
	return &services[service];
}
