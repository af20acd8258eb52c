/* rs-lock - hold a named lock: around a command, or from one step to another
 * in:  release reads records to the end of its input; the others read nothing
 * out: lock and waiter records
 * note: acquire and release are different processes. Who holds a lock is
 *       said by the token in the record, never by a pid. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/sig.h"
#include "base/utf8.h"
#include "record/rec.h"
#include "rs-lock.h"

#define DEFAULT_DIR "/tmp/redshift-consumer-lock.d"

enum verb { ACQUIRE, RELEASE, RENEW, STATUS, LIST, CHECK, FORCE, RUN };
#define V(verb) (1u << (verb))
#define TAKES (V(ACQUIRE) | V(RUN))

static const double LEASE = 15 * 60;
static const double GRACE = 10;
static const double ASK_AGAIN = 30;	/* seconds; AWS is not to be hammered */

#define AT(member) .at = offsetof(struct opts, member)
static const struct opt options[] = {
	{ .letter = 'n', .name = "name", .type = OPT_STR, AT(name),
	    .arg = "name", .help = "name of the lock (lock)" },
	{ .name = "dir", .type = OPT_STR, AT(dir), .arg = "directory",
	    .help = "where locks are kept" },
	{ .name = "table", .type = OPT_STR, AT(table), .arg = "name",
	    .help = "keep locks in this DynamoDB table" },
	{ .name = "create-table", .type = OPT_FLAG, AT(create_table),
	    .help = "create the table when it is missing" },
	{ .name = "workgroup", .type = OPT_STR, AT(workgroup),
	    .arg = "name", .verbs = TAKES,
	    .help = "what the lock is taken for" },
	{ .name = "owner", .type = OPT_STR, AT(owner), .arg = "text",
	    .verbs = TAKES | V(RELEASE) | V(RENEW),
	    .help = "who holds it (user, host and pid)" },
	{ .name = "lease", .type = OPT_SECONDS, AT(lease), .arg = "time",
	    .min = 0.1, .max = 1e7, .verbs = TAKES | V(RENEW),
	    .help = "held no longer than this without renew (15m)" },
	{ .name = "timeout", .type = OPT_SECONDS, AT(timeout),
	    .arg = "time", .max = 3e7, .verbs = TAKES,
	    .help = "give up waiting after this long (0: never)" },
	{ .name = "no-wait", .type = OPT_FLAG, AT(no_wait), .verbs = TAKES,
	    .help = "end with status 1 when the lock is busy" },
	{ .name = "slots", .type = OPT_UINT, AT(slots), .arg = "n",
	    .min = 1, .max = LOCK_SLOTS_MAX, .verbs = TAKES,
	    .help = "how many may hold it at once (1)" },
	{ .name = "steal-if", .type = OPT_STR, AT(steal_if),
	    .arg = "program", .verbs = TAKES,
	    .help = "asked if a lease that ran out may be broken" },
	{ .name = "grace", .type = OPT_SECONDS, AT(grace), .arg = "time",
	    .max = 1e6, .verbs = V(RUN),
	    .help = "from SIGTERM to SIGKILL when it is lost (10s)" },
	{ .name = "close", .type = OPT_FLAG, AT(close), .verbs = V(RUN),
	    .help = "let go when the command itself ends" },
	{ .name = "token", .type = OPT_STR, AT(token), .arg = "token",
	    .verbs = V(RELEASE) | V(RENEW) | V(FORCE),
	    .help = "from the record that acquire wrote" },
	{ .name = "fence", .type = OPT_UINT, AT(fence), .arg = "n",
	    .min = 1, .verbs = V(CHECK),
	    .help = "the fence that should hold the lock" },
	{ .name = "ask", .type = OPT_STR, AT(ask), .arg = "workgroup",
	    .group = OPT_HIDDEN, .help = "the judge's question" },
	OPT_AWS(struct opts, aws),
	OPT_VERBOSE,
	{ .type = OPT_END }
};

static const struct opt_verb verbs[] = {
	{ "acquire", NULL, "take the lock and write its record", false },
	{ "release", "[-]", "let go at the end of the input", false },
	{ "renew", NULL, "start the lease again", false },
	{ "status", NULL, "show who holds the lock and who waits", false },
	{ "list", NULL, "show the status of every lock", false },
	{ "check", NULL, "is the lock still held with this fence?", false },
	{ "force-release", NULL, "take the lock from its holder", false },
	{ "run", "command [argument ...]", "run a command under the lock",
	    true },
	{ NULL, NULL, NULL, false }
};

static const struct opt_tool tool = {
	.name = "rs-lock",
	.summary = "Hold a named lock, around a command or between steps.",
	.options = options,
	.verbs = verbs
};

static const char *
or_env(const char *value, const char *variable)
{
	const char *env = getenv(variable);

	return value != NULL || env == NULL || *env == '\0' ? value : env;
}

int
session_open(struct session *s, const struct opts *o, struct err *e)
{
	const char *dir = or_env(o->dir, "RS_LOCK_DIR");

	memset(s, 0, sizeof(*s));
	s->o = o;
	s->where.name = o->name != NULL ? o->name : "lock";
	s->where.dir = dir != NULL ? dir : DEFAULT_DIR;
	s->where.table = o->table;
	s->where.create = o->create_table;
	s->where.slots = (unsigned)o->slots;
	if (lock_check_name(s->where.name, e) == -1)
		return -1;
	s->backend = o->table != NULL ? aws_backend(s, e) : &lock_dir;
	if (s->backend == NULL)
		return -1;
	s->lock = s->backend->open(&s->where, e);
	if (s->lock != NULL)
		return 0;
	session_close(s);
	return -1;
}

void
session_close(struct session *s)
{
	if (s->backend != NULL)
		s->backend->close(s->lock);
	if (s->where.aws != NULL)
		aws_backend_release(s);
	memset(s, 0, sizeof(*s));
}

/* Who we say we are when nobody tells us. */
static char *
default_owner(void)
{
	const char *user = or_env(getenv("LOGNAME"), "USER");
	char host[128] = "localhost";

	(void)gethostname(host, sizeof(host) - 1);
	return xasprintf("%s@%s, pid %ld", user != NULL ? user : "user", host,
	    (long)getpid());
}

static int
check_text(const char *what, const char *text, struct err *e)
{
	size_t bad;

	if (text != NULL && !utf8_valid(text, strlen(text), &bad))
		return err_set(e, ERR_USAGE, "%s is not UTF-8: byte %zu is "
		    "wrong", what, bad + 1);
	if (text == NULL || (*text != '\0' && strlen(text) <= LOCK_TEXT_MAX))
		return 0;
	return err_set(e, ERR_USAGE, "%s is empty or longer than %d bytes",
	    what, LOCK_TEXT_MAX);
}

int
session_acquire(struct session *s, bool attended, struct lock_grant *out,
    struct err *e)
{
	char *owner = s->o->owner != NULL ? NULL : default_owner();
	struct wait deadline;
	struct lock_want want = {
		.owner = owner != NULL ? owner : s->o->owner,
		.own = s->o->owner != NULL,
		.workgroup = s->o->workgroup,
		.lease = s->o->lease,
		.attended = attended,
		.no_wait = s->o->no_wait,
		.deadline = &deadline,
		.judge = judge_holder,
		.judge_ctx = s,
		.judge_every = ASK_AGAIN
	};
	int rc = -1;

	wait_begin(&deadline, s->o->timeout, 0, 0);
	if (check_text("the owner", s->o->owner, e) == 0 &&
	    check_text("the workgroup", s->o->workgroup, e) == 0)
		rc = s->backend->acquire(s->lock, &want, out, e);
	if (rc == 0)
		msg_debug(1, "lock '%s' taken after %.3f s, fence %lld",
		    out->name, wait_elapsed(&deadline),
		    (long long)out->fence);
	free(owner);
	return rc;
}

/* A lock nobody can name is given back: its record did not get out. */
static int
acquire(struct session *s, struct err *e)
{
	struct lock_grant g;
	struct rec_out out;
	struct lock_id id = { 0 };
	struct err ignored;
	int rc;

	if (session_acquire(s, false, &g, e) == -1)
		return -1;
	rec_out_init(&out, tool.name);
	if (sig_caught() != 0) {
		rc = err_set(e, ERR_SIGNAL, "stopped by a signal");
	} else {
		rec_hold(&out);	/* `| head -n 1` must not cost the lock */
		rec_write(&out, lock_record(&g));
		rc = rec_end(&out, true, e);
	}
	id.token = g.token;
	if (rc == -1)
		(void)!s->backend->release(s->lock, &id, &ignored);
	lock_grant_release(&g);
	return rc;
}

/* Only an end record: the verb has nothing else to say. */
static int
say_done(struct err *e)
{
	struct rec_out out;

	rec_out_init(&out, tool.name);
	return rec_end(&out, true, e);
}

static struct lock_id
given_id(const struct opts *o)
{
	struct lock_id id = { o->token, o->owner };

	if (id.owner == NULL)
		id.token = or_env(o->token, "RS_LOCK_TOKEN");
	if (id.token == NULL && id.owner == NULL)
		opt_misuse("give --token or --owner");
	return id;
}

static int
release(struct session *s, struct err *e)
{
	struct lock_id id = { s->o->token, s->o->owner };

	if (s->backend->release(s->lock, &id, e) == -1)
		return -1;
	return say_done(e);
}

static int
renew(struct session *s, struct err *e)
{
	struct lock_id id = given_id(s->o);
	struct lock_grant g;
	struct rec_out out;

	if (s->backend->renew(s->lock, &id, s->o->lease, NULL, &g, e) == -1)
		return -1;
	rec_out_init(&out, tool.name);
	rec_write(&out, lock_record(&g));
	lock_grant_release(&g);
	return rec_end(&out, true, e);
}

static int
check(struct session *s, struct err *e)
{
	const char *env = getenv("RS_LOCK_FENCE");
	unsigned long fence = s->o->fence;

	if (fence == 0 && env != NULL)
		fence = strtoul(env, NULL, 10);
	if (fence == 0)
		opt_misuse("give --fence");
	if (s->backend->check(s->lock, (int64_t)fence, e) == -1)
		return -1;
	return say_done(e);
}

static int
force_release(struct session *s, struct err *e)
{
	if (s->o->token == NULL)
		opt_misuse("give --token; rs-lock status shows it");
	return release(s, e);
}

static int
one_verb(const struct opts *o, int verb)
{
	static int (*const action[])(struct session *, struct err *) = {
		[ACQUIRE] = acquire, [RELEASE] = release, [RENEW] = renew,
		[STATUS] = show_status, [LIST] = show_list, [CHECK] = check,
		[FORCE] = force_release
	};
	struct session s = { 0 };
	struct err e = { 0 };
	int exit_status = 0;

	if (session_open(&s, o, &e) == -1 || action[verb](&s, &e) == -1)
		exit_status = e.kind == ERR_SIGNAL ? err_status(&e) :
		    msg_err(&e);
	session_close(&s);
	return exit_status;
}

int
main(int argc, char **argv)
{
	struct opts o = { .aws = AWS_OPTS_DEFAULT, .lease = LEASE,
		.grace = GRACE, .slots = 1 };
	struct err e = { 0 };
	int verb, rest, status_code;
	bool dash, stream;

	rest = opt_parse(&tool, argc, argv, &o, &verb);
	dash = argv[rest] != NULL && strcmp(argv[rest], "-") == 0;
	if (verb == RUN && rest == argc)
		opt_misuse("run needs a command");
	if (verb == RELEASE && argc - rest > (dash ? 1 : 0))
		opt_misuse("unexpected operand '%s'", argv[rest + dash]);
	stream = verb == RELEASE && (dash || (!o.token && !o.owner));
	sig_init();
	signal(SIGPIPE, SIG_IGN);	/* so that the lock is let go first */
	/* A record that comes later may name a table. */
	if ((o.table != NULL || o.ask != NULL || stream) &&
	    aws_needed(argv, &e) == -1)
		return msg_err(&e);
	if (o.ask != NULL)
		return aws_answer(&o);
	if (verb == RUN)
		status_code = run_command(&o, argv + rest);
	else if (stream)
		status_code = release_stream(&o);
	else
		status_code = one_verb(&o, verb);
	return sig_reraise_or(status_code);
}
