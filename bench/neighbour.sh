#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# neighbour.sh [SECONDS]: what a hostile guest costs the one beside it.
#
# Two nested guests share one processor and one GPU: one always has jobs of some
# milliseconds waiting in a queue; the other attacks, in turn by each means that raw_bar0
# --attack has.  Instructions are counted, so that time in L1 is their number and the
# same in every run.  How many jobs of the victim's are done beside each attack is
# compared with those beside a guest of the same weight that does as it does, and uses all of its
# processor ("fair"): 1 means that an attack costs others nothing that is not the attacker's share.
#
# What kernel threads have run, less the time of the GPU, for each thing that the attacker
# wanted is host_us_per_event; that of "fair" is what a good job takes.
#
# Prints JSON.
set -eu

repo=$(cd "$(dirname "$0")/.." && pwd)
here=$repo/tests/vm
# shellcheck source=tests/vm/prepare.sh
. "$here/prepare.sh"

out=$repo/build/neighbour
mkdir -p "$out"
make -C "$repo/tests/uapi" >&2
"$repo/tests/env/qemu.sh" >/dev/null
prepare debian >&2
prepare_guest "$out/guest.cpio"
# shellcheck disable=SC2086
"$here/l1.sh" $kernel_words -o "$out" -i -m 3G -t 3000 -e "modules=$modules" \
	$guest_words -- "$repo/bench/neighbour-l1.sh" "${1:-180}" >&2
cat "$out/neighbour.json"
