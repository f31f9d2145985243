#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh: the rings of a queue, natively, between two threads; and libvgpu's queues with
# one thread that submits and one that reaps, once more slowly with every access watched.
# Prints TAP.
set -eu

repo=$(cd "$(dirname "$0")/../.." && pwd)
out=$repo/build/ring
bad=0

# build NAME FLAG... FILE...
build() {
	name=$1
	shift
	cc -O2 -g -std=gnu11 -Wall -Wextra -Werror -D_GNU_SOURCE -pthread -I "$repo/include" \
		-I "$repo/include/uapi" -I "$repo/lib" -o "$out/$name" "$@" >&2
}

"$repo/tests/env/apt.sh" gcc libc6-dev util-linux >&2
mkdir -p "$out"
wrap=-Wl,--wrap=open,--wrap=ioctl,--wrap=mmap,--wrap=munmap
build ring_stress "$repo/tests/ring/ring_stress.c"
build queue_stress "$wrap" "$repo/tests/ring/queue_stress.c" "$repo"/lib/*.c
# It knows no fences, and says so; acquire and release are what this is about.
build queue_stress_tsan -fsanitize=thread -Wno-tsan "$wrap" \
	"$repo/tests/ring/queue_stress.c" "$repo"/lib/*.c

"$out/ring_stress" 10000000 || bad=1
"$out/queue_stress" 1500000 || bad=1
# Some kernels put memory where the sanitizer doesn't expect any, unless told not to.
if TSAN_OPTIONS=halt_on_error=1 setarch -R "$out/queue_stress_tsan" 150000 >&2; then
	echo "ok queue-races - each access of either thread is ordered"
else
	echo "not ok queue-races - each access of either thread is ordered"
	bad=1
fi
exit $bad
