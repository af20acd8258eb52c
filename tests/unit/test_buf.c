/* test_buf.c - the growing string: its limit, its NULs, its hand-over */
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "tap.h"

static void
test_limit(void)
{
	struct buf b;

	buf_init(&b, 10);
	ok(buf_puts(&b, "12345678") == 0, "what fits is added");
	ok(buf_puts(&b, "abc") == -1, "what does not fit is refused");
	is_str(b.s, "12345678", "a refused addition changes nothing");
	ok(buf_printf(&b, "%d", 123) == -1, "printf respects the limit");
	is_str(b.s, "12345678", "a refused printf changes nothing");
	ok(buf_printf(&b, "%d", 12) == 0, "the limit itself can be reached");
	ok(buf_putc(&b, 'x') == -1, "and not passed by one byte");
	ok(buf_add(&b, "", 0) == 0, "nothing can be added to a full buffer");
	ok(buf_add(&b, "x", SIZE_MAX) == -1, "a length that overflows fails");
	is_int((long long)b.len, 10, "the length is the limit");
	buf_release(&b);
}

static void
test_zero_limit(void)
{
	struct buf b;

	buf_init(&b, 0);
	is_str(b.s, "", "a buffer without room is a string");
	ok(buf_putc(&b, 'x') == -1, "and takes nothing");
	ok(buf_puts(&b, "") == 0, "but an empty string");
	buf_release(&b);
}

static void
test_bytes(void)
{
	static const char bytes[] = "a\0b\xff";
	struct buf b;

	buf_init(&b, SIZE_MAX);
	for (int i = 0; i < 1000; i++)
		if (buf_add(&b, bytes, sizeof(bytes)) == -1)
			break;
	is_int((long long)b.len, 5000, "NUL bytes count");
	is_mem(b.s + 4995, 6, "a\0b\xff\0", 6, "and a NUL follows the end");
	buf_drop(&b, 4999);
	is_mem(b.s, b.len + 1, "\0", 2, "drop keeps the rest");
	buf_drop(&b, 1);
	is_int((long long)b.len, 0, "all of it can be dropped");
	buf_release(&b);
}

static void
test_take(void)
{
	struct buf b;
	char *s;

	buf_init(&b, 100);
	ok(buf_puts(&b, "mine") == 0, "a string is added");
	s = buf_take(&b);
	is_str(s, "mine", "take hands it out");
	is_str(b.s, "", "the buffer is empty then");
	ok(buf_puts(&b, "more") == 0, "and can be used again");
	is_str(s, "mine", "the string taken is untouched");
	free(s);
	s = buf_take(&b);
	is_str(s, "more", "and taken again");
	free(s);
	s = buf_take(&b);
	is_str(s, "", "nothing taken is an empty string");
	free(s);
	buf_init(&b, 10);
	buf_drop(&b, 0);
	buf_reset(&b);
	is_str(b.s, "", "reset empties");
	buf_wipe(&b);
	ok(b.s == NULL && b.len == 0, "wipe leaves a zeroed struct");
	buf_wipe(&b);
	buf_release(&b);
	ok(true, "wipe and release accept it");
}

int
main(void)
{
	test_limit();
	test_zero_limit();
	test_bytes();
	test_take();
	return done();
}
