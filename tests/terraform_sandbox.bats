#!/usr/bin/env bats
# Terraform's real AWS provider has to be content with the sandbox. A file of
# its own, for the provider alone waits a minute for any load balancer.

# shellcheck disable=SC2154
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/sandbox

setup_file()
{
	command -v terraform >/dev/null || skip 'terraform is not installed'
	sandbox_start --idle 10
}

setup()
{
	sandbox_reset
}

teardown_file()
{
	sandbox_stop
}

tf()
{
	run --separate-stderr terraform "$@" -no-color -input=false
}

@test "a fleet behind a load balancer applies, plans empty, changes, destroys" {
	cp "$RS_ROOT/tests/terraform/"*.tf "$BATS_TEST_TMPDIR"
	cd "$BATS_TEST_TMPDIR"
	"$RS_ROOT/tests/helpers/tfrc" tfrc
	export TF_CLI_CONFIG_FILE=$PWD/tfrc TF_VAR_endpoint=$AWS_ENDPOINT_URL
	export CHECKPOINT_DISABLE=1

	tf init
	assert_status 0
	tf apply -auto-approve
	assert_status 0
	assert_err ''
	[[ $output == *'Apply complete! Resources: 19 added'* ]]

	tf plan -detailed-exitcode
	assert_status 0
	[[ $output == *'No changes.'* ]]

	arn=$(terraform output -raw target_group_arn)
	[[ $arn == arn:aws:elasticloadbalancing:us-west-2:*/airline-consumers/* ]]
	run --separate-stderr aws redshift-serverless list-workgroups --output json
	assert_jq '.[0].workgroups | map([.workgroupName, .status, .baseCapacity])
	    | sort == [["consumer-1", "AVAILABLE", 8],
		["consumer-2", "AVAILABLE", 8], ["producer", "AVAILABLE", 8]]'

	tf apply -auto-approve -var base_capacity=16 \
	    -target aws_redshiftserverless_workgroup.warehouse
	assert_status 0
	[[ $output == *'0 added, 3 changed, 0 destroyed'* ]]

	tf destroy -auto-approve
	assert_status 0
	[[ $output == *'Destroy complete! Resources: 19 destroyed.'* ]]
	run --separate-stderr "$SANDBOX" status
	assert_jq '.[0].things == {"namespace": {}, "workgroup": {},
	    "endpoint": {}}'
	run --separate-stderr sandbox_requests
	assert_jq 'all(.[]; .status < 500)'
}
