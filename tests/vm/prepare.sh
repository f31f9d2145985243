# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# prepare.sh: sourced with $here set to this folder and $repo to the top.
#
# shellcheck source=tests/vm/lib.sh
. "$here/lib.sh"

# prepare KERNEL: install what is missing, and build the drivers for KERNEL.  KERNEL is
# debian, the newest of Debian's kernels whose image and headers are both there, or
# sanitizer.  Sets
#	$kernel_words	words for l1.sh and l2.sh that choose it
#	$modules	folder of the drivers
#
# prepare_guest OUT [OPTION]...: after prepare KERNEL: the initramfs OUT of a guest with that
# kernel, the guest driver, the programs for guests and what else is in build/static, and
# with more by options of mkinitramfs.sh.  Sets
#	$guest_words	words for l1.sh: the environment of guest.sh

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
	"$repo/tests/env/copy.sh" "$modules"
	prepared=$1
	shift
	echo "building the drivers for $prepared" >&2
	make "$@" "M=$modules" -j"$(nproc)" modules >"$modules.log" 2>&1 || {
		tail -n 30 "$modules.log" >&2
		return 1
	}
}

prepare_guest() {
	guest_initramfs=$1
	shift
	echo "building the programs for guests" >&2
	make -j"$(nproc)" -C "$repo/tools" static >"$repo/build/static.log" 2>&1 || {
		tail -n 30 "$repo/build/static.log" >&2
		return 1
	}
	for program in "$repo"/build/static/*; do
		set -- "$@" -f "$program:bin/${program##*/}"
	done
	# What the checked kernel takes is built in.
	if [ "$prepared" = debian ]; then
		find_kernel debian "$version" ''
		set -- -v "$version" -m virtio_pci -m virtio_console "$@"
	else
		find_kernel "$dir" '' ''
	fi
	"$here/mkinitramfs.sh" -s "$here/init-l2.sh" -o "$guest_initramfs" \
		-g "$modules/guest/vgpu-guest.ko" "$@"
	guest_words="-e guest_kernel=$kernel -e guest_initramfs=$guest_initramfs"
}
