/*
 * fault.h - AWS's errors, in every form its protocols give them
 *
 * JSON: "__type" (with or without "namespace#") or x-amzn-errortype (with
 * or without ":http://..."), "message" or "Message". Query: <ErrorResponse>
 * <Error><Code/><Message/>. EC2: <Response><Errors><Error>. S3: <Error>.
 */
#ifndef AWS_FAULT_H
#define AWS_FAULT_H

#include "aws/http.h"
#include "base/err.h"

/*
 * Fill e from an answer that is no success: kind (ERR_CRED for refused
 * credentials and permissions, else ERR_AWS), HTTP status, code, message
 * "Code: text", request id. An answer without an error in it says so.
 */
void	fault_decode(const struct http_response *res, struct err *e);

/* The request id of any answer, or "". */
void	fault_request_id(const struct http_response *res, struct err *e);

#endif
