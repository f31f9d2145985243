#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2154 # see scenarios.sh
# Types of vGPU, the budget they share, and what create refuses.
. "$here/tap.sh"
. "$here/host.sh"

uuid() {
	printf '00000000-0000-4000-8000-%012d\n' "$1"
}

available() {
	value "$(mdev_type "$1")/available_instances"
}

types() {
	for t in whole half quarter eighth sixteenth; do
		printf '%s ' "$(available $t)"
	done
}

host_load memory=256
check types-parent "the parent is a device of its own on the mdev bus" \
	test -d "$parent/mdev_supported_types"
check_eq types-all "available at first" "$(types)" "1 2 4 8 16 "
for t in whole half quarter eighth sixteenth; do
	d=$(mdev_type $t)
	check_eq types-api "device_api of $t" "$(value "$d/device_api")" vfio-pci
	check_eq types-name "name of $t" "$(value "$d/name")" "vGPU cpu0 $t"
	check types-description "description of $t tells the memory" \
		grep -q 'memory=[0-9]*MiB' "$d/description"
done
check_eq types-memory "a quarter of 256 MiB" \
	"$(sed 's/,.*//' "$(mdev_type quarter)/description")" memory=64MiB

# Mixed types, one budget.
mdev_create half "$(uuid 1)"
check_eq types-half "available beside a half" "$(types)" "0 1 2 4 8 "
mdev_create quarter "$(uuid 2)"
check_eq types-quarter "available beside a half and a quarter" "$(types)" "0 0 1 2 4 "
mdev_create sixteenth "$(uuid 3)"
check_eq types-sixteenth "available beside a sixteenth more" "$(types)" "0 0 0 1 3 "
check_eq types-vm-id "vm_id are different" \
	"$(cat "$mdevs"/*/vm_id | sort -u | wc -l)" 3
check_errno types-vm-id-ro "vm_id is read-only, even for root" EACCES \
	"$mdevs/$(uuid 1)/vm_id" 7
weight=$mdevs/$(uuid 1)/weight
check_eq types-weight "everybody weighs the same at first" "$(cat "$mdevs"/*/weight | sort -u)" 100
for w in 1 10000 300; do
	echo $w >"$weight"
	check_eq types-weight-set "a weight of $w" "$(value "$weight")" $w
done
for w in 0 10001 4294967295; do
	check_errno types-weight-range "a weight of $w" ERANGE "$weight" $w
done
check_errno types-weight-range "a weight of 4294967296" ERANGE "$weight" 4294967296
for w in " " -1 x "3 0" 0x10 1e3; do
	check_errno types-weight-bad "a weight of '$w'" EINVAL "$weight" "$w"
done
check_eq types-weight-kept "it has changed nothing" "$(cat "$weight")" 300
check_eq types-weight-own "nor that of others" "$(cat "$mdevs/$(uuid 2)/weight")" 100
# policy_file FILE DEFAULT GOOD... -- OUT OF RANGE... -- BAD...
policy_file() {
	file=$1 name=${1##*/}
	check_eq "types-$name" "$name is $2 at first" "$(value "$file")" "$2"
	default=$2 good=$2 why=
	shift 2
	for value; do
		case $value,$why in
		--,) why=ERANGE ;;
		--,*) why=EINVAL ;;
		*,)
			echo "$value" >"$file"
			check_eq "types-$name-set" "$name: $value" "$(value "$file")" "$value"
			good=$value
			;;
		*) check_errno "types-$name-bad" "$name: '$value'" $why "$file" "$value" ;;
		esac
	done
	check_eq "types-$name-kept" "what is refused changes nothing" "$(value "$file")" "$good"
	echo "$default" >"$file"
}
mdev=$mdevs/$(uuid 1)
gpu=$(echo /sys/class/vgpu-gpu/vgpu-*)
policy_file "$mdev/priority" medium low high -- -- urgent 1
policy_file "$mdev/cap_percent" 100 1 99 -- 0 101 -- x -5
policy_file "$mdev/rate_limit" 0 1 1000000000 -- 1000000001 -- x
policy_file "$mdev/burst" 64 1 1000000 -- 0 1000001 -- x
policy_file "$mdev/queue_limit" 513 1 512 -- 0 514 -- x
policy_file "$mdev/job_timeout_ms" 60000 0 1 7200000 -- 7200001 -- x
policy_file "$mdev/quarantine" 0 1 -- 2 -- x
policy_file "$gpu/fault_threshold" 3 0 1000 -- 1001 -- x
policy_file "$gpu/fault_decay_s" 3600 1 86400 -- 0 86401 -- x
policy_file "$gpu/policy" best-effort equal-share fixed-share -- -- fair 1
policy_file "$gpu/time_slice_us" 0 1 1000000 -- 1000001 -- x
policy_file "$gpu/depth" "$(cat "$gpu/depth")" 1 -- 0 1000 -- x
# A quarter, a half and a sixteenth are taken: three sixteenths are free.
limit=$mdev/memory_limit
half=$(cat "$limit")
check_errno types-memory-align "a limit that is not whole pages" EINVAL "$limit" 4097
check_errno types-memory-none "a limit of nothing" EINVAL "$limit" 0
check_errno types-memory-budget "a limit beyond the GPU's memory" ENOSPC "$limit" $((half * 3))
check_eq types-memory-kept "nothing has changed" "$(cat "$limit") $(types)" "$half 0 0 0 1 3 "
echo $((half / 2)) >"$limit"
check_eq types-memory-less "what it doesn't need others can have" "$(types)" "0 0 1 3 7 "
echo "$half" >"$limit"
check_eq types-memory-again "and it can have it back" "$(types)" "0 0 0 1 3 "
check_eq types-debugfs "a debugfs folder for each, root's alone" \
	"$(stat -c %a "$vgpu_debugfs"/vm*/regs | sort -u)" 400

check_errno types-full "more than is left" ENOSPC "$(mdev_type quarter)/create" "$(uuid 4)"
check_eq types-full-nothing "nothing was made of it" "$(find "$mdevs" -type l | wc -l)" 3
check_eq types-full-budget "and nothing taken" "$(types)" "0 0 0 1 3 "
check_errno types-duplicate "a UUID that exists" EEXIST "$(mdev_type sixteenth)/create" "$(uuid 1)"
for bad in nonsense 00000000-0000-4000-8000-00000000000 \
	00000000-0000-4000-8000-00000000000000 00000000-0000-4000-8000-00000000000g ' '; do
	check_errno types-malformed "a UUID such as '$bad'" EINVAL \
		"$(mdev_type sixteenth)/create" "$bad"
done

# As KubeVirt does: as many as are said to be available.
n=100
while [ "$(available sixteenth)" -gt 0 ]; do
	mdev_create sixteenth "$(uuid $n)"
	n=$((n + 1))
done
check_eq types-fill "as many as were available could be made" $n 103
check_eq types-none "then nothing is available" "$(types)" "0 0 0 0 0 "
for m in "$mdevs"/*; do
	mdev_remove "$(basename "$m")"
done
check_eq types-back "all is back after removal" "$(types)" "1 2 4 8 16 "
check_eq types-debugfs-gone "no debugfs folder is left" "$(ls "$vgpu_debugfs")" ""

# vm_id are reused, never shared.
mdev_create whole "$(uuid 9)"
check_eq types-vm-id-reuse "the lowest free vm_id" "$(vm_id "$(uuid 9)")" 1
mdev_remove "$(uuid 9)"
host_unload

check types-tiny "a GPU too small to be cut is refused" \
	sh -c "insmod $modules/host/vgpu-host.ko; ! insmod $modules/host/backend/vgpu-cpu.ko memory=15"
rmmod vgpu_host
