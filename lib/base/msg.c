/* msg.c - what a tool says to people, on stderr */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/msg.h"
#include "base/utf8.h"

enum { LINE_MAX_BYTES = 4096 };

static const char *tool = "rs";
static int level;
static bool progress_shown;

/*
 * Replace what could drive a terminal: C0 controls, DEL, and the C1 controls
 * in their UTF-8 form (0xc2 0x80 to 0xc2 0x9f) or as bytes of their own,
 * which are then not UTF-8, like a character cut in two at the end.
 */
static void
sanitize(char *s, size_t len)
{
	unsigned char *p = (unsigned char *)s;
	size_t bad, at = 0;

	while (!utf8_valid(s + at, len - at, &bad)) {
		at += bad;
		s[at] = '?';
	}

	for (size_t i = 0; i < len; i++) {
		if (p[i] < 0x20 || p[i] == 0x7f)
			p[i] = ' ';
		else if (p[i] == 0xc2 && i + 1 < len && p[i + 1] >= 0x80 &&
		    p[i + 1] <= 0x9f)
			p[i] = p[i + 1] = ' ';
	}
}

static void
write_all(const char *s, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDERR_FILENO, s, len);

		if (n <= 0)
			return;	/* nowhere left to complain */
		s += n;
		len -= (size_t)n;
	}
}

static void PRINTF(2, 0)
say(const char *label, const char *fmt, va_list ap)
{
	char line[LINE_MAX_BYTES];
	size_t max = sizeof(line) - 1, off = 0, len;

	if (progress_shown) {
		off = (size_t)snprintf(line, max, "\r\033[K");
		progress_shown = false;
	}
	len = off;
	len += (size_t)snprintf(line + len, max - len, "%s: %s", tool, label);
	vsnprintf(line + len, max - len, fmt, ap);
	len = strlen(line);
	sanitize(line + off, len - off);
	line[len++] = '\n';
	write_all(line, len);
}

void
msg_init(const char *name)
{
	tool = name;
}

const char *
msg_name(void)
{
	return tool;
}

void
msg_set_level(int new_level)
{
	level = new_level;
}

int
msg_level(void)
{
	return level;
}

void
msg_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
}

void
msg_hint(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("hint: ", fmt, ap);
	va_end(ap);
}

void
msg_debug(int wanted, const char *fmt, ...)
{
	va_list ap;

	if (level < wanted)
		return;
	va_start(ap, fmt);
	say(wanted > 1 ? "debug: " : "", fmt, ap);
	va_end(ap);
}

NORETURN void
msg_die(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
	_exit(status);
}

int
msg_err(const struct err *e)
{
	char trailer[160] = "";

	if (e->http != 0 && e->request_id[0] != '\0')
		snprintf(trailer, sizeof(trailer), " (HTTP %d, request %s)",
		    e->http, e->request_id);
	else if (e->http != 0)
		snprintf(trailer, sizeof(trailer), " (HTTP %d)", e->http);
	if (e->kind == ERR_SIGNAL)
		msg_progress_end();
	else
		msg_warn("%s%s", e->msg, trailer);
	if (e->hint[0] != '\0')
		msg_hint("%s", e->hint);
	return err_status(e);
}

bool
msg_progress_wanted(void)
{
	static int wanted = -1;
	const char *term;

	if (wanted == -1) {
		term = getenv("TERM");
		wanted = isatty(STDERR_FILENO) && term != NULL &&
		    strcmp(term, "dumb") != 0 &&
		    getenv("TF_IN_AUTOMATION") == NULL;
	}
	return wanted != 0;
}

void
msg_progress(const char *fmt, ...)
{
	char line[LINE_MAX_BYTES] = "\r\033[K";
	size_t off = strlen(line);
	va_list ap;

	if (!msg_progress_wanted())
		return;
	va_start(ap, fmt);
	vsnprintf(line + off, sizeof(line) - off, fmt, ap);
	va_end(ap);
	sanitize(line + off, strlen(line + off));
	write_all(line, strlen(line));
	progress_shown = true;
}

void
msg_progress_end(void)
{
	if (!progress_shown)
		return;
	write_all("\r\033[K", strlen("\r\033[K"));
	progress_shown = false;
}
