# sql.sh - rs-sql against psql, on a PostgreSQL of this machine
#
# Both reach it over TLS. psql's rows become JSON with jq, as a user would
# have it; CPU and memory are those of the largest process and of all that
# the shell waited for.
# shellcheck shell=bash
set -euo pipefail

here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
# shellcheck source=tests/helpers/common.bash
. "$here/../helpers/common.bash"
# shellcheck source=tests/helpers/postgres.bash
. "$here/../helpers/postgres.bash"
work=$(mktemp -d)
trap 'postgres_stop; rm -rf "$work"' EXIT

postgres_start
postgres_env
export PGDATABASE=dev PGSSLMODE=verify-full work
psql_in dev -c 'CREATE TABLE t (a int, b text)' -c "CREATE TABLE big AS
    SELECT g AS a, g * 1.5::float8 AS b, 'row ' || g AS c, now() AS d
    FROM generate_series(1, 1000000) g"
seq 1000 | sed "s/.*/INSERT INTO t VALUES (&, 'x');/" >"$work/small.sql"
{
	seq 1000 | jq -c '{kind: "statement", seq: ., on: "wg-1",
	    sql: "INSERT INTO t VALUES (1, \u0027x\u0027)",
	    unless: "SELECT 1 WHERE false"}'
	echo '{"kind":"end","tool":"rs-test","count":1000,"complete":true}'
} >"$work/stream"

row() { # label, N, command
	local cpu wall peak

	read -r cpu wall peak < <("$here/measure" "$2" bash -o pipefail -c "$3")
	printf '%-42s %8.0f %8.0f %8.1f\n' "$1" \
	    "$(bc -l <<<"$cpu * 1000")" "$(bc -l <<<"$wall * 1000")" \
	    "$(bc -l <<<"$peak / 1024")"
	printf '%s %s %s\n' "$cpu" "$wall" "$peak" >"$work/last"
}

ratio() { # label, file of theirs, file of ours
	local t o

	read -r -a t <"$2"
	read -r -a o <"$3"
	printf '%-42s %7.1fx %7.1fx %7.1fx\n' "$1" \
	    "$(bc -l <<<"${t[0]} / ${o[0]}")" \
	    "$(bc -l <<<"${t[1]} / ${o[1]}")" "$(bc -l <<<"${t[2]} / ${o[2]}")"
}

printf '\n%-42s %8s %8s %8s\n' '1,000 small statements' 'CPU ms' \
    'wall ms' 'peak MiB'
row 'rs-sql' 3 "rs-sql $work/small.sql"
cp "$work/last" "$work/ours"
row 'psql' 3 "psql -XqAt -v ON_ERROR_STOP=1 -f $work/small.sql"
ratio 'psql / ours' "$work/last" "$work/ours"
row 'rs-sql, records with guards' 3 "rs-sql <$work/stream"

printf '\n%-42s %8s %8s %8s\n' 'A million rows of four columns' 'CPU ms' \
    'wall ms' 'peak MiB'
query='SELECT a, b, c, d FROM big'
row 'rs-sql' 3 "rs-sql -c '$query' | cat"
cp "$work/last" "$work/ours"
row 'psql, row_to_json, all in memory' 3 \
    "psql -XqAt -c 'SELECT row_to_json(big) FROM big' | cat"
cp "$work/last" "$work/psql"
row 'psql | jq' 3 "psql -XqAt -F $'\t' -c '$query' |
    jq -Rc 'split(\"\t\") | {a: .[0] | tonumber, b: .[1] | tonumber,
    c: .[2], d: .[3]}'"
ratio 'psql | jq / ours' "$work/last" "$work/ours"
ratio 'psql row_to_json / ours' "$work/psql" "$work/ours"
