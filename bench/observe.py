# SPDX-License-Identifier: GPL-2.0
"""Reads counters in L1 while a guest works.

observe.py commands PLAN
    prints what the guest is to do, as a shell script.
observe.py watch PLAN COUNTERS STATS GUEST DIR
    COUNTERS is the vGPU's file in debugfs, STATS its folder in sysfs; writes
    DIR/readings.json and, of runs that are traced, DIR/traces.json.

The guest does the runs of the plan (plan.py) one after the other and nothing else.
Each mark is a part of a run, from 0 to 1: when so many of its jobs are over all counters
are read, and what lies between two marks is one batch.  A reading takes a few jobs'
time, and there are some thousand in a batch.

This is one process that sleeps until shortly before a mark, and counts its own processor
time, so that it can be subtracted.
"""
import json
import os
import sys
import time

from plan import PLANS

KVM = ("exits", "mmio_exits", "irq_exits", "irq_injections", "halt_exits")
TRACING = "/sys/kernel/tracing/"
ALLOCATIONS = ("kmalloc", "kmalloc_node", "kmem_cache_alloc", "kmem_cache_alloc_node",
               "mm_page_alloc")
PINS = ("vfio_pin_pages", "vfio_dma_rw", "pin_user_pages", "pin_user_pages_fast",
        "pin_user_pages_remote")


def read(path):
    """All of a file of debugfs, /proc or /sys, of which some can't be read twice."""
    fd = os.open(path, os.O_RDONLY)
    text = b""
    while True:
        got = os.read(fd, 1 << 16)
        if not got:
            break
        text += got
    os.close(fd)
    return text.decode()


def write(path, text, flags=0):
    """As the shell's echo; these files take no seek."""
    fd = os.open(path, os.O_WRONLY | flags)
    os.write(fd, text.encode() + b"\n")
    os.close(fd)


class Trace:
    """Allocations by stack, and calls of what pins pages, of all of L1."""

    def __init__(self):
        self.hists = [path for path in (TRACING + f"events/kmem/{name}/" for name in ALLOCATIONS)
                      if os.path.exists(path)]
        for name in PINS:
            write(TRACING + "kprobe_events", f"p:vgpubench/{name} {name}", os.O_APPEND)
        write(TRACING + "events/vgpubench/enable", "1")

    def begin(self):
        """Counts allocations from now on."""
        for path in self.hists:
            write(path + "trigger", "hist:keys=stacktrace:size=8192")

    def end(self):
        """Counts them no more."""
        for path in self.hists:
            write(path + "trigger", "!hist:keys=stacktrace:size=8192")

    def read(self):
        """What was counted: of the pins from the first."""
        return {"allocations": "".join(read(path + "hist") for path in self.hists),
                "pins": read(TRACING + "kprobe_profile")}


class Counters:
    """What is counted, by name."""

    def __init__(self, vgpu, stats):
        self.vgpu = vgpu
        self.stats = stats

    def jobs(self, source):
        """How many are over since the beginning of time."""
        if source == "vgpu":
            return int(read(self.stats + "/completed"))
        return int(read(f"/sys/block/{source}/stat").split()[0])

    def of_vgpu(self):
        """The vGPU's own."""
        return {k: int(v) for k, v in (line.split() for line in read(self.vgpu).splitlines())}

    def idle_ns(self):
        """How long L1's one processor was idle."""
        for line in read("/proc/timer_list").splitlines():
            if ".idle_sleeptime" in line:
                return int(line.split(":")[1].split()[0])
        raise ValueError("no idle_sleeptime in /proc/timer_list")

    def read(self, source):
        """All of them, the clock first and the jobs last."""
        got = {"ns": time.monotonic_ns(), "own_ns": time.process_time_ns(),
               "idle_ns": self.idle_ns()}
        for name in KVM:
            got[name] = int(read("/sys/kernel/debug/kvm/" + name))
        vgpu = self.of_vgpu()
        for name in ("interrupts", "doorbells"):
            got[name] = vgpu[name]
        got["jobs"] = self.jobs(source)
        return got


def wait_for(counters, run, target, guest):
    """Sleeps until so many jobs are over, half of what seems to be left at a time."""
    pause = 0.05
    jobs, at = counters.jobs(run["source"]), time.monotonic()
    while jobs < target:
        time.sleep(pause)
        if os.path.exists(f"/run/guest.{guest}.rc"):
            sys.exit(f"observe: guest {guest} ended in {run['name']}")
        before, since = jobs, at
        jobs, at = counters.jobs(run["source"]), time.monotonic()
        if jobs > before:
            left = (target - jobs) * (at - since) / (jobs - before)
            pause = min(max(left / 2, 0.01), 0.1)


def observe(counters, run, first, guest, trace):
    """Returns the readings of a run, and what was traced before, at its begin, and in it."""
    readings, traced = [], []
    if trace:
        trace.begin()
        traced.append(trace.read())
    for mark in run["marks"]:
        wait_for(counters, run, first + run["jobs"] * mark, guest)
        if trace:
            traced.append(trace.read())
        readings.append(counters.read(run["source"]))
    if trace:
        trace.end()
    if readings[-1]["jobs"] >= first + run["jobs"] or any(
            a["jobs"] == b["jobs"] for a, b in zip(readings, readings[1:])):
        sys.exit(f"observe: {run['name']} was over too soon: it needs more jobs")
    return readings, traced


def watch(plan, vgpu, stats, guest, out):
    """Observes all runs."""
    counters = Counters(vgpu, stats)
    trace = Trace() if any(run["traced"] for run in plan["runs"]) else None
    first, readings, traces = {}, {}, {}
    for run in plan["runs"]:
        source, name = run["source"], run["name"]
        first.setdefault(source, counters.jobs(source))
        print(f"observe: {name}: {run['jobs']} jobs", file=sys.stderr, flush=True)
        readings[name], traced = observe(counters, run, first[source], guest,
                                         trace if run["traced"] else None)
        traces[name] = traced
        first[source] += run["jobs"]
    for name, content in (("readings", readings), ("traces", traces)):
        with open(os.path.join(out, name + ".json"), "w", encoding="utf-8") as f:
            json.dump(content, f)


def main():
    """See the head of the file."""
    plan = PLANS[sys.argv[2]]()
    if sys.argv[1] == "watch":
        watch(plan, *sys.argv[3:])
        return
    print("set -e\n" + plan["prelude"])
    for run in plan["runs"]:
        print(f"echo 'run {run['name']}'\n{run['command']}")


main()
