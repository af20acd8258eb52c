/*
 * rs-datashare-sql.h - what the parts of rs-datashare-sql share
 *
 * A wish is one datashare as it should be: a "datashare" record, or the
 * options, which are turned into the same JSON first. Its strings and
 * arrays are borrowed from that JSON.
 */
#ifndef RS_DATASHARE_SQL_H
#define RS_DATASHARE_SQL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "aws/aws.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/opt.h"
#include "sql/warehouse.h"
#include "sql/gen.h"

struct wish {
	json_t *json;			/* owned */
	size_t line;			/* of the record; 0: from options */
	const char *share;
	const char *producer;		/* workgroup; NULL: elsewhere */
	const char *producer_namespace;
	const char *producer_account;
	const char *source_database;	/* the share belongs to */
	const char *database;		/* made on the consumers, or NULL */
	const char *connect_database;	/* consumers are spoken to here */
	json_t *schemas;		/* [{schema, tables, functions, ...}] */
	json_t *consumers;		/* workgroups, never NULL */
	json_t *accounts;		/* the arrays below may be NULL */
	json_t *external_schemas;	/* [{local, schema}] */
	json_t *roles, *groups, *users;
	bool publicly;
	bool data_catalog;
	bool with_permissions;
};

struct wishes {
	struct wish *v;
	size_t n, cap;
};

/* What the options say about the share; NULL, false and empty: nothing. */
struct wish_opts {
	const char *share, *producer, *producer_namespace, *producer_account;
	const char *source_database, *database, *connect_database;
	struct opt_list schemas, tables, functions, consumers, accounts;
	struct opt_list external_schemas, roles, groups, users;
	bool all_functions, include_new, publicly, data_catalog;
	bool with_permissions;
};

/* What to say about the wishes. */
struct task {
	bool remove;
	bool state;
	bool prune;
	bool verify;
	bool authorize, associate;	/* through the API, no SQL */
};

/* The rows that the statements of make_state() brought. */
struct state {
	json_t *v;			/* array of objects, owned */
};

/* --- rs-datashare-sql_wish.c --- */

/* Add a wish; takes the reference to json. line 0: from the options. */
int	wish_add(struct wishes *wishes, json_t *json, size_t line,
	    struct err *e) MUST_USE;

/* The options as JSON; ERR_USAGE when they do not fit together. */
json_t	*wish_from_options(const struct wish_opts *o, struct err *e)
	    MUST_USE;

/*
 * Settle a wish with what the stream told: consumers that were not named are
 * all other workgroups; everybody named must be there and have a namespace.
 */
int	wish_settle(struct wish *w, const struct warehouses *fleet,
	    const struct task *task, struct err *e) MUST_USE;

/* Put "line N: " before e when the wish came from a record. Always -1. */
int	wish_failed(const struct wish *w, struct err *e);
void	wishes_release(struct wishes *wishes);

/* --- _make.c, _consumer.c, _drop.c: failures stick in g->e --- */

/*
 * What one consumer does, after the statement `granted` of the producer (0:
 * the producer is elsewhere). gen_at() has said which consumer.
 */
void	make_consumer(struct gen *g, const struct wish *w, long granted,
	    bool verify);

void	make_share(struct gen *g, const struct wish *w,
	    const struct warehouses *fleet, bool verify);
void	drop_share(struct gen *g, const struct wish *w,
	    const struct warehouses *fleet);
void	prune_share(struct gen *g, const struct wish *w,
	    const struct warehouses *fleet, const struct state *state);

/* The query that is true when the share of w has an object. */
void	unless_object(struct gen *g, const struct wish *w, const char *type,
	    const char *schema, const char *name);

/* --- rs-datashare-sql_state.c --- */

void	make_state(struct gen *g, const struct wish *w);

/* Keep a "row" record of that state. Returns false for any other record. */
bool	state_take(struct state *state, const struct rec *rec);

/* Is the row of this sort, and about the share of w? */
bool	state_about(const json_t *row, const struct wish *w,
	    const char *what);

/* Did the whole state of the share arrive? Returns -1 with ERR_RECORD. */
int	state_whole(const struct wish *w, const struct state *state,
	    struct err *e) MUST_USE;

/*
 * What Redshift would refuse or spoil: an interleaved sort key or row-level
 * security on a table that is to be shared. Returns -1 with ERR_NO.
 */
int	state_findings(const struct wish *w, const struct state *state,
	    struct err *e) MUST_USE;

/* --- rs-datashare-sql_api.c: "link" records; ERR_NO when too early --- */

int	api_authorize(struct aws *a, const struct wish *w,
	    struct rec_out *out, struct err *e) MUST_USE;
int	api_associate(struct aws *a, const struct wish *w,
	    const struct warehouses *fleet, struct rec_out *out,
	    struct err *e) MUST_USE;

#endif
