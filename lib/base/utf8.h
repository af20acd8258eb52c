/* utf8.h - is this text? */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

/*
 * True when s is UTF-8 as RFC 3629 has it: no overlong forms, no surrogates,
 * nothing above U+10FFFF. Otherwise *bad is the offset of the first byte
 * that is wrong.
 */
bool	utf8_valid(const char *s, size_t len, size_t *bad) MUST_USE;

/*
 * Copy text of any origin so that it is UTF-8: as much of it as size bytes
 * take with the NUL, never half a character, '?' for a byte that is wrong.
 */
void	utf8_copy(char *to, size_t size, const char *from, size_t len);

#endif
