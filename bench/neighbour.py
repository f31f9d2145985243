# SPDX-License-Identifier: GPL-2.0
"""neighbour.py SECONDS ATTACKER VICTIM N=NAME...: samples the counters of two vGPUs, and
prints how far the victim got beside each attack, in jobs for a million instructions.  Each
of the two is its folder in debugfs and that in sysfs.

The attacker says in REQUEST_ID which attack is on.  A stretch between two samples
counts if that is the same in both and has been so for one sample.
"""
import json
import re
import sys
import time

PERIOD = 0.02


def request_id(folders):
    with open(folders[0] + "/regs", encoding="utf-8") as f:
        return int(re.search(r"^030 \S+ +([0-9a-f]+)", f.read(), re.M).group(1), 16)


def counters(folders):
    with open(folders[0] + "/counters", encoding="utf-8") as f:
        return {k: int(v) for k, v in (line.split() for line in f)}


def stats(folders, name):
    with open(folders[1] + "/stats/" + name, encoding="utf-8") as f:
        return int(f.read())


def main():
    seconds, attacker, victim = float(sys.argv[1]), sys.argv[2:4], sys.argv[4:6]
    names = {int(n): name for n, name in (arg.split("=") for arg in sys.argv[6:])}
    jobs, ns, theirs = ({n: 0 for n in names} for _ in range(3))
    before = (0, 0, 0, 0)
    steady = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(PERIOD)
        theirs_now = counters(attacker)
        now = (request_id(attacker), time.monotonic_ns(), stats(victim, "completed"),
               stats(attacker, "submitted") + stats(attacker, "rejected") +
               stats(attacker, "fences_passed") +
               theirs_now["doorbells"] + theirs_now["bad_bar"])
        steady = steady + 1 if now[0] == before[0] else 0
        if steady > 1 and now[0] in names:
            ns[now[0]] += now[1] - before[1]
            jobs[now[0]] += now[2] - before[2]
            theirs[now[0]] += now[3] - before[3]
        before = now

    # under -icount shift=0 an instruction is a nanosecond
    rate = {names[n]: jobs[n] / ns[n] * 1e6 for n in names if ns[n]}
    json.dump({name: {
        "victim_jobs_per_million_instructions": round(rate[name], 3),
        "ratio_to_spin": round(rate[name] / rate["spin"], 4),
        "attacks_per_million_instructions": round(theirs[n] / ns[n] * 1e6, 3),
        "million_instructions": ns[n] // 1000000,
    } for n, name in names.items() if ns[n]}, sys.stdout, indent=1)
    print()


main()
