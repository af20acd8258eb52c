#!/usr/bin/env bats
# rs-sql against a real PostgreSQL: what is run, in which order, what is told.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/postgres

setup_file() {
	postgres_start
}

teardown_file() {
	postgres_stop
}

# w-1, w-2 and w-3 are three warehouses to rs-sql: databases of one server.
setup() {
	postgres_env
	cd "$BATS_TEST_TMPDIR" || return
	psql_in dev -c 'DROP SCHEMA public CASCADE; CREATE SCHEMA public'
	psql_in dev -c 'CREATE TABLE log (id serial, what text)'
}

# Statement records from "seq|on|sql|unless|more JSON members" lines, and the
# end record that makes the stream complete.
statements() {
	jq -cnR '
	(inputs | select(length > 0) | split("|") |
	{kind: "statement", seq: .[0] | tonumber, on: .[1], database: "dev",
	sql: .[2], transaction: true} +
	(if (.[3] // "") != "" then {unless: .[3]} else {} end) +
	((.[4] // "{}") | fromjson)),
	{kind: "end", tool: "rs-test", count: 1, complete: true}'
}

# Every warehouse of the stream is the test's server.
fleet() {
	unset PGHOST PGHOSTADDR
	rs-sql --host warehouse.test --hostaddr 127.0.0.1 "$@"
}

logged() {
	psql_in dev -c "SELECT coalesce(string_agg(what, ',' ORDER BY id), '')
	    FROM log"
}

assert_logged() {
	local got

	got=$(logged)
	[ "$got" = "$1" ] || fail_run "the log is '$got', not '$1'"
}

# --- input ----------------------------------------------------------------

@test "-c: rows, then the result, then the end" {
	run --separate-stderr rs-sql -c "SELECT 1 AS a, 'x' AS b"
	assert_status 0
	assert_records
	assert_jq '.[0] == {kind: "row", seq: 1, row: {a: 1, b: "x"}} and
	    (.[1] | .kind == "result" and .seq == 1 and .status == "ok" and
	    .rows == 1 and (.elapsed_s | . >= 0 and . < 10)) and
	    .[2] == {kind: "end", tool: "rs-sql", count: 2, complete: true}'
	assert_err ''
}

@test "-c holds several commands and may be given again; seq counts on" {
	run --separate-stderr rs-sql -c 'SELECT 1 AS a; SELECT 2 AS a' \
	    -c 'SELECT 3 AS a'
	assert_status 0
	assert_jq '[.[] | select(.kind == "row") | [.seq, .row.a]] ==
	    [[1, 1], [2, 2], [3, 3]]'
	assert_err ''
}

@test "a file is split as Redshift reads it, and a failure names the line" {
	cat >script.sql <<-'EOF'
	-- one; two
	INSERT INTO log (what) VALUES ('a;b');
	CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $$
	BEGIN RETURN 'x;y'; END $$;

	/* ; */ INSERT INTO log (what) VALUES (f());
	SELECT nothing;
	EOF
	run --separate-stderr rs-sql script.sql
	assert_status 6
	assert_jq '[.[] | select(.kind == "result") | .status] ==
	    ["ok", "ok", "ok", "failed"] and
	    .[3].why == "script.sql line 7" and .[3].error.sqlstate == "42703"'
	assert_err_like 'statement 4 failed: 42703: .*\(script.sql line 7\)'
	assert_logged 'a;b,x;y'
}

@test "a script that does not lex runs nothing" {
	printf "INSERT INTO log (what) VALUES ('a');\nSELECT 'b" >script.sql
	run --separate-stderr rs-sql script.sql
	assert_status 6
	assert_jq '. == [{kind: "end", tool: "rs-sql", count: 0,
	    complete: false}]'
	assert_err_like 'script.sql: line 2: a string begins here and never ends'
	assert_logged ''
}

@test "psql's own commands are refused, with the line" {
	printf 'SELECT 1;\n\\d log\n' >script.sql
	run --separate-stderr rs-sql script.sql
	assert_status 6
	assert_err_like 'script.sql: line 2: a backslash outside a string'
	assert_err_like 'hint: psql.s own commands are not SQL'
}

@test "a file that is not there, or not UTF-8, runs nothing" {
	run --separate-stderr rs-sql -c "INSERT INTO log (what) VALUES ('a')" \
	    none.sql
	assert_status 8
	assert_err_like "cannot open 'none.sql': No such file"
	printf "SELECT '\\xff'" >latin.sql
	run --separate-stderr rs-sql -c "INSERT INTO log (what) VALUES ('a')" \
	    latin.sql
	assert_status 6
	assert_err_like 'latin.sql: line 1: not UTF-8'
	assert_logged ''
}

@test "records: what is not ours passes through, statements become results" {
	echo '{"kind":"lock","name":"etl","x":1.0}' >in
	statements >>in <<-'EOF'
	7|w-1|INSERT INTO log (what) VALUES ('a')||{"why":"say a"}
	EOF
	run --separate-stderr fleet <in
	assert_status 0
	[ "${lines[0]}" = '{"kind":"lock","name":"etl","x":1.0}' ]
	assert_jq '.[1] | .kind == "result" and .seq == 7 and .on == "w-1" and
	    .database == "dev" and .status == "ok" and .rows == 1 and
	    .why == "say a"'
	assert_jq '.[2] == {kind: "end", tool: "rs-sql", count: 1,
	    complete: true}'
	assert_err ''
	assert_logged a
}

@test "a stream that is not complete runs nothing and stays incomplete" {
	statements <<<"1|w-1|INSERT INTO log (what) VALUES ('a')" |
	    grep -v '"end"' >in
	run --separate-stderr fleet <in
	assert_status 7
	assert_jq '.[-1].complete == false and length == 1'
	assert_err_like 'standard input: the stream is truncated'
	assert_logged ''
}

@test "a bad record runs nothing, and says which line and member" {
	local record message

	while IFS='|' read -r record message; do
		statements <<<"1|w-1|INSERT INTO log (what) VALUES ('a')" |
		    sed '$d' >in
		printf '%s\n' "$record" \
		    '{"kind":"end","tool":"rs-x","count":2,"complete":true}' >>in
		run --separate-stderr fleet <in
		assert_status 7
		assert_err_like "$message"
		assert_logged ''
	done <<-'EOF'
	{"kind":"statement","seq":2}|line 2: the statement record has no "sql"
	{"kind":"statement","seq":2,"sql":"SELECT 1; SELECT 2"}|line 2: "sql" holds more than one command
	{"kind":"statement","seq":2,"sql":" -- "}|line 2: "sql" holds no command
	{"kind":"statement","seq":2,"sql":"SELECT 'a"}|line 2: "sql": line 1: a string begins here
	{"kind":"statement","seq":2,"sql":"SELECT 1","unless":"a;b"}|line 2: "unless" holds more than one command
	{"kind":"statement","seq":2,"sql":"SELECT 1","on":"x y"}|line 2: "on" is not the name
	{"kind":"statement","seq":5,"sql":"SELECT 1","after":4}|statement 5 is to run after 4, which is not in the stream
	{"kind":"workgroup","workgroup":"w-1","address":7}|member "address" of the workgroup record is not a string
	{"kind":"workgroup"}|names no valid workgroup
	not json|line 2 is not JSON
	EOF
}

@test "the server refuses a second command that got past everything else" {
	# for PostgreSQL the string ends at the first quote after the backslash
	run --separate-stderr rs-sql -c \
	    "SELECT 'a\\'; INSERT INTO log (what) VALUES ('oops') --'"
	assert_status 6
	assert_jq '.[0].error.sqlstate == "42601"'
	assert_logged ''
}

@test "an empty stream that is complete: nothing to do, done" {
	run --separate-stderr rs-sql < <(statements </dev/null)
	assert_status 0
	assert_out '{"kind":"end","tool":"rs-sql","count":0,"complete":true}'
}

# --- order ----------------------------------------------------------------

@test "order is kept within a warehouse" {
	for i in $(seq 1 200); do
		echo "$i|w-1|INSERT INTO log (what) VALUES ('$i')"
	done | statements >in
	run --separate-stderr fleet <in
	assert_status 0
	assert_logged "$(seq -s, 1 200)"
}

@test "different warehouses work at the same time" {
	# each waits for the other two: one after the other would never end
	psql_in dev -c 'CREATE TABLE here (w text)'
	for w in w-1 w-2 w-3; do
		echo "1|$w|INSERT INTO here VALUES ('$w')"
		echo "2|$w|DO \$\$ BEGIN WHILE (SELECT count(*) FROM here) < 3 LOOP PERFORM pg_sleep(0.01); END LOOP; END \$\$"
	done | statements >in
	run --separate-stderr fleet --timeout 20 <in
	assert_status 0
	assert_jq 'map(select(.kind == "result" and .status == "ok")) |
	    length == 6'
	assert_err ''
}

@test "after: a statement waits for one on another warehouse" {
	statements >in <<-'EOF'
	1|w-1|SELECT pg_sleep(0.3)
	2|w-1|INSERT INTO log (what) VALUES ('producer')
	3|w-2|INSERT INTO log (what) VALUES ('consumer')||{"after":2}
	4|w-3|INSERT INTO log (what) VALUES ('free')
	5|w-1|INSERT INTO log (what) VALUES ('last')||{"after":3}
	EOF
	run --separate-stderr fleet <in
	assert_status 0
	assert_logged 'free,producer,consumer,last'
}

@test "after: with transactions, the one before is committed first" {
	statements >in <<-'EOF'
	1|w-1|INSERT INTO log (what) VALUES ('a')
	2|w-2|INSERT INTO log (what) VALUES ('b')||{"after":1}
	3|w-1|INSERT INTO log (what) VALUES ('c')||{"after":2}
	EOF
	run --separate-stderr fleet --single-transaction --timeout 20 <in
	assert_status 0
	assert_logged 'a,b,c'
}

@test "after: what was to run after a failure does not run" {
	statements >in <<-'EOF'
	1|w-1|SELECT nothing
	2|w-2|INSERT INTO log (what) VALUES ('b')||{"after":1}
	3|w-2|INSERT INTO log (what) VALUES ('c')
	4|w-3|INSERT INTO log (what) VALUES ('d')
	EOF
	run --separate-stderr fleet <in
	assert_status 6
	assert_jq '[.[] | select(.kind == "result") | [.seq, .status]] | sort ==
	    [[1,"failed"],[2,"not_run"],[3,"not_run"],[4,"ok"]]'
	assert_err_like "statement 2 on 'w-2' was not run: it is to run after statement 1 on 'w-1', which did not succeed"
	assert_logged d
}

# --- guards ---------------------------------------------------------------

@test "unless: a second run skips everything" {
	statements >in <<-'EOF'
	1|w-1|CREATE TABLE t (a int)|SELECT 1 FROM pg_tables WHERE tablename = 't'
	2|w-1|INSERT INTO t VALUES (1)|SELECT 1 FROM t
	EOF
	run --separate-stderr fleet <in
	assert_status 0
	assert_jq '[.[].status] == ["ok", "ok", null]'
	run --separate-stderr fleet <in
	assert_status 0
	assert_records
	assert_jq '[.[].status] == ["skipped", "skipped", null] and
	    .[-1].complete'
	assert_err ''
	[ "$(psql_in dev -c 'SELECT count(*) FROM t')" = 1 ]
}

@test "unless: a guard that fails is a failure, not a no" {
	statements >in <<-'EOF'
	1|w-1|INSERT INTO log (what) VALUES ('a')|SELECT 1 FROM nowhere
	EOF
	run --separate-stderr fleet <in
	assert_status 6
	assert_jq '.[0].status == "failed" and .[0].error.sqlstate == "42P01"'
	assert_err_like 'line 1: SELECT 1 FROM nowhere'
	assert_logged ''
}

@test "--dry-run: asks the guards, runs nothing" {
	psql_in dev -c 'CREATE TABLE t (a int)'
	statements >in <<-'EOF'
	1|w-1|INSERT INTO log (what) VALUES ('a')
	2|w-1|CREATE TABLE t (a int)|SELECT 1 FROM pg_tables WHERE tablename = 't'
	3|w-1|CREATE TABLE u (a int)|SELECT 1 FROM pg_tables WHERE tablename = 'u'
	4|w-1|INSERT INTO u VALUES (1)|SELECT 1 FROM u
	5|w-1|CREATE TABLE t (a int)|SELECT 1 FROM pg_tables WHERE tablename = 't'
	6|w-1|INSERT INTO log (what) VALUES ('b')||{"database":"not_yet"}
	7|w-1|SELECT 1|SELECT 1|{"database":"not_yet"}
	EOF
	run --separate-stderr fleet --dry-run <in
	assert_status 0
	assert_records
	assert_jq '[.[].status] == ["planned", "skipped", "planned", "planned",
	    "skipped", "planned", "planned", null]'
	assert_err ''
	assert_logged ''
}

@test "--dry-run: a guard cannot write, and its other failures count" {
	statements >in <<-'EOF'
	1|w-1|SELECT 1|INSERT INTO log (what) VALUES ('a') RETURNING 1
	EOF
	run --separate-stderr fleet --dry-run <in
	assert_status 6
	assert_jq '.[0].error.sqlstate == "25006"'
	assert_logged ''
	statements >in <<-'EOF'
	1|w-1|SELECT 1|SELECT 1
	2|w-1|SELECT 1|SELECT 1/0
	3|w-1|SELECT 1|SELECT 1
	EOF
	run --separate-stderr fleet --dry-run <in
	assert_status 6
	assert_jq '[.[] | [.seq, .status]] == [[1, "skipped"], [2, "failed"],
	    [3, "not_run"], [null, null]]'
	statements <<<'1|w-1|SELECT 1|SELECT 1 FROM nowhere' >in
	run --separate-stderr fleet --dry-run <in
	assert_status 6
	assert_jq '.[0].status == "failed"'
}

# --- failures -------------------------------------------------------------

@test "an error shows seq, purpose, SQLSTATE, message, and the place" {
	statements >in <<-'EOF'
	3|w-1|SELECT 'é' AS a,\n  nothing AS b\nFROM log||{"why":"look"}
	EOF
	sed -i 's/\\\\n/\\n/g' in
	run --separate-stderr fleet <in
	assert_status 6
	assert_jq '.[0].error == {sqlstate: "42703",
	    message: "column \"nothing\" does not exist", position: 20}'
	assert_err "rs-sql: statement 3 on 'w-1' failed: 42703: column \"nothing\" does not exist (look)
rs-sql: line 2:   nothing AS b
rs-sql: line 2:   ^
rs-sql: 1 of 1 statements failed, 0 were not run"
}

@test "a long line is cut around its error" {
	local pad

	pad=$(printf '%0300d' 0)
	run --separate-stderr rs-sql -c "SELECT '$pad', é, nothing, '$pad'"
	assert_status 6
	[ "${#stderr_lines[1]}" -lt 100 ]
	[[ ${stderr_lines[2]} == *' ^' ]]
	local mark=${stderr_lines[2]%^}
	[[ ${stderr_lines[1]:${#mark}} == é* ]]
}

@test "an error's detail and hint are told" {
	psql_in dev -c 'CREATE TABLE t (a int PRIMARY KEY); INSERT INTO t VALUES (1)'
	run --separate-stderr rs-sql -c 'INSERT INTO t VALUES (1)'
	assert_status 6
	assert_jq '.[0].error.detail == "Key (a)=(1) already exists."'
	assert_err_like 'unique constraint "t_pkey": Key \(a\)=\(1\) already exists'
	run --separate-stderr rs-sql -c 'SELECT lenght(what) FROM log'
	assert_status 6
	assert_err_like 'rs-sql: hint: No function matches'
}

@test "a password in a statement is not shown when it fails" {
	run --separate-stderr rs-sql -c "ALTER USER nobody_is PASSWORD 'hunter2' 'hunter2'"
	assert_status 6
	assert_err_like 'syntax error at or near'
	[[ $stderr$output != *hunter2* ]]
	run --separate-stderr rs-sql --debug -c "ALTER USER nobody_is PASSWORD 'hunter2'"
	assert_status 6
	[[ $stderr$output != *hunter2* && $stderr != *"p'w"* ]]
}

@test "after a failure nothing later runs there; other warehouses go on" {
	statements >in <<-'EOF'
	1|w-1|SELECT nothing
	2|w-1|INSERT INTO log (what) VALUES ('w-1')
	3|w-2|INSERT INTO log (what) VALUES ('w-2')
	EOF
	run --separate-stderr fleet <in
	assert_status 6
	assert_records
	assert_jq '[.[] | select(.kind == "result") | [.seq, .status]] | sort ==
	    [[1,"failed"],[2,"not_run"],[3,"ok"]]'
	assert_jq '.[-1].complete == false'
	assert_err_like '1 of 3 statements failed, 1 were not run'
	assert_logged w-2
}

@test "--keep-going runs what is left and still fails" {
	run --separate-stderr rs-sql -k -c 'SELECT nothing' \
	    -c "INSERT INTO log (what) VALUES ('a')"
	assert_status 6
	assert_jq '[.[].status] == ["failed", "ok", null] and
	    .[-1].complete == false'
	assert_logged a
}

@test "--keep-going and --single-transaction exclude each other" {
	run --separate-stderr rs-sql -k -1 -c 'SELECT 1'
	assert_status 2
	assert_out ''
	assert_err_lines 2
}

# --- transactions ---------------------------------------------------------

@test "--single-transaction: all or nothing" {
	run --separate-stderr rs-sql -1 \
	    -c "INSERT INTO log (what) VALUES ('a')" \
	    -c "INSERT INTO log (what) VALUES ('b')" -c 'SELECT nothing' \
	    -c "INSERT INTO log (what) VALUES ('c')"
	assert_status 6
	assert_records
	assert_jq '[.[].status] ==
	    ["rolled_back", "rolled_back", "failed", "not_run", null]'
	assert_logged ''
	run --separate-stderr rs-sql -1 \
	    -c "INSERT INTO log (what) VALUES ('a')" \
	    -c "INSERT INTO log (what) VALUES ('b')"
	assert_status 0
	assert_jq '[.[].status] == ["ok", "ok", null]'
	assert_logged a,b
}

@test "--single-transaction: a failing COMMIT is told, nothing is ok" {
	psql_in dev -c 'CREATE TABLE p (a int PRIMARY KEY);
	    CREATE TABLE c (a int REFERENCES p DEFERRABLE INITIALLY DEFERRED)'
	run --separate-stderr rs-sql -1 \
	    -c "INSERT INTO log (what) VALUES ('a')" \
	    -c "INSERT INTO c VALUES (1)"
	assert_status 6
	assert_jq '[.[].status] == ["rolled_back", "failed", null] and
	    .[1].error.sqlstate == "23503"'
	assert_logged ''
}

@test "--single-transaction: what refuses a transaction runs alone" {
	run --separate-stderr rs-sql -1 \
	    -c "INSERT INTO log (what) VALUES ('a')" -c 'VACUUM log' \
	    -c "INSERT INTO log (what) VALUES ('b')"
	assert_status 0
	assert_jq '[.[].status] == ["ok", "ok", "ok", null]'
	statements >in <<-'EOF'
	1|w-1|INSERT INTO log (what) VALUES ('c')
	2|w-1|CREATE INDEX CONCURRENTLY i ON log (what)||{"transaction":false}
	3|w-1|SELECT nothing
	EOF
	run --separate-stderr fleet -1 <in
	assert_status 6
	assert_jq '[.[].status] == ["ok", "ok", "failed", null]'
	assert_logged a,b,c
}

@test "--single-transaction refuses BEGIN and COMMIT of the script" {
	run --separate-stderr rs-sql -1 -c 'BEGIN; SELECT 1; COMMIT'
	assert_status 2
	assert_err_like 'statement 1 begins or ends a transaction, which --single-transaction does not allow'
}

@test "a transaction of the script works; left open it is a failure" {
	run --separate-stderr rs-sql -c "BEGIN;
	    INSERT INTO log (what) VALUES ('a'); COMMIT"
	assert_status 0
	assert_logged a
	run --separate-stderr rs-sql -c "BEGIN;
	    INSERT INTO log (what) VALUES ('b')"
	assert_status 6
	assert_jq '.[-1].complete == false'
	assert_err_like 'the transaction was still open at the end'
	assert_logged a
}

@test "a statement for another database is run there" {
	statements >in <<-'EOF'
	1|w-1|CREATE TABLE IF NOT EXISTS here (a int)||{"database":"other"}
	2|w-1|INSERT INTO log (what) SELECT current_database()
	3|w-1|SELECT current_database() AS d||{"database":"other"}
	EOF
	run --separate-stderr fleet <in
	assert_status 0
	assert_jq 'map(select(.kind == "row")) == [{kind: "row", seq: 3,
	    on: "w-1", row: {d: "other"}}]'
	assert_logged dev
	# no connection of ours stays behind
	statements >in <<-'EOF'
	1|w-1|CREATE DATABASE short_lived||{"transaction":false}
	2|w-1|CREATE TABLE t (a int)||{"database":"short_lived"}
	3|w-1|DROP DATABASE short_lived||{"transaction":false}
	EOF
	run --separate-stderr fleet -1 <in
	assert_status 0
	assert_err ''
}

@test "a database name is a name, not connection settings" {
	statements >in <<-'EOF'
	1|w-1|SELECT 1||{"database":"host=127.0.0.1 dbname=dev"}
	EOF
	run --separate-stderr fleet <in
	assert_status 6
	assert_err_like 'database "host=127.0.0.1 dbname=dev" does not exist'
}

# --- conflicts ------------------------------------------------------------

# flaky(n, state, message): fails n times, whoever rolls back.
flaky() {
	psql_in dev <<-'EOF'
	CREATE SEQUENCE tries;
	CREATE FUNCTION flaky(n int, state text, message text) RETURNS int
	LANGUAGE plpgsql AS $$ BEGIN
		IF nextval('tries') <= n THEN
			RAISE EXCEPTION '%', message USING ERRCODE = state;
		END IF;
		RETURN 1;
	END $$;
	EOF
}

@test "a serialization conflict is tried again" {
	flaky
	run --separate-stderr rs-sql -c \
	    "INSERT INTO log (what) SELECT flaky(2, '40001', 'conflict')"
	assert_status 0
	assert_records
	assert_jq '.[0].status == "ok" and .[0].attempts == 3'
	assert_err ''
	assert_logged 1
}

@test "Redshift's own words for a conflict are known" {
	flaky
	run --separate-stderr rs-sql -c "SELECT flaky(1, 'XX000',
	    'could not complete because of conflict with concurrent transaction')"
	assert_status 0
	assert_jq '.[1].attempts == 2'
	psql_in dev -c "SELECT setval('tries', 1, false)"
	run --separate-stderr rs-sql -c "SELECT flaky(1, 'XX000',
	    'Serializable isolation violation on table - 101')"
	assert_status 0
}

@test "another error is not tried again" {
	flaky
	run --separate-stderr rs-sql -c "SELECT flaky(1, 'XX000', 'broken')"
	assert_status 6
	assert_jq '.[0].status == "failed" and .[0].attempts == null'
}

@test "--retries bounds the tries" {
	flaky
	run --separate-stderr rs-sql --retries 1 -c \
	    "SELECT flaky(5, '40001', 'conflict')"
	assert_status 6
	assert_jq '.[0].attempts == 2 and .[0].error.sqlstate == "40001"'
	[ "$(psql_in dev -c 'SELECT last_value FROM tries')" = 2 ]
}

@test "a conflict in our transaction runs the whole of it again" {
	flaky
	run --separate-stderr rs-sql -1 \
	    -c "INSERT INTO log (what) VALUES ('a')" \
	    -c "INSERT INTO log (what) SELECT flaky(1, '40001', 'conflict')"
	assert_status 0
	assert_jq '[.[].status] == ["ok", "ok", null]'
	assert_logged a,1
}

@test "a conflict in the script's own transaction is not tried again" {
	flaky
	run --separate-stderr rs-sql -c 'BEGIN' \
	    -c "SELECT flaky(1, '40001', 'conflict')" -c COMMIT
	assert_status 6
	assert_jq '.[1].status == "failed" and .[2].status == "not_run"'
}

@test "after rows were given, a conflict is not tried again" {
	flaky
	run --separate-stderr rs-sql -c "SELECT CASE WHEN g < 1000 THEN 0
	    ELSE flaky(1, '40001', 'conflict') END AS c
	    FROM generate_series(1, 1000) g"
	assert_status 6
	assert_jq 'map(select(.kind == "row")) | length == 999'
}

@test "the guard is asked again before a second try" {
	flaky
	statements >in <<-'EOF'
	1|w-1|INSERT INTO log (what) SELECT flaky(1, '40001', 'conflict')|SELECT 1 FROM tries WHERE is_called
	EOF
	run --separate-stderr fleet <in
	assert_status 0
	assert_jq '.[0].status == "skipped"'
}

# --- being stopped --------------------------------------------------------

running() {
	[ "$(psql_in dev -c "SELECT count(*) FROM pg_stat_activity
	    WHERE state = 'active' AND query LIKE '%$1%'
	    AND pid <> pg_backend_pid()")" -gt 0 ]
}

not_running() {
	! running "$1"
}

@test "--timeout cancels on the server and exits 3" {
	run --separate-stderr rs-sql --timeout 0.5 \
	    -c "SELECT pg_sleep(600), 'slow1'" \
	    -c "INSERT INTO log (what) VALUES ('a')"
	assert_status 3
	assert_records
	assert_jq '.[0].status == "failed" and .[0].error.sqlstate == "57014"
	    and .[1].status == "not_run"'
	assert_err_like 'gave up after 0.5 s'
	not_running slow1
	assert_logged ''
}

@test "SIGINT and SIGTERM cancel on the server; the status is the signal's" {
	for signal in INT TERM; do
		# a job of an interactive shell, so that SIGINT is not ignored
		env --default-signal=INT rs-sql \
		    -c "SELECT pg_sleep(600), 'slow$signal'" >out 2>err &
		pid=$!
		wait_until running "slow$signal"
		kill "-$signal" "$pid"
		status=0
		wait "$pid" || status=$?
		[ "$status" -eq $((128 + $(kill -l "$signal"))) ]
		jq -se '.[0].error.sqlstate == "57014" and
		    .[-1].complete == false' out
		not_running "slow$signal"
	done
}

@test "a reader that goes away ends the query, quietly" {
	run --separate-stderr bash -c "set -o pipefail
	    rs-sql -c \"SELECT generate_series(1, 100000000), 'gone'\" |
	    head -n 1"
	assert_status 141
	assert_err ''
	wait_until not_running gone
}

@test "a full disk is status 8, and the query is cancelled" {
	run --separate-stderr bash -c \
	    "rs-sql -c \"SELECT generate_series(1, 100000000), 'full'\" >/dev/full"
	assert_status 8
	assert_err_like 'cannot write to standard output: No space left'
	wait_until not_running full
}

@test "a message that is not UTF-8 is told, not left out of the record" {
	run --separate-stderr rs-sql -d $'no\xe9' -c 'SELECT 1'
	assert_status 6
	assert_jq '.[0].error.message | test("no\\?. does not exist")'
}

# --- waiting for a row ----------------------------------------------------

seen() {
	[ "$(psql_in dev -c "SELECT count(*) FROM pg_stat_activity
	    WHERE state = 'idle' AND query LIKE '%$1%'
	    AND pid <> pg_backend_pid()")" -gt 0 ]
}

@test "wait_s: a query is run again until it returns a row, then the next" {
	psql_in dev -c "CREATE TABLE svv_integration (state text)"
	statements >in <<-'EOF'
	1|w-1|SELECT state FROM svv_integration WHERE state = 'Cdc'||{"wait_s":60,"fail_if":"SELECT 'broken' FROM svv_integration WHERE state = 'Error' -- doubt"}
	2|w-1|INSERT INTO log (what) VALUES ('a')
	EOF
	for how in '' --single-transaction; do
		psql_in dev -c 'TRUNCATE svv_integration, log'
		# shellcheck disable=SC2086 # no option, or one
		fleet $how <in >out 2>err &
		pid=$!
		wait_until seen -- doubt
		assert_logged ''
		psql_in dev -c "INSERT INTO svv_integration VALUES ('Cdc')"
		wait "$pid"
		[ ! -s err ]
		jq -se '.[0].row == {state: "Cdc"} and
		    [.[1:3][] | [.seq, .status, .rows]] ==
		    [[1, "ok", 1], [2, "ok", 1]] and .[3].complete' out
		assert_logged a
	done
}

@test "wait_s: without a row in time it failed, status 3; what follows is not run" {
	statements >in <<-'EOF'
	4|w-1|SELECT 1 WHERE false||{"wait_s":0.7,"why":"wait for nothing"}
	5|w-1|INSERT INTO log (what) VALUES ('a')
	EOF
	run --separate-stderr fleet <in
	assert_status 3
	assert_records
	assert_jq '[.[0, 1] | [.seq, .status]] == [[4, "failed"], [5, "not_run"]]
	    and .[0].elapsed_s >= 0.7 and .[0].elapsed_s < 5 and
	    (.[2].complete | not)'
	assert_err_like "statement 4 on 'w-1' failed: it returned no row in 0.7 s \(wait for nothing\)"
	assert_logged ''
	run --separate-stderr fleet --keep-going <in
	assert_status 3
	assert_logged a
}

@test "fail_if: a row ends the wait at once, and says why" {
	statements >in <<-'EOF'
	1|w-1|SELECT 1 WHERE false||{"wait_s":600,"fail_if":"SELECT 'ErrorState', 2"}
	2|w-1|INSERT INTO log (what) VALUES ('a')
	EOF
	run --separate-stderr fleet <in
	assert_status 6
	assert_records
	assert_jq '[.[0, 1].status] == ["failed", "not_run"] and
	    .[0].error.message == "\"fail_if\" returned '"'ErrorState'"'"'
	statements >in <<-'EOF'
	1|w-1|SELECT 1 AS a||{"wait_s":600,"fail_if":"SELECT 'never asked'"}
	2|w-2|SELECT 1 WHERE false||{"wait_s":600,"fail_if":"SELECT nothing"}
	EOF
	run --separate-stderr fleet <in
	assert_status 6
	assert_jq '[.[] | select(.kind == "result")] | sort_by(.seq) |
	    .[0].status == "ok" and .[1].error.sqlstate == "42703"'
}

@test "fail_if: what it returns may be long, NULL, or no column at all" {
	for doubt in "concat('x', repeat('\u20ac', 99))" NULL ''; do
		statements >in <<-EOF
		1|w-1|SELECT 1 WHERE false||{"wait_s":600,"fail_if":"SELECT $doubt"}
		EOF
		run --separate-stderr fleet <in
		assert_status 6
		assert_records
		assert_jq '.[0].status == "failed" and
		    (.[0].error.message | startswith("\"fail_if\" returned"))'
	done
}

@test "wait_s: stopped by --timeout and by a signal, it failed" {
	statements >in <<-'EOF'
	1|w-1|SELECT 'waits' WHERE false||{"wait_s":600}
	EOF
	run --separate-stderr fleet --timeout 0.6 <in
	assert_status 3
	assert_jq '.[0].status == "failed"'
	assert_err_like 'gave up after 0.6 s'
	unset PGHOST PGHOSTADDR
	rs-sql --host warehouse.test --hostaddr 127.0.0.1 <in >out 2>err &
	pid=$!
	wait_until seen waits
	kill -TERM "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 143 ]
	jq -se '.[0].status == "failed"' out
}

@test "wait_s: inside a transaction of the script it would never end" {
	statements >in <<-'EOF'
	1|w-1|BEGIN
	2|w-1|SELECT 1 WHERE false||{"wait_s":600}
	EOF
	run --separate-stderr fleet <in
	assert_status 6
	assert_err_like 'it waits for a row inside a transaction'
}

@test "wait_s: a dry run asks nothing; what cannot wait is a bad record" {
	statements >in <<<'1|w-1|SELECT 1 WHERE false||{"wait_s":600}'
	run --separate-stderr fleet --dry-run <in
	assert_status 0
	assert_jq '.[0].status == "planned"'
	for bad in '1|w-1|SELECT 1||{"wait_s":0}' \
	    '1|w-1|SELECT 1||{"wait_s":"9"}' \
	    '1|w-1|SELECT 1||{"fail_if":"SELECT 1"}' \
	    "1|w-1|INSERT INTO log (what) VALUES ('a')||{\"wait_s\":9}" \
	    '1|w-1|SELECT 1||{"wait_s":9,"fail_if":"SELECT 1; SELECT 2"}'; do
		statements >in <<<"$bad"
		run --separate-stderr fleet <in
		assert_status 7
		assert_err_like 'line 1: .*(wait_s|fail_if)'
		assert_logged ''
	done
}

# --- the connection is lost -----------------------------------------------

@test "a server that dies in mid-statement: nobody knows whether it is done" {
	rs-sql -c "SELECT pg_sleep(600), 'doomed'" -c 'SELECT 2' \
	    >out 2>err &
	pid=$!
	wait_until running doomed
	psql_in dev -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
	    WHERE query LIKE '%doomed%' AND pid <> pg_backend_pid()"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 6 ]
	jq -se '.[0].status == "unknown" and .[1].status == "not_run" and
	    .[-1].complete == false' out
	grep -q 'statement 1 may or may not be done: ' err
}

@test "--single-transaction: without COMMIT a lost connection is a failure" {
	rs-sql -1 -c "INSERT INTO log (what) VALUES ('a')" \
	    -c "SELECT pg_sleep(600), 'doomed2'" >out 2>err &
	pid=$!
	wait_until running doomed2
	psql_in dev -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
	    WHERE query LIKE '%doomed2%' AND pid <> pg_backend_pid()"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 6 ]
	jq -se '.[0].status == "rolled_back" and .[1].status == "failed"' out
	assert_logged ''
}

@test "nobody listens: status 6, and nothing is run" {
	run --separate-stderr rs-sql --port 1 -c 'SELECT 1'
	assert_status 6
	assert_jq '.[0].status == "failed"'
	assert_err_like 'port 1 failed: Connection refused'
}

@test "a server that never answers: --connect-timeout" {
	"$(rs_python socket)" - <<-'EOF' &
	import socket, time
	s = socket.socket()
	s.bind(("127.0.0.1", 0))
	s.listen()
	open("port", "w").write(str(s.getsockname()[1]))
	s.settimeout(20)
	c = s.accept()[0]
	c.settimeout(20)
	while c.recv(4096):
	    pass
	EOF
	pid=$!
	wait_until test -s port
	run --separate-stderr rs-sql --connect-timeout 0.3 \
	    --port "$(<port)" -c 'SELECT 1'
	assert_status 6
	assert_err_like 'statement 1 failed: no connection in time'
	wait "$pid"
}

# --- TLS and who we are ---------------------------------------------------

@test "TLS is used, and the certificate must be for the name" {
	run --separate-stderr rs-sql -c "SELECT ssl, version FROM pg_stat_ssl
	    WHERE pid = pg_backend_pid()"
	assert_status 0
	assert_jq '.[0].row.ssl == true'
	run --separate-stderr rs-sql --host other.test -c 'SELECT 1'
	assert_status 6
	assert_err_like 'does not match host name "other.test"'
}

@test "an address alone: the certificate is checked, the name cannot be" {
	run --separate-stderr env -u PGHOST rs-sql -c 'SELECT 1 AS a'
	assert_status 0
	run --separate-stderr env -u PGHOST -u PGHOSTADDR rs-sql \
	    --host 127.0.0.1 -c 'SELECT 1 AS a'
	assert_status 0
	postgres_authority "$BATS_TEST_TMPDIR"
	run --separate-stderr env -u PGHOST PGSSLROOTCERT=ca.crt \
	    rs-sql -c 'SELECT 1'
	assert_status 6
	assert_err_like 'certificate verify failed'
}

@test "without a certificate of ours the system's are used" {
	run --separate-stderr env -u PGSSLROOTCERT HOME=/nonexistent \
	    rs-sql -c 'SELECT 1'
	assert_status 6
	assert_err_like 'certificate verify failed'
	run --separate-stderr env -u PGSSLROOTCERT HOME=/nonexistent \
	    SSL_CERT_FILE="$RS_PG_DIR/ca.crt" rs-sql -c 'SELECT 1'
	assert_status 0
}

@test "TLS cannot be switched off for a network address" {
	for mode in disable allow prefer; do
		run --separate-stderr env PGSSLMODE=$mode rs-sql -c 'SELECT 1'
		assert_status 2
		assert_err_like "sslmode '$mode' would let"
	done
	run --separate-stderr env PGSSLMODE=require PGSSLROOTCERT=/none \
	    rs-sql -c 'SELECT 1'
	assert_status 6
	for mode in require verify-ca verify-full; do
		run --separate-stderr env PGSSLMODE=$mode rs-sql -c 'SELECT 1'
		assert_status 0
	done
}

@test "a Unix socket needs no TLS" {
	run --separate-stderr env -u PGHOSTADDR PGHOST="$RS_PG_DIR" \
	    PGSSLMODE=disable rs-sql -c 'SELECT 1 AS a'
	assert_status 0
	assert_jq '.[0].row.a == 1'
}

@test "a wrong password is told, and is nowhere in what is printed" {
	run --separate-stderr env PGPASSWORD=not-this-one rs-sql --debug \
	    -c 'SELECT 1'
	assert_status 6
	assert_err_like 'password authentication failed for user "awsuser"'
	[[ $stderr$output != *not-this-one* ]]
}

@test "libpq's pass file and service file work, and --service" {
	unset PGPASSWORD PGHOST PGHOSTADDR PGUSER PGPORT PGSSLROOTCERT
	printf '%s:%s:*:%s:%s\n' warehouse.test "$RS_PG_PORT" "$PG_USER" \
	    "${PG_PASSWORD//\\/\\\\}" >pass
	chmod 600 pass
	cat >service.conf <<-EOF
	[air]
	host=warehouse.test
	hostaddr=127.0.0.1
	port=$RS_PG_PORT
	user=$PG_USER
	dbname=other
	sslrootcert=$RS_PG_DIR/ca.crt
	EOF
	export PGSERVICEFILE=$PWD/service.conf PGPASSFILE=$PWD/pass
	run --separate-stderr rs-sql --service air \
	    -c 'SELECT current_database() AS d'
	assert_status 0
	assert_jq '.[0].row.d == "other"'
	run --separate-stderr env PGSERVICE=air rs-sql -d dev \
	    -c 'SELECT current_database() AS d'
	assert_status 0
	assert_jq '.[0].row.d == "dev"'
	run --separate-stderr rs-sql --service none -c 'SELECT 1'
	assert_status 2
}

@test "no host anywhere: a hint, not a guess" {
	unset PGHOST PGHOSTADDR
	run --separate-stderr rs-sql -c 'SELECT 1'
	assert_status 2
	assert_err_like 'no warehouse to connect to'
	assert_err_like 'hint: name a workgroup, or give --host'
}

@test "libpq's settings stand for one warehouse, never for two" {
	statements >in <<-'EOF'
	1|w-1|INSERT INTO log (what) VALUES ('a')
	EOF
	run --separate-stderr rs-sql <in
	assert_status 0
	statements >in <<-'EOF'
	1|w-1|INSERT INTO log (what) VALUES ('b')
	2|w-2|INSERT INTO log (what) VALUES ('c')
	EOF
	run --separate-stderr rs-sql <in
	assert_status 2
	assert_err_like "libpq's settings name one server, but 'w-1' and 'w-2' are two"
	assert_logged a
}

@test "the address of a workgroup record is used, and --host before it" {
	unset PGHOST PGPORT PGHOSTADDR
	{
		jq -nc --arg port "$RS_PG_PORT" '{kind: "workgroup",
		    workgroup: "w-1", status: "AVAILABLE",
		    address: "warehouse.test", port: ($port | tonumber)}'
		statements <<<'1|w-1|SELECT 1 AS a'
	} >in
	run --separate-stderr rs-sql --hostaddr w-1=127.0.0.1 <in
	assert_status 0
	assert_jq '.[0].kind == "workgroup" and .[1].row.a == 1'
	run --separate-stderr rs-sql --hostaddr w-1=127.0.0.1 \
	    --host w-1=other.test <in
	assert_status 6
	assert_err_like 'does not match host name "other.test"'
}

@test "-c runs on every workgroup of the stream, or on those named" {
	statements </dev/null >in
	sed -i '1i {"kind":"workgroup","workgroup":"w-1","address":"warehouse.test"}\n{"kind":"workgroup","workgroup":"w-2","address":"warehouse.test"}' in
	unset PGHOST PGHOSTADDR
	run --separate-stderr rs-sql --hostaddr 127.0.0.1 -p "$RS_PG_PORT" \
	    -c 'SELECT 1 AS a' - <in
	assert_status 0
	assert_jq '[.[] | select(.kind == "row") | .on] | sort == ["w-1", "w-2"]'
	run --separate-stderr rs-sql --host warehouse.test \
	    --hostaddr 127.0.0.1 -w w-3 -w w-4 -c 'SELECT 1 AS a'
	assert_status 0
	assert_jq '[.[] | select(.kind == "row") | .on] | sort == ["w-3", "w-4"]'
	run --separate-stderr rs-sql -w 'W 3' -c 'SELECT 1'
	assert_status 2
}

# --- values ---------------------------------------------------------------

@test "every common type becomes JSON without losing a digit" {
	run --separate-stderr rs-sql -c "SELECT
	    true AS t, false AS f, 32767::int2 AS i2, '-2147483648'::int4 AS i4,
	    9007199254740992::int8 AS i8, 9223372036854775807::int8 AS big,
	    3.4028235e38::float4 AS f4, 0.1::float8 AS f8,
	    2.2250738585072014e-308::float8 AS tiny, 'NaN'::float8 AS nan,
	    '-Infinity'::float4 AS inf,
	    12345678901234567890.0123456789::numeric AS num,
	    'a\"b' || chr(10) || 'é' AS txt, 'x '::char(3) AS c,
	    '2026-02-28'::date AS d, '03:24:05.123456'::time AS tm,
	    '2026-02-28 03:24:05.123456'::timestamp AS ts,
	    '2026-02-28 03:24:05+02'::timestamptz AS tz,
	    NULL::int AS n, '\\x00ff'::bytea AS by, ''::bytea AS none,
	    '[1, {\"a\": 9007199254740993}]'::jsonb AS js,
	    'null'::json AS jn, ARRAY[1,2] AS ar, '' AS empty,
	    '6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid AS u"
	assert_status 0
	assert_records
	assert_jq '.[0].row | . == {t: true, f: false, i2: 32767,
	    i4: -2147483648, i8: 9007199254740992, big: "9223372036854775807",
	    f4: 3.4028235e38, f8: 0.1, tiny: 2.2250738585072014e-308,
	    nan: "NaN", inf: "-Infinity",
	    num: "12345678901234567890.0123456789", txt: "a\"b\né", c: "x  ",
	    d: "2026-02-28", tm: "03:24:05.123456",
	    ts: "2026-02-28 03:24:05.123456", tz: "2026-02-28 01:24:05+00",
	    n: null, by: "00ff", none: "", js: .js, jn: null, ar: "{1,2}",
	    empty: "", u: "6ba7b810-9dad-11d1-80b4-00c04fd430c8"}'
	# jq itself would round it
	[[ $output == *'"js":[1, {"a": 9007199254740993}]'* ]]
	assert_err ''
}

@test "dates are ISO and bytes are hex whatever the user's settings" {
	run --separate-stderr env PGDATESTYLE=German \
	    PGOPTIONS='-c bytea_output=escape -c extra_float_digits=-10' \
	    rs-sql -c "SELECT '2026-02-28'::date AS d, '\\x5c00'::bytea AS b,
	    0.1::float8 + 0.2 AS f"
	assert_status 0
	assert_jq '.[0].row == {d: "2026-02-28", b: "5c00",
	    f: 0.30000000000000004}'
}

@test "a row longer than a record, and text that is not UTF-8, fail" {
	run --separate-stderr rs-sql -c "SELECT repeat('x', 1048576) AS a" \
	    -c "INSERT INTO log (what) VALUES ('a')"
	assert_status 6
	assert_jq '.[0].status == "failed" and .[1].status == "not_run"'
	assert_err_like 'row 1: a row is longer than the 1048576 bytes'
	run --separate-stderr rs-sql -c "SELECT repeat('x', 1000000) AS a"
	assert_status 0
	psql_in postgres -c "CREATE DATABASE ascii ENCODING SQL_ASCII
	    TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
	run --separate-stderr rs-sql -d ascii -c \
	    "SELECT convert_from('\\xff'::bytea, 'SQL_ASCII') AS a"
	psql_in postgres -c 'DROP DATABASE ascii'
	assert_status 6
}

@test "COPY to or from the client is refused" {
	for sql in 'COPY log TO STDOUT' 'COPY log FROM STDIN'; do
		run --separate-stderr rs-sql -c "$sql" -c 'SELECT 1'
		assert_status 6
		assert_err_like 'COPY from or to the client is not possible'
	done
}

@test "no rows, no columns, an empty result: still one result each" {
	run --separate-stderr rs-sql -c 'SELECT 1 WHERE false' -c 'SELECT' \
	    -c 'UPDATE log SET what = 1' -c 'CREATE TABLE t (a int)'
	assert_status 0
	assert_jq '[.[] | select(.kind == "result") | .rows] == [0, 1, 0, 0]'
}

@test "-v shows the server's notices" {
	run --separate-stderr rs-sql -v -c 'DROP TABLE IF EXISTS nowhere'
	assert_status 0
	assert_err_like 'table "nowhere" does not exist, skipping'
}

# --- size -----------------------------------------------------------------

@test "ten thousand statements" {
	seq 1 10000 | sed "s/.*/&|w-1|INSERT INTO log (what) VALUES ('&')/" |
	    statements >in
	run --separate-stderr fleet <in
	assert_status 0
	[ "${#lines[@]}" -eq 10001 ]
	[ "$(psql_in dev -c 'SELECT count(*), sum(what::int) FROM log')" = \
	    '10000|50005000' ]
}

@test "a million rows, in memory that does not grow with them" {
	# AddressSanitizer reserves more than any limit would allow
	local limit='ulimit -v 200000'

	[ -z "${RS_SANITIZED-}" ] || limit=:
	run --separate-stderr bash -c "
	    ($limit; exec rs-sql -c \
	    \"SELECT g AS a, repeat('x', 200) AS b
	    FROM generate_series(1, 1000000) g\") | tail -n 2"
	assert_status 0
	assert_jq '.[0].rows == 1000000 and .[1].count == 1000001'
}
