/* sigv4.c - AWS Signature Version 4, pure */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "aws/sigv4.h"
#include "aws/uri.h"
#include "base/alloc.h"

enum { DIGEST = 32, DAY = 8 };

static const char algorithm[] = "AWS4-HMAC-SHA256";

void
sigv4_date(time_t t, char out[SIGV4_DATE])
{
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, SIGV4_DATE, "%Y%m%dT%H%M%SZ", &tm);
}

static void
to_hex(const unsigned char digest[DIGEST], char out[SIGV4_HEX])
{
	static const char hex[] = "0123456789abcdef";

	for (int i = 0; i < DIGEST; i++) {
		out[2 * i] = hex[digest[i] >> 4];
		out[2 * i + 1] = hex[digest[i] & 15];
	}
	out[2 * DIGEST] = '\0';
}

int
sigv4_hash(const void *s, size_t len, char out[SIGV4_HEX])
{
	unsigned char digest[DIGEST];

	if (EVP_Digest(s, len, digest, NULL, EVP_sha256(), NULL) != 1)
		return -1;
	to_hex(digest, out);
	return 0;
}

/*
 * The path without empty, "." and ".." segments, as every service but S3
 * expects it. What a ".." would climb above the root is dropped.
 */
static int
normalize_path(const char *path, struct buf *out)
{
	const char *s = path;
	bool slash_last = false;

	while (*s != '\0') {
		size_t len = strcspn(s, "/");

		slash_last = s[len] == '/';
		if (len == 2 && memcmp(s, "..", 2) == 0) {
			while (out->len > 0 && out->s[--out->len] != '/')
				;
			out->s[out->len] = '\0';
		} else if (len > 0 && !(len == 1 && *s == '.') &&
		    (buf_putc(out, '/') == -1 || buf_add(out, s, len) == -1))
			return -1;
		s += len + slash_last;
	}
	if (out->len == 0 || slash_last)
		return buf_putc(out, '/');
	return 0;
}

static int
add_path(const struct sigv4_input *in, struct buf *out)
{
	struct buf path = { 0 };
	int r;

	if (in->single_encoding)
		return buf_puts(out, *in->path != '\0' ? in->path : "/");
	buf_init(&path, SIGV4_REQUEST_MAX);
	r = normalize_path(in->path, &path);
	if (r == 0)
		r = uri_encode(out, path.s, path.len, true);
	buf_release(&path);
	return r;
}

/* One name=value of a query, as it stands there. */
struct pair {
	const char *s;
	size_t name_len, value_len;	/* the value begins after "=" */
};

static int
compare_bytes(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int c = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return c != 0 ? c : (a_len > b_len) - (a_len < b_len);
}

static int
compare_pairs(const void *va, const void *vb)
{
	const struct pair *a = va, *b = vb;
	int c = compare_bytes(a->s, a->name_len, b->s, b->name_len);

	if (c != 0)
		return c;
	return compare_bytes(a->s + a->name_len + 1, a->value_len,
	    b->s + b->name_len + 1, b->value_len);
}

/* Pairs in the order of their encoded names, then of their values. */
static int
add_query(const char *query, struct buf *out)
{
	struct pair *v = NULL;
	size_t n = 0, cap = 0;
	int r = 0;

	for (const char *s = query; *s != '\0';) {
		size_t len = strcspn(s, "&"), name = strcspn(s, "=&");

		v = xgrow(v, n, &cap, sizeof(*v));
		v[n++] = (struct pair){ s, name,
			name < len ? len - name - 1 : 0 };
		s += len;
		if (*s == '&' && *++s == '\0') {
			v = xgrow(v, n, &cap, sizeof(*v));
			v[n++] = (struct pair){ s, 0, 0 };
		}
	}
	if (n > 0)
		qsort(v, n, sizeof(*v), compare_pairs);
	for (size_t i = 0; i < n && r == 0; i++)
		if ((i > 0 && buf_putc(out, '&') == -1) ||
		    buf_add(out, v[i].s, v[i].name_len) == -1 ||
		    buf_putc(out, '=') == -1 ||
		    buf_add(out, v[i].s + v[i].name_len + 1,
		    v[i].value_len) == -1)
			r = -1;
	free(v);
	return r;
}

static int
compare_headers(const void *va, const void *vb)
{
	const struct http_header *const *a = va, *const *b = vb;
	int c = strcasecmp((*a)->name, (*b)->name);

	/* Equal names stay in the order in which they are sent. */
	return c != 0 ? c : (*a > *b) - (*a < *b);
}

/* The caller frees the sorted list of pointers. */
static const struct http_header **
sort_headers(const struct sigv4_input *in)
{
	const struct http_header **v;

	v = xcalloc(in->n_headers, sizeof(const struct http_header *));
	for (size_t i = 0; i < in->n_headers; i++)
		v[i] = &in->headers[i];
	qsort(v, in->n_headers, sizeof(*v), compare_headers);
	return v;
}

/* The value with its blanks trimmed, and runs of them made one. */
static int
add_trimmed(const char *s, struct buf *out)
{
	static const char blanks[] = " \t\n\v\f\r";
	const char *separator = "";

	for (s += strspn(s, blanks); *s != '\0'; s += strspn(s, blanks)) {
		size_t len = strcspn(s, blanks);

		if (buf_puts(out, separator) == -1 ||
		    buf_add(out, s, len) == -1)
			return -1;
		s += len;
		separator = " ";
	}
	return 0;
}

static int
add_lower(const char *s, struct buf *out)
{
	for (; *s != '\0'; s++)
		if (buf_putc(out, (char)tolower((unsigned char)*s)) == -1)
			return -1;
	return 0;
}

static bool
same_as_before(const struct http_header **v, size_t i)
{
	return i > 0 && strcasecmp(v[i - 1]->name, v[i]->name) == 0;
}

static int
add_headers(const struct http_header **v, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		if (same_as_before(v, i)) {
			if (buf_putc(out, ',') == -1)
				return -1;
		} else if ((i > 0 && buf_putc(out, '\n') == -1) ||
		    add_lower(v[i]->name, out) == -1 ||
		    buf_putc(out, ':') == -1)
			return -1;
		if (add_trimmed(v[i]->value, out) == -1)
			return -1;
	}
	return n > 0 ? buf_putc(out, '\n') : 0;
}

static int
add_names(const struct http_header **v, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++)
		if (!same_as_before(v, i) &&
		    ((i > 0 && buf_putc(out, ';') == -1) ||
		    add_lower(v[i]->name, out) == -1))
			return -1;
	return 0;
}

static int
add_signed_names(const struct sigv4_input *in, struct buf *out)
{
	const struct http_header **v = sort_headers(in);
	int r = add_names(v, in->n_headers, out);

	free(v);
	return r;
}

int
sigv4_canonical(const struct sigv4_input *in, struct buf *out)
{
	const struct http_header **v = sort_headers(in);
	int r = -1;

	if (buf_printf(out, "%s\n", in->method) == 0 &&
	    add_path(in, out) == 0 && buf_putc(out, '\n') == 0 &&
	    add_query(in->query, out) == 0 && buf_putc(out, '\n') == 0 &&
	    add_headers(v, in->n_headers, out) == 0 &&
	    buf_putc(out, '\n') == 0 &&
	    add_names(v, in->n_headers, out) == 0)
		r = buf_printf(out, "\n%s", in->payload_hash);
	free(v);
	return r;
}

static int
add_scope(const struct sigv4_input *in, struct buf *out)
{
	return buf_printf(out, "%.*s/%s/%s/aws4_request", DAY, in->date,
	    in->region, in->service);
}

int
sigv4_string_to_sign(const struct sigv4_input *in, const char *canonical,
    struct buf *out)
{
	char hash[SIGV4_HEX];

	if (sigv4_hash(canonical, strlen(canonical), hash) == -1 ||
	    buf_printf(out, "%s\n%s\n", algorithm, in->date) == -1 ||
	    add_scope(in, out) == -1)
		return -1;
	return buf_printf(out, "\n%s", hash);
}

/* One step of the key derivation; out may be the key itself. */
static int
sign(const void *key, size_t key_len, const char *s, size_t len,
    unsigned char out[DIGEST])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	bool ok = HMAC(EVP_sha256(), key, (int)key_len,
	    (const unsigned char *)s, len, digest, NULL) != NULL;

	if (ok)
		memcpy(out, digest, DIGEST);
	OPENSSL_cleanse(digest, sizeof(digest));
	return ok ? 0 : -1;
}

int
sigv4_signature(const struct sigv4_input *in, const char *string_to_sign,
    char out[SIGV4_HEX])
{
	unsigned char key[DIGEST];
	struct buf secret = { 0 };
	int r = -1;

	buf_init(&secret, SIGV4_REQUEST_MAX);
	if (buf_printf(&secret, "AWS4%s", in->secret_access_key) == 0 &&
	    sign(secret.s, secret.len, in->date, DAY, key) == 0 &&
	    sign(key, DIGEST, in->region, strlen(in->region), key) == 0 &&
	    sign(key, DIGEST, in->service, strlen(in->service), key) == 0 &&
	    sign(key, DIGEST, "aws4_request", 12, key) == 0 &&
	    sign(key, DIGEST, string_to_sign, strlen(string_to_sign),
	    key) == 0) {
		to_hex(key, out);
		r = 0;
	}
	OPENSSL_cleanse(key, sizeof(key));
	buf_wipe(&secret);
	return r;
}

/* All three stages; the texts may hold a session token, so they are wiped. */
static int
sign_request(const struct sigv4_input *in, char out[SIGV4_HEX])
{
	struct buf canonical = { 0 }, to_sign = { 0 };
	int r = -1;

	buf_init(&canonical, SIGV4_REQUEST_MAX);
	buf_init(&to_sign, SIGV4_REQUEST_MAX);
	if (sigv4_canonical(in, &canonical) == 0 &&
	    sigv4_string_to_sign(in, canonical.s, &to_sign) == 0)
		r = sigv4_signature(in, to_sign.s, out);
	buf_wipe(&canonical);
	buf_wipe(&to_sign);
	return r;
}

int
sigv4_authorization(const struct sigv4_input *in, struct buf *out)
{
	char signature[SIGV4_HEX];

	if (sign_request(in, signature) == -1 ||
	    buf_printf(out, "%s Credential=%s/", algorithm,
	    in->access_key_id) == -1 || add_scope(in, out) == -1 ||
	    buf_puts(out, ", SignedHeaders=") == -1 ||
	    add_signed_names(in, out) == -1)
		return -1;
	return buf_printf(out, ", Signature=%s", signature);
}

/* "&name=" and the value, encoded. */
static int
add_parameter(struct buf *out, const char *name, const struct buf *value)
{
	if ((out->len > 0 && buf_putc(out, '&') == -1) ||
	    buf_printf(out, "X-Amz-%s=", name) == -1)
		return -1;
	return uri_encode(out, value->s, value->len, false);
}

static int
add_presign_parameters(const struct sigv4_input *in, unsigned expires_s,
    const char *token, struct buf *value, struct buf *query)
{
	if (buf_puts(value, algorithm) == -1 ||
	    add_parameter(query, "Algorithm", value) == -1)
		return -1;
	buf_reset(value);
	if (buf_printf(value, "%s/", in->access_key_id) == -1 ||
	    add_scope(in, value) == -1 ||
	    add_parameter(query, "Credential", value) == -1 ||
	    buf_printf(query, "&X-Amz-Date=%s&X-Amz-Expires=%u", in->date,
	    expires_s) == -1)
		return -1;
	buf_reset(value);
	if (add_signed_names(in, value) == -1 ||
	    add_parameter(query, "SignedHeaders", value) == -1)
		return -1;
	if (token == NULL)
		return 0;
	buf_reset(value);
	return buf_puts(value, token) == -1 ? -1 :
	    add_parameter(query, "Security-Token", value);
}

int
sigv4_presign(const struct sigv4_input *in, unsigned expires_s,
    const char *token, struct buf *out)
{
	struct sigv4_input presigned = *in;
	struct buf query = { 0 }, value = { 0 };
	char signature[SIGV4_HEX];
	int r = -1;

	buf_init(&query, SIGV4_REQUEST_MAX);
	buf_init(&value, SIGV4_REQUEST_MAX);
	if (buf_puts(&query, in->query) == 0 &&
	    add_presign_parameters(in, expires_s, token, &value,
	    &query) == 0) {
		presigned.query = query.s;
		if (sign_request(&presigned, signature) == 0)
			r = buf_printf(out, "%s&X-Amz-Signature=%s",
			    query.s, signature);
	}
	buf_wipe(&query);
	buf_wipe(&value);
	return r;
}
