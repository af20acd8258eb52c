/* sig.c - being asked to stop */
#include <string.h>

#include "base/attr.h"
#include "base/sig.h"

static const int stop_signals[] = { SIGINT, SIGTERM, SIGHUP };
static volatile sig_atomic_t caught;
static int aside;

static void
on_stop(int signo)
{
	caught = signo;
}

void
sig_init(void)
{
	struct sigaction old, sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_stop;	/* no SA_RESTART: waits must end */
	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(stop_signals); i++)
		if (sigaction(stop_signals[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			sigaction(stop_signals[i], &sa, NULL);
}

int
sig_caught(void)
{
	return caught;
}

int
sig_asked(void)
{
	return caught != 0 ? caught : aside;
}

void
sig_set_aside(void)
{
	aside = sig_asked();
	caught = 0;
}

void
sig_hold(sigset_t *waiting)
{
	sigset_t stop;

	sigemptyset(&stop);
	for (size_t i = 0; i < ARRAY_LEN(stop_signals); i++)
		sigaddset(&stop, stop_signals[i]);
	sigprocmask(SIG_BLOCK, &stop, waiting);
}

void
sig_resume(const sigset_t *waiting)
{
	sigprocmask(SIG_SETMASK, waiting, NULL);
}

int
sig_reraise_or(int status)
{
	int asked = sig_asked();

	if (asked == 0)
		return status;
	signal(asked, SIG_DFL);
	raise(asked);
	return 128 + asked;	/* blocked by our parent: the next best */
}
