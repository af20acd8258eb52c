/* Signatures, stage by stage, against the vectors that AWS has published. */
#include <stdlib.h>

#include "aws/sigv4.h"
#include "base/alloc.h"

#include "tap.h"

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* From the guide "Create a signed AWS API request": IAM ListUsers. */
static const struct http_header iam_headers[] = {
	{ "Content-Type", "application/x-www-form-urlencoded; charset=utf-8",
	    false },
	{ "Host", "iam.amazonaws.com", false },
	{ "X-Amz-Date", "20150830T123600Z", false },
};

static const struct sigv4_input iam = {
	.method = "GET", .path = "/",
	.query = "Action=ListUsers&Version=2010-05-08",
	.headers = iam_headers, .n_headers = ARRAY_LEN(iam_headers),
	.payload_hash = EMPTY, .date = "20150830T123600Z",
	.region = "us-east-1", .service = "iam",
	.access_key_id = "AKIDEXAMPLE",
	.secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};

/* From the S3 guide: GetObject with a range, and a presigned one. */
static const struct http_header s3_headers[] = {
	{ "x-amz-date", "20130524T000000Z", false },
	{ "Range", "bytes=0-9", false },
	{ "x-amz-content-sha256", EMPTY, false },
	{ "Host", "examplebucket.s3.amazonaws.com", false },
};

static const struct sigv4_input s3 = {
	.method = "GET", .path = "/test.txt", .query = "",
	.headers = s3_headers, .n_headers = ARRAY_LEN(s3_headers),
	.payload_hash = EMPTY, .date = "20130524T000000Z",
	.region = "us-east-1", .service = "s3",
	.access_key_id = "AKIAIOSFODNN7EXAMPLE",
	.secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
	.single_encoding = true,
};

/* The canonical request, for free(). */
static char *
canonical(const struct sigv4_input *in)
{
	struct buf b = { 0 };
	char *s = NULL;

	buf_init(&b, SIGV4_REQUEST_MAX);
	if (sigv4_canonical(in, &b) == 0)
		s = buf_take(&b);
	buf_release(&b);
	return s;
}

static void
test_stages(void)
{
	char *c = canonical(&iam), signature[SIGV4_HEX];
	struct buf s = { 0 };

	is_str(c, "GET\n/\nAction=ListUsers&Version=2010-05-08\n"
	    "content-type:application/x-www-form-urlencoded; charset=utf-8\n"
	    "host:iam.amazonaws.com\nx-amz-date:20150830T123600Z\n\n"
	    "content-type;host;x-amz-date\n" EMPTY, "canonical request");
	buf_init(&s, SIGV4_REQUEST_MAX);
	ok(sigv4_string_to_sign(&iam, c, &s) == 0, "there is a string");
	is_str(s.s, "AWS4-HMAC-SHA256\n20150830T123600Z\n"
	    "20150830/us-east-1/iam/aws4_request\n"
	    "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59",
	    "string to sign");
	ok(sigv4_signature(&iam, s.s, signature) == 0, "there is a signature");
	is_str(signature, "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06"
	    "b5924a6f2b5d7", "signature");
	buf_reset(&s);
	ok(sigv4_authorization(&iam, &s) == 0, "there is a header");
	is_str(s.s, "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/"
	    "us-east-1/iam/aws4_request, SignedHeaders=content-type;host;"
	    "x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c"
	    "82c400e06b5924a6f2b5d7", "Authorization header");
	buf_release(&s);
	free(c);
}

static void
test_s3(void)
{
	struct sigv4_input in = s3;
	struct buf b = { 0 };

	buf_init(&b, SIGV4_REQUEST_MAX);
	ok(sigv4_authorization(&in, &b) == 0, "S3: signed");
	ok(strstr(b.s, "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170a"
	    "ba48dd91039c6036bdb41") != NULL, "S3: the published signature");
	buf_reset(&b);
	in.headers = &s3_headers[3];
	in.n_headers = 1;
	in.payload_hash = SIGV4_UNSIGNED_PAYLOAD;
	ok(sigv4_presign(&in, 86400, NULL, &b) == 0, "S3: presigned");
	is_str(b.s, "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="
	    "AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&"
	    "X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&"
	    "X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b"
	    "86d86835f995330da4c265957d157751f604d404",
	    "S3: the published query");
	buf_release(&b);
}

/* The line of the canonical request that a path or query becomes. */
static void
is_line(int line, const struct sigv4_input *in, const char *wanted,
    const char *what)
{
	char *c = canonical(in), *s = c, *end;

	while (line-- > 0)
		s = strchr(s, '\n') + 1;
	end = strchr(s, '\n');
	*end = '\0';
	is_str(s, wanted, what);
	free(c);
}

static void
test_paths(void)
{
	static const struct { const char *sent, *normal, *s3; } rows[] = {
		{ "", "/", "/" },
		{ "/", "/", "/" },
		{ "//", "/", "//" },
		{ "/a//b/", "/a/b/", "/a//b/" },
		{ "/a/./b/../c", "/a/c", "/a/./b/../c" },
		{ "/../../x", "/x", "/../../x" },
		{ "/a/..", "/", "/a/.." },
		{ "/arn%3Aaws", "/arn%253Aaws", "/arn%3Aaws" },
		{ "/~a", "/~a", "/~a" },
	};
	struct sigv4_input in = iam;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		in.path = rows[i].sent;
		in.single_encoding = false;
		is_line(1, &in, rows[i].normal, rows[i].sent);
		in.single_encoding = true;
		is_line(1, &in, rows[i].s3, "the same for S3");
	}
}

static void
test_queries(void)
{
	static const struct { const char *sent, *wanted; } rows[] = {
		{ "b=1&a=2", "a=2&b=1" },
		{ "a=2&a=1&a=10", "a=1&a=10&a=2" },
		{ "a&b=", "a=&b=" },
		{ "a=1=2", "a=1=2" },
		{ "aa=1&a=2", "a=2&aa=1" },
		{ "a-b=1&a=2", "a=2&a-b=1" },
		{ "a=1&", "=&a=1" },
	};
	struct sigv4_input in = iam;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		in.query = rows[i].sent;
		is_line(2, &in, rows[i].wanted, rows[i].sent);
	}
}

static void
test_headers(void)
{
	static const struct http_header headers[] = {
		{ "X-B", "  a  b \t c  ", false },
		{ "x-a", "2", false },
		{ "X-A", "1", false },
		{ "X-C", "", false },
	};
	struct sigv4_input in = iam;
	char *c;

	in.headers = headers;
	in.n_headers = ARRAY_LEN(headers);
	c = canonical(&in);
	ok(strstr(c, "\nx-a:2,1\nx-b:a b c\nx-c:\n\nx-a;x-b;x-c\n") != NULL,
	    "headers are sorted, joined in their order, trimmed");
	free(c);
}

static void
test_limit(void)
{
	struct sigv4_input in = iam;
	struct buf b = { 0 };
	char *query = xcalloc(SIGV4_REQUEST_MAX + 1, 1);

	memset(query, 'a', SIGV4_REQUEST_MAX);
	in.query = query;
	buf_init(&b, SIGV4_REQUEST_MAX);
	ok(sigv4_authorization(&in, &b) == -1, "a huge request is refused");
	ok(sigv4_presign(&in, 1, NULL, &b) == -1, "presigned or not");
	buf_release(&b);
	free(query);
}

int
main(void)
{
	char date[SIGV4_DATE];

	test_stages();
	test_s3();
	test_paths();
	test_queries();
	test_headers();
	test_limit();
	sigv4_date(1440938160, date);
	is_str(date, "20150830T123600Z", "a date");
	return done();
}
