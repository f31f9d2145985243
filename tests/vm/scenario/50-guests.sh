#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2154 # see scenarios.sh
# Two guests at once: thousands of mailbox jobs each, and every built-in kernel, in the one by
# queues and in the other by the mailbox; that is then over its rate, and waits as it is told.
. "$here/tap.sh"
. "$here/host.sh"
. "$here/guest.sh"

jobs=$((10000 / less))
host_load memory=256
u=00000000-0000-4000-8000-000000000050
v=00000000-0000-4000-8000-000000000051
mdev_create quarter $u
mdev_create eighth $v

# commands SEED [OPTION]
commands() {
	echo "set -e; vgpu-info --json; vgpu-run compute --repeat $jobs --seed $1"
	for k in vecadd-u32 vecadd-f32 saxpy-f32 reduce-u32; do
		echo "vgpu-run $k --n 1500 --seed $*"
	done
	echo "vgpu-run matmul-f32 --n 12 --seed $*; vgpu-run sha256 --size 5001 --seed $*"
}

# The one by queues, the other by the mailbox
guest_start one $u "$(commands 1)"
rated=20
guest_start two $v "$(commands 2 --mailbox)
	echo 'rate: ready'
	until vgpu-info --json | grep -q '\"priority\": \"high\"'; do :; done
	vgpu-run nop --mailbox --repeat $rated"
# Both at once: between two looks both have done more.
both=0 a=0 b=0
while guest_running one || guest_running two; do
	x=$(stats $u completed) y=$(stats $v completed)
	if [ "$a" -gt 0 ] && [ "$b" -gt 0 ] && [ "$x" -gt "$a" ] && [ "$y" -gt "$b" ]; then
		both=1
	fi
	a=$x b=$y
	if guest_saw two 'rate: ready' && [ "$(cat "$mdevs/$v/priority")" != high ]; then
		echo 2 >"$mdevs/$v/burst"
		echo 10 >"$mdevs/$v/rate_limit"
		echo high >"$mdevs/$v/priority"
	fi
	sleep 1
done
check_eq guests-both "both guests computed at the same time" $both 1
for g in one two; do
	check_eq guests-status "guest $g ended well" "$(guest_status $g)" 0
	check guests-jobs "guest $g did $jobs jobs, all answers right" \
		grep -q "^compute: $jobs jobs, 0 mismatches" "/run/guest.$g"
	check_eq guests-kernels "guest $g ran 6 built-in kernels, all results right" \
		"$(grep -c 'result matches' "/run/guest.$g")" 6
done
check guests-rate "guest two did $rated jobs at its rate" grep -q "^nop: $rated jobs" /run/guest.two
refused=$(stats $v rejected_rate_limited)
check guests-retry "and asked again when it was told to: $refused were refused" \
	[ "$refused" -gt 0 -a "$refused" -le $((3 * rated)) ]
for d in $u $v; do
	check guests-counter "the host counted them for vm_id $(vm_id "$d")" \
		test "$(stats "$d" completed)" -ge $jobs
	check_eq guests-memory "and has no memory in use for it" "$(stats "$d" memory_used_bytes)" 0
done
check_eq guests-identity "each guest saw the vm_id of its own device" \
	"$(for g in one two; do sed -n 's/.*"vm_id": *\([0-9]*\).*/\1/p' /run/guest.$g; done | tr '\n' ' ')" \
	"$(vm_id $u) $(vm_id $v) "
mdev_remove $u
mdev_remove $v
