# cost.bash - a small world of prices for the tests of rs-costest

# A directory of one's own, a region, and PRICES: today's date on the shipped
# figures, so that nothing warns of old ones.
cost_world() {
	local today region

	cd "$BATS_TEST_TMPDIR" || return
	export AWS_REGION=us-west-2 XDG_CACHE_HOME=$BATS_TEST_TMPDIR/no-cache
	today=$(date -u +%Y-%m-%d)
	PRICES=
	for region in us-east-1 us-west-2; do
		jq --arg today "$today" '.prices[].as_of = $today' \
		    "$RS_ROOT/share/pricing/$region.json" >"prices-$region" || return
		PRICES=${PRICES:-$PWD/prices-us-west-2}
	done
}

# rs-costest with prices of today.
costest() {
	rs-costest --prices prices-us-east-1 --prices prices-us-west-2 "$@"
}

plan() { # workgroup, RPUs, hours a day, more options
	costest -w "$1" --rpu "$2" --hours-per-day "$3" "${@:4}"
}

usage() { # workgroup, RPUs, hours a day
	printf '{"kind":"usage","workgroup":"%s","base_rpu":%s,"hours_per_day":%s}\n' "$@"
}

nodes() { # region, type, number
	printf '{"kind":"usage","name":"n","region":"%s","node_type":"%s","nodes":%s}\n' \
	    "$@" >nodes.in
	costest nodes.in
}

end_record() {
	printf '%s\n' '{"kind":"end","tool":"test","count":0,"complete":true}'
}

assert_total() { # amount
	assert_jq '[.[] | select(.item == "total")][-1].usd == $usd' --arg usd "$1"
}
