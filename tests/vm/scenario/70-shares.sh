#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2154 # see scenarios.sh
# Two guests that always have more for the GPU than it can do: each has its share of the
# GPU's time, by weight, and a new weight is in force at once.
. "$here/tap.sh"
. "$here/host.sh"
. "$here/guest.sh"

# In nanoseconds of GPU time: so much of it is looked at
stretch=1500000000

gpu_ns() {
	counter "$1" gpu_ns
}

# used_since A B: the GPU time that both have had since they had A and B is enough
used_since() {
	[ $(($(gpu_ns $u) - $1 + $(gpu_ns $v) - $2)) -ge $stretch ]
}

# shares NAME WEIGHT WEIGHT PERCENT: the first has that share, to within 3 percent of all
shares() {
	echo "$2" >"$mdevs/$u/weight"
	echo "$3" >"$mdevs/$v/weight"
	a=$(gpu_ns $u) b=$(gpu_ns $v)
	wait_for 600 used_since "$a" "$b"
	a=$(($(gpu_ns $u) - a)) b=$(($(gpu_ns $v) - b))
	echo "weights $2 and $3: $a and $b ns" >&2
	check "$1" "weights $2 and $3: $4 percent for the first, not $((a * 100 / (a + b)))" \
		[ $(((a * 100 / (a + b) - $4) * (a * 100 / (a + b) - $4))) -le 9 ]
}

host_load memory=256
u=00000000-0000-4000-8000-000000000070
v=00000000-0000-4000-8000-000000000071
mdev_create quarter $u
mdev_create quarter $v
# So many, and so long, that the GPU has not run dry before the guest's processor has its turn
for g in u v; do
	eval "uuid=\$$g"
	guest_start $g "$uuid" \
		"vgpu-bench --quiet --job sha256 --size 65536 --depth 4096 --jobs 100000000"
done
check shares-both "both guests use the GPU" wait_for 300 \
	sh -c "for d in $vgpu_debugfs/vm*; do [ \$(sed -n 's/^completed //p' \$d/counters) -gt 200 ] || exit 1; done"
shares shares-equal 100 100 50
shares shares-light 100 300 25
shares shares-heavy 300 100 75
shares shares-least 1 10000 0
for g in u v; do
	kill "$(cat /run/guest.$g.pid)"
	guest_wait $g
done
mdev_remove $u
mdev_remove $v
