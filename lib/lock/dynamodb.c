/*
 * dynamodb.c - locks for many machines, in a DynamoDB table
 *
 * No time is ever stored to be compared: a lock is stale when its version
 * was seen unchanged for a whole lease on the watcher's own clock, and it is
 * taken over only if it still has that version. So clocks that differ do no
 * harm, and of two watchers one wins.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aws/retry.h"
#include "base/alloc.h"
#include "base/msg.h"
#include "base/sig.h"
#include "lock/dynamodb.h"

/* The awslabs client looks once a second; a look costs one read unit. */
static const double REFRESH = 1;
/* A waiter bears a table that fails for this long. */
static const double PATIENCE = 60;
/* Letting go bears it for this long. */
static const double LETTING_GO = 30;
static const double GIVING_BACK = 5;
static const double TRY_AGAIN = 0.5;

/* An acquirer, and what it has seen of the holder it waits for. */
struct watch {
	const struct lock_want *want;
	char token[LOCK_TOKEN_SIZE];	/* ours, if we get the lock */
	char *version;		/* NULL: nothing yet */
	double since;		/* when it was first seen, on our clock */
	double asked;		/* when the judge was asked last; 0: never */
	double pause;		/* before the next look */
};

static struct lock *
open_table(const struct lock_where *where, struct err *e)
{
	struct lock *l;

	if (where->slots > 1) {
		err_set(e, ERR_USAGE, "a lock in a table has one slot");
		return NULL;
	}
	l = xcalloc(1, sizeof(*l));
	l->where = where;
	l->aws = where->aws;
	l->heard = wait_now();
	if (where->create && table_ensure(l, e) == -1) {
		free(l);
		return NULL;
	}
	return l;
}

static void
close_table(struct lock *l)
{
	free(l);
}

/* Calls from now on end by this time; returns what was set before. */
static const struct wait *
set_limit(struct lock *l, const struct wait *limit)
{
	const struct wait *before = l->limit;

	l->limit = limit;
	aws_set_deadline(l->aws, limit);
	return before;
}

/*
 * May this failure pass? Throttling and errors of AWS's own, yes. When
 * nothing was ever heard from the table, there may be nobody to answer.
 */
static bool
is_passing(const struct lock *l, const struct err *e, double patience)
{
	if (retry_throttled(e))
		return true;
	return e->kind == ERR_AWS &&
	    (e->http == 0 ? l->known : e->http >= 500) &&
	    wait_now() - l->heard < patience;
}

/* After a failure: true, after a pause, when it is worth another try. */
static bool
try_again(const struct lock *l, const struct err *e)
{
	return is_passing(l, e, LETTING_GO) &&
	    wait_left(l->limit) > TRY_AGAIN &&
	    wait_for(l->limit, TRY_AGAIN) == WAIT_AGAIN;
}

static void
new_version(struct item *item)
{
	char version[LOCK_TOKEN_SIZE];

	lock_new_token(version);
	free(item->version);
	item->version = xstrdup(version);
	stamp_now(item->renewed_at);
}

static void
make_grant(const struct lock *l, const struct item *item,
    struct lock_grant *out)
{
	memset(out, 0, sizeof(*out));
	out->name = xstrdup(l->where->name);
	out->backend = lock_dynamodb.name;
	out->place = xstrdup(l->where->table);
	memcpy(out->token, item->token, strnlen(item->token,
	    sizeof(out->token) - 1));
	out->fence = item->fence;
	out->owner = xstrdup(item->owner);
	out->workgroup = xstrdup(item->workgroup);
	memcpy(out->acquired_at, item->acquired_at, STAMP_SIZE);
	out->lease = item->lease;
	out->slot = 1;
	out->keep_fd = -1;
}

/*
 * The lock is ours but has no number yet. The counter is raised while we
 * hold it, and the number is ours only if we still hold it afterwards: so
 * numbers that are given out follow the order of the holders.
 */
static enum written
write_fence(struct lock *l, struct item *mine, double *lease_from,
    struct err *e)
{
	struct item before = *mine;
	enum written result;

	if (fence_next(l, &mine->fence, e) == -1)
		return WRITE_FAILED;
	mine->version = NULL;
	new_version(mine);
	*lease_from = wait_now();
	result = item_update(l, mine, &before, e);
	free(before.version);
	return result;
}

/*
 * A put of ours that was sent twice may arrive again a lease later, when
 * others have had the lock and let go, and make it ours with a number that is
 * not the last any more. Then we take another. Model: OLD_PUT.
 */
static enum written
give_fence(struct lock *l, struct item *mine, double *lease_from,
    struct err *e)
{
	enum written result;
	int64_t last = 0;

	do {
		result = write_fence(l, mine, lease_from, e);
		if (result == WRITE_DONE && fence_read(l, &last, e) == -1)
			result = WRITE_FAILED;
	} while (result == WRITE_DONE && last != mine->fence);
	return result;
}

/* The lock as held by this id. ERR_LOST when it is not. */
static int
find(struct lock *l, const struct lock_id *id, struct item *seen,
    struct err *e)
{
	const char *wanted = id->token != NULL ? id->token : id->owner;

	if (item_read(l, seen, e) == -1)
		return -1;
	if (!item_is_free(seen) && strcmp(wanted, id->token != NULL ?
	    seen->token : seen->owner) == 0)
		return 0;
	item_release(seen);
	return err_set(e, ERR_LOST, "lock '%s' is not held by this %s",
	    l->where->name, id->token != NULL ? "token" : "owner");
}

/*
 * Once the lock was seen to be ours, it was so until we wanted to let go:
 * whoever has it now took it from a delete of ours whose reply was lost, or
 * after.
 */
static int
release_by(struct lock *l, const struct lock_id *id, struct err *e)
{
	enum written result;
	bool held = false;
	struct item seen;

	do {
		result = WRITE_FAILED;
		if (find(l, id, &seen, e) == 0) {
			held = true;
			result = item_delete(l, &seen, e);
			item_release(&seen);
		} else if (held && e->kind == ERR_LOST) {
			*e = (struct err){ 0 };
			result = WRITE_DONE;
		}
	} while (result == WRITE_REFUSED ||
	    (result == WRITE_FAILED && try_again(l, e)));
	return result == WRITE_DONE ? 0 : -1;
}

/* A signal to stop does not keep us from letting go; a second one does. */
static int
release_within(struct lock *l, const struct lock_id *id, double seconds,
    struct err *e)
{
	struct wait limit;
	const struct wait *before;
	int rc;

	wait_begin(&limit, seconds, 0, 0);
	before = set_limit(l, &limit);
	sig_set_aside();
	rc = release_by(l, id, e);
	set_limit(l, before);
	return rc;
}

static int
release(struct lock *l, const struct lock_id *id, struct err *e)
{
	*e = (struct err){ 0 };
	return release_within(l, id, LETTING_GO, e);
}

/* Best effort: what stays behind goes with its lease. */
static void
give_back(struct lock *l, const char *token)
{
	struct lock_id id = { .token = token };
	struct err ignored = { 0 };

	if (release_within(l, &id, GIVING_BACK, &ignored) == -1)
		msg_debug(1, "lock '%s': %s", l->where->name, ignored.msg);
}

/* Take what was seen free, or stale. */
static enum written
try_take(struct lock *l, const struct watch *w, const struct item *seen,
    struct lock_grant *out, struct err *e)
{
	struct item mine = { .exists = true, .lease = w->want->lease,
		.attended = w->want->attended };
	double lease_from = 0;
	enum written result;

	mine.token = xstrdup(w->token);
	mine.owner = xstrdup(w->want->owner);
	mine.workgroup = xstrdup(w->want->workgroup);
	stamp_now(mine.acquired_at);
	new_version(&mine);
	result = item_put(l, &mine, seen, e);
	if (result == WRITE_DONE)
		result = give_fence(l, &mine, &lease_from, e);
	if (result == WRITE_DONE) {
		make_grant(l, &mine, out);
		out->attended = mine.attended;
		out->lease_from = lease_from;
	}
	if (result == WRITE_FAILED)
		give_back(l, mine.token);
	item_release(&mine);
	return result;
}

/* Has this version stood for a whole lease while we watched? */
static bool
observe(struct watch *w, const struct item *seen)
{
	double now = wait_now();

	if (w->version == NULL || strcmp(w->version, seen->version) != 0) {
		free(w->version);
		w->version = xstrdup(seen->version);
		w->since = now;
		w->asked = 0;
	}
	if (now - w->since >= seen->lease)
		return true;
	w->pause = fmin(w->pause, w->since + seen->lease - now);
	return false;
}

/* A stale lock that names a workgroup: is its holder still at work on it? */
static bool
may_break(struct lock *l, struct watch *w, const struct item *seen)
{
	const struct lock_want *want = w->want;
	struct lock_grant holder;
	enum lock_verdict verdict;

	if (want->judge == NULL)
		return seen->workgroup == NULL;
	if (w->asked != 0 && wait_now() - w->asked < want->judge_every)
		return false;
	w->asked = wait_now();
	make_grant(l, seen, &holder);
	verdict = want->judge(want->judge_ctx, &holder);
	lock_grant_release(&holder);
	return verdict == HOLDER_GONE;
}

/*
 * Is there nothing to wait for? A lock that is free; a lease of the owner
 * that the user named; or what a write of ours left whose reply was lost.
 */
static bool
is_ours_to_take(const struct watch *w, const struct item *seen)
{
	if (item_is_free(seen))
		return true;
	return seen->ours && (strcmp(seen->token, w->token) == 0 ||
	    (w->want->own && !seen->attended &&
	    strcmp(seen->owner, w->want->owner) == 0));
}

/* One look at the lock: taken, not yet, or a failure. */
static enum written
look(struct lock *l, struct watch *w, struct lock_grant *out, struct err *e)
{
	struct item seen;
	enum written result = WRITE_REFUSED;

	w->pause = REFRESH * (1 - wait_random() / 4);
	if (item_read(l, &seen, e) == -1)
		result = WRITE_FAILED;
	else if (is_ours_to_take(w, &seen))
		result = try_take(l, w, &seen, out, e);
	else if (w->want->no_wait)
		result = err_set(e, ERR_NO, "lock '%s' is busy: '%s' holds "
		    "it in table '%s'", l->where->name, seen.owner,
		    l->where->table);
	else if (observe(w, &seen) && may_break(l, w, &seen))
		result = try_take(l, w, &seen, out, e);
	item_release(&seen);
	return result;
}

static int
gave_up(const struct lock *l, struct err *e)
{
	return err_set(e, ERR_DEADLINE, "gave up waiting for lock '%s'",
	    l->where->name);
}

static int
acquire_loop(struct lock *l, struct watch *w, struct lock_grant *out,
    struct err *e)
{
	for (;;) {
		enum written result = look(l, w, out, e);

		if (result == WRITE_DONE)
			return 0;
		if (result == WRITE_FAILED && !is_passing(l, e, PATIENCE))
			return e->kind == ERR_DEADLINE ? gave_up(l, e) : -1;
		*e = (struct err){ 0 };
		if (wait_for(w->want->deadline, w->pause) == WAIT_DEADLINE)
			return gave_up(l, e);
		if (sig_asked() != 0)
			return err_set(e, ERR_SIGNAL, "stopped");
	}
}

static int
acquire(struct lock *l, const struct lock_want *want,
    struct lock_grant *out, struct err *e)
{
	struct watch w = { .want = want };
	int rc;

	lock_new_token(w.token);
	set_limit(l, want->deadline);
	rc = acquire_loop(l, &w, out, e);
	set_limit(l, NULL);
	free(w.version);
	return rc;
}

/* One try. Refused: another process renewed in between. */
static enum written
renew_once(struct lock *l, const struct lock_id *id, double lease,
    struct lock_grant *out, struct err *e)
{
	struct item seen, mine;
	enum written result;
	double from = wait_now();

	if (find(l, id, &seen, e) == -1)
		return WRITE_FAILED;
	if (!seen.ours) {
		item_release(&seen);
		return err_set(e, ERR_LOST, "lock '%s' is held by another "
		    "client, which alone can renew it", l->where->name);
	}
	mine = seen;
	mine.version = NULL;
	mine.lease = lease;
	new_version(&mine);
	result = item_update(l, &mine, &seen, e);
	if (result == WRITE_DONE && out != NULL) {
		make_grant(l, &mine, out);
		out->lease_from = from;
	}
	free(mine.version);
	item_release(&seen);
	return result;
}

/* What hangs or is throttled ends while there is lease left to act in. */
static int
renew(struct lock *l, const struct lock_id *id, double lease,
    const struct wait *limit, struct lock_grant *out, struct err *e)
{
	enum written result;
	struct wait third;

	wait_begin(&third, lease / 3, 0, 0);
	set_limit(l, limit != NULL ? limit : &third);
	do
		result = renew_once(l, id, lease, out, e);
	while (result == WRITE_REFUSED ||
	    (result == WRITE_FAILED && try_again(l, e)));
	set_limit(l, NULL);
	return result == WRITE_DONE ? 0 : -1;
}

static int
check(struct lock *l, int64_t fence, struct err *e)
{
	struct item seen;
	int rc = -1;

	if (item_read(l, &seen, e) == 0)
		rc = !item_is_free(&seen) && seen.fence == fence ? 0 :
		    err_set(e, ERR_LOST, "lock '%s' is not held with fence "
		    "%lld", l->where->name, (long long)fence);
	item_release(&seen);
	return rc;
}

/*
 * What people see: ages by the wall clocks of two machines. Nothing is
 * decided by them.
 */
static void
set_ages(const struct item *seen, struct lock_grant *g)
{
	time_t then, now = time(NULL);

	g->age = stamp_parse(seen->acquired_at, &then) == 0 ?
	    difftime(now, then) : -1;
	g->left = stamp_parse(seen->renewed_at, &then) == 0 ?
	    seen->lease - difftime(now, then) : seen->lease;
	g->life = g->left < 0 ? LOCK_EXPIRED : LOCK_LEASED;
}

static int
view(struct lock *l, struct lock_view *out, struct err *e)
{
	struct item seen;
	int rc;

	memset(out, 0, sizeof(*out));
	rc = item_read(l, &seen, e);
	if (rc == 0)
		rc = fence_read(l, &out->fence, e);
	if (rc == 0 && !item_is_free(&seen)) {
		out->holder = xcalloc(1, sizeof(*out->holder));
		out->nholder = 1;
		make_grant(l, &seen, out->holder);
		set_ages(&seen, out->holder);
	}
	item_release(&seen);
	return rc;
}

static int
list(const struct lock_where *where, int (*each)(void *ctx,
    const char *name, struct err *e), void *ctx, struct err *e)
{
	struct lock l = { .where = where, .aws = where->aws };
	json_t *names = items_names(&l, e), *name;
	size_t i;
	int rc = 0;

	if (names == NULL)
		return err_prefix(e, "cannot list the locks of table '%s'",
		    where->table);
	json_array_foreach(names, i, name)
		if (rc == 0)
			rc = each(ctx, json_string_value(name), e);
	json_decref(names);
	return rc;
}

/* DynamoDB wakes nobody. */
static int
watch_none(struct lock *l)
{
	(void)l;
	return -1;
}

const struct lock_backend lock_dynamodb = {
	.name = "dynamodb", .open = open_table, .acquire = acquire,
	.renew = renew, .release = release, .check = check, .view = view,
	.list = list, .watch = watch_none, .close = close_table
};
