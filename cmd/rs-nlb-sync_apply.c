/* rs-nlb-sync_apply.c - carry a plan out, the safe things first */
#include <string.h>

#include "aws/retry.h"
#include "base/alloc.h"
#include "base/msg.h"
#include "base/wait.h"
#include "rs-nlb-sync.h"

/* A new NLB target takes minutes to become healthy, a drain five of them. */
static const double PAUSE_FLOOR = 0.5, PAUSE_CAP = 5;

/* Seconds that the look at the end of a wait may take. */
static const double LAST_LOOK = 5;

typedef int change_fn(struct aws *, const struct target_group *,
    const struct target *const *, size_t, struct err *);

/* Codes that blame one target, so that the others of the call can go on. */
static bool
blames_a_target(const struct err *e)
{
	return err_is(e, "InvalidTarget") ||
	    err_is(e, "TooManyRegistrationsForTargetId");
}

/* One call for the items from..to that have this action. */
static int
change_batch(struct sync *s, change_fn *change, struct item **batch,
    size_t n, struct err *e)
{
	const struct target *targets[ELBV2_BATCH] = { NULL };
	int rc;

	for (size_t i = 0; i < n; i++)
		targets[i] = &batch[i]->target;
	rc = change(s->aws, &s->group, targets, n, e);
	for (size_t i = 0; rc == 0 && i < n; i++)
		batch[i]->done = true;
	return rc;
}

/* A batch that one bad target spoilt, one by one. */
static int
change_singly(struct sync *s, change_fn *change, struct item **batch,
    size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		memset(e, 0, sizeof(*e));
		if (change_batch(s, change, &batch[i], 1, e) == 0)
			continue;
		if (!blames_a_target(e))
			return -1;
		batch[i]->failure = xstrdup(e->msg);
		s->failures++;
	}
	memset(e, 0, sizeof(*e));
	return 0;
}

static int
change_all(struct sync *s, enum action action, change_fn *change,
    struct err *e)
{
	struct item *batch[ELBV2_BATCH];
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i <= s->n; i++) {
		if (i < s->n && s->items[i].action == action)
			batch[n++] = &s->items[i];
		if (n == 0 || (n < ELBV2_BATCH && i < s->n))
			continue;
		rc = change_batch(s, change, batch, n, e);
		if (rc == -1 && blames_a_target(e))
			rc = change_singly(s, change, batch, n, e);
		n = 0;
	}
	if (rc == -1)
		return err_prefix(e, "cannot %s targets of '%s'",
		    action == ACTION_REGISTER ? "register" : "deregister",
		    s->group.name);
	if (s->failures > 0)
		return err_set(e, ERR_AWS, "AWS refused %zu target%s of '%s', "
		    "see the records", s->failures,
		    s->failures == 1 ? "" : "s", s->group.name);
	return 0;
}

/* Look at the group again and bring the items up to date. */
static int
look(struct sync *s, struct err *e)
{
	struct targets fresh = { 0 };

	if (elbv2_target_health(s->aws, &s->group, &fresh, e) == -1) {
		targets_release(&fresh);
		return -1;
	}
	targets_release(&s->fresh);
	s->fresh = fresh;	/* the items borrow the reasons */
	for (size_t i = 0; i < s->n; i++) {
		struct item *item = &s->items[i];
		const struct target *now = targets_find(&s->fresh,
		    &item->target);

		item->target.state = now != NULL ? now->state :
		    TARGET_ABSENT;
		item->target.reason = now != NULL ? now->reason : NULL;
	}
	return 0;
}

static bool
awaits_health(const struct item *item)
{
	return item->wanted && item->target.state != TARGET_HEALTHY &&
	    (item->done || item->target.state == TARGET_INITIAL);
}

static bool
awaits_drain(const struct item *item)
{
	return item->action == ACTION_DEREGISTER &&
	    item->target.state != TARGET_ABSENT;
}

/* No listener uses the group: its targets will never be checked. */
static bool
group_unused(const struct sync *s)
{
	for (size_t i = 0; i < s->fresh.n; i++)
		if (s->fresh.v[i].state != TARGET_UNUSED &&
		    s->fresh.v[i].state != TARGET_DRAINING)
			return false;
	return true;
}

static int
not_in_time(const struct sync *s, const struct item *item, double waited,
    const char *wanted, struct err *e)
{
	err_set(e, ERR_DEADLINE, "target %s:%d of '%s' is not %s after "
	    "%.0f s: it is %s%s%s", item->target.ip, item->target.port,
	    s->group.name, wanted, waited,
	    target_state_name(item->target.state),
	    item->target.reason != NULL ? ", " : "",
	    item->target.reason != NULL ? item->target.reason : "");
	if (item->target.state == TARGET_UNUSED)
		return err_hint(e, "Target.NotInUse: no listener uses the "
		    "group, or the load balancer has no subnet in the "
		    "target's zone (%s)", item->target.az != NULL ?
		    item->target.az : "unknown");
	if (item->target.state == TARGET_UNHEALTHY)
		return err_hint(e, "does the security group of the endpoint "
		    "admit the load balancer on this port?");
	return -1;
}

/* How many items are awaited; *first is one of them. */
static size_t
count_awaited(const struct sync *s, bool (*awaited)(const struct item *),
    const struct item **first)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		if (awaited(&s->items[i]) && n++ == 0)
			*first = &s->items[i];
	return n;
}

static int
look_until(struct sync *s, bool (*awaited)(const struct item *),
    const char *wanted, struct wait *w, struct err *e)
{
	enum wait_result next = WAIT_AGAIN;
	const struct item *first = NULL;
	unsigned unused = 0;
	size_t left;

	for (;;) {
		if (look(s, e) == -1) {
			if (next == WAIT_DEADLINE || !retry_throttled(e))
				return -1;
			memset(e, 0, sizeof(*e));	/* look again later */
		}
		left = count_awaited(s, awaited, &first);
		if (left == 0)
			return 0;
		unused = first->target.state == TARGET_UNUSED &&
		    group_unused(s) ? unused + 1 : 0;
		if (next == WAIT_DEADLINE || unused == 3)
			return not_in_time(s, first, wait_elapsed(w), wanted,
			    e);
		msg_progress("%s: %zu target%s not %s yet, %.0f s",
		    s->group.name, left, left == 1 ? "" : "s", wanted,
		    wait_elapsed(w));
		next = wait_next(w);
		if (next == WAIT_SIGNAL)
			return err_set(e, ERR_SIGNAL, "stopped");
	}
}

/*
 * Look until no item is awaited any more. A call that AWS does not answer
 * ends soon after the time is up, not when all its attempts are made.
 */
static int
wait_until(struct sync *s, bool (*awaited)(const struct item *),
    const char *wanted, double timeout, struct err *e)
{
	struct wait looks, calls;
	int rc;

	wait_begin(&looks, timeout, PAUSE_FLOOR, PAUSE_CAP);
	wait_begin(&calls, timeout + LAST_LOOK, 0, 0);
	aws_set_deadline(s->aws, &calls);
	rc = look_until(s, awaited, wanted, &looks, e);
	aws_set_deadline(s->aws, NULL);
	return rc;
}

/*
 * The second look: somebody else may have changed the group since the plan
 * was made. Only what was there then, and is there still, is removed.
 */
static int
remove_unwanted(struct sync *s, struct err *e)
{
	if (look(s, e) == -1 || plan_guard_health(s, e) == -1)
		return -1;
	for (size_t i = 0; i < s->n; i++)
		if (s->items[i].action == ACTION_DEREGISTER &&
		    (s->items[i].target.state == TARGET_ABSENT ||
		    s->items[i].target.state == TARGET_DRAINING))
			s->items[i].action = ACTION_DRAIN;
	if (change_all(s, ACTION_DEREGISTER, elbv2_deregister, e) == -1)
		return -1;
	for (size_t i = 0; i < s->n; i++)
		if (s->items[i].action == ACTION_DEREGISTER)
			s->items[i].target.state = TARGET_DRAINING;
	return 0;
}

int
plan_apply(struct sync *s, struct err *e)
{
	const struct policy *p = s->policy;
	bool awaited = false, removes = plan_count(s, ACTION_DEREGISTER) > 0;

	if (change_all(s, ACTION_REGISTER, elbv2_register, e) == -1)
		return -1;
	for (size_t i = 0; i < s->n; i++)
		awaited = awaited || awaits_health(&s->items[i]);
	if (awaited && p->wait_healthy > 0 && wait_until(s, awaits_health,
	    "healthy", p->wait_healthy, e) == -1)
		return -1;
	if (removes && remove_unwanted(s, e) == -1)
		return -1;
	if (removes && p->wait_drained > 0)
		return wait_until(s, awaits_drain, "gone", p->wait_drained,
		    e);
	return 0;
}
