#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# demo.sh: two virtual machines share a GPU, here and now, on any x86-64 Debian.
#
# Boots this machine's own file tree as a host (L1), loads the host driver there,
# makes two vGPUs through sysfs and gives one each to two guests (L2), which
# compute at the same time.  Then they share by weight, and then they run OpenCL C of
# their own, on PoCL.  Needs root, and no GPU and no KVM.  The last line
# is "demo: OK 2 VMs, N jobs, 0 mismatches" or "demo: FAILED why".
set -eu

here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
# shellcheck source=tests/vm/prepare.sh
. "$here/prepare.sh"

say() {
	printf '[%3d s] %s\n' $(($(date +%s) - began)) "$*"
}

failed() {
	echo "demo: FAILED $*"
	exit 1
}

# What L1 wants of it only when the guests begin is made while it boots.
guests() {
	if make -j"$(nproc)" -C "$repo/tests/uapi" examples &&
		prepare_guest "$out/guest.new" -f "$repo/lib/example/blur.cl" \
			-f "$repo/lib/example/nbody.cl"; then
		mv "$out/guest.new" "$out/guest.cpio"
	else
		: >"$out/guest.failed"
	fi >"$repo/build/guest.log" 2>&1
}

# boot CPUS: sets $rc
boot() {
	say "starting the host VM (software emulation: everything takes its time)"
	rc=0
	# shellcheck disable=SC2086
	"$here/l1.sh" $kernel_words -o "$out" -c "$1" -m 3G -t 600 -e "modules=$modules" \
		-e "guest_kernel=$kernel" -e guest_initramfs=/run/out/guest.cpio \
		-- "$here/demo-l1.sh" || rc=$?
	say "consoles are kept in build/demo"
}

began=$(date +%s)
[ "$(id -u)" = 0 ] || failed "needs root, to install packages and to run QEMU"
out=$repo/build/demo
mkdir -p "$out"
rm -f "$out"/guest.*
say "installing what is missing, building the drivers and programs"
"$repo/tests/env/apt.sh" libseccomp-dev pkg-config ocl-icd-opencl-dev pocl-opencl-icd
prepare debian || failed "the build, see build/*.log"
make -j"$(nproc)" -C "$repo/execd" >"$repo/build/execd.log" 2>&1 || failed "vgpu-execd, see build/execd.log"
find_kernel debian "$version" ''
guests &
boot 2
# Debian's emulation of SVM on several threads now and then resets a machine without a word.
if [ "$rc" = 125 ]; then
	say "the emulator has stopped a VM: once more, on one processor, which takes longer"
	boot 1
fi
wait
[ "$rc" = 0 ] || failed "in the host VM (status $rc), see above"
cat "$out/verdict"
