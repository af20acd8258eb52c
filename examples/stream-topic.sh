#!/bin/sh
# stream-topic.sh - a topic of an MSK cluster in another account as a view
#
# usage: stream-topic.sh WORKGROUP CLUSTER-ARN TOPIC ROLE READ-ROLE
#
# ROLE belongs to the workgroup and assumes READ-ROLE in the cluster's account.
# What both have to be allowed goes to stderr first; later runs skip what is
# done and read the topic up to now.
set -eu

workgroup=$1 cluster=$2 topic=$3 role=$4 read_role=$5

schema() {
	rs-msk-schema --schema msk --topic "$topic" --role "$role" \
	    --role "$read_role" --cluster-arn "$cluster" "$@"
}

schema --policies | jq 'select(.use) | .role, .document' >&2
rs-wait-workgroup "$workgroup" | schema --refresh | rs-sql
