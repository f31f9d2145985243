#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# unpack-kernel.sh BZIMAGE DIR: write the ELF file in a bzImage to DIR/vmlinux.
set -eu

# Little-endian unsigned number of $2 bytes at offset $1.
field() {
	od -An -t "u$2" -j "$1" -N "$2" "$image" | tr -d ' '
}

# setup_sects, payload_offset and payload_length of Documentation/x86/boot.rst
image=$1
start=$((($(field 497 1) + 1) * 512 + $(field 584 4)))
length=$(field 588 4)
# The last four bytes are the unpacked size, which unpackers don't expect.
tail -c +$((start + 1)) "$image" | head -c $((length - 4)) >"$2/packed"
case $(od -An -t x1 -N 4 "$2/packed" | tr -d ' ') in
fd377a58) xz -dc "$2/packed" ;;
28b52ffd) zstd -qdc "$2/packed" ;;
1f8b*) gzip -dc "$2/packed" ;;
*)
	echo "unpack-kernel.sh: $image: unknown compression" >&2
	exit 1 ;;
esac >"$2/vmlinux"
rm "$2/packed"
