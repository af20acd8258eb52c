/* sample.c - one line of measured use, read quickly */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cost/sample.h"

enum { DIGITS_MAX = 15 };	/* of a number that a double keeps */

/* Which part of a sample a member is. */
enum part {
	PART_NONE,	/* allowed, and of no interest */
	PART_WORKGROUP,
	PART_REGION,
	PART_SOURCE,
	PART_CHARGED,
	PART_COMPUTED,
	PART_RPU,
	PART_START,
	PART_END,
	PARTS
};

/*
 * Our own members, and the columns of SYS_SERVERLESS_USAGE and
 * SYS_QUERY_HISTORY as rs-sql(1) gives them. Of two names for one part the
 * first wins.
 */
static const struct member {
	const char *name;
	size_t len;
	enum part part;
} members[] = {
#define M(name, part) { name, sizeof(name) - 1, part }
	M("workgroup", PART_WORKGROUP),
	M("start", PART_START),
	M("end", PART_END),
	M("charged_seconds", PART_CHARGED),
	M("start_time", PART_START),
	M("end_time", PART_END),
	M("compute_seconds", PART_COMPUTED),
	M("region", PART_REGION),
	M("rpu", PART_RPU),
	M("source", PART_SOURCE),
	M("query_label", PART_SOURCE),
	M("user_name", PART_SOURCE),
	M("user_id", PART_SOURCE),
	M("kind", PART_NONE),
	M("note", PART_NONE)
#undef M
};

/* A token of the line: a string without its quotes, or a bare word. */
struct token {
	struct span text;
	bool quoted;
};

struct scanner {
	const char *at, *end;
	unsigned seen;		/* a bit for each part */
	bool row;
	size_t nignored;
	struct span ignored[16];
};

static bool
is(const struct span *span, const char *word)
{
	return strlen(word) == span->len &&
	    memcmp(span->s, word, span->len) == 0;
}

static void
skip_spaces(struct scanner *sc)
{
	while (sc->at < sc->end && (*sc->at == ' ' || *sc->at == '\t'))
		sc->at++;
}

/* The next character after spaces is c. */
static bool
accept(struct scanner *sc, char c)
{
	skip_spaces(sc);
	if (sc->at == sc->end || *sc->at != c)
		return false;
	sc->at++;
	return true;
}

/* A string in ASCII without escapes; sc is past its opening quote. */
static bool
scan_string(struct scanner *sc, struct span *out)
{
	const char *p = sc->at;

	while (p < sc->end && *p != '"') {
		unsigned char c = (unsigned char)*p;

		if (c < 0x20 || c >= 0x7f || c == '\\')
			return false;
		p++;
	}
	if (p == sc->end)
		return false;
	out->s = sc->at;
	out->len = (size_t)(p - sc->at);
	sc->at = p + 1;
	return true;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A number without sign and exponent that a double would keep. */
static bool
scan_number(struct scanner *sc, struct span *out)
{
	const char *p = sc->at, *point;

	while (p < sc->end && is_digit(*p))
		p++;
	if (p == sc->at || (*sc->at == '0' && p - sc->at > 1))
		return false;
	if (p < sc->end && *p == '.') {
		point = p++;
		while (p < sc->end && is_digit(*p))
			p++;
		if (p == point + 1)
			return false;
	}
	if (p - sc->at > DIGITS_MAX || p == sc->end ||
	    (*p != ',' && *p != '}' && *p != ' ' && *p != '\t'))
		return false;
	out->s = sc->at;
	out->len = (size_t)(p - sc->at);
	sc->at = p;
	return true;
}

static bool
scan_value(struct scanner *sc, struct token *out)
{
	static const char null[] = "null";

	skip_spaces(sc);
	out->quoted = sc->at < sc->end && *sc->at == '"';
	if (out->quoted) {
		sc->at++;
		return scan_string(sc, &out->text);
	}
	if ((size_t)(sc->end - sc->at) > sizeof(null) - 1 &&
	    memcmp(sc->at, null, sizeof(null) - 1) == 0) {
		sc->at += sizeof(null) - 1;
		out->text.s = NULL;
		return true;
	}
	return scan_number(sc, &out->text);
}

static const struct member *
find_member(const struct span *name)
{
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		if (members[i].len == name->len &&
		    memcmp(members[i].name, name->s, name->len) == 0)
			return &members[i];
	return NULL;
}

static struct span *
span_of(struct sample *s, enum part part)
{
	switch (part) {
	case PART_WORKGROUP:
		return &s->workgroup;
	case PART_REGION:
		return &s->region;
	case PART_SOURCE:
		return &s->source;
	case PART_CHARGED:
		return &s->charged;
	case PART_COMPUTED:
		return &s->computed;
	case PART_RPU:
		return &s->rpu;
	default:
		return NULL;
	}
}

static bool
is_numeric(enum part part)
{
	return part == PART_CHARGED || part == PART_COMPUTED ||
	    part == PART_RPU;
}

/* Put a value where it belongs; false when it is of the wrong type. */
static bool
store(struct sample *s, enum part part, const struct token *v)
{
	struct span *span = span_of(s, part);

	if (v->text.s == NULL)
		return true;
	if (part == PART_START || part == PART_END)
		return v->quoted && sample_time(v->text.s, v->text.len,
		    part == PART_START ? &s->start : &s->end) == 0;
	if (span == NULL)
		return true;
	if (!v->quoted && !is_numeric(part) && part != PART_SOURCE)
		return false;
	if (v->text.len == 0)
		return part == PART_SOURCE;
	*span = v->text;
	return true;
}

static void
clear(struct sample *s)
{
	memset(s, 0, sizeof(*s));
	s->start = s->end = -1;
}

/* {"kind":"usage" or {"kind":"row" */
static bool
scan_kind(struct scanner *sc)
{
	struct span name, kind;

	if (!accept(sc, '{') || !accept(sc, '"') || !scan_string(sc, &name) ||
	    !is(&name, "kind") || !accept(sc, ':') || !accept(sc, '"') ||
	    !scan_string(sc, &kind))
		return false;
	sc->row = is(&kind, "row");
	return sc->row || is(&kind, "usage");
}

/* A column that is of no interest; false when it may have been there. */
static bool
ignore(struct scanner *sc, const struct span *name)
{
	for (size_t i = 0; i < sc->nignored; i++)
		if (sc->ignored[i].len == name->len &&
		    memcmp(sc->ignored[i].s, name->s, name->len) == 0)
			return false;
	if (sc->nignored == ARRAY_LEN(sc->ignored))
		return false;
	sc->ignored[sc->nignored++] = *name;
	return true;
}

/* One member, which may be any where others are of no interest. */
static bool
scan_member(struct scanner *sc, struct sample *s, bool any)
{
	const struct member *m;
	struct token value;
	struct span name;

	if (!accept(sc, '"') || !scan_string(sc, &name) || !accept(sc, ':') ||
	    !scan_value(sc, &value))
		return false;
	m = find_member(&name);
	if (m == NULL)
		return any && ignore(sc, &name);
	if ((sc->seen & 1u << m->part) != 0)
		return false;
	sc->seen |= 1u << m->part;
	return store(s, m->part, &value);
}

/* {"kind":"row","seq":1,"on":"x","row":{...}}, from the first comma. */
static bool
scan_row(struct scanner *sc, struct sample *s)
{
	struct token value;
	struct span name = { "", 0 };

	while (!is(&name, "row")) {
		if (!accept(sc, ',') || !accept(sc, '"') ||
		    !scan_string(sc, &name) || !accept(sc, ':'))
			return false;
		if (is(&name, "row"))
			break;
		if (!scan_value(sc, &value))
			return false;
		if (is(&name, "on") && s->workgroup.s == NULL && value.quoted)
			s->workgroup = value.text;
		else if (!is(&name, "seq") || !ignore(sc, &name))
			return false;
	}
	if (!accept(sc, '{'))
		return false;
	do
		if (!scan_member(sc, s, true))
			return false;
	while (accept(sc, ','));
	return accept(sc, '}');
}

bool
sample_scan(struct sample *s, const char *text, size_t len)
{
	struct scanner sc = { text, text + len, 1u << PART_NONE, false, 0,
	    { { NULL, 0 } } };

	clear(s);
	if (!scan_kind(&sc))
		return false;
	if (sc.row && !scan_row(&sc, s))
		return false;
	while (!sc.row && accept(&sc, ','))
		if (!scan_member(&sc, s, false))
			return false;
	if (!accept(&sc, '}'))
		return false;
	skip_spaces(&sc);
	if (sc.at < sc.end && *sc.at == '\r')
		sc.at++;
	return sc.at == sc.end && s->start != -1;
}

/* The text of a number as a record would have it. */
static bool
number_text(const json_t *v, char out[32])
{
	double n = json_real_value(v);

	if (json_is_integer(v))
		snprintf(out, 32, "%lld", (long long)json_integer_value(v));
	else
		snprintf(out, 32, "%.15g", n);
	return json_is_integer(v) || strtod(out, NULL) == n;
}

static bool
token_of(const json_t *v, enum part part, struct sample_numbers *numbers,
    struct token *out)
{
	char *text = part == PART_COMPUTED ? numbers->computed :
	    part == PART_RPU ? numbers->rpu : numbers->charged;

	out->quoted = json_is_string(v);
	if (json_is_null(v)) {
		out->text.s = NULL;
		return true;
	}
	if (out->quoted) {
		out->text.s = json_string_value(v);
		out->text.len = json_string_length(v);
		return true;
	}
	if (!json_is_number(v) || !is_numeric(part) || !number_text(v, text))
		return part == PART_NONE;
	out->text.s = text;
	out->text.len = strlen(text);
	return true;
}

/* Every member of a usage record has to be one we know. */
static int
check_members(const json_t *usage, const char *where, struct err *e)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)usage, key, value) {
		struct span name = { key, strlen(key) };

		if (find_member(&name) == NULL)
			return err_set(e, ERR_RECORD, "%s: there is no "
			    "member \"%s\" in a usage record of measured use",
			    where, key);
	}
	return 0;
}

static int
wrong_type(const struct member *m, const char *where, struct err *e)
{
	return err_set(e, ERR_RECORD, "%s: member \"%s\" is not %s", where,
	    m->name, is_numeric(m->part) ? "a decimal number" :
	    m->part == PART_START || m->part == PART_END ?
	    "a time such as 2026-11-01T00:00:00Z" : "a string");
}

int
sample_from_json(struct sample *s, const json_t *object,
    struct sample_numbers *numbers, const char *where, struct err *e)
{
	const json_t *row = json_object_get(object, "row");
	const json_t *on = json_object_get(object, "on");
	unsigned seen = 1u << PART_NONE;
	struct token token;

	clear(s);
	if (row == NULL && check_members(object, where, e) == -1)
		return -1;
	if (row != NULL && json_is_string(on)) {
		s->workgroup.s = json_string_value(on);
		s->workgroup.len = json_string_length(on);
	}
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		const struct member *m = &members[i];
		const json_t *v = json_object_get(row != NULL ? row : object,
		    m->name);

		if (v == NULL || (seen & 1u << m->part) != 0)
			continue;
		seen |= 1u << m->part;
		if (!token_of(v, m->part, numbers, &token) ||
		    !store(s, m->part, &token))
			return wrong_type(m, where, e);
	}
	if (s->start == -1)
		return err_set(e, ERR_RECORD, "%s: no \"start\"", where);
	return 0;
}
