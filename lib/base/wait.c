/* wait.c - all waiting: one absolute deadline, pauses that grow */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/sig.h"
#include "base/wait.h"

static const double YEAR = 365.0 * 24 * 3600;
static const double GROWTH = 1.5;
static const double JITTER = 0.25;

double
wait_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

void
wait_begin(struct wait *w, double timeout, double floor, double cap)
{
	w->began = wait_now();
	w->deadline = timeout > 0 ? w->began + timeout : 0;
	w->floor = floor;
	w->cap = cap;
	w->pause = floor;
}

/* Sleep until the clock reaches `until`, or a signal asks us to stop. */
static bool
sleep_until(double until)
{
	sigset_t waiting;
	bool stopped = false;

	sig_hold(&waiting);
	for (;;) {
		double left = fmin(until - wait_now(), YEAR);
		struct timespec ts;

		stopped = sig_caught() != 0;
		if (stopped || left <= 0)
			break;
		ts.tv_sec = (time_t)left;
		ts.tv_nsec = (long)((left - floor(left)) * 1e9);
		if (ppoll(NULL, 0, &ts, &waiting) == -1 && errno != EINTR)
			break;
	}
	sig_resume(&waiting);
	return stopped;
}

enum wait_result
wait_for(const struct wait *w, double seconds)
{
	double left = wait_left(w);

	if (sleep_until(wait_now() + (seconds < left ? seconds : left)))
		return WAIT_SIGNAL;
	return wait_expired(w) ? WAIT_DEADLINE : WAIT_AGAIN;
}

double
wait_pause(struct wait *w)
{
	double pause = w->pause * (1 - JITTER * wait_random());

	w->pause = fmin(w->pause * GROWTH, w->cap);
	return pause;
}

enum wait_result
wait_next(struct wait *w)
{
	return wait_for(w, wait_pause(w));
}

void
wait_reset(struct wait *w)
{
	w->pause = w->floor;
}

double
wait_elapsed(const struct wait *w)
{
	return wait_now() - w->began;
}

double
wait_left(const struct wait *w)
{
	if (w == NULL || w->deadline == 0)
		return YEAR;
	return fmax(w->deadline - wait_now(), 0);
}

bool
wait_expired(const struct wait *w)
{
	return wait_left(w) <= 0;
}

double
wait_random(void)
{
	uint32_t r;

	if (getrandom(&r, sizeof(r), 0) != sizeof(r))
		r = UINT32_MAX / 2;	/* jitter is a courtesy, not a guard */
	return r / 4294967296.0;
}
