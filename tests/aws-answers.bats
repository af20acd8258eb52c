#!/usr/bin/env bats
# Answers that neither AWS nor the sandbox gives: members that are missing,
# of another type, or beyond all bounds. None of them may be acted on.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/canned

setup_file() { canned_start; }
setup() { canned_reset; }
teardown_file() { canned_stop; }

# groups NAME ...: what DescribeTargetGroups answers.
groups_answer() {
	local name

	{
		printf '<DescribeTargetGroupsResponse><DescribeTargetGroupsResult><TargetGroups>'
		for name; do
			printf '<member><TargetGroupName>%s</TargetGroupName><TargetGroupArn>arn:aws:elasticloadbalancing:us-west-2:1:targetgroup/%s/1</TargetGroupArn><TargetType>ip</TargetType><VpcId>vpc-1</VpcId></member>' \
			    "$name" "$name"
		done
		printf '</TargetGroups></DescribeTargetGroupsResult></DescribeTargetGroupsResponse>'
	} | canned DescribeTargetGroups
}

# health IP PORT STATE ...: what DescribeTargetHealth answers.
health_answer() {
	{
		printf '<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions>'
		while [ $# -gt 0 ]; do
			printf '<member><Target><Id>%s</Id><Port>%s</Port></Target><TargetHealth><State>%s</State></TargetHealth></member>' \
			    "$1" "$2" "$3"
			shift 3
		done
		printf '</TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>'
	} | canned DescribeTargetHealth
}

nlb_sync() { # IP [option ...]
	printf '{"kind":"ip","ip":"%s","port":5439}\n{"kind":"end","tool":"x","count":1,"complete":true}\n' \
	    "$1" >"$BATS_TEST_TMPDIR/in"
	shift
	run --separate-stderr rs-nlb-sync -g consumers "$@" \
	    <"$BATS_TEST_TMPDIR/in"
}

@test "rs-nlb-sync: a group that was not asked for is not taken" {
	groups_answer production
	health_answer 10.0.0.1 5439 healthy
	nlb_sync 10.0.0.1
	assert_status 5
	assert_err_like "cannot describe target group 'consumers': .*another"
	[ "$(canned_count DescribeTargetHealth)" -eq 0 ]
	groups_answer consumers production
	nlb_sync 10.0.0.1
	assert_status 5
	groups_answer
	nlb_sync 10.0.0.1
	assert_status 5
	groups_answer consumers
	nlb_sync 10.0.0.1
	assert_status 0
}

@test "rs-nlb-sync: a port that is none is an error, not another target" {
	groups_answer consumers
	for port in '' 0 x 5439x -1 65536 99999999999999999999; do
		health_answer 10.0.0.1 "$port" healthy 10.0.0.2 5439 healthy
		nlb_sync 10.0.0.2 --prune
		assert_status 5
		assert_err_like "cannot read the health of target group 'consumers'"
		assert_jq '.[-1].complete == false'
	done
	[ "$(canned_count DeregisterTargets)" -eq 0 ]
}

@test "rs-nlb-sync: an IPv6 address is the same however it is written" {
	groups_answer consumers
	health_answer 2001:db8:0:0:0:0:0:1 5439 healthy
	nlb_sync 2001:DB8::1 --prune --check
	assert_status 0
	assert_jq 'length == 2 and .[0].action == "keep"'
}

endpoint_answer() { # JSON of privateIpAddress, port
	jq -nc --argjson ip "$1" --argjson port "${2:-5439}" '{endpoints: [{
	    endpointName: "e", endpointStatus: "ACTIVE", port: $port,
	    workgroupName: "consumer-1", vpcEndpoint: {vpcId: "vpc-1",
	        networkInterfaces: [{networkInterfaceId: "eni-1",
	            privateIpAddress: $ip}]}}]}' | canned ListEndpointAccess
}

@test "E4: rs-endpoint-ips: what is no address is a gap, not an address" {
	for ip in '""' '"10.0.0"' '"None"' 7 null '[]'; do
		endpoint_answer "$ip"
		run --separate-stderr rs-endpoint-ips consumer-1
		assert_status 1
		assert_err_like "network interface 'eni-1' of endpoint 'e' has no private address"
		assert_jq 'length == 1 and .[0].complete == false'
		run --separate-stderr rs-endpoint-ips --external \
		    <<<'{"workgroup":"consumer-1"}'
		assert_status 1
		assert_out ''
	done
	endpoint_answer '"10.0.0.1"'
	run --separate-stderr rs-endpoint-ips consumer-1
	assert_status 0
}

@test "rs-endpoint-ips: what is no port is a gap" {
	for port in 0 -1 65536 '"5439"' 5439.5 null; do
		endpoint_answer '"10.0.0.1"' "$port"
		run --separate-stderr rs-endpoint-ips consumer-1
		assert_status 1
		assert_err_like "endpoint 'e' of workgroup 'consumer-1' has no port"
		assert_jq 'length == 1 and .[0].complete == false'
	done
}

@test "rs-wait-workgroup: the record fits its schema whatever AWS says" {
	printf '{"workgroup":{"workgroupName":"consumer-1","status":"AVAILABLE","namespaceName":"n","baseCapacity":"many","endpoint":{"address":7,"port":"5439","vpcEndpoints":"none"}}}' |
	    canned GetWorkgroup
	printf '{"namespace":{"namespaceName":"n","status":"AVAILABLE","namespaceId":7}}' |
	    canned GetNamespace
	run --separate-stderr rs-wait-workgroup --interval 0.05 consumer-1
	assert_status 0
	assert_records
	assert_jq '.[0].port == null and .[0].base_capacity == null and
	    .[0].address == null and .[0].vpc_endpoints == []'
}

@test "rs-wait-workgroup: a status that is long, or no string, is waited on" {
	long=$(printf 'é%.0s' {1..80})
	for said in "\"$long\"" 7 null; do
		jq -nc --argjson s "$said" '{workgroup: {
		    workgroupName: "consumer-1", status: $s}}' |
		    canned GetWorkgroup
		run --separate-stderr rs-wait-workgroup --interval 0.05 \
		    --timeout 1.5 --events consumer-1
		assert_status 3
		assert_records
		assert_jq 'length == 2 and .[0].kind == "event"'
	done
}
