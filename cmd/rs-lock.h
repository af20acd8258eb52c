/*
 * rs-lock.h - what the files of rs-lock share
 *
 * rs-lock itself links no AWS code: loading libcurl takes longer than all of
 * flock(1). What needs AWS (--table, and the question about a workgroup) is
 * in rs-lock-aws, made of the same files but for one: rs-lock_small.c here,
 * rs-lock-aws_full.c there.
 */
#ifndef CMD_RS_LOCK_H
#define CMD_RS_LOCK_H

#include "aws/aws.h"
#include "lock/lock.h"

struct opts {
	struct aws_opts aws;
	const char *name;
	const char *dir;
	const char *table;
	bool create_table;
	const char *workgroup;
	const char *owner;
	double lease;
	double timeout;
	bool no_wait;
	unsigned long slots;
	const char *steal_if;
	double grace;
	bool close;
	const char *token;
	unsigned long fence;
	const char *ask;	/* hidden: the question of the judge */
};

/* A lock opened as the options say. */
struct session {
	const struct opts *o;
	const struct lock_backend *backend;
	struct lock_where where;
	struct lock *lock;
};

/* rs-lock.c */
int	session_open(struct session *s, const struct opts *o,
	    struct err *e) MUST_USE;
void	session_close(struct session *s);
int	session_acquire(struct session *s, bool attended,
	    struct lock_grant *out, struct err *e) MUST_USE;

/* rs-lock_status.c */
int	show_status(struct session *s, struct err *e) MUST_USE;
int	show_list(struct session *s, struct err *e) MUST_USE;

/* rs-lock_release.c: the tail of a pipeline. Returns the exit status. */
int	release_stream(const struct opts *o);

/* rs-lock_run.c: run -- command. Returns the exit status. */
int	run_command(const struct opts *o, char **argv);

/* rs-lock_judge.c: a lock_judge_fn; ctx is the struct session. */
enum lock_verdict judge_holder(void *ctx, const struct lock_grant *holder);

/*
 * rs-lock_small.c: go on as rs-lock-aws, with the same arguments; returns
 * only to tell why it cannot. rs-lock-aws_full.c: does nothing, returns 0.
 */
int	aws_needed(char **argv, struct err *e) MUST_USE;

/* Where rs-lock-aws is; the caller frees it. */
char	*aws_program(void);

/* lock_dynamodb and its struct aws; NULL and e filled where it is not. */
const struct lock_backend *aws_backend(struct session *s, struct err *e);
void	aws_backend_release(struct session *s);

/*
 * Answer the judge's question: exit status 0 when the workgroup is being
 * worked on, 1 when it is not, anything else when that is not known.
 */
int	aws_answer(const struct opts *o);

#endif
