/* test_lock.c - names, tokens, fences and records of locks */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "lock/lock.h"
#include "tap.h"

static void
test_names(void)
{
	static const char *const good[] = { "lock", "a", "_", "9",
		"airline.consumer-1_x" };
	static const char *const bad[] = { "", ".", "..", ".x", "-x", "a/b",
		"a b", "a@2", "a\n", "\xc3\xa9" };
	char longest[LOCK_NAME_MAX + 2];
	struct err e;

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		ok(lock_check_name(good[i], &e) == 0, "'%s'", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(lock_check_name(bad[i], &e) == -1 && e.kind == ERR_USAGE,
		    "bad name %zu", i);
	memset(longest, 'x', sizeof(longest));
	longest[LOCK_NAME_MAX] = '\0';
	ok(lock_check_name(longest, &e) == 0, "the longest name");
	longest[LOCK_NAME_MAX] = 'x';
	longest[LOCK_NAME_MAX + 1] = '\0';
	ok(lock_check_name(longest, &e) == -1, "one longer");
}

static void
test_tokens(void)
{
	char a[LOCK_TOKEN_SIZE], b[LOCK_TOKEN_SIZE];

	lock_new_token(a);
	lock_new_token(b);
	ok(strlen(a) == 36 && a[14] == '4' && strchr("89ab", a[19]) != NULL,
	    "a version 4 UUID: %s", a);
	ok(strcmp(a, b) != 0, "two differ");
}

static void
test_fences(void)
{
	int64_t now = (int64_t)time(NULL) * 1000, next;

	next = lock_next_fence(0);
	ok(next >= now && next < now + 5000, "no counter: the clock");
	ok(lock_next_fence(now + 1000000) == now + 1000001,
	    "a clock behind the counter: the counter");
	ok(lock_next_fence(next) > next, "larger, within a millisecond");
}

static void
test_record(void)
{
	struct lock_grant g = { .name = xstrdup("etl"), .backend = "dir",
		.place = xstrdup("/x"), .token = "t", .fence = 7,
		.owner = xstrdup("ana"), .acquired_at = "2026-11-21T00:00:00Z",
		.lease = 0.25, .slot = 1 };
	json_t *o = lock_record(&g);
	char *text = json_dumps(o, JSON_COMPACT);

	ok(strcmp(text, "{\"kind\":\"lock\",\"name\":\"etl\",\"backend\":"
	    "\"dir\",\"dir\":\"/x\",\"token\":\"t\",\"fence\":7,\"owner\":"
	    "\"ana\",\"workgroup\":null,\"acquired_at\":"
	    "\"2026-11-21T00:00:00Z\",\"lease_s\":0.25,\"slot\":1}") == 0,
	    "the record: %s", text);
	free(text);
	json_decref(o);
	free(g.owner);
	g.owner = xstrdup("\xff");
	ok(lock_record(&g) == NULL, "text that is not UTF-8 makes no record");
	lock_grant_release(&g);
	lock_grant_release(&g);
	ok(g.name == NULL && g.keep_fd == -1, "released twice is harmless");
}

int
main(void)
{
	test_names();
	test_tokens();
	test_fences();
	test_record();
	return done();
}
