/* op.h - what is known about operations by their names */
#ifndef AWS_OP_H
#define AWS_OP_H

#include <stdbool.h>

#include <jansson.h>

#include "aws/form.h"

/*
 * May the operation be sent again when nobody knows whether the first
 * request took effect? Reading may; so may what sets, removes or registers
 * something by name. Creating, executing and counting may not, and an
 * operation that we do not know may not either.
 */
bool	op_repeatable(const char *op);

/* Does the request carry a token by which the service knows it again? */
bool	op_has_token(const json_t *body);
bool	op_form_has_token(const struct form *form);

/* Do request or answer carry secrets, so that --debug must hide them? */
bool	op_secret(const char *op);

#endif
