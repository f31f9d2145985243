# SPDX-License-Identifier: GPL-2.0
"""What guests do while they are observed, and in which order; see observe.py."""

# Of null jobs, by depth: so many that a run takes some seconds
NOP_JOBS = {1: 100000, 2: 100000, 4: 100000, 8: 200000, 16: 300000, 32: 500000,
            64: 1000000, 128: 1000000, 256: 1000000}
# By depth: some 10^8 instructions each
ICOUNT_JOBS = {1: 50000, 2: 50000, 4: 80000, 8: 120000, 16: 160000, 32: 200000,
               64: 250000, 128: 250000, 256: 250000}
ICOUNT_READS = {1: 12000, 8: 16000, 32: 160000, 256: 40000}

# Counts the system calls of a command, by name, in the guest
COUNT_CALLS = """\
calls=/sys/kernel/debug/tracing/events/raw_syscalls/sys_enter
hist='hist:keys=id.syscall if comm == "vgpu-bench"'
count_calls() {
	echo "$hist" >$calls/trigger
	"$@"
	cat $calls/hist
	echo "!$hist" >$calls/trigger
}
"""

# One queue keeps the GPU busy; how many doorbells does a job of another then take?
SECOND_QUEUE = """\
vgpu-bench --quiet --job sha256 --depth 2048 --jobs 50000 &
sleep 1
vgpu-bench --quiet --json --depth 1 --jobs 200
wait $!"""


def run(name, jobs, command, **more):
    """One run: by default of the vGPU, and read twice."""
    return {"name": name, "jobs": jobs, "command": command, "source": "vgpu",
            "marks": [0.05, 0.9], "traced": False} | more


def traced(name, jobs, command):
    """A run of which allocations and pins are counted, and that waits for the counting."""
    return run(name, jobs, "sleep 4\n" + command, traced=True)


def bench(words):
    """A command line of vgpu-bench."""
    return "vgpu-bench --quiet " + words


def counts():
    """Exits, interrupts, doorbells; allocations, pins, system calls."""
    runs = [run("mailbox_compute_depth_1", 10000, "vgpu-run compute --quiet --repeat 10000")]
    for depth, jobs in NOP_JOBS.items():
        runs.append(run(f"queue_nop_depth_{depth}", jobs,
                        bench(f"--depth {depth} --jobs {jobs}")))
    runs += [
        run("two_contexts_nop_depth_64", 1000000, bench("--contexts 2 --jobs 500000")),
        run("two_queues_nop_depth_64", 1000000, bench("--threads 2 --jobs 500000")),
        traced("queue_copy_4k_depth_64", 300000, bench("--job copy --jobs 300000")),
        traced("queue_sha256_4k_depth_64", 50000, bench("--job sha256 --jobs 50000")),
        run("queue_sha256_4k_depth_1", 20000, bench("--job sha256 --depth 1 --jobs 20000")),
        run("kept_busy_sha256_4k_depth_2048", 100000,
            bench("--job sha256 --depth 2048 --jobs 100000")),
        run("second_queue", 50200, SECOND_QUEUE),
        run("short_nop_depth_64", 100000, "count_calls " + bench("--jobs 100000")),
        traced("steady_nop_depth_64", 1200000, "count_calls " + bench("--jobs 1200000")),
        run("short_poll_nop_depth_64", 100000,
            "count_calls " + bench("--poll --jobs 100000")),
        traced("steady_poll_nop_depth_64", 1200000,
               "count_calls " + bench("--poll --jobs 1200000")),
    ]
    return {"prelude": COUNT_CALLS, "runs": runs}


def instructions():
    """Null jobs of a queue and reads of a null block device, and copies."""
    marks = [0.1, 0.3, 0.5, 0.7, 0.9]
    runs = []
    for depth, jobs in ICOUNT_JOBS.items():
        runs.append(run(f"queue_nop_depth_{depth}", jobs,
                        bench(f"--depth {depth} --jobs {jobs}"), marks=marks))
    for depth, reads in ICOUNT_READS.items():
        for disk, name in (("a", "virtio_blk"), ("b", "virtio_blk_main_loop")):
            runs.append(run(f"{name}_depth_{depth}", reads,
                            f"blk-reader /dev/vd{disk} {depth} {reads}", marks=marks,
                            source={"a": "nullb0", "b": "nullb1"}[disk]))
    for size, jobs in ((4096, 150000), (65536, 50000)):
        runs.append(run(f"queue_copy_{size}_depth_32", jobs,
                        bench(f"--job copy --size {size} --depth 32 --jobs {jobs}"),
                        marks=marks))
    return {"prelude": "", "runs": runs}


PLANS = {"counts": counts, "instructions": instructions}
