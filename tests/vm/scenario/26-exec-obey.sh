#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2034,SC2154 # see scenarios.sh
# Workers that a guest has taken over, in vgpu-execd's own sandbox: each ends with an error for its
# guest and a line in the log, and the guest has the next one.  bench/neighbour.sh has what that
# costs others.
. "$here/tap.sh"
. "$here/host.sh"
client=$here/../../build/vfio-check

execd_preload=$here/../../build/tests/execd/obey.so
host_load_exec --memory 256
u=00000000-0000-4000-8000-000000000026
mdev_create quarter $u
echo 2000 >"$mdevs/$u/job_timeout_ms"
echo 0 >"$parent/fault_threshold"
echo "exec-obey begins" >/dev/kmsg
"$client" --test exec-obey "$mdevs/$u" || echo "# vfio-check: status $?"

# said TEXT: how often the log has said that since
said() {
	dmesg | sed '1,/exec-obey begins/d' | grep -c "the worker of vm_id $(vm_id $u) $1" || :
}

check_eq obey-said-given "the log says four times that what wasn't given was completed" \
	"$(said "completed what it was not given")" 4
check_eq obey-said-gone "three times that a worker is gone" "$(said "is gone")" 3
check_eq obey-said-long "and three times that one takes too long" "$(said "takes too long")" 3
check_eq obey-said "and no more" "$(said '')" 10
check obey-workers "no worker is left" exec_idle
check_eq obey-memory "no memory is left in use" "$(stats $u memory_used_bytes)" 0
mdev_remove $u
exec_kill
unset execd_preload
check obey-unload "and it can all be unloaded" host_unload
