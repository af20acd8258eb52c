#!/bin/sh
# grant-analysts.sh - the same role on every consumer of a fleet
#
# usage: grant-analysts.sh USER CONSUMER ...
#
# Roles live in a warehouse, not in a share: each consumer needs its own.
set -eu

user=$1
shift

rs-wait-workgroup "$@" |
	rs-grant-sql role --name analysts --user "$user" |
	rs-sql
