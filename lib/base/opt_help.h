/*
 * opt_help.h - what opt.h's table says to people and to the completions
 *
 * Each returns the exit status: 0, or 8 when stdout could not be written.
 */
#ifndef BASE_OPT_HELP_H
#define BASE_OPT_HELP_H

#include "base/attr.h"
#include "base/opt.h"

/* The synopsis and every option, at most 80 columns. */
int	opt_print_help(const struct opt_tool *tool) MUST_USE;
int	opt_print_version(const struct opt_tool *tool) MUST_USE;

/*
 * The table in a form for programs, one tab-separated line a row:
 *	tool	NAME	SUMMARY	OPERANDS
 *	verb	NAME	HELP	OPERANDS
 *	option	LETTER	NAME	ARG	GROUP	WORDS	VERBS	TYPE	HELP
 * An empty field is "-"; WORDS and VERBS are separated by commas; GROUP is
 * own or shared; TYPE is flag, string, list, number, time, word or amount.
 */
int	opt_print_table(const struct opt_tool *tool) MUST_USE;

#endif
