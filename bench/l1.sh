#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# l1.sh: the part of run.sh that runs in L1.  One guest does one job after the other,
# by the mailbox or by a queue; in the middle of it, where nothing else goes on in the
# guest, KVM's counters are read twice with some thousand jobs in between.  Reading
# takes a few jobs' time: the error is that of a few in some thousand.  The guest's
# timer ticks are among the exits and injections; "interrupts" are the device's alone.
set -eu

repo=$(cd "$(dirname "$0")/.." && pwd)
here=$repo/tests/vm
modules=${modules:?} guest_programs=${guest_programs:?}
# shellcheck source=tests/vm/host.sh
. "$here/host.sh"
# shellcheck source=tests/vm/guest.sh
. "$here/guest.sh"
# shellcheck source=tests/vm/tap.sh
. "$here/tap.sh"

u=a297db4a-f4c2-11e6-90f6-d3b88d6c9525

# snapshot NAME: jobs done and interrupts raised, then KVM's counters
snapshot() {
	{
		echo "jobs $(counter $u completed)"
		echo "interrupts $(counter $u interrupts)"
		echo "doorbells $(counter $u doorbells)"
		for c in exits mmio_exits irq_injections halt_exits; do
			echo "$c $(cat /sys/kernel/debug/kvm/$c)"
		done
	} >"/run/snapshot.$1"
}

done_at_least() {
	[ "$(counter $u completed)" -ge "$1" ]
}

# measure NAME JOBS COMMAND: a guest that does JOBS jobs, observed from a twentieth of
# them to nine tenths
measure() {
	echo "$1: waiting for a guest that does $2 jobs" >&2
	mdev_create quarter $u
	guest_start bench $u "$3"
	wait_for 200 done_at_least $(($2 / 20))
	snapshot "$1.begin"
	wait_for 400 done_at_least $(($2 * 9 / 10))
	snapshot "$1.end"
	guest_wait bench
	[ "$(guest_status bench)" = 0 ]
	mdev_remove $u
}

host_load memory=256
measure mailbox_compute_depth_1 10000 "vgpu-run compute --quiet --repeat 10000"
measure queue_nop_depth_1 20000 "vgpu-bench --quiet --depth 1 --jobs 20000"
measure queue_nop_depth_64 2000000 "vgpu-bench --quiet --depth 64 --jobs 2000000"
measure queue_copy_4k_depth_64 100000 "vgpu-bench --quiet --job copy --depth 64 --jobs 100000"
host_unload

python3 - "$(uname -r)" mailbox_compute_depth_1 queue_nop_depth_1 queue_nop_depth_64 \
	queue_copy_4k_depth_64 >/run/out/bench.json <<'EOF'
import json
import sys


def read(name):
    with open("/run/snapshot." + name, encoding="utf-8") as f:
        return {k: int(v) for k, v in (line.split() for line in f)}


result = {"kernel": sys.argv[1]}
for name in sys.argv[2:]:
    a, b = read(name + ".begin"), read(name + ".end")
    jobs = b["jobs"] - a["jobs"]
    result[name] = {"jobs": jobs} | {
        key + "_per_job": round((b[key] - a[key]) / jobs, 4) for key in a if key != "jobs"}
json.dump(result, sys.stdout, indent=1)
print()
EOF
