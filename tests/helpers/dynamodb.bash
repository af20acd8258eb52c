# dynamodb.bash - a DynamoDB engine and a network that fails, for bats
#
#	setup_file() { dynamodb_start; }
#	setup() { dynamodb_environment; }
#	teardown_file() { dynamodb_stop; }
#
# The engine is dynalite, which `make deps` installs. Between it and us stands
# fault_proxy.py: `fault '[{"op":"PutItem","do":"lose"}]'` makes the next
# PutItem happen without an answer.

dynamodb_start() {
	local modules=$RS_ROOT/build/npm/node_modules

	[ -d "$modules/dynalite" ] ||
	    fail "no DynamoDB engine in $modules: run 'make deps'" || return 1
	# Both end by themselves, should nobody be left to end them.
	NODE_PATH=$modules node -e '
		const server = require("dynalite")({ createTableMs: 50 });
		server.listen(0, "127.0.0.1", () =>
		    console.log(server.address().port));
		setTimeout(() => process.exit(1), 900 * 1000);
	' >"$BATS_FILE_TMPDIR/engine" 2>"$BATS_FILE_TMPDIR/engine.err" 3>&- &
	ENGINE=$!
	wait_until test -s "$BATS_FILE_TMPDIR/engine"
	python3 "$RS_ROOT/tests/helpers/fault_proxy.py" \
	    "$(cat "$BATS_FILE_TMPDIR/engine")" >"$BATS_FILE_TMPDIR/proxy" \
	    2>"$BATS_FILE_TMPDIR/proxy.err" 3>&- &
	PROXY=$!
	wait_until test -s "$BATS_FILE_TMPDIR/proxy"
	ENDPOINT=http://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/proxy")
	export ENGINE PROXY ENDPOINT
	dynamodb_environment
}

# Every test begins with a clean environment; this one speaks to the engine.
dynamodb_environment() {
	export AWS_ENDPOINT_URL_DYNAMODB=$ENDPOINT
	export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=example
	export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
}

dynamodb_stop() {
	kill "$ENGINE" "$PROXY"
}

# What goes wrong from now on; [] for nothing.
fault() {
	curl -sSf -X POST -d "$1" "$ENDPOINT/faults"
}

# How often an operation reached the proxy since the last fault().
seen() {
	curl -sSf "$ENDPOINT/seen" | jq --arg op "$1" '.[$op] // 0'
}

# An operation of DynamoDB by its name, with a JSON body: straight through.
dynamodb() {
	local scope=20260101/us-east-1/dynamodb/aws4_request

	curl -sSf "$ENDPOINT/" -H "x-amz-target: DynamoDB_20120810.$1" \
	    -H 'content-type: application/x-amz-json-1.0' \
	    -H 'x-amz-date: 20260101T000000Z' -H "authorization: \
AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/$scope, \
SignedHeaders=host;x-amz-date, Signature=00" -d "$2"
}
