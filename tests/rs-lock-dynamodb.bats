#!/usr/bin/env bats
# rs-lock with its DynamoDB backend: against a real engine, with a network
# that fails in between, and against a second client of the same protocol.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/dynamodb

setup_file() {
	dynamodb_start
	rs-lock status --table locks --create-table >/dev/null
}

teardown_file() { dynamodb_stop; }

setup() {
	name=t$BATS_TEST_NUMBER
	at=(--table locks -n "$name")
	dir=$BATS_TEST_TMPDIR
	pids=()
	peer=("$(rs_python boto3)" "$RS_ROOT/tests/lock_peer.py")
	dynamodb_environment
	fault '[]'
}

# End what a test started and left: its own children, by their ids.
teardown() {
	local pid

	for pid in "${pids[@]}"; do
		kill -KILL "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
	done
}

lock() { # verb [option ...]
	local verb=$1

	shift
	run --separate-stderr rs-lock "$verb" "${at[@]}" "$@" </dev/null
}

beside() {
	"$@" </dev/null >"$dir/out.${#pids[@]}" 2>"$dir/err.${#pids[@]}" 3>&- &
	pid=$!
	pids+=("$pid")
}

token() { jq -r 'select(.kind == "lock") | .token'; }
fence() { jq -r 'select(.kind == "lock") | .fence'; }
field() { rs-lock status "${at[@]}" | jq -r "select(.kind == \"lock\") | .$1"; }
state() { [ "$(field state)" = "$1" ]; }
ended() { ! kill -0 "$1" 2>/dev/null; }
exists() { [ -e "$1" ]; }

# shellcheck disable=SC2034 # for the assertions
finish() { # pid
	status=0
	wait "$1" || status=$?
	output='' stderr=''
	BATS_RUN_COMMAND="process $1"
}

# What a holder does: it must be alone.
work='mkdir "$D/inside" || { echo "$RS_LOCK_FENCE" >>"$D/overlap"; exit 1; }
	echo "$RS_LOCK_FENCE" >>"$D/log"
	rmdir "$D/inside"'

assert_held_by_token() {
	lock status
	assert_status 0
	assert_jq '.[0].token == $t' --arg t "$1"
}

@test "a table that is missing: status 5, and what to do" {
	run --separate-stderr rs-lock acquire --table nowhere --no-wait
	assert_status 5
	assert_out ''
	assert_err_like "^rs-lock: cannot read lock 'lock': ResourceNotFoundException: "
	assert_err_like 'hint: --create-table makes the table$'
	run --separate-stderr rs-lock list --table nowhere
	assert_status 5
	assert_err_like 'hint: --create-table'
	run --separate-stderr rs-lock run --table nowhere -- true
	assert_status 125
}

@test "--create-table: made on demand, on-demand, once; twice is harmless" {
	run --separate-stderr rs-lock acquire --table made --create-table
	assert_status 0
	assert_err ''
	assert_records
	run --separate-stderr dynamodb DescribeTable '{"TableName":"made"}'
	assert_jq '.[0].Table | .BillingModeSummary.BillingMode ==
	    "PAY_PER_REQUEST" and .KeySchema ==
	    [{"AttributeName":"key","KeyType":"HASH"}]'
	run --separate-stderr rs-lock acquire --table made --create-table -n b
	assert_status 0
	for i in 1 2 3; do
		beside rs-lock status --table race --create-table
	done
	for i in "${pids[@]}"; do
		finish "$i"
		assert_status 0
	done
}

@test "a table with another key: status 5, and what it needs" {
	dynamodb CreateTable '{"TableName":"other","BillingMode":
	    "PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":
	    "LockID","AttributeType":"S"}],"KeySchema":[{"AttributeName":
	    "LockID","KeyType":"HASH"}]}' >/dev/null
	run --separate-stderr rs-lock acquire --table other --create-table
	assert_status 5
	assert_err_like "hint: the table needs a partition key called 'key'"
}

@test "acquire, status, check, renew, release: the whole life of a lock" {
	lock status
	assert_jq '.[0].state == "free" and .[0].fence == 0'
	lock acquire --workgroup wg-1 --owner me --lease 60
	assert_status 0
	assert_err ''
	assert_records
	assert_jq '.[0] | .backend == "dynamodb" and .table == "locks" and
	    .owner == "me" and .workgroup == "wg-1" and .lease_s == 60'
	token=$(token <<<"$output") fence=$(fence <<<"$output")
	lock status
	assert_records
	assert_jq '.[0] | .state == "leased" and .token == $t and
	    .known_by == "lease" and .lease_left_s > 50' --arg t "$token"
	lock check --fence "$fence"
	assert_status 0
	lock check --fence $((fence - 1))
	assert_status 9
	lock acquire --no-wait
	assert_status 1
	assert_err "rs-lock: lock '$name' is busy: 'me' holds it in table 'locks'"
	lock renew --token "$token" --lease 120
	assert_status 0
	assert_jq '.[0].fence == $f and .[0].lease_s == 120 and
	    .[0].token == $t' --argjson f "$fence" --arg t "$token"
	lock release --token 00000000-0000-4000-8000-000000000000
	assert_status 9
	lock release --token "$token"
	assert_status 0
	lock renew --token "$token"
	assert_status 9
	lock check --fence "$fence"
	assert_status 9
	lock status
	assert_jq '.[0].state == "free" and .[0].fence == $f' --argjson f "$fence"
}

@test "the item is as the protocol has it" {
	rs-lock acquire "${at[@]}" --owner me --lease 1.5 >/dev/null
	run --separate-stderr dynamodb GetItem \
	    '{"TableName":"locks","Key":{"key":{"S":"'"$name"'"}}}'
	assert_jq '.[0].Item | .ownerName.S == "me" and .leaseDuration.S ==
	    "1500" and (.recordVersionNumber.S | length) == 36 and
	    (has("isReleased") | not)'
}

@test "list: every lock, in order, without counters and what is no lock" {
	rs-lock acquire --table locks --name "$name-b" --owner z >/dev/null
	rs-lock acquire --table locks --name "$name-a" >/dev/null
	dynamodb PutItem '{"TableName":"locks","Item":{"key":{"S":
	    "'"$name"'-c"},"colour":{"S":"red"}}}' >/dev/null
	run --separate-stderr rs-lock list --table locks
	assert_status 0
	assert_records
	assert_jq '[.[].name | select(. != null and startswith($n))] ==
	    [$n + "-a", $n + "-b"]' --arg n "$name"
	lock acquire -n "$name-c"
	assert_status 8
	assert_err_like "item '$name-c' of table 'locks' is not a lock"
}

@test "a pipeline's tail lets go of a lock in a table that it was not told of" {
	run --separate-stderr sh -c 'rs-lock acquire --table locks -n '"$name"' |
	    rs-lock release'
	assert_status 0
	assert_err ''
	state free
}

@test "run: the lock is held meanwhile, and the status is the command's" {
	lock run -- sh -c 'rs-lock status --table locks -n $RS_LOCK_NAME |
	    jq -se ".[0] | .token == \"$RS_LOCK_TOKEN\" and
	    (.fence | tostring) == \"$RS_LOCK_FENCE\"" >/dev/null && exit 7'
	assert_status 7
	assert_err ''
	state free
}

@test "run: a short lease is renewed for as long as the command takes" {
	beside rs-lock run "${at[@]}" --lease 0.9 --owner one -- \
	    sh -c 'read -r x <"$0"' "$(mkfifo "$dir/go"; echo "$dir/go")"
	wait_until state leased
	lock acquire --timeout 2.5 --owner two
	assert_status 3
	assert_err_like 'gave up waiting'
	echo >"$dir/go"
	finish "$pid"
	assert_status 0
}

@test "ten processes: one at a time, fences in order" {
	export D=$dir
	for i in 1 2 3 4 5 6 7 8 9 10; do
		beside rs-lock run "${at[@]}" -- sh -c "$work"
	done
	for i in "${pids[@]}"; do
		finish "$i"
		assert_status 0
	done
	run ! exists "$dir/overlap"
	[ "$(sort -n "$dir/log" | uniq | wc -l)" -eq 10 ]
	sort -nc "$dir/log"
}

@test "rs-lock and another client exclude each other" {
	export D=$dir
	for i in 1 2 3; do
		beside "${peer[@]}" contend locks "$name" "$dir" 4
		beside rs-lock run "${at[@]}" -- sh -c "$work"
	done
	for i in "${pids[@]}"; do
		finish "$i"
		assert_status 0
	done
	run ! exists "$dir/overlap"
	[ "$(grep -c peer "$dir/log")" -eq 12 ]
	grep -v peer "$dir/log" | sort -nc
	[ "$(grep -vc peer "$dir/log")" -eq 3 ]
}

@test "another client holds it: seen, waited for, and never renewed by us" {
	beside "${peer[@]}" hold locks "$name" 800
	wait_until state leased
	lock status
	assert_records
	assert_jq '.[0] | (.owner | startswith("peer-")) and .fence == 0 and
	    .acquired_at == null and .lease_s == 0.8'
	owner=$(field owner)
	lock acquire --timeout 2
	assert_status 3
	lock renew --owner "$owner"
	assert_status 9
	assert_err_like 'another client, which alone can renew it'
	kill -KILL "$pid"
	lock acquire --timeout 10
	assert_status 0
}

@test "another client died or kept its item: taken in time" {
	"${peer[@]}" keep locks "$name" 20000
	lock status
	assert_jq '.[0].state == "free"'
	lock acquire --timeout 5
	assert_status 0
	"${peer[@]}" leave locks "$name-2" 500 &
	wait "$!"
	run --separate-stderr rs-lock acquire --table locks -n "$name-2" --timeout 9
	assert_status 0
}

@test "another client took our lock over in place: we do not hold it" {
	token=$(rs-lock acquire "${at[@]}" --lease 0.3 | token)
	"${peer[@]}" take locks "$name" 20000
	lock renew --token "$token"
	assert_status 9
	lock release --token "$token"
	assert_status 9
	lock status
	assert_jq '.[0] | .fence == 0 and (.owner | startswith("peer-"))'
}

@test "a stale lock is taken over after its lease, the fence grows" {
	one=$(rs-lock acquire "${at[@]}" --lease 0.5)
	lock acquire --owner two --timeout 9
	assert_status 0
	assert_jq '.[0].fence > $f' --argjson f "$(fence <<<"$one")"
	lock release --token "$(token <<<"$one")"
	assert_status 9
}

@test "stamps of any year change nothing: no time is compared" {
	for year in 1970 2999; do
		token=$(rs-lock acquire "${at[@]}" --lease 600 | token)
		dynamodb UpdateItem '{"TableName":"locks","Key":{"key":{"S":
		    "'"$name"'"}},"UpdateExpression":
		    "SET rsRenewedAt = :t, rsAcquiredAt = :t","ExpressionAttributeValues":{":t":
		    {"S":"'$year'-01-01T00:00:00Z"}}}' >/dev/null
		lock acquire --timeout 1.5
		assert_status 3
		lock release --token "$token"
		assert_status 0
	done
}

@test "a counter ahead of the clock: the fence grows all the same" {
	dynamodb PutItem '{"TableName":"locks","Item":{"key":{"S":
	    "rs-fence#'"$name"'"},"rsFence":{"N":"9000000000000"}}}' >/dev/null
	lock acquire
	assert_status 0
	assert_jq '.[0].fence == 9000000000001'
}

@test "a counter that is none: status 8, and the lock is given back" {
	dynamodb PutItem '{"TableName":"locks","Item":{"key":{"S":
	    "rs-fence#'"$name"'"},"rsFence":{"S":"many"}}}' >/dev/null
	lock acquire
	assert_status 8
	assert_err_like 'is not a counter'
	run --separate-stderr dynamodb GetItem \
	    '{"TableName":"locks","Key":{"key":{"S":"'"$name"'"}}}'
	assert_jq '.[0] == {}'
}

@test "--owner: a lease of one's own is taken up again, a run's is not" {
	one=$(rs-lock acquire "${at[@]}" --owner apply)
	lock acquire --owner apply --no-wait
	assert_status 0
	assert_jq '.[0].fence > $f' --argjson f "$(fence <<<"$one")"
	lock release --owner apply
	assert_status 0
	mkfifo "$dir/go"
	beside rs-lock run "${at[@]}" --owner apply -- sh -c 'read -r x <"$0"' \
	    "$dir/go"
	wait_until state leased
	lock acquire --owner apply --no-wait
	assert_status 1
	echo >"$dir/go"
	finish "$pid"
	assert_status 0
}

@test "a lease that ran out and names a workgroup: asked, and unknown keeps" {
	printf '#!/bin/sh\nexit ${ANSWER:-1}\n' >"$dir/ask"
	chmod +x "$dir/ask"
	rs-lock acquire "${at[@]}" --lease 0.2 --workgroup wg >/dev/null
	ANSWER=1 lock acquire --steal-if "$dir/ask" --timeout 1.5
	assert_status 3
	ANSWER=9 lock acquire --steal-if "$dir/ask" --timeout 1.5
	assert_status 3
	assert_err_like 'is not known: kept'
	ANSWER=0 lock acquire --steal-if "$dir/ask" --timeout 5
	assert_status 0
}

@test "a lost or late answer at any step of acquire: one lock, and it is ours" {
	for step in PutItem:lose:0 PutItem:done500:0 UpdateItem:lose:0 \
	    UpdateItem:lose:1 UpdateItem:done500:0 UpdateItem:done500:1 \
	    PutItem:reset:0 GetItem:lose:0; do
		IFS=: read -r op what skip <<<"$step"
		fault "[{\"op\":\"$op\",\"do\":\"$what\",\"skip\":$skip}]"
		lock acquire --timeout 10
		assert_status 0
		token=$(token <<<"$output") fence=$(fence <<<"$output")
		[ "$fence" -gt "${last:-0}" ] || fail "$step: $fence, $last"
		last=$fence
		assert_held_by_token "$token"
		lock check --fence "$fence"
		assert_status 0
		lock release --token "$token"
		assert_status 0
	done
}

@test "a lost answer to renew or release: recognised as our own" {
	for step in UpdateItem:lose UpdateItem:done500 DeleteItem:lose \
	    DeleteItem:done500 GetItem:lose; do
		token=$(rs-lock acquire "${at[@]}" | token)
		fault "[{\"op\":\"${step%:*}\",\"do\":\"${step#*:}\"}]"
		lock renew --token "$token"
		assert_status 0
		lock release --token "$token"
		assert_status 0
		state free
	done
}

@test "a release whose answer was lost, and the next holder: both are right" {
	token=$(rs-lock acquire "${at[@]}" | token)
	fault '[{"op":"DeleteItem","do":"lose"},
	    {"op":"DeleteItem","do":"delay","seconds":2}]'
	beside rs-lock release "${at[@]}" --token "$token"
	two=$(rs-lock acquire "${at[@]}" --timeout 9 | token)
	finish "$pid"
	assert_status 0
	assert_held_by_token "$two"
}

@test "a write that comes late never takes a lock from its next holder" {
	one=$(rs-lock acquire "${at[@]}" --lease 600 | token)
	fault '[{"op":"UpdateItem","do":"late","seconds":1.5,"times":9}]'
	lock renew --token "$one" --lease 0.6
	[ "$status" -ne 0 ]
	fault '[]'
	lock force-release --token "$one"
	assert_status 0
	two=$(rs-lock acquire "${at[@]}" | token)
	lock renew --token "$one"
	assert_status 9
	assert_held_by_token "$two"
}

@test "asked to stop in the middle of acquire: nothing is left behind" {
	fault '[{"op":"UpdateItem","do":"delay","seconds":3}]'
	beside rs-lock acquire "${at[@]}"
	wait_until state leased
	kill -TERM "$pid"
	finish "$pid"
	assert_status 143
	state free
}

@test "throttling is ridden out" {
	fault '[{"op":"PutItem","do":"throttle","times":2},
	    {"op":"GetItem","do":"throttle","times":1}]'
	lock acquire --timeout 60
	assert_status 0
	token=$(token <<<"$output")
	fault '[{"op":"DeleteItem","do":"throttle"}]'
	lock release --token "$token"
	assert_status 0
	state free
}

@test "run: a table that fails for a while costs nothing" {
	mkfifo "$dir/go"
	beside rs-lock run "${at[@]}" --lease 6 --grace 0.1 -- sh -c 'read -r x <"$0"' \
	    "$dir/go"
	wait_until state leased
	fault '[{"op":"UpdateItem","do":"error","times":6}]'
	renewed() { [ "$(seen UpdateItem)" -ge 7 ]; }
	wait_until renewed
	echo >"$dir/go"
	finish "$pid"
	assert_status 0
}

# The command notes when it was alive last, by the clock of leases.
clock='while :; do read -r up _ </proc/uptime; echo "$up" >"$D/alive.new"
	mv "$D/alive.new" "$D/alive"; done'

@test "run: a table that is gone: the command ends before the lease does" {
	export D=$dir
	beside rs-lock run "${at[@]}" --lease 3 --grace 1 -- sh -c "trap '' TERM
	    $clock"
	wait_until exists "$dir/alive"
	fault '[{"op":"GetItem","do":"error","times":9999},
	    {"op":"UpdateItem","do":"error","times":9999},
	    {"op":"DeleteItem","do":"error","times":9999}]'
	read -r since _ </proc/uptime
	wait_until grep -q 'is lost, ending the command' "$dir/err.0"
	# Renewed last before `since`: within a lease of it, it must be gone.
	fresh() { read -r up _ </proc/uptime; awk -v u="$up" -v s="$since" \
	    'BEGIN { exit !(u > s + 3.2) }'; }
	wait_until fresh
	awk -v a="$(cat "$dir/alive")" -v s="$since" 'BEGIN { exit !(a < s + 3) }'
	fault '[]'
	finish "$pid"
	assert_status 125
}

@test "run: a guard that was stopped past the lease ends the command: 125" {
	beside rs-lock run "${at[@]}" --lease 0.9 --grace 0.1 -- sh -c \
	    'echo >"$0"; exec sleep 60' "$dir/up"
	wait_until exists "$dir/up"
	guard=$(pgrep -P "$pid")
	kill -STOP "$guard"
	lock acquire --timeout 20
	assert_status 0
	two=$(token <<<"$output")
	kill -CONT "$guard"
	finish "$pid"
	assert_status 125
	grep -q "lock '$name' is lost, ending the command" "$dir/err.0"
	assert_held_by_token "$two"
}

@test "run: forced from it, the command is ended" {
	beside rs-lock run "${at[@]}" --lease 1.5 -- sleep 60
	wait_until state leased
	lock force-release --token "$(field token)"
	assert_status 0
	finish "$pid"
	assert_status 125
	state free
}

@test "run: the guard killed with -9, the command dies and the lock is let go" {
	beside rs-lock run "${at[@]}" -- sh -c 'echo $$ >"$0.new"; mv "$0.new" "$0"
	    sleep 60' "$dir/pid"
	wait_until exists "$dir/pid"
	kill -KILL "$(pgrep -P "$pid")"
	finish "$pid"
	assert_status 125
	ended "$(cat "$dir/pid")"
	state free
}

@test "run: all killed with -9, the next one has the lock after the lease" {
	beside rs-lock run "${at[@]}" --lease 1 -- sh -c \
	    'echo >"$0"; exec sleep 60' "$dir/up"
	wait_until exists "$dir/up"
	old=$(field fence)
	guard=$(pgrep -P "$pid")
	kill -KILL "$pid" "$guard"
	lock run --timeout 9 -- sh -c '[ "$RS_LOCK_FENCE" -gt "$0" ]' "$old"
	assert_status 0
}

@test "the command gets none of our connections" {
	lock run -- sh -c 'ls -l /proc/self/fd | grep -c socket'
	assert_out 0
}

@test "slots, names, texts: refused before anything is sent" {
	lock acquire --slots 2
	assert_status 2
	assert_err_like 'one slot'
	run --separate-stderr rs-lock acquire --table locks -n 'rs-fence#x'
	assert_status 2
	lock acquire --owner $'\xff'
	assert_status 2
	assert_err_like 'owner is not UTF-8'
	[ "$(seen PutItem)" -eq 0 ]
}
