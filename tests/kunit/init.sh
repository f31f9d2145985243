#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# init.sh: the first and only program on User Mode Linux.
#
# The root is this machine's own, through hostfs and read-only; the folder that
# the kernel's command line names as vgpu_out is mounted again to write to, and
# its file "modules" says what to load.  Loading a module runs its suites, and debugfs then has
# their results, without other kernel messages in between.
# run.sh judges; nothing here does.

PATH=/bin:/sbin
b=/bin/busybox

$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t debugfs debugfs /sys/kernel/debug
$b mount -t tmpfs tmpfs /mnt
$b mkdir /mnt/out
$b mount -t hostfs -o "${vgpu_out:?}" none /mnt/out

kunit=/sys/kernel/debug/kunit
leak=/sys/kernel/debug/kmemleak

# What booting alone left behind is not ours.
echo clear >$leak

while read -r m; do
	name=${m##*/}
	name=${name%.ko}
	echo "run.sh: loading $name" >/dev/kmsg
	if $b insmod "$m"; then
		: >"/mnt/out/$name.ktap"
		for suite in "$kunit"/*/; do
			[ -e "$suite/results" ] || continue
			$b cat "$suite/results" >>"/mnt/out/$name.ktap"
		done
		$b rmmod "$(echo "$name" | $b tr - _)"
	fi
done </mnt/out/modules

# kmemleak reports what is 5 seconds old and still lost at the second look.
$b sleep 5
echo scan >$leak
echo scan >$leak
$b cat $leak >/mnt/out/kmemleak

$b dmesg >/mnt/out/dmesg
$b cat /proc/sys/kernel/tainted >/mnt/out/tainted
echo "run.sh: end" >/dev/kmsg
$b sync
$b poweroff -f
