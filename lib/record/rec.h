/*
 * rec.h - streams of records: one JSON object a line
 *
 * Completeness travels in the stream. A tool that did all its work writes an
 * "end" record with "complete":true last; the tool after it consumes that
 * and writes its own. What a tool does not consume it passes on, byte for
 * byte, in order and at once. rs-records(5) tells users the same.
 */
#ifndef RECORD_REC_H
#define RECORD_REC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

enum { REC_LINE_MAX = 1 << 20 };	/* bytes, without the newline */

struct rec_in {
	int fd;
	const char *name;	/* for messages: "standard input", a path */
	struct buf buf;
	size_t used;		/* bytes of buf that were handed out */
	size_t line;		/* number of the last line read */
	bool eof;
	bool ended;		/* an end record was the last thing seen */
	bool incomplete;	/* an end record said so */
	json_t *object;
};

/* A record, borrowed until the next rec_next() or rec_in_release(). */
struct rec {
	json_t *object;
	const char *kind;
	const char *text;	/* the line as it came, without newline */
	size_t len;
	size_t line;		/* its number, from 1 */
};

void	rec_in_init(struct rec_in *in, int fd, const char *name);

/*
 * Read the next record; end records are consumed here. Returns 1, 0 at the
 * end of the stream, or -1: a line that is too long or is not a JSON object
 * with a "kind" (ERR_RECORD, the line is named), a read error, or a signal.
 */
int	rec_next(struct rec_in *in, struct rec *rec, struct err *e) MUST_USE;

/*
 * Wait until fd, called name in messages, can be read or has ended, so that
 * a signal is never missed. Returns 0, or -1: ERR_SIGNAL, ERR_SYSTEM.
 */
int	rec_wait_input(int fd, const char *name, struct err *e) MUST_USE;

/*
 * The two halves of rec_next(), for a reader of millions of lines that knows
 * the plain ones by sight. rec_next_text() finds the next line that is not
 * blank and sets text, len and line alone; rec_parse() does the rest of the
 * work for a line that needs it. rec_parse() returns 1, also for an end
 * record, which it has taken note of; a line that it is not called for must
 * not be one.
 */
int	rec_next_text(struct rec_in *in, struct rec *rec, struct err *e)
	    MUST_USE;
int	rec_parse(struct rec_in *in, struct rec *rec, struct err *e) MUST_USE;
bool	rec_is_end(const struct rec *rec);

/* After rec_next() returned 0: did the stage before finish its work? */
bool	rec_complete(const struct rec_in *in);

/* Fill e for a stream that is not complete. Always -1. */
int	rec_truncated(const struct rec_in *in, struct err *e);

void	rec_in_release(struct rec_in *in);

/*
 * A string member of a record. Returns it (borrowed), or NULL: absent or
 * null leaves e alone; of another type fills e, naming line and member.
 */
const char *rec_str(const struct rec *rec, const char *member,
	    struct err *e);

struct rec_out {
	const char *tool;
	size_t count;
	bool plain;		/* text for people: no record is written */
	struct buf held;	/* lines kept for rec_end(), after rec_hold() */
	struct err failed;	/* the first failure; later writes do nothing */
};

/* Records go to standard output, each in one write(2). */
void	rec_out_init(struct rec_out *out, const char *tool);

/*
 * Keep what is written from now on for rec_end(), which writes it in one
 * write(2): a reader that takes one line and goes is then no failure.
 */
void	rec_hold(struct rec_out *out);

/*
 * Write one of our own records; takes the reference to object (which may be
 * NULL: that is the failure of json_pack() on text that is not UTF-8).
 * A failed write is remembered and told by rec_end().
 */
void	rec_write(struct rec_out *out, json_t *object);

/*
 * The same for n records that are JSON text already, each with its newline:
 * many short ones then cost one write(2).
 */
void	rec_write_lines(struct rec_out *out, const char *text, size_t len,
	    size_t n);

/* Seconds for a record, to the millisecond: 900, 0.25. */
json_t	*rec_seconds(double s) MUST_USE;

/* Pass a record of somebody else's on. */
void	rec_pass(struct rec_out *out, const struct rec *rec);

/* Write a line that is not a record, for a tool that was asked for text. */
void	rec_text(struct rec_out *out, const char *text);

/*
 * After a bad record: pass on the rest of the stream but for records of kind
 * `own`, so that a lock taken before us still reaches its release.
 */
void	rec_pass_rest(struct rec_in *in, struct rec_out *out,
	    const char *own);

bool	rec_out_failed(const struct rec_out *out);

/*
 * Write the end record and close standard output. Returns 0, or -1 if any
 * write failed (ERR_SYSTEM).
 */
int	rec_end(struct rec_out *out, bool complete, struct err *e) MUST_USE;

/*
 * The end of a tool: report e unless it is ERR_NONE, write the end record
 * (complete when there was no error), report a failed write. Returns the
 * exit status. With rec_pass() and msg_err() the one place a tool prints.
 */
int	rec_finish(struct rec_out *out, const struct err *e);

#endif
