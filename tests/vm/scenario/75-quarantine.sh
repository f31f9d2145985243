#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2154 # see scenarios.sh
# A guest whose jobs run longer than they may: each is ended, with the third the guest is
# quarantined, the host is told, and one write makes it good again.  Its neighbour computes.
. "$here/tap.sh"
. "$here/host.sh"
. "$here/guest.sh"

# Every uevent of a vGPU, a line each, until killed; "listening" first
uevents() {
	exec python3 -u -c '
import socket
s = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 15)
s.bind((0, 1))
print("listening")
while True:
    words = s.recv(65536).decode(errors="replace").split("\0")
    if any(w.startswith("VGPU_EVENT=") for w in words):
        print(*[w for w in words if w.startswith("VGPU_")])
'
}

host_load memory=256
u=00000000-0000-4000-8000-000000000075
v=00000000-0000-4000-8000-000000000076
mdev_create quarter $u
mdev_create quarter $v
tracing=/sys/kernel/tracing
echo >$tracing/trace
echo 1 >$tracing/events/vgpu/vgpu_fault/enable
echo 1 >$tracing/events/vgpu/vgpu_quarantine/enable
uevents >/run/uevents &
listener=$!
check quarantine-listen "somebody listens to uevents" wait_for 30 grep -q listening /run/uevents
check_eq quarantine-default "a minute is what a job may run" "$(cat "$mdevs/$u/job_timeout_ms")" 60000
echo 1 >"$mdevs/$u/job_timeout_ms"
# Each of these jobs takes longer than that on any machine
endless="vgpu-bench --quiet --job sha256 --size 16777216 --depth 1 --jobs 1"
guest_start bad $u "for i in 1 2 3; do $endless && exit 1; done; vgpu-run compute && exit 1; exit 0"
guest_start good $v "vgpu-run compute --repeat 200 && vgpu-run vecadd-u32 --n 100000 --repeat 20"
guest_wait bad
guest_wait good
check_eq quarantine-fails "its jobs fail, and then all it asks for" "$(guest_status bad)" 0
# One that is over before it can be ended was too slow as well, but has not failed.
check quarantine-timeout "of those that took too long it was told" \
	test "$(stats $u failed_timeout)" -ge 1 -a "$(stats $u failed_timeout)" -le 3
check "quarantine-refused" "what came then was refused" test "$(stats $u rejected_quarantined)" -gt 0
check_eq quarantine-faults "they are its faults" "$(cat "$mdevs/$u/faults")" 3
check_eq quarantine-file "the host's file says so" "$(cat "$mdevs/$u/quarantine")" 1
check_eq quarantine-neighbour "the guest beside it noticed nothing" "$(guest_status good)" 0
check_eq quarantine-neighbour-faults "and has no faults" \
	"$(cat "$mdevs/$v/faults") $(cat "$mdevs/$v/quarantine")" "0 0"
id="VGPU_VM_ID=$(vm_id $u) VGPU_UUID=$u"
check quarantine-uevent "a uevent tells which vGPU" wait_for 30 \
	grep -q "VGPU_EVENT=quarantined $id VGPU_FAULTS=3" /run/uevents
check_eq quarantine-uevents "and one each fault" \
	"$(grep -o "VGPU_EVENT=timeout $id VGPU_FAULTS=[0-9]*" /run/uevents | sed 's/.*=//' | xargs)" "1 2 3"
check_eq quarantine-trace "tracepoints say the same" \
	"$(grep -o 'vgpu_fault: .*\|vgpu_quarantine: .*' $tracing/trace | xargs)" \
	"vgpu_fault: vm=$(vm_id $u) faults=1 vgpu_fault: vm=$(vm_id $u) faults=2 vgpu_fault: vm=$(vm_id $u) faults=3 vgpu_quarantine: vm=$(vm_id $u) begins"
check_errno quarantine-bad "there are two states" ERANGE "$mdevs/$u/quarantine" 2
echo 0 >"$mdevs/$u/quarantine"
echo 0 >"$mdevs/$u/job_timeout_ms"
check quarantine-released "the host is told of the release" wait_for 30 \
	grep -q "VGPU_EVENT=released $id VGPU_FAULTS=0" /run/uevents
guest_start again $u "vgpu-run compute --repeat 10 && $endless"
guest_wait again
check_eq quarantine-again "after one write it works again" "$(guest_status again)" 0
echo 1 >"$mdevs/$u/quarantine"
guest_start shut $u "vgpu-run compute"
guest_wait shut
check "quarantine-operator" "an operator can do it, too" test "$(guest_status shut)" -ne 0
kill $listener
echo 0 >$tracing/events/vgpu/enable
mdev_remove $u
mdev_remove $v
