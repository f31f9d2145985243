// SPDX-License-Identifier: GPL-2.0
/*
 * The CUDA engine: an NVIDIA GPU by its driver API.  One device, one context, and a stream for each
 * of the guest's queues; here it is opened, and waited for.
 *
 * The context is one that is made, not the device's primary one: its flags are what they are said
 * to be, and whatever is left in it ends with it.  It belongs to the worker's process, and the GPU
 * lets a kernel reach what is mapped in its context and nothing else: the vGPU's memory.
 *
 * A job is looked at for a while, since most are short, and then waited for asleep: to spin would
 * take a CPU for each vGPU that has a long one.
 *
 * CUDA can't end what the device is at.  So what can be cut into pieces is, and between two of
 * them is a look at whether the job is aborted; a guest's own kernel can't be cut, and one that
 * goes on after an abort costs the worker: the kernel ends it after two seconds.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cuda.h"

/* Words of state for a built-in kernel */
#define SCRATCH_BYTES	4096

/* After these all that is asked of the context fails: its memory is gone, too. */
static bool is_fatal(int error)
{
	switch (error) {
	case CUDA_ECC_UNCORRECTABLE:
	case CUDA_NVLINK_UNCORRECTABLE:
	case CUDA_ILLEGAL_ADDRESS:
	case CUDA_LAUNCH_TIMEOUT:
	case CUDA_CONTEXT_IS_DESTROYED:
	case CUDA_ASSERT:
	case CUDA_HARDWARE_STACK_ERROR:
	case CUDA_ILLEGAL_INSTRUCTION:
	case CUDA_MISALIGNED_ADDRESS:
	case CUDA_INVALID_ADDRESS_SPACE:
	case CUDA_INVALID_PC:
	case CUDA_LAUNCH_FAILED:
	case CUDA_UNKNOWN:
		return true;
	default:
		return false;
	}
}

/**
 * cuda_error() - what an error of CUDA's is to a guest
 * @cu: the engine, which is lost if the error is one that nothing works after
 * @error: which
 *
 * Return: that.
 */
enum vgpu_error cuda_error(struct cuda *cu, int error)
{
	if (is_fatal(error))
		__atomic_store_n(&cu->base.lost, true, __ATOMIC_RELAXED);
	switch (error) {
	case CUDA_OK:
		return VGPU_ERR_NONE;
	case CUDA_OUT_OF_MEMORY:
		return VGPU_ERR_NO_MEMORY;
	case CUDA_INVALID_VALUE:
	case CUDA_INVALID_IMAGE:
	case CUDA_NO_BINARY_FOR_GPU:
	case CUDA_INVALID_PTX:
	case CUDA_JIT_COMPILER_NOT_FOUND:
	case CUDA_UNSUPPORTED_PTX_VERSION:
	case CUDA_INVALID_SOURCE:
	case CUDA_NOT_FOUND:
	/* more registers or threads than a block can have */
	case CUDA_LAUNCH_OUT_OF_RESOURCES:
		return VGPU_ERR_INVALID_REQUEST;
	default:
		return VGPU_ERR_GPU;
	}
}

/**
 * cuda_enter() - use the engine's context in this thread, from now on
 * @cu: the engine
 *
 * Return: VGPU_ERR_NONE, or an error.
 */
enum vgpu_error cuda_enter(struct cuda *cu)
{
	return cuda_error(cu, cu->api->ctx_set_current(cu->ctx));
}

static void timer_end(struct cuda *cu, struct cuda_timer *timer)
{
	if (timer->end)
		cu->api->event_destroy(timer->end);
	if (timer->begin)
		cu->api->event_destroy(timer->begin);
	free(timer);
}

/* Have a timer for what comes next: jobs that go on have theirs. */
static int timer_have(struct cuda *cu)
{
	struct cuda_timer *timer = cu->timer ?: cu->timers;
	int error;

	if (cu->timer)
		return CUDA_OK;
	if (timer) {
		cu->timers = timer->next;
		cu->timer = timer;
		return CUDA_OK;
	}
	timer = calloc(1, sizeof(*timer));
	if (!timer)
		return CUDA_OUT_OF_MEMORY;
	error = cu->api->event_create(&timer->begin, CUDA_EVENT_BLOCKING_SYNC) ?:
		cu->api->event_create(&timer->end, CUDA_EVENT_BLOCKING_SYNC);
	if (error)
		timer_end(cu, timer);
	else
		cu->timer = timer;
	return error;
}

/* The stream for a job: the first, if there are to be no more. */
static struct cu_stream *stream_of(struct cuda *cu, const struct engine_job *job)
{
	unsigned int i = job && job->later ? job->queue % ENGINE_QUEUES : 0;

	/* from then on always, so that jobs with one number have one stream */
	if (!cu->stream[i] && cu->api->stream_create(&cu->stream[i], CUDA_STREAM_NON_BLOCKING))
		cu->stream[i] = *cu->stream;
	return cu->stream[i];
}

/**
 * cuda_begin() - what &cuda_timer.stream of the engine's timer is told is timed, by cuda_finish()
 * @cu: the engine
 * @job: what it belongs to; or NULL
 *
 * Return: VGPU_ERR_NONE, or an error.
 */
enum vgpu_error cuda_begin(struct cuda *cu, const struct engine_job *job)
{
	enum vgpu_error err = cuda_enter(cu) ?: cuda_error(cu, timer_have(cu));

	if (err)
		return err;
	cu->timer->stream = stream_of(cu, job);
	return cuda_error(cu, cu->api->event_record(cu->timer->begin, cu->timer->stream));
}

static int wait_for_end(struct cuda *cu, struct engine_job *job)
{
	__u64 begin = engine_now_ns();
	int error;

	do {
		error = cu->api->event_query(cu->timer->end);
		if (error != CUDA_NOT_READY)
			return error;
		/* what was completed before is told meanwhile: that is what the look is for */
		if (job)
			engine_is_aborted(job);
	} while (job && engine_now_ns() - begin < ENGINE_SPIN_NS);
	return cu->api->event_synchronize(cu->timer->end);
}

/* What a timer is for has ended, as far as waiting for it, which returned @error, can tell. */
static enum vgpu_error end(struct cuda *cu, const struct cuda_timer *timer, int error,
			   struct engine_job *job)
{
	float ms = 0;
	int late;

	if (error) {
		/* what the caller frees must not be in use */
		late = cu->api->stream_synchronize(timer->stream);
		return is_fatal(late) ? cuda_error(cu, late) : cuda_error(cu, error);
	}
	if (job && !cu->api->event_elapsed_time(&ms, timer->begin, timer->end) && ms > 0)
		job->gpu_ns += (__u64)(ms * 1e6);
	return VGPU_ERR_NONE;
}

/**
 * cuda_finish() - wait for what was told since cuda_begin(), unless that is for later
 * @cu: the engine
 * @error: what telling it returned; if that is an error, too, nothing is left running
 * @job: what it belongs to; its time is added; or NULL
 *
 * Return: the error that it ended with; or VGPU_ERR_NONE, if it has an &engine_job.event now.
 */
enum vgpu_error cuda_finish(struct cuda *cu, int error, struct engine_job *job)
{
	if (!error)
		error = cu->api->event_record(cu->timer->end, cu->timer->stream);
	if (!error && job && job->later) {
		job->event = cu->timer;
		cu->timer = NULL;
		return VGPU_ERR_NONE;
	}
	if (!error)
		error = wait_for_end(cu, job);
	return end(cu, cu->timer, error, job);
}

/**
 * cuda_is_over() - see &struct engine_ops
 *
 * A kernel that faults ends the context with all that was told to it: which of several it was the
 * driver doesn't say, and all that aren't known to be over have failed.
 */
bool cuda_is_over(struct engine *engine, struct engine_job *job, bool wait,
		  enum vgpu_error *status)
{
	struct cuda_timer *timer = job->event;
	struct cuda *cu = to_cuda(engine);
	int error;

	error = wait ? cu->api->event_synchronize(timer->end) : cu->api->event_query(timer->end);
	if (error == CUDA_NOT_READY)
		return false;
	*status = end(cu, timer, error, job);
	job->event = NULL;
	timer->next = cu->timers;
	cu->timers = timer;
	return true;
}

static void end_timers(struct cuda *cu)
{
	struct cuda_timer *timer;

	if (cu->timer)
		timer_end(cu, cu->timer);
	while (cu->timers) {
		timer = cu->timers;
		cu->timers = timer->next;
		timer_end(cu, timer);
	}
}

static void cuda_close(struct engine *engine)
{
	struct cuda *cu = to_cuda(engine);
	const struct cuda_api *api = cu->api;
	int i;

	if (cu->ctx) {
		api->ctx_set_current(cu->ctx);
		cuda_builtin_end(cu);
		if (cu->scratch)
			api->mem_free(cu->scratch);
		if (cu->stage)
			cuda_host_end(cu, cu->stage, CUDA_STAGE);
		end_timers(cu);
		for (i = 1; i < ENGINE_QUEUES; i++)
			if (cu->stream[i] && cu->stream[i] != *cu->stream)
				api->stream_destroy(cu->stream[i]);
		if (*cu->stream)
			api->stream_destroy(*cu->stream);
		api->ctx_destroy(cu->ctx);
	}
	free(cu);
}

static bool open_context(struct cuda *cu)
{
	const struct cuda_api *api = cu->api;
	const char *what = "context";
	__u64 stage;
	int error;

	error = api->ctx_create(&cu->ctx, CUDA_CTX_SCHED_BLOCKING_SYNC | CUDA_CTX_MAP_HOST,
				cu->device);
	if (!error) {
		what = "stream";
		error = api->stream_create(cu->stream, CUDA_STREAM_NON_BLOCKING);
	}
	if (!error) {
		what = "event";
		error = timer_have(cu);
	}
	if (!error) {
		what = "host memory";
		error = cuda_host_make(cu, CUDA_STAGE, &cu->stage, &stage);
	}
	if (!error) {
		what = "device memory";
		error = api->mem_alloc(&cu->scratch, SCRATCH_BYTES);
	}
	if (!error)
		return true;
	fprintf(stderr, "vgpu-execd: cuda: %s: no %s: %s\n", cu->base.info.name, what,
		cuda_api_error(api, error));
	if (!cu->ctx)
		cuda_device_hint();
	return false;
}

static struct engine *cuda_open(const char *device)
{
	struct cuda *cu = calloc(1, sizeof(*cu));

	if (!cu)
		return NULL;
	cu->base.ops = &engine_cuda;
	cu->api = cuda_device_init();
	if (!cu->api || !cuda_device_find(cu, device)) {
		free(cu);
		return NULL;
	}
	if (!open_context(cu) || !cuda_builtin_load(cu)) {
		cuda_close(&cu->base);
		return NULL;
	}
	return &cu->base;
}

/*
 * Where the library and its compiler are, and what the library asks of the system.  What it reads
 * of /proc is in the sandbox's own.
 */
static const char *const cuda_view[] = {
	"/usr", "/bin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/ld.so.cache",
	"/etc/alternatives", "/sys/devices/system", "/sys/module/nvidia",
	"/sys/module/nvidia_uvm", NULL
};

static const char *const cuda_nodes[] = {
	"/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia[0-9]*", NULL
};

const struct engine_ops engine_cuda = {
	.name = "cuda",
	.view = cuda_view,
	.nodes = cuda_nodes,
	.reserves = true,
	.list = cuda_device_list,
	.open = cuda_open,
	.close = cuda_close,
	.mem_create = cuda_mem_create,
	.mem_import = cuda_mem_import,
	.mem_destroy = cuda_mem_destroy,
	.copy = cuda_copy,
	.fill = cuda_fill,
	.read = cuda_read,
	.write = cuda_write,
	.launch_builtin = cuda_launch_builtin,
	.module_build = cuda_module_build,
	.module_destroy = cuda_module_destroy,
	.kernel_get = cuda_kernel_get,
	.kernel_put = cuda_kernel_put,
	.launch = cuda_launch,
	.is_over = cuda_is_over,
};
