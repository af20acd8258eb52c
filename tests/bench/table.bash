# table.bash - rows of a bench: what commands cost, and how they compare
#
# Each row is measured by tests/bench/measure, the median of some runs. The
# caller sets `work`, a directory of its own.
# shellcheck shell=bash

heading() { # text
	printf '\n%-42s %8s %8s %8s\n' "$1" 'CPU ms' 'wall ms' 'peak MiB'
}

# Measure, print, and keep the figures as $work/NAME.
row() { # NAME, label, number of runs, command ...
	local name=$1 label=$2 runs=$3

	shift 3
	"${BASH_SOURCE[0]%/*}/measure" "$runs" "$@" >"$work/$name"
	awk -v label="$label" '{ printf "%-42s %8.1f %8.1f %8.1f\n", label,
	    $1 * 1000, $2 * 1000, $3 / 1024 }' "$work/$name"
}

ratio() { # label, NAME of theirs, NAME of ours
	paste -d ' ' "$work/$2" "$work/$3" | awk -v label="$1" '{
	    printf "%-42s %7.1fx %7.1fx %7.1fx\n", label,
	    $1 / $4, $2 / $5, $3 / $6 }'
}
