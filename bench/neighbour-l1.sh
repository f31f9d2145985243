#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# neighbour-l1.sh SECONDS: the part of neighbour.sh that runs in L1.
set -eu

repo=$(cd "$(dirname "$0")/.." && pwd)
here=$repo/tests/vm
modules=${modules:?}
# shellcheck source=tests/vm/host.sh
. "$here/host.sh"
# shellcheck source=tests/vm/guest.sh
. "$here/guest.sh"
# shellcheck source=tests/vm/tap.sh
. "$here/tap.sh"

u=a297db4a-f4c2-11e6-90f6-d3b88d6c9525
v=a297db4a-f4c2-11e6-90f6-d3b88d6c9526

works() {
	[ "$(stats $v completed)" -ge 100 ]
}

host_load memory=256
mdev_create quarter $u
mdev_create quarter $v
guest_start victim $v "vgpu-bench --quiet --job sha256 --size 131072 --jobs 100000000 --depth 16"
guest_start attacker $u "rmmod vgpu_guest; raw_bar0 --attack 400"
wait_for 3000 works
wait_for 3000 guest_saw attacker '# attack'
attacks=$(sed -n 's/^# attack \([0-9]*\) /\1=/p' /run/guest.attacker)
# shellcheck disable=SC2086 # words
python3 "$repo/bench/neighbour.py" "$1" "$vgpu_debugfs/vm$(vm_id $u)" $mdevs/$u \
	"$vgpu_debugfs/vm$(vm_id $v)" $mdevs/$v $attacks >/run/out/neighbour.json
for guest in victim attacker; do
	kill "$(cat /run/guest.$guest.pid)"
	guest_wait $guest
done
mdev_remove $u
mdev_remove $v
host_unload
