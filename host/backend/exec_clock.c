// SPDX-License-Identifier: GPL-2.0
/*
 * What a job is charged that runs beside others.
 *
 * What a worker says it took can't be believed, and how long it took is more than it had of the
 * GPU if other workers were at jobs meanwhile.  How these share the GPU is the vendor's business;
 * as long as they do so evenly, each has what passes, divided by how many they are: processor
 * sharing, and this is its virtual time.  So the sum of what is charged is never more than what
 * has passed.  A worker that is at a job and doesn't use the GPU makes all others' jobs seem
 * cheaper by the same factor, and so changes nobody's share by weight but its own, which is charged
 * for it.  (A cap counts what is charged: beside such a one it lets through more.)
 *
 * A worker that is at something else, with jobs behind it, is as one that is at a job.
 */
#include <linux/lockdep.h>
#include <linux/math64.h>

#include "exec_clock.h"

/**
 * vgpu_exec_clock_init() - nobody uses the GPU
 * @clock: the clock, zeroed
 *
 * Context: any.
 */
void vgpu_exec_clock_init(struct vgpu_exec_clock *clock)
{
	spin_lock_init(&clock->lock);
}

static void vgpu_exec_clock_advance_locked(struct vgpu_exec_clock *clock, u64 now_ns)
{
	lockdep_assert_held(&clock->lock);

	/* who had the lock before may have read the time later */
	if (now_ns <= clock->since_ns)
		return;
	if (clock->busy)
		clock->ns += div_u64(now_ns - clock->since_ns, clock->busy);
	clock->since_ns = now_ns;
}

/**
 * vgpu_exec_clock_begin() - a worker begins a job
 * @clock: the GPU's
 * @now_ns: the time, by ktime_get_ns()
 *
 * Context: process context.
 * Return: for vgpu_exec_clock_end().
 */
u64 vgpu_exec_clock_begin(struct vgpu_exec_clock *clock, u64 now_ns)
{
	u64 ns;

	spin_lock(&clock->lock);
	vgpu_exec_clock_advance_locked(clock, now_ns);
	clock->busy++;
	ns = clock->ns;
	spin_unlock(&clock->lock);
	return ns;
}

/**
 * vgpu_exec_clock_end() - it is at that job no more
 * @clock: the GPU's
 * @begin_ns: what vgpu_exec_clock_begin() returned
 * @now_ns: the time
 *
 * Context: process context.
 * Return: what the job had of the GPU, in nanoseconds.
 */
u64 vgpu_exec_clock_end(struct vgpu_exec_clock *clock, u64 begin_ns, u64 now_ns)
{
	u64 ns;

	spin_lock(&clock->lock);
	vgpu_exec_clock_advance_locked(clock, now_ns);
	clock->busy--;
	ns = clock->ns - begin_ns;
	spin_unlock(&clock->lock);
	return ns;
}
