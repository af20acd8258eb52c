/* rs-costest - what a fleet costs, with the formula of every amount
 * in: "usage", "workgroup", "ip" and "row" records, Terraform plans, options
 * out: "cost" records, line by line, then subtotals and the total; "finding"
 * note: what nobody knows is never zero: it is named, and the status is 1 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "aws/aws.h"
#include "base/err.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/sig.h"
#include "base/stamp.h"
#include "cost/decimal.h"
#include "cost/refresh.h"
#include "rs-costest.h"

enum { STALE_DAYS = 90 };

#define AT(m) .at = offsetof(struct opts, m)
static const struct opt options[] = {
	{ .letter = 'w', .name = "workgroup", .type = OPT_STR, AT(workgroup),
	    .arg = "name",
	    .help = "plan one workgroup with the options below" },
	{ .name = "rpu", .type = OPT_UINT, AT(rpu), .arg = "n",
	    .max = 1024, .help = "base capacity" },
	{ .name = "max-rpu", .type = OPT_UINT, AT(max_rpu), .arg = "n",
	    .max = USAGE_CEILING, .help = "ceiling (none)" },
	{ .name = "hours-per-day", .type = OPT_STR, AT(hours), .arg = "h",
	    .help = "hours a day that a workgroup is active" },
	{ .name = "days", .type = OPT_STR, AT(days), .arg = "n",
	    .help = "active days a month (30)" },
	{ .letter = 's', .name = "set", .type = OPT_LIST, AT(set),
	    .arg = "member=value",
	    .help = "any other member of a usage record, for workgroups" },
	{ .name = "terraform", .type = OPT_STR, AT(terraform), .arg = "file",
	    .help = "read the output of 'terraform show -json'; - is stdin" },
	{ .name = "compare", .type = OPT_STR, AT(compare), .arg = "file",
	    .help = "set the records in file against the input" },
	{ .name = "scenario", .type = OPT_STR, AT(scenario), .arg = "list",
	    .help = "of low, expected and max (expected)" },
	{ .name = "max-monthly", .type = OPT_STR, AT(max_monthly),
	    .arg = "usd", .help = "exit 1 when a month costs more" },
	{ .name = "allow-unknown", .type = OPT_FLAG, AT(allow_unknown),
	    .help = "exit 0 although a price or quantity is not known" },
	{ .name = "prices", .type = OPT_LIST, AT(prices), .arg = "file",
	    .help = "rates that take precedence" },
	{ .name = "refresh", .type = OPT_FLAG, AT(refresh),
	    .help = "get the prices of the regions in use from AWS first" },
	{ .letter = 't', .name = "table", .type = OPT_FLAG, AT(table),
	    .help = "print a table in place of records" },
	OPT_AWS(struct opts, aws),
	OPT_VERBOSE,
	{ .type = OPT_END }
};

static const struct opt_tool tool = {
	.name = "rs-costest",
	.summary = "Say what a fleet costs, with the formula of every amount.",
	.operands = "[file ...]",
	.options = options
};

static const char *const scenario_names[] = {
	[SCENARIO_LOW] = "low",
	[SCENARIO_EXPECTED] = "expected",
	[SCENARIO_MAX] = "max"
};
_Static_assert(ARRAY_LEN(scenario_names) == SCENARIOS, "a name each");

static void
choose(struct job *job, const char *list)
{
	while (list != NULL && *list != '\0') {
		size_t len = strcspn(list, ","), i;

		for (i = 0; i < SCENARIOS; i++)
			if (strlen(scenario_names[i]) == len &&
			    memcmp(scenario_names[i], list, len) == 0)
				break;
		if (i == SCENARIOS)
			opt_misuse("option '--scenario': '%.*s' is not one of "
			    "low, expected, max", (int)len, list);
		job->wanted[i] = true;
		list += len + (list[len] == ',');
	}
}

/* Warn once when a price that was used is old. */
static void
warn_stale(const struct job *job)
{
	const char *oldest = NULL;
	char limit[STAMP_SIZE];

	stamp_format(time(NULL) - (time_t)STALE_DAYS * 86400, limit);
	for (size_t i = 0; i < job->n * SCENARIOS; i++) {
		const struct result *r = &job->results[i / SCENARIOS]
		    [i % SCENARIOS];

		for (size_t j = 0; j < r->bill.n; j++) {
			const struct price *price = r->bill.v[j].price;

			if (price != NULL && (oldest == NULL ||
			    strcmp(price->as_of, oldest) < 0))
				oldest = price->as_of;
		}
	}
	if (oldest == NULL || strncmp(oldest, limit, 10) >= 0)
		return;
	msg_warn("prices are of %s, more than %d days old", oldest,
	    STALE_DAYS);
	msg_hint("--refresh gets them from AWS");
}

static int
load_prices(struct job *job, struct err *e)
{
	const struct opts *o = job->o;

	for (size_t i = 0; i < o->prices.n; i++)
		if (prices_load(&job->prices, o->prices.v[i], true, e) == -1)
			return -1;
	for (size_t i = 0; i < job->n; i++) {
		if (o->refresh && refresh_prices(&job->sides[i], &o->aws,
		    e) == -1)
			return -1;
		if (fleet_prices(&job->sides[i], &job->prices, e) == -1)
			return -1;
	}
	return 0;
}

/* NULL when there is only one. */
static const char *
side_name(const struct job *job, size_t side)
{
	static const char *const names[SIDES] = { "before", "after" };

	return job->n == SIDES ? names[side] : NULL;
}

static void
calculate(struct job *job)
{
	for (size_t i = 0; i < job->n; i++)
		for (size_t s = 0; s < SCENARIOS; s++) {
			struct result *r = &job->results[i][s];

			if (!job->wanted[s])
				continue;
			result_init(r, &job->sides[i], (enum scenario)s,
			    &job->prices);
			r->scenario = scenario_names[s];
			r->side = side_name(job, i);
		}
}

/* Show the results of one scenario. */
static void
show(struct job *job, size_t scenario)
{
	struct result *first = &job->results[0][scenario];
	struct result *last = &job->results[job->n - 1][scenario];
	struct difference d;

	for (size_t i = 0; i < job->n; i++)
		if (job->o->table)
			print_result(&job->results[i][scenario]);
		else
			write_result(&job->out, &job->results[i][scenario]);
	if (job->n < SIDES)
		return;
	difference_init(&d, first, last);
	if (job->o->table)
		print_difference(&d);
	else
		write_difference(&job->out, &d);
	difference_release(&d);
}

static void
show_all(struct job *job)
{
	for (size_t s = 0; s < SCENARIOS; s++)
		if (job->wanted[s])
			show(job, s);
	for (size_t i = 0; i < job->n; i++)
		if (job->o->table)
			print_findings(&job->sides[i], &job->prices);
		else
			write_findings(&job->out, &job->sides[i],
			    &job->prices, side_name(job, i));
}

/*
 * The most that one month costs. Plans are of any month; measured use of
 * several months comes without plans.
 */
static void
dearest_month(const struct bill *bill, mpq_t out)
{
	struct subtotals sums;
	size_t months = 0;

	mpq_set_ui(out, 0, 1);
	bill_subtotals(bill, &sums);
	for (size_t i = 0; i < sums.n; i++) {
		if (strcmp(sums.v[i].by, "month") != 0)
			continue;
		months++;
		if (mpq_cmp(sums.v[i].usd, out) > 0)
			mpq_set(out, sums.v[i].usd);
	}
	if (months <= 1)
		mpq_set(out, bill->usd);
	subtotals_release(&sums);
}

/* What the answer is, when it is not a plain yes. */
static int
judge(const struct job *job, struct err *e)
{
	size_t unknown = 0;
	char *spent;
	mpq_t most, month;

	mpq_inits(most, month, NULL);
	for (size_t s = 0; s < SCENARIOS; s++) {
		if (!job->wanted[s])
			continue;
		for (size_t i = 0; i < job->n; i++)
			unknown += job->results[i][s].bill.unknown;
		dearest_month(&job->results[job->n - 1][s].bill, month);
		if (mpq_cmp(month, most) > 0)
			mpq_set(most, month);
	}
	spent = money(most);
	if (unknown > 0 && !job->o->allow_unknown)
		err_set(e, ERR_NO, "%zu amount%s not known", unknown,
		    unknown == 1 ? " is" : "s are");
	else if (job->o->max_monthly != NULL && mpq_cmp(most, job->limit) > 0)
		err_set(e, ERR_NO, "a month costs $%s, more than $%s", spent,
		    job->o->max_monthly);
	if (unknown > 0 && e->kind != ERR_NONE)
		err_hint(e, "each line says why; --prices gives rates, "
		    "--allow-unknown accepts it");
	free(spent);
	mpq_clears(most, month, NULL);
	return e->kind == ERR_NONE ? 0 : -1;
}

static int
run(struct job *job, char *const *files, size_t n, struct err *e)
{
	if (read_input(job, files, n, e) == -1 || load_prices(job, e) == -1)
		return -1;
	calculate(job);
	show_all(job);
	warn_stale(job);
	return judge(job, e);
}

static void
job_release(struct job *job)
{
	for (size_t i = 0; i < SIDES; i++) {
		for (size_t s = 0; s < SCENARIOS; s++)
			if (job->results[i][s].scenario != NULL)
				result_release(&job->results[i][s]);
		fleet_release(&job->sides[i]);
	}
	prices_release(&job->prices);
	mpq_clear(job->limit);
}

/* The end when a table was printed: nothing else is on standard output. */
static int
finish_table(const struct err *e)
{
	struct err failed = { 0 };
	int status = e->kind != ERR_NONE ? msg_err(e) : 0;

	if (fflush(stdout) == 0 && !ferror(stdout) && fclose(stdout) == 0)
		return status;
	err_sys(&failed, errno, "cannot write to standard output");
	return status != 0 ? status : msg_err(&failed);
}

int
main(int argc, char **argv)
{
	struct opts o = { .aws = AWS_OPTS_DEFAULT };
	struct job job = { .o = &o, .n = 1 };
	struct err e = { 0 };
	int first = opt_parse(&tool, argc, argv, &o, NULL), status;

	sig_init();
	rec_out_init(&job.out, tool.name);
	mpq_init(job.limit);
	choose(&job, o.scenario != NULL ? o.scenario :
	    scenario_names[SCENARIO_EXPECTED]);
	if (o.max_monthly != NULL && (decimal_parse(o.max_monthly,
	    strlen(o.max_monthly), job.limit) == -1 || mpq_sgn(job.limit) < 0))
		opt_misuse("option '--max-monthly': '%s' is not an amount",
		    o.max_monthly);
	for (size_t i = 0; i < SIDES; i++)
		fleet_init(&job.sides[i]);
	(void)run(&job, argv + first, (size_t)(argc - first), &e);
	status = o.table ? finish_table(&e) : rec_finish(&job.out, &e);
	job_release(&job);
	opt_list_release(&o.set);
	opt_list_release(&o.prices);
	return sig_reraise_or(status);
}
