/* rs-federate_zero.h - the chain of a zero-ETL integration, link by link */
#ifndef RS_FEDERATE_ZERO_H
#define RS_FEDERATE_ZERO_H

#include "aws/arn.h"
#include "aws/aws.h"
#include "aws/integration.h"
#include "rs-federate.h"

struct zero {
	const struct opts *o;
	struct arn source, target;
	enum integration_keeper keeper;
	struct integration found;
	struct aws *a;
	struct rec_out *out;
	size_t faults;		/* links that are missing or wrong */
};

enum link_state {
	LINK_DONE, LINK_WAITING, LINK_UNKNOWN, LINK_MISSING, LINK_WRONG
};

/*
 * Write one "link" record: what the step is about, in which state it is, and
 * what to do (NULL when nothing). Counts the faults.
 */
void	zero_link(struct zero *z, const char *step, enum link_state state,
	    const char *detail, const char *remedy);

/* Engine, version and parameters of an RDS or Aurora source. */
int	zero_source(struct zero *z, struct err *e) MUST_USE;

/* Case-sensitive names on the target; who may integrate with it. */
int	zero_target(struct zero *z, struct err *e) MUST_USE;

/* The verb. */
int	federate_zero(const struct opts *o, const struct warehouses *fleet,
	    struct rec_out *out, struct err *e) MUST_USE;

#endif
