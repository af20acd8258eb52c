/* usage.c - a plan: how something is going to be used in a month */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cost/decimal.h"
#include "cost/price.h"
#include "cost/usage.h"

/* What is being read, for messages. */
struct source {
	const json_t *object;
	const char *where;
	struct err *e;
};

bool
usage_valid_rpu(long rpu)
{
	if (rpu == 4)
		return true;
	if (rpu < 8 || rpu > 1024)
		return false;
	return rpu <= 512 ? rpu % 8 == 0 : rpu % 32 == 0;
}

static int
bad(const struct source *s, const char *member, const char *wanted)
{
	return err_set(s->e, ERR_RECORD, "%s: member \"%s\" has to be %s",
	    s->where, member, wanted);
}

/*
 * A number with both bounds allowed. Returns 1, 0 when the member is absent
 * or null, -1 when it is anything else.
 */
static int
number(const struct source *s, const char *member, long min, long max,
    mpq_t out)
{
	const json_t *v = json_object_get(s->object, member);
	char wanted[80];

	if (v == NULL || json_is_null(v))
		return 0;
	if (decimal_from_json(v, out) == 0 && mpq_cmp_si(out, min, 1) >= 0 &&
	    mpq_cmp_si(out, max, 1) <= 0)
		return 1;
	snprintf(wanted, sizeof(wanted), "a decimal number from %ld to %ld "
	    "(a string when it has over 15 digits)", min, max);
	return bad(s, member, wanted);
}

static int
whole(const struct source *s, const char *member, long min, long max,
    long *out)
{
	mpq_t n;
	int rc;

	mpq_init(n);
	rc = number(s, member, min, max, n);
	if (rc == 1 && mpz_cmp_ui(mpq_denref(n), 1) != 0)
		rc = bad(s, member, "a whole number");
	if (rc == 1)
		*out = mpz_get_si(mpq_numref(n));
	mpq_clear(n);
	return rc;
}

static int
string(const struct source *s, const char *member, const char **out)
{
	const json_t *v = json_object_get(s->object, member);

	*out = json_string_value(v);
	if (v == NULL || json_is_null(v))
		return 0;
	if (*out == NULL || **out == '\0')
		return bad(s, member, "a string that is not empty");
	return 1;
}

static int
read_capacity(struct usage *u, const struct source *s)
{
	int average;

	if (whole(s, "base_rpu", 4, 1024, &u->base_rpu) == -1)
		return -1;
	if (u->base_rpu != 0 && !usage_valid_rpu(u->base_rpu))
		return bad(s, "base_rpu", "4, 8 to 512 in steps of 8, or to "
		    "1024 in steps of 32");
	if (whole(s, "max_rpu", -1, USAGE_CEILING, &u->max_rpu) == -1)
		return -1;
	if (u->max_rpu == -1)
		u->max_rpu = 0;	/* AWS's word for no ceiling */
	if (u->max_rpu != 0 && u->max_rpu < u->base_rpu)
		return bad(s, "max_rpu", "at least base_rpu");
	mpq_set_si(u->average_rpu, u->base_rpu, 1);
	average = number(s, "average_rpu", u->base_rpu, USAGE_CEILING,
	    u->average_rpu);
	if (average == -1)
		return -1;
	if (u->max_rpu != 0 && mpq_cmp_si(u->average_rpu, u->max_rpu, 1) > 0)
		return bad(s, "average_rpu", "at most max_rpu");
	return 0;
}

static int
read_activity(struct usage *u, const struct source *s)
{
	int hours, fraction, queries, seconds;

	mpq_set_ui(u->hours, 24, 1);
	mpq_set_ui(u->days, 30, 1);
	mpq_set_ui(u->fraction, 1, 1);
	mpq_set_ui(u->run_s, 60, 1);
	hours = number(s, "hours_per_day", 0, 24, u->hours);
	fraction = number(s, "active_fraction", 0, 1, u->fraction);
	queries = number(s, "queries_per_hour", 0, 1000000000, u->per_hour);
	seconds = number(s, "query_s", 0, 86400, u->query_s);
	if (hours == -1 || fraction == -1 || queries == -1 || seconds == -1 ||
	    number(s, "days", 0, 31, u->days) == -1)
		return -1;
	if (queries != seconds)
		return bad(s, queries ? "query_s" : "queries_per_hour",
		    "given too: the two belong together");
	if (queries && fraction)
		return bad(s, "active_fraction", "absent when "
		    "queries_per_hour is given");
	u->queries = queries == 1;
	u->planned = hours || fraction || queries;
	u->refreshed = number(s, "zero_etl_refresh_s", 0, 432000,
	    u->refresh_s) == 1;
	if (s->e->kind != ERR_NONE ||
	    number(s, "zero_etl_run_s", 0, 86400, u->run_s) == -1)
		return -1;
	u->planned |= u->refreshed;
	if (u->refreshed && !hours && !fraction && !queries)
		mpq_set_ui(u->hours, 0, 1);	/* nothing but refreshes */
	return 0;
}

static int
read_reservation(struct usage *u, const struct source *s)
{
	const char *offering;

	if (whole(s, "reserved_rpu", 0, 1000000, &u->reserved_rpu) == -1 ||
	    string(s, "offering", &offering) == -1)
		return -1;
	if (offering == NULL)
		return 0;
	u->all_upfront = strcmp(offering, "all-upfront") == 0;
	if (!u->all_upfront && strcmp(offering, "no-upfront") != 0)
		return bad(s, "offering", "\"no-upfront\" or "
		    "\"all-upfront\"");
	return 0;
}

/* Some items have a type, which a member of its own names. */
static const char *
type_member(const struct item *item)
{
	if (strcmp(item->name, ITEM_NODE) == 0)
		return "node_type";
	return strcmp(item->name, ITEM_BROKER) == 0 ? "msk_broker_type" : NULL;
}

/* "unknown": {"nodes": "why"} */
static const char *
why_unknown(const struct source *s, const struct item *item)
{
	return json_string_value(json_object_get(json_object_get(s->object,
	    "unknown"), item->member));
}

/* The type of an item that has types, where there is a number of it. */
static int
read_type(const struct source *s, const struct item *item, bool counted,
    const char **type)
{
	const char *member = type_member(item);
	int typed = string(s, member, type);

	if (typed == -1)
		return -1;
	if (counted && !typed)
		return bad(s, member, "given with the number of them");
	if (typed && !counted)
		return bad(s, item->member, "given with their type");
	return counted;
}

static int
read_count(struct usage *u, const struct source *s, const struct item *item)
{
	const char *type = NULL, *member = type_member(item);
	const char *why = why_unknown(s, item);
	struct count *c;
	mpq_t n;
	int rc;

	mpq_init(n);
	rc = why != NULL ? 1 : number(s, item->member, 0, 1000000000000L, n);
	if (rc != -1 && member != NULL)
		rc = read_type(s, item, rc == 1, &type);
	if (rc == 1) {
		u->counts = xgrow(u->counts, u->n, &u->cap, sizeof(*c));
		c = &u->counts[u->n++];
		mpq_init(c->n);
		mpq_set(c->n, n);
		c->why = xstrdup(why);
		c->item = type == NULL ? xstrdup(item->name) :
		    xasprintf("%s:%s", item->name, type);
	}
	mpq_clear(n);
	return rc == -1 ? -1 : 0;
}

static int
read_counts(struct usage *u, const struct source *s)
{
	size_t n;
	const struct item *all = item_all(&n);

	for (size_t i = 0; i < n; i++)
		if (all[i].member != NULL && read_count(u, s, &all[i]) == -1)
			return -1;
	return 0;
}

static bool
counts_something(const char *name)
{
	size_t n;
	const struct item *all = item_all(&n);

	for (size_t i = 0; i < n; i++)
		if (all[i].member != NULL && strcmp(all[i].member, name) == 0)
			return true;
	return false;
}

/* "unknown" has members that count something, each with its reason. */
static int
check_unknown(const struct source *s)
{
	const json_t *unknown = json_object_get(s->object, "unknown");
	const char *key;
	json_t *value;

	if (unknown == NULL || json_is_null(unknown))
		return 0;
	if (!json_is_object(unknown))
		return bad(s, "unknown", "an object of strings");
	json_object_foreach((json_t *)unknown, key, value) {
		if (!json_is_string(value))
			return bad(s, "unknown", "an object of strings");
		if (!counts_something(key))
			return err_set(s->e, ERR_RECORD, "%s: there is no "
			    "number \"%s\" that could be unknown", s->where,
			    key);
	}
	return 0;
}

static bool
known_member(const char *name)
{
	static const char *const names[] = {
		"kind", "workgroup", "name", "region", "tags", "note",
		"base_rpu", "max_rpu", "average_rpu", "hours_per_day", "days",
		"active_fraction", "queries_per_hour", "query_s",
		"zero_etl_refresh_s", "zero_etl_run_s", "reserved_rpu",
		"offering", "node_type", "msk_broker_type", "unknown"
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return counts_something(name);
}

static int
check_members(const struct source *s)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)s->object, key, value) {
		if (!known_member(key))
			return err_set(s->e, ERR_RECORD, "%s: there is no "
			    "member \"%s\" in a usage record", s->where, key);
	}
	return 0;
}

static int
no_region(const struct source *s)
{
	err_set(s->e, ERR_RECORD, "%s: no region is given", s->where);
	return err_hint(s->e, "say --region, or give the record a "
	    "\"region\"");
}

static int
read_names(struct usage *u, const struct source *s)
{
	const char *name, *region, *key;
	json_t *value;

	if (string(s, "workgroup", &name) == -1 ||
	    (name == NULL && string(s, "name", &name) == -1) ||
	    string(s, "region", &region) == -1)
		return -1;
	if (region == NULL)
		return no_region(s);
	if (!prices_valid_region(region))
		return bad(s, "region", "a region such as \"us-west-2\"");
	u->tags = json_incref(json_object_get(s->object, "tags"));
	if (json_is_null(u->tags))
		u->tags = NULL;
	if (u->tags != NULL && !json_is_object(u->tags))
		return bad(s, "tags", "an object of strings");
	json_object_foreach(u->tags, key, value) {
		if (!json_is_string(value))
			return bad(s, "tags", "an object of strings");
	}
	u->serverless = json_object_get(s->object, "workgroup") != NULL ||
	    json_object_get(s->object, "base_rpu") != NULL;
	u->name = xstrdup(name != NULL ? name : "(unnamed)");
	u->region = xstrdup(region);
	return 0;
}

int
usage_read(struct usage *u, const json_t *object, const char *where,
    struct err *e)
{
	struct source s = { object, where, e };

	memset(u, 0, sizeof(*u));
	mpq_inits(u->average_rpu, u->hours, u->days, u->fraction, u->per_hour,
	    u->query_s, u->refresh_s, u->run_s, NULL);
	if (check_members(&s) == -1 || check_unknown(&s) == -1 ||
	    read_names(u, &s) == -1 || read_capacity(u, &s) == -1 ||
	    read_activity(u, &s) == -1 || read_reservation(u, &s) == -1)
		return -1;
	return read_counts(u, &s);
}

void
usage_release(struct usage *u)
{
	for (size_t i = 0; i < u->n; i++) {
		free(u->counts[i].item);
		free(u->counts[i].why);
		mpq_clear(u->counts[i].n);
	}
	free(u->counts);
	free(u->name);
	free(u->region);
	json_decref(u->tags);
	mpq_clears(u->average_rpu, u->hours, u->days, u->fraction,
	    u->per_hour, u->query_s, u->refresh_s, u->run_s, NULL);
}
