#!/usr/bin/env bats
# rs-wait-workgroup against the sandbox. W numbers are the scars of the
# scripts that this tool replaces.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/sandbox

setup_file() { sandbox_start; }
setup() { sandbox_reset; }
teardown_file() { sandbox_stop; }

wait_wg() {
	run --separate-stderr rs-wait-workgroup --interval 0.05 "$@" </dev/null
}

counted() { # OPERATION at-least-N
	[ "$(sandbox_count "$1")" -ge "$2" ]
}

# Start the tool beside the test; finish waits for it like `run` does.
start() {
	rs-wait-workgroup --interval 0.05 "$@" </dev/null \
	    >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
	pid=$!
}

# shellcheck disable=SC2034 # status and stderr are for the assertions
finish() {
	status=0
	wait "$pid" || status=$?
	output=$(<"$BATS_TEST_TMPDIR/out")
	stderr=$(<"$BATS_TEST_TMPDIR/err")
	BATS_RUN_COMMAND="rs-wait-workgroup (in the background)"
}

@test "W6: an available workgroup is one record, and no prose" {
	sandbox_fleet airline-consumer-1 >/dev/null
	wait_wg airline-consumer-1
	assert_status 0
	assert_err ''
	assert_records
	assert_jq 'length == 2 and .[0].kind == "workgroup" and
	    .[0].workgroup == "airline-consumer-1" and
	    .[0].status == "AVAILABLE" and .[0].port == 5439 and
	    (.[0].namespace_id | test("^[0-9a-f-]{36}$")) and
	    (.[0].address | startswith("airline-consumer-1.")) and
	    (.[0].vpc_endpoints[0].network_interfaces | length) >= 2 and
	    .[1] == {kind: "end", tool: "rs-wait-workgroup", count: 1,
	        complete: true}'
}

@test "W3: one look at AVAILABLE is not enough" {
	sandbox_fleet airline-consumer-1 >/dev/null
	wait_wg airline-consumer-1
	assert_status 0
	[ "$(sandbox_count GetWorkgroup)" -eq 2 ]
	sandbox_reset
	sandbox_fleet airline-consumer-1 >/dev/null
	wait_wg --stable 4 airline-consumer-1
	assert_status 0
	[ "$(sandbox_count GetWorkgroup)" -eq 4 ]
}

@test "W3: a workgroup whose namespace is MODIFYING is not ready" {
	sandbox_fleet airline-consumer-1 >/dev/null
	sandbox_set namespace airline-consumer-1 status=MODIFYING hold=true
	start airline-consumer-1
	wait_until counted GetNamespace 4
	[ ! -s "$BATS_TEST_TMPDIR/out" ]
	sandbox_set namespace airline-consumer-1 status=AVAILABLE hold=false
	finish
	assert_status 0
	assert_jq '.[0].status == "AVAILABLE"'
}

@test "a flap back to MODIFYING starts the count afresh" {
	sandbox_fleet airline-consumer-1 >/dev/null
	start --stable 30 airline-consumer-1
	wait_until counted GetWorkgroup 2
	sandbox_set workgroup airline-consumer-1 status=MODIFYING hold=true
	before=$(sandbox_count GetWorkgroup)
	wait_until counted GetWorkgroup $((before + 2))
	[ ! -s "$BATS_TEST_TMPDIR/out" ]
	kill "$pid"
	finish
	assert_status 143
	assert_err ''
}

@test "several names cost one List call a look, not one call each" {
	sandbox_fleet consumer-{1..8} >/dev/null
	wait_wg consumer-{1..8}
	assert_status 0
	assert_jq 'length == 9 and .[-1].count == 8 and
	    ([.[:-1][].workgroup] == [range(1; 9) | "consumer-\(.)"])'
	[ "$(sandbox_count ListWorkgroups)" -eq 2 ]
	[ "$(sandbox_count GetWorkgroup)" -eq 0 ]
}

@test "L10: every page of the list is read" {
	sandbox_fleet consumer-{1..5} >/dev/null
	sandbox_set option page_size=2
	wait_wg consumer-1 consumer-5
	assert_status 0
	[ "$(sandbox_count ListWorkgroups)" -eq 6 ]
}

@test "L9: a second page that fails is a failure, not an absence" {
	sandbox_fleet consumer-{1..5} >/dev/null
	sandbox_set option page_size=2
	sandbox_fault error --operation ListWorkgroups --page 2 --count 0 \
	    --status 400 --code ValidationException --message broken >/dev/null
	wait_wg consumer-1 consumer-5
	assert_status 5
	assert_err_like "^rs-wait-workgroup: cannot list workgroups: .*ValidationException"
	assert_jq 'length == 1 and .[0].complete == false'
}

@test "W1: access denied ends at once with 4, and is not absence" {
	sandbox_fleet airline-consumer-1 >/dev/null
	sandbox_fault error --operation GetWorkgroup --count 0 --status 400 \
	    --code AccessDeniedException --message 'not authorised' >/dev/null
	wait_wg --missing wait airline-consumer-1
	assert_status 4
	assert_err_like "AccessDeniedException: not authorised"
	[ "$(sandbox_count GetWorkgroup)" -eq 1 ]
}

@test "W1: throttling is waited out, however long" {
	sandbox_fleet airline-consumer-1 >/dev/null
	sandbox_fault throttle --operation GetWorkgroup --count 7 \
	    --retry-after-ms 1 >/dev/null
	wait_wg airline-consumer-1
	assert_status 0
	assert_err ''
}

@test "W2: DELETING is a no at once" {
	sandbox_fleet airline-consumer-1 >/dev/null
	sandbox_set workgroup airline-consumer-1 status=DELETING hold=true
	wait_wg airline-consumer-1
	assert_status 1
	assert_err "rs-wait-workgroup: workgroup 'airline-consumer-1' is being deleted"
	assert_jq 'length == 1 and .[0].complete == false'
}

@test "a workgroup that does not exist is a no, after a moment to appear" {
	wait_wg --appear 0.2 airline-consumer-9
	assert_status 1
	assert_err_like "workgroup 'airline-consumer-9' does not exist in us-west-2"
	counted GetWorkgroup 2
}

@test "--missing wait: waits for one that is still to be created" {
	start --missing wait --appear 0 airline-consumer-1
	wait_until counted GetWorkgroup 3
	sandbox_fleet airline-consumer-1 >/dev/null
	finish
	assert_status 0
	assert_jq '.[0].workgroup == "airline-consumer-1"'
}

@test "a workgroup that vanishes while it is waited for is a no" {
	sandbox_fleet airline-consumer-1 >/dev/null
	sandbox_set workgroup airline-consumer-1 status=MODIFYING hold=true
	start --missing wait airline-consumer-1
	wait_until counted GetWorkgroup 1
	sandbox_reset
	finish
	assert_status 1
	assert_err_like "was deleted while waiting for it"
}

@test "one look that does not find it is no deletion" {
	sandbox_fleet airline-consumer-1 >/dev/null
	sandbox_fault error --operation GetWorkgroup --skip 1 --count 1 \
	    --status 400 --code ResourceNotFoundException --message gone \
	    >/dev/null
	wait_wg --stable 2 --appear 0 airline-consumer-1
	assert_status 0
	assert_err ''
	[ "$(sandbox_count GetWorkgroup)" -eq 4 ]
}

@test "throttled up to the deadline: the message says so" {
	sandbox_fleet airline-consumer-1 >/dev/null
	sandbox_fault throttle --operation GetWorkgroup --count 0 \
	    --retry-after-ms 1 >/dev/null
	wait_wg --timeout 3 airline-consumer-1
	assert_status 3
	assert_err_like "gave up after [0-9]+ s without an answer about workgroup 'airline-consumer-1': cannot describe workgroup .*(ThrottlingException|deadline passed)"
}

@test "L8: the deadline says in which state it was stuck and what that means" {
	sandbox_fleet airline-consumer-1 >/dev/null
	sandbox_set workgroup airline-consumer-1 status=MODIFYING hold=true
	wait_wg --timeout 0.4 airline-consumer-1
	assert_status 3
	assert_err_like "gave up after [0-9]+ s: workgroup 'airline-consumer-1' has been MODIFYING for [0-9]+ s"
	assert_err_like "hint: MODIFYING usually means another operation"
	assert_jq 'length == 1 and .[0].complete == false'
}

@test "a status that is not known is shown and waited on" {
	sandbox_fleet airline-consumer-1 >/dev/null
	sandbox_set workgroup airline-consumer-1 status=UPGRADING hold=true
	wait_wg --timeout 0.4 airline-consumer-1
	assert_status 3
	assert_err_like "has been UPGRADING for"
}

@test "W4: --region goes into the request" {
	wait_wg --region eu-central-1 --appear 0 airline-consumer-1
	assert_status 1
	assert_err_like "does not exist in eu-central-1"
}

@test "--for deleted: absence is the goal" {
	sandbox_fleet airline-consumer-1 >/dev/null
	start --for deleted airline-consumer-1
	wait_until counted GetWorkgroup 2
	sandbox_reset
	finish
	assert_status 0
	assert_records
	assert_jq '.[0].status == "DELETED" and .[1].complete'
}

@test "the deadline does not blame what was not looked at" {
	sandbox_fleet airline-consumer-1 >/dev/null
	wait_wg --timeout 1.5 --stable 100 airline-consumer-1
	assert_status 3
	assert_err_like "workgroup 'airline-consumer-1' has been AVAILABLE for [0-9]+ s"
	assert_err_like "hint: --stable asks for more looks"
	wait_wg --timeout 1.5 --for deleted --events airline-consumer-1
	assert_status 3
	assert_err_like "workgroup 'airline-consumer-1' has been AVAILABLE for [0-9]+ s"
	assert_err_like "hint: nothing has deleted it"
	assert_jq '.[0].to == "AVAILABLE"'
	sandbox_set namespace airline-consumer-1 status=MODIFYING hold=true
	wait_wg --timeout 1.5 airline-consumer-1
	assert_status 3
	assert_err_like "has been AVAILABLE, its namespace MODIFYING for"
	assert_err_like "hint: the workgroup is up but its namespace is not"
}

@test "--events: each change is a record" {
	sandbox_fleet airline-consumer-1 >/dev/null
	sandbox_set workgroup airline-consumer-1 status=MODIFYING hold=true
	start --events airline-consumer-1
	wait_until counted GetWorkgroup 2
	sandbox_set workgroup airline-consumer-1 status=AVAILABLE hold=false
	finish
	assert_status 0
	assert_records
	assert_jq '[.[] | select(.kind == "event") | [.from, .to]] ==
	    [[null, "MODIFYING"], ["MODIFYING", "AVAILABLE"]]'
}

@test "names come from records; a lock passes byte for byte" {
	sandbox_fleet airline-consumer-1 airline-consumer-2 >/dev/null
	lock='{ "kind":"lock",  "name":"x", "fence": 12345678901234567890.10, "workgroup":"airline-consumer-1" }'
	printf '%s\r\n\n%s\n%s\n' "$lock" \
	    '{"kind":"workgroup","workgroup":"airline-consumer-2"}' \
	    '{"kind":"end","tool":"x","count":2,"complete":true}' \
	    >"$BATS_TEST_TMPDIR/in"
	run --separate-stderr rs-wait-workgroup --interval 0.05 \
	    <"$BATS_TEST_TMPDIR/in"
	assert_status 0
	[ "${lines[0]}" = "$lock"$'\r' ] || fail_run "the lock was changed"
	assert_jq '[.[].kind] == ["lock", "workgroup", "workgroup", "end"]'
}

@test "an incomplete stream: nothing is asked, the lock still passes" {
	lock='{"kind":"lock","workgroup":"airline-consumer-1"}'
	run --separate-stderr rs-wait-workgroup <<<"$lock"
	assert_status 7
	assert_err_like "the stream is truncated"
	assert_jq '[.[].kind] == ["lock", "end"] and .[1].complete == false'
	run --separate-stderr rs-wait-workgroup <<<"$lock
{\"kind\":\"end\",\"tool\":\"x\",\"count\":1,\"complete\":false}"
	assert_status 7
	assert_err_like "the stage before did not finish"
	[ "$(sandbox_requests | wc -l)" -eq 0 ]
}

@test "a bad line is named, and a lock after it still passes" {
	run --separate-stderr rs-wait-workgroup <<'END'
{"kind":"workgroup","workgroup":"airline-consumer-1"}
{"kind":"workgroup","workgr
{"kind":"lock","name":"x"}
{"kind":"end","tool":"x","count":3,"complete":true}
END
	assert_status 7
	assert_err_like "line 2 is not JSON"
	assert_jq '[.[].kind] == ["lock", "end"] and .[1].complete == false'
	[ "$(sandbox_requests | wc -l)" -eq 0 ]
}

@test "SIGTERM while waiting ends it with the signal, quickly and quietly" {
	sandbox_fleet airline-consumer-1 >/dev/null
	sandbox_set workgroup airline-consumer-1 status=MODIFYING hold=true
	start --interval 300 airline-consumer-1
	wait_until counted GetWorkgroup 1
	kill -TERM "$pid"
	finish
	assert_status 143
	assert_err ''
	assert_jq 'length == 1 and .[0].complete == false'
}

@test "SIGTERM while AWS does not answer ends it as well" {
	id=$(sandbox_fault hold --operation GetWorkgroup)
	start airline-consumer-1
	sandbox_held "$id"
	kill -TERM "$pid"
	finish
	sandbox_release "$id"
	assert_status 143
}

@test "what cannot be a name is a usage error" {
	for name in ab UPPER under_score 'a b' "$(printf 'x%.0s' {1..65})"; do
		wait_wg "$name"
		assert_status 2
		assert_err_like "is not the name of a workgroup"
	done
}
