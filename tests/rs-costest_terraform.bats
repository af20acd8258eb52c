#!/usr/bin/env bats
# rs-costest --terraform: fixtures/terraform-plan.json is what Terraform 1.11
# with provider 5.100 says of a fleet, shortened to what it is going to change.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/cost

setup() {
	cost_world
	PLAN=$RS_ROOT/tests/fixtures/terraform-plan.json
}

# A state that holds what the plan would make, half of it in modules.
state() {
	jq '{format_version: "1.0", values: {root_module:
	    ([.resource_changes[] | {address, mode, type, values: .change.after}]
	    | {resources: .[:5], child_modules: [{resources: [],
	        child_modules: [{resources: .[5:]}]}]})}}' "$PLAN"
}

@test "a plan: every resource has its line, with before, after and difference" {
	run --separate-stderr costest --terraform "$PLAN" --hours-per-day 8 --allow-unknown
	assert_status 0
	assert_err ''
	assert_records
	assert_jq '[.[] | select(.side == "after" and .unit) |
	    "\(.name) \(.item) \(.usd)"] | sort == [
	    "airline-consumer-1 endpoint-eni 7.30",
	    "airline-consumer-1 serverless-compute 2764.80",
	    "airline-consumer-2 endpoint-eni 7.30",
	    "airline-consumer-2 serverless-compute 2764.80",
	    "airline-producer serverless-compute 11059.20",
	    "aws_lb.airline nlb 16.425",
	    "aws_msk_serverless_cluster.k msk-serverless-cluster 547.50",
	    "aws_redshift_cluster.old redshift-node:ra3.xlplus 1585.56",
	    "aws_route53_resolver_endpoint.out resolver-eni 182.50",
	    "aws_secretsmanager_secret.s secret 0.40",
	    "aws_vpc_endpoint.secrets endpoint-eni null"]'
	assert_jq '.[] | select(.item == "difference") |
	    .known_usd == "18935.785" and .usd == null and .unknown == 2'
	assert_jq '.[] | select(.item == "total" and .side == "after") |
	    .not_priced == ["aws_nat_gateway"]'
	assert_jq '[.[] | select(.by == "tag:team")][0].known_usd == "18935.785"'
}

@test "a plan on standard input; what is unknown until apply is status 1" {
	run --separate-stderr costest --terraform - --hours-per-day 8 <"$PLAN"
	assert_status 1
	assert_jq '.[] | select(.name == "aws_vpc_endpoint.secrets" and .unit) |
	    .why == "Terraform knows it only after apply"'
}

@test "usage records say how the workgroups of a plan are used" {
	printf '%s\n' '{"kind":"usage","workgroup":"airline-consumer-1","hours_per_day":1}' >use
	run --separate-stderr costest --terraform "$PLAN" --hours-per-day 8 \
	    --allow-unknown use
	assert_status 0
	assert_jq '[.[] | select(.item == "serverless-compute") | [.side, .name, .usd]] == [
	    ["after", "airline-consumer-1", "345.60"],
	    ["after", "airline-consumer-2", "2764.80"],
	    ["after", "airline-producer", "11059.20"]]'
}

@test "--scenario max has the ceiling of the plan" {
	run --separate-stderr costest --terraform "$PLAN" --scenario max --allow-unknown
	assert_status 0
	assert_jq '.[] | select(.item == "serverless-compute" and .name == "airline-consumer-1").formula
	    == "128 RPU x 730 h x $0.36"'
}

@test "a change of capacity: the difference is what it adds" {
	jq '.resource_changes |= [.[] | select(.change.after.workgroup_name == "airline-consumer-1"
	    and .type == "aws_redshiftserverless_workgroup") |
	    .change.actions = ["update"] | .change.before = .change.after |
	    .change.after.base_capacity = 64]' "$PLAN" >change
	run --separate-stderr costest --terraform change --hours-per-day 8
	assert_status 0
	assert_jq '.[] | select(.item == "difference").usd == "2764.80"'
	jq '.resource_changes[].change.after = null' change >destroy
	run --separate-stderr costest --terraform destroy --hours-per-day 8
	assert_jq '.[] | select(.item == "difference").usd == "-2764.80"'
	run --separate-stderr costest --terraform destroy --hours-per-day 8 --max-monthly 0
	assert_status 0
}

@test "a state: one side, modules within modules" {
	state >state.json
	run --separate-stderr costest --terraform state.json --hours-per-day 8
	assert_status 1
	assert_jq '.[] | select(.item == "total") | .usd == null and .unknown == 1
	    and .known_usd == "18935.785" and .not_priced == ["aws_nat_gateway"]'
	assert_jq 'all(has("side") | not)'
}

@test "what has no price here is not free: --max-monthly does not say yes" {
	state >state.json
	run --separate-stderr costest --terraform state.json --hours-per-day 8 \
	    --max-monthly 100000
	assert_status 1
	assert_err_like '^rs-costest: 1 amount is not known'
	run --separate-stderr costest --terraform state.json --hours-per-day 8 \
	    --max-monthly 100000 --allow-unknown
	assert_status 0
	run --separate-stderr costest -t --terraform state.json --hours-per-day 8 \
	    --allow-unknown
	assert_status 0
	[[ $output == *'and what is not known'*'not priced here: aws_nat_gateway'* ]]
}

# A state with one resource of a type, of which nothing is known.
one() { # type
	printf '{"format_version":"1.0","values":{"root_module":{"resources":[
	    {"address":"%s.x","type":"%s","mode":"managed","values":{}}]}}}' \
	    "$1" "$1" >one
}

@test "a relative of what is free may cost: it is priced or named" {
	for type in aws_route53_zone aws_route53_health_check \
	    aws_redshift_integration aws_redshift_snapshot_copy; do
		one "$type"
		run --separate-stderr costest --terraform one
		assert_status 1
		assert_jq '.[] | select(.item == "total").not_priced == [$type]' \
		    --arg type "$type"
	done
	for type in aws_redshiftserverless_snapshot aws_redshift_cluster_snapshot; do
		one "$type"
		run --separate-stderr costest --terraform one
		assert_status 1
		assert_jq '.[0] | .item == "snapshot-storage" and .usd == null and
		    (.why | test("how large"))'
	done
	one aws_redshift_endpoint_access
	run --separate-stderr costest --terraform one
	assert_status 0
	assert_total 7.30
	for type in aws_route aws_route_table_association aws_route53_record \
	    aws_route53_resolver_rule_association aws_redshift_subnet_group; do
		one "$type"
		run --separate-stderr costest --terraform one
		assert_status 0
		assert_total 0.00
	done
}

@test "a state of the wrong shape is not an empty one: status 7" {
	state >state.json
	while read -r edit; do
		jq "$edit" state.json >wrong
		run --separate-stderr costest --terraform wrong --hours-per-day 8
		assert_status 7
		assert_jq 'length == 1 and .[0].complete == false'
	done <<-'END'
	.values = "x"
	del(.values.root_module)
	.values.root_module.resources = {}
	.values.root_module.child_modules = "x"
	.values.root_module.child_modules[0] = 7
	.values.root_module.resources[0].values = "x"
	END
}

@test "provisioned MSK: brokers and their disks" {
	jq '.resource_changes |= [.[0] | .type = "aws_msk_cluster" |
	    .address = "aws_msk_cluster.k" | .change.after = {number_of_broker_nodes: 3,
	    broker_node_group_info: [{instance_type: "kafka.t3.small",
	        storage_info: [{ebs_storage_info: [{volume_size: 100}]}]}]}]' "$PLAN" >msk
	run --separate-stderr costest --region us-east-1 --terraform msk
	assert_status 0
	assert_total 129.864 # 3 x 730 x 0.0456 + 300 x 0.10
}

@test "a document that is cut off, at whatever byte: status 7, no numbers" {
	local size

	jq -c . "$PLAN" >plan
	size=$(stat -c %s plan)
	for ((at = 0; at < size - 1; at += size / 40)); do
		head -c "$at" plan >part
		run --separate-stderr costest --terraform part --hours-per-day 8
		assert_status 7
		assert_err_like "^rs-costest: Terraform's part: "
		assert_jq 'length == 1 and .[0].complete == false'
	done
}

@test "what is no plan, or one that failed: status 7; no file: status 2" {
	while read -r edit; do
		jq "$edit" "$PLAN" >wrong
		run --separate-stderr costest --terraform wrong --hours-per-day 8
		assert_status 7
		assert_jq 'length == 1 and .[0].complete == false'
	done <<-'END'
	.errored = true
	.format_version = "2.0"
	del(.format_version)
	del(.resource_changes)
	[.]
	.resource_changes[0].change = 5
	.resource_changes[0].type = null
	.resource_changes = 7
	END
	run --separate-stderr costest --terraform no-such-file
	assert_status 2
	run --separate-stderr costest --terraform "$PLAN" --compare "$PLAN"
	assert_status 2
}

@test "next to a plan, measured use is refused" {
	printf '%s\n' '{"kind":"usage","workgroup":"x","start":"2026-03-01T00:00:00Z","charged_seconds":1}' >use
	run --separate-stderr costest --terraform "$PLAN" use
	assert_status 7
	assert_err_like 'only usage records that plan can be read'
}

@test "a signal while the plan is awaited: it ends of that signal" {
	mkfifo plan
	exec {writer}<>plan
	rs-costest --terraform plan >out 2>err 3>&- {writer}>&- &
	reader=$!
	is_open() { # by rs-costest, not by the shell that is about to be it
		[[ $(readlink "/proc/$reader/exe") == */rs-costest ]] &&
		    [ -n "$(find "/proc/$reader/fd" -lname '*/plan' 2>/dev/null)" ]
	}
	wait_until is_open
	kill -TERM "$reader"
	status=0
	wait "$reader" || status=$?
	exec {writer}>&-
	[ "$status" -eq 143 ]
	jq -se 'length == 1 and .[0].complete == false' out
}

@test "a plan does not come from a terminal" {
	command -v script
	run script -qefc 'rs-costest --terraform -' /dev/null
	[ "$status" -eq 2 ]
	[[ $output == *'from a terminal'* ]]
}
