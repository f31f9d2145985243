#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh [MODULE...]: runs the KUnit suites on User Mode Linux.
#
# Prints TAP, one line per KUnit case.  Builds tests/kunit with every module in
# it, boots a kernel that has KASAN, UBSAN, lockdep and kmemleak, and loads them
# one by one (or those named, without .ko).  A report by any of these, a warning
# or an oops is a failure; so is a module that runs no suite.
# What was seen stays in build/kunit/out: *.ktap, dmesg, console, kmemleak.
set -eu

here=$(realpath "$(dirname "$0")")
env=$here/../env
work=$(realpath "$here/../..")/build/kunit
out=$work/out
bad=0

not_ok() {
	echo "not ok kunit - $*"
	bad=1
}

# ktap NAME FILE: a TAP line for each case; fails if the file is not complete.
# Suites are at the first level of indentation in it, parameters below cases.
ktap() {
	awk -v module="$1" '
	function plan_ends() {
		if (open && planned != seen) {
			printf "not ok kunit - %s: %s of %s cases ran, %s\n", \
				suite, seen, planned, "the last was " last
			bad = 1
		}
		open = 0
	}
	/^ *KTAP version/ { next }
	/^    # Subtest: / {
		plan_ends()
		suite = $3
		planned = -1
		seen = 0
		last = "none"
		open = 1
		suites++
	}
	/^    1\.\.[0-9]+/ { planned = substr($1, 4) }
	/^    (not )?ok [0-9]+/ {
		line = $0
		ok = line !~ /^ *not/
		sub(/^ *(not )?ok [0-9]+ (- )?/, "", line)
		skip = line ~ /# SKIP/ ? line : ""
		sub(/.*# SKIP/, " # SKIP", skip)
		sub(/ *#.*/, "", line)
		printf "%s kunit - %s: %s%s\n", ok ? "ok" : "not ok", \
			suite, line, skip
		seen++
		last = line
		bad = bad || !ok
	}
	/^(not )?ok [0-9]+/ { plan_ends() }
	END {
		plan_ends()
		if (!suites) {
			printf "not ok kunit - %s: no suite ran\n", module
			bad = 1
		}
		exit bad
	}' "$2"
}

# The first line of anything that a kernel says when it finds itself wrong.
splat='BUG: |BUG at |WARNING: |KASAN: |UBSAN: |INFO: (trying|rcu|possible|task)'
splat="$splat|DEBUG_LOCKS_WARN|possible (recursive|circular|irq)|held lock freed"
splat="$splat|ODEBUG: |list_(add|del) corruption|Kernel panic|Oops|Call Trace"
splat="$splat|sleeping function called|unreferenced object"

"$env/apt.sh" gcc make busybox-static kmod
source=$("$env/source.sh")
kernel=$("$env/kernel.sh" uml)
mkdir -p "$work"
exec 8>"$work/lock"
flock 8
"$env/copy.sh" "$work/tree"
echo "building tests/kunit" >&2
find "$work/tree" -name '*.ko' -exec rm -f {} +
make -s -C "$source" O="$kernel" ARCH=um M="$work/tree" VGPU_KUNIT=1 \
	-j"$(nproc)" modules >&2

rm -rf "$out"
mkdir -p "$out"
if [ $# -gt 0 ]; then
	names=$*
else
	names=$(find "$work/tree/tests/kunit" -name '*.ko' -printf '%f\n' |
		sed 's/\.ko$//' | sort)
fi
[ -n "$names" ] || not_ok "tests/kunit has no module"
for n in $names; do
	echo "$work/tree/tests/kunit/$n.ko"
done >"$out/modules"

echo "booting" >&2
timeout --kill-after=10 1500 "$kernel/linux" mem=512M rootfstype=hostfs ro \
	con=null con0=null,fd:2 ssl=null panic=-1 ignore_loglevel \
	log_buf_len=4M kunit.enable=1 kasan_multi_shot \
	init="$here/init.sh" vgpu_out="$out" \
	>"$out/console" 2>&1 </dev/null 8>&- || echo "linux says $?" >&2
# A terminal is not always there to be put right again.
cat "$out/console" >&2

for n in $names; do
	if [ ! -e "$out/$n.ktap" ]; then
		not_ok "$n: did not load, or did not get to its end"
		# How far it got, then.
		sed -n "/run.sh: loading $n\$/,/run.sh: loading /s/^\[[^]]*\] //p" \
			"$out/console" >"$out/$n.ktap"
	fi
	ktap "$n" "$out/$n.ktap" || bad=1
done

# The console has what came before a crash, the log what a console may lose.
cat "$out/console" "$out/dmesg" "$out/kmemleak" 2>/dev/null |
	grep -E "$splat" | awk '!seen[$0]++' >"$out/splats" || true
if [ -s "$out/splats" ]; then
	not_ok "the kernel reports: $(sed 's/^\[[^]]*\] *//; s/#//g; q' "$out/splats")"
elif ! grep -q 'run.sh: end' "$out/console"; then
	not_ok "the kernel did not get to the end"
else
	echo "ok kunit - no report by KASAN, UBSAN, lockdep or kmemleak"
fi

# What matters most comes last in the log.
if [ $bad != 0 ]; then
	echo "--- excerpts; the whole of it is in $out" >&2
	grep -h -B 8 '^    not ok' "$out"/*.ktap | tail -n 18 >&2 || true
	cat "$out/console" "$out/kmemleak" 2>/dev/null |
		grep -E -m 1 -B 1 -A 18 "$splat" >&2 || true
fi
exit $bad
