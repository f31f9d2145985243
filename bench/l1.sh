#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# l1.sh PLAN: the part of run.sh that runs in L1: a guest that does what the plan says
# (plan.py), observed by observe.py.  Leaves readings.json, traces.json and guest.log,
# the guest's output, in /run/out.
set -eu

repo=$(cd "$(dirname "$0")/.." && pwd)
here=$repo/tests/vm
modules=${modules:?}
# shellcheck source=tests/vm/host.sh
. "$here/host.sh"
# shellcheck source=tests/vm/guest.sh
. "$here/guest.sh"

u=a297db4a-f4c2-11e6-90f6-d3b88d6c9525
plan=$1

host_load memory=256
mdev_create quarter $u
set --
if [ "$plan" = instructions ]; then
	# Null block devices that complete each request at once, the first served by a
	# thread of QEMU, the second by its main loop.  While KVM polls for a halted
	# guest instructions are executed that do nothing.
	modprobe null_blk nr_devices=2 gb=1 bs=512 irqmode=0 submit_queues=1
	echo 0 >/sys/module/kvm/parameters/halt_poll_ns
	set -- -x "-object iothread,id=io0,poll-max-ns=0 \
-blockdev host_device,node-name=null0,filename=/dev/nullb0,aio=native,cache.direct=on \
-blockdev host_device,node-name=null1,filename=/dev/nullb1,aio=native,cache.direct=on \
-device virtio-blk-pci,drive=null0,iothread=io0 -device virtio-blk-pci,drive=null1"
fi
guest_start bench $u "$(python3 "$repo/bench/observe.py" commands "$plan")" "$@"
python3 "$repo/bench/observe.py" watch "$plan" \
	"$vgpu_debugfs/vm$(vm_id $u)/counters" "$mdevs/$u/stats" bench /run/out
guest_wait bench
cp /run/guest.bench /run/out/guest.log
[ "$(guest_status bench)" = 0 ]
mdev_remove $u
host_unload
