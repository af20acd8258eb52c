/* utf8.c - is this text? */
#include <string.h>

#include "base/utf8.h"

/* How many bytes the character at s takes; 0 when it is none. */
static size_t
character(const unsigned char *s, size_t left)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 :
	    s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
	unsigned char low, high = 0xbf;

	if (n <= 1)
		return n;
	if (n > left)
		return 0;
	/* The second byte is where overlong forms and surrogates show. */
	low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
	if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

bool
utf8_valid(const char *s, size_t len, size_t *bad)
{
	size_t at = 0, n;

	while (at < len) {
		n = character((const unsigned char *)s + at, len - at);
		if (n == 0) {
			*bad = at;
			return false;
		}
		at += n;
	}
	return true;
}

void
utf8_copy(char *to, size_t size, const char *from, size_t len)
{
	size_t bad, cut = len < size ? len : size - 1;

	while (cut > 0 && cut < len &&
	    ((unsigned char)from[cut] & 0xc0) == 0x80)
		cut--;
	memcpy(to, from, cut);
	to[cut] = '\0';
	for (size_t at = 0; !utf8_valid(to + at, cut - at, &bad); at += bad + 1)
		to[at + bad] = '?';
}
