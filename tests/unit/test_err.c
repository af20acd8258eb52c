/* test_err.c - errors: what they keep, what they become */
#include <errno.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/utf8.h"
#include "tap.h"

static void
test_set(void)
{
	struct err e = { .http = 400, .code = "Old", .hint = "old" };

	is_int(err_set(&e, ERR_AWS, "no %s", "answer"), -1, "set returns -1");
	is_str(e.msg, "no answer", "it keeps the message");
	is_int(e.http, 0, "and nothing of an error before it");
	is_str(e.hint, "", "nor its hint");
	is_int(err_sys(&e, ENOENT, "cannot open '%s'", "f"), -1, "sys too");
	is_str(e.msg, "cannot open 'f': No such file or directory",
	    "it adds the reason");
	is_int(e.kind, ERR_SYSTEM, "and is a system error");
}

static void
test_prefix(void)
{
	struct err e;

	err_set(&e, ERR_AWS, "denied");
	e.http = 403;
	is_int(err_prefix(&e, "cannot do '%s'", "it"), -1, "prefix is -1");
	is_str(e.msg, "cannot do 'it': denied", "what failed comes first");
	is_int(e.http, 403, "the rest stays");
	err_hint(&e, "ask %s", "them");
	is_str(e.hint, "ask them", "a hint is kept beside it");
	ok(!err_is(&e, "AccessDenied"), "an error without a code is none");
	strcpy(e.code, "AccessDenied");
	ok(err_is(&e, "AccessDenied"), "a code is recognised");
	e.kind = ERR_NONE;
	ok(!err_is(&e, "AccessDenied"), "but not when nothing failed");
}

/* A message goes into records as well: half a character would spoil them. */
static void
test_cut(void)
{
	static const char *const letters[] = { "\xc3\xa9", "\xe2\x82\xac",
	    "\xf0\x9f\x9a\xa2" };
	char text[3000], why[64];
	size_t bad, len;
	struct err e;

	for (size_t i = 0; i < ARRAY_LEN(letters); i++) {
		len = strlen(letters[i]);
		for (size_t off = 0; off < len; off++) {
			memset(text, 'x', off);
			for (size_t at = off; at + len < sizeof(text);
			    at += len)
				memcpy(text + at, letters[i], len + 1);
			err_set(&e, ERR_AWS, "%s", text);
			snprintf(why, sizeof(why), "%zu bytes, %zu before",
			    len, off);
			ok(utf8_valid(e.msg, strlen(e.msg), &bad), "%s", why);
			ok(strlen(e.msg) + len >= sizeof(e.msg), "%s: no "
			    "more is cut than needed", why);
			err_prefix(&e, "a");
			ok(utf8_valid(e.msg, strlen(e.msg), &bad),
			    "%s: prefix", why);
			err_hint(&e, "%s", text);
			ok(utf8_valid(e.hint, strlen(e.hint), &bad),
			    "%s: hint", why);
		}
	}
	/* What was never text is left as it is. */
	err_set(&e, ERR_AWS, "%s", "\xff\xc3");
	is_str(e.msg, "\xff\xc3", "a message that fits is not touched");
}

/* Every string stays within its field, however long it was. */
static void
test_long(void)
{
	char text[8192];
	struct err e;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	err_set(&e, ERR_AWS, "%s", text);
	is_int((long long)strlen(e.msg), sizeof(e.msg) - 1, "cut at the end");
	err_sys(&e, ENOENT, "%s", text);
	is_int((long long)strlen(e.msg), sizeof(e.msg) - 1, "sys is cut");
	err_prefix(&e, "%s", text);
	is_int((long long)strlen(e.msg), sizeof(e.msg) - 1, "prefix is cut");
	err_prefix(&e, "short");
	ok(strncmp(e.msg, "short: xxx", 10) == 0, "a prefix is never lost");
	err_hint(&e, "%s", text);
	is_int((long long)strlen(e.hint), sizeof(e.hint) - 1, "so is a hint");
}

static void
test_status(void)
{
	static const struct { enum err_kind kind; int status; } rows[] = {
		{ ERR_NONE, 0 }, { ERR_NO, 1 }, { ERR_USAGE, 2 },
		{ ERR_DEADLINE, 3 }, { ERR_CRED, 4 }, { ERR_AWS, 5 },
		{ ERR_SQL, 6 }, { ERR_RECORD, 7 }, { ERR_SYSTEM, 8 },
		{ ERR_LOST, 9 }
	};
	struct err e;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		err_set(&e, rows[i].kind, "x");
		ok(err_status(&e) == rows[i].status, "kind %d is status %d",
		    (int)rows[i].kind, rows[i].status);
	}
}

int
main(void)
{
	test_set();
	test_prefix();
	test_long();
	test_cut();
	test_status();
	return done();
}
