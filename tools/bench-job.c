// SPDX-License-Identifier: GPL-2.0
/*
 * The jobs of vgpu-bench, and what their buffers must hold at the end.
 *
 * A worker has as many buffers as jobs in flight and uses them in turn, so that each
 * job writes one that no other is about to write.  What a job writes depends on its
 * number: what is left in a buffer tells that the last job on it was done, and right.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench-worker.h"

/* A job's inputs begin at one of so many places */
#define SHIFTS	8

static struct vgpu_buf slot_of(const struct worker *w, unsigned long i)
{
	return (struct vgpu_buf) {
		.bo = w->device_bo,
		.offset = i % w->slots * w->stride,
	};
}

/* Buffers on the GPU, all zeroes. */
static int make_slots(struct worker *w, size_t bytes)
{
	w->slots = w->o->mailbox ? 1 : w->o->depth;
	w->slot_bytes = bytes;
	w->stride = (bytes + 63) / 64 * 64;
	return vgpu_bo_create(w->dev, w->slots * w->stride, &w->device_bo);
}

static int nop_submit(struct worker *w, unsigned long i)
{
	return vgpu_queue_nop(w->queue, i);
}

static int nop_call(struct worker *w, unsigned long i)
{
	(void)i;
	return vgpu_nop(w->dev);
}

static __u32 mark_of(const struct worker *w, unsigned long i)
{
	return ((__u32)i ^ w->number << 24) * 2654435761U;
}

/* Copies: from this machine's memory, where each source has its job's mark in front */
static int copy_prepare(struct worker *w)
{
	unsigned char *byte;
	size_t i;
	int err;

	err = make_slots(w, w->o->size);
	if (!err)
		err = vgpu_bo_create_system(w->dev, w->slots * w->stride, &w->source_bo,
					    &w->source);
	if (err)
		return err;
	byte = w->source;
	for (i = 0; i < w->slots * w->stride; i++)
		byte[i] = (unsigned char)(i * 7 + w->number);
	return 0;
}

static struct vgpu_buf copy_source(struct worker *w, unsigned long i)
{
	struct vgpu_buf src = { .bo = w->source_bo, .offset = i % w->slots * w->stride };
	__u32 mark = mark_of(w, i);

	memcpy((char *)w->source + src.offset, &mark, sizeof(mark));
	return src;
}

static int copy_submit(struct worker *w, unsigned long i)
{
	return vgpu_queue_copy(w->queue, i, slot_of(w, i), copy_source(w, i), w->o->size);
}

static int copy_call(struct worker *w, unsigned long i)
{
	return vgpu_copy(w->dev, slot_of(w, i), copy_source(w, i), w->o->size);
}

static void copy_expect(struct worker *w, void *mem, unsigned long slot, unsigned long last)
{
	__u32 mark = mark_of(w, last);

	memcpy(mem, (char *)w->source + slot * w->stride, w->slot_bytes);
	memcpy(mem, &mark, sizeof(mark));
}

/* Fills: with the job's mark */
static int fill_prepare(struct worker *w)
{
	return make_slots(w, w->o->size);
}

static int fill_submit(struct worker *w, unsigned long i)
{
	return vgpu_queue_fill(w->queue, i, slot_of(w, i), w->o->size, mark_of(w, i));
}

static int fill_call(struct worker *w, unsigned long i)
{
	return vgpu_fill(w->dev, slot_of(w, i), w->o->size, mark_of(w, i));
}

static void fill_expect(struct worker *w, void *mem, unsigned long slot, unsigned long last)
{
	__u32 *word = mem;
	size_t i;

	(void)slot;
	for (i = 0; i < w->slot_bytes / sizeof(*word); i++)
		word[i] = mark_of(w, last);
}

/* Kernels: the inputs are on the GPU, and begin where the job's number says */
static int kernel_prepare(struct worker *w)
{
	const struct run_kernel *k = w->o->kernel;
	struct vgpu_buf dst = { }, src = { };
	size_t bytes, all;
	__u32 module;
	__u64 random;
	char name[32], *p;
	int err;

	w->n = run_kernel_n(k, w->o->size);
	w->a = 1.1f + (float)w->number;
	bytes = w->n * k->element * (k->square ? w->n : 1);
	w->source_stride = (bytes + SHIFTS * sizeof(__u32) + 63) / 64 * 64;
	all = w->source_stride * k->inputs;
	err = make_slots(w, k->out_bytes ? k->out_bytes : bytes);
	if (!err)
		err = vgpu_bo_create_system(w->dev, all, &src.bo, &w->source);
	if (err)
		return err;
	random = w->number;
	run_kernel_generate(k, w->source, all, &random);
	err = vgpu_bo_create(w->dev, all, &w->source_bo);
	dst.bo = w->source_bo;
	if (!err)
		err = vgpu_copy(w->dev, dst, src, all);
	if (!err && !w->o->mailbox)
		err = vgpu_module_load(w->dev, VGPU_MODULE_BUILTIN, NULL, 0, &module);
	if (err || w->o->mailbox)
		return err;
	/* kernels are called that in modules */
	snprintf(name, sizeof(name), "%s", k->name);
	for (p = name; *p; p++)
		*p = *p == '-' ? '_' : *p;
	return vgpu_kernel_get(w->dev, module, name, &w->handle);
}

static size_t kernel_input(const struct worker *w, unsigned int input, unsigned long i)
{
	return input * w->source_stride + i % SHIFTS * sizeof(__u32);
}

static void kernel_inputs(const struct worker *w, struct vgpu_buf *in, unsigned long i)
{
	unsigned int input;

	for (input = 0; input < w->o->kernel->inputs; input++) {
		in[input].bo = w->source_bo;
		in[input].offset = kernel_input(w, input, i);
	}
}

static int kernel_submit(struct worker *w, unsigned long i)
{
	struct vgpu_buf in[RUN_MAX_INPUTS];
	struct vgpu_dev_arg args[VGPU_MAX_ARGS];
	unsigned int count;

	kernel_inputs(w, in, i);
	count = run_kernel_args(w->o->kernel, args, slot_of(w, i), in, w->n, w->a);
	return vgpu_queue_launch(w->queue, i, w->handle, args, count);
}

static int kernel_call(struct worker *w, unsigned long i)
{
	struct vgpu_buf in[RUN_MAX_INPUTS];

	kernel_inputs(w, in, i);
	return w->o->kernel->launch(w->dev, slot_of(w, i), in, w->n, w->a);
}

static void kernel_expect(struct worker *w, void *mem, unsigned long slot, unsigned long last)
{
	const struct run_kernel *k = w->o->kernel;
	/* what reads its output depends on each job, other kernels on the last alone */
	unsigned long i = k->in_place ? slot : last;
	void *in[RUN_MAX_INPUTS];
	unsigned int input;

	memset(mem, 0, w->slot_bytes);
	for (; i <= last; i += w->slots) {
		for (input = 0; input < k->inputs; input++)
			in[input] = (char *)w->source + kernel_input(w, input, i);
		k->reference(mem, in, w->n, w->a);
	}
}

static const struct bench_job jobs[] = {
	{
		.name = "nop",
		.submit = nop_submit,
		.call = nop_call,
	}, {
		.name = "copy",
		.sized = true,
		.prepare = copy_prepare,
		.submit = copy_submit,
		.call = copy_call,
		.expect = copy_expect,
	}, {
		.name = "fill",
		.sized = true,
		.prepare = fill_prepare,
		.submit = fill_submit,
		.call = fill_call,
		.expect = fill_expect,
	}, {
		.sized = true,
		.prepare = kernel_prepare,
		.submit = kernel_submit,
		.call = kernel_call,
		.expect = kernel_expect,
	},
};

/**
 * bench_job_find() - look up a kind of job
 * @name: such as "copy", or a kernel's
 * @kernel: set if it is one
 *
 * Return: the kind, or NULL.
 */
const struct bench_job *bench_job_find(const char *name, const struct run_kernel **kernel)
{
	const struct bench_job *job = jobs;

	*kernel = run_kernel_find(name);
	while (job->name && (*kernel || strcmp(job->name, name)))
		job++;
	return job->name || *kernel ? job : NULL;
}

/**
 * bench_job_check() - do the buffers of a worker hold what they must?
 * @w: the worker; @w->o->jobs of its jobs are over
 *
 * Sets @w->wrong.
 *
 * Return: 0 or a negative errno.
 */
int bench_job_check(struct worker *w)
{
	struct vgpu_buf seen = { }, slots = { .bo = w->device_bo };
	unsigned long slot, last;
	void *mem, *want;
	int err;

	if (!w->o->job->expect)
		return 0;
	want = malloc(w->slot_bytes);
	if (!want)
		return -ENOMEM;
	err = vgpu_bo_create_system(w->dev, w->slots * w->stride, &seen.bo, &mem);
	if (!err)
		err = vgpu_copy(w->dev, seen, slots, w->slots * w->stride);
	for (slot = 0; !err && slot < w->slots && slot < w->o->jobs; slot++) {
		last = w->o->jobs - 1;
		last -= (last - slot) % w->slots;
		w->o->job->expect(w, want, slot, last);
		w->wrong += memcmp(want, (char *)mem + slot * w->stride, w->slot_bytes) != 0;
	}
	free(want);
	return err;
}
