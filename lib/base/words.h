/* words.h - split a command line into words, without a shell */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stddef.h>

#include "base/attr.h"

struct words {
	char **v;	/* ended by a NULL that n does not count */
	size_t n, cap;
};

/*
 * The rules of a POSIX shell for quotes and backslashes, and nothing else:
 * no variables, no globs, no comments. These are the rules the AWS CLI has
 * for credential_process and for the names of sections. Returns 0; or -1
 * when a quote is not closed or a backslash ends the text, with w empty.
 */
int	words_split(const char *s, struct words *w) MUST_USE;

void	words_release(struct words *w);

#endif
