#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# neighbour.sh [SECONDS [cpu|kernels|workers]]: what a hostile guest costs the one beside it.
#
# Two guests share one processor and one GPU: one always has jobs of some milliseconds waiting in
# a queue; the other attacks, in turn by each means that it has.  Instructions are counted, so that
# time in L1 is their number and the same in every run.  How many jobs of the victim's are done
# beside each attack is compared with those beside a guest of the same weight that does as it does,
# and uses all of its processor ("fair"): 1 means that an attack costs others nothing that is not
# the attacker's share.
#
#	cpu	the in-kernel engine, and nested guests: raw_bar0 --attack
#	kernels	vgpu-execd with OpenCL on the processor, and VFIO clients: vfio-check --attack, what
#		guests can do by modules, kernels and objects
#	workers	vgpu-execd with the reference engine, and VFIO clients: vfio-check --attack
#		--workers, what workers do that a guest has taken over
#
# What kernel threads have run, less the time of the GPU if that is one of them, for each thing
# that the attacker wanted is host_us_per_event; that of "fair" is what a good job takes.
#
# Prints JSON.
set -eu

repo=$(cd "$(dirname "$0")/.." && pwd)
here=$repo/tests/vm
# shellcheck source=tests/vm/prepare.sh
. "$here/prepare.sh"

seconds=${1:-180}
what=${2:-cpu}
out=$repo/build/neighbour
mkdir -p "$out"
"$repo/tests/env/qemu.sh" >/dev/null
prepare debian >&2
guest_words=''
if [ "$what" = cpu ]; then
	make -C "$repo/tests/uapi" >&2
	prepare_guest "$out/guest.cpio"
else
	"$repo/tests/env/apt.sh" ocl-icd-opencl-dev pocl-opencl-icd binutils libc6-dev \
		libgcc-12-dev libmd-dev libseccomp-dev pkg-config
	make -C "$repo/execd" >&2
	make -C "$repo/tests/execd" >&2
	make -C "$repo/tests/vfio" >&2
fi
# shellcheck disable=SC2086
"$here/l1.sh" $kernel_words -o "$out" -i -m 3G -t 3000 -e "modules=$modules" \
	$guest_words -- "$repo/bench/neighbour-l1.sh" "$seconds" "$what" >&2
cat "$out/neighbour.json"
