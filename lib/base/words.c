/* words.c - words in a list, and the words of a command line */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/words.h"

static const char blanks[] = " \t\r\n";

/*
 * Copy the part in quotes after *s, which stands on the quote, to *to; leave
 * *s behind the closing one. Between double quotes a backslash hides only a
 * double quote or another backslash.
 */
static int
copy_quoted(const char **s, char **to)
{
	char quote = *(*s)++;

	for (; **s != quote; (*s)++) {
		if (**s == '\0')
			return -1;
		if (quote == '"' && **s == '\\' &&
		    ((*s)[1] == '"' || (*s)[1] == '\\'))
			(*s)++;
		*(*to)++ = **s;
	}
	(*s)++;
	return 0;
}

/* Copy one word from *s to `to`, which is large enough. */
static int
copy_word(const char **s, char *to)
{
	while (**s != '\0' && strchr(blanks, **s) == NULL) {
		if (**s == '\'' || **s == '"') {
			if (copy_quoted(s, &to) == -1)
				return -1;
			continue;
		}
		if (**s == '\\' && *++*s == '\0')
			return -1;
		*to++ = *(*s)++;
	}
	*to = '\0';
	return 0;
}

int
words_split(const char *s, struct words *w)
{
	int ret = 0;

	memset(w, 0, sizeof(*w));
	for (s += strspn(s, blanks); *s != '\0' && ret == 0;
	    s += strspn(s, blanks)) {
		w->v = xgrow(w->v, w->n + 1, &w->cap, sizeof(*w->v));
		w->v[w->n] = xcalloc(strlen(s) + 1, 1);
		ret = copy_word(&s, w->v[w->n++]);
	}
	w->v = xgrow(w->v, w->n + 1, &w->cap, sizeof(*w->v));
	w->v[w->n] = NULL;
	if (ret == -1)
		words_release(w);
	return ret;
}

void
words_release(struct words *w)
{
	for (size_t i = 0; i < w->n; i++)
		xwipe_free(w->v[i]);
	free(w->v);
	memset(w, 0, sizeof(*w));
}

bool
words_have(const char *const *list, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], word) == 0)
			return true;
	return false;
}
