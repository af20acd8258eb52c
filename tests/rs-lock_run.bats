#!/usr/bin/env bats
# rs-lock run: whatever is killed, the command never works without the lock.
bats_require_minimum_version 1.5.0
load helpers/common

setup() {
	export RS_LOCK_DIR=$BATS_TEST_TMPDIR/locks
	pids=()
}

teardown() {
	local pid

	for pid in "${pids[@]}"; do
		kill -KILL "$pid" 2>/dev/null || :
	done
}

lock() { run --separate-stderr rs-lock "$@" </dev/null; }

beside() {
	"$@" </dev/null >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
	pid=$!
	pids+=("$pid")
}

# shellcheck disable=SC2034 # for the assertions
finish() { # pid
	status=0
	wait "$1" || status=$?
	output=$(<"$BATS_TEST_TMPDIR/out")
	stderr=$(<"$BATS_TEST_TMPDIR/err")
	BATS_RUN_COMMAND="process $1"
}

field() { rs-lock status | jq -r "select(.kind == \"lock\") | .$1"; }
state() { [ "$(field state)" = "$1" ]; }
alive() { kill -0 "$1" 2>/dev/null; }
# It does nothing any more; who reaps it, and when, is not for us to say.
gone() {
	[ ! -e "/proc/$1" ] || grep -q '^State:.[ZX]' "/proc/$1/status" 2>/dev/null ||
	    [ ! -e "/proc/$1" ]
}
lines() { [ -f "$1" ] && [ "$(wc -l <"$1")" -ge "$2" ]; }

# The pids that the command wrote to $BATS_TEST_TMPDIR/pids, one a line.
command_pids() { # how many
	wait_until lines "$BATS_TEST_TMPDIR/pids" "$1"
	mapfile -t cmd <"$BATS_TEST_TMPDIR/pids"
	pids+=("${cmd[@]}")
}

# As long as any of these processes lives, the lock is not to be had; once
# none does, it is.
assert_protected() { # pid ...
	local p living=1 rc

	while [ "$living" -gt 0 ]; do
		living=0
		rc=0
		rs-lock run --no-wait -- true 2>/dev/null || rc=$?
		# Alive after the lock was to be had: it was unprotected.
		for p; do
			if ! gone "$p"; then
				living=$((living + 1))
				[ "$rc" -eq 1 ] || alive_check "$p" || return
			fi
		done
		read -rt 0.02 <> <(:) || :
	done
	rs-lock run --timeout 10 -- true
}

alive_check() {
	fail "process $1 is alive, and the lock was free"
}

@test "the command's status is passed on" {
	for code in 0 1 42 255; do
		lock run -- sh -c "exit $code"
		assert_status $code
		assert_err ''
		assert_out ''
	done
	lock run -- sh -c 'kill -9 $$'
	assert_status 137
	lock run -- sh -c 'kill -TERM $$'
	assert_status 143
	run -127 --separate-stderr rs-lock run -- no-such-command
	assert_err "rs-lock: cannot run 'no-such-command': No such file or directory"
	lock run -- /dev/null
	assert_status 126
	lock run
	assert_status 2
	lock run -n -x -- true
	assert_status 2
	state free
}

@test "stdin, stdout, arguments and signal dispositions are the command's" {
	run --separate-stderr rs-lock run -- sh -c 'cat; echo "$1"' sh 'a b' <<<hello
	assert_status 0
	assert_out 'hello
a b'
	# SIGPIPE is ours to ignore, not the command's.
	run --separate-stderr sh -c 'rs-lock run -- yes 2>/dev/null | head -n 1'
	assert_out y
	state free
}

@test "the command knows its lock" {
	lock run -n etl -- sh -c \
	    'echo "$RS_LOCK_NAME $RS_LOCK_DIR"; rs-lock check -n etl; rs-lock renew -n etl'
	assert_status 0
	[ "${lines[0]}" = "etl $RS_LOCK_DIR" ]
	[[ ${lines[2]} == *'"name":"etl"'* ]]
}

@test "a signal is passed on, and the status is the command's" {
	for signal in TERM HUP USR1 QUIT; do
		rm -f "$BATS_TEST_TMPDIR/pids"
		beside env --default-signal=INT,QUIT rs-lock run -- sh -c "
			trap 'echo got $signal; exit 3' $signal
			echo \$\$ >$BATS_TEST_TMPDIR/pids
			while :; do read -r x <$BATS_TEST_TMPDIR/none || sleep 0.05; done" \
		    2>/dev/null
		command_pids 1
		kill -$signal "$pid"
		finish "$pid"
		assert_status 3
		[ "$output" = "got $signal" ]
	done
	state free
}

@test "a signal that ends the command ends us the same way" {
	beside rs-lock run -- sh -c \
	    "echo \$\$ >$BATS_TEST_TMPDIR/pids; exec sleep 60"
	command_pids 1
	kill -TERM "$pid"
	finish "$pid"
	assert_status 143
	gone "${cmd[0]}"
	state free
}

@test "rs-lock killed with -9: the command goes on under the lock" {
	beside rs-lock run -- sh -c \
	    "echo \$\$ >$BATS_TEST_TMPDIR/pids; exec sleep 0.5"
	command_pids 1
	kill -KILL "$pid"
	assert_protected "${cmd[@]}"
}

@test "the guard killed with -9: the command dies, the rest is ended first" {
	beside rs-lock run --grace 0.2 -- sh -c "
		setsid sh -c 'trap \"\" TERM HUP; echo \$\$ >>$BATS_TEST_TMPDIR/pids
		    exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; sleep 5' &
		echo \$\$ >>$BATS_TEST_TMPDIR/pids; sleep 60"
	command_pids 2
	kill -KILL "$(pgrep -P "$pid")"
	assert_protected "${cmd[@]}"
	finish "$pid"
	assert_status 125
	assert_err_like "the guard of lock 'lock' was killed by signal 9"
}

@test "both killed with -9: the command dies, what has the descriptor holds the lock" {
	beside rs-lock run -- sh -c "
		setsid sh -c 'echo \$\$ >>$BATS_TEST_TMPDIR/pids; exec sleep 0.7' &
		echo \$\$ >>$BATS_TEST_TMPDIR/pids; exec sleep 60"
	command_pids 2
	kill -KILL "$pid" "$(pgrep -P "$pid")"
	assert_protected "${cmd[@]}"
}

@test "a command that closes descriptors and daemonises is waited for" {
	beside rs-lock run -- sh -c "
		setsid sh -c 'exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- >&- 2>&- <&-
		    echo \$\$ >>$BATS_TEST_TMPDIR/pids; exec sleep 0.7' &
		exit 5"
	command_pids 1
	assert_protected "${cmd[@]}"
	finish "$pid"
	assert_status 5
}

@test "the same, and rs-lock killed with -9" {
	beside rs-lock run -- sh -c "
		setsid sh -c 'exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- >&- 2>&- <&-
		    echo \$\$ >>$BATS_TEST_TMPDIR/pids; exec sleep 0.7' &
		exit 5"
	command_pids 1
	kill -KILL "$pid"
	assert_protected "${cmd[@]}"
}

@test "--close: the lock ends with the command, not with what it left" {
	beside rs-lock run --close -- sh -c "
		sleep 30 & echo \$! >$BATS_TEST_TMPDIR/pids; exit 6"
	command_pids 1
	finish "$pid"
	assert_status 6
	alive "${cmd[0]}"
	lock run --no-wait -- true
	assert_status 0
}

@test "the lock taken away: SIGTERM, then SIGKILL after --grace, status 125" {
	beside rs-lock run --grace 0.3 -- sh -c "
		trap 'echo terminated' TERM
		setsid sh -c 'trap \"\" TERM; echo \$\$ >>$BATS_TEST_TMPDIR/pids
		    while :; do sleep 60; done' &
		echo \$\$ >>$BATS_TEST_TMPDIR/pids
		while :; do sleep 60; done"
	command_pids 2
	rs-lock force-release --token "$(field token)" >/dev/null
	finish "$pid"
	assert_status 125
	[[ $output == *terminated* ]]
	assert_err_like "rs-lock: lock 'lock' is lost, ending the command"
	gone "${cmd[0]}"
	gone "${cmd[1]}"
}

@test "the directory removed: the command is ended at once" {
	beside rs-lock run --grace 0.3 -- sh -c "
		echo \$\$ >>$BATS_TEST_TMPDIR/pids; exec sleep 60"
	command_pids 1
	rm -rf "$RS_LOCK_DIR"
	finish "$pid"
	assert_status 125
	gone "${cmd[0]}"
	lock run --no-wait -- true
	assert_status 0
}

@test "a waiter has the lock as soon as the command is dead" {
	beside rs-lock run -- sh -c "
		echo \$\$ >>$BATS_TEST_TMPDIR/pids; exec sleep 60"
	command_pids 1
	holder=$pid
	guard=$(pgrep -P "$holder")
	beside rs-lock run -- sh -c "echo \$\$ >>$BATS_TEST_TMPDIR/pids"
	wait_until sh -c 'rs-lock status | grep -q waiter'
	kill -KILL "$holder" "$guard"
	finish "$pid"
	assert_status 0
	gone "${cmd[0]}"
}

@test "ten contend and are killed with -9 at random: one holder at a time" {
	run "$RS_ROOT/tests/torture/torture" --processes 10 --seconds 6 \
	    --dir "$BATS_TEST_TMPDIR/torture"
	[ "$status" -eq 0 ] || fail "$output"
}

@test "the torture tells a lock that excludes nobody" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	cat >"$BATS_TEST_TMPDIR/bin/rs-lock" <<-'EOF'
		#!/bin/sh
		while [ "$1" != -- ]; do shift; done
		shift
		RS_LOCK_FENCE=$(date +%s%N) exec "$@"
	EOF
	chmod +x "$BATS_TEST_TMPDIR/bin/rs-lock"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH run "$RS_ROOT/tests/torture/torture" \
	    --processes 4 --seconds 1 --dir "$BATS_TEST_TMPDIR/torture"
	[ "$status" -eq 1 ] || fail "$output"
	[[ $output == *"fence "*" after "* ]] || fail "$output"
}
