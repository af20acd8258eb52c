#!/usr/bin/env bats
# rs-whoami: the record, the region, what it says when something is wrong.
# The sources of credentials have files of their own, cred-*.bats.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/identity

setup_file() { identity_start; }
setup() { identity_reset; }
teardown_file() { identity_stop; }

keys() {
	export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI
}

@test "rs-whoami: one identity record with all that STS says, then end" {
	keys
	run --separate-stderr rs-whoami
	assert_status 0
	assert_jq '. == [
		{kind: "identity", account: "123456789012",
		 arn: "arn:aws:iam::123456789012:user/tester",
		 user_id: "AIDA-of-AKIDEXAMPLE", access_key_id: "AKIDEXAMPLE",
		 credential_source: ["env"], region: "eu-west-1",
		 region_source: "AWS_REGION", endpoint: $url,
		 expires_at: null},
		{kind: "end", tool: "rs-whoami", count: 1, complete: true}]' \
	    --arg url "$IDENTITY_URL"
	assert_err ''
	assert_records
}

@test "rs-whoami --no-call: asks nobody about keys, and says null for the rest" {
	keys
	run --separate-stderr rs-whoami --no-call
	assert_status 0
	assert_jq '.[0].access_key_id == "AKIDEXAMPLE" and
	    (.[0] | has("arn") and has("user_id") and has("account")) and
	    ([.[0] | .arn, .user_id, .account] == [null, null, null])'
	assert_err ''
	assert_records
	assert_requests 'length == 0'
}

@test "rs-whoami --no-call: tells the account when the source does" {
	keys
	export AWS_ACCOUNT_ID=210987654321
	run --separate-stderr rs-whoami --no-call
	assert_status 0
	assert_jq '.[0].account == "210987654321"'
	assert_err ''
}

@test "rs-whoami: the region is that of the option, AWS_REGION, AWS_DEFAULT_REGION, the profile" {
	keys
	unset AWS_REGION
	aws_file config <<-'END'
		[default]
		region = ap-south-1
		[profile other]
		region = sa-east-1
	END
	for try in ':ap-south-1:profile '\''default'\' \
	    'AWS_PROFILE=other:sa-east-1:profile '\''other'\' \
	    'AWS_DEFAULT_REGION=us-east-2:us-east-2:AWS_DEFAULT_REGION' \
	    'AWS_DEFAULT_REGION=us-east-2 AWS_REGION=us-west-1:us-west-1:AWS_REGION'; do
		IFS=: read -r environment region source <<<"$try"
		# shellcheck disable=SC2086
		run --separate-stderr env $environment rs-whoami --no-call
		assert_status 0
		assert_jq '.[0] | .region == $r and .region_source == $s' \
		    --arg r "$region" --arg s "$source"
		assert_err ''
	done
	run --separate-stderr env AWS_REGION=us-west-1 \
	    rs-whoami --no-call --region ca-central-1
	assert_status 0
	assert_jq '.[0] | .region == "ca-central-1" and .region_source == "--region"'
	assert_err ''
}

@test "rs-whoami: without a region ends with status 2 and names the ways to give one" {
	keys
	unset AWS_REGION
	run --separate-stderr rs-whoami --no-call
	assert_status 2
	assert_jq '. == [{kind: "end", tool: "rs-whoami", count: 0, complete: false}]'
	assert_err "rs-whoami: no region: neither --region, nor AWS_REGION, nor profile 'default' names one
rs-whoami: hint: set AWS_REGION, or run 'aws configure'"
}

@test "rs-whoami: the endpoint is the region's own unless the user names another" {
	keys
	unset AWS_ENDPOINT_URL_STS
	run --separate-stderr rs-whoami --no-call --region eu-central-1
	assert_status 0
	assert_jq '.[0].endpoint == "https://sts.eu-central-1.amazonaws.com"'
	run --separate-stderr rs-whoami --endpoint-url "$IDENTITY_URL"
	assert_status 0
	assert_jq '.[0].endpoint == $url and .[0].account == "123456789012"' \
	    --arg url "$IDENTITY_URL"
	assert_err ''
}

@test "rs-whoami: keys that AWS does not take end with status 4, code and request id" {
	keys
	identity_script '[{"on": "GetCallerIdentity", "status": 403,
	    "body": "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>The security token included in the request is invalid.</Message></Error><RequestId>4711</RequestId></ErrorResponse>"}]'
	run --separate-stderr rs-whoami
	assert_status 4
	assert_jq '. == [{kind: "end", tool: "rs-whoami", count: 0, complete: false}]'
	assert_err_like '^rs-whoami: cannot ask STS who this is: .*InvalidClientTokenId: The security token included in the request is invalid\. \(HTTP 403, request 4711\)'
	assert_requests 'length == 1'
}

@test "rs-whoami: no credentials anywhere end with status 4 and say where was looked" {
	run --separate-stderr rs-whoami
	assert_status 4
	assert_jq '. == [{kind: "end", tool: "rs-whoami", count: 0, complete: false}]'
	assert_err "rs-whoami: no credentials: AWS_ACCESS_KEY_ID is not set, profile 'default' has none, this is no container, and the metadata service of an instance: AWS_EC2_METADATA_DISABLED is set
rs-whoami: hint: run 'aws configure' or 'aws sso login', or name a profile that has credentials; see rs-whoami(1)"
}

@test "rs-whoami: a profile that does not exist ends with status 4, also with keys in the environment" {
	keys
	for how in '--profile nobody' AWS_PROFILE=nobody AWS_DEFAULT_PROFILE=nobody; do
		if [[ $how == --* ]]; then
			# shellcheck disable=SC2086
			run --separate-stderr rs-whoami $how
		else
			run --separate-stderr env "$how" rs-whoami
		fi
		assert_status 4
		assert_jq '. == [{kind: "end", tool: "rs-whoami", count: 0, complete: false}]'
		assert_err_like "^rs-whoami: there is no profile 'nobody' in the AWS configuration"
	done
}

@test "rs-whoami: takes no operand" {
	run --separate-stderr rs-whoami somebody
	assert_status 2
	assert_out ''
	assert_err "rs-whoami: unexpected operand 'somebody'
rs-whoami: hint: try 'rs-whoami --help'"
}

@test "rs-whoami: a full disk is status 8" {
	keys
	run --separate-stderr sh -c 'rs-whoami --no-call >/dev/full'
	assert_status 8
	assert_out ''
	assert_err_like '^rs-whoami: cannot write to standard output: No space left on device$'
}

@test "rs-whoami: does not read standard input" {
	keys
	run --separate-stderr bash -c '{ rs-whoami --no-call >/dev/null; cat; } <<<"still here"'
	assert_status 0
	assert_out 'still here'
	assert_err ''
}

@test "rs-whoami: SIGTERM while STS does not answer ends it by that signal, without a record" {
	keys
	identity_script '[{"on": "GetCallerIdentity", "hang": true}]'
	# shellcheck disable=SC2016
	run --separate-stderr bash -c '
		rs-whoami >"$BATS_TEST_TMPDIR/out" & pid=$!
		until grep -q GetCallerIdentity "$IDENTITY_DIR/requests" 2>/dev/null; do
			read -rt 0.05 <> <(:); done
		kill $pid; wait $pid'
	assert_status 143
	assert_out ''
	[ "$(jq -s 'all(.complete == false)' "$BATS_TEST_TMPDIR/out")" = true ]
}

@test "examples/in-account.sh: runs the command in the account that is named, and in no other" {
	keys
	run --separate-stderr "$RS_ROOT/examples/in-account.sh" 123456789012 echo here
	assert_status 0
	assert_out here
	assert_err ''
	run --separate-stderr "$RS_ROOT/examples/in-account.sh" 999999999999 echo here
	assert_status 1
	assert_out ''
	assert_err 'in-account.sh: not in account 999999999999, or not for long enough'
	AWS_CREDENTIAL_EXPIRATION=$(in_seconds 600) run --separate-stderr \
	    "$RS_ROOT/examples/in-account.sh" 123456789012 echo here
	assert_status 1
	assert_out ''
	AWS_CREDENTIAL_EXPIRATION=$(in_seconds 600) MINUTES=5 run --separate-stderr \
	    "$RS_ROOT/examples/in-account.sh" 123456789012 echo here
	assert_status 0
	assert_out here
}
