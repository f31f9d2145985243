#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh: vgpu-sim measures, and says so if a result is wrong.  No time is judged here.
#
# Prints TAP.  Everything has been built.
# shellcheck disable=SC2317 # check() calls the functions
set -eu

cd "$(dirname "$0")/../.."
sim=build/tools/vgpu-sim
broken=build/tests/sim/broken-sim
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0

# check NAME TEXT COMMAND...
check() {
	name=$1 text=$2
	shift 2
	if "$@" >&2; then
		echo "ok $name - $text"
	else
		echo "not ok $name - $text"
		bad=1
	fi
}

# status WANT COMMAND...
status() {
	want=$1
	shift
	rc=0
	"$@" || rc=$?
	[ "$rc" = "$want" ]
}

# figures JSON DEVICE: one cell of two tenants; all that is done is done for one of them or for
# the other, who is to have 95 percent of it by its weight
figures() {
	python3 - "$1" "$2" <<-'EOF'
	import json, sys
	with open(sys.argv[1]) as f:
	    got = json.load(f)
	print(got)
	cell, = got["cells"]
	light, heavy = cell["tenant"]
	assert got["device"].startswith(sys.argv[2]) and got["is_cpu"] is True
	assert (cell["tenants"], light["weight"], heavy["weight"]) == (2, 100, 1900)
	for part in "work_percent", "time_percent":
	    assert abs(light[part] + heavy[part] - 100) < 0.01
	    assert light[part] > 0 and heavy[part] > 70
	assert cell["jobs"] > 0 and cell["native_per_s"] > 0 and cell["vgpu_percent"] > 0
	EOF
}

# measures ENGINE DEVICE
measures() {
	"$sim" --engine "$1" --tenants 2 --kernel-us 200 --weights 100,1900 --seconds 1 --json \
		>"$tmp/json" 2>"$tmp/said" || { cat "$tmp/said"; return 1; }
	figures "$tmp/json" "$2" && grep '2 tenants, 200 us: round 5 of 5' "$tmp/said"
}

# As many cells as there are numbers, and all columns in each of them
forms() {
	"$sim" --tenants 1,3 --kernel-us 20,50 --seconds 1 --window 4 --depth 2 --charge engine \
		--tsv --plot "$tmp/it's.svg" >"$tmp/tsv" 2>"$tmp/said" ||
		{ cat "$tmp/said"; return 1; }
	cat "$tmp/tsv"
	[ "$(cut -f 1,2 "$tmp/tsv" | tr '\t\n' '. ')" = \
		"tenants.kernel_us 1.20 3.20 1.50 3.50 " ] &&
		[ "$(awk -F '\t' '{ print NF }' "$tmp/tsv" | sort -u)" = 18 ] &&
		grep -q '>3 tenants<' "$tmp/it's.svg" || return 1
	"$sim" --tenants 1 --kernel-us 20 --seconds 1 >"$tmp/table" 2>"$tmp/said" &&
		cat "$tmp/table" && grep -q '(a CPU, no GPU)' "$tmp/table" &&
		[ "$(tail -n 1 "$tmp/table" | wc -w)" = 13 ]
}

# found ENGINE WORDS: a run with an engine that is broken fails, with these words, and no cell
found() {
	status 1 "$broken" --engine "$1" --tenants 2 --kernel-us 20 --seconds 1 --tsv \
		>"$tmp/tsv" 2>"$tmp/said" && tail -n 1 "$tmp/said" && grep -q "$2" "$tmp/said" &&
		[ "$(wc -l <"$tmp/tsv")" = 1 ]
}

lost="a job's result is wrong, or one was lost or ran twice"

usage() {
	status 0 "$sim" --help && "$sim" --list | grep '^reference: ' || return 1
	for words in "--nonsense" "nonsense" "--engine nonsense" "--tenants 0" "--tenants 65" \
		"--tenants 1,1" "--tenants 1," "--tenants ,1" "--tenants 1/2" "--tenants ''" \
		"--tenants 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17" "--kernel-us 0" \
		"--kernel-us 100001" "--kernel-us 1.5" "--weights 0" "--weights 10001" \
		"--weights x" "--window 0" "--window 2049" "--depth 0" "--depth 65" \
		"--seconds 0" "--seconds -1" "--seconds 3601" "--charge nonsense" "--plot"; do
		eval "set -- $words"
		status 2 "$sim" "$@" || {
			echo "vgpu-sim takes $words"
			return 1
		}
	done
	status 1 "$sim" --device 0 && status 1 "$sim" --engine opencl --device nonsense &&
		status 1 env PATH=/nonexistent "$sim" --plot "$tmp/svg"
}

tests/env/apt.sh gnuplot-nox python3
build/tests/sim/sim_test || bad=1
check sim-usage "vgpu-sim refuses nonsense" usage
check sim-reference "it measures the reference engine, and weights count" \
	measures reference reference
check sim-opencl "it measures OpenCL, beside a plain program" measures opencl ''
# The stand-in is a device whose kernels this machine's processors run, and it doesn't say so.
check sim-cuda "it measures CUDA, of which there is a stand-in here" \
	env "LD_LIBRARY_PATH=build/tests/execd/standin" "$sim" --engine cuda --tenants 1,2 \
	--kernel-us 200 --seconds 1
check sim-forms "a table, lines for programs, a picture" forms
check sim-lost "a job of a tenant's that isn't run is found" found losing "$lost"
check sim-twice "a job of a tenant's that is run twice is found" found repeating "$lost"
check sim-wrong "a result that is wrong is found" found wrong "$lost"
check sim-native "a result of the plain program that is wrong is found" found plain "$lost"
check sim-failed "a job of a tenant's that fails ends it" found failing 'a job failed'
check sim-refused "an engine that runs nothing is found out" found refusing 'a job failed'
exit $bad
