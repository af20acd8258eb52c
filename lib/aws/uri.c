/* uri.c - percent-encoding as AWS signs it */
#include <string.h>

#include "aws/uri.h"

/* RFC 3986's unreserved characters; no locale has a say. */
static bool
is_unreserved(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || (c != '\0' && strchr("-._~", c) != NULL);
}

int
uri_encode(struct buf *out, const char *s, size_t len, bool keep_slash)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		char escaped[] = { '%', hex[c >> 4], hex[c & 15] };
		bool plain = is_unreserved(c) || (keep_slash && c == '/');

		if (buf_add(out, plain ? s + i : escaped, plain ? 1 : 3) == -1)
			return -1;
	}
	return 0;
}
