#!/bin/bash
# demo.sh - a consumer fleet goes behind its load balancer
#
# What `make demo` runs: the tools of PATH against the sandbox, which is a
# local AWS. It begins and ends its own sandbox, leaves nothing behind and
# takes about half a minute.
set -euo pipefail

here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
work=$(mktemp -d)
export RS_SANDBOX_DIR=$work/sandbox RS_LOCK_DIR=$work/locks
PATH=$here/../sandbox:$PATH

finish() {
	rs-sandbox stop >/dev/null 2>&1 || :
	rm -rf "$work"
}
trap finish EXIT

bold='' green='' red='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR-}" ] && [ "${TERM-dumb}" != dumb ]; then
	bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
fi

title() {
	printf '\n%s%s%s\n' "$bold" "$1" "$plain"
}

typed() {
	printf '%s$ %s%s\n' "$green" "$1" "$plain"
}

# Show a pipeline as a person would type it, then run it.
show() {
	typed "$1"
	bash -o pipefail -c "$1"
}

# The target records of a stream as a table for people.
table() {
	jq -r 'select(.kind == "target") | [.action, "\(.ip):\(.port)",
	    .health, .workgroup // "-", .reason // ""] | @tsv' |
	    column -ts $'\t' | sed 's/^/    /'
}

# What the load balancer has, told by AWS itself.
group=airline-consumers
targets() {
	local arn

	arn=$(aws elbv2 describe-target-groups --names "$group" \
	    --query 'TargetGroups[0].TargetGroupArn' --output text)
	echo '  AWS says:'
	aws elbv2 describe-target-health --target-group-arn "$arn" |
	    jq -r '.TargetHealthDescriptions[] |
	        "    \(.Target.Id)  \(.TargetHealth.State)"' | sort
}

# One workgroup with its namespace and a managed endpoint. Several of these
# share the terminal, so none shows its progress.
create() {
	local -x TF_IN_AUTOMATION=1
	local status=0

	aws redshift-serverless create-namespace --namespace-name "$1" >/dev/null
	aws redshift-serverless create-workgroup --workgroup-name "$1" \
	    --namespace-name "$1" --base-capacity 32 >/dev/null
	rs-wait-workgroup "$1" | jq -r 'select(.kind == "workgroup") |
	    "    \(.workgroup) is \(.status) after \(.waited_s) s"' || status=$?
	# shellcheck disable=SC2086 # a list of ids
	aws redshift-serverless create-endpoint-access --workgroup-name "$1" \
	    --endpoint-name "$1-endpoint" --subnet-ids $SUBNETS >/dev/null
	return "$status"
}
export -f create table

until_active() {
	while aws redshift-serverless list-endpoint-access |
	    jq -e 'any(.endpoints[]; .endpointStatus != "ACTIVE")' >/dev/null; do
		:
	done
}

title 'A local AWS, in which workgroups that are made at the same time get stuck'
typed 'rs-sandbox start --stick-parallel; eval "$(rs-sandbox env)"'
rs-sandbox start --stick-parallel --create-time 1.5 --modify-time 0.5 \
    --parent $$ >/dev/null
eval "$(rs-sandbox env)"
SUBNETS=$(rs-sandbox status | jq -r '.subnet_ids | join(" ")')
export SUBNETS
rs-sandbox target-group "$group" >/dev/null

title '1. A producer and three consumers, all at once: the lock puts them in order'
for name in airline-producer airline-consumer-{1..3}; do
	typed "rs-lock run -- create $name &"
	# shellcheck disable=SC2016 # $0 is the inner shell's
	rs-lock run -- bash -c 'create "$0"' "$name" &
done
wait
until_active

title '2. Behind the load balancer, in one pipeline'
show "rs-lock acquire --workgroup airline-consumer-1 |
    rs-wait-workgroup - airline-consumer-2 airline-consumer-3 |
    rs-endpoint-ips | rs-nlb-sync --target-group $group |
    rs-lock release | table"
targets

title '3. A fourth consumer comes, the second goes: only the difference changes'
rs-lock run -- bash -c 'create airline-consumer-4'
aws redshift-serverless delete-workgroup \
    --workgroup-name airline-consumer-2 >/dev/null
until_active
show "rs-endpoint-ips --match 'airline-consumer-*' |
    rs-nlb-sync --prune --target-group $group | table"
targets

title '4. The same, with AWS failing in the middle: nothing is removed'
rs-sandbox fault add --kind error --operation ListEndpointAccess --count 0 \
    --status 400 --code AccessDeniedException \
    --message 'User is not authorized' >/dev/null
status=0
show "rs-endpoint-ips --match 'airline-consumer-*' |
    rs-nlb-sync --prune --target-group $group" || status=$?
printf '  %sexit status %d%s\n' "$red" "$status" "$plain"
rs-sandbox fault clear >/dev/null
targets
[ "$status" -eq 7 ]

title 'Next: man rs-tools (or: man -l man/rs-tools.7)'
