#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh: the library and the programs, as far as that goes without a device.
#
# Prints TAP.  Builds them in a copy of the tree, dynamic and static, installs
# them into a folder, builds programs in C and C++ against that, dynamic and
# static, and the examples, has man.sh read the manual, and runs lib_test.  What needs a device is in ioctl_test and raw_bar0, which
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
	make -C lib && make -C tools && make -C tools static && make -C execd &&
		make -C sim && make -C tests/uapi && make -C tests/execd && make -C tests/sim
}

install_all() {
	make -C lib install DESTDIR="$copy/root" PREFIX=/usr &&
		make -C tools install DESTDIR="$copy/root" PREFIX=/usr &&
		make -C execd install DESTDIR="$copy/root" PREFIX=/usr &&
		make -C sim install DESTDIR="$copy/root" PREFIX=/usr
}

# A host that has no OpenCL has the rest, and is told.
execd_without() {
	make -C execd OPENCL=n | grep 'without OpenCL' &&
		status 1 build/tools/vgpu-execd --engine opencl 2>said &&
		grep 'built without OpenCL' said &&
		make -C sim OPENCL=n PROGRAM="$copy/sim-without" &&
		status 1 ./sim-without --engine opencl 2>said &&
		grep 'built without OpenCL' said &&
		make -C execd && build/tools/vgpu-execd --list | grep '^opencl: device'
}

# Nothing is built a second time.
built_once() {
	! make -C lib | grep -v '^make' && ! make -C tools | grep -v '^make' &&
		! make -C execd | grep -v '^make' && ! make -C sim | grep -v '^make'
}

# Whoever builds against what was installed has nothing of this tree.
installed() {
	mkdir -p "$copy/elsewhere"
	(
		cd "$copy/elsewhere"
		PKG_CONFIG_PATH=$copy/root/usr/lib/pkgconfig
		export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR="$copy/root"
		export LD_LIBRARY_PATH="$copy/root/usr/lib"
		"$@"
	)
}

# Programs link with what pkg-config says, and find what vgpu.h promises.
c_program() {
	cat >program.c <<-'EOF'
	#include <stdio.h>
	#include <vgpu.h>

	int main(void)
	{
		struct vgpu *dev;

		return vgpu_open(&dev, "/dev/null/none") == 0;
	}
	EOF
	# shellcheck disable=SC2046
	gcc -Wall -Wextra -Wpedantic -Werror -o program program.c \
		$(pkg-config --cflags --libs libvgpu) && ./program
}

# cxx_program STD [FLAG]: the flag is for pkg-config and the linker: --static
cxx_program() {
	# shellcheck disable=SC2046,SC2086
	g++ -std="$1" -Wall -Wextra -Wpedantic -Werror ${2:+-static} -o "cxx-$1" \
		"$copy/tests/uapi/cxx_test.cc" $(pkg-config $2 --cflags --libs libvgpu) &&
		"./cxx-$1" && needs_library "cxx-$1" ${2:+no}
}

# needs_library PROGRAM [no]: it finds libvgpu.so.0 when it is run, or has it in it
needs_library() {
	if readelf -d "$1" | grep -q 'NEEDED.*\[libvgpu\.so\.0\]'; then
		[ $# = 1 ]
	else
		[ $# = 2 ]
	fi
}

cxx() {
	cxx_program c++11 "" && cxx_program c++17 "" && cxx_program c++20 ""
}

# As their Makefile and libvgpu(3) say; without a device all they can do is say so.
examples() {
	cp -r "$copy/lib/example" . && cd example && make clean &&
		make CFLAGS="-O2 -Wall -Wextra -Werror" || return 1
	for program in "saxpy /dev/null/none" "nbody --device /dev/null/none" \
		"blur --draw 70x50 --device /dev/null/none before.png after.ppm"; do
		needs_library "${program%% *}" && status 1 eval "./$program" 2>said &&
			cat said && grep -q "^${program%% *}: /dev/null/none: " said || return 1
	done
	[ -s before.png ] && [ ! -e after.ppm ]
}

# What is no picture, and what nobody can compute, is refused.  The last ones are right, as far
# as the device.
examples_usage() {
	cd example
	printf 'P6 2 2 255\n123456789012' >good.ppm
	printf 'P6 # a word\n2 # another\n2\n255\n123456789012' >comment.ppm
	printf 'P6 2 2 255\n12345678901' >short.ppm
	printf 'P6 8193 1 255\n12345678901' >wide.ppm
	printf 'P6 0 1 255\n12345678901' >none.ppm
	printf 'P6 2 2 254\n123456789012' >dark.ppm
	printf 'P5 2 2 255\n123456789012' >grey.ppm
	cp good.ppm ppm.png
	head -c 300 before.png >short.png
	for file in short.ppm wide.ppm none.ppm dark.ppm grey.ppm ppm.png short.png; do
		status 1 ./blur --device /dev/null/none "$file" out.ppm 2>said &&
			grep "^blur: $file: Invalid argument" said || return 1
	done
	for file in good.ppm comment.ppm before.png; do
		status 1 ./blur --device /dev/null/none "$file" out.ppm 2>said &&
			grep '^blur: /dev/null/none: ' said || return 1
	done
	for words in "nbody 1" "nbody --bodies 0" "nbody --bodies 65" "nbody --bodies -64" \
		"nbody --steps 0" "nbody --steps 1x" "blur" "blur good.ppm" "blur a b c" \
		"blur --sigma 0 good.ppm b" "blur --sigma 22 good.ppm b" \
		"blur --sigma nan good.ppm b" "blur --draw 3 good.ppm b" \
		"blur --draw 0x3 good.ppm b"; do
		status 2 eval "./$words" || {
			echo "$words is taken"
			return 1
		}
	done
}

# The functions of vgpu.h are those that the shared library exports, and that its map
# names, each with the one version there is, and there is nothing else.
exported() {
	sed -n 's/^[^ *#].*[ *]\(vgpu_[a-z0-9_]*\)(.*/\1@@VGPU_0/p' lib/vgpu.h |
		sort >"$copy/declared"
	sed -n 's/^[[:space:]]*\([a-z0-9_]*\);$/\1@@VGPU_0/p' lib/libvgpu.map |
		sort >"$copy/mapped"
	nm -D --defined-only root/usr/lib/libvgpu.so |
		sed -n 's/.* \([^A] .*\)/\1/p' >"$copy/symbols"
	! grep -v '^T ' "$copy/symbols" || return 1
	sed 's/^T //' "$copy/symbols" | sort >"$copy/exported"
	[ -s "$copy/exported" ] && diff "$copy/declared" "$copy/exported" &&
		diff "$copy/mapped" "$copy/exported"
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

# Each option alone has its limits, and some don't go together.
bench_usage() {
	bench=build/tools/vgpu-bench
	status 0 "$bench" --help && status 2 "$bench" nop || return 1
	for words in "--nonsense" "--job" "--job nonsense" "--job vecadd_u32" "--job ''" \
		"--jobs 0" "--jobs x" "--jobs -1" "--jobs 1x" "--jobs 4294967296" \
		"--depth 0" "--depth 2049" "--timeout 0" "--timeout 1000001" "--contexts 0" "--contexts 17" "--threads 0" \
		"--threads 17" "--contexts 4 --threads 5" "--size 4096" \
		"--job copy --size 0" "--job copy --size 6" "--job copy --size 1073741828" \
		"--mailbox --depth 1" "--mailbox --poll"; do
		eval "set -- $words"
		status 2 "$bench" --device /dev/null/none "$@" || {
			echo "vgpu-bench takes $words"
			return 1
		}
	done
	# what is right gets as far as the device
	for words in "" "--job sha256 --size 64 --depth 2048 --poll --timeout 1000000" \
		"--job copy --mailbox --threads 4 --contexts 4" "--job fill --size 1073741824"; do
		eval "set -- $words"
		status 1 "$bench" --device /dev/null/none "$@" || {
			echo "vgpu-bench refuses $words"
			return 1
		}
	done
}

# with_standin WHICH COMMAND...: what is no CUDA library is found in its place
with_standin() {
	which=$1
	shift
	LD_LIBRARY_PATH="$copy/build/tests/execd/$which" "$@"
}

# CUDA's devices are listed; without its library, and without devices, that is said.
execd_cuda() {
	execd=build/tools/vgpu-execd
	with_standin standin "$execd" --list >said && grep '^cuda: device 1: CUDA stand-in' said &&
		! with_standin standin "$execd" --list 2>&1 | grep 'cuda: no ' || return 1
	# where a GPU is, there is no more to say
	! ldconfig -p | grep -q libcuda.so.1 || return 0
	status 1 "$execd" --engine cuda 2>said && cat said &&
		grep -q 'cuda: no NVIDIA driver: libcuda.so.1: ' said
}

# Without the module it says what is missing.
execd_usage() {
	execd=build/tools/vgpu-execd
	status 0 "$execd" --help && "$execd" --list | grep -q '^reference: ' || return 1
	"$execd" --list | grep -q '^opencl: device 0: Portable Computing Language, ' || return 1
	for words in "--engine opencl --device nonsense" "--engine opencl --memory 1000000000" \
		"--device 0"; do
		eval "set -- $words"
		status 1 "$execd" "$@" || {
			echo "vgpu-execd begins with $words"
			return 1
		}
	done
	status 1 env OCL_ICD_VENDORS=/nonexistent "$execd" --engine opencl 2>said &&
		grep -q 'opencl: no platform' said || return 1
	for words in "--nonsense" "nonsense" "--engine nonsense" "--memory 0" "--memory x" \
		"--memory -1" "--depth 0" "--depth 65" "--name" "--uids 5" "--uids 0-5" "--uids 6-5" \
		"--uids 1-4294967295" "--uids 1-2x"; do
		eval "set -- $words"
		status 2 "$execd" "$@" || {
			echo "vgpu-execd takes $words"
			return 1
		}
	done
	[ -e /dev/vgpu-exec ] ||
		{ status 1 "$execd" 2>said && grep -q 'is the module vgpu-exec loaded' said; }
}

# The unit as it is installed means something to systemd, which has little to say against it.
unit() {
	make -C execd install PREFIX="$copy/prefix" >&2 &&
		SYSTEMD_UNIT_PATH=$copy/prefix/lib/systemd/system: \
			systemd-analyze verify --man=no vgpu-execd@gpu0.service 2>said &&
		cat said && [ ! -s said ] &&
		systemd-analyze security --offline=yes --no-pager --threshold=30 \
			"$copy/prefix/lib/systemd/system/vgpu-execd@.service" >said
	rc=$?
	tail -n 1 said
	return "$rc"
}

"$env/apt.sh" gcc g++ make libc6-dev libmd-dev libseccomp-dev pkg-config binutils \
	ocl-icd-opencl-dev pocl-opencl-icd libpng-dev systemd
"$env/copy.sh" "$copy"
cd "$copy"

check tools-build "library, programs and tests build without a warning" build
check tools-again "nothing is built twice" built_once
check tools-install "library and programs are installed" install_all
check tools-c "a C program builds with pkg-config" installed c_program
check tools-c++ "the headers are C++, with every warning, and sizes are as published" \
	installed cxx
check tools-c++-static "a C++ program links with the library for good" \
	installed cxx_program c++17 --static
check tools-example "the examples build against the installed library" installed examples
check tools-example-usage "they refuse nonsense, and what is no picture" installed examples_usage
check tools-exports "the library exports what vgpu.h and its map say, as VGPU_0" exported
check tools-static "programs for an initramfs need no loader" is_static
check tools-usage "programs refuse nonsense" usage_errors
check tools-execd-usage "vgpu-execd refuses nonsense, and says what is missing" execd_usage
check tools-execd-without "vgpu-execd and vgpu-sim are built without OpenCL, and say so" \
	execd_without
check tools-execd-cuda "vgpu-execd lists CUDA's devices, or says why not (stand-in)" execd_cuda
check tools-execd-unit "its unit for systemd is sound" unit
check tools-bench-usage "vgpu-bench refuses nonsense, and what doesn't go together" bench_usage
tests/uapi/man.sh root/usr || bad=1
build/tests/uapi/lib_test || bad=1
build/tests/execd/sandbox_test || bad=1
build/tests/execd/notify_test || bad=1
build/tests/execd/ahead_test || bad=1
build/tests/execd/worker_test || bad=1
mkdir "$copy/pocl"
build/tests/execd/engine_test reference || bad=1
POCL_CACHE_DIR="$copy/pocl" build/tests/execd/engine_test opencl || bad=1
POCL_CACHE_DIR="$copy/pocl" build/tests/execd/code_test || bad=1
build/tests/execd/leak_test || bad=1
POCL_CACHE_DIR="$copy/pocl" tests/sim/run.sh || bad=1
build/tests/execd/engine_test cuda || bad=1
build/tests/execd/cuda_image_test || bad=1
build/tests/execd/ptx_test || bad=1
with_standin standin build/tests/execd/standin_test || bad=1
with_standin standin build/tests/execd/engine_test cuda || bad=1
with_standin standin-old build/tests/execd/engine_test cuda || bad=1
with_standin standin build/tests/execd/sandbox_test cuda || bad=1
exit $bad
