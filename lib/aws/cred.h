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
	char *source;		/* the chain, first source first: botocore's
				 * name of each and what it was, as in
				 * "sso 'corp' > assume-role 'arn:...'" */
	time_t expires;		/* 0: never */
};

struct cred_chain;

/*
 * The chain of sources for a session, in the SDKs' order. a is borrowed: it
 * gives the profile, the configuration, and the way to STS and SSO. From
 * here on the process leaves no core.
 */
struct cred_chain *cred_chain_new(struct aws *a);
void	cred_chain_free(struct cred_chain *c);	/* wipes */

/*
 * The credentials to sign with now, borrowed until the next call: found at
 * the first call, and again from 15 minutes before they expire. A renewal
 * that fails is an error only in their last 10 minutes. Returns NULL and
 * fills e: ERR_CRED when no source has any, or one that is configured is
 * broken (the message says which file or variable, and which key); other
 * kinds when a source could not be asked.
 */
const struct cred *cred_get(struct cred_chain *c, struct err *e) MUST_USE;

/* AWS refused the credentials as expired: do not use them again. */
void	cred_forget(struct cred_chain *c);

void	cred_release(struct cred *c);

/* cred_get() of a session: for a tool that tells what it found. */
const struct cred *aws_credentials(struct aws *a, struct err *e) MUST_USE;

#endif
