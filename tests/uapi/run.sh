#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh: the library and the programs, as far as that goes without a device.
#
# Prints TAP.  Builds them in a copy of the tree, dynamic and static, installs
# them into a folder, builds a program in C and one in C++ against that, and
# runs lib_test.  What needs a device is in ioctl_test and raw_bar0, which
# tests/vm runs in a guest.
# shellcheck disable=SC2317 # check() calls the functions
set -eu

env=$(realpath "$(dirname "$0")")/../env
copy=$(mktemp -d /tmp/vgpu-tools.XXXXXX)
trap 'rm -rf "$copy"' EXIT
bad=0

# check NAME TEXT COMMAND...
check() {
	name=$1 text=$2
	shift 2
	if "$@" >&2; then
		echo "ok $name - $text"
	else
		echo "not ok $name - $text"
		bad=1
	fi
}

build() {
	make -C lib && make -C tools && make -C tools static && make -C tests/uapi
}

install_all() {
	make -C lib install DESTDIR="$copy/root" PREFIX=/usr &&
		make -C tools install DESTDIR="$copy/root" PREFIX=/usr
}

# Nothing is built a second time.
built_once() {
	! make -C lib | grep -v '^make' && ! make -C tools | grep -v '^make'
}

# Programs link with what pkg-config says, and find what vgpu.h promises.
write_programs() {
	cat >"$copy/program.c" <<-'EOF'
	#include <stdio.h>
	#include <vgpu.h>

	int main(void)
	{
		struct vgpu *dev;

		return vgpu_open(&dev, "/dev/null/none") == 0;
	}
	EOF
	cp "$copy/program.c" "$copy/program.cc"
}

compile() {
	PKG_CONFIG_PATH=$copy/root/usr/lib/pkgconfig
	export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR="$copy/root"
	# shellcheck disable=SC2046
	"$@" $(pkg-config --cflags --libs libvgpu) &&
		LD_LIBRARY_PATH=$copy/root/usr/lib "$copy/program"
}

# The functions of vgpu.h are those that the shared library exports.
exported() {
	sed -n 's/^[^ *#].*[ *]\(vgpu_[a-z0-9_]*\)(.*/\1/p' lib/vgpu.h |
		sort >"$copy/declared"
	nm -D --defined-only build/lib/libvgpu.so | sed -n 's/.* T \(.*\)@@.*/\1/p' |
		sort >"$copy/exported"
	diff "$copy/declared" "$copy/exported"
}

is_static() {
	for program in build/static/*; do
		! readelf -l "$program" | grep INTERP || return 1
	done
}

# status WANT COMMAND...
status() {
	want=$1
	shift
	rc=0
	"$@" || rc=$?
	[ "$rc" = "$want" ]
}

# A program that can't do what it is told says so, and exits with 2.
usage_errors() {
	run=build/tools/vgpu-run
	info=build/tools/vgpu-info
	status 0 "$run" --help && status 0 "$info" --help &&
		status 2 "$run" && status 2 "$run" nonsense &&
		status 2 "$run" nop nop && status 2 "$run" --repeat x nop &&
		status 2 "$run" --repeat 0 nop && status 2 "$run" --repeat -1 nop &&
		status 2 "$run" -d /dev/null/none nop && status 2 "$info" nonsense &&
		status 2 "$info" -d /dev/null/none && status 2 "$info" -d /dev/null
}

"$env/apt.sh" gcc g++ make libc6-dev libmd-dev pkg-config binutils
"$env/copy.sh" "$copy"
cd "$copy"

check tools-build "library, programs and tests build without a warning" build
check tools-again "nothing is built twice" built_once
check tools-install "library and programs are installed" install_all
write_programs
check tools-c "a C program builds with pkg-config" \
	compile gcc -Wall -Wextra -Werror -o "$copy/program" "$copy/program.c"
check tools-c++ "a C++ program builds with pkg-config" \
	compile g++ -Wall -Wextra -Werror -o "$copy/program" "$copy/program.cc"
check tools-exports "the library exports what vgpu.h declares" exported
check tools-static "programs for an initramfs need no loader" is_static
check tools-usage "programs refuse nonsense" usage_errors
build/tests/uapi/lib_test || bad=1
exit $bad
