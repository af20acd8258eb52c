/*
 * rs-lock_tree.c - the processes below this one: their signals and their ends
 *
 * This process is the reaper of what its command starts (PR_SET_CHILD_
 * SUBREAPER), so a process that left its parent, its group and its session
 * still hangs below it, and waitpid(2) says when the last one is gone.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "rs-lock_run.h"

static const double KILL_EVERY = 0.05;
static const int passed_on[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1,
	SIGUSR2, SIGWINCH, SIGALRM };

enum { CHILDREN_MAX = 1 << 20, DEEP = 200 };

static void signal_below(pid_t pid, int sig, int depth);

/* The children of one thread: numbers with a space after each. */
static void
signal_children(pid_t pid, const char *tid, int sig, int depth)
{
	char path[64], part[4096], *s, *end;
	struct buf text;
	ssize_t n;
	long child;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/task/%.20s/children",
	    (long)pid, tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return;		/* it has ended meanwhile */
	buf_init(&text, CHILDREN_MAX);
	while ((n = read(fd, part, sizeof(part))) > 0 &&
	    buf_add(&text, part, (size_t)n) == 0)
		;
	close(fd);
	for (s = text.s; (child = strtol(s, &end, 10)) > 0; s = end) {
		/*
		 * The youngest first: the children of a dead process are
		 * found below another parent.
		 */
		signal_below((pid_t)child, sig, depth + 1);
		(void)kill((pid_t)child, sig);
	}
	buf_release(&text);
}

static void
signal_below(pid_t pid, int sig, int depth)
{
	struct dirent *entry;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%ld/task", (long)pid);
	dir = depth < DEEP ? opendir(path) : NULL;
	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			signal_children(pid, entry->d_name, sig, depth);
	closedir(dir);
}

static void
tree_signal(int sig)
{
	signal_below(getpid(), sig, 0);
}

int
open_signals(struct run *r, struct err *e)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (size_t i = 0; i < ARRAY_LEN(passed_on); i++)
		sigaddset(&set, passed_on[i]);
	if (sigprocmask(SIG_BLOCK, &set, &r->mask) == -1)
		return err_sys(e, errno, "cannot block signals");
	r->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (r->signals == -1)
		return err_sys(e, errno, "cannot watch signals");
	return 0;
}

void
handle_signals(struct run *r)
{
	struct signalfd_siginfo si;

	while (read(r->signals, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo == SIGCHLD)
			continue;
		r->caught = (int)si.ssi_signo;
		if (si.ssi_code <= 0 && r->child > 0 && !r->ended)
			kill(r->child, (int)si.ssi_signo);
	}
}

bool
reap(struct run *r)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == r->child) {
			r->ended = true;
			r->status = status;
		}
	return pid == 0;
}

void
pause_until(const struct run *r, int fd, double until)
{
	struct pollfd pfd[] = { { .fd = r->signals, .events = POLLIN },
		{ .fd = fd, .events = POLLIN } };
	double left = fmax(until - wait_now(), 0);
	struct timespec ts = { (time_t)left,
		(long)((left - floor(left)) * 1e9) };

	(void)ppoll(pfd, ARRAY_LEN(pfd), &ts, NULL);
}

void
end_tree(struct run *r, double kill_at)
{
	bool left;

	tree_signal(SIGTERM);
	tree_signal(SIGCONT);
	for (left = reap(r); left; left = reap(r)) {
		double now = wait_now(), until = kill_at;

		if (now >= kill_at) {
			tree_signal(SIGKILL);
			until = now + KILL_EVERY;
		}
		pause_until(r, -1, until);
		handle_signals(r);
	}
}

int
exit_code(int status)
{
	return WIFSIGNALED(status) ? RUN_SIGNAL + WTERMSIG(status) :
	    WEXITSTATUS(status);
}
