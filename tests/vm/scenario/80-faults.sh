#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2154 # see scenarios.sh
# Every allocation on the way to a vGPU fails once: a clear error, nothing leaks.
. "$here/tap.sh"
. "$here/host.sh"

if [ ! -e /proc/self/fail-nth ]; then
	echo "ok faults - failing allocations # SKIP this kernel has no fault injection"
	exit 0
fi
echo N >/sys/kernel/debug/failslab/ignore-gfp-wait
echo N >/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait
echo 0 >/sys/kernel/debug/failslab/verbose
echo 0 >/sys/kernel/debug/fail_page_alloc/verbose
host_load memory=256

# vfio_create_group() of Linux 6.12 warns when it fails half-way (its release
# function expects a group that was given up in order): not ours, left out.
from=$(sed -n 's/^\([0-9a-f]*\) [tT] vfio_create_group$/\1/p' /proc/kallsyms)
if [ -n "$from" ]; then
	to=$(sort /proc/kallsyms | sed -n "/^$from /,\$ { /^$from /d; s/ .*//p; q; }")
	for f in failslab fail_page_alloc; do
		echo 0x"$from" >/sys/kernel/debug/$f/reject-start
		echo 0x"$to" >/sys/kernel/debug/$f/reject-end
	done
fi
u=00000000-0000-4000-8000-000000000080

# Which allocation fails is told by the number; past the last nothing does.
cat >/run/fail.py <<'EOF'
import os, sys
path, text, limit = sys.argv[1], sys.argv[2].encode(), int(sys.argv[3])
undo = sys.argv[4] if len(sys.argv) > 4 else None
failed = 0
for nth in range(1, limit):
    fd = os.open(path, os.O_WRONLY)
    nth_fd = os.open("/proc/thread-self/fail-nth", os.O_RDWR)
    os.write(nth_fd, str(nth).encode())
    error = 0
    try:
        os.write(fd, text)
    except OSError as e:
        error = e.errno
    left = int(os.pread(nth_fd, 16, 0).split(b"\0")[0])
    os.pwrite(nth_fd, b"0", 0)
    os.close(fd)
    if error:
        failed += 1
        if error not in (12, 5, 17):
            sys.exit(f"allocation {nth}: errno {error}")
    elif undo:
        with open(undo, "w") as f:
            f.write("1")
    if left:
        print(f"{nth - 1} allocations, {failed} led to an error")
        sys.exit(0 if failed else 1)
sys.exit("no end")
EOF
check faults-create "each allocation of create fails once" \
	python3 /run/fail.py "$(mdev_type sixteenth)/create" $u 2000 "$mdevs/$u/remove"
check_eq faults-nothing "no mdev is left of it" "$(ls "$mdevs")" ""
check_eq faults-budget "the whole budget is there" \
	"$(cat "$(mdev_type sixteenth)/available_instances")" 16
check_eq faults-debugfs "no debugfs folder is left" "$(ls "$vgpu_debugfs")" ""
mdev_create sixteenth $u
check faults-after "and a vGPU works" "$here/../../build/vfio-check" --victim 10 "$mdevs/$u"
mdev_remove $u
