#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2154 # see scenarios.sh
# After everything: what the kernel still holds that nobody refers to.
. "$here/tap.sh"
. "$here/host.sh"

host_load memory=64
host_unload
check leaks-groups "no VFIO group is left" sh -c '! ls /dev/vfio | grep -q "^[0-9]"'
if [ -e /sys/kernel/debug/kmemleak ]; then
	# The first scan may see what is just being freed; the second may not.
	echo scan >/sys/kernel/debug/kmemleak
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	cat /sys/kernel/debug/kmemleak >/run/leaks
	cp /run/leaks /run/out/kmemleak
	check_eq leaks-kmemleak "kmemleak finds nothing of ours" \
		"$(grep -c 'vgpu' /run/leaks)" 0
	check_eq leaks-kmemleak-all "nor anything else" "$(wc -l </run/leaks)" 0
else
	echo "ok leaks-kmemleak - unreferenced memory # SKIP this kernel has no kmemleak"
fi
