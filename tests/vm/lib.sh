# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# lib.sh: sourced by l1.sh and l2.sh, with $here set to this folder: which kernel
# file to boot, and running a QEMU so that it always ends and always says why.

# shellcheck source=tests/env/cache.sh
. "$here/../env/cache.sh"

die() {
	echo "${0##*/}: $*" >&2
	exit 2
}

# $1 as one word of shell source.
quote() {
	printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"
}

# The words of a command as shell source.
quote_all() {
	for word; do
		quote "$word"
		printf ' '
	done
}

# find_kernel KERNEL VERSION ROOT: set $kernel, the file for -kernel; $version, the
# name of its module directory, empty if what we need of it is built in; $build,
# the directory it was built in, if known.
#
# Prefer an unpacked kernel, entered by PVH: emulated code takes seconds to
# unpack xz, in L2 longer than all the rest of the boot.
find_kernel() {
	kernel=$1 version=$2 build=''
	if [ "$1" = debian ]; then
		find_debian_kernel "$3"
	elif [ -d "$1" ]; then
		build=$(cd "$1" && pwd)
		kernel=$build/arch/x86/boot/bzImage
		if grep -qx CONFIG_PVH=y "$build/.config"; then
			kernel=$build/vmlinux
		fi
	fi
	[ -f "$kernel" ] || die "$kernel: no such kernel"
	kernel=$(realpath "$kernel")
}

find_debian_kernel() {
	if [ -z "$version" ]; then
		version=$(find "$1/boot" -name 'vmlinuz-*' | sed 's/.*vmlinuz-//' |
			sort -V | tail -n 1)
	fi
	packed=$1/boot/vmlinuz-$version
	[ -f "$packed" ] || die "$packed: no such kernel"
	key=$(stat -c '%n %s %Y' "$packed" | cache_hash -)
	dir=$(cache_make "unpacked/$version-$key" "$here/unpack-kernel.sh" "$packed")
	kernel=$dir/vmlinux
}

# run_qemu SECONDS DIR WORD...: run the QEMU command line, with its own messages
# in DIR/qemu.log, copying DIR/output to stdout, line by line, as it grows.
#
# The output goes through a file because QEMU's serial port drops bytes when a
# pipe stays full; in whole lines because two L2 may share a stdout.
#
# QEMU must end with us, whatever ends us: a trap can't run after kill -9, so the
# kernel is told to (pdeathsig), in two steps because timeout(1) is between us.
run_qemu() {
	limit=$1 dir=$2
	shift 2
	: >"$dir/output"
	began=$(date +%s)
	setpriv --pdeathsig KILL timeout -k 5 "$limit" setpriv --pdeathsig KILL \
		"$@" </dev/null >"$dir/qemu.log" 2>&1 &
	qemu=$!
	trap 'kill $qemu 2>/dev/null || :; clean_up' EXIT
	trap 'exit 143' HUP INT TERM
	tail -q -f -c +1 -s 0.1 --pid="$qemu" "$dir/output" |
		LC_ALL=C grep -a --line-buffered '' &
	qemu_rc=0
	wait "$qemu" || qemu_rc=$?
	took=$(($(date +%s) - began))
	wait $! || :
	trap clean_up EXIT
}

# vm_verdict NAME LOG CONSOLE STATUS DIR: after run_qemu, return what the command
# in the VM returned, or say why that can't be known and return 124 (timeout) or
# 125.  CONSOLE will be found as LOG.  A panic counts even after the command.
vm_verdict() {
	if panic=$(grep -s -a -m 1 'Kernel panic' "$3"); then
		echo "$1: kernel panic after $took s, see $2: $panic" >&2
		return 125
	fi
	if [ "$qemu_rc" -ne 0 ] && [ "$limit" -gt 0 ] && [ "$took" -ge "$limit" ]; then
		echo "$1: timeout after $limit s, see $2" >&2
		return 124
	fi
	if [ "$qemu_rc" -ne 0 ]; then
		echo "$1: qemu died with status $qemu_rc:" \
			"$(grep -v "doesn't support requested feature" "$5/qemu.log" | tail -n 3)" >&2
		return 125
	fi
	if ! [ -s "$4" ]; then
		echo "$1: stopped by itself without a status, see $2" >&2
		return 125
	fi
	return "$(cat "$4")"
}
