/* opt_help.c - what the option table says to people and to completions */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/msg.h"
#include "base/opt_help.h"

/* LEFT_MAX leaves the right side of --help 45 columns. */
enum { COLUMNS = 80, LEFT_MAX = 30, LEFT_SIZE = 96 };

static const struct opt standard[] = {
	{ .letter = 'h', .name = "help", .type = OPT_FLAG,
	    .group = OPT_SHARED, .help = "show the options and exit" },
	{ .letter = 'V', .name = "version", .type = OPT_FLAG,
	    .group = OPT_SHARED, .help = "show the version and exit" },
	{ .type = OPT_END }
};

static const char *const type_names[] = {
	[OPT_END] = "-",
	[OPT_FLAG] = "flag",
	[OPT_STR] = "string",
	[OPT_LIST] = "list",
	[OPT_UINT] = "number",
	[OPT_SECONDS] = "time",
	[OPT_ENUM] = "word",
	[OPT_AMOUNT] = "amount"
};
_Static_assert(ARRAY_LEN(type_names) == OPT_AMOUNT + 1, "a name each");

static int
finish(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout) && fclose(stdout) == 0)
		return 0;
	msg_warn("cannot write to standard output: %s", strerror(errno));
	return ERR_SYSTEM;
}

/* Print one word of a paragraph, on a new line when it does not fit. */
static void
wrap(size_t *column, size_t indent, const char *word, size_t len)
{
	if (*column > indent && *column + 1 + len > COLUMNS - 1) {
		printf("\n%*s", (int)indent, "");
		*column = indent;
	}
	printf(" %.*s", (int)len, word);
	*column += 1 + len;
}

/* One row: what to type on the left, what it does on the right. */
static void
print_row(size_t width, const char *left, const char *help)
{
	size_t len, column = width + 3;

	if (strlen(left) > width)
		printf("  %s\n%*s", left, (int)column, "");
	else
		printf("  %-*s ", (int)width, left);
	while (*help != '\0') {
		len = strcspn(help, " ");
		wrap(&column, width + 3, help, len);
		help += len + strspn(help + len, " ");
	}
	putchar('\n');
}

static void
option_left(const struct opt *o, char left[LEFT_SIZE])
{
	snprintf(left, LEFT_SIZE, "%c%c%s --%s%s%s", o->letter ? '-' : ' ',
	    o->letter ? o->letter : ' ', o->letter ? "," : " ", o->name,
	    o->arg ? " " : "", o->arg ? o->arg : "");
}

static void
verb_left(const struct opt_verb *v, char left[LEFT_SIZE])
{
	snprintf(left, LEFT_SIZE, "%s%s%s", v->name, v->operands ? " " : "",
	    v->operands ? v->operands : "");
}

/* As wide as the widest left side that leaves room for the right one. */
static void
widen(size_t *width, const char *left)
{
	size_t len = strlen(left);

	if (len > *width && len <= LEFT_MAX)
		*width = len;
}

static size_t
left_width(const struct opt_tool *tool)
{
	char left[LEFT_SIZE];
	size_t width = 0;

	for (const struct opt_verb *v = tool->verbs;
	    v != NULL && v->name != NULL; v++) {
		verb_left(v, left);
		widen(&width, left);
	}
	for (const struct opt *o = tool->options; o->type != OPT_END; o++) {
		option_left(o, left);
		if (o->group == OPT_OWN)
			widen(&width, left);
	}
	return width;
}

static void
print_verbs_help(const struct opt_tool *tool, size_t width)
{
	char left[LEFT_SIZE];

	for (const struct opt_verb *v = tool->verbs; v->name != NULL; v++) {
		verb_left(v, left);
		print_row(width, left, v->help);
	}
	putchar('\n');
}

static void
print_own(const struct opt *o, size_t width)
{
	char left[LEFT_SIZE];

	for (; o->type != OPT_END; o++) {
		if (o->group != OPT_OWN)
			continue;
		option_left(o, left);
		print_row(width, left, o->help);
	}
	putchar('\n');
}

static void
print_shared(const struct opt *o)
{
	char word[LEFT_SIZE];
	size_t column = 1;

	printf("In every tool, see rs-tools(7):\n ");
	for (; o->type != OPT_END; o++) {
		if (o->group != OPT_SHARED)
			continue;
		if (o->letter != '\0')
			snprintf(word, sizeof(word), "-%c", o->letter);
		else
			snprintf(word, sizeof(word), "--%s%s%s", o->name,
			    o->arg ? " " : "", o->arg ? o->arg : "");
		wrap(&column, 1, word, strlen(word));
	}
	wrap(&column, 1, "--help", strlen("--help"));
	wrap(&column, 1, "--version", strlen("--version"));
	putchar('\n');
}

int
opt_print_help(const struct opt_tool *tool)
{
	size_t width = left_width(tool);
	bool verbs = tool->verbs != NULL;

	printf("usage: %s%s [options]%s%s\n", tool->name,
	    verbs ? " command" : "", tool->operands ? " " : "",
	    tool->operands ? tool->operands : "");
	printf("%s\n\n", tool->summary);
	if (verbs)
		print_verbs_help(tool, width);
	print_own(tool->options, width);
	print_shared(tool->options);
	return finish();
}

int
opt_print_version(const struct opt_tool *tool)
{
	printf("%s %s\n", tool->name, RS_VERSION);
	return finish();
}

static const char *
or_dash(const char *s)
{
	return s == NULL || *s == '\0' ? "-" : s;
}

static void
print_words(const char *const *names)
{
	if (names == NULL)
		printf("-");
	else
		for (int i = 0; names[i] != NULL; i++)
			printf("%s%s", i > 0 ? "," : "", names[i]);
}

static void
print_verbs(const struct opt_tool *tool, unsigned mask)
{
	const char *comma = "";

	if (tool->verbs == NULL || mask == 0) {
		printf("-");
		return;
	}
	for (int i = 0; tool->verbs[i].name != NULL; i++)
		if (mask & 1u << i) {
			printf("%s%s", comma, tool->verbs[i].name);
			comma = ",";
		}
}

static void
print_rows(const struct opt_tool *tool, const struct opt *rows)
{
	for (; rows->type != OPT_END; rows++) {
		if (rows->group == OPT_HIDDEN)
			continue;
		printf("option\t%c\t%s\t%s\t%s\t",
		    rows->letter ? rows->letter : '-', rows->name,
		    or_dash(rows->arg),
		    rows->group == OPT_SHARED ? "shared" : "own");
		print_words(rows->names);
		putchar('\t');
		print_verbs(tool, rows->verbs);
		printf("\t%s\t%s\n", type_names[rows->type],
		    or_dash(rows->help));
	}
}

int
opt_print_table(const struct opt_tool *tool)
{
	printf("tool\t%s\t%s\t%s\n", tool->name, tool->summary,
	    or_dash(tool->operands));
	for (const struct opt_verb *v = tool->verbs;
	    v != NULL && v->name != NULL; v++)
		printf("verb\t%s\t%s\t%s\n", v->name, v->help,
		    or_dash(v->operands));
	print_rows(tool, tool->options);
	print_rows(tool, standard);
	return finish();
}
