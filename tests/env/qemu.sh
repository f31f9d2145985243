#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# qemu.sh [-n]: prints the path of the emulator that L1 runs in: Debian's QEMU with
# our patches to it, which say why, and no more in it than l1.sh uses.
#
#	-n	makes nothing: prints qemu-system-x86_64, Debian's, if ours isn't made
#
# The source is that of the installed qemu-system-x86, from the archive it came from;
# firmware is used from where Debian puts it.  The first time takes 3 minutes on two
# CPUs.
set -eu

env=$(dirname "$0")
# shellcheck source=tests/env/cache.sh
. "$env/cache.sh"

# fetch VERSION DIR: the source package, into DIR.  The machine may have no source
# lists; its own lists and settings stay as they are.
fetch() {
	mkdir -p "$2/lists/partial" "$2/cache/archives/partial"
	# shellcheck source=/dev/null
	suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' |
		awk -v suite="$suite" 'index($2, suite) == 1 && $3 == "main" &&
			$1 ~ /debian(-security)?\/?$/ { print "deb-src", $0 }' \
			>"$2/sources.list"
	cat >"$2/apt.conf" <<-EOF
		Dir::Etc::sourcelist "$2/sources.list";
		Dir::Etc::sourceparts "-";
		Dir::State::lists "$2/lists";
		Dir::Cache "$2/cache";
		APT::Sandbox::User "root";
	EOF
	apt-get -q -c "$2/apt.conf" update
	# What is installed may be older than all that the archive still has.
	(cd "$2" && for source in "qemu=$1" qemu; do
		apt-get -q -c apt.conf source --download-only "$source" && break
	done)
	dpkg-source -q --no-check -x "$2"/qemu_*.dsc "$2/source"
}

# make_qemu VERSION DIR
make_qemu() {
	"$env/apt.sh" gcc libc6-dev make meson ninja-build pkg-config python3 perl \
		dpkg-dev xz-utils patch libglib2.0-dev libpixman-1-dev zlib1g-dev \
		libfdt-dev libattr1-dev libcap-ng-dev
	patches=$(realpath "$env")
	set -- "$1" "$(realpath "$2")"
	work=$2/work
	mkdir "$work"
	fetch "$1" "$work"
	cd "$work/source"
	for p in "$patches"/qemu-*.patch; do
		patch -s -p1 <"$p"
	done
	printf 'CONFIG_%s=y\n' Q35 VIRTIO_PCI VIRTIO_9P TEST_DEVICES PCI_TESTDEV \
		>configs/devices/x86_64-softmmu/l1.mak
	mkdir "$work/build"
	cd "$work/build"
	../source/configure --target-list=x86_64-softmmu --without-default-features \
		--without-default-devices --with-devices-x86_64=l1 \
		--enable-tcg --enable-virtfs --enable-attr --enable-cap-ng \
		--firmwarepath=/usr/share/qemu:/usr/share/seabios >configure.log
	ninja qemu-system-x86_64 >build.log || {
		tail -n 30 build.log
		exit 1
	}
	strip -o "$2/qemu-system-x86_64" qemu-system-x86_64
	cd "$2"
	rm -rf "$work"
}

if [ $# = 2 ]; then
	make_qemu "$@"
	exit
fi
[ "${1:-}" = -n ] || "$env/apt.sh" qemu-system-x86
# shellcheck disable=SC2016
version=$(dpkg-query -W -f '${source:Version}' qemu-system-x86)
key=emulator/qemu-$(echo "$version" | cat - "$0" "$env"/qemu-*.patch | cache_hash -)
if [ "${1:-}" = -n ] && ! [ -d "$VGPU_CACHE/$key" ]; then
	echo qemu-system-x86_64
else
	echo "$(cache_make "$key" "$0" "$version")/qemu-system-x86_64"
fi
