#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh debian|sanitizer [SCENARIO...]: the VM scenarios, on Debian's kernel or on
# the one with every checker.  Prints TAP.
#
# Boots L1 once and runs tests/vm/scenario/*.sh in it, in the order of their
# numbers, or those named (20-vfio).  Everything they leave is in
# build/vm-KERNEL: consoles, logs, the kernel log of L1.  A splat in any console
# fails the run.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
# shellcheck source=tests/vm/prepare.sh
. "$here/prepare.sh"

kind=${1:-}
case $kind in
debian | sanitizer) shift ;;
*)
	echo "usage: run.sh debian|sanitizer [SCENARIO...]" >&2
	exit 2
	;;
esac

mkdir -p "$repo/build"
prepare "$kind" >&2
make -C "$repo/tests/uapi" >"$repo/build/uapi.log" 2>&1
make -C "$repo/tests/vfio" >"$repo/build/vfio.log" 2>&1

out=$repo/build/vm-$kind
rm -rf "$out"
mkdir -p "$out"
rc=0
# shellcheck disable=SC2086
"$here/l1.sh" $l1_kernel -o "$out" -m 5G -t 2700 -e "modules=$modules" \
	-e "guest_programs=$guest_programs" \
	-e "kind=$kind" -- "$here/scenarios.sh" "$@" || rc=$?
if [ "$rc" != 0 ] && [ "$rc" != 1 ]; then
	echo "not ok vm-$kind - L1 ended with status $rc, see build/vm-$kind/console.log"
fi

# What a checker or the kernel itself complains of, in the host or a guest.
splat='BUG:\|WARNING:\|KASAN\|UBSAN\|kmemleak: [1-9]\|Oops\|Kernel panic'
splat="$splat"'\|INFO: task .* blocked\|INFO: possible\|general protection'
splat="$splat"'\|possible circular\|inconsistent lock\|suspicious RCU'
splat="$splat"'\|ODEBUG:\|Call Trace:'
if grep -a -n -e "$splat" "$out"/*console.log >"$out/splats"; then
	echo "not ok vm-$kind-splat - the kernel complained $(wc -l <"$out/splats") times, first: $(head -n 1 "$out/splats")"
	head -n 20 "$out/splats" >&2
	rc=1
else
	echo "ok vm-$kind-splat - no complaint in $(find "$out" -name '*console.log' | wc -l) consoles"
fi
exit $rc
