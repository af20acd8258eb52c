/*
 * msg.h - what a tool says to people, on stderr
 *
 * Every message is one line, begins with the tool's name, has its control
 * bytes replaced (text from a server must not drive a terminal) and leaves
 * in one write(2), so that the lines of a pipeline do not mix. Library code
 * does not call these, but for msg_debug() and the allocators.
 */
#ifndef BASE_MSG_H
#define BASE_MSG_H

#include <stdbool.h>

#include "base/attr.h"

struct err;

/* Remember the name that starts each line; name is borrowed for good. */
void	msg_init(const char *name);
const char *msg_name(void);

/* 0 quiet, 1 after -v, 2 after --debug. */
void	msg_set_level(int level);
int	msg_level(void);

void	msg_warn(const char *fmt, ...) PRINTF(1, 2);
void	msg_hint(const char *fmt, ...) PRINTF(1, 2);

/* Printed at this level and above: 1 what a user of -v wants, 2 the wire. */
void	msg_debug(int level, const char *fmt, ...) PRINTF(2, 3);

NORETURN void msg_die(int status, const char *fmt, ...) PRINTF(2, 3);

/*
 * Report e: the message, the HTTP status and request id where there are
 * any, the hint on a line of its own. Returns err_status(e).
 */
int	msg_err(const struct err *e);

/*
 * Show one line of progress, over the one before. Does nothing unless
 * stderr is a terminal that can (TERM is not dumb), and never when
 * TF_IN_AUTOMATION is set. The next message or msg_progress_end() wipes it.
 */
void	msg_progress(const char *fmt, ...) PRINTF(1, 2);
void	msg_progress_end(void);
bool	msg_progress_wanted(void);

#endif
