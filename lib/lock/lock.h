/*
 * lock.h - named locks: what they promise, whoever keeps them
 *
 * A lock has a name and one holder (or, with slots, a few). A holder is known
 * by its token, never by a pid: one process may acquire and another release.
 * Every acquisition gets a fence, a number larger than all before it, so that
 * what a lock protects can turn away a holder who was thought dead.
 *
 * Two kinds of holder. One that is attended has a process that stays (rs-lock
 * run); the backend knows of its death as soon as it can. One that is not has
 * a lease, and loses the lock only some time after the lease ran out: when
 * the lock names a workgroup, the judge is asked first whether the holder is
 * still at work on it, and not knowing keeps the lock.
 *
 * A backend is a row of functions: lock_dir here, lock_dynamodb where AWS is
 * linked. Functions return 0, or -1 with e filled:
 *	ERR_NO		busy, and want->no_wait
 *	ERR_DEADLINE	want->deadline passed while waiting
 *	ERR_SIGNAL	asked to stop while waiting; nothing is left behind
 *	ERR_LOST	the lock is not, or no longer, held by this id
 *	ERR_SYSTEM, ERR_CRED, ERR_AWS	as everywhere
 */
#ifndef LOCK_LOCK_H
#define LOCK_LOCK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/stamp.h"
#include "base/wait.h"

enum {
	LOCK_TOKEN_SIZE = 37,	/* a random UUID, with NUL */
	LOCK_NAME_MAX = 128,
	LOCK_TEXT_MAX = 1024,	/* longest owner or workgroup */
	LOCK_SLOTS_MAX = 1000
};

struct lock;			/* one lock, opened; each backend has its own */

/* Which lock. Strings are borrowed for the life of the struct lock. */
struct lock_where {
	const char *name;
	const char *dir;	/* lock_dir: the directory */
	const char *table;	/* lock_dynamodb: the table */
	void *aws;		/* lock_dynamodb: its struct aws */
	bool create;		/* lock_dynamodb: --create-table */
	unsigned slots;		/* how many may hold it at once, from 1 */
};

/* What is known about the holder whose lease has run out. */
enum lock_verdict {
	HOLDER_AT_WORK,		/* keep */
	HOLDER_GONE,		/* may be broken */
	HOLDER_UNKNOWN		/* keep: unknown is not "no" */
};

/*
 * Asked when a lease has run out and the lock names a workgroup (or there is
 * a --steal-if). May take seconds; no kernel lock is held meanwhile, and the
 * lock is broken only if it is still the one that was judged.
 */
struct lock_grant;
typedef enum lock_verdict lock_judge_fn(void *ctx,
	    const struct lock_grant *holder);

/* What an acquirer wants. Strings are borrowed. */
struct lock_want {
	const char *owner;	/* free text, never NULL */
	bool own;		/* owner was chosen by the user: a lease it
				   holds is taken over, not waited for */
	const char *workgroup;	/* what it is for, or NULL */
	double lease;		/* seconds, > 0 */
	bool attended;		/* this process stays while it holds */
	bool no_wait;
	const struct wait *deadline;	/* or NULL */
	lock_judge_fn *judge;	/* or NULL: a workgroup is never judged */
	void *judge_ctx;
	double judge_every;	/* seconds between questions about one holder */
};

enum lock_life {
	LOCK_LEASED,		/* the lease runs */
	LOCK_ATTENDED,		/* its process is alive */
	LOCK_EXPIRED,		/* the lease has run out; not broken yet */
	LOCK_DEAD,		/* was attended, the process is gone */
	LOCK_UNREADABLE		/* held by what is not ours to judge */
};

/* A holder. Strings belong to the struct: lock_grant_release(). */
struct lock_grant {
	char *name;
	const char *backend;	/* static */
	char *place;		/* directory or table */
	char token[LOCK_TOKEN_SIZE];
	int64_t fence;
	char *owner;
	char *workgroup;	/* NULL: none */
	char acquired_at[STAMP_SIZE];	/* "": not known */
	double lease;
	double lease_from;	/* acquire, renew: wait_now() when the lease
				   began, or a little before */
	unsigned slot;		/* from 1 */
	bool attended;
	long pid;		/* of who took it, for people; 0: not known */
	int keep_fd;		/* attended: a descriptor that the command
				   inherits, -1 for none; the lock lives
				   until the last copy is closed or until
				   release */
	/* As seen by status: */
	enum lock_life life;
	double age;		/* seconds held; -1: before the last boot */
	double left;		/* seconds of lease left, negative: run out */
};

struct lock_waiter {
	char *owner;
	char *workgroup;
	double waited;
	long pid;		/* 0: on another machine */
};

/* A lock and its queue at one moment. */
struct lock_view {
	struct lock_grant *holder;
	size_t nholder;
	struct lock_waiter *waiter;	/* in the order they will be served */
	size_t nwaiter;
	int64_t fence;		/* the last one given out; 0: never any */
};

/* Names a holder: by token or, when that is NULL, by owner. */
struct lock_id {
	const char *token;
	const char *owner;
};

struct lock_backend {
	const char *name;	/* "dir", "dynamodb": the record's backend */

	/* Open, creating what must be there. NULL on failure. */
	struct lock *(*open)(const struct lock_where *where, struct err *e);

	/* Wait for the lock and take it; fills *out only on success. */
	int	(*acquire)(struct lock *l, const struct lock_want *want,
		    struct lock_grant *out, struct err *e);

	/*
	 * Start the lease again, from now; fills *out (which may be NULL).
	 * Gives up by `limit`; NULL: while there is lease left to act in.
	 */
	int	(*renew)(struct lock *l, const struct lock_id *id,
		    double lease, const struct wait *limit,
		    struct lock_grant *out, struct err *e);

	/*
	 * Let go. ERR_LOST when id does not hold it. Also how a person takes
	 * a lock from its holder (force-release --token).
	 */
	int	(*release)(struct lock *l, const struct lock_id *id,
		    struct err *e);

	/* Is fence a holder whose lease runs? ERR_LOST when not. */
	int	(*check)(struct lock *l, int64_t fence, struct err *e);

	int	(*view)(struct lock *l, struct lock_view *out, struct err *e);

	/* The names of all locks at this place, each once, in order. */
	int	(*list)(const struct lock_where *where,
		    int (*each)(void *ctx, const char *name, struct err *e),
		    void *ctx, struct err *e);

	/*
	 * After an attended acquire: a descriptor that from now on becomes
	 * readable when renew() should be called early, because the lock may
	 * be gone; -1 when there is none. Belongs to l. What happened before
	 * is not seen: call renew() once after it.
	 */
	int	(*watch)(struct lock *l);

	/* NULL is fine. Does not let go. */
	void	(*close)(struct lock *l);
};

extern const struct lock_backend lock_dir;
extern const struct lock_backend lock_dynamodb;

/*
 * Names are file names and keys: 1 to LOCK_NAME_MAX of [A-Za-z0-9._-], not
 * starting with '.' or '-'. Returns 0, or -1 and fills e (ERR_USAGE).
 */
int	lock_check_name(const char *name, struct err *e) MUST_USE;

/* A fresh random token, version 4 UUID. */
void	lock_new_token(char out[LOCK_TOKEN_SIZE]);

/*
 * The fence after `last`: larger than it, and no smaller than the wall clock
 * in milliseconds. So neither a clock set back nor a lost counter alone can
 * bring an old number again.
 */
int64_t	lock_next_fence(int64_t last);

void	lock_grant_release(struct lock_grant *g);
void	lock_view_release(struct lock_view *v);

/* The "lock" record of rs-records(5); NULL when a text is not UTF-8. */
json_t	*lock_record(const struct lock_grant *g) MUST_USE;

/* "leased", "attended", "expired", "dead", "unreadable". */
const char *lock_life_text(enum lock_life life);

#endif
