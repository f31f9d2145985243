#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# neighbour.sh [SECONDS]: what a hostile guest costs the one beside it.
#
# Two nested guests share one processor and one GPU: one does copies of 4 KiB through a
# queue, each of them checked; the other attacks, in turn by each means that raw_bar0
# --attack has.  Instructions are counted, so that time in L1 is their number and the
# same in every run: the victim's jobs in a stretch of it, beside each attack, are
# compared with those beside a guest that only uses its processor.  So 1 means that an
# attack costs others nothing that is not the attacker's own share of the processor.
#
# The arbiter is first come, first served: valid jobs without end (valid_nops) are not an
# attack that it could hold off, and stand there for comparison.
#
# Prints JSON, and leaves it in build/neighbour.json.
set -eu

repo=$(cd "$(dirname "$0")/.." && pwd)
here=$repo/tests/vm
# shellcheck source=tests/vm/prepare.sh
. "$here/prepare.sh"

mkdir -p "$repo/build"
prepare debian >&2
make -C "$repo/tests/uapi" >&2
"$repo/tests/env/qemu.sh" >/dev/null
out=$repo/build/neighbour
mkdir -p "$out"
# shellcheck disable=SC2086
"$here/l1.sh" $kernel_words -o "$out" -i -m 3G -t 3000 -e "modules=$modules" \
	-e "guest_kernel=" -e "guest_module=$modules/guest/vgpu-guest.ko" \
	-e "guest_programs=$guest_programs" -- "$repo/bench/neighbour-l1.sh" "${1:-14}" >&2
cp "$out/neighbour.json" "$repo/build"
cat "$repo/build/neighbour.json"
