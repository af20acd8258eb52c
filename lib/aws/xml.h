/*
 * xml.h - a small tree of an XML answer
 *
 * Elements keep their local name and their text; attributes and name-spaces
 * are dropped, since no AWS answer needs them. Document types are refused,
 * depth and size are bounded.
 */
#ifndef AWS_XML_H
#define AWS_XML_H

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

struct xml {
	char *name;
	char *text;		/* "" when there is none */
	struct xml *child;	/* the first */
	struct xml *next;	/* sibling */
};

/* Returns the root for xml_free(), or NULL with ERR_AWS. */
struct xml *xml_parse(const char *s, size_t len, struct err *e) MUST_USE;
void	xml_free(struct xml *x);

/*
 * The first element at a path of names below x, such as "Target/Id"; NULL
 * when there is none. x may be NULL.
 */
const struct xml *xml_find(const struct xml *x, const char *path);

/* Its text, or NULL when it is absent. */
const char *xml_text(const struct xml *x, const char *path);

/*
 * The children of a list: xml_first(x, "TargetGroups") is its first member,
 * then ->next. NULL when the list is absent or empty.
 */
const struct xml *xml_first(const struct xml *x, const char *path);

#endif
