#!/usr/bin/env bats
# rs-costest against a second computation in exact fractions.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/cost

setup() {
	cost_world
}

@test "ten thousand fleets, logs, charges and reservations: to the last digit" {
	run --separate-stderr python3 "$RS_ROOT/tests/differential/cost.py" \
	    "$PWD/prices-us-east-1"
	assert_status 0
	assert_err ''
	[[ ${lines[-1]} =~ ^4[0-9]{4}\ compared,\ 0\ different$ ]] ||
	    fail_run "no verdict"
}
