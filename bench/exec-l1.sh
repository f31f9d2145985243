#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# exec-l1.sh instructions|calls: the part of exec.sh that runs in L1.  Prints a line for each
# run:
#
#	busy BACKEND DEPTH JOBS NS	instructions: what null jobs took of all processors
#	calls DEPTH JOBS CALLS		calls: system calls of executor and worker for so many jobs
set -eu

repo=$(cd "$(dirname "$0")/.." && pwd)
here=$repo/tests/vm
modules=${modules:?}
# shellcheck source=tests/vm/host.sh
. "$here/host.sh"
client=$repo/build/vfio-check
u=00000000-0000-4000-8000-000000000060
calls=/sys/kernel/tracing/events/raw_syscalls/sys_enter
# shellcheck disable=SC2016 # the kernel's
hist='hist:keys=id.syscall if comm == "vgpu-execd"'

# nulls DEPTH JOBS: sets $busy
nulls() {
	"$client" --nulls "$@" "$mdevs/$u" >/run/nulls || {
		cat /run/nulls >&2
		return 1
	}
	busy=$(sed -n 's/^ok nulls - .*: \([0-9]*\) ns busy.*/\1/p' /run/nulls)
	cat /run/nulls >&2
}

# several for each figure, so that it is seen whether they agree
instructions() {
	for depth in 1 64 64; do
		jobs=$((depth == 1 ? 20000 : 200000))
		nulls $depth $jobs
		echo "busy $1 $depth $jobs $busy"
	done
}

# count DEPTH JOBS: sets $counted; what begins and ends is in it, too
count() {
	echo "$hist" >$calls/trigger
	nulls "$@"
	cat $calls/hist >&2
	counted=$(sed -n 's/^    Hits: //p' $calls/hist)
	echo "!$hist" >$calls/trigger
}

case $1 in
instructions)
	host_load memory=256
	mdev_create quarter $u
	instructions cpu
	mdev_remove $u
	host_unload
	;;
calls) mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null || : ;;
esac
host_load_exec --memory 256
mdev_create quarter $u
if [ "$1" = instructions ]; then
	instructions exec
	# and with as many jobs handed to the worker as a client has under way
	exec_kill
	exec_start --memory 256 --depth 64
	instructions deep
else
	# on two processors that are emulated a job at depth 1 takes milliseconds
	for depth in 1 64; do
		jobs=$((depth == 1 ? 10000 : 100000))
		count $depth 1000
		few=$counted
		count $depth $((1000 + jobs))
		# a tenth of them comes before
		echo "calls $depth $((jobs + jobs / 10)) $((counted - few))"
	done
fi
mdev_remove $u
exec_kill
host_unload
