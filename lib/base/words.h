/* words.h - words in a list, and the words of a command line */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stdbool.h>
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

/* Is word one of the n? */
bool	words_have(const char *const *list, size_t n, const char *word);

#endif
