#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# arb.sh: the arbiter as a program, natively.  Prints JSON: nanoseconds per decision (a job
# picked, completed, and submitted again) by number of vGPUs, the least of nine runs, since what
# else the machine does, a thread of another machine's on the same core too, only adds; how many random decisions kept the bound of SFQ(D); how far shares are from fair; for what jobs
# of high wait; how far caps are off; and what the lowest class has at least.
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
for n in 1 16 64 1024 10000; do
	echo "arb: decisions of $n vGPUs" >&2
	ns=$(for _ in 1 2 3 4 5 6 7 8 9; do "$out/arb" cost $n 1000000; done | sort -n | head -n 1)
	echo "  \"ns_$n\": $ns,"
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
