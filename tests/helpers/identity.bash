# identity.bash - a home of one's own and the services that give credentials
#
#	load helpers/common
#	load helpers/identity
#	setup_file()    { identity_start; }	one server for the file
#	setup()         { identity_reset; }	an empty home for each test
#	teardown_file() { identity_stop; }
#
# identity_server.py says how its answers are scripted. HOME is a directory
# of the test's own, AWS_REGION is eu-west-1, and all endpoints are the
# server's.

identity_start() {
	export IDENTITY_DIR=$BATS_FILE_TMPDIR/identity

	mkdir "$IDENTITY_DIR"
	# The descriptor 3 of bats would keep it waiting for the server.
	"$(rs_python json)" "$RS_ROOT/tests/helpers/identity_server.py" \
	    "$IDENTITY_DIR" 3>&- &
	echo $! >"$IDENTITY_DIR/pid"
	wait_until [ -s "$IDENTITY_DIR/port" ]
	IDENTITY_URL=http://127.0.0.1:$(<"$IDENTITY_DIR/port")
	export IDENTITY_URL
}

identity_stop() {
	kill "$(<"$IDENTITY_DIR/pid")"
}

identity_reset() {
	clean_environment
	rm -f "$IDENTITY_DIR/requests" "$IDENTITY_DIR/script.json"
	export HOME=$BATS_TEST_TMPDIR/home AWS_REGION=eu-west-1
	export AWS_ENDPOINT_URL_STS=$IDENTITY_URL
	export AWS_ENDPOINT_URL_SSO=$IDENTITY_URL
	export AWS_ENDPOINT_URL_SSO_OIDC=$IDENTITY_URL
	export AWS_EC2_METADATA_SERVICE_ENDPOINT=$IDENTITY_URL
	unset AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE
	mkdir -p "$HOME/.aws"
}

# Standard input becomes a file below ~/.aws.
aws_file() { # config, credentials, sso/cache/NAME ...
	mkdir -p "$(dirname "$HOME/.aws/$1")"
	cat >"$HOME/.aws/$1"
}

# identity_script '[{"on": "AssumeRole", "status": 403, ...}]'
identity_script() {
	printf '%s' "$1" >"$IDENTITY_DIR/script.new"
	mv "$IDENTITY_DIR/script.new" "$IDENTITY_DIR/script.json"
}

# The log of requests as one array satisfies a jq filter.
assert_requests() { # filter, jq options ...
	local filter=$1

	shift
	[ -e "$IDENTITY_DIR/requests" ] || : >"$IDENTITY_DIR/requests"
	jq -se "$@" "$filter" "$IDENTITY_DIR/requests" >/dev/null || {
		cat "$IDENTITY_DIR/requests" >&2
		fail_run "the requests do not satisfy: $filter"
	}
}

sha1() {
	printf '%s' "$1" | sha1sum | cut -d ' ' -f 1
}

# A time so many seconds from now, as RFC 3339.
in_seconds() {
	date -u -d "@$(($(date +%s) + $1))" +%Y-%m-%dT%H:%M:%SZ
}
