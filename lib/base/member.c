/* member.c - the string members of JSON objects */
#include "base/member.h"

const char *
member_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}
