#!/usr/bin/env bats
# rs-costest: plans. Amounts are written out, so that a reader can check them.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/cost

setup() {
	cost_world
}

# --- every example of the documents that this project started from -----------
# Their monthly figures for compute are a tenth of what their own rate gives.

@test "example: 32 RPU, 8 h a day is 2,764.80, not 276" {
	run --separate-stderr plan producer 32 8
	assert_status 0
	assert_total 2764.80
	assert_jq '.[0].formula == "32 RPU x 8 h x 30 d x $0.36"
	    and .[0].quantity == "7680" and .[0].unit == "RPU-h"'
	assert_err ''
}

@test "example: 32 RPU, 4 h a day is 1,382.40, not 138" {
	run --separate-stderr plan analytics 32 4
	assert_status 0
	assert_total 1382.40
}

@test "example: 32 RPU, 2 h a day is 691.20, not 69" {
	run --separate-stderr plan reporting 32 2
	assert_status 0
	assert_total 691.20
}

@test "example: the three together are 4,838.40, not 483" {
	{
		usage producer 32 8
		usage analytics 32 4
		usage reporting 32 2
	} >fleet
	run --separate-stderr costest fleet
	assert_status 0
	assert_total 4838.40
	assert_records
}

@test "example: option A (64 RPU for analytics) is 6,220.80, not 621" {
	{
		usage producer 32 8
		usage analytics 64 4
		usage reporting 32 2
	} >a
	run --separate-stderr costest a
	assert_status 0
	assert_total 6220.80
	assert_jq '.[] | select(.item == "subtotal" and .name == "analytics")
	    | .usd == "2764.80"'
}

@test "example: option B (three consumers of 6 h) is 8,985.60, not 897" {
	{
		usage producer 32 8
		usage c1 32 6
		usage c2 32 6
		usage c3 32 6
	} >b
	run --separate-stderr costest b
	assert_status 0
	assert_total 8985.60
}

@test "example: 32 RPU are 11.52 an hour; the documents are right there" {
	run --separate-stderr costest -w x --rpu 32 --hours-per-day 1 --days 1
	assert_status 0
	assert_total 11.52
}

@test "example: ra3.xlplus all month is 792.78, not 414" {
	run --separate-stderr nodes us-east-1 ra3.xlplus 1
	assert_status 0
	assert_total 792.78
}

@test "example: two ra3.xlplus are 1,585.56, not 4,600 (which is ra3.4xlarge)" {
	run --separate-stderr nodes us-east-1 ra3.xlplus 2
	assert_status 0
	assert_total 1585.56
	run --separate-stderr nodes us-east-1 ra3.4xlarge 2
	assert_total 4759.60
}

@test "example: two dc2.large are 365, about the 360 of the document" {
	run --separate-stderr nodes us-east-1 dc2.large 2
	assert_status 0
	assert_total 365.00
}

@test "example: 48 a month at 0.375 is 128 RPU-hours, not 16 (which are 6)" {
	run --separate-stderr costest --region us-east-1 -w x --rpu 16 \
	    --hours-per-day 8 --days 1
	assert_total 48.00
	run --separate-stderr costest --region us-east-1 -w x --rpu 16 \
	    --hours-per-day 1 --days 1
	assert_total 6.00
}

@test "example: zero-ETL has no fee per GB; at interval 0 it is the compute" {
	printf '%s\n' '{"kind":"usage","workgroup":"x","base_rpu":8,"zero_etl_refresh_s":0}' >etl
	run --separate-stderr costest etl
	assert_status 0
	assert_total 2102.40 # 8 x 730 x 0.36
	printf '%s\n' '{"kind":"usage","workgroup":"x","base_rpu":8,"zero_etl_refresh_s":300}' >etl
	run --separate-stderr costest etl
	assert_total 420.48 # a minute in five
}

@test "zero-ETL wakes a workgroup also between the queries of its hours" {
	printf '%s\n' '{"kind":"usage","workgroup":"x","base_rpu":8,"queries_per_hour":1,"query_s":1,"zero_etl_refresh_s":0}' >z
	run --separate-stderr costest z
	assert_status 0
	assert_total 2102.40 # 8 x 730 x 0.36: it never sleeps
	assert_jq '[.[] | select(.unit).quantity] == ["96", "5744"]'
	printf '%s\n' '{"kind":"usage","workgroup":"x","base_rpu":8,"active_fraction":0.5,"zero_etl_refresh_s":300}' >z
	run --separate-stderr costest z
	assert_total 1249.92 # 8 x (360 + 370 / 5) x 0.36
}

@test "example: secrets, calls, logs and metrics; the document is right there" {
	printf '%s\n' '{"kind":"usage","name":"x","secrets":1,"secret_calls_10k":1,"logs_gb":1,"metrics":1}' >x
	run --separate-stderr costest --region us-east-1 x
	assert_status 0
	assert_total 1.25
}

@test "example: what the documents leave out: balancer, endpoint, resolvers" {
	printf '%s\n' '{"kind":"usage","name":"x","nlbs":1,"endpoint_enis":1,"resolver_enis":4}' >x
	run --separate-stderr costest --region us-east-1 x
	assert_status 0
	assert_total 388.725 # 16.425 + 7.30 + 365
	assert_jq '[.[] | select(.rate_usd) | .usd] == ["16.425", "7.30", "365.00"]'
}

@test "a pool that a connection check keeps awake: 8,409.60 a month" {
	printf '%s\n' '{"kind":"usage","workgroup":"x","base_rpu":32,"queries_per_hour":60,"query_s":0.01}' >x
	run --separate-stderr costest --days 31 x
	assert_status 0
	assert_total 8570.88 # 32 x 24 x 31 x 0.36
	run --separate-stderr costest --scenario low x
	assert_total 138.24 # a minute an hour
}

# --- what is not known ---------------------------------------------------------

@test "no price: named, null and not zero, status 1; --allow-unknown takes it" {
	printf '%s\n' '{"kind":"usage","name":"x","cross_region_gb":5,"secrets":1}' >x
	run --separate-stderr costest --region us-east-1 x
	assert_status 1
	assert_jq '.[0].usd == null and .[0].rate_usd == null and
	    .[0].why == "no price for cross-region-sharing in us-east-1 is known"'
	assert_jq '.[-2].item == "total" and .[-2].usd == null and
	    .[-2].known_usd == "0.40" and .[-2].unknown == 1'
	assert_jq '.[-1].complete == false'
	assert_err_like 'rs-costest: 1 amount is not known'
	run --separate-stderr costest --region us-east-1 --allow-unknown x
	assert_status 0
	assert_jq '.[-2].usd == null and .[-1].complete'
}

@test "a region without a table: every price is unknown" {
	run --separate-stderr costest --region eu-north-1 -w x --rpu 32 --hours-per-day 1
	assert_status 1
	assert_jq '.[0].why == "no price for serverless-compute in eu-north-1 is known"'
}

@test "no hours: the line says so; no base capacity: it says that" {
	run --separate-stderr costest -w x --rpu 32
	assert_status 1
	assert_jq '.[0].why == "how many hours it is active is not known"'
	run --separate-stderr costest -w x --hours-per-day 8
	assert_status 1
	assert_jq '.[0].why == "the base capacity is not known"'
}

@test "none of something costs nothing, whatever the price" {
	printf '%s\n' '{"kind":"usage","name":"x","cross_region_gb":0}' >x
	run --separate-stderr costest x
	assert_status 0
	assert_total 0.00
}

@test "a count that is there and not known: named with its reason" {
	printf '%s\n' '{"kind":"usage","name":"x","unknown":{"secrets":"nobody counted"}}' >x
	run --separate-stderr costest x
	assert_status 1
	assert_jq '.[0] | .item == "secret" and .quantity == null and .why == "nobody counted"'
}

# --- scenarios, budget, comparison ------------------------------------------------

@test "--scenario: max is the ceiling all month; without one, the largest" {
	run --separate-stderr costest -w x --rpu 32 --max-rpu 256 \
	    --hours-per-day 8 --scenario low,expected,max
	assert_status 0
	assert_jq '[.[] | select(.item == "total") | [.scenario, .usd]] ==
	    [["low", "2764.80"], ["expected", "2764.80"], ["max", "67276.80"]]'
	run --separate-stderr costest -w x --rpu 32 --hours-per-day 8 --scenario max
	assert_jq '.[0].formula == "5632 RPU (no ceiling is set) x 730 h x $0.36"'
	assert_total 1480089.60
}

@test "average_rpu: expected has it, low has the base" {
	run --separate-stderr costest -w x --rpu 32 --hours-per-day 1 \
	    -s average_rpu=48.5 --scenario expected,low
	assert_jq '[.[] | select(.item == "total").usd] == ["345.60", "523.80"]'
}

@test "--max-monthly: above it status 1 and an incomplete stream, at it 0" {
	run --separate-stderr plan x 32 8 --max-monthly 2764.80
	assert_status 0
	run --separate-stderr plan x 32 8 --max-monthly 2764.79
	assert_status 1
	assert_err 'rs-costest: a month costs $2764.80, more than $2764.79'
	assert_jq '.[-1].complete == false'
	run --separate-stderr plan x 32 8 --max-monthly 5000 --scenario expected,max
	assert_status 1
}

@test "--compare: the difference and the break-even of serverless and nodes" {
	printf '%s\n' '{"kind":"usage","name":"c","nodes":2,"node_type":"ra3.xlplus"}' >c
	run --separate-stderr costest --region us-east-1 -w p --rpu 32 \
	    --hours-per-day 8 --compare c
	assert_status 0
	assert_jq '.[] | select(.item == "difference").usd == "-1294.44"'
	# 1585.56 / (32 x 30 x 0.375)
	assert_jq '.[] | select(.item == "break-even").quantity == "4.4043333333"'
	assert_records
}

@test "--compare: on demand against a reservation breaks even at 19.01 h" {
	usage x 64 8 >demand
	{
		usage x 64 8
		printf '%s\n' '{"kind":"usage","name":"r","reserved_rpu":64}'
	} >reserved
	run --separate-stderr costest --region us-east-1 demand --compare reserved
	assert_status 0
	# 730 x 0.293 / (30 x 0.375); the reservation covers everything
	assert_jq '.[] | select(.item == "break-even").quantity == "19.0124444444"'
	assert_jq '[.[] | select(.item == "total").usd] == ["5760.00", "13688.96"]'
}

@test "--compare: the break-even of a scenario has its capacity" {
	printf '%s\n' '{"kind":"usage","workgroup":"w","base_rpu":32,"average_rpu":64,"hours_per_day":2}' >a
	printf '%s\n' '{"kind":"usage","name":"n","nodes":1,"node_type":"ra3.4xlarge"}' >b
	run --separate-stderr costest --scenario low,expected a --compare b
	assert_status 0
	# 3.26 x 730 / (32 x 30 x 0.36), and half of it at 64
	assert_jq '[.[] | select(.item == "break-even").quantity] == ["6.8859953704", "3.4429976852"]'
}

@test "--compare: the same twice differs by nothing and never breaks even" {
	usage x 32 8 >a
	run --separate-stderr costest a --compare a
	assert_status 0
	assert_jq '.[] | select(.item == "difference").usd == "0.00"'
	assert_jq '.[] | select(.item == "break-even") |
	    .quantity == null and (has("cheaper") | not)'
}

@test "--compare: no break-even where zero-ETL wakes a workgroup between" {
	printf '%s\n' '{"kind":"usage","workgroup":"x","base_rpu":8,"zero_etl_refresh_s":300}' >etl
	usage x 8 2 >plain
	run --separate-stderr costest plain --compare etl
	assert_status 0
	assert_jq '[.[] | select(.item == "difference").usd] == ["247.68"]'
	assert_jq 'all(.item != "break-even")'
}

@test "a formula has the numbers that give the amount" {
	run --separate-stderr plan x 32 8 --days 30.55 --max-rpu 64 --scenario max
	assert_jq '.[0] | .formula == "64 RPU x 733.2 h x $0.36" and .usd == "16892.928"'
	printf '%s\n' '{"kind":"usage","workgroup":"x","base_rpu":8,"hours_per_day":3,"queries_per_hour":20,"query_s":30}' >q
	run --separate-stderr costest q
	assert_status 0
	assert_jq '.[0].formula == "8 RPU x 3 h x 30 d x 0.3333333333 (20/h of 30 s, each at least 60 s) x $0.36"'
	assert_total 86.40
}

@test "a reservation covers what runs at once; the rest is on demand" {
	{
		usage x 32 10
		usage y 32 5
		printf '%s\n' '{"kind":"usage","name":"r","reserved_rpu":48,"offering":"all-upfront"}'
	} >r
	run --separate-stderr costest --region us-east-1 r
	assert_status 0
	# 48 for 5 h, 32 for the other 5 h, of each of 30 days
	assert_jq '.[] | select(.item == "serverless-covered").quantity == "-12000"'
	assert_total 10620.00 # 5400 + 48 x 730 x 2430 / 8760 - 4500
}

# --- streams -----------------------------------------------------------------------

@test "workgroup and ip records: capacity, region and interfaces, each once" {
	{
		printf '%s\n' '{"kind":"workgroup","workgroup":"c3","address":"c3.1.us-east-1.redshift-serverless.amazonaws.com","base_capacity":64}'
		printf '%s\n' '{"kind":"ip","workgroup":"c3","ip":"10.0.0.1","eni":"eni-1","source":"access"}'
		printf '%s\n' '{"kind":"ip","workgroup":"c3","ip":"10.0.0.1","eni":"eni-1","source":"access"}'
		printf '%s\n' '{"kind":"ip","workgroup":"c3","ip":"10.0.0.2","eni":"eni-2","source":"access"}'
		printf '%s\n' '{"kind":"ip","workgroup":"c3","ip":"10.0.0.3","eni":"eni-3","source":"workgroup"}'
		printf '%s\n' '{"kind":"lock","name":"etl","token":"1"}'
		end_record
	} >in
	run --separate-stderr costest --hours-per-day 1 <in
	assert_status 0
	assert_jq '.[0] == {kind: "lock", name: "etl", token: "1"}'
	assert_total 734.60 # 64 x 30 x 0.375 + 2 x 7.30
	assert_jq '.[1].region == "us-east-1"'
}

@test "a workgroup that is gone costs nothing" {
	printf '%s\n' '{"kind":"workgroup","workgroup":"c","status":"DELETED","base_capacity":32}' >in
	run --separate-stderr costest --hours-per-day 8 in
	assert_status 0
	assert_total 0.00
}

@test "a workgroup record whose capacity cannot be: status 7" {
	for capacity in -5 0 33 1.5 '"32"' 4611686018427387904; do
		printf '{"kind":"workgroup","workgroup":"c","base_capacity":%s}\n' "$capacity" >in
		run --separate-stderr costest --rpu 8 --hours-per-day 1 in
		assert_status 7
		assert_err_like '^rs-costest: line 1: .*base_capacity'
		assert_jq 'length == 1 and .[0].complete == false'
	done
}

@test "two plans of one workgroup: refused, not paid twice" {
	usage c 8 1 >two
	usage c 8 2 >>two
	run --separate-stderr costest --set endpoint_enis=1 two
	assert_status 7
	assert_err_like "^rs-costest: two: line 2: 'c' has a plan already"
	usage c 8 1 >two
	usage c 8 2 | sed 's/}/,"region":"us-east-1"}/' >>two
	run --separate-stderr costest two
	assert_status 0
	assert_total 266.40 # 240 x 0.36 + 480 x 0.375
}

@test "a stream without its end: status 7, nothing is priced" {
	usage x 32 8 >in
	run --separate-stderr costest <in
	assert_status 7
	assert_jq '. == [{kind: "end", tool: "rs-costest", count: 0, complete: false}]'
	assert_err_like 'truncated'
	{
		cat in
		printf '%s\n' '{"kind":"end","tool":"x","count":1,"complete":false}'
	} >in2
	run --separate-stderr costest in2
	assert_status 7
}

@test "nothing to price: a complete stream with a total of nothing" {
	end_record >in
	run --separate-stderr costest <in
	assert_status 0
	assert_total 0.00
}

@test "tags get subtotals, sorted" {
	{
		printf '%s\n' '{"kind":"usage","name":"a","secrets":2,"tags":{"team":"etl","name":"z"}}'
		printf '%s\n' '{"kind":"usage","name":"b","secrets":3,"tags":{"team":"bi"}}'
		printf '%s\n' '{"kind":"usage","name":"a","secrets":1,"tags":{"team":"etl"}}'
	} >in
	run --separate-stderr costest --region us-east-1 in
	assert_status 0
	assert_jq '[.[] | select(.item == "subtotal") | [.by, .name, .usd]] ==
	    [["name", "a", "1.20"], ["name", "b", "1.20"],
	     ["tag:name", "z", "0.80"], ["tag:team", "bi", "1.20"],
	     ["tag:team", "etl", "1.20"]]'
}

@test "tiers: the formula shows each; the rate is the average" {
	printf '%s\n' '{"kind":"usage","name":"x","resolver_queries_million":1500}' >x
	run --separate-stderr costest --region us-east-1 x
	assert_status 0
	assert_jq '.[0].usd == "500.00" and .[0].rate_usd == "0.333333333333" and
	    .[0].formula == "1500 million x (1000 x $0.4 + 500 x $0.2)"'
}

@test "numbers may be strings; 15 digits stay exact, more are refused as numbers" {
	printf '%s\n' '{"kind":"usage","name":"x","storage_gb":"123456789.123456789123456789"}' >x
	run --separate-stderr costest --region us-east-1 x
	assert_status 0
	assert_jq '.[0].usd == "2962962.9389629629"'
	printf '%s\n' '{"kind":"usage","name":"x","storage_gb":0.12345678901234567}' >x
	run --separate-stderr costest --region us-east-1 x
	assert_status 7
	assert_err_like 'x: line 1: member "storage_gb" has to be a decimal number'
	printf '%s\n' '{"kind":"usage","name":"x","storage_gb":0.1}' >x
	run --separate-stderr costest --region us-east-1 x
	assert_jq '.[0].usd == "0.0024"'
}

@test "a wrong value: status 7, the line and the member are named" {
	while IFS= read -r members; do
		printf '{"kind":"usage","workgroup":"x",%s}\n' "$members" >x
		run --separate-stderr costest x
		assert_status 7
		assert_err_like '^rs-costest: x: line 1'
		assert_jq 'length == 1 and .[0].complete == false'
	done <<-'END'
	"base_rpu":-32
	"base_rpu":33
	"base_rpu":12
	"base_rpu":1025
	"base_rpu":544.5
	"base_rpu":true
	"base_rpu":"0x20"
	"base_rpu":"NaN"
	"base_rpu":"inf"
	"base_rpu":"32 "
	"base_rpu":"1e999"
	"base_rpu":32,"max_rpu":16
	"base_rpu":32,"max_rpu":5633
	"base_rpu":32,"average_rpu":16
	"base_rpu":32,"hours_per_day":24.01
	"base_rpu":32,"hours_per_day":-1
	"base_rpu":32,"hours_per_day":"8h"
	"base_rpu":32,"hours_per_day":{}
	"base_rpu":32,"days":32
	"base_rpu":32,"active_fraction":1.1
	"base_rpu":32,"queries_per_hour":3
	"base_rpu":32,"query_s":3
	"base_rpu":32,"queries_per_hour":3,"query_s":3,"active_fraction":0.5
	"base_rpu":32,"hours":8
	"base_rpu":32,"tags":["a"]
	"base_rpu":32,"tags":{"a":1}
	"base_rpu":32,"region":"../../etc"
	"base_rpu":32,"region":7
	"base_rpu":32,"offering":"monthly"
	"nodes":2
	"nodes":2,"node_type":5
	"node_type":"ra3.xlplus"
	"unknown":{"nodez":"not said"}
	"unknown":{"secrets":5}
	"unknown":"secrets"
	"secrets":1000000000001
	"secrets":99999999999999999999999999999999
	END
}

@test "an option that no record could have: status 2" {
	for option in --rpu=33 --hours-per-day=25 --hours-per-day=x --days=32 \
	    --set=x --set=hours=3 --set==3 --max-rpu=3 --scenario=all \
	    '--scenario=low,,' --max-monthly=-1 --max-monthly=lots; do
		run --separate-stderr costest -w x --rpu 32 "$option"
		assert_status 2
		assert_out ''
		assert_err_lines 2
	done
}

@test "every capacity AWS has is accepted: 4, 8 to 512 by 8, to 1024 by 32" {
	for rpu in 4 $(seq 8 8 512) $(seq 544 32 1024); do
		printf '{"kind":"usage","workgroup":"w%d","base_rpu":%d,"hours_per_day":1}\n' \
		    "$rpu" "$rpu"
	done >all
	run --separate-stderr costest all
	assert_status 0
	assert_jq '[.[] | select(.unit)] | length == 81'
}

@test "a file that is not there: status 2; a directory: an error" {
	run --separate-stderr costest no-such-file
	assert_status 2
	assert_err_like "cannot read 'no-such-file': No such file"
	run --separate-stderr costest .
	assert_status 8
}

@test "no region: said, with the remedy" {
	unset AWS_REGION
	run --separate-stderr costest -w x --rpu 32 --hours-per-day 8
	assert_status 7
	assert_err_like 'no region is given'
	assert_err_like 'hint: say --region'
	run --separate-stderr costest -w x --rpu 32 -s region=us-west-2 --hours-per-day 8
	assert_status 0
}

@test "the region comes from the profile; one that does not exist is an error" {
	unset AWS_REGION
	printf '[profile oregon]\nregion = us-west-2\n' >config
	AWS_CONFIG_FILE=config run --separate-stderr plan x 32 8 --profile oregon
	assert_status 0
	assert_total 2764.80
	AWS_CONFIG_FILE=config run --separate-stderr plan x 32 8 --profile ohio
	assert_status 4
	assert_err_like "no profile 'ohio'"
}

@test "a full disk is never a success, with and without --table" {
	for table in '' --table; do
		run --separate-stderr bash -c "rs-costest -w x --rpu 32 \
		    --hours-per-day 8 --prices '$PRICES' $table >/dev/full"
		assert_status 8
		assert_err_like 'cannot write to standard output'
	done
}

# --- prices ------------------------------------------------------------------------

@test "--prices: a negotiated rate wins and says where it comes from" {
	cat >mine <<-'END'
	{"region": "us-west-2", "currency": "USD", "prices": [
	  {"item": "serverless-compute", "unit": "RPU-h", "usd": "0.3",
	   "as_of": "2020-01-01", "source": "our contract", "verified": true}]}
	END
	run --separate-stderr rs-costest -w x --rpu 32 --hours-per-day 8 --prices mine
	assert_status 0
	assert_total 2304.00
	assert_jq '.[0].source == "our contract" and .[0].as_of == "2020-01-01"'
	assert_err_like 'prices are of 2020-01-01, more than 90 days old'
	assert_err_like 'hint: --refresh'
}

@test "a table of prices that is wrong: status 7, file and price are named" {
	good='"item":"nlb","unit":"NLB-h","usd":"1","as_of":"2026-01-01","source":"x"'
	while IFS= read -r edit; do
		printf '{"region":"us-west-2","currency":"USD","prices":[{%s}]}' \
		    "$good" | sed -e "$edit" >wrong
		run --separate-stderr rs-costest -w x --rpu 32 --prices wrong
		assert_status 7
		assert_err_like '^rs-costest: wrong'
	done <<-'END'
	s/nlb/nlbb/
	s/NLB-h/NLB-month/
	s/"usd":"1"/"usd":"-1"/
	s/"usd":"1"/"usd":"free"/
	s/"usd":"1",//
	s/2026-01-01/2026-02-30/
	s/2026-01-01/today/
	s/"source":"x"/"source":""/
	s/USD/CNY/
	s/us-west-2/..\/x/
	s/"usd":"1"/"tiers":[]/
	s/"usd":"1"/"tiers":[{"usd":"1"},{"usd":"2"}]/
	s/"usd":"1"/"tiers":[{"usd":"1","up_to":"5"}]/
	s/"usd":"1"/"tiers":[{"usd":"1","up_to":"5"},{"usd":"2","up_to":"4"},{"usd":"1"}]/
	s/}]}//
	s/"prices":/"price":/
	END
	run --separate-stderr rs-costest -w x --rpu 32 --prices no-such-file
	assert_status 2
}

@test "the shipped tables: valid, each price with a source and a date" {
	for table in "$RS_ROOT"/share/pricing/*.json; do
		region=$(basename "$table" .json)
		jq -e --arg region "$region" '.region == $region and
		    all(.prices[]; .source != "" and (.verified | type) == "boolean")' \
		    "$table" >/dev/null || fail "$table"
		run --separate-stderr rs-costest --region "$region" -w x --rpu 32 \
		    --hours-per-day 1
		assert_status 0
	done
	run --separate-stderr rs-costest --region us-east-2 -w x --rpu 32 --hours-per-day 1
	assert_jq '.[0].verified == false'
	run --separate-stderr rs-costest --region ap-southeast-1 -w x --rpu 32 --hours-per-day 1
	assert_jq '.[0].verified == true and .[0].as_of == "2026-08-12"'
}

@test "a later date wins over the shipped table, an earlier one does not" {
	mkdir -p cache/rstools/pricing
	export XDG_CACHE_HOME=$PWD/cache
	for date in 2026-12-01 2020-01-01; do
		cat >cache/rstools/pricing/us-west-2.json <<-END
		{"region": "us-west-2", "currency": "USD", "prices": [
		  {"item": "serverless-compute", "unit": "RPU-h", "usd": "1",
		   "as_of": "$date", "source": "cache", "verified": true}]}
		END
		run --separate-stderr rs-costest -w x --rpu 32 --hours-per-day 1
		assert_status 0
		[ "$date" = 2020-01-01 ] || assert_total 960.00
	done
	assert_total 345.60
	printf '{' >cache/rstools/pricing/us-west-2.json
	run --separate-stderr rs-costest -w x --rpu 32 --hours-per-day 1
	assert_status 7
	assert_err_like 'hint: remove the file, or use --refresh'
}

# --- the table ------------------------------------------------------------------

@test "--table: aligned, amounts to the cent, a bar for each share" {
	usage producer 32 8 >fleet
	printf '%s\n' '{"kind":"usage","name":"net","nlbs":1}' >>fleet
	run --separate-stderr costest --region us-east-1 --table fleet
	assert_status 0
	assert_err ''
	assert_out 'scenario expected, USD a month

producer  serverless-compute  7,680 RPU-h  x    0.375    2,880.00   99.4 % #########
net       nlb                   730 NLB-h  x   0.0225       16.43    0.6 %

by name
  net           16.43    0.6 %
  producer   2,880.00   99.4 % #########

total 2,896.43'
}

@test "--table: a name cannot drive a terminal, nor begin a line" {
	printf '%s\n' '{"kind":"usage","name":"a\u001b[31mb\u009bc\nd\u007f","nlbs":1,"tags":{"k\u0007e":"v\r\u00e9\n"}}' >fleet
	run --separate-stderr costest -t fleet
	assert_status 0
	assert_out 'scenario expected, USD a month

a [31mb  c d   nlb   730 NLB-h  x   0.0225?      16.43  100.0 % ##########

by name
  a [31mb  c d       16.43  100.0 % ##########

by tag:k e
  v é               16.43  100.0 % ##########

total 16.43
note: a rate with ? is not verified against the price list'
}

@test "--table: tiers that are not verified are marked as well" {
	printf '%s\n' '{"kind":"usage","name":"n","metrics":20000}' >fleet
	run --separate-stderr costest -t fleet
	assert_status 0
	[[ $output == *'x    tiers?   4,000.00'* ]]
}

@test "examples: the fleet of examples/fleet-usage.ndjson" {
	run --separate-stderr costest "$RS_ROOT/examples/fleet-usage.ndjson"
	assert_status 0
	assert_total 9040.305
	assert_records
	"$(rs_python jsonschema)" "$RS_ROOT/tests/tools/validate" --no-end \
	    <"$RS_ROOT/examples/fleet-usage.ndjson"
}
