#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# source.sh: prints the path of the kernel source that the test kernels and
# checkpatch.pl come from: Debian's linux-source-6.12, with our patches to it.
set -eu

env=$(dirname "$0")
# shellcheck source=tests/env/cache.sh
. "$env/cache.sh"
name=linux-source-6.12

# make_source ROOT DIR
make_source() {
	"$env/apt.sh" xz-utils patch
	tar -C "$2" -xf "$1/usr/src/$name.tar.xz" --strip-components=1
	for p in "$env"/../kernel/*.patch; do
		patch -s -p1 -d "$2" <"$p"
	done
}

if [ $# = 2 ]; then
	make_source "$@"
else
	root=$("$env/root.sh" trixie)
	version=$(dpkg-query --admindir="$root/var/lib/dpkg" \
		-W -f '${Version}' $name)
	key=$version-$(cat "$0" "$env"/../kernel/*.patch | cache_hash -)
	cache_make "source/$name-$key" "$0" "$root"
fi
