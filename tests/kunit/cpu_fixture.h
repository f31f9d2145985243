/* SPDX-License-Identifier: GPL-2.0 */
/* A vGPU on the cpu backend, and jobs of the test's own for it. */
#ifndef _VGPU_TEST_CPU_FIXTURE_H
#define _VGPU_TEST_CPU_FIXTURE_H

#include <linux/completion.h>
#include <linux/types.h>

#include "gpu.h"
#include "job.h"
#include "vgpu.h"

struct kunit;

#define CPU_MEMORY	(64U << 20)
#define CPU_JOBS	8

/**
 * struct cpu_job - a job of the test's own
 * @job: the job
 * @done: it is over
 * @order: when, counted over all
 */
struct cpu_job {
	struct vgpu_job job;
	struct completion done;
	u32 order;
};

/**
 * struct cpu_fixture - &kunit.priv
 * @cpu: the engine
 * @gpu: the GPU it plays
 * @vgpu: shares it
 * @ctx: a context
 * @job: jobs
 * @nr_done: jobs that are over
 */
struct cpu_fixture {
	struct vgpu_cpu *cpu;
	struct vgpu_gpu gpu;
	struct vgpu vgpu;
	struct vgpu_ctx *ctx;
	struct cpu_job job[CPU_JOBS];
	u32 nr_done;
};

int cpu_fixture_init(struct kunit *test);
void cpu_fixture_exit(struct kunit *test);
struct vgpu_bo *cpu_bo(struct kunit *test, u64 size);
struct cpu_job *cpu_job(struct kunit *test, u32 i, enum vgpu_job_type type);
void cpu_submit(struct kunit *test, struct cpu_job *job);
enum vgpu_error cpu_wait(struct kunit *test, struct cpu_job *job);
enum vgpu_error cpu_launch(struct kunit *test, u32 kernel,
			   const struct vgpu_job_arg *arg);

/* an argument of a kernel */
#define CPU_BUF(object, at) \
	{ .range = { .bo = (object), .offset = (at) } }
#define CPU_VALUE(number)	{ .value = (number) }

#endif /* _VGPU_TEST_CPU_FIXTURE_H */
