/*
 * test_conf.c - the AWS configuration files
 *
 * With an argument it is a driver for tests/differential/conf.py: it reads
 * the files of the environment, then questions from standard input, and
 * answers each with a line of JSON.
 */
#include <sys/stat.h>

#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "aws/conf.h"
#include "tap.h"

static char directory[] = "/tmp/test_conf.XXXXXX";

/* Put text into a file of the directory and point the variable at it. */
static void
put(const char *variable, const char *name, const char *text, size_t len)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	f = fopen(path, "w");
	if (f == NULL || fwrite(text, 1, len, f) != len || fclose(f) != 0)
		abort();
	setenv(variable, path, 1);
}

static void
files(const char *config, const char *credentials)
{
	put("AWS_CONFIG_FILE", "config", config, strlen(config));
	put("AWS_SHARED_CREDENTIALS_FILE", "credentials", credentials,
	    strlen(credentials));
}

static void
is_value(const char *config, const char *key, const char *wanted,
    const char *what)
{
	struct conf *c;
	struct err e = { 0 };

	files(config, "");
	c = conf_load(&e);
	if (ok(c != NULL, "%s: parses", what))
		is_str(conf_get(c, "x", key), wanted, what);
	else
		printf("# %s\n", e.msg);
	conf_free(c);
}

static void
values(void)
{
	is_value("[profile x]\nk=v\n", "k", "v", "no blanks");
	is_value("[profile x]\n  k  =  v w \t\n", "k", "v w", "blanks");
	is_value("[profile x]\nk: v\n", "k", "v", "a colon");
	is_value("[profile x]\nk = a:b=c\n", "k", "a:b=c",
	    "only the first delimiter counts");
	is_value("[profile x]\nKeY = V\n", "key", "V",
	    "a key has no case, a value has");
	is_value("[profile x]\nk = v # no comment\n", "k", "v # no comment",
	    "a comment is a whole line");
	is_value("[profile x]\n# k = 1\n ; k = 2\nk = 3\n", "k", "3",
	    "both marks begin a comment, also after blanks");
	is_value("[profile x]\nk =\n", "k", "", "an empty value");
	is_value("[profile x]\n", "k", NULL, "an absent key");
	is_value("[profile x]\nk = a\n  b\n\n  c\n", "k", "a\nb\n\nc",
	    "deeper lines continue a value, empty ones count");
	is_value("[profile x]\nk = a\n# c\n  b\n\n\nl = 1\n", "k", "a\nb",
	    "comments inside do not, nor empty ones at the end");
	is_value("[profile x]\r\nk = v\r\nl = 1\r\n", "k", "v", "CRLF");
	is_value("[profile x]\rk = v\r", "k", "v", "CR alone");
	is_value("[profile x]\nk = v", "k", "v", "no newline at the end");
	is_value("[profile x]\nk = \xc3\xa4\n", "k", "\xc3\xa4", "UTF-8");
	is_value("[profile  'x']\nk = v\n", "k", "v", "a quoted name");
	is_value("[profilexyz x]\nk = v\n", "k", "v", "as botocore: a prefix");
	is_value("[x]\nk = v\n", "k", NULL, "[x] is no profile here");
	is_value("[profile x] # c\nk = v\n", "k", "v", "after the bracket");
	is_value("[profile x\\]\nk = v\n", "k", NULL, "a stray backslash");
	is_value("[DEFAULT]\nk = v\n[profile x]\n", "k", "v",
	    "[DEFAULT] is in every section");
	is_value("[profile x]\nk =\n  a = b\n", "k", NULL,
	    "a block is no value");
}

static void
is_refused(const char *config, size_t len, const char *wanted)
{
	struct err e = { 0 };
	struct conf *c;
	const char *why;

	put("AWS_CONFIG_FILE", "config", config, len);
	c = conf_load(&e);
	ok(c == NULL && e.kind == ERR_CRED, "refused: %s", wanted);
	why = strstr(e.msg, "/config:");
	is_str(why == NULL ? e.msg : why + strlen("/config:"), wanted,
	    "with file, line and reason");
	conf_free(c);
}

static void
complaints(void)
{
#define REFUSED(text, why) is_refused(text, sizeof(text) - 1, why)
	files("", "");
	REFUSED("k = v\n", "1: a line before the first [section]");
	REFUSED("[a]\n\nsecret\n",
	    "3: neither a [section] nor key = value");
	REFUSED("[a]\n = v\n", "2: a value without a key");
	REFUSED("[a]\nk = 1\n# c\nK = 2\n", "4: this key is there twice: k");
	REFUSED("[a]\n[b]\n[a]\n", "3: this section is there twice: a");
	REFUSED("[a]\ns3 =\n\n  x\n",
	    "4: a block needs lines of key = value: s3");
	REFUSED("[a]\nk = \xff\n", "2: not UTF-8");
	REFUSED("[a]\nk = \xed\xa0\x80\n", "2: not UTF-8");
	REFUSED("[a]\nk = v\0w\n", "2: a NUL byte");
	REFUSED("[]\n", "1: a line before the first [section]");
	REFUSED("\xef\xbb\xbf[a]\n", "1: a line before the first [section]");
}

static void
two_files(void)
{
	struct err e = { 0 };
	struct conf *c;
	char *place;

	files("[default]\na = 1\nb = 2\n[profile p]\n[sso-session s]\nr = 3\n"
	    "[services v]\ndynamodb =\n  endpoint_url = http://x\n  y=1\n"
	    "[profile default]\na = 4\n",
	    "[default]\nb = 5\n[profile p]\nb = 6\n");
	c = conf_load(&e);
	is_str(conf_get(c, "default", "a"), "4",
	    "[profile default] after [default] takes its place");
	is_str(conf_get(c, "default", "b"), "5", "credentials win");
	is_str(conf_get_from(c, CONF_CONFIG, "default", "b"), NULL,
	    "the other file has it no more");
	is_str(conf_get(c, "profile p", "b"), "6",
	    "every section of the credentials is a profile");
	ok(conf_has_profile(c, "p") && conf_has_profile(c, "profile p") &&
	    !conf_has_profile(c, "s"), "these are profiles");
	is_str(conf_section(c, "sso-session", "s", "r"), "3", "a section");
	ok(conf_has_section(c, "sso-session", "s") &&
	    !conf_has_section(c, "sso-session", "p"), "only that one");
	is_str(conf_nested(c, "services", "v", "dynamodb", "endpoint_url"),
	    "http://x", "a block");
	is_str(conf_nested(c, "services", "v", "sts", "endpoint_url"), NULL,
	    "no block");
	place = conf_place(c, "default", "a");
	is_str(strrchr(place, '/'), "/config:12", "where a key is");
	free(place);
	place = conf_place(c, "default", "z");
	is_str(place, "", "where none is");
	free(place);
	conf_free(c);
}

static void
odd_places(void)
{
	struct err e = { 0 };
	struct conf *c;

	setenv("AWS_CONFIG_FILE", "/dev/null", 1);
	setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent/x", 1);
	c = conf_load(&e);
	ok(c != NULL && !conf_has_profile(c, "default"),
	    "neither file: nothing is configured");
	conf_free(c);
	files("[profile x]\nk = home\n", "");
	setenv("HOME", directory, 1);
	setenv("AWS_CONFIG_FILE", "~/config", 1);
	c = conf_load(&e);
	is_str(c == NULL ? e.msg : conf_get(c, "x", "k"), "home", "~");
	conf_free(c);
	setenv("NAME", "conf", 1);
	setenv("AWS_CONFIG_FILE", "$HOME/${NAME}ig", 1);
	c = conf_load(&e);
	is_str(c == NULL ? e.msg : conf_get(c, "x", "k"), "home",
	    "variables");
	conf_free(c);
	setenv("AWS_CONFIG_FILE", directory, 1);
	c = conf_load(&e);
	ok(c != NULL, "a directory is no file");
	conf_free(c);
	/* Too long a name fails for root as well, unlike a mode of 0. */
	char path[5000];
	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	setenv("AWS_CONFIG_FILE", path, 1);
	c = conf_load(&e);
	ok(c == NULL && e.kind == ERR_CRED &&
	    strcmp(e.hint, "AWS_CONFIG_FILE names another file") == 0,
	    "a file that cannot be read is an error");
	conf_free(c);
}

/* A question is a JSON array: the arguments of conf_get() or the others. */
static json_t *
answer(const struct conf *c, const json_t *q)
{
	const char *s[4] = { NULL };

	for (size_t i = 0; i < 4; i++)
		s[i] = json_string_value(json_array_get(q, i));
	switch (json_array_size(q)) {
	case 1:
		return json_boolean(conf_has_profile(c, s[0]));
	case 2:
		s[0] = conf_get(c, s[0], s[1]);
		break;
	case 3:
		s[0] = conf_section(c, s[0], s[1], s[2]);
		break;
	default:
		s[0] = conf_nested(c, s[0], s[1], s[2], s[3]);
	}
	return s[0] == NULL ? json_null() : json_string(s[0]);
}

static int
drive(void)
{
	struct err e = { 0 };
	struct conf *c = conf_load(&e);
	json_t *questions = json_loadf(stdin, 0, NULL), *q, *all;
	size_t i;

	all = c == NULL ? json_string(e.msg) : json_array();
	if (c != NULL)
		json_array_foreach(questions, i, q)
			json_array_append_new(all, answer(c, q));
	json_dumpf(all, stdout, JSON_ENCODE_ANY);
	json_decref(all);
	json_decref(questions);
	conf_free(c);
	return 0;
}

int
main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return drive();
	if (mkdtemp(directory) == NULL)
		abort();
	values();
	complaints();
	two_files();
	odd_places();
	if (chdir(directory) == 0) {
		(void)unlink("config");
		(void)unlink("credentials");
		(void)rmdir(directory);
	}
	return done();
}
