/*
 * dir.c - the directory backend: one machine, woken by the kernel
 *
 * The protocol is in dir.h; the part that waits and takes in dir_acquire.c.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "lock/dir.h"

static struct lock *
dir_open(const struct lock_where *where, struct err *e)
{
	struct lock *l;

	if (lock_check_name(where->name, e) == -1)
		return NULL;
	l = xcalloc(1, sizeof(*l));
	l->where = *where;
	l->path = xstrdup(where->dir);
	l->base = l->state = l->count_fd = l->alive = l->notify = -1;
	return l;
}

static void
dir_close(struct lock *l)
{
	if (l == NULL)
		return;
	if (l->ticket[0] != '\0')
		dir_quit(l);
	if (l->alive != -1)
		close(l->alive);
	if (l->notify != -1)
		close(l->notify);
	dir_close_fds(l);
	free(l->gone);
	free(l->path);
	free(l);
}

static int
not_held(const struct lock *l, const struct lock_id *id, struct err *e)
{
	if (id->token == NULL)
		return err_set(e, ERR_LOST, "lock '%s' in '%s' is not held "
		    "by '%s'", l->where.name, l->path, id->owner);
	err_set(e, ERR_LOST, "lock '%s' in '%s' is not held with this token",
	    l->where.name, l->path);
	return err_hint(e, "it was released, or taken over after its lease "
	    "ran out; see: rs-lock status");
}

/* Enter and find. 0 and inside the mutex; or -1 and outside. */
static int
enter_and_find(struct lock *l, const struct lock_id *id, unsigned *slot,
    struct dir_holder *h, struct err *e)
{
	int rc = dir_enter(l, false, NULL, e);

	if (rc == 0)
		return not_held(l, id, e);
	if (rc == -1)
		return -1;
	rc = dir_find(l, id, h, e);
	if (rc > 0) {
		*slot = (unsigned)rc;
		return 0;
	}
	dir_leave(l);
	return rc == -1 ? -1 : not_held(l, id, e);
}

/* Write the record anew: the lease starts now. */
static int
rewrite(struct lock *l, struct dir_holder *h, struct err *e)
{
	int64_t now = dir_clock_ms(), since = now;
	char name[DIR_ENTRY_SIZE];
	int fd, rc;

	dir_slot_name(l, h->grant.slot, name);
	fd = openat(l->base, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	if (fd == -1)
		return err_sys(e, errno, "cannot open '%s/%s'", l->path,
		    name);
	if (h->grant.age > 0)	/* unknown when from before the last boot */
		since -= (int64_t)(h->grant.age * 1000);
	rc = dir_write_record(fd, &h->grant, since, now, true, e);
	close(fd);
	return rc;
}

static int
dir_renew(struct lock *l, const struct lock_id *id, double lease,
    const struct wait *limit, struct lock_grant *out, struct err *e)
{
	struct dir_holder h;
	unsigned slot;
	int rc = 0;

	(void)limit;	/* nothing here takes its time */
	dir_drain(l);
	if (enter_and_find(l, id, &slot, &h, e) == -1)
		return -1;
	h.grant.lease = h.grant.left = lease;
	if (!h.grant.attended) {
		h.grant.life = LOCK_LEASED;
		rc = rewrite(l, &h, e);
	}
	dir_leave(l);
	if (rc == 0 && out != NULL) {
		*out = h.grant;
		memset(&h.grant, 0, sizeof(h.grant));
	}
	dir_holder_release(&h);
	return rc;
}

static int
dir_release(struct lock *l, const struct lock_id *id, struct err *e)
{
	struct dir_holder h;
	unsigned slot;
	int rc;

	if (enter_and_find(l, id, &slot, &h, e) == -1)
		return -1;
	rc = dir_break(l, slot, e);
	dir_leave(l);
	dir_holder_release(&h);
	return rc;
}

/* --- looking, without the mutex --- */

static int
dir_view(struct lock *l, struct lock_view *out, struct err *e)
{
	struct lock_view v = { 0 };
	struct dir_holder h;
	size_t cap = 0;
	int rc;

	rc = dir_look(l, e);
	if (rc == -1)
		return -1;
	v.fence = l->count.fence;
	for (unsigned slot = 1; rc == 1 && slot <= dir_slots(l); slot++) {
		rc = dir_read_holder(l, slot, &h, e) == -1 ? -1 : 1;
		if (rc == 1 && h.held) {
			v.holder = xgrow(v.holder, v.nholder, &cap,
			    sizeof(*v.holder));
			v.holder[v.nholder++] = h.grant;
			memset(&h.grant, 0, sizeof(h.grant));
		}
		dir_holder_release(&h);
	}
	if (rc == 1 && l->state != -1)
		rc = dir_waiters(l, &v, e);
	dir_close_fds(l);
	if (rc == -1)
		lock_view_release(&v);
	else
		*out = v;
	return rc == -1 ? -1 : 0;
}

static int
dir_check(struct lock *l, int64_t fence, struct err *e)
{
	struct lock_view v;
	int rc = err_set(e, ERR_LOST, "fence %lld does not hold lock '%s'",
	    (long long)fence, l->where.name);

	if (dir_view(l, &v, e) == -1)
		return -1;
	for (size_t i = 0; i < v.nholder; i++) {
		const struct lock_grant *g = &v.holder[i];

		if (g->token[0] == '\0' || g->fence != fence)
			continue;
		rc = 0;
		if (g->life == LOCK_EXPIRED)
			rc = err_set(e, ERR_LOST, "the lease of lock '%s', "
			    "fence %lld, ran out %.3g s ago", g->name,
			    (long long)fence, -g->left);
		else if (g->life == LOCK_DEAD)
			rc = err_set(e, ERR_LOST, "the holder of lock '%s', "
			    "fence %lld, is dead", g->name,
			    (long long)fence);
	}
	lock_view_release(&v);
	return rc;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The name of the lock that an entry of BASE belongs to, or NULL. */
static char *
entry_lock(const char *entry)
{
	char *name = xstrdup(entry + (entry[0] == '.'));
	struct err ignored;

	name[strcspn(name, "@")] = '\0';
	if (lock_check_name(name, &ignored) == 0)
		return name;
	free(name);
	return NULL;
}

static int
read_names(int fd, char ***out, size_t *n, struct err *e)
{
	DIR *dir = fdopendir(dup(fd));
	struct dirent *entry;
	char **v = NULL, *name;
	size_t cap = 0;

	*n = 0;
	if (dir == NULL)
		return err_sys(e, errno, "cannot read the directory");
	while ((entry = readdir(dir)) != NULL)
		if ((name = entry_lock(entry->d_name)) != NULL) {
			v = xgrow(v, *n, &cap, sizeof(*v));
			v[(*n)++] = name;
		}
	closedir(dir);
	if (*n > 0)
		qsort(v, *n, sizeof(*v), by_text);
	*out = v;
	return 0;
}

static int
dir_list(const struct lock_where *where,
    int (*each)(void *ctx, const char *name, struct err *e), void *ctx,
    struct err *e)
{
	struct lock *l = dir_open(where, e);
	char **name = NULL;
	size_t n = 0;
	int rc;

	if (l == NULL)
		return -1;
	rc = dir_open_base(l, false, e);
	if (rc == 1)
		rc = read_names(l->base, &name, &n, e);
	for (size_t i = 0; i < n; i++) {
		if (rc == 0 && (i == 0 || strcmp(name[i], name[i - 1]) != 0))
			rc = each(ctx, name[i], e);
	}
	for (size_t i = 0; i < n; i++)
		free(name[i]);
	free(name);
	dir_close(l);
	return rc;
}

static int
dir_watch(struct lock *l)
{
	return dir_watch_slot(l, l->slot) ? l->notify : -1;
}

const struct lock_backend lock_dir = {
	.name = "dir",
	.open = dir_open,
	.acquire = dir_acquire,
	.renew = dir_renew,
	.release = dir_release,
	.check = dir_check,
	.view = dir_view,
	.list = dir_list,
	.watch = dir_watch,
	.close = dir_close
};
