#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# demo-l1.sh: the part of demo.sh that runs in the host VM.
# Environment: $modules, and what prepare_guest says.  Two guests, with a vGPU each of two GPUs,
# compute at the same time; then, in demo-shares.sh, they share by weight, and one is quarantined;
# then, in demo-opencl.sh, they run kernels of their own.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
modules=${modules:?} guest_kernel=${guest_kernel:?} guest_initramfs=${guest_initramfs:?}
# shellcheck source=tests/vm/host.sh
. "$here/host.sh"

u1=a297db4a-f4c2-11e6-90f6-d3b88d6c9525
u2=b387ec5b-05d3-4f17-91a7-e4c99e7da636
# of the second GPU
v1=c0b4c9b2-6ad4-4d07-8c41-7a1d0f1c4e11
v2=d19a2f6e-0b55-4c5c-9a0f-2f7b5a8e9c22

# With the seconds since the host began to boot
say() {
	read -r up _ </proc/uptime
	printf 'host| [%3d s] %s\n' "${up%.*}" "$*"
}

failed() {
	echo "host| $*" >&2
	exit 1
}

say "Linux $(uname -r); loading vgpu-host and vgpu-cpu"
host_load "$@"
say "types of vGPU on $parent:"
for t in "$parent"/mdev_supported_types/*; do
	say "  $(basename "$t"): $(cat "$t/description"), $(cat "$t/available_instances") available"
done
say "echo $u1 > .../$(basename "$(mdev_type quarter)")/create"
mdev_create quarter "$u1"
say "echo $u2 > .../$(basename "$(mdev_type eighth)")/create"
mdev_create eighth "$u2"
say "vm_id $(vm_id $u1) and vm_id $(vm_id $u2) exist; $(cat "$(mdev_type quarter)/available_instances") quarters are left"
say "vgpu-execd makes another GPU of the CPU, by OpenCL (PoCL compiles: nothing to see for a while)"
host_load_more_exec --engine opencl --memory 256 --warm || failed "vgpu-execd: $(cat /run/execd.err)"
say "it is $parent: a quarter of it for each guest, too"
mdev_create quarter "$v1"
mdev_create quarter "$v2"

# What a guest does: what it is told, line by line, by a serial port.  ": STATUS" is for us.
guest_commands() {
	cat <<-'EOF'
	exec 3</dev/ttyS2
	stty raw -echo clocal 115200 <&3
	echo ': 0'
	while read -r line <&3; do
		eval "$line"
		echo ": $?"
	done
	EOF
}

# start NAME UUID...: a guest with these
start() {
	name=$1
	shift
	for uuid; do
		set -- "$@" -d "$uuid"
		shift
	done
	mkfifo "/run/$name.line.in" "/run/$name.line.out"
	(
		rc=0
		"$here/l2.sh" -k "$guest_kernel" -i "$guest_initramfs" -n "$name" "$@" \
			-m 256M -t 580 -x "-serial pipe:/run/$name.line" -- "$(guest_commands)" \
			>"/run/$name.out" 2>&1 || rc=$?
		echo $rc >"/run/$name.rc"
	) &
	echo 1 >"/run/$name.told"
	: >"/run/$name.out"
	tail -n +1 -s 0.2 -f "/run/$name.out" 2>/dev/null | sed -u "/^: /d; s/^/$name | /" &
}

# tell NAME COMMANDS: in one line
tell() {
	echo $(($(value "/run/$1.told") + 1)) >"/run/$1.told"
	echo "$2" >"/run/$1.line.in"
}

# has_done NAME: has it done all that it was told?  Ends with it.
has_done() {
	[ ! -e "/run/$1.rc" ] || failed "$1 ended with status $(cat "/run/$1.rc")"
	[ "$(grep -c '^: ' "/run/$1.out")" = "$(value "/run/$1.told")" ]
}

# await NAME: until then; its status is the last one's
await() {
	until has_done "$1"; do
		sleep 0.3
	done
	grep '^: ' "/run/$1.out" | tail -n 1 | grep -qx ': 0'
}

say "starting two guests with QEMU under KVM, two vGPUs each (nothing to see for up to a minute)"
start vm1 $u1 $v1
start vm2 $u2 $v2
await vm1 || failed "vm1 is not there"
await vm2 || failed "vm2 is not there"

# $1 makes its data different from the other's.
first_act() {
	echo "vgpu-info && vgpu-run vecadd-u32 --n 1024 --seed $1 &&" \
		"vgpu-run matmul-f32 --n 16 --seed $1 && vgpu-run sha256 --size 3000 --seed $1 &&" \
		"vgpu-run compute --repeat 500 --seed $1"
}

say "first act: both compute, at the same time"
tell vm1 "$(first_act 1001)"
tell vm2 "$(first_act 2002)"
# Seen at the same time: between two looks both have done more.
both=0 before1=0 before2=0
until has_done vm1 && has_done vm2; do
	now1=$(stats $u1 completed) now2=$(stats $u2 completed)
	if [ "$both" = 0 ] && [ "$before1" -gt 0 ] && [ "$before2" -gt 0 ] &&
		[ "$now1" -gt "$before1" ] && [ "$now2" -gt "$before2" ]; then
		both=1
		for u in $u1 $u2; do
			id=$(vm_id "$u")
			cp "$vgpu_debugfs/vm$id/request" "/run/request.$id"
		done
		say "both computed at the same time: vm_id $(vm_id $u1) did $((now1 - before1)) jobs, vm_id $(vm_id $u2) $((now2 - before2)), since the last look"
	fi
	before1=$now1 before2=$now2
	sleep 0.3
done
for vm in vm1 vm2; do
	await $vm || failed "$vm did not do what it was told"
done
[ "$both" = 1 ] || failed "the guests did not run at the same time"

# A guest's own view of who it is, against the host's.
said() {
	sed -n 's/^ *vm id *//p' "/run/$1.out" | head -n 1
}
[ "$(said vm1)" = "$(vm_id $u1)" ] || failed "vm1 sees vm_id '$(said vm1)'"
[ "$(said vm2)" = "$(vm_id $u2)" ] || failed "vm2 sees vm_id '$(said vm2)'"

# word ID N: the Nth word of the request seen, from 1
word() {
	sed 's/^[0-9a-f]*: *//; s/ *$//' "/run/request.$1" | tr -s ' ' '\n' | sed -n "$2p"
}

say "the requests seen at that moment, each at offset 0x040 of its own BAR0:"
for id in $(vm_id $u1) $(vm_id $u2); do
	say "  vm_id $id: opcode $(word "$id" 2), operands $(word "$id" 9) $(word "$id" 10)"
done
if cmp -s "/run/request.$(vm_id $u1)" "/run/request.$(vm_id $u2)"; then
	failed "both devices hold the same request"
fi

jobs=$(($(stats $u1 completed) + $(stats $u2 completed)))
mismatches=$(sed -n 's/.* \([0-9][0-9]*\) mismatch.*/\1/p' /run/vm1.out /run/vm2.out |
	awk '{ sum += $1 } END { print sum + 0 }')
say "vm_id $(vm_id $u1): $(stats $u1 completed) jobs; vm_id $(vm_id $u2): $(stats $u2 completed) jobs (set-up included)"
# shellcheck source=tests/vm/demo-shares.sh
. "$here/demo-shares.sh"
# shellcheck source=tests/vm/demo-opencl.sh
. "$here/demo-opencl.sh"
tell vm1 exit
tell vm2 exit
until [ -e /run/vm1.rc ] && [ -e /run/vm2.rc ]; do
	sleep 0.3
done
for u in $u1 $u2 $v1 $v2; do
	mdev_remove "$u"
done
exec_kill
host_unload
[ "$mismatches" = 0 ] || failed "$mismatches mismatches"
echo "demo: OK 2 VMs, $jobs jobs, $mismatches mismatches" >/run/out/verdict
