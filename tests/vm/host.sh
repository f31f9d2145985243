# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# host.sh: sourced in L1, with $modules set: the host driver, and mdevs by sysfs.

parent=/sys/class/mdev_bus/vgpu-cpu0
mdevs=/sys/bus/mdev/devices
vgpu_debugfs=/sys/kernel/debug/vgpu

# host_load [PARAMETER=VALUE...]: the drivers, and what they stand on
# shellcheck disable=SC2120
host_load() {
	modprobe -qa mdev vfio vfio_iommu_type1 sha256_generic kvm_amd || :
	insmod "$modules/host/vgpu-host.ko"
	insmod "$modules/host/backend/vgpu-cpu.ko" "$@"
}

host_unload() {
	rmmod vgpu_cpu && rmmod vgpu_host
}

# mdev_type NAME: the folder of a type, such as quarter
mdev_type() {
	echo "$parent"/mdev_supported_types/*-"$1"
}

# mdev_create TYPE UUID
mdev_create() {
	echo "$2" >"$(mdev_type "$1")/create"
}

mdev_remove() {
	echo 1 >"$mdevs/$1/remove"
}

# vm_id UUID
vm_id() {
	cat "$mdevs/$1/vm_id"
}

# counter UUID NAME
counter() {
	sed -n "s/^$2 //p" "$vgpu_debugfs/vm$(vm_id "$1")/counters"
}

# stats UUID NAME: of what became of its jobs
stats() {
	cat "$mdevs/$1/stats/$2"
}

# summary UUID: the same for people, on stderr
summary() {
	cat "$vgpu_debugfs/vm$(vm_id "$1")/summary" "$vgpu_debugfs/vm$(vm_id "$1")/counters" >&2
}

# host_clean: no client, no mdev, no driver
host_clean() {
	pkill -9 -x vfio-check || :
	pkill -9 -f qemu-system-x86_64 || :
	for m in "$mdevs"/*; do
		[ ! -e "$m" ] || timeout 60 sh -c "echo 1 >$m/remove" || return 1
	done
	[ ! -e /sys/module/vgpu_host ] || host_unload
}
