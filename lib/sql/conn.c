/* conn.c - a connection to a warehouse that never blocks for long */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "sql/conn.h"

int
conn_send(struct conn *c, const char *sql, struct err *e)
{
	memset(&c->error, 0, sizeof(c->error));
	row_shape_clear(&c->shape);
	c->rows = 0;
	return c->ops->send(c, sql, e);
}

enum conn_event
conn_next(struct conn *c)
{
	return c->ops->next(c);
}

void
conn_poll(const struct conn *c, struct pollfd *pfd, double *wake)
{
	*pfd = (struct pollfd){ .fd = -1 };
	*wake = 0;
	c->ops->poll(c, pfd, wake);
}

void
conn_cancel(struct conn *c)
{
	c->ops->cancel(c);
}

bool
conn_in_transaction(const struct conn *c)
{
	return c->ops->in_transaction(c);
}

void
conn_close(struct conn *c)
{
	if (c == NULL)
		return;
	row_shape_release(&c->shape);
	free(c->values);
	c->ops->free(c);
}

void
conn_reserve(struct conn *c)
{
	if (c->shape.n > c->values_cap) {
		c->values = xreallocarray(c->values, c->shape.n,
		    sizeof(*c->values));
		c->values_cap = c->shape.n;
	}
}

/*
 * Redshift reports its own conflicts as XX000, with error 1023 or the words
 * below (aws/aws-cdk issue 22852); 40001 and 40P01 are the standard's.
 */
bool
conn_is_conflict(const struct conn_error *error)
{
	static const char *const words[] = {
		"conflict with concurrent transaction",
		"Serializable isolation violation"
	};

	if (strcmp(error->sqlstate, "40001") == 0 ||
	    strcmp(error->sqlstate, "40P01") == 0)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strstr(error->message, words[i]) != NULL ||
		    strstr(error->detail, words[i]) != NULL)
			return true;
	return strcmp(error->sqlstate, "XX000") == 0 &&
	    strcmp(error->message, "1023") == 0;
}
