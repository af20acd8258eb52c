/*
 * dir_acquire.c - wait in the queue, and take the lock when it is our turn
 *
 * tests/model/dir.pml is the same in Promela; its steps are named after the
 * functions here and in dir_queue.c and dir_slot.c.
 */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/sig.h"
#include "lock/dir.h"

/* How often we look when the kernel has no inotify instance left for us. */
static const double WITHOUT_INOTIFY = 1;
static const uint32_t CHANGES = IN_MOVE_SELF | IN_DELETE_SELF | IN_DELETE |
    IN_MOVED_TO;

/* What an acquirer waits for. */
struct wake {
	struct pollfd *fd;
	size_t n, cap;
	double at;		/* wait_now(): look again; 0: never */
};

/* What one look at the lock showed. */
struct look {
	unsigned slot;		/* one for us, 0: none */
	unsigned own;		/* where our own lease was, 0: nowhere */
	unsigned held;
	bool again;		/* look again at once */
	struct dir_holder *ask;	/* for the judge */
	size_t nask, cap;
	struct lock_grant first;	/* a holder, for the message */
};

/* --- waking --- */

static void
wake_on(struct wake *w, int fd, short events)
{
	w->fd = xgrow(w->fd, w->n, &w->cap, sizeof(*w->fd));
	w->fd[w->n++] = (struct pollfd){ .fd = fd, .events = events };
}

static void
wake_at(struct wake *w, double at)
{
	if (w->at == 0 || at < w->at)
		w->at = at;
}

/* Close what was opened for this wait; the inotify descriptor stays. */
static void
wake_release(const struct lock *l, struct wake *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->fd[i].fd != l->notify)
			close(w->fd[i].fd);
	free(w->fd);
	memset(w, 0, sizeof(*w));
}

bool
dir_watch_slot(struct lock *l, unsigned slot)
{
	char name[DIR_ENTRY_SIZE], *path;
	int wd;

	if (l->notify == -1)
		l->notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (l->notify == -1)
		return false;
	dir_slot_name(l, slot, name);
	path = xasprintf("%s/%s", l->path, name);
	wd = inotify_add_watch(l->notify, path, CHANGES | IN_ONLYDIR |
	    IN_DONT_FOLLOW);
	free(path);
	return wd != -1;
}

void
dir_drain(struct lock *l)
{
	char events[4096];

	while (l->notify != -1 && read(l->notify, events, sizeof(events)) > 0)
		;
}

/*
 * Sleep until something we watch happens, the deadline or a signal. Model:
 * wake_wait.
 */
static enum wait_result
wake_wait(struct wake *w, const struct wait *deadline)
{
	sigset_t waiting;
	enum wait_result result = WAIT_AGAIN;
	int n = 0;

	sig_hold(&waiting);
	while (n == 0) {
		double left = wait_left(deadline);
		struct timespec ts;

		if (w->at != 0)
			left = fmin(left, fmax(w->at - wait_now(), 0));
		ts.tv_sec = (time_t)left;
		ts.tv_nsec = (long)((left - floor(left)) * 1e9);
		if (sig_caught() != 0)
			result = WAIT_SIGNAL;
		else if (wait_expired(deadline))
			result = WAIT_DEADLINE;
		else
			n = ppoll(w->fd, w->n, &ts, &waiting);
		if (result != WAIT_AGAIN ||
		    (w->at != 0 && wait_now() >= w->at) ||
		    (n == -1 && errno != EINTR))
			break;
		if (n == -1)
			n = 0;
	}
	sig_resume(&waiting);
	return result;
}

/* --- looking, under the mutex --- */

static bool
same_version(const struct dir_version *v, const struct dir_holder *h)
{
	return strcmp(v->token, h->grant.token) == 0 &&
	    v->renewed == h->renewed;
}

static bool
judged_gone(const struct lock *l, const struct dir_holder *h)
{
	for (size_t i = 0; i < l->ngone; i++)
		if (same_version(&l->gone[i], h))
			return true;
	return false;
}

enum fate { FATE_STAYS, FATE_BROKEN, FATE_OURS };

/* What becomes of a holder. Model: fate_of. */
static enum fate
fate_of(const struct lock *l, const struct lock_want *want,
    const struct dir_holder *h)
{
	const struct lock_grant *g = &h->grant;
	bool leased = g->life == LOCK_LEASED || g->life == LOCK_EXPIRED;

	if (leased && want->own && strcmp(g->owner, want->owner) == 0)
		return FATE_OURS;
	if (g->life == LOCK_DEAD)
		return FATE_BROKEN;
	if (g->life != LOCK_EXPIRED)
		return FATE_STAYS;
	if (want->judge == NULL)
		return g->workgroup == NULL ? FATE_BROKEN : FATE_STAYS;
	return judged_gone(l, h) ? FATE_BROKEN : FATE_STAYS;
}

/*
 * A holder that stays: what will tell us that it has gone? Set while we have
 * the mutex, so that nothing is missed. Model: wait_for_holder.
 */
static void
wait_for_holder(struct lock *l, struct wake *w, struct dir_holder *h,
    unsigned slot)
{
	if (!dir_watch_slot(l, slot))
		wake_at(w, wait_now() + WITHOUT_INOTIFY);
	if (h->alive != -1) {
		wake_on(w, h->alive, 0);	/* the hang-up alone */
		h->alive = -1;
	}
	if (h->grant.life == LOCK_LEASED)
		wake_at(w, wait_now() + h->grant.left);
	else if (h->grant.life == LOCK_EXPIRED && l->next_round > wait_now())
		wake_at(w, l->next_round);	/* else it is asked about now */
}

/* Keep what we need of a holder that stays; h is empty afterwards. */
static void
note_holder(const struct lock *l, struct look *k, struct dir_holder *h,
    const struct lock_want *want)
{
	k->held++;
	if (h->grant.life == LOCK_EXPIRED && want->judge != NULL &&
	    wait_now() >= l->next_round) {
		k->ask = xgrow(k->ask, k->nask, &k->cap, sizeof(*k->ask));
		k->ask[k->nask++] = *h;
	} else if (k->first.name == NULL) {
		k->first = h->grant;
	} else {
		dir_holder_release(h);
	}
	memset(h, 0, sizeof(*h));
}

static void
look_release(struct look *k)
{
	for (size_t i = 0; i < k->nask; i++)
		dir_holder_release(&k->ask[i]);
	free(k->ask);
	lock_grant_release(&k->first);
	memset(k, 0, sizeof(*k));
}

/*
 * See who is in a slot and put out who may be put out. Only the first in the
 * queue breaks the lock of another; one's own lease (want->own) is taken back
 * from anywhere in the queue.
 */
static int
look_at_slot(struct lock *l, const struct lock_want *want, unsigned slot,
    bool first, struct look *k, struct wake *w, struct err *e)
{
	struct dir_holder h;
	enum fate fate;

	if (dir_read_holder(l, slot, &h, e) == -1)
		return -1;
	fate = h.held ? fate_of(l, want, &h) : FATE_STAYS;
	if (fate == FATE_OURS || (fate == FATE_BROKEN && first)) {
		msg_debug(1, "breaking lock '%s' of '%s', which is %s",
		    h.grant.name, h.grant.owner, lock_life_text(h.grant.life));
		dir_holder_release(&h);
		if (dir_break(l, slot, e) == -1)
			return -1;
	}
	if (fate == FATE_OURS)
		k->own = slot;
	if (!h.held && k->slot == 0 && slot <= l->where.slots)
		k->slot = slot;
	if (h.held && first)
		wait_for_holder(l, w, &h, slot);
	if (h.held)
		note_holder(l, k, &h, want);
	return 0;
}

/*
 * One look at the lock, under the mutex: 1 we have it, 0 wait for w, -1.
 * Model: the steps from dir_join to dir_publish.
 */
static int
try_acquire(struct lock *l, const struct lock_want *want, struct look *k,
    struct wake *w, struct lock_grant *out, struct err *e)
{
	int ahead, rc;

	if (dir_join(l, want, e) == -1 || dir_ahead(l, &ahead, e) == -1)
		return -1;
	if (ahead != -1)
		wake_on(w, ahead, POLLIN);
	dir_drain(l);
	for (unsigned slot = 1; slot <= dir_slots(l); slot++)
		if (look_at_slot(l, want, slot, ahead == -1, k, w, e) == -1)
			return -1;
	if (k->own != 0)
		k->slot = k->own;
	else if (ahead != -1 || k->held >= l->where.slots)
		k->slot = 0;
	if (k->slot == 0) {
		if (ahead == -1 && l->notify != -1)
			wake_on(w, l->notify, POLLIN);
		return want->no_wait ? 0 : dir_announce(l, want, e);
	}
	rc = dir_publish(l, want, k->slot, out, e);
	if (rc == 1)
		l->slot = k->slot;
	if (rc == 0) {
		dir_quit(l);	/* our place was made ready for nothing */
		k->again = true;
	}
	return rc;
}

/* Outside the mutex: ask about leases that ran out. Model: ask_judge. */
static void
ask_judge(struct lock *l, const struct lock_want *want, struct look *k)
{
	l->ngone = 0;
	for (size_t i = 0; i < k->nask; i++) {
		struct dir_version *v;

		if (want->judge(want->judge_ctx, &k->ask[i].grant) !=
		    HOLDER_GONE)
			continue;
		l->gone = xgrow(l->gone, l->ngone, &l->cap_gone,
		    sizeof(*l->gone));
		v = &l->gone[l->ngone++];
		memcpy(v->token, k->ask[i].grant.token, sizeof(v->token));
		v->renewed = k->ask[i].renewed;
	}
	l->next_round = wait_now() + want->judge_every;
}

/* Say why we do not have the lock. Always -1. */
static int
explain(const struct lock *l, const struct look *k, enum err_kind kind,
    const struct lock_want *want, struct err *e)
{
	char after[64] = "";

	if (kind == ERR_SIGNAL)
		return err_set(e, kind, "stopped by a signal while waiting "
		    "for lock '%s'", l->where.name);
	if (kind == ERR_DEADLINE)
		snprintf(after, sizeof(after), " after %.3g s",
		    wait_elapsed(want->deadline));
	if (k->first.name == NULL)
		return err_set(e, kind, "lock '%s' is busy%s: others wait "
		    "for it already", l->where.name, after);
	err_set(e, kind, "lock '%s' is busy%s: '%s' holds it since %s, fence "
	    "%lld", l->where.name, after, k->first.owner,
	    k->first.acquired_at[0] ? k->first.acquired_at :
	    "an unknown time", (long long)k->first.fence);
	if (k->first.life == LOCK_UNREADABLE)
		err_hint(e, "'%s/%s' was not made by rs-lock; remove it when "
		    "you know that nobody works under it", l->path,
		    l->where.name);
	return -1;
}

/* One round: 1 we have it, 0 go round again, -1. */
static int
acquire_round(struct lock *l, const struct lock_want *want,
    const struct wait *deadline, struct lock_grant *out, struct err *e)
{
	struct wake w = { 0 };
	struct look k = { 0 };
	int rc;

	rc = dir_enter(l, true, deadline, e);
	if (rc != 1)
		return -1;
	rc = try_acquire(l, want, &k, &w, out, e);
	dir_leave(l);
	if (rc == 0 && k.nask > 0)
		ask_judge(l, want, &k);
	else if (rc == 0 && want->no_wait && !k.again)
		rc = explain(l, &k, ERR_NO, want, e);
	else if (rc == 0 && !k.again)
		switch (wake_wait(&w, deadline)) {
		case WAIT_SIGNAL:
			rc = explain(l, &k, ERR_SIGNAL, want, e);
			break;
		case WAIT_DEADLINE:
			rc = explain(l, &k, ERR_DEADLINE, want, e);
			break;
		case WAIT_AGAIN:
			break;
		}
	wake_release(l, &w);
	look_release(&k);
	return rc;
}

int
dir_acquire(struct lock *l, const struct lock_want *want,
    struct lock_grant *out, struct err *e)
{
	static const struct wait forever;
	const struct wait *deadline = want->deadline != NULL ?
	    want->deadline : &forever;
	int rc;

	do
		rc = acquire_round(l, want, deadline, out, e);
	while (rc == 0);
	if (rc == -1)
		dir_quit(l);
	/*
	 * The caller may fork; two processes that share a descriptor would
	 * not exclude each other.
	 */
	dir_close_fds(l);
	return rc == 1 ? 0 : -1;
}
