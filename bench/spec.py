# SPDX-License-Identifier: GPL-2.0
"""Prints the promises of the specification beside what was measured."""
import json
import re
import sys

# Readings of instructions must agree as well as that
MAX_SPREAD_PERCENT = 1
# What depth 1 may take is for a machine that hands two bare lines of cache over faster
MAX_LINES_NS = 300


class NotMeasured(Exception):
    """There is no figure, for the reason given."""


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
    busy = bench["kept_busy_sha256_4k_depth_2048"]
    second = bench["second_queue"]["doorbells_per_job"]
    mailbox = bench["mailbox_compute_depth_1"]["mmio_exits_per_job"]
    return (f"{many:.4f} at depth 64, {one:.4f} at depth 1 (by the mailbox {mailbox:.1f}); "
            f"while a queue keeps it busy {busy['mmio_exits_per_job']:g} per job of that queue "
            f"({busy['jobs']} jobs), {second:g} per job of another queue at depth 1",
            many <= 0.02 and one <= 1.005 and not busy["mmio_exits_per_job"] and not second)


def t2(bench):
    """Interrupts of null jobs, which leave no time to sleep, and of some that do."""
    figures, worst = [], {}
    for depth in (64, 1):
        jobs = [bench[f"queue_{job}_depth_{depth}"]["interrupts_per_job"]
                for job in ("nop", "sha256_4k")]
        figures.append(f"{jobs[0]:.4f} null and {jobs[1]:.4f} longer jobs at depth {depth}")
        worst[depth] = max(jobs)
    lost = bench["ring_wakeups"]
    return (", ".join(figures) +
            f"; a wake-up lost in {lost['failed']} tests of the ring, {lost['jobs']} jobs",
            worst[64] <= 0.05 and worst[1] <= 1.005 and not lost["failed"] and
            lost["jobs"] >= 10 ** 7)


def t3(bench):
    """The rings of a queue, natively, beside ringtest's."""
    got = bench["ring_ns"]
    one, many = got["queue_depth_1"], got["queue_depth_256"]
    text = (f"{one} / {many} ns (in the same run bare lines of cache {got['lines']}, Linux's "
            f"ringtest: ring {got['ring_depth_1']} / {got['ring_depth_256']}, split virtqueue "
            f"{got['virtio_ring_0_9_depth_1']} / {got['virtio_ring_0_9_depth_256']})")
    if one > 320 and many <= 100 and got["lines"] > MAX_LINES_NS:
        raise NotMeasured(f"{text}: a machine whose two processors hand two lines of cache "
                          f"over and back in {MAX_LINES_NS} ns would tell")
    return text, one <= 320 and many <= 100


def t4(bench):
    """Instructions of null jobs beside those of reads of a null block device."""
    got = bench["instructions"]
    figures, ratio = [], {}
    for depth in (32, 1):
        ours = got[f"queue_nop_depth_{depth}"]
        theirs = min(got[f"virtio_blk_depth_{depth}"], got[f"virtio_blk_main_loop_depth_{depth}"],
                     key=lambda x: x["per_job"])
        for x in (ours, theirs):
            if x["spread_percent"] > MAX_SPREAD_PERCENT:
                raise NotMeasured(f"readings at depth {depth} are {x['spread_percent']} % apart")
        ratio[depth] = ours["per_job"] / theirs["per_job"]
        figures.append(f"{ratio[depth]:.3f} at depth {depth} ({ours['per_job']} to "
                       f"{theirs['per_job']})")
    return ", ".join(figures), ratio[32] <= 0.5 and ratio[1] <= 1


def t5(bench):
    """Allocations, pins and system calls."""
    runs = bench["steady"]
    calls = bench["guest_calls_per_job"]
    for name, run in runs.items():
        if not run["allocations_at_begin"] or not run["pins_at_begin"]:
            raise NotMeasured(f"the tracing saw nothing of the begin of {name}")
    allocations = sum(run["allocations"] for run in runs.values())
    pins = sum(run["pins"] for run in runs.values())
    busy = sum(calls["poll_nop_depth_64"].values())
    sleeping = sum(calls["nop_depth_64"].values())
    return (f"{allocations} allocations and {pins} pins in "
            f"{sum(run['jobs'] for run in runs.values())} jobs; {busy:g} system calls per job, "
            f"{sleeping:g} by a program that sleeps when it has nothing to do; "
            f"{bench['copied_per_byte']} bytes copied per byte of a copy",
            not allocations and not pins and not busy and bench["copied_per_byte"] < 1.1)


def a1(bench):
    """A decision of the arbiter, natively."""
    got = bench["arb"]
    return (", ".join(f"{got[f'ns_{n}']} ns with {n}" for n in (1, 16, 64, 1024, 10000)),
            got["ns_64"] <= 200 and got["ns_1024"] <= 400)


def a2(bench):
    """The bound of SFQ(D), D = 4."""
    kept = bench["arb"]["bound_decisions"]
    return f"kept in {kept} decisions with 4 jobs under way", kept >= 10 ** 8


def a3(bench):
    """Shares of 64 vGPUs in virtual time."""
    jain, equal = bench["arb"]["shares_equal"]
    weighted = bench["arb"]["shares_weighted"][1]
    return (f"Jain index {jain} of 64 equal vGPUs with jobs of 1 us to 1 ms, worst share "
            f"{100 * equal:.2f} % off; with weights of 1 to 1000 {100 * weighted:.2f} %",
            jain >= 0.999 and weighted <= 0.01)


def a4(bench):
    """For what a job of high waits."""
    got = bench["arb"]["high"]
    return (f"of {got['arrivals']} jobs each waited for what the backend had and {got['turns']} "
            f"turn of a lower class at most, of {got['longest_ns'] / 1000:.0f} us at most where "
            f"jobs take up to 100 us, {got['over_ns']} ns more than a job and what the class was owed",
            got["arrivals"] >= 10 ** 7 and got["turns"] <= 1)


def a5(bench):
    """Caps of 5 to 90 percent."""
    error = bench["arb"]["cap_error"]
    return f"worst second of any cap from 5 to 90 % {100 * error:.2f} % off", error <= 0.01


def a6(bench):
    """A victim beside attackers."""
    got = bench["neighbour"]
    attacks = {k: v for k, v in got.items() if k not in ("spin", "fair")}
    fair = got["fair"]["victim_share"]
    worst = min(attacks, key=lambda k: attacks[k]["victim_share"])
    share = attacks[worst]["victim_share"] / fair
    offences = attacks["timeouts"].get("offences", 0)
    return (f"beside {len(attacks)} attacks a vGPU has at least {100 * share:.1f} % ({worst}) of "
            f"the GPU's time that it has beside one of the same weight that does as it does (and "
            f"does {100 * attacks[worst]['ratio_to_fair']:.1f} % of the jobs); quarantine with "
            f"{offences} jobs that took too long",
            len(attacks) >= 12 and share >= 0.98 and 1 <= offences <= 3)


def a7(bench):
    """The lowest class, and pauses."""
    least = bench["arb"]["lowest_class"]
    return (f"the lowest class had {100 * least:.2f} % at least, beside others with jobs of 1 us "
            f"to 33 ms; the GPU never paused while a job might run", least >= 0.05)


def x1(bench):
    """Null jobs through the executor, beside those of the in-kernel engine."""
    got = bench["exec"]["instructions"]
    ours, theirs = got["exec_depth_64"], got["cpu_depth_64"]
    for runs in (ours, theirs):
        spread = 100 * (max(runs) - min(runs)) / max(runs)
        if spread > MAX_SPREAD_PERCENT:
            raise NotMeasured(f"runs are {spread:.2f} % apart")
    rate = min(theirs) / max(ours)
    one = got["cpu_depth_1"][0] / got["exec_depth_1"][0]
    return (f"{rate:.3f} of the rate at depth 64 ({max(ours)} to {min(theirs)} instructions per "
            f"job), {one:.3f} at depth 1", rate >= 0.8)


def x2(bench):
    """System calls of executor and worker."""
    calls = bench["exec"]["calls"]
    many = [calls[f"cpus_{cpus}_depth_64"] for cpus in (1, 2)]
    one = [calls[f"cpus_{cpus}_depth_1"] for cpus in (1, 2)]
    return (f"at depth 64 {many[0]:.4f} on one processor, {many[1]:.4f} on two; at depth 1 "
            f"{one[0]:.3f} and {one[1]:.3f}", max(many) <= 0.05 and max(one) <= 2)


def x5(bench):
    """A victim beside kernels and workers that do their worst."""
    figures, holds = [], True
    for what in ("kernels", "workers"):
        got = bench["neighbour_" + what]
        attacks = {k: v for k, v in got.items() if k != "fair"}
        fair = got["fair"]["victim_share"]
        worst = min(attacks, key=lambda k: attacks[k]["victim_share"])
        fewest = min(attacks, key=lambda k: attacks[k]["ratio_to_fair"])
        share = attacks[worst]["victim_share"] / fair
        jobs = attacks[fewest]["ratio_to_fair"]
        figures.append(f"beside {len(attacks)} attacks by {what} at least {100 * share:.1f} % of "
                       f"the time ({worst}) and {100 * jobs:.1f} % of the jobs ({fewest})")
        holds = holds and len(attacks) >= 11 and share >= 0.98 and jobs >= 0.98
    return "; ".join(figures), holds


MEASURED = {"T1": t1, "T2": t2, "T3": t3, "T4": t4, "T5": t5,
            "A1": a1, "A2": a2, "A3": a3, "A4": a4, "A5": a5, "A6": a6, "A7": a7,
            "X1": x1, "X2": x2, "X5": x5}


def why_not(name):
    """What it would take to measure a promise."""
    reasons = {"X3": "VGPU_KILLS=10000 tests/vm/run.sh debian 23-exec-kills does",
               "X4": "vgpu-sim does, on a machine with a GPU",
               "R": "needs the long-running suites, see Documentation/testing.rst"}
    return reasons.get(name, reasons.get(name[0], "nothing measures it yet"))


def verdict(name, bench):
    """The end of a promise's line."""
    if name not in MEASURED:
        return f"not measured here: {why_not(name)}"
    try:
        figure, holds = MEASURED[name](bench)
    except KeyError as e:
        return f"not measured here: bench/run.sh has not measured {e.args[0]}"
    except NotMeasured as e:
        return f"not measured here: {e.args[0]}"
    return f"{figure}: {'holds' if holds else 'falls short'}"


def main():
    """Reads the two files named on the command line."""
    with open(sys.argv[2], encoding="utf-8") as f:
        bench = json.load(f)
    for name, text in promises(sys.argv[1]):
        print(f"{name} {text}: {verdict(name, bench)}")


main()
