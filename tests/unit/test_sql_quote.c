/* test_sql_quote.c - quoting, and the statement record */
#include "sql/quote.h"
#include "sql/stmt.h"

#include "tap.h"

static struct err e;

/* The one conversion in fmt, applied to text; "!" when it is refused. */
static const char *
quoted(const char *fmt, const char *text, bool keep_case)
{
	static char out[1024];
	struct sql q;

	memset(&e, 0, sizeof(e));
	sql_init(&q, keep_case, &e);
	sql_addf(&q, fmt, text);
	snprintf(out, sizeof(out), "%s",
	    e.kind == ERR_NONE ? sql_text(&q) : "!");
	sql_release(&q);
	return out;
}

static void
names(void)
{
	char longest[130];

	is_str(quoted("%I", "plain", false), "\"plain\"", "a plain name");
	is_str(quoted("%I", "a\"b", false), "\"a\"\"b\"",
	    "a double quote is doubled");
	is_str(quoted("%I", "\"; DROP TABLE t; --", false),
	    "\"\"\"; drop table t; --\"", "hostile text stays a name");
	is_str(quoted("%I", "Airline", false), "\"airline\"",
	    "a name is folded as Redshift does");
	is_str(quoted("%I", "Airline", true), "\"Airline\"",
	    "unless the warehouse keeps case");
	is_str(quoted("%I", "\xc3\x84rger", false), "\"\xc3\x84rger\"",
	    "only ASCII letters are folded");
	is_str(quoted("%I", "select", false), "\"select\"", "reserved word");
	is_str(quoted("%I", "back\\slash", false), "\"back\\slash\"",
	    "a backslash means nothing inside a name");
	memset(longest, 'x', sizeof(longest));
	longest[127] = '\0';
	ok(strlen(quoted("%I", longest, false)) == 129, "127 bytes are a name");
	longest[127] = 'x';
	longest[128] = '\0';
	is_str(quoted("%I", longest, false), "!", "128 bytes are not");
	ok(strstr(e.msg, "128 bytes") != NULL, "the message says so");
	is_str(quoted("%I", "", false), "!", "an empty name is refused");
	is_str(quoted("%I", "a\nb", false), "!", "a newline is refused");
	is_str(quoted("%I", "a\177", false), "!", "DEL is refused");
	is_str(quoted("%I", "a\xc2\x85", false), "!", "C1 is refused");
	is_str(quoted("%I", "\xff", false), "!", "a stray byte is refused");
	is_str(quoted("%I", "\xc0\xa7", false), "!",
	    "an overlong quote is refused");
	is_str(quoted("%I", "\xed\xa0\x80", false), "!",
	    "a surrogate is refused");
	is_str(quoted("%I", "\xe2\x82", false), "!",
	    "a cut sequence is refused");
	is_str(quoted("%I", "\xf0\x9f\x9b\xab", false),
	    "\"\xf0\x9f\x9b\xab\"", "four bytes are fine");
}

static void
literals(void)
{
	is_str(quoted("%L", "it's", false), "'it''s'",
	    "a single quote is doubled");
	is_str(quoted("%L", "", false), "''", "an empty string is a string");
	is_str(quoted("%L", "Kept", false), "'Kept'", "a string keeps case");
	is_str(quoted("%L", "end\\", false), "!",
	    "a backslash, which could eat the quote, is refused");
	is_str(quoted("%L", "a\nb", false), "!", "a newline is refused");
	is_str(quoted("%N", "O'Hare", false), "'o''hare'",
	    "a name to look up is folded and quoted");
	is_str(quoted("%N", "a\\b", false), "!", "and has no backslash");
	is_str(quoted("100%% %I", "x", false), "100% \"x\"", "percent signs");
}

static void
limits(void)
{
	struct sql q;
	struct err first = { 0 };

	sql_init(&q, false, &first);
	for (int i = 0; i < SQL_TEXT_MAX / 100 + 1; i++)
		sql_addf(&q, "%s", "0123456789012345678901234567890123456789"
		    "012345678901234567890123456789012345678901234567890123"
		    "456789");
	ok(first.kind == ERR_USAGE, "a statement has a limit");
	is_str(sql_text(&q), "", "and there is no half of one");
	sql_addf(&q, "%I", "");
	ok(strstr(first.msg, "longer") != NULL, "the first failure stays");
	sql_release(&q);
}

static bool
reads(const char *json, struct stmt *s, json_t **keep)
{
	struct rec rec = { .line = 7, .kind = "statement" };

	memset(&e, 0, sizeof(e));
	*keep = rec.object = json_loads(json, 0, NULL);
	return stmt_read(&rec, s, &e) == 0;
}

static void
refuses(const char *json, const char *why)
{
	struct stmt s = { .seq = 42 };
	json_t *keep;

	ok(!reads(json, &s, &keep) && e.kind == ERR_RECORD &&
	    strstr(e.msg, why) != NULL && s.seq == 42,
	    "refused with '%s': %s", why, json);
	json_decref(keep);
}

static void
records(void)
{
	struct stmt s;
	json_t *keep;

	ok(reads("{\"seq\":2,\"after\":1,\"on\":\"wg-1\",\"database\":\"dev\","
	    "\"sql\":\"SELECT 1\",\"unless\":\"SELECT 2\",\"why\":\"w\","
	    "\"transaction\":false}", &s, &keep), "a whole record is read");
	is_int(s.seq, 2, "seq");
	is_int(s.after, 1, "after");
	is_str(s.on, "wg-1", "on");
	is_str(s.database, "dev", "database");
	is_str(s.sql, "SELECT 1", "sql");
	is_str(s.unless, "SELECT 2", "unless");
	ok(!s.transaction, "transaction");
	json_decref(keep);
	ok(reads("{\"seq\":1,\"sql\":\"SELECT 1\"}", &s, &keep) &&
	    s.transaction && s.after == 0 && s.on == NULL &&
	    s.unless == NULL, "absent members have their defaults");
	json_decref(keep);
	refuses("{\"sql\":\"SELECT 1\"}", "\"seq\"");
	refuses("{\"seq\":0,\"sql\":\"SELECT 1\"}", "\"seq\"");
	refuses("{\"seq\":1.5,\"sql\":\"SELECT 1\"}", "\"seq\"");
	refuses("{\"seq\":\"1\",\"sql\":\"SELECT 1\"}", "\"seq\"");
	refuses("{\"seq\":1}", "\"sql\"");
	refuses("{\"seq\":1,\"sql\":\"\"}", "\"sql\"");
	refuses("{\"seq\":1,\"sql\":7}", "\"sql\"");
	refuses("{\"seq\":1,\"sql\":\"x\",\"unless\":[]}", "\"unless\"");
	refuses("{\"seq\":1,\"sql\":\"x\",\"after\":1}", "not before");
	refuses("{\"seq\":1,\"sql\":\"x\",\"after\":-1}", "\"after\"");
	refuses("{\"seq\":1,\"sql\":\"x\",\"transaction\":1}",
	    "\"transaction\"");
}

int
main(void)
{
	names();
	literals();
	limits();
	records();
	return done();
}
