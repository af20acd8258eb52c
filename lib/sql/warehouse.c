/* warehouse.c - the warehouses that statements can be for */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "record/names.h"
#include "sql/warehouse.h"
#include "sql/valid.h"

const struct warehouse *
warehouse_find(const struct warehouses *fleet, const char *name)
{
	for (size_t i = 0; i < fleet->n; i++)
		if (strcmp(fleet->v[i].name, name) == 0)
			return &fleet->v[i];
	return NULL;
}

static void
add(struct warehouses *fleet, const char *name, const char *namespace_id)
{
	if (warehouse_find(fleet, name) != NULL)
		return;
	fleet->v = xgrow(fleet->v, fleet->n, &fleet->cap, sizeof(*fleet->v));
	fleet->v[fleet->n++] = (struct warehouse){
		.name = xstrdup(name), .namespace_id = xstrdup(namespace_id)
	};
}

int
warehouse_take(struct warehouses *fleet, const struct rec *rec, struct err *e)
{
	const char *name = rec_str(rec, "workgroup", e);
	const char *namespace_id = e->kind == ERR_NONE ?
	    rec_str(rec, "namespace_id", e) : NULL;

	if (e->kind != ERR_NONE)
		return -1;
	if (name == NULL || !names_valid_workgroup(name))
		return err_set(e, ERR_RECORD, "line %zu: the workgroup record "
		    "names no valid workgroup", rec->line);
	if (namespace_id != NULL && !valid_guid(namespace_id))
		return err_set(e, ERR_RECORD, "line %zu: the namespace_id of "
		    "'%s' is not a namespace id", rec->line, name);
	add(fleet, name, namespace_id);
	return 0;
}

int
warehouse_name(struct warehouses *fleet, const char *name, struct err *e)
{
	if (!names_valid_workgroup(name))
		return err_set(e, ERR_USAGE, "'%s' is not the name of a "
		    "workgroup: 3 to 64 of a-z, 0-9 and '-'", name);
	add(fleet, name, NULL);
	return 0;
}

int
warehouse_read(warehouse_record_fn *record, void *ctx, struct err *e)
{
	struct rec_in in;
	struct rec rec;
	int rc;

	if (isatty(STDIN_FILENO))
		return err_set(e, ERR_USAGE, "standard input is a terminal; "
		    "it has to be the workgroup records of rs-wait-workgroup");
	rec_in_init(&in, STDIN_FILENO, "standard input");
	while ((rc = rec_next(&in, &rec, e)) == 1)
		if (record(ctx, &rec, e) == -1) {
			rc = -1;
			break;
		}
	if (rc == 0 && !rec_complete(&in))
		rc = rec_truncated(&in, e);
	rec_in_release(&in);
	return rc;
}

struct collector {
	struct warehouses *fleet;
	struct rec_out *out;
};

static int
collect(void *ctx, const struct rec *rec, struct err *e)
{
	struct collector *c = ctx;

	rec_pass(c->out, rec);
	if (strcmp(rec->kind, "workgroup") != 0)
		return 0;
	return warehouse_take(c->fleet, rec, e);
}

int
warehouse_collect(struct warehouses *fleet, char *const *operands, size_t n,
    struct rec_out *out, struct err *e)
{
	struct collector c = { .fleet = fleet, .out = out };
	bool read_stdin = n == 0;

	for (size_t i = 0; i < n; i++)
		if (strcmp(operands[i], "-") == 0)
			read_stdin = true;
		else if (warehouse_name(fleet, operands[i], e) == -1)
			return -1;
	if (read_stdin && warehouse_read(collect, &c, e) == -1)
		return -1;
	if (fleet->n == 0)
		return err_set(e, ERR_RECORD, "no workgroup is named, and no "
		    "workgroup record came on standard input");
	return 0;
}

void
warehouse_release(struct warehouses *fleet)
{
	for (size_t i = 0; i < fleet->n; i++) {
		free(fleet->v[i].name);
		free(fleet->v[i].namespace_id);
	}
	free(fleet->v);
	memset(fleet, 0, sizeof(*fleet));
}
