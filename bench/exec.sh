#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# exec.sh: null jobs of a VFIO client through the executor, and through the in-kernel engine, in
# a VM.  Prints JSON:
#
#	instructions	per job, of client, kernel and worker together, by backend and depth;
#			all runs of each
#	calls		system calls of executor and worker per job, by processors of the VM and depth
#
# Leaves all output in build/bench/exec.
set -eu

repo=$(cd "$(dirname "$0")/.." && pwd)
here=$repo/tests/vm
# shellcheck source=tests/vm/prepare.sh
. "$here/prepare.sh"
out=$repo/build/bench/exec
rm -rf "$out"
mkdir -p "$out"
prepare debian >&2
make -C "$repo/tests/vfio" >&2
make -C "$repo/execd" >&2

# l1 NAME WHAT OPTION...
l1() {
	name=$1 what=$2
	shift 2
	mkdir -p "$out/$name"
	# shellcheck disable=SC2086
	"$here/l1.sh" $kernel_words -o "$out/$name" -m 2G -t 600 -e "modules=$modules" "$@" -- \
		"$repo/bench/exec-l1.sh" "$what" >"$out/$name.out"
	cat "$out/$name.out" >&2
}

l1 instructions instructions -i
l1 calls-1 calls -c 1
l1 calls-2 calls -c 2
python3 - "$out" <<'EOF'
import json
import sys

def lines(name):
    with open(f"{sys.argv[1]}/{name}.out", encoding="utf-8") as f:
        return [line.split() for line in f if line.split()[:1] in (["busy"], ["calls"])]

figures = {"instructions": {}, "calls": {}}
for _, backend, depth, jobs, ns in lines("instructions"):
    runs = figures["instructions"].setdefault(f"{backend}_depth_{depth}", [])
    runs.append(round(int(ns) / int(jobs)))
for cpus in (1, 2):
    for _, depth, jobs, calls in lines(f"calls-{cpus}"):
        figures["calls"][f"cpus_{cpus}_depth_{depth}"] = round(int(calls) / int(jobs), 4)
print(json.dumps(figures, indent=1))
EOF
