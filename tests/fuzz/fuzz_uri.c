/* fuzz_uri - percent-encoding, and the canonical request around it */
#include "aws/sigv4.h"
#include "aws/uri.h"

#include "fuzz.h"

static int
digit(char c)
{
	return c <= '9' ? c - '0' : c - 'A' + 10;
}

/* Encoding loses nothing: decode it again. */
static void
check_round_trip(const uint8_t *data, size_t size, const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++, n++) {
		int c = (unsigned char)*s;

		if (c == '%') {
			c = digit(s[1]) * 16 + digit(s[2]);
			s += 2;
		}
		holds(n < size && data[n] == c, "it decodes to the input");
	}
	holds(n == size, "all of it");
}

static void
sign(const char *s, bool single)
{
	struct http_header h[] = { { "host", "x", false }, { "a", s, false } };
	struct sigv4_input in = {
		.method = "GET", .path = s, .query = s, .headers = h,
		.n_headers = 2, .payload_hash = SIGV4_UNSIGNED_PAYLOAD,
		.date = "20261121T034400Z", .region = "r", .service = "s",
		.access_key_id = "a", .secret_access_key = "b",
		.single_encoding = single,
	};
	struct buf out = { 0 };

	buf_init(&out, SIGV4_REQUEST_MAX);
	(void)!sigv4_authorization(&in, &out);
	buf_reset(&out);
	(void)!sigv4_presign(&in, 1, s, &out);
	buf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = { 0 };
	char *s = as_string(data, size);

	buf_init(&out, SIGV4_REQUEST_MAX);
	if (uri_encode(&out, (const char *)data, size, size % 2) == 0)
		check_round_trip(data, size, out.s);
	buf_release(&out);
	sign(s, size % 2);
	free(s);
	return 0;
}
