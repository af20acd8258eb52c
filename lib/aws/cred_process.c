/*
 * cred_process.c - credential_process: another program gives the credentials
 *
 * It is run without a shell, its command split as the AWS CLI does. Its
 * stderr is ours, so that it can talk to the user. Its stdin is ours only
 * when that is a terminal: records on a pipe are not for it.
 */
#include <sys/pidfd.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/cred_source.h"
#include "base/alloc.h"
#include "base/sig.h"
#include "base/words.h"

enum { OUTPUT_MAX = 64 << 10, GRACE_MS = 1000 };

struct child {
	pid_t pid;
	int out;		/* its stdout; -1 after the end */
	int ended;		/* readable once it has; -1: old kernel */
};

static int
spawn(char *const argv[], int out, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t set;
	int error;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	if (!isatty(STDIN_FILENO))
		posix_spawn_file_actions_addopen(&files, STDIN_FILENO,
		    "/dev/null", O_RDONLY, 0);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
	    POSIX_SPAWN_SETSIGDEF);
	sigemptyset(&set);
	posix_spawnattr_setsigmask(&attr, &set);
	sigaddset(&set, SIGPIPE);
	posix_spawnattr_setsigdefault(&attr, &set);
	error = posix_spawnp(pid, argv[0], &files, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return error;
}

static int
start(struct child *c, char *const argv[], struct err *e)
{
	int ends[2], error;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return err_sys(e, errno, "cannot make a pipe");
	error = spawn(argv, ends[1], &c->pid);
	close(ends[1]);
	if (error == 0) {
		c->out = ends[0];
		c->ended = pidfd_open(c->pid, 0);
		return 0;
	}
	close(ends[0]);
	err_sys(e, error, "cannot run '%s'", argv[0]);
	e->kind = ERR_CRED;
	return -1;
}

/* Wait until either descriptor has something to tell. */
static int
wait_for_child(const struct child *c, struct pollfd fds[2],
    const struct wait *deadline, struct err *e)
{
	double left = wait_left(deadline);
	struct timespec ts = { .tv_sec = (time_t)left,
		.tv_nsec = (long)((left - (double)(time_t)left) * 1e9) };
	sigset_t waiting;
	int n = -1, error = EINTR;

	fds[0] = (struct pollfd){ .fd = c->out, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = c->ended, .events = POLLIN };
	sig_hold(&waiting);
	if (sig_caught() == 0) {
		n = ppoll(fds, 2, &ts, &waiting);
		error = errno;
	}
	sig_resume(&waiting);
	if (sig_caught() != 0)
		return err_set(e, ERR_SIGNAL, "stopped");
	if (n == -1 && error != EINTR)
		return err_sys(e, error, "cannot wait");
	if (n == 0)
		return err_set(e, ERR_DEADLINE,
		    "it did not end before the deadline");
	return n == -1 ? 0 : 1;
}

/*
 * Read all it says, until it has ended. A process it leaves behind may keep
 * the pipe open; that is not waited for.
 */
static int
collect(struct child *c, const struct wait *deadline, struct buf *output,
    struct err *e)
{
	char chunk[4096];
	struct pollfd fds[2];
	int ret;
	ssize_t n;

	while ((ret = wait_for_child(c, fds, deadline, e)) != -1) {
		if (ret == 0)
			continue;
		if (fds[0].revents == 0)
			return 0;
		n = read(c->out, chunk, sizeof(chunk));
		if (n <= 0) {
			close(c->out);
			c->out = -1;
			if (c->ended == -1)
				return 0;
		} else if (buf_add(output, chunk, (size_t)n) == -1) {
			ret = err_set(e, ERR_CRED,
			    "its output is larger than %d bytes", OUTPUT_MAX);
			break;
		}
	}
	explicit_bzero(chunk, sizeof(chunk));
	return ret;
}

static void
stop(const struct child *c)
{
	struct pollfd ended = { .fd = c->ended, .events = POLLIN };

	(void)kill(c->pid, SIGTERM);
	if (c->ended == -1 || poll(&ended, 1, GRACE_MS) != 1)
		(void)kill(c->pid, SIGKILL);
}

/* The end of the child, which is made to end unless it has by itself. */
static int
finish(struct child *c, bool kill_it, struct err *e)
{
	int status = 0;

	if (kill_it)
		stop(c);
	while (waitpid(c->pid, &status, 0) == -1 && errno == EINTR)
		continue;
	if (c->out != -1)
		close(c->out);
	if (c->ended != -1)
		close(c->ended);
	if (kill_it)
		return -1;
	if (WIFSIGNALED(status))
		return err_set(e, ERR_CRED, "it was killed by signal %d",
		    WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return err_set(e, ERR_CRED, "it failed with status %d",
		    WEXITSTATUS(status));
	return 0;
}

static int
run(const struct cred_query *q, const char *command, struct buf *output,
    struct err *e)
{
	struct child c = { 0 };
	struct words argv;
	int ret;

	if (words_split(command, &argv) == -1)
		return err_set(e, ERR_CRED, "a quote is not closed, or a "
		    "backslash is last");
	if (argv.n == 0)
		ret = err_set(e, ERR_CRED, "there is no command");
	else
		ret = start(&c, argv.v, e);
	words_release(&argv);
	if (ret == -1)
		return -1;
	ret = collect(&c, q->a->deadline, output, e);
	return finish(&c, ret == -1, e);
}

static int
decode(const struct cred_query *q, const struct buf *output,
    struct cred *out, struct err *e)
{
	static const struct cred_members members = { .id = "AccessKeyId",
		.secret = "SecretAccessKey", .token = "SessionToken",
		.expires = "Expiration", .account = "AccountId",
		.lasting = true };
	json_t *o = json_loadb(output->s, output->len, 0, NULL);
	const json_t *version = json_object_get(o, "Version");
	int ret;

	if (o == NULL)
		ret = err_set(e, ERR_CRED, "its output is not JSON");
	else if (!json_is_number(version) || json_number_value(version) != 1)
		ret = err_set(e, ERR_CRED, "its output: 'Version' is not 1");
	else if ((ret = cred_from_json(o, &members, out, e)) == -1)
		err_prefix(e, "its output");
	json_decref(o);
	if (ret == 0 && out->account_id == NULL)
		out->account_id = xstrdup(conf_get(q->a->conf, q->profile,
		    "aws_account_id"));
	return ret;
}

int
cred_process(const struct cred_query *q, struct cred *out, struct err *e)
{
	const char *command = conf_get(q->a->conf, q->profile,
	    "credential_process");
	struct buf output;
	char *place;
	int ret;

	if (command == NULL)
		return 0;
	buf_init(&output, OUTPUT_MAX);
	ret = run(q, command, &output, e);
	if (ret == 0)
		ret = decode(q, &output, out, e);
	buf_wipe(&output);
	if (ret == -1) {
		place = cred_place(q, "credential_process");
		err_prefix(e, "%s: credential_process", place);
		free(place);
		return -1;
	}
	cred_step(out, "custom-process '%s'", q->profile);
	return 1;
}
