#!/usr/bin/env bats
# rs-endpoint-ips against the sandbox. E and N numbers are the scars of the
# scripts that this tool replaces.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/sandbox

setup_file() { sandbox_start; }
setup() { sandbox_reset; }
teardown_file() { sandbox_stop; }

ips() {
	run --separate-stderr rs-endpoint-ips "$@" </dev/null
}

asleep() { # PID: the tool waits, its shell is gone
	grep -q '^Name:.rs-endpoint-ips$' "/proc/$1/status" &&
	    grep -q '^State:.S' "/proc/$1/status"
}

external() { # JSON [option ...]
	local query=$1

	shift
	run --separate-stderr rs-endpoint-ips --external "$@" <<<"$query"
}

@test "the address of an endpoint access, with all there is to know" {
	sandbox_fleet consumer-1 >/dev/null
	ips consumer-1
	assert_status 0
	assert_err ''
	assert_records
	assert_jq 'length == 2 and .[0].workgroup == "consumer-1" and
	    .[0].endpoint == "consumer-1-endpoint" and .[0].port == 5439 and
	    .[0].source == "access" and (.[0].eni | startswith("eni-")) and
	    (.[0].subnet | startswith("subnet-")) and
	    (.[0].vpc | startswith("vpc-")) and
	    (.[0].az | startswith("us-west-2"))'
	[ "$(sandbox_requests | wc -l)" -eq 1 ]
}

@test "it is the address that EC2 tells as well" {
	sandbox_fleet consumer-1 >/dev/null
	ips consumer-1
	eni=$(jq -r 'select(.kind == "ip").eni' <<<"$output")
	ip=$(jq -r 'select(.kind == "ip").ip' <<<"$output")
	run --separate-stderr aws ec2 describe-network-interfaces \
	    --network-interface-ids "$eni" --output text \
	    --query 'NetworkInterfaces[0].PrivateIpAddress'
	assert_out "$ip"
}

@test "--from workgroup: every interface of the workgroup's own endpoint" {
	sandbox_fleet consumer-1 >/dev/null
	ips --from workgroup consumer-1
	assert_status 0
	assert_records
	assert_jq '(.[:-1] | length) == 3 and
	    ([.[:-1][].az] | unique | length) == 3 and
	    all(.[:-1][]; .source == "workgroup" and
	        (.endpoint | startswith("vpce-")))'
}

@test "E7: all interfaces of an endpoint with several" {
	sandbox_fleet consumer-1 >/dev/null
	sandbox_set endpoint consumer-1-endpoint enis=3
	ips consumer-1
	assert_status 0
	assert_jq '([.[:-1][].ip] | unique | length) == 3'
}

@test "auto: the workgroup's own endpoint when it has no access" {
	sandbox_fleet consumer-1 >/dev/null
	aws redshift-serverless delete-endpoint-access \
	    --endpoint-name consumer-1-endpoint >/dev/null
	wait_until bash -c 'aws redshift-serverless list-endpoint-access |
	    jq -e ".endpoints == []" >/dev/null'
	ips consumer-1
	assert_status 0
	assert_jq 'length == 4 and .[0].source == "workgroup"'
	ips --from access consumer-1
	assert_status 1
	assert_err_like "workgroup 'consumer-1' has no endpoint access in us-west-2"
	assert_jq 'length == 1 and .[0].complete == false'
}

@test "--match is anchored and does not take other projects' names (N6)" {
	sandbox_fleet airline-consumer-{1..3} my-airline-consumer-1 \
	    airline-consumer-1b >/dev/null
	ips --match 'airline-consumer-[0-9]'
	assert_status 0
	assert_jq '[.[:-1][].workgroup] ==
	    ["airline-consumer-1", "airline-consumer-2", "airline-consumer-3"]'
}

@test "N9: that nothing matches is an error" {
	sandbox_fleet airline-consumer-1 >/dev/null
	ips --match 'airlines-*'
	assert_status 1
	assert_err_like "no workgroup matches 'airlines-\*' in us-west-2"
	assert_jq 'length == 1 and .[0].complete == false'
}

@test "--match leaves out a workgroup that is being deleted" {
	sandbox_fleet consumer-1 consumer-2 >/dev/null
	sandbox_set workgroup consumer-2 status=DELETING hold=true
	ips --match 'consumer-*'
	assert_status 0
	assert_jq '[.[:-1][].workgroup] == ["consumer-1"] and .[-1].complete'
}

@test "E6: an endpoint that is CREATING makes the stream incomplete" {
	sandbox_fleet consumer-1 consumer-2 >/dev/null
	sandbox_set endpoint consumer-2-endpoint status=CREATING hold=true
	ips consumer-1 consumer-2
	assert_status 1
	assert_err_like "endpoint 'consumer-2-endpoint' of workgroup 'consumer-2' is CREATING"
	assert_jq '[.[].kind] == ["ip", "end"] and .[-1].complete == false'
	ips --allow-partial consumer-1 consumer-2
	assert_status 0
	assert_err ''
	assert_jq '[.[].kind] == ["ip", "end"] and .[-1].complete'
}

@test "an active endpoint without an interface makes it incomplete too" {
	sandbox_fleet consumer-1 >/dev/null
	sandbox_set endpoint consumer-1-endpoint enis=0
	ips consumer-1
	assert_status 1
	assert_err_like "has no network interface yet"
}

@test "--allow-partial: a workgroup that does not exist is still a no" {
	sandbox_fleet consumer-1 >/dev/null
	ips --allow-partial consumer-1 consumer-9
	assert_status 1
	assert_err_like "workgroup 'consumer-9' does not exist in us-west-2"
	assert_jq '.[0].workgroup == "consumer-1" and
	    .[-1].complete == false'
	ips --allow-partial consumer-9
	assert_status 1
}

@test "N7: an endpoint access is found whatever its name" {
	sandbox_fleet consumer-1 >/dev/null
	subnet=$("$SANDBOX" status | jq -r '.subnet_ids[1]')
	aws redshift-serverless create-endpoint-access --endpoint-name stranger \
	    --workgroup-name consumer-1 --subnet-ids "$subnet" >/dev/null
	wait_until both_active
	ips consumer-1
	assert_status 0
	assert_jq '[.[:-1][].endpoint] == ["consumer-1-endpoint", "stranger"]'
}

both_active() {
	aws redshift-serverless list-endpoint-access | jq -e '[.endpoints[] |
	    select(.endpointStatus == "ACTIVE")] | length == 2' >/dev/null
}

@test "a workgroup that does not exist is a no" {
	sandbox_fleet consumer-1 >/dev/null
	ips consumer-1 consumer-9
	assert_status 1
	assert_err_like "workgroup 'consumer-9' does not exist in us-west-2"
	ips consumer-9
	assert_status 1
	assert_jq 'length == 1 and .[0].complete == false'
}

@test "every page is read, and the output is sorted" {
	sandbox_fleet consumer-{01..23} >/dev/null
	sandbox_set option page_size=5
	ips --match 'consumer-*'
	assert_status 0
	assert_jq 'length == 24 and ([.[:-1][].workgroup] | . == sort)'
}

@test "E1: a page that fails is an error, not a shorter list" {
	sandbox_fleet consumer-{1..5} >/dev/null
	sandbox_set option page_size=2
	sandbox_fault error --operation ListEndpointAccess --page 2 --count 0 \
	    --status 400 --code AccessDeniedException --message no >/dev/null
	ips consumer-{1..5}
	assert_status 4
	assert_jq 'length == 1 and .[0].complete == false'
	sandbox_fault cut --operation ListEndpointAccess --count 0 >/dev/null
	sandbox_set option page_size=100
	ips consumer-{1..5}
	assert_status 5
	assert_jq 'length == 1 and .[0].complete == false'
}

@test "E6: a MODIFYING workgroup keeps its addresses" {
	sandbox_fleet consumer-1 >/dev/null
	sandbox_set workgroup consumer-1 status=MODIFYING hold=true
	ips --from workgroup consumer-1
	assert_status 0
	assert_jq 'length == 4'
}

@test "--external: strings only, lists as JSON in a string" {
	sandbox_fleet consumer-1 consumer-2 >/dev/null
	external '{"workgroups": "[\"consumer-2\", \"consumer-1\"]"}'
	assert_status 0
	assert_err ''
	assert_jq 'length == 1 and (.[0] | keys == ["count", "ips", "targets"]
	    and all(.[]; type == "string") and .count == "2" and
	    (.ips | fromjson | length) == 2 and
	    ([.targets | fromjson[].workgroup] == ["consumer-1", "consumer-2"]))'
	external '{"match": "consumer-*", "workgroup": "consumer-1"}'
	assert_status 0
	assert_jq '.[0].count == "2"'
}

@test "E1, E3: --external never answers empty in place of an error" {
	sandbox_fault error --operation ListEndpointAccess --count 0 \
	    --status 400 --code AccessDeniedException --message no >/dev/null
	external '{"workgroup": "consumer-1"}'
	assert_status 4
	assert_out ''
	assert_err_lines 1
}

@test "E2: --external refuses a query it does not understand" {
	for query in '' 'null' '[]' '{}' '{"workgroup": null}' '{"workgroup": ""}' \
	    '{"workgroup": "a b c"}' '{"workgroups": "[1]"}' '{"workgroups": "[" }' \
	    '{"name": "consumer-1"}' '{"workgroup": "a-1", "workgroup": "a-2"}'; do
		external "$query"
		assert_status 7
		assert_out ''
		assert_err_lines 1
	done
	run --separate-stderr rs-endpoint-ips --external consumer-1 </dev/null
	assert_status 2
}

@test "--external: SIGTERM before the query came ends it by that signal" {
	mkfifo "$BATS_TEST_TMPDIR/query"
	rs-endpoint-ips --external <>"$BATS_TEST_TMPDIR/query" \
	    >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
	pid=$!
	wait_until asleep "$pid"
	kill "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 143 ]
	[ ! -s "$BATS_TEST_TMPDIR/out" ]
	[ ! -s "$BATS_TEST_TMPDIR/err" ]
}

@test "--external does not read a terminal" {
	run timeout 20 script -qefc 'rs-endpoint-ips --external' /dev/null
	[ "$status" -eq 2 ]
	[[ $output == *'rs-endpoint-ips: standard input is a terminal'* ]]
}

@test "names from records: the workgroup is consumed, the rest passes" {
	sandbox_fleet consumer-1 >/dev/null
	run --separate-stderr rs-endpoint-ips <<'END'
{"kind":"lock","name":"x","workgroup":"consumer-1"}
{"kind":"workgroup","workgroup":"consumer-1"}
{"kind":"note","text":"mine"}
{"kind":"end","tool":"x","count":3,"complete":true}
END
	assert_status 0
	assert_jq '[.[].kind] == ["lock", "note", "ip", "end"] and
	    .[-1].count == 1'
}

@test "a full disk is not success" {
	sandbox_fleet consumer-1 >/dev/null
	run --separate-stderr bash -c 'rs-endpoint-ips consumer-1 >/dev/full'
	assert_status 8
	assert_err_like "cannot write to standard output: No space left"
}
