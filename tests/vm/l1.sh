#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# l1.sh -k KERNEL -o OUTDIR [OPTION]... -- COMMAND [ARG]...
#
# Boot the machine's own file tree as the "host" VM, L1, in QEMU's software
# emulation of an AMD CPU with SVM, and run COMMAND in it as root, in the
# repository.  COMMAND's output is the output, its status is the status.  124:
# the time was up.  125: L1 died; the reason is on stderr.  126: L1 gave no sign
# of life for two minutes; the state of its processors is in cpus.log.
#
#   -k KERNEL      debian; or a kernel's build directory or file, with all that it
#                  takes to boot built in (of a directory, modprobe finds the rest)
#   -a VERSION     which of Debian's kernels in /boot (default: the newest)
#   -r ROOT        that kernel and its modules come from below ROOT
#   -o OUTDIR      is /run/out in L1, writable; console.log and qemu.log land there
#   -m MEM         memory (6G)
#   -c CPUS        processors (2)
#   -t SECONDS     after which it ends in any case (600)
#   -i             count instructions: one CPU, 1 ns per instruction.  Time leaps
#                  over all waiting, also for files, so no timeout in L1 means much
#   -e NAME=VALUE  environment of COMMAND; may be repeated
#   -q QEMU        the emulator (ours if tests/env/qemu.sh has made it, or Debian's)
#   -x ARGS        more words for QEMU
#
# The root in L1 is a throw-away overlay on this machine's, so paths are the same
# inside and outside, /tmp too; /run and /dev/shm are empty.  TMPDIR is empty and
# not an overlay.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$here/lib.sh"
repo=$(cd "$here/../.." && pwd)

kernel='' release='' root='' out='' mem=6G cpus=2 limit=600 icount='' extra='' environment=''
emulator=''
while getopts k:a:r:o:m:c:t:ie:q:x: opt; do
	case $opt in
	k) kernel=$OPTARG ;;
	a) release=$OPTARG ;;
	r) root=$OPTARG ;;
	o) out=$OPTARG ;;
	m) mem=$OPTARG ;;
	c) cpus=$OPTARG ;;
	t) limit=$OPTARG ;;
	i) icount=y ;;
	e) environment="$environment $(quote "$OPTARG")" ;;
	q) emulator=$OPTARG ;;
	x) extra="$extra $OPTARG" ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
if [ -z "$kernel" ] || [ -z "$out" ] || [ $# -eq 0 ]; then
	die "usage: l1.sh -k KERNEL -o OUTDIR [OPTION]... -- COMMAND [ARG]..."
fi

find_kernel "$kernel" "$release" "$root"
[ -n "$emulator" ] || emulator=$("$here/../env/qemu.sh" -n)
mkdir -p "$out"
out=$(cd "$out" && pwd)
rm -rf "$out/.status" "$out/console.log" "$out/.modules" "$out/.alive" "$out/cpus.log"

# The module directory, if it is not where modprobe in L1 looks.
modules=''
if [ -n "$root" ] && [ -n "$version" ]; then
	modules=$(cd "$root/lib/modules/$version" && pwd)
elif [ -n "$build" ]; then
	uname_r=$(cat "$build/include/config/kernel.release")
	modules=$out/.modules/lib/modules/$uname_r
	mkdir -p "$modules"
	cp "$build"/modules.builtin* "$build/modules.order" "$modules"
	sed -n "s|\\.k*o\$|.ko|; s|^|$build/|p" "$build/modules.order" |
		xargs -r ln -s -t "$modules"
	depmod -b "$out/.modules" "$uname_r"
fi

# L2 boots the kernel of L1 unless told otherwise.
{
	[ -z "$modules" ] || echo "ln -sfn $(quote "$modules") /lib/modules/"
	echo "cd $(quote "$repo")"
	echo "exec env -i HOME=/root TERM=dumb LC_ALL=C.UTF-8 TMPDIR=/run/tmp" \
		"PATH=\"\$PATH\" VGPU_CACHE=$(quote "$VGPU_CACHE") VM_KERNEL=$(quote "$kernel")" \
		"VM_VERSION=$version VM_ICOUNT=$icount $environment $(quote_all "$@")"
} >"$out/.command"

set -- -s "$here/init-l1.sh" -o "$out/.initramfs" -r "$root" -v "$version"
if [ -n "$version" ]; then
	set -- "$@" -m virtio_pci -m 9pnet_virtio -m 9p -m overlay
fi
"$here/mkinitramfs.sh" "$@"

# shellcheck disable=SC2317 # called by run_qemu
clean_up() {
	rm -f "$out/.initramfs" "$out/.monitor"
}

# What QEMU's monitor says of the processors, twice, to tell one that spins from
# one that is halted; then QEMU is told to end.  It echoes what it is told as to a
# terminal, key by key.
# shellcheck disable=SC2016 # perl's variables
dump_and_quit() {
	timeout 20 perl -MIO::Socket::UNIX -e '
		my $m = IO::Socket::UNIX->new(Peer => shift) or die "no monitor: $!\n";
		print $m "$_\n" for @ARGV;
		print while <$m>;' "$out/.monitor" "info registers -a" "info lapic" \
		"info registers -a" quit | tr -d '\r' | sed 's/.*\x1b\[K//'
}

# A processor that takes no more interrupts says nothing by itself: L1 touches a
# file every 5 seconds (init-l1.sh), and this looks at it.
watch_over() {
	while sleep 10 && kill -0 $$ 2>/dev/null; do
		[ -e "$out/.alive" ] || continue
		[ $(($(date +%s) - $(stat -c %Y "$out/.alive"))) -gt 120 ] || continue
		dump_and_quit >"$out/cpus.log" 2>&1 || :
		return
	done
}

accel=tcg,thread=multi,tb-size=1024
if [ -n "$icount" ]; then
	accel=tcg,thread=single,tb-size=1024
	cpus=1
	extra="$extra -icount shift=0,sleep=off"
fi

watcher=''
if [ -z "$icount" ]; then
	watch_over &
	watcher=$!
fi
# Emulated, a busy processor with every checker is some fifty times slower than what RCU's 21 s
# are meant for: a task of lowest priority, preempted as a reader, may wait for as long.
# shellcheck disable=SC2086 # $extra is words
run_qemu "$limit" "$out" "$emulator" -nodefaults -no-user-config \
	-display none -no-reboot -monitor "unix:$out/.monitor,server=on,wait=off" \
	-machine q35,usb=off,sata=off,smbus=off,vmport=off,i8042=off \
	-accel $accel -cpu EPYC-Rome,+svm,+npt -smp "$cpus" -m "$mem" \
	-serial "file:$out/console.log" -serial "file:$out/output" \
	-virtfs "local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap" \
	-virtfs "local,path=$out,mount_tag=out,security_model=none,multidevs=remap" \
	-kernel "$kernel" -initrd "$out/.initramfs" \
	-append "console=ttyS0 ignore_loglevel panic=-1 oops=panic mitigations=off \
random.trust_cpu=on tsc=reliable no_timer_check nokaslr cryptomgr.notests \
rcupdate.rcu_cpu_stall_timeout=300 8250.nr_uarts=4 pci=lastbus=0 rdinit=/init" $extra
[ -z "$watcher" ] || kill "$watcher" 2>/dev/null || :
if [ -e "$out/cpus.log" ]; then
	echo "L1: no sign of life for two minutes, after $took s, see $out/cpus.log" >&2
	exit 126
fi
vm_verdict L1 "$out/console.log" "$out/console.log" "$out/.status" "$out"
