#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# ring.sh: nanoseconds per job through a queue's rings, natively, beside Linux's own
# ringtest in the same run.  Prints JSON.  The median of five runs of each, one after
# the other in turn, so that what else the machine does meets all of them.
#
# Two threads on two processors that never sleep, in both.  "lines" is what two lines of
# cache take there and back without any protocol: what the machine makes of depth 1.
set -eu

repo=$(cd "$(dirname "$0")/.." && pwd)
out=$repo/build/bench/ring
"$repo/tests/env/apt.sh" gcc make libc6-dev >&2
mkdir -p "$out"
cc -O2 -std=gnu11 -Wall -Wextra -pthread -I "$repo/include" -I "$repo/include/uapi" \
	-o "$out/ring" "$repo/bench/ring.c"
source=$("$repo/tests/env/source.sh")
rm -rf "$out/tools" "$out"/*.?.* "$out"/*.256.*
mkdir -p "$out/tools/virtio" "$out/include/linux"
cp -r "$source/tools/virtio/ringtest" "$out/tools/virtio"
cp "$source/include/linux/ptr_ring.h" "$out/include/linux"
make -C "$out/tools/virtio/ringtest" ring virtio_ring_0_9 >&2

jobs=10000000
# peer PROGRAM DEPTH: it tells no time of its own
peer() {
	begin=$(date +%s%N)
	"$out/tools/virtio/ringtest/$1" --guest-affinity 0 --host-affinity 1 \
		--run-cycles $jobs --outstanding "$2" >/dev/null
	echo $((($(date +%s%N) - begin) / (jobs / 10)))
}

for i in 1 2 3 4 5; do
	"$out/ring" 0 $jobs >>"$out/lines.1.$i"
	for depth in 1 256; do
		echo "ring: run $i of 5, depth $depth" >&2
		"$out/ring" $depth $jobs >>"$out/queue.$depth.$i"
		peer ring $depth >>"$out/ring.$depth.$i"
		peer virtio_ring_0_9 $depth >>"$out/virtio_ring_0_9.$depth.$i"
	done
done

median() {
	cat "$out/$1".? | sort -n | sed -n "$2p"
}

printf '{\n  "lines": %s' "$(median lines.1 3)"
for name in queue ring virtio_ring_0_9; do
	for depth in 1 256; do
		value=$(median $name.$depth 3)
		[ $name = queue ] || value=$(echo "$value" | sed 's/.$/.&/')
		printf ',\n  "%s_depth_%s": %s' $name $depth "$value"
	done
done
printf '\n}\n'
