/* SPDX-License-Identifier: GPL-2.0 */
/* A cell of the table: so many tenants, with kernels of such a length. */
#ifndef VGPU_SIM_MEASURE_H
#define VGPU_SIM_MEASURE_H

#include "gpu.h"
#include "kinds.h"

/* Times that each way to run jobs is measured in a cell, in turn */
#define ROUNDS		5

/* Rows and columns at most */
#define MAX_LIST	16

#define KERNEL_US_MAX	100000

/**
 * struct list - numbers of the command line
 * @count: how many
 * @value: which
 */
struct list {
	__u32 count;
	__u32 value[MAX_LIST];
};

/**
 * struct plan - what is to be measured
 * @kind: on which engine
 * @device: which of its devices; NULL: the first
 * @tenants: numbers of tenants, one after the other
 * @kernel_us: lengths of the kernel
 * @weights: of the tenants; if there are more of these, it begins again
 * @window: &gpu_setup.window
 * @depth: &gpu_setup.depth
 * @charge_device: &gpu_setup.charge_device
 * @seconds: of measuring, in each cell
 */
struct plan {
	const struct kind *kind;
	const char *device;
	struct list tenants;
	struct list kernel_us;
	struct list weights;
	__u32 window;
	__u32 depth;
	bool charge_device;
	__u32 seconds;
};

/**
 * struct bench - what is measured with
 * @plan: what is to be measured
 * @native: the plain program; or NULL
 * @worker: as many as there are to be tenants at most
 * @workers: how many have begun
 * @is_cpu: jobs run on processors of this machine
 */
struct bench {
	const struct plan *plan;
	struct native *native;
	struct worker worker[SIM_MAX_TENANTS];
	__u32 workers;
	bool is_cpu;
};

/**
 * struct kernel - a kernel of some length
 * @us: as long as it was to be
 * @ns: as long as it is, on the device, when nothing else runs there
 * @work: steps that it does
 */
struct kernel {
	__u32 us;
	__u64 ns;
	__u32 work;
};

/**
 * struct cell - what was measured; rates are medians
 * @tenants: how many
 * @kernel: with which kernel
 * @native_per_s: jobs in a second, of the plain program
 * @engine_per_s: of one worker alone without an arbiter; 0 if that is not something else than
 *	@native_per_s
 * @vgpu_per_s: of all tenants together
 * @share: the latter's part of the native rate, in percent
 * @share_low: least of all rounds
 * @share_high: most of them
 * @native_cpu_ns: processors' time of a job, natively
 * @vgpu_cpu_ns: with tenants
 * @work: part of the work that was done for each tenant, in percent: all jobs are alike
 * @time: part of the device's time that each has had, likewise, as the engines measure it
 * @unfair: how far a tenant's part of the work is from what its weight says at most, in percent
 *	of that
 * @unfair_time: likewise, of the time
 * @jobs: jobs of tenants that count
 * @wait: percentiles of waiting, in nanoseconds: 50 and 99
 * @arbiter_ns: the arbiter's part of a job, the median
 */
struct cell {
	__u32 tenants;
	struct kernel kernel;
	double native_per_s;
	double engine_per_s;
	double vgpu_per_s;
	double share;
	double share_low;
	double share_high;
	double native_cpu_ns;
	double vgpu_cpu_ns;
	double work[SIM_MAX_TENANTS];
	double time[SIM_MAX_TENANTS];
	double unfair;
	double unfair_time;
	__u64 jobs;
	__u64 wait[2];
	__u64 arbiter_ns;
};

bool bench_open(struct bench *bench, const struct plan *plan);
void bench_close(struct bench *bench);
const char *bench_device(const struct bench *bench);
bool bench_kernel(struct bench *bench, __u32 us, struct kernel *kernel);
bool bench_cell(struct bench *bench, __u32 tenants, const struct kernel *kernel,
		struct cell *cell);

#endif /* VGPU_SIM_MEASURE_H */
