#!/usr/bin/env bats
# rs-costest: measured use. Billing by the second, 60 seconds at least, shared
# seconds once, months in UTC.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/cost

setup() {
	cost_world
}

# charged WORKGROUP START RPU-SECONDS
charged() {
	printf '{"kind":"usage","workgroup":"%s","start":"%s","charged_seconds":%s}\n' "$@"
}

# query START END [SOURCE]: a line of the log of a workgroup of 32 RPU
query() {
	printf '{"kind":"usage","workgroup":"c1","start":"%s","end":"%s","rpu":32%s}\n' \
	    "$1" "$2" "${3:+,\"source\":\"$3\"}"
}

# The RPU-hours of a log of 32 RPU, in seconds.
assert_seconds() {
	assert_status 0
	assert_jq '[.[] | select(.unit == "RPU-h" and .kind == "cost")
	    .quantity | tonumber] | add * 3600 / 32 | . + 0.0001 | floor == $s' \
	    --argjson s "$1"
}

@test "charged_seconds are added up by month, exactly" {
	{
		charged c1 2026-01-31T23:59:00Z 3600
		charged c1 2026-02-01T00:00:00Z 1800
		charged c1 2026-01-01T00:00:00Z 0.1
		charged c1 2026-01-01T00:01:00Z '"0.2"'
	} >use
	run --separate-stderr costest use
	assert_status 0
	assert_jq '[.[] | select(.unit) | [.month, .quantity, .formula]] == [
	    ["2026-01", "1.0000833333", "3600.3 RPU-s / 3600 x $0.36"],
	    ["2026-02", "0.5", "1800 RPU-s / 3600 x $0.36"]]'
	assert_total 0.54003
	assert_records
}

@test "a query is paid for at least 60 seconds" {
	query 2026-03-01T00:00:00Z 2026-03-01T00:00:05Z >log
	run --separate-stderr costest log
	assert_seconds 60
	query 2026-03-01T00:00:00Z 2026-03-01T00:02:05Z >log
	run --separate-stderr costest log
	assert_seconds 125
}

@test "seconds that queries share are paid once, in any order" {
	{
		query 2026-03-01T00:01:00Z 2026-03-01T00:04:00Z
		query 2026-03-01T00:00:00Z 2026-03-01T00:02:00Z
		query 2026-03-01T00:01:30Z 2026-03-01T00:01:31Z
		query 2026-03-01T00:05:00Z 2026-03-01T00:05:01Z
	} >log
	run --separate-stderr costest log
	assert_seconds 300
	tac log >reversed
	run --separate-stderr costest reversed
	assert_seconds 300
	cat log reversed log >doubled
	run --separate-stderr costest doubled
	assert_seconds 300
}

@test "a part of a second counts as one" {
	query 2026-03-01T00:00:00.999Z 2026-03-01T00:01:30.001Z >log
	run --separate-stderr costest log
	assert_seconds 91
	query 2026-03-01T00:00:00.0000000Z 2026-03-01T00:01:30.0000001Z >log
	run --separate-stderr costest log
	assert_seconds 91
}

@test "over midnight, over a month, over a leap day" {
	query 2028-02-28T23:59:00Z 2028-03-01T00:01:00Z >log
	run --separate-stderr costest log
	assert_seconds 86520
	assert_jq '[.[] | select(.unit) | [.month, .formula]] == [
	    ["2028-02", "32 RPU x 86460 s / 3600 x $0.36"],
	    ["2028-03", "32 RPU x 60 s / 3600 x $0.36"]]'
}

@test "no leap day in 2026 and 2100; one in 2000" {
	for day in 2026-02-29 2100-02-29 2026-04-31 2026-13-01 2026-00-10 \
	    2026-01-00 1969-12-31 3000-01-01; do
		charged c1 "${day}T00:00:00Z" 1 >use
		run --separate-stderr costest use
		assert_status 7
		assert_err_like '^rs-costest: use: line 1: member "start" is not a time'
	done
	charged c1 2000-02-29T00:00:00Z 1 >use
	run --separate-stderr costest use
	assert_status 0
}

@test "the days when clocks change have as many seconds as UTC says" {
	# Berlin: 2:00 becomes 3:00 on 29 March, 3:00 becomes 2:00 on 25 October.
	query 2026-03-29T00:00:00+01:00 2026-03-30T00:00:00+02:00 >log
	run --separate-stderr costest log
	assert_seconds 82800
	query 2026-10-25T00:00:00+02:00 2026-10-26T00:00:00+01:00 >log
	run --separate-stderr costest log
	assert_seconds 90000
	TZ=Europe/Berlin run --separate-stderr costest log
	assert_seconds 90000
}

@test "times as Redshift prints them are UTC" {
	query '2026-03-01 00:00:00' '2026-03-01 00:10:00.5' >log
	query '2026-03-01 00:00:00+00' '2026-03-01 00:10:00+00:00' >>log
	run --separate-stderr costest log
	assert_seconds 601
}

@test "rows of SYS_SERVERLESS_USAGE as rs-sql gives them" {
	{
		for minute in 00 01 02; do
			printf '{"kind":"row","seq":1,"on":"c1","row":{"start_time":"2026-03-01 00:%s:00","end_time":"2026-03-01 00:59:00","compute_seconds":1000.5,"compute_capacity":32,"data_storage":1000,"cross_region_transferred_data":0,"charged_seconds":1920}}\n' $minute
		done
		printf '%s\n' '{"kind":"result","seq":1,"on":"c1","status":"ok"}'
		end_record
	} >rows
	run --separate-stderr costest <rows
	assert_status 0
	assert_jq '.[0].kind == "result"'
	assert_jq '.[1] | .formula == "5760 RPU-s / 3600 x $0.36" and .name == "c1"'
}

@test "rows of SYS_QUERY_HISTORY are a query log; other rows pass" {
	{
		printf '%s\n' '{"kind":"row","seq":1,"on":"c1","row":{"query_id":7,"user_id":100,"query_label":null,"status":"success","start_time":"2026-03-01 00:00:00","end_time":"2026-03-01 01:00:00"}}'
		printf '%s\n' '{"kind":"row","seq":2,"on":"c1","row":{"n":1}}'
		printf '%s\n' '{"kind":"workgroup","workgroup":"c1","base_capacity":32}'
		end_record
	} >rows
	run --separate-stderr costest <rows
	assert_seconds 3600
	assert_jq '.[0] == {kind: "row", seq: 2, on: "c1", row: {n: 1}}'
}

@test "ComputeSeconds of CloudWatch: the line says it is a lower bound" {
	printf '%s\n' '{"kind":"usage","workgroup":"c1","start":"2026-03-01T00:00:00Z","compute_seconds":7200}' >use
	run --separate-stderr costest use
	assert_status 0
	assert_jq '.[0].quantity == "2" and (.[0].why | test("least"))'
}

@test "the capacity of a log: in it, from a workgroup record, from --rpu" {
	query 2026-03-01T00:00:00Z 2026-03-01T01:00:00Z | sed 's/,"rpu":32//' >log
	run --separate-stderr costest log
	assert_status 1
	assert_jq '.[0].quantity == null and (.[0] | has("formula") | not) and (.[0].why | test("capacity is not known"))'
	run --separate-stderr costest --rpu 64 log
	assert_jq '.[0].quantity == "64"'
	run --separate-stderr costest --set base_rpu=6.4e1 log
	assert_jq '.[0].quantity == "64"'
	printf '%s\n' '{"kind":"workgroup","workgroup":"c1","base_capacity":8}' >>log
	run --separate-stderr costest --rpu 64 log
	assert_jq '.[0].quantity == "8"'
}

@test "a keep-alive that never lets a workgroup sleep is found and named" {
	for ((t = 0; t < 7200; t += 30)); do
		query "$(printf '2026-03-01T%02d:%02d:%02d.0Z' $((t / 3600)) $((t / 60 % 60)) $((t % 60)))" \
		    "$(printf '2026-03-01T%02d:%02d:%02d.010Z' $((t / 3600)) $((t / 60 % 60)) $((t % 60)))" \
		    pgbouncer
	done >log
	query 2026-03-01T00:10:00Z 2026-03-01T00:20:00Z etl >>log
	run --separate-stderr costest log
	assert_seconds 7230
	assert_jq '[.[] | select(.kind == "finding")] == [{kind: "finding",
	    tool: "rs-costest", finding: "keep-alive", workgroup: "c1",
	    source: "pgbouncer", count: 240, every_s: 30,
	    quantity: "58.9333333333", unit: "RPU-h", usd: "21.216"}]'
	assert_records
	run --separate-stderr costest -t log
	[[ $output == *'keep-alive: c1: source pgbouncer runs something short every 30 s; without it 58.93 RPU-h, 21.22 USD less'* ]]
}

@test "a keep-alive is named where capacity or price are not known" {
	for second in {10..59}; do
		query "2026-03-01T00:00:$second.0Z" "2026-03-01T00:00:$second.1Z" ping
	done | sed 's/,"rpu":32//' >log
	run --separate-stderr costest --allow-unknown log
	assert_jq '.[] | select(.kind == "finding") | .quantity == null and .usd == null'
	assert_records
	run --separate-stderr costest --allow-unknown -t log
	[[ ${lines[-1]} == 'keep-alive: c1: source ping runs something short every 1 s' ]]
	run --separate-stderr costest --allow-unknown -t --rpu 32 --region eu-west-9 log
	[[ ${lines[-1]} == 'keep-alive: c1: source ping runs something short every 1 s; without it 0.97 RPU-h, ? USD less' ]]
}

@test "a keep-alive on one of two sides: the finding says which" {
	for second in {10..59}; do
		query "2026-03-01T00:00:$second.0Z" "2026-03-01T00:00:$second.1Z" ping
	done >log
	query 2026-03-01T00:00:00Z 2026-03-01T00:10:00Z etl >quiet
	run --separate-stderr costest --scenario max quiet --compare log
	assert_status 0
	assert_jq '[.[] | select(.kind == "finding").side] == ["after"]'
	assert_records
}

@test "no keep-alive: many long queries, and a few short ones" {
	query 2026-03-01T00:00:00Z 2026-03-01T09:00:00Z etl >log
	for minute in {10..59}; do
		query "2026-03-01T03:$minute:00Z" "2026-03-01T03:$minute:00.5Z" ping
	done >>log
	run --separate-stderr costest log
	assert_seconds 32400
	assert_jq 'all(.kind != "finding")'
}

@test "--max-monthly looks at each month, not at the sum" {
	charged c1 2026-01-01T00:00:00Z 3600000 >use # 360 USD
	charged c1 2026-02-01T00:00:00Z 3600000 >>use
	run --separate-stderr costest --max-monthly 360 use
	assert_status 0
	run --separate-stderr costest --max-monthly 359.99 use
	assert_status 1
	assert_err_like 'a month costs \$360.00, more than \$359.99'
}

@test "a line that is wrong: status 7, and the line is named" {
	local start='"start":"2026-03-01T00:00:00Z"'

	while IFS= read -r members; do
		charged c1 2026-03-01T00:00:00Z 1 >use
		printf '{"kind":"usage",%s}\n' "$members" >>use
		run --separate-stderr costest use
		assert_status 7
		assert_err_like '^rs-costest: use: line 2'
		assert_jq 'length == 1 and .[0].complete == false'
	done <<-END
	$start,"charged_seconds":1
	"workgroup":"c1",$start
	"workgroup":"c1",$start,"charged_seconds":-1
	"workgroup":"c1",$start,"charged_seconds":"NaN"
	"workgroup":"c1",$start,"charged_seconds":NaN
	"workgroup":"c1",$start,"charged_seconds":"1e40"
	"workgroup":"c1",$start,"charged_seconds":99999999999999999
	"workgroup":"c1",$start,"charged_seconds":true
	"workgroup":"c1",$start,"charged_seconds":1,"unit":"h"
	"workgroup":"c1",$start,"charged_seconds":1,"charged_seconds":2
	"workgroup":"c1",$start,"end":"2026-03-01T01:00:00Z","rpu":32
	"workgroup":"c2",$start,"end":"2026-02-28T23:59:59Z","rpu":32
	"workgroup":"c2",$start,"end":"2027-03-01T00:00:00Z","rpu":32
	"workgroup":"c2",$start,"end":"2026-03-01T01:00:00Z","rpu":0
	"workgroup":"c2",$start,"end":"2026-03-01T01:00:00Z","rpu":1.5
	"workgroup":"c2",$start,"end":"tomorrow"
	"workgroup":"c1","start":"2026-03-01T24:00:00Z","charged_seconds":1
	"workgroup":"c1","start":"2026-03-01T00:00:00","charged_seconds":
	"workgroup":"c1","start":"2026-03-01T00:00:00.Z","charged_seconds":1
	"workgroup":"c1","start":"2026-03-01T00:00:00+25:00","charged_seconds":1
	"workgroup":"c1","start":1772323200,"charged_seconds":1
	"workgroup":"c1",$start,"charged_seconds":1,"region":"us-east-1"} x
	"workgroup":"c1",$start,"charged_seconds":01
	"workgroup":5,$start,"charged_seconds":1
	END
}

@test "a workgroup is measured or planned, not both; its surroundings may be" {
	charged c1 2026-03-01T00:00:00Z 3600 >use
	usage c1 32 8 >>use
	run --separate-stderr costest use
	assert_status 7
	assert_err_like "'c1' has both a plan and measured use"
	charged c1 2026-03-01T00:00:00Z 3600 >use
	printf '%s\n' '{"kind":"usage","name":"c1","secrets":1}' >>use
	run --separate-stderr costest use
	assert_status 0
	assert_total 0.76
}

@test "the endpoints of a workgroup that is measured are in its bill" {
	charged c1 2026-03-01T00:00:00Z 3600 >use
	printf '%s\n' '{"kind":"workgroup","workgroup":"c1","base_capacity":8}' \
	    '{"kind":"ip","workgroup":"c1","ip":"10.0.0.1","eni":"eni-1","source":"access"}' >>use
	run --separate-stderr costest use
	assert_status 0
	assert_total 7.66 # 0.36 + 7.30
	assert_jq '[.[] | select(.by == "name").name] | unique == ["c1"]'
}

@test "a plan is for a month: it is not added to measured use of several" {
	charged c1 2026-03-01T00:00:00Z 3600 >use
	charged c1 2026-04-01T00:00:00Z 3600 >>use
	printf '%s\n' '{"kind":"usage","name":"c1","secrets":1}' >>use
	run --separate-stderr costest use
	assert_status 7
	assert_err_like 'measured use of 2 months'
}

@test "two regions in the lines of one workgroup: refused" {
	printf '%s\n' '{"kind":"usage","workgroup":"c1","region":"us-east-1","start":"2026-03-01T00:00:00Z","charged_seconds":1}' >use
	printf '%s\n' '{"kind":"usage","workgroup":"c1","region":"us-west-2","start":"2026-03-01T00:00:00Z","charged_seconds":1}' >>use
	run --separate-stderr costest use
	assert_status 7
	assert_err_like 'line 2: "region" is not the same as before'
}

@test "a log of more than ten years is refused, not kept in memory" {
	query 2000-01-01T00:00:00Z 2000-01-01T00:01:00Z >log
	query 2026-01-01T00:00:00Z 2026-01-01T00:01:00Z >>log
	run --separate-stderr costest log
	assert_status 7
	assert_err_like 'line 2: the log spans more than ten years'
}

# Peak memory in KiB of pricing a file; its records go to out.
peak() {
	python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=open("out", "w"), check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' \
	    rs-costest --prices prices-us-west-2 "$1"
}

@test "a million lines take no more memory than ten thousand" {
	awk 'BEGIN { for (i = 0; i < 10000; i++)
	    printf "{\"kind\":\"usage\",\"workgroup\":\"c%d\",\"start\":\"2026-01-%02dT%02d:%02d:00Z\",\"charged_seconds\":%d}\n",
	    i % 10, i / 1440 % 28 + 1, i / 60 % 24, i % 60, i % 1920 }' >few
	for _ in {1..100}; do
		cat few
	done >many
	few=$(peak few)
	many=$(peak many)
	jq -se '[.[] | select(.item == "total")][0].known_usd == "92910.00"' out
	[ "$many" -le $((few + 2048)) ] || fail "$few KiB, then $many KiB"
}
