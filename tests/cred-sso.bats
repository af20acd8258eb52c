#!/usr/bin/env bats
# Credentials from IAM Identity Center, by the token of `aws sso login`.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/identity

setup_file() { identity_start; }
teardown_file() { identity_stop; }

setup() {
	identity_reset
	aws_file config <<-'END'
		[profile corp]
		sso_session = work
		sso_account_id = 123123123123
		sso_role_name = Admin
		[sso-session work]
		sso_region = us-east-1
		sso_start_url = https://work.example
		[profile old]
		sso_start_url = https://old.example
		sso_region = us-west-2
		sso_account_id = 321321321321
		sso_role_name = Reader
	END
	CACHE=$HOME/.aws/sso/cache
	WORK=sso/cache/$(sha1 work).json
	OLD=sso/cache/$(sha1 https://old.example).json
}

# A token that can be renewed: access token, expiry of it, of the client.
renewable() {
	aws_file "$WORK" <<-END
		{"startUrl": "https://work.example", "region": "us-east-1",
		 "accessToken": "$1", "expiresAt": "$2", "clientId": "client-1",
		 "clientSecret": "client-secret", "refreshToken": "good-refresh",
		 "registrationExpiresAt": "$3", "extra": [1, 2]}
	END
}

whoami() {
	run --separate-stderr rs-whoami --no-call "$@"
}

assert_refused() { # regular expression after the place
	assert_status 4
	assert_jq '. == [{kind: "end", tool: "rs-whoami", count: 0, complete: false}]'
	assert_err_like "^rs-whoami: profile '[a-z]+' \($HOME/.aws/config:[0-9]+\): cannot get credentials through SSO: $1"
}

@test "an sso-session: its token buys the role, unsigned; the account is known" {
	aws_file "$WORK" <<-END
		{"accessToken": "good-token", "expiresAt": "$(in_seconds 7200)"}
	END
	whoami --profile corp
	assert_status 0
	assert_err ''
	assert_records
	assert_jq '.[0] | .account == "123123123123" and
	    .credential_source == ["sso '\''corp'\'' 123123123123/Admin"] and
	    (.expires_at | fromdateiso8601 > now + 3500)'
	assert_requests 'length == 1 and .[0].method == "GET" and
	    (.[0].path | split("?") | .[0] == "/federation/credentials" and
	    (.[1] | split("&") | sort == ["account_id=123123123123", "role_name=Admin"])) and
	    .[0].headers["x-amz-sso_bearer_token"] == "good-token" and
	    (.[0].headers | has("authorization") | not)'
}

@test "the older form: the token is found by the start URL" {
	aws_file "$OLD" <<-END
		{"accessToken": "good-token", "expiresAt": "$(date -u -d '+2 hours' +%Y-%m-%dT%H:%M:%SUTC)"}
	END
	whoami --profile old
	assert_status 0
	assert_err ''
	assert_jq '.[0].account == "321321321321"'
}

@test "the region of the service is that of the login, not ours" {
	unset AWS_ENDPOINT_URL_SSO
	aws_file "$OLD" <<-END
		{"accessToken": "good-token", "expiresAt": "$(in_seconds 7200)"}
	END
	HTTPS_PROXY=http://127.0.0.1:9 AWS_MAX_ATTEMPTS=1 \
	    whoami --profile old --debug
	assert_status 5
	assert_err_like 'portal\.sso\.us-west-2\.amazonaws\.com'
}

@test "not logged in: the hint is the command to run" {
	whoami --profile corp
	assert_refused "not logged in: there is no $HOME/.aws/$WORK
rs-whoami: hint: run: aws sso login --profile 'corp'$"
	sed -i 's/profile old/default/' "$HOME/.aws/config"
	whoami
	assert_refused "not logged in: there is no $HOME/.aws/$OLD
rs-whoami: hint: run: aws sso login$"
	assert_requests 'length == 0'
}

@test "an expired login that cannot be renewed asks nobody, and hints" {
	aws_file "$OLD" <<-END
		{"accessToken": "good-token", "expiresAt": "$(in_seconds -5)"}
	END
	whoami --profile old
	assert_refused "the login has expired
rs-whoami: hint: run: aws sso login --profile 'old'$"
	renewable good-token "$(in_seconds -5)" "$(in_seconds -5)"
	whoami --profile corp
	assert_refused 'the login has expired'
	assert_requests 'length == 0'
}

@test "a token that ends soon is renewed; the file is replaced whole, mode 600, and keeps the rest" {
	for left in 600 -600; do
		renewable good-old "$(in_seconds "$left")" "$(in_seconds 90000)"
		chmod 644 "$HOME/.aws/$WORK"
		inode=$(stat -c %i "$HOME/.aws/$WORK")
		whoami --profile corp
		assert_status 0
		assert_err ''
		assert_requests '.[-2] | .method == "POST" and .path == "/token" and
		    (.headers | has("authorization") | not) and (.body | fromjson ==
		    {clientId: "client-1", clientSecret: "client-secret",
		     grantType: "refresh_token", refreshToken: "good-refresh"})'
		assert_requests '.[-1].headers["x-amz-sso_bearer_token"] == "good-renewed"'
		jq -e '.accessToken == "good-renewed" and .extra == [1, 2] and
		    .refreshToken == "good-refresh" and .clientId == "client-1" and
		    (.expiresAt | fromdateiso8601 > now + 28000)' "$HOME/.aws/$WORK"
		[ "$(stat -c %a "$HOME/.aws/$WORK")" = 600 ]
		[ "$(stat -c %i "$HOME/.aws/$WORK")" != "$inode" ]
		[ "$(find "$CACHE" -type f | wc -l)" -eq 1 ]
	done
	# The AWS SDK takes what we wrote.
	"$(rs_python botocore)" -c '
import botocore.session, sys
keys = botocore.session.Session(profile="corp").get_credentials()
sys.exit(not keys.get_frozen_credentials().access_key.startswith("ASIA"))'
}

@test "a renewed token with a lifetime that cannot be is not kept" {
	for lifetime in 9223372036854775807 99999999999 0 -5; do
		renewable good-token "$(in_seconds 600)" "$(in_seconds 90000)"
		sed -i "s/client-1/lives-$lifetime/" "$HOME/.aws/$WORK"
		cp "$HOME/.aws/$WORK" "$BATS_TEST_TMPDIR/before"
		whoami --profile corp
		assert_status 0
		assert_err ''
		cmp "$HOME/.aws/$WORK" "$BATS_TEST_TMPDIR/before"
	done
}

@test "a renewal that fails does no harm while the token lasts" {
	renewable good-token "$(in_seconds 600)" "$(in_seconds 90000)"
	sed -i 's/good-refresh/spent/' "$HOME/.aws/$WORK"
	before=$(sha1sum "$HOME/.aws/$WORK")
	whoami --profile corp
	assert_status 0
	assert_err ''
	[ "$(sha1sum "$HOME/.aws/$WORK")" = "$before" ]
	whoami --profile corp -v
	assert_status 0
	assert_err_like "^rs-whoami: cannot renew the token in $HOME/.aws/$WORK: "
}

@test "a renewal that fails after the end is a hint to log in" {
	renewable good-token "$(in_seconds -600)" "$(in_seconds 90000)"
	sed -i 's/good-refresh/spent/' "$HOME/.aws/$WORK"
	whoami --profile corp
	assert_refused "the login has expired
rs-whoami: hint: run: aws sso login --profile 'corp'$"
	assert_requests 'map(.path) == ["/token"]'
}

@test "a token that the portal does not take is a hint to log in" {
	aws_file "$WORK" <<-END
		{"accessToken": "bad-token", "expiresAt": "$(in_seconds 7200)"}
	END
	whoami --profile corp
	assert_refused ".*Session token not found or invalid \(HTTP 401\)
rs-whoami: hint: run: aws sso login --profile 'corp'$"
	[[ $stderr != *bad-token* ]]
}

@test "a role that the user may not have is told in the portal's words" {
	aws_file "$WORK" <<-END
		{"accessToken": "good-token", "expiresAt": "$(in_seconds 7200)"}
	END
	identity_script '[{"on": "/federation/credentials", "status": 403,
	    "headers": {"x-amzn-ErrorType": "ForbiddenException", "x-amzn-RequestId": "r-9"},
	    "body": {"message": "No access"}}]'
	whoami --profile corp
	assert_refused '.*ForbiddenException: No access \(HTTP 403, request r-9\)$'
}

@test "a broken file in the cache is an error that names it, and shows nothing of it" {
	for text in 'not json very-secret' '{}' '[]' '{"accessToken": 1}' \
	    '{"accessToken": "very-secret", "expiresAt": "soon"}'; do
		aws_file "$WORK" <<<"$text"
		whoami --profile corp
		assert_refused "there is no token in $HOME/.aws/$WORK
rs-whoami: hint: run: aws sso login --profile 'corp'$"
		[[ $stderr != *very-secret* ]]
	done
}

@test "a configuration with something missing says what" {
	for key in sso_region sso_start_url sso_account_id sso_role_name; do
		sed "/^$key/d" "$HOME/.aws/config" >"$BATS_TEST_TMPDIR/config"
		AWS_CONFIG_FILE=$BATS_TEST_TMPDIR/config whoami --profile corp
		assert_status 4
		assert_err_like "through SSO: '$key' is missing$"
	done
	sed -i 's/sso_session = work/sso_session = gone/' "$HOME/.aws/config"
	whoami --profile corp
	assert_refused "there is no \[sso-session gone\] in $HOME/.aws/config$"
}

@test "a profile and its sso-session that disagree are an error" {
	sed -i '2i sso_region = eu-west-1' "$HOME/.aws/config"
	whoami --profile corp
	assert_refused "'sso_region' is 'eu-west-1' in the profile, but 'us-east-1' in \[sso-session work\]$"
}

@test "a role upon SSO: the portal's credentials sign for it" {
	cat >>"$HOME/.aws/config" <<-'END'
		[profile deep]
		role_arn = arn:aws:iam::444455556666:role/deep
		source_profile = corp
	END
	aws_file "$WORK" <<-END
		{"accessToken": "good-token", "expiresAt": "$(in_seconds 7200)"}
	END
	whoami --profile deep
	assert_status 0
	assert_jq '.[0].credential_source[0] == "sso '\''corp'\'' 123123123123/Admin"'
	assert_requests 'map(.name) == ["/federation/credentials", "AssumeRole"] and
	    .[1].headers["x-amz-security-token"] == "token-" + .[1].signer'
}

@test "--debug: shows neither token, nor client secret, nor keys" {
	renewable good-old "$(in_seconds 600)" "$(in_seconds 90000)"
	run --separate-stderr rs-whoami --debug --profile corp
	assert_status 0
	assert_err_like '/federation/credentials'
	for secret in good-old good-renewed good-refresh client-secret \
	    secret-ASIA token-ASIA; do
		[[ $stderr$output != *$secret* ]] || fail_run "$secret is shown"
	done
}
