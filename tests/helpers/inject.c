/*
 * inject.c - a library to preload: one call of many fails
 * in: INJECT_WHAT (alloc, io), INJECT_AT (which call, from 1; 0: none)
 * out: INJECT_COUNT (a file): how many calls there were, and which failed
 * note: only calls of the program and its libraries through the PLT count;
 *	compiled with IO_ONLY it leaves memory to the sanitizers
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

static long count, at;
static char what;		/* first letter of INJECT_WHAT */
static const char *failed = "";
static int ready;
__attribute__((constructor)) static void
begin(void)
{
	const char *s = getenv("INJECT_WHAT"), *n = getenv("INJECT_AT");

	what = s != NULL ? *s : '\0';
	at = n != NULL ? atol(n) : 0;
	ready = 1;
}

/* A destructor is not run after _exit(), so every end is caught here. */
static void
report(void)
{
	const char *path = getenv("INJECT_COUNT");
	char line[128];
	int fd, n;

	ready = 0;
	if (path == NULL)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	n = snprintf(line, sizeof(line), "%ld %s\n", count, failed);
	if (fd == -1 || write(fd, line, (size_t)n) != n)
		abort();
	close(fd);
}

__attribute__((destructor)) static void
end(void)
{
	if (ready)
		report();
}

static int
fails(char class, const char *name)
{
	if (!ready || class != what)
		return 0;
	if (++count != at)
		return 0;
	failed = name;
	return 1;
}

#define REAL(name) \
	static __typeof__(&name) real; \
	if (real == NULL) \
		real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

void
_exit(int status)
{
	REAL(_exit);
	if (ready)
		report();
	real(status);
	__builtin_unreachable();
}

#ifndef IO_ONLY
static char early[65536];	/* dlsym() itself may want memory */
static size_t early_used;

static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static void (*real_free)(void *);

static void *
early_alloc(size_t size)
{
	void *p = early + early_used;

	early_used += (size + 15) & ~(size_t)15;
	if (early_used > sizeof(early))
		abort();
	return p;
}

void *
malloc(size_t size)
{
	if (real_malloc == NULL)
		real_malloc = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
	if (fails('a', "malloc")) {
		errno = ENOMEM;
		return NULL;
	}
	return real_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	static int looking;

	if (real_calloc == NULL) {
		if (looking)
			return early_alloc(n * size);
		looking = 1;
		real_calloc = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT,
		    "calloc");
	}
	if (fails('a', "calloc")) {
		errno = ENOMEM;
		return NULL;
	}
	return real_calloc(n, size);
}

void *
realloc(void *p, size_t size)
{
	if (real_realloc == NULL)
		real_realloc = (void *(*)(void *, size_t))dlsym(RTLD_NEXT,
		    "realloc");
	if (fails('a', "realloc")) {
		errno = ENOMEM;
		return NULL;
	}
	return real_realloc(p, size);
}

void
free(void *p)
{
	if ((char *)p >= early && (char *)p < early + sizeof(early))
		return;
	if (real_free == NULL)
		real_free = (void (*)(void *))dlsym(RTLD_NEXT, "free");
	real_free(p);
}

#endif

/* I/O: the arguments, and errno after a failure. */
#define IO(type, name, params, args, error) \
	type \
	name params \
	{ \
		REAL(name); \
		if (fails('i', #name)) { \
			errno = error; \
			return -1; \
		} \
		return real args; \
	}

IO(ssize_t, read, (int fd, void *s, size_t n), (fd, s, n), EIO)
IO(ssize_t, write, (int fd, const void *s, size_t n), (fd, s, n), ENOSPC)
IO(int, socket, (int a, int b, int c), (a, b, c), EMFILE)
IO(int, connect, (int fd, const struct sockaddr *a, socklen_t n), (fd, a, n),
    ENETUNREACH)
IO(ssize_t, send, (int fd, const void *s, size_t n, int f), (fd, s, n, f),
    EPIPE)
IO(ssize_t, recv, (int fd, void *s, size_t n, int f), (fd, s, n, f),
    ECONNRESET)
IO(int, poll, (struct pollfd *p, nfds_t n, int t), (p, n, t), ENOMEM)
IO(ssize_t, getrandom, (void *s, size_t n, unsigned f), (s, n, f), ENOSYS)
IO(int, signalfd, (int fd, const void *m, int f), (fd, m, f), EMFILE)

int
open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	REAL(open);
	va_start(ap, flags);
	mode = (flags & O_CREAT) ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	if (fails('i', "open")) {
		errno = EMFILE;
		return -1;
	}
	return real(path, flags, mode);
}
