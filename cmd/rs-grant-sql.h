/* rs-grant-sql.h - what the parts of rs-grant-sql share */
#ifndef RS_GRANT_SQL_H
#define RS_GRANT_SQL_H

#include <stdbool.h>
#include <stddef.h>

#include "aws/aws.h"
#include "base/opt.h"
#include "sql/gen.h"

enum grant_verb { GRANT_ROLE, GRANT_COLUMNS, GRANT_ROWS, GRANT_MASK };
enum grant_privilege { PRIVILEGE_SELECT, PRIVILEGE_UPDATE };
enum grant_shared { SHARED_ALONE, SHARED_ON, SHARED_OFF };

struct opts {
	struct aws_opts aws;
	const char *database;
	const char *name;		/* of the role or the policy */
	const char *schema;
	const char *using;
	struct opt_list tables, columns, inputs;
	struct opt_list roles, groups, users;
	unsigned long priority;
	int privilege;
	int shared;			/* enum grant_shared */
	int format;
	bool public, remove, case_sensitive;
};

/* Who gets something: a name, its keyword and its type in the views. */
struct grantee {
	const char *name;
	const char *keyword;		/* "ROLE ", "GROUP ", "" */
	const char *type;
};

/* Each grantee of the options; PUBLIC has the name "public". */
typedef void grant_fn(struct gen *g, const struct opts *o,
	    const char *table, const struct grantee *to);
void	grant_each(struct gen *g, const struct opts *o, const char *table,
	    grant_fn *fn);

/* Append " TO " or " FROM " and the grantee. */
void	grant_to(struct gen *g, const char *word, const struct grantee *to);

/* The statements of each verb, to make or (o->remove) to take away. */
void	grant_role(struct gen *g, const struct opts *o);
void	grant_columns(struct gen *g, const struct opts *o);
void	grant_rows(struct gen *g, const struct opts *o);
void	grant_mask(struct gen *g, const struct opts *o);

#endif
