/* dir_file.c - small files in small directories, and the record of a lock */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "lock/dir.h"

enum { BOOT_SIZE = 40 };

int64_t
dir_clock_ms(void)
{
	struct timespec ts;

	/* Counts suspended time too, and nobody can set it. */
	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Which boot that clock belongs to. */
static const char *
boot_id(void)
{
	static char id[BOOT_SIZE];
	ssize_t n;
	int fd;

	if (id[0] != '\0')
		return id;
	fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	n = fd == -1 ? -1 : read(fd, id, sizeof(id) - 1);
	if (fd != -1)
		close(fd);
	id[n > 0 ? n : 0] = '\0';
	id[strcspn(id, "\n")] = '\0';
	return id;
}

int
dir_write_file(int dirfd, const char *name, const char *text, bool sync,
    struct err *e)
{
	size_t len = strlen(text);
	ssize_t n = -1;
	int fd, errnum;

	fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	if (fd == -1)
		return err_sys(e, errno, "cannot make file '%s' of the lock",
		    name);
	n = write(fd, text, len);
	errnum = n == -1 ? errno : ENOSPC;
	if (n == (ssize_t)len && sync && fsync(fd) == -1) {
		errnum = errno;
		n = -1;
	}
	if (close(fd) == -1) {
		errnum = errno;
		n = -1;
	}
	if (n == (ssize_t)len)
		return 0;
	return err_sys(e, errnum, "cannot write file '%s' of the lock", name);
}

char *
dir_read_file(int dirfd, const char *name)
{
	char text[DIR_RECORD_MAX];
	struct stat st;
	ssize_t n = -1;
	int fd;

	fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
	    O_CLOEXEC);
	if (fd == -1)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid())
		n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n < 0)
		return NULL;
	text[n] = '\0';
	return xstrdup(text);
}

static int
remove_entries(int dirfd, const char *name, struct err *e)
{
	struct dirent *entry;
	DIR *dir;
	int fd, rc = 0;

	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	if (fd == -1 && errno == ENOENT)
		return 0;
	if (fd == -1 || (dir = fdopendir(fd)) == NULL)
		return err_sys(e, errno, "cannot open directory '%s'", name);
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		if (unlinkat(fd, entry->d_name, 0) == -1 && errno != ENOENT)
			rc = err_sys(e, errno, "cannot remove '%s' in '%s'",
			    entry->d_name, name);
	}
	closedir(dir);
	return rc;
}

int
dir_remove(int dirfd, const char *name, struct err *e)
{
	if (remove_entries(dirfd, name, e) == -1)
		return -1;
	if (unlinkat(dirfd, name, AT_REMOVEDIR) == -1 && errno != ENOENT)
		return err_sys(e, errno, "cannot remove directory '%s'",
		    name);
	return 0;
}

int
dir_write_record(int dirfd, const struct lock_grant *g, int64_t since,
    int64_t renewed, bool sync, struct err *e)
{
	json_t *o = lock_record(g);
	char *text;
	int rc;

	if (o == NULL)
		return err_set(e, ERR_USAGE, "the owner or the workgroup is "
		    "not UTF-8");
	json_object_set_new(o, "boot_id", json_string(boot_id()));
	json_object_set_new(o, "since_ms", json_integer(since));
	json_object_set_new(o, "renewed_ms", json_integer(renewed));
	json_object_set_new(o, "pid", json_integer(getpid()));
	text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	rc = text != NULL ?
	    dir_write_file(dirfd, "record.new", text, sync, e) :
	    err_set(e, ERR_SYSTEM, "cannot make a record");
	free(text);
	if (rc == 0 && renameat(dirfd, "record.new", dirfd, "record") == -1)
		rc = err_sys(e, errno, "cannot put the record in its place");
	return rc;
}

/* What `ls` and the scripts before this tool know. */
int
dir_write_legacy(int dirfd, const struct lock_want *want, struct err *e)
{
	char *owner = xasprintf("%s\n", want->owner);
	char *workgroup = xasprintf("%s\n",
	    want->workgroup != NULL ? want->workgroup : "");
	int rc = -1;

	if (dir_write_file(dirfd, "owner", owner, false, e) == 0 &&
	    dir_write_file(dirfd, "workgroup", workgroup, false, e) == 0)
		rc = 0;
	free(owner);
	free(workgroup);
	return rc;
}

int
dir_write_timestamp(int dirfd, struct err *e)
{
	char stamp[24];

	snprintf(stamp, sizeof(stamp), "%lld\n", (long long)time(NULL));
	return dir_write_file(dirfd, "timestamp", stamp, false, e);
}

/*
 * How old it is and how much lease is left. In another boot than the one it
 * was written in, at least the time since this boot has passed.
 */
static void
reckon(struct lock_grant *g, const char *boot, int64_t since,
    int64_t renewed)
{
	int64_t now = dir_clock_ms();

	if (strcmp(boot, boot_id()) == 0 && boot[0] != '\0') {
		g->age = (double)(now - since) / 1000;
		g->left = g->lease - (double)(now - renewed) / 1000;
	} else {
		g->age = -1;
		g->left = g->lease - (double)now / 1000;
	}
}

static int
parse_record(json_t *o, struct lock_grant *g, int64_t *renewed)
{
	const char *name, *token, *owner, *at, *boot;
	json_t *workgroup;
	json_int_t fence, since, again, pid;
	double lease;
	int slot;

	if (json_unpack(o, "{s:s, s:s, s:I, s:s, s:o, s:s, s:F, s:i, s:s, "
	    "s:I, s:I, s:I}", "name", &name, "token", &token, "fence", &fence,
	    "owner", &owner, "workgroup", &workgroup, "acquired_at", &at,
	    "lease_s", &lease, "slot", &slot, "boot_id", &boot,
	    "since_ms", &since, "renewed_ms", &again, "pid", &pid) == -1)
		return -1;
	if (strlen(token) >= sizeof(g->token) ||
	    strlen(at) >= sizeof(g->acquired_at))
		return -1;
	memset(g, 0, sizeof(*g));
	g->name = xstrdup(name);
	g->backend = lock_dir.name;
	strcpy(g->token, token);
	strcpy(g->acquired_at, at);
	g->fence = fence;
	g->owner = xstrdup(owner);
	g->workgroup = xstrdup(json_string_value(workgroup));
	g->lease = lease;
	g->slot = (unsigned)slot;
	g->pid = (long)pid;
	g->keep_fd = -1;
	*renewed = again;
	reckon(g, boot, since, again);
	return 0;
}

int
dir_read_record(int dirfd, struct lock_grant *g, int64_t *renewed)
{
	char *text = dir_read_file(dirfd, "record");
	json_t *o;
	int rc;

	if (text == NULL)
		return -1;
	o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	rc = o != NULL ? parse_record(o, g, renewed) : -1;
	json_decref(o);
	free(text);
	return rc;
}
