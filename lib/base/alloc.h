/*
 * alloc.h - memory that is always there
 *
 * Running out of memory ends the program with status 8 and one line on
 * stderr: branches that nobody can test are worse than an honest end. This
 * is the only place below cmd/ that exits. What these functions return
 * belongs to the caller, who gives it to free().
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stdarg.h>
#include <stddef.h>

#include "base/attr.h"

void	*xmalloc(size_t size) __attribute__((malloc));
void	*xcalloc(size_t n, size_t size) __attribute__((malloc));

/* Resize to n * size bytes; a product that overflows ends the program. */
void	*xreallocarray(void *p, size_t n, size_t size);

/* xstrdup(NULL) is NULL, so that an absent string stays absent. */
char	*xstrdup(const char *s);
char	*xstrndup(const char *s, size_t max);
char	*xasprintf(const char *fmt, ...) PRINTF(1, 2);
char	*xvasprintf(const char *fmt, va_list ap) PRINTF(1, 0);

/*
 * free(3) and realloc(3) that overwrite what they give back, for memory that
 * may hold secrets. Size 0 frees and returns NULL.
 */
void	xwipe_free(void *p);
void	*xwipe_realloc(void *p, size_t size);

/*
 * Make room for one more element: returns v, or a larger copy of it, with
 * space for at least n + 1 elements. *cap is the capacity in elements.
 */
void	*xgrow(void *v, size_t n, size_t *cap, size_t size);

#endif
