/*
 * cred_source.h - the sources of credentials; for lib/aws/cred*.c only
 *
 * One file a source. cred.c asks them in order.
 */
#ifndef AWS_CRED_SOURCE_H
#define AWS_CRED_SOURCE_H

#include <jansson.h>
#include <stdbool.h>
#include <time.h>

#include "aws/cred.h"
#include "aws/session.h"
#include "base/attr.h"
#include "base/err.h"

/* What a search knows and keeps. */
struct cred_chain {
	struct aws *a;
	struct cred current;	/* access_key_id NULL: none yet */
	double next_try;	/* on wait_now()'s clock */
	bool renewal;		/* credentials have been found before */
	bool refused;		/* AWS did not take them: no cache is trusted */
	char note[256];		/* why the last source had nothing */
	struct cred_kept *kept;	/* cred_cache.c's */
	size_t n_kept, cap_kept;
};

/* What a source is asked for. */
struct cred_query {
	struct aws *a;
	struct cred_chain *chain;
	const char *profile;
	bool env;		/* variables that name a role count as well */
};

/*
 * A source: 1 and *out filled (zeroed before); 0 when nothing configures it;
 * -1 with e filled (ERR_CRED, or how the call it made failed) when something
 * does and it does not work.
 */
typedef int cred_source(const struct cred_query *q, struct cred *out,
	    struct err *e);

cred_source cred_env;		/* AWS_ACCESS_KEY_ID ... */
cred_source cred_role;		/* role_arn of a profile */
cred_source cred_web;		/* a web identity token, for a role */
cred_source cred_sso;		/* IAM Identity Center */
cred_source cred_shared_file;	/* keys in the credentials file */
cred_source cred_login;		/* `aws login`: always an error */
cred_source cred_process;	/* credential_process */
cred_source cred_config_file;	/* keys in the config file */
cred_source cred_old_file;	/* AWS_CREDENTIAL_FILE: the same */
cred_source cred_container;	/* ECS, EKS and their like */
cred_source cred_imds;		/* the metadata service of an instance */

/* What a profile itself can hold, role_arn apart, in order. */
cred_source cred_profile;

/* Remember why a source had nothing, for the message when none has. */
void	cred_note(struct cred_chain *c, const char *fmt, ...) PRINTF(2, 3);

/*
 * Credentials of a role, by the key of the AWS CLI's cache: kept for this
 * session, and read from ~/.aws/cli/cache, which is never written. Found
 * only when they last for another 15 minutes. What comes from the file has
 * no source yet.
 */
enum { CRED_KEY_SIZE = 41 };
bool	cred_recall(const struct cred_query *q, const char *key,
	    struct cred *out);
void	cred_remember(const struct cred_query *q, const char *key,
	    const struct cred *c);
void	cred_forget_kept(struct cred_chain *chain);

/* SHA-1 of s in hexadecimal: the name of a file in the AWS CLI's caches. */
void	cred_key(const char *s, char out[CRED_KEY_SIZE]);

/* An environment variable, or NULL when it is unset or empty. */
const char *cred_getenv(const char *name);

/* "profile 'x' (/home/u/.aws/config:3)", where key stands; for free(). */
char	*cred_place(const struct cred_query *q, const char *key);

/* Add one more step to out->source, "a > b". */
void	cred_step(struct cred *out, const char *fmt, ...) PRINTF(2, 3);

/*
 * A time of expiry in any form the SDKs write: RFC 3339, or with "UTC" or
 * "+0000" in the place of "Z". Returns 0, or -1.
 */
int	cred_time(const char *s, time_t *out) MUST_USE;

/* Now, by AWS's clock as far as this session knows it. */
time_t	cred_now(const struct aws *a);

/* The members of an object that carries credentials. */
struct cred_members {
	const char *id, *secret, *token, *expires, *account;
	bool lasting;		/* token and expiry may be absent */
	bool ms;		/* the expiry is a number of milliseconds */
};

/* Fill *out from o (or NULL: not an object). Returns 0, or -1 (ERR_CRED). */
int	cred_from_json(const json_t *o, const struct cred_members *m,
	    struct cred *out, struct err *e) MUST_USE;

/*
 * One call of STS that answers with credentials. form is released. Adds the
 * step "METHOD ROLE" to the source that *out has.
 */
struct cred_role_call {
	const char *op;		/* "AssumeRole" */
	const char *method;	/* "assume-role" */
	const char *arn;
	struct aws_as as;
};
int	cred_call_sts(const struct cred_query *q,
	    const struct cred_role_call *call, struct form *form,
	    struct cred *out, struct err *e) MUST_USE;

/* The name of a session when the user gave none; for free(). */
char	*cred_session_name(void);

/* Ask for the code of an MFA device on the terminal: six digits. */
enum { CRED_MFA_SIZE = 7 };
int	cred_ask_mfa(const struct cred_query *q, const char *serial,
	    char code[CRED_MFA_SIZE], struct err *e) MUST_USE;

/*
 * One request to a metadata service, past every proxy. Returns 1 with an
 * answer of any status in *res; 0 when there was none, and e says why; -1
 * for what asking again cannot mend. *res is to be released in any case.
 */
int	cred_fetch(const struct cred_query *q, struct http *h,
	    struct http_request *req, struct http_response *res,
	    struct err *e) MUST_USE;

#endif
