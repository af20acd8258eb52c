/* opt.c - one table of options for each tool: the parser */
#include <ctype.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/opt_help.h"

/* What getopt_long(3) returns for the long option in row i of the table. */
enum { ROW = 1000, HELP, VERSION, DUMP, FIRST_ROW = 2000 };

struct parser {
	const struct opt_tool *tool;
	void *out;
	struct option *longs;
	char *shorts;
	int verb;		/* -1 while it is not known */
	const struct opt **early;	/* those that came before the verb */
	size_t n_early, cap_early;
};

NORETURN void
opt_misuse(const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	msg_warn("%s", text);
	msg_hint("try '%s --help'", msg_name());
	exit(ERR_USAGE);
}

static size_t
count_rows(const struct opt *rows)
{
	size_t n = 0;

	while (rows[n].type != OPT_END)
		n++;
	return n;
}

/* getopt's tables, made from ours. The leading ':' keeps getopt silent. */
static void
parser_init(struct parser *p, const struct opt_tool *tool, void *out)
{
	size_t n = count_rows(tool->options), len = 0;
	struct option *o;

	*p = (struct parser){ .tool = tool, .out = out, .verb = -1 };
	p->longs = o = xcalloc(n + 4, sizeof(*p->longs));
	p->shorts = xcalloc(2 * n + 8, 1);
	p->shorts[len++] = '+';
	p->shorts[len++] = ':';
	p->shorts[len++] = 'h';
	p->shorts[len++] = 'V';
	for (size_t i = 0; i < n; i++) {
		const struct opt *row = &tool->options[i];

		o->name = row->name;
		o->has_arg = row->type != OPT_FLAG;
		o++->val = FIRST_ROW + (int)i;
		if (row->letter == '\0')
			continue;
		p->shorts[len++] = row->letter;
		if (row->type != OPT_FLAG)
			p->shorts[len++] = ':';
	}
	*o++ = (struct option){ "help", 0, NULL, HELP };
	*o++ = (struct option){ "version", 0, NULL, VERSION };
	*o++ = (struct option){ "dump-options", 0, NULL, DUMP };
}

static void
parser_release(struct parser *p)
{
	free(p->longs);
	free(p->shorts);
	free(p->early);
}

static int
number(const char *s, double *out, const char **end)
{
	size_t len = strspn(s, "0123456789.");
	char digits[32], *e;

	/* strtod(3) would take "0x10", "1e3" and "inf" as well. */
	if (len == 0 || len >= sizeof(digits))
		return -1;
	memcpy(digits, s, len);
	digits[len] = '\0';
	*out = strtod(digits, &e);
	if (e == digits || *e != '\0')
		return -1;
	*end = s + len;
	return 0;
}

int
opt_seconds(const char *s, double *out)
{
	static const struct { char unit; double seconds; } units[] = {
		{ 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }
	};
	const char *end;
	double n;

	if (number(s, &n, &end) == -1)
		return -1;
	for (size_t i = 0; *end != '\0' && i < ARRAY_LEN(units); i++)
		if (end[0] == units[i].unit && end[1] == '\0') {
			n *= units[i].seconds;
			end++;
		}
	if (*end != '\0')
		return -1;
	*out = n;
	return 0;
}

static NORETURN void
bad_value(const struct opt *o, const char *value, const char *wanted)
{
	opt_misuse("option '--%s': '%s' is not %s", o->name, value, wanted);
}

static void
check_range(const struct opt *o, const char *value, double n)
{
	if (n < o->min)
		opt_misuse("option '--%s': '%s' is below %g", o->name, value,
		    o->min);
	if (o->max != 0 && n > o->max)
		opt_misuse("option '--%s': '%s' is above %g", o->name, value,
		    o->max);
}

static int
enum_value(const struct opt *o, const char *value)
{
	char words[256] = "";
	size_t len = 0;

	for (int i = 0; o->names[i] != NULL; i++) {
		if (strcmp(o->names[i], value) == 0)
			return i;
		len += (size_t)snprintf(words + len, sizeof(words) - len,
		    "%s%s", i > 0 ? ", " : "one of ", o->names[i]);
	}
	bad_value(o, value, words);
}

void
opt_list_add(struct opt_list *list, const char *value)
{
	list->v = xgrow(list->v, list->n, &list->cap, sizeof(*list->v));
	list->v[list->n++] = value;
}

void
opt_list_release(struct opt_list *list)
{
	free(list->v);
	memset(list, 0, sizeof(*list));
}

void
opt_release(const struct opt_tool *tool, void *out)
{
	for (const struct opt *o = tool->options; o->type != OPT_END; o++)
		if (o->type == OPT_LIST)
			opt_list_release((void *)((char *)out + o->at));
}

static void
store_number(const struct opt *o, void *at, const char *value)
{
	struct opt_amount *amount = at;
	const char *end;
	double n;

	if (o->type == OPT_SECONDS) {
		if (opt_seconds(value, &n) == -1)
			bad_value(o, value, "a time such as 90, 30s or 15m");
		*(double *)at = n;
	} else if (o->type == OPT_UINT) {
		if (number(value, &n, &end) == -1 || *end != '\0' ||
		    n != floor(n) || n > 1e15)
			bad_value(o, value, "a whole number");
		*(unsigned long *)at = (unsigned long)n;
	} else {
		if (number(value, &n, &end) == -1 ||
		    (*end != '\0' && strcmp(end, "%") != 0))
			bad_value(o, value, "a number or a percentage");
		amount->value = n;
		amount->percent = *end == '%';
		if (amount->percent && n > 100)
			bad_value(o, value, "at most 100%");
	}
	check_range(o, value, n);
}

static void
store(const struct parser *p, const struct opt *o, const char *value)
{
	void *at = (char *)p->out + o->at;

	/* An empty value is a shell variable that was not set. */
	if (o->type != OPT_FLAG && *value == '\0')
		opt_misuse("option '--%s' has an empty value", o->name);
	if (o->at == OPT_NOWHERE) {
		int wanted = o->letter == 'v' ? 1 : 2;

		if (wanted > msg_level())
			msg_set_level(wanted);
		return;
	}
	switch (o->type) {
	case OPT_FLAG:
		*(bool *)at = true;
		break;
	case OPT_STR:
		*(const char **)at = value;
		break;
	case OPT_LIST:
		opt_list_add(at, value);
		break;
	case OPT_ENUM:
		*(int *)at = enum_value(o, value);
		break;
	default:
		store_number(o, at, value);
	}
}

static const struct opt *
find_letter(const struct opt_tool *tool, int letter)
{
	for (const struct opt *o = tool->options; o->type != OPT_END; o++)
		if (o->letter == letter)
			return o;
	return NULL;
}

/* How many long options begin with the len bytes at name. */
static int
count_matches(const struct parser *p, const char *name, size_t len)
{
	int n = 0;

	for (const struct option *o = p->longs; o->name != NULL; o++)
		n += strncmp(o->name, name, len) == 0;
	return n;
}

/* The value is left out of the message: it might be a secret. */
static NORETURN void
bad_option(const struct parser *p, char **argv)
{
	const char *word = argv[optind - 1];
	int len = (int)strcspn(word, "=");

	if (optopt >= ROW)
		opt_misuse("option '%.*s' takes no value", len, word);
	if (optopt != 0 && isgraph(optopt) && isascii(optopt))
		opt_misuse("unknown option '-%c'", optopt);
	if (optopt != 0)
		opt_misuse("unknown option '-\\x%02x'", (unsigned char)optopt);
	if (count_matches(p, word + 2, (size_t)len - 2) > 1)
		opt_misuse("option '%.*s' is ambiguous", len, word);
	opt_misuse("unknown option '%.*s'", len, word);
}

static NORETURN void
no_value(char **argv)
{
	if (optopt < ROW)
		opt_misuse("option '-%c' needs a value", optopt);
	opt_misuse("option '%s' needs a value", argv[optind - 1]);
}

static void
check_verb(const struct parser *p, const struct opt *o)
{
	if (p->verb >= 0 && o->verbs != 0 && !(o->verbs & 1u << p->verb))
		opt_misuse("option '--%s' does not belong to '%s'", o->name,
		    p->tool->verbs[p->verb].name);
}

static void
take(struct parser *p, int c, char **argv)
{
	const struct opt_tool *tool = p->tool;
	const struct opt *o;

	if (c == '?')
		bad_option(p, argv);
	if (c == ':')
		no_value(argv);
	if (c == HELP || c == 'h')
		exit(opt_print_help(tool));
	if (c == VERSION || c == 'V')
		exit(opt_print_version(tool));
	if (c == DUMP)
		exit(opt_print_table(tool));
	o = c >= FIRST_ROW ? &tool->options[c - FIRST_ROW] :
	    find_letter(tool, c);
	if (tool->verbs != NULL && p->verb == -1) {
		p->early = xgrow(p->early, p->n_early, &p->cap_early,
		    sizeof(*p->early));
		p->early[p->n_early++] = o;
	} else {
		check_verb(p, o);
	}
	store(p, o, optarg);
}

/*
 * Parse argv[0..argc) and return the index of the first operand. With
 * `in_order` the options end at the first operand, as a command needs it.
 */
static int
parse_part(struct parser *p, int argc, char **argv, bool in_order)
{
	int c;

	optind = 0;	/* GNU: start afresh */
	opterr = 0;
	while ((c = getopt_long(argc, argv, p->shorts + (in_order ? 0 : 1),
	    p->longs, NULL)) != -1)
		take(p, c, argv);
	return optind;
}

static int
find_verb(const struct opt_tool *tool, const char *word)
{
	for (int i = 0; tool->verbs[i].name != NULL; i++)
		if (strcmp(tool->verbs[i].name, word) == 0)
			return i;
	opt_misuse("unknown command '%s'", word);
}

static int
parse_verb(struct parser *p, int argc, char **argv, int *verb)
{
	int at = parse_part(p, argc, argv, true);

	if (at >= argc)
		opt_misuse("no command given");
	p->verb = *verb = find_verb(p->tool, argv[at]);
	for (size_t i = 0; i < p->n_early; i++)
		check_verb(p, p->early[i]);
	return at + parse_part(p, argc - at, argv + at,
	    p->tool->verbs[*verb].command);
}

int
opt_parse(const struct opt_tool *tool, int argc, char **argv, void *out,
    int *verb)
{
	struct parser p = { 0 };
	const char *operands = tool->operands;
	int rest;

	msg_init(tool->name);
	parser_init(&p, tool, out);
	if (tool->verbs != NULL) {
		rest = parse_verb(&p, argc, argv, verb);
		operands = tool->verbs[*verb].operands;
	} else {
		rest = parse_part(&p, argc, argv, false);
	}
	parser_release(&p);
	if (operands == NULL && rest < argc)
		opt_misuse("unexpected operand '%s'", argv[rest]);
	return rest;
}
