/* XML answers: what is kept, what is refused. */
#include <stdlib.h>

#include "aws/xml.h"
#include "base/alloc.h"

#include "tap.h"

static struct err e;

static struct xml *
parse(const char *s)
{
	return xml_parse(s, strlen(s), &e);
}

static void
test_tree(void)
{
	struct xml *x = parse("<?xml version='1.0'?>\n<a:R xmlns:a='u' b='c'>\n"
	    " <List>\n  <member><Id>1</Id></member>\n"
	    "  <member><Id>2</Id></member>\n </List>\n <Empty/>\n"
	    " <Text> x &lt;&#228;&gt;<![CDATA[ <y> ]]></Text>\n</a:R>");
	const struct xml *m;

	if (!ok(x != NULL, "it is read"))
		return;
	is_str(x->name, "R", "prefixes of names are dropped");
	is_str(x->text, "", "blanks between elements are no text");
	m = xml_first(x, "List");
	is_str(xml_text(m, "Id"), "1", "the first member");
	is_str(xml_text(m->next, "Id"), "2", "the second");
	ok(m->next->next == NULL, "no third");
	is_str(xml_text(x, "List/member/Id"), "1", "a path takes the first");
	is_str(xml_text(x, "Empty"), "", "an empty element has empty text");
	is_str(xml_text(x, "Text"), " x <\xc3\xa4> <y> ",
	    "references and CDATA are text, blanks in it stay");
	ok(xml_text(x, "Nothing") == NULL, "what is absent is NULL");
	ok(xml_text(x, "List/member/Nothing/More") == NULL, "deeper as well");
	ok(xml_first(x, "Empty") == NULL, "an empty list has no first");
	ok(xml_first(NULL, "x") == NULL && xml_find(NULL, "x") == NULL,
	    "nothing is in nothing");
	ok(xml_find(x, "") == x, "the empty path is the element itself");
	ok(xml_find(x, "Lis") == NULL, "half a name is no name");
	xml_free(x);
}

static void
test_refused(void)
{
	static const struct { const char *s, *why; } rows[] = {
		{ "", "no element" },
		{ "x", "syntax error" },
		{ "<a>", "no element" },
		{ "<a></b>", "mismatched tag" },
		{ "<a/><b/>", "junk after" },
		{ "<:/>", "without a name" },
		{ "<a><b:/></a>", "without a name" },
		{ "<a><:></:></a>", "without a name" },
		{ "<a>\xff</a>", "not well-formed" },
		{ "<a>\x1b</a>", "not well-formed" },
		{ "<!DOCTYPE a><a/>", "document type" },
		{ "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
		    "document type" },
		{ "<a>&b;</a>", "undefined entity" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		e = (struct err){ 0 };
		ok(parse(rows[i].s) == NULL && e.kind == ERR_AWS &&
		    strstr(e.msg, rows[i].why) != NULL, "refused: %s (%s)",
		    rows[i].s, e.msg);
	}
}

/* n elements inside each other. */
static struct xml *
nested(size_t n)
{
	char *s = xcalloc(n * 7 + 1, 1), *p = s;
	struct xml *x;

	for (size_t i = 0; i < n; i++, p += 3)
		memcpy(p, "<a>", 3);
	for (size_t i = 0; i < n; i++, p += 4)
		memcpy(p, "</a>", 4);
	x = xml_parse(s, n * 7, &e);
	free(s);
	return x;
}

int
main(void)
{
	struct xml *x;

	test_tree();
	test_refused();
	ok((x = nested(64)) != NULL, "64 deep is read");
	xml_free(x);
	ok(nested(65) == NULL, "65 deep is refused");
	xml_free(NULL);
	return done();
}
