/*
 * file.h - small files: find them, read them whole, replace them whole
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

/*
 * A path as a user writes it: $NAME and ${NAME} (left alone when unset),
 * then a leading ~ or ~user. Returns a string for free().
 */
char	*file_expand(const char *path);

/*
 * Read a regular file of at most max bytes into out, which must be zeroed
 * or released and is initialised here. Returns 1; 0 when there is no such
 * file (out is then empty but valid); -1 with e filled (ERR_SYSTEM) when it
 * cannot be read or is larger. Anything but a regular file is no file: a
 * FIFO or a terminal must not block us.
 */
int	file_read(const char *path, size_t max, struct buf *out,
	    struct err *e) MUST_USE;

/*
 * Put a new file of mode 0600 in the place of path, in one step: a reader
 * sees all of the old one or all of the new one, also after a crash. The
 * directory must exist. Returns 0, or -1 with e filled (ERR_SYSTEM).
 */
int	file_replace(const char *path, const char *s, size_t len,
	    struct err *e) MUST_USE;

#endif
