/* names.c - which workgroups a tool is asked about */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "record/names.h"

static const char ALPHABET[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

size_t
names_add(struct names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->v[i], name) == 0)
			return i;
	names->v = xgrow(names->v, names->n, &names->cap, sizeof(*names->v));
	names->v[names->n] = xstrdup(name);
	return names->n++;
}

bool
names_has(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->v[i], name) == 0)
			return true;
	return false;
}

void
names_release(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->v[i]);
	free(names->v);
	memset(names, 0, sizeof(*names));
}

bool
names_valid_workgroup(const char *name)
{
	size_t len = strlen(name);

	return len >= 3 && len <= 64 && strspn(name, ALPHABET) == len;
}

/* The workgroup that a record names, if it is of a kind that does. */
static int
take_record(struct names *names, const struct rec *rec, struct rec_out *out,
    struct err *e)
{
	bool own = strcmp(rec->kind, "workgroup") == 0;
	const char *name;

	if (!own)
		rec_pass(out, rec);
	if (!own && strcmp(rec->kind, "lock") != 0)
		return 0;
	name = rec_str(rec, "workgroup", e);
	if (e->kind != ERR_NONE)
		return -1;
	if (name == NULL && !own)
		return 0;
	if (name == NULL || !names_valid_workgroup(name))
		return err_set(e, ERR_RECORD, "line %zu: the %s record names "
		    "no valid workgroup", rec->line, rec->kind);
	names_add(names, name);
	return 0;
}

static int
read_records(struct names *names, struct rec_out *out, struct err *e)
{
	struct rec_in in;
	struct rec rec;
	int rc;

	if (isatty(STDIN_FILENO))
		return err_set(e, ERR_USAGE, "no workgroup is named, and "
		    "standard input is a terminal");
	rec_in_init(&in, STDIN_FILENO, "standard input");
	while ((rc = rec_next(&in, &rec, e)) == 1)
		if (take_record(names, &rec, out, e) == -1) {
			rc = -1;
			break;
		}
	if (rc == -1)
		rec_pass_rest(&in, out, "workgroup");
	else if (!rec_complete(&in))
		rc = rec_truncated(&in, e);
	rec_in_release(&in);
	return rc;
}

int
names_read_workgroups(struct names *names, char *const *operands, size_t n,
    bool read_stdin, struct rec_out *out, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(operands[i], "-") == 0)
			read_stdin = true;
		else if (!names_valid_workgroup(operands[i]))
			return err_set(e, ERR_USAGE, "'%s' is not the name of "
			    "a workgroup: 3 to 64 of a-z, 0-9 and '-'",
			    operands[i]);
		else
			names_add(names, operands[i]);
	return read_stdin ? read_records(names, out, e) : 0;
}
