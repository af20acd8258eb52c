/* test_sql_row.c - values become JSON and lose nothing on the way */
#include <jansson.h>
#include <stdlib.h>

#include "sql/row.h"
#include "tap.h"

/* The object of a row with one column, "c"; or the error. */
static void
gives(enum row_type type, const char *value, size_t len, const char *wanted)
{
	struct row_value v = { value, len, value == NULL };
	struct row_shape shape = { 0 };
	struct err e = { 0 };
	struct buf b;

	buf_init(&b, 1 << 16);
	if (row_shape_add(&shape, "c", type, &e) == -1)
		abort();
	if (row_encode(&shape, &v, &b, &e) == -1)
		is_str("refused", wanted, value);
	else
		is_str(b.s, wanted, value != NULL ? value : "NULL");
	row_shape_release(&shape);
	buf_release(&b);
}

static void
test_values(void)
{
	static const struct {
		enum row_type type;
		const char *value, *wanted;
	} rows[] = {
		{ ROW_TEXT, NULL, "{\"c\":null}" },
		{ ROW_TEXT, "", "{\"c\":\"\"}" },
		{ ROW_TEXT, "a\"b\\c\n\t\x01", "{\"c\":\"a\\\"b\\\\c\\n\\t"
		    "\\u0001\"}" },
		{ ROW_TEXT, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
		    "{\"c\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"}" },
		{ ROW_TEXT, "\xff", "refused" },
		{ ROW_TEXT, "\xc3", "refused" },
		{ ROW_TEXT, "\xc0\x80", "refused" },
		{ ROW_TEXT, "\xed\xa0\x80", "refused" },
		{ ROW_TEXT, "\xf4\x90\x80\x80", "refused" },
		{ ROW_BOOL, "t", "{\"c\":true}" },
		{ ROW_BOOL, "false", "{\"c\":false}" },
		{ ROW_BOOL, "x", "refused" },
		{ ROW_INT, "0", "{\"c\":0}" },
		{ ROW_INT, "-17", "{\"c\":-17}" },
		{ ROW_INT, "9007199254740992", "{\"c\":9007199254740992}" },
		{ ROW_INT, "9007199254740993",
		    "{\"c\":\"9007199254740993\"}" },
		{ ROW_INT, "-9007199254740993",
		    "{\"c\":\"-9007199254740993\"}" },
		{ ROW_INT, "-9223372036854775808",
		    "{\"c\":\"-9223372036854775808\"}" },
		{ ROW_INT, "", "refused" },
		{ ROW_INT, "1x", "refused" },
		{ ROW_FLOAT, "0.1", "{\"c\":0.1}" },
		{ ROW_FLOAT, "1e+20", "{\"c\":1e+20}" },
		{ ROW_FLOAT, "-1.7976931348623157e+308",
		    "{\"c\":-1.7976931348623157e+308}" },
		{ ROW_FLOAT, "NaN", "{\"c\":\"NaN\"}" },
		{ ROW_FLOAT, "-Infinity", "{\"c\":\"-Infinity\"}" },
		{ ROW_FLOAT, ".5", "{\"c\":\".5\"}" },
		{ ROW_FLOAT, "1.", "{\"c\":\"1.\"}" },
		{ ROW_FLOAT, "01", "{\"c\":\"01\"}" },
		{ ROW_FLOAT, "1e", "{\"c\":\"1e\"}" },
		{ ROW_JSON, "{\"a\":\n[1]}", "{\"c\":{\"a\": [1]}}" },
		{ ROW_JSON, "\"x\"", "{\"c\":\"x\"}" },
		{ ROW_JSON, "{\"a\":1,\"a\":2}",
		    "{\"c\":\"{\\\"a\\\":1,\\\"a\\\":2}\"}" },
		{ ROW_JSON, "1e999", "{\"c\":\"1e999\"}" },
		{ ROW_JSON, "not json", "{\"c\":\"not json\"}" },
		{ ROW_BYTES, "\\x", "{\"c\":\"\"}" },
		{ ROW_BYTES, "\\x00ff", "{\"c\":\"00ff\"}" },
		{ ROW_BYTES, "a\\\\\\377", "{\"c\":\"615cff\"}" },
		{ ROW_BYTES, "a\\", "refused" }
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		gives(rows[i].type, rows[i].value, rows[i].value != NULL ?
		    strlen(rows[i].value) : 0, rows[i].wanted);
	gives(ROW_TEXT, "a\0b", 3, "{\"c\":\"a\\u0000b\"}");
}

/* No two keys of an object are the same, whatever the columns are called. */
static void
test_names(void)
{
	static const char *const names[] = { "a", "a", "a_2", "", "", "a" };
	struct row_value v[ARRAY_LEN(names)];
	struct row_shape shape = { 0 };
	struct err e = { 0 };
	json_t *object;
	struct buf b;

	buf_init(&b, 1 << 16);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (row_shape_add(&shape, names[i], ROW_INT, &e) == -1)
			abort();
		v[i] = (struct row_value){ "1", 1, false };
	}
	is_int(row_encode(&shape, v, &b, &e), 0, "a row of six columns");
	is_str(b.s, "{\"a\":1,\"a_2\":1,\"a_2_2\":1,\"\":1,\"_2\":1,"
	    "\"a_3\":1}", "each name is there once");
	object = json_loads(b.s, JSON_REJECT_DUPLICATES, NULL);
	is_int((long long)json_object_size(object), 6, "six members");
	json_decref(object);
	is_int(row_shape_add(&shape, "\xff", ROW_INT, &e), -1,
	    "a name that is not UTF-8");
	row_shape_release(&shape);
	buf_release(&b);
}

static void
test_limit(void)
{
	struct row_value v = { "0123456789", 10, false };
	struct row_shape shape = { 0 };
	struct err e = { 0 };
	size_t refused = 0;
	struct buf b;

	if (row_shape_add(&shape, "c", ROW_TEXT, &e) == -1)
		abort();
	for (size_t max = 0; max < 18; max++) {
		buf_init(&b, max);
		refused += row_encode(&shape, &v, &b, &e) == -1;
		buf_release(&b);
	}
	is_int((long long)refused, 18, "any less than 18 bytes is refused");
	buf_init(&b, 18);
	is_int(row_encode(&shape, &v, &b, &e), 0, "18 bytes are enough");
	is_str(b.s, "{\"c\":\"0123456789\"}", "and they are used");
	buf_release(&b);
	row_shape_release(&shape);
}

int
main(void)
{
	test_values();
	test_names();
	test_limit();
	return done();
}
