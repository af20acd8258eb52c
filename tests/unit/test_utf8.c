/* test_utf8.c - text of any origin becomes UTF-8 that fits */
#include <string.h>

#include "base/utf8.h"
#include "tap.h"

static void
check(const char *from, size_t size, const char *want)
{
	char to[16];

	memset(to, 'z', sizeof(to));
	utf8_copy(to, size, from, strlen(from));
	is_str(to, want, "copied as far as it fits");
	ok(to[size] == 'z', "and nothing behind them");
}

int
main(void)
{
	check("", 1, "");
	check("abc", 4, "abc");
	check("abc", 3, "ab");
	check("\xc3\xa9", 1, "");
	check("a\xe2\x82\xac", 4, "a");
	check("a\xe2\x82\xac", 5, "a\xe2\x82\xac");
	check("\xe9t\xe9", 8, "?t?");
	check("\x80\x80", 3, "??");
	return done();
}
