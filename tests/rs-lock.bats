#!/usr/bin/env bats
# rs-lock with its directory backend. L numbers are the scars of the scripts
# that this tool replaces.
bats_require_minimum_version 1.5.0
load helpers/common

setup() {
	export RS_LOCK_DIR=$BATS_TEST_TMPDIR/locks
	pids=()
}

# End what a test started and left: its own children, by their ids.
teardown() {
	local pid

	for pid in "${pids[@]}"; do
		kill -KILL "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
	done
}

lock() { run --separate-stderr rs-lock "$@" </dev/null; }

# Run beside the test, in a descriptor table that holds up nothing of bats.
beside() {
	"$@" </dev/null >"$BATS_TEST_TMPDIR/out.${#pids[@]}" \
	    2>"$BATS_TEST_TMPDIR/err.${#pids[@]}" 3>&- &
	pid=$!
	pids+=("$pid")
}

field() { rs-lock status | jq -r "select(.kind == \"lock\") | .$1"; }
state() { [ "$(field state)" = "$1" ]; }
waiters() { [ "$(rs-lock status | grep -c '"waiter"')" -eq "$1" ]; }
ended() { ! kill -0 "$1" 2>/dev/null; }

# Wait for a process of ours; its status is the one that is asserted.
# shellcheck disable=SC2034 # for the assertions
finish() { # pid
	status=0
	wait "$1" || status=$?
	output='' stderr=''
	BATS_RUN_COMMAND="process $1"
}

exists() { [ -e "$1" ]; }
token() { jq -r 'select(.kind == "lock") | .token'; }

assert_free() {
	lock run --no-wait -- true
	assert_status 0
	assert_err ''
}

assert_busy() {
	lock run --no-wait -- true
	assert_status 1
	assert_err_like "rs-lock: lock 'lock' is busy: '.*' holds it since"
}

@test "acquire: a record, and the files that people and old scripts know" {
	lock acquire --workgroup airline-consumer-1 --owner ana
	assert_status 0
	assert_err ''
	assert_records
	assert_jq 'length == 2 and .[0].kind == "lock" and
	    .[0].name == "lock" and .[0].backend == "dir" and
	    .[0].dir == $dir and .[0].owner == "ana" and
	    .[0].workgroup == "airline-consumer-1" and .[0].lease_s == 900 and
	    .[0].slot == 1 and .[0].fence > 0 and
	    (.[0].token | test("^[0-9a-f-]{36}$"))' --arg dir "$RS_LOCK_DIR"
	[ "$(cat "$RS_LOCK_DIR/lock/owner")" = ana ]
	[ "$(cat "$RS_LOCK_DIR/lock/workgroup")" = airline-consumer-1 ]
	[[ $(cat "$RS_LOCK_DIR/lock/timestamp") =~ ^[0-9]+$ ]]
	[ "$(stat -c %a "$RS_LOCK_DIR")" = 700 ]
}

@test "L1: the lock outlives the process that acquired it" {
	rs-lock acquire >/dev/null
	assert_busy
	assert_out ''
}

@test "L13: acquire, work and release are three processes" {
	token=$(rs-lock acquire | token)
	assert_busy
	lock release --token "$token"
	assert_status 0
	assert_err ''
	assert_jq '. == [{kind: "end", tool: "rs-lock", count: 0, complete: true}]'
	assert_free
}

@test "L7: only the token or the owner lets go, and only once" {
	token=$(rs-lock acquire --owner first --workgroup wg | token)
	lock release --owner wg
	assert_status 9
	assert_err_like "lock 'lock' in '.*' is not held by 'wg'"
	lock release --token 00000000-0000-4000-8000-000000000000
	assert_status 9
	assert_out ''
	assert_busy
	lock release --owner first
	assert_status 0
	second=$(rs-lock acquire --owner second | token)
	lock release --token "$token"
	assert_status 9
	assert_err_lines 2
	assert_busy
	lock renew --token "$token"
	assert_status 9
	lock release --token "$second"
	assert_status 0
}

# Every system call of the given set that `rs-lock "$@"` makes is its last.
kill_at_each() { # CALLS verb ...
	local calls=$1 n=0 status=137

	shift
	while [ "$status" -eq 137 ]; do
		n=$((n + 1))
		status=0
		ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 \
		    strace -qq -o "$BATS_TEST_TMPDIR/strace" \
		    -e "inject=$calls:signal=KILL:when=$n" \
		    rs-lock "$@" >"$BATS_TEST_TMPDIR/out" 2>/dev/null \
		    </dev/null 3>&- || status=$?
		"$after" || fail "after kill $n of $calls"
	done
	[ "$n" -gt 3 ]
}

# Free, or held by a complete record; never anything between.
whole_or_free() {
	case $(field state) in
	free) ;;
	leased) [ "$(field owner)" = victim ] && rs-lock release --owner victim ;;
	*) rs-lock status && return 1 ;;
	esac >/dev/null
	rs-lock run --no-wait -- true
}

@test "L3: killed at any step of acquire, it leaves a whole lock or none" {
	after=whole_or_free
	kill_at_each mkdirat,mknodat,openat,pwrite64,write,unlinkat,fsync,renameat,renameat2,fcntl \
	    acquire --owner victim --no-wait
}

@test "killed at any step of release, it leaves a whole lock or none" {
	after=again
	again() {
		whole_or_free && rs-lock acquire --owner victim >/dev/null
	}
	again
	kill_at_each renameat2,unlinkat,getdents64,flock \
	    release --owner victim
}

@test "L2: a lease that is renewed while it is judged is not broken" {
	token=$(rs-lock acquire --lease 0.1 --owner slow | token)
	cat >"$BATS_TEST_TMPDIR/judge" <<-EOF
		#!/bin/sh
		echo asked >>"$BATS_TEST_TMPDIR/asked"
		until [ -e "$BATS_TEST_TMPDIR/go" ]; do :; done
	EOF
	chmod +x "$BATS_TEST_TMPDIR/judge"
	beside rs-lock acquire --steal-if "$BATS_TEST_TMPDIR/judge" \
	    --owner thief --timeout 30
	wait_until exists "$BATS_TEST_TMPDIR/asked"
	rs-lock renew --token "$token" --lease 600 >/dev/null
	touch "$BATS_TEST_TMPDIR/go"
	wait_until waiters 1
	[ "$(field owner)" = slow ]
	kill -TERM "$pid"
	wait_until ended "$pid"
	[ "$(field owner)" = slow ]
	waiters 0
}

@test "L2: of two that judge the same lock stale, one takes it" {
	rs-lock acquire --lease 0.1 --owner dead >/dev/null
	cat >"$BATS_TEST_TMPDIR/judge" <<-EOF
		#!/bin/sh
		echo asked >>"$BATS_TEST_TMPDIR/asked"
		until [ -e "$BATS_TEST_TMPDIR/go" ]; do :; done
	EOF
	chmod +x "$BATS_TEST_TMPDIR/judge"
	for i in 1 2; do
		beside rs-lock acquire --steal-if "$BATS_TEST_TMPDIR/judge" \
		    --owner "thief $i" --timeout 2 --slots 1
	done
	wait_until exists "$BATS_TEST_TMPDIR/asked"
	touch "$BATS_TEST_TMPDIR/go"
	wait_until ended "${pids[0]}"
	wait_until ended "${pids[1]}"
	[ "$(cat "$BATS_TEST_TMPDIR"/out.[01] | grep -c '"kind":"lock"')" -eq 1 ]
	[[ $(field owner) == thief* ]]
}

@test "L4: what --steal-if does not know keeps the lock" {
	rs-lock acquire --lease 0.1 --owner holder >/dev/null
	wait_until state expired
	for code in 1 2 7 127; do
		printf '#!/bin/sh\nexit %d\n' $code >"$BATS_TEST_TMPDIR/judge"
		chmod +x "$BATS_TEST_TMPDIR/judge"
		lock acquire --no-wait --steal-if "$BATS_TEST_TMPDIR/judge"
		assert_status 1
		[ "$(field owner)" = holder ]
	done
	lock acquire --no-wait --steal-if "$BATS_TEST_TMPDIR/no-such-judge"
	assert_status 1
	assert_err_like 'not known: kept'
	printf '#!/bin/sh\n[ "$1 $3 $4" = "lock holder " ]\n' \
	    >"$BATS_TEST_TMPDIR/judge"
	lock acquire --no-wait --owner next --steal-if "$BATS_TEST_TMPDIR/judge"
	assert_status 0
	[ "$(field owner)" = next ]
}

@test "L5: a holder that renews is never stale" {
	token=$(rs-lock acquire --lease 3 | token)
	beside rs-lock acquire --owner waiter --timeout 30
	wait_until waiters 1
	for _ in 1 2 3 4 5; do
		read -rt 0.7 <> <(:) || :
		lock renew --token "$token" --lease 3
		assert_status 0
		assert_records
	done
	waiters 1
	wait "$pid"		# and once it stops to, the waiter is woken
	[ "$(field owner)" = waiter ]
}

@test "L6: pid and boot: a lease of another boot is as old as this one" {
	rs-lock acquire --lease 1000000 >/dev/null
	sed -i 's/"boot_id":"[^"]*"/"boot_id":"another"/' "$RS_LOCK_DIR/lock/record"
	assert_busy
	[ "$(field age_s)" = null ]
	sed -i 's/"lease_s":[0-9]*/"lease_s":0.5/' "$RS_LOCK_DIR/lock/record"
	state expired
	assert_free
}

@test "L6: what is alive is known by the kernel, not by a pid" {
	beside rs-lock run -- sleep 60
	wait_until state attended
	[ "$(field alive)" = true ]
	[ "$(field known_by)" = process ]
	sed -i "s/\"pid\":[0-9]*/\"pid\":1/" "$RS_LOCK_DIR/lock/record"
	assert_busy
	kill -TERM "$pid"
	finish "$pid"
	assert_free
}

@test "L11: a symbolic link, a foreign owner, a mode for others: refused" {
	mkdir -m 700 "$BATS_TEST_TMPDIR/real"
	ln -s real "$BATS_TEST_TMPDIR/link"
	lock acquire --dir "$BATS_TEST_TMPDIR/link"
	assert_status 8
	assert_err_like 'not a directory, or is a symbolic link'
	chmod 755 "$BATS_TEST_TMPDIR/real"
	lock acquire --dir "$BATS_TEST_TMPDIR/real"
	assert_status 8
	assert_err_like 'is open to others \(mode 0755\)'
	chmod 700 "$BATS_TEST_TMPDIR/real"
	ln -s /etc "$BATS_TEST_TMPDIR/real/.lock"
	lock acquire --dir "$BATS_TEST_TMPDIR/real"
	assert_status 8
	rm "$BATS_TEST_TMPDIR/real/.lock"
	mkdir -m 700 "$BATS_TEST_TMPDIR/real/.lock"
	ln -s /etc/passwd "$BATS_TEST_TMPDIR/real/.lock/count"
	lock acquire --dir "$BATS_TEST_TMPDIR/real"
	assert_status 8
	rm "$BATS_TEST_TMPDIR/real/.lock/count"
	: >"$BATS_TEST_TMPDIR/file"
	ln "$BATS_TEST_TMPDIR/file" "$BATS_TEST_TMPDIR/real/.lock/count"
	lock acquire --dir "$BATS_TEST_TMPDIR/real"
	assert_status 8
	assert_err_like 'is not a plain file of ours'
	[ ! -s "$BATS_TEST_TMPDIR/file" ]
	rm -r "$BATS_TEST_TMPDIR/real/.lock"
	ln -s /etc "$BATS_TEST_TMPDIR/real/lock"
	lock acquire --dir "$BATS_TEST_TMPDIR/real"
	assert_status 8
	assert_err_like "cannot open '.*/real/lock'"
	mkdir -m 777 "$BATS_TEST_TMPDIR/open"
	lock acquire --dir "$BATS_TEST_TMPDIR/open/locks"
	assert_status 8
	assert_err_like 'writable by everybody and not sticky'
}

@test "L11: a directory of somebody else is refused, to root as well" {
	mkdir -m 700 "$RS_LOCK_DIR"
	if [ "$(id -u)" -eq 0 ]; then
		chown 12345 "$RS_LOCK_DIR"
		lock acquire
	else
		lock acquire --dir /root
	fi
	assert_status 8
	assert_out ''
	assert_err_lines 2
}

@test "L11: different names are different locks, and bad names are refused" {
	rs-lock acquire -n one >/dev/null
	lock acquire -n two --no-wait
	assert_status 0
	for name in '' . .. .x -x a/b 'a b' a@2 "$(printf 'x%.0s' {1..129})"; do
		lock acquire "--name=$name"
		assert_status 2
		assert_out ''
	done
	lock list
	assert_status 0
	assert_records
	assert_jq '[.[] | select(.kind == "lock").name] == ["one", "two"]'
}

@test "a file system that is not known to be local is refused" {
	lock acquire --dir /proc/self/fdinfo
	assert_status 8
	assert_out ''
	cat >"$BATS_TEST_TMPDIR/nfs.c" <<-'EOF'
		#include <sys/vfs.h>
		int fstatfs(int fd, struct statfs *s)
		{ (void)fd; *s = (struct statfs){ .f_type = 0x6969 }; return 0; }
	EOF
	cc -shared -fPIC -o "$BATS_TEST_TMPDIR/nfs.so" "$BATS_TEST_TMPDIR/nfs.c"
	run --separate-stderr env LD_PRELOAD="$BATS_TEST_TMPDIR/nfs.so" \
	    ASAN_OPTIONS="${ASAN_OPTIONS-}:verify_asan_link_order=0" \
	    rs-lock acquire
	assert_status 8
	assert_err_like 'not on a file system known to be local \(type 0x6969\)'
	assert_err_like 'hint: .*--table'
}

@test "L12: --timeout is time, and ends with status 3, or 124 from run" {
	rs-lock acquire >/dev/null
	began=$EPOCHREALTIME
	lock acquire --timeout 0.5
	assert_status 3
	assert_err_like "lock 'lock' is busy after 0\.5"
	[ "$(((${EPOCHREALTIME/./} - ${began/./}) / 100000))" -ge 5 ]
	lock run --timeout 0.1 -- true
	assert_status 124
	waiters 0
}

@test "L12: a signal while waiting: dies of it and leaves no trace" {
	rs-lock acquire >/dev/null
	for signal in TERM INT HUP; do
		# Where bats starts us in the background, SIGINT is ignored.
		beside env --default-signal=INT rs-lock acquire
		wait_until waiters 1
		kill -$signal "$pid"
		finish "$pid"
		assert_status $((128 + $(kill -l $signal)))
		waiters 0
	done
	[ "$(find "$RS_LOCK_DIR/.lock" -mindepth 1 | wc -l)" -eq 1 ]
}

@test "the queue: in the order of arrival, whoever dies on the way" {
	token=$(rs-lock acquire | token)
	for i in 1 2 3 4 5 6; do
		beside rs-lock run --owner "number $i" -- \
		    sh -c "echo $i >>$BATS_TEST_TMPDIR/order"
		wait_until waiters "$i"
	done
	lock status
	assert_records
	assert_jq '[.[] | select(.kind == "waiter") |
	    [.position, .owner]] == [range(6) | [. + 1, "number \(. + 1)"]]'
	kill -KILL "${pids[2]}"
	kill -TERM "${pids[0]}"
	wait_until waiters 4
	rs-lock release --token "$token" >/dev/null
	for i in 1 3 4 5; do
		wait "${pids[i]}"
	done
	[ "$(tr -d '\n' <"$BATS_TEST_TMPDIR/order")" = 2456 ]
	state free
}

@test "the queue: goes on without inotify, when the kernel has none left" {
	token=$(rs-lock acquire | token)
	beside env ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0" strace -qq \
	    -o /dev/null -e inject=inotify_init1:error=EMFILE \
	    rs-lock acquire --owner next --timeout 20
	wait_until waiters 1
	rs-lock release --token "$token" >/dev/null
	finish "$pid"
	assert_status 0
	[ "$(field owner)" = next ]
}

@test "--slots: as many hold it, and no more" {
	for slot in 1 2 3; do
		lock acquire --slots 3 --no-wait --owner "$slot"
		assert_status 0
		assert_jq '.[0].slot == $slot' --argjson slot "$slot"
	done
	lock acquire --slots 3 --no-wait
	assert_status 1
	lock acquire --no-wait
	assert_status 1
	lock status
	assert_records
	assert_jq '[.[] | select(.kind == "lock").owner] == ["1", "2", "3"]'
	rs-lock release --owner 2 >/dev/null
	lock acquire --no-wait			# one slot: two hold it
	assert_status 1
	lock acquire --slots 3 --no-wait
	assert_status 0
	assert_jq '.[0].slot == 2'
}

@test "--owner: a run that was interrupted takes its lease up again" {
	first=$(rs-lock acquire --owner apply-7)
	beside rs-lock acquire --owner other
	wait_until waiters 1
	lock acquire --owner apply-7 --no-wait
	assert_status 0
	assert_jq '.[0].fence > $old and .[0].token != $token' \
	    --argjson old "$(jq 'select(.fence).fence' <<<"$first")" \
	    --arg token "$(token <<<"$first")"
	waiters 1
	rs-lock release --owner apply-7 >/dev/null
	wait "$pid"
	state leased
}

@test "fence: grows over release, crash, and a directory that is lost" {
	last=0
	for i in 1 2 3 4 5 6; do
		fence=$(rs-lock run -- sh -c 'echo $RS_LOCK_FENCE')
		[ "$fence" -gt "$last" ]
		last=$fence
		case $i in
		2) beside rs-lock run -- sleep 60
		    wait_until state attended
		    last=$(field fence)
		    kill -KILL "$pid" "$(pgrep -P "$pid")" ;;
		3) rm -rf "$RS_LOCK_DIR" ;;
		4) : >"$RS_LOCK_DIR/.lock/count" ;;
		5) printf '%020d %020d %06d\n' $((last + 3600000)) 7 1 \
		    >"$RS_LOCK_DIR/.lock/count"
		    last=$((last + 3600000)) ;;	# as if the clock were set back
		esac
	done
}

@test "check: yes for the fence that holds, 9 for any other" {
	fence=$(rs-lock acquire --owner me | jq 'select(.fence).fence')
	lock check --fence "$fence"
	assert_status 0
	assert_err ''
	lock check --fence $((fence - 1))
	assert_status 9
	assert_err_like "fence $((fence - 1)) does not hold lock 'lock'"
	rs-lock renew --owner me --lease 0.1 >/dev/null
	wait_until state expired
	lock check --fence "$fence"
	assert_status 9
	assert_err_like 'the lease of lock .* ran out'
	lock run --no-wait -- rs-lock check
	assert_status 0
	lock check --fence 1 --dir "$BATS_TEST_TMPDIR/never"
	assert_status 9
	[ ! -e "$BATS_TEST_TMPDIR/never" ]
}

@test "status: of a lock that never was is free, and makes nothing" {
	lock status
	assert_status 0
	assert_records
	assert_jq '.[0].state == "free" and .[0].token == null and length == 2'
	lock list
	assert_status 0
	[ ! -e "$RS_LOCK_DIR" ]
}

@test "status: a directory of an old script is not ours to judge" {
	mkdir -m 700 "$RS_LOCK_DIR"
	mkdir "$RS_LOCK_DIR/lock"
	echo 4711-ns >"$RS_LOCK_DIR/lock/owner"
	lock acquire --no-wait
	assert_status 1
	assert_err_like 'was not made by rs-lock'
	state unreadable
	beside rs-lock acquire --owner next
	wait_until waiters 1
	rm -r "$RS_LOCK_DIR/lock"
	wait "$pid"
	[ "$(field owner)" = next ]
}

@test "force-release: takes the lock from its holder, by token only" {
	rs-lock acquire >/dev/null
	lock force-release
	assert_status 2
	lock force-release --token "$(field token)"
	assert_status 0
	assert_free
}

# --- release at the tail of a pipeline ---

@test "release: consumes its record, passes the rest, lets go at the end" {
	run --separate-stderr sh -c '{ rs-lock acquire | sed "/\"end\"/d"
		echo "{\"a\": 1.50, \"kind\":\"ip\"}"
		echo
		echo "{\"kind\":\"end\",\"tool\":\"x\",\"count\":1,\"complete\":true}"
		} | rs-lock release'
	assert_status 0
	assert_err ''
	assert_out '{"a": 1.50, "kind":"ip"}
{"kind":"end","tool":"rs-lock","count":0,"complete":true}'
	state free
}

@test "release: a stream that is cut, says incomplete or is garbled is status 7, and the lock is free" {
	for tail in '' '{"kind":"end","tool":"x","count":0,"complete":false}' \
	    '{"kind":"en' 'not a record' '{}' "$(printf '\377\376')"; do
		run --separate-stderr sh -c 'rs-lock acquire | sed "/\"end\"/d"
			printf "%s" "$1"' sh "$tail"
		stream=$output
		run --separate-stderr rs-lock release <<<"$stream"
		assert_status 7
		assert_err_like 'rs-lock: standard input'
		run ! grep -q '"complete":true' <<<"$output"
		state free
	done
}

@test "release: a lock record after the bad line is let go as well" {
	run --separate-stderr sh -c '{ echo banner; rs-lock acquire; } | rs-lock release'
	assert_status 7
	state free
}

@test "release: NUL bytes, CRLF, a line of 2 MiB: the lock is let go" {
	record=$(rs-lock acquire | sed -n 1p)
	printf '%s\r\n{"kind":"end","tool":"x","count":0,"complete":true}\r\n' \
	    "$record" >"$BATS_TEST_TMPDIR/crlf"
	run --separate-stderr rs-lock release <"$BATS_TEST_TMPDIR/crlf"
	assert_status 0
	state free
	{ rs-lock acquire; printf 'a\0b\n'; } >"$BATS_TEST_TMPDIR/nul"
	run --separate-stderr rs-lock release <"$BATS_TEST_TMPDIR/nul"
	assert_status 7
	state free
	{ head -c 2097152 /dev/zero | tr '\0' x; echo; rs-lock acquire; } \
	    >"$BATS_TEST_TMPDIR/long"
	run --separate-stderr rs-lock release <"$BATS_TEST_TMPDIR/long"
	assert_status 7
	state free
}

@test "release: does not let go before the stages ahead have ended" {
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	beside sh -c "rs-lock release <$BATS_TEST_TMPDIR/fifo"
	exec 7>"$BATS_TEST_TMPDIR/fifo"
	{ echo 'not a record'; rs-lock acquire; } >&7
	assert_busy
	exec 7>&-
	finish "$pid"
	assert_status 7
	state free
}

catches_term() { # pid
	local mask

	mask=$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$1/status")
	[ $((16#$mask >> 14 & 1)) -eq 1 ]
}

@test "release: SIGTERM waits for the stages ahead, then lets go" {
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	beside sh -c "exec rs-lock release - <$BATS_TEST_TMPDIR/fifo"
	exec 7>"$BATS_TEST_TMPDIR/fifo"
	rs-lock acquire >&7
	wait_until catches_term "$pid"
	kill -TERM "$pid"
	assert_busy
	exec 7>&-
	finish "$pid"
	assert_status 143
	state free
}

@test "release: no lock record, an unknown token, a terminal" {
	run --separate-stderr rs-lock release </dev/null
	assert_status 7
	run --separate-stderr rs-lock release \
	    <<<'{"kind":"end","tool":"x","count":0,"complete":true}'
	assert_status 7
	assert_err_like 'no lock record'
	rs-lock acquire >"$BATS_TEST_TMPDIR/stream"
	rs-lock release <"$BATS_TEST_TMPDIR/stream" >/dev/null
	run --separate-stderr rs-lock release <"$BATS_TEST_TMPDIR/stream"
	assert_status 9
	assert_jq '.[-1].complete == false'
	rs-lock status >"$BATS_TEST_TMPDIR/report"
	run --separate-stderr rs-lock release <"$BATS_TEST_TMPDIR/report"
	assert_status 7
}

@test "acquire: a record that nobody gets gives the lock back" {
	run --separate-stderr sh -c 'rs-lock acquire >/dev/full'
	assert_status 8
	assert_err_like 'cannot write to standard output: No space left'
	state free
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	beside sh -c "rs-lock acquire >$BATS_TEST_TMPDIR/fifo"
	exec 7<"$BATS_TEST_TMPDIR/fifo"
	exec 7<&-
	wait_until ended "$pid"
	# Read by nobody, or written before the reader left: never half of it.
	case $(field state) in
	free | leased) ;;
	*) fail "$(rs-lock status)" ;;
	esac
}

@test "release: stdout on a full disk: the lock is let go, status 8" {
	rs-lock acquire >"$BATS_TEST_TMPDIR/stream"
	run --separate-stderr sh -c \
	    'rs-lock release <"$1" >/dev/full' sh "$BATS_TEST_TMPDIR/stream"
	assert_status 8
	state free
}

@test "a full disk, or one that cannot be written: said, and nothing left" {
	[ "$(id -u)" -eq 0 ] || skip "only root can mount"
	mkdir "$BATS_TEST_TMPDIR/small"
	unshare -m sh -ec '
		cd "$1"
		mount -t tmpfs -o size=64k,mode=700 none small
		export RS_LOCK_DIR=small/locks
		rs-lock run -- true
		head -c 200k /dev/zero >small/fill 2>/dev/null || :
		st=0; rs-lock acquire --no-wait 2>err || st=$?
		[ $st -eq 8 ]; grep -q "No space left" err
		rm small/fill
		rs-lock run --no-wait -- true
		[ "$(find small/locks | wc -l)" -eq 3 ]
		mount -o remount,ro small
		st=0; rs-lock acquire --no-wait 2>err || st=$?
		[ $st -eq 8 ]; grep -q "Read-only" err
	' sh "$BATS_TEST_TMPDIR"
}

@test "acquire: a reader that takes one line and goes does not cost the lock" {
	for i in {1..20}; do
		rs-lock acquire --name "l$i" | head -n 1 >/dev/null
		run --separate-stderr rs-lock acquire --name "l$i" --no-wait
		assert_status 1
	done
}
