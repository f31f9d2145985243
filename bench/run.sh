#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh: measures, and writes build/bench.json.
#
# Counts are taken in a nested VM from KVM's own statistics and are the same on
# every machine; nothing of that is a time, since all time is emulated.  The rings
# are timed natively.
set -eu

repo=$(cd "$(dirname "$0")/.." && pwd)
here=$repo/tests/vm
# shellcheck source=tests/vm/prepare.sh
. "$here/prepare.sh"

mkdir -p "$repo/build"
prepare debian >&2
"$repo/tests/env/qemu.sh" >/dev/null
out=$repo/build/bench
mkdir -p "$out"
rm -f "$out/bench.json"
echo "measuring in a nested VM" >&2
# shellcheck disable=SC2086
"$here/l1.sh" $kernel_words -o "$out" -c 1 -m 3G -t 600 -e "modules=$modules" \
	-e "guest_kernel=" -e "guest_module=$modules/guest/vgpu-guest.ko" \
	-e "guest_programs=$guest_programs" -- "$repo/bench/l1.sh"
"$repo/bench/ring.sh" >"$out/ring.json"
python3 - "$out/bench.json" "$out/ring.json" >"$repo/build/bench.json" <<-'EOF'
	import json
	import sys

	bench, ring = (json.load(open(name, encoding="utf-8")) for name in sys.argv[1:])
	json.dump(bench | {"ring_ns": ring}, sys.stdout, indent=1)
	print()
EOF
cat "$repo/build/bench.json"
