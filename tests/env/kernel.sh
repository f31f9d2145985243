#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kernel.sh uml|sanitizer: prints the path of a built test kernel.
#
#	uml		User Mode Linux for KUnit: the program is "linux"
#	sanitizer	x86-64 with every checker: arch/x86/boot/bzImage
#
# External modules build against it with: make -C "$(source.sh)" O=PATH M=...
# (and ARCH=um).  The first time takes 2 and 6 minutes on two CPUs.
set -eu

env=$(dirname "$0")
# shellcheck source=tests/env/cache.sh
. "$env/cache.sh"

# Objects are most of a build, and nothing needs them again.
strip_build() {
	find "$1" -path "$1/scripts" -prune -o -path "$1/tools" -prune -o \
		\( -name '*.o' -o -name '*.a' -o -name '.*.cmd' \
		-o -name '.tmp_*' -o -name 'vmlinux.unstripped' \) \
		-type f -exec rm -f {} +
}

# make_kernel NAME SOURCE DIR
make_kernel() {
	"$env/apt.sh" gcc make libc6-dev bc bison flex libelf-dev libssl-dev \
		python3 xz-utils kmod
	fragment=$(realpath "$env/../kernel/$1.config")
	set -- "$1" "$2" "$(realpath "$3")"
	make -s -C "$2" O="$3" ARCH="$arch" KCONFIG_ALLCONFIG="$fragment" \
		allnoconfig
	"$env/../kernel/check-config.sh" "$fragment" "$3/.config"
	# shellcheck disable=SC2086
	make -s -C "$2" O="$3" ARCH="$arch" -j"$(nproc)" $targets
	strip_build "$3"
}

case ${1:-} in
uml) arch=um targets='linux modules' ;;
sanitizer) arch=x86_64 targets='bzImage modules' ;;
*)
	echo "usage: kernel.sh uml|sanitizer" >&2
	exit 2
	;;
esac

if [ $# = 3 ]; then
	make_kernel "$@"
else
	source=$("$env/source.sh")
	# The build names its source by path, so the path is part of the key.
	key=$({ echo "$source"; cat "$0" "$env/../kernel/$1.config"; } | cache_hash -)
	cache_make "kernels/$1-$key" "$0" "$1" "$source"
fi
