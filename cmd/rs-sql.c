/*
 * rs-sql - run SQL on the warehouses of a fleet
 * in: "statement" and "workgroup" records; SQL of -c and of files
 * out: "row" records, and one "result" record for each statement
 * note: rows are written while they arrive, so a result that fails half way
 *	has rows before it
 */
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/sig.h"
#include "rs-sql.h"

/* How long a server may take to answer a request to cancel, in seconds. */
static const double CANCEL_GRACE = 5;

#define AT(m) offsetof(struct opts, m)

static const struct opt options[] = {
	{ .letter = 'c', .name = "command", .type = OPT_LIST,
	    .at = AT(command), .arg = "sql",
	    .help = "run these commands" },
	{ .letter = 'w', .name = "workgroup", .type = OPT_LIST,
	    .at = AT(workgroup), .arg = "name",
	    .help = "run commands and files there" },
	{ .letter = 'd', .name = "database", .type = OPT_STR,
	    .at = AT(database), .arg = "name",
	    .help = "for statements that name none (dev)" },
	{ .letter = 'U', .name = "user", .type = OPT_STR,
	    .at = AT(user), .arg = "name",
	    .help = "log in as this user, by libpq's rules" },
	{ .name = "host", .type = OPT_LIST,
	    .at = AT(host), .arg = "host",
	    .help = "connect there; or workgroup=host" },
	{ .name = "hostaddr", .type = OPT_LIST,
	    .at = AT(hostaddr), .arg = "ip",
	    .help = "at this address; or workgroup=ip" },
	{ .letter = 'p', .name = "port", .type = OPT_UINT,
	    .at = AT(port), .arg = "port",
	    .help = "port (5439)", .min = 1, .max = 65535 },
	{ .name = "service", .type = OPT_STR,
	    .at = AT(service), .arg = "name",
	    .help = "section of the pg_service.conf file" },
	{ .name = "secret-arn", .type = OPT_LIST,
	    .at = AT(secret_arn), .arg = "arn",
	    .help = "log in with it; or workgroup=arn" },
	{ .name = "data-api", .type = OPT_FLAG,
	    .at = AT(data_api),
	    .help = "use the Redshift Data API" },
	{ .letter = '1', .name = "single-transaction", .type = OPT_FLAG,
	    .at = AT(single_transaction),
	    .help = "all or nothing on each warehouse" },
	{ .letter = 'k', .name = "keep-going", .type = OPT_FLAG,
	    .at = AT(keep_going),
	    .help = "go on after a failed statement" },
	{ .letter = 'n', .name = "dry-run", .type = OPT_FLAG,
	    .at = AT(dry_run),
	    .help = "ask the guards, run nothing" },
	{ .name = "retries", .type = OPT_UINT,
	    .at = AT(retries), .arg = "number",
	    .help = "after a conflict of transactions (8)", .max = 1000 },
	{ .letter = 't', .name = "timeout", .type = OPT_SECONDS,
	    .at = AT(timeout), .arg = "time",
	    .help = "cancel and give up after this (none)" },
	OPT_AWS(struct opts, aws),
	OPT_VERBOSE,
	{ .type = OPT_END }
};

static const struct opt_tool tool = {
	.name = "rs-sql",
	.summary = "Run SQL on the warehouses of a fleet.",
	.operands = "[file ...]",
	.options = options
};

struct work {
	struct run run;
	struct session **sessions;
	struct pollfd *pfds;
	double *wakes;
	bool *ready;
	size_t n;
	const struct wait *deadline;
	double abandon_at;
	struct err stopped;
};

static bool
all_done(const struct work *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (!session_done(w->sessions[i]))
			return false;
	return true;
}

/* Did whoever read our output go away? */
static bool
reader_is_gone(const struct rec_out *out)
{
	struct pollfd pfd = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return rec_out_failed(out) && poll(&pfd, 1, 0) == 1 &&
	    (pfd.revents & POLLERR) != 0;
}

/* End as other filters do, now that every session is closed. */
static void
die_of_closed_pipe(const struct rec_out *out)
{
	if (reader_is_gone(out)) {
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
}

static void
why_stop(struct work *w, const struct rec_out *out)
{
	if (sig_caught() != 0)
		err_set(&w->stopped, ERR_SIGNAL, "stopped by a signal");
	else if (wait_expired(w->deadline))
		err_set(&w->stopped, ERR_DEADLINE, "gave up after %g s",
		    w->run.o->timeout);
	else if (rec_out_failed(out))
		w->stopped = out->failed;
}

static void
stop_if_told(struct work *w)
{
	if (w->run.stopping && sig_caught() != 0)
		w->abandon_at = 0;	/* asked twice */
	if (w->stopped.kind == ERR_NONE) {
		why_stop(w, w->run.report->out);
		if (w->stopped.kind == ERR_NONE)
			return;
		w->run.stopping = true;
		w->run.report->quiet = reader_is_gone(w->run.report->out);
		w->abandon_at = wait_now() + CANCEL_GRACE;
		sig_set_aside();	/* cancelling may need AWS */
		for (size_t i = 0; i < w->n; i++)
			session_stop(w->sessions[i]);
	}
	if (wait_now() >= w->abandon_at)
		for (size_t i = 0; i < w->n; i++)
			session_abandon(w->sessions[i]);
}

/* Wait for the first of: a socket, a time, the deadline, a signal. */
static void
wait_for_something(struct work *w)
{
	double now = wait_now(), until = now + wait_left(w->deadline);
	struct timespec ts;
	sigset_t waiting;

	if (w->run.stopping)
		until = w->abandon_at;
	for (size_t i = 0; i < w->n; i++) {
		session_poll(w->sessions[i], &w->pfds[i], &w->wakes[i]);
		if (w->wakes[i] != 0)
			until = fmin(until, w->wakes[i]);
	}
	until = fmax(until - now, 0);
	ts.tv_sec = (time_t)until;
	ts.tv_nsec = (long)((until - floor(until)) * 1e9);
	sig_hold(&waiting);
	if (sig_caught() == 0)
		(void)ppoll(w->pfds, w->n, &ts, &waiting);
	sig_resume(&waiting);
	now = wait_now();
	for (size_t i = 0; i < w->n; i++)
		w->ready[i] = w->pfds[i].revents != 0 ||
		    (w->wakes[i] != 0 && now >= w->wakes[i]);
}

static void
step_all(struct work *w)
{
	do {
		w->run.changed = false;
		for (size_t i = 0; i < w->n; i++) {
			session_step(w->sessions[i], w->ready[i]);
			w->ready[i] = false;
		}
	} while (w->run.changed);
	report_flush(w->run.report);
}

static void
work_init(struct work *w)
{
	const struct plan *plan = w->run.plan;

	w->sessions = xcalloc(plan->n_sites + 1, sizeof(*w->sessions));
	w->pfds = xcalloc(plan->n_sites + 1, sizeof(*w->pfds));
	w->wakes = xcalloc(plan->n_sites + 1, sizeof(*w->wakes));
	w->ready = xcalloc(plan->n_sites + 1, sizeof(*w->ready));
	for (size_t i = 0; i < plan->n_sites; i++)
		if (plan->sites[i].used)
			w->sessions[w->n++] = session_new(&w->run, i);
}

static void
work_release(struct work *w)
{
	for (size_t i = 0; i < w->n; i++)
		session_free(w->sessions[i]);
	free(w->sessions);
	free(w->pfds);
	free(w->wakes);
	free(w->ready);
}

/* What is wrong with the whole, after each failure was told. */
static void
sum_up(const struct work *w, struct err *e)
{
	const struct plan *plan = w->run.plan;
	size_t failed = 0, not_run = 0;

	for (size_t i = 0; i < plan->n; i++) {
		enum outcome outcome = plan->v[i].outcome;

		failed += outcome == FAILED || outcome == UNKNOWN ||
		    outcome == ROLLED_BACK;
		not_run += outcome == NOT_RUN;
	}
	if (w->stopped.kind != ERR_NONE)
		*e = w->stopped;
	else if (w->run.report->kind != ERR_NONE && failed + not_run == 0)
		err_set(e, w->run.report->kind, "a transaction was never "
		    "committed");
	else if (w->run.report->kind != ERR_NONE)
		err_set(e, w->run.report->kind, "%zu of %zu statements "
		    "failed, %zu were not run", failed, plan->n, not_run);
}

static int
run_plan(const struct opts *o, struct plan *plan, struct rec_out *out,
    const struct wait *deadline, struct err *e)
{
	struct sites sites = { .o = o, .deadline = deadline };
	struct report report;
	struct work w = {
		.run = { o, plan, &sites, &report, false, false },
		.deadline = deadline
	};

	report_init(&report, plan, out);
	if (site_locate(&sites, plan, e) == 0) {
		work_init(&w);
		step_all(&w);
		while (!all_done(&w)) {
			wait_for_something(&w);
			step_all(&w);
			stop_if_told(&w);
		}
		sum_up(&w, e);
		work_release(&w);
	}
	report_release(&report);
	sites_release(&sites);
	return e->kind == ERR_NONE ? 0 : -1;
}

int
main(int argc, char **argv)
{
	struct opts o = { .aws = AWS_OPTS_DEFAULT, .retries = 8 };
	struct plan plan = { 0 };
	struct wait deadline;
	struct rec_out out;
	struct err e = { 0 };
	int rest, status;

	rest = opt_parse(&tool, argc, argv, &o, NULL);
	if (o.keep_going && o.single_transaction)
		opt_misuse("--keep-going and --single-transaction exclude "
		    "each other");
	sig_init();
	signal(SIGPIPE, SIG_IGN);	/* sessions are closed in order */
	rec_out_init(&out, tool.name);
	wait_begin(&deadline, o.timeout, 0, 0);
	if (plan_read(&plan, &o, argv + rest, (size_t)(argc - rest), &out,
	    &e) == 0)
		(void)run_plan(&o, &plan, &out, &deadline, &e);
	die_of_closed_pipe(&out);
	status = rec_finish(&out, &e);
	plan_release(&plan);
	opt_list_release(&o.command);
	opt_list_release(&o.workgroup);
	opt_list_release(&o.host);
	opt_list_release(&o.hostaddr);
	opt_list_release(&o.secret_arn);
	return sig_reraise_or(status);
}
