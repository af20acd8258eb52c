/* rs-nlb-sync - make a target group hold the addresses of a stream
 * in: "ip" records of a complete stream
 * out: a "target" record for each target of the group and of the stream
 * note: it only adds, unless --prune is given; then the stream must be the
 * whole fleet. A stream that is not complete, or is empty, changes nothing:
 * scripts that took "cannot list" for "there are none" emptied live groups. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/sig.h"
#include "record/rec.h"
#include "rs-nlb-sync.h"

struct opts {
	struct aws_opts aws;
	struct policy policy;
	const char *group;
	bool check, plan;
};

#define AT(member) .at = offsetof(struct opts, member)
static const struct opt options[] = {
	{ .letter = 'g', .name = "target-group", .type = OPT_STR, AT(group),
	    .arg = "name", .help = "its name or ARN (required)" },
	{ .name = "prune", .type = OPT_FLAG, AT(policy.prune),
	    .help = "also remove what the stream does not name" },
	{ .name = "check", .type = OPT_FLAG, AT(check),
	    .help = "change nothing; exit 1 on a difference" },
	{ .name = "plan", .type = OPT_FLAG, AT(plan),
	    .help = "change nothing; print what would be done" },
	{ .name = "wait-healthy", .type = OPT_SECONDS,
	    AT(policy.wait_healthy), .arg = "time",
	    .help = "for what was registered (5m; 0: do not)" },
	{ .name = "wait-drained", .type = OPT_SECONDS,
	    AT(policy.wait_drained), .arg = "time",
	    .help = "for what was removed (0: do not wait)" },
	{ .name = "min-healthy", .type = OPT_AMOUNT, AT(policy.min_healthy),
	    .arg = "amount", .help = "never remove below n or n% (1)" },
	{ .name = "max-remove", .type = OPT_AMOUNT, AT(policy.max_remove),
	    .arg = "amount", .help = "never remove more than n or n% (50%)" },
	{ .name = "own", .type = OPT_LIST, AT(policy.own), .arg = "cidr",
	    .help = "never touch a target outside (any)" },
	{ .name = "allow-empty", .type = OPT_FLAG, AT(policy.allow_empty),
	    .help = "accept a stream without an ip record" },
	OPT_AWS(struct opts, aws),
	OPT_VERBOSE,
	{ .type = OPT_END }
};

static const struct opt_tool tool = {
	.name = "rs-nlb-sync",
	.summary = "Make an NLB target group hold the addresses on stdin.",
	.options = options,
};

static int
take_ip(struct sync *s, const struct rec *rec, struct err *e)
{
	const char *ip = rec_str(rec, "ip", e), *az = rec_str(rec, "az", e);
	const char *workgroup = rec_str(rec, "workgroup", e);
	const char *vpc = rec_str(rec, "vpc", e);
	json_t *port = json_object_get(rec->object, "port");
	json_int_t number = json_integer_value(port);
	unsigned char bytes[16];
	struct target wanted = { 0 };

	if (e->kind != ERR_NONE)
		return -1;
	if (ip == NULL || (inet_pton(AF_INET, ip, bytes) != 1 &&
	    inet_pton(AF_INET6, ip, bytes) != 1))
		return err_set(e, ERR_RECORD, "line %zu: \"ip\" is not an "
		    "address", rec->line);
	if (!json_is_integer(port) || number < 1 || number > 65535)
		return err_set(e, ERR_RECORD, "line %zu: \"port\" is not a "
		    "port", rec->line);
	wanted.ip = (char *)ip;
	wanted.port = (int)number;
	wanted.az = (char *)az;
	if (targets_find(&s->wanted, &wanted) != NULL)
		return 0;
	s->origins = xgrow(s->origins, s->wanted.n, &s->origins_cap,
	    sizeof(*s->origins));
	s->origins[s->wanted.n].workgroup = xstrdup(workgroup);
	s->origins[s->wanted.n].vpc = xstrdup(vpc);
	targets_add(&s->wanted, ip, wanted.port, wanted.az);
	return 0;
}

/* The whole stream, before anything is done. */
static int
read_stream(struct sync *s, struct rec_out *out, struct err *e)
{
	struct rec_in in;
	struct rec rec;
	int rc;

	if (isatty(STDIN_FILENO))
		return err_set(e, ERR_USAGE, "standard input is a terminal; "
		    "it should be the output of rs-endpoint-ips");
	rec_in_init(&in, STDIN_FILENO, "standard input");
	while ((rc = rec_next(&in, &rec, e)) == 1) {
		if (strcmp(rec.kind, "ip") != 0)
			rec_pass(out, &rec);
		else if ((rc = take_ip(s, &rec, e)) == -1)
			break;
	}
	if (rc == -1)
		rec_pass_rest(&in, out, "ip");
	else if (!rec_complete(&in))
		rc = rec_truncated(&in, e);
	rec_in_release(&in);
	if (rc == 0 && s->wanted.n == 0 && !s->policy->allow_empty) {
		err_set(e, ERR_NO, "the stream names no address: nothing "
		    "was changed");
		rc = err_hint(e, "--allow-empty accepts that");
	}
	return rc;
}

static int
find_group(struct sync *s, const char *name, struct err *e)
{
	if (elbv2_target_group(s->aws, name, &s->group, e) == -1)
		return -1;
	if (strcmp(s->group.type, "ip") != 0)
		return err_set(e, ERR_NO, "target group '%s' takes targets "
		    "of type %s; addresses need type ip", s->group.name,
		    s->group.type);
	return 0;
}

/*
 * The zone to register with: AWS knows the one of an address in the group's
 * own VPC; an address from elsewhere needs "all".
 */
static void
set_zones(struct sync *s)
{
	for (size_t i = 0; i < s->wanted.n; i++) {
		const char *vpc = s->origins[i].vpc;

		if (vpc == NULL || s->group.vpc == NULL ||
		    strcmp(vpc, s->group.vpc) == 0)
			continue;
		free(s->wanted.v[i].az);
		s->wanted.v[i].az = xstrdup("all");
	}
}

static void
emit(const struct sync *s, struct rec_out *out)
{
	static const char *const names[] = {
		[ACTION_KEEP] = "keep", [ACTION_REGISTER] = "register",
		[ACTION_DEREGISTER] = "deregister", [ACTION_DRAIN] = "drain"
	};

	for (size_t i = 0; i < s->n; i++) {
		const struct item *item = &s->items[i];
		const struct target *t = &item->target;
		const char *reason = item->failure != NULL ? item->failure :
		    item->note != NULL ? item->note : t->reason;

		rec_write(out, json_pack("{s:s, s:s, s:s, s:i, s:s?, s:s?, "
		    "s:s, s:b, s:s, s:s?}",
		    "kind", "target", "target_group", s->group.name,
		    "ip", t->ip, "port", t->port, "az", t->az,
		    "workgroup", item->workgroup,
		    "action", names[item->action], "done", (int)item->done,
		    "health", target_state_name(t->state),
		    "reason", reason));
	}
}

static int
reconcile(const struct opts *o, struct sync *s, struct rec_out *out,
    struct err *e)
{
	int rc;

	if (elbv2_target_health(s->aws, &s->group, &s->actual, e) == -1)
		return -1;
	set_zones(s);
	plan_make(s);
	rc = plan_guard(s, e);
	if (rc == 0 && !o->check && !o->plan)
		rc = plan_apply(s, e);
	msg_progress_end();
	emit(s, out);
	if (rc == 0 && o->check && plan_differs(s))
		rc = err_set(e, ERR_NO, "target group '%s' differs: %zu to "
		    "register, %zu to remove", s->group.name,
		    plan_count(s, ACTION_REGISTER),
		    plan_count(s, ACTION_DEREGISTER));
	return rc;
}

static int
run(const struct opts *o)
{
	struct sync s = { .policy = &o->policy };
	struct rec_out out;
	struct err e = { 0 };

	rec_out_init(&out, tool.name);
	if (policy_check(&o->policy, &e) == 0 &&
	    read_stream(&s, &out, &e) == 0 &&
	    (s.aws = aws_open(&o->aws, &e)) != NULL &&
	    find_group(&s, o->group, &e) == 0)
		(void)reconcile(o, &s, &out, &e);	/* told below */
	sync_release(&s);
	aws_close(s.aws);
	return rec_finish(&out, &e);
}

int
main(int argc, char **argv)
{
	struct opts o = { .aws = AWS_OPTS_DEFAULT,
	    .policy = { .wait_healthy = 300, .min_healthy = { 1, false },
	    .max_remove = { 50, true } } };
	int status;

	sig_init();
	(void)opt_parse(&tool, argc, argv, &o, NULL);	/* no operands */
	if (o.group == NULL)
		opt_misuse("--target-group is required");
	status = run(&o);
	opt_list_release(&o.policy.own);
	return sig_reraise_or(status);
}
