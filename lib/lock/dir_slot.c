/*
 * dir_slot.c - the holders: read one, break one, become one
 *
 * Whoever changes a slot has the mutex. What is judged and what is broken
 * are therefore the same lock.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "lock/dir.h"

void
dir_slot_name(const struct lock *l, unsigned slot, char out[DIR_ENTRY_SIZE])
{
	if (slot == 1)
		snprintf(out, DIR_ENTRY_SIZE, "%s", l->where.name);
	else
		snprintf(out, DIR_ENTRY_SIZE, "%s@%u", l->where.name, slot);
}

/* Others may have used more slots than we were told of. */
unsigned
dir_slots(const struct lock *l)
{
	return l->count.slots > l->where.slots ? l->count.slots :
	    l->where.slots;
}

enum dir_alive
dir_probe(int dirfd, int *fd)
{
	struct flock held = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	struct stat st;

	*fd = openat(dirfd, "alive", O_RDONLY | O_NONBLOCK | O_NOFOLLOW |
	    O_CLOEXEC);
	if (*fd == -1)
		return ALIVE_NONE;
	if (fstat(*fd, &st) == 0 && S_ISFIFO(st.st_mode) &&
	    fcntl(*fd, F_OFD_GETLK, &held) == 0 && held.l_type == F_WRLCK)
		return ALIVE_YES;
	close(*fd);
	*fd = -1;
	return ALIVE_DEAD;
}

void
dir_holder_release(struct dir_holder *h)
{
	if (h->alive != -1)
		close(h->alive);
	lock_grant_release(&h->grant);
	h->held = false;
	h->alive = -1;
}

/* Fill h from the open directory of a holder. */
static void
judge(int dirfd, struct dir_holder *h)
{
	enum dir_alive alive = dir_probe(dirfd, &h->alive);
	struct lock_grant *g = &h->grant;
	bool readable = dir_read_record(dirfd, g, &h->renewed) == 0;

	g->attended = alive != ALIVE_NONE;
	if (alive == ALIVE_YES)
		g->life = LOCK_ATTENDED;
	else if (alive == ALIVE_DEAD)
		g->life = LOCK_DEAD;
	else if (!readable)
		g->life = LOCK_UNREADABLE;
	else
		g->life = g->left > 0 ? LOCK_LEASED : LOCK_EXPIRED;
}

int
dir_read_holder(struct lock *l, unsigned slot, struct dir_holder *h,
    struct err *e)
{
	char name[DIR_ENTRY_SIZE];
	int fd;

	memset(h, 0, sizeof(*h));
	h->alive = h->grant.keep_fd = -1;
	dir_slot_name(l, slot, name);
	fd = openat(l->base, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	if (fd == -1 && errno == ENOENT)
		return 0;
	if (fd == -1) {
		err_sys(e, errno, "cannot open '%s/%s'", l->path, name);
		return err_hint(e, "a held lock is a directory; rs-lock "
		    "made nothing else there");
	}
	h->held = true;
	judge(fd, h);
	close(fd);
	h->grant.slot = slot;
	if (h->grant.name == NULL) {
		h->grant.name = xstrdup(l->where.name);
		h->grant.backend = lock_dir.name;
		h->grant.owner = xstrdup("unknown");
		h->grant.age = -1;
	}
	h->grant.place = xstrdup(l->path);
	return 0;
}

/* Model: dir_break. */
int
dir_break(struct lock *l, unsigned slot, struct err *e)
{
	char name[DIR_ENTRY_SIZE];

	dir_slot_name(l, slot, name);
	if (dir_remove(l->state, "old", e) == -1)	/* of one who died */
		return -1;
	if (renameat2(l->base, name, l->state, "old", 0) == -1)
		return err_sys(e, errno, "cannot take '%s' out of '%s'",
		    name, l->path);
	l->rubbish = true;
	return 0;
}

/* All that is left to write before our place can become the holder. */
static int
prepare(struct lock *l, const struct lock_want *want,
    const struct lock_grant *g, struct err *e)
{
	int64_t now = dir_clock_ms();
	int fd, rc = 0;

	fd = openat(l->state, l->ticket, O_RDONLY | O_DIRECTORY |
	    O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return err_sys(e, errno, "cannot open our place in the "
		    "queue");
	/*
	 * A lease outlives a power failure, so it goes to the disk. A lock
	 * that dies with a process need not, and does not wait for it.
	 */
	if (dir_write_record(fd, g, now, now, !want->attended, e) == -1 ||
	    dir_write_timestamp(fd, e) == -1)
		rc = -1;
	if (rc == 0 && !want->attended && unlinkat(fd, "alive", 0) == -1)
		rc = err_sys(e, errno, "cannot prepare the lock");
	if (rc == 0 && !want->attended && fsync(fd) == -1)
		rc = err_sys(e, errno, "cannot write the lock to the disk");
	close(fd);
	return rc;
}

static void
fill_grant(struct lock *l, const struct lock_want *want, unsigned slot,
    struct lock_grant *g)
{
	memset(g, 0, sizeof(*g));
	g->name = xstrdup(l->where.name);
	g->backend = lock_dir.name;
	g->place = xstrdup(l->path);
	lock_new_token(g->token);
	g->fence = l->count.fence;
	g->owner = xstrdup(want->owner);
	g->workgroup = xstrdup(want->workgroup);
	stamp_now(g->acquired_at);
	g->lease = g->left = want->lease;
	g->lease_from = wait_now();
	g->slot = slot;
	g->attended = want->attended;
	g->pid = getpid();
	g->life = want->attended ? LOCK_ATTENDED : LOCK_LEASED;
	g->keep_fd = -1;
}

/* Out of the queue, into the slot. Model: dir_publish. */
static int
move_in(struct lock *l, const struct lock_want *want, const char *name,
    struct err *e)
{
	if (renameat2(l->state, l->ticket, l->base, name,
	    RENAME_NOREPLACE) == -1) {
		if (errno == EEXIST)
			return 0;
		return err_sys(e, errno, "cannot publish lock '%s/%s'",
		    l->path, name);
	}
	if (!want->attended && fsync(l->base) == -1)
		msg_debug(1, "the lock may not survive a power failure: %s",
		    strerror(errno));
	l->ticket[0] = '\0';
	return 1;
}

int
dir_publish(struct lock *l, const struct lock_want *want, unsigned slot,
    struct lock_grant *out, struct err *e)
{
	char name[DIR_ENTRY_SIZE];
	struct lock_grant g;
	int rc;

	/* The number is used up before anybody can see it. */
	l->count.fence = lock_next_fence(l->count.fence);
	if (slot > l->count.slots)
		l->count.slots = slot;
	if (dir_save_count(l, e) == -1)
		return -1;
	dir_slot_name(l, slot, name);
	fill_grant(l, want, slot, &g);
	rc = prepare(l, want, &g, e);
	if (rc == 0)
		rc = move_in(l, want, name, e);
	if (rc != 1) {
		lock_grant_release(&g);
		return rc;
	}
	/*
	 * Tell who waits behind us to look at the holder from now on: by a
	 * byte when our FIFO lives on, by its end when it does not.
	 */
	if (want->attended) {
		(void)!write(l->alive, "", 1);
		g.keep_fd = l->alive;
	} else {
		close(l->alive);
		l->alive = -1;
	}
	*out = g;
	return 1;
}

static bool
is_held_by(const struct lock_grant *g, const struct lock_id *id)
{
	if (id->token != NULL)
		return strcmp(g->token, id->token) == 0;
	return strcmp(g->owner, id->owner) == 0;
}

int
dir_find(struct lock *l, const struct lock_id *id, struct dir_holder *h,
    struct err *e)
{
	for (unsigned slot = 1; slot <= dir_slots(l); slot++) {
		if (dir_read_holder(l, slot, h, e) == -1)
			return -1;
		if (h->held && h->grant.token[0] != '\0' &&
		    is_held_by(&h->grant, id))
			return (int)slot;
		dir_holder_release(h);
	}
	return 0;
}
