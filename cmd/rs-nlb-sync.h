/*
 * rs-nlb-sync.h - the parts of rs-nlb-sync
 *
 * A plan is made from what the stream wants and what the target group has;
 * guards look at it before anything is changed; then it is applied in the
 * order register, wait until healthy, look again, deregister, wait for the
 * drain.
 */
#ifndef CMD_RS_NLB_SYNC_H
#define CMD_RS_NLB_SYNC_H

#include <stdbool.h>
#include <stddef.h>

#include "aws/elbv2.h"
#include "base/err.h"
#include "base/opt.h"

enum action { ACTION_KEEP, ACTION_REGISTER, ACTION_DEREGISTER, ACTION_DRAIN };

/* One target of the group, of the stream, or of both. */
struct item {
	struct target target;	/* identity borrowed from wanted or actual */
	const char *workgroup;	/* NULL when the stream does not name it */
	enum action action;
	const char *note;	/* why this action, NULL: no need to say */
	bool wanted;
	bool done;		/* the action was accepted by AWS */
	char *failure;		/* what AWS said to it, owned */
};

struct policy {
	bool prune, allow_empty;
	struct opt_amount min_healthy;	/* of the targets in the stream */
	struct opt_amount max_remove;	/* of the targets in the group */
	struct opt_list own;		/* CIDRs; none: everything is ours */
	double wait_healthy, wait_drained;	/* seconds, 0: do not wait */
};

/* What else an "ip" record says; owned, NULL where it does not. */
struct origin {
	char *workgroup;
	char *vpc;
};

struct sync {
	const struct policy *policy;
	struct aws *aws;
	struct target_group group;
	struct targets wanted, actual, fresh;
	struct origin *origins;	/* of wanted, one each */
	size_t origins_cap;
	struct item *items;
	size_t n;
	size_t failures;
};

/* Is every --own a CIDR? Otherwise -1 with ERR_USAGE. */
int	policy_check(const struct policy *p, struct err *e) MUST_USE;

/* Fill s->items from s->wanted and s->actual. */
void	plan_make(struct sync *s);
bool	plan_differs(const struct sync *s);
size_t	plan_count(const struct sync *s, enum action action);

/* Refuse (ERR_NO) a plan that touches or removes what the policy forbids. */
int	plan_guard(const struct sync *s, struct err *e) MUST_USE;

/*
 * Just before removing: are enough healthy targets left? Looks at the
 * states that s->items have now. ERR_NO when not.
 */
int	plan_guard_health(const struct sync *s, struct err *e) MUST_USE;

/* Carry the plan out. The states of the items are brought up to date. */
int	plan_apply(struct sync *s, struct err *e) MUST_USE;

void	sync_release(struct sync *s);

#endif
