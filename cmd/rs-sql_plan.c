/* rs-sql_plan.c - what is to be run, and on which warehouse */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "record/names.h"
#include "rs-sql.h"
#include "sql/split.h"
#include "sql/warehouse.h"

enum { SCRIPT_MAX = 64 << 20, READ_SIZE = 64 << 10 };

/* While the plan is read: the commands of -c and files, without a site. */
struct reading {
	struct plan *plan;
	const struct opts *o;
	struct rec_out *out;
	json_t *script;		/* array of statement objects */
	size_t first_record;	/* place in the plan of the first one */
};

static size_t
add_site(struct plan *plan, const char *name)
{
	struct site *site;

	for (size_t i = 0; i < plan->n_sites; i++) {
		const char *known = plan->sites[i].name;

		if (known == name || (known != NULL && name != NULL &&
		    strcmp(known, name) == 0))
			return i;
	}
	plan->sites = xgrow(plan->sites, plan->n_sites, &plan->cap_sites,
	    sizeof(*plan->sites));
	site = &plan->sites[plan->n_sites];
	memset(site, 0, sizeof(*site));
	site->name = xstrdup(name);
	return plan->n_sites++;
}

/* The place of the latest statement with this seq among the records. */
static long
find_seq(const struct reading *r, long seq)
{
	for (size_t i = r->plan->n; i-- > r->first_record;)
		if (r->plan->v[i].s.seq == seq)
			return (long)i;
	return NO_ITEM;
}

static struct item *
add_item(struct plan *plan, json_t *object, const struct stmt *s, size_t site)
{
	struct item *item;

	plan->v = xgrow(plan->v, plan->n, &plan->cap, sizeof(*plan->v));
	item = &plan->v[plan->n++];
	memset(item, 0, sizeof(*item));
	item->object = json_incref(object);
	item->s = *s;
	item->site = site;
	item->after = NO_ITEM;
	plan->sites[site].used = true;
	return item;
}

/* --- scripts ----------------------------------------------------------- */

static int
add_script(struct reading *r, const char *name, const char *sql, size_t len,
    bool is_file, struct err *e)
{
	struct split_piece piece;
	struct lex lex;
	int rc;

	lex_init(&lex, sql, len);
	while ((rc = split_next(&lex, name, &piece, e)) == 1) {
		json_t *why = is_file ? json_sprintf("%s line %zu", name,
		    piece.line) : NULL;
		json_t *object = json_pack("{s:s, s:I, s:s%, s:b, s:o*}",
		    "kind", "statement", "seq",
		    (json_int_t)json_array_size(r->script) + 1,
		    "sql", piece.sql, piece.len, "transaction",
		    split_kind(piece.sql, piece.len) == SPLIT_PLAIN,
		    "why", why);

		if (object == NULL)
			return err_set(e, ERR_SQL, "%s: line %zu: not UTF-8",
			    name, piece.line);
		json_array_append_new(r->script, object);
	}
	return rc;
}

static int
read_file(const char *path, struct buf *out, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *chunk;
	ssize_t n;
	int rc = 0;

	if (fd == -1)
		return err_sys(e, errno, "cannot open '%s'", path);
	chunk = xmalloc(READ_SIZE);
	while (rc == 0 && (n = read(fd, chunk, READ_SIZE)) != 0) {
		if (n == -1)
			rc = err_sys(e, errno, "cannot read '%s'", path);
		else if (buf_add(out, chunk, (size_t)n) == -1)
			rc = err_set(e, ERR_USAGE, "'%s' is larger than "
			    "%d bytes", path, SCRIPT_MAX);
	}
	free(chunk);
	close(fd);
	return rc;
}

static int
add_file(struct reading *r, const char *path, struct err *e)
{
	static const char bom[] = "\xef\xbb\xbf";
	struct buf text;
	size_t skip;
	int rc;

	buf_init(&text, SCRIPT_MAX);
	rc = read_file(path, &text, e);
	if (rc == 0) {
		skip = text.len >= 3 && memcmp(text.s, bom, 3) == 0 ? 3 : 0;
		rc = add_script(r, path, text.s + skip, text.len - skip,
		    true, e);
	}
	buf_wipe(&text);
	return rc;
}

/* --- records ----------------------------------------------------------- */

/* A workgroup record tells where the statements for it go. */
static int
take_workgroup(struct reading *r, const struct rec *rec, struct err *e)
{
	json_t *port = json_object_get(rec->object, "port");
	const char *name = rec_str(rec, "workgroup", e);
	const char *address = e->kind == ERR_NONE ?
	    rec_str(rec, "address", e) : NULL;
	struct site *site;
	size_t at;

	if (e->kind != ERR_NONE)
		return -1;
	if (name == NULL || !names_valid_workgroup(name))
		return err_set(e, ERR_RECORD, "line %zu: the workgroup record "
		    "names no valid workgroup", rec->line);
	at = add_site(r->plan, name);	/* may move them all */
	site = &r->plan->sites[at];
	if (address == NULL)
		return 0;
	free(site->host);
	free(site->port);
	site->host = xstrdup(address);
	site->port = json_is_integer(port) ? xasprintf(
	    "%" JSON_INTEGER_FORMAT, json_integer_value(port)) : NULL;
	return 0;
}

/* A generator's record holds one command, and only one. */
static int
check_single(const struct rec *rec, const char *member, const char *sql,
    struct err *e)
{
	struct split_piece piece;
	struct lex lex;
	char name[64];
	int rc;

	snprintf(name, sizeof(name), "line %zu: \"%s\"", rec->line, member);
	lex_init(&lex, sql, strlen(sql));
	rc = split_next(&lex, name, &piece, e);
	if (rc == 1)
		rc = split_next(&lex, name, &piece, e) == 0 ? 0 :
		    err_set(e, ERR_RECORD, "%s holds more than one command",
		    name);
	else if (rc == 0)
		rc = err_set(e, ERR_RECORD, "%s holds no command", name);
	if (rc == -1)
		e->kind = ERR_RECORD;
	return rc;
}

static int
take_statement(struct reading *r, const struct rec *rec, struct err *e)
{
	struct stmt s;
	struct item *item;
	long after = NO_ITEM;

	if (stmt_read(rec, &s, e) == -1 ||
	    check_single(rec, "sql", s.sql, e) == -1 ||
	    (s.unless != NULL && check_single(rec, "unless", s.unless, e)) ||
	    (s.fail_if != NULL && check_single(rec, "fail_if", s.fail_if, e)))
		return -1;
	if (s.on != NULL && !names_valid_workgroup(s.on))
		return err_set(e, ERR_RECORD, "line %zu: \"on\" is not the "
		    "name of a workgroup", rec->line);
	if (s.after != 0 && (after = find_seq(r, s.after)) == NO_ITEM)
		return err_set(e, ERR_RECORD, "line %zu: statement %ld is to "
		    "run after %ld, which is not in the stream", rec->line,
		    s.seq, s.after);
	if (split_kind(s.sql, strlen(s.sql)) != SPLIT_PLAIN || s.wait_s > 0)
		s.transaction = false;
	if (s.on == NULL && r->o->workgroup.n == 1)
		s.on = r->o->workgroup.v[0];
	item = add_item(r->plan, rec->object, &s, add_site(r->plan, s.on));
	item->after = after;
	return 0;
}

static int
take_record(void *ctx, const struct rec *rec, struct err *e)
{
	struct reading *r = ctx;

	if (strcmp(rec->kind, "statement") == 0)
		return take_statement(r, rec, e);
	rec_pass(r->out, rec);
	if (strcmp(rec->kind, "workgroup") == 0)
		return take_workgroup(r, rec, e);
	return 0;
}

static int
read_records(struct reading *r, struct err *e)
{
	if (isatty(STDIN_FILENO)) {
		err_set(e, ERR_USAGE, "nothing to run, and standard input is "
		    "a terminal");
		return err_hint(e, "give SQL with -c, a file, or statement "
		    "records on standard input");
	}
	return warehouse_read(take_record, r, e);
}

/* --- together ---------------------------------------------------------- */

static void
place_script(struct reading *r, size_t site)
{
	json_t *object;
	size_t i;

	json_array_foreach(r->script, i, object) {
		struct rec rec = { .object = object, .kind = "statement" };
		struct err e = { 0 };
		struct stmt s;

		/* our own record: it cannot be wrong */
		if (stmt_read(&rec, &s, &e) == 0)
			add_item(r->plan, object, &s, site);
	}
}

/* -c and files run on each workgroup named, or on the only warehouse. */
static void
place_scripts(struct reading *r)
{
	const struct opt_list *named = &r->o->workgroup;
	size_t n_known = r->plan->n_sites;

	for (size_t i = 0; i < named->n; i++)
		place_script(r, add_site(r->plan, named->v[i]));
	for (size_t i = 0; named->n == 0 && i < n_known; i++)
		place_script(r, i);
	if (named->n == 0 && n_known == 0)
		place_script(r, add_site(r->plan, NULL));
}

static int
check_names(const struct opt_list *workgroups, struct err *e)
{
	for (size_t i = 0; i < workgroups->n; i++)
		if (!names_valid_workgroup(workgroups->v[i]))
			return err_set(e, ERR_USAGE, "'%s' is not the name of "
			    "a workgroup: 3 to 64 of a-z, 0-9 and '-'",
			    workgroups->v[i]);
	return 0;
}

/* Transactions that the commands begin themselves have their limits. */
static int
check_control(const struct plan *plan, const struct opts *o, struct err *e)
{
	char name[128];

	if (!o->single_transaction && !o->data_api)
		return 0;
	for (size_t i = 0; i < plan->n; i++) {
		const char *sql = plan->v[i].s.sql;

		if (split_kind(sql, strlen(sql)) != SPLIT_CONTROL)
			continue;
		plan_name(plan, &plan->v[i], name, sizeof(name));
		return err_set(e, ERR_USAGE, "%s begins or ends a transaction, "
		    "which %s does not allow", name, o->single_transaction ?
		    "--single-transaction" : "--data-api");
	}
	return 0;
}

static int
read_input(struct reading *r, char *const *files, size_t n, struct err *e)
{
	bool from_stdin = n == 0 && r->o->command.n == 0;

	for (size_t i = 0; i < r->o->command.n; i++)
		if (add_script(r, "-c", r->o->command.v[i],
		    strlen(r->o->command.v[i]), false, e) == -1)
			return -1;
	for (size_t i = 0; i < n; i++)
		if (strcmp(files[i], "-") == 0)
			from_stdin = true;
		else if (add_file(r, files[i], e) == -1)
			return -1;
	return from_stdin ? read_records(r, e) : 0;
}

int
plan_read(struct plan *plan, const struct opts *o, char *const *files,
    size_t n, struct rec_out *out, struct err *e)
{
	struct reading r = { .plan = plan, .o = o, .out = out };
	int rc;

	r.script = json_array();
	rc = check_names(&o->workgroup, e);
	if (rc == 0)
		rc = read_input(&r, files, n, e);
	if (rc == 0 && json_array_size(r.script) > 0)
		place_scripts(&r);
	json_decref(r.script);
	return rc == 0 ? check_control(plan, o, e) : rc;
}

void
plan_release(struct plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		json_decref(plan->v[i].object);
	for (size_t i = 0; i < plan->n_sites; i++) {
		free(plan->sites[i].name);
		free(plan->sites[i].host);
		free(plan->sites[i].port);
	}
	free(plan->v);
	free(plan->sites);
	memset(plan, 0, sizeof(*plan));
}

void
plan_name(const struct plan *plan, const struct item *item, char *out,
    size_t size)
{
	const char *on = plan->sites[item->site].name;

	if (on != NULL)
		snprintf(out, size, "statement %ld on '%s'", item->s.seq, on);
	else
		snprintf(out, size, "statement %ld", item->s.seq);
}
