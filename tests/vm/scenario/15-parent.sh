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

# The same of a GPU that a process drives.
host_load_exec --memory 64 --parent "$bdf"
parent=/sys/class/mdev_bus/$bdf
check parent-exec "the function is the parent of a GPU that a process drives" \
	test -d "/sys/bus/pci/devices/$bdf/mdev_supported_types"
mdev_create quarter $u
check parent-exec-works "whose vGPU works" \
	"$here/../../build/vfio-check" --test builtins "$mdevs/$u"
exec_kill
check parent-exec-other "its name can't have another parent" \
	sh -c "! $here/../../build/tools/vgpu-execd --memory 64"
check parent-exec-absent "a function that doesn't exist is refused" \
	sh -c "! $here/../../build/tools/vgpu-execd --name other --parent ffff:ff:1f.7"
check parent-exec-taken "nor can another GPU have the same function" \
	sh -c "! $here/../../build/tools/vgpu-execd --name other --parent $bdf"
exec_start --memory 64 --parent "$bdf"
check parent-exec-returns "the next executor takes over" \
	"$here/../../build/vfio-check" --test builtins "$mdevs/$u"
check parent-exec-remove "the function is removed, and its vGPUs with it" \
	sh -c "echo 1 >/sys/bus/pci/devices/$bdf/remove; ! test -e $mdevs/$u"
wait "$execd" && status=0 || status=$?
check_eq parent-exec-ends "its executor ends by itself" "$status" 1
echo 1 >/sys/bus/pci/rescan
exec_start --memory 64 --parent "$bdf"
check parent-exec-again "the function is back, and a parent again" \
	test -d "/sys/bus/pci/devices/$bdf/mdev_supported_types"
exec_kill
host_unload
