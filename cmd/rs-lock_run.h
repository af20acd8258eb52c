/*
 * rs-lock_run.h - what run keeps, in the front and in the guard
 */
#ifndef CMD_RS_LOCK_RUN_H
#define CMD_RS_LOCK_RUN_H

#include <signal.h>
#include <sys/types.h>

#include "rs-lock.h"

/* The statuses of env(1) and timeout(1), which users of those expect. */
enum { RUN_TIMEOUT = 124, RUN_FAILED = 125, RUN_NO_EXEC = 126,
	RUN_NOT_FOUND = 127, RUN_SIGNAL = 128 };

struct run {
	struct session s;
	struct lock_grant grant;
	sigset_t mask;		/* what the command gets */
	int signals;		/* signalfd */
	pid_t child;		/* whom signals are passed on to */
	int caught;		/* the last signal that was not SIGCHLD */
	bool ended;		/* the child is gone, with this status: */
	int status;
	bool lost;
	double renewed;		/* wait_now() before the last good renewal */
	double next;		/* when to renew */
};

/* --- rs-lock_tree.c: the processes below this one --- */

/* Hold the signals back and have them read from r->signals. */
int	open_signals(struct run *r, struct err *e) MUST_USE;

/*
 * Pass a signal on. One that the terminal sent reached the command already,
 * which is in our process group, and must not come twice.
 */
void	handle_signals(struct run *r);

/* Reap. False when no child is left at all. */
bool	reap(struct run *r);

/* Sleep until a signal or a child's end, fd readable (-1: none), or until. */
void	pause_until(const struct run *r, int fd, double until);

/* End everything below us: SIGTERM, and SIGKILL from kill_at on. */
void	end_tree(struct run *r, double kill_at);

/* Of a command with this wait status: its own, or 128 + its signal. */
int	exit_code(int status);

#endif
