/* test_opt.c - the parser, against command lines that mean it no good */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/opt.h"
#include "tap.h"

struct opts {
	bool check;
	const char *group;
	struct opt_list own;
	unsigned long min;
	double timeout;
	int from;
	struct opt_amount most;
};

#define AT(m) .at = offsetof(struct opts, m)
static const char *const from_names[] = { "auto", "access", NULL };
static const struct opt options[] = {
	{ .letter = 'c', .name = "check", .type = OPT_FLAG, AT(check),
	    .verbs = 1, .help = "check" },
	{ .letter = 'g', .name = "group", .type = OPT_STR, AT(group),
	    .arg = "name", .help = "group" },
	{ .letter = 'o', .name = "own", .type = OPT_LIST, AT(own),
	    .arg = "cidr", .help = "own" },
	{ .name = "min", .type = OPT_UINT, AT(min), .arg = "n", .min = 1,
	    .max = 10, .help = "min" },
	{ .letter = 't', .name = "timeout", .type = OPT_SECONDS, AT(timeout),
	    .arg = "time", .help = "timeout" },
	{ .name = "from", .type = OPT_ENUM, AT(from), .arg = "where",
	    .names = from_names, .help = "from" },
	{ .name = "most", .type = OPT_AMOUNT, AT(most), .arg = "n|n%",
	    .help = "most" },
	{ .name = "mostly", .type = OPT_FLAG, .at = OPT_NOWHERE,
	    .group = OPT_HIDDEN, .help = "hidden" },
	OPT_VERBOSE,
	{ .type = OPT_END }
};
static const struct opt_verb verbs[] = {
	{ .name = "run", .operands = "name -- command", .command = true,
	    .help = "run" },
	{ .name = "status", .operands = "[name ...]", .help = "status" },
	{ .name = "list", .help = "list" },
	{ .name = NULL }
};
static const struct opt_tool plain = { .name = "rs-test",
	.summary = "Test.", .operands = "[name ...]", .options = options };
static const struct opt_tool with_verbs = { .name = "rs-test",
	.summary = "Test.", .options = options, .verbs = verbs };
static const struct opt_tool without_operands = { .name = "rs-test",
	.summary = "Test.", .options = options };

enum { MAX_WORDS = 16 };

/* Split at blanks; a word "''" is the empty string. */
static int
split(const char *line, char *copy, char **argv)
{
	int argc = 0;

	strcpy(copy, line);
	for (char *w = strtok(copy, " "); w != NULL; w = strtok(NULL, " "))
		argv[argc++] = strcmp(w, "''") == 0 ? w + 2 : w;
	argv[argc] = NULL;
	return argc;
}

/* The status the parser ends a child with; 100 when it returned. */
static int
status_of(const struct opt_tool *tool, const char *line)
{
	char copy[256], *argv[MAX_WORDS + 1];
	struct opts o = { .min = 1 };
	int verb, status, argc = split(line, copy, argv);
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (freopen("/dev/null", "w", stdout) == NULL ||
		    freopen("/dev/null", "w", stderr) == NULL)
			_exit(99);
		opt_parse(tool, argc, argv, &o, &verb);
		opt_list_release(&o.own);
		exit(100);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static const char *const refused[] = {
	"rs-test --nothing", "rs-test -x", "rs-test -cx", "rs-test --check=1",
	"rs-test --group", "rs-test -g", "rs-test -g ''", "rs-test --group=",
	"rs-test --own=", "rs-test --min=0", "rs-test --min=11",
	"rs-test --min=2.5", "rs-test --min=-1", "rs-test --min=+1",
	"rs-test --min=0x2", "rs-test --min=1e0",
	"rs-test --min=99999999999999999999", "rs-test --min=2x",
	"rs-test --min=.", "rs-test --timeout=x",
	"rs-test --timeout=5y", "rs-test --timeout=5ms",
	"rs-test --timeout=-5", "rs-test --timeout=inf",
	"rs-test --timeout=nan", "rs-test --timeout=1e3",
	"rs-test --timeout=1.2.3", "rs-test --timeout=s",
	"rs-test --timeout=5mm",
	"rs-test --from=Auto", "rs-test --from=aut",
	"rs-test --from=auto,access",
	"rs-test --most=101%", "rs-test --most=5%%", "rs-test --most=%",
	"rs-test --most=5x", "rs-test --mo=5", "rs-test --", "rs-test -"
};

static const char *const refused_with_verbs[] = {
	"rs-test", "rs-test --", "rs-test nothing", "rs-test ''",
	"rs-test stat", "rs-test status --check", "rs-test --check status",
	"rs-test -c status", "rs-test list operand", "rs-test list -- operand",
	"rs-test status --nothing", "rs-test --group=x"
};

static void
test_refused(void)
{
	/* The last two are operands, which this tool does not refuse. */
	for (size_t i = 0; i < ARRAY_LEN(refused) - 2; i++)
		ok(status_of(&plain, refused[i]) == 2, "misuse: %s",
		    refused[i]);
	for (size_t i = 0; i < ARRAY_LEN(refused_with_verbs); i++)
		ok(status_of(&with_verbs, refused_with_verbs[i]) == 2,
		    "misuse: %s", refused_with_verbs[i]);
	is_int(status_of(&without_operands, "rs-test operand"), 2,
	    "an operand where none belongs");
	is_int(status_of(&without_operands, "rs-test -- -c"), 2,
	    "also behind --");
	is_int(status_of(&plain, "rs-test -- --nothing"), 100,
	    "behind -- there are no options");
	is_int(status_of(&plain, "rs-test - a"), 100, "- is an operand");
}

static void
test_help(void)
{
	is_int(status_of(&plain, "rs-test --help"), 0, "--help is a success");
	is_int(status_of(&plain, "rs-test -h"), 0, "-h too");
	is_int(status_of(&plain, "rs-test a b -V"), 0, "-V, after operands");
	is_int(status_of(&with_verbs, "rs-test run --help"), 0,
	    "--help after a verb");
	is_int(status_of(&with_verbs, "rs-test run a -- x --help"), 100,
	    "a command keeps its options");
	is_int(status_of(&with_verbs, "rs-test run a x --help"), 100,
	    "without -- as well");
}

/* Parse a line that is right; the words are those of the caller's copy. */
static int
parse(const struct opt_tool *tool, const char *line, char *copy,
    char **argv, struct opts *o, int *verb)
{
	*o = (struct opts){ .group = "default", .min = 3, .timeout = 30,
		.from = 1, .most = { 50, true } };
	*verb = -1;
	return opt_parse(tool, split(line, copy, argv), argv, o, verb);
}

static void
test_values(void)
{
	char copy[256], *argv[MAX_WORDS + 1];
	struct opts o;
	int verb, rest;

	rest = parse(&plain, "rs-test", copy, argv, &o, &verb);
	is_int(rest, 1, "no operands");
	is_str(o.group, "default", "defaults stay");
	is_int(o.min, 3, "numbers too");
	rest = parse(&plain, "rs-test a -cgx --min=10 b --timeout 1.5m "
	    "--from=auto --most 7 -o 10/8 --own=11/8 -- -c", copy, argv, &o,
	    &verb);
	ok(o.check, "a flag in a bundle");
	is_str(o.group, "x", "a value at the end of a bundle");
	is_int(o.min, 10, "a number at its limit");
	ok(o.timeout == 90, "minutes with a fraction");
	is_int(o.from, 0, "a word");
	ok(o.most.value == 7 && !o.most.percent, "an amount");
	is_int(o.own.n, 2, "a list");
	is_str(o.own.v[0], "10/8", "in the order given");
	is_str(o.own.v[1], "11/8", "to the last");
	is_str(argv[rest], "a", "operands stand together");
	is_str(argv[rest + 1], "b", "in order");
	is_str(argv[rest + 2], "-c", "also what follows --");
	opt_release(&plain, &o);
	ok(o.own.v == NULL && o.own.n == 0, "the lists can be released");
	parse(&plain, "rs-test --chec --most=25% --group=a=b -g -x", copy,
	    argv, &o, &verb);
	ok(o.check, "an abbreviation");
	ok(o.most.value == 25 && o.most.percent, "a percentage");
	is_str(o.group, "-x", "the last value wins, whatever it looks like");
	parse(&plain, "rs-test --group=a=b", copy, argv, &o, &verb);
	is_str(o.group, "a=b", "a value may contain =");
	is_int(msg_level(), 0, "quiet so far");
	parse(&plain, "rs-test -v", copy, argv, &o, &verb);
	is_int(msg_level(), 1, "-v");
	parse(&plain, "rs-test --debug -v", copy, argv, &o, &verb);
	is_int(msg_level(), 2, "--debug is more than -v");
	msg_set_level(0);
}

static void
test_verbs(void)
{
	char copy[256], *argv[MAX_WORDS + 1];
	struct opts o;
	int verb, rest;

	rest = parse(&with_verbs, "rs-test --check -g x run --min 2 etl -- "
	    "ls -c --nothing", copy, argv, &o, &verb);
	is_int(verb, 0, "the verb");
	ok(o.check && o.min == 2, "options before and after it");
	is_str(argv[rest], "etl", "its operand");
	is_str(argv[rest + 1], "--", "the command is left alone");
	is_str(argv[rest + 3], "-c", "with its options");
	rest = parse(&with_verbs, "rs-test status a -g y b", copy, argv, &o,
	    &verb);
	is_int(verb, 1, "another verb");
	is_str(argv[rest], "a", "operands and options may mix");
	is_str(argv[rest + 1], "b", "here");
	is_str(o.group, "y", "and the option counts");
}

static void
test_seconds(void)
{
	static const struct { const char *text; double seconds; } rows[] = {
		{ "0", 0 }, { "90", 90 }, { "1.5", 1.5 }, { ".5", 0.5 },
		{ "30s", 30 }, { "15m", 900 }, { "2h", 7200 },
		{ "1d", 86400 }, { "0.5h", 1800 }
	};
	double got;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ok(opt_seconds(rows[i].text, &got) == 0 &&
		    got == rows[i].seconds, "'%s' is %g seconds",
		    rows[i].text, rows[i].seconds);
}

int
main(void)
{
	test_values();
	test_verbs();
	test_refused();
	test_help();
	test_seconds();
	return done();
}
