#!/bin/sh
# in-account.sh - run a command only in the AWS account it is meant for
#
# usage: in-account.sh ACCOUNT COMMAND [ARGUMENT ...]
#
#	in-account.sh 123456789012 terraform apply
#
# The account is that of the credentials the command itself would find. When
# they end soon the command is not begun: see MINUTES.
set -eu

account=$1
shift

rs-whoami | jq -es --arg account "$account" --argjson least "${MINUTES:-15}" '
	(last | .complete) and any(.kind == "identity" and
	    .account == $account and (.expires_at == null or
	    (.expires_at | fromdateiso8601) - now > $least * 60))' >/dev/null || {
	echo "in-account.sh: not in account $account, or not for long enough" >&2
	exit 1
}
exec "$@"
