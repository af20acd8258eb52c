#!/usr/bin/env bats
# rs-datashare-sql: what it says, what it refuses. D1 to D13 are the scars of
# the scripts that did this by hand.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/identity

P=11111111-1111-4111-8111-111111111111
C1=22222222-2222-4222-8222-222222222222
C2=33333333-3333-4333-8333-333333333333

# workgroup NAME NAMESPACE_ID
workgroup() {
	jq -nc --arg w "$1" --arg n "$2" '{kind: "workgroup", workgroup: $w,
	    namespace: $w, namespace_id: $n, status: "AVAILABLE",
	    address: "\($w).example", port: 5439}'
}

end() {
	printf '{"kind":"end","tool":"rs-wait-workgroup","count":3,"complete":%s}\n' "${1-true}"
}

setup_file() { identity_start; }
teardown_file() { identity_stop; }

setup() {
	identity_reset
	export AWS_REGION=us-west-2 AWS_ENDPOINT_URL=$IDENTITY_URL
	export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=secret
	export AWS_MAX_ATTEMPTS=1
	fleet=$BATS_TEST_TMPDIR/fleet
	{
		workgroup airline-producer $P
		workgroup airline-consumer-1 $C1
		workgroup airline-consumer-2 $C2
	} >"$fleet.open"
	{ cat "$fleet.open"; end; } >"$fleet"
}

# run_share OPTION ... <records
run_share() {
	run --separate-stderr rs-datashare-sql "$@"
}

# The seed's share, with the options given added.
airline() {
	run_share --share airline_share --schema airline_dw \
	    --producer airline-producer --database airline_shared "$@" <"$fleet"
}

# sql FILTER: the statements that satisfy a jq filter.
sql() {
	printf '%s\n' "$output" |
	    jq -r "select(.kind == \"statement\") | select($1) | .sql"
}

# A wish, from a jq expression added to the usual one.
wish() {
	jq -nc "{kind: \"datashare\", share: \"s\", producer: \"airline-producer\",
	    database: \"db\", schemas: [{schema: \"a\"}]} + $1"
}

run_wish() { # jq expression, options
	local expression=$1

	shift
	{ wish "$expression"; cat "$fleet"; } >"$BATS_TEST_TMPDIR/in"
	run_share "$@" <"$BATS_TEST_TMPDIR/in"
}

assert_refused() { # status, regular expression
	assert_status "$1"
	assert_err_like "$2"
	assert_jq 'all(.[]; .kind != "statement")'
	assert_jq '.[-1].kind == "end" and .[-1].complete == false'
}

# Corrected against the documents this example comes from: names quoted, no
# IF NOT EXISTS (the grammar has none, D3), no DO block (D2), every statement
# guarded so that a second run is harmless (D4), CREATE DATABASE alone and
# after the GRANT (D5), no PUBLICACCESSIBLE unless asked for (D10).
@test "the airline share with two consumers is as it was reviewed" {
	airline --format sql --role analysts --external-schema airline
	assert_status 0
	assert_err ''
	assert_out "$(cat "$RS_ROOT/tests/golden/airline-share.sql")"
	airline --role analysts --external-schema airline
	assert_status 0
	assert_err ''
	printf '%s\n' "$output" | grep -Ev '"kind":"workgroup"' | validate_records
	printf '%s\n' "$output" | "$RS_ROOT/tests/tools/sqlcheck"
}

@test "workgroup records pass through byte for byte, before any statement" {
	airline
	assert_status 0
	assert_err ''
	cmp "$fleet.open" <(printf '%s\n' "$output" | head -n 3)
	assert_jq '.[3].kind == "statement"'
	assert_jq '.[-1] == {kind: "end", tool: "rs-datashare-sql",
	    count: ([.[] | select(.kind == "statement")] | length), complete: true}'
}

@test "what it does not consume passes through: a lock, an unknown kind" {
	{
		echo '{"kind":"lock",  "name":"etl","workgroup":"airline-producer"}'
		cat "$fleet.open"
		echo '{ "kind" : "moon", "n":1e3 }'
		end
	} >"$BATS_TEST_TMPDIR/in"
	run_share --share s --schema a --producer airline-producer --database db \
	    <"$BATS_TEST_TMPDIR/in"
	assert_status 0
	assert_err ''
	[ "${lines[0]}" = '{"kind":"lock",  "name":"etl","workgroup":"airline-producer"}' ]
	[ "${lines[4]}" = '{ "kind" : "moon", "n":1e3 }' ]
}

@test "each consumer waits for its own GRANT, and runs after it in the stream" {
	airline
	assert_status 0
	assert_jq '[.[] | select(.kind == "statement")] as $s |
	    [$s[] | select(.sql | startswith("CREATE DATABASE"))] as $made |
	    ($made | length) == 2 and all($made[]; . as $m | $s[] |
	    select(.seq == $m.after) | .on == "airline-producer" and
	    (.sql | startswith("GRANT USAGE ON DATASHARE")) and .seq < $m.seq)'
	assert_jq '[.[] | select(.kind == "statement") | .seq] ==
	    [range(1; ([.[] | select(.kind == "statement")] | length) + 1)]'
}

@test "CREATE DATABASE is not for a transaction; the producer's DDL is" {
	airline
	assert_jq '[.[] | select(.kind == "statement") | select(.transaction | not)
	    | .sql | split(" ")[0:2] | join(" ")] | unique == ["CREATE DATABASE"]'
}

@test "every statement has a guard, but for the counts of --verify" {
	airline --role r --group g --user u --public --include-new --all-functions \
	    --account 444455556666 --external-schema x
	assert_status 0
	assert_jq 'all(.[] | select(.kind == "statement"); .unless | startswith("SELECT 1 "))'
	airline --verify --table flights
	assert_jq '[.[] | select(.kind == "statement" and (has("unless") | not)) |
	    .why] | unique == ["count table '\''flights'\'' through the share",
	    "count the tables of schema '\''airline_dw'\''"]'
}

@test "PUBLICACCESSIBLE only when asked for (D10), INCLUDENEW before the objects" {
	airline
	run -1 grep -c PUBLICACCESSIBLE <<<"$output"
	airline --public --include-new
	[ "$(sql '.sql | test("PUBLICACCESSIBLE")')" = \
	    'ALTER DATASHARE "airline_share" SET PUBLICACCESSIBLE TRUE' ]
	assert_jq '[.[].sql | strings] | index("ALTER DATASHARE \"airline_share\" SET INCLUDENEW TRUE FOR SCHEMA \"airline_dw\"")
	    < index("ALTER DATASHARE \"airline_share\" ADD ALL TABLES IN SCHEMA \"airline_dw\"")'
}

@test "tables one by one, functions with their types" {
	airline --table flights --table 'odd "name"' --function 'f(numeric(8, 2), character varying(10))' --function 'g()'
	assert_status 0
	diff - <(sql '.sql | test("ADD (TABLE|FUNCTION|ALL)")') <<-'END'
	ALTER DATASHARE "airline_share" ADD TABLE "airline_dw"."flights"
	ALTER DATASHARE "airline_share" ADD TABLE "airline_dw"."odd ""name"""
	ALTER DATASHARE "airline_share" ADD FUNCTION "airline_dw"."f"(numeric(8, 2), character varying(10))
	ALTER DATASHARE "airline_share" ADD FUNCTION "airline_dw"."g"()
	END
}

@test "a function without types, or with more than types, is refused" {
	local f

	for f in f 'f(' 'f)' '(int)' 'f(int) x' 'f(int;)' "f('a')" 'f(1)' 'f(int,)' \
	    'f(numeric(8,2,1))' 'f(--)' 'f(int))' 'f((int)'; do
		airline --function "$f"
		assert_refused 2 'function|types|name'
	done
}

@test "accounts, through the Data Catalog when asked" {
	airline --account 444455556666
	[ "$(sql '.sql | test("ACCOUNT")')" = \
	    "GRANT USAGE ON DATASHARE \"airline_share\" TO ACCOUNT '444455556666'" ]
	airline --account 444455556666 --data-catalog
	[ "$(sql '.sql | test("ACCOUNT")')" = \
	    "GRANT USAGE ON DATASHARE \"airline_share\" TO ACCOUNT '444455556666' VIA DATA CATALOG" ]
	airline --data-catalog
	assert_refused 2 'data catalog'
}

@test "the other account's side: only the consumers, with ACCOUNT and NAMESPACE" {
	{ workgroup airline-consumer-1 $C1; end; } >"$BATS_TEST_TMPDIR/in"
	run_share --share s --producer-namespace $P --producer-account 111122223333 \
	    --database db --schema a <"$BATS_TEST_TMPDIR/in"
	assert_status 0
	assert_jq 'all(.[] | select(.kind == "statement"); .on == "airline-consumer-1" and (has("after") | not))'
	[ "$(sql '.transaction | not')" = \
	    "CREATE DATABASE \"db\" FROM DATASHARE \"s\" OF ACCOUNT '111122223333' NAMESPACE '$P'" ]
}

@test "WITH PERMISSIONS: roles and users get grants inside, groups are refused" {
	airline --with-permissions --role r --user u --all-functions
	assert_status 0
	[ "$(sql '.sql | test("^CREATE DATABASE.*WITH PERMISSIONS FROM")' | wc -l)" -eq 2 ]
	diff - <(sql '.on == "airline-consumer-1" and (.sql | startswith("GRANT"))') <<-'END'
	GRANT USAGE ON DATABASE "airline_shared" TO ROLE "r"
	GRANT USAGE FOR SCHEMAS IN DATABASE "airline_shared" TO ROLE "r"
	GRANT SELECT FOR TABLES IN DATABASE "airline_shared" TO ROLE "r"
	GRANT EXECUTE FOR FUNCTIONS IN DATABASE "airline_shared" TO ROLE "r"
	GRANT USAGE ON DATABASE "airline_shared" TO "u"
	GRANT USAGE FOR SCHEMAS IN DATABASE "airline_shared" TO "u"
	GRANT SELECT FOR TABLES IN DATABASE "airline_shared" TO "u"
	GRANT EXECUTE FOR FUNCTIONS IN DATABASE "airline_shared" TO "u"
	END
	airline --with-permissions --group g
	assert_refused 2 'groups'
}

@test "names fold to lower case as Redshift folds them, unless it keeps case" {
	run_share --share Share --schema DW --producer airline-producer \
	    --database Db <"$fleet"
	[ "$(sql '.seq == 1')" = 'CREATE DATASHARE "share"' ]
	assert_jq '.[3].unless | test("= '\''share'\''")'
	run_share --share Share --schema DW --producer airline-producer \
	    --database Db --case-sensitive <"$fleet"
	[ "$(sql '.seq == 1')" = 'CREATE DATASHARE "Share"' ]
	assert_jq '.[3].unless | test("= '\''Share'\''")'
}

@test "a datashare record says the same as the options" {
	local as_record

	run_wish '{roles: ["r"], schemas: [{schema: "a", tables: ["t"],
	    functions: "all", include_new: true}], public: true,
	    external_schemas: [{local: "l", schema: "a"}]}'
	assert_status 0
	as_record=$output
	run_share --share s --producer airline-producer --database db --schema a \
	    --table t --all-functions --include-new --public --role r \
	    --external-schema l <"$fleet"
	assert_out "$as_record"
}

@test "two local schemas of one name are refused: one would never be made" {
	run_share --share s --producer airline-producer --database db --schema a \
	    --external-schema l=a --external-schema L=b <"$fleet"
	assert_status 2
	assert_err_like "two local schemas have the name 'L'"
	assert_jq 'all(.[]; .kind != "statement")'
	run_share --share s --producer airline-producer --database db --schema a \
	    --case-sensitive --external-schema l=a --external-schema L=b <"$fleet"
	assert_status 0
}

@test "several shares in one stream, with lists of their own" {
	{
		wish '{share: "one", schemas: [{schema: "a", tables: ["x"]}, {schema: "b"}]}'
		wish '{share: "two", database: "db2", consumers: ["airline-consumer-2"]}'
		cat "$fleet"
	} >"$BATS_TEST_TMPDIR/in"
	run_share <"$BATS_TEST_TMPDIR/in"
	assert_status 0
	assert_jq '[.[].sql | strings | select(startswith("CREATE DATABASE"))] | length == 3'
	assert_jq 'all(.[]; .kind != "datashare")'
}

@test "a wish with a member it cannot have, or of the wrong type, is refused" {
	local bad

	for bad in '{tables: []}' '{with_permission: true}' '{schemas: {}}' \
	    '{schemas: ["a"]}' '{schemas: [{}]}' '{schemas: [{schema: "a", table: "x"}]}' \
	    '{schemas: [{schema: "a", tables: "some"}]}' '{schemas: [{schema: "a", tables: [1]}]}' \
	    '{schemas: [{schema: "a", include_new: "yes"}]}' '{public: "true"}' \
	    '{share: ""}' '{share: 7}' '{share: null}' '{producer: "UPPER"}' \
	    '{accounts: ["1234"]}' '{accounts: [123456789012]}' '{roles: "r"}' '{roles: [""]}' \
	    '{producer_namespace: "x"}' '{external_schemas: [{local: "l"}]}' \
	    '{consumers: ["no/good"]}' '{database: "select"}' '{schemas: []}'; do
		run_wish "$bad"
		assert_refused 7 'line 1: the datashare record|share'
	done
}

@test "a consumer nobody described, or without a namespace, is refused (D8)" {
	airline --consumer airline-consumer-9
	assert_refused 7 "no workgroup record of 'airline-consumer-9'"
	{
		workgroup airline-producer $P
		workgroup airline-consumer-1 $C1 | jq -c 'del(.namespace_id)'
		end
	} >"$fleet"
	airline
	assert_refused 7 "'airline-consumer-1' has no \"namespace_id\""
	{ workgroup airline-producer $P; workgroup c-1 ''; end; } >"$fleet"
	airline
	assert_refused 7 'not a namespace id'
	{ workgroup airline-producer $P; workgroup c-1 null; end; } >"$fleet"
	airline
	assert_refused 7 'not a namespace id'
}

@test "no consumer at all, or the producer as its own, is refused" {
	{ workgroup airline-producer $P; end; } >"$fleet"
	airline
	assert_refused 2 'has no consumer'
	{ workgroup airline-producer $P; workgroup twin-1 ${P^^}; end; } >"$fleet"
	airline
	assert_refused 2 "consumer 'twin-1' has the producer's namespace"
}

@test "a stream that is cut, or says it failed, gives no statement" {
	cp "$fleet.open" "$fleet"
	airline
	assert_refused 7 'truncated'
	{ cat "$fleet.open"; end false; } >"$fleet"
	airline
	assert_refused 7 'did not finish'
	: >"$fleet"
	airline
	assert_refused 7 'truncated'
	{ cat "$fleet.open"; echo '{"kind":'; end; } >"$fleet"
	airline
	assert_refused 7 'line 4'
}

@test "--format sql: nothing on stdout when it is refused" {
	cp "$fleet.open" "$fleet"
	airline --format sql
	assert_status 7
	assert_out ''
	assert_err_like 'truncated'
}

@test "names that are too long or empty are refused with the name" {
	local long

	long=$(printf '%0128d' 0)
	airline --role "$long"
	assert_refused 2 'roles: .* is not a name of 1 to 127 bytes'
	airline --table "$long"
	assert_refused 2 '128 bytes'
	airline --role "${long:1}"
	assert_status 0
	airline --role $'a\nb'
	assert_refused 2 'not a name'
	airline --role $'\xff'
	assert_refused 2 'UTF-8'
}

@test "hostile text in every place stays one name or is refused" {
	run --separate-stderr "$RS_ROOT/tests/tools/sqlhostile" "$fleet" \
	    --share --schema --database --source-database --connect-database \
	    --role --group --user --external-schema --table --function --account \
	    --consumer --producer --producer-account -- rs-datashare-sql \
	    --share s --schema a --producer airline-producer --database db --role r
	[[ $output == *' 0 bad' ]] || fail_run 'some text got out'
	assert_status 0
}

@test "--remove: consumers first, the share last, each REVOKE after its DROP" {
	run_share --remove --share s --producer airline-producer --database db \
	    --external-schema x=a --account 444455556666 <"$fleet"
	assert_status 0
	assert_err ''
	diff - <(sql 'true') <<-END
	DROP SCHEMA "x"
	DROP DATABASE "db"
	DROP SCHEMA "x"
	DROP DATABASE "db"
	REVOKE USAGE ON DATASHARE "s" FROM NAMESPACE '$C1'
	REVOKE USAGE ON DATASHARE "s" FROM NAMESPACE '$C2'
	REVOKE USAGE ON DATASHARE "s" FROM ACCOUNT '444455556666'
	DROP DATASHARE "s"
	END
	assert_jq '[.[] | select(.sql // "" | startswith("REVOKE")) | .after] == [2, 4, null]'
	assert_jq 'all(.[] | select(.kind == "statement"); .unless |
	    startswith("SELECT 1 WHERE NOT EXISTS (SELECT 1 "))'
	assert_jq '[.[] | select(.sql // "" | startswith("DROP DATABASE")) |
	    .unless | test("TRIM\\(share_name\\) = '\''s'\''")] == [true, true]'
}

# state [jq expression that changes the list of rows]
state() {
	jq -nc --arg c1 $C1 '[
	    {state: "share", share_name: "s", objects: 5, consumers: 3},
	    {state: "object", share_name: "s", object_type: "schema", object_name: "a"},
	    {state: "object", share_name: "s", object_type: "TABLE", object_name: "a.keep"},
	    {state: "object", share_name: "s", object_type: "table", object_name: "a.go"},
	    {state: "object", share_name: "s", object_type: "schema", object_name: "a.b"},
	    {state: "object", share_name: "s", object_type: "function", object_name: "a.b.f(integer)"},
	    {state: "consumer", share_name: "s", consumer_account: "", consumer_namespace: $c1},
	    {state: "consumer", share_name: "s", consumer_account: "",
	        consumer_namespace: "99999999-9999-4999-8999-999999999999"},
	    {state: "consumer", share_name: "s", consumer_account: "777788889999", consumer_namespace: ""}
	    ] | '"${1:-.}"' | .[] | {kind: "row", seq: 1, on: "airline-producer", row: .}'
}

run_prune() { # jq expression for the rows, options
	{ wish '{schemas: [{schema: "a", tables: ["keep"]}]}'; state "$1"; cat "$fleet"; } \
	    >"$BATS_TEST_TMPDIR/in"
	shift
	run_share --prune "$@" <"$BATS_TEST_TMPDIR/in"
}

@test "--prune takes away what is not wished, objects before their schema (D9)" {
	run_prune .
	assert_status 0
	assert_err ''
	diff - <(sql '.sql | test("REVOKE|REMOVE")') <<-'END'
	REVOKE USAGE ON DATASHARE "s" FROM NAMESPACE '99999999-9999-4999-8999-999999999999'
	REVOKE USAGE ON DATASHARE "s" FROM ACCOUNT '777788889999'
	ALTER DATASHARE "s" REMOVE TABLE "a"."go"
	ALTER DATASHARE "s" REMOVE FUNCTION "a.b"."f"(integer)
	ALTER DATASHARE "s" REMOVE SCHEMA "a.b"
	END
	assert_jq 'all(.[]; .kind != "row")'
	assert_jq 'all(.[] | select(.sql // "" | test("REVOKE|REMOVE")); .unless |
	    startswith("SELECT 1 WHERE NOT EXISTS ("))'
}

@test "--prune without the state, or with half of it, does nothing" {
	run_prune 'map(select(false))'
	assert_refused 7 'no state of it came'
	run_prune 'map(select(.object_name != "a.go"))'
	assert_refused 7 'not whole: 4 objects and 3 consumers'
	run_prune 'map(select(.consumer_account != "777788889999"))'
	assert_refused 7 'not whole'
	run_prune 'map(.share_name = "other")'
	assert_refused 7 'no state of it came'
}

@test "--prune: a function whose types are not known is not guessed" {
	run_prune 'map(if .object_type == "function" then .object_name = "a.b.f" else . end)'
	assert_refused 1 'argument types are not known'
	run_prune 'map(if .object_type == "function" then .object_name = "a.b.f(int); DROP TABLE x; --)" else . end)'
	assert_refused 7 'types'
}

@test "without --prune nothing is taken away, whatever the state has" {
	{ wish '{}'; state .; cat "$fleet"; } >"$BATS_TEST_TMPDIR/in"
	run_share <"$BATS_TEST_TMPDIR/in"
	assert_status 0
	run -1 grep -cE 'REVOKE|REMOVE|DROP' <<<"$output"
}

@test "a table known to be unsharable is refused before any SQL" {
	local rows='[{state: "interleaved", share_name: "s", schema_name: "a", table_name: "t"},
	    {state: "rls", share_name: "s", schema_name: "a", table_name: "u"},
	    {state: "rls", share_name: "s", schema_name: "elsewhere", table_name: "v"}]'

	{ wish '{}'; state "$rows"; cat "$fleet"; } >"$BATS_TEST_TMPDIR/in"
	run_share <"$BATS_TEST_TMPDIR/in"
	assert_refused 1 "share 's' cannot work: interleaved sort key: a.t; row-level security: a.u"
	assert_err_lines 2
	{ wish '{schemas: [{schema: "a", tables: ["good"]}]}'; state "$rows"; cat "$fleet"; } \
	    >"$BATS_TEST_TMPDIR/in"
	run_share <"$BATS_TEST_TMPDIR/in"
	assert_status 0
}

@test "--state asks the producer, changes nothing, and is one statement each" {
	airline --state
	assert_status 0
	assert_jq 'all(.[] | select(.kind == "statement"); .on == "airline-producer"
	    and (.sql | startswith("SELECT ")) and (has("unless") | not))'
	printf '%s\n' "$output" | "$RS_ROOT/tests/tools/sqlcheck"
}

@test "rows of somebody else pass through" {
	{
		echo '{"kind":"row","seq":1,"on":"airline-producer","row":{"n":1}}'
		cat "$fleet"
	} >"$BATS_TEST_TMPDIR/in"
	run_share --share s --schema a --producer airline-producer --database db \
	    <"$BATS_TEST_TMPDIR/in"
	assert_status 0
	[ "${lines[0]}" = '{"kind":"row","seq":1,"on":"airline-producer","row":{"n":1}}' ]
}

@test "options that contradict each other are misuse" {
	local options

	for options in '--remove --prune' '--state --remove' '--state --prune'; do
		# shellcheck disable=SC2086
		run_share $options --share s </dev/null
		assert_status 2
		assert_out ''
		assert_err_lines 2
	done
	run_share --schema a </dev/null
	assert_status 2
	assert_err_like 'share is missing'
	airline --schema b --table t
	assert_refused 2 'exactly one --schema'
	airline --schema b --external-schema x
	assert_refused 2 'x=SCHEMA'
	airline --all-functions --function 'f()'
	assert_refused 2 'exclude'
	airline --producer-namespace $P
	assert_refused 2 'either'
}

@test "a full disk is status 8, in both formats" {
	local format

	for format in ndjson sql; do
		run --separate-stderr sh -c 'rs-datashare-sql --share s --schema a \
		    --producer airline-producer --database db \
		    --format "$0" <"$1" >/dev/full' $format "$fleet"
		assert_status 8
		assert_err_like 'No space left'
	done
}

# shares [CONSUMER STATUS]: what DescribeDataShares says, in two pages.
shares() {
	local arn=arn:aws:redshift:us-west-2:123456789012:datashare:$P/airline_share

	jq -nc --arg arn "$arn" --arg c "${1-}" --arg s "${2-}" '
	    def answer($a; $r): {on: $a, body: "<\($a)Response><\($a)Result>\($r)</\($a)Result></\($a)Response>"};
	    [answer("DescribeDataShares"; "<DataShares><member><DataShareArn>\($arn)_2</DataShareArn></member></DataShares><Marker>two</Marker>") + {count: 1},
	    answer("DescribeDataShares"; if $c == "" then "<DataShares/>" else
	        "<DataShares><member><DataShareArn>\($arn)</DataShareArn><DataShareAssociations><member><ConsumerIdentifier>\($c)</ConsumerIdentifier><Status>\($s)</Status></member></DataShareAssociations></member></DataShares>" end),
	    answer("AuthorizeDataShare"; "<DataShareArn>\($arn)</DataShareArn>"),
	    answer("AssociateDataShareConsumer"; "<DataShareArn>\($arn)</DataShareArn>"),
	    {on: "ListNamespaces", body: {namespaces: [{namespaceName: "c1", status: "AVAILABLE",
	        namespaceId: "'$C1'", namespaceArn: "arn:aws:redshift-serverless:us-west-2:444455556666:namespace/'$C1'"}]}}]'
}

@test "--authorize: what is pending, once; what is done, not again" {
	identity_script "$(shares 444455556666 PENDING_AUTHORIZATION)"
	airline --account 444455556666 --authorize
	assert_status 0
	assert_err ''
	assert_jq '[.[] | select(.kind == "link")] == [{kind: "link", chain: "airline_share",
	    step: "authorize", status: "done", detail: "444455556666"}]'
	assert_jq 'all(.[]; .kind != "statement")'
	printf '%s\n' "$output" | grep -v '"kind":"workgroup"' | validate_records
	assert_requests '[.[] | select(.name == "AuthorizeDataShare") | .body] | length == 1 and
	    (.[0] | test("ConsumerIdentifier=444455556666") and test("datashare%3A.*%2Fairline_share(&|$)"))'
	rm "$IDENTITY_DIR/requests"
	identity_script "$(shares 444455556666 ACTIVE)"
	airline --account 444455556666 --authorize
	assert_status 0
	assert_requests 'all(.[]; .name != "AuthorizeDataShare")'
}

@test "--authorize before the GRANT, or without an account, is too early" {
	identity_script "$(shares)"
	airline --account 444455556666 --authorize
	assert_refused 1 'run the statements of the producer first'
	assert_jq 'any(.[]; .kind == "link" and .status == "missing")'
	assert_requests 'all(.[]; .name != "AuthorizeDataShare")'
	airline --authorize
	assert_refused 2 'none is named'
}

@test "--associate: each consumer by the ARN of its namespace" {
	{ workgroup airline-consumer-1 $C1; end; } >"$fleet"
	other() {
		run_share --share airline_share --producer-namespace $P --associate <"$fleet"
	}
	identity_script "$(shares 444455556666 AUTHORIZED)"
	other
	assert_status 0
	assert_jq '[.[] | select(.kind == "link") | [.step, .status, .detail]] ==
	    [["associate", "done", "airline-consumer-1"]]'
	assert_requests '[.[] | select(.name == "AssociateDataShareConsumer") | .body] | length == 1 and
	    (.[0] | test("ConsumerArn=arn%3Aaws%3Aredshift-serverless%3Aus-west-2%3A444455556666%3Anamespace%2F'$C1'"))'
	rm "$IDENTITY_DIR/requests"
	identity_script "$(shares arn:aws:redshift-serverless:us-west-2:444455556666:namespace/$C1 ACTIVE)"
	other
	assert_status 0
	assert_requests 'all(.[]; .name != "AssociateDataShareConsumer")'
	identity_script "$(shares)"
	other
	assert_refused 1 'has to authorize it first'
	{ workgroup airline-consumer-2 $C2; end; } >"$fleet"
	other
	assert_refused 1 'not in this account'
}

@test "--authorize: a refusal by AWS is told whole" {
	identity_script '[{"on":"DescribeDataShares","status":403,"body":"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"}]'
	airline --account 444455556666 --authorize
	assert_refused 4 "cannot look for share 'airline_share': AccessDenied: no .*r-1"
}
