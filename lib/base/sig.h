/*
 * sig.h - being asked to stop
 *
 * SIGINT, SIGTERM and SIGHUP set a flag; loops look at it, clean up, and the
 * tool ends by raising the signal again, so that the shell sees the truth.
 */
#ifndef BASE_SIG_H
#define BASE_SIG_H

#include <signal.h>

/* Catch the three signals. One that was ignored at start stays ignored. */
void	sig_init(void);

/* The signal that asked us to stop, or 0. */
int	sig_caught(void);

/*
 * Put that signal aside, so that letting go of things can wait for AWS: then
 * sig_caught() tells of another one only. sig_asked() knows both, and so
 * does sig_reraise_or().
 */
void	sig_set_aside(void);
int	sig_asked(void);

/*
 * Hold the three signals back, and the mask to use while waiting: a signal
 * between looking at the flag and sleeping is then never missed.
 */
void	sig_hold(sigset_t *waiting);
void	sig_resume(const sigset_t *waiting);

/*
 * The end of main: if a signal asked us to stop, die of it, otherwise return
 * status.
 */
int	sig_reraise_or(int status);

#endif
