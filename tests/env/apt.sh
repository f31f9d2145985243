#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# apt.sh PKG...: installs those of the packages that are missing.
#
# Says nothing when all are there.  Needs root only when one is not.  The lists
# are fetched when they don't know a package, so a machine with current lists
# spends no time on it.
set -eu

# shellcheck source=tests/env/cache.sh
. "$(dirname "$0")/cache.sh"

missing() {
	for p; do
		case $(dpkg-query -W -f '${Status}' "$p" 2>/dev/null) in
		'install ok installed') ;;
		*) echo "$p" ;;
		esac
	done
}

install() {
	apt-get install -y --no-install-recommends \
		-o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" \
		</dev/null >"$log" 2>&1
}

command -v dpkg-query >/dev/null || {
	echo "apt.sh: not a Debian-like system; these are needed: $*" >&2
	exit 1
}
[ -n "$(missing "$@")" ] || exit 0
if [ "$(id -u)" != 0 ]; then
	# shellcheck disable=SC2046
	echo "apt.sh: run as root, or first: apt-get install" $(missing "$@") >&2
	exit 1
fi

# Two stages may get here at once; dpkg's own lock does not cover the lists.
mkdir -p "$VGPU_CACHE"
exec 9>"$VGPU_CACHE/apt.lock"
flock 9
# shellcheck disable=SC2046
set -- $(missing "$@")
[ $# -gt 0 ] || exit 0

export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "installing $*" >&2
if ! apt-cache show "$@" >/dev/null 2>&1 || ! install "$@"; then
	# One source that fails does not matter if the packages come from another.
	apt-get update </dev/null >"$log" 2>&1 || cat "$log" >&2
	install "$@" || {
		cat "$log" >&2
		exit 1
	}
fi
