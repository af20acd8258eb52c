# fleet.sh - endpoint addresses and target groups against the AWS CLI, curl
#
# The sandbox answers, so that network time is nearly nothing: what is left
# is what the clients cost. Its own work is the same for all of them.
# shellcheck shell=bash
set -euo pipefail

here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
# shellcheck source=tests/helpers/common.bash
. "$here/../helpers/common.bash"
# shellcheck source=tests/bench/table.bash
. "$here/table.bash"
sandbox=$RS_ROOT/share/sandbox/rs-sandbox
work=$(mktemp -d)
export RS_SANDBOX_DIR=$work/sandbox
trap '"$sandbox" stop >/dev/null; rm -rf "$work"' EXIT

"$sandbox" start --parent $$ --initial-time 0 --drain-time 0 >/dev/null
eval "$("$sandbox" env)"

# What a careful person writes without these tools: one call for each fact.
cat >"$work/sync" <<'END'
set -eu
arn=$(aws elbv2 describe-target-groups --names consumers \
    --query 'TargetGroups[0].TargetGroupArn' --output text)
aws elbv2 describe-target-health --target-group-arn "$arn" >"$1/health"
for name in $(aws redshift-serverless list-workgroups |
    jq -r '.workgroups[].workgroupName | select(startswith("consumer-"))'); do
	for ip in $(aws redshift-serverless get-endpoint-access \
	    --endpoint-name "$name-endpoint" |
	    jq -r '.endpoint.vpcEndpoint.networkInterfaces[].privateIpAddress'); do
		jq -e --arg ip "$ip" 'any(.TargetHealthDescriptions[];
		    .Target.Id == $ip)' "$1/health" >/dev/null ||
		    aws elbv2 register-targets --target-group-arn "$arn" \
		    --targets "Id=$ip,Port=5439"
	done
done
END
cat >"$work/with-curl" <<'END'
set -eu
curl -sS --fail --aws-sigv4 aws:amz:us-west-2:redshift-serverless \
    --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
    -H 'Content-Type: application/x-amz-json-1.1' \
    -H 'X-Amz-Target: RedshiftServerless.GetEndpointAccess' \
    --data '{"endpointName":"consumer-1-endpoint"}' "$AWS_ENDPOINT_URL" |
    jq -c '.endpoint.vpcEndpoint.networkInterfaces[].privateIpAddress'
END
ours='rs-endpoint-ips --match "consumer-*" | rs-nlb-sync --prune -g consumers'

calls() {
	"$sandbox" requests --clear
	"$@" >/dev/null
	"$sandbox" requests | wc -l
}

"$sandbox" fleet consumer-1 >/dev/null
"$sandbox" target-group consumers >/dev/null
heading 'The addresses of one endpoint'
row ours 'rs-endpoint-ips' 40 rs-endpoint-ips consumer-1
row curl 'curl --aws-sigv4 | jq' 40 bash "$work/with-curl"
row aws 'aws ... get-endpoint-access' 5 aws redshift-serverless \
    get-endpoint-access --endpoint-name consumer-1-endpoint
ratio 'curl and jq / ours' curl ours
ratio 'AWS CLI / ours' aws ours

heading 'A sync without changes'
for n in 3 10 50 250; do
	"$sandbox" reset
	# shellcheck disable=SC2046
	"$sandbox" fleet $(seq -f 'consumer-%.0f' "$n") >/dev/null
	"$sandbox" target-group consumers >/dev/null
	bash -c "$ours" >/dev/null
	row ours "$n consumers, ours: $(calls bash -c "$ours") calls" 10 \
	    bash -c "$ours"
	[ "$n" -le 50 ] || continue
	row aws "$n, AWS CLI in a loop: $(calls bash "$work/sync" "$work") calls" \
	    1 bash "$work/sync" "$work"
	ratio 'AWS CLI / ours' aws ours
done
