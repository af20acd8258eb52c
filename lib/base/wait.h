/*
 * wait.h - all waiting: one absolute deadline, pauses that grow
 *
 * Times are seconds on a monotonic clock that counts suspended time as well
 * (CLOCK_BOOTTIME) and that no one can set. A struct wait set to zero has
 * no deadline and does not pause.
 */
#ifndef BASE_WAIT_H
#define BASE_WAIT_H

#include <stdbool.h>

#include "base/attr.h"

struct wait {
	double deadline;	/* on wait_now()'s clock; 0: none */
	double began;
	double floor, cap;	/* shortest and longest pause */
	double pause;		/* the next one, before jitter */
};

enum wait_result {
	WAIT_SIGNAL = -1,	/* asked to stop: see sig_caught() */
	WAIT_DEADLINE = 0,
	WAIT_AGAIN = 1
};

double	wait_now(void);

/*
 * Begin to wait: give up after timeout seconds (0: never). Pauses start at
 * floor and grow by half each time up to cap, each shortened at random by
 * up to a quarter so that many waiters do not fall into step.
 */
void	wait_begin(struct wait *w, double timeout, double floor, double cap);

/* The length of the next pause, for a caller that sleeps by itself. */
double	wait_pause(struct wait *w);

/* Sleep for the next pause, or to the deadline when that comes first. */
enum wait_result wait_next(struct wait *w) MUST_USE;

/* Sleep for so many seconds, or to the deadline of w (which may be NULL). */
enum wait_result wait_for(const struct wait *w, double seconds) MUST_USE;

/* Go back to the shortest pause: something has just changed. */
void	wait_reset(struct wait *w);

double	wait_elapsed(const struct wait *w);

/* Seconds left to the deadline, never negative; w NULL or none: a year. */
double	wait_left(const struct wait *w);
bool	wait_expired(const struct wait *w);

/* A random number, 0 <= x < 1, from the kernel. */
double	wait_random(void);

#endif
