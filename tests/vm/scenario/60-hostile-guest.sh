#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2154 # see scenarios.sh
# A hostile guest, which has no driver but BARs and memory of its own, beside a good
# one that works by mailbox and queue; then a VMM killed in mid-request, and another
# guest on its device.
. "$here/tap.sh"
. "$here/host.sh"
. "$here/guest.sh"

host_load memory=256
u=00000000-0000-4000-8000-000000000060
v=00000000-0000-4000-8000-000000000061
mdev_create quarter $u
mdev_create quarter $v
ops=$((20000 / less)) jobs=$((3000 / less)) copies=$((20000 / less))
# A VMM that takes memory away is more than lockdep bears from VFIO itself (locking.rst).
# And what asks for one thing and the other the VFIO client does there in 20-vfio, with no guest
# in between that takes a quarter of an hour.
raw="raw_bar0 --ops $ops --seed $(date +%s)"
hostile="$raw && raw_bar0 --test raw-unmap"
case $kind in debian*) ;; *)
	hostile="$raw --test raw-random && $raw --test raw-queues && $raw --test raw-works"
	;;
esac
guest_start hostile $u "rmmod vgpu_guest; $hostile" \
	-c 2 -x "-device bochs-display"
guest_start good $v "set -e; vgpu-run compute --repeat $jobs; \
	vgpu-bench --quiet --job copy --jobs $copies --depth 16"
guest_wait hostile
guest_wait good
guest_tap hostile
check_eq hostile-status "$ops hostile operations by a guest" "$(guest_status hostile)" 0
case $kind in debian*) ;; *)
	echo "ok raw-unmap - memory taken away under copies # SKIP lockdep complains of VFIO's own locks"
	;;
esac
check hostile-neighbour "$jobs jobs of the guest beside it, all answers right" \
	grep -q "^compute: $jobs jobs, 0 mismatches" /run/guest.good
check_eq hostile-neighbour-queue "$copies copies through a queue of its own, all right" \
	"$(guest_status good)" 0
summary $u
check_eq hostile-memory "no memory is left in use by it" "$(stats $u memory_used_bytes)" 0
# What was refused, was refused for many reasons; a run without that proves little.
all="bad_address no_memory unsupported_op busy"
case $kind in debian*) ;; *) all= ;; esac
for why in invalid_request $all; do
	check "hostile-$why" "some of it was refused as $why" \
		test $(($(stats $u rejected_"$why") + $(stats $u failed_"$why"))) -gt 0
done

# kill -9 of the VMM while its guest's requests run.
guest_start killed $u "vgpu-run compute --repeat 1000000"
before=$(stats $u completed)
check vmm-busy "the guest computes" wait_for 120 sh -c \
	"[ \$(cat $mdevs/$u/stats/completed) -gt $((before + 50)) ]"
kill -9 "$(cat /run/guest.killed.pid)"
guest_wait killed
check_eq vmm-memory "no memory is left in use after kill -9 of the VMM" "$(stats $u memory_used_bytes)" 0
guest_start next $u "vgpu-run compute --repeat 100; vgpu-run vecadd-u32 --n 100"
guest_wait next
check_eq vmm-next "another guest works on the same device" "$(guest_status next)" 0
mdev_remove $u
mdev_remove $v
