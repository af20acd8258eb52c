/* meter.c - measured use, summed up as it is read */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "cost/decimal.h"
#include "cost/meter.h"

enum {
	MICROS = 1000000,
	MINIMUM_S = 60,		/* the least that an activity is billed */
	LONGEST_S = 31 * SECONDS_DAY,	/* no activity lasts a month */
	SHORT = 1 * MICROS,	/* below this an activity is a keep-alive */
	TALKERS_MAX = 64
};

static const int64_t DAY_MICROS = (int64_t)SECONDS_DAY * MICROS;

bool
meter_is_measured(const json_t *object)
{
	const json_t *row = json_object_get(object, "row");

	if (row == NULL)
		row = object;
	return json_object_get(row, "start") != NULL ||
	    json_object_get(row, "start_time") != NULL;
}

static uint64_t
hash(const char *s, size_t len)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * UINT64_C(1099511628211);
	return h;
}

static bool
is_named(const struct metered *w, const char *name, size_t len)
{
	return strncmp(w->name, name, len) == 0 && w->name[len] == '\0';
}

/* The slot where name is, or would be. */
static size_t *
slot(const struct meter *m, const char *name, size_t len)
{
	size_t at = hash(name, len) & (m->nslots - 1);

	while (m->slots[at] != 0 &&
	    !is_named(&m->v[m->slots[at] - 1], name, len))
		at = (at + 1) & (m->nslots - 1);
	return &m->slots[at];
}

static void
rehash(struct meter *m)
{
	m->nslots = m->nslots == 0 ? 64 : 2 * m->nslots;
	free(m->slots);
	m->slots = xcalloc(m->nslots, sizeof(*m->slots));
	for (size_t i = 0; i < m->n; i++)
		*slot(m, m->v[i].name, strlen(m->v[i].name)) = i + 1;
}

static struct metered *
find_or_add(struct meter *m, const struct span *name)
{
	size_t *at;
	struct metered *w;

	if (m->n > 0 && is_named(&m->v[m->last], name->s, name->len))
		return &m->v[m->last];
	if (2 * m->n >= m->nslots)
		rehash(m);
	at = slot(m, name->s, name->len);
	if (*at == 0) {
		m->v = xgrow(m->v, m->n, &m->cap, sizeof(*m->v));
		w = &m->v[m->n];
		memset(w, 0, sizeof(*w));
		w->name = xstrndup(name->s, name->len);
		*at = ++m->n;
	}
	m->last = *at - 1;
	return &m->v[m->last];
}

bool
meter_has(const struct meter *m, const char *name)
{
	return m->n > 0 && *slot(m, name, strlen(name)) != 0;
}

struct month *
meter_month(struct metered *w, long day)
{
	time_t t = (time_t)day * SECONDS_DAY;
	struct month *month;
	struct tm tm;
	int number;

	if (w->n > 0 && day == w->day)
		return &w->months[w->day_month];
	gmtime_r(&t, &tm);
	number = (tm.tm_year + 1900) * 12 + tm.tm_mon;
	w->day = day;
	for (w->day_month = w->n; w->day_month-- > 0;)
		if (w->months[w->day_month].number == number)
			return &w->months[w->day_month];
	w->day_month = w->n;
	w->months = xgrow(w->months, w->n, &w->cap, sizeof(*w->months));
	month = &w->months[w->n++];
	memset(month, 0, sizeof(*month));
	month->number = number;
	mpq_init(month->more);
	return month;
}

/*
 * A plain decimal of up to 9 digits before and 6 after the point, in
 * millionths.
 */
static int
plain_micros(const struct span *text, uint64_t *out)
{
	uint64_t n = 0;
	size_t i = 0, places = 0;

	for (; i < text->len && text->s[i] >= '0' && text->s[i] <= '9'; i++)
		n = n * 10 + (uint64_t)(text->s[i] - '0');
	if (i == 0 || i > 9)
		return -1;
	if (i < text->len && text->s[i] == '.') {
		for (i++; i < text->len && text->s[i] >= '0' &&
		    text->s[i] <= '9' && places < 6; i++, places++)
			n = n * 10 + (uint64_t)(text->s[i] - '0');
		if (places == 0)
			return -1;
	}
	for (; places < 6; places++)
		n *= 10;
	*out = n;
	return i == text->len ? 0 : -1;
}

/* Add RPU-seconds to a month; false when the text is no such number. */
static bool
add_seconds(struct month *month, const struct span *text)
{
	uint64_t micros;
	mpq_t exact;
	bool good;

	if (plain_micros(text, &micros) == 0 &&
	    month->micros <= UINT64_MAX - micros) {
		month->micros += micros;
		return true;
	}
	mpq_init(exact);
	good = decimal_parse(text->s, text->len, exact) == 0 &&
	    mpq_sgn(exact) >= 0 && mpq_cmp_ui(exact, 1000000000000UL, 1) <= 0;
	if (good)
		mpq_add(month->more, month->more, exact);
	mpq_clear(exact);
	return good;
}

static struct talker *
talker(struct metered *w, const struct span *name)
{
	struct talker *t;

	for (size_t i = 0; i < w->ntalkers; i++)
		if (strncmp(w->talkers[i].name, name->s, name->len) == 0 &&
		    w->talkers[i].name[name->len] == '\0')
			return &w->talkers[i];
	if (w->ntalkers == TALKERS_MAX)
		return NULL;
	w->talkers = xgrow(w->talkers, w->ntalkers, &w->talkers_cap,
	    sizeof(*w->talkers));
	t = &w->talkers[w->ntalkers++];
	memset(t, 0, sizeof(*t));
	t->name = xstrndup(name->s, name->len);
	t->first = INT64_MAX;
	return t;
}

static void
note_talker(struct metered *w, const struct sample *s)
{
	static const struct span nobody = { "", 0 };
	struct talker *t = talker(w, s->source.s != NULL ? &s->source :
	    &nobody);

	if (t == NULL)
		return;
	t->n++;
	t->busy += (uint64_t)(s->end - s->start);
	if (s->start < t->first)
		t->first = s->start;
	if (s->start > t->last)
		t->last = s->start;
}

/* The whole seconds that an activity is billed for. */
static int
add_activity(struct metered *w, const struct sample *s)
{
	int64_t from = s->start / MICROS;
	int64_t to = (s->end + MICROS - 1) / MICROS;

	if (to < from + MINIMUM_S)
		to = from + MINIMUM_S;
	if (seconds_add(&w->paid, from, to) == -1)
		return -1;
	if (s->end - s->start >= SHORT &&
	    seconds_add(&w->work, from, to) == -1)
		return -1;
	note_talker(w, s);
	return 0;
}

static enum meter_kind
kind_of(const struct sample *s)
{
	if (s->charged.s != NULL)
		return METER_CHARGED;
	if (s->computed.s != NULL)
		return METER_COMPUTED;
	return s->end != -1 ? METER_LOG : METER_NONE;
}

/* The rpu member of a log line has to be the same in every line. */
static const char *
note_rpu(struct metered *w, const struct span *text)
{
	uint64_t micros;
	long rpu;

	if (text->s == NULL)
		return NULL;
	if (plain_micros(text, &micros) == -1 || micros % MICROS != 0 ||
	    micros == 0 || micros / MICROS > 5632)
		return "\"rpu\" is not a number of RPUs";
	rpu = (long)(micros / MICROS);
	if (w->rpu != 0 && w->rpu != rpu)
		return "\"rpu\" is not the same as before: give each "
		    "capacity a workgroup name of its own";
	w->rpu = rpu;
	return NULL;
}

static const char *
note_region(struct metered *w, const struct span *region)
{
	if (region->s == NULL)
		return NULL;
	if (w->region == NULL)
		w->region = xstrndup(region->s, region->len);
	if (strlen(w->region) != region->len ||
	    memcmp(w->region, region->s, region->len) != 0)
		return "\"region\" is not the same as before";
	return NULL;
}

/* Add a sample. Returns NULL, or what is wrong with it. */
static const char *
add(struct meter *m, const struct sample *s)
{
	enum meter_kind kind = kind_of(s);
	struct metered *w;
	const char *wrong;

	if (s->workgroup.s == NULL)
		return "no \"workgroup\"";
	if (kind == METER_NONE)
		return "neither \"charged_seconds\" nor \"compute_seconds\" "
		    "nor \"end\"";
	if (s->end != -1 && (s->end < s->start ||
	    s->end - s->start > (int64_t)LONGEST_S * MICROS))
		return "it ends before it starts, or a month later";
	w = find_or_add(m, &s->workgroup);
	if (w->kind != METER_NONE && w->kind != kind)
		return "charged_seconds, compute_seconds and query logs of "
		    "one workgroup cannot be added";
	w->kind = kind;
	wrong = note_region(w, &s->region);
	if (wrong == NULL)
		wrong = note_rpu(w, &s->rpu);
	if (wrong != NULL)
		return wrong;
	if (kind == METER_LOG)
		return add_activity(w, s) == 0 ? NULL :
		    "the log spans more than ten years";
	return add_seconds(meter_month(w, (long)(s->start / DAY_MICROS)),
	    kind == METER_CHARGED ? &s->charged : &s->computed) ? NULL :
	    "the RPU-seconds are not a decimal number";
}

bool
meter_scan(struct meter *m, const char *text, size_t len)
{
	struct sample s;

	return sample_scan(&s, text, len) && add(m, &s) == NULL;
}

int
meter_take(struct meter *m, const json_t *object, const char *where,
    struct err *e)
{
	struct sample_numbers numbers;
	struct sample s;
	const char *wrong;

	if (sample_from_json(&s, object, &numbers, where, e) == -1)
		return -1;
	wrong = add(m, &s);
	return wrong == NULL ? 0 :
	    err_set(e, ERR_RECORD, "%s: %s", where, wrong);
}
