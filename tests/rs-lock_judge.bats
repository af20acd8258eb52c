#!/usr/bin/env bats
# rs-lock: a lease that ran out and names a workgroup. AWS is asked, and what
# AWS does not say keeps the lock. L numbers are the scars of the old scripts.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/sandbox

setup_file() { sandbox_start; }
teardown_file() { sandbox_stop; }

setup() {
	sandbox_reset
	export RS_LOCK_DIR=$BATS_TEST_TMPDIR/locks
	export AWS_MAX_ATTEMPTS=1
}

field() { rs-lock status | jq -r "select(.kind == \"lock\") | .$1"; }
state() { [ "$(field state)" = "$1" ]; }

# A lease of the holder that ran out, for workgroup $1.
expired() {
	rs-lock acquire --owner holder --workgroup "$1" --lease 0.1 >/dev/null
	wait_until state expired
}

next() {
	run --separate-stderr rs-lock acquire --owner next --no-wait "$@" </dev/null
}

assert_kept() {
	assert_status 1
	assert_out ''
	[ "$(field owner)" = holder ]
}

@test "L5: CREATING, MODIFYING, DELETING: the holder is still at work" {
	sandbox_fleet wg-1 >/dev/null
	expired wg-1
	for status in CREATING MODIFYING DELETING; do
		sandbox_set workgroup wg-1 status=$status hold=true
		next
		assert_kept
		assert_err_lines 1
	done
	sandbox_set workgroup wg-1 status=AVAILABLE hold=false
	next
	assert_status 0
	[ "$(field owner)" = next ]
}

@test "L4: no permission, no network, no answer: not known, kept" {
	sandbox_fleet wg-1 >/dev/null
	expired wg-1
	sandbox_fault error --service redshift-serverless --count 1 \
	    --code AccessDeniedException --status 403 >/dev/null
	next
	assert_kept
	assert_err_like 'AccessDeniedException'
	assert_err_like 'is not known: kept'
	next --endpoint-url http://127.0.0.1:9
	assert_kept
	assert_err_like 'is not known: kept'
	(
		unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
		next
		assert_kept
		assert_err_like 'is not known: kept'
	)
	next
	assert_status 0
}

@test "L4: while the lease runs, AWS is not even asked" {
	rs-lock acquire --owner holder --workgroup no-such-workgroup >/dev/null
	next
	assert_kept
	[ "$(sandbox_count GetWorkgroup)" -eq 0 ]
}

@test "a workgroup that does not exist is not being worked on" {
	expired no-such-workgroup
	next
	assert_status 0
	[ "$(sandbox_count GetWorkgroup)" -eq 1 ]
}

@test "--steal-if is asked in the place of AWS" {
	sandbox_fleet wg-1 >/dev/null
	expired wg-1
	next --steal-if false
	assert_kept
	next --steal-if true
	assert_status 0
	[ "$(sandbox_count GetWorkgroup)" -eq 0 ]
}

@test "a waiter is woken when the lease runs out, asks, and takes the lock" {
	sandbox_fleet wg-1 >/dev/null
	rs-lock acquire --owner holder --workgroup wg-1 --lease 1 >/dev/null
	run --separate-stderr rs-lock acquire --owner next --timeout 20 </dev/null
	assert_status 0
	assert_err ''
	assert_jq '.[0].owner == "next"'
}
