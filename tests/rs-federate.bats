#!/usr/bin/env bats
# rs-federate: schemas for what Redshift can query in place, the chain of a
# zero-ETL integration, and plain words about the rest.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/identity

ROLE=arn:aws:iam::123456789012:role/federate
SECRET=arn:aws:secretsmanager:us-west-2:123456789012:secret:example/db-AbCdEf
SOURCE=arn:aws:rds:us-west-2:123456789012:cluster:orders
TARGET=arn:aws:redshift-serverless:us-west-2:123456789012:namespace/11111111-1111-4111-8111-111111111111
INTEGRATION=arn:aws:rds:us-west-2:123456789012:integration:a1b2c3d4-5678-90ab-cdef-000000000001

setup_file() { identity_start; }
teardown_file() { identity_stop; }

setup() {
	identity_reset
	export AWS_REGION=us-west-2 AWS_ENDPOINT_URL=$IDENTITY_URL
	export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=secret
	export AWS_MAX_ATTEMPTS=1
}

schema() {
	run --separate-stderr rs-federate schema --schema external_postgres \
	    --role $ROLE --secret-arn $SECRET "$@" wg-1 </dev/null
}

postgres() {
	schema --engine postgres --host db.example.internal \
	    --source-database sales "$@"
}

sql() {
	printf '%s\n' "$output" | jq -r 'select(.kind == "statement") | .sql'
}

assert_refused() { # status, regular expression
	assert_status "$1"
	assert_err_like "$2"
	assert_jq 'all(.[]; .kind != "statement") and (.[-1].complete | not)'
}

# Corrected against the specification: names quoted, the default port said,
# views late-binding, the monitoring query on columns that exist (D14).
@test "the federated example is as it was reviewed" {
	postgres --table orders=orders_now --format sql
	assert_status 0
	assert_err ''
	assert_out "$(cat "$RS_ROOT/tests/golden/federated.sql")"
	postgres --table orders=orders_now
	assert_records
	printf '%s\n' "$output" | "$RS_ROOT/tests/tools/sqlcheck"
}

@test "MySQL: no schema, its own port and kind" {
	schema --engine mysql --host db.example.internal --source-database shop
	assert_status 0
	[ "$(sql)" = "CREATE EXTERNAL SCHEMA \"external_postgres\" FROM MYSQL DATABASE 'shop' URI 'db.example.internal' PORT 3306 IAM_ROLE '$ROLE' SECRET_ARN '$SECRET'" ]
	assert_jq '.[0].unless | test("eskind = 8")'
	schema --engine mysql --host h --source-database shop --source-schema x
	assert_refused 2 'MySQL has no schemas'
}

@test "a copy of a table is refreshed by hand, and made alone" {
	postgres --materialized --table orders
	[ "$(sql | tail -n 1)" = 'CREATE MATERIALIZED VIEW "public"."orders" AUTO REFRESH NO AS SELECT * FROM "external_postgres"."orders"' ]
	assert_jq '.[1].transaction == false and (.[1].unless | test("svv_mv_info"))'
	postgres --materialized --table orders --remove
	diff - <(sql) <<-'END'
	DROP MATERIALIZED VIEW IF EXISTS "public"."orders"
	DROP SCHEMA "external_postgres"
	END
}

@test "SQL Server and Oracle are refused, with what works instead (D15)" {
	local engine

	for engine in sqlserver mssql oracle oracle-ee sqlserver-se mariadb db2; do
		schema --engine $engine --host h --source-database d
		assert_refused 2 "no federated query for '$engine'"
		assert_err_like 'rs-federate zero-etl --create --name'
		assert_err_like 'DMS'
		assert_err_lines 2
	done
}

@test "what is missing, or is not what it should be" {
	schema --host h --source-database d
	assert_refused 2 'engine is missing'
	schema --engine postgres --source-database d
	assert_refused 2 'host is missing'
	schema --engine postgres --host h
	assert_refused 2 'source-database is missing'
	for host in 'https://h' 'h:5432' 'h/x' "h'" 'h h' -h; do
		schema --engine postgres "--host=$host" --source-database d
		assert_refused 2 'not the name of a host'
	done
	run --separate-stderr rs-federate schema --schema s --role $ROLE wg-1 </dev/null
	assert_refused 2 'secret-arn is missing'
	run --separate-stderr rs-federate schema --schema s --role $ROLE --secret-arn $ROLE wg-1 </dev/null
	assert_refused 2 'not the ARN of a secret'
	run --separate-stderr rs-federate schema --schema s --secret-arn $SECRET wg-1 </dev/null
	assert_refused 2 'role is missing'
	run --separate-stderr rs-federate schema --monitor --remove --schema s wg-1 </dev/null
	assert_status 2
	assert_out ''
}

@test "the secret gives the source, and nobody gets to see the rest of it" {
	identity_script "$(jq -nc '[{on: "GetSecretValue", body: {SecretString: ({username: "u",
	    password: "p4ss-W0rd-not-to-be-seen", engine: "postgres", host: "from.secret",
	    port: 6432, dbname: "sales"} | tojson)}}]')"
	schema --from-secret --debug
	assert_status 0
	[[ $(sql) == *"DATABASE 'sales' SCHEMA 'public' URI 'from.secret' PORT 6432 "* ]]
	run -1 grep -c 'p4ss-W0rd' <<<"$output$stderr"
	schema --from-secret --host other
	assert_refused 2 'another "host"'
	schema --from-secret --port 5432
	assert_refused 2 'another "port"'
	schema --from-secret --engine mysql
	assert_refused 2 'another "engine"'
}

@test "a secret that Redshift could not use is told without showing it" {
	local secret

	for secret in '{"password":"s3cr3t-value"}' '{"username":"u","password":""}' \
	    '["s3cr3t-value"]' 's3cr3t-value' '{"username":7,"password":"s3cr3t-value"}'; do
		identity_script "$(jq -nc --arg s "$secret" '[{on: "GetSecretValue", body: {SecretString: $s}}]')"
		schema --from-secret --debug
		assert_status 1
		assert_jq 'all(.[]; .kind != "statement")'
		run -1 grep -c 's3cr3t-value' <<<"$output$stderr"
	done
	identity_script '[{"on": "GetSecretValue", "status": 400, "body":
	    {"__type": "ResourceNotFoundException", "message": "no such secret"}}]'
	schema --from-secret
	assert_refused 5 'cannot read secret .*ResourceNotFoundException: no such secret'
	identity_script "$(jq -nc '[{on: "GetSecretValue", body: {SecretString: ({username: "u",
	    password: "p", engine: "sqlserver", host: "h", port: 1433, dbname: "d"} | tojson)}}]')"
	schema --from-secret
	assert_refused 2 "no federated query for 'sqlserver'"
}

@test "hostile text in every place stays one name or is refused" {
	: >"$BATS_TEST_TMPDIR/in"
	run --separate-stderr "$RS_ROOT/tests/tools/sqlhostile" "$BATS_TEST_TMPDIR/in" \
	    --schema --view-schema --database --source-database --source-schema --table \
	    --role --host --secret-arn --engine -- rs-federate schema wg-1 --schema s \
	    --role $ROLE --secret-arn $SECRET --engine postgres --host h --source-database d --table t
	[[ $output == *' 0 bad' ]] || fail_run 'some text got out'
	assert_status 0
}

# --- zero-etl --------------------------------------------------------------

# query ACTION RESULT: an answer of a Query service, as a script entry.
query() {
	jq -nc --arg a "$1" --arg r "$2" '{on: $a, body:
	    "<\($a)Response><\($a)Result>\($r)</\($a)Result><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></\($a)Response>"}'
}

integration() { # status
	printf '<Integrations><Integration><SourceArn>%s</SourceArn><TargetArn>%s</TargetArn><IntegrationName>orders</IntegrationName><IntegrationArn>%s</IntegrationArn><Status>%s</Status></Integration></Integrations>' \
	    "${2-$SOURCE}" $TARGET $INTEGRATION "$1"
}

parameters() {
	printf '<Parameters>'
	printf '<Parameter><ParameterName>%s</ParameterName><ParameterValue>%s</ParameterValue></Parameter>' "$@"
	printf '</Parameters>'
}

policy() {
	jq -nc --arg s $SOURCE '{Version: "2012-10-17", Statement: [
	    {Effect: "Allow", Principal: {Service: "redshift.amazonaws.com"},
	     Action: "redshift:AuthorizeInboundIntegration",
	     Condition: {StringEquals: {"aws:SourceArn": $s}}},
	    {Effect: "Allow", Principal: {AWS: "123456789012"},
	     Action: ["redshift:CreateInboundIntegration"]}]}'
}

# world [entry ...]: a source and a target in which all is well; the entries
# come first.
world() {
	local guid=${TARGET##*/}

	{
		printf '%s\n' "$@"
		query DescribeDBClusters '<DBClusters><DBCluster><Engine>aurora-postgresql</Engine><EngineVersion>16.4</EngineVersion><DBClusterParameterGroup>pg16</DBClusterParameterGroup></DBCluster></DBClusters>'
		query DescribeDBClusterParameters "$(parameters rds.logical_replication 1 \
		    aurora.enhanced_logical_replication 1 aurora.logical_replication_backup 0 \
		    aurora.logical_replication_globaldb 0)"
		query GetResourcePolicy "<ResourcePolicy><Policy>$(policy)</Policy></ResourcePolicy>"
		jq -nc --arg t $TARGET --arg g "$guid" '{on: "ListNamespaces", body: {namespaces: [
		    {namespaceName: "prod", namespaceArn: $t, namespaceId: $g, status: "AVAILABLE"}]}}'
		jq -nc '{on: "ListWorkgroups", body: {workgroups: [{workgroupName: "prod-wg",
		    namespaceName: "prod", status: "AVAILABLE", configParameters: [
		    {parameterKey: "enable_case_sensitive_identifier", parameterValue: "true"}]}]}}'
		query DescribeIntegrations "$(integration active)"
	} | jq -sc . >"$BATS_TEST_TMPDIR/script"
	identity_script "$(cat "$BATS_TEST_TMPDIR/script")"
}

zero() {
	run --separate-stderr rs-federate zero-etl --name orders --source-arn $SOURCE \
	    --target-arn $TARGET "$@" </dev/null
}

@test "zero-etl: a chain in which all is done, and the database that follows" {
	world
	zero --make-database Orders --source-database sales --set refresh_interval=300 \
	    --set history_mode=true prod-wg
	assert_status 0
	assert_err ''
	assert_records
	assert_jq '[.[] | select(.kind == "link") | [.step, .status]] == [["source", "done"],
	    ["source_parameters", "done"], ["target", "done"], ["authorized_source", "done"],
	    ["authorized_principal", "done"], ["integration", "done"]]'
	[ "$(sql | head -n 1)" = "CREATE DATABASE \"orders\" FROM INTEGRATION 'a1b2c3d4-5678-90ab-cdef-000000000001' DATABASE \"sales\" SET REFRESH_INTERVAL 300 HISTORY_MODE = true" ]
	assert_jq '[.[] | select(.kind == "statement") | .transaction] == [false, true, true]'
	printf '%s\n' "$output" | "$RS_ROOT/tests/tools/sqlcheck"
}

@test "zero-etl --wait: rs-sql is told to wait until the tables are in step" {
	world
	zero --make-database "O'rders" --wait --timeout 90 prod-wg
	assert_status 0
	assert_err ''
	assert_records
	assert_jq '[.[] | select(.kind == "statement")] | length == 4 and
	    (.[0].sql | startswith("CREATE DATABASE")) and
	    (map(has("wait_s")) == [false, true, false, false]) and
	    .[1].wait_s == 90 and (.[1].sql | test("= .CdcRefreshState.$")) and
	    (.[1].fail_if | test("= .ErrorState.$")) and
	    (.[2].sql | test("current_lag / 1000.0 AS lag_s"))'
	printf '%s\n' "$output" | "$RS_ROOT/tests/tools/sqlcheck"
	zero --make-database orders --wait --timeout 0 prod-wg
	assert_jq '[.[] | select(has("wait_s")) | .wait_s] == [31536000]'
	zero --make-database orders --wait --format sql prod-wg
	assert_status 0
	[[ $output == *'-- run it again until it returns a row'* ]]
	[[ $output == *'-- it never will when this returns a row: SELECT'* ]]
}

@test "zero-etl: everything that is missing or wrong is listed together" {
	world "$(query DescribeDBClusters '<DBClusters><DBCluster><Engine>aurora-postgresql</Engine><EngineVersion>15.4</EngineVersion><DBClusterParameterGroup>pg15</DBClusterParameterGroup></DBCluster></DBClusters>')" \
	    "$(query DescribeDBClusterParameters "$(parameters rds.logical_replication 0)")" \
	    '{"on":"ListWorkgroups","body":{"workgroups":[{"workgroupName":"prod-wg","namespaceName":"prod","status":"AVAILABLE"}]}}' \
	    '{"on":"GetResourcePolicy","status":404,"body":"<ErrorResponse><Error><Code>ResourceNotFoundFault</Code><Message>none</Message></Error></ErrorResponse>"}' \
	    "$(query DescribeIntegrations '<Integrations/>')"
	zero --create
	assert_status 1
	assert_err_like "5 steps are missing or wrong"
	assert_jq '[.[] | select(.kind == "link") | .status] ==
	    ["wrong", "wrong", "wrong", "missing", "missing"]'
	assert_jq 'all(.[] | select(.kind == "link"); .remedy | length > 0)'
	assert_jq '.[2].remedy | test("update-workgroup --workgroup-name prod-wg .*enable_case_sensitive_identifier")'
	assert_requests 'all(.[]; .name != "CreateIntegration")'
}

@test "zero-etl --create: what is there already is not created again" {
	world
	zero --create
	assert_status 0
	assert_requests 'all(.[]; .name != "CreateIntegration")'
}

@test "zero-etl --create --wait: created, waited for, active" {
	world "$(query DescribeIntegrations '<Integrations/>' | jq -c '.count = 1')" \
	    "$(query CreateIntegration '<Status>creating</Status>')" \
	    "$(query DescribeIntegrations "$(integration creating)" | jq -c '.count = 1')"
	zero --create --wait --timeout 60 --data-filter 'include: sales.public.*, exclude: sales.public.tmp'
	assert_status 0
	assert_jq '[.[] | select(.kind == "link")][-1] | .step == "integration" and .status == "done"'
	assert_requests '[.[] | select(.name == "CreateIntegration")] | length == 1 and
	    (.[0].body | test("IntegrationName=orders") and test("DataFilter=include%3A%20sales.public"))'
}

@test "zero-etl --wait: a failure ends it, time ends it" {
	world "$(query DescribeIntegrations "$(integration failed)")"
	zero --wait
	assert_status 1
	assert_jq '[.[] | select(.kind == "link")][-1] | .status == "wrong" and (.remedy | test("--delete"))'
	world "$(query DescribeIntegrations "$(integration creating)")"
	zero --wait --timeout 0.5
	assert_status 3
	assert_err_like "integration 'orders' is creating"
}

@test "zero-etl: one of the same name and another source is left alone" {
	world "$(query DescribeIntegrations "$(integration active arn:aws:rds:us-west-2:123456789012:cluster:other)")"
	zero --create --make-database d prod-wg
	assert_status 1
	assert_jq 'all(.[]; .kind != "statement")'
	assert_jq '[.[] | select(.kind == "link")][-1] | .status == "wrong"'
	zero --delete
	assert_status 1
	assert_err_like 'left alone'
	assert_requests 'all(.[]; .name | test("^(Create|Delete)") | not)'
}

@test "zero-etl --delete: once, and harmless the second time" {
	world "$(query DeleteIntegration '<Status>deleting</Status>')"
	zero --delete
	assert_status 0
	assert_requests '[.[] | select(.name == "DeleteIntegration")] | length == 1'
	rm -f "$IDENTITY_DIR/requests"
	world "$(query DescribeIntegrations '<Integrations/>')"
	zero --delete --wait
	assert_status 0
	assert_requests 'all(.[]; .name != "DeleteIntegration")'
}

@test "zero-etl: a refusal is not an answer" {
	local action

	for action in DescribeIntegrations DescribeDBClusters DescribeDBClusterParameters GetResourcePolicy; do
		world '{"on":"'$action'","status":403,"body":"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"}'
		zero --create
		assert_status 4
		assert_err_like 'AccessDenied: no'
		assert_requests 'all(.[]; .name != "CreateIntegration")'
	done
}

@test "zero-etl: versions and parameters by engine" {
	local row

	for row in 'aurora-mysql 8.0.mysql_aurora.3.05.2 done' 'aurora-mysql 8.0.mysql_aurora.3.05.1 wrong' \
	    'aurora-mysql 8.0.mysql_aurora.3.10.0 done' 'aurora-mysql 5.7.mysql_aurora.2.11.0 wrong' \
	    'aurora-postgresql 16.3 wrong' 'aurora-postgresql 17.4 done' 'aurora-postgresql 18.1 done' \
	    'aurora-postgresql 15.9 wrong' 'sqlserver-se 15.00 wrong'; do
		# shellcheck disable=SC2086
		set -- $row
		world "$(query DescribeDBClusters "<DBClusters><DBCluster><Engine>$1</Engine><EngineVersion>$2</EngineVersion><DBClusterParameterGroup>g</DBClusterParameterGroup></DBCluster></DBClusters>")"
		zero
		assert_jq '.[0].step == "source" and .[0].status == $s' --arg s "$3"
	done
}

@test "zero-etl of a self-managed database: Glue, and never into Serverless" {
	local dms=arn:aws:dms:us-west-2:123456789012:endpoint:ABC
	local cluster=arn:aws:redshift:us-west-2:123456789012:namespace:22222222-2222-4222-8222-222222222222

	run --separate-stderr rs-federate zero-etl --create --name sql1 --source-arn $dms --target-arn $TARGET
	assert_refused 2 'does not take Redshift Serverless'
	assert_err_like 'provisioned cluster'
	# shellcheck disable=SC2016
	world "$(jq -nc --arg s $dms '{on: "GetResourcePolicy", body: "<GetResourcePolicyResponse><GetResourcePolicyResult><ResourcePolicy><Policy>{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"redshift.amazonaws.com\"},\"Action\":\"redshift:AuthorizeInboundIntegration\",\"Condition\":{\"StringEquals\":{\"aws:SourceArn\":\"\($s)\"}}},{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"redshift:CreateInboundIntegration\"}]}</Policy></ResourcePolicy></GetResourcePolicyResult></GetResourcePolicyResponse>"}')" \
	    '{"on":"DescribeIntegrations","count":1,"body":{"Integrations":[],"Marker":"two"}}' \
	    '{"on":"DescribeIntegrations","count":1,"body":{"Integrations":[]}}' \
	    '{"on":"CreateIntegration","body":{"Status":"CREATING"}}' \
	    "$(jq -nc --arg s $dms --arg t $cluster '{on: "DescribeIntegrations", body: {Integrations: [{IntegrationName: "sql1",
	        IntegrationArn: "arn:aws:glue:us-west-2:123456789012:integration:xyz", SourceArn: $s, TargetArn: $t, Status: "ACTIVE"}]}}')"
	run --separate-stderr rs-federate zero-etl --create --name sql1 --source-arn $dms \
	    --target-arn $cluster --subnet subnet-1 --subnet subnet-2 --security-group sg-1 \
	    --data-filter 'include: db.*' --kms-key alias/x
	assert_status 0
	assert_jq '[.[] | select(.kind == "link") | .status] == ["unknown", "unknown", "done", "done", "done"]'
	assert_requests '[.[] | select(.name == "CreateIntegration")][0].body | fromjson |
	    .IntegrationConfig.SourceProperties == {SubnetIds: "subnet-1,subnet-2", VpcSecurityGroupIds: "sg-1"}
	    and .KmsKeyId == "alias/x" and .DataFilter == "include: db.*"'
	assert_requests '[.[] | select(.name == "DescribeIntegrations") | .body | fromjson.Marker] == [null, "two", null]'
}

@test "zero-etl: options that do not fit" {
	run --separate-stderr rs-federate zero-etl --name 'a b' --source-arn $SOURCE --target-arn $TARGET
	assert_refused 2 'letters, digits'
	run --separate-stderr rs-federate zero-etl --name a --source-arn x --target-arn $TARGET
	assert_refused 2 'not an ARN'
	run --separate-stderr rs-federate zero-etl --name a --source-arn $SOURCE --target-arn $SOURCE
	assert_refused 2 'namespace of Redshift'
	run --separate-stderr rs-federate zero-etl --name a --source-arn "${SOURCE/us-west-2/eu-west-1}" --target-arn $TARGET
	assert_refused 2 'one region'
	run --separate-stderr rs-federate zero-etl --name a --source-arn "${SOURCE/cluster:/snapshot:}" --target-arn $TARGET
	assert_refused 2 'neither a cluster nor an instance'
	for filter in x 'include: db' 'include db.t' 'include: db.t,' 'exclude: a.b; x'; do
		[ "$filter" != 'exclude: a.b; x' ] || continue
		zero --data-filter "$filter"
		assert_refused 2 'data-filter'
	done
	world
	for set in x REFRESH_INTERVAL REFRESH_INTERVAL= REFRESH_INTERVAL=432001 REFRESH_INTERVAL=-1 \
	    'HISTORY_MODE=true OWNER = x' HISTORY_MODE=1 'OWNER=x'; do
		zero --make-database d --set "$set" prod-wg
		assert_status 2
		assert_err_like '^rs-federate: --set: '
		assert_jq 'all(.[]; .kind != "statement")'
	done
	zero --create --delete
	assert_status 2
	assert_out ''
}
