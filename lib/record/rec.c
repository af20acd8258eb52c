/* rec.c - streams of records: one JSON object a line */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/sig.h"
#include "record/rec.h"

enum { READ_SIZE = 64 * 1024 };

/* Twelve digits: seconds to the microsecond, and no 0.30000000000000004. */
#define DUMP_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(12))

void
rec_in_init(struct rec_in *in, int fd, const char *name)
{
	memset(in, 0, sizeof(*in));
	in->fd = fd;
	in->name = name;
	buf_init(&in->buf, REC_LINE_MAX + READ_SIZE);
}

void
rec_in_release(struct rec_in *in)
{
	buf_release(&in->buf);
	json_decref(in->object);
	in->object = NULL;
}

int
rec_wait_input(int fd, const char *name, struct err *e)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	sigset_t waiting;
	int n = -1, errnum = EINTR;

	sig_hold(&waiting);
	while (sig_caught() == 0 && n == -1 && errnum == EINTR) {
		n = ppoll(&pfd, 1, NULL, &waiting);
		errnum = errno;
	}
	sig_resume(&waiting);
	if (sig_caught() != 0)
		return err_set(e, ERR_SIGNAL, "stopped by a signal");
	if (n == -1)
		return err_sys(e, errnum, "cannot wait for %s", name);
	return 0;
}

/* Read more bytes; sets in->eof at the end. */
static int
fill(struct rec_in *in, struct err *e)
{
	char chunk[READ_SIZE];
	ssize_t n;

	/* Others may read the same pipe, or have made it non-blocking. */
	do {
		if (rec_wait_input(in->fd, in->name, e) == -1)
			return -1;
		n = read(in->fd, chunk, sizeof(chunk));
	} while (n == -1 && (errno == EINTR || errno == EAGAIN));
	if (n == -1)
		return err_sys(e, errno, "cannot read %s", in->name);
	in->eof = n == 0;
	buf_drop(&in->buf, in->used);
	in->used = 0;
	if (buf_add(&in->buf, chunk, (size_t)n) == -1)
		return err_set(e, ERR_RECORD, "%s: line %zu is longer than "
		    "%d bytes", in->name, in->line + 1, REC_LINE_MAX);
	return 0;
}

/*
 * The next line, without its newline. Returns 1, 0 at the end of the input,
 * -1 on error. The text stays in in->buf until the next call.
 */
static int
next_line(struct rec_in *in, const char **text, size_t *len, struct err *e)
{
	size_t looked = 0, have;
	char *nl;

	for (;;) {
		have = in->buf.len - in->used;
		nl = memchr(in->buf.s + in->used + looked, '\n',
		    have - looked);
		looked = have;
		if (nl != NULL || in->eof)
			break;
		if (fill(in, e) == -1)
			return -1;
	}
	if (nl == NULL && have == 0)
		return 0;
	*text = in->buf.s + in->used;
	*len = nl != NULL ? (size_t)(nl - *text) : have;
	in->used += nl != NULL ? *len + 1 : *len;
	in->line++;
	if (*len > REC_LINE_MAX)
		return err_set(e, ERR_RECORD, "%s: line %zu is longer than "
		    "%d bytes", in->name, in->line, REC_LINE_MAX);
	return 1;
}

static bool
is_blank(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (strchr(" \t\r", text[i]) == NULL || text[i] == '\0')
			return false;
	return true;
}

static int
decode(struct rec_in *in, struct rec *rec, struct err *e)
{
	json_error_t why;

	json_decref(in->object);
	in->object = json_loadb(rec->text, rec->len, JSON_REJECT_DUPLICATES,
	    &why);
	/* An integer beyond 64 bits is no reason to refuse what we pass on. */
	if (in->object == NULL &&
	    json_error_code(&why) == json_error_numeric_overflow)
		in->object = json_loadb(rec->text, rec->len,
		    JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &why);
	if (in->object == NULL)
		return err_set(e, ERR_RECORD, "%s: line %zu is not JSON: %s",
		    in->name, in->line, why.text);
	rec->object = in->object;
	rec->kind = json_string_value(json_object_get(in->object, "kind"));
	rec->line = in->line;
	if (rec->kind == NULL)
		return err_set(e, ERR_RECORD, "%s: line %zu is not a record: "
		    "it has no \"kind\"", in->name, in->line);
	return 0;
}

int
rec_next_text(struct rec_in *in, struct rec *rec, struct err *e)
{
	int rc;

	do
		rc = next_line(in, &rec->text, &rec->len, e);
	while (rc == 1 && is_blank(rec->text, rec->len));
	rec->line = in->line;
	if (rc == 1)
		in->ended = false;
	return rc;
}

bool
rec_is_end(const struct rec *rec)
{
	return strcmp(rec->kind, "end") == 0;
}

int
rec_parse(struct rec_in *in, struct rec *rec, struct err *e)
{
	if (decode(in, rec, e) == -1)
		return -1;
	in->ended = rec_is_end(rec);
	if (in->ended && !json_is_true(json_object_get(rec->object,
	    "complete")))
		in->incomplete = true;
	return 1;
}

int
rec_next(struct rec_in *in, struct rec *rec, struct err *e)
{
	int rc;

	do {
		rc = rec_next_text(in, rec, e);
		if (rc == 1)
			rc = rec_parse(in, rec, e);
	} while (rc == 1 && rec_is_end(rec));
	return rc;
}

bool
rec_complete(const struct rec_in *in)
{
	return in->ended && !in->incomplete;
}

int
rec_truncated(const struct rec_in *in, struct err *e)
{
	err_set(e, ERR_RECORD, in->incomplete ?
	    "%s: the stage before did not finish its work" :
	    "%s: the stream is truncated: it has no end record", in->name);
	return err_hint(e, "nothing was done; see the messages before this "
	    "one");
}

const char *
rec_str(const struct rec *rec, const char *member, struct err *e)
{
	json_t *v = json_object_get(rec->object, member);

	if (v == NULL || json_is_null(v))
		return NULL;
	if (!json_is_string(v))
		err_set(e, ERR_RECORD, "line %zu: member \"%s\" of the %s "
		    "record is not a string", rec->line, member, rec->kind);
	return json_string_value(v);
}

void
rec_out_init(struct rec_out *out, const char *tool)
{
	memset(out, 0, sizeof(*out));
	out->tool = tool;
}

/*
 * A reader that does not read must not keep us from stopping; one that made
 * the pipe non-blocking must not make us fail.
 */
static void
write_failed(struct rec_out *out, int errnum)
{
	struct pollfd pfd = { .fd = STDOUT_FILENO, .events = POLLOUT };

	if (errnum == EINTR && sig_caught() != 0)
		err_set(&out->failed, ERR_SIGNAL, "stopped by a signal");
	else if (errnum == EAGAIN)
		(void)poll(&pfd, 1, -1);	/* write(2) tells how it is */
	else if (errnum != EINTR)
		err_sys(&out->failed, errnum,
		    "cannot write to standard output");
}

static void
write_all(struct rec_out *out, const char *text, size_t len)
{
	while (len > 0 && !rec_out_failed(out)) {
		ssize_t n = write(STDOUT_FILENO, text, len);

		/* A signal shows as an error or, behind some bytes, so. */
		if (n == -1)
			write_failed(out, errno);
		else if ((len -= (size_t)n) > 0 && sig_caught() != 0)
			write_failed(out, EINTR);
		text += n > 0 ? n : 0;
	}
}

void
rec_hold(struct rec_out *out)
{
	buf_init(&out->held, REC_LINE_MAX);
}

static void
hold_line(struct rec_out *out, const char *text, size_t len)
{
	if (buf_add(&out->held, text, len) == -1 ||
	    buf_putc(&out->held, '\n') == -1)
		err_set(&out->failed, ERR_SYSTEM,
		    "cannot hold so many records");
}

static void
write_line(struct rec_out *out, const char *text, size_t len)
{
	struct buf line;

	if (rec_out_failed(out))
		return;
	if (out->held.s != NULL) {
		hold_line(out, text, len);
		return;
	}
	buf_init(&line, len + 1);
	if (buf_add(&line, text, len) == -1 || buf_putc(&line, '\n') == -1)
		err_set(&out->failed, ERR_SYSTEM, "cannot build a line");
	write_all(out, line.s, line.len);
	buf_release(&line);
}

void
rec_write(struct rec_out *out, json_t *object)
{
	char *text = object != NULL ? json_dumps(object, DUMP_FLAGS) : NULL;

	if (text != NULL && !out->plain)
		write_line(out, text, strlen(text));
	else if (text == NULL && !rec_out_failed(out))
		err_set(&out->failed, ERR_SYSTEM, "cannot make a record: "
		    "text that is not UTF-8");
	out->count++;
	free(text);
	json_decref(object);
}

json_t *
rec_seconds(double s)
{
	json_int_t ms = (json_int_t)(s * 1000 + (s < 0 ? -0.5 : 0.5));

	return ms % 1000 == 0 ? json_integer(ms / 1000) :
	    json_real((double)ms / 1000);
}

void
rec_write_lines(struct rec_out *out, const char *text, size_t len, size_t n)
{
	write_all(out, text, len);
	out->count += n;
}

void
rec_pass(struct rec_out *out, const struct rec *rec)
{
	if (!out->plain)
		write_line(out, rec->text, rec->len);
}

void
rec_text(struct rec_out *out, const char *text)
{
	write_line(out, text, strlen(text));
}

void
rec_pass_rest(struct rec_in *in, struct rec_out *out, const char *own)
{
	struct err ignored = { 0 };
	struct rec rec;
	int rc;

	/* Only a bad line can be stepped over: not a signal, not a big one. */
	while ((rc = rec_next(in, &rec, &ignored)) != 0) {
		if (rc == 1 && strcmp(rec.kind, own) != 0)
			rec_pass(out, &rec);
		else if (rc == -1 && (ignored.kind != ERR_RECORD ||
		    in->used == 0))
			break;
	}
}

bool
rec_out_failed(const struct rec_out *out)
{
	return out->failed.kind != ERR_NONE;
}

int
rec_end(struct rec_out *out, bool complete, struct err *e)
{
	size_t count = out->count;

	rec_write(out, json_pack("{s:s, s:s, s:I, s:b}", "kind", "end",
	    "tool", out->tool, "count", (json_int_t)count,
	    "complete", (int)complete));
	if (out->held.s != NULL)
		write_all(out, out->held.s, out->held.len);
	buf_release(&out->held);
	if (!rec_out_failed(out) && close(STDOUT_FILENO) == -1)
		err_sys(&out->failed, errno,
		    "cannot close standard output");
	if (!rec_out_failed(out))
		return 0;
	*e = out->failed;
	return -1;
}

int
rec_finish(struct rec_out *out, const struct err *e)
{
	int status = e->kind != ERR_NONE ? msg_err(e) : 0;
	struct err failed = { 0 };

	if (rec_end(out, status == 0, &failed) == -1 && status == 0)
		status = msg_err(&failed);
	return status;
}
