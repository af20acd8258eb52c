/* rs-endpoint-ips.h - the parts of rs-endpoint-ips */
#ifndef CMD_RS_ENDPOINT_IPS_H
#define CMD_RS_ENDPOINT_IPS_H

#include <jansson.h>
#include <stdbool.h>

#include "aws/aws.h"
#include "base/err.h"
#include "base/opt.h"
#include "record/names.h"

enum from { FROM_AUTO, FROM_ACCESS, FROM_WORKGROUP };

/* Whose addresses, and from where. */
struct query {
	struct names names;
	struct opt_list match;		/* globs, anchored */
	int from;
	bool partial;			/* gaps are accepted */
};

/*
 * The "ip" records that answer a query, sorted: an array for json_decref().
 * Something that should have an address and has none is a gap: each is told
 * on stderr, and unless the query accepts gaps, *gaps counts them. No query
 * accepts a workgroup that does not exist. Returns -1 and fills e when AWS
 * could not be asked.
 */
int	endpoint_ips(struct aws *a, struct query *q, json_t **ips,
	    size_t *gaps, struct err *e) MUST_USE;

/*
 * Terraform's external data source: read the query from stdin as one JSON
 * object whose values are strings, and write the answer in that form. *query
 * holds the globs that q borrows: json_decref() it after q, on failure too.
 */
int	external_read(struct query *q, json_t **query, struct err *e)
	    MUST_USE;
int	external_write(const json_t *ips, struct err *e) MUST_USE;

#endif
