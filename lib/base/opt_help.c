/* opt_help.c - what the option table says to people and to completions */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/msg.h"
#include "base/opt_help.h"

enum { COLUMNS = 80, HELP_COLUMN = 28 };

static const struct opt standard[] = {
	{ .letter = 'h', .name = "help", .type = OPT_FLAG,
	    .group = OPT_SHARED, .help = "show the options and exit" },
	{ .letter = 'V', .name = "version", .type = OPT_FLAG,
	    .group = OPT_SHARED, .help = "show the version and exit" },
	{ .type = OPT_END }
};

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
wrap(size_t *column, const char *word)
{
	size_t len = strlen(word);

	if (*column + 1 + len > COLUMNS - 1) {
		printf("\n ");
		*column = 1;
	}
	printf(" %s", word);
	*column += 1 + len;
}

static void
print_shared(const struct opt *rows, size_t *column)
{
	char word[64];

	for (; rows->type != OPT_END; rows++) {
		if (rows->group != OPT_SHARED)
			continue;
		if (rows->letter != '\0')
			snprintf(word, sizeof(word), "-%c", rows->letter);
		else if (rows->arg != NULL)
			snprintf(word, sizeof(word), "--%s %s", rows->name,
			    rows->arg);
		else
			snprintf(word, sizeof(word), "--%s", rows->name);
		wrap(column, word);
	}
}

static void
print_own(const struct opt *rows)
{
	char left[80];

	for (; rows->type != OPT_END; rows++) {
		if (rows->group != OPT_OWN)
			continue;
		snprintf(left, sizeof(left), "%c%c%s --%s%s%s",
		    rows->letter ? '-' : ' ',
		    rows->letter ? rows->letter : ' ',
		    rows->letter ? "," : " ", rows->name,
		    rows->arg ? " " : "", rows->arg ? rows->arg : "");
		printf("  %-*s%s%s\n", HELP_COLUMN - 3, left,
		    strlen(left) >= HELP_COLUMN - 3 ? "  " : "", rows->help);
	}
}

static void
print_synopsis(const struct opt_tool *tool)
{
	if (tool->verbs == NULL) {
		printf("usage: %s [options]%s%s\n", tool->name,
		    tool->operands ? " " : "",
		    tool->operands ? tool->operands : "");
		return;
	}
	for (const struct opt_verb *v = tool->verbs; v->name != NULL; v++)
		printf("%s %s %s [options]%s%s\n",
		    v == tool->verbs ? "usage:" : "      ", tool->name,
		    v->name, v->operands ? " " : "",
		    v->operands ? v->operands : "");
}

int
opt_print_help(const struct opt_tool *tool)
{
	size_t column = 1;

	print_synopsis(tool);
	printf("%s\n\n", tool->summary);
	print_own(tool->options);
	printf("\nIn every tool, see rs-tools(7):\n ");
	print_shared(tool->options, &column);
	wrap(&column, "--help");
	wrap(&column, "--version");
	putchar('\n');
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
		printf("\t%s\n", or_dash(rows->help));
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
