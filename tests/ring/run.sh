#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh: the rings of a queue, natively, between two threads.  Prints TAP.
set -eu

repo=$(cd "$(dirname "$0")/../.." && pwd)
"$repo/tests/env/apt.sh" gcc libc6-dev >&2
mkdir -p "$repo/build/ring"
cc -O2 -g -std=gnu11 -Wall -Wextra -Werror -pthread -I "$repo/include" \
	-I "$repo/include/uapi" -o "$repo/build/ring/ring_stress" \
	"$repo/tests/ring/ring_stress.c" >&2
exec "$repo/build/ring/ring_stress" 10000000
