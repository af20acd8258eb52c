/* rs-costest_input.c - what is to be priced: options, files, plans */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cost/terraform.h"
#include "rs-costest.h"

/*
 * The region that plans are in unless they say otherwise. None is no error
 * here, only for a plan that needs it; a profile that does not exist is.
 */
static int
default_region(const struct opts *o, char **region, struct err *e)
{
	struct aws *aws = aws_open(&o->aws, e);

	if (aws == NULL && e->kind != ERR_USAGE)
		return -1;
	*region = aws != NULL ? xstrdup(aws_region(aws)) : NULL;
	memset(e, 0, sizeof(*e));
	aws_close(aws);
	return 0;
}

static void
set_defaults(struct fleet *f, const struct opts *o, const char *region)
{
	char number[32];

	if (region != NULL)
		fleet_default(f, "region", region);
	snprintf(number, sizeof(number), "%lu", o->rpu);
	if (o->rpu != 0)
		fleet_default(f, "base_rpu", number);
	snprintf(number, sizeof(number), "%lu", o->max_rpu);
	if (o->max_rpu != 0)
		fleet_default(f, "max_rpu", number);
	if (o->hours != NULL)
		fleet_default(f, "hours_per_day", o->hours);
	if (o->days != NULL)
		fleet_default(f, "days", o->days);
	for (size_t i = 0; i < o->set.n; i++) {
		const char *equals = strchr(o->set.v[i], '=');
		char *member;

		if (equals == NULL || equals == o->set.v[i])
			opt_misuse("option '--set': '%s' is not "
			    "member=value", o->set.v[i]);
		member = xstrndup(o->set.v[i], (size_t)(equals -
		    o->set.v[i]));
		fleet_default(f, member, equals + 1);
		free(member);
	}
}

/* Options that no usage record could have are misuse, whatever comes in. */
static void
check_defaults(const struct fleet *f)
{
	json_t *plan = json_pack("{s:s, s:s}", "workgroup", "x", "region",
	    "x");
	struct err e = { 0 };
	struct usage u;

	json_object_update(plan, f->defaults);
	if (usage_read(&u, plan, "the options", &e) == -1)
		opt_misuse("%s", e.msg);
	usage_release(&u);
	json_decref(plan);
}

static int
read_stream(struct job *job, struct fleet *f, const char *path,
    struct err *e)
{
	bool is_stdin = strcmp(path, "-") == 0;
	struct rec_in in;
	int fd = STDIN_FILENO, rc;

	if (!is_stdin && (fd = open(path, O_RDONLY | O_CLOEXEC)) == -1) {
		rc = err_sys(e, errno, "cannot read '%s'", path);
		e->kind = ERR_USAGE;
		return rc;
	}
	if (is_stdin && isatty(fd))
		return err_set(e, ERR_USAGE, "standard input is a terminal: "
		    "name a file, a --workgroup or a --terraform plan");
	rec_in_init(&in, fd, is_stdin ? "standard input" : path);
	rc = fleet_read(f, &in, is_stdin, job->o->table ? NULL : &job->out, e);
	rec_in_release(&in);
	if (!is_stdin)
		close(fd);
	return rc;
}

/* The files; next to a plan they are for both of its sides. */
static int
read_files(struct job *job, char *const *files, size_t n, bool plan,
    struct err *e)
{
	struct fleet shared;
	int rc = 0;

	fleet_init(&shared);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = read_stream(job, plan ? &shared : &job->sides[0],
		    files[i], e);
	if (rc == 0 && plan)
		rc = fleet_share(&shared, &job->sides[0], &job->sides[1], e);
	fleet_release(&shared);
	return rc;
}

/* Everything that is to be priced, put together. */
int
read_input(struct job *job, char *const *files, size_t n, struct err *e)
{
	const struct opts *o = job->o;
	struct fleet *f = &job->sides[0];
	bool plan = false;
	char *region = NULL, stdin_name[] = "-", *only_stdin[] = { stdin_name };

	if (default_region(o, &region, e) == -1)
		return -1;
	for (size_t i = 0; i < SIDES; i++)
		set_defaults(&job->sides[i], o, region);
	free(region);
	check_defaults(f);
	if (o->workgroup != NULL)
		fleet_plan(f, json_pack("{s:s}", "workgroup", o->workgroup),
		    "the options");
	if (o->terraform != NULL && terraform_read(o->terraform,
	    &job->sides[0], &job->sides[1], &plan, e) == -1)
		return -1;
	if (plan && o->compare != NULL)
		return err_set(e, ERR_USAGE, "--compare and a plan: a plan "
		    "has two sides of its own");
	job->n = plan || o->compare != NULL ? 2 : 1;
	if (n == 0 && o->workgroup == NULL && o->terraform == NULL) {
		files = only_stdin;
		n = 1;
	}
	if (read_files(job, files, n, plan, e) == -1)
		return -1;
	if (o->compare != NULL &&
	    read_stream(job, &job->sides[1], o->compare, e) == -1)
		return -1;
	for (size_t i = 0; i < job->n; i++)
		if (fleet_close(&job->sides[i], e) == -1)
			return -1;
	return 0;
}
