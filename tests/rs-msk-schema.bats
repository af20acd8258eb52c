#!/usr/bin/env bats
# rs-msk-schema: what it says, what it refuses, whom it asks.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/identity

R=arn:aws:iam::111122223333:role/service-role/redshift-serverless-clust-redshiftNamespaceIamRole
M=arn:aws:iam::444455556666:role/service-role/msk-serverless-cluster-redshiftStrIngestCrossActRo
UUID=8ecca3e4-7e5a-4152-a212-ab7f9cde97be-s1
CLUSTER=arn:aws:kafka:ap-south-1:444455556666:cluster/MSKSrc/$UUID
BOOT=boot-kdohpulc.c3.kafka-serverless.ap-south-1.amazonaws.com:9098

setup_file() { identity_start; }
teardown_file() { identity_stop; }

setup() {
	identity_reset
	export AWS_ENDPOINT_URL_KAFKA=$IDENTITY_URL
	export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=secret
	export AWS_MAX_ATTEMPTS=1
}

msk() {
	run --separate-stderr rs-msk-schema --schema mskschema "$@" </dev/null
}

# The tutorial's cluster: another account, IAM, one topic.
tutorial() {
	msk --role $R --role $M --cluster-arn $CLUSTER --brokers $BOOT \
	    --topic testtopic=myview1 "$@" streamingwork
}

sql() {
	printf '%s\n' "$output" | jq -r 'select(.kind == "statement") | .sql'
}

assert_refused() { # status, regular expression
	assert_status "$1"
	assert_err_like "$2"
	assert_jq 'length == 1 and .[0].kind == "end" and (.[0].complete | not)'
}

# Corrected against the tutorial: brokers instead of CLUSTER_ARN (no call to
# MSK's API from Redshift), the two roles without a blank, JSON_PARSE guarded
# by CAN_JSON_PARSE (D17), refresh_time kept, names quoted, a role where the
# deployment script had the ARN of a policy (D16).
@test "the tutorial is as it was reviewed" {
	tutorial --format sql --refresh
	assert_status 0
	assert_err ''
	assert_out "$(cat "$RS_ROOT/tests/golden/msk-tutorial.sql")"
	tutorial --refresh --field customer.id:bigint --field note
	assert_status 0
	assert_records
	printf '%s\n' "$output" | "$RS_ROOT/tests/tools/sqlcheck"
}

@test "workgroup records pass through, with a statement for each" {
	{
		echo '{"kind":"workgroup","workgroup":"wg-one","port": 5439}'
		echo '{"kind":"moon"}'
		echo '{"kind":"workgroup","workgroup":"wg-two","port": 5439}'
		echo '{"kind":"end","tool":"rs-wait-workgroup","count":2,"complete":true}'
	} >"$BATS_TEST_TMPDIR/in"
	run --separate-stderr rs-msk-schema --schema s --role $M --brokers $BOOT \
	    <"$BATS_TEST_TMPDIR/in"
	assert_status 0
	assert_err ''
	cmp <(printf '%s\n' "$output" | head -n 3) <(head -n 3 "$BATS_TEST_TMPDIR/in")
	assert_jq '[.[] | select(.kind == "statement") | .on] == ["wg-one", "wg-two"]'
	sed -i '$d' "$BATS_TEST_TMPDIR/in"
	run --separate-stderr rs-msk-schema --schema s --role $M --brokers $BOOT \
	    <"$BATS_TEST_TMPDIR/in"
	assert_status 7
	assert_jq 'all(.[]; .kind != "statement") and (.[-1].complete | not)'
}

@test "forms of the schema: mtls, none, Kafka elsewhere, by ARN, default role" {
	msk --role default --brokers b:9094 -a mtls --authentication-arn \
	    arn:aws:acm:us-west-2:444455556666:certificate/1-2 wg-1
	[ "$(sql)" = "CREATE EXTERNAL SCHEMA \"mskschema\" FROM MSK IAM_ROLE default URI 'b:9094' AUTHENTICATION mtls AUTHENTICATION_ARN 'arn:aws:acm:us-west-2:444455556666:certificate/1-2'" ]
	msk --role $R --brokers b:9094 -a mtls --secret-arn \
	    arn:aws:secretsmanager:us-west-2:444455556666:secret:x-AbCdEf wg-1
	[ "$(sql)" = "CREATE EXTERNAL SCHEMA \"mskschema\" FROM MSK IAM_ROLE '$R' URI 'b:9094' AUTHENTICATION mtls SECRET_ARN 'arn:aws:secretsmanager:us-west-2:444455556666:secret:x-AbCdEf'" ]
	msk --brokers b:9092,c:9092 -a none wg-1
	[ "$(sql)" = "CREATE EXTERNAL SCHEMA \"mskschema\" FROM MSK URI 'b:9092,c:9092' AUTHENTICATION none" ]
	msk --source kafka --brokers kafka.example.com:29093 -a none wg-1
	[ "$(sql)" = "CREATE EXTERNAL SCHEMA \"mskschema\" FROM KAFKA URI 'kafka.example.com:29093' AUTHENTICATION none" ]
	msk --role $R,$M --cluster-arn $CLUSTER --use-cluster-arn wg-1
	[ "$(sql)" = "CREATE EXTERNAL SCHEMA \"mskschema\" FROM MSK IAM_ROLE '$R,$M' AUTHENTICATION iam CLUSTER_ARN '$CLUSTER'" ]
}

@test "views: attributes before AUTO REFRESH, raw, by hand" {
	tutorial --dist-style key --dist-key kafka_partition --sort-key kafka_timestamp --sort-key kafka_offset
	[[ $(sql) == *'"public"."myview1" DISTSTYLE KEY DISTKEY("kafka_partition") SORTKEY("kafka_timestamp", "kafka_offset") AUTO REFRESH YES AS SELECT'* ]]
	tutorial --raw --manual-refresh --view-schema 'My "schema"'
	[[ $(sql) == *'CREATE MATERIALIZED VIEW "my ""schema"""."myview1" AUTO REFRESH NO AS SELECT '*' kafka_value FROM "mskschema"."testtopic"'* ]]
	run -1 grep -c JSON_PARSE <<<"$output"
	tutorial --dist-style key
	assert_refused 2 'go together'
	tutorial --dist-key x
	assert_refused 2 'go together'
}

@test "fields: cast in a second view, never in the one that reads" {
	tutorial --field customer.id:bigint --field 'price:numeric(10, 2)' --field 'odd "name"'
	assert_status 0
	[ "$(sql | tail -n 1)" = 'CREATE VIEW "public"."myview1_fields" AS SELECT kafka_partition, kafka_offset, kafka_timestamp, CAST(data."customer"."id" AS bigint) AS "customer_id", CAST(data."price" AS numeric(10, 2)) AS "price", CAST(data."odd ""name""" AS varchar) AS "odd ""name""" FROM "public"."myview1"' ]
	run -1 grep CAST <<<"$(sql | grep MATERIALIZED)"
	for field in '' . a. .a a..b 'a:' 'a:int)' 'a:int; x' 'a:1' Caps.x; do
		[ -n "$field" ] || continue
		tutorial --field "$field"
		assert_refused 2 'name is empty|is not a type|capital'
	done
	tutorial --field Caps.x --case-sensitive
	assert_status 0
	tutorial --field a --raw
	assert_refused 2 'parsed JSON'
}

@test "topics: quoted, named after, checked" {
	tutorial --topic my-topic.v1
	assert_status 0
	[[ $(sql) == *'"public"."my_topic_v1"'*'FROM "mskschema"."my-topic.v1" WHERE'* ]]
	tutorial --topic Orders
	assert_refused 2 "topic 'Orders' has capital letters"
	tutorial --topic Orders --case-sensitive
	assert_status 0
	[[ $(sql) == *'FROM "mskschema"."Orders" WHERE'* ]]
	tutorial --topic a.b --topic a-b
	assert_refused 2 "'a.b' and 'a-b' would both have the view 'a_b'"
	for topic in 'a b' 'a"b' "a'b" 'a;b' "$(printf '%0129d' 0)" =x 'ä'; do
		tutorial --topic "$topic"
		assert_refused 2 'is not the name of a topic'
	done
	tutorial --topic "$(printf '%0128d' 0)=v"
	assert_refused 2 '128 bytes'	# Redshift's own limit for names
}

@test "roles: a policy, a stranger, twice, too many, two partitions" {
	msk --brokers $BOOT --role arn:aws:iam::444455556666:policy/p wg-1
	assert_refused 2 "not the ARN of a role of iam, but of 'policy' of iam"
	for role in x arn:aws:iam::444455556666:role/ arn:aws:iam::4444:role/x \
	    "arn:aws:iam::444455556666:role/x y" "arn:aws:iam::444455556666:role/x'"; do
		msk --brokers $BOOT --role "$role" wg-1
		assert_refused 2 '--role: '
	done
	msk --brokers $BOOT --role $R --role $R wg-1
	assert_refused 2 'comes twice'
	msk --brokers $BOOT --role "$R, $M" wg-1
	assert_refused 2 'is not an ARN'
	msk --brokers $BOOT --role $R --role arn:aws-cn:iam::444455556666:role/x wg-1
	assert_refused 2 'another partition'
	# shellcheck disable=SC2046
	msk --brokers $BOOT $(printf -- '--role arn:aws:iam::444455556666:role/r%d ' {1..11}) wg-1
	assert_refused 2 'no more than 10'
	msk --brokers $BOOT wg-1
	assert_refused 2 "needs a --role"
}

@test "the reading role has to be of the cluster's account" {
	msk --brokers $BOOT --role $R --cluster-arn $CLUSTER wg-1
	assert_refused 2 'cluster is in account 444455556666, but the role .* in account 111122223333'
	msk --brokers $BOOT --role $M --role $R --cluster-arn $CLUSTER wg-1
	assert_refused 2 'another --role'
	for arn in "${CLUSTER%/*}" "${CLUSTER/cluster/topic}" x; do
		msk --brokers $BOOT --role $M --cluster-arn "$arn" wg-1
		assert_refused 2 '--cluster-arn'
	done
}

@test "ports have to belong to the authentication" {
	local row

	for row in 'iam 9094 TLS' 'iam 9092 plain' 'iam 9096 SASL/SCRAM' 'none 9098 IAM' \
	    'none 9096 SASL/SCRAM' 'mtls 9098 IAM' 'mtls 9092 plain' 'iam 9194 TLS' \
	    'none 20098 IAM' 'mtls 20096 SCRAM'; do
		# shellcheck disable=SC2086
		set -- $row
		msk --role default -a "$1" --brokers "ok.example:$2" \
		    --authentication-arn arn:aws:acm:us-west-2:444455556666:certificate/1 wg-1
		[ "$1" = mtls ] || msk --role default -a "$1" --brokers "ok.example:$2" wg-1
		assert_refused 2 "port $2 is for .*$3"
	done
	msk --role default --brokers b:5432 wg-1
	assert_refused 2 'not a port of MSK'
	for brokers in b b: :9098 'b:x' 'b:0' 'b:65536' 'b:9098,' ',b:9098' 'b:9098, c:9098' \
	    "b':9098" 'b:9098;' 'b/c:9098' '-b:9098'; do
		msk --role default --brokers "$brokers" wg-1
		assert_refused 2 'is not host:port'
	done
}

@test "options that do not fit together" {
	msk --source kafka --role default --brokers b:9098 wg-1
	assert_refused 2 'IAM authentication is for MSK'
	msk --source kafka -a none --cluster-arn $CLUSTER wg-1
	assert_refused 2 'cluster of MSK'
	msk -a mtls --role default --brokers b:9094 wg-1
	assert_refused 2 'either'
	msk -a iam --role default --brokers b:9098 --secret-arn x wg-1
	assert_refused 2 'for --authentication mtls'
	msk -a mtls --role default --brokers b:9094 --authentication-arn $R wg-1
	assert_refused 2 'certificate of acm'
	msk --role $M --use-cluster-arn wg-1
	assert_refused 2 'needs --cluster-arn'
	msk --role $M --use-cluster-arn --cluster-arn $CLUSTER --brokers $BOOT wg-1
	assert_refused 2 'exclude'
	msk --role $M wg-1
	assert_refused 2 'give --brokers'
	run --separate-stderr rs-msk-schema --role default wg-1 </dev/null
	assert_refused 2 'schema is missing'
	msk --remove --monitor wg-1
	assert_status 2
	assert_out ''
	msk --role default --brokers b:9098 'No/Good'
	assert_refused 2 'not the name of a workgroup'
}

@test "the brokers are asked of MSK, by the ARN as one label" {
	identity_script '[{"on": "/v1/clusters/arn%3Aaws%3Akafka%3Aap-south-1%3A444455556666%3Acluster%2FMSKSrc%2F'$UUID'/bootstrap-brokers",
	    "body": {"bootstrapBrokerStringTls": "t:9094", "bootstrapBrokerStringSaslIam": "i:9098,j:9098",
	    "bootstrapBrokerStringPublicSaslIam": "p:9198", "bootstrapBrokerStringVpcConnectivitySaslIam": "v:14001"}}]'
	msk --role $M --cluster-arn $CLUSTER wg-1
	assert_status 0
	assert_err ''
	[[ $(sql) == *"URI 'i:9098,j:9098' AUTHENTICATION iam" ]]
	msk -a none --cluster-arn $CLUSTER wg-1
	[[ $(sql) == *"URI 't:9094' AUTHENTICATION none" ]]
	assert_requests 'length == 2 and all(.[]; .method == "GET")'
}

@test "a cluster without that listener, a refusal, an odd answer" {
	identity_script '[{"on": "/v1/clusters/arn%3Aaws%3Akafka%3Aap-south-1%3A444455556666%3Acluster%2FMSKSrc%2F'$UUID'/bootstrap-brokers",
	    "count": 1, "body": {"bootstrapBrokerStringTls": "t:9094"}},
	    {"on": "/v1/clusters/arn%3Aaws%3Akafka%3Aap-south-1%3A444455556666%3Acluster%2FMSKSrc%2F'$UUID'/bootstrap-brokers",
	    "count": 1, "status": 403, "headers": {"x-amzn-errortype": "ForbiddenException"}, "body": {"message": "no"}},
	    {"on": "/v1/clusters/arn%3Aaws%3Akafka%3Aap-south-1%3A444455556666%3Acluster%2FMSKSrc%2F'$UUID'/bootstrap-brokers",
	    "count": 1, "body": {"bootstrapBrokerStringSaslIam": "x'\'' AUTHENTICATION none:9098"}}]'
	msk --role $M --cluster-arn $CLUSTER wg-1
	assert_refused 1 'has no listener'
	msk --role $M --cluster-arn $CLUSTER wg-1
	assert_refused 4 'cannot get the brokers of .*ForbiddenException: no'
	msk --role $M --cluster-arn $CLUSTER wg-1
	assert_refused 2 'is not host:port'
}

@test "--policies: the least the two accounts need" {
	run --separate-stderr rs-msk-schema --policies --schema s --role $R --role $M \
	    --cluster-arn $CLUSTER --topic testtopic --topic more
	assert_status 0
	assert_err ''
	assert_records
	assert_jq '[.[] | select(.kind == "policy") | [.account, .use]] ==
	    [["111122223333", "trust"], ["111122223333", "permissions"],
	     ["444455556666", "trust"], ["444455556666", "permissions"]]'
	assert_jq '.[2].document.Statement[0].Principal == {AWS: $r}' --arg r $R
	assert_jq '.[1].document.Statement == [{Sid: "NextRole", Effect: "Allow",
	    Action: "sts:AssumeRole", Resource: $m}]' --arg m $M
	assert_jq '.[0].document.Statement[0].Principal.Service == ["redshift.amazonaws.com",
	    "redshift-serverless.amazonaws.com"]'
	assert_jq '[.[3].document.Statement[].Action] | flatten | sort == ["kafka-cluster:AlterGroup",
	    "kafka-cluster:Connect", "kafka-cluster:DescribeGroup", "kafka-cluster:DescribeTopic",
	    "kafka-cluster:ReadData"]'
	assert_jq '.[3].document.Statement[1].Resource ==
	    ["arn:aws:kafka:ap-south-1:444455556666:topic/MSKSrc/\($u)/testtopic",
	     "arn:aws:kafka:ap-south-1:444455556666:topic/MSKSrc/\($u)/more"]' --arg u $UUID
	run --separate-stderr rs-msk-schema --policies --schema s --role $M \
	    --cluster-arn $CLUSTER --topic t --use-cluster-arn
	assert_jq '[.[1].document.Statement[].Action] | flatten | any(. == "kafka:GetBootstrapBrokers")'
	run --separate-stderr rs-msk-schema --policies --schema s --role $M
	assert_refused 2 'needs --cluster-arn'
}

@test "--monitor asks the real views, --remove drops views before the schema" {
	tutorial --monitor
	assert_status 0
	assert_jq '[.[] | select(.kind == "statement") | .sql |
	    capture("FROM (?<view>[a-z_]+)").view] ==
	    ["sys_stream_scan_states", "sys_stream_scan_errors", "svv_mv_info"]'
	tutorial --remove --field a
	diff - <(sql) <<-'END'
	DROP VIEW IF EXISTS "public"."myview1_fields"
	DROP MATERIALIZED VIEW IF EXISTS "public"."myview1"
	DROP SCHEMA "mskschema"
	END
	assert_jq 'all(.[] | select(.kind == "statement"); .unless | startswith("SELECT 1 WHERE NOT EXISTS"))'
}

@test "hostile text in every place stays one name or is refused" {
	: >"$BATS_TEST_TMPDIR/in"
	run --separate-stderr "$RS_ROOT/tests/tools/sqlhostile" "$BATS_TEST_TMPDIR/in" \
	    --schema --view-schema --database --topic --field --sort-key --role --brokers \
	    --cluster-arn -- rs-msk-schema wg-1 --schema s --role $M --brokers b:9098 --topic t
	[[ $output == *' 0 bad' ]] || fail_run 'some text got out'
	assert_status 0
}
