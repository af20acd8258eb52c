/*
 * The quick reader against jansson: what it takes, jansson takes and reads
 * alike; what jansson refuses, it refuses. Lines are made by breaking good
 * ones at random, the same way every time.
 */
#include <stdlib.h>

#include "cost/decimal.h"
#include "cost/sample.h"
#include "tap.h"

enum { ROUNDS = 300000, LINE_SIZE = 600 };

static const char *const lines[] = {
	"{\"kind\":\"usage\",\"workgroup\":\"c1\",\"start\":"
	"\"2026-03-01T00:00:00Z\",\"charged_seconds\":1920}",
	"{\"kind\": \"usage\", \"workgroup\": \"c1\", \"start\": "
	"\"2026-03-01T00:00:00.25+01:00\", \"end\": \"2026-03-01 00:00:09\", "
	"\"rpu\": 32, \"source\": \"etl\", \"region\": \"us-east-1\"}\r",
	"{\"kind\":\"usage\",\"start_time\":\"2024-02-29 23:59:59\","
	"\"workgroup\":\"c1\",\"compute_seconds\":0.5,\"query_label\":null}",
	"{\"kind\":\"row\",\"seq\":1,\"on\":\"c1\",\"row\":{\"start_time\":"
	"\"2026-03-01 00:00:00\",\"end_time\":\"2026-03-01 00:01:00\","
	"\"compute_seconds\":1000.5,\"data_storage\":1000,"
	"\"charged_seconds\":1920}}",
	"{\"kind\":\"usage\",\"workgroup\":\"c1\",\"note\":\"n\",\"start\":"
	"\"2026-03-01T00:00:00Z\",\"charged_seconds\":\"1.25\"}"
};

/* Pieces that matter to a JSON reader, put in at random. */
static const char *const pieces[] = {
	"\"", "\\", "\\u0000", "{", "}", "[", "]", ",", ":", "null", "true",
	"-", "0", "00", "1e5", "1E400", ".", "9999999999999999", "NaN",
	"\"start\":", "\"row\":{", "\"on\":\"x\",", ",\"seq\":1", "\x80",
	"\xc3\xa9", "\x7f", "\t", "\n", "\r", " ", "\"kind\":\"row\",",
	"\"end\":\"2026-03-01T00:00:00Z\",", "\"rpu\":1,", "2026-02-29",
	"\"workgroup\":\"\",", ":60", "Z", "+24:00"
};

static unsigned long state = 7;

static size_t
next(size_t below)
{
	state = state * 6364136223846793005UL + 1442695040888963407UL;
	return (size_t)(state >> 33) % below;
}

/* Replace, remove, double or insert something. */
static size_t
break_line(char *s, size_t len)
{
	size_t at = next(len + 1), n = next(len - at + 1) % 12;
	const char *piece = pieces[next(sizeof(pieces) / sizeof(*pieces))];
	size_t plen = strlen(piece);

	switch (next(5)) {
	case 0:
		if (at < len)
			s[at] = (char)next(256);
		return len;
	case 1:
		memmove(s + at, s + at + n, len - at - n);
		return len - n;
	case 2:
		memmove(s + at + n, s + at, len - at);
		return len + n;
	case 3:
		if (at < len && s[at] >= '0' && s[at] <= '9')
			s[at] = (char)('0' + next(10));
		return len;
	default:
		memmove(s + at + plen, s + at, len - at);
		memcpy(s + at, piece, plen);
		return len + plen;
	}
}

static bool
same_span(const struct span *a, const struct span *b)
{
	return (a->s == NULL) == (b->s == NULL) && a->len == b->len &&
	    (a->s == NULL || memcmp(a->s, b->s, a->len) == 0);
}

/* 1.50 and 1.5 are the same number. */
static bool
same_number(const struct span *a, const struct span *b)
{
	bool same;
	mpq_t p, q;

	if (a->s == NULL || b->s == NULL || same_span(a, b))
		return same_span(a, b);
	mpq_inits(p, q, NULL);
	same = decimal_parse(a->s, a->len, p) == 0 &&
	    decimal_parse(b->s, b->len, q) == 0 && mpq_equal(p, q);
	mpq_clears(p, q, NULL);
	return same;
}

static bool
same(const struct sample *a, const struct sample *b)
{
	return same_span(&a->workgroup, &b->workgroup) &&
	    same_span(&a->region, &b->region) &&
	    same_span(&a->source, &b->source) &&
	    same_number(&a->charged, &b->charged) &&
	    same_number(&a->computed, &b->computed) &&
	    same_number(&a->rpu, &b->rpu) &&
	    a->start == b->start && a->end == b->end;
}

/* Does jansson take the line, and read the same? */
static bool
agrees(const struct sample *quick, const char *s, size_t len)
{
	json_t *object = json_loadb(s, len, JSON_REJECT_DUPLICATES, NULL);
	struct sample_numbers numbers;
	struct err e = { 0 };
	struct sample slow;
	bool good;

	good = object != NULL &&
	    sample_from_json(&slow, object, &numbers, "x", &e) == 0 &&
	    same(quick, &slow);
	json_decref(object);
	return good;
}

static void
fuzz(void)
{
	size_t taken = 0, wrong = 0;
	char line[LINE_SIZE];
	struct sample s;

	for (int i = 0; i < ROUNDS; i++) {
		const char *from = lines[next(sizeof(lines) / sizeof(*lines))];
		size_t len = strlen(from);
		char *exact;

		memcpy(line, from, len);
		for (size_t n = next(4); n > 0 && len < LINE_SIZE - 40; n--)
			len = break_line(line, len);
		exact = malloc(len + 1);	/* a byte too far is seen */
		memcpy(exact, line, len);
		exact = realloc(exact, len > 0 ? len : 1);
		if (sample_scan(&s, exact, len)) {
			taken++;
			if (!agrees(&s, exact, len) && wrong++ < 5)
				printf("# %.*s\n", (int)len, exact);
		}
		free(exact);
	}
	ok(wrong == 0, "%zu of %zu lines are read otherwise by jansson",
	    wrong, taken);
	ok(taken > ROUNDS / 8, "%zu of %d lines were plain", taken, ROUNDS);
}

static void
is_time(const char *s, long long micros)
{
	int64_t got = -1;

	(void)!sample_time(s, strlen(s), &got);
	is_int(got, micros, s);
}

int
main(void)
{
	struct sample s;

	for (size_t i = 0; i + 1 < sizeof(lines) / sizeof(*lines); i++)
		ok(sample_scan(&s, lines[i], strlen(lines[i])) &&
		    agrees(&s, lines[i], strlen(lines[i])),
		    "line %zu is plain", i);
	ok(!sample_scan(&s, "", 0), "an empty line is not");
	fuzz();
	is_time("1970-01-01T00:00:00Z", 0);
	is_time("2026-03-01T00:00:00Z", 1772323200000000LL);
	is_time("2000-02-29 12:00:00.000001", 951825600000001LL);
	is_time("2026-03-01t01:00:00+01:00", 1772323200000000LL);
	is_time("2026-02-28T20:30:00-03:30", 1772323200000000LL);
	is_time("2016-12-31T23:59:60Z", 1483228800000000LL);
	is_time("2999-12-31T23:59:59.9999999Z", 32503680000000000LL);
	is_time("1970-01-01T00:00:00+01:00", -1);
	is_time("2026-03-01T00:00:00.Z", -1);
	is_time("2026-03-01T00:00:61Z", -1);
	is_time("2026-03-01T00:00", -1);
	is_time("2026-03-01T00:00:00ZZ", -1);
	return done();
}
