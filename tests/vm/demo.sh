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

began=$(date +%s)
[ "$(id -u)" = 0 ] || failed "needs root, to install packages and to run QEMU"
mkdir -p "$repo/build"
say "installing what is missing, building the drivers and programs"
"$repo/tests/env/apt.sh" libseccomp-dev pkg-config ocl-icd-opencl-dev pocl-opencl-icd
prepare debian || failed "the build, see build/*.log"
make -j"$(nproc)" -C "$repo/execd" >"$repo/build/execd.log" 2>&1 || failed "vgpu-execd, see build/execd.log"
make -C "$repo/tests/uapi" examples >"$repo/build/uapi.log" 2>&1 ||
	failed "the examples, see build/uapi.log"
prepare_guest "$repo/build/guest-demo.cpio" -f "$repo/lib/example/blur.cl" \
	-f "$repo/lib/example/nbody.cl" || failed "making the guests' initramfs"

say "starting the host VM (software emulation: everything takes its time)"
out=$repo/build/demo
mkdir -p "$out"
rc=0
# shellcheck disable=SC2086
"$here/l1.sh" $kernel_words -o "$out" -c 1 -m 3G -t 600 -e "modules=$modules" \
	$guest_words -- "$here/demo-l1.sh" || rc=$?
say "consoles are kept in build/demo"
[ "$rc" = 0 ] || failed "in the host VM (status $rc), see above"
cat "$out/verdict"
