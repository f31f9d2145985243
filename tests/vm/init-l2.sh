#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# init-l2.sh: /init of L2.  ttyS0 is the console, hvc0 the command's output, ttyS1
# its status.

/bin/busybox --install -s /bin 2>/dev/null
export PATH=/bin HOME=/ TERM=dumb
mount -t devtmpfs dev /dev
exec </dev/null >/dev/kmsg 2>&1
ln -s /proc/self/fd /dev/fd
ln -s fd/0 /dev/stdin
ln -s fd/1 /dev/stdout
ln -s fd/2 /dev/stderr
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t debugfs debugfs /sys/kernel/debug
hostname l2
# Booting was quiet because each byte costs two exits.  From here on all counts.
dmesg -n 8

status=0
while read -r module; do
	insmod "/modules/$module" || status=$?
done </modules/order

# Each write to hvc0 is a slow round trip to QEMU, so cat gathers them.  Process 1
# leads no session: hvc0 must not become a controlling terminal.  It forgets its
# settings when nobody has it open.
exec 5>/dev/hvc0
stty -F /dev/hvc0 raw -echo
mkfifo /output
cat /output >&5 &
relay=$!
if [ "$status" -eq 0 ]; then
	setsid sh /command <&0 >/output 2>&1 5>&-
	status=$?
else
	echo "a module did not load, see the console" >/output
fi

# The output ends when whoever could write to it is gone.
for process in /proc/[0-9]*; do
	pid=${process#/proc/}
	[ "$pid" -eq 1 ] || [ "$pid" -eq "$relay" ] || kill -9 "$pid"
done
wait "$relay"
# Closing waits until all is sent.
exec 5>&-
stty -F /dev/ttyS1 raw -echo clocal
echo "$status" >/dev/ttyS1
poweroff -f
