/* form.h - the parameters of a Query request, percent-encoded */
#ifndef AWS_FORM_H
#define AWS_FORM_H

#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"

struct form {
	char **name;
	char **value;
	size_t n, cap, cap_value;
};

/* Add, or replace, one parameter; both are copied. */
void	form_set(struct form *f, const char *name, const char *value);

/* The same with a name such as "Targets.member.3.Id". */
void	form_setf(struct form *f, const char *value, const char *fmt, ...)
	    PRINTF(3, 4);

/* The value of a parameter, borrowed, or NULL. */
const char *form_get(const struct form *f, const char *name);

/* name=value&... with everything but A-Z a-z 0-9 - . _ ~ as %XX. */
int	form_encode(const struct form *f, struct buf *out) MUST_USE;

void	form_release(struct form *f);	/* wipes the values */

#endif
