# SPDX-License-Identifier: GPL-2.0
"""neighbour.py [--apart] SECONDS ATTACKER VICTIM N=NAME...: samples the figures of two vGPUs,
and prints how many jobs, all of the same size, the victim had done beside each attack.  Each of
the two is its folder in debugfs and that in sysfs.  --apart: the GPU is no thread of the kernel's.

The attacker says in SCRATCH which attack is on, but for "resets", which clear it: that is on while
there are many.  A stretch between two samples counts if the attack is the same in both and has
been so for one sample.
"""
import glob
import json
import re
import sys
import time

PERIOD = 0.02
# Of a job, in milliseconds: usual, and while one of these attacks is on
TIMEOUT_MS, SHORT_MS = 60000, 100
SHORT = ("timeouts", "endless", "storms", "never", "never_with_many_jobs")


def read(path):
    """A file's text."""
    with open(path, encoding="utf-8") as f:
        return f.read()


class Vgpu:
    """The files of a vGPU."""

    def __init__(self, debugfs, sysfs):
        self.debugfs, self.sysfs = debugfs, sysfs

    def scratch(self):
        """The register."""
        text = read(self.debugfs + "/regs")
        return int(re.search(r"^03c \S+ +([0-9a-f]+)", text, re.M).group(1), 16)

    def counters(self):
        """The figures of debugfs."""
        lines = read(self.debugfs + "/counters").splitlines()
        return {name: int(n) for name, n in (line.split() for line in lines)}

    def stat(self, name):
        """A figure of stats/."""
        return int(read(f"{self.sysfs}/stats/{name}"))

    def events(self, counters):
        """How often it wanted something, its counters included."""
        return (sum(map(self.stat, ("submitted", "rejected", "fences_passed"))) +
                sum(counters[name] for name in ("doorbells", "bad_bar", "resets")))

    def set(self, name, value):
        """Sets a policy."""
        with open(f"{self.sysfs}/{name}", "w", encoding="utf-8") as f:
            f.write(str(value))


def host_threads():
    """The kernel's threads that may work for vGPUs."""
    paths = []
    for path in glob.glob("/proc/[0-9]*/comm"):
        try:
            if re.match(r"kworker/u|vgpu", read(path)):
                paths.append(path.replace("/comm", "/schedstat"))
        except OSError:
            pass
    return paths


def host_ns(paths):
    """The time they have run."""
    ns = 0
    for path in paths:
        try:
            ns += int(read(path).split()[0])
        except OSError:
            pass
    return ns


class Attack:
    """What was seen while an attack was on."""

    def __init__(self, name):
        self.name = name
        self.ns = self.jobs = self.gpu_ns = self.their_gpu_ns = self.events = self.host_ns = 0
        self.quarantined = self.offences = 0
        # for how long the victim had nothing of the GPU: now, and at most
        self.pause = self.longest = 0

    def add(self, before, now):
        """A stretch between two samples."""
        delta = [b - a for a, b in zip(before, now)]
        self.ns += delta[0]
        self.pause = 0 if delta[1] else self.pause + delta[0]
        self.longest = max(self.longest, self.pause)
        self.jobs += delta[1]
        self.their_gpu_ns += delta[2]
        self.gpu_ns += delta[3]
        self.events += delta[4]
        self.host_ns += delta[5]

    def report(self, fair, apart):
        """For people, and for spec.py."""
        overhead = self.host_ns - (0 if apart else self.gpu_ns + self.their_gpu_ns)
        result = {
            "victim_jobs_per_s": round(self.jobs / self.ns * 1e9, 2),
            "ratio_to_fair": round(self.jobs / self.ns / fair, 4),
            "victim_share": round(self.gpu_ns / self.ns, 4),
            "attacker_share": round(self.their_gpu_ns / self.ns, 4),
            "events_per_ms": round(self.events / self.ns * 1e6, 2),
            "host_us_per_event": round(overhead / 1e3 / max(self.events, 1), 2),
            "longest_pause_ms": round(self.longest / 1e6),
            "ms": self.ns // 1000000,
        }
        if self.quarantined:
            result["quarantined"] = self.quarantined
            result["offences"] = self.offences
        return result


def main():
    """Until the time is over."""
    apart = sys.argv[1] == "--apart"
    if apart:
        del sys.argv[1]
    seconds = float(sys.argv[1])
    attacker, victim = Vgpu(*sys.argv[2:4]), Vgpu(*sys.argv[4:6])
    attacks = {int(n): Attack(name) for n, name in (arg.split("=") for arg in sys.argv[6:])}
    resetting = next((n for n, attack in attacks.items() if attack.name == "resets"), None)
    before, last, steady, threads = (), 0, 0, []
    # what it did so far is forgotten
    for value in (1, 0):
        attacker.set("quarantine", value)
    timeouts, resets = attacker.stat("failed_timeout"), attacker.counters()["resets"]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(PERIOD)
        number = attacker.scratch()
        counters = attacker.counters()
        # between two attacks there is one
        if resetting and counters["resets"] - resets > 2:
            number = resetting
        resets = counters["resets"]
        attack = attacks.get(number)
        steady = steady + 1 if number == last else 0
        if number != last:
            ended, last = attacks.get(last), number
            if ended and ended.ns:
                print(ended.name, ended.jobs, ended.ns, ended.gpu_ns, file=sys.stderr)
            threads = host_threads()
            short = attack and attack.name in SHORT
            attacker.set("job_timeout_ms", SHORT_MS if short else TIMEOUT_MS)
            if int(read(attacker.sysfs + "/quarantine")):
                if ended:
                    ended.quarantined += 1
                    ended.offences = max(ended.offences,
                                         attacker.stat("failed_timeout") - timeouts)
                attacker.set("quarantine", 0)
                timeouts = attacker.stat("failed_timeout")
        now = (time.monotonic_ns(), victim.stat("completed"), attacker.stat("gpu_time_ns"),
               victim.stat("gpu_time_ns"), attacker.events(counters), host_ns(threads))
        if steady > 1 and attack:
            attack.add(before, now)
        before = now

    # under -icount shift=0 an instruction is a nanosecond
    seen = [a for a in attacks.values() if a.ns]
    fair = next(a.jobs / a.ns for a in seen if a.name == "fair")
    json.dump({a.name: a.report(fair, apart) for a in seen}, sys.stdout, indent=1)
    print()


main()
