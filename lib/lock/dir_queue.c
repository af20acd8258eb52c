/*
 * dir_queue.c - the waiters: who is next, and who waits for whom
 *
 * A place in the queue is a directory whose name is a number. Each waiter
 * waits for the one right ahead of it and for nobody else, so that one that
 * leaves wakes one, however many there are.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "lock/dir.h"

enum { DIGITS = 20, MODE = 0600 };

static bool
is_place(const char *name)
{
	return strlen(name) == DIGITS && strspn(name, "0123456789") == DIGITS;
}

static bool
have_place(const struct lock *l)
{
	struct stat st;

	return l->ticket[0] != '\0' && l->state != -1 &&
	    fstatat(l->state, l->ticket, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_ino == l->ticket_ino;
}

/* The FIFO that shows we live. Nobody else opens it for writing. */
static int
make_alive(struct lock *l, int dirfd, struct err *e)
{
	struct flock mine = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (mkfifoat(dirfd, "alive", MODE) == -1)
		return err_sys(e, errno, "cannot make a FIFO in the queue");
	l->alive = openat(dirfd, "alive", O_RDWR | O_NONBLOCK | O_NOFOLLOW |
	    O_CLOEXEC);
	if (l->alive == -1 || fcntl(l->alive, F_OFD_SETLK, &mine) == -1)
		return err_sys(e, errno, "cannot lock the FIFO in the queue");
	return 0;
}

static int
make_place(struct lock *l, const struct lock_want *want, struct err *e)
{
	struct stat st;
	int fd, rc;

	do {
		snprintf(l->ticket, sizeof(l->ticket), "%020lld",
		    (long long)++l->count.ticket);
		rc = mkdirat(l->state, l->ticket, 0700);
	} while (rc == -1 && errno == EEXIST);
	if (rc == -1) {
		l->ticket[0] = '\0';
		return err_sys(e, errno, "cannot join the queue of lock '%s' "
		    "in '%s'", l->where.name, l->path);
	}
	fd = openat(l->state, l->ticket, O_RDONLY | O_DIRECTORY |
	    O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1)
		rc = err_sys(e, errno, "cannot open our place in the queue");
	else
		l->ticket_ino = st.st_ino;
	if (rc == 0)
		rc = make_alive(l, fd, e);
	if (rc == 0)
		rc = dir_write_legacy(fd, want, e);
	if (fd != -1)
		close(fd);
	return rc;
}

/* Model: dir_join. */
int
dir_join(struct lock *l, const struct lock_want *want, struct err *e)
{
	if (have_place(l))
		return 0;
	dir_quit(l);	/* somebody removed the directory under us */
	if (make_place(l, want, e) == -1 || dir_save_count(l, e) == -1) {
		dir_quit(l);
		return -1;
	}
	return 0;
}

int
dir_announce(struct lock *l, const struct lock_want *want, struct err *e)
{
	struct lock_grant g = { .name = (char *)l->where.name,
		.backend = lock_dir.name, .place = l->path,
		.owner = (char *)want->owner,
		.workgroup = (char *)want->workgroup, .lease = want->lease };
	struct stat st;
	int fd, rc;

	fd = openat(l->state, l->ticket, O_RDONLY | O_DIRECTORY |
	    O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return err_sys(e, errno, "cannot open our place in the "
		    "queue");
	rc = fstatat(fd, "record", &st, AT_SYMLINK_NOFOLLOW) == 0 ? 0 :
	    dir_write_record(fd, &g, dir_clock_ms(), dir_clock_ms(), false,
	    e);
	close(fd);
	return rc;
}

void
dir_quit(struct lock *l)
{
	struct err ignored;	/* what stays is dead, and the next clears it */

	if (have_place(l))
		(void)!dir_remove(l->state, l->ticket, &ignored);
	l->ticket[0] = '\0';
	if (l->alive != -1)
		close(l->alive);
	l->alive = -1;
}

/* The last place before `bound`, in name; false when there is none. */
static bool
place_before(DIR *dir, const char *bound, char name[DIGITS + 1])
{
	struct dirent *entry;

	name[0] = '\0';
	rewinddir(dir);
	while ((entry = readdir(dir)) != NULL)
		if (is_place(entry->d_name) &&
		    strcmp(entry->d_name, bound) < 0 &&
		    strcmp(entry->d_name, name) > 0)
			memcpy(name, entry->d_name, DIGITS + 1);
	return name[0] != '\0';
}

static DIR *
open_list(int at, struct err *e)
{
	int fd = openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd != -1 ? fdopendir(fd) : NULL;

	if (dir == NULL)
		err_sys(e, errno, "cannot read the queue");
	return dir;
}

static enum dir_alive
probe_place(int state, const char *name, int *alive)
{
	enum dir_alive life;
	int fd;

	*alive = -1;
	fd = openat(state, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	if (fd == -1)
		return ALIVE_NONE;
	life = dir_probe(fd, alive);
	close(fd);
	return life;
}

/* Model: dir_ahead. */
int
dir_ahead(struct lock *l, int *fd, struct err *e)
{
	char name[DIGITS + 1];
	DIR *dir = open_list(l->state, e);
	int rc = 0;

	*fd = -1;
	if (dir == NULL)
		return -1;
	while (rc == 0 && place_before(dir, l->ticket, name)) {
		if (probe_place(l->state, name, fd) == ALIVE_YES)
			break;
		rc = dir_remove(l->state, name, e);
	}
	closedir(dir);
	return rc;
}

static void
add_waiter(struct lock_view *v, size_t *cap, int state, const char *name)
{
	struct lock_waiter *w;
	struct lock_grant g;
	int64_t renewed;
	int fd;

	fd = openat(state, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	if (fd == -1)
		return;		/* it has just left */
	if (dir_read_record(fd, &g, &renewed) == 0) {
		v->waiter = xgrow(v->waiter, v->nwaiter, cap,
		    sizeof(*v->waiter));
		w = &v->waiter[v->nwaiter++];
		w->owner = xstrdup(g.owner);
		w->workgroup = xstrdup(g.workgroup);
		w->waited = g.age;
		w->pid = g.pid;
		lock_grant_release(&g);
	}
	close(fd);
}

struct place {
	char s[DIGITS + 1];
};

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct place *)a)->s,
	    ((const struct place *)b)->s);
}

int
dir_waiters(struct lock *l, struct lock_view *v, struct err *e)
{
	struct place *name = NULL;
	size_t n = 0, cap = 0, room = 0;
	struct dirent *entry;
	DIR *dir = open_list(l->state, e);
	int fd;

	if (dir == NULL)
		return -1;
	while ((entry = readdir(dir)) != NULL)
		if (is_place(entry->d_name)) {
			name = xgrow(name, n, &cap, sizeof(*name));
			memcpy(name[n++].s, entry->d_name, DIGITS + 1);
		}
	closedir(dir);
	if (n > 0)
		qsort(name, n, sizeof(*name), by_name);
	for (size_t i = 0; i < n; i++) {
		if (probe_place(l->state, name[i].s, &fd) == ALIVE_YES)
			add_waiter(v, &room, l->state, name[i].s);
		if (fd != -1)
			close(fd);
	}
	free(name);
	return 0;
}
