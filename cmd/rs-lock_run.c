/*
 * rs-lock_run.c - run a command under the lock
 *
 *	rs-lock run (front) --- guard --- command --- what it starts
 *
 * The guard is a second process of this program. It starts the command,
 * renews the lease, ends the command when the lock is lost, and lets go when
 * the command and all that it started are gone. It sees that because it is
 * their reaper, whatever descriptors they close and however they daemonise.
 *
 * Kill either process with -9 and the command is not left unprotected: when
 * the front dies, the guard goes on; when the guard dies, the command dies
 * with it (PR_SET_PDEATHSIG), what it started falls to the front, which ends
 * it, waits, and lets go. Should both die, the descriptor that the command
 * inherited keeps the lock until the last process that has it is gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/sig.h"
#include "rs-lock_run.h"

/*
 * Watching for the loss of the lock costs milliseconds at the end of the
 * process, which a short command need not pay.
 */
static const double WATCH_AFTER = 0.2;
static const double LOOK_EVERY = 1;	/* when nothing can be watched */
/*
 * Where nobody but the lease protects us: clocks do not run at one speed, and
 * to kill takes a moment, so this part of a lease is not relied on.
 */
static const double MARGIN = 1.0 / 20;
/* The guard hears nothing while it renews. */
static const double RENEW_MAX = 15;
static const double RENEW_AGAIN = 1;

/* --- the command --- */

static void
export_lock(const struct lock_grant *g)
{
	char fence[24];

	snprintf(fence, sizeof(fence), "%lld", (long long)g->fence);
	setenv("RS_LOCK_NAME", g->name, 1);
	setenv("RS_LOCK_FENCE", fence, 1);
	setenv("RS_LOCK_TOKEN", g->token, 1);
	if (g->backend == lock_dir.name)
		setenv("RS_LOCK_DIR", g->place, 1);
}

static NORETURN void
start_command(struct run *r, pid_t guard, char **argv)
{
	int errnum;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != guard)
		_exit(RUN_FAILED);
	if (r->grant.keep_fd != -1 && !r->s.o->close)
		(void)fcntl(r->grant.keep_fd, F_SETFD, 0);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &r->mask, NULL);
	execvp(argv[0], argv);
	errnum = errno;
	msg_warn("cannot run '%s': %s", argv[0], strerror(errnum));
	_exit(errnum == ENOENT ? RUN_NOT_FOUND : RUN_NO_EXEC);
}

/* --- the guard --- */

/* Has the lock only a lease, although we are here? */
static bool
is_leased(const struct run *r)
{
	return r->s.o->table != NULL;
}

/* When the command has to be gone. */
static double
last_moment(const struct run *r)
{
	return r->renewed + r->s.o->lease * (1 - MARGIN);
}

/* When it has to be told, unless the lease was renewed. */
static double
last_warning(const struct run *r)
{
	return last_moment(r) - fmin(r->s.o->grace, r->s.o->lease / 3);
}

static void
lose(struct run *r, struct err *e)
{
	err_prefix(e, "lock '%s' is lost, ending the command",
	    r->grant.name);
	msg_err(e);
	r->lost = true;
}

/*
 * Renew. When the lock is gone, or when renewing has failed for so long that
 * the lease may end before the command has, the lock counts as lost.
 */
static void
renew(struct run *r)
{
	struct lock_id id = { r->grant.token, NULL };
	double before = wait_now(), lease = r->s.o->lease;
	struct err e = { 0 };
	struct wait limit;

	if (is_leased(r) && before >= last_warning(r)) {
		err_set(&e, ERR_LOST, "it could not be renewed in time");
		lose(r, &e);
		return;
	}
	wait_begin(&limit, fmin(lease / 6, RENEW_MAX), 0, 0);
	if (r->s.backend->renew(r->s.lock, &id, lease, &limit, NULL,
	    &e) == 0) {
		r->renewed = before;
		r->next = before + lease / 3;
		return;
	}
	if (e.kind == ERR_LOST || wait_now() >= last_warning(r)) {
		lose(r, &e);
		return;
	}
	msg_debug(1, "cannot renew lock '%s' yet: %s", r->grant.name, e.msg);
	r->next = fmin(wait_now() + fmin(RENEW_AGAIN, lease / 20),
	    last_warning(r));
}

/* When a lost lock's command is killed: before another may work, if we can. */
static double
kill_time(const struct run *r)
{
	double at = wait_now() + r->s.o->grace;

	return is_leased(r) ? fmin(at, last_moment(r)) : at;
}

/* Wait until nothing that the command started is left, or the lock is lost. */
static void
guard_loop(struct run *r)
{
	int watch = -1;

	while (!r->lost) {
		struct pollfd pfd = { .fd = watch, .events = POLLIN };

		pause_until(r, watch, r->next);
		handle_signals(r);
		if (!reap(r) || (r->ended && r->s.o->close))
			return;
		if (wait_now() < r->next && poll(&pfd, 1, 0) != 1)
			continue;
		if (watch == -1)
			watch = r->s.backend->watch(r->s.lock);
		renew(r);
		if (watch == -1 && !is_leased(r))
			r->next = fmin(r->next, wait_now() + LOOK_EVERY);
	}
}

static void
let_go(struct run *r, struct session *s)
{
	struct lock_id id = { r->grant.token, NULL };
	struct err e = { 0 };

	if (s->backend->release(s->lock, &id, &e) == -1 && !r->lost) {
		err_prefix(&e, "lock '%s'", r->grant.name);
		msg_err(&e);
		r->lost = true;
	}
}

static int
guard(struct run *r, char **argv)
{
	pid_t self = getpid();

	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	r->renewed = r->grant.lease_from;
	r->next = is_leased(r) ? r->renewed + r->s.o->lease / 3 :
	    wait_now() + WATCH_AFTER;
	if (wait_now() >= r->next)	/* it took us long to get here */
		renew(r);
	if (!r->lost)
		r->child = fork();
	if (r->child == 0 && !r->lost)
		start_command(r, self, argv);
	if (r->child == -1)
		msg_warn("cannot start a process: %s", strerror(errno));
	else
		guard_loop(r);
	if (r->lost)
		end_tree(r, kill_time(r));
	let_go(r, &r->s);
	return r->lost || r->child == -1 ? RUN_FAILED : exit_code(r->status);
}

/* --- the front --- */

/*
 * The guard was killed, and the command with it. A lease that nobody renews
 * leaves no time for grace. What the guard was told last is still in the
 * connection that we share with it, so we open one of our own.
 */
static int
take_over(struct run *r)
{
	struct session fresh;
	struct err e = { 0 };

	msg_warn("the guard of lock '%s' was killed by signal %d; ending "
	    "what the command left", r->grant.name, WTERMSIG(r->status));
	end_tree(r, wait_now() + (is_leased(r) ? 0 : r->s.o->grace));
	if (!is_leased(r)) {
		let_go(r, &r->s);
	} else if (session_open(&fresh, r->s.o, &e) == -1) {
		msg_err(&e);
	} else {
		let_go(r, &fresh);
		session_close(&fresh);
	}
	return RUN_FAILED;
}

static int
front(struct run *r)
{
	int code;

	while (!r->ended) {
		pause_until(r, -1, wait_now() + 3600);
		handle_signals(r);
		(void)reap(r);
	}
	code = WIFSIGNALED(r->status) ? take_over(r) : exit_code(r->status);
	/* Die of what the command died of, if it was sent to us as well. */
	if (r->caught != 0 && code == RUN_SIGNAL + r->caught) {
		signal(r->caught, SIG_DFL);
		raise(r->caught);
		sigprocmask(SIG_SETMASK, &r->mask, NULL);
	}
	return code;
}

static int
run_locked(struct run *r, char **argv)
{
	struct lock_id id = { r->grant.token, NULL };
	struct err e = { 0 };

	export_lock(&r->grant);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (sig_caught() == 0 && open_signals(r, &e) == 0) {
		r->child = fork();
		if (r->child == 0)
			_exit(guard(r, argv));
		if (r->child > 0)
			return front(r);
		err_sys(&e, errno, "cannot start a process");
	}
	if (sig_caught() == 0)
		msg_err(&e);
	(void)!r->s.backend->release(r->s.lock, &id, &e);
	return sig_caught() != 0 ? RUN_SIGNAL + sig_caught() : RUN_FAILED;
}

static int
failed(const struct err *e)
{
	if (e->kind == ERR_SIGNAL)
		return RUN_SIGNAL + sig_asked();
	msg_err(e);
	if (e->kind == ERR_DEADLINE)
		return RUN_TIMEOUT;
	return e->kind == ERR_NO || e->kind == ERR_USAGE ? (int)e->kind :
	    RUN_FAILED;
}

int
run_command(const struct opts *o, char **argv)
{
	struct run r = { .signals = -1 };
	struct err e = { 0 };
	int code;

	if (session_open(&r.s, o, &e) == -1)
		return failed(&e);
	if (session_acquire(&r.s, true, &r.grant, &e) == 0) {
		code = run_locked(&r, argv);
		lock_grant_release(&r.grant);
	} else {
		code = failed(&e);
	}
	if (r.signals != -1)
		close(r.signals);
	session_close(&r.s);
	return code;
}
