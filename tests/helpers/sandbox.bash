# sandbox.bash - the local AWS for bats files
#
#	load helpers/common
#	load helpers/sandbox
#	setup_file()    { sandbox_start; }	one sandbox for the file
#	setup()         { sandbox_reset; }	an empty account for each test
#	teardown_file() { sandbox_stop; }
#
# The sandbox stops by itself when the bats run is gone.

SANDBOX=$RS_ROOT/share/sandbox/rs-sandbox

# sandbox_start [option ...]: start it with short life cycles and point the
# AWS environment at it.
sandbox_start()
{
	export RS_SANDBOX_DIR=$BATS_FILE_TMPDIR/sandbox
	"$SANDBOX" start --parent "$PPID" --idle 20 \
	    --create-time 0.2 --modify-time 0.1 --delete-time 0.1 \
	    --endpoint-time 0.1 --snapshot-time 0.1 --initial-time 0.1 \
	    --drain-time 0.2 "$@" >/dev/null
	"$SANDBOX" env >"$RS_SANDBOX_DIR/env"
	sandbox_env
}

# Each test begins with the clean environment of helpers/common.
sandbox_env()
{
	# shellcheck disable=SC1091
	. "$RS_SANDBOX_DIR/env"
}

sandbox_stop()
{
	"$SANDBOX" stop
}

sandbox_reset()
{
	sandbox_env
	"$SANDBOX" reset
}

# sandbox_fleet NAME ...: AVAILABLE workgroups (namespace NAME), each with an
# ACTIVE endpoint access NAME-endpoint; one JSON object a line.
sandbox_fleet()
{
	"$SANDBOX" fleet "$@"
}

# sandbox_target_group NAME [port=N] [attached=false]: prints its ARN.
sandbox_target_group()
{
	"$SANDBOX" target-group "$@"
}

# sandbox_set WHAT ...: timing, option, clock, workgroup, namespace, endpoint
# or target; see rs-sandbox --help.
sandbox_set()
{
	"$SANDBOX" set "$@" >/dev/null
}

# sandbox_fault KIND [option ...]: prints the fault's id.
sandbox_fault()
{
	"$SANDBOX" fault add --kind "$@"
}

# sandbox_held ID: wait until a request waits at the fault of kind hold.
sandbox_held()
{
	wait_until sandbox_holds "$1"
}

sandbox_holds()
{
	local fault
	fault=$("$SANDBOX" fault list) &&
		jq -e --argjson id "$1" -s \
		    'any(.[]; .id == $id and .holding > 0)' <<<"$fault" >/dev/null
}

sandbox_release()
{
	"$SANDBOX" fault release "$1"
}

# sandbox_requests [--service S] [--operation O]: the log as NDJSON.
sandbox_requests()
{
	"$SANDBOX" requests "$@"
}

# sandbox_count OPERATION: how many such requests came in.
sandbox_count()
{
	"$SANDBOX" requests --operation "$1" --count
}
