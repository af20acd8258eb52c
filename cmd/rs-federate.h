/* rs-federate.h - what the parts of rs-federate share */
#ifndef RS_FEDERATE_H
#define RS_FEDERATE_H

#include <stdbool.h>

#include "aws/aws.h"
#include "base/opt.h"
#include "record/rec.h"
#include "sql/chain.h"
#include "sql/gen.h"
#include "sql/warehouse.h"

enum federate_engine { ENGINE_NONE, ENGINE_POSTGRES, ENGINE_MYSQL };

struct opts {
	struct aws_opts aws;
	/* schema */
	const char *engine;
	const char *host;
	const char *source_database, *source_schema;
	const char *schema, *view_schema;
	const char *secret_arn;
	struct opt_list roles, tables;
	unsigned long port;
	bool from_secret, materialized, monitor, remove;
	/* zero-etl */
	const char *name, *source_arn, *target_arn, *kms_key, *data_filter;
	const char *set_database;	/* made of the integration */
	struct opt_list subnets, security_groups;
	struct opt_list settings;	/* NAME=value of the database */
	double timeout;
	bool create, wait, drop;
	/* both */
	const char *database;
	int format;
	bool case_sensitive;
};

/* --- rs-federate_schema.c --- */

int	federate_schema(const struct opts *o, const struct warehouses *fleet,
	    struct rec_out *out, struct err *e) MUST_USE;

/*
 * The engine by its name; the names that secrets have are known as well.
 * ENGINE_NONE with e filled for one that Redshift cannot query: the hint
 * says what can be done instead.
 */
enum federate_engine federate_engine(const char *name, struct err *e);

#endif
