/*
 * buf.h - a growing string with a limit
 *
 * b->s is never NULL after buf_init() and always ends in a NUL that is not
 * counted in b->len; the content may hold NUL bytes of its own. A struct buf
 * set to zero is valid to release.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

#include "base/attr.h"

struct buf {
	char *s;
	size_t len;
	size_t cap;
	size_t max;
};

/* Start empty; the content can never exceed max bytes. */
void	buf_init(struct buf *b, size_t max);

/*
 * Append. Returns 0, or -1 if the content would exceed the limit; it is then
 * unchanged. Does not return when memory is exhausted.
 */
int	buf_add(struct buf *b, const void *s, size_t len) MUST_USE;
int	buf_puts(struct buf *b, const char *s) MUST_USE;
int	buf_putc(struct buf *b, char c) MUST_USE;
int	buf_printf(struct buf *b, const char *fmt, ...) MUST_USE PRINTF(2, 3);

/* Remove the first n bytes (n <= len). */
void	buf_drop(struct buf *b, size_t n);

/* Empty it and keep the memory. */
void	buf_reset(struct buf *b);

/* Hand the string out; the caller frees it. b is empty, owns no memory. */
char	*buf_take(struct buf *b);

void	buf_release(struct buf *b);

/* The same, after overwriting the content. */
void	buf_wipe(struct buf *b);

#endif
