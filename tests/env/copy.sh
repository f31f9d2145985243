#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# copy.sh DIR: makes DIR a copy of what git would commit, so that a check can
# build without leaving anything in the tree.
#
# Built files in DIR stay, so that the next build there is quick; sources that
# are gone from the tree go.
set -eu

env=$(dirname "$0")
"$env/apt.sh" git rsync
mkdir -p "$1"

"$env/files.sh" | sort -z >"$1/.files.new"
if [ -e "$1/.files" ]; then
	comm -z -23 "$1/.files" "$1/.files.new" | (cd "$1" && xargs -0r rm -f)
fi
# Others may be editing: what vanishes meanwhile is no error.
rsync -rlpt --from0 --ignore-missing-args --files-from="$1/.files.new" \
	"$env/../.." "$1"
mv "$1/.files.new" "$1/.files"
