#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh SET [SCENARIO...]: the VM scenarios, those of a SET or those named (20-vfio),
# in one L1.  Prints TAP.  SET is
#
#	debian			those without guests, on Debian's kernel, with two
#				CPUs, for the races
#	debian-guests		those with guests, from 50 to 79, with one CPU
#	sanitizer		both once more on the kernel that has every checker;
#	sanitizer-guests	its guests run Debian's: a checked kernel in a checked
#				kernel in an emulator takes a quarter of an hour to
#				say hello
#	guest-sanitizer		the checked kernel in the guest, for the guest driver
#
# With guests L1 has one CPU because Debian's emulation of SVM on several threads now
# and then resets an L1 or L2 without a word, whatever runs in them (seen about once in
# five minutes of two busy guests), and on one CPU it has not.
#
# VGPU_LESS=1 repeats as often on a checked kernel as on Debian's, which takes hours.
# 27-exec-kernels is run when it is named, or with VGPU_LONG=1: it has ten minutes of an emulated
# compiler's work.
#
# Everything they leave is in build/vm-SET: consoles, logs, the kernel log of L1.
# A splat in any console fails the run.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
# shellcheck source=tests/vm/prepare.sh
. "$here/prepare.sh"

set=${1:-}
cpus=1 host=debian guest=''
alone=$(cd "$here/scenario" && printf '%s\n' [1-4]*.sh [89]*.sh | sed 's/\.sh$//')
guests=$(cd "$here/scenario" && printf '%s\n' [5-7]*.sh 90*.sh | sed 's/\.sh$//')
case $set in
debian)
	cpus=2 scenarios=$alone
	[ "${VGPU_LONG:-0}" = 1 ] || scenarios=$(echo "$alone" | grep -v '^27-')
	;;
debian-guests) guest=debian scenarios=$guests ;;
sanitizer)
	# 24 and 27 are all programs: nothing of the kernel that other scenarios have not
	cpus=2 host=sanitizer scenarios=$(echo "$alone" | grep -v '^2[47]-')
	;;
sanitizer-guests)
	# What guests add to 22-exec is nothing that this kernel could find; and OpenCL's compiler
	# would take it minutes.
	host=sanitizer guest=debian scenarios=$(echo "$guests" | grep -v '^7[78]-')
	;;
guest-sanitizer) guest=sanitizer scenarios=55-uapi ;;
*)
	sed -n '3,/^set -eu/{/^#/{s/^# \{0,1\}//;p;};}' "$0" >&2
	exit 2
	;;
esac
shift
# Names without blanks, so that they can be words.
# shellcheck disable=SC2086
[ $# -gt 0 ] || set -- $scenarios

# Another set may be at it, with the same kernels and programs.
mkdir -p "$repo/build"
exec 8>"$repo/build/prepare.lock"
flock 8
"$repo/tests/env/apt.sh" libmd-dev libseccomp-dev pkg-config ocl-icd-opencl-dev \
	pocl-opencl-icd libpng-dev systemd
make -C "$repo/tests/uapi" >"$repo/build/uapi.log" 2>&1
make -C "$repo/tests/vfio" >"$repo/build/vfio.log" 2>&1
make -C "$repo/execd" >"$repo/build/execd.log" 2>&1
make -C "$repo/tests/execd" >"$repo/build/tests-execd.log" 2>&1
make -C "$here" >"$repo/build/vm.log" 2>&1
guest_words=''
if [ -n "$guest" ]; then
	# Without guests nothing runs in the part of QEMU that is patched.
	"$repo/tests/env/qemu.sh" >/dev/null
	prepare "$guest" >&2
	prepare_guest "$repo/build/guest-$guest.cpio" -f "$repo/lib/example/blur.cl" \
		-f "$repo/lib/example/nbody.cl"
fi
[ "$guest" = "$host" ] || prepare "$host" >&2
exec 8>&-

# boot SCENARIO...: sets $status
boot() {
	mkdir -p "$out"
	status=0
	# shellcheck disable=SC2086
	"$here/l1.sh" $kernel_words -c "$cpus" -o "$out" -m 5G -t 3300 -e "modules=$modules" \
		$guest_words -e "kind=$set" -e "VGPU_LESS=${VGPU_LESS:-}" \
		-e "VGPU_KILLS=${VGPU_KILLS:-}" -e "VGPU_SEED=${VGPU_SEED:-}" -x "-device pci-testdev" \
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

out=$repo/build/vm-$set outs=$out rc=0
rm -rf "$out" "$out-dead"
boot "$@"
if emulator_died; then
	# What had begun has printed nothing yet.
	last=$(sed -n 's/^scenario \(.*\) begins at.*/\1/p' "$out/output" | tail -n 1)
	while [ -n "$last" ] && [ "$1" != "$last" ]; do
		shift
	done
	mv "$out" "$out-dead"
	outs="$outs $out-dead"
	echo "ok vm-$set-emulator - L1 ran to its end # SKIP it stopped without a word in $1, see build/vm-$set-dead; once more from there"
	boot "$@"
fi
if [ "$status" -gt 1 ]; then
	echo "not ok vm-$set - L1 ended with status $status, see build/vm-$set/console.log"
	tail -n 20 "$out/console.log" >&2
	[ ! -e "$out/cpus.log" ] || grep -e RIP -e '^timer' "$out/cpus.log" >&2
fi
[ "$status" = 0 ] || rc=1

# What a checker or the kernel itself complains of, in the host or a guest.
splat='BUG:\|WARNING:\|KASAN\|UBSAN\|kmemleak: [1-9]\|Oops\|Kernel panic'
splat="$splat"'\|INFO: task .* blocked\|INFO: possible\|general protection'
splat="$splat"'\|possible circular\|inconsistent lock\|suspicious RCU'
splat="$splat"'\|Out of memory: Killed'
splat="$splat"'\|ODEBUG:\|Call Trace:\|Busy inodes'
for out in $outs; do
	name=${out##*/}
	# That a control group's limit was met, as scenario 24 has it, is no complaint.
	for log in "$out"/*console.log; do
		sed '/invoked oom-killer/,/constraint=CONSTRAINT_MEMCG\|no killable/s/Call Trace:/call trace/' "$log" |
			grep -a -n -e "$splat" | sed "s|^|${log##*/}:|" || :
	done >"$out/splats"
	if [ -s "$out/splats" ]; then
		echo "not ok $name-splat - the kernel complained $(wc -l <"$out/splats") times, first: $(head -n 1 "$out/splats")"
		head -n 20 "$out/splats" >&2
		rc=1
	else
		echo "ok $name-splat - no complaint in $(find "$out" -name '*console.log' | wc -l) consoles"
	fi
done
exit $rc
