#!/usr/bin/env bats
# The documented pipeline, whole: lock, wait, addresses, sync, release. The
# shell is sh without pipefail, as Terraform's local-exec has it.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/sandbox

setup_file() { sandbox_start; }
teardown_file() { sandbox_stop; }

setup() {
	sandbox_reset
	export RS_LOCK_DIR=$BATS_TEST_TMPDIR/locks
	sandbox_fleet airline-consumer-{1..3} >/dev/null
	sandbox_target_group airline-consumers >/dev/null
}

pipeline() {
	run --separate-stderr sh -c 'rs-lock acquire --no-wait --workgroup airline-consumer-1 |
	    rs-wait-workgroup --interval 0.05 | rs-endpoint-ips |
	    rs-nlb-sync --target-group airline-consumers | rs-lock release'
}

fleet_pipeline() { # command in place of rs-nlb-sync's stage
	run --separate-stderr sh -c "rs-lock acquire --no-wait |
	    rs-endpoint-ips --match 'airline-consumer-*' - |
	    ${1:-rs-nlb-sync --prune --target-group airline-consumers} |
	    rs-lock release"
}

assert_unlocked() {
	run --separate-stderr rs-lock acquire --no-wait
	assert_status 0
	printf '%s\n' "$output" | rs-lock release >/dev/null
}

registered() {
	[ "$(sandbox_count RegisterTargets)" -ge 1 ]
}

@test "the documented pipeline registers the endpoint and lets go" {
	pipeline
	assert_status 0
	assert_err ''
	assert_jq '[.[].kind] == ["target", "end"] and .[-1].complete and
	    .[0].health == "healthy" and .[0].workgroup == "airline-consumer-1"'
	assert_unlocked
}

@test "a second run changes nothing" {
	pipeline
	"$SANDBOX" requests --clear
	pipeline
	assert_status 0
	assert_jq '.[0].action == "keep"'
	[ "$(sandbox_count RegisterTargets)" -eq 0 ]
}

@test "the whole fleet, with --match reading the lock from stdin" {
	fleet_pipeline
	assert_status 0
	assert_jq 'length == 4 and all(.[:-1][]; .health == "healthy")'
	assert_unlocked
}

@test "a stage that fails: status 7, nothing removed, the lock is free" {
	fleet_pipeline
	"$SANDBOX" requests --clear
	for operation in ListWorkgroups ListEndpointAccess; do
		sandbox_fault error --operation "$operation" --count 0 \
		    --status 400 --code AccessDeniedException --message no
		fleet_pipeline
		assert_status 7
		assert_err_like "AccessDeniedException: no"
		assert_jq '.[-1].complete == false'
		"$SANDBOX" fault clear
		assert_unlocked
	done
	[ "$(sandbox_count DeregisterTargets)" -eq 0 ]
	[ "$(sandbox_count RegisterTargets)" -eq 0 ]
}

@test "a stage that dies after it passed the lock: status 7, the lock is free" {
	fleet_pipeline 'sh -c "head -n 1; kill -9 \$\$"'
	assert_status 7
	assert_jq '.[-1].complete == false'
	assert_unlocked
}

@test "a stage that dies with the lock's record: status 7, the lease holds" {
	fleet_pipeline 'sh -c "cat >/dev/null; kill -9 \$\$"'
	assert_status 7
	run --separate-stderr rs-lock acquire --no-wait
	assert_status 1
	assert_err_like "lock 'lock' is busy"
	run --separate-stderr rs-lock status
	assert_jq '.[0].state == "leased"'
	rs-lock force-release \
	    --token "$(jq -r 'select(.kind == "lock").token' <<<"$output")"
	assert_unlocked
}

@test "a stage that is missing: status 7" {
	fleet_pipeline 'no-such-command'
	assert_status 7
}

@test "the lock is busy: nothing is done" {
	rs-lock acquire >"$BATS_TEST_TMPDIR/lock"
	fleet_pipeline
	assert_status 7
	[ "$(sandbox_requests | wc -l)" -eq 0 ]
	rs-lock release <"$BATS_TEST_TMPDIR/lock" >/dev/null
}

@test "SIGTERM to the sync while it drains: the lock is free afterwards" {
	fleet_pipeline
	sandbox_set timing drain=300
	aws redshift-serverless delete-workgroup \
	    --workgroup-name airline-consumer-3 >/dev/null
	wait_until gone airline-consumer-3
	(fleet_pipeline 'sh -c "echo \$\$ >'"$BATS_TEST_TMPDIR"'/pid
	    exec rs-nlb-sync --prune --wait-drained 5m -g airline-consumers"'
	printf '%s\n' "$status" >"$BATS_TEST_TMPDIR/status") 3>&- &
	wait_until deregistered
	kill -TERM "$(<"$BATS_TEST_TMPDIR/pid")"
	wait
	[ "$(<"$BATS_TEST_TMPDIR/status")" -eq 7 ]
	assert_unlocked
}

deregistered() {
	[ "$(sandbox_count DeregisterTargets)" -ge 1 ]
}

gone() {
	rs-wait-workgroup --for deleted --stable 1 --timeout 0.01 "$1" \
	    >/dev/null 2>&1
}

@test "CRLF, blank lines and unknown kinds go through; NUL and 2 MiB do not" {
	end='{"kind":"end","tool":"x","count":0,"complete":true}'
	ip='{"kind":"ip","workgroup":"w","ip":"127.64.0.30","port":5439}'
	printf '%s\r\n\r\n{"kind":"note"}\r\n%s\r\n' "$ip" "$end" \
	    >"$BATS_TEST_TMPDIR/in"
	run --separate-stderr rs-nlb-sync -g airline-consumers \
	    <"$BATS_TEST_TMPDIR/in"
	assert_status 0
	assert_jq '[.[].kind] == ["note", "target", "end"]'
	"$SANDBOX" requests --clear
	printf '%s\n{"kind":"ip\0"}\n%s\n' "$ip" "$end" >"$BATS_TEST_TMPDIR/in"
	run --separate-stderr rs-nlb-sync -g airline-consumers \
	    <"$BATS_TEST_TMPDIR/in"
	assert_status 7
	assert_err_like "line 2 is not JSON"
	{
		printf '{"kind":"ip","ip":"'
		head -c 2097152 /dev/zero | tr '\0' 1
		printf '"}\n%s\n' "$end"
	} >"$BATS_TEST_TMPDIR/in"
	run --separate-stderr rs-nlb-sync -g airline-consumers \
	    <"$BATS_TEST_TMPDIR/in"
	assert_status 7
	assert_err_like "line 1 is longer than 1048576 bytes"
	[ "$(sandbox_requests | wc -l)" -eq 0 ]
}
