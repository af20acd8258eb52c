/* test_wait.c - deadlines, pauses that grow, and the end by a signal */
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sig.h"
#include "base/wait.h"
#include "tap.h"

static void
test_deadline(void)
{
	struct wait w = { 0 };

	ok(!wait_expired(&w), "a zeroed struct has no deadline");
	ok(wait_left(NULL) > 1e7, "neither has none");
	wait_begin(&w, 0, 1, 2);
	ok(!wait_expired(&w), "0 seconds is never");
	wait_begin(&w, 0.05, 5, 5);
	ok(wait_left(&w) > 0 && wait_left(&w) <= 0.05, "the rest is known");
	is_int(wait_next(&w), WAIT_DEADLINE, "a pause ends at the deadline");
	ok(wait_expired(&w), "which has passed then");
	ok(wait_left(&w) == 0, "nothing is left, and not less");
	ok(wait_elapsed(&w) >= 0.05 && wait_elapsed(&w) < 4,
	    "the pause was cut short");
	is_int(wait_next(&w), WAIT_DEADLINE, "it stays passed");
}

static void
test_pauses(void)
{
	struct wait w;
	double wanted = 0.01, before, took;

	wait_begin(&w, 0, 0.01, 0.03);
	for (int i = 0; i < 5; i++) {
		before = wait_now();
		is_int(wait_next(&w), WAIT_AGAIN, "it slept");
		took = wait_now() - before;
		ok(took >= wanted * 0.75, "pause %d is not shorter than %g",
		    i, wanted * 0.75);
		wanted = fmin(wanted * 1.5, 0.03);
	}
	ok(w.pause <= 0.03, "pauses grow to the cap");
	wait_reset(&w);
	ok(w.pause == 0.01, "and start again");
	ok(wait_for(&w, 0) == WAIT_AGAIN, "no time at all can be waited");
	ok(wait_for(&w, -5) == WAIT_AGAIN, "nor less");
	wait_begin(&w, 1e300, 0.001, 0.001);
	is_int(wait_next(&w), WAIT_AGAIN, "a deadline beyond all time");
}

static void
test_random(void)
{
	double sum = 0, x;
	bool within = true;

	for (int i = 0; i < 10000; i++) {
		x = wait_random();
		within = within && x >= 0 && x < 1;
		sum += x;
	}
	ok(within, "random numbers are from 0 to below 1");
	ok(sum > 4500 && sum < 5500, "and spread: mean %g", sum / 10000);
}

/* Run fn in a child; returns what waitpid(2) says of it. */
static int
in_child(void (*fn)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		alarm(20);
		fn();
		_exit(77);
	}
	waitpid(pid, &status, 0);
	return status;
}

/* The signal is already there when the wait begins: it must not be missed. */
static void
signalled_before(void)
{
	struct wait w;

	sig_init();
	raise(SIGTERM);
	wait_begin(&w, 0, 1000, 1000);
	if (wait_next(&w) != WAIT_SIGNAL)
		_exit(1);
	_exit(sig_reraise_or(0));
}

static void
signalled_within(void)
{
	pid_t parent = getpid();
	struct wait w;

	sig_init();
	if (fork() == 0) {
		if (wait_for(NULL, 0.05) == WAIT_AGAIN)
			kill(parent, SIGTERM);
		_exit(0);
	}
	wait_begin(&w, 0, 1000, 1000);
	if (wait_next(&w) != WAIT_SIGNAL || sig_caught() != SIGTERM)
		_exit(1);
	wait(NULL);
	_exit(sig_reraise_or(0));
}

static void
ignored(void)
{
	signal(SIGHUP, SIG_IGN);
	sig_init();
	raise(SIGHUP);
	_exit(sig_caught() == 0 ? sig_reraise_or(5) : 1);
}

static void
test_signals(void)
{
	int status = in_child(signalled_before);

	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM,
	    "a signal before the pause ends it, and the program dies of it");
	status = in_child(signalled_within);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM,
	    "so does one within");
	status = in_child(ignored);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 5,
	    "one that was ignored from the start stays so");
}

int
main(void)
{
	test_deadline();
	test_pauses();
	test_random();
	test_signals();
	return done();
}
