#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2154 # see scenarios.sh
# Workers that hold on to guest memory, and workers and executors that do everything at once.
. "$here/tap.sh"
. "$here/host.sh"
client=$here/../../build/vfio-check

host_load_exec --memory 256
u=00000000-0000-4000-8000-000000000025
mdev_create quarter $u
exec_kill
# Through a container lockdep complains of VFIO's own locks, see testing.rst.
container=''
[ ! -e /proc/lockdep ] || container=--iommufd
# shellcheck disable=SC2086
"$client" $container --test exec-grip --test exec-storm "$mdevs/$u" ||
	echo "# vfio-check: status $?"

# What the kernel does for a worker that calls 5000 times and has done nothing
tracing=/sys/kernel/tracing
[ -e $tracing/trace ] || mount -t tracefs tracefs $tracing
echo 'workqueue == "vgpu-exec-reap"' >$tracing/events/workqueue/workqueue_queue_work/filter
echo 1 >$tracing/events/workqueue/workqueue_queue_work/enable
"$client" --test exec-vain "$mdevs/$u" || echo "# vfio-check: status $?"
echo 0 >$tracing/events/workqueue/workqueue_queue_work/enable
items=$(grep -c 'workqueue=vgpu-exec-reap ' $tracing/trace || :)
echo "# $items work items"
check hostile-vain "hardly any work item runs for it" [ "$items" -gt 0 -a "$items" -lt 500 ]

# While the administrator makes and removes vGPUs of the same GPU
v=00000000-0000-4000-8000-000000000026
while :; do
	mdev_create quarter $v
	mdev_remove $v
done &
admin=$!
"$client" --test exec-churn "$mdevs/$u" || echo "# vfio-check: status $?"
kill $admin
wait $admin || :
[ ! -e "$mdevs/$v" ] || mdev_remove $v
check_eq hostile-memory "no memory is left in use" "$(stats $u memory_used_bytes)" 0
exec_start --memory 256
check hostile-serves "the next executor serves" "$client" --test builtins "$mdevs/$u"
check hostile-workers "no worker is left" exec_idle
mdev_remove $u

# A name and a parent that are taken, which the kernel's own complaint would be about
check hostile-name "a GPU of another backend's keeps its name" \
	sh -c "insmod $modules/host/backend/vgpu-cpu.ko memory=64 &&
		! $here/../../build/tools/vgpu-execd --name cpu0"
exec_kill
check hostile-unload "and it can all be unloaded" host_unload
