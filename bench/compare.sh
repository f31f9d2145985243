#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# compare.sh: the arbiter and other rules, the same jobs through each, in virtual time.
# Prints JSON, the same on every machine; build/bench/compare gets a file for each run, with
# the shares of GPU time in windows of 10 ms.
set -eu

repo=$(cd "$(dirname "$0")/.." && pwd)
out=$repo/build/bench
rm -rf "$out/compare"
mkdir -p "$out/compare"
"$repo/bench/native/cc.sh" "$out/compare/compare" "$repo/bench/compare.c" "$repo/bench/sim.c" \
	"$repo/bench/sim_check.c" "$repo"/bench/rule*.c
echo "compare: does the simulation do what was worked out by hand?" >&2
"$out/compare/compare" check
"$out/compare/compare" run "$out/compare"
