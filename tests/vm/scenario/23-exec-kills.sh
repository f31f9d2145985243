#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2154 # see scenarios.sh
# kill -9 of executors and workers under load, at points that a seed says, with a ledger of all
# jobs.  VGPU_KILLS=10000 does so more often, VGPU_SEED=N elsewhere.
. "$here/tap.sh"
. "$here/host.sh"
client=$here/../../build/vfio-check

host_load_exec --memory 256
u=00000000-0000-4000-8000-000000000024
mdev_create quarter $u
exec_kill
"$client" --kills "${VGPU_SEED:-1}" "${VGPU_KILLS:-$((40 / less))}" \
	--executor "$here/../../build/tools/vgpu-execd" "$mdevs/$u" >/run/kills ||
	echo "# vfio-check: status $?" >>/run/kills
cat /run/kills
check_eq kills-memory "no memory is left in use" "$(stats $u memory_used_bytes)" 0
grep '^# kills:\|^# .* kills' /run/kills >&2 || :
exec_start --memory 256
check kills-serves "the next executor serves" "$client" --test builtins "$mdevs/$u"
check kills-workers "no worker is left" exec_idle
mdev_remove $u
exec_kill
check kills-unload "and it can all be unloaded" host_unload
