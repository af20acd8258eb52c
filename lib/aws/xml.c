/* xml.c - a small tree of an XML answer */
#include <stdlib.h>
#include <string.h>

#include <expat.h>

#include "aws/xml.h"
#include "base/alloc.h"
#include "base/buf.h"

enum {
	DEPTH_MAX = 64,			/* AWS answers have about ten */
	NODES_MAX = 1 << 21,
	TEXT_MAX = 64 << 20
};

struct parse {
	XML_Parser parser;
	struct xml *root;
	struct xml *open[DEPTH_MAX];	/* from the root to the current one */
	struct xml *last[DEPTH_MAX];	/* the youngest child of each */
	size_t depth, nodes;
	struct buf text;		/* of the current element */
	const char *refused;
};

static void
refuse(struct parse *p, const char *why)
{
	if (p->refused == NULL)
		p->refused = why;
	XML_StopParser(p->parser, XML_FALSE);
}

static void
on_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
	struct parse *p = arg;
	const char *colon = strrchr(name, ':');
	struct xml *x;

	(void)attributes;
	if (colon != NULL && colon[1] == '\0') {
		refuse(p, "an element without a name");
		return;
	}
	if (p->depth == DEPTH_MAX || p->nodes == NODES_MAX) {
		refuse(p, "too many or too deep elements");
		return;
	}
	x = xcalloc(1, sizeof(*x));
	x->name = xstrdup(colon != NULL ? colon + 1 : name);
	x->text = xstrdup("");
	if (p->depth == 0)
		p->root = x;
	else if (p->last[p->depth - 1] != NULL)
		p->last[p->depth - 1]->next = x;
	else
		p->open[p->depth - 1]->child = x;
	if (p->depth > 0)
		p->last[p->depth - 1] = x;
	p->open[p->depth] = x;
	p->last[p->depth++] = NULL;
	p->nodes++;
	buf_reset(&p->text);
}

static void
on_end(void *arg, const XML_Char *name)
{
	struct parse *p = arg;
	struct xml *x;

	(void)name;
	/* Expat still tells the end of an empty element that was refused. */
	if (p->refused != NULL)
		return;
	x = p->open[--p->depth];
	/* Blanks between the children of an element are no text. */
	if (x->child == NULL) {
		xwipe_free(x->text);
		x->text = xstrndup(p->text.s, p->text.len);
	}
	explicit_bzero(p->text.s, p->text.len);
	buf_reset(&p->text);
}

static void
on_text(void *arg, const XML_Char *s, int len)
{
	struct parse *p = arg;

	if (buf_add(&p->text, s, (size_t)len) == -1)
		refuse(p, "too much text");
}

/* No answer has a document type; entities are a way to exhaust memory. */
static void
on_doctype(void *arg, const XML_Char *name, const XML_Char *system,
    const XML_Char *public, int has_subset)
{
	(void)name, (void)system, (void)public, (void)has_subset;
	refuse(arg, "it has a document type");
}

/* Expat holds the text of secrets for a while, so its memory is wiped. */
static XML_Parser
new_parser(struct parse *p)
{
	static const XML_Memory_Handling_Suite memory = {
		xmalloc, xwipe_realloc, xwipe_free
	};
	XML_Parser parser = XML_ParserCreate_MM("UTF-8", &memory, NULL);

	if (parser == NULL)
		return NULL;
	XML_SetUserData(parser, p);
	XML_SetElementHandler(parser, on_start, on_end);
	XML_SetCharacterDataHandler(parser, on_text);
	XML_SetStartDoctypeDeclHandler(parser, on_doctype);
	return parser;
}

static int
feed(struct parse *p, const char *s, size_t len)
{
	enum { CHUNK = 1 << 20 };

	for (;;) {
		size_t n = len < CHUNK ? len : CHUNK;

		if (XML_Parse(p->parser, s, (int)n, n == len) !=
		    XML_STATUS_OK)
			return -1;
		if (n == len)
			return 0;
		s += n;
		len -= n;
	}
}

struct xml *
xml_parse(const char *s, size_t len, struct err *e)
{
	struct parse p = { 0 };
	int r;

	p.parser = new_parser(&p);
	if (p.parser == NULL) {
		err_set(e, ERR_SYSTEM, "cannot start the XML parser");
		return NULL;
	}
	buf_init(&p.text, TEXT_MAX);
	r = feed(&p, s, len);
	if (r == -1) {
		const char *why = p.refused != NULL ? p.refused :
		    XML_ErrorString(XML_GetErrorCode(p.parser));

		err_set(e, ERR_AWS, "unreadable XML in line %lu: %s",
		    (unsigned long)XML_GetCurrentLineNumber(p.parser), why);
		xml_free(p.root);
		p.root = NULL;
	}
	XML_ParserFree(p.parser);
	buf_wipe(&p.text);
	return p.root;
}

void
xml_free(struct xml *x)
{
	while (x != NULL) {
		struct xml *next = x->next;

		xml_free(x->child);
		explicit_bzero(x->text, strlen(x->text));
		xwipe_free(x->text);
		free(x->name);
		free(x);
		x = next;
	}
}

const struct xml *
xml_find(const struct xml *x, const char *path)
{
	while (x != NULL && *path != '\0') {
		size_t len = strcspn(path, "/");
		const struct xml *c = x->child;

		while (c != NULL && (strncmp(c->name, path, len) != 0 ||
		    c->name[len] != '\0'))
			c = c->next;
		x = c;
		path += len + (path[len] == '/');
	}
	return x;
}

const char *
xml_text(const struct xml *x, const char *path)
{
	x = xml_find(x, path);
	return x != NULL ? x->text : NULL;
}

const struct xml *
xml_first(const struct xml *x, const char *path)
{
	x = xml_find(x, path);
	return x != NULL ? x->child : NULL;
}
