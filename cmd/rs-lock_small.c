/*
 * rs-lock_small.c - rs-lock without AWS: becomes rs-lock-aws when needed
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/sig.h"
#include "rs-lock.h"

/* ../libexec/rstools/rs-lock-aws from where we are, built or installed. */
char *
aws_program(void)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[n > 0 ? n : 0] = '\0';
	for (int up = 0; up < 2; up++) {
		char *slash = strrchr(self, '/');

		if (slash != NULL)
			*slash = '\0';
	}
	return xasprintf("%s/libexec/rstools/rs-lock-aws", self);
}

int
aws_needed(char **argv, struct err *e)
{
	char *program = aws_program();
	sigset_t before;

	/* A signal that comes meanwhile waits for it. */
	sig_hold(&before);
	if (sig_caught() != 0)
		raise(sig_caught());
	execv(program, argv);
	sig_resume(&before);
	err_sys(e, errno, "cannot run '%s'", program);
	free(program);
	return err_hint(e, "it belongs to rs-lock and is installed with it");
}

const struct lock_backend *
aws_backend(struct session *s, struct err *e)
{
	(void)s;
	err_set(e, ERR_USAGE, "a lock in DynamoDB needs --table");
	return NULL;
}

void
aws_backend_release(struct session *s)
{
	(void)s;
}

int
aws_answer(const struct opts *o)
{
	(void)o;
	return ERR_SYSTEM;
}
