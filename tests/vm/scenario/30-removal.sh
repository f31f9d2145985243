#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2154 # see scenarios.sh
# Removal, unload and kill -9 while in use.
. "$here/tap.sh"
. "$here/host.sh"
client=$here/../../build/vfio-check

host_load memory=256
u=00000000-0000-4000-8000-000000000030
v=00000000-0000-4000-8000-000000000031

# A VMM that listens lets go.
mdev_create quarter $u
"$client" --test remove "$mdevs/$u" || echo "# vfio-check: status $?"
check removal-gone "the mdev is gone" test ! -e "$mdevs/$u"

# hold OPTION...: a client that holds $u open; $held is its pid
hold() {
	mkfifo /run/hold.in
	: >/run/hold.out
	"$client" "$@" "$mdevs/$u" </run/hold.in >/run/hold.out 2>&1 &
	held=$!
	exec 8>/run/hold.in
	rm /run/hold.in
	wait_for 60 grep -q '^# \(holding\|busy\)' /run/hold.out
}

# Without one that listens, removal waits, can be seen, and ends with the client.
mdev_create quarter $u
hold --hold until-stdin-closes --no-req
mdev_remove $u &
remover=$!
check removal-waits "who waits for removal is told why in the kernel log" \
	wait_for 20 sh -c 'dmesg | grep -q "removal waits: the VMM does not listen"'
check removal-waiting "and still waits" test -d "/proc/$remover"
kill -9 $held
check removal-ends "removal ends when the VMM is killed" wait $remover
exec 8>&-
check removal-gone2 "and the mdev is gone" test ! -e "$mdevs/$u"

# Unload while in use.
mdev_create quarter $u
hold --hold until-stdin-closes
check unload-host "vgpu-host can't be unloaded while in use" sh -c '! rmmod vgpu_host'
check unload-cpu "nor the backend" sh -c '! rmmod vgpu_cpu'
exec 8>&-
wait $held || :
check unload-later "once it is closed, both can, with the mdev still there" host_unload
check unload-gone "which is gone then" test ! -e "$mdevs/$u"

# Killed in mid-request.
host_load memory=256
mdev_create quarter $u
mdev_create quarter $v
for i in 1 2 3; do
	hold --busy
	kill -9 $held
	wait $held || :
	exec 8>&-
	check kill-memory "no memory is left in use after kill -9 no. $i" \
		wait_for 20 test "$(stats $u memory_used_bytes)" = 0
	check kill-again "the device can be opened again and works" \
		"$client" --test mailbox-msix "$mdevs/$u"
done
check kill-neighbour "the other vGPU works" "$client" --victim 50 "$mdevs/$v"
mdev_remove $u
mdev_remove $v
