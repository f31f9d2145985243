#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# arb.sh: the arbiter as a program, natively.  Prints JSON: nanoseconds per decision (a job
# picked, completed, and submitted again) by number of vGPUs, the least of nine runs, one number
# after the other in turn: what else the machine does, and another's thread on the same core, only
# adds, for seconds at a time; how many random decisions kept the bound of SFQ(D); how far shares
# are from fair; for what jobs of high wait; how far caps are off; and what the lowest class has at
# least.
#
# Built from the driver's own files, with what Linux's tools have for such programs.
set -eu

repo=$(cd "$(dirname "$0")/.." && pwd)
out=$repo/build/bench
mkdir -p "$out"
"$repo/bench/native/cc.sh" "$out/arb" "$repo/bench/arb.c"
"$repo/bench/native/cc.sh" "$out/arb_policy" "$repo/bench/arb_policy.c"

decisions=100000000
echo "{"
rm -f "$out"/ns.*
for run in 1 2 3 4 5 6 7 8 9; do
	echo "arb: decisions, run $run of 9" >&2
	for n in 1 16 64 1024 10000; do
		"$out/arb" cost $n 1000000 >>"$out/ns.$n"
	done
done
for n in 1 16 64 1024 10000; do
	echo "  \"ns_$n\": $(sort -n "$out/ns.$n" | head -n 1),"
done
echo "arb: the bound in $decisions decisions" >&2
# A bound that is broken ends it early, and says for whom.
kept=$("$out/arb" bound $decisions "$(date +%s)") || kept=0
echo "  \"bound_decisions\": $kept,"
echo "  \"shares_equal\": $("$out/arb" shares 64 equal),"
echo "  \"shares_weighted\": $("$out/arb" shares 64 weighted),"
echo "arb: arrivals in the highest class" >&2
echo "  \"high\": $("$out/arb_policy" arrivals 10000000 "$(date +%s)"),"
echo "arb: caps, and the minimum of the lowest class" >&2
echo "  \"cap_error\": $("$out/arb_policy" caps "$(date +%s)"),"
echo "  \"lowest_class\": $("$out/arb_policy" minimum 32 "$(date +%s)")"
echo "}"
