#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2154 # see scenarios.sh
# Guests whose GPU a process drives: every built-in kernel by queues and by the mailbox, in two
# guests at once.
. "$here/tap.sh"
. "$here/host.sh"
. "$here/guest.sh"

jobs=$((4000 / less))
host_load_exec --memory 256
u=00000000-0000-4000-8000-000000000077
v=00000000-0000-4000-8000-000000000078
mdev_create quarter $u
mdev_create quarter $v

# commands [OPTION]
commands() {
	echo "set -e; vgpu-run compute --repeat $jobs $*"
	for k in vecadd-u32 vecadd-f32 saxpy-f32 reduce-u32; do
		echo "vgpu-run $k --n 1500 $*"
	done
	echo "vgpu-run matmul-f32 --n 12 $*; vgpu-run sha256 --size 5001 $*"
}

guest_start one $u "$(commands)"
guest_start two $v "$(commands --mailbox)"
guest_wait one
guest_wait two
for g in one two; do
	check_eq exec-status "guest $g ended well" "$(guest_status $g)" 0
	check exec-jobs "guest $g did $jobs jobs, all answers right" \
		grep -q "^compute: $jobs jobs, 0 mismatches" "/run/guest.$g"
	check_eq exec-kernels "guest $g ran 6 built-in kernels, all results right" \
		"$(grep -c 'result matches' "/run/guest.$g")" 6
done
check exec-workers "no worker is left" exec_idle
mdev_remove $u
mdev_remove $v
exec_kill
