#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2154 # see scenarios.sh
# A hostile VMM beside a good one: the good one gets the right answers.  The hostile
# one takes memory away from under its queues, which through a container is more than
# lockdep bears from VFIO itself (locking.rst): so by iommufd where there is one.
. "$here/tap.sh"
. "$here/host.sh"
client=$here/../../build/vfio-check

host_load memory=256
u=00000000-0000-4000-8000-000000000040
v=00000000-0000-4000-8000-000000000041
mdev_create quarter $u
mdev_create quarter $v
ops=$((20000 / less)) road=''
[ ! -e /dev/iommu ] || road=--iommufd
# shellcheck disable=SC2086 # $road is a word or none
"$client" $road --hostile "$(date +%s)" $ops "$mdevs/$u" >/run/hostile.tap 2>&1 &
hostile=$!
jobs=0 rc=0
while [ -d /proc/$hostile ] && [ "$jobs" -lt 100000 ]; do
	"$client" --victim 500 "$mdevs/$v" >/run/victim.out 2>&1 || rc=$?
	jobs=$((jobs + 500))
	[ "$rc" = 0 ] || break
done
check_eq neighbour-victim "$jobs jobs beside a hostile VMM, all answers right" "$rc" 0
cat /run/victim.out >&2
rc=0
wait $hostile || rc=$?
cat /run/hostile.tap >&2
check_eq neighbour-hostile "$ops hostile operations, and then a good request works" "$rc" 0
check_eq neighbour-memory "no memory is left in use" "$(stats $u memory_used_bytes)" 0
summary $u
mdev_remove $u

# A storm of doorbells, of which the host has seen exactly those that are doorbells.
mdev_create quarter $u
"$client" --test bad-doorbells "$mdevs/$u" >/run/storm.out 2>&1 || :
cat /run/storm.out >&2
check_eq neighbour-storm "doorbells that the host counts in a storm of all writes to BAR2" \
	"$(counter $u doorbells)" "$(sed -n 's/.*rang \([0-9]*\) times/\1/p' /run/storm.out)"
mdev_remove $u
mdev_remove $v
