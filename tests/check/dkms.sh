#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# dkms.sh: the tree as a DKMS package, on a copy of Debian 12.
#
# Prints TAP.  Adds, builds, installs and removes it for Debian's kernel, then
# for headers of a kernel without mdev, which gets the guest driver alone.
#
# Most functions are called through check().
# shellcheck disable=SC2317
set -eu

here=$(realpath "$(dirname "$0")")
env=$here/../env
top=$here/../..
bad=0

check() {
	text=$1
	shift
	if "$@" >&2; then
		echo "ok dkms - $text"
	else
		echo "not ok dkms - $text"
		bad=1
	fi
}

inside() {
	"$env/in-root.sh" "$root" "$@"
}

fails() {
	! "$@"
}

built() {
	[ -f "$root/var/lib/dkms/vgpu/$version/$1/x86_64/module/$2.ko" ]
}

# installed KERNEL MODULE: where it belongs, made for that kernel, and sane.
installed() {
	ko=/lib/modules/$1/updates/dkms/$2.ko
	[ -f "$root$ko" ] || return 1
	for field in license description; do
		[ -n "$(inside modinfo -F "$field" "$ko")" ] || {
			echo "$2: no $field"
			return 1
		}
	done
	[ "$(inside modinfo -F name "$ko")" = "$(echo "$2" | tr - _)" ] || return 1
	case $(inside modinfo -F vermagic "$ko") in
	"$release "*) ;;
	*) return 1 ;;
	esac
}

bound_to_pci() {
	inside modinfo -F alias "/lib/modules/$1/updates/dkms/vgpu-guest.ko" |
		grep -q '^pci:'
}

nothing_left() {
	! find "$root/lib/modules" "$root/var/lib/dkms" -name 'vgpu*.ko*' |
		grep . && [ -z "$(inside dkms status vgpu)" ]
}

# without_mdev KERNEL: that kernel's headers as if it had been made without.
without_mdev() {
	fake=$root/usr/src/linux-headers-$1
	cp -a "$root/usr/src/linux-headers-$release" "$fake"
	sed -i '/^CONFIG_VFIO_MDEV=/d' "$fake/.config" \
		"$fake/include/config/auto.conf"
	sed -i '/CONFIG_VFIO_MDEV/d' "$fake/include/generated/autoconf.h"
	mkdir -p "$root/lib/modules/$1"
	ln -s "/usr/src/linux-headers-$1" "$root/lib/modules/$1/build"
	: >"$root/lib/modules/$1/modules.order"
	: >"$root/lib/modules/$1/modules.builtin"
}

version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$top/dkms.conf")
base=$("$env/root.sh" bookworm)
mkdir -p "$top/build/dkms"
root=$(realpath "$top/build/dkms")/root
exec 8>"$root.lock"
flock 8
rm -rf --one-file-system "$root"
trap 'rm -rf --one-file-system "$root"' EXIT
cp -a --reflink=auto "$base" "$root"
"$env/copy.sh" "$root/usr/src/vgpu-$version"

release=$(find "$root/usr/src" -name 'linux-headers-*-amd64' \
	-printf '%f\n' | sort -V | tail -n 1)
release=${release#linux-headers-}
bare=$release-bare
without_mdev "$bare"

check "add" inside dkms add "vgpu/$version"
for k in "$release" "$bare"; do
	[ "$k" = "$bare" ] && which="without mdev" || which="with mdev"
	check "build $which" inside dkms build "vgpu/$version" -k "$k"
	cat "$root/var/lib/dkms/vgpu/$version/$k/x86_64/log/make.log" >&2 || true
	check "install $which" inside dkms install "vgpu/$version" -k "$k"
	check "vgpu-guest $which" installed "$k" vgpu-guest
	check "vgpu-guest $which finds its device" bound_to_pci "$k"
	for m in vgpu-host vgpu-cpu vgpu-exec; do
		if [ "$k" = "$release" ]; then
			check "$m $which" installed "$k" $m
		else
			check "no $m $which" fails built "$k" $m
		fi
	done
done
check "remove" inside dkms remove "vgpu/$version" --all
check "nothing is left" nothing_left
exit $bad
