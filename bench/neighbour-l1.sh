#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# neighbour-l1.sh SECONDS cpu|kernels|workers: the part of neighbour.sh that runs in L1.
set -eu

repo=$(cd "$(dirname "$0")/.." && pwd)
here=$repo/tests/vm
modules=${modules:?}
# shellcheck source=tests/vm/host.sh
. "$here/host.sh"
# shellcheck source=tests/vm/guest.sh
. "$here/guest.sh"
# shellcheck source=tests/vm/tap.sh
. "$here/tap.sh"

u=a297db4a-f4c2-11e6-90f6-d3b88d6c9525
v=a297db4a-f4c2-11e6-90f6-d3b88d6c9526
groups=/sys/fs/cgroup

works() {
	[ "$(stats $v completed)" -ge 100 ]
}

# begin cpu|kernels|workers: GPU, victim and attacker; what they print is in /run/guest.NAME
begin() {
	if [ "$1" = cpu ]; then
		host_load memory=256
	else
		begin_executor "$1"
	fi
	mdev_create quarter $u
	mdev_create quarter $v
	if [ "$1" = cpu ]; then
		guest_start victim $v "vgpu-bench --quiet --job sha256 --size 131072 --jobs 100000000 --depth 16"
		guest_start attacker $u "rmmod vgpu_guest; raw_bar0 --attack 400"
		wait_for 3000 works
	else
		client_start victim $v --work
		wait_for 3000 works
		# shellcheck disable=SC2046 # a word or none
		client_start attacker $u --attack 200 $([ "$1" = kernels ] || echo --workers)
	fi
	wait_for 3000 guest_saw attacker '# attack'
}

# begin_executor kernels|workers: with control groups for workers and, as a VMM has one, for each
# client
begin_executor() {
	mount -t cgroup2 cgroup2 $groups
	echo '+cpu +memory +pids' >$groups/cgroup.subtree_control
	mkdir $groups/vgpu $groups/victim $groups/attacker
	# its client is always busy, and that is not what is looked at
	echo 25 >$groups/attacker/cpu.weight
	case $1 in
	kernels) set -- opencl ;;
	workers)
		set -- reference
		execd_preload=$repo/build/tests/execd/obey.so
		;;
	esac
	host_load_exec --engine "$1" --memory 256 --cgroup $groups/vgpu
	# a worker has to load its compiler for its first module
	echo 120 >/sys/module/vgpu_exec/parameters/build_s
}

# client_start NAME UUID OPTION...: a VFIO client in a control group
client_start() {
	name=$1 client=$2
	shift 2
	sh -c "echo 0 >$groups/$name/cgroup.procs && exec \"\$@\"" sh \
		"$repo/build/vfio-check" "$@" "$mdevs/$client" >"/run/guest.$name" 2>&1 &
	echo $! >"/run/guest.$name.pid"
}

end() {
	for guest in victim attacker; do
		kill "$(cat /run/guest.$guest.pid)"
		if [ "$1" = cpu ]; then
			guest_wait $guest
		else
			wait "$(cat /run/guest.$guest.pid)" || :
			cat /run/guest.$guest >&2
		fi
	done
	mdev_remove $u
	mdev_remove $v
	if [ "$1" != cpu ]; then
		check neighbour-workers "no worker is left" exec_idle >&2
		exec_kill
	fi
	host_unload
}

begin "$2"
attacks=$(sed -n 's/^# attack \([0-9]*\) /\1=/p' /run/guest.attacker)
apart=''
[ "$2" = cpu ] || apart=--apart
# shellcheck disable=SC2086 # words
python3 "$repo/bench/neighbour.py" $apart "$1" "$vgpu_debugfs/vm$(vm_id $u)" $mdevs/$u \
	"$vgpu_debugfs/vm$(vm_id $v)" $mdevs/$v $attacks >/run/out/neighbour.json
end "$2"
