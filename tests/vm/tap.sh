# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# tap.sh: sourced by scenarios, with $here set to this folder: one line for each thing that holds or doesn't.

# check NAME TEXT COMMAND...: the command succeeds
check() {
	name=$1 text=$2
	shift 2
	if "$@" >&2; then
		echo "ok $name - $text"
	else
		echo "not ok $name - $text: failed: $*"
	fi
}

# check_eq NAME TEXT GOT WANT
check_eq() {
	if [ "$3" = "$4" ]; then
		echo "ok $1 - $2"
	else
		echo "not ok $1 - $2: got '$3', want '$4'"
	fi
}

# check_errno NAME TEXT ERRNO FILE TEXT: writing TEXT to FILE fails with ERRNO, as
# the system call says, not as a shell words it
check_errno() {
	check_eq "$1" "$2" "$("$here/../../build/tests/vm/write_errno" "$4" "$5")" "$3"
}

# wait_for SECONDS COMMAND...: until it succeeds.  For what gives no event
wait_for() {
	left=$(($1 * 5))
	shift
	until "$@" >/dev/null 2>&1; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || return 1
		sleep 0.2
	done
}
