#!/usr/bin/env bats
# rs-sql --data-api: the sandbox's Data API runs the SQL on a PostgreSQL.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/sandbox
load helpers/postgres

setup_file() {
	postgres_start
	export RS_SANDBOX_LONG_POLL=1
	RS_SANDBOX_POSTGRES="host=$RS_PG_DIR port=$RS_PG_PORT user=$PG_USER \
password='p\\'w \\\\ü'" sandbox_start
}

teardown_file() {
	sandbox_stop
	postgres_stop
}

setup() {
	sandbox_reset
	sandbox_fleet wg-1 wg-2 >/dev/null
	cd "$BATS_TEST_TMPDIR" || return
	psql_in dev -c 'DROP SCHEMA public CASCADE; CREATE SCHEMA public'
	psql_in dev -c 'CREATE TABLE log (id serial, what text)'
}

api() {
	rs-sql --data-api "$@"
}

logged() {
	psql_in dev -c "SELECT coalesce(string_agg(what, ',' ORDER BY id), '')
	    FROM log"
}

@test "rows, the result, the end; on two workgroups" {
	run --separate-stderr api -w wg-1 -w wg-2 -c 'SELECT 1 AS a' \
	    -c "INSERT INTO log (what) VALUES ('x')"
	assert_status 0
	assert_records
	assert_jq '[.[] | select(.kind == "row") | [.on, .row.a]] | sort ==
	    [["wg-1", 1], ["wg-2", 1]]'
	assert_jq '[.[] | select(.kind == "result") | .rows] == [1, 1, 1, 1]'
	assert_err ''
	[ "$(logged)" = x,x ]
	run --separate-stderr sandbox_requests --service redshift-serverless
	assert_out ''
}

@test "the values are those of the other way" {
	local sql="SELECT true AS t, 32767::int2 AS i2,
	    9007199254740992::int8 AS i8, 9223372036854775807::int8 AS big,
	    0.1::float8 AS f8, 1e300::float8 AS large, 'NaN'::float8 AS nan,
	    12345678901234567890.0123456789::numeric AS num,
	    'a\"b' || chr(10) || 'é' AS txt, '2026-02-28'::date AS d,
	    NULL::int AS n, '\\x00ff'::bytea AS by, ''::bytea AS none,
	    '\\x00'::bytea AS one, '{\"a\": [1]}'::jsonb AS js, '' AS empty,
	    1 AS txt"
	api -w wg-1 -c "$sql" | head -n 1 >one
	PGHOST=warehouse.test PGHOSTADDR=127.0.0.1 PGPORT=$RS_PG_PORT \
	    PGUSER=$PG_USER PGPASSWORD=$PG_PASSWORD \
	    PGSSLROOTCERT=$RS_PG_DIR/ca.crt rs-sql -w wg-1 -c "$sql" |
	    head -n 1 >two
	diff <(jq -S . one) <(jq -S . two)
	jq -e '.row | length == 17' one
}

@test "results have pages" {
	run --separate-stderr api -w wg-1 -c 'SELECT generate_series(1, 250) AS a'
	assert_status 0
	assert_jq '[.[] | select(.kind == "row") | .row.a] == [range(1; 251)] and
	    .[250].rows == 250'
	run --separate-stderr sandbox_requests --operation GetStatementResult
	assert_jq 'length == 3'
}

@test "a page that fails is a failure" {
	sandbox_fault error --operation GetStatementResult --skip 1 \
	    --status 400 --code AccessDeniedException --message no >/dev/null
	run --separate-stderr api -w wg-1 -c 'SELECT generate_series(1, 250) AS a'
	assert_status 4
	assert_jq '.[-1].complete == false and .[-2].status == "unknown"'
	assert_err_like 'cannot fetch the rows'
}

@test "one warehouse: the server waits, so there are few looks" {
	run --separate-stderr api -w wg-1 -c 'SELECT pg_sleep(1)'
	assert_status 0
	run --separate-stderr sandbox_requests --operation DescribeStatement
	assert_jq 'length == 1 and .[0].params.WaitTimeSeconds == 10'
}

@test "an endpoint that does not know WaitTimeSeconds is asked again and again" {
	sandbox_fault error --operation DescribeStatement --count 1 \
	    --status 400 --code ValidationException \
	    --message "Unknown member 'WaitTimeSeconds'" >/dev/null
	run --separate-stderr api -w wg-1 -c 'SELECT 1 AS a' -c 'SELECT 2 AS a'
	assert_status 0
	assert_err ''
}

@test "a failure has the message and its place" {
	run --separate-stderr api -w wg-1 -c 'SELECT nothing' -c 'SELECT 2'
	assert_status 6
	assert_records
	assert_jq '.[0].status == "failed" and .[1].status == "not_run" and
	    .[0].error == {message: "column \"nothing\" does not exist",
	    position: 8}'
	assert_err_like "statement 1 on 'wg-1' failed: column"
	assert_err_like 'rs-sql: line 1:        \^'
}

@test "guards: the second run skips" {
	jq -nc '{kind: "statement", seq: 1, on: "wg-1",
	    sql: "INSERT INTO log (what) VALUES (\u0027a\u0027)",
	    unless: "SELECT 1 FROM log"},
	    {kind: "end", tool: "rs-test", count: 1, complete: true}' >in
	for wanted in ok skipped; do
		run --separate-stderr api <in
		assert_status 0
		assert_jq ".[0].status == \"$wanted\""
	done
	[ "$(logged)" = a ]
}

@test "--dry-run runs nothing, and asks no guard that could write" {
	jq -nc '{kind: "statement", seq: 1, on: "wg-1", sql: "SELECT 1",
	    unless: "INSERT INTO log (what) VALUES (\u0027a\u0027)"},
	    {kind: "end", tool: "rs-test", count: 1, complete: true}' >in
	run --separate-stderr api --dry-run <in
	assert_status 6
	assert_err_like 'its guard is no SELECT'
	run --separate-stderr api --dry-run -w wg-1 \
	    -c "INSERT INTO log (what) VALUES ('b')"
	assert_status 0
	assert_jq '.[0].status == "planned"'
	[ "$(logged)" = '' ]
}

@test "--single-transaction: one batch, all or nothing" {
	run --separate-stderr api -1 -w wg-1 \
	    -c "INSERT INTO log (what) VALUES ('a')" \
	    -c "INSERT INTO log (what) VALUES ('b')"
	assert_status 0
	assert_records
	assert_jq '[.[].status] == ["ok", "ok", null] and .[0].rows == null'
	[ "$(logged)" = a,b ]
	run --separate-stderr sandbox_requests --operation BatchExecuteStatement
	assert_jq 'length == 1 and (.[0].params.Sqls | length) == 2'
	run --separate-stderr api -1 -w wg-1 \
	    -c "INSERT INTO log (what) VALUES ('c')" -c 'SELECT nothing'
	assert_status 6
	assert_jq '[.[].status] == ["rolled_back", "failed", null]'
	[ "$(logged)" = a,b ]
}

@test "the limits of the service are told before it is asked" {
	for i in $(seq 41); do
		echo "INSERT INTO log (what) VALUES ('$i');"
	done >many.sql
	run --separate-stderr api -1 -w wg-1 many.sql
	assert_status 6
	assert_err_like 'no more than 40 commands in a transaction'
	printf "SELECT '%0110000d'" 0 >long.sql
	run --separate-stderr api -w wg-1 long.sql
	assert_status 6
	assert_err_like 'no command of more than 102400 bytes'
	[ "$(logged)" = '' ]
}

@test "a lost answer does not run the statement twice" {
	sandbox_fault cut --operation ExecuteStatement --count 1 >/dev/null
	run --separate-stderr api -w wg-1 -c "INSERT INTO log (what) VALUES ('a')"
	assert_status 0
	[ "$(logged)" = a ]
	run --separate-stderr sandbox_requests --operation ExecuteStatement
	assert_jq 'length == 2 and
	    (map(.params.ClientToken) | unique | length) == 1'
}

@test "--timeout cancels the statement and exits 3" {
	run --separate-stderr api -w wg-1 --timeout 1 \
	    -c "SELECT pg_sleep(600), 'slow'"
	assert_status 3
	assert_jq '.[0].status == "failed"'
	[ "$(psql_in dev -c "SELECT count(*) FROM pg_stat_activity WHERE
	    query LIKE '%slow%' AND state = 'active'
	    AND pid <> pg_backend_pid()")" = 0 ]
}

@test "--timeout cancels a batch as well" {
	run --separate-stderr api -1 -w wg-1 --timeout 1 \
	    -c "INSERT INTO log (what) VALUES ('a')" \
	    -c "SELECT pg_sleep(600), 'batch'"
	assert_status 3
	assert_records
	assert_jq '[.[].status] == ["rolled_back", "failed", null]'
	[ "$(psql_in dev -c "SELECT count(*) FROM pg_stat_activity WHERE
	    query LIKE '%batch%' AND state = 'active'
	    AND pid <> pg_backend_pid()")" = 0 ]
	[ "$(logged)" = '' ]
}

started() {
	[ "$(psql_in dev -c "SELECT count(*) FROM pg_stat_activity WHERE
	    query LIKE '%$1%' AND state = 'active'
	    AND pid <> pg_backend_pid()")" -gt 0 ]
}

@test "SIGTERM cancels the statement" {
	api -w wg-1 -c "SELECT pg_sleep(600), 'snail'" >out 2>err &
	pid=$!
	wait_until started snail
	kill "$(pgrep -P "$pid" -x rs-sql || echo "$pid")"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 143 ]
	jq -se '.[0].status == "failed" and .[-1].complete == false' out
	run started snail
	[ "$status" -ne 0 ]
}

@test "what needs a connection of its own is refused" {
	run --separate-stderr api -w wg-1 -c 'BEGIN; SELECT 1; COMMIT'
	assert_status 2
	assert_err_like 'which --data-api does not allow'
	run --separate-stderr api -c 'SELECT 1'
	assert_status 2
	assert_err_like 'no workgroup is named'
}

@test "--debug shows no password of a statement" {
	run --separate-stderr api -w wg-1 --debug \
	    -c "ALTER USER nobody_is PASSWORD 'hunter2'"
	assert_status 6
	assert_err_like "wg-1 < ALTER USER nobody_is PASSWORD '\*\*\*\*\*\*\*'"
	[[ $stderr$output != *hunter2* ]]
}

@test "no permission: status 4" {
	sandbox_fault error --operation ExecuteStatement --status 400 \
	    --code AccessDeniedException --message 'not for you' >/dev/null
	run --separate-stderr api -w wg-1 -c 'SELECT 1'
	assert_status 4
	assert_jq '.[0].status == "failed"'
}

asked_twice() {
	[ "$(sandbox_requests --service redshift-data |
	    grep -c ExecuteStatement)" -ge 3 ]
}

@test "wait_s: a query is run again until it returns a row, or fail_if does" {
	jq -nc '{kind: "statement", seq: 1, on: "wg-1", wait_s: 60,
	    sql: "SELECT what FROM log WHERE what = $$done$$",
	    fail_if: "SELECT what FROM log WHERE what = $$broken$$",
	    transaction: true}, {kind: "end", tool: "t", count: 1,
	    complete: true}' >in
	rs-sql --data-api --single-transaction <in >out 2>err &
	pid=$!
	wait_until asked_twice
	psql_in dev -c "INSERT INTO log (what) VALUES ('done')"
	wait "$pid"
	[ ! -s err ]
	jq -se '.[0].row == {what: "done"} and .[1].status == "ok"' out
	psql_in dev -c "UPDATE log SET what = 'broken'"
	run --separate-stderr api <in
	assert_status 6
	assert_records
	assert_jq '.[0].status == "failed" and
	    .[0].error.message == "\"fail_if\" returned '"'broken'"'"'
}
