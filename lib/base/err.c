/* err.c - what went wrong, from where it happened to where it is told */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/sig.h"
#include "base/utf8.h"

/* Text was cut at size: do not leave half a character at its end. */
static void
mend(char *s, size_t size)
{
	size_t len = strlen(s), lead = len, bad;

	if (len + 1 < size)
		return;
	while (lead > 0 && len - lead < 3 && (s[lead - 1] & 0xc0) == 0x80)
		lead--;
	if (lead > 0 && !utf8_valid(s + lead - 1, len - lead + 1, &bad))
		s[lead - 1] = '\0';
}

int
err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	memset(e, 0, sizeof(*e));
	e->kind = kind;
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	mend(e->msg, sizeof(e->msg));
	return -1;
}

int
err_sys(struct err *e, int errnum, const char *fmt, ...)
{
	va_list ap;
	size_t len;

	memset(e, 0, sizeof(*e));
	e->kind = ERR_SYSTEM;
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	len = strlen(e->msg);
	snprintf(e->msg + len, sizeof(e->msg) - len, ": %s", strerror(errnum));
	mend(e->msg, sizeof(e->msg));
	return -1;
}

int
err_prefix(struct err *e, const char *fmt, ...)
{
	char inner[sizeof(e->msg)];
	va_list ap;
	size_t len;

	memcpy(inner, e->msg, sizeof(inner));
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	len = strlen(e->msg);
	snprintf(e->msg + len, sizeof(e->msg) - len, ": %s", inner);
	mend(e->msg, sizeof(e->msg));
	return -1;
}

int
err_hint(struct err *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->hint, sizeof(e->hint), fmt, ap);
	va_end(ap);
	mend(e->hint, sizeof(e->hint));
	return -1;
}

bool
err_is(const struct err *e, const char *code)
{
	return e->kind != ERR_NONE && strcmp(e->code, code) == 0;
}

int
err_status(const struct err *e)
{
	return err_kind_status(e->kind);
}

int
err_kind_status(enum err_kind kind)
{
	if (kind == ERR_SIGNAL)
		return 128 + sig_asked();
	return (int)kind;
}
