/*
 * names.h - which workgroups a tool is asked about
 *
 * Names given as operands and records on standard input are the same input.
 * Standard input is read only when there is no operand, or one is "-", and
 * never from a terminal.
 */
#ifndef RECORD_NAMES_H
#define RECORD_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "record/rec.h"

/* Each name once, in order of arrival. */
struct names {
	char **v;
	size_t n, cap;
};

/* Add a copy unless it is there. Returns its place in v. */
size_t	names_add(struct names *names, const char *name);
bool	names_has(const struct names *names, const char *name);
void	names_release(struct names *names);

/* 3 to 64 of a-z, 0-9 and "-": the API reference of CreateWorkgroup. */
bool	names_valid_workgroup(const char *name);

/*
 * Collect the workgroups that operands and records name. "workgroup"
 * records are consumed; of "lock" records the workgroup is read and they
 * are passed on; so is every other record. read_stdin: read it even though
 * there are no operands to ask for it.
 *
 * Returns 0, or -1: ERR_USAGE for a bad operand or a terminal, ERR_RECORD
 * for a bad record or a stream that is not complete.
 */
int	names_read_workgroups(struct names *names, char *const *operands,
	    size_t n, bool read_stdin, struct rec_out *out, struct err *e)
	    MUST_USE;

#endif
