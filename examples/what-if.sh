#!/bin/sh
# what-if.sh - what one consumer more would cost, and whether to buy it
#
# usage: what-if.sh WORKGROUP HOURS-PER-DAY MAX-USD
#
# The new one is like WORKGROUP, with a managed endpoint of its own. Prints
# the table; the status is 1 when it costs more than MAX-USD a month, or when
# a price is not known.
set -eu

rs-wait-workgroup "$1" |
	rs-costest --table --hours-per-day "$2" --set endpoint_enis=1 \
	    --max-monthly "$3"
