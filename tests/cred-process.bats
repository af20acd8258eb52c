#!/usr/bin/env bats
# credential_process: another program gives the credentials.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/identity

setup_file() { identity_start; }
setup() { identity_reset; }
teardown_file() { identity_stop; }

GOOD='{"Version": 1, "AccessKeyId": "AKIAPROC", "SecretAccessKey": "process-secret"}'

# profile p with this command; what it prints stands in ~/answer.
process() { # command
	aws_file config <<-END
		[profile p]
		credential_process = $1
	END
	printf '%s\n' "${2-$GOOD}" >"$HOME/answer"
}

whoami() {
	run --separate-stderr rs-whoami --no-call --profile p
}

assert_refused() { # regular expression after "credential_process: "
	assert_status 4
	assert_jq '. == [{kind: "end", tool: "rs-whoami", count: 0, complete: false}]'
	assert_err_like "rs-whoami: profile 'p' \($HOME/.aws/config:2\): credential_process: $1"
}

assert_found() {
	assert_status 0
	assert_jq '.[0] | .access_key_id == "AKIAPROC" and
	    .credential_source == ["custom-process '\''p'\''"]'
	assert_records
}

@test "its answer is used: keys, token, end and account" {
	process "cat '$HOME/answer'" "{\"Version\": 1, \"AccessKeyId\": \"AKIAPROC\",
	    \"SecretAccessKey\": \"s\", \"SessionToken\": \"the-token\",
	    \"Expiration\": \"$(in_seconds 1800)\", \"AccountId\": \"777766665555\"}"
	run --separate-stderr rs-whoami --profile p
	assert_found
	assert_err ''
	assert_jq '.[0].expires_at | fromdateiso8601 > now + 1700'
	assert_requests '.[0].headers["x-amz-security-token"] == "the-token"'
	whoami
	assert_jq '.[0].account == "777766665555"'
}

@test "null members are absent ones; the account may stand in the profile" {
	process "cat $HOME/answer" '{"Version": 1, "AccessKeyId": "AKIAPROC",
	    "SecretAccessKey": "s", "SessionToken": null, "Expiration": null}'
	echo 'aws_account_id = 101010101010' >>"$HOME/.aws/config"
	whoami
	assert_found
	assert_jq '.[0] | .account == "101010101010" and .expires_at == null'
}

@test "the command is split as the AWS CLI does, and no shell sees it" {
	cat >"$HOME/show" <<-'END'
		#!/bin/sh
		printf '<%s>' "$@" >"$HOME/arguments"
		cat "$HOME/answer"
	END
	chmod +x "$HOME/show"
	process "\"$HOME/show\" 'a b' \"c \\\"d\\\" \\\\ \\e\" f\\ g '' \$HOME ; touch $HOME/evil * #x \`id\`"
	whoami
	assert_found
	assert_err ''
	[ "$(<"$HOME/arguments")" = "<a b><c \"d\" \\ \\e><f g><><\$HOME><;><touch><$HOME/evil><*><#x><\`id\`>" ]
	[ ! -e "$HOME/evil" ]
}

@test "its stderr is ours; its stdin is nothing when ours is a pipe" {
	# shellcheck disable=SC2016
	process "sh -c 'echo hello >&2; cat; cat \"\$HOME/answer\"'"
	# shellcheck disable=SC2016
	run --separate-stderr bash -c '
		{ rs-whoami --no-call --profile p | head -n 1; cat; } <<<"for us"'
	assert_status 0
	[ "${lines[1]}" = 'for us' ]
	[ "$(jq -r .access_key_id <<<"${lines[0]}")" = AKIAPROC ]
	assert_err hello
}

@test "a process that fails is an error, whatever it printed" {
	# shellcheck disable=SC2016
	process "sh -c 'cat \"\$HOME/answer\"; echo sorry >&2; exit 3'"
	whoami
	assert_refused 'it failed with status 3$'
	[ "${stderr_lines[0]}" = sorry ]
	# shellcheck disable=SC2016
	process "sh -c 'kill -9 \$\$'"
	whoami
	assert_refused 'it was killed by signal 9$'
}

@test "a command that cannot be run is named, its arguments are not" {
	process "no-such-program --password very-secret"
	whoami
	assert_refused "cannot run 'no-such-program': No such file or directory$"
	[[ $stderr != *very-secret* ]]
	process ''
	whoami
	assert_refused 'there is no command$'
	process "echo 'open"
	whoami
	assert_refused 'a quote is not closed, or a backslash is last$'
}

@test "an answer that is no answer is refused, and never shown" {
	while IFS=$'\t' read -r text why; do
		process "cat $HOME/answer" "$text"
		whoami
		assert_refused "its output$why$"
		[[ $stderr != *process-secret* ]]
	done <<-'END'
		process-secret	 is not JSON
		{"Version": 1, "AccessKeyId": "process-secret"	 is not JSON
		[]	: 'Version' is not 1
		{}	: 'Version' is not 1
		{"Version": 2, "AccessKeyId": "A", "SecretAccessKey": "process-secret"}	: 'Version' is not 1
		{"Version": "1", "AccessKeyId": "A", "SecretAccessKey": "process-secret"}	: 'Version' is not 1
		{"Version": 1, "SecretAccessKey": "process-secret"}	: no 'AccessKeyId'
		{"Version": 1, "AccessKeyId": "A"}	: no 'SecretAccessKey'
		{"Version": 1, "AccessKeyId": "", "SecretAccessKey": "process-secret"}	: no 'AccessKeyId'
		{"Version": 1, "AccessKeyId": 1, "SecretAccessKey": "process-secret"}	: 'AccessKeyId' is not a string
		{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "process-secret", "Expiration": "soon"}	: 'Expiration' is not a time such as 2026-11-21T03:24:00Z
		{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "process-secret"} x	 is not JSON
	END
	process "true"
	whoami
	assert_refused 'its output is not JSON$'
}

@test "credentials that have ended already are refused" {
	process "cat $HOME/answer" '{"Version": 1, "AccessKeyId": "A",
	    "SecretAccessKey": "s", "Expiration": "2020-01-01T00:00:00Z"}'
	whoami
	assert_status 4
	assert_err "rs-whoami: custom-process 'p': these credentials expired at 2020-01-01T00:00:00Z"
}

@test "a flood is cut off and its source ended" {
	# shellcheck disable=SC2016
	process "sh -c 'echo \$\$ >\"\$HOME/pid\"; exec cat /dev/zero'"
	whoami
	assert_refused 'its output is larger than 65536 bytes$'
	run ! kill -0 "$(<"$HOME/pid")"
}

@test "a process that is left behind with the pipe open is not waited for" {
	# shellcheck disable=SC2016
	process "sh -c 'cat \"\$HOME/answer\"; sleep 300 & echo \$! >\"\$HOME/pid\"'"
	run --separate-stderr timeout 20 rs-whoami --no-call --profile p
	kill "$(<"$HOME/pid")"
	assert_found
}

@test "a long answer comes through whole" {
	process "cat $HOME/answer" "$(jq -nc '{Version: 1, AccessKeyId: "AKIAPROC",
	    SecretAccessKey: "s", SessionToken: ("t" * 60000)}')"
	whoami
	assert_found
}

@test "SIGTERM ends us and the process" {
	# shellcheck disable=SC2016
	process "sh -c 'echo \$\$ >\"\$HOME/pid.new\"; mv \"\$HOME/pid.new\" \"\$HOME/pid\"; exec sleep 300'"
	# shellcheck disable=SC2016
	run --separate-stderr bash -c '
		rs-whoami --no-call --profile p & pid=$!
		until [ -s "$HOME/pid" ]; do read -rt 0.05 <> <(:); done
		kill $pid; wait $pid'
	assert_status 143
	assert_jq 'all(.complete == false)'
	run ! kill -0 "$(<"$HOME/pid")"
}

@test "the process gets the environment, and the signals as they are by default" {
	# shellcheck disable=SC2016
	process "sh -c 'grep SigBlk /proc/self/status >\"\$HOME/signals\"; cat \"\$HOME/answer\"'"
	whoami
	assert_found
	[ "$(awk '{ print $2 }' "$HOME/signals")" = 0000000000000000 ]
}
