/* row.c - a row of a result as a JSON object, no digit lost */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "sql/row.h"

enum { KEY_MAX = 4096 };

static const char HEX[] = "0123456789abcdef";

static int
put_escaped(struct buf *out, unsigned char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *known = c != '\0' ? strchr(from, c) : NULL;

	if (known != NULL)
		return buf_printf(out, "\\%c", to[known - from]);
	return buf_printf(out, "\\u%04x", c);
}

int
row_put_string(struct buf *out, const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t begin = 0, bad;

	if (!utf8_valid(s, len, &bad) || buf_putc(out, '"') == -1)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (p[i] >= 0x20 && p[i] != '"' && p[i] != '\\')
			continue;
		if (buf_add(out, s + begin, i - begin) == -1 ||
		    put_escaped(out, p[i]) == -1)
			return -1;
		begin = i + 1;
	}
	if (buf_add(out, s + begin, len - begin) == -1)
		return -1;
	return buf_putc(out, '"');
}

static bool
has_key(const struct row_shape *shape, const struct buf *key)
{
	for (size_t i = 0; i < shape->n; i++)
		if (shape->v[i].key_len == key->len &&
		    memcmp(shape->v[i].key, key->s, key->len) == 0)
			return true;
	return false;
}

/* "name": with the number of its repetition when that is not 1. */
static int
make_key(struct buf *key, const char *name, unsigned times)
{
	buf_reset(key);
	if (row_put_string(key, name, strlen(name)) == -1)
		return -1;
	if (times == 1)
		return buf_putc(key, ':');
	key->len--;
	return buf_printf(key, "_%u\":", times);
}

int
row_shape_add(struct row_shape *shape, const char *name, enum row_type type,
    struct err *e)
{
	struct buf key;
	unsigned times = 0;
	int rc;

	buf_init(&key, KEY_MAX);
	do
		rc = make_key(&key, name, ++times);
	while (rc == 0 && has_key(shape, &key));
	if (rc == -1) {
		buf_release(&key);
		return err_set(e, ERR_SQL, "the name of column %zu is not "
		    "UTF-8 or too long", shape->n + 1);
	}
	shape->v = xgrow(shape->v, shape->n, &shape->cap, sizeof(*shape->v));
	shape->v[shape->n].key_len = key.len;
	shape->v[shape->n].key = buf_take(&key);
	shape->v[shape->n++].type = type;
	buf_release(&key);
	return 0;
}

void
row_shape_clear(struct row_shape *shape)
{
	for (size_t i = 0; i < shape->n; i++)
		free(shape->v[i].key);
	shape->n = 0;
}

void
row_shape_release(struct row_shape *shape)
{
	row_shape_clear(shape);
	free(shape->v);
	memset(shape, 0, sizeof(*shape));
}

static int
put_bool(struct buf *out, const struct row_value *v)
{
	if (v->len > 0 && (v->s[0] == 't' || v->s[0] == 'f'))
		return buf_puts(out, v->s[0] == 't' ? "true" : "false");
	return -1;
}

static size_t
digits(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] >= '0' && s[n] <= '9')
		n++;
	return n;
}

/* 16 digits decide: 2^53 is 9007199254740992. */
static int
put_int(struct buf *out, const struct row_value *v)
{
	static const char exact[] = "9007199254740992";
	size_t sign = v->len > 0 && v->s[0] == '-';
	size_t n = v->len - sign;
	bool large;

	if (n == 0 || digits(v->s + sign, n) != n)
		return -1;
	large = n > 16 || (n == 16 && memcmp(v->s + sign, exact, 16) > 0);
	if (large)
		return row_put_string(out, v->s, v->len);
	return buf_add(out, v->s, v->len);
}

/* A number by the grammar of RFC 8259? */
static bool
is_json_number(const char *s, size_t len)
{
	size_t i = len > 0 && s[0] == '-', n;

	n = digits(s + i, len - i);
	if (n == 0 || (n > 1 && s[i] == '0'))
		return false;
	i += n;
	if (i < len && s[i] == '.') {
		n = digits(s + i + 1, len - i - 1);
		if (n == 0)
			return false;
		i += n + 1;
	}
	if (i < len && (s[i] == 'e' || s[i] == 'E')) {
		i++;
		i += i < len && (s[i] == '+' || s[i] == '-');
		n = digits(s + i, len - i);
		if (n == 0)
			return false;
		i += n;
	}
	return i == len;
}

static int
put_float(struct buf *out, const struct row_value *v)
{
	if (is_json_number(v->s, v->len))
		return buf_add(out, v->s, v->len);
	return row_put_string(out, v->s, v->len);
}

/*
 * As it is, but on one line: between the tokens of JSON a newline is a
 * blank, and inside a string there can be none.
 */
static int
put_json(struct buf *out, const struct row_value *v)
{
	json_t *parsed = json_loadb(v->s, v->len,
	    JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
	size_t begin = out->len;

	if (parsed == NULL)
		return row_put_string(out, v->s, v->len);
	json_decref(parsed);
	if (buf_add(out, v->s, v->len) == -1)
		return -1;
	for (size_t i = begin; i < out->len; i++)
		if (out->s[i] == '\n' || out->s[i] == '\r')
			out->s[i] = ' ';
	return 0;
}

static int
put_hex(struct buf *out, unsigned char c)
{
	const char pair[2] = { HEX[c >> 4], HEX[c & 15] };

	return buf_add(out, pair, 2);
}

static bool
is_octal(const char *s)
{
	return s[0] >= '0' && s[0] <= '3' && s[1] >= '0' && s[1] <= '7' &&
	    s[2] >= '0' && s[2] <= '7';
}

/* PostgreSQL's older form, where bytea_output is escape. */
static int
put_escape_format(struct buf *out, const struct row_value *v)
{
	for (size_t i = 0; i < v->len; i++) {
		unsigned char c = (unsigned char)v->s[i];

		if (c == '\\' && i + 1 < v->len && v->s[i + 1] == '\\')
			i++;
		else if (c == '\\' && i + 3 < v->len &&
		    is_octal(v->s + i + 1)) {
			c = (unsigned char)((v->s[i + 1] - '0') << 6 |
			    (v->s[i + 2] - '0') << 3 | (v->s[i + 3] - '0'));
			i += 3;
		} else if (c == '\\')
			return -1;
		if (put_hex(out, c) == -1)
			return -1;
	}
	return 0;
}

static int
put_bytes(struct buf *out, const struct row_value *v)
{
	int rc;

	if (buf_putc(out, '"') == -1)
		return -1;
	if (v->len >= 2 && v->s[0] == '\\' && v->s[1] == 'x')
		rc = buf_add(out, v->s + 2, v->len - 2);
	else
		rc = put_escape_format(out, v);
	return rc == -1 ? -1 : buf_putc(out, '"');
}

static int
put_value(struct buf *out, enum row_type type, const struct row_value *v)
{
	if (v->null)
		return buf_add(out, "null", 4);
	switch (type) {
	case ROW_BOOL:
		return put_bool(out, v);
	case ROW_INT:
		return put_int(out, v);
	case ROW_FLOAT:
		return put_float(out, v);
	case ROW_JSON:
		return put_json(out, v);
	case ROW_BYTES:
		return put_bytes(out, v);
	case ROW_TEXT:
		break;
	}
	return row_put_string(out, v->s, v->len);
}

int
row_encode(const struct row_shape *shape, const struct row_value *values,
    struct buf *out, struct err *e)
{
	if (buf_putc(out, '{') == -1)
		return err_set(e, ERR_SQL, "a row is too long");
	for (size_t i = 0; i < shape->n; i++) {
		const struct row_column *c = &shape->v[i];

		if ((i > 0 && buf_putc(out, ',') == -1) ||
		    buf_add(out, c->key, c->key_len) == -1 ||
		    put_value(out, c->type, &values[i]) == -1)
			return err_set(e, ERR_SQL, "column %.*s the value is "
			    "not UTF-8 or the row is longer than a record "
			    "can be", (int)c->key_len, c->key);
	}
	if (buf_putc(out, '}') == -1)
		return err_set(e, ERR_SQL, "a row is too long");
	return 0;
}
