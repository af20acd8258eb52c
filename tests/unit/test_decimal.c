/* Exact numbers in and out of text. */
#include <stdlib.h>
#include <string.h>

#include "cost/decimal.h"
#include "tap.h"

static void
reads(const char *in, const char *out)
{
	mpq_t q;
	char *text;
	int rc;

	mpq_init(q);
	rc = decimal_parse(in, strlen(in), q);
	if (rc == 0) {
		text = decimal_text(q, 0, 12);
		is_str(text, out, in);
		free(text);
	} else {
		is_str(NULL, out, in);
	}
	mpq_clear(q);
}

static void
shows(const char *in, unsigned min, unsigned max, const char *out)
{
	mpq_t q;
	char *text;

	mpq_init(q);
	ok(mpq_set_str(q, in, 10) == 0, "%s is a fraction", in);
	mpq_canonicalize(q);
	text = decimal_text(q, min, max);
	is_str(text, out, in);
	free(text);
	mpq_clear(q);
}

static void
from_json(const char *in, const char *out)
{
	json_t *v = json_loads(in, JSON_DECODE_ANY, NULL);
	char *text;
	mpq_t q;

	mpq_init(q);
	if (decimal_from_json(v, q) == 0) {
		text = decimal_text(q, 0, 20);
		is_str(text, out, in);
		free(text);
	} else {
		is_str(NULL, out, in);
	}
	mpq_clear(q);
	json_decref(v);
}

static const char *const refused[] = {
	"", "-", ".", "1.", ".5", "-.5", "+1", " 1", "1 ", "1,000", "1_000",
	"0x10", "inf", "nan", "NaN", "1e", "1e+", "1e31", "1e-31", "1e5x",
	"1.2.3", "--1", "1-", "12345678901234567890123456789012345678901",
	"0.1234567890123456789012345678901234567890", "\xd9\xa3"
};

int
main(void)
{
	mpq_t q;

	reads("0", "0");
	reads("-0", "0");
	reads("007", "7");
	reads("0.375", "0.375");
	reads("-12.50", "-12.5");
	reads("1e3", "1000");
	reads("1.5E+2", "150");
	reads("25e-4", "0.0025");
	reads("123456789012345678901234567890.5",
	    "123456789012345678901234567890.5");
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		reads(refused[i], NULL);
	mpq_init(q);
	ok(decimal_parse("1\0002", 3, q) == -1, "a NUL is no digit");
	ok(decimal_parse("123", 2, q) == 0 && mpq_cmp_ui(q, 12, 1) == 0,
	    "not a byte beyond its length is read");
	mpq_clear(q);

	shows("0/1", 2, 10, "0.00");
	shows("1/3", 2, 10, "0.3333333333");
	shows("2/3", 2, 10, "0.6666666667");
	shows("1/200", 2, 2, "0.01");
	shows("-1/200", 2, 2, "-0.01");
	shows("1/201", 2, 2, "0.00");
	shows("-1/201", 2, 2, "0.00");
	shows("199/200", 0, 2, "1");
	shows("-199/200", 2, 2, "-1.00");
	shows("276480/100", 2, 10, "2764.80");
	shows("5/1", 0, 0, "5");
	shows("9/2", 0, 0, "5");
	shows("1/1000", 2, 10, "0.001");

	from_json("0.1", "0.1");
	from_json("0.00001", "0.00001");
	from_json("123456789012.345", "123456789012.345");
	from_json("9223372036854775807", "9223372036854775807");
	from_json("-7", "-7");
	from_json("1e20", "100000000000000000000");
	from_json("\"0.1234567890123456789\"", "0.1234567890123456789");
	from_json("0.12345678901234567", NULL);
	from_json("\"\"", NULL);
	from_json("true", NULL);
	from_json("null", NULL);
	from_json("[]", NULL);
	return done();
}
