# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# prepare.sh: sourced with $here set to this folder and $repo to the top.
#
# prepare KERNEL: install what is missing, and build the drivers for KERNEL and
# the programs for the guests.  KERNEL is debian, the newest of Debian's kernels
# whose image and headers are both there, or sanitizer.  Sets
#	$kernel_words	words for l1.sh and l2.sh that choose it
#	$modules	folder of the drivers
#	$guest_programs	folder of static programs for guests

prepare_packages="qemu-system-x86 busybox-static cpio kmod make gcc libc6-dev
	libmd-dev util-linux procps xz-utils python3"

# The newest version that can be booted and built for.
prepare_debian_version() {
	find /boot -name 'vmlinuz-*' | sed 's/.*vmlinuz-//' | sort -rV |
		while read -r v; do
			if [ -e "/usr/src/linux-headers-$v/Makefile" ]; then
				echo "$v"
				break
			fi
		done
}

prepare() {
	case $1 in
	debian)
		# shellcheck disable=SC2086
		"$repo/tests/env/apt.sh" $prepare_packages \
			linux-image-amd64 linux-headers-amd64
		version=$(prepare_debian_version)
		kernel_words="-k debian -a $version"
		set -- "$1" -C "/usr/src/linux-headers-$version"
		;;
	sanitizer)
		# shellcheck disable=SC2086
		"$repo/tests/env/apt.sh" $prepare_packages
		dir=$("$repo/tests/env/kernel.sh" sanitizer)
		kernel_words="-k $dir"
		set -- "$1" -C "$("$repo/tests/env/source.sh")" "O=$dir"
		;;
	esac
	modules=$repo/build/$1
	guest_programs=$repo/build/static
	"$repo/tests/env/copy.sh" "$modules"
	prepared=$1
	shift
	echo "building the drivers for $prepared" >&2
	make "$@" "M=$modules" -j"$(nproc)" modules >"$modules.log" 2>&1 || {
		tail -n 30 "$modules.log" >&2
		return 1
	}
	echo "building the programs" >&2
	make -C "$repo/tools" static >"$repo/build/static.log" 2>&1 || {
		tail -n 30 "$repo/build/static.log" >&2
		return 1
	}
}
