#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh debian|sanitizer [SCENARIO...]: the VM scenarios, on Debian's kernel or on
# the one with every checker.  Prints TAP.
#
# Runs tests/vm/scenario/*.sh, in the order of their numbers, or those named
# (20-vfio), in two L1: those without guests with two CPUs, for the races; those
# with guests, from 50 to 79, with one.  Debian's emulation of SVM on several threads
# now and then resets an L1 or L2 without a word, whatever runs in them (seen about
# once in five minutes of two busy guests), and on one CPU it has not.
#
# Guests run Debian's kernel: a checked kernel in a checked kernel in an emulator
# takes a quarter of an hour to say hello.  So for sanitizer L1 is booted once more,
# with Debian's kernel, and its guest runs the checked one, for the guest driver.
#
# Everything they leave is in build/vm-NAME: consoles, logs, the kernel log of L1.
# A splat in any console fails the run.
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
prepare debian >&2
debian_words=$kernel_words debian_modules=$modules
make -C "$repo/tests/uapi" >"$repo/build/uapi.log" 2>&1
make -C "$repo/tests/vfio" >"$repo/build/vfio.log" 2>&1
[ "$kind" = debian ] || prepare "$kind" >&2

# boot FOLDER L1-WORDS L1-MODULES L2-WORDS L2-MODULES SCENARIO...
boot() {
	out=$repo/build/$1 l1_words=$2 host=$3 l2_words=$4 guest=$5
	shift 5
	[ $# -gt 0 ] || return 0
	outs="$outs $out"
	rm -rf "$out" "$out-dead"
	boot_once "$@"
	if emulator_died; then
		# What had begun has printed nothing yet.
		last=$(sed -n 's/^scenario \(.*\) begins at.*/\1/p' "$out/output" | tail -n 1)
		while [ -n "$last" ] && [ "$1" != "$last" ]; do
			shift
		done
		mv "$out" "$out-dead"
		outs="$outs $out-dead"
		echo "ok ${out##*/}-emulator - L1 ran to its end # SKIP it stopped without a word in $1, see build/${out##*/}-dead; once more from there"
		boot_once "$@"
	fi
	[ "$status" = 0 ] || rc=1
	if [ "$status" -gt 1 ]; then
		echo "not ok ${out##*/} - L1 ended with status $status, see build/${out##*/}/console.log"
		tail -n 20 "$out/console.log" >&2
		[ ! -e "$out/cpus.log" ] || grep -e RIP -e '^timer' "$out/cpus.log" >&2
	fi
}

# boot_once SCENARIO...: sets $status
boot_once() {
	mkdir -p "$out"
	status=0
	# shellcheck disable=SC2086
	"$here/l1.sh" $l1_words -o "$out" -m 5G -t 2400 -e "modules=$host" \
		-e "guest_kernel=$l2_words" -e "guest_module=$guest/guest/vgpu-guest.ko" \
		-e "guest_programs=$guest_programs" -e "kind=${out##*/vm-}" \
		-x "-device pci-testdev" \
		-- "$here/scenarios.sh" "$@" || status=$?
}

# Did L1 stand still, or go without a word of its kernel?  Debian's QEMU does that to
# any L1 about once in an hour of busy guests; the bug we know of is patched in ours,
# and whether it was the only one is not known (Documentation/testing.rst).  It is
# reported, and forgiven once for each L1; and never to a processor that stands in a
# driver's code, which is where modules are.
emulator_died() {
	case $status in
	125) ! grep -a -q 'Kernel panic' "$out/console.log" ;;
	126) ! grep -q 'RIP=ffffffff[a-f]' "$out/cpus.log" ;;
	*) false ;;
	esac
}

# Names without blanks, so that they can be words.
alone='' guests='' all=''
for s in "${@:-}"; do
	case $s in
	'')
		all=y
		alone=$(cd "$here/scenario" && printf '%s\n' [1-4]*.sh [89]*.sh)
		guests=$(cd "$here/scenario" && printf '%s\n' [5-7]*.sh 90*.sh)
		;;
	[5-7]*) guests="$guests $s" ;;
	*) alone="$alone $s" ;;
	esac
done
alone=$(echo "$alone" | sed 's/\.sh//g')
guests=$(echo "$guests" | sed 's/\.sh//g')

# Without guests nothing runs in the part of QEMU that is patched.
[ -z "$guests" ] || "$repo/tests/env/qemu.sh" >/dev/null

rc=0 outs=''
# shellcheck disable=SC2086
boot "vm-$kind" "$kernel_words -c 2" "$modules" "" "" $alone
# shellcheck disable=SC2086
boot "vm-$kind-guests" "$kernel_words -c 1" "$modules" \
	"$debian_words" "$debian_modules" $guests
if [ "$kind" = sanitizer ] && [ -n "$all" ]; then
	boot vm-guest-sanitizer "$debian_words -c 1" "$debian_modules" \
		"$kernel_words" "$modules" 55-uapi
fi

# What a checker or the kernel itself complains of, in the host or a guest.
splat='BUG:\|WARNING:\|KASAN\|UBSAN\|kmemleak: [1-9]\|Oops\|Kernel panic'
splat="$splat"'\|INFO: task .* blocked\|INFO: possible\|general protection'
splat="$splat"'\|possible circular\|inconsistent lock\|suspicious RCU'
splat="$splat"'\|ODEBUG:\|Call Trace:'
for out in $outs; do
	name=${out##*/}
	if grep -a -n -e "$splat" "$out"/*console.log >"$out/splats"; then
		echo "not ok $name-splat - the kernel complained $(wc -l <"$out/splats") times, first: $(head -n 1 "$out/splats")"
		head -n 20 "$out/splats" >&2
		rc=1
	else
		echo "ok $name-splat - no complaint in $(find "$out" -name '*console.log' | wc -l) consoles"
	fi
done
exit $rc
