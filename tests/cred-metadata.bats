#!/usr/bin/env bats
# Credentials of a container and of an instance, from the services beside them.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/identity

setup_file() {
	identity_start
	"${CC:-cc}" -shared -fPIC -D_GNU_SOURCE -O1 -o "$IDENTITY_DIR/linklocal.so" \
	    "$RS_ROOT/tests/helpers/linklocal.c" -ldl
}
teardown_file() { identity_stop; }

setup() {
	identity_reset
	unset AWS_EC2_METADATA_DISABLED
	# Proxies are for AWS, not for these.
	export HTTP_PROXY=http://127.0.0.1:9 http_proxy=http://127.0.0.1:9
	NO_SUCH=http://127.0.0.1:9
}

whoami() {
	run --separate-stderr rs-whoami --no-call "$@"
}

# The same with link-local addresses that lead to the server.
whoami_linklocal() {
	unset AWS_EC2_METADATA_SERVICE_ENDPOINT
	run --separate-stderr env LD_PRELOAD="$IDENTITY_DIR/linklocal.so" \
	    LINKLOCAL_PORT="${IDENTITY_URL##*:}" \
	    LINKLOCAL_LOG="$BATS_TEST_TMPDIR/linklocal" \
	    rs-whoami --no-call
}

assert_refused() {
	assert_status 4
	assert_jq '. == [{kind: "end", tool: "rs-whoami", count: 0, complete: false}]'
	assert_err_like "^rs-whoami: $1"
}

# Nothing was found; the instance's part of the message.
assert_nothing() {
	assert_refused "no credentials: AWS_ACCESS_KEY_ID is not set, profile 'default' has none, this is no container, and the metadata service of an instance: $1
rs-whoami: hint: "
}

assert_source() {
	assert_status 0
	assert_err ''
	assert_records
	assert_jq '.[0].credential_source == [$source] and
	    (.[0].access_key_id | startswith("ASIA"))' --arg source "$1"
}

# --- instance --------------------------------------------------------------

@test "instance: a session token first, then the role, then its credentials" {
	whoami
	assert_source "iam-role 'instance-role'"
	assert_jq '.[0].expires_at | fromdateiso8601 > now + 3500'
	assert_requests 'map([.method, .path]) == [["PUT", "/latest/api/token"],
	    ["GET", "/latest/meta-data/iam/security-credentials/"],
	    ["GET", "/latest/meta-data/iam/security-credentials/instance-role"]] and
	    .[0].headers["x-aws-ec2-metadata-token-ttl-seconds"] == "21600" and
	    all(.[1:][]; .headers["x-aws-ec2-metadata-token"] == "imds-session-token")'
}

@test "instance: its address is 169.254.169.254, or the IPv6 one when that is asked for" {
	whoami_linklocal
	assert_source "iam-role 'instance-role'"
	[ "$(sort -u "$BATS_TEST_TMPDIR/linklocal")" = 169.254.169.254 ]
	rm "$BATS_TEST_TMPDIR/linklocal"
	export AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv6
	whoami_linklocal
	assert_source "iam-role 'instance-role'"
	[ "$(sort -u "$BATS_TEST_TMPDIR/linklocal")" = fd00:ec2::254 ]
}

@test "instance: endpoint and mode may stand in the profile; a wrong mode is an error" {
	url=$AWS_EC2_METADATA_SERVICE_ENDPOINT
	unset AWS_EC2_METADATA_SERVICE_ENDPOINT
	aws_file config <<-END
		[default]
		ec2_metadata_service_endpoint = $url/
		ec2_metadata_service_endpoint_mode = ipv6
	END
	whoami
	assert_source "iam-role 'instance-role'"
	AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv5 whoami
	assert_refused "instance metadata: AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE .*'IPv5' is neither IPv4 nor IPv6"
}

@test "instance: silence means that this is none" {
	AWS_EC2_METADATA_SERVICE_ENDPOINT=$NO_SUCH whoami
	assert_nothing 'http://127\.0\.0\.1:9: .*'
}

@test "instance: switched off, it is not asked" {
	for value in true TRUE; do
		AWS_EC2_METADATA_DISABLED=$value whoami
		assert_nothing 'AWS_EC2_METADATA_DISABLED is set'
	done
	assert_requests 'length == 0'
	AWS_EC2_METADATA_DISABLED=no whoami
	assert_source "iam-role 'instance-role'"
}

@test "instance: without a session token it is asked no more, unless the user allows" {
	for code in 403 404 405 500; do
		identity_script '[{"on": "/latest/api/token", "status": '$code'}]'
		whoami
		assert_nothing "no session token \(HTTP $code\)"
	done
	assert_requests 'all(.path == "/latest/api/token")'
	identity_script '[{"on": "/latest/api/token", "status": 403}]'
	AWS_EC2_METADATA_V1_DISABLED=true whoami
	assert_nothing 'no session token \(HTTP 403\)'
	AWS_EC2_METADATA_V1_DISABLED=false whoami
	assert_source "iam-role 'instance-role'"
	assert_requests '.[-1].headers | has("x-aws-ec2-metadata-token") | not'
	aws_file config <<-'END'
		[default]
		ec2_metadata_v1_disabled = false
	END
	whoami
	assert_source "iam-role 'instance-role'"
	identity_script '[{"on": "/latest/api/token", "status": 400}]'
	whoami
	assert_nothing 'no session token \(HTTP 400\)'
}

@test "instance: no role, an error in place of keys, or garbage say so" {
	path=/latest/meta-data/iam/security-credentials/
	identity_script '[{"on": "'$path'", "status": 404}]'
	whoami
	assert_nothing 'this instance has no role \(HTTP 404\)'
	identity_script '[{"on": "'$path'instance-role", "body": {"Code": "AssumeRoleUnauthorizedAccess", "Message": "EC2 cannot assume the role"}}]'
	whoami
	assert_nothing 'AssumeRoleUnauthorizedAccess: EC2 cannot assume the role'
	identity_script '[{"on": "'$path'instance-role", "body": "<html>"}]'
	whoami
	assert_nothing 'not a JSON object'
	for name in a/b ../x 'a b' 'a?b' '%2e' $'\t'; do
		identity_script "$(jq -nc --arg on $path --arg body "$name" '[{$on, $body}]')"
		whoami
		assert_nothing 'the name of the role is garbled'
	done
	identity_script '[{"on": "'$path'instance-role", "body": {"AccessKeyId": "A", "SecretAccessKey": "s", "Token": "t"}}]'
	whoami
	assert_nothing "no 'Expiration'"
}

@test "instance: a token that cannot be a header is not used as one" {
	identity_script '[{"on": "/latest/api/token", "body": "abc\r\nX-Evil: 1"}]'
	whoami
	assert_nothing 'no session token \(HTTP 200\)'
	assert_requests 'length == 1'
}

@test "instance: asked again after a failure as often as the user says" {
	identity_script '[{"on": "/latest/api/token", "status": 500, "count": 2}]'
	AWS_METADATA_SERVICE_NUM_ATTEMPTS=3 whoami
	assert_source "iam-role 'instance-role'"
	aws_file config <<-'END'
		[default]
		metadata_service_num_attempts = 2
	END
	identity_script '[{"on": "/latest/api/token", "status": 503, "count": 2}]'
	whoami
	assert_nothing 'no session token \(HTTP 503\)'
	for value in 0 -1 x 1.5; do
		AWS_METADATA_SERVICE_NUM_ATTEMPTS=$value whoami
		assert_refused "instance metadata: AWS_METADATA_SERVICE_NUM_ATTEMPTS .*'$value' is not a whole number above 0"
	done
}

@test "instance: a service that hangs is given up after the timeout" {
	identity_script '[{"on": "/latest/api/token", "hang": true}]'
	began=$SECONDS
	whoami
	assert_nothing '.*no answer in time'
	[ $((SECONDS - began)) -lt 10 ]
}

@test "instance: credentials that end soon or have ended are used for a while yet" {
	for left in 60 -60; do
		identity_script '[{"on": "/latest/meta-data/iam/security-credentials/instance-role", "expires_in": '$left'}]'
		whoami
		assert_source "iam-role 'instance-role'"
		assert_jq '.[0].expires_at | fromdateiso8601 |
		    . > now + 17 * 60 - 10 and . < now + 25 * 60 + 10'
	done
}

@test "instance: as the source of a role; without a role of its own that fails" {
	unset HTTP_PROXY http_proxy
	aws_file config <<-'END'
		[profile r]
		role_arn = arn:aws:iam::444455556666:role/up
		credential_source = Ec2InstanceMetadata
	END
	whoami --profile r
	assert_status 0
	assert_jq '.[0].credential_source[0] == "iam-role '\''instance-role'\''"'
	AWS_EC2_METADATA_DISABLED=true whoami --profile r
	assert_refused "profile 'r' \(.*/config:3\): credential_source: 'Ec2InstanceMetadata' has no credentials"
}

# --- container -------------------------------------------------------------

@test "container: a full URL is asked with the token" {
	export AWS_CONTAINER_CREDENTIALS_FULL_URI=$IDENTITY_URL/container/1
	export AWS_CONTAINER_AUTHORIZATION_TOKEN='Basic abc'
	whoami
	assert_source container-role
	assert_requests 'length == 1 and .[0].headers.authorization == "Basic abc" and
	    .[0].headers.accept == "application/json"'
	unset AWS_CONTAINER_AUTHORIZATION_TOKEN
	whoami
	assert_source container-role
	assert_requests '.[1].headers | has("authorization") | not'
}

@test "container: the token file wins over the token and is read as it is" {
	export AWS_CONTAINER_CREDENTIALS_FULL_URI=$IDENTITY_URL/container
	export AWS_CONTAINER_AUTHORIZATION_TOKEN=older
	export AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=$BATS_TEST_TMPDIR/token
	printf 'from-file' >"$BATS_TEST_TMPDIR/token"
	whoami
	assert_source container-role
	assert_requests '.[0].headers.authorization == "from-file"'
	printf 'from-file\nX-Evil: 1' >"$BATS_TEST_TMPDIR/token"
	whoami
	assert_refused "AWS_CONTAINER_CREDENTIALS_FULL_URI: the authorization token in $BATS_TEST_TMPDIR/token holds a line break or a NUL byte$"
	rm "$BATS_TEST_TMPDIR/token"
	whoami
	assert_refused "AWS_CONTAINER_CREDENTIALS_FULL_URI: AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: there is no such file: $BATS_TEST_TMPDIR/token$"
	assert_requests 'length == 1'
}

@test "container: a relative path is one of 169.254.170.2, and goes before a full URL" {
	export AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/container/task
	export AWS_CONTAINER_CREDENTIALS_FULL_URI=$NO_SUCH/
	whoami_linklocal
	assert_source container-role
	[ "$(<"$BATS_TEST_TMPDIR/linklocal")" = 169.254.170.2 ]
	assert_requests 'map(.path) == ["/container/task"]'
	for path in @evil.example/x .evil.example/x container; do
		AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=$path whoami_linklocal
		assert_refused "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '$path' does not begin with '/'$"
	done
}

@test "container: the addresses of ECS and EKS are asked without TLS" {
	for host in 169.254.170.2 169.254.170.23 '[fd00:ec2::23]'; do
		rm -f "$BATS_TEST_TMPDIR/linklocal"
		AWS_CONTAINER_CREDENTIALS_FULL_URI=http://$host/container whoami_linklocal
		assert_source container-role
		[ "[$(<"$BATS_TEST_TMPDIR/linklocal")]" = "[$(tr -d '[]' <<<"$host")]" ]
	done
}

@test "container: of this machine every name will do" {
	for host in 127.0.0.1 localhost 127.1 127.255.0.1; do
		AWS_CONTAINER_CREDENTIALS_FULL_URI=http://$host:${IDENTITY_URL##*:}/container whoami
		case $host in
		127.255.*) assert_status 5 ;;	# allowed, but nobody is there
		*) assert_source container-role ;;
		esac
		[[ $stderr != *'without https'* ]]
	done
}

@test "container: nobody else is asked without TLS, however the URL is dressed" {
	port=${IDENTITY_URL##*:}
	while read -r url host; do
		AWS_CONTAINER_CREDENTIALS_FULL_URI=$url whoami
		assert_refused "AWS_CONTAINER_CREDENTIALS_FULL_URI: host '$host': without https only a loopback address"
	done <<-END
		http://192.0.2.1/x 192\.0\.2\.1
		http://169.254.169.254/x 169\.254\.169\.254
		http://127.0.0.1.evil.example/x 127\.0\.0\.1\.evil\.example
		http://localhost.evil.example/x localhost\.evil\.example
		http://localhost@192.0.2.1/x 192\.0\.2\.1
		http://127.0.0.1:$port@192.0.2.1/x 192\.0\.2\.1
		http://192.0.2.1#@localhost/ 192\.0\.2\.1
		http://[::ffff:192.0.2.1]/x \[.*\]
		http://[fd00:ec2::24]/x \[fd00:ec2::24\]
		ftp://localhost/x localhost
	END
	for url in localhost 'http://' 'http://local host/'; do
		AWS_CONTAINER_CREDENTIALS_FULL_URI=$url whoami
		assert_status 4
		assert_err_like '^rs-whoami: AWS_CONTAINER_CREDENTIALS_FULL_URI: '
	done
	assert_requests 'length == 0'
}

@test "container: a redirect is not followed" {
	identity_script '[{"on": "/container", "status": 302, "body": "",
	    "headers": {"location": "'"$IDENTITY_URL"'/container/2"}}]'
	export AWS_CONTAINER_CREDENTIALS_FULL_URI=$IDENTITY_URL/container
	AWS_CONTAINER_AUTHORIZATION_TOKEN=secret-token whoami
	assert_refused 'AWS_CONTAINER_CREDENTIALS_FULL_URI: it refuses \(HTTP 302\)$'
	assert_requests 'all(.path == "/container")'
}

@test "container: a refusal ends the search, without a second try" {
	identity_script '[{"on": "/container", "status": 403, "body": "no"}]'
	export AWS_CONTAINER_CREDENTIALS_FULL_URI=$IDENTITY_URL/container
	whoami
	assert_refused 'AWS_CONTAINER_CREDENTIALS_FULL_URI: it refuses \(HTTP 403\)$'
	assert_requests 'length == 1'
}

@test "container: a service in trouble is asked again" {
	identity_script '[{"on": "/container", "status": 500, "body": "no", "count": 1}]'
	export AWS_CONTAINER_CREDENTIALS_FULL_URI=$IDENTITY_URL/container
	whoami
	assert_source container-role
	assert_requests 'length == 2'
}

@test "container: an answer with something missing is an error that names it" {
	export AWS_CONTAINER_CREDENTIALS_FULL_URI=$IDENTITY_URL/container
	for member in AccessKeyId SecretAccessKey Token Expiration; do
		identity_script "$(jq -nc --arg gone $member --arg until "$(in_seconds 900)" '
		    {AccessKeyId: "A", SecretAccessKey: "container-secret", Token: "t",
		     Expiration: $until} | del(.[$gone]) | [{on: "/container", body: .}]')"
		whoami
		assert_refused "AWS_CONTAINER_CREDENTIALS_FULL_URI: its answer: no '$member'$"
		[[ $stderr != *container-secret* ]]
	done
	assert_requests 'length == 4'
}

@test "--debug: shows neither the tokens nor the keys of a service" {
	unset HTTP_PROXY http_proxy
	run --separate-stderr rs-whoami --debug
	assert_status 0
	assert_err_like 'security-credentials'
	for secret in imds-session-token secret-ASIA token-ASIA; do
		[[ $stderr$output != *$secret* ]] || fail_run "$secret is shown"
	done
	export AWS_CONTAINER_CREDENTIALS_FULL_URI=$IDENTITY_URL/container
	AWS_CONTAINER_AUTHORIZATION_TOKEN=container-token \
	    run --separate-stderr rs-whoami --debug
	assert_status 0
	for secret in container-token secret-ASIA token-ASIA; do
		[[ $stderr$output != *$secret* ]] || fail_run "$secret is shown"
	done
}
