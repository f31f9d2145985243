#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# l1.sh: the part of run.sh that runs in L1.  One guest keeps its mailbox busy with
# one request after the other; in the middle of it, where nothing else goes on in
# the guest, KVM's counters are read twice with some thousand jobs in between.
# Reading takes a few jobs' time: the error is that of a few in some thousand.
#
# The same again for an idle guest, by the clock of L1: what it costs to be there
# at all, timer ticks mostly.
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

total=10000
u=a297db4a-f4c2-11e6-90f6-d3b88d6c9525
host_load memory=256
mdev_create quarter $u

# snapshot NAME: jobs done, then KVM's counters
snapshot() {
	{
		echo "jobs $(counter $u completed)"
		for c in exits mmio_exits irq_injections halt_exits; do
			echo "$c $(cat /sys/kernel/debug/kvm/$c)"
		done
	} >"/run/snapshot.$1"
}

done_at_least() {
	[ "$(counter $u completed)" -ge "$1" ]
}

echo "waiting for a guest that does $total requests, one after the other" >&2
guest_start bench $u "vgpu-run compute --quiet --repeat $total"
wait_for 200 done_at_least 500
snapshot begin
wait_for 400 done_at_least $((total - 1500))
snapshot end
guest_wait bench
[ "$(guest_status bench)" = 0 ]
mdev_remove $u
host_unload

python3 - "$(uname -r)" >/run/out/bench.json <<'EOF'
import json, sys

def read(name):
    with open("/run/snapshot." + name) as f:
        return {k: int(v) for k, v in (line.split() for line in f)}

a, b = read("begin"), read("end")
jobs = b["jobs"] - a["jobs"]
result = {"jobs": jobs}
for key in ("exits", "mmio_exits", "irq_injections", "halt_exits"):
    result[key + "_per_job"] = round((b[key] - a[key]) / jobs, 3)
json.dump({"kernel": sys.argv[1], "mailbox_compute_depth_1": result},
          sys.stdout, indent=1)
print()
EOF
