#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# mkinitramfs.sh -o OUT -s INIT [-v VERSION] [-r ROOT] [-m MODULE]... [-g FILE.ko]...
#                [-f SRC[:DEST]]...
#
# Write an initramfs (uncompressed: emulated code would have to unpack it) with
# busybox, INIT as /init, and in /modules, listed in load order in /modules/order:
#   -m MODULE       a module of kernel VERSION below ROOT, after what it depends on
#   -g FILE.ko      this file
#   -f SRC[:DEST]   any other file, by default as /SRC's name
set -eu

die() {
	echo "mkinitramfs.sh: $*" >&2
	exit 2
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 143' HUP INT TERM
tree=$work/tree
mkdir -p "$tree/bin" "$tree/modules" "$tree/proc" "$tree/sys" "$tree/dev" "$tree/tmp"
: >"$tree/modules/order"

add_module() {
	name=${1##*/}
	case $name in
	*.xz) name=${name%.xz} ; xz -dc "$1" >"$tree/modules/$name" ;;
	*) cp "$1" "$tree/modules/$name" ;;
	esac
	grep -qxF "$name" "$tree/modules/order" || echo "$name" >>"$tree/modules/order"
}

out='' init='' version='' root=''
while getopts o:s:v:r:m:g:f: opt; do
	case $opt in
	o) out=$OPTARG ;;
	s) init=$OPTARG ;;
	v) version=$OPTARG ;;
	r) root=$OPTARG ;;
	m)
		modprobe -d "$root/" -S "$version" --show-depends "$OPTARG" >"$work/depends" ||
			die "$OPTARG: no such module for $version"
		while read -r how path _; do
			[ "$how" != insmod ] || add_module "$path"
		done <"$work/depends" ;;
	g) add_module "$OPTARG" ;;
	f)
		dest=${OPTARG#*:}
		[ "$dest" != "$OPTARG" ] || dest=${OPTARG##*/}
		mkdir -p "$(dirname "$tree/$dest")"
		cp -L "${OPTARG%%:*}" "$tree/$dest" ;;
	*) exit 2 ;;
	esac
done
if [ -z "$out" ] || [ -z "$init" ]; then
	die "-o and -s are needed"
fi

cp "$(command -v busybox)" "$tree/bin/busybox"
cp "$init" "$tree/init"
chmod 755 "$tree/init"
(cd "$tree" && find . | cpio --quiet -o -H newc) >"$out"
