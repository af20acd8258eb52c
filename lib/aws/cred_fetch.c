/* cred_fetch.c - one request to a metadata service */
#include "aws/cred_source.h"

int
cred_fetch(const struct cred_query *q, struct http *h,
    struct http_request *req, struct http_response *res, struct err *e)
{
	req->body_secret = true;
	req->deadline = q->a->deadline;
	switch (http_do(h, req, res, e)) {
	case HTTP_OK:
		return 1;
	case HTTP_FATAL:
		return -1;
	default:
		return 0;
	}
}
