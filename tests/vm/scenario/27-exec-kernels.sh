#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2154 # see scenarios.sh
# Modules and kernels of a guest's own that do their worst, by OpenCL on the processor: each ends
# with an error for its guest, and a line in the log if it has cost a worker; and the guest goes on.
# bench/neighbour.sh has what that costs others.
. "$here/tap.sh"
. "$here/host.sh"
client=$here/../../build/vfio-check

host_load_exec --engine opencl --memory 256
# emulated, PoCL needs as long to load its compiler as a module may take
echo 300 >/sys/module/vgpu_exec/parameters/build_s
u=00000000-0000-4000-8000-000000000027
mdev_create quarter $u
# and to compile a kernel when it is launched for the first time, or behind that of another
echo 90000 >"$mdevs/$u/job_timeout_ms"
echo 0 >"$parent/fault_threshold"
echo "exec-kernels begins" >/dev/kmsg
"$client" --test exec-kernels "$mdevs/$u" || echo "# vfio-check: status $?"

# said TEXT: how often the log has said that since
said() {
	dmesg | sed '1,/exec-kernels begins/d' | grep -c "the worker of vm_id $(vm_id $u) $1" || :
}

check_eq kernels-said-gone "the log says for each that was ended that it is gone" \
	"$(said "is gone")" 4
check_eq kernels-said-long "and of one that it took too long" "$(said "takes too long")" 1
check_eq kernels-said "and no more" "$(said '')" 5
check kernels-workers "no worker is left" exec_idle
check_eq kernels-memory "no memory is left in use" "$(stats $u memory_used_bytes)" 0
mdev_remove $u
exec_kill
check kernels-unload "and it can all be unloaded" host_unload
