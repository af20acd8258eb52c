#!/usr/bin/env bats
# rs-costest --refresh: the Price List, and what is kept of it.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/cost

setup() {
	cost_world
	mkdir server
	export XDG_CACHE_HOME=$PWD/cache
	export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=secret
	export AWS_MAX_ATTEMPTS=1
	KEPT=$XDG_CACHE_HOME/rstools/pricing/us-west-2.json
	: >server/products
	entry AmazonRedshift USW2-Redshift:ServerlessUsage RPU-Hr 0.4000000000
	"$(rs_python json)" "$RS_ROOT/tests/helpers/pricing_server.py" server 3>&- &
	SERVER=$!
	wait_until [ -s server/port ]
	AWS_ENDPOINT_URL_PRICING=http://127.0.0.1:$(<server/port)
	export AWS_ENDPOINT_URL_PRICING
}

teardown() {
	kill "$SERVER"
}

# Add an entry with one price to what the server has.
entry() { # service, usage type, unit, USD, operation
	jq -cn --arg service "$1" --arg usage "$2" --arg unit "$3" \
	    --arg usd "$4" --arg operation "${5-}" '{
		serviceCode: $service, publicationDate: "2026-11-20T10:00:00Z",
		product: {sku: "X", attributes: {usagetype: $usage,
		    regionCode: "us-west-2", operation: $operation,
		    locationType: "AWS Region"}},
		terms: {OnDemand: {"X.Y": {priceDimensions: {"X.Y.Z": {
		    unit: $unit, beginRange: "0", endRange: "Inf",
		    pricePerUnit: {USD: $usd}}}}}}}' >>server/products
}

refresh() {
	run --separate-stderr rs-costest -w x --rpu 32 --hours-per-day 8 \
	    --refresh "$@"
}

price() { # item
	jq -r --arg item "$1" '.prices[] | select(.item == $item).usd' "$KEPT"
}

@test "a new price is used, kept, and used again without --refresh" {
	refresh
	assert_status 0
	assert_err ''
	assert_total 3072.00
	assert_jq '.[0] | .as_of == "2026-11-20" and .source == "AWS price list" and .verified'
	[ "$(stat -c %a "$KEPT")" = 600 ]
	run --separate-stderr rs-costest -w x --rpu 32 --hours-per-day 8
	assert_total 3072.00
	jq -se 'all(.Filters[0] == {Type: "TERM_MATCH", Field: "regionCode",
	    Value: "us-west-2"}) and (map(.ServiceCode) | unique | length) == 6' \
	    server/requests
}

@test "a year's reservation is not an hour's price; every page is read" {
	entry AmazonRedshift USW2-Redshift:ServerlessUsage-CR-1YR-AU RPU-Hr 2430.0000000000
	entry AmazonRedshift USW2-Redshift:ServerlessUsage-CR-1YR-NU RPU-Hr 0.2930000000
	entry AmazonRedshift USW2-RMS:Serverless GB-Mo 0.0240000000
	entry AmazonRedshift USW2-Node:ra3.xlplus Hrs 1.0860000000
	entry AWSELB USW2-LoadBalancerUsage Hrs 0.0225 LoadBalancing:Network
	entry AWSELB USW2-LoadBalancerUsage Hrs 0.0250 LoadBalancing:Application
	entry AWSSecretsManager USW2-AWSSecretsManagerAPIRequest "API Requests" 0.0000050000
	refresh
	assert_status 0
	[ "$(price serverless-compute)" = 0.4 ]
	[ "$(price serverless-reservation-all-upfront)" = 0.27739726027397260274 ]
	[ "$(price serverless-reservation-no-upfront)" = 0.293 ]
	[ "$(price managed-storage)" = 0.024 ]
	[ "$(price redshift-node:ra3.xlplus)" = 1.086 ]
	[ "$(price nlb)" = 0.0225 ]
	[ "$(price secret-calls)" = 0.05 ]
}

@test "tiers are kept in order" {
	jq -cn '{serviceCode: "AmazonVPC", publicationDate: "2026-11-20T10:00:00Z",
	    product: {attributes: {usagetype: "USW2-VpcEndpoint-Bytes",
	        regionCode: "us-west-2"}},
	    terms: {OnDemand: {a: {priceDimensions: {
	        x: {beginRange: "1048576", endRange: "Inf", pricePerUnit: {USD: "0.006"}},
	        y: {beginRange: "0", endRange: "1048576", pricePerUnit: {USD: "0.01"}}}}}}}' \
	    >>server/products
	refresh
	assert_status 0
	jq -e '.prices[] | select(.item == "endpoint-data").tiers ==
	    [{usd: "0.01", up_to: "1048576"}, {usd: "0.006"}]' "$KEPT"
}

@test "two prices for one item: neither is taken" {
	entry AWSELB USW2-LCUUsage LCU-Hrs 0.006 LoadBalancing:Network
	entry AWSELB USW2-LCUUsage LCU-Hrs 0.007 LoadBalancing:Network
	refresh -v
	assert_status 0
	[ -z "$(price nlcu)" ]
	assert_err_like 'several prices for nlcu'
	entry AmazonRedshift USW2-Redshift:ServerlessUsage RPU-Hr 0.5
	refresh
	assert_status 5
	assert_err_like 'no single price of serverless-compute in us-west-2'
}

@test "what the list does not have stays with the shipped table" {
	refresh --set storage_gb=1
	assert_status 0
	assert_jq '.[] | select(.item == "managed-storage").source != "AWS price list"'
}

@test "a failure on page two: status 5, the prices kept before stay" {
	refresh
	cp "$KEPT" before
	echo 2 >server/fail
	entry AmazonRedshift USW2-RMS:Serverless GB-Mo 1
	refresh
	assert_status 5
	assert_err_like 'cannot get the prices of'
	assert_jq 'length == 1 and .[0].complete == false'
	cmp "$KEPT" before
	[ "$(find cache -type f | wc -l)" -eq 1 ]
}

@test "no permission: status 4" {
	: >server/deny
	refresh
	assert_status 4
	assert_err_like 'AccessDeniedException'
	[ ! -e "$KEPT" ]
}

@test "an entry that cannot be read: status 5, nothing is kept" {
	for break in 's/0.4000000000/gratis/' 's/0.4000000000/-1/' \
	    's/"OnDemand"/"Reserved"/' 's/}$//'; do
		sed -i.good "$break" server/products
		refresh
		assert_status 5
		[ ! -e "$KEPT" ]
		mv server/products.good server/products
	done
}

@test "a place that cannot be written: status 8, and says which" {
	: >cache
	refresh
	assert_status 8
	assert_err_like "cannot save '$KEPT'"
	unset XDG_CACHE_HOME HOME
	refresh
	assert_status 8
	assert_err_like 'neither XDG_CACHE_HOME nor HOME'
}

@test "--prices still wins over what --refresh brings" {
	refresh --prices prices-us-west-2
	assert_status 0
	assert_total 2764.80
}
