#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2154 # see scenarios.sh
# vgpu-execd as a service: a systemd in namespaces of its own begins it by the unit that is
# installed, with PoCL as the GPU, hardening and all; it is killed, stands still, and is stopped.
. "$here/tap.sh"
. "$here/host.sh"
client=$here/../../build/vfio-check
name=opencl0
service=vgpu-execd@$name

/sbin/modprobe -qa mdev vfio vfio_iommu_type1 || :
insmod "$modules/host/vgpu-host.ko"
insmod "$modules/host/backend/vgpu-exec.ko"
# shellcheck disable=SC2034 # mdev_type takes it
parent=/sys/class/mdev_bus/vgpu-$name
make -s -C "$here/../../execd" install >&2
mkdir -p /etc/vgpu "/run/systemd/system/$service.service.d"
echo 'OPTIONS=--engine opencl --memory 256' >/etc/vgpu/$name.conf
# The rest of the distribution stays out of it.
cat >"/run/systemd/system/$service.service.d/test.conf" <<'EOT'
[Unit]
DefaultDependencies=no
[Service]
StandardOutput=append:/run/out/24-systemd.execd.log
StandardError=inherit
EOT
printf '[Unit]\nDefaultDependencies=no\n' >/run/systemd/system/test.target
mount -t cgroup2 cgroup2 /sys/fs/cgroup
# Not busybox's.
/usr/bin/unshare --fork --pid --mount-proc --cgroup --kill-child env container=test \
	/lib/systemd/systemd --unit=test.target --log-target=console >&2 &
outer=$!

# ctl WORD...: systemctl, for that one
ctl() {
	timeout 120 /usr/bin/nsenter -t "$manager" -p -m systemctl --no-ask-password "$@"
}

# show PROPERTY
show() {
	ctl show --value -p "$1" "$service"
}

# shown PROPERTY VALUE: once it is so
shown() {
	end=$(($(cut -d. -f1 /proc/uptime) + 120))
	until [ "$(show "$1")" = "$2" ]; do
		[ "$(cut -d. -f1 /proc/uptime)" -lt "$end" ] || return 1
		sleep 0.5
	done
}

until manager=$(pgrep -P $outer) && ctl list-units >/dev/null 2>&1; do
	kill -0 $outer
	sleep 0.5
done
check unit-start "systemd begins it, and waits for the GPU to be there" ctl start "$service"
check unit-parent "then it is" [ -e "$(mdev_type quarter)" ]
check_eq unit-status "and it tells what it does" "$(show StatusText)" "Driving $name, 256 MiB"
u=00000000-0000-4000-8000-000000000024
mdev_create quarter $u
check unit-jobs "its workers work, with all that the unit takes away" \
	"$client" --test session --test builtins "$mdevs/$u"

first=$(show MainPID)
/usr/bin/nsenter -t "$manager" -p -m kill -9 "$first"
check unit-restart "killed, it begins anew" shown NRestarts 1
check unit-again "and is ready" shown ActiveState active
check unit-again-jobs "and serves" "$client" --test builtins "$mdevs/$u"

/usr/bin/nsenter -t "$manager" -p -m kill -STOP "$(show MainPID)"
check unit-watchdog "standing still, too" shown NRestarts 2
check unit-watchdog-ready "and is ready" shown ActiveState active

check unit-stop "it is stopped" ctl stop "$service"
check_eq unit-result "in peace" "$(show Result) $(show ExecMainStatus)" "success 0"
check_eq unit-workers "no worker is left" "$(pgrep -c vgpu-execd)" 0
mdev_remove $u
kill -9 "$manager"
wait $outer || :
umount /sys/fs/cgroup
