/* rs-msk-schema.h - what the parts of rs-msk-schema share */
#ifndef RS_MSK_SCHEMA_H
#define RS_MSK_SCHEMA_H

#include <stdbool.h>

#include "aws/arn.h"
#include "aws/aws.h"
#include "aws/kafka.h"
#include "base/opt.h"
#include "record/rec.h"
#include "sql/chain.h"
#include "sql/gen.h"

enum msk_source { SOURCE_MSK, SOURCE_KAFKA };
enum msk_dist { DIST_EVEN, DIST_ALL, DIST_KEY };

struct opts {
	struct aws_opts aws;
	const char *database;
	const char *schema;
	const char *cluster_arn;
	const char *brokers;
	const char *authentication_arn, *secret_arn;
	const char *view_schema;
	const char *dist_key;
	struct opt_list roles, topics, fields, sort_keys;
	int source;
	int authentication;		/* enum kafka_auth */
	int dist_style;
	int format;
	bool by_arn, manual_refresh, raw;
	bool refresh, monitor, policies, remove;
	bool case_sensitive;
};

/* A topic and the views of it. */
struct topic {
	char *name;
	char *view;
	char *fields_view;
};

struct msk {
	const struct opts *o;
	struct chain chain;
	struct arn cluster;		/* valid when o->cluster_arn is set */
	char *brokers;			/* of --brokers, or from MSK */
	struct topic *topics;
	size_t n_topics, cap_topics;
};

/*
 * Check everything the options say, against each other as well. Returns 0,
 * or -1 with ERR_USAGE. msk_release() is due either way.
 */
int	msk_check(struct msk *m, const struct opts *o, struct err *e)
	    MUST_USE;

/* "host:port,host:port", each port one of the authentication's. */
int	msk_check_brokers(const struct msk *m, const char *brokers,
	    struct err *e) MUST_USE;
void	msk_release(struct msk *m);

/* The statements for one warehouse; gen_at() has said which. */
void	msk_make(struct gen *g, const struct msk *m);
void	msk_refresh(struct gen *g, const struct msk *m);
void	msk_monitor(struct gen *g, const struct msk *m);
void	msk_remove(struct gen *g, const struct msk *m);

/* Write the "policy" records; ERR_USAGE when a name is missing for them. */
int	msk_policies(const struct msk *m, struct rec_out *out,
	    struct err *e) MUST_USE;

#endif
