#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# scenarios.sh [SCENARIO...]: in L1, runs the scenarios and prints their TAP lines,
# prefixed by vm-KIND.  Environment: $modules and $kind, what guest.sh needs, and
# perhaps $VGPU_LESS, by what numbers of repetitions are divided.
#
# Each scenario is a script of its own that begins with no driver loaded and no
# mdev, and is made to end so by this one.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
modules=${modules:?} kind=${kind:?}
# What is repeated to be sure is repeated so many times less where all is slow.
less=1
case $kind in
sanitizer-guests) less=16 ;;
*sanitizer*) less=4 ;;
esac
less=${VGPU_LESS:-$less}
export here less
# shellcheck source=tests/vm/host.sh
. "$here/host.sh"

if [ $# -eq 0 ]; then
	for s in "$here"/scenario/*.sh; do
		set -- "$@" "$(basename "$s" .sh)"
	done
fi

bad=0
for s; do
	echo "scenario $s begins at $(cut -d. -f1 /proc/uptime) s" | tee /dev/kmsg
	# A scenario that hangs must not take the others with it.
	rc=0
	# Busybox is most of what they run, is static, and so starts in a third of the time.
	timeout -k 10 1800 busybox sh -eu "$here/scenario/$s.sh" >"/run/$s.tap" \
		2>"/run/out/$s.log" || rc=$?
	sed -n "s/^\(ok\|not ok\) /\1 vm-$kind-/p" "/run/$s.tap"
	grep -v '^\(ok\|not ok\) ' "/run/$s.tap" >>"/run/out/$s.log" || :
	if grep -q '^not ok' "/run/$s.tap"; then
		bad=1
	fi
	if [ "$rc" != 0 ]; then
		echo "not ok vm-$kind-$s - ended with status $rc, see $s.log"
		bad=1
	fi
	host_clean || {
		echo "not ok vm-$kind-$s-clean - the host could not be cleaned up after it"
		bad=1
	}
done
dmesg >/run/out/dmesg
exit $bad
