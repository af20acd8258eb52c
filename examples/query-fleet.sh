#!/bin/sh
# query-fleet.sh - one query on every workgroup, all at once, as a table
#
# usage: query-fleet.sh SQL WORKGROUP ...
#
#	query-fleet.sh 'SELECT count(*) FROM airline_shared.airline_dw.flights' \
#	    airline-consumer-1 airline-consumer-2
#
# Waits for the workgroups first. A row is the workgroup and the columns; when
# one of them fails the status is not 0, whatever the others returned.
set -eu

sql=$1
shift

rs-wait-workgroup "$@" |
	rs-sql --timeout 10m -c "$sql" - |
	jq -r 'if .kind == "row" then [.on, .row[]] | @tsv
	    elif .kind == "end" and (.complete | not) then
	    error("not every workgroup answered") else empty end'
