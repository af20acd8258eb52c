#!/bin/sh
# sync-fleet.sh - keep a target group equal to a fleet, for cron or a timer
#
# usage: sync-fleet.sh TARGET-GROUP GLOB
#
#	*/5 * * * * sync-fleet.sh airline-consumers 'airline-consumer-*'
#
# One run at a time: the lock puts runs of this machine in order. Whatever
# fails, nothing is removed and the status is not 0.
set -eu

group=$1 fleet=$2

rs-lock acquire --name "nlb-$group" --timeout 4m |
	rs-endpoint-ips --match "$fleet" - |
	rs-nlb-sync --prune --wait-drained 10m --target-group "$group" |
	rs-lock release
