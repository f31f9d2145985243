# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# guest.sh: sourced in L1 by scenarios, with what prepare_guest sets in the environment:
# guests with the guest driver and all programs for guests.
# A guest's output is in /run/guest.NAME.

guest_limit=1500

# guest_start NAME UUID COMMANDS [OPTION OF l2.sh...]
guest_start() {
	name=$1 uuid=$2 commands=$3
	shift 3
	rm -f "/run/guest.$name" "/run/guest.$name.rc"
	(
		rc=0
		"$here/l2.sh" -k "$guest_kernel" -i "$guest_initramfs" -n "$name" -d "$uuid" \
			-m 512M -t $guest_limit -p "/run/guest.$name.pid" "$@" -- "$commands" \
			>"/run/guest.$name" 2>&1 || rc=$?
		cat "/run/guest.$name" >&2
		echo $rc >"/run/guest.$name.rc.new"
		mv "/run/guest.$name.rc.new" "/run/guest.$name.rc"
	) &
}

guest_running() {
	[ ! -e "/run/guest.$1.rc" ]
}

# guest_wait NAME: until it has ended
guest_wait() {
	while guest_running "$1"; do
		sleep 0.5
	done
}

# guest_saw NAME TEXT: has the guest printed a line with that beginning?
guest_saw() {
	grep -q "^$2" "/run/guest.$1"
}

guest_status() {
	value "/run/guest.$1.rc"
}

# guest_tap NAME: its TAP lines
guest_tap() {
	grep '^\(ok\|not ok\) ' "/run/guest.$1" || :
}

# guest_qtest NAME: an option of l2.sh's, for guest_flr
guest_qtest() {
	echo "-qtest unix:/run/guest.$1.qtest,server=on,wait=off -qtest-log /dev/null"
}

# guest_flr NAME: reset the guest's vGPU behind its back, once that has been put to sleep.
# QEMU's socket for tests can do what the guest's processor could.  The device is alone on
# the bus of its root port; config space is where SeaBIOS puts it on a q35.
guest_flr() {
	python3 - "/run/guest.$1.qtest" <<-'EOF'
	import os, socket, sys, time
	while not os.path.exists(sys.argv[1]):
	    time.sleep(0.1)
	s = socket.socket(socket.AF_UNIX)
	s.connect(sys.argv[1])
	f = s.makefile("rw")
	def config(what, where, *value):
	    print(what, hex(0xb0100000 + where), *value, file=f, flush=True)
	    answer = f.readline().split()
	    assert answer[0] == "OK", answer
	    return int(answer[1], 0) if len(answer) > 1 else None
	def capability(number):
	    where = config("readb", 0x34)
	    while config("readb", where) != number:
	        where = config("readb", where + 1)
	    return where
	# there, and in D3hot: what the guest saves of it is saved by then
	end = time.time() + 600
	while config("readl", 0) != 0x10f01af4 or config("readw", capability(1) + 4) & 3 != 3:
	    assert time.time() < end
	    time.sleep(0.1)
	control = capability(16) + 8
	config("writew", control, hex(config("readw", control) | 0x8000))
	EOF
}
