# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# host.sh: sourced in L1, with $modules set: the host driver, and mdevs by sysfs.
#
# On a kernel with every checker, in an emulator, a program takes half a second to start,
# so what is asked for often is read by the shell itself.

parent=/sys/class/mdev_bus/vgpu-cpu0
mdevs=/sys/bus/mdev/devices
vgpu_debugfs=/sys/kernel/debug/vgpu

# host_load [PARAMETER=VALUE...]: the drivers, and what they stand on
# shellcheck disable=SC2120
host_load() {
	/sbin/modprobe -qa mdev vfio vfio_iommu_type1 sha256_generic kvm_amd || :
	insmod "$modules/host/vgpu-host.ko"
	insmod "$modules/host/backend/vgpu-cpu.ko" "$@"
}

# host_load_exec [OPTION...]: the same, with a GPU that vgpu-execd drives
host_load_exec() {
	/sbin/modprobe -qa mdev vfio vfio_iommu_type1 kvm_amd || :
	insmod "$modules/host/vgpu-host.ko"
	host_load_more_exec "$@"
}

# host_load_more_exec [OPTION...]: that GPU beside another, and it is $parent from now on
host_load_more_exec() {
	insmod "$modules/host/backend/vgpu-exec.ko"
	exec_name=reference0
	[ "${1:-}" != --engine ] || exec_name=${2}0
	parent=/sys/class/mdev_bus/vgpu-$exec_name
	exec_start "$@"
}

# exec_start [OPTION...]: its executor; returns when that is ready.  $execd_preload: a library
exec_start() {
	mkfifo /run/execd
	LD_PRELOAD=${execd_preload:-} "$here/../../build/tools/vgpu-execd" "$@" \
		>/run/execd 2>/run/execd.err &
	execd=$!
	read -r line </run/execd || line=''
	rm /run/execd
	[ "$line" = "vgpu-execd: $exec_name is ready" ]
}

# exec_idle: does every worker end, once nobody has a context?
exec_idle() {
	timeout 60 sh -c "while pgrep -P $execd; do sleep 0.1; done"
}

# exec_kill: all of it, at once
exec_kill() {
	kill -9 "$execd"
	wait "$execd" || :
	cat /run/execd.err >&2
}

# host_unload: all drivers.  Who has just been killed, or whose executor has, may have something
# of theirs open for a moment yet.
host_unload() {
	for m in vgpu_cpu vgpu_exec vgpu_host; do
		[ -e /sys/module/$m ] || continue
		timeout 60 sh -c "until [ \"\$(cat /sys/module/$m/refcnt)\" = 0 ]; do sleep 0.1; done" ||
			echo "$m is in use" >&2
		rmmod $m || return 1
	done
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

# value FILE: its only line
value() {
	read -r line <"$1" || [ "$line" ]
	echo "$line"
}

# vm_id UUID
vm_id() {
	value "$mdevs/$1/vm_id"
}

# counter UUID NAME
counter() {
	sed -n "s/^$2 //p" "$vgpu_debugfs/vm$(vm_id "$1")/counters"
}

# stats UUID NAME: of what became of its jobs
stats() {
	value "$mdevs/$1/stats/$2"
}

# summary UUID: the same for people, on stderr
summary() {
	cat "$vgpu_debugfs/vm$(vm_id "$1")/summary" "$vgpu_debugfs/vm$(vm_id "$1")/counters" >&2
}

# host_clean: no client, no mdev, no driver
host_clean() {
	pkill -9 -x vfio-check || :
	pkill -9 -x vgpu-execd || :
	pkill -9 -f qemu-system-x86_64 || :
	for m in "$mdevs"/*; do
		[ ! -e "$m" ] || timeout 60 sh -c "echo 1 >$m/remove" || return 1
	done
	[ ! -e /sys/module/vgpu_host ] || host_unload
}
