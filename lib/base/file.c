/* file.c - small files: find them, read them whole, replace them whole */
#include <sys/stat.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"

enum { PATH_LIMIT = 64 << 10, READ_STEP = 16 << 10 };

static bool
is_name_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/*
 * The variable that s, which starts with '$', refers to: returns how many
 * bytes of s are the reference, 0 when it is a plain dollar.
 */
static size_t
variable_at(const char *s, const char **value)
{
	char name[256];
	size_t len = 0, braces = s[1] == '{' ? 1 : 0;
	const char *start = s + 1 + braces;

	if (braces)
		len = strcspn(start, "}");
	else
		while (is_name_byte(start[len]))
			len++;
	if (len == 0 || len >= sizeof(name) || (braces && start[len] != '}'))
		return 0;
	memcpy(name, start, len);
	name[len] = '\0';
	*value = getenv(name);
	return 1 + len + 2 * braces;
}

static char *
expand_variables(const char *s)
{
	struct buf out;
	const char *value;
	int failed = 0;

	buf_init(&out, PATH_LIMIT);
	while (*s != '\0' && !failed) {
		size_t len = *s == '$' ? variable_at(s, &value) : 0;

		if (len > 0 && value != NULL) {
			failed = buf_puts(&out, value);
		} else {
			len = len > 0 ? len : 1;
			failed = buf_add(&out, s, len);
		}
		s += len;
	}
	return buf_take(&out);
}

/* The home directory of ~ (len 0) or ~name; NULL when nobody has it. */
static const char *
home_of(const char *user, size_t len)
{
	const char *home = len == 0 ? getenv("HOME") : NULL;
	char name[256];
	struct passwd *pw;

	if (home != NULL)
		return home;
	if (len >= sizeof(name))
		return NULL;
	memcpy(name, user, len);
	name[len] = '\0';
	pw = len == 0 ? getpwuid(getuid()) : getpwnam(name);
	return pw == NULL ? NULL : pw->pw_dir;
}

char *
file_expand(const char *path)
{
	char *s = expand_variables(path), *full;
	const char *home;
	size_t user, slashes;

	if (s[0] != '~')
		return s;
	user = strcspn(s + 1, "/");
	home = home_of(s + 1, user);
	if (home == NULL)
		return s;
	/* HOME may end in slashes, which would then be doubled. */
	slashes = strlen(home);
	while (slashes > 0 && home[slashes - 1] == '/')
		slashes--;
	full = xasprintf("%.*s%s", (int)slashes, home, s + 1 + user);
	free(s);
	return full;
}

static int
read_all(int fd, const char *path, size_t max, struct buf *out,
    struct err *e)
{
	char chunk[READ_STEP];
	int ret = -1;
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			err_sys(e, errno, "cannot read %s", path);
			goto out;
		}
		if (buf_add(out, chunk, (size_t)n) == -1) {
			err_set(e, ERR_SYSTEM,
			    "cannot read %s: it is larger than %zu bytes",
			    path, max);
			goto out;
		}
	}
	ret = 1;
out:
	explicit_bzero(chunk, sizeof(chunk));
	return ret;
}

int
file_read(const char *path, size_t max, struct buf *out, struct err *e)
{
	struct stat st;
	int fd, ret;

	buf_init(out, max);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1) {
		if (errno == ENOENT || errno == ENOTDIR || errno == ENXIO)
			return 0;
		return err_sys(e, errno, "cannot read %s", path);
	}
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
		ret = 0;
	else
		ret = read_all(fd, path, max, out, e);
	(void)close(fd);	/* it was only read */
	return ret;
}

/* Write and sync; closes fd in any case. */
static int
write_out(int fd, const char *s, size_t len)
{
	int saved = 0;

	while (len > 0 && saved == 0) {
		ssize_t n = write(fd, s, len);

		if (n == -1 && errno != EINTR)
			saved = errno;
		if (n > 0) {
			s += n;
			len -= (size_t)n;
		}
	}
	if (saved == 0 && fsync(fd) == -1)
		saved = errno;
	if (close(fd) == -1 && saved == 0)
		saved = errno;
	errno = saved;
	return saved == 0 ? 0 : -1;
}

int
file_replace(const char *path, const char *s, size_t len, struct err *e)
{
	char *temp = xasprintf("%s.XXXXXX", path);
	int fd = mkostemp(temp, O_CLOEXEC), saved, ret = 0;

	/* mkostemp(3) makes it 0600 and never follows a link. */
	if (fd == -1) {
		ret = err_sys(e, errno, "cannot write %s", path);
	} else if (write_out(fd, s, len) == -1 || rename(temp, path) == -1) {
		saved = errno;
		(void)unlink(temp);
		ret = err_sys(e, saved, "cannot write %s", path);
	}
	free(temp);
	return ret;
}
