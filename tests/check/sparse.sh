#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sparse.sh: the drivers pass sparse, byte order and address kinds included.
#
# Prints TAP.  Against Linux 6.1 headers: Debian 12's sparse is of their time.
# Only what sparse says of our files counts, not of the kernel's headers.
set -eu

env=$(dirname "$0")/../env
copy=$(mktemp -d /tmp/vgpu-sparse.XXXXXX)
trap 'rm -rf "$copy"' EXIT

"$env/apt.sh" gcc make sparse linux-headers-amd64
headers=$(find /usr/src -maxdepth 1 -name 'linux-headers-*-amd64' \
	! -name '*-rt-*' ! -name '*-cloud-*' | sort -rV | head -n 1)
"$env/copy.sh" "$copy"
echo "sparse with $headers" >&2

rc=0
make -C "$headers" M="$copy" C=2 CF=-D__CHECK_ENDIAN__ -j"$(nproc)" modules \
	>"$copy/log" 2>&1 </dev/null || rc=$?
cat "$copy/log" >&2

checked=$(grep -c "^  CHECK " "$copy/log" || true)
found=$(grep "^$copy/.*\(warning\|error\):" "$copy/log" | sort -u | wc -l)
if [ "$rc" != 0 ]; then
	echo "not ok sparse - make says $rc"
elif [ "$checked" = 0 ]; then
	echo "not ok sparse - nothing was checked"
elif [ "$found" != 0 ]; then
	echo "not ok sparse - $found warnings"
else
	echo "ok sparse - $checked files without a warning"
	exit 0
fi
exit 1
