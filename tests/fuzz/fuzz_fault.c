/*
 * fuzz_fault - the decoder of errors, in JSON and in XML
 * note: lines before the first empty one are headers, as http.c leaves them
 */
#include "aws/fault.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_response res = { .status = 400 };
	const uint8_t *body = size > 1 ? memmem(data, size, "\n\n", 2) : NULL;
	size_t headers = body != NULL ? (size_t)(body - data) + 1 : 0;
	struct err e = { 0 };
	char date[64];

	buf_init(&res.headers, HTTP_HEADERS_MAX);
	buf_init(&res.body, HTTP_BODY_MAX);
	if (buf_add(&res.headers, data, headers) == 0 &&
	    buf_add(&res.body, data + headers, size - headers) == 0) {
		fault_decode(&res, &e);
		holds(e.kind == ERR_AWS || e.kind == ERR_CRED, "it is an error");
		holds(e.msg[0] != '\0' && e.http == 400, "it says what");
		holds(memchr(e.msg, '\0', sizeof(e.msg)) != NULL &&
		    memchr(e.code, '\0', sizeof(e.code)) != NULL,
		    "texts end");
		if (http_response_header(&res, "date", date, sizeof(date)))
			holds(strlen(date) < sizeof(date), "a header fits");
	}
	http_response_release(&res);
	return 0;
}
