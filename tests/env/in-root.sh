#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# in-root.sh ROOT CMD...: runs CMD in a root, with a /proc (objtool reads its
# stack limit there).  The mount is gone when CMD ends, however it ends.
set -eu

"$(dirname "$0")/apt.sh" mount util-linux
root=$1
shift
# shellcheck disable=SC2016
exec unshare --mount sh -ec '
	mount -t proc proc "$0/proc"
	exec chroot "$0" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		HOME=/root LC_ALL=C "$@"' "$root" "$@" </dev/null
