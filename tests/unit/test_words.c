/* test_words.c - splitting into words, UTF-8, paths and files */
#include <sys/stat.h>

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/utf8.h"
#include "base/words.h"
#include "tap.h"

/* The words joined by '|'; NULL when they do not parse. */
static void
splits(const char *text, const char *wanted)
{
	char joined[256] = "";
	struct words w;
	int ret = words_split(text, &w);

	for (size_t i = 0; i < w.n; i++) {
		strcat(joined, w.v[i]);
		strcat(joined, "|");
	}
	is_str(ret == -1 ? NULL : joined, wanted, text);
	ok(ret == -1 || w.v[w.n] == NULL, "the list has an end");
	words_release(&w);
}

static void
words(void)
{
	splits("", "");
	splits(" \t\r\n ", "");
	splits("a b\tc\nd\r", "a|b|c|d|");
	splits("'a b' c", "a b|c|");
	splits("a'b c'd", "ab cd|");
	splits("'' \"\"", "||");
	splits("\"a \\\"b\\\\ \\c $d\"", "a \"b\\ \\c $d|");
	splits("'a\\b'", "a\\b|");
	splits("a\\ b \\' \\\\", "a b|'|\\|");
	splits("# a;b >c $(d) `e` *", "#|a;b|>c|$(d)|`e`|*|");
	splits("'open", NULL);
	splits("a \"open\\\"", NULL);
	splits("a\\", NULL);
}

static void
is_text(const char *s, int wanted, const char *what)
{
	size_t bad = 99;
	bool valid = utf8_valid(s, strlen(s), &bad);

	is_int(valid ? -1 : (int)bad, wanted, what);
}

static void
text(void)
{
	is_text("", -1, "nothing");
	is_text("a\x7f", -1, "ASCII");
	is_text("\xc2\x80\xdf\xbf", -1, "two bytes");
	is_text("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf", -1,
	    "three bytes");
	is_text("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", -1, "four bytes");
	is_text("a\x80", 1, "a byte from the middle");
	is_text("\xc0\x80", 0, "overlong, two bytes");
	is_text("\xe0\x9f\xbf", 0, "overlong, three bytes");
	is_text("\xf0\x8f\xbf\xbf", 0, "overlong, four bytes");
	is_text("\xed\xa0\x80", 0, "a surrogate");
	is_text("\xf4\x90\x80\x80", 0, "above U+10FFFF");
	is_text("\xf5\x80\x80\x80", 0, "no such first byte");
	is_text("ab\xe2\x82", 2, "cut off");
	is_text("ab\xe2\x82" "c", 2, "cut short");
}

static void
expands(const char *path, const char *wanted)
{
	char *s = file_expand(path);

	is_str(s, wanted, path);
	free(s);
}

static void
paths(void)
{
	setenv("HOME", "/home/me/", 1);
	setenv("A_1", "value", 1);
	unsetenv("GONE");
	expands("/a/b", "/a/b");
	expands("~/x", "/home/me/x");
	expands("~", "/home/me");
	expands("~daemon/x", "/usr/sbin/x");
	expands("~no-such-user/x", "~no-such-user/x");
	expands("/~/x", "/~/x");
	expands("$A_1/${A_1}x$A_1-", "value/valuexvalue-");
	expands("$GONE/${GONE}", "$GONE/${GONE}");
	expands("$/${/${}", "$/${/${}");
	expands("", "");
	setenv("HOME", "/", 1);
	expands("~/x", "/x");
	setenv("TILDE", "~", 1);
	expands("$TILDE/x", "/x");
}

static int
count_files(void)
{
	DIR *d = opendir(".");
	int n = 0;

	while (d != NULL && readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;
}

static void
files(void)
{
	struct err e = { 0 };
	struct stat st;
	struct buf b;

	is_int(file_read("none", 10, &b, &e), 0, "there is no such file");
	is_str(b.s, "", "and nothing in it");
	buf_release(&b);
	is_int(file_read(".", 10, &b, &e), 0, "a directory is no file");
	buf_release(&b);
	is_int(mkfifo("fifo", 0600), 0, "a FIFO");
	is_int(file_read("fifo", 10, &b, &e), 0, "does not make us wait");
	buf_release(&b);
	(void)unlink("fifo");
	is_int(file_replace("f", "0123456789", 10, &e), 0, "written");
	is_int(file_read("f", 10, &b, &e), 1, "as large as allowed");
	is_str(b.s, "0123456789", "and the same");
	buf_release(&b);
	is_int(file_read("f", 9, &b, &e), -1, "larger than that");
	is_str(e.msg, "cannot read f: it is larger than 9 bytes", "says so");
	buf_release(&b);
	is_int(chmod("f", 0644), 0, "readable by all");
	is_int(file_replace("f", "new", 3, &e), 0, "replaced");
	ok(stat("f", &st) == 0 && (st.st_mode & 0777) == 0600 &&
	    st.st_size == 3, "readable by its owner only");
	is_int(file_replace("none/f", "x", 1, &e), -1, "no such directory");
	is_str(e.msg, "cannot write none/f: No such file or directory",
	    "says so");
	is_int(mkdir("dir", 0700), 0, "a directory");
	is_int(file_replace("dir", "x", 1, &e), -1, "is not replaced");
	is_int(count_files(), 2, "no file is left behind");
	(void)unlink("f");
	(void)rmdir("dir");
}

int
main(void)
{
	char directory[] = "/tmp/test_words.XXXXXX";

	if (mkdtemp(directory) == NULL || chdir(directory) == -1)
		return 1;
	words();
	text();
	paths();
	files();
	(void)rmdir(directory);
	return done();
}
