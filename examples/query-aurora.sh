#!/bin/sh
# query-aurora.sh - query tables of an Aurora PostgreSQL database in place
#
# usage: query-aurora.sh WORKGROUP SECRET-ARN ROLE-ARN TABLE ...
#
# Host, port and database are read from the secret, whose password nobody
# sees; each TABLE gets a view.
set -eu

workgroup=$1 secret=$2 role=$3
shift 3
for table; do
	set -- "$@" --table "$table"
	shift
done

rs-wait-workgroup "$workgroup" |
	rs-federate schema --engine postgres --schema aurora --from-secret \
	    --secret-arn "$secret" --role "$role" "$@" |
	rs-sql
