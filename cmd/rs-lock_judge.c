/*
 * rs-lock_judge.c - a lease has run out: is its holder still at work?
 *
 * The answer comes from another program: the user's (--steal-if), or
 * rs-lock-aws, which asks AWS about the workgroup that the lock names. Exit
 * status 0 and 1 are answers; everything else, and no program at all, is
 * "not known", and that keeps the lock.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/sig.h"
#include "rs-lock.h"

extern char **environ;

enum { UNKNOWN = -1, ARGS_MAX = 24, SECONDS = 120 };

/* Wait for the program, but not for ever; a signal ends the wait. */
static int
await(pid_t pid)
{
	struct pollfd pfd = { .fd = pidfd_open(pid, 0), .events = POLLIN };
	struct timespec ts = { SECONDS, 0 };
	sigset_t waiting;
	int n = 0, status;

	sig_hold(&waiting);
	if (pfd.fd != -1 && sig_caught() == 0)
		n = ppoll(&pfd, 1, &ts, &waiting);
	sig_resume(&waiting);
	if (pfd.fd != -1)
		close(pfd.fd);
	if (n != 1)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return UNKNOWN;
	return n == 1 && WIFEXITED(status) ? WEXITSTATUS(status) : UNKNOWN;
}

/* Its standard output is ours to write records to, so it gets stderr. */
static int
ask(char **argv)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int rc;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
	    0, 0);
	posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO,
	    STDOUT_FILENO);
	rc = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (rc == 0)
		return await(pid);
	msg_warn("cannot run '%s': %s", argv[0], strerror(rc));
	return UNKNOWN;
}

/* exit 0: the holder is gone; 1: it is at work */
static int
ask_user(const struct session *s, const struct lock_grant *g)
{
	char fence[24], *argv[] = { (char *)s->o->steal_if, g->name, fence,
		g->owner, g->workgroup, NULL };

	snprintf(fence, sizeof(fence), "%lld", (long long)g->fence);
	return ask(argv);
}

struct args {
	char *v[ARGS_MAX];
	char timeout[2][32];
	int n;
};

static void
add(struct args *a, const char *option, const char *value)
{
	if (value == NULL)
		return;
	a->v[a->n++] = (char *)option;
	a->v[a->n++] = (char *)value;
}

/* exit 0: it is not being worked on; 1: it is */
static int
ask_aws(const struct session *s, const struct lock_grant *g)
{
	const struct aws_opts *o = &s->o->aws;
	struct args a = { .n = 0 };
	char *program = aws_program();
	int code;

	snprintf(a.timeout[0], sizeof(a.timeout[0]), "%.3f",
	    o->connect_timeout);
	snprintf(a.timeout[1], sizeof(a.timeout[1]), "%.3f",
	    o->read_timeout);
	a.v[a.n++] = program;
	a.v[a.n++] = (char *)"status";
	add(&a, "--ask", g->workgroup);
	add(&a, "--region", o->region);
	add(&a, "--profile", o->profile);
	add(&a, "--endpoint-url", o->endpoint_url);
	add(&a, "--ca-bundle", o->ca_bundle);
	add(&a, "--connect-timeout", a.timeout[0]);
	add(&a, "--read-timeout", a.timeout[1]);
	if (msg_level() > 0)
		a.v[a.n++] = (char *)(msg_level() > 1 ? "--debug" : "-v");
	code = ask(a.v);
	free(program);
	return code;
}

enum lock_verdict
judge_holder(void *ctx, const struct lock_grant *holder)
{
	const struct session *s = ctx;
	int code;

	if (s->o->steal_if != NULL)
		code = ask_user(s, holder);
	else if (holder->workgroup != NULL)
		code = ask_aws(s, holder);
	else
		return HOLDER_GONE;	/* only its lease spoke for it */
	if (code != 0 && code != 1)
		msg_warn("lock '%s': the lease of '%s' ran out, but whether "
		    "it is still at work is not known: kept", holder->name,
		    holder->owner);
	if (code == 0)
		return HOLDER_GONE;
	return code == 1 ? HOLDER_AT_WORK : HOLDER_UNKNOWN;
}
