#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# files.sh: prints the files that git would commit, NUL-terminated.
set -eu

cd "$(dirname "$0")/../.."
# A fresh clone may belong to someone else than the one who tests it; an
# unpacked release is no clone at all.
list() {
	if git -c safe.directory='*' rev-parse --git-dir >/dev/null 2>&1; then
		git -c safe.directory='*' ls-files -z -co --exclude-standard
	else
		find . -path ./build -prune -o -type f -printf '%P\0'
	fi
}

# Git also names what is deleted and not committed.
# shellcheck disable=SC2016
list | xargs -0r sh -c 'for f; do [ ! -f "$f" ] || printf "%s\0" "$f"; done' sh
