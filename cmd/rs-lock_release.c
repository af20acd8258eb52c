/*
 * rs-lock_release.c - the tail of a pipeline: let go when the input ends
 *
 * Whatever happens on the way (a bad record, a full disk, a signal), the
 * stages before may still be at work, so the lock is kept until they have
 * closed the pipe, and then let go in any case. The status vouches for the
 * whole pipeline.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/sig.h"
#include "record/rec.h"
#include "rs-lock.h"

/* After a signal: how long the stages before may take to end as well. */
static const double PATIENCE = 10;

/* A lock to let go, as its record named it. */
struct token {
	char *name, *dir, *table, *token;
};

struct tokens {
	struct token *v;
	size_t n, cap;
};

static void
tokens_release(struct tokens *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->v[i].name);
		free(t->v[i].dir);
		free(t->v[i].table);
		free(t->v[i].token);
	}
	free(t->v);
}

/* A grant, not a report: what status writes has a "state". */
static bool
is_grant(const struct rec *rec)
{
	return strcmp(rec->kind, "lock") == 0 &&
	    json_object_get(rec->object, "state") == NULL;
}

static int
take(struct tokens *t, const struct rec *rec, struct err *e)
{
	struct token *k;
	const char *name, *token, *dir, *table;

	name = rec_str(rec, "name", e);
	token = rec_str(rec, "token", e);
	dir = rec_str(rec, "dir", e);
	table = rec_str(rec, "table", e);
	if (e->kind != ERR_NONE)
		return -1;
	if (name == NULL || token == NULL || (dir == NULL && table == NULL))
		return err_set(e, ERR_RECORD, "line %zu: a lock record needs "
		    "name, token and dir or table", rec->line);
	t->v = xgrow(t->v, t->n, &t->cap, sizeof(*t->v));
	k = &t->v[t->n++];
	k->name = xstrdup(name);
	k->token = xstrdup(token);
	k->dir = xstrdup(dir);
	k->table = xstrdup(table);
	return 0;
}

/* Read and pass on until the stream ends or cannot be read as records. */
static int
copy(struct rec_in *in, struct rec_out *out, struct tokens *t, struct err *e)
{
	struct rec rec;
	int rc;

	while ((rc = rec_next(in, &rec, e)) == 1) {
		if (!is_grant(&rec))
			rec_pass(out, &rec);
		else if (take(t, &rec, e) == -1)
			return -1;
	}
	if (rc == 0 && !rec_complete(in))
		rc = rec_truncated(in, e);
	return rc;
}

/* A lock taken after the trouble began is let go like any other. */
static void
glean(struct tokens *t, const char *text, size_t len)
{
	struct rec rec = { .object = json_loadb(text, len, 0, NULL) };
	struct err ignored = { 0 };

	rec.kind = json_string_value(json_object_get(rec.object, "kind"));
	if (rec.kind != NULL && is_grant(&rec))
		(void)!take(t, &rec, &ignored);
	json_decref(rec.object);
}

/* Take whole lines off b; what is too long for a record goes as well. */
static void
glean_lines(struct tokens *t, struct buf *b)
{
	char *nl;

	while ((nl = memchr(b->s, '\n', b->len)) != NULL) {
		glean(t, b->s, (size_t)(nl - b->s));
		buf_drop(b, (size_t)(nl - b->s) + 1);
	}
	if (b->len > REC_LINE_MAX)
		buf_reset(b);
}

/*
 * After an error: wait for the end of the input all the same. A stage before
 * us that was told to stop, as we were, has a while to do so.
 */
static void
drain(struct rec_in *in, struct tokens *t)
{
	struct pollfd pfd = { .fd = in->fd, .events = POLLIN };
	struct wait patience = { 0 };
	char part[4096];
	ssize_t n = 1;

	buf_drop(&in->buf, in->used);
	in->used = 0;
	while (n > 0 || (n == -1 && errno == EINTR)) {
		glean_lines(t, &in->buf);
		if (sig_caught() != 0 && patience.began == 0)
			wait_begin(&patience, PATIENCE, 0, 0);
		n = poll(&pfd, 1, patience.began == 0 ? -1 :
		    (int)(wait_left(&patience) * 1000));
		if (n > 0 && (n = read(in->fd, part, sizeof(part))) > 0 &&
		    buf_add(&in->buf, part, (size_t)n) == -1)
			buf_reset(&in->buf);
	}
	glean(t, in->buf.s, in->buf.len);
}

static int
let_go(const struct opts *o, const struct token *t, struct err *e)
{
	struct opts where = *o;
	struct lock_id id = { t->token, NULL };
	struct session s;
	int rc;

	where.name = t->name;
	where.dir = t->dir;
	where.table = t->table;
	if (session_open(&s, &where, e) == -1)
		return -1;
	rc = s.backend->release(s.lock, &id, e);
	session_close(&s);
	return rc;
}

static void
note(int *worst, const struct err *e)
{
	int now = e->kind == ERR_SIGNAL ? err_status(e) : msg_err(e);

	if (*worst == 0)
		*worst = now;
}

int
release_stream(const struct opts *o)
{
	struct tokens t = { 0 };
	struct rec_in in;
	struct rec_out out;
	struct err e = { 0 };
	int worst = 0;

	if (isatty(STDIN_FILENO))
		opt_misuse("standard input is a terminal; give --token or "
		    "--owner");
	rec_in_init(&in, STDIN_FILENO, "standard input");
	rec_out_init(&out, msg_name());
	if (copy(&in, &out, &t, &e) == -1) {
		note(&worst, &e);
		drain(&in, &t);
	} else if (t.n == 0) {
		err_set(&e, ERR_RECORD, "standard input had no lock record");
		note(&worst, &e);
	}
	rec_in_release(&in);
	for (size_t i = 0; i < t.n; i++)
		if (let_go(o, &t.v[i], &e) == -1)
			note(&worst, &e);
	tokens_release(&t);
	if (rec_end(&out, worst == 0, &e) == -1)
		note(&worst, &e);
	return worst;
}
