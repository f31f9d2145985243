#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2154 # see scenarios.sh
# A PCI function as mdev parent, as libvirt, Nova and Proxmox need it.
. "$here/tap.sh"
. "$here/host.sh"

# QEMU's pci-testdev, a function without a driver
bdf=$(basename "$(dirname "$(grep -l 0x1b36 /sys/bus/pci/devices/*/vendor | head -n 1)")")
export parent=/sys/class/mdev_bus/"$bdf" # for host.sh
host_load memory=64 "parent=$bdf"
check parent-pci "the mdev parent is PCI function $bdf" \
	test -d "/sys/bus/pci/devices/$bdf/mdev_supported_types"
check_eq parent-alone "and there is no virtual one" \
	"$(ls /sys/class/mdev_bus)" "$bdf"
u=00000042-0000-0000-0000-000000000107
mdev_create whole $u
check parent-child "an mdev with a UUID as Proxmox makes it is below it" \
	test -e "/sys/bus/pci/devices/$bdf/$u"
check parent-vfio "and works" "$here/../../build/vfio-check" --test qemu-order "$mdevs/$u"
mdev_remove $u
host_unload
check parent-gone "nothing is left on the function" \
	test ! -e "/sys/bus/pci/devices/$bdf/mdev_supported_types"
check parent-absent "a function that doesn't exist is refused" \
	sh -c "insmod $modules/host/vgpu-host.ko; ! insmod $modules/host/backend/vgpu-cpu.ko parent=ffff:ff:1f.7"
rmmod vgpu_host

# The function goes while it is the parent, with one vGPU in use and one not.
host_load memory=64 "parent=$bdf"
v=00000042-0000-0000-0000-000000000108
mdev_create quarter $u
mdev_create quarter $v
"$here/../../build/vfio-check" --hold 120 "$mdevs/$u" >/run/hold 2>&1 &
check parent-remove-held "a VMM holds a vGPU" wait_for 30 grep -q '^# holding' /run/hold
check parent-remove "removing the function ends when the VMM has let go" \
	timeout 60 sh -c "echo 1 >/sys/bus/pci/devices/$bdf/remove"
check parent-remove-asked "which was asked to" grep -q '^# asked to let go' /run/hold
check parent-remove-mdevs "its mdevs are gone with it" sh -c "! test -e $mdevs/$u && ! test -e $mdevs/$v"
host_unload
echo 1 >/sys/bus/pci/rescan
host_load memory=64 "parent=$bdf"
check parent-again "the function is back, and a parent again" \
	test -d "/sys/bus/pci/devices/$bdf/mdev_supported_types"
host_unload
