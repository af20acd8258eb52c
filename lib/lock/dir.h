/*
 * dir.h - the directory backend, inside
 *
 *	BASE/			0700, ours (dir_open.c)
 *	  NAME/			there exactly while slot 1 is held
 *	    record		the grant, private members included
 *	    owner workgroup timestamp	the same for people and old scripts
 *	    alive		FIFO, only for an attended holder
 *	  NAME@2/ ...		further slots
 *	  .NAME/		what outlives a holder
 *	    count		counters; flock(2) on it is the mutex
 *	    00000000000000000017/   a waiter's place in the queue, and the
 *			directory that becomes NAME when its turn comes
 *	    old/		a holder on its way out
 *
 * Everything but `status` and `check` looks and acts under the mutex, which
 * the kernel frees when its owner dies. Each step leaves a state that the
 * next one to get the mutex understands: a place is in the queue until the
 * one rename that makes it the holder, a holder holds until the one rename
 * that makes it `old`, and a place or `old` whose owner is gone is rubbish.
 *
 * A living process keeps its `alive` FIFO open and has an OFD lock on it. The
 * kernel ends both when the last copy is closed: who waits behind polls the
 * FIFO and is woken by the hang-up; who looks asks with F_OFD_GETLK, which
 * touches nothing. No pid is ever trusted.
 */
#ifndef LOCK_DIR_H
#define LOCK_DIR_H

#include <signal.h>

#include "lock/lock.h"

enum {
	DIR_ENTRY_SIZE = LOCK_NAME_MAX + 8,	/* NAME@1000, with NUL */
	DIR_RECORD_MAX = 32 * 1024
};

/* What the file `count` carries from one holder to the next. */
struct dir_count {
	int64_t fence;		/* the last one given out */
	int64_t ticket;		/* the last place given out */
	unsigned slots;		/* the highest slot ever used */
};

/* A holder or a waiter that was judged gone; broken only if unchanged. */
struct dir_version {
	char token[LOCK_TOKEN_SIZE];
	int64_t renewed;	/* ms on CLOCK_BOOTTIME */
};

struct lock {
	struct lock_where where;
	char *path;		/* of BASE, absolute once it was opened */
	int base, state, count_fd;	/* descriptors, -1 when not open */
	struct dir_count count;	/* as read under the mutex */
	sigset_t mask;		/* before the mutex was taken */

	char ticket[24];	/* our place in the queue, "" when none */
	ino_t ticket_ino;
	int alive;		/* its FIFO, held open and locked; or -1 */
	int notify;		/* inotify, -1: none */
	unsigned slot;		/* the one we took, 0: none */
	bool rubbish;		/* `old` is there and can be removed */

	struct dir_version *gone;	/* the judge's findings */
	size_t ngone, cap_gone;
	double next_round;	/* when the judge may be asked again */
};

/* A slot as it was found. */
struct dir_holder {
	bool held;
	struct lock_grant grant;	/* life, age and left are set */
	int64_t renewed;
	int alive;		/* the FIFO of a living one, else -1 */
};

/* --- dir_open.c: the directories and the mutex --- */

/*
 * Take the mutex, creating directories when `create`, and fill l->count.
 * Waits for it until deadline or a signal; with NULL up to a minute and
 * whatever signal came, since letting go must not fail. Returns 1; 0 when
 * there is nothing there and not `create`; or -1.
 */
int	dir_enter(struct lock *l, bool create, const struct wait *deadline,
	    struct err *e) MUST_USE;
void	dir_leave(struct lock *l);

/*
 * Open for looking only, without the mutex, and fill l->count. Returns 1; 0
 * when there is no such directory; -1. l->state stays -1 for a lock that was
 * never used, or only by a tool that is not ours.
 */
int	dir_look(struct lock *l, struct err *e) MUST_USE;
int	dir_open_base(struct lock *l, bool create, struct err *e) MUST_USE;

/* Write l->count back. */
int	dir_save_count(struct lock *l, struct err *e) MUST_USE;
void	dir_close_fds(struct lock *l);

/* --- dir_file.c: small files in small directories --- */

int	dir_write_file(int dirfd, const char *name, const char *text,
	    bool sync, struct err *e) MUST_USE;

/* The whole of a small regular file of ours; NULL and errno on failure. */
char	*dir_read_file(int dirfd, const char *name) MUST_USE;

/* Remove directory `name` and the files in it; it may be gone already. */
int	dir_remove(int dirfd, const char *name, struct err *e) MUST_USE;

/* Write the files of a holder, or of a waiter, into its directory. */
int	dir_write_record(int dirfd, const struct lock_grant *g,
	    int64_t since, int64_t renewed, bool sync, struct err *e)
	    MUST_USE;
int	dir_write_legacy(int dirfd, const struct lock_want *want,
	    struct err *e) MUST_USE;
int	dir_write_timestamp(int dirfd, struct err *e) MUST_USE;

/*
 * Read a record. Returns 0, or -1 when it is missing or is not one of ours;
 * *g, *renewed are filled only on success, g->age and g->left included.
 */
int	dir_read_record(int dirfd, struct lock_grant *g, int64_t *renewed)
	    MUST_USE;

int64_t	dir_clock_ms(void);

/* --- dir_slot.c: holders --- */

void	dir_slot_name(const struct lock *l, unsigned slot,
	    char out[DIR_ENTRY_SIZE]);
unsigned dir_slots(const struct lock *l);
int	dir_read_holder(struct lock *l, unsigned slot,
	    struct dir_holder *h, struct err *e) MUST_USE;
void	dir_holder_release(struct dir_holder *h);

/*
 * Under the mutex: take the holder out. One rename decides; dir_leave() does
 * the sweeping, when the next one can already go on.
 */
int	dir_break(struct lock *l, unsigned slot, struct err *e) MUST_USE;

/*
 * Under the mutex: make our place in the queue the holder of `slot`. Returns
 * 1 and fills *out, 0 when something else took the name first, -1.
 */
int	dir_publish(struct lock *l, const struct lock_want *want,
	    unsigned slot, struct lock_grant *out, struct err *e) MUST_USE;

/*
 * Under the mutex: the slot held by id, 0 when there is none; h is filled
 * and must be released when it is not 0.
 */
int	dir_find(struct lock *l, const struct lock_id *id,
	    struct dir_holder *h, struct err *e) MUST_USE;

/* --- dir_queue.c: waiters --- */

/* Under the mutex: take a place, unless we still have ours. */
int	dir_join(struct lock *l, const struct lock_want *want,
	    struct err *e) MUST_USE;

/* Let it be seen by status that we wait. */
int	dir_announce(struct lock *l, const struct lock_want *want,
	    struct err *e) MUST_USE;

/* Give the place up; needs no mutex. */
void	dir_quit(struct lock *l);

/*
 * Under the mutex: the FIFO of the living waiter right ahead of us in *fd,
 * which the caller closes; -1 when we are the first. Clears dead ones away.
 */
int	dir_ahead(struct lock *l, int *fd, struct err *e) MUST_USE;

/* The waiters alive, in order; called without the mutex. */
int	dir_waiters(struct lock *l, struct lock_view *v, struct err *e)
	    MUST_USE;

/* Is the FIFO `alive` in dirfd kept by a living process? Opens it in *fd. */
enum dir_alive { ALIVE_NONE, ALIVE_YES, ALIVE_DEAD };
enum dir_alive dir_probe(int dirfd, int *fd);

/* --- dir_acquire.c --- */

/* As lock_backend.acquire. */
int	dir_acquire(struct lock *l, const struct lock_want *want,
	    struct lock_grant *out, struct err *e) MUST_USE;

/*
 * Have l->notify become readable when the directory of a slot is moved or
 * removed. False when the kernel cannot do that for us.
 */
bool	dir_watch_slot(struct lock *l, unsigned slot);

/* Forget what l->notify has told so far. */
void	dir_drain(struct lock *l);

#endif
