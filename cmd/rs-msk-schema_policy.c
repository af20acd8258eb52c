/*
 * rs-msk-schema_policy.c - what IAM has to allow, and no more
 *
 * Each role of the chain has two documents: who may assume it (trust), and
 * what it may do (permissions). Redshift reads topics and keeps its place in
 * consumer groups; it never writes (guide, "Getting started with streaming
 * ingestion from MSK").
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "rs-msk-schema.h"

static json_t *
document(json_t *statements)
{
	return json_pack("{s:s, s:o}", "Version", "2012-10-17", "Statement",
	    statements);
}

static void
allow(json_t *statements, const char *sid, json_t *actions,
    json_t *resources)
{
	json_array_append_new(statements, json_pack(
	    "{s:s, s:s, s:o, s:o}", "Sid", sid, "Effect", "Allow",
	    "Action", actions, "Resource", resources));
}

/* Redshift itself for the first role, the role before for the others. */
static json_t *
trust(const struct chain *c, size_t i)
{
	json_t *who = i == 0 ?
	    json_pack("{s:[s, s]}", "Service", "redshift.amazonaws.com",
	    "redshift-serverless.amazonaws.com") :
	    json_pack("{s:s}", "AWS", c->text[i - 1]);

	return document(json_pack("[{s:s, s:o, s:s}]", "Effect", "Allow",
	    "Principal", who, "Action", "sts:AssumeRole"));
}

/* The cluster's ARN with another first word: topic/name/uuid + tail. */
static char *
cluster_arn(const struct msk *m, const char *word, const char *tail)
{
	const struct arn *c = &m->cluster;

	return xasprintf("arn:%s:kafka:%s:%s:%s/%s%s", c->partition,
	    c->region, c->account, word, c->resource + strlen("cluster/"),
	    tail);
}

static json_t *
one(char *arn)
{
	json_t *text = json_string(arn);

	free(arn);
	return text;
}

static json_t *
topic_arns(const struct msk *m)
{
	json_t *list = json_array();
	char *tail;

	for (size_t i = 0; i < m->n_topics; i++) {
		tail = xasprintf("/%s", m->topics[i].name);
		json_array_append_new(list, one(cluster_arn(m, "topic",
		    tail)));
		free(tail);
	}
	return list;
}

static void
allow_cluster(json_t *statements, const struct msk *m)
{
	allow(statements, "Connect", json_string("kafka-cluster:Connect"),
	    one(cluster_arn(m, "cluster", "")));
	allow(statements, "ReadTopics", json_pack("[s, s]",
	    "kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"),
	    topic_arns(m));
	allow(statements, "KeepPlace", json_pack("[s, s]",
	    "kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"),
	    one(cluster_arn(m, "group", "/*")));
}

/* What the last role of the chain does with its own hands. */
static void
allow_work(json_t *statements, const struct msk *m)
{
	const struct opts *o = m->o;

	if (o->authentication == KAFKA_IAM)
		allow_cluster(statements, m);
	if (o->by_arn)
		allow(statements, "FindBrokers",
		    json_string("kafka:GetBootstrapBrokers"),
		    json_string(o->cluster_arn));
	if (o->authentication_arn != NULL)
		allow(statements, "Certificate",
		    json_string("acm:ExportCertificate"),
		    json_string(o->authentication_arn));
	if (o->secret_arn != NULL)
		allow(statements, "Certificate",
		    json_string("secretsmanager:GetSecretValue"),
		    json_string(o->secret_arn));
}

static json_t *
permissions(const struct msk *m, size_t i)
{
	json_t *statements = json_array();

	if (i + 1 < m->chain.n)
		allow(statements, "NextRole", json_string("sts:AssumeRole"),
		    json_string(m->chain.text[i + 1]));
	else
		allow_work(statements, m);
	return statements;
}

static void
write_policy(struct rec_out *out, const struct chain *c, size_t i,
    const char *use, json_t *policy)
{
	rec_write(out, json_pack("{s:s, s:s, s:s, s:s, s:o}",
	    "kind", "policy", "role", c->text[i], "account", c->v[i].account,
	    "use", use, "document", policy));
}

int
msk_policies(const struct msk *m, struct rec_out *out, struct err *e)
{
	json_t *statements;

	if (m->chain.n == 0)
		return err_set(e, ERR_USAGE, "--policies needs the ARN of "
		    "each --role");
	if (m->o->authentication == KAFKA_IAM &&
	    (m->o->cluster_arn == NULL || m->n_topics == 0))
		return err_set(e, ERR_USAGE, "--policies for IAM "
		    "authentication needs --cluster-arn and --topic");
	for (size_t i = 0; i < m->chain.n; i++) {
		write_policy(out, &m->chain, i, "trust", trust(&m->chain, i));
		statements = permissions(m, i);
		if (json_array_size(statements) > 0)
			write_policy(out, &m->chain, i, "permissions",
			    document(statements));
		else
			json_decref(statements);	/* IAM wants some */
	}
	return 0;
}
