# cost.sh - a year of use, minute by minute, against jq and Miller
#
# Ten workgroups, 5,256,000 usage records (RS_BENCH_MINUTES shortens the
# year); each program adds up RPU-seconds by workgroup and month. "jansson"
# is rs-costest on lines that its quick reader leaves alone.
# shellcheck shell=bash
set -euo pipefail

here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
# shellcheck source=tests/helpers/common.bash
. "$here/../helpers/common.bash"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
minutes=${RS_BENCH_MINUTES:-525600}
export AWS_REGION=us-east-1 XDG_CACHE_HOME=$work/no-cache
prices=$work/prices
jq --arg today "$(date -u +%Y-%m-%d)" '.prices[].as_of = $today' \
    "$RS_ROOT/share/pricing/us-east-1.json" >"$prices"

# The same use every time; note makes a line that is not plain.
use() { # note
	awk -v minutes="$minutes" -v note="$1" 'BEGIN {
		split("31 28 31 30 31 30 31 31 30 31 30 31", length_of, " ")
		month = day = 1
		for (i = 0; i < minutes; i++) {
			if (i > 0 && i % 1440 == 0 && ++day > length_of[month]) {
				day = 1
				month++
			}
			at = sprintf("2025-%02d-%02dT%02d:%02d:00Z", month, day,
			    i / 60 % 24, i % 60)
			for (k = 0; k < 10; k++)
				printf "{\"kind\":\"usage\",\"workgroup\":\"airline-consumer-%d\",\"start\":\"%s\",\"charged_seconds\":%d%s}\n", k, at, (i * 7 + k * 13) % 1921, note
		}
	}'
}

with_jq() {
	jq -nr 'reduce inputs as $r ({}; .[$r.workgroup + " " + $r.start[0:7]]
	    += $r.charged_seconds) | to_entries[] | "\(.key) \(.value)"' "$1"
}

with_miller() {
	mlr --ijsonl --onidx put '$month = substr($start, 0, 6)' \
	    'then' stats1 -a sum -f charged_seconds -g workgroup,month "$1"
}

with_us() {
	rs-costest --prices "$prices" "$1" |
	    jq -r 'select(.unit) | "\(.name) \(.month) \(.formula | split(" ")[0])"'
}
export -f with_jq with_miller
export prices

use '' >"$work/use"
use ',"note":"x"' >"$work/noted"
head -n 200000 "$work/use" >"$work/some"
diff <(with_us "$work/some" | sort) <(with_jq "$work/some" | sort)
diff <(with_us "$work/some" | sort) <(with_miller "$work/some" | sort)

printf '%d records, %d MiB\n' $((minutes * 10)) \
    $(($(stat -c %s "$work/use") >> 20))
printf '%-22s %9s %9s %9s %8s %8s\n' '' 'CPU s' 'wall s' 'peak MiB' CPU wall
row() { # label, command ...
	local cpu wall peak

	read -r cpu wall peak < <("$here/measure" 1 "${@:2}")
	: "${first_cpu:=$cpu}" "${first_wall:=$wall}"
	printf '%-22s %9.2f %9.2f %9.1f %7.1fx %7.1fx\n' "$1" "$cpu" "$wall" \
	    "$(bc -l <<<"$peak / 1024")" "$(bc -l <<<"$cpu / $first_cpu")" \
	    "$(bc -l <<<"$wall / $first_wall")"
}
row 'rs-costest' rs-costest --prices "$prices" "$work/use"
row 'rs-costest, jansson' rs-costest --prices "$prices" "$work/noted"
row 'Miller' bash -c "with_miller '$work/use'"
row 'jq' bash -c "with_jq '$work/use'"
