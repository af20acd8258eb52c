/* rs-datashare-sql_opts.c - the options, as the JSON of a wish */
#include <string.h>

#include "rs-datashare-sql.h"

/* JSON holds UTF-8 only: what is not must not get lost on the way. */
static json_t *
text_json(const char *s, struct err *e)
{
	json_t *text = json_string(s);

	if (text == NULL)
		err_set(e, ERR_USAGE, "'%s' is not UTF-8", s);
	return text;
}

static json_t *
list_json(const struct opt_list *list, struct err *e)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->n; i++)
		json_array_append_new(array, text_json(list->v[i], e));
	return array;
}

/* The list, "all", or nothing. */
static json_t *
objects_json(const struct opt_list *list, bool all, struct err *e)
{
	if (all)
		return json_string("all");
	return list->n > 0 ? list_json(list, e) : NULL;
}

static json_t *
schemas_json(const struct wish_opts *o, struct err *e)
{
	json_t *array = json_array();

	for (size_t i = 0; i < o->schemas.n; i++)
		json_array_append_new(array, json_pack(
		    "{s:o, s:o*, s:o*, s:b}",
		    "schema", text_json(o->schemas.v[i], e),
		    "tables", objects_json(&o->tables, o->tables.n == 0, e),
		    "functions", objects_json(&o->functions,
		    o->all_functions, e), "include_new", (int)o->include_new));
	return array;
}

/* "local=schema", or "local" alone when there is only one schema. */
static json_t *
local_json(const struct wish_opts *o, const char *text, struct err *e)
{
	const char *equals = strchr(text, '=');
	json_t *whole = text_json(text, e);

	json_decref(whole);
	if (whole == NULL)
		return NULL;
	if (equals != NULL)
		return json_pack("{s:s%, s:s}", "local", text,
		    (size_t)(equals - text), "schema", equals + 1);
	if (o->schemas.n != 1) {
		err_set(e, ERR_USAGE, "--external-schema %s: with more than "
		    "one --schema say which: %s=SCHEMA", text, text);
		return NULL;
	}
	return json_pack("{s:s, s:s}", "local", text, "schema",
	    o->schemas.v[0]);
}

static int
check(const struct wish_opts *o, struct err *e)
{
	if (o->schemas.n > 1 && (o->tables.n > 0 || o->functions.n > 0))
		return err_set(e, ERR_USAGE, "--table and --function need "
		    "exactly one --schema; use a datashare record for more");
	if (o->all_functions && o->functions.n > 0)
		return err_set(e, ERR_USAGE, "--function and --all-functions "
		    "exclude each other");
	return 0;
}

static void
set(json_t *object, const char *member, json_t *value)
{
	json_object_set_new(object, member, value);
}

static void
set_strings(json_t *object, const struct wish_opts *o, struct err *e)
{
	const struct { const char *member, *value; } rows[] = {
		{ "share", o->share }, { "producer", o->producer },
		{ "producer_namespace", o->producer_namespace },
		{ "producer_account", o->producer_account },
		{ "source_database", o->source_database },
		{ "database", o->database },
		{ "connect_database", o->connect_database }
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].value != NULL)
			set(object, rows[i].member,
			    text_json(rows[i].value, e));
}

static void
set_lists(json_t *object, const struct wish_opts *o, struct err *e)
{
	const struct { const char *member; const struct opt_list *list; }
	    rows[] = {
		{ "consumers", &o->consumers }, { "accounts", &o->accounts },
		{ "roles", &o->roles }, { "groups", &o->groups },
		{ "users", &o->users }
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].list->n > 0)
			set(object, rows[i].member, list_json(rows[i].list, e));
	set(object, "schemas", schemas_json(o, e));
}


json_t *
wish_from_options(const struct wish_opts *o, struct err *e)
{
	json_t *object = json_object(), *locals = json_array();

	if (check(o, e) == -1)
		goto failed;
	set_strings(object, o, e);
	set_lists(object, o, e);
	set(object, "public", json_boolean(o->publicly));
	set(object, "data_catalog", json_boolean(o->data_catalog));
	set(object, "with_permissions", json_boolean(o->with_permissions));
	for (size_t i = 0; i < o->external_schemas.n; i++)
		json_array_append_new(locals, local_json(o,
		    o->external_schemas.v[i], e));
	if (e->kind != ERR_NONE)
		goto failed;
	set(object, "external_schemas", locals);
	return object;
failed:
	json_decref(locals);
	json_decref(object);
	return NULL;
}
