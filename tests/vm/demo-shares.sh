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

# bench OPTION...: what a guest is told to do without end, and $! stays what ends it
bench() {
	echo "vgpu-bench --quiet $* --jobs 100000000 & bench=\$!"
}

say "second act: vm1 with jobs four times as long as vm2's, both without end"
tell vm1 "$(bench --job sha256 --size 131072 --depth 256)"
tell vm2 "$(bench --job sha256 --size 32768 --depth 1024)"
await vm1 && await vm2
for u in "$u1" "$u2"; do
	before=$(stats "$u" completed)
	while [ $(($(stats "$u" completed) - before)) -lt 100 ]; do
		sleep 0.3
	done
done
say "echo WEIGHT > .../weight, while they run:"
weigh 100 300 25
weigh 300 100 75
tell vm1 "kill \$bench"
await vm1 || failed "vm1 ended by itself"

say "vm1's jobs run longer than they may from now on: echo 20 > .../job_timeout_ms"
echo 20 >"$mdevs/$u1/job_timeout_ms"
tell vm1 "for i in 1 2 3; do vgpu-bench --quiet --job sha256 --size 33554432 --depth 1 --jobs 1; done; \
until vgpu-run compute; do sleep 0.5; done"
until [ "$(value "$mdevs/$u1/quarantine")" = 1 ]; do
	! has_done vm1 || failed "what hangs ended before it was quarantined"
	sleep 0.3
done
say "after $(stats "$u1" failed_timeout) of these vm_id $(vm_id "$u1") is quarantined"
measure
say "  it has $((a * 100 / (a + b))) %, vm2 $((b * 100 / (a + b))) % of the GPU's time"
[ "$a" = 0 ] || failed "it should have nothing"
say "echo 0 > .../quarantine"
echo 0 >"$mdevs/$u1/quarantine"
await vm1 || failed "released, it doesn't compute"
say "and it computes again"
tell vm2 "kill \$bench"
await vm2 || failed "vm2 ended by itself"
