# common.bash - what every bats file loads: where things are, a clean
# environment, and checks that show all there is to see when they fail.
#
#	bats_require_minimum_version 1.5.0
#	load helpers/common
#
#	@test "rs-lock status: a lock nobody holds is free" {
#		run --separate-stderr rs-lock status etl
#		assert_status 0
#		assert_jq '.[0].held == false'
#		assert_err ''
#	}
#
# RS_ROOT is the source tree, RS_BUILD the build directory (`make san` gives
# another one); the tools of RS_BUILD come first on PATH.

RS_ROOT=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
RS_BUILD=${RS_BUILD:-$RS_ROOT/build}
case $RS_BUILD in
/*) ;;
*) RS_BUILD=$RS_ROOT/$RS_BUILD ;;
esac
RS_DATADIR=$RS_ROOT/share
PATH=$RS_BUILD/bin:$PATH
export RS_ROOT RS_BUILD RS_DATADIR PATH

# Nothing of the user's own AWS, PostgreSQL or Terraform reaches a test.
clean_environment() {
	local name

	for name in $(compgen -e); do
		case $name in
		AWS_* | PG* | TF_* | RS_LOCK_* | *_proxy | *_PROXY | CURL_* | SSL_CERT_*)
			unset "$name"
			;;
		esac
	done
	export LC_ALL=C.UTF-8 TZ=UTC TERM=dumb
	export AWS_EC2_METADATA_DISABLED=true
	export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
	unset XDG_CONFIG_HOME
}
clean_environment

# The tools that exist in this tree, or those that RS_TOOLS names.
rs_tools() {
	local source

	if [ -n "${RS_TOOLS-}" ]; then
		printf '%s\n' $RS_TOOLS
		return
	fi
	for source in "$RS_ROOT"/cmd/rs-*.c; do
		[ -f "$source" ] || return 0
		source=${source##*/}
		case $source in
		*_*) ;;
		*) printf '%s\n' "${source%.c}" ;;
		esac
	done
}

# Print what the last `run --separate-stderr` did, then fail with a reason.
# bats itself sets output, stderr and BATS_RUN_COMMAND.
# shellcheck disable=SC2154
fail_run() {
	{
		printf '%s\n' "$1"
		printf 'command: %s\n' "${BATS_RUN_COMMAND-}"
		printf 'status:  %s\n' "${status-}"
		printf 'stdout:\n%s\n' "${output-}" | head -n 60
		printf 'stderr:\n%s\n' "${stderr-}" | head -n 60
	} >&2
	return 1
}

fail() {
	printf '%s\n' "$*" >&2
	return 1
}

assert_status() {
	[ "$status" -eq "$1" ] || fail_run "the status is not $1"
}

# The whole of standard output, standard error.
assert_out() {
	[ "$output" = "$1" ] || fail_run "stdout is not: $1"
}

assert_err() {
	[ "$stderr" = "$1" ] || fail_run "stderr is not: ${1:-empty}"
}

# An extended regular expression that matches somewhere in it.
assert_err_like() {
	[[ $stderr =~ $1 ]] || fail_run "stderr is not like: $1"
}

assert_err_lines() {
	[ "$(printf '%s' "$stderr" | grep -c '')" -eq "$1" ] ||
	    fail_run "stderr does not have $1 lines"
}

# All of standard output as one array of records satisfies the jq filter:
#	assert_jq 'length == 3 and .[-1].complete'
# Further arguments go to jq (--arg name value).
assert_jq() {
	local filter=$1

	shift
	printf '%s\n' "$output" | jq -se "$@" "$filter" >/dev/null ||
	    fail_run "stdout does not satisfy: $filter"
}

# Every record on standard output satisfies share/schema/KIND.json, and the
# last one is an "end" record.
assert_records() {
	local why

	# shellcheck disable=SC2119
	why=$(printf '%s\n' "$output" | validate_records 2>&1) ||
	    fail_run "stdout is not a stream of valid records: $why"
}

# Call the command until it succeeds, for at most two minutes.
wait_until() {
	local deadline=$((SECONDS + 120))

	until "$@"; do
		[ "$SECONDS" -lt "$deadline" ] || {
			fail "waited 120 s for: $*"
			return 1
		}
		read -rt 0.05 <> <(:) || :
	done
}

# Standard input as in assert_records; --no-end: it is not a whole stream.
# shellcheck disable=SC2120
validate_records() {
	"$(rs_python jsonschema)" "$RS_ROOT/tests/tools/validate" "$@"
}

# A python3 that can import the module given.
rs_python() {
	local python

	for python in python3 /usr/bin/python3 "$RS_ROOT/build/venv/bin/python3"; do
		if "$python" -c "import $1" 2>/dev/null; then
			command -v "$python"
			return
		fi
	done
	fail "no python3 here can import $1: run 'make deps'"
}
