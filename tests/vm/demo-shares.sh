# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# demo-shares.sh: sourced by demo-l1.sh, its second act.  A heavy and a light guest share
# the GPU by weight, and the weights change while they run; then a guest whose jobs hang
# is quarantined, beside one that goes on, and released.

# So much GPU time is looked at, in nanoseconds
demo_stretch=1500000000

# measure: GPU time of $u1 and $u2 from now on, until both together had enough: $a and $b
measure() {
	begin_a=$(stats "$u1" gpu_time_ns) begin_b=$(stats "$u2" gpu_time_ns)
	while :; do
		a=$(($(stats "$u1" gpu_time_ns) - begin_a)) b=$(($(stats "$u2" gpu_time_ns) - begin_b))
		[ $((a + b)) -lt $demo_stretch ] || break
		sleep 0.2
	done
}

# weigh HEAVY LIGHT PERCENT: with these weights the heavy one has so much
weigh() {
	echo "$1" >"$mdevs/$u1/weight"
	echo "$2" >"$mdevs/$u2/weight"
	measure
	say "  weights $1 and $2: heavy had $((a * 100 / (a + b))) %, light $((b * 100 / (a + b))) % of the GPU's time"
	[ $(((a * 100 / (a + b) - $3) * (a * 100 / (a + b) - $3))) -le 25 ] ||
		failed "that should be $3 %"
}

say "second act: a guest with jobs four times as long as another's, both without end"
start heavy "$u1" "vgpu-bench --quiet --job sha256 --size 131072 --depth 256 --jobs 100000000"
start light "$u2" "vgpu-bench --quiet --job sha256 --size 32768 --depth 1024 --jobs 100000000"
for u in "$u1" "$u2"; do
	before=$(stats "$u" completed)
	while [ $(($(stats "$u" completed) - before)) -lt 100 ]; do
		if [ -e /run/heavy.rc ] || [ -e /run/light.rc ]; then
			failed "a guest of the second act ended"
		fi
		sleep 0.3
	done
done
say "echo WEIGHT > .../weight, while they run:"
weigh 100 300 25
weigh 300 100 75
kill "$(cat /run/heavy.pid)"
while [ ! -e /run/heavy.rc ]; do
	sleep 0.3
done

say "a guest whose jobs run longer than they may: echo 20 > .../job_timeout_ms"
echo 20 >"$mdevs/$u1/job_timeout_ms"
start hang "$u1" "for i in 1 2 3; do
	vgpu-bench --quiet --job sha256 --size 33554432 --depth 1 --jobs 1
done
until vgpu-run compute; do sleep 0.5; done"
until [ "$(cat "$mdevs/$u1/quarantine")" = 1 ]; do
	[ ! -e /run/hang.rc ] || failed "the guest that hangs ended before it was quarantined"
	sleep 0.3
done
say "after $(stats "$u1" failed_timeout) of these vm_id $(vm_id "$u1") is quarantined"
measure
say "  it has $((a * 100 / (a + b))) %, the light guest $((b * 100 / (a + b))) % of the GPU's time"
[ "$a" = 0 ] || failed "it should have nothing"
say "echo 0 > .../quarantine"
echo 0 >"$mdevs/$u1/quarantine"
while [ ! -e /run/hang.rc ]; do
	sleep 0.3
done
[ "$(cat /run/hang.rc)" = 0 ] || failed "released, it doesn't compute"
say "and it computes again"
kill "$(cat /run/light.pid)"
while [ ! -e /run/light.rc ]; do
	sleep 0.3
done
