#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2154 # see scenarios.sh
# vgpu-execd as a service: a systemd in namespaces of its own begins it by the unit that is
# installed, hardening and all; it is killed, stands still, and is stopped.  Each worker is in a
# control group, and one that needs more memory than it may have ends alone.
. "$here/tap.sh"
. "$here/host.sh"
client=$here/../../build/vfio-check

/sbin/modprobe -qa mdev vfio vfio_iommu_type1 || :
insmod "$modules/host/vgpu-host.ko"
insmod "$modules/host/backend/vgpu-exec.ko"
make -s -C "$here/../../execd" install >&2
mkdir -p /etc/vgpu /run/systemd/system/vgpu-execd@.service.d
echo 'OPTIONS=--engine opencl --memory 256' >/etc/vgpu/opencl0.conf
echo 'OPTIONS=--engine reference --memory 256' >/etc/vgpu/reference0.conf
# The rest of the distribution stays out of it.
cat >/run/systemd/system/vgpu-execd@.service.d/test.conf <<'EOT'
[Unit]
DefaultDependencies=no
[Service]
StandardOutput=append:/run/out/24-systemd.execd.log
StandardError=inherit
EOT
printf '[Unit]\nDefaultDependencies=no\n' >/run/systemd/system/test.target
mount -t cgroup2 cgroup2 /sys/fs/cgroup
# What needs no device: control groups as an executor makes them.
echo '+memory +pids' >/sys/fs/cgroup/cgroup.subtree_control
"$here/../../build/tests/execd/sandbox_test" cgroup
# Not busybox's.
/usr/bin/unshare --fork --pid --mount-proc --cgroup --kill-child env container=test \
	/lib/systemd/systemd --unit=test.target --log-target=console >&2 &
outer=$!

# within WORD...: where that systemd is
within() {
	timeout 180 /usr/bin/nsenter -t "$manager" -p -m "$@"
}

# show PROPERTY: of the GPU's service
show() {
	within systemctl show --value -p "$1" "vgpu-execd@$gpu"
}

# shown PROPERTY VALUE: once it is so
shown() {
	end=$(($(cut -d. -f1 /proc/uptime) + 120))
	until [ "$(show "$1")" = "$2" ]; do
		[ "$(cut -d. -f1 /proc/uptime)" -lt "$end" ] || return 1
		sleep 0.5
	done
}

# service VERB
service() {
	within systemctl --no-ask-password "$1" "vgpu-execd@$gpu"
}

until manager=$(pgrep -P $outer) && within systemctl list-units >/dev/null 2>&1; do
	kill -0 $outer
	sleep 0.5
done

# Before it is ready it runs a job by PoCL, in the wide sandbox.
gpu=opencl0
check unit-opencl "with OpenCL, its sandbox works in the unit's" service start
check_eq unit-opencl-status "and it tells what it does" "$(show StatusText)" \
	"Driving opencl0, 256 MiB"
check unit-opencl-stop "it is stopped" service stop

gpu=reference0
parent=/sys/class/mdev_bus/vgpu-$gpu
check unit-start "systemd waits for the GPU to be there" service start
check unit-parent "then it is" [ -e "$parent" ]
u=00000000-0000-4000-8000-000000000024
mdev_create quarter $u
check unit-jobs "its workers work, with all that the unit takes away" \
	"$client" --test session --test builtins "$mdevs/$u"

group=/sys/fs/cgroup/vgpu.slice/vgpu-execd@$gpu.service
# uid_in WORKER: of the process in its control group
uid_in() {
	stat -c %u "/proc/$(cat "$group/$1/cgroup.procs")"
}

# workers: their control groups
workers() {
	(cd "$group" && find . -name 'worker-*' | cut -c 3-)
}

# none_left: once that is so
none_left() {
	timeout 60 sh -c "while ls -d $group/worker-* >/dev/null 2>&1; do sleep 0.1; done"
}

# only N: once there are so many
only() {
	end=$(($(cut -d. -f1 /proc/uptime) + 60))
	until [ "$(workers | wc -l)" = "$1" ]; do
		[ "$(cut -d. -f1 /proc/uptime)" -lt "$end" ] || return 1
		sleep 0.1
	done
}

check unit-groups-end "no control group of a worker's is left" none_left
v=00000000-0000-4000-8000-000000000025
mdev_create quarter $v
"$client" --busy "$mdevs/$u" >&2 &
busy=$!
check unit-groups-one "a worker has a control group" only 1
wild=$(workers)
check_eq unit-groups-memory "with the memory of the GPU and a little" \
	"$(cat "$group/$wild/memory.max")" $(((256 + 64 + 128) << 20))
check_eq unit-groups-tasks "without threads" "$(cat "$group/$wild/pids.max")" 1
check_eq unit-groups-oom "which is killed as a whole" "$(cat "$group/$wild/memory.oom.group")" 1
"$client" --busy "$mdevs/$v" >&2 &
other=$!
check unit-groups-two "the other vGPU's has another" only 2
mild=$(workers | grep -v "^$wild\$")
check unit-groups-users "and is another user" \
	[ "$(uid_in "$wild")" != "$(uid_in "$mild")" ]
echo 1 >"$group/$wild/memory.max"
check unit-groups-wild "one that needs more memory than it may have ends" only 1
check_eq unit-groups-mild "alone" "$(workers)" "$mild"
check_eq unit-groups-restarts "and the unit goes on" "$(show NRestarts)" 0
# the client of the first has been told, and has ended
wait $busy || :
kill -9 $other
wait $other || :
check unit-groups-gone "no control group is left of any" none_left
grep 'took more memory' /run/out/24-systemd.execd.log >&2 || :
check unit-groups-said "and it is said why that one ended" \
	grep -q 'took more memory than it may' /run/out/24-systemd.execd.log
check unit-groups-after "its vGPU has another worker" "$client" --test builtins "$mdevs/$u"
mdev_remove $v

within kill -9 "$(show MainPID)"
check unit-restart "killed, it begins anew" shown NRestarts 1
check unit-again "and is ready" shown ActiveState active
check unit-again-jobs "and serves" "$client" --test builtins "$mdevs/$u"

within kill -STOP "$(show MainPID)"
check unit-watchdog "standing still, too" shown NRestarts 2
check unit-watchdog-ready "and is ready" shown ActiveState active

check unit-stop "it is stopped" service stop
check_eq unit-result "in peace" "$(show Result) $(show ExecMainStatus)" "success 0"
check unit-groups-none "no control group is left of the unit" [ ! -e "$group" ]
check_eq unit-workers "no worker is left" "$(pgrep -c vgpu-execd)" 0
mdev_remove $u
kill -9 "$manager"
wait $outer || :
umount /sys/fs/cgroup
