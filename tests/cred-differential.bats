#!/usr/bin/env bats
# The same configurations, given to botocore and to us.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/identity

setup_file() { identity_start; }

# Under a sanitizer it is the parser that is watched, not the decisions.
COUNT=300
[ -z "${RS_SANITIZED-}" ] || COUNT=60
setup() { identity_reset; }
teardown_file() { identity_stop; }

@test "configuration files mean to us what they mean to botocore" {
	[ -x "$RS_BUILD/unit/test_conf" ] || make -s -C "$RS_ROOT" unit >&2
	run --separate-stderr "$(rs_python botocore)" \
	    "$RS_ROOT/tests/differential/conf.py" "$RS_BUILD/unit/test_conf" \
	    "$BATS_TEST_TMPDIR/files" 500
	assert_status 0
	assert_err ''
	[[ $output == '500 pairs of files agree, '* ]]
}

@test "credentials come from the source, and by the requests, that botocore chooses" {
	run --separate-stderr "$(rs_python botocore)" \
	    "$RS_ROOT/tests/differential/credentials.py" "$IDENTITY_URL" "$HOME" $COUNT
	assert_status 0
	assert_err ''
	[[ $output == "$COUNT cases agree: "* ]]
}
