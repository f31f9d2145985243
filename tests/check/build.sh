#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# build.sh [6.1] [6.12] [newest]: the drivers build at W=1 without a warning.
#
# Prints TAP.  Default: all three.  6.1 takes this machine's headers if it has
# them (no root to make, so --quick uses it); else, and for the others, those
# of Debian 12, 13 and unstable, each in its root with its own compiler.
set -eu

here=$(realpath "$(dirname "$0")")
env=$here/../env
modules="guest/vgpu-guest host/vgpu-host host/backend/vgpu-cpu host/backend/vgpu-exec"
bad=0

# headers ROOT VERSION: the newest of that version, real-time and cloud aside.
headers() {
	find "$1/usr/src" -maxdepth 1 -name "linux-headers-$2*-amd64" \
		! -name '*-rt-*' ! -name '*-cloud-*' -printf '/usr/src/%f\n' |
		sort -rV | head -n 1
}

# build NAME ROOT HEADERS: ROOT is empty for this machine.
build() {
	copy=$(mktemp -d "${2:-/tmp}${2:+/build}/vgpu-build.XXXXXX")
	trap 'rm -rf "$copy"' EXIT
	"$env/copy.sh" "$copy"
	echo "building for $3 ${2:+in $2}" >&2

	rc=0
	${2:+"$env/in-root.sh" "$2"} make -C "$3" M="${copy#"$2"}" W=1 -j"$(nproc)" \
		modules >"$copy.log" 2>&1 || rc=$?
	cat "$copy.log" >&2
	# This line is about the machine, not about the source.
	warnings=$(grep -i 'warning:\|error:' "$copy.log" |
		grep -vc 'the compiler differs from the one used' || true)
	rm "$copy.log"

	for m in $modules; do
		if [ -f "$copy/$m.ko" ]; then
			echo "ok build-$1 - ${m##*/} builds for ${3##*/linux-headers-}"
		else
			echo "not ok build-$1 - ${m##*/} builds for ${3##*/linux-headers-}"
			bad=1
		fi
	done
	if [ "$rc" = 0 ] && [ "$warnings" = 0 ]; then
		echo "ok build-$1 - no warning at W=1"
	else
		echo "not ok build-$1 - make says $rc, with $warnings warnings and errors"
		bad=1
	fi
	rm -rf "$copy"
}

[ $# -gt 0 ] || set -- 6.1 6.12 newest
"$env/apt.sh" gcc make libc6-dev
for name; do
	case $name in
	6.1)
		root='' version=6.1.
		[ -n "$(headers "" 6.1.)" ] || root=$("$env/root.sh" bookworm)
		;;
	6.12) root=$("$env/root.sh" trixie) version=6.12. ;;
	newest) root=$("$env/root.sh" sid) version='' ;;
	*)
		echo "usage: build.sh [6.1] [6.12] [newest]" >&2
		exit 2
		;;
	esac
	build "$name" "$root" "$(headers "$root" "$version")"
done
exit $bad
