/* member.h - the string members of JSON objects */
#ifndef BASE_MEMBER_H
#define BASE_MEMBER_H

#include <jansson.h>

/* Borrowed; NULL when there is none, or it is not a string. */
const char *member_of(const json_t *object, const char *name);

#endif
