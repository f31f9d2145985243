// SPDX-License-Identifier: GPL-2.0
/*
 * Measuring a cell.  The plain program, the engine alone and the tenants run one after the other,
 * ROUNDS times: what else the machine does, and how warm the GPU is, meets all of them.  In the
 * end the device's memory has to say that each job of any of them was run, once.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "measure.h"

/* For the device to be as fast as it gets */
#define WARM_NS		(NS_PER_S / 5)

/* Steps to begin with, and attempts to come close to a length */
#define WORK_MIN	64
#define ATTEMPTS	12

/**
 * struct rounds - what each round has shown
 * @native: jobs in a second
 * @engine: likewise
 * @vgpu: likewise
 * @share: percent
 * @native_cpu: nanoseconds for a job
 * @vgpu_cpu: likewise
 */
struct rounds {
	double native[ROUNDS];
	double engine[ROUNDS];
	double vgpu[ROUNDS];
	double share[ROUNDS];
	double native_cpu[ROUNDS];
	double vgpu_cpu[ROUNDS];
};

/**
 * bench_open() - be ready to measure
 * @bench: filled in
 * @plan: what is to be measured; stays
 *
 * Return: false after a message if that can't be; bench_close() is called nevertheless.
 */
bool bench_open(struct bench *bench, const struct plan *plan)
{
	struct worker_setup setup = { .engine = plan->kind->engine, .device = plan->device,
				      .source = plan->kind->source };
	__u32 i, most = 0;

	*bench = (struct bench){ .plan = plan, .is_cpu = true };
	if (plan->kind->native) {
		bench->native = plan->kind->native->open(plan->device, setup.source);
		if (!bench->native)
			return false;
		bench->is_cpu = bench->native->is_cpu;
		setup.grid = bench->native->grid;
	}
	for (i = 0; i < plan->tenants.count; i++)
		most = plan->tenants.value[i] > most ? plan->tenants.value[i] : most;
	for (; bench->workers < most; bench->workers++)
		if (!worker_start(&bench->worker[bench->workers], &setup))
			return false;
	return true;
}

/**
 * bench_close() - end what bench_open() began
 * @bench: the bench
 */
void bench_close(struct bench *bench)
{
	while (bench->workers)
		worker_stop(&bench->worker[--bench->workers]);
	if (bench->native)
		bench->native->ops->close(bench->native);
}

/**
 * bench_device() - what is measured?
 * @bench: open
 *
 * Return: the device's name, as the vendor has it.
 */
const char *bench_device(const struct bench *bench)
{
	return worker_device(&bench->worker[0]);
}

/* The next guess at the work: by the line through this measurement and the one before. */
static __u32 guess(const struct kernel *k, __u32 before, __u64 before_ns)
{
	double want = (double)k->us * NS_PER_US, slope;

	slope = k->work == before || k->ns <= before_ns ? (double)k->ns / k->work :
		(double)(k->ns - before_ns) / ((double)k->work - before);
	want = k->work + (want - k->ns) / slope;
	/* a short one says little of the slope */
	if (want > k->work * 8.0)
		want = k->work * 8.0;
	return want < 1 ? 1 : want > UINT32_MAX ? UINT32_MAX : want;
}

/**
 * bench_kernel() - have a kernel of some length
 * @bench: the bench
 * @us: microseconds that it is to take
 * @kernel: filled in; it may be longer, if the shortest one is
 *
 * Return: false after a message if that can't be.
 */
bool bench_kernel(struct bench *bench, __u32 us, struct kernel *kernel)
{
	struct loop_result loop;
	__u32 before = 0, next;
	__u64 before_ns = 0;
	int i;

	*kernel = (struct kernel){ .us = us, .work = WORK_MIN };
	if (!workers_prepare(bench->worker, 1, WORK_MIN) ||
	    !workers_loop(bench->worker, 1, WARM_NS, &loop) || !workers_check(bench->worker, 1))
		return false;
	for (i = 0; i < ATTEMPTS; i++) {
		kernel->ns = worker_measure(bench->worker, kernel->work);
		if (!kernel->ns)
			return false;
		if (fabs((double)kernel->ns / NS_PER_US - us) < 0.02 * us)
			break;
		next = guess(kernel, before, before_ns);
		if (next == kernel->work || i == ATTEMPTS - 1)
			break;
		before = kernel->work;
		before_ns = kernel->ns;
		kernel->work = next;
	}
	return true;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Sorts them. */
static double median(double *value)
{
	qsort(value, ROUNDS, sizeof(*value), compare);
	return value[ROUNDS / 2];
}

/* One round.  Return false after a message if that isn't possible. */
static bool run_round(struct bench *bench, struct gpu *gpu, const struct cell *cell, int i,
		      struct rounds *rounds, struct gpu_result *result)
{
	struct native *native = bench->native;
	__u64 ns = bench->plan->seconds * NS_PER_S / ROUNDS / (native ? 3 : 2);
	__u64 settle_ns = ns / 8 + cell->kernel.ns * cell->tenants;
	struct loop_result plain, alone = { };

	if (native) {
		if (!native->ops->run(native, ns, cell->kernel.ns, &plain) ||
		    !workers_loop(bench->worker, 1, ns, &alone))
			return false;
	} else if (!workers_loop(bench->worker, cell->tenants, ns, &plain)) {
		return false;
	}
	if (!gpu_run(gpu, settle_ns, ns, result))
		return false;
	rounds->native[i] = plain.per_s;
	rounds->engine[i] = alone.per_s;
	rounds->vgpu[i] = result->per_s;
	rounds->share[i] = 100 * result->per_s / plain.per_s;
	rounds->native_cpu[i] = plain.cpu_ns;
	rounds->vgpu_cpu[i] = result->cpu_ns;
	return true;
}

/*
 * What part of all each tenant has.  Return how far one is from what its weight says at most, in
 * percent of that.
 */
static double find_parts(const __u64 *has, const struct gpu_setup *setup, double *part)
{
	double all = 0, weights = 0, most = 0, want, off;
	__u32 i;

	for (i = 0; i < setup->tenants; i++) {
		all += has[i];
		weights += setup->weight[i];
	}
	for (i = 0; i < setup->tenants; i++) {
		part[i] = 100 * has[i] / all;
		want = 100 * setup->weight[i] / weights;
		off = 100 * fabs(part[i] - want) / want;
		most = off > most ? off : most;
	}
	return most;
}

static void fill_in(struct cell *cell, struct rounds *rounds, const struct gpu_setup *setup,
		    const struct gpu_result *result)
{
	__u32 i;

	cell->native_per_s = median(rounds->native);
	cell->engine_per_s = median(rounds->engine);
	cell->vgpu_per_s = median(rounds->vgpu);
	cell->share = median(rounds->share);
	cell->share_low = rounds->share[0];
	cell->share_high = rounds->share[ROUNDS - 1];
	cell->native_cpu_ns = median(rounds->native_cpu);
	cell->vgpu_cpu_ns = median(rounds->vgpu_cpu);
	for (i = 0; i < cell->tenants; i++)
		cell->jobs += result->jobs[i];
	cell->wait[0] = hist_percentile(&result->wait, 50);
	cell->wait[1] = hist_percentile(&result->wait, 99);
	cell->arbiter_ns = hist_percentile(&result->arbiter, 50);
	cell->unfair = find_parts(result->jobs, setup, cell->work);
	cell->unfair_time = find_parts(result->device_ns, setup, cell->time);
}

static bool run_rounds(struct bench *bench, struct gpu *gpu, struct cell *cell,
		       struct rounds *rounds, struct gpu_result *result)
{
	struct native *native = bench->native;
	int i;

	if (!workers_prepare(bench->worker, cell->tenants, cell->kernel.work) ||
	    (native && !native->ops->prepare(native, cell->kernel.work)))
		return false;
	for (i = 0; i < ROUNDS; i++) {
		fprintf(stderr, "vgpu-sim: %u tenants, %u us: round %d of %d\n", cell->tenants,
			cell->kernel.us, i + 1, ROUNDS);
		if (!run_round(bench, gpu, cell, i, rounds, result))
			return false;
	}
	return workers_check(bench->worker, cell->tenants) &&
	       (!native || native->ops->check(native));
}

/**
 * bench_cell() - measure
 * @bench: the bench
 * @tenants: so many
 * @kernel: with this
 * @cell: filled in
 *
 * Return: false after a message if a job failed, or its result is wrong.
 */
bool bench_cell(struct bench *bench, __u32 tenants, const struct kernel *kernel,
		struct cell *cell)
{
	const struct plan *plan = bench->plan;
	struct gpu_setup setup = { .worker = bench->worker, .tenants = tenants,
				   .window = plan->window, .depth = plan->depth,
				   .charge_device = plan->charge_device };
	struct gpu_result *result = calloc(1, sizeof(*result));
	struct rounds rounds;
	struct gpu *gpu;
	bool good;
	__u32 i;

	for (i = 0; i < tenants; i++)
		setup.weight[i] = plan->weights.value[i % plan->weights.count];
	*cell = (struct cell){ .tenants = tenants, .kernel = *kernel };
	gpu = result ? gpu_create(&setup) : NULL;
	if (!gpu) {
		fprintf(stderr, "vgpu-sim: no memory\n");
		free(result);
		return false;
	}
	good = run_rounds(bench, gpu, cell, &rounds, result);
	if (good)
		fill_in(cell, &rounds, &setup, result);
	gpu_free(gpu);
	free(result);
	return good;
}
