/*
 * test_cred.c - when credentials are renewed, and that they are forgotten
 *
 * The source is a credential_process that notes each call and prints a file.
 * Time passes by way of the session's idea of AWS's clock.
 */
#include <sys/prctl.h>

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "aws/cred_source.h"
#include "base/stamp.h"
#include "tap.h"

static char directory[] = "/tmp/test_cred.XXXXXX";
static struct aws_opts opts = AWS_OPTS_DEFAULT;

static FILE *
create(const char *name)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	f = fopen(path, "w");
	if (f == NULL)
		abort();
	return f;
}

/* The next answer of the process: a key that ends so many seconds from now. */
static void
answer(const char *key, int seconds)
{
	FILE *f = create("answer");
	char when[STAMP_SIZE];

	stamp_format(time(NULL) + seconds, when);
	fprintf(f, "{\"Version\": 1, \"AccessKeyId\": \"%s\", "
	    "\"SecretAccessKey\": \"s\", \"Expiration\": \"%s\"}", key, when);
	fclose(f);
}

static void
no_answer(void)
{
	fclose(create("answer"));
}

/* How often the process ran. */
static int
calls(void)
{
	char path[64];
	int n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/calls", directory);
	f = fopen(path, "r");
	while (f != NULL && getc(f) != EOF)
		n++;
	if (f != NULL)
		fclose(f);
	return n;
}

static struct aws *
begin(void)
{
	struct err e = { 0 };
	struct aws *a = aws_open(&opts, &e);

	fclose(create("calls"));
	if (a == NULL) {
		printf("# %s\n", e.msg);
		abort();
	}
	return a;
}

/* Ask so many seconds later; the pause between two renewals is over. */
static void
is_key(struct aws *a, double later, const char *wanted, int wanted_calls,
    const char *what)
{
	const struct cred *c;
	struct err e = { 0 };

	a->skew = later;
	a->cred->next_try = 0;
	c = cred_get(a->cred, &e);
	is_str(c == NULL ? e.msg : c->access_key_id, wanted, what);
	is_int(calls(), wanted_calls, "and so often the source was asked");
}

static void
renewal(void)
{
	struct aws *a;

	answer("FIRST", 3600);
	a = begin();
	is_key(a, 0, "FIRST", 1, "the first call finds them");
	answer("SECOND", 7200);
	is_key(a, 2650, "FIRST", 1, "more than 15 minutes before the end");
	is_key(a, 2750, "SECOND", 2, "less than 15 minutes before it");
	is_key(a, 6250, "SECOND", 2, "the new ones last as long as they say");
	no_answer();
	is_key(a, 6350, "SECOND", 3, "a renewal fails: they are still good");
	answer("THIRD", 9000);
	is_key(a, 6360, "THIRD", 4, "the next one does not");
	aws_close(a);
}

static void
late_renewal(void)
{
	const char *failure = "profile 'default' (";
	struct err e = { 0 };
	struct aws *a;

	answer("FIRST", 3600);
	a = begin();
	is_key(a, 0, "FIRST", 1, "found");
	no_answer();
	a->skew = 3050;
	a->cred->next_try = 0;
	ok(cred_get(a->cred, &e) == NULL && e.kind == ERR_CRED &&
	    strncmp(e.msg, failure, strlen(failure)) == 0,
	    "less than 10 minutes before the end a failure is an error");
	answer("SECOND", 7200);
	is_key(a, 3100, "SECOND", 3, "and the next try may succeed");
	aws_close(a);
}

static void
short_lived(void)
{
	const struct cred *c;
	struct err e = { 0 };
	struct aws *a;

	answer("BRIEF", 120);
	a = begin();
	is_key(a, 0, "BRIEF", 1, "they live for less than 10 minutes");
	c = cred_get(a->cred, &e);
	ok(c != NULL && calls() == 1, "they are not fetched for each call");
	is_key(a, 30, "BRIEF", 2, "but once a minute");
	answer("NEXT", 400);
	is_key(a, 121, "NEXT", 3, "they are never used after their end");
	aws_close(a);
}

static void
forgetting(void)
{
	struct aws *a;

	answer("FIRST", 3600);
	a = begin();
	is_key(a, 0, "FIRST", 1, "found");
	answer("SECOND", 3600);
	cred_forget(a->cred);
	is_key(a, 0, "SECOND", 2, "what AWS refused is not used again");
	ok(a->cred->refused, "nor what a cache holds");
	aws_close(a);
}

static void
ended(void)
{
	struct err e = { 0 };
	struct aws *a;

	answer("LATE", -1);
	a = begin();
	ok(cred_get(a->cred, &e) == NULL && e.kind == ERR_CRED &&
	    strstr(e.msg, "these credentials expired at ") != NULL,
	    "credentials that have ended are none");
	/* A clock that runs an hour ahead of AWS's must not matter. */
	a->skew = -3600;
	is_key(a, -3600, "LATE", 2, "by AWS's clock they have not");
	aws_close(a);
}

static void
secrets(void)
{
	struct cred c = { .access_key_id = NULL };
	struct aws *a = begin();

	is_int(prctl(PR_GET_DUMPABLE), 0, "no core is left");
	aws_close(a);
	cred_release(&c);
	cred_chain_free(NULL);
	ok(c.source == NULL, "nothing can be released");
}

static void
times(void)
{
	static const struct { const char *text; long long wanted; } good[] = {
		{ "2026-11-21T03:24:00Z", 1795231440 },
		{ "2026-11-21T03:24:00UTC", 1795231440 },
		{ "2026-11-21T03:24:00.123Z", 1795231440 },
		{ "2026-11-21T04:24:00+01:00", 1795231440 },
		{ "2026-11-21T04:24:00+0100", 1795231440 },
		{ "2026-11-21T03:24:00+00:00", 1795231440 },
		{ "2026-11-20T22:24:00.5-0500", 1795231440 },
	};
	static const char *const bad[] = { "", "Z", "UTC", "soon",
		"2026-11-21", "2026-11-21T03:24:00", "2026-13-21T03:24:00Z",
		"2026-11-21T03:24:00+01", "2026-11-21T03:24:00 UTCX",
		"1795231440", "2026-11-21T03:24:00+00000000000000000000" };
	time_t t;

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		t = 0;
		ok(cred_time(good[i].text, &t) == 0, "%s", good[i].text);
		is_int(t, good[i].wanted, "is that time");
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(cred_time(bad[i], &t) == -1, "no time: '%s'", bad[i]);
}

static void
steps(void)
{
	struct cred c = { 0 };
	char key[CRED_KEY_SIZE], longest[1001];

	memset(longest, 'x', sizeof(longest) - 1);
	longest[1000] = '\0';
	cred_step(&c, "sso '%s'", longest);
	is_int((long long)strlen(c.source), 1006, "a step is never cut");
	cred_release(&c);
	cred_step(&c, "sso '%s'", "corp");
	cred_step(&c, "assume-role");
	is_str(c.source, "sso 'corp' > assume-role", "steps of a chain");
	cred_release(&c);
	cred_key("abc", key);
	is_str(key, "a9993e364706816aba3e25717850c26c9cd0d89d", "SHA-1");
}

static void
prepare(void)
{
	char text[256];
	FILE *f;

	clearenv();
	setenv("PATH", "/usr/bin:/bin", 1);
	setenv("HOME", directory, 1);
	setenv("AWS_REGION", "eu-west-1", 1);
	setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
	f = create("config");
	fprintf(f, "[default]\ncredential_process = sh -c 'printf x "
	    ">>%s/calls; cat %s/answer'\n", directory, directory);
	fclose(f);
	snprintf(text, sizeof(text), "%s/config", directory);
	setenv("AWS_CONFIG_FILE", text, 1);
}

int
main(void)
{
	static const char *const names[] = { "config", "answer", "calls" };

	if (mkdtemp(directory) == NULL)
		return 1;
	prepare();
	renewal();
	late_renewal();
	short_lived();
	forgetting();
	ended();
	secrets();
	times();
	steps();
	if (chdir(directory) == 0) {
		for (size_t i = 0; i < ARRAY_LEN(names); i++)
			(void)unlink(names[i]);
		(void)rmdir(directory);
	}
	return done();
}
