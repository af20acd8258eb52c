/* Parameters of Query calls, and percent-encoding. */
#include <stdlib.h>

#include "aws/form.h"
#include "aws/uri.h"
#include "base/alloc.h"

#include "tap.h"

static char *
encoded(const char *s, size_t len, bool keep_slash)
{
	struct buf b = { 0 };
	char *out;

	buf_init(&b, 4096);
	if (uri_encode(&b, s, len, keep_slash) == -1)
		ok(false, "too small");
	out = buf_take(&b);
	buf_release(&b);
	return out;
}

static void
test_uri(void)
{
	char all[256], *s;
	size_t plain = 0;

	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	s = encoded(all, sizeof(all), false);
	for (const char *p = s; *p != '\0'; p++)
		if (*p == '%')
			p += 2;
		else
			plain++;
	is_int((long long)plain, 66, "66 bytes of 256 stay as they are");
	ok(strncmp(s, "%00%01", 6) == 0 && strstr(s, "%FE%FF") != NULL,
	    "NUL is encoded, letters are upper case");
	free(s);
	s = encoded("/a b/\xc3\xa4~", 8, true);
	is_str(s, "/a%20b/%C3%A4~", "a slash stays when asked");
	free(s);
}

int
main(void)
{
	struct form f = { 0 };
	struct buf b = { 0 };

	test_uri();
	buf_init(&b, 4096);
	ok(form_encode(&f, &b) == 0 && b.len == 0, "an empty form is empty");
	form_set(&f, "B", "1&=+ ");
	form_setf(&f, "x", "Targets.member.%d.Id", 3);
	form_set(&f, "A", "");
	form_set(&f, "B", "2/\xc3\xa4");
	ok(form_encode(&f, &b) == 0, "it is encoded");
	is_str(b.s, "B=2%2F%C3%A4&Targets.member.3.Id=x&A=",
	    "order is kept, a value set again replaces the first");
	is_str(form_get(&f, "A"), "", "an empty value is a value");
	ok(form_get(&f, "Targets.member.3") == NULL, "half a name is none");
	buf_release(&b);
	buf_init(&b, 5);
	ok(form_encode(&f, &b) == -1, "a full buffer is an error");
	buf_release(&b);
	for (int i = 0; i < 100; i++)
		form_setf(&f, "v", "N.%d", i);
	is_str(form_get(&f, "N.99"), "v", "a hundred more");
	form_release(&f);
	ok(f.n == 0 && f.name == NULL, "released, it is as new");
	form_release(&f);
	return done();
}
