#!/usr/bin/env bats
# The guards of the generated statements, on a real server: valid SQL, false
# before the statement was done and true after, and rs-sql then skips it all.
# Redshift's system views are tables here, with the columns of its guide; names
# are padded, as some versions pad them.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/postgres

P=11111111-1111-4111-8111-111111111111
C=22222222-2222-4222-8222-222222222222

setup_file() { postgres_start; }
teardown_file() { postgres_stop; }

setup() {
	postgres_env
	psql_in dev -q <<'END'
DROP SCHEMA public CASCADE; CREATE SCHEMA public;
CREATE TABLE svv_datashares (share_name char(128), source_database char(128),
    consumer_database char(128), share_type varchar(8),
    is_publicaccessible boolean, producer_namespace char(64));
CREATE TABLE svv_datashare_objects (share_type varchar(8), share_name char(128),
    object_type char(64), object_name char(512), producer_namespace char(64),
    include_new boolean);
CREATE TABLE svv_datashare_consumers (share_name char(128),
    consumer_account char(16), consumer_namespace char(64));
CREATE TABLE svv_redshift_tables (database_name char(128), schema_name char(128),
    table_name char(128));
CREATE TABLE svv_redshift_functions (database_name char(128),
    schema_name char(128), function_name char(128), function_type char(128),
    argument_type char(512));
CREATE TABLE svv_redshift_columns (database_name char(128),
    schema_name char(128), table_name char(128), column_name char(128),
    sortkey integer);
CREATE TABLE svv_external_schemas (schemaname name, databasename text,
    eskind smallint);
CREATE TABLE svv_database_privileges (database_name text, privilege_type text,
    identity_name text, identity_type text, privilege_scope text);
CREATE TABLE svv_schema_privileges (namespace_name text, privilege_type text,
    identity_name text, identity_type text, privilege_scope text);
CREATE TABLE svv_mv_info (database_name char(128), schema_name char(128),
    name char(128), autorefresh char(1));
CREATE TABLE svv_rls_relation (datname text, relschema text, relname text,
    is_rls_on boolean, is_rls_datashare_on boolean);
CREATE TABLE svv_roles (role_name text);
CREATE TABLE svv_user_grants (user_name text, role_name text);
CREATE TABLE svv_role_grants (role_name text, granted_role_name text);
CREATE TABLE svv_column_privileges (namespace_name text, relation_name text,
    column_name text, privilege_type text, identity_name text,
    identity_type text);
CREATE TABLE svv_rls_policy (poldb text, polname text);
CREATE TABLE svv_rls_attached_policy (relschema text, relname text,
    polname text, grantee text, granteekind text);
CREATE TABLE svv_masking_policy (policy_database text, policy_name text);
CREATE TABLE svv_attached_masking_policy (policy_name text, schema_name text,
    table_name text, grantee text, grantee_type text, priority int,
    output_columns text);
CREATE TABLE svv_integration (integration_id char(128),
    target_database char(128), state char(128));
END
}

airline() {
	{
		jq -nc --arg n $P '{kind: "workgroup", workgroup: "airline-producer", namespace_id: $n}'
		jq -nc --arg n $C '{kind: "workgroup", workgroup: "airline-consumer-1", namespace_id: $n}'
		echo '{"kind":"end","tool":"rs-wait-workgroup","count":2,"complete":true}'
	} | rs-datashare-sql --share airline_share --schema airline_dw --producer airline-producer \
	    --database airline_shared --role analysts --group g --include-new --public \
	    --all-functions --external-schema airline --account 444455556666 "$@"
}

airline_done() {
	psql_in dev -q <<END
INSERT INTO svv_datashares VALUES
    ('airline_share', 'dev', '', 'OUTBOUND', true, '$P'),
    ('airline_share', '', 'airline_shared', 'INBOUND', false, '$P');
INSERT INTO svv_datashare_objects VALUES
    ('OUTBOUND', 'airline_share', 'schema', 'airline_dw', '$P', true),
    ('OUTBOUND', 'airline_share', 'table', 'airline_dw.flights', '$P', NULL),
    ('OUTBOUND', 'airline_share', 'function', 'airline_dw.f(integer)', '$P', NULL),
    ('INBOUND', 'airline_share', 'schema', 'airline_dw', '$P', NULL);
INSERT INTO svv_datashare_consumers VALUES
    ('airline_share', '', '$C'), ('airline_share', '444455556666', '');
INSERT INTO svv_redshift_tables VALUES ('dev', 'airline_dw', 'flights');
INSERT INTO svv_redshift_functions VALUES
    ('dev', 'airline_dw', 'f', 'REGULAR FUNCTION', 'integer');
INSERT INTO svv_external_schemas VALUES ('airline', 'airline_shared', 4);
INSERT INTO svv_database_privileges VALUES
    ('airline_shared', 'USAGE', 'analysts', 'role', 'DATABASE'),
    ('airline_shared', 'USAGE', 'g', 'group', 'DATABASE');
INSERT INTO svv_schema_privileges VALUES
    ('airline', 'USAGE', 'analysts', 'role', 'SCHEMA'),
    ('airline', 'USAGE', 'g', 'group', 'SCHEMA');
END
}

# guards <statements: for each, "seq rows", rows being what the guard returned.
guards() {
	local record seq

	while read -r record; do
		seq=$(jq -r .seq <<<"$record")
		jq -r '.unless + ";"' <<<"$record" >"$BATS_TEST_TMPDIR/guard.sql"
		printf '%s %s\n' "$seq" "$(psql_in dev -qAt -v ON_ERROR_STOP=1 \
		    -f "$BATS_TEST_TMPDIR/guard.sql" | grep -c '')"
	done < <(jq -c 'select(.kind == "statement" and has("unless"))')
}

assert_guards() { # 0: none returned a row; 1: each did
	local line

	while read -r line; do
		case $1:${line#* } in
		0:0 | [1-9]:[1-9]) ;;
		*) fail "guard $line, wanted $1" ;;
		esac
	done
}

run_all() {
	run --separate-stderr sh -c 'unset PGHOST PGHOSTADDR
	    exec rs-sql --host warehouse.test --hostaddr 127.0.0.1 <"$0"' "$BATS_TEST_TMPDIR/statements"
}

@test "rs-datashare-sql: before, no guard says done, but that nothing has to be taken down" {
	psql_in dev -q -c "INSERT INTO svv_redshift_tables VALUES ('dev', 'airline_dw', 'flights');
	    INSERT INTO svv_redshift_functions VALUES ('dev', 'airline_dw', 'f', 'REGULAR FUNCTION', 'integer')"
	airline | guards | assert_guards 0
	airline --remove | guards | assert_guards 1
}

@test "rs-datashare-sql: after, every guard says done, and rs-sql skips it all" {
	airline_done
	airline | guards | assert_guards 1
	airline --remove | guards | assert_guards 0
	airline >"$BATS_TEST_TMPDIR/statements"
	run_all
	assert_status 0
	assert_jq '[.[] | select(.kind == "result") | .status] | length == 15 and all(. == "skipped")'
}

@test "rs-datashare-sql: what is done halfway is not done" {
	airline_done
	psql_in dev -q -c "INSERT INTO svv_redshift_tables VALUES ('dev', 'airline_dw', 'new_one'), ('dev', 'other', 'x');
	    UPDATE svv_datashares SET consumer_database = 'another' WHERE share_type = 'INBOUND';
	    UPDATE svv_datashare_objects SET include_new = false;
	    UPDATE svv_external_schemas SET databasename = 'another';
	    DELETE FROM svv_database_privileges WHERE identity_type = 'role';
	    INSERT INTO svv_database_privileges VALUES ('airline_shared', 'USAGE', 'analysts', 'user', 'DATABASE')"
	airline >"$BATS_TEST_TMPDIR/statements"
	guards <"$BATS_TEST_TMPDIR/statements" | awk '$2 == 0 { print $1 }' >"$BATS_TEST_TMPDIR/undone"
	jq -r --slurpfile n "$BATS_TEST_TMPDIR/undone" 'select(.seq as $s | $n | any(. == $s)) |
	    .sql | split(" ")[0:6] | join(" ")' "$BATS_TEST_TMPDIR/statements" | diff - <(cat <<-'END'
	ALTER DATASHARE "airline_share" SET INCLUDENEW TRUE
	ALTER DATASHARE "airline_share" ADD ALL TABLES
	CREATE DATABASE "airline_shared" FROM DATASHARE "airline_share"
	CREATE EXTERNAL SCHEMA "airline" FROM REDSHIFT
	GRANT USAGE ON DATABASE "airline_shared" TO
	END
	)
}

@test "rs-datashare-sql: the proof fails where the schema cannot be seen" {
	airline_done
	airline | jq -c 'select(.kind == "end" or (.why // "" | startswith("prove")))' >"$BATS_TEST_TMPDIR/statements"
	run_all
	assert_status 0
	psql_in dev -q -c "DELETE FROM svv_datashare_objects WHERE share_type = 'INBOUND'"
	run_all
	assert_status 6
	assert_err_like 'division by zero'
}

@test "rs-datashare-sql: the state that rs-sql brings is what --prune takes away" {
	airline_done
	psql_in dev -q -c "INSERT INTO svv_datashare_objects VALUES ('OUTBOUND', 'airline_share', 'table', 'airline_dw.old', '$P', NULL);
	    INSERT INTO svv_datashare_consumers VALUES ('airline_share', '', '99999999-9999-4999-8999-999999999999')"
	airline --state --table flights >"$BATS_TEST_TMPDIR/statements"
	run_all
	assert_status 0
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/state"
	run --separate-stderr rs-datashare-sql --prune --share airline_share --schema airline_dw \
	    --producer airline-producer --database airline_shared --table flights --function 'f(integer)' \
	    --account 444455556666 <"$BATS_TEST_TMPDIR/state"
	assert_status 0
	assert_err ''
	diff - <(jq -r '.sql // empty | select(test("REVOKE|REMOVE"))' <<<"$output") <<-'END'
	REVOKE USAGE ON DATASHARE "airline_share" FROM NAMESPACE '99999999-9999-4999-8999-999999999999'
	ALTER DATASHARE "airline_share" REMOVE TABLE "airline_dw"."old"
	END
	psql_in dev -q -c "INSERT INTO svv_rls_relation VALUES ('dev', 'airline_dw', 'flights', true, true);
	    INSERT INTO svv_redshift_columns VALUES ('dev', 'airline_dw', 'old', 'a', 1), ('dev', 'airline_dw', 'old', 'b', -2)"
	run_all
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/state"
	run --separate-stderr rs-datashare-sql --share airline_share --schema airline_dw \
	    --producer airline-producer --database airline_shared <"$BATS_TEST_TMPDIR/state"
	assert_status 1
	assert_err_like 'interleaved sort key: airline_dw.old; row-level security: airline_dw.flights'
}

@test "rs-msk-schema: views, by themselves or by hand, fields" {
	msk() {
		rs-msk-schema wg-1 --schema msk --role default --brokers b:9098 --topic orders \
		    --field a --field b.c "$@" </dev/null
	}
	msk | guards | assert_guards 0
	msk --remove | guards | assert_guards 1
	psql_in dev -q -c "INSERT INTO svv_external_schemas VALUES ('msk', 'x', 10);
	    INSERT INTO svv_mv_info VALUES ('dev', 'public', 'orders', 't');
	    INSERT INTO svv_redshift_tables VALUES ('dev', 'public', 'orders_fields');
	    INSERT INTO svv_redshift_columns SELECT 'dev', 'public', 'orders_fields', c, 0 FROM
	    unnest(ARRAY['kafka_partition', 'kafka_offset', 'kafka_timestamp', 'a', 'b_c']) c"
	msk | guards | assert_guards 1
	msk --remove | guards | assert_guards 0
	[ "$(msk --manual-refresh | guards | awk '$2 == 0 { print $1 }')" = 3 ]
	[ "$(msk --field new | guards | awk '$2 == 0 { print $1 }')" = 4 ]
}

@test "rs-federate: schemas, views" {
	federate() {
		rs-federate schema wg-1 --schema f --role default --engine postgres --host h \
		    --source-database Sales --secret-arn arn:aws:secretsmanager:us-west-2:123456789012:secret:s \
		    --table t "$@" </dev/null
	}
	federate | guards | assert_guards 0
	federate --remove | guards | assert_guards 1
	psql_in dev -q -c "INSERT INTO svv_external_schemas VALUES ('f', 'Sales', 3);
	    INSERT INTO svv_redshift_tables VALUES ('dev', 'public', 't')"
	federate | guards | assert_guards 1
	federate --remove | guards | assert_guards 0
}

@test "rs-grant-sql: roles, columns, rows, masks" {
	grants() {
		rs-grant-sql role --name a --user u --role b "$@" wg-1 </dev/null
		rs-grant-sql columns --schema s --table t --column x --column y --role b "$@" wg-1 </dev/null
		rs-grant-sql rows --name p --schema s --table t --role b --using true "$@" wg-1 </dev/null
		rs-grant-sql mask --name m --schema s --table t --column x --column y --with x:int \
		    --using 1 --role b --priority 3 "$@" wg-1 </dev/null
	}
	grants | guards | assert_guards 0
	grants --remove | guards | assert_guards 1
	psql_in dev -q -c "INSERT INTO svv_roles VALUES ('a');
	    INSERT INTO svv_user_grants VALUES ('u', 'a'); INSERT INTO svv_role_grants VALUES ('b', 'a');
	    INSERT INTO svv_column_privileges VALUES ('s', 't', 'x', 'SELECT', 'b', 'role'), ('s', 't', 'y', 'SELECT', 'b', 'role');
	    INSERT INTO svv_rls_policy VALUES ('dev', 'p'); INSERT INTO svv_rls_attached_policy VALUES ('s', 't', 'p', 'b', 'role');
	    INSERT INTO svv_rls_relation VALUES ('dev', 's', 't', true, true);
	    INSERT INTO svv_masking_policy VALUES ('dev', 'm');
	    INSERT INTO svv_attached_masking_policy VALUES ('m', 's', 't', 'b', 'role', 3, '[\"x\",\"y\"]')"
	grants | guards | assert_guards 1
	grants --remove | guards | assert_guards 0
	psql_in dev -q -c "DELETE FROM svv_column_privileges WHERE column_name = 'y';
	    UPDATE svv_attached_masking_policy SET output_columns = '[\"x\"]'"
	[ "$(grants | guards | grep -c ' 0$')" -eq 2 ]
}
