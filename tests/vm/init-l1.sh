#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# init-l1.sh: /init of L1, then (with "stage2") process 1 on the real root.
# Output of ours goes to the kernel log: the command has its own serial port.

/bin/busybox --install -s /bin 2>/dev/null
export PATH=/bin

# What udev would make.
dev_links() {
	ln -s /proc/self/fd /dev/fd
	ln -s fd/0 /dev/stdin
	ln -s fd/1 /dev/stdout
	ln -s fd/2 /dev/stderr
}

stage1() {
	mount -t devtmpfs dev /dev
	exec </dev/null >/dev/kmsg 2>&1
	mount -t proc proc /proc
	while read -r module; do
		insmod "/modules/$module"
	done </modules/order

	# The root stays read-only for this VM, whatever runs in it.  Nothing
	# changes below a 9p "loose" cache but what the machine itself edits
	# meanwhile; without the cache each exec is a storm of round trips.
	mkdir -p /lower /over /new
	mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=524288,cache=loose root /lower
	mount -t tmpfs -o size=75% over /over
	mkdir /over/upper /over/work
	mount -t overlay -o lowerdir=/lower,upperdir=/over/upper,workdir=/over/work root /new

	for fs in proc:/proc sysfs:/sys tmpfs:/run; do
		mount -t "${fs%%:*}" "${fs%%:*}" "/new${fs#*:}"
	done
	dev_links
	mount --move /dev /new/dev
	mkdir -p /new/dev/pts /new/dev/shm /new/run/out /new/run/vm /new/run/lock /new/run/tmp
	mount -t devpts devpts /new/dev/pts
	mount -t tmpfs tmpfs /new/dev/shm
	mount -t debugfs debugfs /new/sys/kernel/debug
	mount -t tracefs tracefs /new/sys/kernel/tracing
	mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=none out /new/run/out

	cp /bin/busybox /init /new/run/vm/
	ln -s busybox /new/run/vm/sh
	exec switch_root /new /run/vm/busybox sh /run/vm/init stage2
}

stage2() {
	export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	ip link set lo up
	hostname l1

	# Of lowest priority, and a reader by RCU's rules meanwhile: where all is slow everybody
	# waits for it.  Huge pages are given out at once, so it has nothing to do here.
	huge=/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs
	[ ! -e $huge ] || echo 3600000 >$huge

	# KVM takes the TSC rate of the moment it loads as its guests' default.  If
	# that is refined later, to a higher one, their clocks stand still.
	clock=/sys/devices/system/clocksource/clocksource0/current_clocksource
	while [ "$(cat $clock)" = tsc-early ]; do
		sleep 0.1
	done

	# For l1.sh: under -i, where time leaps, this would never end.
	if ! grep -q 'VM_ICOUNT=y' /run/out/.command; then
		while :; do
			: >/run/out/.alive
			sleep 5
		done &
	fi

	# Process 1 leads no session, so the port does not become a controlling
	# terminal that hangs up on what the command leaves behind.
	stty -F /dev/ttyS1 raw -echo clocal
	exec 5>/dev/ttyS1
	/usr/bin/setsid /bin/sh /run/out/.command <&0 >&5 2>&1 5>&-
	status=$?

	# The last close of the port waits until everything is sent.
	kill -9 -1
	exec 5>&-
	echo "$status" >/run/out/.status
	sync
	/run/vm/busybox poweroff -f
}

case ${1:-} in
stage2) stage2 ;;
*) stage1 ;;
esac
