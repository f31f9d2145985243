#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# l2.sh -n NAME [-d UUID]... [OPTION]... -- COMMAND [ARG]...
#
# In L1: boot a guest, L2, under KVM with the mediated devices UUID, and run
# COMMAND (words are joined and read by its shell) in an initramfs that was made before:
# where a program takes half a second to start, it takes too many.
# COMMAND's output is the output, its status is the status.  124: the time was
# up.  125: L2 died; the reason is on stderr.  Several may run at the same time,
# each with its NAME.
#
#   -n NAME        for messages; the console is kept in /run/out/NAME.console.log
#   -d UUID        vfio-pci device of this mdev, hot-pluggable, with QEMU id
#                  vgpu0, vgpu1, ... in the order given
#   -k FILE        the kernel (default: L1's)
#   -i FILE        the initramfs, made by mkinitramfs.sh with init-l2.sh
#   -m MEM         memory (512M)
#   -c CPUS        processors (1)
#   -t SECONDS     after which it ends in any case (240)
#   -q SOCKET      QMP on this unix socket
#   -p PIDFILE     QEMU writes its pid here
#   -x ARGS        more words for QEMU
set -eu

here=$(cd "${0%/*}" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$here/lib.sh"

name='' kernel=${VM_KERNEL:-} initramfs='' mem=512M cpus=1 limit=240 extra=''
devices=''
while getopts n:d:k:i:m:c:t:q:p:x: opt; do
	case $opt in
	n) name=$OPTARG ;;
	d) devices="$devices $OPTARG" ;;
	k) kernel=$OPTARG ;;
	i) initramfs=$OPTARG ;;
	m) mem=$OPTARG ;;
	c) cpus=$OPTARG ;;
	t) limit=$OPTARG ;;
	q) extra="$extra -qmp unix:$OPTARG,server=on,wait=off" ;;
	p) extra="$extra -pidfile $OPTARG" ;;
	x) extra="$extra $OPTARG" ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
if [ -z "$name" ] || [ -z "$kernel" ] || [ -z "$initramfs" ] || [ $# -eq 0 ]; then
	die "usage: l2.sh -n NAME -i FILE [-d UUID]... [OPTION]... -- COMMAND [ARG]..."
fi

# modprobe knows nothing of a kernel that has these built in.
[ -e /dev/kvm ] || modprobe -q kvm_amd || die "no /dev/kvm"
if [ -n "$devices" ]; then
	modprobe -q vfio_iommu_type1 || :
fi

# The logs are kept out of /run/out until the end because QEMU writes them byte
# by byte, and there each byte would cost a round trip.
console=/run/out/$name.console.log
work=$(mktemp -d)
# shellcheck disable=SC2317 # called by traps
clean_up() {
	[ ! -f "$work/console" ] || cp "$work/console" "$console"
	rm -r "$work"
}
trap clean_up EXIT
trap 'exit 143' HUP INT TERM

# A second archive goes on where the first one ends.
echo "$*" >"$work/command"
{
	cat "$initramfs"
	(cd "$work" && echo command | cpio --quiet -o -H newc)
} >"$work/initramfs"

# Under -i the clock of L1 leaps; there the timeout of l1.sh must do.
if [ -n "${VM_ICOUNT:-}" ]; then
	limit=0
fi

set --
n=0
for uuid in $devices; do
	set -- "$@" -device "pcie-root-port,id=port$n,chassis=$n,slot=$n" \
		-device "vfio-pci,id=vgpu$n,bus=port$n,sysfsdev=/sys/bus/mdev/devices/$uuid"
	n=$((n + 1))
done

# Output has no serial port, where each byte costs several exits.
# shellcheck disable=SC2086 # $extra is words
run_qemu "$limit" "$work" qemu-system-x86_64 -nodefaults -no-user-config \
	-display none -no-reboot \
	-machine q35,usb=off,sata=off,smbus=off,vmport=off,i8042=off \
	-accel kvm -cpu host,-xsave -smp "$cpus" -m "$mem" \
	-serial "file:$work/console" -serial "file:$work/status" \
	-chardev "file,id=output,path=$work/output" \
	-device virtio-serial-pci,max_ports=1 -device virtconsole,chardev=output \
	-kernel "$kernel" -initrd "$work/initramfs" \
	-append "console=ttyS0 loglevel=5 panic=-1 oops=panic mitigations=off \
random.trust_cpu=on no_timer_check nokaslr cryptomgr.notests \
8250.nr_uarts=4 pci=lastbus=0 rdinit=/init" "$@" $extra
rc=0
vm_verdict "$name" "$console" "$work/console" "$work/status" "$work" || rc=$?
exit "$rc"
