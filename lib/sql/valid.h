/*
 * valid.h - what a value must look like before it gets near SQL or AWS
 *
 * Each returns false for anything else, the empty string included. The
 * sources are the API references of the services named.
 */
#ifndef SQL_VALID_H
#define SQL_VALID_H

#include <stdbool.h>

/* A namespace: 8-4-4-4-12 hexadecimal digits. */
bool	valid_guid(const char *s);

/* An account number: 12 digits. */
bool	valid_account(const char *s);

/* A region: us-west-2, us-gov-east-1, eusc-de-east-1. */
bool	valid_region(const char *s);

/*
 * A type of SQL, such as "integer", "character varying(10)" or
 * "numeric(8, 2)": words of letters, digits and "_", then perhaps one or
 * two numbers in parentheses.
 */
bool	valid_type(const char *s);

/* The types of a function's arguments, separated by commas; may be "". */
bool	valid_types(const char *list);

/*
 * A word that Redshift reserves (Developer Guide, "Reserved words"), in any
 * case. Quoting makes most of them usable; the name of a database may not
 * be one.
 */
bool	valid_reserved(const char *word);

#endif
