#!/usr/bin/env bats
# One call of many fails: no crash, no leak, no success that is none.
# INJECT_ALL=1 tries every allocation instead of a sample.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/sandbox

setup_file() {
	export INJECT=$BATS_FILE_TMPDIR/inject.so

	"${CC:-cc}" -shared -fPIC -O1 ${RS_SANITIZED:+-DIO_ONLY} \
	    -o "$INJECT" "$RS_ROOT/tests/helpers/inject.c"
	sandbox_start
}

setup() {
	sandbox_reset
	sandbox_fleet consumer-1 >/dev/null
	printf '[default]\nregion = us-west-2\n[profile dev]\n' \
	    >"$BATS_TEST_TMPDIR/config"
	printf 'aws_access_key_id = %s\naws_secret_access_key = %s\n' \
	    "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" \
	    >>"$BATS_TEST_TMPDIR/config"
}

teardown_file() { sandbox_stop; }

inject() { # alloc|io, sample, command ...
	run --separate-stderr "$(rs_python json)" -B \
	    "$RS_ROOT/tests/helpers/inject.py" "$INJECT" "$@"
	assert_status 0
	assert_err ''
	[[ ${lines[-1]} =~ ^[a-z-]+:\ [1-9][0-9]*\ of\ .*\ 0\ wrong$ ]] ||
	    fail_run "no verdict"
}

# The sanitizers bring an allocator of their own.
alloc() {
	[ -z "${RS_SANITIZED-}" ] || return 0
	inject alloc "$(((${INJECT_ALL-0}) ? 0 : 150))" "$@"
}

@test "rs-whoami: each allocation fails" {
	alloc rs-whoami
}

@test "rs-endpoint-ips: each allocation fails" {
	alloc rs-endpoint-ips consumer-1
}

@test "rs-whoami: each call of the system fails, keys from the environment" {
	inject io 0 rs-whoami
}

@test "rs-whoami: each call of the system fails, keys from a file" {
	export AWS_CONFIG_FILE=$BATS_TEST_TMPDIR/config
	unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
	inject io 0 rs-whoami --profile dev
	alloc rs-whoami --profile dev
}

@test "rs-endpoint-ips: each call of the system fails" {
	inject io 0 rs-endpoint-ips consumer-1
}
