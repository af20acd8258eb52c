# canned.bash - a server that gives exactly the answers a test wrote down
#
#	load helpers/common
#	load helpers/canned
#	setup_file()    { canned_start; }
#	setup()         { canned_reset; }
#	teardown_file() { canned_stop; }
#
# For what neither AWS nor the sandbox says: members that are missing, of
# another type, or beyond all bounds.

canned_start() {
	export CANNED_DIR=$BATS_FILE_TMPDIR/canned

	mkdir "$CANNED_DIR"
	# The descriptor 3 of bats would keep it waiting for the server.
	"$(rs_python json)" "$RS_ROOT/tests/helpers/canned_server.py" \
	    "$CANNED_DIR" 3>&- &
	echo $! >"$CANNED_DIR/pid"
	wait_until [ -s "$CANNED_DIR/port" ]
}

canned_stop() {
	kill "$(<"$CANNED_DIR/pid")"
}

canned_reset() {
	clean_environment
	rm -f "$CANNED_DIR"/[A-Z]* "$CANNED_DIR/log"
	export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=topsecret
	export AWS_REGION=us-west-2
	AWS_ENDPOINT_URL=http://127.0.0.1:$(<"$CANNED_DIR/port")
	export AWS_ENDPOINT_URL
}

# canned OPERATION: its answer, from standard input.
canned() {
	cat >"$CANNED_DIR/$1"
}

# canned_count OPERATION: how often it was called.
canned_count() {
	grep -cx "$1" "$CANNED_DIR/log" || :
}
