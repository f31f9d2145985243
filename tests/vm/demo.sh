#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# demo.sh: two virtual machines share a GPU, here and now, on any x86-64 Debian.
#
# Boots this machine's own file tree as a host (L1), loads the host driver there,
# makes two vGPUs through sysfs and gives one each to two guests (L2), which
# compute at the same time.  Needs root, and no GPU and no KVM.  The last line
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
prepare debian || failed "the build, see build/*.log"
prepare_guest "$repo/build/guest-demo.cpio" || failed "making the guests' initramfs"

say "starting the host VM (software emulation: everything takes its time)"
out=$repo/build/demo
mkdir -p "$out"
rc=0
# shellcheck disable=SC2086
"$here/l1.sh" $kernel_words -o "$out" -c 1 -m 3G -t 300 -e "modules=$modules" \
	$guest_words -- "$here/demo-l1.sh" || rc=$?
say "consoles are kept in build/demo"
[ "$rc" = 0 ] || failed "in the host VM (status $rc), see above"
cat "$out/verdict"
