/*
 * session.h - the inside of a session; for lib/aws only
 *
 * What conf.c, cred*.c, endpoint.c and the callers of services share. A call
 * that signs with other than the session's credentials, or not at all, or
 * in another region (STS, SSO) says so with a struct aws_as.
 */
#ifndef AWS_SESSION_H
#define AWS_SESSION_H

#include <stdbool.h>

#include "aws/api.h"
#include "aws/conf.h"
#include "aws/cred.h"
#include "aws/http.h"

struct aws {
	const struct aws_opts *opts;	/* borrowed for the session's life */
	struct conf *conf;
	const char *profile;		/* "default" when none was named */
	bool profile_by_option;		/* --profile: keys in env are unused */
	char *region;
	char *region_source;		/* "AWS_REGION", "profile 'x'", ... */
	bool fips, dualstack;
	const char *ca_bundle;		/* certificates to trust; NULL: the
					 * system's */
	struct http *http;
	struct cred_chain *cred;
	const struct wait *deadline;	/* NULL: none */
	unsigned max_attempts;		/* 0: the service's own */
	int retry_quota;
	double skew;			/* AWS's clock minus ours, seconds */
	char *user_agent;
};

/* On whose behalf, and where. Zero: the session's credentials and region. */
struct aws_as {
	const struct cred *cred;	/* sign with these */
	bool anonymous;			/* do not sign */
	const char *region;
};

/*
 * One operation with a path of its own. path has its labels encoded (see
 * uri.h). Both bodies of an operation that carries secrets are hidden from
 * --debug by its name.
 */
struct aws_rest {
	const char *op;			/* for messages: "GetRoleCredentials" */
	const char *method;
	const char *path;
	const struct form *query;	/* or NULL */
	const json_t *body;		/* or NULL */
	struct http_header header;	/* one more, when its name is set */
};

/* aws_query() and aws_rest() with a choice; as is borrowed. */
int	aws_query_as(struct aws *a, const struct aws_as *as,
	    enum aws_service service, const char *op,
	    const struct form *form, struct xml **reply, struct err *e)
	    MUST_USE;
int	aws_rest_as(struct aws *a, const struct aws_as *as,
	    enum aws_service service, const struct aws_rest *call,
	    json_t **reply, struct err *e) MUST_USE;

#endif
