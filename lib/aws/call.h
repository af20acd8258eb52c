/*
 * call.h - the request of an operation: signed, sent, retried
 *
 * What all protocols have in common. api.c puts bodies in and takes answers
 * apart.
 */
#ifndef AWS_CALL_H
#define AWS_CALL_H

#include <stdbool.h>
#include <stddef.h>

#include "aws/session.h"
#include "base/attr.h"

enum { CALL_HEADERS = 4 };

struct call {
	enum aws_service service;
	const char *op;
	const char *method;
	const char *path;	/* encoded, starts with "/" */
	const char *query;	/* encoded, without "?"; "" when none */
	const char *body;	/* NULL: none */
	size_t body_len;
	bool has_token;		/* the service recognises a second one */
	struct http_header headers[CALL_HEADERS];
	size_t n_headers;
};

/*
 * Send it until it succeeds or no attempt is left. On success *res has a
 * status of 2xx. *res is valid to release either way.
 */
int	call_send(struct aws *a, const struct aws_as *as,
	    const struct call *c, struct http_response *res, struct err *e)
	    MUST_USE;

#endif
