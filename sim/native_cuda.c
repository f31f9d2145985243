// SPDX-License-Identifier: GPL-2.0
/*
 * CUDA's driver API as a plain program uses it: one context and one stream, without timing, in
 * which launches always wait behind the one that runs.
 */
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "cuda.h"
#include "native.h"

/* Launches are waited for in batches of about a millisecond, of which two are in the stream */
#define BATCH_NS	1000000ULL
#define BATCH_MAX	128

/* Blocks for each multiprocessor, and threads of one: as many as all GPUs have at a time */
#define BLOCKS		8
#define THREADS		256

/* What is registered with the device are whole ones */
#define PAGE		4096

/* CUdevice_attribute */
#define MULTIPROCESSORS	16

/**
 * struct native_cu - the device
 * @base: what others see of it
 * @cu: the library and the device, as the engine finds them; nothing else of it
 * @ctx: the context
 * @stream: the stream
 * @event: of the last launch of each batch
 * @module: the kernel's
 * @kernel: the kernel
 * @mem: the sums; 0: none yet
 * @done: the jobs that have added to them
 */
struct native_cu {
	struct native base;
	struct cuda cu;
	struct cu_context *ctx;
	struct cu_stream *stream;
	struct cu_event *event[2];
	struct cu_module *module;
	struct cu_function *kernel;
	__u64 mem;
	struct spin done;
};

static struct native_cu *to_native(struct native *native)
{
	return (struct native_cu *)native;
}

static bool failed(const struct native_cu *n, const char *what, int error)
{
	if (error)
		fprintf(stderr, "vgpu-sim: cuda: %s: %s\n", what,
			cuda_api_error(n->cu.api, error));
	return error;
}

static __u32 items_of(const struct native_cu *n)
{
	return n->base.grid.groups[0] * n->base.grid.items[0];
}

static void native_cu_close(struct native *native)
{
	struct native_cu *n = to_native(native);

	/* and all that is in it */
	if (n->ctx)
		n->cu.api->ctx_destroy(n->ctx);
	free(n);
}

/* What isn't NUL-terminated is copied to where it is. */
static int load(struct native_cu *n, const struct spin_source *source)
{
	char *text = calloc(1, source->length + 1);
	int error = CUDA_OUT_OF_MEMORY;

	if (!text)
		return error;
	memcpy(text, source->text, source->length);
	error = n->cu.api->module_load_data_ex(&n->module, text, 0, NULL, NULL);
	free(text);
	return error;
}

static bool open_stream(struct native_cu *n, const struct spin_source *source)
{
	const struct cuda_api *api = n->cu.api;
	unsigned int flags = CUDA_CTX_SCHED_BLOCKING_SYNC | CUDA_CTX_MAP_HOST;
	int units = 1;

	if (failed(n, "no context", api->ctx_create(&n->ctx, flags, n->cu.device)) ||
	    failed(n, "no stream", api->stream_create(&n->stream, CUDA_STREAM_NON_BLOCKING)) ||
	    failed(n, "no event", api->event_create(&n->event[0], CUDA_EVENT_BLOCKING_SYNC)) ||
	    failed(n, "no event", api->event_create(&n->event[1], CUDA_EVENT_BLOCKING_SYNC)) ||
	    failed(n, "no module", load(n, source)) ||
	    failed(n, "no kernel", api->module_get_function(&n->kernel, n->module, source->name)))
		return false;
	api->device_get_attribute(&units, MULTIPROCESSORS, n->cu.device);
	n->base.grid = (struct engine_grid){
		.groups = { (units > 0 ? units : 1) * BLOCKS, 1, 1 },
		.items = { THREADS, 1, 1 },
	};
	return true;
}

static struct native *native_cu_open(const char *device, const struct spin_source *source)
{
	struct native_cu *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->base.ops = &native_cuda;
	n->cu.api = cuda_device_init();
	if (!n->cu.api || !cuda_device_find(&n->cu, device)) {
		free(n);
		return NULL;
	}
	if (!open_stream(n, source)) {
		native_cu_close(&n->base);
		return NULL;
	}
	return &n->base;
}

static bool native_cu_prepare(struct native *native, __u32 work)
{
	struct native_cu *n = to_native(native);
	const struct cuda_api *api = n->cu.api;
	size_t size = items_of(n) * sizeof(__u32);

	n->done = (struct spin){ .work = work };
	return !failed(n, "no context", api->ctx_set_current(n->ctx)) &&
	       (n->mem || !failed(n, "no memory", api->mem_alloc(&n->mem, size))) &&
	       !failed(n, "filling", api->memset_d32_async(n->mem, 0, items_of(n), n->stream)) &&
	       !failed(n, "filling", api->stream_synchronize(n->stream));
}

/* Launch some; @event comes after the last. */
static int launch(struct native_cu *n, __u32 count, struct cu_event *event)
{
	void *params[] = { &n->mem, &n->done.jobs, &n->done.work };
	const struct engine_grid *grid = &n->base.grid;
	int error = CUDA_OK;

	while (count-- && !error) {
		error = n->cu.api->launch_kernel(n->kernel, grid->groups[0], 1, 1, grid->items[0],
						 1, 1, 0, n->stream, params, NULL);
		if (!error)
			n->done.seeds += n->done.jobs++;
	}
	return error ?: n->cu.api->event_record(event, n->stream);
}

static bool native_cu_run(struct native *native, __u64 ns, __u64 kernel_ns,
			  struct loop_result *result)
{
	struct native_cu *n = to_native(native);
	__u32 batch = BATCH_NS / (kernel_ns + 1), before = n->done.jobs;
	__u64 cpu = cpu_ns(), begin = now_ns(), end;
	int error = CUDA_OK, i = 0;

	batch = batch < 1 ? 1 : batch > BATCH_MAX ? BATCH_MAX : batch;
	do {
		/* an event that was never recorded has come */
		error = n->cu.api->event_synchronize(n->event[i]) ?:
			launch(n, batch, n->event[i]);
		i = !i;
	} while (!error && now_ns() < begin + ns);
	error = error ?: n->cu.api->stream_synchronize(n->stream);
	end = now_ns();
	result->jobs = n->done.jobs - before;
	result->per_s = (double)result->jobs * NS_PER_S / (end - begin);
	result->cpu_ns = (double)(cpu_ns() - cpu) / result->jobs;
	return !failed(n, "launching", error);
}

/* Have the sums where the device doesn't reach by itself. */
static int fetch(struct native_cu *n, __u32 *sum, size_t size)
{
	const struct cuda_api *api = n->cu.api;
	int error = api->mem_host_register(sum, size, CUDA_MEMHOSTREGISTER_DEVICEMAP);

	if (error)
		return error;
	error = api->memcpy_async((uintptr_t)sum, n->mem, items_of(n) * sizeof(*sum), n->stream) ?:
		api->stream_synchronize(n->stream);
	return api->mem_host_unregister(sum) ?: error;
}

static bool native_cu_check(struct native *native)
{
	struct native_cu *n = to_native(native);
	size_t size = (items_of(n) * sizeof(__u32) + PAGE - 1) / PAGE * PAGE;
	__u32 *sum = aligned_alloc(PAGE, size);
	bool right;

	right = sum && !fetch(n, sum, size) && spin_right(&n->done, sum, items_of(n));
	free(sum);
	if (!right)
		fprintf(stderr, SPIN_WRONG);
	return right;
}

const struct native_ops native_cuda = {
	.open = native_cu_open,
	.close = native_cu_close,
	.prepare = native_cu_prepare,
	.run = native_cu_run,
	.check = native_cu_check,
};
