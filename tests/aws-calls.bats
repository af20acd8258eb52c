#!/usr/bin/env bats
# Calls against a server that misbehaves: retries, pages, time, hostile answers.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/hostile

setup_file() { hostile_start; }
setup() { hostile_reset; }
teardown_file() { hostile_stop; }

RS=REDSHIFT_SERVERLESS

# One call failed with this message (a jq expression on the failure), at most
# three attempts were made.
assert_failure() {
	assert_status 0
	assert_err ''
	assert_jq ".[0].calls | length == 1 and (.[0] | $1)"
}

# The same seen by a user: one or two lines, a status, nothing on stdout but
# records, and no "end" that claims to be complete.
assert_tool_fails() { # status
	assert_status "$1"
	[[ $output != *'"complete":true'* ]] || fail_run "it says complete"
	[ "$(printf '%s\n' "$stderr" | wc -l)" -le 2 ] ||
	    fail_run "more than two lines"
	[[ $stderr == rs-endpoint-ips:* ]] || fail_run "not the tool's words"
	[[ ! $stderr =~ [[:cntrl:]] || $stderr == *$'\n'rs-endpoint-ips:\ hint:* ]] ||
	    fail_run "a control byte on the terminal"
}

# ---- retries ----

@test "throttled: a second attempt after the pause the server asks for" {
	call throttle_once "$RS" ListWorkgroups
	assert_jq '.[0].calls[0].reply.ok'
	assert_arrived 'length == 2'
	assert_arrived '.[0].headers["amz-sdk-request"] == "attempt=1; max=3" and
	    .[1].headers["amz-sdk-request"] == "attempt=2; max=3"'
	assert_arrived '.[0].headers["amz-sdk-invocation-id"] ==
	    .[1].headers["amz-sdk-invocation-id"]'
}

@test "two calls have two invocation ids, and share one connection" {
	call caller STS GetCallerIdentity 'protocol: "query"' 'times: 2'
	assert_jq '.[0].calls | length == 2 and all(has("reply"))'
	assert_arrived 'length == 2 and ([.[].port] | unique | length == 1) and
	    ([.[].headers["amz-sdk-invocation-id"]] | unique | length == 2)'
}

@test "unavailable: three attempts, then the last error; the quota has paid" {
	call unavailable "$RS" ListWorkgroups
	assert_failure '.error == "ServiceUnavailable: later" and
	    .http == 503 and .kind == 5 and .quota == 472'
	assert_arrived 'length == 3'
}

@test "DynamoDB: four attempts" {
	call unavailable DYNAMODB GetItem
	assert_failure '.http == 503'
	assert_arrived 'length == 4'
}

@test "AWS_MAX_ATTEMPTS and max_attempts decide, and the variable wins" {
	AWS_MAX_ATTEMPTS=1 call unavailable "$RS" ListWorkgroups
	assert_arrived 'length == 1'
	printf '[default]\nmax_attempts = 2\n' >"$BATS_TEST_TMPDIR/config"
	export AWS_CONFIG_FILE=$BATS_TEST_TMPDIR/config
	call unavailable "$RS" ListWorkgroups
	assert_arrived 'length == 3'
	AWS_MAX_ATTEMPTS=1 call unavailable "$RS" ListWorkgroups
	assert_arrived 'length == 4'
}

@test "nonsense in the retry settings is refused" {
	AWS_MAX_ATTEMPTS=many call empty "$RS" ListWorkgroups
	assert_jq ".[0].error == \"AWS_MAX_ATTEMPTS: 'many' is not a number from 1 to 100\""
	AWS_RETRY_MODE=often call empty "$RS" ListWorkgroups
	assert_jq ".[0].error == \"AWS_RETRY_MODE: 'often' is not one of standard, adaptive, legacy\""
	for mode in standard adaptive legacy Standard; do
		AWS_RETRY_MODE=$mode call empty "$RS" ListWorkgroups
		assert_jq '.[0].calls[0].reply == {}'
	done
	AWS_USE_FIPS_ENDPOINT=yes call empty "$RS" ListWorkgroups
	assert_jq ".[0].error == \"AWS_USE_FIPS_ENDPOINT: 'yes' is neither true nor false\""
}

@test "a call that may have happened is not made twice" {
	for mode in cut reset silent internal; do
		: >"$HOSTILE_DIR/log"
		call "$mode" "$RS" CreateWorkgroup 'body: {a: 1}'
		assert_failure '.kind == 5 and .hint == "CreateWorkgroup may have happened all the same: look before you try again"'
		assert_arrived 'length == 1'
	done
}

@test "it is made twice when it carries a token, or when nothing was done" {
	call cut REDSHIFT_DATA ExecuteStatement 'body: {ClientToken: "t"}'
	assert_failure '.kind == 5 and .hint == ""'
	assert_arrived 'length == 3'
	: >"$HOSTILE_DIR/log"
	call throttle "$RS" CreateWorkgroup 'deadline: 3'
	assert_arrived 'length > 1'
	: >"$HOSTILE_DIR/log"
	call cut REDSHIFT CreateIntegration 'protocol: "query"' \
	    'form: [["ClientToken", "t"]]'
	assert_arrived 'length == 3'
}

@test "a kept connection that dies: read calls go on, others are not repeated" {
	call second_dropped "$RS" ListWorkgroups 'times: 2'
	assert_jq '.[0].calls | all(has("reply"))'
	: >"$HOSTILE_DIR/log"
	call second_dropped "$RS" CreateWorkgroup 'times: 2' 'body: {a: 1}'
	assert_jq '.[0].calls[0].reply == {} and (.[0].calls[1] | has("error"))'
	assert_arrived 'length == 2'
}

@test "expired credentials are found anew once" {
	call expired_once DYNAMODB GetItem
	assert_jq '.[0].calls[0].reply.ok'
	assert_arrived 'length == 2'
	: >"$HOSTILE_DIR/log"
	call expired DYNAMODB GetItem
	assert_failure '.code == "ExpiredTokenException" and .kind == 4 and
	    (.hint | contains("rs-whoami"))'
	assert_arrived 'length == 2'
}

@test "a wrong clock is corrected once, for the whole session" {
	call skew "$RS" ListWorkgroups 'times: 2'
	assert_jq '.[0].calls | length == 2 and all(.reply.ok)'
	assert_arrived 'length == 3'
}

@test "DynamoDB's checksum: a damaged answer is fetched again, or refused" {
	call crc_once DYNAMODB GetItem
	assert_jq '.[0].calls[0].reply == {Item: {}}'
	assert_arrived 'length == 2'
	: >"$HOSTILE_DIR/log"
	call crc DYNAMODB UpdateItem
	assert_failure '.error == "the answer is damaged: its checksum is wrong" and (.hint | startswith("UpdateItem may"))'
	assert_arrived 'length == 1'
}

# ---- time ----

@test "the deadline ends a silent answer" {
	call silent "$RS" ListWorkgroups 'deadline: 0.2' 'read_timeout: 60'
	assert_failure '.kind == 3'
	assert_jq '.[0].elapsed < 2'
}

@test "no time left for the pause a server asks for: said at once" {
	call unavailable_hint "$RS" ListWorkgroups 'deadline: 4.5'
	assert_failure '.kind == 3 and .code == "ServiceUnavailable" and
	    .error == "no time left for attempt 2: ServiceUnavailable: later"'
	assert_jq '.[0].elapsed < 2'
	assert_arrived 'length == 1'
}

@test "a signal ends a call at once" {
	hostile silent
	jq -nc '{do: "call", service: "STS", protocol: "query",
	    op: "GetCallerIdentity"}' >"$BATS_TEST_TMPDIR/in"
	"$RS_BUILD/unit/drive_aws" <"$BATS_TEST_TMPDIR/in" \
	    >"$BATS_TEST_TMPDIR/out" 3>&- &
	pid=$!
	wait_until grep -q silent "$HOSTILE_DIR/log"
	SECONDS=0
	kill -TERM "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 143 ]
	[ "$SECONDS" -le 2 ]
	jq -e '.calls[0].kind == 10' "$BATS_TEST_TMPDIR/out"
}

# ---- pages ----

@test "pages: all of them, in order" {
	call pages "$RS" ListWorkgroups 'pages: true' 'body: {}'
	assert_jq '[.[0].calls[0].reply[].items[]] == [0, 1, 2, 3]'
}

@test "pages: the same token twice, and a page that fails, are errors" {
	call pages_stuck "$RS" ListWorkgroups 'pages: true' 'body: {}'
	assert_failure '.error == "the same page came twice"'
	call pages_broken "$RS" ListWorkgroups 'pages: true' 'body: {}'
	assert_failure '.error == "AccessDeniedException: not allowed" and
	    .kind == 4 and .request_id == "r-1"'
}

@test "pages of a Query answer: the marker goes back encoded" {
	call xml_pages REDSHIFT DescribeThings 'protocol: "query"' \
	    'pages: true' 'in: "Marker"' 'out: "Marker"'
	assert_jq '[.[0].calls[0].reply[][0][1]] == ["1", "2"]'
	assert_arrived '.[1].body == "Action=DescribeThings&Version=2012-12-01&Marker=m%202%2F%26"'
}

# ---- what a user sees of a hostile server ----

@test "answers that are none: one clean line, status 5" {
	for mode in list garbage nested binary reset cut utf8 control long \
	    redirect; do
		hostile "$mode"
		run --separate-stderr rs-endpoint-ips consumer-1 </dev/null
		assert_tool_fails 5
	done
}

@test "answers without end: one clean line, status 5, little memory" {
	local limit=600000

	[ -z "${RS_SANITIZED-}" ] || limit=unlimited	# ASan reserves terabytes
	for mode in headers interim longline huge chunks gzip loris drip; do
		hostile "$mode"
		run --separate-stderr bash -c "ulimit -v $limit
		    exec rs-endpoint-ips --read-timeout 0.4 consumer-1 </dev/null"
		assert_tool_fails 5
	done
}

@test "a proxy's page in place of AWS is told apart" {
	hostile html
	run --separate-stderr rs-endpoint-ips consumer-1 </dev/null
	assert_status 4
	assert_err_like 'HTTP 403 without an error of AWS in it'
	assert_err_like 'hint: check the endpoint and the proxy'
}

@test "XML: entities, depth and strange roots are refused" {
	call laughs STS GetCallerIdentity 'protocol: "query"'
	assert_failure '.error == "unreadable XML in line 1: it has a document type"'
	call deep STS GetCallerIdentity 'protocol: "query"'
	assert_failure '.error == "unreadable XML in line 1: too many or too deep elements"'
	call other_xml STS GetCallerIdentity 'protocol: "query"'
	assert_failure '.error == "the answer is not one to GetCallerIdentity"'
}

@test "a redirect is not followed, and no credentials reach its target" {
	call redirect "$RS" ListWorkgroups
	assert_failure '.error == "redirected, which AWS never does" and
	    .http == 307'
	assert_arrived 'length == 1 and .[0].mode == "redirect"'
}

@test "an unreadable answer does not quote its secrets" {
	call garbage SECRETS_MANAGER GetSecretValue
	assert_failure '.error | test("^unreadable JSON in the answer, line 1")'
	[[ $output != *hunter2* ]]
}

@test "--debug: requests and answers without a secret in them" {
	export AWS_SESSION_TOKEN=hunter2 AWS_SECRET_ACCESS_KEY=hunter2
	DRIVE_DEBUG=1 call echo "$RS" ListWorkgroups \
	    'body: {password: "hunter2", "master_user_password": "hunter2"}'
	[[ $stderr != *hunter2* ]] || fail_run "a secret"
	assert_err_like 'authorization: \*\*\*'
	assert_err_like 'x-amz-security-token: \*\*\*'
	assert_err_like '"password":"\*\*\*"'
	assert_err_like '"plain": "shown"'
	assert_err_like 'AKIASHOWN'
	DRIVE_DEBUG=1 call echo SECRETS_MANAGER GetSecretValue
	assert_err_like 'bytes, not shown'
	[[ $stderr != *shown\"* && $stderr != *hunter2* ]] ||
	    fail_run "the body of a secret call"
}

@test "paths: an endpoint below a prefix, an ARN as a label, a query" {
	call empty/base KAFKA DescribeClusterV2 'protocol: "rest"' \
	    'method: "GET"' 'path: "/api/v2/clusters/arn%3Aaws%3Akafka%2Fx"' \
	    'form: [["a b", "c&d"]]'
	assert_jq '.[0].calls[0].reply == {}'
	assert_arrived '.[0] | .method == "GET" and .target ==
	    "/empty/base/api/v2/clusters/arn%3Aaws%3Akafka%2Fx?a%20b=c%26d"'
}

@test "the User-Agent has the SDKs' form, with a clean application id" {
	AWS_SDK_UA_APP_ID='my (app)' call empty "$RS" ListWorkgroups
	assert_arrived '.[0].headers["user-agent"] | test("^drive_aws/[0-9.]+ ua/2.1 os/linux#[^ ]+ md/arch#[^ ]+ lang/c#11 md/libcurl#[^ ]+ cfg/retry-mode#standard app/my--app-$")'
}

# ---- memory ----

@test "when a session ends, no key, token or secret is left in memory" {
	[ -z "${RS_SANITIZED-}" ] || return 0	# what they free, they keep
	printf '[default]\naws_access_key_id = AKIDFILE\naws_secret_access_key = %s\naws_session_token = %s\n' \
	    secret-key-0123456789 session-token-0123456789 \
	    >"$BATS_TEST_TMPDIR/credentials"
	unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
	export AWS_SHARED_CREDENTIALS_FILE=$BATS_TEST_TMPDIR/credentials
	export CONTROL=control-0123456789
	hostile secrets
	run --separate-stderr "$RS_BUILD/unit/drive_aws" <<-END
	{"do": "call", "service": "SECRETS_MANAGER", "op": "GetSecretValue", "quiet": true, "times": 2}
	{"do": "scan", "reversed": "9876543210-lortnoc"}
	{"do": "scan", "reversed": "9876543210-yek-terces"}
	{"do": "scan", "reversed": "9876543210-nekot-noisses"}
	{"do": "scan", "reversed": "droooooooooooooooooooowsw"}
	END
	assert_status 0
	assert_jq '.[0].calls | all(has("error") | not)'
	assert_jq '.[1].found != {}'
	assert_jq '.[2:5] | map(.found) == [{}, {}, {}]'
	assert_arrived 'length == 2 and
	    .[0].headers["x-amz-security-token"] == "session-token-0123456789"'
}
