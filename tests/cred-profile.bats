#!/usr/bin/env bats
# Credentials from the environment, from files, by roles and web identity.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/identity

setup_file() { identity_start; }
setup() { identity_reset; }
teardown_file() { identity_stop; }

ARN=arn:aws:iam::444455556666:role/admin

whoami() {
	run --separate-stderr rs-whoami --no-call "$@"
}

# It failed with this one line, and perhaps a hint, and no identity.
assert_refused() { # regular expression after "rs-whoami: "
	assert_status 4
	assert_jq '. == [{kind: "end", tool: "rs-whoami", count: 0, complete: false}]'
	assert_err_like "^rs-whoami: $1"
}

assert_key() { # access key, source ...
	assert_status 0
	assert_jq '[.[0].access_key_id] + .[0].credential_source == $all' \
	    --argjson all "$(jq -nc '$ARGS.positional' --args "$@")"
	assert_records
}

base() {
	aws_file credentials <<-END
		[base]
		aws_access_key_id = AKIABASE
		aws_secret_access_key = base-secret
	END
}

# Profile r, a role with these keys as its source.
role_upon_base() {
	base
	aws_file config <<-END
		[profile r]
		role_arn = $ARN
		source_profile = base
	END
}

@test "environment: the keys win over AWS_PROFILE, --profile wins over the keys" {
	base
	export AWS_ACCESS_KEY_ID=AKIAENV AWS_SECRET_ACCESS_KEY=env-secret
	AWS_PROFILE=base whoami
	assert_key AKIAENV env
	assert_err ''
	whoami --profile base
	assert_key AKIABASE "shared-credentials-file 'base'"
	assert_err ''
}

@test "environment: a session token signs as well; AWS_SECURITY_TOKEN is the older name" {
	export AWS_ACCESS_KEY_ID=AKIAENV AWS_SECRET_ACCESS_KEY=env-secret
	for token in AWS_SESSION_TOKEN AWS_SECURITY_TOKEN; do
		run --separate-stderr env $token=the-token rs-whoami
		assert_status 0
		assert_err ''
		assert_requests '.[-1].headers["x-amz-security-token"] == "the-token"'
	done
}

@test "environment: half of a pair is an error, an empty pair is none" {
	base
	AWS_ACCESS_KEY_ID=AKIAENV whoami
	assert_refused 'AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not'
	AWS_ACCESS_KEY_ID='' AWS_SECRET_ACCESS_KEY='' AWS_PROFILE=base whoami
	assert_key AKIABASE "shared-credentials-file 'base'"
}

@test "environment: keys with an end are used until then, and not after" {
	export AWS_ACCESS_KEY_ID=AKIAENV AWS_SECRET_ACCESS_KEY=env-secret
	AWS_CREDENTIAL_EXPIRATION=$(in_seconds 300) whoami
	assert_key AKIAENV env
	AWS_CREDENTIAL_EXPIRATION=2020-02-03T04:05:06Z whoami
	assert_refused 'env: these credentials expired at 2020-02-03T04:05:06Z$'
	AWS_CREDENTIAL_EXPIRATION=tomorrow whoami
	assert_refused "AWS_CREDENTIAL_EXPIRATION: 'tomorrow' is not a time"
}

@test "environment: a key that cannot be a header is refused, not sent" {
	export AWS_SECRET_ACCESS_KEY=env-secret
	for key in $'AKIA\nX-Evil: 1' 'AKIA ENV' $'AKIA\xc3\xa4'; do
		run --separate-stderr env AWS_ACCESS_KEY_ID="$key" rs-whoami
		assert_refused 'env: the access key holds a blank, a control byte'
		run --separate-stderr env AWS_ACCESS_KEY_ID=AKIAENV \
		    AWS_SESSION_TOKEN="$key" rs-whoami
		assert_refused 'env: the session token holds a blank, a control byte'
	done
	assert_requests 'length == 0'
}

@test "files: the credentials file comes before the configuration file" {
	aws_file config <<-'END'
		[profile p]
		aws_access_key_id = AKIACONFIG
		aws_secret_access_key = s
	END
	whoami --profile p
	assert_key AKIACONFIG "config-file 'p'"
	aws_file credentials <<-'END'
		[p]
		aws_access_key_id = AKIACRED
		aws_secret_access_key = s
	END
	whoami --profile p
	assert_key AKIACRED "shared-credentials-file 'p'"
}

@test "files: a pair is never put together from two files" {
	aws_file config <<-'END'
		[profile p]
		aws_secret_access_key = s
	END
	aws_file credentials <<-'END'
		[p]
		aws_access_key_id = AKIACRED
	END
	whoami --profile p
	assert_refused "$HOME/.aws/credentials: profile 'p': 'aws_secret_access_key' is missing or empty
rs-whoami: hint: both keys must stand in the same file"
}

@test "files: empty keys are an error, whoever would be next" {
	for key in aws_access_key_id aws_secret_access_key; do
		aws_file credentials <<-'END'
			[default]
			aws_access_key_id = A
			aws_secret_access_key = S
		END
		sed -i "s/$key.*/$key =/" "$HOME/.aws/credentials"
		whoami
		assert_refused "$HOME/.aws/credentials: profile 'default': '$key' is missing or empty"
	done
}

@test "files: a mistake is told with file and line, and never shows a value" {
	aws_file credentials <<-'END'
		[default]
		aws_access_key_id = A
		my-very-secret-key
	END
	whoami
	assert_refused "$HOME/.aws/credentials:3: neither a \[section\] nor key = value$"
	[[ $stderr != *very-secret* ]]
}

@test "files: one that is there and cannot be read is an error" {
	# A name that is too long cannot be opened, not even by root.
	AWS_SHARED_CREDENTIALS_FILE=/$(printf '%0300d' 0) whoami
	assert_status 4
	assert_err_like '^rs-whoami: cannot read /0*.*: File name too long'
	assert_err_like 'hint: AWS_SHARED_CREDENTIALS_FILE names another file$'
}

@test "files: AWS_CREDENTIAL_FILE and login_session stop the search and say what to do" {
	AWS_CREDENTIAL_FILE=/tmp/x whoami
	assert_refused 'AWS_CREDENTIAL_FILE is set, but the form of that file is not supported'
	aws_file config <<-'END'
		[profile p]
		login_session = arn:aws:iam::1:user/x
	END
	whoami --profile p
	assert_refused "profile 'p' \($HOME/.aws/config:2\): login_session: only the AWS CLI can use these credentials
rs-whoami: hint: run: eval \"\\$\(aws configure export-credentials --profile 'p' --format env\)\"$"
}

@test "role: all parameters reach STS, signed by the source; account and end are known" {
	base
	aws_file config <<-END
		[profile base]
		[profile r]
		role_arn = $ARN
		source_profile = base
		external_id = ex/1
		role_session_name = me@here
		duration_seconds = 3600
	END
	whoami --profile r
	assert_status 0
	assert_err ''
	assert_jq '.[0] | .credential_source == ["shared-credentials-file '\''base'\''",
	    "assume-role '\''\($arn)'\''"] and .account == "444455556666" and
	    (.expires_at | fromdateiso8601 > now + 3500) and
	    (.access_key_id | startswith("ASIA"))' --arg arn "$ARN"
	assert_requests 'length == 1 and .[0].signer == "AKIABASE" and (.[0].body |
	    split("&") | sort == (["Action=AssumeRole", "Version=2011-06-15",
	    "RoleArn=arn%3Aaws%3Aiam%3A%3A444455556666%3Arole%2Fadmin",
	    "ExternalId=ex%2F1", "RoleSessionName=me%40here",
	    "DurationSeconds=3600"] | sort))'
}

@test "role: the credentials of the role sign, with its token" {
	role_upon_base
	run --separate-stderr rs-whoami --profile r
	assert_status 0
	assert_err ''
	assert_requests 'length == 2 and .[1].name == "GetCallerIdentity" and
	    .[1].headers["x-amz-security-token"] == "token-" + .[1].signer'
	assert_requests '.[0].body | test("RoleSessionName=rstools-[0-9]+(&|$)")'
}

@test "role: upon role upon role; each call is signed by the one before" {
	base
	aws_file config <<-'END'
		[profile one]
		role_arn = arn:aws:iam::111111111111:role/one
		source_profile = base
		[profile two]
		role_arn = arn:aws:iam::222222222222:role/two
		source_profile = one
		[profile three]
		role_arn = arn:aws:iam::333333333333:role/three
		source_profile = two
	END
	whoami --profile three
	assert_status 0
	assert_jq '.[0] | .account == "333333333333" and (.credential_source |
	    map(split(" ")[0]) == ["shared-credentials-file", "assume-role",
	    "assume-role", "assume-role"])'
	assert_requests 'map(.body | capture("role%2F(?<r>[a-z]+)").r) ==
	    ["one", "two", "three"] and .[0].signer == "AKIABASE" and
	    (map(.signer) | unique | length == 3)'
}

@test "role: a profile with keys may be its own source" {
	aws_file config <<-END
		[profile self]
		role_arn = $ARN
		source_profile = self
		aws_access_key_id = AKIASELF
		aws_secret_access_key = s
	END
	whoami --profile self
	assert_status 0
	assert_requests 'length == 1 and .[0].signer == "AKIASELF"'
}

@test "role: circles are seen before anybody is asked" {
	aws_file config <<-END
		[profile self]
		role_arn = $ARN
		source_profile = self
		[profile a]
		role_arn = $ARN
		source_profile = b
		[profile b]
		role_arn = $ARN
		source_profile = c
		[profile c]
		role_arn = $ARN
		source_profile = a
	END
	whoami --profile self
	assert_refused "profile 'self' \(.*/config:3\): source_profile: 'self' leads in a circle"
	whoami --profile a
	assert_refused "profile 'c' \(.*/config:12\): source_profile: 'a' leads in a circle"
	assert_requests 'length == 0'
}

@test "role: what is missing or too much is named with profile, file, line and key" {
	base
	aws_file config <<-END
		[profile nosource]
		role_arn = $ARN
		[profile both]
		role_arn = $ARN
		source_profile = base
		credential_source = Environment
		[profile gone]
		role_arn = $ARN
		source_profile = nobody
		[profile moon]
		role_arn = $ARN
		credential_source = Moon
		[profile env]
		role_arn = $ARN
		credential_source = Environment
		[profile empty]
		region = eu-west-1
		[profile onempty]
		role_arn = $ARN
		source_profile = empty
		[profile long]
		role_arn = $ARN
		source_profile = base
		duration_seconds = 1h
	END
	whoami --profile nosource
	assert_refused "profile 'nosource' \($HOME/.aws/config:2\): role_arn: '$ARN' needs a source_profile or a credential_source$"
	whoami --profile both
	assert_refused "profile 'both' \(.*/config:4\): role_arn: .* has a source_profile and a credential_source: it takes one$"
	whoami --profile gone
	assert_refused "profile 'gone' \(.*/config:9\): source_profile: 'nobody' is no profile$"
	whoami --profile moon
	assert_refused "profile 'moon' \(.*/config:12\): credential_source: 'Moon' is no source
rs-whoami: hint: it is Environment, EcsContainer or Ec2InstanceMetadata$"
	whoami --profile env
	assert_refused "profile 'env' \(.*/config:15\): credential_source: 'Environment' has no credentials$"
	whoami --profile onempty
	assert_refused "profile 'onempty' \(.*/config:20\): source_profile: 'empty' has no credentials$"
	whoami --profile long
	assert_refused "profile 'long' \(.*/config:24\): duration_seconds: '1h' is not a number from 900 to 43200$"
	assert_requests 'length == 0'
}

@test "role: credential_source = Environment works with --profile" {
	aws_file config <<-END
		[profile env]
		role_arn = $ARN
		credential_source = Environment
	END
	AWS_ACCESS_KEY_ID=AKIAENV AWS_SECRET_ACCESS_KEY=s whoami --profile env
	assert_status 0
	assert_jq '.[0].credential_source[0] == "env"'
	assert_requests '.[0].signer == "AKIAENV"'
}

@test "role: a refusal of STS is status 4, with the profile, the role and AWS's words" {
	role_upon_base
	identity_script '[{"on": "AssumeRole", "status": 403, "body": "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"}]'
	whoami --profile r
	assert_refused "profile 'r' \($HOME/.aws/config:2\): cannot assume role '$ARN': .*AccessDenied: not you \(HTTP 403, request r-1\)$"
}

@test "role: an answer without credentials is an error" {
	role_upon_base
	identity_script '[{"on": "AssumeRole", "body": "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId></Credentials></AssumeRoleResult></AssumeRoleResponse>"}]'
	whoami --profile r
	assert_status 5
	assert_err_like "cannot assume role '$ARN': .*the answer has no complete credentials"
}

@test "role: --endpoint-url is not for the calls that get credentials" {
	role_upon_base
	whoami --profile r --endpoint-url http://127.0.0.1:9
	assert_status 0
	assert_requests 'length == 1 and .[0].name == "AssumeRole"'
}

# The AWS CLI's cache of this role: its name is the digest of the parameters.
cli_cache() { # expiry
	role_upon_base
	CACHED=$HOME/.aws/cli/cache/$(sha1 "{\"RoleArn\": \"$ARN\"}").json
	aws_file "cli/cache/${CACHED##*/}" <<-END
		{"Credentials": {"AccessKeyId": "ASIACACHED",
		"SecretAccessKey": "s", "SessionToken": "t", "Expiration": "$1"}}
	END
}

@test "role: a session that the AWS CLI keeps is used, and its file left alone" {
	cli_cache "$(in_seconds 3000)"
	before=$(stat -c '%y %i' "$CACHED"; cat "$CACHED")
	whoami --profile r
	assert_key ASIACACHED "assume-role '$ARN' (kept by the AWS CLI)"
	assert_err ''
	assert_requests 'length == 0'
	[ "$(stat -c '%y %i' "$CACHED"; cat "$CACHED")" = "$before" ]
	cli_cache "$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SUTC)"
	whoami --profile r
	assert_jq '.[0].access_key_id == "ASIACACHED"'
}

@test "role: a kept session that ends soon, or is garbled, is as good as none" {
	for content in "$(in_seconds 600)" nonsense; do
		cli_cache "$content"
		whoami --profile r
		assert_status 0
		assert_err ''
		assert_jq '.[0].access_key_id != "ASIACACHED"'
	done
	: >"$CACHED"
	whoami --profile r
	assert_status 0
	[ ! -s "$CACHED" ]
	[ "$(find "$HOME/.aws/cli" -type f | wc -l)" -eq 1 ]
}

mfa_profile() {
	base
	aws_file config <<-END
		[profile mfa]
		role_arn = $ARN
		source_profile = base
		mfa_serial = arn:aws:iam::444455556666:mfa/me
	END
}

# Run at a terminal of its own; when the prompt is there, type a line.
at_terminal() { # line, command ...
	# shellcheck disable=SC2016
	python3 -c '
import os, pty, sys
pid, tty = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
seen = b""
typed = False
while True:
    try:
        chunk = os.read(tty, 4096)
    except OSError:
        break
    if not chunk:
        break
    seen += chunk
    if not typed and b"Enter MFA code" in seen:
        os.write(tty, sys.argv[1].encode() + b"\n")
        typed = True
sys.stdout.write(seen.decode().replace("\r", ""))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
' "$@"
}

@test "role: with MFA the code is asked for on the terminal, not shown, and sent" {
	mfa_profile
	run --separate-stderr at_terminal 123456 \
	    sh -c 'rs-whoami --no-call --profile mfa </dev/null 2>/dev/null'
	assert_status 0
	[ "${lines[0]}" = 'Enter MFA code for arn:aws:iam::444455556666:mfa/me: ' ]
	[ "$(jq -r .kind <<<"${lines[1]}")" = identity ]
	[[ $output != *123456* ]]
	assert_requests '.[0].body | test("TokenCode=123456") and
	    test("SerialNumber=arn%3Aaws%3Aiam%3A%3A444455556666%3Amfa%2Fme")'
}

@test "role: what is no MFA code is not sent" {
	mfa_profile
	for code in 12345 1234567 12345a '' 123456x; do
		run --separate-stderr at_terminal "$code" \
		    rs-whoami --no-call --profile mfa
		assert_status 4
		[[ $output == *'rs-whoami: an MFA code is six digits'* ]]
	done
	assert_requests 'length == 0'
}

@test "role: with MFA and no terminal there is an error and a way out" {
	mfa_profile
	run --separate-stderr setsid -w rs-whoami --no-call --profile mfa
	assert_refused "MFA device 'arn:aws:iam::444455556666:mfa/me': there is no terminal to ask for its code
rs-whoami: hint: run 'aws sts get-caller-identity --profile mfa' at a terminal first"
	assert_requests 'length == 0'
}

@test "web identity: from a profile; the token is sent unsigned and without its newline" {
	printf 'the.web.token\n' >"$BATS_TEST_TMPDIR/token"
	aws_file config <<-END
		[profile w]
		web_identity_token_file = $BATS_TEST_TMPDIR/token
		role_arn = $ARN
		role_session_name = pod
	END
	whoami --profile w
	assert_status 0
	assert_err ''
	assert_jq '.[0].credential_source == ["assume-role-with-web-identity '\''\($arn)'\''"] and
	    .[0].account == "444455556666"' --arg arn "$ARN"
	assert_requests 'length == 1 and .[0].signer == null and
	    (.[0].headers | has("authorization") | not) and (.[0].body |
	    test("WebIdentityToken=the\\.web\\.token(&|$)") and
	    test("RoleSessionName=pod(&|$)"))'
}

@test "web identity: from the environment, unless --profile is given" {
	printf 'the.web.token' >"$BATS_TEST_TMPDIR/token"
	base
	export AWS_WEB_IDENTITY_TOKEN_FILE=$BATS_TEST_TMPDIR/token AWS_ROLE_ARN=$ARN
	whoami
	assert_status 0
	assert_requests '.[0].name == "AssumeRoleWithWebIdentity"'
	whoami --profile base
	assert_key AKIABASE "shared-credentials-file 'base'"
}

@test "web identity: no role, no file, no token are errors that name it" {
	export AWS_WEB_IDENTITY_TOKEN_FILE=$BATS_TEST_TMPDIR/token
	whoami
	assert_refused "web identity token $BATS_TEST_TMPDIR/token: no role to assume: set AWS_ROLE_ARN, or role_arn in profile 'default'$"
	export AWS_ROLE_ARN=$ARN
	whoami
	assert_refused "web identity token: there is no such file: $BATS_TEST_TMPDIR/token$"
	printf ' \n' >"$BATS_TEST_TMPDIR/token"
	whoami
	assert_refused "web identity token: there is no token in $BATS_TEST_TMPDIR/token$"
	assert_requests 'length == 0'
}

@test "--debug: shows no secret of any source" {
	printf 'the.web.token' >"$BATS_TEST_TMPDIR/token"
	base
	aws_file config <<-END
		[profile base]
		[profile r]
		role_arn = $ARN
		source_profile = base
		[profile w]
		web_identity_token_file = $BATS_TEST_TMPDIR/token
		role_arn = $ARN
	END
	for profile in base r w; do
		run --separate-stderr rs-whoami --debug --profile $profile
		assert_status 0
		[[ $stderr == *GetCallerIdentity* ]]
		for secret in base-secret secret-ASIA token-ASIA the.web.token; do
			[[ $stderr$output != *$secret* ]] || fail_run "$secret is shown"
		done
	done
}

@test "the process that has credentials leaves no core" {
	export AWS_ACCESS_KEY_ID=AKIAENV AWS_SECRET_ACCESS_KEY=env-secret
	identity_script '[{"on": "GetCallerIdentity", "hang": true}]'
	cd "$BATS_TEST_TMPDIR"
	run --separate-stderr python3 -c '
import os, resource, signal, subprocess, sys, time
hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
tool = subprocess.Popen(["rs-whoami"], stdout=subprocess.DEVNULL)
log = os.environ["IDENTITY_DIR"] + "/requests"
while not (os.path.exists(log) and os.path.getsize(log)):
    time.sleep(0.02)
tool.send_signal(signal.SIGQUIT)
status = os.waitpid(tool.pid, 0)[1]
tool.returncode = 0
print(os.WTERMSIG(status) == signal.SIGQUIT, os.WCOREDUMP(status))'
	assert_out 'True False'
	run ! compgen -G 'core*'
}
