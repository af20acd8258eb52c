/* buf.c - a growing string with a limit */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

enum { FIRST_CAP = 64 };

/* The string of every buffer that owns no memory; never anything but "". */
static char empty[1];

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .s = empty, .max = max };
}

/* realloc(3) would leave a copy behind, and the content may be a secret. */
static void
move(struct buf *b, size_t cap)
{
	char *s = xmalloc(cap);

	memcpy(s, b->s, b->len + 1);
	if (b->cap > 0) {
		explicit_bzero(b->s, b->len);
		free(b->s);
	}
	b->s = s;
	b->cap = cap;
}

/* Make room for len more bytes and the NUL. */
static int
reserve(struct buf *b, size_t len)
{
	size_t cap = b->cap > 0 ? b->cap : FIRST_CAP;

	if (len > b->max - b->len)
		return -1;
	while (cap <= b->len + len) {
		if (cap > SIZE_MAX / 2)
			return -1;
		cap *= 2;
	}
	if (cap != b->cap)
		move(b, cap);
	return 0;
}

int
buf_add(struct buf *b, const void *s, size_t len)
{
	if (reserve(b, len) == -1)
		return -1;
	if (len > 0)
		memcpy(b->s + b->len, s, len);
	b->len += len;
	b->s[b->len] = '\0';
	return 0;
}

int
buf_puts(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

int
buf_putc(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

int
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || reserve(b, (size_t)n) == -1)
		return -1;
	va_start(ap, fmt);
	vsnprintf(b->s + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
	return 0;
}

void
buf_drop(struct buf *b, size_t n)
{
	b->len -= n;
	memmove(b->s, b->s + n, b->len + 1);
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->s[0] = '\0';
}

char *
buf_take(struct buf *b)
{
	char *s = b->cap > 0 ? b->s : xstrdup("");

	buf_init(b, b->max);
	return s;
}

void
buf_release(struct buf *b)
{
	if (b->cap > 0)
		free(b->s);
	memset(b, 0, sizeof(*b));
}

void
buf_wipe(struct buf *b)
{
	if (b->cap > 0)
		explicit_bzero(b->s, b->cap);
	buf_release(b);
}
