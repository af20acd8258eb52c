#!/usr/bin/env bats
# The sandbox is judged by the real AWS CLI and by curl's own signer; by
# Terraform in terraform_sandbox.bats.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/sandbox

setup_file()
{
	sandbox_start
}

setup()
{
	sandbox_reset
}

teardown_file()
{
	sandbox_stop
}

# --- helpers ----------------------------------------------------------------

rss()
{
	aws redshift-serverless "$@" --output json
}

# refused CODE TEXT command ...: the AWS CLI reports just this error.
refused()
{
	local code=$1 text=$2
	shift 2
	run --separate-stderr "$@"
	[[ $status -eq 254 || $status -eq 255 ]] || # CLI 2 or 1
		fail_run 'the call was not refused'
	assert_out ''
	[[ $stderr == *"($code)"* && $stderr == *"$text"* ]] ||
		fail_run "stderr does not say $code: $text"
}

# raw SERVICE BODY [curl option ...]: one request that curl has signed.
raw()
{
	local service=$1 body=$2
	shift 2
	curl -q -sS --max-time 30 --aws-sigv4 "aws:amz:us-west-2:$service" \
	    --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
	    --data-binary "$body" "$@" "$AWS_ENDPOINT_URL/"
}

json_call()
{
	local operation=$1 body=$2
	shift 2
	raw redshift-serverless "$body" \
	    -H "X-Amz-Target: RedshiftServerless.$operation" \
	    -H 'Content-Type: application/x-amz-json-1.1' "$@"
}

# ask OPERATION name=string ... name:=json ...: redshift-serverless by curl,
# which takes a tenth of the AWS CLI's time.
ask()
{
	local operation=$1 body
	shift
	body=$(jq -nc '[$ARGS.positional[]
	    | capture("^(?<key>\\w+)(?<raw>:?)=(?<value>.*)$")
	    | if .raw == ":" then .value |= fromjson else . end]
	    | from_entries' --args -- "$@")
	json_call "$operation" "$body"
}

# denied CODE TEXT OPERATION ...: ask gets just this error.
denied()
{
	local code=$1 text=$2
	shift 2
	run --separate-stderr ask "$@"
	assert_status 0
	assert_jq '.[0] | .__type == $code and (.message | contains($text))' \
	    --arg code "$code" --arg text "$text"
}

# holds FILTER JSON: the JSON satisfies the jq filter.
holds()
{
	jq -e "$1" <<<"$2" >/dev/null || fail "not so: $1 in: $2"
}

workgroup_status()
{
	json_call GetWorkgroup "{\"workgroupName\":\"$1\"}" |
	    jq -r .workgroup.status
}

namespace_status()
{
	json_call GetNamespace "{\"namespaceName\":\"$1\"}" |
	    jq -r .namespace.status
}

interfaces()
{
	aws ec2 describe-network-interfaces --output json \
	    --filters Name=requester-managed,Values=true \
	    Name=interface-type,Values=vpc_endpoint | jq -c .NetworkInterfaces
}

health()
{
	aws elbv2 describe-target-health --target-group-arn "$@" \
	    --output json | jq -c '[.TargetHealthDescriptions[] | [
		.Target.Id, .Target.Port, .Target.AvailabilityZone,
		.TargetHealth.State, .TargetHealth.Reason]]'
}

# another [option ...]: a second sandbox in a directory of its own.
another()
{
	export RS_SANDBOX_DIR=$BATS_TEST_TMPDIR/other
	run --separate-stderr "$SANDBOX" start "$@"
}

# A zombie that nobody has waited for yet is gone too.
gone()
{
	local line
	line=$(tr -d '\0' <"/proc/$1/cmdline") || return 0
	[[ -z $line ]]
}

# --- the process ------------------------------------------------------------

@test "start returns when it answers, in a directory of one's own" {
	another --idle 1
	assert_status 0
	assert_jq '.[0] | .region == "us-west-2" and (.pid | type == "number")
	    and (.endpoint | startswith("http://127.0.0.1:"))'
	assert_err ''
	run --separate-stderr "$SANDBOX" status
	assert_status 0
	assert_jq '.[0] | .region == "us-west-2" and (.subnet_ids | length) == 3'
	[[ $(stat -c %a "$RS_SANDBOX_DIR") == 700 ]]
	[[ $(jq .pid <<<"$output") == $(<"$RS_SANDBOX_DIR/pid") ]]
	[[ $(jq -r .url <<<"$output") == http://127.0.0.1:* ]]
	run --separate-stderr "$SANDBOX" start
	assert_status 1
	assert_err 'rs-sandbox: already running, see: rs-sandbox status'
	"$SANDBOX" stop
}

@test "stop ends it, and may be said twice" {
	another
	pid=$(<"$RS_SANDBOX_DIR/pid")
	for _ in 1 2; do
		run --separate-stderr "$SANDBOX" stop
		assert_status 0
		assert_out ''
		assert_err ''
		gone "$pid"
	done
	run --separate-stderr "$SANDBOX" status
	assert_status 1
	assert_out ''
	assert_err 'rs-sandbox: the sandbox is not running: rs-sandbox start'
}

@test "start --parent: it goes when the parent is gone" {
	sleep 60 3>&- &
	parent=$!
	another --parent "$parent"
	pid=$(<"$RS_SANDBOX_DIR/pid")
	[[ -e /proc/$pid ]]
	kill "$parent"
	wait_until gone "$pid"
}

@test "start --idle: it goes when nobody asks" {
	another --idle 0.001
	assert_status 0
	wait_until gone "$(<"$RS_SANDBOX_DIR/pid")"
}

@test "start refuses a taken port, a foreign directory and an unknown option" {
	port=${AWS_ENDPOINT_URL##*:}
	another --port "$port"
	assert_status 1
	[[ $stderr == "rs-sandbox: cannot listen on $port: "* ]]
	another --parent 4194305
	assert_status 1
	assert_err 'rs-sandbox: --parent: no process 4194305'
	another --no-such
	assert_status 2
	run --separate-stderr "$SANDBOX" no-such
	assert_status 2
	assert_err_like "unknown command 'no-such'"
	ln -s "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/link"
	RS_SANDBOX_DIR=$BATS_TEST_TMPDIR/link
	run --separate-stderr "$SANDBOX" start
	assert_status 1
	assert_err_like 'is not a directory of yours'
}

@test "env gives a clean shell all it needs" {
	code=$("$SANDBOX" env)
	run --separate-stderr env -i "PATH=$PATH" "HOME=$HOME" \
	    AWS_PROFILE=mine AWS_CA_BUNDLE=/nonexistent \
	    bash -c "$code"'; aws sts get-caller-identity --output json'
	assert_status 0
	assert_jq '.[0].Account == "123456789012"'
	assert_err ''
}

@test "start --tls: https with an authority of its own" {
	another --tls
	assert_status 0
	code=$("$SANDBOX" env)
	eval "$code"
	[[ $AWS_ENDPOINT_URL == https://127.0.0.1:* ]]
	run --separate-stderr rss list-workgroups
	assert_status 0
	assert_jq '.[0].workgroups == []'
	run --separate-stderr curl -q -sS "$AWS_ENDPOINT_URL"
	assert_status 60
	run --separate-stderr json_call ListWorkgroups '{}' \
	    --cacert "$AWS_CA_BUNDLE"
	assert_status 0
	assert_jq '.[0].workgroups == []'
	"$SANDBOX" stop
}

# --- the life of a workgroup ------------------------------------------------

@test "a workgroup goes CREATING, MODIFYING, AVAILABLE, its namespace with it" {
	sandbox_set clock stop
	run --separate-stderr rss create-namespace --namespace-name etl \
	    --admin-username boss --admin-user-password Secret123 \
	    --tags key=team,value=data
	assert_status 0
	assert_jq '.[0].namespace | .status == "AVAILABLE"
	    and .adminUsername == "boss" and .dbName == "dev"
	    and (.namespaceId | test("^[0-9a-f-]{36}$"))
	    and (.creationDate | test("^20[0-9-]+T[0-9:.]+Z|\\+00:00$"))'
	run --separate-stderr rss create-workgroup --workgroup-name etl \
	    --namespace-name etl --base-capacity 8
	assert_status 0
	assert_jq '.[0].workgroup | .status == "CREATING" and .port == 5439
	    and .baseCapacity == 8 and .endpoint.vpcEndpoints == []
	    and .endpoint.address ==
	    "etl.123456789012.us-west-2.redshift-serverless.amazonaws.com"'
	[[ $(namespace_status etl) == MODIFYING ]]
	[[ $(interfaces) == '[]' ]]

	sandbox_set clock +0.2
	[[ $(workgroup_status etl) == MODIFYING ]]
	[[ $(namespace_status etl) == MODIFYING ]]
	sandbox_set clock +0.1
	[[ $(namespace_status etl) == AVAILABLE ]]
	run --separate-stderr rss get-workgroup --workgroup-name etl
	assert_jq '.[0].workgroup | .status == "AVAILABLE" and
	    (.endpoint.vpcEndpoints[0].networkInterfaces
		| map(.subnetId)) == .subnetIds'
}

@test "EC2 shows the interfaces of the workgroup and of its endpoint access" {
	sandbox_fleet etl >/dev/null
	both=$(
		rss get-workgroup --workgroup-name etl |
		    jq '.workgroup.endpoint.vpcEndpoints[0]'
		rss get-endpoint-access --endpoint-name etl-endpoint |
		    jq '.endpoint.vpcEndpoint'
	)
	here=$(jq -s '[.[] as $v | $v.networkInterfaces[] | [.networkInterfaceId,
	    .privateIpAddress, .subnetId, .availabilityZone, $v.vpcId,
	    "VPC Endpoint Interface " + $v.vpcEndpointId]] | sort' <<<"$both")
	there=$(interfaces | jq '[.[] | [.NetworkInterfaceId,
	    .PrivateIpAddress, .SubnetId, .AvailabilityZone, .VpcId,
	    .Description]] | sort')
	[[ $here == "$there" ]]
	holds 'length == 4' "$here"
	holds 'all(.[]; .RequesterManaged and .Status == "in-use")' \
	    "$(interfaces)"
	# Time passes for EC2 as well, though nobody asks redshift-serverless.
	sandbox_set timing delete=0
	ask DeleteWorkgroup workgroupName=etl >/dev/null
	[[ $(interfaces) == '[]' ]]
}

@test "an endpoint access is CREATING without, ACTIVE with one interface" {
	sandbox_fleet etl >/dev/null
	sandbox_set clock stop
	mapfile -t subnets < <("$SANDBOX" status | jq -r '.subnet_ids[]')
	run --separate-stderr rss create-endpoint-access --endpoint-name way \
	    --workgroup-name etl --subnet-ids "${subnets[@]}"
	assert_status 0
	assert_jq '.[0].endpoint | .endpointStatus == "CREATING"
	    and has("vpcEndpoint") == false and .port == 5439'
	denied ConflictException CREATING \
	    DeleteEndpointAccess endpointName=way
	sandbox_set clock +0.1
	run --separate-stderr rss get-endpoint-access --endpoint-name way
	assert_jq '.[0].endpoint | .endpointStatus == "ACTIVE"
	    and (.vpcEndpoint.networkInterfaces | length) == 1
	    and (.vpcEndpoint.networkInterfaces[0].privateIpAddress
		| startswith("127.64."))'
	run --separate-stderr rss update-endpoint-access --endpoint-name way
	assert_jq '.[0].endpoint.endpointStatus == "MODIFYING"'
	sandbox_set clock +0.1
	ask DeleteEndpointAccess endpointName=way >/dev/null
	sandbox_set clock +0.1
	denied ResourceNotFoundException 'way' \
	    GetEndpointAccess endpointName=way
}

@test "deleting: DELETING, then gone, interfaces and all" {
	sandbox_fleet etl >/dev/null
	sandbox_set clock stop
	denied ConflictException 'still has a workgroup' \
	    DeleteNamespace namespaceName=etl
	run --separate-stderr rss delete-workgroup --workgroup-name etl
	assert_jq '.[0].workgroup.status == "DELETING"'
	denied ConflictException DELETING \
	    DeleteWorkgroup workgroupName=etl
	[[ $(namespace_status etl) == MODIFYING ]]
	sandbox_set clock +0.1
	denied ResourceNotFoundException 'workgroup etl' \
	    GetWorkgroup workgroupName=etl
	[[ $(interfaces) == '[]' ]]
	run --separate-stderr rss list-endpoint-access
	assert_jq '.[0].endpoints == []'
	ask DeleteNamespace namespaceName=etl >/dev/null
	[[ $(namespace_status etl) == DELETING ]]
	sandbox_set clock +0.1
	denied ResourceNotFoundException 'namespace etl' \
	    GetNamespace namespaceName=etl
}

@test "lists come in pages, all of them and each thing once" {
	sandbox_fleet w-{1..7} >/dev/null
	for list in workgroups:list-workgroups namespaces:list-namespaces \
	    endpoints:list-endpoint-access; do
		run --separate-stderr rss "${list#*:}" --page-size 3
		assert_status 0
		assert_jq ".[0].${list%:*} | length == 7 and
		    (unique_by(.workgroupName // .namespaceName) | length) == 7"
		[[ $("$SANDBOX" requests --count) -eq 3 ]]
		"$SANDBOX" requests --clear
	done
	run --separate-stderr rss list-endpoint-access --workgroup-name w-3
	assert_jq '.[0].endpoints | map(.endpointName) == ["w-3-endpoint"]'
	denied ResourceNotFoundException w-99 \
	    ListEndpointAccess workgroupName=w-99
	sandbox_set option page_size=2
	run --separate-stderr json_call ListWorkgroups '{"maxResults":100}'
	assert_jq '.[0] | (.workgroups | length) == 2 and has("nextToken")'
}

@test "changes come one at a time, to a settled workgroup" {
	sandbox_fleet etl >/dev/null
	sandbox_set clock stop
	denied ValidationException 'multiple configurations at the same time' \
	    UpdateWorkgroup workgroupName=etl port:=5440 baseCapacity:=16
	denied ValidationException 'nothing to update' \
	    UpdateWorkgroup workgroupName=etl
	run --separate-stderr rss update-workgroup --workgroup-name etl \
	    --port 5440
	assert_jq '.[0].workgroup | .status == "MODIFYING" and .port == 5440
	    and .endpoint.port == 5440'
	denied ConflictException MODIFYING \
	    UpdateWorkgroup workgroupName=etl baseCapacity:=16
	sandbox_set clock +0.1
	[[ $(workgroup_status etl) == AVAILABLE ]]
	run --separate-stderr rss update-workgroup --workgroup-name etl \
	    --config-parameters parameterKey=query_group,parameterValue=night
	assert_jq '.[0].workgroup.configParameters
	    | any(.parameterKey == "query_group" and .parameterValue == "night")
	    and length == 9'
	denied ValidationException 'multiple configurations' \
	    UpdateNamespace namespaceName=etl logExports:='[]' kmsKeyId=k
}

@test "what AWS refuses is refused" {
	sandbox_fleet etl >/dev/null
	denied ConflictException 'namespace etl already exists' \
	    CreateNamespace namespaceName=etl
	denied ConflictException 'workgroup etl already exists' \
	    CreateWorkgroup namespaceName=etl workgroupName=etl
	denied ConflictException 'already has a workgroup' \
	    CreateWorkgroup namespaceName=etl workgroupName=other
	denied ResourceNotFoundException 'namespace none' \
	    CreateWorkgroup namespaceName=none workgroupName=other
	denied ValidationException '^[a-z0-9-]+$' \
	    CreateNamespace namespaceName=Bad_Name
	ask CreateNamespace namespaceName=two >/dev/null
	mapfile -t subnets < <("$SANDBOX" status | jq -r '.subnet_ids[]')
	new=(rss create-workgroup --namespace-name two --workgroup-name two)
	refused ValidationException 'at least 2 Availability Zones' \
	    "${new[@]}" --subnet-ids "${subnets[0]}"
	refused ValidationException 'at least 3 Availability Zones' \
	    "${new[@]}" --subnet-ids "${subnets[@]:0:2}" --enhanced-vpc-routing
	refused ValidationException 'Subnet subnet-0 does not exist' \
	    "${new[@]}" --subnet-ids subnet-0
	refused ValidationException 'sg-0 does not exist in VPC vpc-' \
	    "${new[@]}" --security-group-ids sg-0
	refused ValidationException 'port 5000' "${new[@]}" --port 5000
	denied ValidationException 'endpoint name a--b' \
	    CreateEndpointAccess endpointName=a--b workgroupName=etl subnetIds:='[]'
	sandbox_set namespace two status=MODIFYING
	refused ConflictException 'operation running on the namespace two' \
	    "${new[@]}"
}

@test "requests are checked against the service's model" {
	sandbox_fleet etl >/dev/null
	while IFS='|' read -r operation body text; do
		run --separate-stderr json_call "$operation" "$body"
		assert_status 0
		jq -e --arg text "$text" '.__type == "ValidationException"
		    and (.message | contains($text))' <<<"$output" >/dev/null ||
			fail_run "no word of: $text"
	done <<-'EOF'
	GetWorkgroup|{}|'workgroupName' failed to satisfy constraint: Member must not be null
	GetWorkgroup|{"workgroupName":null}|Member must not be null
	GetWorkgroup|{"workgroupName":7}|Value at 'workgroupName' is not a string
	GetWorkgroup|{"workgroupName":"ab"}|length greater than or equal to 3
	GetWorkgroup|{"workgroupName":"etl","wg":1}|Unknown member 'wg'
	ListWorkgroups|{"maxResults":101}|less than or equal to 100
	ListWorkgroups|{"maxResults":0}|greater than or equal to 1
	ListWorkgroups|{"maxResults":true}|is not a integer
	ListWorkgroups|{"nextToken":"nonsense"}|nextToken is not valid
	CreateWorkgroup|{"workgroupName":"abc","namespaceName":"etl","ipAddressType":"ipv5"}|pattern
	EOF
	for body in '' '[]' '{"workgroupName":' nonsense; do
		run --separate-stderr json_call GetWorkgroup "$body"
		assert_jq '.[0].__type == "SerializationException"'
	done
	run --separate-stderr json_call NoSuchOperation '{}'
	assert_jq '.[0].__type == "UnknownOperationException"'
}

@test "snapshots, recovery points, limits, policies and tags" {
	sandbox_fleet etl >/dev/null
	arn=$(ask GetWorkgroup workgroupName=etl | jq -r .workgroup.workgroupArn)
	sandbox_set clock stop
	run --separate-stderr rss create-snapshot --namespace-name etl \
	    --snapshot-name night
	assert_jq '.[0].snapshot.status == "CREATING"'
	sandbox_set clock +0.1
	run --separate-stderr rss list-snapshots --namespace-name etl
	assert_jq '.[0].snapshots | map([.snapshotName, .status])
	    == [["night", "AVAILABLE"]]'
	run --separate-stderr rss restore-from-snapshot --snapshot-name night \
	    --namespace-name etl --workgroup-name etl
	assert_jq '.[0].namespace.status == "MODIFYING"'
	[[ $(workgroup_status etl) == MODIFYING ]]
	sandbox_set clock +0.1
	[[ $(workgroup_status etl) == AVAILABLE ]]
	run --separate-stderr ask ListRecoveryPoints namespaceName=etl
	assert_jq '.[0].recoveryPoints | length == 1'
	run --separate-stderr rss create-usage-limit --resource-arn "$arn" \
	    --usage-type serverless-compute --amount 60
	assert_jq '.[0].usageLimit | .period == "monthly" and .amount == 60'
	run --separate-stderr ask ListUsageLimits resourceArn="$arn"
	assert_jq '.[0].usageLimits | length == 1'
	denied InvalidPaginationException nextToken \
	    ListUsageLimits nextToken=nonsense
	rss tag-resource --resource-arn "$arn" --tags key=a,value=b key=c,value=d
	ask UntagResource resourceArn="$arn" tagKeys:='["a"]' >/dev/null
	run --separate-stderr rss list-tags-for-resource --resource-arn "$arn"
	assert_jq '.[0].tags == [{"key": "c", "value": "d"}]'
	run --separate-stderr rss get-credentials --workgroup-name etl
	assert_jq '.[0] | (.dbUser | startswith("IAM:"))
	    and (.dbPassword | length) >= 32
	    and (.expiration | fromdateiso8601? // true)'
	run --separate-stderr json_call GetCredentials '{"workgroupName":"etl"}'
	assert_jq '.[0].expiration | type == "number"'
}

@test "an administrator's password may live in Secrets Manager" {
	run --separate-stderr rss create-namespace --namespace-name etl \
	    --manage-admin-password
	assert_status 0
	secret=$(jq -r .namespace.adminPasswordSecretArn <<<"$output")
	run --separate-stderr aws secretsmanager get-secret-value \
	    --secret-id "$secret" --output json
	assert_status 0
	assert_jq '.[0].SecretString | fromjson | .username == "admin"
	    and (.password | length) > 8'
}

# --- signatures -------------------------------------------------------------

@test "a signature that does not fit is refused in every dialect" {
	AWS_SECRET_ACCESS_KEY=wrong
	refused InvalidSignatureException 'The Canonical String' \
	    rss list-workgroups
	refused SignatureDoesNotMatch 'does not match' aws ec2 describe-vpcs
	refused SignatureDoesNotMatch 'does not match' \
	    aws elbv2 describe-target-groups
	refused SignatureDoesNotMatch 'does not match' \
	    aws s3api list-buckets
	AWS_ACCESS_KEY_ID=AKIANOBODY00000000000
	refused UnrecognizedClientException 'token' rss list-workgroups
	refused InvalidClientTokenId 'token' aws sts get-caller-identity
	refused AuthFailure 'token' aws ec2 describe-vpcs
}

@test "an unsigned or a tampered request is refused" {
	run --separate-stderr curl -q -sS -w '\n%{http_code}' "$AWS_ENDPOINT_URL" \
	    -H 'X-Amz-Target: RedshiftServerless.ListWorkgroups' -d '{}'
	assert_status 0
	[[ ${lines[0]} == *'"MissingAuthenticationTokenException"'* ]]
	[[ ${lines[1]} == 403 ]]
	run --separate-stderr curl -q -sS "$AWS_ENDPOINT_URL" \
	    -d 'Action=DescribeVpcs&Version=2016-11-15'
	[[ $output == *'<Code>MissingAuthenticationToken</Code>'* ]]
	hash=$(printf '{"maxResults":1}' | sha256sum)
	run --separate-stderr json_call ListWorkgroups '{"maxResults":2}' \
	    -H "X-Amz-Content-Sha256: ${hash%% *}"
	assert_jq '.[0] | .__type == "InvalidSignatureException"'
	run --separate-stderr json_call ListWorkgroups '{"maxResults":1}'
	assert_jq '.[0].workgroups == []'
	run --separate-stderr raw redshift '{}' \
	    -H 'X-Amz-Target: RedshiftServerless.ListWorkgroups' \
	    -H 'Content-Type: application/x-amz-json-1.1'
	assert_jq '.[0].message | contains("service redshift-serverless")'
}

@test "the keys of an assumed role work, and only with their token" {
	keys=$(aws sts assume-role --role-session-name me --output json \
	    --role-arn arn:aws:iam::123456789012:role/reader | jq .Credentials)
	AWS_ACCESS_KEY_ID=$(jq -r .AccessKeyId <<<"$keys")
	AWS_SECRET_ACCESS_KEY=$(jq -r .SecretAccessKey <<<"$keys")
	refused InvalidSignatureException 'session token' rss list-workgroups
	AWS_SESSION_TOKEN=$(jq -r .SessionToken <<<"$keys")
	export AWS_SESSION_TOKEN
	run --separate-stderr rss list-workgroups
	assert_status 0
	assert_jq '.[0].workgroups == []'
	run ! grep -rqF "$AWS_SESSION_TOKEN" "$RS_SANDBOX_DIR"
}

@test "the keys of a user and a presigned address work" {
	aws iam create-user --user-name me >/dev/null
	keys=$(aws iam create-access-key --user-name me --output json)
	AWS_ACCESS_KEY_ID=$(jq -r .AccessKey.AccessKeyId <<<"$keys")
	AWS_SECRET_ACCESS_KEY=$(jq -r .AccessKey.SecretAccessKey <<<"$keys")
	run --separate-stderr rss list-workgroups
	assert_status 0
	assert_jq '.[0].workgroups == []'
	printf '[default]\ns3 =\n  signature_version = s3v4\n' \
	    >"$BATS_TEST_TMPDIR/config"
	export AWS_CONFIG_FILE=$BATS_TEST_TMPDIR/config
	aws s3 mb s3://bucket >/dev/null
	address=$(aws s3 presign 's3://bucket/a b+c')
	run --separate-stderr curl -q -sS "$address"
	[[ $output == *'<Code>NoSuchKey</Code>'* ]]
	run --separate-stderr curl -q -sS "${address/a%20b/a%20c}"
	[[ $output == *'<Code>SignatureDoesNotMatch</Code>'* ]]
}

@test "set option verify=false takes any signature, until reset" {
	sandbox_set option verify=false
	AWS_SECRET_ACCESS_KEY=wrong
	run --separate-stderr rss list-workgroups
	assert_status 0
	"$SANDBOX" reset
	refused InvalidSignatureException '' rss list-workgroups
}

# --- faults -----------------------------------------------------------------

@test "an error fault speaks the dialect of the request" {
	sandbox_fault error --code AccessDeniedException --message 'no way' \
	    --service redshift-serverless --count 0 >/dev/null
	sandbox_fault error --code UnauthorizedOperation --status 403 \
	    --service ec2 --count 0 >/dev/null
	sandbox_fault error --code AccessDenied --status 403 \
	    --service elbv2 --count 0 >/dev/null
	refused AccessDeniedException 'no way' rss list-workgroups
	refused UnauthorizedOperation '' aws ec2 describe-vpcs
	refused AccessDenied '' aws elbv2 describe-load-balancers
	"$SANDBOX" fault clear
	run --separate-stderr rss list-workgroups
	assert_status 0
}

@test "throttling says when to come back, and ends" {
	sandbox_fault throttle --operation ListWorkgroups --count 2 \
	    --retry-after-ms 30 >/dev/null
	run --separate-stderr json_call ListWorkgroups '{}' -D -
	assert_status 0
	[[ $output == *'HTTP/1.1 400 '* ]]
	[[ $output == *'x-amz-retry-after: 30'* ]]
	[[ $output == *'"__type": "ThrottlingException"'* ]]
	run --separate-stderr rss list-workgroups
	assert_status 0
	[[ $(sandbox_count ListWorkgroups) -eq 3 ]]
	run --separate-stderr sandbox_requests --operation ListWorkgroups
	assert_jq 'map([.status, .code, .fault]) == [
	    [400, "ThrottlingException", "throttle"],
	    [400, "ThrottlingException", "throttle"], [200, null, null]]'
}

@test "--skip, --page and --where choose the request" {
	sandbox_fleet w-{1..4} >/dev/null
	sandbox_fault error --code Wrong --operation ListWorkgroups --page 2 \
	    >/dev/null
	refused Wrong '' rss list-workgroups --page-size 2
	[[ $(sandbox_count ListWorkgroups) -eq 2 ]]
	sandbox_fault error --code Wrong --operation GetWorkgroup --skip 1 \
	    --where workgroupName=w-2 >/dev/null
	for name in w-1 w-2 w-3; do
		run --separate-stderr rss get-workgroup --workgroup-name "$name"
		assert_status 0
	done
	refused Wrong '' rss get-workgroup --workgroup-name w-2
	run --separate-stderr rss get-workgroup --workgroup-name w-2
	assert_status 0
	run --separate-stderr "$SANDBOX" fault list
	assert_jq 'length == 2 and all(.[]; .hits == 1)'
}

@test "--after lets the operation happen and loses its answer" {
	sandbox_fault error --status 500 --operation CreateNamespace --after \
	    >/dev/null
	run --separate-stderr json_call CreateNamespace '{"namespaceName":"etl"}'
	assert_jq '.[0].__type == "InternalServerException"'
	[[ $(namespace_status etl) == AVAILABLE ]]
	sandbox_fault cut --operation CreateNamespace >/dev/null
	run --separate-stderr json_call CreateNamespace '{"namespaceName":"two"}'
	assert_status 18
	[[ $(namespace_status two) == AVAILABLE ]]
	sandbox_fault reset --operation CreateNamespace >/dev/null
	run --separate-stderr json_call CreateNamespace '{"namespaceName":"one"}'
	assert_status 56
	denied ResourceNotFoundException one \
	    GetNamespace namespaceName=one
}

@test "answers can be empty, garbage, huge or slow" {
	sandbox_fault empty >/dev/null
	sandbox_fault garbage >/dev/null
	sandbox_fault huge >/dev/null
	sandbox_fault delay --seconds 0.3 >/dev/null
	run --separate-stderr json_call ListWorkgroups '{}' \
	    -w '%{http_code} %{size_download}'
	assert_out '200 0'
	run --separate-stderr json_call ListWorkgroups '{}' -o "$BATS_TEST_TMPDIR/g"
	assert_status 0
	run ! jq . "$BATS_TEST_TMPDIR/g"
	run --separate-stderr json_call ListWorkgroups '{}' -o /dev/null \
	    -w '%{size_download}'
	[[ $output -gt 60000000 ]]
	run --separate-stderr json_call ListWorkgroups '{}' -o /dev/null \
	    -w '%{time_total}'
	jq -en "$output >= 0.3"
}

@test "a request is held until it is let go, or its client is dead" {
	id=$(sandbox_fault hold --operation CreateNamespace)
	json_call CreateNamespace '{"namespaceName":"etl"}' \
	    >"$BATS_TEST_TMPDIR/out" 3>&- &
	client=$!
	sandbox_held "$id"
	denied ResourceNotFoundException etl \
	    GetNamespace namespaceName=etl
	sandbox_release "$id"
	wait "$client"
	holds '.namespace.status == "AVAILABLE"' "$(<"$BATS_TEST_TMPDIR/out")"

	id=$(sandbox_fault hold --operation CreateNamespace --after)
	json_call CreateNamespace '{"namespaceName":"two"}' 3>&- &
	client=$!
	sandbox_held "$id"
	pkill -KILL -P "$client"
	wait "$client" || true
	sandbox_release "$id"
	[[ $(namespace_status two) == AVAILABLE ]]
}

@test "a stale read answers from before the last write" {
	sandbox_fleet etl >/dev/null
	sandbox_set timing delete=0
	ask DeleteWorkgroup workgroupName=etl >/dev/null
	sandbox_fault stale --operation GetWorkgroup >/dev/null
	[[ $(workgroup_status etl) == AVAILABLE ]]
	denied ResourceNotFoundException etl \
	    GetWorkgroup workgroupName=etl
	arn=$(sandbox_target_group tg)
	aws elbv2 register-targets --target-group-arn "$arn" \
	    --targets Id=127.64.0.9
	sandbox_fault stale --operation DescribeTargetHealth >/dev/null
	[[ $(health "$arn") == '[]' ]]
	[[ $(health "$arn" | jq length) -eq 1 ]]
}

@test "a workgroup gets stuck in MODIFYING, by a fault or in company" {
	sandbox_set timing create=0 modify=0
	for name in one two three; do
		ask CreateNamespace namespaceName="$name" >/dev/null
	done
	sandbox_fault stuck >/dev/null
	for name in one two; do
		ask CreateWorkgroup workgroupName="$name" \
		    namespaceName="$name" >/dev/null
	done
	[[ $(workgroup_status one) == MODIFYING ]]
	[[ $(namespace_status one) == MODIFYING ]]
	[[ $(workgroup_status two) == AVAILABLE ]]
	sandbox_set option stick_parallel=true
	ask CreateWorkgroup workgroupName=three namespaceName=three >/dev/null
	[[ $(workgroup_status three) == MODIFYING ]]
	sandbox_set workgroup three status=AVAILABLE
	[[ $(workgroup_status three) == AVAILABLE ]]
	[[ $(namespace_status three) == AVAILABLE ]]
}

# --- targets ----------------------------------------------------------------

@test "a target is registered, checked, healthy, drained and gone" {
	arn=$(sandbox_target_group tg)
	run --separate-stderr aws elbv2 describe-load-balancers --output json
	assert_jq '.[0].LoadBalancers | length == 1
	    and (.[0].LoadBalancerArn | contains(":loadbalancer/net/tg-nlb/"))'
	sandbox_set clock stop
	aws elbv2 register-targets --target-group-arn "$arn" \
	    --targets Id=127.64.0.9 Id=127.64.16.9,Port=5440
	[[ $(health "$arn") == '[["127.64.0.9",5439,"us-west-2a","initial","Elb.RegistrationInProgress"],["127.64.16.9",5440,"us-west-2b","initial","Elb.RegistrationInProgress"]]' ]]
	sandbox_set clock +0.06
	[[ $(health "$arn" | jq -r '.[0][4]') == Elb.InitialHealthChecking ]]
	sandbox_set clock +0.06
	[[ $(health "$arn" | jq -c 'map(.[3:])') == \
	    '[["healthy",null],["healthy",null]]' ]]
	aws elbv2 deregister-targets --target-group-arn "$arn" \
	    --targets Id=127.64.0.9 Id=127.64.16.9
	[[ $(health "$arn" | jq -c 'map(.[3:])') == \
	    '[["draining","Target.DeregistrationInProgress"],["healthy",null]]' ]]
	aws elbv2 register-targets --target-group-arn "$arn" \
	    --targets Id=127.64.0.9
	[[ $(health "$arn" | jq -r '.[0][3]') == initial ]]
	aws elbv2 deregister-targets --target-group-arn "$arn" \
	    --targets Id=127.64.0.9
	sandbox_set clock +0.25
	[[ $(health "$arn" | jq -c 'map(.[0])') == '["127.64.16.9"]' ]]
	[[ $(health "$arn" --targets Id=127.64.0.9 | jq -c '.[0][3:]') == \
	    '["unused","Target.NotRegistered"]' ]]
}

@test "targets of a group without load balancer are unused" {
	arn=$(sandbox_target_group tg attached=false)
	aws elbv2 register-targets --target-group-arn "$arn" \
	    --targets Id=127.64.0.9
	[[ $(health "$arn" | jq -c '.[0][3:]') == \
	    '["unused","Target.NotInUse"]' ]]
	aws elbv2 deregister-targets --target-group-arn "$arn" \
	    --targets Id=127.64.0.9
	[[ $(health "$arn") == '[]' ]]
}

@test "targets that make no sense are refused, and none of the batch is taken" {
	arn=$(sandbox_target_group tg)
	register=(aws elbv2 register-targets --target-group-arn)
	refused InvalidTarget 'outside the VPC' \
	    "${register[@]}" "$arn" --targets Id=127.64.0.9 Id=10.0.0.1
	refused ValidationError 'not a valid IPv4 address' \
	    "${register[@]}" "$arn" --targets Id=nonsense
	refused ValidationError 'us-west-2a' "${register[@]}" "$arn" \
	    --targets Id=127.64.0.9,AvailabilityZone=us-west-2b
	refused TargetGroupNotFound 'not found' \
	    "${register[@]}" "${arn%?}x" --targets Id=127.64.0.9
	[[ $(health "$arn") == '[]' ]]
	"${register[@]}" "$arn" --targets Id=10.0.0.1,AvailabilityZone=all
	[[ $(health "$arn" | jq -c '.[0][0:3]') == '["10.0.0.1",5439,"all"]' ]]
}

@test "set target forces a state, auto gives it back" {
	arn=$(sandbox_target_group tg)
	sandbox_set timing initial=0
	sandbox_set target tg 127.64.0.9 health=unhealthy
	sandbox_set target tg 127.64.0.9:99 health=healthy
	[[ $(health "$arn" | jq -c 'map(.[1:2] + .[3:])') == \
	    '[[5439,"unhealthy","Target.FailedHealthChecks"],[99,"healthy",null]]' ]]
	sandbox_set target tg 127.64.0.9 health=auto
	[[ $(health "$arn" | jq -r '.[0][3]') == healthy ]]
	run --separate-stderr "$SANDBOX" set target tg 127.64.0.9 health=ill
	assert_status 1
	assert_err_like 'health is one of auto, initial'
	run --separate-stderr "$SANDBOX" set target no 127.64.0.9 health=auto
	assert_status 1
	assert_err "rs-sandbox: target: no target group 'no'"
}

# --- what a test can set and ask ---------------------------------------------

@test "set workgroup: status, hold and step; endpoints: enis" {
	sandbox_fleet etl >/dev/null
	sandbox_set workgroup etl status=MODIFYING
	[[ $(workgroup_status etl) == MODIFYING ]]
	sandbox_set workgroup etl status=AVAILABLE
	sandbox_set clock stop
	ask UpdateWorkgroup workgroupName=etl port:=5440 >/dev/null
	sandbox_set workgroup etl hold=true
	sandbox_set clock +100
	[[ $(workgroup_status etl) == MODIFYING ]]
	sandbox_set workgroup etl step=true
	[[ $(workgroup_status etl) == AVAILABLE ]]
	for count in 3 0 1; do
		sandbox_set endpoint etl-endpoint enis=$count
		run --separate-stderr rss get-endpoint-access \
		    --endpoint-name etl-endpoint
		assert_jq ".[0].endpoint.vpcEndpoint.networkInterfaces
		    | length == $count"
	done
	[[ $(interfaces | jq length) -eq 4 ]]
	run --separate-stderr "$SANDBOX" set workgroup none status=AVAILABLE
	assert_status 1
	assert_err 'rs-sandbox: set: The workgroup none was not found.'
	run --separate-stderr "$SANDBOX" set timing nap=1
	assert_status 1
	assert_err_like "no timing 'nap': create"
	run --separate-stderr "$SANDBOX" set timing nap
	assert_status 2
	run --separate-stderr "$SANDBOX" fault add --count 1
	assert_status 2
	assert_err 'rs-sandbox: fault add: --kind is needed'
	run --separate-stderr "$SANDBOX" fault add --kind stale --service ec2
	assert_status 1
	assert_err "rs-sandbox: fault-add: no stale answers from 'ec2'"
	run --separate-stderr "$SANDBOX" fault add --kind none
	assert_status 1
	assert_err_like "no fault kind 'none'"
}

@test "the log tells requests, connections and faults, but no secrets" {
	ask CreateNamespace namespaceName=etl adminUsername=boss \
	    adminUserPassword=HushHush123 >/dev/null
	ask ListNamespaces maxResults:=1 >/dev/null
	aws elbv2 describe-target-groups --names a b >/dev/null 2>&1 || true
	run --separate-stderr sandbox_requests
	assert_status 0
	assert_jq 'map([.n, .service, .operation, .status, .code]) == [
	    [1, "redshift-serverless", "CreateNamespace", 200, null],
	    [2, "redshift-serverless", "ListNamespaces", 200, null],
	    [3, "elbv2", "DescribeTargetGroups", 400, "TargetGroupNotFound"]]
	    and .[0].params.adminUserPassword == "***"
	    and .[2].params == {"Names": ["a", "b"]}
	    and (map(.connection) | unique | length) == 3
	    and all(.[]; .access_key == "'"$AWS_ACCESS_KEY_ID"'")'
	run ! grep -rq HushHush "$RS_SANDBOX_DIR"
	[[ $("$SANDBOX" requests --service elasticloadbalancing --count) -eq 1 ]]
	"$SANDBOX" requests --clear
	[[ $("$SANDBOX" requests --count) -eq 0 ]]
	run --separate-stderr curl -q -sS "$AWS_ENDPOINT_URL" "$AWS_ENDPOINT_URL"
	run --separate-stderr sandbox_requests
	assert_jq 'length == 2 and .[0].connection == .[1].connection'
}

@test "reset forgets everything, moto's things and the settings too" {
	sandbox_fleet etl >/dev/null
	sandbox_target_group tg >/dev/null
	aws dynamodb create-table --table-name t --billing-mode PAY_PER_REQUEST \
	    --attribute-definitions AttributeName=k,AttributeType=S \
	    --key-schema AttributeName=k,KeyType=HASH >/dev/null
	sandbox_fault error --count 0 >/dev/null
	sandbox_set timing create=100
	sandbox_set clock stop
	sandbox_set option page_size=1
	"$SANDBOX" reset
	run --separate-stderr "$SANDBOX" status
	assert_jq '.[0] | .requests == 0 and .faults == 0 and .clock_running
	    and .timing.create == 0.2 and .page_size == 100
	    and .things == {"namespace": {}, "workgroup": {}, "endpoint": {}}'
	run --separate-stderr aws dynamodb list-tables --output json
	assert_jq '.[0].TableNames == []'
	run --separate-stderr aws elbv2 describe-target-groups --output json
	assert_jq '.[0].TargetGroups == []'
	[[ $(interfaces) == '[]' ]]
}

@test "a fleet of 50 and a reset take well under a second" {
	begun=$EPOCHREALTIME
	run --separate-stderr sandbox_fleet w-{1..50}
	assert_status 0
	assert_jq 'length == 50 and (map(.endpoint_ips[0]) | unique | length) == 50'
	sandbox_reset
	jq -en "$EPOCHREALTIME - $begun < 2"
}
