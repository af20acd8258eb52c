#!/usr/bin/env bats
# libaws against botocore: the same questions to both, the same answers wanted.
# Each file in tests/differential lists the exceptions and why there are any.
bats_require_minimum_version 1.5.0
load helpers/common

compare() {
	local python

	python=$(rs_python botocore)
	cd "$RS_ROOT/tests/differential" || return
	run --separate-stderr "$python" -B "$1.py"
	assert_status 0
	assert_err ''
	[[ ${lines[-1]} =~ ^[0-9]+\ compared,\ 0\ different$ ]] ||
	    fail_run "no verdict"
}

@test "hosts, signing regions and names: every service, region, FIPS, dual-stack" {
	compare endpoints
}

@test "signatures: canonical request, string to sign, header, presigned query" {
	compare signing
}

@test "retries: decisions, delays and quota over generated sequences" {
	compare retries
}

@test "region and endpoint overrides from environments and configuration files" {
	compare sessions
}

@test "errors of json, rest-json, query and ec2, and times" {
	compare faults
}
