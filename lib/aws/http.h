/*
 * http.h - one HTTP exchange over a connection that is kept
 *
 * libcurl underneath: TLS is always verified, redirects are never followed,
 * answers are bounded, a signal ends the wait. HTTPS_PROXY, NO_PROXY and
 * AWS_CA_BUNDLE work as in the AWS CLI.
 */
#ifndef AWS_HTTP_H
#define AWS_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/wait.h"

enum {
	HTTP_BODY_MAX = 64 << 20,	/* larger than any answer of AWS */
	HTTP_HEADERS_MAX = 64 << 10,
	HTTP_URL_MAX = 64 << 10
};

struct http;

struct http_opts {
	const char *ca_bundle;		/* NULL: the system's */
	double connect_timeout;		/* seconds, 0: none */
	double read_timeout;		/* seconds without a byte, 0: none */
	bool no_proxy;			/* metadata services never use one */
};

struct http_header {
	const char *name;
	const char *value;
	bool secret;			/* masked by --debug */
};

struct http_request {
	const char *method;
	const char *url;
	const struct http_header *headers;
	size_t n_headers;
	const char *body;		/* NULL: none */
	size_t body_len;
	bool body_secret;		/* neither body is shown by --debug */
	bool once;			/* may not reach the server twice */
	const struct wait *deadline;	/* NULL: none */
};

struct http_response {
	int status;
	struct buf headers;		/* "name: value\n", names lower case */
	struct buf body;
};

/* How an exchange failed, for the retry rules. */
enum http_failure {
	HTTP_OK,
	HTTP_CONNECT,		/* nothing was sent */
	HTTP_TIMEOUT,		/* it may have happened */
	HTTP_BROKEN,		/* reset, cut, garbled: may have happened */
	HTTP_FATAL		/* TLS, bad URL, too large, signal, deadline */
};

/* Starts nothing yet. The string in opts is borrowed. */
struct http *http_new(const struct http_opts *opts);
void	http_free(struct http *h);

/*
 * One exchange. Any HTTP status is HTTP_OK. Otherwise e is filled: ERR_AWS,
 * ERR_SIGNAL or ERR_DEADLINE. An answer is given up when no byte comes for
 * read_timeout seconds, and when it takes longer than that at less than 64
 * bytes a second. The response is valid to release either way.
 */
enum http_failure http_do(struct http *h, const struct http_request *req,
	    struct http_response *res, struct err *e) MUST_USE;

/* A header of the answer, by lower-case name; out is cut at size. */
bool	http_response_header(const struct http_response *res,
	    const char *name, char *out, size_t size);

void	http_response_release(struct http_response *res);	/* wipes */

#endif
