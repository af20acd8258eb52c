/* attr.h - compiler attributes and the length of an array */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF(n, m) __attribute__((format(printf, n, m)))
#define NORETURN _Noreturn

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
