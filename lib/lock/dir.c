/*
 * dir.c - the directory backend: one machine, woken by the kernel
 *
 * The protocol is in dir.h; tests/model/dir.pml is the same in Promela, its
 * steps named after the functions here.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
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

static struct lock *
dir_open(const struct lock_where *where, struct err *e)
{
	struct lock *l;

	if (lock_check_name(where->name, e) == -1)
		return NULL;
	l = xcalloc(1, sizeof(*l));
	l->where = *where;
	l->path = xstrdup(where->dir);
	l->base = l->state = l->count_fd = l->alive = l->notify = -1;
	return l;
}

static void
dir_close(struct lock *l)
{
	if (l == NULL)
		return;
	if (l->ticket[0] != '\0')
		dir_quit(l);
	if (l->alive != -1)
		close(l->alive);
	if (l->notify != -1)
		close(l->notify);
	dir_close_fds(l);
	free(l->gone);
	free(l->path);
	free(l);
}

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

/*
 * Have the kernel tell us when the directory of a holder is moved or
 * removed. False when it cannot.
 */
static bool
watch_slot(struct lock *l, unsigned slot)
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

static void
drain(int fd)
{
	char events[4096];

	while (fd != -1 && read(fd, events, sizeof(events)) > 0)
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
	if (!watch_slot(l, slot))
		wake_at(w, wait_now() + WITHOUT_INOTIFY);
	if (h->alive != -1) {
		wake_on(w, h->alive, 0);	/* the hang-up alone */
		h->alive = -1;
	}
	if (h->grant.life == LOCK_LEASED)
		wake_at(w, wait_now() + h->grant.left);
	else if (h->grant.life == LOCK_EXPIRED)
		wake_at(w, fmax(l->next_round, wait_now()));
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
	drain(l->notify);
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

static int
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

/* --- the other verbs --- */

static int
not_held(const struct lock *l, const struct lock_id *id, struct err *e)
{
	if (id->token == NULL)
		return err_set(e, ERR_LOST, "lock '%s' in '%s' is not held "
		    "by '%s'", l->where.name, l->path, id->owner);
	err_set(e, ERR_LOST, "lock '%s' in '%s' is not held with this token",
	    l->where.name, l->path);
	return err_hint(e, "it was released, or taken over after its lease "
	    "ran out; see: rs-lock status");
}

/* Enter and find. 0 and inside the mutex; or -1 and outside. */
static int
enter_and_find(struct lock *l, const struct lock_id *id, unsigned *slot,
    struct dir_holder *h, struct err *e)
{
	int rc = dir_enter(l, false, NULL, e);

	if (rc == 0)
		return not_held(l, id, e);
	if (rc == -1)
		return -1;
	rc = dir_find(l, id, h, e);
	if (rc > 0) {
		*slot = (unsigned)rc;
		return 0;
	}
	dir_leave(l);
	return rc == -1 ? -1 : not_held(l, id, e);
}

/* Write the record anew: the lease starts now. */
static int
rewrite(struct lock *l, struct dir_holder *h, struct err *e)
{
	int64_t now = dir_clock_ms(), since = now;
	char name[DIR_ENTRY_SIZE];
	int fd, rc;

	dir_slot_name(l, h->grant.slot, name);
	fd = openat(l->base, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	if (fd == -1)
		return err_sys(e, errno, "cannot open '%s/%s'", l->path,
		    name);
	if (h->grant.age > 0)	/* unknown when from before the last boot */
		since -= (int64_t)(h->grant.age * 1000);
	rc = dir_write_record(fd, &h->grant, since, now, true, e);
	close(fd);
	return rc;
}

static int
dir_renew(struct lock *l, const struct lock_id *id, double lease,
    const struct wait *limit, struct lock_grant *out, struct err *e)
{
	struct dir_holder h;
	unsigned slot;
	int rc = 0;

	(void)limit;	/* nothing here takes its time */
	drain(l->notify);
	if (enter_and_find(l, id, &slot, &h, e) == -1)
		return -1;
	h.grant.lease = h.grant.left = lease;
	if (!h.grant.attended) {
		h.grant.life = LOCK_LEASED;
		rc = rewrite(l, &h, e);
	}
	dir_leave(l);
	if (rc == 0 && out != NULL) {
		*out = h.grant;
		memset(&h.grant, 0, sizeof(h.grant));
	}
	dir_holder_release(&h);
	return rc;
}

static int
dir_release(struct lock *l, const struct lock_id *id, struct err *e)
{
	struct dir_holder h;
	unsigned slot;
	int rc;

	if (enter_and_find(l, id, &slot, &h, e) == -1)
		return -1;
	rc = dir_break(l, slot, e);
	dir_leave(l);
	dir_holder_release(&h);
	return rc;
}

/* --- looking, without the mutex --- */

static int
dir_view(struct lock *l, struct lock_view *out, struct err *e)
{
	struct lock_view v = { 0 };
	struct dir_holder h;
	size_t cap = 0;
	int rc;

	rc = dir_look(l, e);
	if (rc == -1)
		return -1;
	v.fence = l->count.fence;
	for (unsigned slot = 1; rc == 1 && slot <= dir_slots(l); slot++) {
		rc = dir_read_holder(l, slot, &h, e) == -1 ? -1 : 1;
		if (rc == 1 && h.held) {
			v.holder = xgrow(v.holder, v.nholder, &cap,
			    sizeof(*v.holder));
			v.holder[v.nholder++] = h.grant;
			memset(&h.grant, 0, sizeof(h.grant));
		}
		dir_holder_release(&h);
	}
	if (rc == 1 && l->state != -1)
		rc = dir_waiters(l, &v, e);
	dir_close_fds(l);
	if (rc == -1)
		lock_view_release(&v);
	else
		*out = v;
	return rc == -1 ? -1 : 0;
}

static int
dir_check(struct lock *l, int64_t fence, struct err *e)
{
	struct lock_view v;
	int rc = err_set(e, ERR_LOST, "fence %lld does not hold lock '%s'",
	    (long long)fence, l->where.name);

	if (dir_view(l, &v, e) == -1)
		return -1;
	for (size_t i = 0; i < v.nholder; i++) {
		const struct lock_grant *g = &v.holder[i];

		if (g->token[0] == '\0' || g->fence != fence)
			continue;
		rc = 0;
		if (g->life == LOCK_EXPIRED)
			rc = err_set(e, ERR_LOST, "the lease of lock '%s', "
			    "fence %lld, ran out %.3g s ago", g->name,
			    (long long)fence, -g->left);
		else if (g->life == LOCK_DEAD)
			rc = err_set(e, ERR_LOST, "the holder of lock '%s', "
			    "fence %lld, is dead", g->name,
			    (long long)fence);
	}
	lock_view_release(&v);
	return rc;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The name of the lock that an entry of BASE belongs to, or NULL. */
static char *
entry_lock(const char *entry)
{
	char *name = xstrdup(entry + (entry[0] == '.'));
	struct err ignored;

	name[strcspn(name, "@")] = '\0';
	if (lock_check_name(name, &ignored) == 0)
		return name;
	free(name);
	return NULL;
}

static int
read_names(int fd, char ***out, size_t *n, struct err *e)
{
	DIR *dir = fdopendir(dup(fd));
	struct dirent *entry;
	char **v = NULL, *name;
	size_t cap = 0;

	*n = 0;
	if (dir == NULL)
		return err_sys(e, errno, "cannot read the directory");
	while ((entry = readdir(dir)) != NULL)
		if ((name = entry_lock(entry->d_name)) != NULL) {
			v = xgrow(v, *n, &cap, sizeof(*v));
			v[(*n)++] = name;
		}
	closedir(dir);
	if (*n > 0)
		qsort(v, *n, sizeof(*v), by_text);
	*out = v;
	return 0;
}

static int
dir_list(const struct lock_where *where,
    int (*each)(void *ctx, const char *name, struct err *e), void *ctx,
    struct err *e)
{
	struct lock *l = dir_open(where, e);
	char **name = NULL;
	size_t n = 0;
	int rc;

	if (l == NULL)
		return -1;
	rc = dir_open_base(l, false, e);
	if (rc == 1)
		rc = read_names(l->base, &name, &n, e);
	for (size_t i = 0; i < n; i++) {
		if (rc == 0 && (i == 0 || strcmp(name[i], name[i - 1]) != 0))
			rc = each(ctx, name[i], e);
	}
	for (size_t i = 0; i < n; i++)
		free(name[i]);
	free(name);
	dir_close(l);
	return rc;
}

static int
dir_watch(struct lock *l)
{
	return watch_slot(l, l->slot) ? l->notify : -1;
}

const struct lock_backend lock_dir = {
	.name = "dir",
	.open = dir_open,
	.acquire = dir_acquire,
	.renew = dir_renew,
	.release = dir_release,
	.check = dir_check,
	.view = dir_view,
	.list = dir_list,
	.watch = dir_watch,
	.close = dir_close
};
