/*
 * rs-lock_tree.c - signal every process below this one
 *
 * This process is the reaper of what its command starts (PR_SET_CHILD_
 * SUBREAPER), so a process that left its parent, its group and its session
 * still hangs below it, and waitpid(2) says when the last one is gone.
 */
#include <fcntl.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/buf.h"
#include "rs-lock.h"

enum { CHILDREN_MAX = 1 << 20, DEEP = 200 };

static size_t signal_below(pid_t pid, int sig, int depth);

/* The children of one thread: numbers with a space after each. */
static size_t
signal_children(pid_t pid, const char *tid, int sig, int depth)
{
	char path[64], part[4096], *s, *end;
	size_t count = 0;
	struct buf text;
	ssize_t n;
	long child;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/task/%.20s/children",
	    (long)pid, tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return 0;	/* it has ended meanwhile */
	buf_init(&text, CHILDREN_MAX);
	while ((n = read(fd, part, sizeof(part))) > 0 &&
	    buf_add(&text, part, (size_t)n) == 0)
		;
	close(fd);
	for (s = text.s; (child = strtol(s, &end, 10)) > 0; s = end) {
		/*
		 * The youngest first: the children of a dead process are
		 * found below another parent.
		 */
		count += signal_below((pid_t)child, sig, depth + 1);
		if (kill((pid_t)child, sig) == 0)
			count++;
	}
	buf_release(&text);
	return count;
}

static size_t
signal_below(pid_t pid, int sig, int depth)
{
	struct dirent *entry;
	char path[64];
	size_t count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%ld/task", (long)pid);
	dir = depth < DEEP ? opendir(path) : NULL;
	if (dir == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			count += signal_children(pid, entry->d_name, sig,
			    depth);
	closedir(dir);
	return count;
}

size_t
tree_signal(int sig)
{
	return signal_below(getpid(), sig, 0);
}
