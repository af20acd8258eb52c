/* rs-wait-workgroup - wait until workgroups are available, or gone
 * in: names as operands, or "workgroup" and "lock" records on stdin
 * out: a "workgroup" record for each, as it becomes ready
 * note: AVAILABLE once is not enough. A new workgroup goes CREATING,
 * AVAILABLE, MODIFYING, AVAILABLE while its namespace is still MODIFYING
 * (hashicorp/terraform-provider-aws#26522), so both must hold. */
#include <stdlib.h>
#include <string.h>

#include "aws/retry.h"
#include "aws/serverless.h"
#include "base/alloc.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/sig.h"
#include "base/utf8.h"
#include "base/wait.h"
#include "record/names.h"
#include "record/rec.h"
#include "rs-wait-workgroup.h"

/*
 * The pause between two looks. It starts where noticing late costs little
 * and ends where a create of ten minutes is noticed 2 % late.
 */
static const double PAUSE_CAP = 15;

enum goal { GOAL_AVAILABLE, GOAL_DELETED };
static const char *const goal_names[] = { "available", "deleted", NULL };

enum missing { MISSING_FAIL, MISSING_WAIT };
static const char *const missing_names[] = { "fail", "wait", NULL };

struct opts {
	struct aws_opts aws;
	int goal, missing;
	double timeout, appear, interval;
	unsigned long stable;
	bool events;
};

#define AT(member) .at = offsetof(struct opts, member)
static const struct opt options[] = {
	{ .name = "for", .type = OPT_ENUM, AT(goal), .arg = "state",
	    .names = goal_names, .help = "available (default) or deleted" },
	{ .name = "timeout", .type = OPT_SECONDS, AT(timeout), .arg = "time",
	    .help = "give up after this long (30m; 0: never)" },
	{ .name = "stable", .type = OPT_UINT, AT(stable), .arg = "n",
	    .min = 1, .max = 100,
	    .help = "looks in a row that must agree (2)" },
	{ .name = "missing", .type = OPT_ENUM, AT(missing), .arg = "what",
	    .names = missing_names,
	    .help = "a workgroup that does not exist: fail or wait (fail)" },
	{ .name = "appear", .type = OPT_SECONDS, AT(appear), .arg = "time",
	    .help = "let a new one become visible first (10s)" },
	{ .name = "interval", .type = OPT_SECONDS, AT(interval),
	    .arg = "time", .min = 0.01,
	    .help = "first pause between looks (1s), grows to 15s" },
	{ .name = "events", .type = OPT_FLAG, AT(events),
	    .help = "also write an event record at each change" },
	OPT_AWS(struct opts, aws),
	OPT_VERBOSE,
	{ .type = OPT_END }
};

static const struct opt_tool tool = {
	.name = "rs-wait-workgroup",
	.summary = "Wait until workgroups are available, or gone.",
	.operands = "[workgroup ...]",
	.options = options,
};

/* One workgroup and what was last seen of it; all borrowed from the poll. */
struct target {
	const char *name;
	char state[64];		/* of the workgroup, and of its namespace */
	double since;		/* when that was first seen */
	bool seen;		/* it existed at some time */
	unsigned long agreed;	/* looks in a row that found it ready */
	unsigned long gone;	/* and that did not find it at all */
	bool done;
};

struct poll {
	const struct opts *opts;
	struct aws *aws;
	struct rec_out *out;
	struct wait wait;
	struct target *targets;
	size_t n;
	char **pending;		/* names of targets not done, borrowed */
	size_t n_pending;
};

/* Remember what a target looks like now, and tell when that is news. */
static void
note_state(struct poll *p, struct target *t, const json_t *wg,
    const json_t *ns)
{
	char state[sizeof(t->state)];
	size_t cut;

	if (p->opts->goal == GOAL_AVAILABLE &&
	    sls_status(wg) == SLS_AVAILABLE && sls_status(ns) != SLS_AVAILABLE)
		snprintf(state, sizeof(state), "%s, its namespace %s",
		    sls_status_text(wg), sls_status_text(ns));
	else
		snprintf(state, sizeof(state), "%s", sls_status_text(wg));
	if (!utf8_valid(state, strlen(state), &cut))
		state[cut] = '\0';	/* no room for the whole character */
	t->seen = t->seen || wg != NULL;
	if (strcmp(state, t->state) == 0)
		return;
	msg_debug(1, "%s is %s", t->name, state);
	if (p->opts->events)
		rec_write(p->out, json_pack("{s:s, s:s, s:s, s:s?, s:s, s:o}",
		    "kind", "event", "tool", tool.name,
		    "workgroup", t->name,
		    "from", t->state[0] != '\0' ? t->state : NULL,
		    "to", state,
		    "elapsed_s", rec_seconds(wait_elapsed(&p->wait))));
	if (t->state[0] != '\0')
		wait_reset(&p->wait);
	snprintf(t->state, sizeof(t->state), "%s", state);
	t->since = wait_now();
}

/*
 * Absence, while we wait for a workgroup to be available. One look is not
 * enough here either: AWS may answer from before the creation.
 */
static int
judge_absent(struct poll *p, const struct target *t, struct err *e)
{
	if (t->seen && t->gone >= p->opts->stable)
		return err_set(e, ERR_NO, "workgroup '%s' was deleted while "
		    "waiting for it", t->name);
	if (t->seen || p->opts->missing == MISSING_WAIT ||
	    wait_elapsed(&p->wait) < p->opts->appear)
		return 0;
	err_set(e, ERR_NO, "workgroup '%s' does not exist in %s", t->name,
	    aws_region(p->aws));
	return err_hint(e, "'--missing wait' waits for one that is still to "
	    "be created");
}

/* One look at one target: done, not yet, or never (-1). */
static int
judge(struct poll *p, struct target *t, const json_t *wg, const json_t *ns,
    struct err *e)
{
	enum sls_status status = sls_status(wg);
	bool deleting = p->opts->goal == GOAL_DELETED, ready;

	note_state(p, t, wg, ns);
	ready = deleting ? status == SLS_ABSENT :
	    status == SLS_AVAILABLE && sls_status(ns) == SLS_AVAILABLE;
	t->agreed = ready ? t->agreed + 1 : 0;
	t->gone = status == SLS_ABSENT ? t->gone + 1 : 0;
	if (!deleting && status == SLS_ABSENT)
		return judge_absent(p, t, e);
	if (!deleting && status == SLS_DELETING)
		return err_set(e, ERR_NO, "workgroup '%s' is being deleted",
		    t->name);
	if (t->agreed < p->opts->stable)
		return 0;
	t->done = true;
	rec_write(p->out, workgroup_record(t->name, wg, ns,
	    wait_elapsed(&p->wait)));
	return 0;
}

/* The namespaces of those workgroups that are available themselves. */
static int
look_at_namespaces(struct poll *p, const json_t *workgroups,
    json_t **by_name, struct err *e)
{
	struct names names = { 0 };
	const char *name, *namespace;
	json_t *wg;
	int rc;

	json_object_foreach((json_t *)workgroups, name, wg) {
		namespace = json_string_value(json_object_get(wg,
		    "namespaceName"));
		if (sls_status(wg) == SLS_AVAILABLE && namespace != NULL)
			names_add(&names, namespace);
	}
	*by_name = NULL;
	rc = names.n == 0 || p->opts->goal == GOAL_DELETED ? 0 :
	    sls_namespaces(p->aws, names.v, names.n, by_name, e);
	names_release(&names);
	return rc;
}

static void
collect_pending(struct poll *p)
{
	p->n_pending = 0;
	for (size_t i = 0; i < p->n; i++)
		if (!p->targets[i].done)
			p->pending[p->n_pending++] =
			    (char *)p->targets[i].name;
}

/* One look at all that are pending. */
static int
look(struct poll *p, struct err *e)
{
	json_t *workgroups = NULL, *namespaces = NULL, *wg, *ns;
	int rc;

	rc = sls_workgroups(p->aws, p->pending, p->n_pending, &workgroups, e);
	if (rc == 0)
		rc = look_at_namespaces(p, workgroups, &namespaces, e);
	for (size_t i = 0; rc == 0 && i < p->n; i++) {
		struct target *t = &p->targets[i];

		if (t->done)
			continue;
		wg = json_object_get(workgroups, t->name);
		ns = json_object_get(namespaces, json_string_value(
		    json_object_get(wg, "namespaceName")));
		rc = judge(p, t, wg, ns, e);
	}
	json_decref(workgroups);
	json_decref(namespaces);
	return rc;
}

static void
show_progress(const struct poll *p)
{
	const struct target *slowest = NULL;

	if (!msg_progress_wanted())
		return;
	for (size_t i = 0; i < p->n; i++)
		if (!p->targets[i].done && (slowest == NULL ||
		    p->targets[i].since < slowest->since))
			slowest = &p->targets[i];
	if (slowest != NULL)
		msg_progress("%zu of %zu %s, %.0f s; %s is %s",
		    p->n - p->n_pending, p->n, goal_names[p->opts->goal],
		    wait_elapsed(&p->wait), slowest->name,
		    slowest->state[0] ? slowest->state : "not looked at");
}

/* The time was up; e says why the last look failed, if it did. */
static int
gave_up(const struct poll *p, struct err *e)
{
	const struct target *t = p->targets;

	while (t->done)
		t++;
	if (t->state[0] == '\0') {
		e->kind = ERR_DEADLINE;
		return err_prefix(e, "gave up after %.0f s without an answer "
		    "about workgroup '%s'", wait_elapsed(&p->wait), t->name);
	}
	err_set(e, ERR_DEADLINE, "gave up after %.0f s: workgroup '%s' has "
	    "been %s for %.0f s", wait_elapsed(&p->wait), t->name, t->state,
	    wait_now() - t->since);
	return err_hint(e, "%s", workgroup_usual_cause(t->state,
	    p->opts->goal == GOAL_DELETED));
}

static int
wait_for_all(struct poll *p, struct err *e)
{
	enum wait_result next;

	for (;;) {
		if (look(p, e) == -1) {
			if (e->kind == ERR_DEADLINE)
				return gave_up(p, e);
			if (!retry_throttled(e))
				return -1;
			msg_debug(1, "throttled: %s", e->msg);
		}
		collect_pending(p);
		if (p->n_pending == 0 || rec_out_failed(p->out)) {
			memset(e, 0, sizeof(*e));
			return 0;
		}
		show_progress(p);
		next = wait_next(&p->wait);
		if (next == WAIT_SIGNAL)
			return err_set(e, ERR_SIGNAL, "stopped");
		if (next == WAIT_DEADLINE)
			return gave_up(p, e);
	}
}

static int
wait_for_names(const struct opts *o, const struct names *names,
    struct rec_out *out, struct err *e)
{
	struct poll p = { .opts = o, .out = out, .n = names->n };
	int rc;

	p.aws = aws_open(&o->aws, e);
	if (p.aws == NULL)
		return -1;
	wait_begin(&p.wait, o->timeout, o->interval,
	    o->interval > PAUSE_CAP ? o->interval : PAUSE_CAP);
	aws_set_deadline(p.aws, &p.wait);
	p.targets = xcalloc(p.n, sizeof(*p.targets));
	p.pending = xcalloc(p.n, sizeof(*p.pending));
	for (size_t i = 0; i < p.n; i++) {
		p.targets[i].name = names->v[i];
		p.targets[i].since = p.wait.began;
	}
	collect_pending(&p);
	rc = p.n > 0 ? wait_for_all(&p, e) : 0;
	msg_progress_end();
	free(p.targets);
	free(p.pending);
	aws_close(p.aws);
	return rc;
}

static int
run(const struct opts *o, char *const *operands, size_t n)
{
	struct names names = { 0 };
	struct rec_out out;
	struct err e = { 0 };

	rec_out_init(&out, tool.name);
	if (names_read_workgroups(&names, operands, n, n == 0, &out,
	    &e) == 0)
		(void)wait_for_names(o, &names, &out, &e);	/* in e */
	names_release(&names);
	return rec_finish(&out, &e);
}

int
main(int argc, char **argv)
{
	struct opts o = { .aws = AWS_OPTS_DEFAULT, .timeout = 1800,
	    .stable = 2, .appear = 10, .interval = 1 };
	int first;

	sig_init();
	first = opt_parse(&tool, argc, argv, &o, NULL);
	return sig_reraise_or(run(&o, argv + first, (size_t)(argc - first)));
}
