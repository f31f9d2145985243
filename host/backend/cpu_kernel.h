/* SPDX-License-Identifier: GPL-2.0 */
/* Built-in kernels of the cpu backend, in steps of bounded length. */
#ifndef _VGPU_CPU_KERNEL_H
#define _VGPU_CPU_KERNEL_H

#include <linux/types.h>
#include <linux/vgpu_dev.h>

#include "job.h"

struct shash_desc;

/**
 * struct vgpu_cpu_run - a kernel being run
 * @arg: its arguments
 * @buf: where each buffer argument begins
 * @sha256: room for a digest in the making
 * @sum: sum so far
 */
struct vgpu_cpu_run {
	const struct vgpu_job_arg *arg;
	void *buf[VGPU_MAX_ARGS];
	struct shash_desc *sha256;
	u32 sum;
};

/**
 * struct vgpu_cpu_kernel - a kernel as steps
 * @units: how many units of work there are; called once, before the first step
 * @step: do units [first, first + count)
 * @finish: after the last step; optional
 * @chunk: units that take tens of microseconds: one step's worth
 */
struct vgpu_cpu_kernel {
	u64 (*units)(struct vgpu_cpu_run *run);
	void (*step)(struct vgpu_cpu_run *run, u64 first, u32 count);
	void (*finish)(struct vgpu_cpu_run *run);
	u32 chunk;
};

extern const struct vgpu_cpu_kernel vgpu_cpu_kernels[VGPU_BUILTIN_COUNT];

#endif /* _VGPU_CPU_KERNEL_H */
