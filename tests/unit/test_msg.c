/* test_msg.c - messages: one line, one write, nothing that drives a terminal */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/msg.h"
#include "base/utf8.h"
#include "tap.h"

static int saved, ends[2];

/* A pipe in packet mode: each read(2) gives what one write(2) took. */
static void
capture(void)
{
	saved = dup(STDERR_FILENO);
	if (pipe2(ends, O_DIRECT | O_NONBLOCK) == -1)
		_exit(1);
	dup2(ends[1], STDERR_FILENO);
}

/* What the first write was; "" when there was none. Counts them all. */
static const char *
captured(int *writes)
{
	static char first[8192], more[8192];
	ssize_t n;

	dup2(saved, STDERR_FILENO);
	close(saved);
	first[0] = '\0';
	*writes = 0;
	while ((n = read(ends[0], *writes ? more : first,
	    sizeof(first) - 1)) > 0) {
		if (*writes == 0)
			first[n] = '\0';
		++*writes;
	}
	close(ends[0]);
	close(ends[1]);
	return first;
}

static void
is_said(const char *wanted, int wanted_writes, const char *what)
{
	int writes;

	is_str(captured(&writes), wanted, what);
	is_int(writes, wanted_writes, "so many writes");
}

static void
test_lines(void)
{
	capture();
	msg_warn("cannot %s", "go");
	is_said("rs-test: cannot go\n", 1, "a message");
	capture();
	msg_hint("go %s", "there");
	is_said("rs-test: hint: go there\n", 1, "a hint");
	capture();
	msg_debug(1, "quiet");
	msg_debug(2, "quiet");
	is_said("", 0, "nothing to say without -v");
	msg_set_level(1);
	capture();
	msg_debug(2, "quiet");
	msg_debug(1, "verbose");
	is_said("rs-test: verbose\n", 1, "-v");
	msg_set_level(2);
	capture();
	msg_debug(2, "wire");
	is_said("rs-test: debug: wire\n", 1, "--debug");
	msg_set_level(0);
}

static void
test_control(void)
{
	capture();
	msg_warn("a\nb\rc\033[2Jd\177e\tf\001");
	is_said("rs-test: a b c [2Jd e f \n", 1, "controls are blanks");
	capture();
	msg_warn("\xc2\x9b" "1m \x9b" "1m \xc3\xa9 \xe2\x82\xac \xff\xfe");
	is_said("rs-test:   1m ?1m \xc3\xa9 \xe2\x82\xac ??\n", 1,
	    "so are C1 controls; what is not UTF-8 is shown as such");
}

static void
test_long(void)
{
	char text[9000];
	const char *said;
	size_t len, bad;
	int writes;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	capture();
	msg_warn("%s", text);
	said = captured(&writes);
	len = strlen(said);
	ok(len > 1000 && len <= 4096 && said[len - 1] == '\n',
	    "a long message is cut and still ends its line");
	is_int(writes, 1, "in one write");
	for (size_t i = 0; i + 1 < sizeof(text) - 1; i += 2)
		memcpy(text + i, "\xc3\xa9", 2);
	capture();
	msg_warn("%s", text);
	said = captured(&writes);
	ok(utf8_valid(said, strlen(said), &bad), "never cut to bad UTF-8");
}

static void
test_err(void)
{
	struct err e;
	int status;

	err_set(&e, ERR_CRED, "cannot list");
	e.http = 403;
	strcpy(e.request_id, "1a2b");
	err_hint(&e, "ask");
	capture();
	status = msg_err(&e);
	is_said("rs-test: cannot list (HTTP 403, request 1a2b)\n", 2,
	    "an error with all it knows, then its hint");
	is_int(status, 4, "its status is returned");
	e.request_id[0] = e.hint[0] = '\0';
	capture();
	msg_err(&e);
	is_said("rs-test: cannot list (HTTP 403)\n", 1, "without request");
	err_set(&e, ERR_SIGNAL, "stopped");
	capture();
	msg_err(&e);
	is_said("", 0, "a signal goes without saying");
}

static void
test_progress(void)
{
	capture();
	msg_progress("half way");
	msg_progress_end();
	is_said("", 0, "no progress where nobody looks");
}

static void
test_die(void)
{
	pid_t pid;
	int status;

	capture();
	pid = fork();
	if (pid == 0)
		msg_die(8, "the end");
	waitpid(pid, &status, 0);
	is_said("rs-test: the end\n", 1, "die says why");
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 8, "and is the end");
}

int
main(void)
{
	msg_init("rs-test");
	is_str(msg_name(), "rs-test", "the name is kept");
	test_lines();
	test_control();
	test_long();
	test_err();
	test_progress();
	test_die();
	return done();
}
