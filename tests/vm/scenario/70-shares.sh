#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2154 # see scenarios.sh
# Two guests that always have more for the GPU than it can do: each has its share of the
# GPU's time, by weight, and a new weight is in force at once.
. "$here/tap.sh"
. "$here/host.sh"
. "$here/guest.sh"

# In nanoseconds of GPU time: so much of it is looked at.  How long that takes is the
# machine's affair: a processor that three want may give the engine a fifth of its time, so
# no check asks how much either guest gets done, only how much more than the other, and that
# no limit is exceeded.
enough=1500000000
# where what there is of it takes long to come by, less tells as much
[ "$kind" = debian-guests ] || enough=750000000
# And so many jobs of the first guest's: of one job that runs or doesn't, nobody has a share.
least=0

gpu_ns() {
	stats "$1" gpu_time_ns
}

# adds_up UUID: what was submitted has ended or is pending, of all and of each context
adds_up() {
	sed -n 's/^  jobs \([0-9]*\) submitted: \([0-9]*\) completed, \([0-9]*\) failed, \([0-9]*\) .*/\1 \2 \3 \4/p' \
		"$vgpu_debugfs/vm$(vm_id "$1")/summary" >/run/sums
	cat /run/sums >&2
	# itself, and the guest's context
	[ "$(wc -l </run/sums)" -ge 2 ] || return 1
	while read -r submitted completed failed pending; do
		[ "$submitted" = $((completed + failed + pending)) ] || return 1
	done </run/sums
}

# used_since A B JOBS: since both had had A and B, and the first JOBS, it is a stretch
used_since() {
	[ $(($(gpu_ns $u) - $1 + $(gpu_ns $v) - $2)) -ge "$stretch" ] &&
		[ $(($(stats $u completed) - $3)) -ge "$few" ]
}

# use_stretch: what both have, $a and $b, in a stretch of time, $since
use_stretch() {
	since=$(/bin/date +%s%N) a=$(gpu_ns $u) b=$(gpu_ns $v)
	# whoever has stopped takes all else with him
	wait_for 900 used_since "$a" "$b" "$(stats $u completed)" || exit 1
	since=$(($(/bin/date +%s%N) - since)) a=$(($(gpu_ns $u) - a)) b=$(($(gpu_ns $v) - b))
	thousandths=$((a * 1000 / (a + b)))
	echo "of $since ns: $a and $b ns" >&2
}

# use_is CONDITION...: is that so of a stretch?  What runs when the machine stands still is
# charged for it, and owes it to the others for a while, or waits by its cap until that is made
# up for: by 20 times as long at a cap of 5 percent.  What that makes of a stretch is the
# less the longer it is, so each that is tried is twice the one before.
use_is() {
	stretch=$enough few=$least
	for try in 1 2 3 4 5; do
		use_stretch
		if "$@"; then
			return 0
		fi
		stretch=$((stretch * 2)) few=$((few * 2))
	done
	echo "not once in $try stretches" >&2
	return 1
}

# share_is THOUSANDTHS TOLERANCE: of what both have had, the first had so much
share_is() {
	[ "$thousandths" -ge $(($1 - $2)) ] && [ "$thousandths" -le $(($1 + $2)) ]
}

# shares NAME WEIGHT WEIGHT PERCENT: the first has that share, to within 3 percent of all
shares() {
	echo "$2" >"$mdevs/$u/weight"
	echo "$3" >"$mdevs/$v/weight"
	check "$1" "weights $2 and $3: $4 percent for the first" use_is share_is $(($4 * 10)) 30
}

host_load memory=256
u=00000000-0000-4000-8000-000000000070
v=00000000-0000-4000-8000-000000000071
mdev_create quarter $u
mdev_create quarter $v
# So many, and so long, that the GPU has not run dry before the guest's processor has its turn;
# and by the least weight half of them take minutes
for g in u v; do
	eval "uuid=\$$g"
	guest_start $g "$uuid" \
		"vgpu-bench --quiet --job sha256 --size 131072 --depth 1024 --jobs 100000000 --timeout 3600"
done
check shares-both "both guests use the GPU" wait_for 300 \
	sh -c "for m in $mdevs/*; do [ \$(cat \$m/stats/completed) -gt 200 ] || exit 1; done"
shares shares-equal 100 100 50
shares shares-light 100 300 25
shares shares-heavy 300 100 75
shares shares-least 1 10000 0

echo 100 >"$mdevs/$u/weight"
echo 100 >"$mdevs/$v/weight"
echo low >"$mdevs/$u/priority"
least=16
check shares-low "low beside medium has 60 thousandths" use_is share_is 60 20
least=0
echo high >"$mdevs/$u/priority"
check shares-high "high beside medium has 880" use_is share_is 880 30
echo 5 >"$mdevs/$u/cap_percent"
# of all time, whatever the engine has of it; and not much less either: its bucket holds what
# comes in 10 ms, and loses what comes while it waits for a job of the other to end
capped() {
	[ $((a * 1000 / since)) -le 60 ] && [ $((a * 1000 / since)) -ge 25 ]
}
least=16
check shares-cap "with a cap it has 5 percent of all time" use_is capped
least=0
check shares-cap-rest "and the other, which was owed an eighth, has more" [ "$b" -gt "$a" ]
echo 100 >"$mdevs/$u/cap_percent"
echo medium >"$mdevs/$u/priority"
gpu=$(echo /sys/class/vgpu-gpu/vgpu-*)
echo fixed-share >"$gpu/policy"
fixed() {
	[ $((a * 1000 / since)) -le 260 ] && [ $((b * 1000 / since)) -le 260 ]
}
check shares-fixed "by fixed shares two quarters have no more than a quarter each" use_is fixed
echo best-effort >"$gpu/policy"
echo 2 >"$mdevs/$u/burst"
echo 2 >"$mdevs/$u/rate_limit"
# Those that wait already are none of the limit's, which is on what comes.
submitted_since() {
	[ $(($(stats $u submitted) - $1)) -ge "$2" ]
}
wait_for 600 submitted_since "$(stats $u submitted)" 4
since=$(/bin/date +%s%N) jobs=$(stats $u submitted) other=$(stats $v submitted)
wait_for 600 submitted_since "$jobs" 12
jobs=$(($(stats $u submitted) - jobs)) since=$(($(/bin/date +%s%N) - since))
other=$(($(stats $v submitted) - other))
# and a burst
check shares-rate "2 jobs a second, not $jobs in $((since / 1000000)) ms" \
	[ "$jobs" -le $((since * 2 / 1000000000 + 1 + 2)) ]
check shares-rate-rest "and the other goes on meanwhile: more than $jobs, $other" \
	[ "$other" -gt "$jobs" ]
check_eq shares-rate-lossless "and none is refused" "$(stats $u rejected_rate_limited)" 0
echo 0 >"$mdevs/$u/rate_limit"

check shares-adds-up "submitted is completed, failed and pending" adds_up $u
before=$(stats $v completed) other=$(stats $u completed)
echo 1 >"$mdevs/$v/stats/reset"
check shares-reset "a reset while the guest is busy: less than $before jobs completed" \
	[ "$(stats $v completed)" -lt "$before" ]
check shares-reset-alone "and no fewer of the other" [ "$(stats $u completed)" -ge "$other" ]
check shares-reset-adds-up "and the sums are right" adds_up $v
summary $v
for g in u v; do
	kill "$(cat /run/guest.$g.pid)"
	guest_wait $g
done
for m in $u $v; do
	check_eq shares-over "of a VM that is gone nothing is pending" "$(stats "$m" pending)" 0
	check_eq shares-total "all that it submitted has completed or failed" \
		"$(stats "$m" submitted)" $(($(stats "$m" completed) + $(stats "$m" failed)))
done
mdev_remove $u
mdev_remove $v
