#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh [arb|compare|counts|exec|instructions|neighbour|neighbour-exec|ring]...: measures, and
# writes build/bench.json, build/bench.svg and build/compare.svg.  Of what isn't named the figures
# of the last time remain.
#
# Counts and instructions are taken in nested VMs and are the same on every machine;
# nothing of that is a time, since all time is emulated.  The rings and the arbiter are timed
# natively; what the arbiter is compared with runs in virtual time.
# Documentation/specification.rst says how.
set -eu

repo=$(cd "$(dirname "$0")/.." && pwd)
here=$repo/tests/vm
# shellcheck source=tests/vm/prepare.sh
. "$here/prepare.sh"

out=$repo/build/bench
mkdir -p "$out"

# observe PLAN OPTION...: a run of bench/l1.sh, with more options for L1
observe() {
	plan=$1
	shift
	rm -rf "${out:?}/$plan"
	mkdir -p "$out/$plan"
	if [ "$plan" = instructions ]; then
		prepare_guest "$out/guest-$plan.cpio" -m virtio_blk -f "$out/blk-reader:bin/blk-reader"
	else
		prepare_guest "$out/guest-$plan.cpio"
	fi
	echo "measuring $plan in a nested VM" >&2
	# shellcheck disable=SC2086
	"$here/l1.sh" $kernel_words -o "$out/$plan" -c 1 -m 3G -e "modules=$modules" \
		$guest_words "$@" -- "$repo/bench/l1.sh" "$plan" >&2 ||
		return
	echo "${kernel_words##* }" >"$out/$plan/kernel"
}

# observe_again PLAN OPTION...: the emulator stands still at times (testing.rst); that
# says nothing of the figures
observe_again() {
	status=0
	observe "$@" || status=$?
	[ $status = 126 ] || return $status
	observe "$@"
}

[ $# -gt 0 ] || set -- arb compare ring counts exec instructions neighbour neighbour-exec
vms=
for what; do
	case $what in
	arb | compare | ring) ;;
	counts | exec | instructions | neighbour | neighbour-exec) vms=y ;;
	*)
		echo "usage: run.sh [arb|compare|counts|exec|instructions|neighbour|neighbour-exec|ring]..." >&2
		exit 2
		;;
	esac
done
"$repo/tests/env/apt.sh" python3 gnuplot-nox
if [ "$vms" ]; then
	prepare debian >&2
	"$repo/tests/env/qemu.sh" >/dev/null
fi
for what; do
	case $what in
	arb)
		"$repo/bench/arb.sh" >"$out/arb.json.new"
		mv "$out/arb.json.new" "$out/arb.json"
		;;
	compare)
		"$repo/bench/compare.sh" >"$out/compare.json.new"
		mv "$out/compare.json.new" "$out/compare.json"
		gnuplot -e "dir='$out/compare'; svg='$repo/build/compare.svg'" \
			"$repo/bench/compare.gp"
		python3 "$repo/bench/compare.py" "$out/compare.json" \
			"$repo/Documentation/arbiter.rst" >&2
		;;
	exec)
		"$repo/bench/exec.sh" >"$out/exec.json.new"
		mv "$out/exec.json.new" "$out/exec.json"
		;;
	counts) observe_again counts -t 1200 ;;
	instructions)
		gcc -O2 -Wall -Wextra -static -o "$out/blk-reader" "$repo/bench/blk-reader.c"
		observe_again instructions -i -t 1200
		;;
	neighbour)
		"$repo/bench/neighbour.sh" >"$out/neighbour.json.new"
		mv "$out/neighbour.json.new" "$out/neighbour.json"
		;;
	neighbour-exec)
		for by in kernels workers; do
			"$repo/bench/neighbour.sh" 120 $by >"$out/neighbour-$by.json.new"
			mv "$out/neighbour-$by.json.new" "$out/neighbour-$by.json"
		done
		;;
	ring)
		"$repo/tests/ring/run.sh" >"$out/ring.tap" || :
		"$repo/bench/ring.sh" >"$out/ring.json.new"
		mv "$out/ring.json.new" "$out/ring.json"
		;;
	esac
done
python3 "$repo/bench/report.py" "$out" "$repo/build/bench.json"
if [ -e "$out/counts/readings.json" ] && [ -e "$out/instructions/readings.json" ]; then
	gnuplot -e "data='$out/depth.dat'; svg='$repo/build/bench.svg'" "$repo/bench/plot.gp"
fi
cat "$repo/build/bench.json"
