/* chain.c - the roles of IAM_ROLE '...', each assumed by the one before */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "sql/chain.h"

static int
add(struct chain *c, const char *role, struct err *e)
{
	if (c->n == CHAIN_MAX)
		return err_set(e, ERR_USAGE, "--role: Redshift chains no more "
		    "than %d roles", CHAIN_MAX);
	if (arn_expect(role, "iam", "role/", &c->v[c->n], e) == -1)
		return err_prefix(e, "--role");
	if (strcmp(c->v[c->n].partition, c->v[0].partition) != 0)
		return err_set(e, ERR_USAGE, "--role: '%s' is in another "
		    "partition than '%s'", role, c->text[0]);
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->text[i], role) == 0)
			return err_set(e, ERR_USAGE, "--role: '%s' comes "
			    "twice", role);
	c->text[c->n++] = xstrdup(role);
	return 0;
}

static int
add_list(struct chain *c, const char *list, struct err *e)
{
	size_t len;
	char *role;
	int rc;

	do {
		len = strcspn(list, ",");
		role = xstrndup(list, len);
		rc = add(c, role, e);
		free(role);
		list += len;
	} while (rc == 0 && *list++ == ',');
	return rc;
}

int
chain_parse(struct chain *c, const struct opt_list *roles, struct err *e)
{
	for (size_t i = 0; i < roles->n; i++) {
		if (strcmp(roles->v[i], "default") == 0 && roles->n == 1) {
			c->is_default = true;
			return 0;
		}
		if (add_list(c, roles->v[i], e) == -1)
			return -1;
	}
	return 0;
}

void
chain_sql(const struct chain *c, struct sql *q)
{
	char *joined = NULL, *longer;

	if (c->is_default)
		sql_addf(q, " IAM_ROLE default");
	if (c->n == 0)
		return;
	joined = xstrdup(c->text[0]);
	for (size_t i = 1; i < c->n; i++) {
		longer = xasprintf("%s,%s", joined, c->text[i]);
		free(joined);
		joined = longer;
	}
	sql_addf(q, " IAM_ROLE %L", joined);
	free(joined);
}

const char *
chain_account(const struct chain *c)
{
	return c->n > 0 ? c->v[c->n - 1].account : NULL;
}

void
chain_release(struct chain *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->text[i]);
	memset(c, 0, sizeof(*c));
}
