#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2154 # see scenarios.sh
# A GPU that a process drives: everything that the in-kernel engine does, by vgpu-execd's
# reference engine; executors that go and come; and executors and workers that lie.
. "$here/tap.sh"
. "$here/host.sh"
client=$here/../../build/vfio-check

host_load_exec --memory 256
gpu=/sys/class/vgpu-gpu/vgpu-$exec_name
check_eq exec-available "the GPU is a parent of mdevs" "$(cat "$(mdev_type quarter)/available_instances")" 4
u=00000000-0000-4000-8000-000000000022
mdev_create quarter $u
# All of it takes minutes where all is slow, and is about the device more than about this.
set --
if [ "$kind" != debian ]; then
	for t in bo builtins reset-busy reopen-busy queue queue-abort queue-large \
		queue-unmap queue-busy-end bad-mess; do
		set -- "$@" --test $t
	done
fi
"$client" "$@" "$mdevs/$u" | sed 's/^\(ok\|not ok\) /\1 exec-/'
check_eq exec-memory "no memory is left in use" "$(stats $u memory_used_bytes)" 0
check exec-workers "no worker is left" exec_idle

# Beside a request that runs, and in the middle of everything.
"$client" --busy "$mdevs/$u" >/run/exec.busy 2>&1 &
busy=$!
until pgrep -P "$execd" >/run/exec.worker; do
	kill -0 $busy
done
kill -9 "$(cat /run/exec.worker)"
wait $busy || :
check exec-worker-killed "another worker serves it when one was killed" \
	"$client" --test session --test builtins "$mdevs/$u"

# One that stands still is ended when its guest goes, and nobody waits for it for long.
"$client" --busy "$mdevs/$u" >/run/exec.busy 2>&1 &
busy=$!
until pgrep -P "$execd" >/run/exec.worker; do
	kill -0 $busy
done
kill -STOP "$(cat /run/exec.worker)"
kill -9 $busy
wait $busy || :
check exec-worker-stopped "a worker that stands still is ended" exec_idle
check exec-after-stopped "and the next one serves" "$client" --test builtins "$mdevs/$u"

exec_kill
check exec-stays "the mdev stays when the executor goes" [ -e "$mdevs/$u" ]
check_eq exec-lost "the GPU is lost" "$(cat "$gpu/backend_state")" lost
echo "exec-lies begins" >/dev/kmsg
took=$(stats $u gpu_time_ns)
"$client" --test exec-register --test exec-lies "$mdevs/$u" || echo "# vfio-check: status $?"

# said TEXT: how often the log has said that of a worker since
said() {
	dmesg | sed '1,/exec-lies begins/d' | grep -c "the worker of vm_id $(vm_id $u) $1" || :
}

check_eq exec-said "each lie is in the log once" "$(said "completed what it was not given")" 6
check_eq exec-said-gone "and so is each death" "$(said "is gone")" 1
# of which a worker has said that one took four seconds
check exec-time "and jobs have taken as long as they took" \
	[ $(($(stats $u gpu_time_ns) - took)) -lt 4000000000 ]
"$client" --test exec-return --test exec-again "$mdevs/$u" || echo "# vfio-check: status $?"
echo 2 >/sys/module/vgpu_exec/parameters/heartbeat_s
"$client" --test exec-hung "$mdevs/$u" || echo "# vfio-check: status $?"
echo 30 >/sys/module/vgpu_exec/parameters/heartbeat_s
# Through a container lockdep complains of VFIO's own locks, see testing.rst.
container=''
[ ! -e /proc/lockdep ] || container=--iommufd
# shellcheck disable=SC2086
"$client" $container --test exec-maps "$mdevs/$u" || echo "# vfio-check: status $?"

# Another GPU, which takes modules, as its executor says when it makes it.
python3 -c '
import fcntl, struct
fcntl.ioctl(open("/dev/vgpu-exec", "r+b", 0), 0x76e0,
	struct.pack("II32s32sQQII", 96, 0, b"tasks0", b"", 256 << 20, 0x7e, 64, 2))'
exec_parent=$parent
parent=/sys/class/mdev_bus/vgpu-tasks0
v=00000000-0000-4000-8000-000000000023
mdev_create quarter $v
# shellcheck disable=SC2086
"$client" $container --test exec-tasks "$mdevs/$v" || echo "# vfio-check: status $?"
echo 2 >/sys/module/vgpu_exec/parameters/build_s
# shellcheck disable=SC2086
"$client" $container --test exec-slow "$mdevs/$v" || echo "# vfio-check: status $?"
echo 30 >/sys/module/vgpu_exec/parameters/build_s
check_eq exec-tasks-memory "no memory is left in use" "$(stats $v memory_used_bytes)" 0
mdev_remove $v
parent=$exec_parent
exec_start --memory 256
check exec-returns "the next executor of that name takes over" \
	"$client" --test builtins "$mdevs/$u"
check_eq exec-ready "the GPU is ready" "$(cat "$gpu/backend_state")" ready
# One that stands still with all its workers, and the next.
echo 2 >/sys/module/vgpu_exec/parameters/heartbeat_s
kill -STOP "$execd"
until [ "$(cat "$gpu/backend_state")" = lost ]; do
	kill -0 "$execd"
done
echo 30 >/sys/module/vgpu_exec/parameters/heartbeat_s
stopped=$execd
exec_start --memory 256
check exec-after-hung "the next serves when one stands still" \
	"$client" --test builtins "$mdevs/$u"
kill -CONT "$stopped"
wait "$stopped" || :
mdev_remove $u
exec_kill
check exec-unload "and it can all be unloaded" host_unload
