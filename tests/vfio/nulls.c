// SPDX-License-Identifier: GPL-2.0
/*
 * Null jobs, and what the machine spends on them: its clock, less the time in which its
 * processor was idle.  Where instructions are counted (tests/vm/l1.sh -i) that is how many it
 * takes, of the kernel and all processes together.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "gpu.h"
#include "nulls.h"
#include "queue.h"
#include "tap.h"
#include "watchdog.h"

/* Of the jobs, so many come before it is counted: 1 / this */
#define NULLS_WARM	10U

/**
 * struct nulls_time - a moment
 * @now_ns: the clock
 * @idle_ns: how long all processors were idle
 */
struct nulls_time {
	u64 now_ns;
	u64 idle_ns;
};

static struct nulls_time nulls_time(void)
{
	FILE *file = fopen("/proc/timer_list", "re");
	struct nulls_time t = { 0 };
	struct timespec now;
	char line[256];
	unsigned long long idle;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, " .idle_sleeptime : %llu", &idle) == 1)
			t.idle_ns += idle;
	}
	if (file)
		fclose(file);
	clock_gettime(CLOCK_MONOTONIC, &now);
	t.now_ns = now.tv_sec * 1000000000ULL + now.tv_nsec;
	return t;
}

/* Keep @depth jobs under way until @jobs are over, and leave none. */
static bool nulls_do(struct queue *q, u32 depth, u32 jobs)
{
	u32 submitted = 0, done = 0;
	struct vgpu_dev_cqe cqe;

	while (done < jobs) {
		for (; submitted < jobs && submitted - done < depth; submitted++) {
			queue_sqe(q, submitted);
			queue_submit(q, VGPU_SQE_NOP);
		}
		queue_kick(q);
		if (!tap_must(queue_wait(q, &cqe), "a null job ends"))
			return false;
		do {
			if (!tap_must(le64toh(cqe.user_data) == done && !queue_status(&cqe),
				      "job %u: %s", done, mbox_error_name(queue_status(&cqe))))
				return false;
			done++;
		} while (vgpu_ring_reap(&q->ring, &cqe));
		watchdog_pet();
	}
	return true;
}

/**
 * mode_nulls() - do null jobs, and tell what they take
 * @s: an open session
 * @depth: how many are under way, 1 to VGPU_RING_MAX_ENTRIES / 2
 * @jobs: how many are counted
 */
void mode_nulls(struct session *s, u32 depth, u32 jobs)
{
	struct nulls_time begin, end;
	u32 ctx, entries = VGPU_RING_MIN_ENTRIES;
	unsigned long long idle;
	struct queue_mem mem;
	struct queue q;
	struct mbox m;

	while (entries < 2 * depth)
		entries *= 2;
	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	if (!queue_mem_open(&mem, s))
		goto out_mbox;
	if (!tap_must(!gpu_ctx_create(&m, &ctx) &&
		      !queue_create(&q, &m, &mem, ctx, 0, entries), "makes a queue") ||
	    !nulls_do(&q, depth, jobs / NULLS_WARM + 1))
		goto out;
	begin = nulls_time();
	if (!nulls_do(&q, depth, jobs))
		goto out;
	end = nulls_time();
	idle = end.idle_ns - begin.idle_ns;
	tap_ok(true, "%u jobs at depth %u, %u doorbells: %llu ns busy, %llu ns idle",
	       jobs, depth, q.doorbells, end.now_ns - begin.now_ns - idle, idle);
	gpu_ctx_destroy(&m, ctx);
out:
	queue_mem_close(&mem);
out_mbox:
	mbox_close(&m);
}
