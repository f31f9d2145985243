#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2154 # see scenarios.sh
# The guest driver: every ioctl, reset, unbind, sleep, hot-unplug.
. "$here/tap.sh"
. "$here/host.sh"
. "$here/guest.sh"

host_load memory=256
u=00000000-0000-4000-8000-000000000055
mdev_create quarter $u
# A checked host is the other scenarios' business, but for what only sleep and removal do to it:
# all of this would take it a quarter of an hour.
[ "$kind" = sanitizer-guests ] && only_host=y || only_host=''

# resets_of NAME COMMANDS: how often the device is reset while a guest runs them and ends
resets_of() {
	resets=$(counter $u resets)
	guest_start "$1" $u "$2"
	guest_wait "$1"
	echo $(($(counter $u resets) - resets))
}

driver_sleeps() {
	guest_start sleep $u "ioctl_test --sleep"
	guest_wait sleep
	guest_tap sleep
}

# Likewise, where to save what there is takes seconds, and to bring it back.
driver_sleeps_at_a_rate() {
	echo 1 >"$mdevs/$u/burst"
	echo 4 >"$mdevs/$u/rate_limit"
	guest_start sleep-rate $u "echo 0 >/proc/sys/kernel/soft_watchdog; \
		ioctl_test --sleep-rate; rmmod vgpu_guest" -x "$(guest_qtest sleep-rate)"
	check uapi-sleep-rate-flr "its device is reset while it sleeps" guest_flr sleep-rate
	guest_wait sleep-rate
	guest_tap sleep-rate
	echo 0 >"$mdevs/$u/rate_limit"
}

# What a driver does of itself
driver() {
	guest_start uapi $u "ioctl_test; libvgpu_test; ioctl_test --reset-while-waiting; \
		ioctl_test --unbind-while-waiting; ioctl_test --unbind-storm=$((50 / less)); \
		vgpu-run compute --repeat 10; rmmod vgpu_guest; \
		insmod /modules/vgpu-guest.ko msix=0; vgpu-info; \
		vgpu-run compute --repeat 50; rmmod vgpu_guest"
	guest_wait uapi
	guest_tap uapi
	check_eq uapi-status "the guest's driver was unloaded at the end" "$(guest_status uapi)" 0
	check uapi-msi "without MSI-X the driver takes MSI" \
		grep -q 'interrupts *MSI, 1 in use' /run/guest.uapi
	check uapi-msi-works "and works" grep -q '^compute: 50 jobs, 0 mismatches' /run/guest.uapi
	check_eq uapi-memory "no memory is left in use" "$(stats $u memory_used_bytes)" 0

	# Whoever has the memory after a guest's kernel is safe from the device, as after rmmod.
	removed=$(resets_of uapi-removed "vgpu-info && rmmod vgpu_guest")
	check_eq uapi-shutdown "the device is reset when the guest shuts down" \
		"$(resets_of uapi-shutdown vgpu-info)" "$removed"
}

[ "$only_host" ] || driver

# The guest sleeps; the second time it is another device that it finds on waking up.
[ "$only_host" ] || driver_sleeps
guest_start sleep-reset $u "echo 0 >/proc/sys/kernel/soft_watchdog; \
	ioctl_test --sleep-reset; rmmod vgpu_guest" -x "$(guest_qtest sleep-reset)"
check uapi-sleep-flr "its device is reset while it sleeps" guest_flr sleep-reset
guest_wait sleep-reset
guest_tap sleep-reset
check_eq uapi-sleep-memory "no memory is left in use" "$(stats $u memory_used_bytes)" 0

[ "$only_host" ] || driver_sleeps_at_a_rate

# The host wants the device back: QEMU asks the guest, whose waiters end.
guest_start unplug $u "ioctl_test --gone-while-waiting; cat /sys/bus/pci/devices/*/vendor | grep -c 0x1af4 || :"
check uapi-unplug-waiting "the guest's requests wait" \
	wait_for 120 guest_saw unplug '# waiting'
check uapi-unplug "removal of the mdev ends: the VM let it go" timeout 100 sh -c "echo 1 >$mdevs/$u/remove"
guest_wait unplug
guest_tap unplug
check uapi-unplug-gone "the mdev is gone" test ! -e "$mdevs/$u"
