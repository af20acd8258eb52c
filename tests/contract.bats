#!/usr/bin/env bats
# What every tool promises, whatever it does. Each test goes through all tools
# that exist and stops at the first that fails; to look at one alone:
#
#	RS_TOOLS=rs-lock bats tests/contract.bats
#
# The EXAMPLES of a manual page are run. The convention:
#
# - Each ".Bd -literal" block of the section is one shell script, run by
#   "sh -e" in a directory of its own, the blocks of a page one after the
#   other in the same directory and the same small world: a sandbox with the
#   workgroups airline-producer and airline-consumer-1 to -3, each AVAILABLE
#   and with an endpoint, an attached target group airline-consumers, and
#   RS_LOCK_DIR of the test's own. It must end with status 0 within 60 s.
# - A line '.\" status N' before the block says that it ends with N instead.
# - What is to be read rather than run (Terraform, output) stands in a
#   ".Bd -unfilled" block.
# - A page that needs more of the world has tests/examples/TOOL.bash, which
#   defines example_setup and, where something must end, example_teardown.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/manual

setup_file() {
	[ -n "$(rs_tools)" ]
}

teardown() {
	[ -z "${RS_SANDBOX_DIR-}" ] || sandbox_stop
}

# The rows of a tool's option table, TSV without the first field: letter,
# name, arg, group, words, verbs, type, help.
options_of() {
	"$1" --dump-options | sed -n 's/^option\t//p'
}

verbs_of() {
	"$1" --dump-options | sed -n 's/^verb\t\([^\t]*\).*/\1/p'
}

# A verb that takes the option, or nothing where there are no verbs.
verb_for() { # tool, VERBS field
	[ "$2" = - ] && set -- "$1" "$(verbs_of "$1" | head -n 1)"
	printf '%s' "${2%%,*}"
}

assert_misuse() { # tool
	assert_status 2
	assert_out ''
	assert_err_lines 2
	[[ ${stderr_lines[0]} == "$1: "* ]] || fail_run "no message of $1"
	[ "${stderr_lines[1]}" = "$1: hint: try '$1 --help'" ] ||
	    fail_run "no hint"
}

@test "--help: fits a terminal of 80 columns and 40 lines, on stdout" {
	for tool in $(rs_tools); do
		for option in --help -h; do
			run --separate-stderr "$tool" "$option"
			assert_status 0
			assert_err ''
			[[ $output == "usage: $tool "* ]] || fail_run "no usage"
			[[ ${lines[1]} =~ ^[A-Z].*[^.]\.$ ]] ||
			    fail_run "no sentence says what it does"
			[ "${#lines[@]}" -le 40 ] || fail_run "too long"
			awk 'length > 80 { exit 1 }' <<<"$output" ||
			    fail_run "too wide"
			run ! grep -nE '[[:blank:]]$' <<<"$output"
		done
	done
}

@test "--version: one line with the name and the version" {
	version=$(sed -n 's/^VERSION = //p' "$RS_ROOT/Makefile")
	for tool in $(rs_tools); do
		for option in --version -V; do
			run --separate-stderr "$tool" "$option"
			assert_status 0
			assert_out "$tool $version"
			assert_err ''
		done
	done
}

@test "an unknown option: status 2, two lines on stderr, nothing on stdout" {
	for tool in $(rs_tools); do
		for option in --no-such-option --no-such=1 -%; do
			run --separate-stderr "$tool" "$option" </dev/null
			assert_misuse "$tool"
			[[ $stderr == *"'${option%%=*}'"* ]] ||
			    fail_run "the option is not named"
		done
		for verb in $(verbs_of "$tool"); do
			run --separate-stderr "$tool" "$verb" --no-such-option </dev/null
			assert_misuse "$tool"
		done
	done
}

@test "a value an option cannot take: status 2, two lines on stderr" {
	for tool in $(rs_tools); do
		while IFS=$'\t' read -r _ name _ group _ verbs type _; do
			case $group/$type in
			*/flag) continue ;;
			*/string | */list) set -- '' ;;
			shared/*) set -- '' x ;;
			*) set -- '' x -1 1e3 0x10 inf nan ' 1' 1, 'a"b' ;;
			esac
			for value; do
				run --separate-stderr "$tool" \
				    $(verb_for "$tool" "$verbs") "--$name=$value" </dev/null
				assert_misuse "$tool"
				[[ $stderr == *"--$name"* ]] ||
				    fail_run "the option is not named"
			done
		done < <(options_of "$tool")
	done
}

@test "an option without its value: status 2, two lines on stderr" {
	for tool in $(rs_tools); do
		while IFS=$'\t' read -r _ name arg _ _ verbs _; do
			[ "$arg" != - ] || continue
			run --separate-stderr "$tool" \
			    $(verb_for "$tool" "$verbs") "--$name" </dev/null
			assert_misuse "$tool"
		done < <(options_of "$tool")
	done
}

@test "a full disk: --help and --version end with status 8 and say so" {
	for tool in $(rs_tools); do
		for option in --help --version --dump-options; do
			run --separate-stderr sh -c \
			    '"$0" "$1" >/dev/full' "$tool" "$option"
			assert_status 8
			assert_err "$tool: cannot write to standard output: No space left on device"
		done
	done
}

@test "a closed stdin, stdout or stderr: the tool ends, and not by a signal" {
	export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=secret
	export AWS_REGION=us-west-2 AWS_ENDPOINT_URL=http://127.0.0.1:9
	export AWS_MAX_ATTEMPTS=1
	for tool in $(rs_tools); do
		for closed in '<&-' '>&-' '2>&-' '<&- >&- 2>&-'; do
			run timeout 20 sh -c "exec $tool $closed" </dev/null
			[ "$status" -lt 124 ] || fail_run "$tool $closed"
		done
		run timeout 20 sh -c "exec $tool --version >&-"
		assert_status 8
	done
}

@test "a terminal as stdin: the tool does not wait for it" {
	command -v script
	export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=secret
	export AWS_REGION=us-west-2 AWS_ENDPOINT_URL=http://127.0.0.1:9
	export AWS_MAX_ATTEMPTS=1
	for tool in $(rs_tools); do
		run timeout 20 script -qefc "$tool" /dev/null
		[ "$status" -lt 124 ] || fail_run "$tool waits for a terminal"
	done
}

@test "the manual: is there, without complaint from mandoc, sections in order" {
	for tool in $(rs_tools); do
		page=$RS_ROOT/man/$tool.1
		[ -f "$page" ] || fail "there is no man/$tool.1"
		run "$RS_ROOT/tests/tools/manlint" "$page"
		[ "$status" -eq 0 ] || fail "$output"
		manual_sections_in_order "$page"
	done
}

@test "the manual: documents exactly the options of the table" {
	for tool in $(rs_tools); do
		diff <(options_of "$tool" | awk -F '\t' '$4 == "own" {
			print ($1 == "-" ? "" : "-" $1 ", ") "--" $2 \
			    ($3 == "-" ? "" : " " $3) }' | sort) \
		    <(manual_options "$RS_ROOT/man/$tool.1" | sort -u) ||
		    fail "the options of $tool: < table, > man/$tool.1"
	done
}

@test "rs-tools(7): documents the options that all tools share" {
	for tool in $(rs_tools); do
		while IFS=$'\t' read -r letter name arg group _; do
			[ "$group" = shared ] || continue
			[ "$letter" = - ] && letter='' || letter="-$letter, "
			[ "$arg" = - ] && arg='' || arg=" $arg"
			manual_options "$RS_ROOT/man/rs-tools.7" |
			    grep -Fxq -e "$letter--$name$arg" ||
			    fail "rs-tools(7) lacks $letter--$name$arg of $tool"
		done < <(options_of "$tool")
		grep -Eq '^\.Xr rs-tools 7' "$RS_ROOT/man/$tool.1" ||
		    fail "man/$tool.1 does not refer to rs-tools(7)"
	done
}

@test "the manual's SYNOPSIS: has each verb and its operands as --help does" {
	for tool in $(rs_tools); do
		manual_synopsis "$RS_ROOT/man/$tool.1" >"$BATS_TEST_TMPDIR/synopsis"
		while IFS=$'\t' read -r row name _ operands; do
			[ "$row" = tool ] || [ "$row" = verb ] || continue
			[ "$row" = tool ] && [ -n "$(verbs_of "$tool")" ] && continue
			[ "$row" = verb ] || name=
			[ "$operands" != - ] || operands=
			grep -Eq "^$tool${name:+ $name}( |$)" \
			    "$BATS_TEST_TMPDIR/synopsis" ||
			    fail "no '$tool $name' in the SYNOPSIS"
			[ -z "$operands" ] ||
			    grep -E "^$tool${name:+ $name} " "$BATS_TEST_TMPDIR/synopsis" |
			    grep -Fq -e " $operands" ||
			    fail "no '$operands' in the SYNOPSIS of $tool $name:
$(cat "$BATS_TEST_TMPDIR/synopsis")"
		done < <("$tool" --dump-options)
	done
}

@test "the manual: names each kind of record the tool writes, and each has a schema" {
	for tool in $(rs_tools); do
		page=$RS_ROOT/man/$tool.1
		for kind in $(cat "$RS_ROOT/cmd/$tool"*.c |
		    grep -oE '"kind", *"[a-z_]+"' | cut -d '"' -f 4 | sort -u); do
			[ -f "$RS_ROOT/share/schema/$kind.json" ] ||
			    fail "$tool writes '$kind': no share/schema/$kind.json"
			manual_section "$page" OUTPUT | grep -Eqw "$kind" ||
			    fail "man/$tool.1 does not describe '$kind' in OUTPUT"
		done
	done
}

# --- EXAMPLES --------------------------------------------------------------

# The world of the examples; prints nothing.
example_world() {
	load helpers/sandbox
	sandbox_start
	sandbox_reset
	sandbox_fleet airline-producer airline-consumer-1 airline-consumer-2 \
	    airline-consumer-3 >/dev/null
	sandbox_target_group airline-consumers >/dev/null
}

# Run the examples of a tool; its page has at least one.
run_examples() { # tool
	local n=0 status dir=$BATS_TEST_TMPDIR/$1 hook=$RS_ROOT/tests/examples/$1.bash

	example_setup() { :; }
	example_teardown() { :; }
	# shellcheck disable=SC1090
	[ ! -f "$hook" ] || . "$hook"
	mkdir -p "$dir/work"
	manual_examples "$RS_ROOT/man/$1.1" "$dir"
	export HOME=$dir RS_LOCK_DIR=$dir/lock.d
	(cd "$dir/work" && example_setup)
	while [ -f "$dir/example-$((n + 1)).sh" ]; do
		n=$((n + 1))
		status=0
		(cd "$dir/work" && timeout 60 sh -e "$dir/example-$n.sh") \
		    >"$dir/stdout" 2>"$dir/stderr" </dev/null || status=$?
		[ "$status" -eq "$(cat "$dir/example-$n.status")" ] || {
			(cd "$dir/work" && example_teardown)
			fail "$(printf 'man/%s.1, example %d: status %d\n' "$1" $n $status
			    cat "$dir/example-$n.sh" "$dir/stdout" "$dir/stderr")"
			return 1
		}
	done
	(cd "$dir/work" && example_teardown)
	[ "$n" -gt 0 ] || fail "man/$1.1 has no example that can be run"
}

@test "the manual's EXAMPLES run" {
	example_world
	for tool in $(rs_tools); do
		run_examples "$tool"
	done
}

@test "--debug: shows the wire and no secret of ours" {
	example_world
	log=$BATS_TEST_TMPDIR/debug.log
	mkdir "$BATS_TEST_TMPDIR/bin"
	: >"$log"
	for tool in $(rs_tools); do
		printf '#!/bin/sh\nexec %s --debug "$@" 2>>%s\n' \
		    "$RS_BUILD/bin/$tool" "$log" >"$BATS_TEST_TMPDIR/bin/$tool"
		chmod +x "$BATS_TEST_TMPDIR/bin/$tool"
	done
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
	for tool in $(rs_tools); do
		run_examples "$tool"
	done
	grep -q . "$log"
	[ "${#AWS_SECRET_ACCESS_KEY}" -ge 8 ]
	run ! grep -Fn -e "$AWS_SECRET_ACCESS_KEY" "$log"
	if [ -n "${AWS_SESSION_TOKEN-}" ]; then
		run ! grep -Fn -e "$AWS_SESSION_TOKEN" "$log"
	fi
	run ! grep -En 'Signature=[0-9a-f]{64}' "$log"
	run ! grep -n "$(printf '[\001-\011\013-\037]')" "$log"
}
