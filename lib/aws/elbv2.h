/*
 * elbv2.h - target groups of a Network Load Balancer and their targets
 *
 * API reference: Elastic Load Balancing 2015-12-01.
 */
#ifndef AWS_ELBV2_H
#define AWS_ELBV2_H

#include <stddef.h>

#include "aws/aws.h"
#include "base/attr.h"
#include "base/err.h"

struct target_group {
	char *arn, *name;
	char *type;		/* TargetType: ip, instance, lambda, alb */
	char *vpc;		/* NULL when AWS does not say */
};

/* TargetHealth.State, and the absence of a target. */
enum target_state {
	TARGET_ABSENT = 0,
	TARGET_INITIAL,
	TARGET_HEALTHY,
	TARGET_UNHEALTHY,	/* also unhealthy.draining */
	TARGET_UNUSED,
	TARGET_DRAINING,
	TARGET_UNAVAILABLE,
	TARGET_OTHER		/* a word this version does not know */
};

/* A registration. Its identity is ip, port and az together. */
struct target {
	char *ip;
	int port;
	char *az;		/* NULL: not given */
	enum target_state state;
	char *reason;		/* Elb.* or Target.* code, NULL when none */
};

struct targets {
	struct target *v;
	size_t n, cap;
};

/*
 * Find a target group by name, or by ARN (it starts with "arn:"). One that
 * does not exist is ERR_NO with code TargetGroupNotFound.
 */
int	elbv2_target_group(struct aws *a, const char *name_or_arn,
	    struct target_group *group, struct err *e) MUST_USE;
void	target_group_release(struct target_group *group);

/* Every target of the group with its health; appended to out. */
int	elbv2_target_health(struct aws *a, const struct target_group *group,
	    struct targets *out, struct err *e) MUST_USE;

/*
 * Register or deregister n targets (at most ELBV2_BATCH) in one call. Both
 * are idempotent at AWS, so that they are retried like a read.
 */
enum { ELBV2_BATCH = 100 };
int	elbv2_register(struct aws *a, const struct target_group *group,
	    const struct target *const *targets, size_t n, struct err *e)
	    MUST_USE;
int	elbv2_deregister(struct aws *a, const struct target_group *group,
	    const struct target *const *targets, size_t n, struct err *e)
	    MUST_USE;

/* "healthy", "draining", ...; "absent" for TARGET_ABSENT. */
const char *target_state_name(enum target_state state);

/*
 * The same registration? An az that one side does not give (AWS finds it for
 * an address inside the target group's VPC) does not tell them apart.
 */
int	target_same(const struct target *a, const struct target *b);

/* Append a copy of the identity; the state is TARGET_ABSENT. */
struct target *targets_add(struct targets *list, const char *ip, int port,
	    const char *az);

/* The target with this identity, or NULL. */
struct target *targets_find(const struct targets *list,
	    const struct target *wanted);
void	targets_release(struct targets *list);

#endif
