/* fuzz_answer - XML answers and what --debug shows of any */
#include "aws/http_debug.h"
#include "aws/xml.h"

#include "fuzz.h"

static size_t
count(const struct xml *x, size_t depth)
{
	size_t n = 0;

	holds(depth <= 64, "the depth is bounded");
	for (; x != NULL; x = x->next) {
		holds(x->name[0] != '\0' && x->text != NULL,
		    "elements have a name and a text");
		n += 1 + count(x->child, depth + 1);
	}
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { 0 };
	struct xml *x = xml_parse((const char *)data, size, &e);
	struct buf shown = { 0 };

	if (x != NULL) {
		holds(count(x, 1) <= size, "no more elements than bytes");
		(void)xml_text(x, "Error/Code");
	} else
		holds(e.kind == ERR_AWS && e.msg[0] != '\0',
		    "a refusal says why");
	xml_free(x);
	buf_init(&shown, 1 << 20);
	http_debug_mask((const char *)data, size, &shown);
	buf_release(&shown);
	return 0;
}
