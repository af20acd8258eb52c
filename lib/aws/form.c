/* form.c - the parameters of a Query request, percent-encoded */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/form.h"
#include "aws/uri.h"
#include "base/alloc.h"

enum { NAME_MAX_BYTES = 256 };

static void
wipe(char *s)
{
	if (s != NULL)
		explicit_bzero(s, strlen(s));
	free(s);
}

void
form_set(struct form *f, const char *name, const char *value)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->name[i], name) == 0) {
			char *copy = xstrdup(value);

			wipe(f->value[i]);
			f->value[i] = copy;
			return;
		}
	f->name = xgrow(f->name, f->n, &f->cap, sizeof(*f->name));
	f->value = xgrow(f->value, f->n, &f->cap_value, sizeof(*f->value));
	f->name[f->n] = xstrdup(name);
	f->value[f->n++] = xstrdup(value);
}

void
form_setf(struct form *f, const char *value, const char *fmt, ...)
{
	char name[NAME_MAX_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	form_set(f, name, value);
}

const char *
form_get(const struct form *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->name[i], name) == 0)
			return f->value[i];
	return NULL;
}

int
form_encode(const struct form *f, struct buf *out)
{
	for (size_t i = 0; i < f->n; i++) {
		const char *name = f->name[i], *value = f->value[i];

		if ((i > 0 && buf_putc(out, '&') == -1) ||
		    uri_encode(out, name, strlen(name), false) == -1 ||
		    buf_putc(out, '=') == -1 ||
		    uri_encode(out, value, strlen(value), false) == -1)
			return -1;
	}
	return 0;
}

void
form_release(struct form *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->name[i]);
		wipe(f->value[i]);
	}
	free(f->name);
	free(f->value);
	*f = (struct form){ 0 };
}
