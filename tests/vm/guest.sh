# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# guest.sh: sourced in L1 by scenarios, with $guest_kernel, $guest_module and
# $guest_programs set: guests with the guest driver and all programs for guests.
# A guest's output is in /run/guest.NAME.

guest_limit=1500

# guest_start NAME UUID COMMANDS [OPTION OF l2.sh...]
guest_start() {
	name=$1 uuid=$2 commands=$3
	shift 3
	rm -f "/run/guest.$name" "/run/guest.$name.rc"
	(
		rc=0
		for p in "$guest_programs"/*; do
			set -- "$@" -f "$p:bin/$(basename "$p")"
		done
		# shellcheck disable=SC2086
		"$here/l2.sh" $guest_kernel -n "$name" -d "$uuid" -m 512M \
			-t $guest_limit -g "$guest_module" \
			-p "/run/guest.$name.pid" "$@" -- "$commands" \
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
	cat "/run/guest.$1.rc"
}

# guest_tap NAME: its TAP lines
guest_tap() {
	grep '^\(ok\|not ok\) ' "/run/guest.$1" || :
}
