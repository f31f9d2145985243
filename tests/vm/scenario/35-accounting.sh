#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2154 # see scenarios.sh
# What the host says that became of jobs: it adds up, the tracepoints say the same one by
# one, and root, nobody else, begins again.  And who pays for memory.
. "$here/tap.sh"
. "$here/host.sh"

client=$here/../../build/vfio-check
tracing=/sys/kernel/tracing

# traced EVENT: how many there were of the first vGPU
traced() {
	grep -c " $1: vm=$(vm_id $u) " /run/trace || :
}

# figures UUID: all of them, by name
figures() {
	for f in "$mdevs/$1"/stats/*; do
		[ "${f##*/}" != reset ] || continue
		read -r line <"$f"
		echo "${f##*/} $line"
	done
}

host_load memory=256
u=00000000-0000-4000-8000-000000000035
v=00000000-0000-4000-8000-000000000036
mdev_create quarter $u
mdev_create quarter $v
check_eq account-fresh "figures of a new vGPU that are not 0" \
	"$(figures $u | grep -vc ' 0$')" 0
check_eq account-mode "reset is for root" "$(stat -c %a "$mdevs/$u/stats/reset")" 200
check_eq account-modes "files of stats that can't be read, or can be written" \
	"$(find "$mdevs/$u/stats" -type f ! -name reset ! -perm 444 | wc -l)" 0

echo 16384 >$tracing/buffer_size_kb
echo 1 >$tracing/events/vgpu/enable
"$client" --test copy-fill --test badreq-head --test handles --test ranges "$mdevs/$u" \
	>/run/tests.out 2>&1 || :
"$client" --victim 50 "$mdevs/$v" >>/run/tests.out 2>&1 || :
echo 0 >$tracing/events/vgpu/enable
cat $tracing/trace >/run/trace
grep -v '^#' /run/trace | head -n 8 >&2
figures $u >/run/figures
cat /run/figures >&2
summary $u
check account-work "it copied, failed and was refused" sh -c \
	"! grep -e '^copied_bytes 0' -e '^rejected_out_of_range 0' -e '^failed 0' /run/figures"
check_eq account-adds-up "submitted is completed, failed and pending" "$(stats $u submitted)" \
	$(($(stats $u completed) + $(stats $u failed) + $(stats $u pending)))
for kind in failed rejected; do
	check_eq account-reasons "$kind is the sum of its reasons" "$(stats $u $kind)" \
		"$(sed -n "s/^${kind}_[a-z_]* //p" /run/figures | awk '{ n += $1 } END { print n }')"
done
check_eq account-memory "no memory is in use" "$(stats $u memory_used_bytes)" 0
check account-peak "but was" [ "$(stats $u memory_peak_bytes)" -gt 0 ]
for time in wait run; do
	check account-percentiles "of half of the jobs the $time time is less than of most" sh -c \
		"cat $mdevs/$u/stats/${time}_p50_ns $mdevs/$u/stats/${time}_p9*_ns | sort -nc"
done
check_eq trace-submit "vgpu_submit for each job" "$(traced vgpu_submit)" "$(stats $u submitted)"
check_eq trace-complete "vgpu_complete for each job that ended" "$(traced vgpu_complete)" \
	$(($(stats $u completed) + $(stats $u failed)))
check_eq trace-dispatch "vgpu_dispatch likewise, with nothing called off" \
	"$(traced vgpu_dispatch)" "$(stats $u submitted)"
check_eq trace-refuse "vgpu_refuse for each that was rejected" "$(traced vgpu_refuse)" \
	"$(stats $u rejected)"
check_eq trace-reason "with its reason" "$(grep -c "vm=$(vm_id $u) .*reason=out_of_range " /run/trace)" \
	"$(stats $u rejected_out_of_range)"
check trace-vm "and the other vGPU by its number" \
	grep -q "vgpu_complete: vm=$(vm_id $v) " /run/trace

other=$(stats $v submitted)
for word in 0 2 x; do
	check account-reset-word "$word is not how to reset" \
		sh -c "! echo $word >$mdevs/$u/stats/reset"
done
check_eq account-kept "nothing was reset" "$(figures $u)" "$(cat /run/figures)"
echo 1 >"$mdevs/$u/stats/reset"
check_eq account-reset "figures that are not 0 after a reset" \
	"$(figures $u | grep -vc ' 0$')" 0
check_eq account-other "the other vGPU's are as they were" "$(stats $v submitted)" "$other"

cgroup=/sys/fs/cgroup
mountpoint -q $cgroup || mount -t cgroup2 cgroup2 $cgroup
echo +memory >$cgroup/cgroup.subtree_control
mkdir $cgroup/vmm
# shellcheck disable=SC2016 # for the shell in the group
sh -c 'echo $$ >"$1" && exec "$2" --test memcg "$3"' - $cgroup/vmm/cgroup.procs "$client" \
	"$mdevs/$u"
rmdir $cgroup/vmm
mdev_remove $u
mdev_remove $v
