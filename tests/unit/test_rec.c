/* test_rec.c - streams of records, whole, torn and hostile */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/sig.h"
#include "base/wait.h"
#include "record/rec.h"
#include "tap.h"

#define END "{\"kind\":\"end\",\"tool\":\"t\",\"count\":1,\"complete\":true}"
#define TORN "{\"kind\":\"end\",\"tool\":\"t\",\"count\":1,\"complete\":false}"

/* A descriptor from which text can be read. */
static int
source(const char *text, size_t len)
{
	int fd = memfd_create("stream", 0);

	if (write(fd, text, len) != (ssize_t)len)
		_exit(1);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

/* What reading the whole of a text came to. */
struct result {
	int records, rc;
	bool complete;
	struct err e;
};

static struct result
read_all(const char *text, size_t len)
{
	struct result r = { 0 };
	struct rec_in in;
	struct rec rec;
	int fd = source(text, len);

	rec_in_init(&in, fd, "standard input");
	while ((r.rc = rec_next(&in, &rec, &r.e)) == 1)
		r.records++;
	r.complete = rec_complete(&in);
	rec_in_release(&in);
	close(fd);
	return r;
}

static const struct {
	const char *text;
	int records;
	bool complete;
} good[] = {
	{ "", 0, false },
	{ "\n \t\r\n\n", 0, false },
	{ END "\n", 0, true },
	{ END, 0, true },
	{ "\n" END "\r\n\r\n", 0, true },
	{ TORN "\n", 0, false },
	{ "{\"kind\":\"end\"}\n", 0, false },
	{ "{\"kind\":\"end\",\"complete\":\"true\"}\n", 0, false },
	{ "{\"kind\":\"end\",\"complete\":1}\n", 0, false },
	{ "{\"kind\":\"a\"}\n", 1, false },
	{ "{\"kind\":\"a\"}", 1, false },
	{ "{\"kind\":\"a\"}\r\n" END "\r\n", 1, true },
	{ " {\"x\":1,\"kind\":\"a\"} \n" END "\n", 1, true },
	{ END "\n{\"kind\":\"a\"}\n", 1, false },
	{ END "\n{\"kind\":\"a\"}\n" END "\n", 1, true },
	{ TORN "\n{\"kind\":\"a\"}\n" END "\n", 1, false },
	{ "{\"kind\":\"\xc3\xa9\"}\n" END "\n", 1, true },
	{ "{\"kind\":\"a\",\"n\":18446744073709551616}\n" END, 1, true },
	{ "{\"kind\":\"a\",\"n\":-123456789012345678901234567890}\n", 1, false }
};

static void
test_good(void)
{
	struct result r;

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		r = read_all(good[i].text, strlen(good[i].text));
		ok(r.rc == 0 && r.records == good[i].records &&
		    r.complete == good[i].complete,
		    "%d records, %scomplete: row %zu", good[i].records,
		    good[i].complete ? "" : "not ", i);
	}
}

/* Each is refused on its second line, after a good record. */
static const char *const bad[] = {
	"x", "{", "{}", "[]", "1", "null", "\"kind\"", "[{\"kind\":\"a\"}]",
	"{\"kind\":1}", "{\"kind\":null}", "{\"KIND\":\"a\"}",
	"{\"kind\":\"a\"", "{\"kind\":\"a\"}x",
	"{\"kind\":\"a\"}{\"kind\":\"a\"}",
	"{\"kind\":\"a\",}", "{\"kind\":\"a\",\"kind\":\"a\"}",
	"{\"kind\":\"a\",\"x\":1,\"x\":1}",
	"{\"kind\":\"a\",\"x\":{\"y\":1,\"y\":2}}",
	"{\"kind\":\"a\",\"x\":01}", "{\"kind\":\"a\",\"x\":NaN}",
	"{\"kind\":\"a\",\"x\":1e999}", "{'kind':'a'}",
	"{\"kind\":\"\xff\"}", "{\"kind\":\"a\xc3\"}",
	"{\"kind\":\"\xed\xa0\x80\"}",
	"{\"kind\":\"\xc0\xaf\"}", "{\"kind\":\"a\\ud800\"}",
	"{\"kind\":\"a\\u0000b\"}", "{\"kind\":\"a\tb\"}",
	"\xef\xbb\xbf{\"kind\":\"a\"}", "\v", "\f", "\xc2\xa0", "# comment"
};

static void
test_bad(void)
{
	char text[256];
	struct result r;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		snprintf(text, sizeof(text), "{\"kind\":\"a\"}\n%s\n" END "\n",
		    bad[i]);
		r = read_all(text, strlen(text));
		ok(r.rc == -1 && r.records == 1 && r.e.kind == ERR_RECORD &&
		    strstr(r.e.msg, "standard input: line 2 ") != NULL,
		    "refused with its line: row %zu", i);
	}
	r = read_all("{\"kind\":\"a\"}\n\0\n", 15);
	ok(r.rc == -1, "a NUL is not blank");
	r = read_all("{\"kind\":\"a\0b\"}\n", 15);
	ok(r.rc == -1, "a NUL within a string is refused");
	r = read_all("{\"kind\":\"a\"}\0\n", 14);
	ok(r.rc == -1, "a NUL behind a record too");
}

/* A record of len bytes and a newline. */
static char *
long_line(size_t len)
{
	char *s = xmalloc(len + 2);

	memset(s, 'x', len);
	memcpy(s, "{\"kind\":\"", 9);
	memcpy(s + len - 2, "\"}\n", 4);
	return s;
}

static void
test_long(void)
{
	struct result r;
	char *s = long_line(REC_LINE_MAX);

	r = read_all(s, REC_LINE_MAX + 1);
	ok(r.rc == 0 && r.records == 1, "a line of exactly the limit");
	r = read_all(s, REC_LINE_MAX);
	ok(r.rc == 0 && r.records == 1, "the same without a newline");
	free(s);
	s = long_line(REC_LINE_MAX + 1);
	r = read_all(s, REC_LINE_MAX + 2);
	ok(r.rc == -1 && r.records == 0 && r.e.kind == ERR_RECORD &&
	    strstr(r.e.msg, "line 1 is longer than 1048576 bytes") != NULL,
	    "one byte more is refused");
	r = read_all(s, REC_LINE_MAX + 1);
	ok(r.rc == -1, "also without a newline");
	free(s);
	s = long_line(2 << 20);
	r = read_all(s, (2 << 20) + 1);
	ok(r.rc == -1 && strstr(r.e.msg, "line 1 is longer") != NULL,
	    "two MiB are refused");
	free(s);
	s = xcalloc(1, 2 << 20);
	memset(s, '\n', 2 << 20);
	r = read_all(s, 2 << 20);
	ok(r.rc == 0 && r.records == 0, "two million empty lines are none");
	free(s);
}

/* Cut a stream at every byte: it is then an error, or not complete. */
static void
test_torn(void)
{
	static const char whole[] = "{\"kind\":\"a\",\"s\":\"b\"}\n" END "\n";
	bool held = true;

	for (size_t len = 0; len < sizeof(whole) - 2; len++) {
		struct result r = read_all(whole, len);

		if (r.rc == 0 && r.complete)
			held = false;
	}
	ok(held, "no part of a stream is complete");
	ok(read_all(whole, sizeof(whole) - 2).complete,
	    "but for its last newline");
}

static void
test_members(void)
{
	static const char text[] =
	    "{\"kind\":\"a\",\"s\":\"b\",\"n\":1,\"z\":null}\n";
	int fd = source(text, sizeof(text) - 1);
	struct rec_in in;
	struct rec rec;
	struct err e = { 0 };

	rec_in_init(&in, fd, "standard input");
	is_int(rec_next(&in, &rec, &e), 1, "a record");
	is_str(rec.kind, "a", "its kind");
	is_int(rec.line, 1, "its line");
	is_mem(rec.text, rec.len, text, sizeof(text) - 2, "its text");
	is_str(rec_str(&rec, "s", &e), "b", "a string member");
	is_str(rec_str(&rec, "x", &e), NULL, "an absent one");
	is_str(rec_str(&rec, "z", &e), NULL, "a null one");
	is_int(e.kind, ERR_NONE, "neither is an error");
	is_str(rec_str(&rec, "n", &e), NULL, "a number");
	is_int(e.kind, ERR_RECORD, "which is one");
	is_str(e.msg, "line 1: member \"n\" of the a record is not a string",
	    "and says where");
	is_int(rec_next(&in, &rec, &e), 0, "the end");
	is_int(rec_truncated(&in, &e), -1, "truncated");
	is_str(e.msg, "standard input: the stream is truncated: it has no "
	    "end record", "and says so");
	rec_in_release(&in);
	rec_in_release(&in);
	close(fd);
}

/* --- output: into a file that stands in for standard output ------------- */

static int saved;

static void
divert(int fd)
{
	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	dup2(fd, STDOUT_FILENO);
}

static void
restore(void)
{
	dup2(saved, STDOUT_FILENO);
	close(saved);
}

static void
is_content(int fd, const char *wanted, const char *what)
{
	char got[1024];
	ssize_t n = pread(fd, got, sizeof(got) - 1, 0);

	got[n > 0 ? n : 0] = '\0';
	is_str(got, wanted, what);
	close(fd);
}

static void
test_pass(void)
{
	static const char text[] =
	    "  {\"b\":1.10,\"kind\":\"a\",\"n\":9007199254740993123}\r\n"
	    "\n{\"kind\":\"b\",\"n\":1E+2,\"s\":\"\\u00e9/\\/\"}\n" END;
	int in_fd = source(text, sizeof(text) - 1), fd = source("", 0), rc;
	struct rec_in in;
	struct rec_out out;
	struct rec rec;
	struct err e;

	rec_in_init(&in, in_fd, "standard input");
	divert(fd);
	rec_out_init(&out, "rs-test");
	while (rec_next(&in, &rec, &e) == 1)
		rec_pass(&out, &rec);
	rec_write(&out, json_pack("{s:s, s:s}", "kind", "own", "s",
	    "\xc3\xa9\n"));
	rc = rec_end(&out, rec_complete(&in), &e);
	restore();
	is_int(rc, 0, "all is written");
	is_content(fd,
	    "  {\"b\":1.10,\"kind\":\"a\",\"n\":9007199254740993123}\r\n"
	    "{\"kind\":\"b\",\"n\":1E+2,\"s\":\"\\u00e9/\\/\"}\n"
	    "{\"kind\":\"own\",\"s\":\"\xc3\xa9\\n\"}\n"
	    "{\"kind\":\"end\",\"tool\":\"rs-test\",\"count\":1,"
	    "\"complete\":true}\n",
	    "others' records pass byte for byte; only ours are counted");
	rec_in_release(&in);
	close(in_fd);
}

static void
test_full(void)
{
	int fd = open("/dev/full", O_WRONLY), rc;
	struct rec_out out;
	struct err e;

	divert(fd);
	rec_out_init(&out, "rs-test");
	rec_write(&out, json_pack("{s:s}", "kind", "a"));
	rec_write(&out, json_pack("{s:s}", "kind", "b"));
	rc = rec_end(&out, true, &e);
	restore();
	close(fd);
	ok(rc == -1 && e.kind == ERR_SYSTEM, "a full disk fails the end");
	is_str(e.msg, "cannot write to standard output: No space left on "
	    "device", "and says so");
}

static void
test_not_utf8(void)
{
	int fd = source("", 0), rc;
	struct rec_out out;
	struct err e;

	divert(fd);
	rec_out_init(&out, "rs-test");
	rec_write(&out, json_pack("{s:s}", "kind", "\xff"));
	rc = rec_end(&out, true, &e);
	restore();
	ok(rc == -1 && e.kind == ERR_SYSTEM, "text that is not UTF-8 fails");
	is_content(fd, "", "and no complete end is written after it");
}

/* A reader made the pipe non-blocking and is slow. */
static void
test_nonblocking(void)
{
	char *big = long_line(100000), got[4096];
	int ends[2], status, rc;
	struct rec_out out;
	struct err e;
	ssize_t n;
	size_t total = 0;
	pid_t pid;

	if (pipe2(ends, O_NONBLOCK) == -1)
		_exit(1);
	fflush(stdout);
	if ((pid = fork()) == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		rec_out_init(&out, "rs-test");
		for (int i = 0; i < 5; i++)
			rec_write(&out, json_loadb(big, 100000, 0, NULL));
		rc = rec_end(&out, true, &e);
		free(big);
		_exit(rc == 0 ? 0 : 1);
	}
	close(ends[1]);
	fcntl(ends[0], F_SETFL, 0);
	while ((n = read(ends[0], got, sizeof(got))) > 0)
		total += (size_t)n;
	waitpid(pid, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
	    total > 5 * 100001, "a pipe that does not block is waited for");
	close(ends[0]);
	free(big);
}

/* Nobody reads, and SIGTERM comes while the write waits. */
static void
test_stuck(void)
{
	char *big = long_line(100000);
	int ends[2], status, rc;
	struct rec_out out;
	struct err e;
	pid_t pid;

	if (pipe(ends) == -1)
		_exit(1);
	fflush(stdout);
	if ((pid = fork()) == 0) {
		alarm(20);
		sig_init();
		if (fork() == 0) {
			if (wait_for(NULL, 0.1) == WAIT_AGAIN)
				kill(getppid(), SIGTERM);
			_exit(0);
		}
		dup2(ends[1], STDOUT_FILENO);
		rec_out_init(&out, "rs-test");
		rec_write(&out, json_loadb(big, 100000, 0, NULL));
		rc = rec_end(&out, true, &e);
		wait(NULL);
		free(big);
		_exit(rc == -1 && e.kind == ERR_SIGNAL ? sig_reraise_or(1) :
		    1);
	}
	waitpid(pid, &status, 0);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM,
	    "a signal ends a write that nobody reads");
	close(ends[0]);
	close(ends[1]);
	free(big);
}

int
main(void)
{
	test_good();
	test_bad();
	test_long();
	test_torn();
	test_members();
	test_pass();
	test_full();
	test_not_utf8();
	test_nonblocking();
	test_stuck();
	return done();
}
