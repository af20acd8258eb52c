#!/usr/bin/env bats
# TLS and proxies: who is trusted, and who is asked.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/sandbox
load helpers/hostile

setup_file() {
	sandbox_start --tls
	hostile_start
}

setup() {
	hostile_reset
	sandbox_reset
	TRUSTED=$AWS_CA_BUNDLE
	# Lower-case no_proxy, which the sandbox sets, beats the other.
	unset AWS_CA_BUNDLE no_proxy NO_PROXY
}

teardown_file() {
	sandbox_stop
	hostile_stop
}

whoami_says() { # options ...
	run --separate-stderr rs-whoami "$@"
}

@test "a certificate that nobody vouches for is refused at the first attempt" {
	whoami_says --debug
	assert_status 5
	assert_err_like "certificate"
	assert_err_like "hint: if there is a proxy with certificates of its own"
	[[ $stderr != *attempt=2* ]] || fail_run "it tried again"
	assert_jq '.[-1].complete == false'
}

@test "AWS_CA_BUNDLE, ca_bundle of the profile and --ca-bundle are trusted" {
	AWS_CA_BUNDLE=$TRUSTED whoami_says
	assert_status 0
	assert_err ''
	printf '[default]\nca_bundle = %s\n' "$TRUSTED" >"$BATS_TEST_TMPDIR/config"
	AWS_CONFIG_FILE=$BATS_TEST_TMPDIR/config whoami_says
	assert_status 0
	AWS_CA_BUNDLE=/nonexistent whoami_says --ca-bundle "$TRUSTED"
	assert_status 0
}

@test "the name in the certificate has to be the host's" {
	export AWS_CA_BUNDLE=$TRUSTED
	export AWS_ENDPOINT_URL=${AWS_ENDPOINT_URL/127.0.0.1/127.0.0.2}
	whoami_says
	[ "$status" -eq 5 ] || fail_run "another host was believed"
	assert_jq '.[-1].complete == false'
}

@test "a bundle that cannot be read is named" {
	for file in /nonexistent /dev/null; do
		whoami_says --ca-bundle "$file"
		assert_status 5
		assert_err_lines 2
		assert_err_like "hint: see --ca-bundle, .*'$file'"
	done
}

@test "HTTP_PROXY in either case, NO_PROXY, and a CGI program's HTTP_PROXY" {
	local proxy=http://127.0.0.1:$HOSTILE_PORT

	for name in http_proxy HTTP_PROXY; do
		: >"$HOSTILE_DIR/log"
		export "$name=$proxy"
		AWS_ENDPOINT_URL=http://aws.invalid run --separate-stderr \
		    "$RS_BUILD/unit/drive_aws" <<<'{"do": "call", "service": "DYNAMODB", "op": "ListTables"}'
		assert_jq '.[0].calls[0].reply == {}'
		assert_arrived 'length == 1 and .[0].target == "http://aws.invalid/"'
		unset "$name"
	done
	: >"$HOSTILE_DIR/log"
	export HTTP_PROXY=$proxy
	for rule in REQUEST_METHOD=GET NO_PROXY=aws.invalid no_proxy='*'; do
		run --separate-stderr env "$rule" AWS_MAX_ATTEMPTS=1 \
		    AWS_ENDPOINT_URL=http://aws.invalid \
		    "$RS_BUILD/unit/drive_aws" <<<'{"do": "call", "service": "DYNAMODB", "op": "ListTables"}'
		assert_jq '.[0].calls[0] | has("error")'
	done
	assert_arrived 'length == 0'
}

@test "HTTPS_PROXY: the proxy sees a name and no credentials" {
	HTTPS_PROXY=http://127.0.0.1:$HOSTILE_PORT \
	    AWS_ENDPOINT_URL=https://aws.invalid whoami_says
	assert_status 5
	assert_err_like '^rs-whoami: .*aws\.invalid: '
	assert_arrived 'length > 0 and all(.method == "CONNECT" and
	    (.headers | has("authorization") or has("x-amz-date") | not))'
}
