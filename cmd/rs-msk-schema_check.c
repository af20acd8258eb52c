/*
 * rs-msk-schema_check.c - do the options fit together?
 *
 * The rules are those of CREATE EXTERNAL SCHEMA and of the guide's page on
 * streaming ingestion from MSK and Kafka.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "rs-msk-schema.h"
#include "sql/valid.h"

static const char TOPIC[] = "abcdefghijklmnopqrstuvwxyz"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
static const char DIGITS[] = "0123456789";

enum { TOPIC_MAX = 128 };

/*
 * MSK's ports inside AWS, to the public and over IPv6 (MSK guide, "Port
 * information"). SASL/SCRAM is there to be told apart.
 */
static const struct { int port; const char *what; bool for_auth[3]; }
    ports[] = {
	{ 9092, "plain text", { [KAFKA_NONE] = true } },
	{ 20092, "plain text", { [KAFKA_NONE] = true } },
	{ 9094, "TLS", { [KAFKA_MTLS] = true, [KAFKA_NONE] = true } },
	{ 9194, "TLS", { [KAFKA_MTLS] = true, [KAFKA_NONE] = true } },
	{ 20094, "TLS", { [KAFKA_MTLS] = true, [KAFKA_NONE] = true } },
	{ 9096, "SASL/SCRAM", { false } },
	{ 9196, "SASL/SCRAM", { false } },
	{ 20096, "SASL/SCRAM", { false } },
	{ 9098, "IAM", { [KAFKA_IAM] = true } },
	{ 9198, "IAM", { [KAFKA_IAM] = true } },
	{ 20098, "IAM", { [KAFKA_IAM] = true } },
};

static const char *const auth_names[] = {
	[KAFKA_IAM] = "iam", [KAFKA_MTLS] = "mtls", [KAFKA_NONE] = "none"
};

static int
check_port(const struct msk *m, const char *broker, int port, struct err *e)
{
	int auth = m->o->authentication;

	for (size_t i = 0; i < ARRAY_LEN(ports); i++)
		if (ports[i].port == port && !ports[i].for_auth[auth])
			return err_set(e, ERR_USAGE, "broker '%s': port %d is "
			    "for %s, not for authentication '%s'", broker,
			    port, ports[i].what, auth_names[auth]);
		else if (ports[i].port == port)
			return 0;
	if (m->o->source == SOURCE_MSK)
		return err_set(e, ERR_USAGE, "broker '%s': %d is not a port "
		    "of MSK that Redshift can use", broker, port);
	return 0;
}

static int
check_broker(const struct msk *m, const char *broker, struct err *e)
{
	size_t host = strspn(broker, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");
	const char *port = broker + host + 1;

	if (host == 0 || host > 253 || broker[0] == '-' ||
	    broker[host] != ':' || *port == '\0' || strlen(port) > 5 ||
	    strspn(port, DIGITS) != strlen(port) || atoi(port) < 1 ||
	    atoi(port) > 65535)
		return err_set(e, ERR_USAGE, "'%s' is not host:port", broker);
	return check_port(m, broker, atoi(port), e);
}

int
msk_check_brokers(const struct msk *m, const char *brokers, struct err *e)
{
	char *list = xstrdup(brokers), *broker = list, *next;
	int rc;

	do {
		next = strchr(broker, ',');
		if (next != NULL)
			*next++ = '\0';
		rc = check_broker(m, broker, e);
		broker = next;
	} while (rc == 0 && next != NULL);
	free(list);
	return rc;
}

/* The one ARN that mTLS takes, from ACM or from Secrets Manager. */
static int
check_mtls(const struct opts *o, struct err *e)
{
	struct arn arn;

	if (o->authentication != KAFKA_MTLS) {
		if (o->authentication_arn == NULL && o->secret_arn == NULL)
			return 0;
		return err_set(e, ERR_USAGE, "--authentication-arn and "
		    "--secret-arn are for --authentication mtls");
	}
	if ((o->authentication_arn == NULL) == (o->secret_arn == NULL))
		return err_set(e, ERR_USAGE, "--authentication mtls needs "
		    "either --authentication-arn or --secret-arn");
	if (o->authentication_arn != NULL)
		return arn_expect(o->authentication_arn, "acm",
		    "certificate/", &arn, e);
	return arn_expect(o->secret_arn, "secretsmanager", "secret:", &arn, e);
}

static int
check_cluster(struct msk *m, struct err *e)
{
	const char *account = chain_account(&m->chain), *slash;

	if (m->o->cluster_arn == NULL)
		return 0;
	if (arn_expect(m->o->cluster_arn, "kafka", "cluster/", &m->cluster,
	    e) == -1)
		return err_prefix(e, "--cluster-arn");
	slash = strchr(m->cluster.resource + strlen("cluster/"), '/');
	if (slash == NULL || slash[1] == '\0')
		return err_set(e, ERR_USAGE, "--cluster-arn: '%s' does not "
		    "end in cluster/NAME/UUID", m->o->cluster_arn);
	if (account != NULL && strcmp(m->chain.v[0].partition,
	    m->cluster.partition) != 0)
		return err_set(e, ERR_USAGE, "the roles are in partition "
		    "'%s', the cluster in '%s'", m->chain.v[0].partition,
		    m->cluster.partition);
	if (account != NULL && m->o->authentication == KAFKA_IAM &&
	    strcmp(account, m->cluster.account) != 0) {
		err_set(e, ERR_USAGE, "the cluster is in account %s, but the "
		    "role that reads it ('%s') in account %s",
		    m->cluster.account, m->chain.text[m->chain.n - 1],
		    account);
		return err_hint(e, "chain a role of account %s behind it with "
		    "another --role", m->cluster.account);
	}
	return 0;
}

static int
check_authentication(const struct msk *m, struct err *e)
{
	const struct opts *o = m->o;
	bool roles = m->chain.n > 0 || m->chain.is_default;

	if (o->source == SOURCE_KAFKA && o->authentication == KAFKA_IAM)
		return err_set(e, ERR_USAGE, "IAM authentication is for MSK; "
		    "with --source kafka it is mtls or none");
	if (o->source == SOURCE_KAFKA && o->cluster_arn != NULL)
		return err_set(e, ERR_USAGE, "--cluster-arn names a cluster "
		    "of MSK; with --source kafka give --brokers");
	if (o->authentication != KAFKA_NONE && !roles)
		return err_set(e, ERR_USAGE, "authentication '%s' needs a "
		    "--role", auth_names[o->authentication]);
	if (o->by_arn && o->authentication == KAFKA_MTLS)
		return err_set(e, ERR_USAGE, "--use-cluster-arn is for iam "
		    "and none; for mtls Redshift wants the brokers");
	if (o->by_arn && (o->cluster_arn == NULL || !roles))
		return err_set(e, ERR_USAGE, "--use-cluster-arn needs "
		    "--cluster-arn and --role");
	if (o->by_arn && o->brokers != NULL)
		return err_set(e, ERR_USAGE, "--use-cluster-arn and --brokers "
		    "exclude each other");
	return check_mtls(o, e);
}

/* The name of the view when none was given: my-Topic.v1 is my_topic_v1. */
static char *
view_name(const char *topic)
{
	char *name = xstrdup(topic);

	for (char *p = name; *p != '\0'; p++)
		if (*p == '.' || *p == '-')
			*p = '_';
		else if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return name;
}

static int
check_topic(const struct opts *o, const struct topic *t, struct err *e)
{
	size_t len = strlen(t->name);

	if (len == 0 || len > TOPIC_MAX || strspn(t->name, TOPIC) != len)
		return err_set(e, ERR_USAGE, "'%s' is not the name of a "
		    "topic: 1 to %d letters, digits, '.', '_', '-'", t->name,
		    TOPIC_MAX);
	if (!o->case_sensitive && strpbrk(t->name,
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != NULL) {
		err_set(e, ERR_USAGE, "topic '%s' has capital letters, which "
		    "Redshift would fold", t->name);
		return err_hint(e, "turn enable_case_sensitive_identifier on "
		    "for the workgroup (AUTO REFRESH does not see a "
		    "session's setting) and say --case-sensitive");
	}
	return 0;
}

/* "topic", or "topic=view". */
static int
add_topic(struct msk *m, const char *text, struct err *e)
{
	const char *equals = strchr(text, '=');
	struct topic *t;

	m->topics = xgrow(m->topics, m->n_topics, &m->cap_topics,
	    sizeof(*m->topics));
	t = &m->topics[m->n_topics++];
	t->name = equals != NULL ? xstrndup(text, (size_t)(equals - text)) :
	    xstrdup(text);
	t->view = equals != NULL ? xstrdup(equals + 1) : view_name(t->name);
	t->fields_view = xasprintf("%s_fields", t->view);
	if (check_topic(m->o, t, e) == -1)
		return -1;
	for (size_t i = 0; i + 1 < m->n_topics; i++)
		if (strcasecmp(m->topics[i].view, t->view) == 0)
			return err_set(e, ERR_USAGE, "topics '%s' and '%s' "
			    "would both have the view '%s'",
			    m->topics[i].name, t->name, t->view);
	return 0;
}

int
msk_check(struct msk *m, const struct opts *o, struct err *e)
{
	m->o = o;
	if (o->schema == NULL)
		return err_set(e, ERR_USAGE, "--schema is missing");
	if (chain_parse(&m->chain, &o->roles, e) == -1 ||
	    check_authentication(m, e) == -1 || check_cluster(m, e) == -1)
		return -1;
	for (size_t i = 0; i < o->topics.n; i++)
		if (add_topic(m, o->topics.v[i], e) == -1)
			return -1;
	if ((o->dist_style == DIST_KEY) != (o->dist_key != NULL))
		return err_set(e, ERR_USAGE, "--dist-style key and --dist-key "
		    "go together");
	if (o->raw && o->fields.n > 0)
		return err_set(e, ERR_USAGE, "--field needs parsed JSON; "
		    "leave --raw out");
	if (o->brokers != NULL)
		return msk_check_brokers(m, o->brokers, e);
	return 0;
}

void
msk_release(struct msk *m)
{
	for (size_t i = 0; i < m->n_topics; i++) {
		free(m->topics[i].name);
		free(m->topics[i].view);
		free(m->topics[i].fields_view);
	}
	free(m->topics);
	free(m->brokers);
	chain_release(&m->chain);
}
