/* fleet.c - everything that was said about what is to be priced */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cost/fleet.h"

/* A workgroup's address: name.account.region.redshift-serverless... */
static const char service[] = ".redshift-serverless.";

void
fleet_init(struct fleet *f)
{
	memset(f, 0, sizeof(*f));
	f->defaults = json_object();
	f->plans = json_array();
	f->where = json_array();
	f->facts = json_object();
	f->enis = json_object();
	f->unpriced = json_object();
}

void
fleet_default(struct fleet *f, const char *member, const char *value)
{
	json_object_set_new(f->defaults, member, json_string(value));
}

void
fleet_plan(struct fleet *f, json_t *usage, const char *where)
{
	json_array_append_new(f->plans, usage);
	json_array_append_new(f->where, json_string(where));
}

json_t *
fleet_facts(struct fleet *f, const char *workgroup)
{
	json_t *facts = json_object_get(f->facts, workgroup);

	if (facts == NULL) {
		facts = json_object();
		json_object_set_new(f->facts, workgroup, facts);
	}
	return facts;
}

void
fleet_add_enis(struct fleet *f, const char *workgroup, int n)
{
	json_t *facts = fleet_facts(f, workgroup);

	json_object_set_new(facts, "endpoint_enis", json_integer(n +
	    json_integer_value(json_object_get(facts, "endpoint_enis"))));
}

void
fleet_unpriced(struct fleet *f, const char *type)
{
	json_object_set_new(f->unpriced, type, json_true());
}

/* Does a plan speak of a workgroup that only the other side has? */
static bool
is_foreign(const json_t *plan, const struct fleet *own,
    const struct fleet *other)
{
	const char *name = json_string_value(json_object_get(plan,
	    "workgroup"));

	return name != NULL && json_object_get(own->facts, name) == NULL &&
	    json_object_get(other->facts, name) != NULL;
}

int
fleet_share(const struct fleet *from, struct fleet *before,
    struct fleet *after, struct err *e)
{
	json_t *plan;
	size_t i;

	if (json_object_size(from->facts) > 0 || from->meter.n > 0)
		return err_set(e, ERR_RECORD, "with a Terraform plan only "
		    "usage records that plan can be read");
	json_array_foreach(from->plans, i, plan) {
		const char *where = json_string_value(
		    json_array_get(from->where, i));

		if (!is_foreign(plan, before, after))
			fleet_plan(before, json_deep_copy(plan), where);
		if (!is_foreign(plan, after, before))
			fleet_plan(after, json_deep_copy(plan), where);
	}
	return 0;
}

/* The region in a workgroup's address, or NULL. */
static json_t *
region_of(const char *address)
{
	const char *end = address != NULL ? strstr(address, service) : NULL;
	const char *start = end;

	if (end == NULL)
		return NULL;
	while (start > address && start[-1] != '.')
		start--;
	return json_stringn(start, (size_t)(end - start));
}

static int
no_name(const struct rec *rec, struct err *e)
{
	return err_set(e, ERR_RECORD, "line %zu: the %s record has no "
	    "\"workgroup\"", rec->line, rec->kind);
}

static int
take_capacity(json_t *facts, const struct rec *rec, struct err *e)
{
	json_t *capacity = json_object_get(rec->object, "base_capacity");

	if (capacity == NULL || json_is_null(capacity))
		return 0;
	if (!json_is_integer(capacity) ||
	    !usage_valid_rpu((long)json_integer_value(capacity)))
		return err_set(e, ERR_RECORD, "line %zu: \"base_capacity\" is "
		    "not a number of RPUs that a workgroup can have",
		    rec->line);
	json_object_set(facts, "base_rpu", capacity);
	return 0;
}

static int
take_workgroup(struct fleet *f, const struct rec *rec, struct err *e)
{
	const char *name = rec_str(rec, "workgroup", e);
	const char *status = rec_str(rec, "status", e);
	json_t *region, *facts;

	if (e->kind != ERR_NONE || name == NULL)
		return e->kind != ERR_NONE ? -1 : no_name(rec, e);
	if (status != NULL && strcmp(status, "DELETED") == 0)
		return 0;	/* what is gone costs nothing any more */
	facts = fleet_facts(f, name);
	if (take_capacity(facts, rec, e) == -1)
		return -1;
	region = region_of(rec_str(rec, "address", e));
	if (region != NULL)
		json_object_set_new(facts, "region", region);
	return e->kind != ERR_NONE ? -1 : 0;
}

/*
 * Count the network interfaces of managed endpoint accesses, each once. A
 * workgroup's own endpoint is part of the workgroup and not charged.
 */
static int
take_ip(struct fleet *f, const struct rec *rec, struct err *e)
{
	const char *name = rec_str(rec, "workgroup", e);
	const char *eni = rec_str(rec, "eni", e);
	const char *ip = rec_str(rec, "ip", e);
	const char *source = rec_str(rec, "source", e);

	if (e->kind != ERR_NONE || name == NULL)
		return e->kind != ERR_NONE ? -1 : no_name(rec, e);
	if (eni == NULL && ip == NULL)
		return err_set(e, ERR_RECORD, "line %zu: the ip record has "
		    "neither \"eni\" nor \"ip\"", rec->line);
	fleet_facts(f, name);
	eni = eni != NULL ? eni : ip;
	if ((source != NULL && strcmp(source, "workgroup") == 0) ||
	    json_object_get(f->enis, eni) != NULL)
		return 0;
	json_object_set_new(f->enis, eni, json_true());
	fleet_add_enis(f, name, 1);
	return 0;
}

static int
take_usage(struct fleet *f, const struct rec_in *in, const struct rec *rec,
    struct err *e)
{
	char *where = xasprintf("%s: line %zu", in->name, rec->line);
	int rc = 0;

	if (meter_is_measured(rec->object))
		rc = meter_take(&f->meter, rec->object, where, e);
	else
		fleet_plan(f, json_incref(rec->object), where);
	free(where);
	return rc;
}

static int
take(struct fleet *f, const struct rec_in *in, const struct rec *rec,
    struct rec_out *out, struct err *e)
{
	if (strcmp(rec->kind, "usage") == 0 ||
	    (strcmp(rec->kind, "row") == 0 && meter_is_measured(rec->object)))
		return take_usage(f, in, rec, e);
	if (strcmp(rec->kind, "workgroup") == 0)
		return take_workgroup(f, rec, e);
	if (strcmp(rec->kind, "ip") == 0)
		return take_ip(f, rec, e);
	if (out != NULL)
		rec_pass(out, rec);
	return 0;
}

int
fleet_read(struct fleet *f, struct rec_in *in, bool to_end,
    struct rec_out *out, struct err *e)
{
	struct rec rec;
	int rc;

	for (;;) {
		rc = rec_next_text(in, &rec, e);
		if (rc == 1 && meter_scan(&f->meter, rec.text, rec.len))
			continue;
		if (rc == 1)
			rc = rec_parse(in, &rec, e);
		if (rc == 1 && !rec_is_end(&rec))
			rc = take(f, in, &rec, out, e) == 0 ? 1 : -1;
		if (rc != 1)
			break;
	}
	if (rc == -1)
		return -1;
	if (in->incomplete || (to_end && !rec_complete(in)))
		return rec_truncated(in, e);
	return 0;
}

static bool
is_workgroup(const json_t *plan)
{
	return json_object_get(plan, "workgroup") != NULL;
}

/* What the plan does not say, the facts may, and then the defaults. */
static void
complete_plan(struct fleet *f, json_t *plan)
{
	json_t *name = json_object_get(plan, "workgroup");
	json_t *region = json_object_get(f->defaults, "region");

	if (json_is_string(name))
		json_object_update_missing(plan, json_object_get(f->facts,
		    json_string_value(name)));
	if (is_workgroup(plan))
		json_object_update_missing(plan, f->defaults);
	else if (region != NULL && json_object_get(plan, "region") == NULL)
		json_object_set(plan, "region", region);
}

/* The endpoints of a workgroup whose compute is measured. */
static void
plan_endpoints(struct fleet *f, const char *name, const json_t *facts)
{
	json_t *enis = json_object_get(facts, "endpoint_enis"), *plan;
	json_t *region = json_object_get(facts, "region");

	if (enis == NULL)
		return;
	plan = json_pack("{s:s, s:O}", "name", name, "endpoint_enis", enis);
	if (region != NULL)
		json_object_set(plan, "region", region);
	fleet_plan(f, plan, name);
}

/* Workgroups that no plan speaks of are planned by the defaults alone. */
static void
plan_the_rest(struct fleet *f)
{
	json_t *spoken_of = json_object(), *plan, *facts;
	const char *name;
	size_t i;

	json_array_foreach(f->plans, i, plan) {
		name = json_string_value(json_object_get(plan, "workgroup"));
		if (name != NULL)
			json_object_set_new(spoken_of, name, json_true());
	}
	json_object_foreach(f->facts, name, facts) {
		if (json_object_get(spoken_of, name) != NULL)
			continue;
		if (meter_has(&f->meter, name))
			plan_endpoints(f, name, facts);
		else
			fleet_plan(f, json_pack("{s:s}", "workgroup", name),
			    name);
	}
	json_decref(spoken_of);
}

/*
 * A workgroup is planned once: what is known of it, and the defaults, would
 * be in the bill as often as there are plans. planned is a set of workgroups;
 * NULL: u is none.
 */
static int
check_once(const struct fleet *f, const struct usage *u, json_t *planned,
    const char *where, struct err *e)
{
	char *key = xasprintf("%s %s", u->region, u->name);
	int rc = 0;

	if (u->serverless && meter_has(&f->meter, u->name))
		rc = err_set(e, ERR_RECORD, "%s: '%s' has both a plan and "
		    "measured use", where, u->name);
	else if (planned != NULL && json_object_get(planned, key) != NULL)
		rc = err_set(e, ERR_RECORD, "%s: '%s' has a plan already",
		    where, u->name);
	json_object_set_new(planned, key, json_true());
	free(key);
	return rc;
}

static int
read_plans(struct fleet *f, struct err *e)
{
	json_t *planned = json_object(), *plan;
	size_t i;
	int rc = 0;

	f->v = xcalloc(json_array_size(f->plans) + 1, sizeof(*f->v));
	json_array_foreach(f->plans, i, plan) {
		const char *where = json_string_value(
		    json_array_get(f->where, i));

		complete_plan(f, plan);
		rc = usage_read(&f->v[f->n++], plan, where, e);
		if (rc == 0)
			rc = check_once(f, &f->v[i], is_workgroup(plan) ?
			    planned : NULL, where, e);
		if (rc == -1)
			break;
	}
	json_decref(planned);
	return rc;
}

int
fleet_close(struct fleet *f, struct err *e)
{
	size_t months;

	plan_the_rest(f);
	if (read_plans(f, e) == -1)
		return -1;
	if (meter_close(&f->meter, f->facts, f->defaults, e) == -1)
		return -1;
	months = meter_months(&f->meter);
	if (months > 1 && f->n > 0)
		return err_set(e, ERR_RECORD, "plans are for a month and "
		    "cannot be added to measured use of %zu months", months);
	return 0;
}

json_t *
fleet_regions(const struct fleet *f)
{
	json_t *regions = json_object();

	for (size_t i = 0; i < f->n; i++)
		json_object_set_new(regions, f->v[i].region, json_true());
	for (size_t i = 0; i < f->meter.n; i++)
		json_object_set_new(regions, f->meter.v[i].region,
		    json_true());
	return regions;
}

int
fleet_prices(const struct fleet *f, struct prices *prices, struct err *e)
{
	json_t *regions = fleet_regions(f), *unused;
	const char *region;
	int rc = 0;

	json_object_foreach(regions, region, unused) {
		(void)unused;
		rc = prices_load_region(prices, region, e);
		if (rc == -1)
			break;
	}
	json_decref(regions);
	return rc;
}

void
fleet_release(struct fleet *f)
{
	for (size_t i = 0; i < f->n; i++)
		usage_release(&f->v[i]);
	free(f->v);
	meter_release(&f->meter);
	json_decref(f->defaults);
	json_decref(f->plans);
	json_decref(f->where);
	json_decref(f->facts);
	json_decref(f->enis);
	json_decref(f->unpriced);
	memset(f, 0, sizeof(*f));
}
