#!/bin/bash
# demo.sh - a consumer fleet goes behind its load balancer
#
# What `make demo` runs: the tools of PATH against the sandbox, which is a
# local AWS. It begins and ends its own sandbox, leaves nothing behind and
# takes about half a minute.
set -euo pipefail

here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
sandbox=$here/../sandbox/rs-sandbox
work=$(mktemp -d)
export RS_SANDBOX_DIR=$work/sandbox RS_LOCK_DIR=$work/locks
group=airline-consumers

finish() {
	"$sandbox" stop >/dev/null || :
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

# Show the command as a person would type it, then run it.
show() {
	printf '%s$ %s%s\n' "$green" "$1" "$plain"
	bash -c "$1"
}

# The targets of the group, as AWS tells it.
targets() {
	local arn

	arn=$(aws elbv2 describe-target-groups --names "$group" \
	    --query 'TargetGroups[0].TargetGroupArn' --output text)
	aws elbv2 describe-target-health --target-group-arn "$arn" |
	    jq -r '.TargetHealthDescriptions[] |
	        "    \(.Target.Id):\(.Target.Port)  \(.Target.AvailabilityZone)  \(.TargetHealth.State)"' |
	    sort
}

# What the demo's `rs-lock run` runs: one workgroup with its endpoint.
create() {
	aws redshift-serverless create-namespace --namespace-name "$1" >/dev/null
	aws redshift-serverless create-workgroup --workgroup-name "$1" \
	    --namespace-name "$1" --base-capacity 32 >/dev/null
	rs-wait-workgroup "$1" | jq -r 'select(.kind == "workgroup") |
	    "    \(.workgroup) is \(.status) after \(.waited_s) s"'
	aws redshift-serverless create-endpoint-access --workgroup-name "$1" \
	    --endpoint-name "$1-endpoint" --subnet-ids $SUBNETS >/dev/null
}
export -f create

# A table of the target records that pass.
export TABLE='select(.kind == "target") |
    "    \(.action)\t\(.ip):\(.port)\t\(.health)\t\(.workgroup // "-")\t\(.reason // "")"'
table='tee >(jq -r "$TABLE" | column -ts "$(printf "\t")" >&2)'

endpoints_active() {
	! aws redshift-serverless list-endpoint-access |
	    jq -e 'any(.endpoints[]; .endpointStatus != "ACTIVE")' >/dev/null
}

title 'A local AWS, in which workgroups made at the same time get stuck'
show "$sandbox start --stick-parallel --create-time 1.5 --modify-time 0.5 --parent $$ | jq -c '{region, endpoint}'"
eval "$("$sandbox" env)"
SUBNETS=$("$sandbox" status | jq -r '.subnet_ids | join(" ")')
export SUBNETS
"$sandbox" target-group "$group" >/dev/null

title '1. A producer and three consumers, all at once: the lock puts them in order'
for name in airline-producer airline-consumer-{1..3}; do
	printf '%s$ rs-lock run -- create %s &%s\n' "$green" "$name" "$plain"
	# shellcheck disable=SC2016 # $0 is the inner shell's
	rs-lock run -- bash -c 'create "$0"' "$name" &
done
wait
until endpoints_active; do :; done

title '2. Behind the load balancer, in one pipeline'
show "rs-lock acquire --workgroup airline-consumer-1 |
    rs-wait-workgroup - airline-consumer-2 airline-consumer-3 |
    rs-endpoint-ips | rs-nlb-sync --target-group $group |
    $table | rs-lock release >/dev/null"
echo '  AWS says:'
targets

title '3. A fourth consumer comes, the second goes: only the difference changes'
rs-lock run -- bash -c 'create airline-consumer-4'
aws redshift-serverless delete-workgroup \
    --workgroup-name airline-consumer-2 >/dev/null
until endpoints_active; do :; done
show "rs-endpoint-ips --match 'airline-consumer-*' |
    rs-nlb-sync --prune --target-group $group | $table >/dev/null"
echo '  AWS says:'
targets

title '4. The same with AWS failing in the middle: nothing is removed'
"$sandbox" fault add --kind error --operation ListEndpointAccess --status 400 \
    --code AccessDeniedException --message 'User is not authorized' --count 0 >/dev/null
set +e
show "rs-endpoint-ips --match 'airline-consumer-*' |
    rs-nlb-sync --prune --target-group $group"
status=$?
set -e
printf '  %sexit status %d%s; AWS says:\n' "$red" "$status" "$plain"
"$sandbox" fault clear >/dev/null
targets
[ "$status" -eq 7 ]

title 'Done. The manual begins at rs-tools(7).'
