#!/bin/bash
# lock.sh - rs-lock against flock(1), mkdir/rmdir, and a script that polls
set -eu

here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
PATH=${RS_BUILD:-$here/../../build}/bin:$PATH
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
"$here/lock_duel" "$top"
