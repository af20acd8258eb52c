#!/usr/bin/env bats
# rs-grant-sql: who may see what; what a user writes as an expression stays
# one expression.
bats_require_minimum_version 1.5.0
load helpers/common

grant() {
	run --separate-stderr rs-grant-sql "$@" wg-1 </dev/null
}

sql() {
	printf '%s\n' "$output" | jq -r 'select(.kind == "statement") | .sql'
}

assert_refused() { # status, regular expression
	assert_status "$1"
	assert_err_like "$2"
	assert_jq 'length == 1 and .[0].kind == "end" and (.[0].complete | not)'
}

assert_sql() { # the statements are standard input; all are sound
	assert_status 0
	assert_err ''
	diff - <(sql)
	assert_records
	assert_jq 'all(.[] | select(.kind == "statement"); has("unless"))'
	printf '%s\n' "$output" | "$RS_ROOT/tests/tools/sqlcheck"
}

@test "role: made, given to users and roles; taken away first" {
	grant role --name analysts --user alice --user IAM:bob --role leads
	assert_sql <<-'END'
	CREATE ROLE "analysts"
	GRANT ROLE "analysts" TO ROLE "leads"
	GRANT ROLE "analysts" TO "alice"
	GRANT ROLE "analysts" TO "iam:bob"
	END
	grant role --name analysts --user alice --remove
	assert_sql <<-'END'
	REVOKE ROLE "analysts" FROM "alice"
	DROP ROLE "analysts"
	END
}

@test "columns: to roles, groups, users and everybody" {
	grant columns --schema hr --table people --column name --column 'e"mail' \
	    --role r --group g --user u --public
	assert_sql <<-'END'
	GRANT SELECT ("name", "e""mail") ON TABLE "hr"."people" TO ROLE "r"
	GRANT SELECT ("name", "e""mail") ON TABLE "hr"."people" TO GROUP "g"
	GRANT SELECT ("name", "e""mail") ON TABLE "hr"."people" TO "u"
	GRANT SELECT ("name", "e""mail") ON TABLE "hr"."people" TO PUBLIC
	END
	grant columns --schema hr --table people --column name --role r --privilege update --remove
	assert_sql <<-'END'
	REVOKE UPDATE ("name") ON TABLE "hr"."people" FROM ROLE "r"
	END
}

@test "rows: policy, attached, and turned on, which is what makes it work" {
	grant rows --name own --with 'region:character varying(10)' --using "region = 'eu' OR (1=1)" \
	    --table orders --role sales --public --for-datashares off
	assert_sql <<-'END'
	CREATE RLS POLICY "own" WITH ("region" character varying(10)) USING (region = 'eu' OR (1=1))
	ATTACH RLS POLICY "own" ON TABLE "public"."orders" TO ROLE "sales"
	ATTACH RLS POLICY "own" ON TABLE "public"."orders" TO PUBLIC
	ALTER TABLE "public"."orders" ROW LEVEL SECURITY ON
	ALTER TABLE "public"."orders" ROW LEVEL SECURITY OFF FOR DATASHARES
	END
	grant rows --name own --table orders --role sales --remove
	assert_sql <<-'END'
	DETACH RLS POLICY "own" ON TABLE "public"."orders" FROM ROLE "sales"
	DROP RLS POLICY IF EXISTS "own"
	END
}

@test "mask: policy, attached with its priority" {
	grant mask --name card --with 'card:varchar(256)' --using "'XXXX' || SUBSTRING(card, 13)" \
	    --schema pay --table cards --column card --role support --priority 10
	assert_sql <<-'END'
	CREATE MASKING POLICY "card" WITH ("card" varchar(256)) USING ('XXXX' || SUBSTRING(card, 13))
	ATTACH MASKING POLICY "card" ON "pay"."cards" ("card") TO ROLE "support" PRIORITY 10
	END
	grant mask --name card --schema pay --table cards --column card --role support --remove
	assert_sql <<-'END'
	DETACH MASKING POLICY "card" ON "pay"."cards" ("card") FROM ROLE "support"
	DROP MASKING POLICY "card"
	END
}

@test "an expression that could leave its place is refused" {
	local bad

	for bad in 'true; DROP TABLE t' ';' 'true) OR (true' ')' '(' 'a = ((b)' "a = 'b" 'a = "b' \
	    'a -- b' '-- a' 'a /* b */' '/* a' "a = E'\\''" "a = '\\' OR b = '" 'a \ b' '$$a$$' \
	    'a = $x$b$x$' ' ' '(a))((b)'; do
		grant rows --name p --using "$bad" --table t --role r
		assert_refused 2 'the expression .* has '
	done
	for good in 'true' "a = 'it''s; -- /* fine'" '"a;b" = 1' '(a) AND (b)' 'a <> b' 'a - -1 > 0'; do
		grant rows --name p --using "$good" --table t --role r
		assert_status 0
		[ "$(sql | head -n 1)" = "CREATE RLS POLICY \"p\" USING ($good)" ]
		printf '%s\n' "$output" | "$RS_ROOT/tests/tools/sqlcheck"
	done
}

@test "what is missing is said" {
	grant role
	assert_refused 2 'name is missing'
	grant columns --table t --role r
	assert_refused 2 'column is missing'
	grant columns --column c --role r
	assert_refused 2 'table is missing'
	grant rows --name p --table t --role r
	assert_refused 2 'using is missing'
	grant rows --name p --table t --using true
	assert_refused 2 'nobody is named'
	grant mask --name p --table t --column c --role r --using x
	assert_refused 2 'with is missing'
	for with in a a: 'a:b;' ':int' 'a:int)'; do
		grant mask --name p --table t --column c --role r --using x "--with=$with"
		assert_status 2
		assert_err_like 'name'
	done
	grant role --name r --column c
	assert_status 2
	assert_out ''
	assert_err_like 'does not belong'
}

@test "workgroup records pass through, with statements for each" {
	{
		echo '{"kind":"workgroup","workgroup":"wg-one","port": 5439}'
		echo '{"kind":"workgroup","workgroup":"wg-two","port": 5439}'
		echo '{"kind":"end","tool":"rs-wait-workgroup","count":2,"complete":true}'
	} >"$BATS_TEST_TMPDIR/in"
	run --separate-stderr rs-grant-sql role --name r <"$BATS_TEST_TMPDIR/in"
	assert_status 0
	cmp <(printf '%s\n' "$output" | head -n 2) <(head -n 2 "$BATS_TEST_TMPDIR/in")
	assert_jq '[.[] | select(.kind == "statement") | .on] == ["wg-one", "wg-two"]'
	head -n 2 "$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/cut"
	run --separate-stderr rs-grant-sql role --name r <"$BATS_TEST_TMPDIR/cut"
	assert_status 7
	assert_jq 'all(.[]; .kind != "statement") and (.[-1].complete | not)'
}

@test "hostile text in every place stays one name or is refused" {
	: >"$BATS_TEST_TMPDIR/in"
	run --separate-stderr "$RS_ROOT/tests/tools/sqlhostile" "$BATS_TEST_TMPDIR/in" \
	    --name --schema --table --column --role --user --database -- \
	    rs-grant-sql mask wg-1 --name p --table t --column c --role r --with c:int --using 1
	[[ $output == *' 0 bad' ]] || fail_run 'some text got out'
	assert_status 0
	run --separate-stderr "$RS_ROOT/tests/tools/sqlhostile" "$BATS_TEST_TMPDIR/in" \
	    --schema --table --column --role --user --group -- \
	    rs-grant-sql columns wg-1 --table t --column c --role r
	[[ $output == *' 0 bad' ]] || fail_run 'some text got out'
}
