# hostile.bash - a server that misbehaves, and calls to it
#
#	load helpers/common
#	load helpers/hostile
#	setup_file()    { hostile_start; }
#	setup()         { hostile_reset; }
#	teardown_file() { hostile_stop; }
#
# hostile_server.py lists what it can do; each MODE is the path of an endpoint.

hostile_start() {
	export HOSTILE_DIR=$BATS_FILE_TMPDIR/hostile

	mkdir "$HOSTILE_DIR"
	# The descriptor 3 of bats would keep it waiting for the server.
	"$(rs_python json)" "$RS_ROOT/tests/helpers/hostile_server.py" \
	    "$HOSTILE_DIR" 3>&- &
	echo $! >"$HOSTILE_DIR/pid"
	wait_until [ -s "$HOSTILE_DIR/port" ]
	HOSTILE_PORT=$(<"$HOSTILE_DIR/port")
	export HOSTILE_PORT
}

hostile_stop() {
	kill "$(<"$HOSTILE_DIR/pid")"
}

hostile_reset() {
	clean_environment
	: >"$HOSTILE_DIR/log"
	export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=topsecret
	export AWS_REGION=us-west-2
}

# Use the server in this mode from now on. What passes the first time and not
# the second counts per mode, and "-" is "_": a new name starts a new count.
hostile() {
	export AWS_ENDPOINT_URL=http://127.0.0.1:$HOSTILE_PORT/$1
}

# call MODE SERVICE OP [MEMBER ...]: one session of drive_aws. A MEMBER is
# "key: value" of its question. The answer is on standard output.
call() {
	local question

	hostile "$1"
	question=$(jq -nc --arg s "$2" --arg o "$3" \
	    "{do: \"call\", service: \$s, op: \$o, read_timeout: 0.3,
	      $(IFS=,; echo "${*:4}")}")
	run --separate-stderr "$RS_BUILD/unit/drive_aws" <<<"$question"
}

# The requests that arrived, as one array, satisfy a jq filter.
assert_arrived() {
	jq -se "$@" "$HOSTILE_DIR/log" >/dev/null || {
		cat "$HOSTILE_DIR/log"
		fail_run "the requests do not satisfy: $1"
	}
}
