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
# shellcheck source=tests/bench/table.bash
. "$here/table.bash"
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

# A pipeline, as bash runs it.
piped() { # NAME, label, pipeline
	row "$1" "$2" 3 bash -o pipefail -c "$3"
}

heading '1,000 small statements'
piped ours 'rs-sql' "rs-sql $work/small.sql"
piped psql 'psql' "psql -XqAt -v ON_ERROR_STOP=1 -f $work/small.sql"
ratio 'psql / ours' psql ours
piped guards 'rs-sql, records with guards' "rs-sql <$work/stream"

heading 'A million rows of four columns'
query='SELECT a, b, c, d FROM big'
piped ours 'rs-sql' "rs-sql -c '$query' | cat"
piped psql 'psql, row_to_json, all in memory' \
    "psql -XqAt -c 'SELECT row_to_json(big) FROM big' | cat"
piped jq 'psql | jq' "psql -XqAt -F $'\t' -c '$query' |
    jq -Rc 'split(\"\t\") | {a: .[0] | tonumber, b: .[1] | tonumber,
    c: .[2], d: .[3]}'"
ratio 'psql | jq / ours' jq ours
ratio 'psql row_to_json / ours' psql ours
