#!/usr/bin/env bats
# rs-nlb-sync against the sandbox. N numbers are the scars of the scripts
# that this tool replaces.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/sandbox

setup_file() { sandbox_start; }
teardown_file() { sandbox_stop; }

setup() {
	sandbox_reset
	sandbox_target_group consumers >/dev/null
}

# A complete stream with these addresses: IP[:PORT] ...
stream() {
	local address

	for address; do
		[[ $address == *:* ]] || address+=:5439
		printf '{"kind":"ip","workgroup":"consumer","endpoint":"e","ip":"%s","port":%s,"az":null,"subnet":null,"eni":null,"vpc":null,"source":"access"}\n' \
		    "${address%:*}" "${address#*:}"
	done
	printf '{"kind":"end","tool":"rs-endpoint-ips","count":%d,"complete":true}\n' $#
}

# sync ADDRESS ... -- OPTION ...
nlb_sync() {
	local addresses=()

	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		addresses+=("$1")
		shift
	done
	[ $# -eq 0 ] || shift
	stream "${addresses[@]}" >"$BATS_TEST_TMPDIR/stream"
	run --separate-stderr rs-nlb-sync -g consumers "$@" \
	    <"$BATS_TEST_TMPDIR/stream"
}

# What the group has, as "ip:port state" lines, told by the AWS CLI.
targets() {
	aws elbv2 describe-target-health --target-group-arn "$(group_arn)" |
	    jq -r '.TargetHealthDescriptions[] |
	        "\(.Target.Id):\(.Target.Port) \(.TargetHealth.State)"' | sort
}

group_arn() {
	aws elbv2 describe-target-groups --names consumers \
	    --query 'TargetGroups[0].TargetGroupArn' --output text
}

# The sandbox's own addresses: an IP that lies in the group's VPC.
ip() {
	printf '127.64.%d.%d' $(($1 / 200)) $(($1 % 200 + 10))
}

healthy() {
	local n list=()

	for n; do
		list+=("$(ip "$n")")
	done
	nlb_sync "${list[@]}" --
	[ "$status" -eq 0 ]
	"$SANDBOX" requests --clear
}

registered() {
	[ "$(sandbox_count RegisterTargets)" -ge 1 ]
}

changes() {
	printf '%s' "$(($(sandbox_count RegisterTargets) +
	    $(sandbox_count DeregisterTargets)))"
}

@test "registers what is missing and waits until it is healthy" {
	nlb_sync "$(ip 1)" "$(ip 2)"
	assert_status 0
	assert_err ''
	assert_records
	assert_jq 'length == 3 and all(.[:-1][]; .action == "register" and
	    .done and .health == "healthy" and .workgroup == "consumer" and
	    .target_group == "consumers")'
	[ "$(targets)" = "$(ip 1):5439 healthy
$(ip 2):5439 healthy" ]
	[ "$(sandbox_count RegisterTargets)" -eq 1 ]
}

@test "N14: a second run does nothing, with two calls" {
	healthy 1 2 3
	nlb_sync "$(ip 1)" "$(ip 2)" "$(ip 3)"
	assert_status 0
	assert_jq 'all(.[:-1][]; .action == "keep" and (.done | not))'
	[ "$(sandbox_requests | wc -l)" -eq 2 ]
}

@test "the group may be given by its ARN" {
	stream "$(ip 1)" >"$BATS_TEST_TMPDIR/in"
	run --separate-stderr rs-nlb-sync --target-group "$(group_arn)" \
	    <"$BATS_TEST_TMPDIR/in"
	assert_status 0
	assert_jq '.[0].target_group == "consumers"'
}

@test "without --prune nothing is removed" {
	healthy 1 2
	nlb_sync "$(ip 3)"
	assert_status 0
	assert_jq '[.[:-1][].action] | sort == ["keep", "keep", "register"]'
	[ "$(sandbox_count DeregisterTargets)" -eq 0 ]
	[ "$(targets | wc -l)" -eq 3 ]
}

@test "--prune removes exactly what the stream does not name" {
	healthy 1 2 3
	nlb_sync "$(ip 1)" "$(ip 2)" -- --prune --wait-drained 20
	assert_status 0
	assert_records
	assert_jq '[.[] | select(.action == "deregister")] |
	    length == 1 and .[0].ip == $ip and .[0].done and
	    .[0].health == "absent"' --arg ip "$(ip 3)"
	[ "$(targets)" = "$(ip 1):5439 healthy
$(ip 2):5439 healthy" ]
}

@test "N1: an incomplete stream changes nothing, and no call is made" {
	healthy 1 2
	for in in '' '{"kind":"end","tool":"x","count":0,"complete":false}' \
	    "$(stream "$(ip 1)" | head -n 1)"; do
		printf '%s' "$in" >"$BATS_TEST_TMPDIR/in"
		run --separate-stderr rs-nlb-sync --prune --allow-empty \
		    -g consumers <"$BATS_TEST_TMPDIR/in"
		assert_status 7
		assert_jq 'length == 1 and .[0].complete == false'
	done
	[ "$(sandbox_requests | wc -l)" -eq 0 ]
}

@test "the end of input in the middle of a record changes nothing" {
	healthy 1 2
	stream "$(ip 1)" | head -c 60 >"$BATS_TEST_TMPDIR/in"
	run --separate-stderr rs-nlb-sync --prune -g consumers \
	    <"$BATS_TEST_TMPDIR/in"
	assert_status 7
	assert_err_like "line 1 is not JSON"
	[ "$(sandbox_requests | wc -l)" -eq 0 ]
}

@test "an empty stream is refused; --allow-empty means it (N9)" {
	healthy 1
	nlb_sync -- --prune
	assert_status 1
	assert_err_like "the stream names no address: nothing was changed"
	nlb_sync -- --prune --allow-empty
	assert_status 1
	assert_err_like "refusing to remove 1 of the 1 targets"
	nlb_sync -- --prune --allow-empty --max-remove 100%
	assert_status 1
	assert_err_like "0 healthy would be left, --min-healthy asks for 1"
	[ "$(changes)" -eq 0 ]
	nlb_sync -- --prune --allow-empty --max-remove 1 --min-healthy 0 \
	    --wait-drained 20
	assert_status 0
	[ -z "$(targets)" ]
}

@test "the last targets of a group drain as long as they need" {
	healthy 1
	sandbox_set timing drain=3
	nlb_sync -- --prune --allow-empty --max-remove 1 --min-healthy 0 \
	    --wait-drained 30
	assert_status 0
	assert_err ''
	assert_jq '.[0].action == "deregister" and .[0].health == "absent"'
}

@test "N2: addresses are compared whole" {
	nlb_sync 127.64.0.25 --
	nlb_sync 127.64.0.2 127.64.0.25
	assert_status 0
	assert_jq '[.[:-1][] | [.ip, .action]] ==
	    [["127.64.0.2", "register"], ["127.64.0.25", "keep"]]'
	nlb_sync 127.64.0.2 -- --prune
	assert_status 0
	assert_jq '[.[] | select(.action == "deregister").ip] ==
	    ["127.64.0.25"]'
}

@test "N3: a null address is a bad record, not a target" {
	printf '%s\n' '{"kind":"ip","ip":null,"port":5439}' \
	    '{"kind":"end","tool":"x","count":1,"complete":true}' \
	    >"$BATS_TEST_TMPDIR/in"
	run --separate-stderr rs-nlb-sync -g consumers <"$BATS_TEST_TMPDIR/in"
	assert_status 7
	assert_err 'rs-nlb-sync: line 1: "ip" is not an address'
	[ "$(sandbox_requests | wc -l)" -eq 0 ]
}

@test "N4: a draining target that is wanted is registered again" {
	sandbox_set timing drain=300
	healthy 1 2
	nlb_sync "$(ip 1)" -- --prune
	assert_status 0
	[ "$(targets | grep -c draining)" -eq 1 ]
	nlb_sync "$(ip 1)" "$(ip 2)"
	assert_status 0
	assert_jq '.[] | select(.ip == $ip) |
	    .action == "register" and .reason == "was draining" and
	    .health == "healthy"' --arg ip "$(ip 2)"
}

@test "a target that drains already is not removed again" {
	sandbox_set timing drain=300
	healthy 1 2
	nlb_sync "$(ip 1)" -- --prune
	"$SANDBOX" requests --clear
	nlb_sync "$(ip 1)" -- --prune
	assert_status 0
	assert_jq '[.[:-1][].action] == ["keep", "drain"]'
	[ "$(changes)" -eq 0 ]
}

@test "N5: the port belongs to the identity" {
	healthy 1
	nlb_sync "$(ip 1):5440" -- --prune --max-remove 100%
	assert_status 0
	assert_jq '[.[:-1][] | [.port, .action]] ==
	    [[5440, "register"], [5439, "deregister"]]'
}

@test "an address outside the VPC is registered with the zone all" {
	stream 10.9.8.7 | sed 's/"vpc":null/"vpc":"vpc-elsewhere"/' \
	    >"$BATS_TEST_TMPDIR/in"
	run --separate-stderr rs-nlb-sync -g consumers <"$BATS_TEST_TMPDIR/in"
	assert_status 0
	assert_jq '.[0].az == "all" and .[0].health == "healthy"'
	run --separate-stderr rs-nlb-sync -g consumers <"$BATS_TEST_TMPDIR/in"
	assert_status 0
	assert_jq '.[0].action == "keep"'
}

@test "the same address in two other VPCs is one target" {
	for vpc in a b; do
		stream 10.9.8.7 | sed "s/\"vpc\":null/\"vpc\":\"vpc-$vpc\"/
		    s/\"az\":null/\"az\":\"us-west-2$vpc\"/"
	done >"$BATS_TEST_TMPDIR/in"
	run --separate-stderr rs-nlb-sync -g consumers <"$BATS_TEST_TMPDIR/in"
	assert_status 0
	assert_jq 'length == 2 and .[0].az == "all"'
}

@test "N8: never below --min-healthy" {
	healthy 1 2 3
	sandbox_set target consumers "$(ip 1)" health=unhealthy
	sandbox_set target consumers "$(ip 2)" health=unhealthy
	nlb_sync "$(ip 1)" "$(ip 2)" -- --prune
	assert_status 1
	assert_err_like "0 healthy would be left, --min-healthy asks for 1"
	[ "$(changes)" -eq 0 ]
	nlb_sync "$(ip 1)" "$(ip 2)" -- --prune \
	    --min-healthy 100000000000000000000
	assert_status 1
	assert_err_like "0 healthy would be left, --min-healthy asks for"
	[ "$(changes)" -eq 0 ]
	nlb_sync "$(ip 2)" "$(ip 3)" -- --prune --min-healthy 50%
	assert_status 0
	assert_jq '[.[] | select(.action == "deregister")] | length == 1'
}

@test "never more than --max-remove in one run" {
	healthy 1 2 3 4
	nlb_sync "$(ip 1)" -- --prune
	assert_status 1
	assert_err_like "refusing to remove 3 of the 4 targets of 'consumers': --max-remove allows 2"
	nlb_sync "$(ip 1)" -- --prune --max-remove 2
	assert_status 1
	[ "$(changes)" -eq 0 ]
	nlb_sync "$(ip 1)" -- --prune --max-remove 3
	assert_status 0
}

@test "--own: strangers are never touched" {
	healthy 1 2
	nlb_sync 127.64.0.99
	nlb_sync "$(ip 1)" -- --prune --own 127.64.0.0/28 --max-remove 100%
	assert_status 0
	assert_jq '[.[:-1][] | .action] | sort ==
	    ["deregister", "keep", "keep"]'
	assert_jq '.[] | select(.ip == "127.64.0.99") | .action == "keep"'
	"$SANDBOX" requests --clear
	nlb_sync 10.0.0.1 -- --own 127.64.0.0/16
	assert_status 1
	assert_err_like "refusing to register 10.0.0.1: it is outside --own"
	[ "$(changes)" -eq 0 ]
	for bad in 10.0.0.0 10.0.0.0/33 10.0.0/8 /8 x; do
		nlb_sync "$(ip 1)" -- --own "$bad"
		assert_status 2
	done
}

@test "--check: changes nothing, 1 on a difference" {
	healthy 1
	nlb_sync "$(ip 1)" -- --check
	assert_status 0
	nlb_sync "$(ip 1)" "$(ip 2)" -- --check
	assert_status 1
	assert_err_like "target group 'consumers' differs: 1 to register, 0 to remove"
	assert_jq '[.[:-1][] | [.action, .done]] ==
	    [["keep", false], ["register", false]]'
	[ "$(changes)" -eq 0 ]
}

@test "--plan: changes nothing and says what would be done" {
	healthy 1 2
	nlb_sync "$(ip 1)" "$(ip 3)" -- --plan --prune
	assert_status 0
	assert_records
	assert_jq '[.[:-1][].action] == ["keep", "register", "deregister"]'
	[ "$(changes)" -eq 0 ]
}

@test "N10: access denied is 4; a group that does not exist is 1" {
	stream "$(ip 1)" >"$BATS_TEST_TMPDIR/in"
	run --separate-stderr rs-nlb-sync -g nothing <"$BATS_TEST_TMPDIR/in"
	assert_status 1
	assert_err_like "cannot describe target group 'nothing': TargetGroupNotFound"
	sandbox_fault error --operation DescribeTargetGroups --count 0 \
	    --status 403 --code AccessDenied --message 'not you' >/dev/null
	nlb_sync "$(ip 1)"
	assert_status 4
	assert_err_like "cannot describe target group 'consumers': AccessDenied: not you"
}

@test "AWS dies between register and deregister: nothing is removed" {
	healthy 1 2
	sandbox_fault error --operation DescribeTargetHealth --skip 1 --count 0 \
	    --status 400 --code ValidationError --message dead >/dev/null
	nlb_sync "$(ip 1)" "$(ip 3)" -- --prune
	assert_status 5
	assert_err_like "cannot read the health of target group 'consumers'"
	assert_jq '.[-1].complete == false'
	[ "$(sandbox_count RegisterTargets)" -eq 1 ]
	[ "$(sandbox_count DeregisterTargets)" -eq 0 ]
}

@test "targets that do not become healthy: exit 3, nothing is removed" {
	healthy 1 2
	sandbox_set timing initial=300
	nlb_sync "$(ip 1)" "$(ip 3)" -- --prune --wait-healthy 0.3
	assert_status 3
	assert_err_like "target 127[.]64[.]0[.]1[13]:5439 of 'consumers' is not healthy after 0 s: it is initial"
	[ "$(sandbox_count DeregisterTargets)" -eq 0 ]
}

@test "--wait-healthy: a call that AWS does not answer does not extend it" {
	sandbox_fault hold --operation DescribeTargetHealth --skip 1 \
	    --count 0 >/dev/null
	stream "$(ip 1)" >"$BATS_TEST_TMPDIR/in"
	run --separate-stderr timeout 30 rs-nlb-sync -g consumers \
	    --wait-healthy 0.5 <"$BATS_TEST_TMPDIR/in"
	assert_status 3
	assert_err_like "cannot read the health of target group 'consumers': the deadline passed"
	assert_jq '.[0].done and .[1].complete == false'
}

@test "throttling while waiting for health is waited out" {
	healthy 1 2
	sandbox_fault throttle --operation DescribeTargetHealth --skip 1 \
	    --count 4 --retry-after-ms 1 >/dev/null
	nlb_sync "$(ip 1)" "$(ip 3)" -- --prune
	assert_status 0
	assert_err ''
	assert_jq '[.[:-1][] | [.action, .done]] == [["keep", false],
	    ["register", true], ["deregister", true]]'
}

@test "a group that no listener uses is told, not waited for" {
	sandbox_target_group lonely attached=false >/dev/null
	stream "$(ip 1)" >"$BATS_TEST_TMPDIR/in"
	run --separate-stderr rs-nlb-sync -g lonely <"$BATS_TEST_TMPDIR/in"
	assert_status 3
	assert_err_like "it is unused, Target.NotInUse"
	assert_err_like "hint: Target.NotInUse: no listener uses the group"
	run --separate-stderr rs-nlb-sync -g lonely --wait-healthy 0 \
	    <"$BATS_TEST_TMPDIR/in"
	assert_status 0
}

@test "one bad target does not spoil the others, and is told" {
	nlb_sync "$(ip 1)" 10.1.2.3 "$(ip 2)"
	assert_status 5
	assert_err_like "AWS refused 1 target of 'consumers'"
	assert_jq '[.[:-1][] | [.ip, .done]] == [["127.64.0.11", true],
	    ["10.1.2.3", false], ["127.64.0.12", true]]'
	assert_jq '.[1].reason | test("InvalidTarget")'
	[ "$(targets | wc -l)" -eq 2 ]
}

@test "500 targets: registered in batches of 100, once each" {
	list=()
	for n in {1..500}; do
		list+=("$(ip "$n")")
	done
	nlb_sync "${list[@]}"
	assert_status 0
	assert_jq 'length == 501 and all(.[:-1][]; .health == "healthy")'
	[ "$(sandbox_count RegisterTargets)" -eq 5 ]
}

@test "a duplicate address is one target" {
	nlb_sync "$(ip 1)" "$(ip 1)"
	assert_status 0
	assert_jq 'length == 2'
}

@test "N12: two syncs at once end in what both want" {
	for n in 1 2; do
		stream "$(ip "$n")" | rs-nlb-sync -g consumers \
		    >"$BATS_TEST_TMPDIR/out.$n" 3>&- &
	done
	wait
	[ "$(targets)" = "$(ip 1):5439 healthy
$(ip 2):5439 healthy" ]
}

@test "what came into the group during the run is not removed" {
	healthy 1 2
	id=$(sandbox_fault hold --operation DescribeTargetHealth --skip 1)
	stream "$(ip 1)" "$(ip 3)" | rs-nlb-sync -g consumers --prune \
	    >"$BATS_TEST_TMPDIR/out" 3>&- &
	pid=$!
	sandbox_held "$id"
	aws elbv2 register-targets --target-group-arn "$(group_arn)" \
	    --targets "Id=$(ip 9)"
	sandbox_release "$id"
	wait "$pid"
	[[ $(targets) == *"$(ip 9):5439"* ]]
	[[ $(targets) != *"$(ip 2):5439 healthy"* ]]
}

@test "SIGTERM while waiting for health: says what was done, removes nothing" {
	healthy 1 2
	sandbox_set timing initial=300
	stream "$(ip 1)" "$(ip 3)" >"$BATS_TEST_TMPDIR/in"
	rs-nlb-sync -g consumers --prune <"$BATS_TEST_TMPDIR/in" \
	    >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
	pid=$!
	wait_until registered
	kill -TERM "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 143 ]
	[ ! -s "$BATS_TEST_TMPDIR/err" ]
	jq -se 'any(.[]; .action == "register" and .done) and
	    (.[-1].complete | not)' "$BATS_TEST_TMPDIR/out" >/dev/null
	[ "$(sandbox_count DeregisterTargets)" -eq 0 ]
}

@test "a group of instances is refused" {
	aws elbv2 create-target-group --name instances --protocol TCP \
	    --port 5439 --target-type instance --vpc-id "$(aws ec2 \
	    describe-vpcs --query 'Vpcs[0].VpcId' --output text)" >/dev/null
	stream "$(ip 1)" >"$BATS_TEST_TMPDIR/in"
	run --separate-stderr rs-nlb-sync -g instances <"$BATS_TEST_TMPDIR/in"
	assert_status 1
	assert_err_like "takes targets of type instance"
}

@test "without --target-group it is misuse" {
	run --separate-stderr rs-nlb-sync </dev/null
	assert_status 2
	assert_err_like "--target-group is required"
}
