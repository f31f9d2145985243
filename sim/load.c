// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel that is measured, on an engine.  An engine that takes modules runs spin.h's; one
 * that doesn't adds two vectors, in place: then the work is their length.
 */
#include <stdio.h>
#include <stdlib.h>

#include "load.h"

#define LOG_SIZE	4096

static const __u32 never;

/**
 * load_open() - have the kernel on an engine
 * @load: filled in
 * @engine: the engine; only the calling thread uses it from now on
 * @source: the kernel, or NULL
 * @grid: the work items it is run by, if there is a source
 *
 * Return: false after a message if it can't be had; load_close() is called nevertheless.
 */
bool load_open(struct load *load, struct engine *engine, const struct spin_source *source,
	       const struct engine_grid *grid)
{
	char text[LOG_SIZE] = "";
	struct engine_log log = { text, sizeof(text) };
	struct engine_source code;
	struct engine_kernel_info info;
	enum vgpu_error err;

	*load = (struct load){ .engine = engine, .source = source };
	if (!source)
		return true;
	load->grid = *grid;
	load->items = grid->groups[0] * grid->items[0];
	code = (struct engine_source){ .format = source->format, .data = source->text,
				       .length = source->length };
	err = engine->ops->module_build(engine, &code, &log, &load->module) ?:
	      engine->ops->kernel_get(engine, load->module, source->name, &log, &load->kernel,
				      &info);
	if (err)
		fprintf(stderr, "vgpu-sim: %s: the kernel can't be built: error %#x\n%s\n",
			engine->info.name, err, text);
	return !err;
}

static void end_mem(struct load *load)
{
	if (load->mem)
		load->engine->ops->mem_destroy(load->engine, load->mem);
	load->mem = NULL;
}

/* What is added in each job: not the same everywhere */
static __u32 step_of(__u32 i)
{
	return SPIN_FACTOR * i + SPIN_ADDEND;
}

/* The second part of the memory of a load without a source */
static enum vgpu_error write_steps(struct load *load)
{
	struct engine_job job = { .abort = &never };
	__u32 *step = malloc(load->items * sizeof(*step)), i;
	enum vgpu_error err;

	if (!step)
		return VGPU_ERR_NO_MEMORY;
	for (i = 0; i < load->items; i++)
		step[i] = step_of(i);
	err = load->engine->ops->write(load->engine, load->mem, load->mem->size / 2, step,
				       load->items * sizeof(*step), &job);
	free(step);
	return err;
}

/**
 * load_prepare() - begin with other work, and with sums that are 0
 * @load: the kernel
 * @work: steps of each job
 *
 * Return: VGPU_ERR_NONE, or why not.
 */
enum vgpu_error load_prepare(struct load *load, __u32 work)
{
	const struct engine_ops *ops = load->engine->ops;
	__u32 parts = load->source ? 1 : 2;
	enum vgpu_error err;

	end_mem(load);
	load->done = (struct spin){ .work = work };
	if (!load->source)
		load->items = work;
	err = ops->mem_create(load->engine, (__u64)load->items * sizeof(__u32) * parts, &load->mem);
	return err || load->source ? err : write_steps(load);
}

static enum vgpu_error launch_module(struct load *load, __u32 seed, struct engine_job *job)
{
	const struct engine_arg arg[] = {
		{ .mem = load->mem, .length = load->mem->size },
		{ .value = &seed, .length = sizeof(seed) },
		{ .value = &load->done.work, .length = sizeof(load->done.work) },
	};

	return load->engine->ops->launch(load->engine, load->kernel, arg, 3, &load->grid, job);
}

static enum vgpu_error launch_builtin(struct load *load, struct engine_job *job)
{
	const __u64 half = load->mem->size / 2, n = load->items;
	const struct engine_arg arg[VGPU_MAX_ARGS] = {
		{ .mem = load->mem, .length = half },
		{ .mem = load->mem, .length = half },
		{ .mem = load->mem, .offset = half, .length = half },
		{ .value = &n, .length = sizeof(n) },
	};

	return load->engine->ops->launch_builtin(load->engine, VGPU_BUILTIN_VECADD_U32, arg, job);
}

/**
 * load_can_wait() - may a job be told &engine_job.later?
 * @load: the kernel
 *
 * Return: true if so.
 */
bool load_can_wait(const struct load *load)
{
	return load->source && load->engine->ops->is_over;
}

/**
 * load_launch() - run a job
 * @load: the kernel, prepared
 * @seed: the number it begins with
 * @job: as engines want it
 *
 * Return: what the engine says.
 */
enum vgpu_error load_launch(struct load *load, __u32 seed, struct engine_job *job)
{
	return load->source ? launch_module(load, seed, job) : launch_builtin(load, job);
}

/**
 * load_count() - a job has come to a good end, and counts in load_check()
 * @load: the kernel
 * @seed: of the job
 */
void load_count(struct load *load, __u32 seed)
{
	load->done.jobs++;
	load->done.seeds += seed;
}

static bool all_right(const struct load *load, const __u32 *sum)
{
	__u32 i;

	if (load->source)
		return spin_right(&load->done, sum, load->items);
	for (i = 0; i < load->items; i++)
		if (sum[i] != load->done.jobs * step_of(i))
			return false;
	return true;
}

/**
 * load_check() - have all jobs since load_prepare() done what they were to do, once?
 * @load: the kernel
 *
 * Return: false if not, or if that can't be told.
 */
bool load_check(struct load *load)
{
	struct engine_job job = { .abort = &never };
	size_t length = load->items * sizeof(__u32);
	__u32 *sum = malloc(length);
	bool right;

	right = sum && !load->engine->ops->read(load->engine, load->mem, 0, sum, length, &job) &&
		all_right(load, sum);
	free(sum);
	return right;
}

/**
 * load_close() - end what load_open() began, but not the engine
 * @load: the kernel
 */
void load_close(struct load *load)
{
	end_mem(load);
	if (load->kernel)
		load->engine->ops->kernel_put(load->engine, load->kernel);
	if (load->module)
		load->engine->ops->module_destroy(load->engine, load->module);
}
