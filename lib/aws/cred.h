/*
 * cred.h - credentials: where they come from, how long they last
 */
#ifndef AWS_CRED_H
#define AWS_CRED_H

#include <stdbool.h>
#include <time.h>

#include "aws/aws.h"
#include "base/attr.h"
#include "base/err.h"

/* What signs a request. All owned; cred_release() wipes them. */
struct cred {
	char *access_key_id;
	char *secret_access_key;
	char *session_token;	/* NULL for long-term keys */
	char *account_id;	/* NULL when the source does not say */
	char *source;		/* the chain: "profile 'a' > assume-role" */
	time_t expires;		/* 0: never */
};

struct cred_chain;

/*
 * The chain of sources for a session, in the SDKs' order. a is borrowed: it
 * gives the profile, the configuration, and the way to STS and SSO.
 */
struct cred_chain *cred_chain_new(struct aws *a);
void	cred_chain_free(struct cred_chain *c);	/* wipes */

/*
 * The credentials to sign with now, borrowed until the next call: found at
 * the first call, found again when they are about to expire. Returns NULL
 * and fills e (ERR_CRED): no source has any, or a source that is configured
 * is broken; the message says which file or variable, and which key.
 */
const struct cred *cred_get(struct cred_chain *c, struct err *e) MUST_USE;

/* AWS refused the credentials as expired: do not use them again. */
void	cred_forget(struct cred_chain *c);

void	cred_release(struct cred *c);

#endif
