/*
 * cred_mfa.c - ask for the code of an MFA device
 *
 * On the terminal itself, since stdin and stdout carry records. It is asked
 * for once: a tool that waits for hours must not stop to ask again.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "aws/cred_source.h"
#include "base/sig.h"

enum { DIGITS = CRED_MFA_SIZE - 1 };

/* One byte from the terminal: 1, 0 at its end, -1 with e filled. */
static int
read_byte(int tty, const struct wait *deadline, char *c, struct err *e)
{
	struct pollfd fd = { .fd = tty, .events = POLLIN };
	double left = wait_left(deadline);
	struct timespec ts = { .tv_sec = (time_t)left };
	sigset_t waiting;
	int n = -1;

	sig_hold(&waiting);
	if (sig_caught() == 0)
		n = ppoll(&fd, 1, &ts, &waiting);
	sig_resume(&waiting);
	if (sig_caught() != 0)
		return err_set(e, ERR_SIGNAL, "stopped");
	if (n == 0)
		return err_set(e, ERR_DEADLINE, "no MFA code was given");
	return n == 1 && read(tty, c, 1) == 1;
}

/* A line, of which the first bytes are kept; -1 unless it is six digits. */
static int
read_code(int tty, const struct wait *deadline, char code[CRED_MFA_SIZE],
    struct err *e)
{
	size_t len = 0;
	char c = '\0';
	int ret;

	memset(code, 0, CRED_MFA_SIZE);
	while ((ret = read_byte(tty, deadline, &c, e)) == 1 && c != '\n') {
		if (len < DIGITS)
			code[len] = c;
		len++;
	}
	if (ret == -1)
		return -1;
	if (len != DIGITS || strspn(code, "0123456789") != DIGITS)
		return err_set(e, ERR_CRED, "an MFA code is six digits");
	return 0;
}

static int
ask(int tty, const struct cred_query *q, const char *serial,
    char code[CRED_MFA_SIZE], struct err *e)
{
	struct termios old, quiet;
	bool is_tty = tcgetattr(tty, &old) == 0;
	int ret;

	if (is_tty) {
		quiet = old;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		(void)tcsetattr(tty, TCSAFLUSH, &quiet);
	}
	dprintf(tty, "Enter MFA code for %s: ", serial);
	ret = read_code(tty, q->a->deadline, code, e);
	if (is_tty)
		(void)tcsetattr(tty, TCSAFLUSH, &old);
	dprintf(tty, "\n");
	return ret;
}

int
cred_ask_mfa(const struct cred_query *q, const char *serial,
    char code[CRED_MFA_SIZE], struct err *e)
{
	int tty, ret;

	if (q->chain->renewal) {
		err_set(e, ERR_CRED, "the session that began with a code of "
		    "MFA device '%s' ends", serial);
		return err_hint(e, "give the role a longer "
		    "duration_seconds, or start again");
	}
	tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (tty == -1) {
		err_set(e, ERR_CRED, "MFA device '%s': there is no terminal "
		    "to ask for its code", serial);
		return err_hint(e, "run 'aws sts get-caller-identity "
		    "--profile %s' at a terminal first: its session is "
		    "then used", q->profile);
	}
	ret = ask(tty, q, serial, code, e);
	(void)close(tty);
	return ret;
}
