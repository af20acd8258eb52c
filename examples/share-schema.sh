#!/bin/sh
# share-schema.sh - share a schema of one producer with a fleet, and keep it so
#
# usage: share-schema.sh PRODUCER SCHEMA CONSUMER ...
#
#	share-schema.sh airline-producer airline_dw airline-consumer-1
#
# The first run makes what is missing, later runs skip what is done. What the
# share has and is not wanted any more is taken away. Under plain sh a stage
# that fails stops those behind it: its stream is not complete.
set -eu

producer=$1 schema=$2
shift 2

fleet() {
	rs-wait-workgroup "$producer" "$@"
}

share() {
	rs-datashare-sql --share "${schema}_share" --schema "$schema" \
	    --producer "$producer" --database "${schema}_shared" "$@"
}

fleet "$@" | share | rs-sql >/dev/null
fleet "$@" | share --state | rs-sql | share --prune | rs-sql
