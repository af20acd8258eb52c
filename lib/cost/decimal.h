/*
 * decimal.h - exact numbers in and out of text
 *
 * Money, rates and quantities are GMP rationals: a price divided by 3600
 * seconds or by 100 percent stays exact, and a total does not depend on the
 * order of its parts. Rounding happens here alone, when a number is shown.
 */
#ifndef COST_DECIMAL_H
#define COST_DECIMAL_H

#include <gmp.h>
#include <jansson.h>
#include <stddef.h>

#include "base/attr.h"

/* More than any price or quantity has; a longer number is refused. */
enum { DECIMAL_DIGITS = 40 };

/*
 * Read len bytes of s: -12, 0.375, 1.5e3. No spaces, no signs but "-", no
 * "inf" or "nan", at most DECIMAL_DIGITS digits and an exponent within 30.
 * out is initialised already and written only on success. Returns 0 or -1.
 */
int	decimal_parse(const char *s, size_t len, mpq_t out) MUST_USE;

/*
 * A JSON number or a string that decimal_parse() takes. A number that does
 * not survive the way through a double (more than 15 digits) is refused: it
 * has to come as a string.
 */
int	decimal_from_json(const json_t *v, mpq_t out) MUST_USE;

/*
 * The number with at least min and at most max decimals, rounded half away
 * from zero; zeros beyond min are cut. For the caller to free.
 */
char	*decimal_text(const mpq_t q, unsigned min, unsigned max);

#endif
