/*
 * dynamodb.h - the item of a lock, and the calls that read and change it
 *
 * The layout is that of the awslabs DynamoDB lock client, so that both can
 * contend for one lock: `key` (the name), `ownerName`, `leaseDuration`
 * (milliseconds, as a string), `recordVersionNumber` (a UUID, new at each
 * acquisition and heartbeat), `isReleased`. Attributes of our own begin with
 * "rs". The last fence is kept in an item beside it, which nobody deletes.
 */
#ifndef LOCK_DYNAMODB_H
#define LOCK_DYNAMODB_H

#include "aws/aws.h"
#include "lock/lock.h"

/* What the table says of a lock. Strings are owned: item_release(). */
struct item {
	bool exists;
	bool released;		/* kept by another client, but not held */
	bool ours;		/* written by rs-lock, and by nobody since */
	bool attended;		/* held by rs-lock run */
	char *version;		/* recordVersionNumber */
	char *owner;
	char *workgroup;	/* NULL: none, or not ours */
	char *token;		/* the version when it is not ours */
	double lease;		/* seconds */
	int64_t fence;		/* 0: none yet, or not ours */
	char acquired_at[STAMP_SIZE];	/* for people; "" when not ours */
	char renewed_at[STAMP_SIZE];
};

struct lock {
	const struct lock_where *where;
	struct aws *aws;
	const struct wait *limit;	/* of the calls that are being made */
	double heard;		/* wait_now() of the last good answer, or of
				   the beginning */
	bool known;		/* there was a good answer */
};

/* How a conditional write ended. */
enum written {
	WRITE_FAILED = -1,	/* e says why; it may happen yet */
	WRITE_REFUSED = 0,	/* the item was not as expected */
	WRITE_DONE = 1
};

bool	item_is_free(const struct item *i);
void	item_release(struct item *i);

/* Make the table (on-demand) when it is missing, and wait until it is up. */
int	table_ensure(struct lock *l, struct err *e) MUST_USE;

/*
 * The item now, by a consistent read. ERR_SYSTEM when it is no lock. *out is
 * to be released in any case.
 */
int	item_read(struct lock *l, struct item *out, struct err *e) MUST_USE;

/*
 * Write `mine` if the item is still as `seen`. A lost reply is looked up:
 * when the item carries our version, the write was done.
 */
enum written item_put(struct lock *l, const struct item *mine,
	    const struct item *seen, struct err *e) MUST_USE;

/* Change version, lease and fence of an item that is still as `seen`. */
enum written item_update(struct lock *l, const struct item *mine,
	    const struct item *seen, struct err *e) MUST_USE;

/* Delete an item that is still as `seen`. */
enum written item_delete(struct lock *l, const struct item *seen,
	    struct err *e) MUST_USE;

/* Take the next fence from the counter. */
int	fence_next(struct lock *l, int64_t *out, struct err *e) MUST_USE;

/* The last fence given out; 0 when there was never any. */
int	fence_read(struct lock *l, int64_t *out, struct err *e) MUST_USE;

/*
 * The names of all locks of the table that rs-lock could take, in order, as
 * an array of strings. NULL on failure.
 */
json_t	*items_names(struct lock *l, struct err *e) MUST_USE;

#endif
