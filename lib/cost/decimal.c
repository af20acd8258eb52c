/* decimal.c - exact numbers in and out of text */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cost/decimal.h"

enum { EXPONENT_MAX = 30 };

/* A number on its way from text: digits without the point, and a scale. */
struct digits {
	char s[DECIMAL_DIGITS + 2];	/* with "-" and NUL */
	size_t len;
	long scale;			/* value is s * 10^scale */
};

static int
add_digits(struct digits *d, const char **s, const char *end, bool fraction)
{
	const char *start = *s;

	for (; *s < end && **s >= '0' && **s <= '9'; (*s)++) {
		if (d->len - (d->s[0] == '-') == DECIMAL_DIGITS)
			return -1;
		d->s[d->len++] = **s;
		d->scale -= fraction;
	}
	return *s == start ? -1 : 0;
}

static int
add_exponent(struct digits *d, const char **s, const char *end)
{
	long n = 0;
	bool negative;

	if (*s == end || (**s != 'e' && **s != 'E'))
		return 0;
	(*s)++;
	negative = *s < end && **s == '-';
	if (*s < end && (**s == '-' || **s == '+'))
		(*s)++;
	if (*s == end)
		return -1;
	for (; *s < end && **s >= '0' && **s <= '9'; (*s)++) {
		n = n * 10 + (**s - '0');
		if (n > EXPONENT_MAX)
			return -1;
	}
	d->scale += negative ? -n : n;
	return 0;
}

int
decimal_parse(const char *s, size_t len, mpq_t out)
{
	struct digits d = { .len = 0 };
	const char *end = s + len;
	mpz_t power;

	if (s < end && *s == '-')
		d.s[d.len++] = *s++;
	if (add_digits(&d, &s, end, false) == -1)
		return -1;
	if (s < end && *s == '.') {
		s++;
		if (add_digits(&d, &s, end, true) == -1)
			return -1;
	}
	if (add_exponent(&d, &s, end) == -1 || s != end)
		return -1;
	mpq_set_ui(out, 0, 1);
	mpz_set_str(mpq_numref(out), d.s, 10);
	mpz_init(power);
	mpz_ui_pow_ui(power, 10, (unsigned long)labs(d.scale));
	if (d.scale < 0)
		mpz_set(mpq_denref(out), power);
	else
		mpz_mul(mpq_numref(out), mpq_numref(out), power);
	mpz_clear(power);
	mpq_canonicalize(out);
	return 0;
}

int
decimal_from_json(const json_t *v, mpq_t out)
{
	char text[32];
	double n;

	if (json_is_string(v))
		return decimal_parse(json_string_value(v),
		    json_string_length(v), out);
	if (json_is_integer(v)) {
		snprintf(text, sizeof(text), "%lld",
		    (long long)json_integer_value(v));
		return decimal_parse(text, strlen(text), out);
	}
	if (!json_is_real(v))
		return -1;
	/*
	 * Any decimal of up to 15 digits comes back from a double as it went
	 * in; what does not come back had more.
	 */
	n = json_real_value(v);
	snprintf(text, sizeof(text), "%.15g", n);
	if (strtod(text, NULL) != n)
		return -1;
	return decimal_parse(text, strlen(text), out);
}

/* |q| * 10^places, rounded half away from zero. */
static void
scale_and_round(mpz_t out, const mpq_t q, unsigned places)
{
	mpz_t den;

	mpz_init(den);
	mpz_ui_pow_ui(out, 10, places);
	mpz_mul(out, out, mpq_numref(q));
	mpz_abs(out, out);
	mpz_mul_2exp(out, out, 1);
	mpz_add(out, out, mpq_denref(q));
	mpz_mul_2exp(den, mpq_denref(q), 1);
	mpz_fdiv_q(out, out, den);
	mpz_clear(den);
}

char *
decimal_text(const mpq_t q, unsigned min, unsigned max)
{
	mpz_t n;
	char *digits, *out;
	size_t len, whole;
	bool negative;

	mpz_init(n);
	scale_and_round(n, q, max);
	negative = mpq_sgn(q) < 0 && mpz_sgn(n) != 0;
	len = mpz_sizeinbase(n, 10) + max + 4;
	digits = xmalloc(len);
	/* Leading zeros, so that there is a digit before the point. */
	gmp_snprintf(digits, len, "%0*Zd", (int)max + 1, n);
	mpz_clear(n);
	whole = strlen(digits) - max;
	while (max > min && digits[whole + max - 1] == '0')
		max--;
	out = xasprintf("%s%.*s%s%.*s", negative ? "-" : "", (int)whole,
	    digits, max > 0 ? "." : "", (int)max, digits + whole);
	free(digits);
	return out;
}
