/*
 * opt.h - one table of options for each tool
 *
 * The table drives the parser, --help, the completions (through the hidden
 * --dump-options) and the test that the manual documents exactly these
 * options. Parsing follows getopt_long(3): options and operands may mix,
 * "--" ends the options, "--name=value" and unique abbreviations work.
 */
#ifndef BASE_OPT_H
#define BASE_OPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

enum opt_type {
	OPT_END = 0,
	OPT_FLAG,	/* bool */
	OPT_STR,	/* const char *, borrowed from argv */
	OPT_LIST,	/* struct opt_list: may be given again */
	OPT_UINT,	/* unsigned long between min and max */
	OPT_SECONDS,	/* double: 90, 1.5, 30s, 15m, 2h, 1d */
	OPT_ENUM,	/* int: the place of the word in names */
	OPT_AMOUNT	/* struct opt_amount: 3, or 50% */
};

enum opt_group {
	OPT_OWN = 0,	/* this tool's: a line each in --help */
	OPT_SHARED,	/* every tool's: named together in --help */
	OPT_HIDDEN
};

struct opt_list {
	const char **v;
	size_t n, cap;
};

struct opt_amount {
	double value;
	bool percent;
};

/*
 * One option. `at` is the offset of its member in the tool's struct, which
 * holds the default before parsing. `verbs` has a bit for each verb that
 * takes the option, 0 for all. min and max bound numbers, both included;
 * max 0 means no upper bound. A value is never the empty string.
 */
struct opt {
	char letter;
	const char *name;
	enum opt_type type;
	size_t at;
	const char *arg;
	const char *help;
	double min, max;
	const char *const *names;
	unsigned verbs;
	enum opt_group group;
};

struct opt_verb {
	const char *name;
	const char *operands;
	const char *help;
	bool command;		/* what follows the options is a command */
};

struct opt_tool {
	const char *name;
	const char *summary;	/* one line, for --help */
	const char *operands;	/* for the synopsis; NULL: takes none */
	const struct opt *options;
	const struct opt_verb *verbs;	/* ended by a NULL name; or NULL */
};

/* -v and --debug, for tables; --help and --version need no row. */
#define OPT_VERBOSE							\
	{ .letter = 'v', .name = "verbose", .type = OPT_FLAG,		\
	    .at = OPT_NOWHERE, .group = OPT_SHARED,			\
	    .help = "say what is being done" },				\
	{ .name = "debug", .type = OPT_FLAG,				\
	    .at = OPT_NOWHERE, .group = OPT_SHARED,			\
	    .help = "show requests and answers, secrets masked" }
#define OPT_NOWHERE ((size_t)-1)

/*
 * Parse argv into the struct at out and call msg_init() and msg_set_level().
 * Returns the index in argv of the first operand; *verb (when the tool has
 * verbs) is the index of the verb. Operands stand together at the end of
 * argv afterwards. Ends the program: status 0 after --help and --version,
 * 2 after a mistake, with two lines on stderr.
 */
int	opt_parse(const struct opt_tool *tool, int argc, char **argv,
	    void *out, int *verb);

/* Misuse that no table can see: two lines on stderr, status 2. */
NORETURN void opt_misuse(const char *fmt, ...) PRINTF(1, 2);

/* Seconds as in OPT_SECONDS. Returns 0, or -1 when s is anything else. */
int	opt_seconds(const char *s, double *out) MUST_USE;

/* Append one value, borrowed. */
void	opt_list_add(struct opt_list *list, const char *value);
void	opt_list_release(struct opt_list *list);

/* Release every list that opt_parse() may have filled in the struct at out. */
void	opt_release(const struct opt_tool *tool, void *out);

#endif
