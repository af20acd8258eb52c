/* uri.h - percent-encoding as AWS signs it */
#ifndef AWS_URI_H
#define AWS_URI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"

/*
 * Append s with everything but A-Z a-z 0-9 - . _ ~ as %XX in upper case;
 * "/" stays when keep_slash. Returns -1 when the buffer is full.
 */
int	uri_encode(struct buf *out, const char *s, size_t len,
	    bool keep_slash) MUST_USE;

#endif
