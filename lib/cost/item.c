/* item.c - the things a bill can have on it */
#include <string.h>

#include "cost/item.h"

/* Members end in their unit where it is not a plain count. */
static const struct item items[] = {
	{ ITEM_COMPUTE, "RPU-h", NULL, false },
	{ ITEM_COVERED, "RPU-h", NULL, false },
	{ ITEM_NO_UPFRONT, "RPU-h", NULL, true },
	{ ITEM_ALL_UPFRONT, "RPU-h", NULL, true },
	{ "managed-storage", "GB-month", "storage_gb", false },
	{ "snapshot-storage", "GB-month", "snapshot_gb", false },
	{ "cross-region-sharing", "GB", "cross_region_gb", false },
	{ ITEM_NODE, "node-h", "nodes", true },
	{ "nlb", "NLB-h", "nlbs", true },
	{ "nlcu", "NLCU-h", "nlcus", true },
	{ "endpoint-eni", "ENI-h", "endpoint_enis", true },
	{ "endpoint-data", "GB", "endpoint_gb", false },
	{ "resolver-eni", "ENI-h", "resolver_enis", true },
	{ "resolver-queries", "million", "resolver_queries_million", false },
	{ "secret", "secret-month", "secrets", false },
	{ "secret-calls", "10k calls", "secret_calls_10k", false },
	{ "logs-ingested", "GB", "logs_gb", false },
	{ "logs-stored", "GB-month", "logs_stored_gb", false },
	{ "alarm", "alarm-month", "alarms", false },
	{ "metric", "metric-month", "metrics", false },
	{ "msk-serverless-cluster", "cluster-h", "msk_clusters", true },
	{ "msk-serverless-partition", "partition-h", "msk_partitions", true },
	{ "msk-serverless-in", "GB", "msk_in_gb", false },
	{ "msk-serverless-out", "GB", "msk_out_gb", false },
	{ "msk-serverless-storage", "GB-month", "msk_stored_gb", false },
	{ ITEM_BROKER, "broker-h", "msk_brokers", true },
	{ "msk-broker-storage", "GB-month", "msk_broker_gb", false },
	{ "zero-etl-export", "GB", "zero_etl_export_gb", false },
	{ "zero-etl-source-io", "million", "zero_etl_io_million", false },
	{ "cross-az-transfer", "GB", "cross_az_gb", false }
};

const struct item *
item_find(const char *name)
{
	size_t len = strcspn(name, ":");

	for (size_t i = 0; i < ARRAY_LEN(items); i++)
		if (strlen(items[i].name) == len &&
		    memcmp(items[i].name, name, len) == 0)
			return &items[i];
	return NULL;
}

const struct item *
item_all(size_t *n)
{
	*n = ARRAY_LEN(items);
	return items;
}
