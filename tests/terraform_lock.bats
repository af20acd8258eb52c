#!/usr/bin/env bats
# rs-lock in Terraform: examples/terraform/fleet creates twelve consumers one
# at a time at the default parallelism; the obvious shape never ends.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/sandbox

setup_file() { sandbox_start; }
teardown_file() { sandbox_stop; }

setup() {
	sandbox_reset
	export RS_LOCK_DIR=$BATS_TEST_TMPDIR/locks
	export TF_CLI_CONFIG_FILE=$BATS_TEST_TMPDIR/tfrc TF_IN_AUTOMATION=1
	"$RS_ROOT/tests/helpers/tfrc" "$TF_CLI_CONFIG_FILE"
}

# The example, its provider pointed at the sandbox, in a directory of its own.
fleet() { # consumers
	cp -r "$RS_ROOT/examples/terraform/fleet" "$BATS_TEST_TMPDIR/fleet"
	cd "$BATS_TEST_TMPDIR/fleet" || return
	vpc=$(aws ec2 create-vpc --cidr-block 10.9.0.0/16 --query Vpc.VpcId --output text)
	subnets=()
	for zone in a b c; do
		subnets+=("$(aws ec2 create-subnet --vpc-id "$vpc" \
		    --cidr-block "10.9.$((${#subnets[@]} + 1)).0/24" \
		    --availability-zone "us-west-2$zone" \
		    --query Subnet.SubnetId --output text)")
	done
	group=$(aws ec2 create-security-group --group-name fleet --description fleet \
	    --vpc-id "$vpc" --query GroupId --output text)
	cat >override.tf <<-EOF
		provider "aws" {
		  region                      = "us-west-2"
		  skip_credentials_validation = true
		  skip_metadata_api_check     = true
		  endpoints {
		    ec2                = "$AWS_ENDPOINT_URL"
		    redshiftserverless = "$AWS_ENDPOINT_URL"
		    sts                = "$AWS_ENDPOINT_URL"
		  }
		}
	EOF
	jq -n --argjson n "$1" --arg group "$group" \
	    '{consumer_count: $n, security_group_ids: [$group], subnet_ids: $ARGS.positional}' \
	    --args "${subnets[@]}" >terraform.tfvars.json
	terraform init -no-color -input=false >init.log 2>&1 || {
		cat init.log >&2
		return 1
	}
}

# How the requests that create workgroups follow each other: each after the
# workgroup before it is there.
workgroups() {
	aws redshift-serverless list-workgroups --query \
	    'length(workgroups[?status==`"AVAILABLE"`])' --output text
}

@test "twelve consumers at the default parallelism, one at a time" {
	fleet 12
	run --separate-stderr terraform apply -auto-approve -no-color -input=false
	assert_status 0
	[ "$(workgroups)" -eq 12 ]
	lock=$(rs-lock status | jq -r 'select(.kind == "lock").state')
	[ "$lock" = free ]
	# One lock was held around each creation: twelve, in order.
	printf '%s\n' "$output" |
	    grep -oE 'consumer_[0-9]+\[0\].terraform_data.(acquire|release)(: Creation complete)' |
	    cut -d : -f 1 >order
	for i in 01 02 03 04 05 06 07 08 09 10 11 12; do
		printf 'consumer_%s[0].terraform_data.acquire\n' $i
		printf 'consumer_%s[0].terraform_data.release\n' $i
	done | diff - order
	run --separate-stderr terraform plan -detailed-exitcode -no-color -input=false
	assert_status 0
}

@test "Ctrl-C in the middle, and a second apply that completes" {
	fleet 3
	setsid terraform apply -auto-approve -no-color -input=false \
	    >apply.log 2>&1 3>&- </dev/null &
	pid=$!
	wait_until grep -qs 'consumer_01\[0\].terraform_data.release: Creation complete' apply.log
	sandbox_set timing create=300
	wait_until grep -qs 'consumer_02\[0\].aws_redshiftserverless_workgroup.this: Creating' apply.log
	kill -INT -- "-$pid"
	wait "$pid" || :
	lock=$(rs-lock status | jq -r 'select(.kind == "lock").owner')
	[ "$lock" = 'terraform airline-consumer-2' ]
	sandbox_set timing create=0.1
	sandbox_set workgroup airline-consumer-2 status=AVAILABLE || :
	sandbox_set namespace airline-consumer-2 status=AVAILABLE || :
	run --separate-stderr terraform apply -auto-approve -no-color -input=false
	assert_status 0
	[ "$(workgroups)" -eq 3 ]
	[ "$(rs-lock status | jq -r 'select(.kind == "lock").state')" = free ]
}

@test "the obvious shape never ends, with two consumers and at any parallelism" {
	cp -r "$RS_ROOT/tests/terraform/obvious" "$BATS_TEST_TMPDIR/obvious"
	cd "$BATS_TEST_TMPDIR/obvious" || return
	terraform init -no-color -input=false >/dev/null
	for shape in '2 10' '14 10' '14 64'; do
		rm -rf "$RS_LOCK_DIR" terraform.tfstate*
		run --separate-stderr terraform apply -auto-approve -no-color \
		    -input=false -var "consumer_count=${shape% *}" \
		    "-parallelism=${shape#* }"
		assert_status 1
		assert_err_like "lock 'lock' is busy after 4"
		[ ! -e made ]		# the holder never came to its work
		[ "$(rs-lock status | jq -r 'select(.kind == "lock").state')" = leased ]
	done
	rm -rf "$RS_LOCK_DIR" terraform.tfstate*
	run --separate-stderr terraform apply -auto-approve -no-color \
	    -input=false -var consumer_count=1
	assert_status 0
	[ -e made ]
}
