/*
 * aws.h - a session with AWS: settings, credentials, connections
 *
 * One struct aws serves a whole run of a tool. It keeps one connection per
 * host, renews credentials before they expire, and retries as the SDKs'
 * standard mode does. It is made by aws_open() and never shared by threads.
 */
#ifndef AWS_AWS_H
#define AWS_AWS_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/opt.h"
#include "base/wait.h"

struct aws;

/* The options every tool has, with the AWS CLI's meaning. Zero is "unset". */
struct aws_opts {
	const char *region;
	const char *profile;
	const char *endpoint_url;
	const char *ca_bundle;
	double connect_timeout;		/* seconds; AWS_TIMEOUT when unset */
	double read_timeout;
};

#define AWS_TIMEOUT 60.0
#define AWS_OPTS_DEFAULT						\
	{ .connect_timeout = AWS_TIMEOUT, .read_timeout = AWS_TIMEOUT }

/* Rows for a tool's option table; S holds a struct aws_opts called m. */
#define OPT_AWS(S, m)							\
	{ .name = "region", .type = OPT_STR, .group = OPT_SHARED,	\
	    .at = offsetof(S, m.region), .arg = "name",			\
	    .help = "AWS region" },					\
	{ .name = "profile", .type = OPT_STR, .group = OPT_SHARED,	\
	    .at = offsetof(S, m.profile), .arg = "name",		\
	    .help = "profile of the AWS configuration" },		\
	{ .name = "endpoint-url", .type = OPT_STR, .group = OPT_SHARED,	\
	    .at = offsetof(S, m.endpoint_url), .arg = "url",		\
	    .help = "send every request there" },			\
	{ .name = "ca-bundle", .type = OPT_STR, .group = OPT_SHARED,	\
	    .at = offsetof(S, m.ca_bundle), .arg = "file",		\
	    .help = "certificates to trust" },				\
	{ .name = "connect-timeout", .type = OPT_SECONDS,		\
	    .group = OPT_SHARED,					\
	    .at = offsetof(S, m.connect_timeout), .arg = "time",	\
	    .help = "for each connection (60s; 0: none)" },		\
	{ .name = "read-timeout", .type = OPT_SECONDS,			\
	    .group = OPT_SHARED, .at = offsetof(S, m.read_timeout),	\
	    .arg = "time", .help = "for each answer (60s; 0: none)" }

/*
 * Read the configuration and prepare a session; makes no request and does
 * not need credentials yet. *opts is borrowed for the life of the session.
 * Returns NULL and fills e: a configuration that cannot be read, a profile
 * that does not exist, no region.
 */
struct aws *aws_open(const struct aws_opts *opts, struct err *e) MUST_USE;
void	aws_close(struct aws *a);

const char *aws_region(const struct aws *a);
const char *aws_region_source(const struct aws *a);	/* "AWS_REGION" */

/*
 * Every later call, with its retries, ends by this deadline (borrowed; NULL:
 * none) and fails with ERR_DEADLINE when it passes.
 */
void	aws_set_deadline(struct aws *a, const struct wait *deadline);

#endif
