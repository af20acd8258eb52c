/* fuzz.h - what the fuzz targets share */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property that does not hold ends the run like a crash. */
static inline void
holds(int property, const char *what)
{
	if (!property) {
		fprintf(stderr, "fuzz: not so: %s\n", what);
		abort();
	}
}

/* The input as a string, for free(); what follows a NUL is not seen. */
static inline char *
as_string(const uint8_t *data, size_t size)
{
	char *s = malloc(size + 1);

	holds(s != NULL, "there is memory");
	memcpy(s, data, size);
	s[size] = '\0';
	return s;
}

#endif
