/*
 * sigv4.h - AWS Signature Version 4, pure
 *
 * Everything that goes into a signature is an argument, time included, so
 * that each stage can be tested alone. The stages are those of the SigV4
 * specification: canonical request, string to sign, signature.
 */
#ifndef AWS_SIGV4_H
#define AWS_SIGV4_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "aws/http.h"
#include "base/attr.h"
#include "base/buf.h"

enum {
	SIGV4_HEX = 65,			/* SHA-256 in hex, with NUL */
	SIGV4_DATE = 17,		/* 20261121T034400Z, with NUL */
	SIGV4_REQUEST_MAX = 1 << 20	/* a canonical request, in bytes */
};

#define SIGV4_UNSIGNED_PAYLOAD "UNSIGNED-PAYLOAD"

/* All borrowed. */
struct sigv4_input {
	const char *method;
	const char *path;		/* as sent, encoded; starts "/" */
	const char *query;		/* as sent, without "?"; may be "" */
	const struct http_header *headers;	/* all signed; host too */
	size_t n_headers;
	const char *payload_hash;	/* sigv4_hash(), or UNSIGNED-PAYLOAD */
	char date[SIGV4_DATE];
	const char *region;
	const char *service;		/* the signing name */
	const char *access_key_id;
	const char *secret_access_key;
	bool single_encoding;		/* S3: the path is signed as it is */
};

void	sigv4_date(time_t t, char out[SIGV4_DATE]);

/* Each returns 0, or -1: the request is too large or libcrypto failed. */
int	sigv4_hash(const void *s, size_t len, char out[SIGV4_HEX]) MUST_USE;
int	sigv4_canonical(const struct sigv4_input *in, struct buf *out)
	    MUST_USE;
int	sigv4_string_to_sign(const struct sigv4_input *in,
	    const char *canonical, struct buf *out) MUST_USE;
int	sigv4_signature(const struct sigv4_input *in,
	    const char *string_to_sign, char out[SIGV4_HEX]) MUST_USE;

/* The value of the Authorization header. */
int	sigv4_authorization(const struct sigv4_input *in, struct buf *out)
	    MUST_USE;

/*
 * Append to *out the query of a presigned URL: in->query, the X-Amz-...
 * parameters, the signature. token may be NULL.
 */
int	sigv4_presign(const struct sigv4_input *in, unsigned expires_s,
	    const char *token, struct buf *out) MUST_USE;

#endif
