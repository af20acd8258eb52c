/* rs-datashare-sql_wish.c - read a wish, check it, settle it */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "record/names.h"
#include "rs-datashare-sql.h"
#include "sql/valid.h"

enum member_type { NAME, GUID, ACCOUNT, WORKGROUP, BOOL, NAMES, ACCOUNTS,
	WORKGROUPS, SCHEMAS, LOCALS };

struct member {
	const char *name;
	enum member_type type;
	size_t at;			/* in struct wish */
};

#define AT(m) offsetof(struct wish, m)
static const struct member members[] = {
	{ "share", NAME, AT(share) },
	{ "producer", WORKGROUP, AT(producer) },
	{ "producer_namespace", GUID, AT(producer_namespace) },
	{ "producer_account", ACCOUNT, AT(producer_account) },
	{ "source_database", NAME, AT(source_database) },
	{ "database", NAME, AT(database) },
	{ "connect_database", NAME, AT(connect_database) },
	{ "schemas", SCHEMAS, AT(schemas) },
	{ "consumers", WORKGROUPS, AT(consumers) },
	{ "accounts", ACCOUNTS, AT(accounts) },
	{ "external_schemas", LOCALS, AT(external_schemas) },
	{ "roles", NAMES, AT(roles) },
	{ "groups", NAMES, AT(groups) },
	{ "users", NAMES, AT(users) },
	{ "public", BOOL, AT(publicly) },
	{ "data_catalog", BOOL, AT(data_catalog) },
	{ "with_permissions", BOOL, AT(with_permissions) },
};

int
wish_failed(const struct wish *w, struct err *e)
{
	if (w->line == 0)
		return -1;
	if (e->kind == ERR_USAGE)
		e->kind = ERR_RECORD;
	return err_prefix(e, "line %zu: the datashare record", w->line);
}

static bool
name_ok(const json_t *v)
{
	return json_is_string(v) &&
	    sql_printable(json_string_value(v), SQL_NAME_MAX);
}

static bool
value_ok(enum member_type type, const json_t *v)
{
	const char *s = json_string_value(v);

	switch (type) {
	case GUID:
		return s != NULL && valid_guid(s);
	case ACCOUNT:
	case ACCOUNTS:
		return s != NULL && valid_account(s);
	case WORKGROUP:
	case WORKGROUPS:
		return s != NULL && names_valid_workgroup(s);
	default:
		return name_ok(v);
	}
}

static const char *
wanted(enum member_type type)
{
	switch (type) {
	case GUID:
		return "a namespace id (8-4-4-4-12 hexadecimal digits)";
	case ACCOUNT:
	case ACCOUNTS:
		return "an account number of 12 digits";
	case WORKGROUP:
	case WORKGROUPS:
		return "a workgroup: 3 to 64 of a-z, 0-9 and '-'";
	default:
		return "a name of 1 to 127 bytes of printable UTF-8";
	}
}

static int
bad(const char *member, const json_t *v, const char *what, struct err *e)
{
	if (json_is_string(v))
		return err_set(e, ERR_USAGE, "%s: '%s' is not %s", member,
		    json_string_value(v), what);
	return err_set(e, ERR_USAGE, "%s: this is not %s", member, what);
}

/* An object that has nothing but these members, ended by NULL. */
static int
check_object(const char *what, json_t *v, const char *const *known,
    struct err *e)
{
	const char *name;
	json_t *value;
	size_t i;

	if (!json_is_object(v))
		return err_set(e, ERR_USAGE, "%s: this is not an object", what);
	json_object_foreach(v, name, value) {
		for (i = 0; known[i] != NULL; i++)
			if (strcmp(known[i], name) == 0)
				break;
		if (known[i] == NULL)
			return err_set(e, ERR_USAGE, "%s: there is no member "
			    "\"%s\"", what, name);
	}
	return 0;
}

/* "all", or an array of names; absent is fine. */
static int
check_objects(const char *what, const json_t *v, struct err *e)
{
	const json_t *item;
	size_t i;

	if (v == NULL || (json_is_string(v) &&
	    strcmp(json_string_value(v), "all") == 0))
		return 0;
	if (!json_is_array(v))
		return err_set(e, ERR_USAGE, "%s: this is neither \"all\" nor "
		    "an array", what);
	json_array_foreach(v, i, item) {
		if (!json_is_string(item) || *json_string_value(item) == '\0')
			return bad(what, item, "a name", e);
	}
	return 0;
}

static int
check_schema(json_t *v, struct err *e)
{
	static const char *const known[] = {
		"schema", "tables", "functions", "include_new", NULL
	};
	const json_t *include_new = json_object_get(v, "include_new");

	if (check_object("schemas", v, known, e) == -1)
		return -1;
	if (!name_ok(json_object_get(v, "schema")))
		return bad("schemas", json_object_get(v, "schema"),
		    wanted(NAME), e);
	if (include_new != NULL && !json_is_boolean(include_new))
		return bad("include_new", include_new, "true or false", e);
	if (check_objects("tables", json_object_get(v, "tables"), e) == -1)
		return -1;
	return check_objects("functions", json_object_get(v, "functions"), e);
}

static int
check_local(json_t *v, struct err *e)
{
	static const char *const known[] = { "local", "schema", NULL };

	if (check_object("external_schemas", v, known, e) == -1)
		return -1;
	for (size_t i = 0; known[i] != NULL; i++)
		if (!name_ok(json_object_get(v, known[i])))
			return bad("external_schemas", json_object_get(v,
			    known[i]), wanted(NAME), e);
	return 0;
}

static int
check_array(const struct member *m, json_t *v, struct err *e)
{
	json_t *item;
	size_t i;

	if (!json_is_array(v))
		return err_set(e, ERR_USAGE, "%s: this is not an array",
		    m->name);
	json_array_foreach(v, i, item) {
		if (m->type == SCHEMAS && check_schema(item, e) == -1)
			return -1;
		if (m->type == LOCALS && check_local(item, e) == -1)
			return -1;
		if (m->type != SCHEMAS && m->type != LOCALS &&
		    !value_ok(m->type, item))
			return bad(m->name, item, wanted(m->type), e);
	}
	return 0;
}

static int
take_member(struct wish *w, const struct member *m, json_t *v, struct err *e)
{
	void *at = (char *)w + m->at;

	if (m->type == BOOL) {
		if (!json_is_boolean(v))
			return bad(m->name, v, "true or false", e);
		*(bool *)at = json_is_true(v);
	} else if (m->type < BOOL) {
		if (!value_ok(m->type, v))
			return bad(m->name, v, wanted(m->type), e);
		*(const char **)at = json_string_value(v);
	} else {
		if (check_array(m, v, e) == -1)
			return -1;
		*(json_t **)at = v;
	}
	return 0;
}

static int
take_members(struct wish *w, struct err *e)
{
	const char *name;
	json_t *v;
	size_t i;

	json_object_foreach(w->json, name, v) {
		if (strcmp(name, "kind") == 0)
			continue;
		for (i = 0; i < ARRAY_LEN(members); i++)
			if (strcmp(members[i].name, name) == 0)
				break;
		if (i == ARRAY_LEN(members))
			return err_set(e, ERR_USAGE, "there is no member "
			    "\"%s\"", name);
		if (take_member(w, &members[i], v, e) == -1)
			return -1;
	}
	return 0;
}

/* Rules that a wish can break by itself. */
static int
check_wish(const struct wish *w, struct err *e)
{
	if (w->share == NULL)
		return err_set(e, ERR_USAGE, "the share has no name");
	if ((w->producer == NULL) == (w->producer_namespace == NULL))
		return err_set(e, ERR_USAGE, "share '%s': name either the "
		    "producer's workgroup or its namespace", w->share);
	if (w->data_catalog && json_array_size(w->accounts) == 0)
		return err_set(e, ERR_USAGE, "share '%s': the data catalog is "
		    "a way to share with accounts, and none is named",
		    w->share);
	if (w->with_permissions && json_array_size(w->groups) > 0)
		return err_set(e, ERR_USAGE, "share '%s': permissions inside "
		    "a shared database can be given to roles and users, not "
		    "to groups", w->share);
	if (w->database != NULL && valid_reserved(w->database))
		return err_set(e, ERR_USAGE, "'%s' is a reserved word; a "
		    "database cannot have that name", w->database);
	return 0;
}

int
wish_add(struct wishes *wishes, json_t *json, size_t line, struct err *e)
{
	struct wish w = {
		.json = json, .line = line,
		.source_database = "dev", .connect_database = "dev"
	};

	wishes->v = xgrow(wishes->v, wishes->n, &wishes->cap,
	    sizeof(*wishes->v));
	if (take_members(&w, e) == -1 || check_wish(&w, e) == -1) {
		json_decref(json);
		return wish_failed(&w, e);
	}
	wishes->v[wishes->n++] = w;
	return 0;
}

void
wishes_release(struct wishes *wishes)
{
	for (size_t i = 0; i < wishes->n; i++)
		json_decref(wishes->v[i].json);
	free(wishes->v);
	memset(wishes, 0, sizeof(*wishes));
}

/* The consumers that were not named: everybody but the producer. */
static void
all_consumers(struct wish *w, const struct warehouses *fleet)
{
	json_t *names = json_array();

	for (size_t i = 0; i < fleet->n; i++)
		if (w->producer == NULL ||
		    strcmp(fleet->v[i].name, w->producer) != 0)
			json_array_append_new(names,
			    json_string(fleet->v[i].name));
	json_object_set_new(w->json, "consumers", names);
	w->consumers = names;
}

static int
check_present(const struct wish *w, const struct warehouses *fleet,
    const char *name, struct err *e)
{
	const struct warehouse *h = warehouse_find(fleet, name);

	if (h == NULL)
		return err_set(e, ERR_RECORD, "share '%s': there is no "
		    "workgroup record of '%s' on standard input", w->share,
		    name);
	if (h->namespace_id == NULL)
		return err_set(e, ERR_RECORD, "share '%s': the workgroup "
		    "record of '%s' has no \"namespace_id\"", w->share, name);
	return 0;
}

static int
check_consumer(const struct wish *w, const struct warehouses *fleet,
    const char *name, struct err *e)
{
	const char *namespace_id;

	if (check_present(w, fleet, name, e) == -1)
		return -1;
	namespace_id = warehouse_find(fleet, name)->namespace_id;
	if (strcasecmp(namespace_id, w->producer_namespace) == 0)
		return err_set(e, ERR_USAGE, "share '%s': consumer '%s' has "
		    "the producer's namespace", w->share, name);
	return 0;
}

/* What is missing before anything can be said, the order of the rules. */
static int
check_complete(const struct wish *w, const struct task *task, struct err *e)
{
	size_t consumers = json_array_size(w->consumers);
	bool asks = task->state || task->authorize || task->associate;

	if (task->authorize && json_array_size(w->accounts) == 0)
		return err_set(e, ERR_USAGE, "share '%s': --authorize is for "
		    "accounts, and none is named", w->share);
	if (consumers == 0 && json_array_size(w->accounts) == 0)
		return err_set(e, ERR_USAGE, "share '%s' has no consumer: no "
		    "other workgroup is in the stream, no account is named",
		    w->share);
	if (!asks && consumers > 0 && w->database == NULL)
		return err_set(e, ERR_USAGE, "share '%s': the consumers' "
		    "database has no name", w->share);
	if (!asks && w->producer != NULL && !task->remove &&
	    json_array_size(w->schemas) == 0)
		return err_set(e, ERR_USAGE, "share '%s': no schema is named",
		    w->share);
	return 0;
}

int
wish_settle(struct wish *w, const struct warehouses *fleet,
    const struct task *task, struct err *e)
{
	json_t *name;
	size_t i;

	if (w->consumers == NULL)
		all_consumers(w, fleet);
	if (check_complete(w, task, e) == -1)
		return wish_failed(w, e);
	if (w->producer != NULL) {
		if (check_present(w, fleet, w->producer, e) == -1)
			return -1;
		w->producer_namespace =
		    warehouse_find(fleet, w->producer)->namespace_id;
	}
	json_array_foreach(w->consumers, i, name) {
		if (check_consumer(w, fleet, json_string_value(name), e) == -1)
			return wish_failed(w, e);
	}
	return 0;
}
