#!/usr/bin/env bats
# Roles upon roles where every signature is judged: in the sandbox.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/sandbox

setup_file() { sandbox_start; }
setup() { sandbox_reset; }
teardown_file() { sandbox_stop; }

profiles() {
	export HOME=$BATS_TEST_TMPDIR AWS_CONFIG_FILE=$BATS_TEST_TMPDIR/config
	cat >"$AWS_CONFIG_FILE" <<-END
		[profile base]
		aws_access_key_id = $AWS_ACCESS_KEY_ID
		aws_secret_access_key = $1
		[profile one]
		role_arn = arn:aws:iam::123456789012:role/one
		source_profile = base
		external_id = a+b/c=d,e@f:g
		[profile two]
		role_arn = arn:aws:iam::123456789012:role/two
		source_profile = one
		role_session_name = me@there
	END
	unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
}

@test "the keys of a role sign for the next one, and for the calls themselves" {
	profiles "$AWS_SECRET_ACCESS_KEY"
	run --separate-stderr rs-whoami --profile two
	assert_status 0
	assert_err ''
	assert_records
	assert_jq '.[0] | .arn == "arn:aws:sts::123456789012:assumed-role/two/me@there" and
	    .account == "123456789012" and (.access_key_id | startswith("ASIA"))'
	[ "$(sandbox_count AssumeRole)" -eq 2 ]
}

@test "a wrong secret is AWS's refusal of the first call, and status 4" {
	profiles not-the-secret
	run --separate-stderr rs-whoami --profile two
	assert_status 4
	assert_jq '. == [{kind: "end", tool: "rs-whoami", count: 0, complete: false}]'
	assert_err_like "^rs-whoami: profile 'one' .*cannot assume role 'arn:aws:iam::123456789012:role/one': SignatureDoesNotMatch: "
}
