/* SPDX-License-Identifier: GPL-2.0 */
/* A GPU that tenants share: the arbiter, and who serves it. */
#ifndef VGPU_SIM_GPU_H
#define VGPU_SIM_GPU_H

#include "hist.h"
#include "worker.h"

struct gpu;

/**
 * struct gpu_setup - who shares it
 * @worker: the tenants' workers
 * @tenants: how many; at most SIM_MAX_TENANTS
 * @weight: of each
 * @window: jobs that each has submitted and not back yet
 * @depth: jobs that are with workers at a time
 * @charge_device: a job is charged what the engine says, not what is seen from here
 */
struct gpu_setup {
	struct worker *worker;
	__u32 tenants;
	__u32 weight[SIM_MAX_TENANTS];
	__u32 window;
	__u32 depth;
	bool charge_device;
};

/**
 * struct gpu_result - what became of it, in all runs; memory is zeroed at first
 * @per_s: jobs in a second, in the last run
 * @cpu_ns: processors' time for each, in the last run
 * @jobs: how many there were, of each tenant
 * @device_ns: time on the device that each tenant has had, as the engines measure it
 * @wait: from the submission of a job until its worker begins it, nanoseconds
 * @arbiter: what the arbiter's functions took for a job, nanoseconds
 */
struct gpu_result {
	double per_s;
	double cpu_ns;
	__u64 jobs[SIM_MAX_TENANTS];
	__u64 device_ns[SIM_MAX_TENANTS];
	struct hist wait;
	struct hist arbiter;
};

struct gpu *gpu_create(const struct gpu_setup *setup);
bool gpu_run(struct gpu *gpu, __u64 settle_ns, __u64 ns, struct gpu_result *result);
void gpu_free(struct gpu *gpu);

#endif /* VGPU_SIM_GPU_H */
