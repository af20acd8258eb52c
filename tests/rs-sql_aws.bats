#!/usr/bin/env bats
# rs-sql and AWS: where a workgroup is, who we are there.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/sandbox
load helpers/postgres

setup_file() {
	postgres_start
	sandbox_start
}

teardown_file() {
	sandbox_stop
	postgres_stop
}

setup() {
	sandbox_reset
	sandbox_fleet wg-1 wg-2 >/dev/null
	cd "$BATS_TEST_TMPDIR" || return
	export PGSSLROOTCERT=$RS_PG_DIR/ca.crt
}

# The addresses of the sandbox lead nowhere; a balancer would do the same.
there() {
	rs-sql --hostaddr 127.0.0.1 --port "$RS_PG_PORT" "$@"
}

secret() { # JSON: prints the ARN
	aws secretsmanager create-secret --name "$1" --secret-string "$2" \
	    --query ARN --output text
}

@test "temporary credentials, and the address from AWS" {
	run --separate-stderr there -w wg-1 -w wg-2 -c 'SELECT current_user AS u'
	assert_status 0
	assert_records
	assert_jq '[.[] | select(.kind == "row") | [.on, .row.u]] | sort ==
	    [["wg-1", "IAM:sandbox"], ["wg-2", "IAM:sandbox"]]'
	assert_err ''
	run --separate-stderr sandbox_requests --operation GetCredentials
	assert_jq 'length == 2'
	# both addresses in one call
	run --separate-stderr sandbox_requests --service redshift-serverless
	assert_jq 'map(select(.operation == "ListWorkgroups")) | length == 1'
}

@test "the address of a record needs no question to AWS" {
	rs-wait-workgroup wg-1 >in
	"$SANDBOX" requests --clear >/dev/null
	run --separate-stderr there -c 'SELECT 1 AS a' - <in
	assert_status 0
	assert_jq 'map(select(.kind == "row"))[0].on == "wg-1"'
	run --separate-stderr sandbox_requests
	assert_jq '[.[].operation] == ["GetCredentials"]'
}

@test "credentials are asked for the database they are for" {
	run --separate-stderr there -w wg-1 -d other \
	    -c 'SELECT current_database() AS d'
	assert_status 0
	assert_jq '.[0].row.d == "other"'
	run --separate-stderr sandbox_requests --operation GetCredentials
	assert_jq '.[0].params.dbName == "other" and
	    .[0].params.workgroupName == "wg-1"'
}

@test "libpq's user and password are left alone" {
	run --separate-stderr env PGUSER="$PG_USER" PGPASSWORD="$PG_PASSWORD" \
	    rs-sql --hostaddr 127.0.0.1 --port "$RS_PG_PORT" -w wg-1 \
	    -c 'SELECT current_user AS u'
	assert_status 0
	assert_jq '.[0].row.u == "awsuser"'
	run --separate-stderr sandbox_requests --operation GetCredentials
	assert_out ''
}

@test "a workgroup that does not exist: status 5, nothing is run" {
	run --separate-stderr there -w wg-1 -w wg-9 -c 'CREATE TABLE never (a int)'
	assert_status 5
	assert_err "rs-sql: workgroup 'wg-9' does not exist"
	assert_jq '. == [{kind: "end", tool: "rs-sql", count: 0,
	    complete: false}]'
	[ "$(psql_in dev -c "SELECT count(*) FROM pg_tables
	    WHERE tablename = 'never'")" = 0 ]
}

@test "no permission: status 4, the operation and the workgroup are named" {
	sandbox_fault error --operation GetCredentials --status 400 \
	    --code AccessDeniedException --message 'not for you' >/dev/null
	run --separate-stderr there -w wg-1 -c 'SELECT 1'
	assert_status 4
	assert_records
	assert_jq '.[0].status == "failed" and
	    (.[0].error.message | test("AccessDeniedException: not for you"))'
	assert_err_like "cannot get credentials for workgroup 'wg-1': "
}

@test "a throttled call is tried again" {
	sandbox_fault throttle --operation GetCredentials --count 1 \
	    --retry-after-ms 50 >/dev/null
	run --separate-stderr there -w wg-1 -c 'SELECT 1 AS a'
	assert_status 0
	assert_err ''
}

@test "--secret-arn: user and password of Secrets Manager" {
	arn=$(secret air "$(jq -nc --arg u "$PG_USER" --arg p "$PG_PASSWORD" \
	    '{username: $u, password: $p}')")
	run --separate-stderr there -w wg-1 --secret-arn "$arn" \
	    -c 'SELECT current_user AS u'
	assert_status 0
	assert_jq '.[0].row.u == "awsuser"'
	run --separate-stderr there -w wg-1 -w wg-2 --secret-arn "wg-2=$arn" \
	    -c 'SELECT current_user AS u'
	assert_status 0
	assert_jq '[.[] | select(.kind == "row") | [.on, .row.u]] | sort ==
	    [["wg-1", "IAM:sandbox"], ["wg-2", "awsuser"]]'
}

@test "a secret of another shape is refused and not shown" {
	for text in 'plain-hunter2' '{"user":"u","password":"hunter2"}' '[]' \
	    '{"username":"u","password":["hunter2"]}'; do
		arn=$(secret "s$RANDOM$RANDOM" "$text")
		run --separate-stderr there -w wg-1 --secret-arn "$arn" \
		    --debug -c 'SELECT 1'
		assert_status 4
		assert_err_like "secret '$arn' (is not|has no)"
		[[ $stderr$output != *hunter2* ]]
	done
}

@test "--debug shows neither the temporary password nor the secret" {
	arn=$(secret air "$(jq -nc --arg u "$PG_USER" --arg p "$PG_PASSWORD" \
	    '{username: $u, password: $p}')")
	run --separate-stderr there -w wg-1 --secret-arn "$arn" --debug \
	    -c 'SELECT 1'
	assert_status 0
	[[ $stderr != *"p'w"* ]]
	run --separate-stderr there -w wg-1 --debug -c 'SELECT 1'
	assert_status 0
	assert_err_like GetCredentials
	if [[ $stderr =~ dbPassword\"?:\ *\"?[A-Za-z0-9_-]{20} ]]; then
		fail_run 'the password is shown'
	fi
}

@test "the deadline ends a call to AWS as well" {
	sandbox_fault delay --operation GetCredentials --seconds 20 >/dev/null
	run --separate-stderr there -w wg-1 --timeout 0.5 -c 'SELECT 1'
	assert_status 3
}

@test "producer and consumers: the generated share, twice" {
	# a share that PostgreSQL can act out: schemas for shares and databases
	jq -nc '{kind: "statement", seq: 1, on: "wg-1", sql: "CREATE SCHEMA share",
	    unless: "SELECT 1 FROM pg_namespace WHERE nspname = \u0027share\u0027"},
	    {kind: "statement", seq: 2, on: "wg-2", after: 1,
	    sql: "CREATE TABLE share.seen (a int)",
	    unless: "SELECT 1 FROM pg_tables WHERE tablename = \u0027seen\u0027"},
	    {kind: "end", tool: "rs-test", count: 2, complete: true}' >statements
	psql_in dev -c 'DROP SCHEMA IF EXISTS share CASCADE'
	for wanted in ok skipped; do
		run --separate-stderr bash -c "set -o pipefail
		    { rs-wait-workgroup wg-1 wg-2 | sed '\$d'
		    cat statements; } |
		    rs-sql --hostaddr 127.0.0.1 --port $RS_PG_PORT"
		assert_status 0
		assert_records
		assert_jq "map(select(.kind == \"result\") | .status) ==
		    [\"$wanted\", \"$wanted\"]"
		assert_err ''
	done
}

@test "examples/query-fleet.sh: a table, and a status that is right" {
	mkdir bin
	printf '#!/bin/sh\nexec %s --hostaddr 127.0.0.1 --port %s "$@"\n' \
	    "$RS_BUILD/bin/rs-sql" "$RS_PG_PORT" >bin/rs-sql
	chmod +x bin/rs-sql
	PATH=$PWD/bin:$PATH
	run --separate-stderr bash -c "
	    '$RS_ROOT/examples/query-fleet.sh' 'SELECT 1, 2' wg-1 wg-2 | sort"
	assert_status 0
	assert_out "wg-1	1	2
wg-2	1	2"
	assert_err ''
	run --separate-stderr "$RS_ROOT/examples/query-fleet.sh" \
	    'SELECT nothing' wg-1
	[ "$status" -ne 0 ] || fail_run 'the failure is not seen'
}
