/* SPDX-License-Identifier: GPL-2.0 */
/* What a job is charged that runs beside others. */
#ifndef _VGPU_EXEC_CLOCK_H
#define _VGPU_EXEC_CLOCK_H

#include <linux/spinlock.h>
#include <linux/types.h>

/**
 * struct vgpu_exec_clock - GPU time, for each of those that use the GPU at a time
 * @lock: protects the rest; a leaf
 * @busy: how many workers are at a job
 * @since_ns: when @ns was right
 * @ns: it goes on by what passes, divided by @busy
 */
struct vgpu_exec_clock {
	spinlock_t lock;
	u32 busy;
	u64 since_ns;
	u64 ns;
};

void vgpu_exec_clock_init(struct vgpu_exec_clock *clock);
u64 vgpu_exec_clock_begin(struct vgpu_exec_clock *clock, u64 now_ns);
u64 vgpu_exec_clock_end(struct vgpu_exec_clock *clock, u64 begin_ns, u64 now_ns);

#endif /* _VGPU_EXEC_CLOCK_H */
