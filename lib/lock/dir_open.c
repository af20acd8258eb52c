/*
 * dir_open.c - the directories of the directory backend, and its mutex
 *
 * /tmp is hostile: everything is opened relative to a directory that was
 * checked, never through a symbolic link, and must be ours and closed to
 * others. Only file systems known to be local are accepted, since flock(2),
 * rename(2) and inotify(7) of a remote one do not tell two machines apart.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/sig.h"
#include "lock/dir.h"

#define COUNT_FORMAT "%020lld %020lld %06u\n"
enum { COUNT_SIZE = 20 + 1 + 20 + 1 + 6 + 1 };

/* How often directories may be removed under us before we give up. */
enum { MAX_TRIES = 100 };
static const double MUTEX_PATIENCE = 60;

/* Not in linux/magic.h of every kernel. */
enum {
	MAGIC_XFS = 0x58465342,
	MAGIC_ZFS = 0x2fc12fc1,
	MAGIC_JFS = 0x3153464a,
	MAGIC_BCACHEFS = (int)0xca451a4e
};

static int
check_local(int fd, const char *path, struct err *e)
{
	static const int local[] = { EXT4_SUPER_MAGIC, MAGIC_XFS,
		(int)BTRFS_SUPER_MAGIC, TMPFS_MAGIC, (int)RAMFS_MAGIC,
		OVERLAYFS_SUPER_MAGIC, (int)F2FS_SUPER_MAGIC, MAGIC_ZFS,
		MAGIC_JFS, MAGIC_BCACHEFS, REISERFS_SUPER_MAGIC };
	struct statfs fs;

	if (fstatfs(fd, &fs) == -1)
		return err_sys(e, errno, "cannot ask for the file system of "
		    "'%s'", path);
	for (size_t i = 0; i < ARRAY_LEN(local); i++)
		if ((int)fs.f_type == local[i])
			return 0;
	err_set(e, ERR_SYSTEM, "'%s' is not on a file system known to be "
	    "local (type 0x%lx)", path, (unsigned long)fs.f_type);
	return err_hint(e, "choose a local directory with --dir, or --table "
	    "for a lock in DynamoDB that several machines can share");
}

/* Ours, and nobody else may write, read or search it. */
static int
check_private(int fd, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return err_sys(e, errno, "cannot look at '%s'", path);
	if (st.st_uid != geteuid()) {
		err_set(e, ERR_SYSTEM, "'%s' belongs to user %u, not to us "
		    "(%u)", path, (unsigned)st.st_uid, (unsigned)geteuid());
		return err_hint(e, "choose another directory with --dir or "
		    "RS_LOCK_DIR");
	}
	if (st.st_mode & (S_IRWXG | S_IRWXO)) {
		err_set(e, ERR_SYSTEM, "'%s' is open to others (mode %04o)",
		    path, (unsigned)(st.st_mode & 07777));
		return err_hint(e, "if nobody else put anything there: "
		    "chmod 700 '%s'", path);
	}
	return 0;
}

/* Who may rename our directory away could put another one in its place. */
static int
check_parent(int fd, const char *path, struct err *e)
{
	struct stat st;

	if (fstatat(fd, "..", &st, 0) == -1)
		return err_sys(e, errno, "cannot look at the directory "
		    "above '%s'", path);
	if ((st.st_mode & S_IWOTH) && !(st.st_mode & S_ISVTX))
		return err_set(e, ERR_SYSTEM, "the directory above '%s' is "
		    "writable by everybody and not sticky", path);
	return 0;
}

/* Open directory `name`, made first when `create`. 1, 0 not there, -1. */
static int
open_dir(int at, const char *name, const char *path, bool create, int *out,
    struct err *e)
{
	int fd;

	if (create && mkdirat(at, name, 0700) == -1 && errno != EEXIST)
		return err_sys(e, errno, "cannot make directory '%s'", path);
	fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	if (fd == -1 && errno == ENOENT)
		return 0;
	if (fd == -1 && (errno == ELOOP || errno == ENOTDIR)) {
		err_set(e, ERR_SYSTEM, "'%s' is not a directory, or is a "
		    "symbolic link", path);
		return err_hint(e, "remove it, if it is yours, or choose "
		    "another directory with --dir or RS_LOCK_DIR");
	}
	if (fd == -1)
		return err_sys(e, errno, "cannot open directory '%s'", path);
	if (check_private(fd, path, e) == -1) {
		close(fd);
		return -1;
	}
	*out = fd;
	return 1;
}

int
dir_open_base(struct lock *l, bool create, struct err *e)
{
	char *full;
	int rc;

	rc = open_dir(AT_FDCWD, l->path, l->path, create, &l->base, e);
	if (rc != 1)
		return rc;
	if (check_parent(l->base, l->path, e) == -1 ||
	    check_local(l->base, l->path, e) == -1)
		return -1;
	if (l->path[0] != '/') {
		full = realpath(l->path, NULL);
		if (full == NULL)
			return err_sys(e, errno, "cannot resolve '%s'",
			    l->path);
		free(l->path);
		l->path = full;
	}
	return 1;
}

static int
open_state(struct lock *l, bool create, struct err *e)
{
	char name[DIR_ENTRY_SIZE], *path;
	int rc;

	snprintf(name, sizeof(name), ".%s", l->where.name);
	path = xasprintf("%s/%s", l->path, name);
	rc = open_dir(l->base, name, path, create, &l->state, e);
	free(path);
	return rc;
}

static int
open_count(struct lock *l, struct err *e)
{
	struct stat st;

	l->count_fd = openat(l->state, "count", O_RDWR | O_CREAT |
	    O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
	if (l->count_fd == -1 && errno == ENOENT)
		return 0;	/* the directory was removed meanwhile */
	if (l->count_fd == -1 || fstat(l->count_fd, &st) == -1)
		return err_sys(e, errno, "cannot open '%s/.%s/count'",
		    l->path, l->where.name);
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
	    st.st_nlink > 1)
		return err_set(e, ERR_SYSTEM, "'%s/.%s/count' is not a plain "
		    "file of ours", l->path, l->where.name);
	return 1;
}

void
dir_close_fds(struct lock *l)
{
	int *fds[] = { &l->count_fd, &l->state, &l->base };

	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		if (*fds[i] != -1)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

static void
read_count(struct lock *l)
{
	char text[COUNT_SIZE + 1] = "";
	long long fence, ticket;
	unsigned slots;

	/*
	 * Zero for a file that is new or was damaged by a power failure:
	 * dir_join() and lock_next_fence() do not depend on it alone.
	 */
	memset(&l->count, 0, sizeof(l->count));
	if (pread(l->count_fd, text, COUNT_SIZE, 0) != COUNT_SIZE ||
	    sscanf(text, "%lld %lld %u", &fence, &ticket, &slots) != 3 ||
	    fence < 0 || ticket < 0 || slots > LOCK_SLOTS_MAX)
		return;
	l->count.fence = fence;
	l->count.ticket = ticket;
	l->count.slots = slots;
}

int
dir_look(struct lock *l, struct err *e)
{
	int rc;

	dir_close_fds(l);
	rc = dir_open_base(l, false, e);
	if (rc == 1 && open_state(l, false, e) == -1)
		rc = -1;
	memset(&l->count, 0, sizeof(l->count));
	if (rc == 1 && l->state != -1) {
		l->count_fd = openat(l->state, "count", O_RDONLY |
		    O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		read_count(l);
	}
	return rc;
}

static bool
same_entry(int at, const char *name, int fd)
{
	struct stat a, b;

	return fstatat(at, name, &a, AT_SYMLINK_NOFOLLOW) == 0 &&
	    fstat(fd, &b) == 0 && a.st_dev == b.st_dev &&
	    a.st_ino == b.st_ino;
}

/* A mutex on something that was removed excludes nobody. */
static bool
still_there(const struct lock *l)
{
	char name[DIR_ENTRY_SIZE];

	snprintf(name, sizeof(name), ".%s", l->where.name);
	return same_entry(l->state, "count", l->count_fd) &&
	    same_entry(l->base, name, l->state) &&
	    same_entry(AT_FDCWD, l->path, l->base);
}

static void
on_tick(int signo)
{
	(void)signo;	/* it is here to end flock(2) with EINTR */
}

/*
 * flock(2) knows no deadline. The timer ticks rather than rings once: a tick
 * that comes just before the call would be lost.
 */
static int
flock_until(int fd, const struct wait *deadline, const char *what,
    struct err *e)
{
	struct itimerval tick = { { 0, 100000 }, { 0, 100000 } };
	struct itimerval none = { { 0, 0 }, { 0, 0 } };
	struct sigaction sa = { .sa_handler = on_tick }, old;
	struct wait patience;
	bool heed_signals = deadline != NULL;
	int rc, errnum;

	if (deadline == NULL) {
		wait_begin(&patience, MUTEX_PATIENCE, 0, 0);
		deadline = &patience;
	}
	sigaction(SIGALRM, &sa, &old);
	setitimer(ITIMER_REAL, &tick, NULL);
	do {
		rc = flock(fd, LOCK_EX);
		errnum = errno;
	} while (rc == -1 && errnum == EINTR && !wait_expired(deadline) &&
	    !(heed_signals && sig_caught() != 0));
	setitimer(ITIMER_REAL, &none, NULL);
	sigaction(SIGALRM, &old, NULL);
	if (rc == 0)
		return 0;
	if (heed_signals && sig_caught() != 0)
		return err_set(e, ERR_SIGNAL, "stopped by a signal");
	if (errnum != EINTR)
		return err_sys(e, errnum, "cannot lock the state of lock "
		    "'%s'", what);
	err_set(e, ERR_DEADLINE, "another process keeps the state of lock "
	    "'%s' to itself", what);
	return err_hint(e, "it takes microseconds unless a process is "
	    "stopped: ps -o pid,stat,cmd -C rs-lock");
}

int
dir_save_count(struct lock *l, struct err *e)
{
	char text[COUNT_SIZE + 1];
	ssize_t n;

	snprintf(text, sizeof(text), COUNT_FORMAT, (long long)l->count.fence,
	    (long long)l->count.ticket, l->count.slots);
	n = pwrite(l->count_fd, text, COUNT_SIZE, 0);
	if (n == COUNT_SIZE)
		return 0;
	return err_sys(e, n == -1 ? errno : ENOSPC, "cannot write "
	    "'%s/.%s/count'", l->path, l->where.name);
}

/* Ctrl-Z while we have the mutex would stop everybody else as well. */
static void
hold_stops(sigset_t *old)
{
	sigset_t stops;

	sigemptyset(&stops);
	sigaddset(&stops, SIGTSTP);
	sigaddset(&stops, SIGTTIN);
	sigaddset(&stops, SIGTTOU);
	sigprocmask(SIG_BLOCK, &stops, old);
}

/* Open what is not open. 1, 0 not there, -1. */
static int
open_all(struct lock *l, bool create, struct err *e)
{
	int rc = 1;

	if (l->count_fd != -1)
		return 1;
	dir_close_fds(l);
	if (rc == 1)
		rc = dir_open_base(l, create, e);
	if (rc == 1)
		rc = open_state(l, create, e);
	if (rc == 1)
		rc = open_count(l, e);
	return rc;
}

static int
lock_count(struct lock *l, const struct wait *deadline, struct err *e)
{
	if (flock(l->count_fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK && errno != EINTR)
		return err_sys(e, errno, "cannot lock the state of lock "
		    "'%s'", l->where.name);
	return flock_until(l->count_fd, deadline, l->where.name, e);
}

int
dir_enter(struct lock *l, bool create, const struct wait *deadline,
    struct err *e)
{
	int rc;

	hold_stops(&l->mask);
	for (int i = 0; i < MAX_TRIES; i++) {
		rc = open_all(l, create, e);
		if (rc == 0 && create)
			continue;	/* removed between two steps */
		if (rc != 1) {
			dir_close_fds(l);
			goto out;
		}
		rc = lock_count(l, deadline, e);
		if (rc == -1)
			goto out;	/* open still, to leave the queue */
		if (still_there(l)) {
			read_count(l);
			return 1;
		}
		dir_close_fds(l);
	}
	rc = err_set(e, ERR_SYSTEM, "directory '%s' is being removed again "
	    "and again", l->path);
out:
	sigprocmask(SIG_SETMASK, &l->mask, NULL);
	return rc;
}

void
dir_leave(struct lock *l)
{
	struct err ignored;	/* who breaks the next one sweeps again */

	flock(l->count_fd, LOCK_UN);
	sigprocmask(SIG_SETMASK, &l->mask, NULL);
	if (l->rubbish)
		(void)!dir_remove(l->state, "old", &ignored);
	l->rubbish = false;
}
