/*
 * http_debug.h - the wire as --debug shows it, secrets masked
 *
 * Headers are masked when the request says so, or when their name is one of
 * the well-known carriers of secrets. In bodies, the value of every member
 * or element whose name speaks of a password, secret, token or credential
 * is masked; bodies that are secret as a whole are not shown.
 */
#ifndef AWS_HTTP_DEBUG_H
#define AWS_HTTP_DEBUG_H

#include <stddef.h>

#include "aws/http.h"
#include "base/attr.h"
#include "base/buf.h"

void	http_debug_request(const struct http_request *req);
void	http_debug_response(const struct http_request *req,
	    const struct http_response *res);

/* Append a printable form of a body, cut to a screenful; for the tests. */
void	http_debug_mask(const char *body, size_t len, struct buf *out);

#endif
