#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# cc.sh PROGRAM SOURCE...: makes a program of the arbiter's own files and of SOURCE, with
# what Linux's tools have for such programs, in LINUX_SOURCE or in Debian's source of Linux.
# CFLAGS are -O2 unless they are set; more of the compiler's words may be among SOURCE.
set -eu

repo=$(cd "$(dirname "$0")/../.." && pwd)
"$repo/tests/env/apt.sh" gcc libc6-dev >&2
source=${LINUX_SOURCE:-$("$repo/tests/env/source.sh")}
program=$1
shift
# shellcheck disable=SC2086
cc ${CFLAGS:--O2} -std=gnu11 -Wall -Wextra -Wno-sign-compare -Wno-unused-parameter -I "$repo/bench/native" \
	-isystem "$source/tools/include" -I "$repo/include/uapi" -I "$repo/include" \
	-I "$repo/host" -I "$repo/bench" -o "$program" "$repo"/host/arb*.c \
	"$repo/host/job.c" "$source/tools/lib/rbtree.c" "$@" -pthread
