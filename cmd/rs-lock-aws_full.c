/*
 * rs-lock-aws_full.c - rs-lock with AWS: the locks in DynamoDB, and the
 * answer to the judge's question about a workgroup
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "aws/serverless.h"
#include "base/alloc.h"
#include "base/msg.h"
#include "rs-lock.h"

/* What aws_answer() ends with; the judge takes all else for "not known". */
enum { GONE = 0, AT_WORK = 1 };

int
aws_needed(char **argv, struct err *e)
{
	sigset_t stop;

	(void)argv;
	(void)e;
	/* rs-lock held them back until we were ready. */
	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGHUP);
	sigprocmask(SIG_UNBLOCK, &stop, NULL);
	return 0;
}

char *
aws_program(void)
{
	return realpath("/proc/self/exe", NULL);
}

/*
 * A workgroup that changes is being worked on. One that does not exist was
 * deleted, or its creation was never asked for, and the lease of who was
 * about to ask has run out. A word we do not know is not an answer.
 */
int
aws_answer(const struct opts *o)
{
	char *names[] = { (char *)o->ask };
	struct err e = { 0 };
	struct aws *a = aws_open(&o->aws, &e);
	json_t *found = NULL;
	int code = ERR_SYSTEM;

	if (a != NULL && sls_workgroups(a, names, 1, &found, &e) == 0)
		switch (sls_status(json_object_get(found, o->ask))) {
		case SLS_CREATING:
		case SLS_MODIFYING:
		case SLS_DELETING:
			code = AT_WORK;
			break;
		case SLS_ABSENT:
		case SLS_AVAILABLE:
			code = GONE;
			break;
		case SLS_OTHER:
			err_set(&e, ERR_AWS, "workgroup '%s' is in status "
			    "'%s', which this version does not know", o->ask,
			    sls_status_text(json_object_get(found, o->ask)));
			break;
		}
	if (code == ERR_SYSTEM)
		msg_err(&e);
	json_decref(found);
	aws_close(a);
	return code;
}

const struct lock_backend *
aws_backend(struct session *s, struct err *e)
{
	struct aws *a = aws_open(&s->o->aws, e);

	if (a == NULL)
		return NULL;
	s->where.aws = a;
	return &lock_dynamodb;
}

void
aws_backend_release(struct session *s)
{
	aws_close(s->where.aws);
	s->where.aws = NULL;
}
