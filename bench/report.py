# SPDX-License-Identifier: GPL-2.0
"""report.py DIR JSON: makes figures of what observe.py and ring.sh left in DIR.

Writes them to JSON, and DIR/depth.dat for plot.gp.  What was not measured is left out.
"""
import json
import os
import re
import sys

COUNTERS = ("exits", "mmio_exits", "irq_exits", "irq_injections", "halt_exits",
            "interrupts", "doorbells")
OURS = ("[vgpu_host]", "[vgpu_cpu]")
# What observe.py takes its readings by: no job does
OBSERVER = "vgpuh_stats_show"


def load(*path):
    """A JSON file, or None."""
    try:
        with open(os.path.join(*path), encoding="utf-8") as f:
            return json.load(f)
    except FileNotFoundError:
        return None


def text(*path):
    """A file's text."""
    with open(os.path.join(*path), encoding="utf-8") as f:
        return f.read()


def per_job(readings):
    """What was counted from the first reading to the last."""
    a, b = readings[0], readings[-1]
    jobs = b["jobs"] - a["jobs"]
    return {"jobs": jobs} | {name + "_per_job": round((b[name] - a[name]) / jobs, 6)
                             for name in COUNTERS}


def instructions(readings):
    """Instructions per job in each batch, and how far the batches are apart."""
    batches = []
    for a, b in zip(readings, readings[1:]):
        delta = {k: b[k] - a[k] for k in a}
        batches.append((delta["ns"] - delta["idle_ns"] - delta["own_ns"]) / delta["jobs"])
    a, b = readings[0], readings[-1]
    mean = sum(batches) / len(batches)
    return {
        "jobs": b["jobs"] - a["jobs"],
        "per_job": round(mean),
        "batches": [round(x) for x in batches],
        "spread_percent": round((max(batches) - min(batches)) / mean * 100, 2),
        "idle_percent": round((b["idle_ns"] - a["idle_ns"]) / (b["ns"] - a["ns"]) * 100, 2),
        "observer_percent": round((b["own_ns"] - a["own_ns"]) / (b["ns"] - a["ns"]) * 100, 2),
        "mmio_exits_per_job": per_job(readings)["mmio_exits_per_job"],
    }


def copied_per_byte(figures):
    """How often a byte is copied that a job moves: by what a longer copy takes more.

    L1's memcpy() is "rep movsq", of which the emulator counts each round, for 8 bytes.
    """
    more = (figures["queue_copy_65536_depth_32"]["per_job"] -
            figures["queue_copy_4096_depth_32"]["per_job"])
    return round(more * 8 / (65536 - 4096), 3)


def allocations(hist):
    """Of histograms by stack: (by our code, all)."""
    ours = everything = 0
    for stack, hits in re.findall(r"\{ \w*stacktrace:(.*?)\} hitcount:\s*(\d+)", hist, re.S):
        everything += int(hits)
        if any(name in stack for name in OURS) and OBSERVER not in stack:
            ours += int(hits)
    if any(int(n) for n in re.findall(r"Dropped: (\d+)", hist)):
        raise ValueError("the kernel dropped some of the allocations")
    return ours, everything


def pins(profile):
    """Calls of what pins pages."""
    return sum(int(line.split()[1]) for line in profile.splitlines())


def steady(trace, readings):
    """What was allocated and pinned in a run, and at its begin, to see that it is seen."""
    ours, everything = zip(*(allocations(x["allocations"]) for x in trace))
    pinned = [pins(x["pins"]) for x in trace]
    jobs = readings[-1]["jobs"] - readings[0]["jobs"]
    return {
        "jobs": jobs,
        "allocations": ours[-1] - ours[1],
        "allocations_at_begin": ours[1] - ours[0],
        "all_of_l1_per_job": round((everything[-1] - everything[1]) / jobs, 6),
        "pins": pinned[-1] - pinned[1],
        "pins_at_begin": pinned[1] - pinned[0],
    }


def guest_output(log):
    """What the guest printed in each run."""
    return dict(re.findall(r"^run (\w+)\n(.*?)(?=^run |\Z)", log, re.M | re.S))


def guest_calls(output):
    """System calls of a run that counted them, by name."""
    return {call: int(hits) for call, hits in
            re.findall(r"\{ id: (\w+)\s*\[\s*\d+\] \} hitcount:\s*(\d+)", output)}


def calls_per_job(long, short, jobs):
    """What a long run takes more than a short one, by call; those that differ."""
    more = {call: (long.get(call, 0) - short.get(call, 0)) / jobs for call in long | short}
    return {call: round(x, 6) for call, x in more.items() if x}


def counts(folder, figures):
    """Of the plan "counts"."""
    readings = load(folder, "readings.json")
    for name, values in readings.items():
        figures[name] = per_job(values)
    figures["steady"] = {name: steady(trace, readings[name])
                         for name, trace in load(folder, "traces.json").items() if trace}
    output = guest_output(text(folder, "guest.log"))
    second = json.loads(re.search(r"^\{.*", output["second_queue"], re.M)[0])
    figures["second_queue"] = {
        "jobs": second["jobs"],
        "doorbells_per_job": round(second["doorbells"] / second["jobs"], 6),
    }
    figures["guest_calls_per_job"] = {
        what: calls_per_job(guest_calls(output["steady_" + what]),
                            guest_calls(output["short_" + what]), 1100000)
        for what in ("nop_depth_64", "poll_nop_depth_64")}


def plot_data(figures, path):
    """Columns: depth, exits, MMIO exits, interrupts, instructions of all; ? is none."""
    known = figures.get("instructions", {})
    with open(path, "w", encoding="utf-8") as f:
        for depth in (2 ** i for i in range(9)):
            row = figures.get(f"queue_nop_depth_{depth}", {})
            values = [row.get(k + "_per_job", "?") for k in ("exits", "mmio_exits", "interrupts")]
            values += [known.get(f"{k}_depth_{depth}", {}).get("per_job", "?")
                       for k in ("queue_nop", "virtio_blk", "virtio_blk_main_loop")]
            print(depth, *values, file=f)


def main():
    """Reads and writes all."""
    folder, path = sys.argv[1:]
    figures = {}
    for plan in ("counts", "instructions"):
        if load(folder, plan, "readings.json"):
            figures["kernel"] = text(folder, plan, "kernel").strip()
    if load(folder, "counts", "readings.json"):
        counts(os.path.join(folder, "counts"), figures)
    readings = load(folder, "instructions", "readings.json")
    if readings:
        figures["instructions"] = {name: instructions(r) for name, r in readings.items()}
        figures["copied_per_byte"] = copied_per_byte(figures["instructions"])
    for name in ("arb", "compare", "exec", "neighbour", "neighbour-kernels",
                 "neighbour-workers"):
        known = load(folder, name + ".json")
        if known:
            figures[name.replace("-", "_")] = known
    ring = load(folder, "ring.json")
    if ring:
        figures["ring_ns"] = ring
    if os.path.exists(os.path.join(folder, "ring.tap")):
        tests = re.findall(r"^(ok|not ok) ring - .*: (\d+) jobs", text(folder, "ring.tap"), re.M)
        figures["ring_wakeups"] = {"jobs": sum(int(jobs) for _, jobs in tests),
                                   "failed": sum(result != "ok" for result, _ in tests)}
    with open(path, "w", encoding="utf-8") as f:
        json.dump(figures, f, indent=1)
        f.write("\n")
    plot_data(figures, os.path.join(folder, "depth.dat"))


main()
