#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2154 # see scenarios.sh
# User-mode queues from a process in a guest to the GPU and back: null jobs, copies that
# are checked, kernels, many contexts and threads at once, by MSI-X and by MSI, and in two
# guests at a time.
. "$here/tap.sh"
. "$here/host.sh"
. "$here/guest.sh"

# ended_well NAME: the guest's programs all returned 0
ended_well() {
	guest_wait "$1"
	check_eq "queues-$1" "every job of guest $1 ended well" "$(guest_status "$1")" 0
}

host_load memory=256
u=00000000-0000-4000-8000-000000000065
v=00000000-0000-4000-8000-000000000066
mdev_create quarter $u
mdev_create quarter $v

guest_start alone $u "set -e; saxpy; vgpu-bench --quiet --jobs $((20000 / less)); \
	vgpu-bench --quiet --jobs $((2000 / less)) --depth 1; \
	vgpu-bench --quiet --job copy --size 65536 --jobs $((500 / less)) --depth 16; \
	vgpu-bench --quiet --job fill --jobs $((2000 / less)) --depth 32; \
	vgpu-bench --quiet --job copy --mailbox --jobs $((50 / less)); \
	vgpu-bench --quiet --job copy --jobs $((1000 / less)) --contexts 16 --depth 4; \
	vgpu-bench --quiet --job copy --jobs $((1000 / less)) --contexts 2 --threads 4 --depth 3; \
	vgpu-bench --quiet --job fill --jobs $((500 / less)) --threads 2 --mailbox; \
	for kernel in vecadd-u32 vecadd-f32 saxpy-f32 matmul-f32 reduce-u32 sha256; do \
	vgpu-bench --quiet --job \$kernel --size 1024 --jobs $((100 / less)) --threads 2 --depth 5; done; \
	vgpu-bench --quiet --job saxpy-f32 --size 1024 --jobs $((20 / less)) --mailbox; \
	vgpu-bench --quiet --poll --jobs $((20000 / less)); \
	rmmod vgpu_guest; insmod /modules/vgpu-guest.ko msix=0; \
	vgpu-bench --quiet --job copy --jobs $((2000 / less)) --contexts 3 --depth 8"
ended_well alone
check_eq queues-memory "no device memory is left in use" "$(stats $u memory_used_bytes)" 0
check_eq queues-failed "no job was refused" "$(stats $u rejected_invalid_request)" 0

guest_start left $u "vgpu-bench --quiet --job copy --jobs $((3000 / less)) --contexts 2"
guest_start right $v "vgpu-bench --quiet --job copy --jobs $((3000 / less)) --contexts 2"
ended_well left
ended_well right
mdev_remove $u
mdev_remove $v
