// SPDX-License-Identifier: GPL-2.0
/*
 * OpenCL as a plain program uses it: one queue in order, without profiling, in which launches
 * always wait behind the one that runs.
 */
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "native.h"
#include "opencl.h"

/* Launches are waited for in batches of about a millisecond, of which two are in the queue */
#define BATCH_NS	1000000ULL
#define BATCH_MAX	128

/* Work items that keep a device busy, for each of its compute units */
#define GPU_GROUPS	8
#define GPU_ITEMS	256
#define CPU_GROUPS	4
#define CPU_ITEMS	64

/**
 * struct native_cl - the device
 * @base: what others see of it
 * @device: the device
 * @context: of it
 * @queue: the queue
 * @program: the kernel's
 * @kernel: the kernel
 * @mem: the sums; NULL: none yet
 * @done: the jobs that have added to them
 */
struct native_cl {
	struct native base;
	cl_device_id device;
	cl_context context;
	cl_command_queue queue;
	cl_program program;
	cl_kernel kernel;
	cl_mem mem;
	struct spin done;
};

static bool failed(const char *what, cl_int err)
{
	if (err)
		fprintf(stderr, "vgpu-sim: opencl: %s: error %d\n", what, err);
	return err;
}

static __u32 items_of(const struct native_cl *n)
{
	return n->base.grid.groups[0] * n->base.grid.items[0];
}

static void native_cl_close(struct native *native)
{
	struct native_cl *n = (struct native_cl *)native;

	if (n->mem)
		clReleaseMemObject(n->mem);
	if (n->kernel)
		clReleaseKernel(n->kernel);
	if (n->program)
		clReleaseProgram(n->program);
	if (n->queue)
		clReleaseCommandQueue(n->queue);
	if (n->context)
		clReleaseContext(n->context);
	free(n);
}

static bool open_queue(struct native_cl *n)
{
	cl_int err;

	n->context = clCreateContext(NULL, 1, &n->device, NULL, NULL, &err);
	if (failed("no context", err))
		return false;
	n->queue = clCreateCommandQueueWithProperties(n->context, n->device, NULL, &err);
	return !failed("no queue", err);
}

static bool build(struct native_cl *n, const struct spin_source *source)
{
	const char *text = (const char *)source->text;
	cl_int err;

	n->program = clCreateProgramWithSource(n->context, 1, &text, &source->length, &err);
	if (failed("no program", err) ||
	    failed("building", clBuildProgram(n->program, 1, &n->device, "", NULL, NULL)))
		return false;
	n->kernel = clCreateKernel(n->program, source->name, &err);
	return !failed("no kernel", err);
}

static void find_grid(struct native_cl *n)
{
	cl_device_type type = CL_DEVICE_TYPE_GPU;
	cl_uint units = 1;
	size_t most = 1;

	clGetDeviceInfo(n->device, CL_DEVICE_TYPE, sizeof(type), &type, NULL);
	clGetDeviceInfo(n->device, CL_DEVICE_MAX_COMPUTE_UNITS, sizeof(units), &units, NULL);
	clGetKernelWorkGroupInfo(n->kernel, n->device, CL_KERNEL_WORK_GROUP_SIZE, sizeof(most),
				 &most, NULL);
	n->base.is_cpu = type & CL_DEVICE_TYPE_CPU;
	n->base.grid = (struct engine_grid){
		.groups = { units * (n->base.is_cpu ? CPU_GROUPS : GPU_GROUPS), 1, 1 },
		.items = { n->base.is_cpu ? CPU_ITEMS : GPU_ITEMS, 1, 1 },
	};
	if (n->base.grid.items[0] > most)
		n->base.grid.items[0] = most;
}

static struct native *native_cl_open(const char *device, const struct spin_source *source)
{
	struct native_cl *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->base.ops = &native_opencl;
	n->device = opencl_device_find(device);
	if (!n->device) {
		free(n);
		return NULL;
	}
	if (!open_queue(n) || !build(n, source)) {
		native_cl_close(&n->base);
		return NULL;
	}
	find_grid(n);
	return &n->base;
}

static bool native_cl_prepare(struct native *native, __u32 work)
{
	struct native_cl *n = (struct native_cl *)native;
	size_t size = items_of(n) * sizeof(cl_uint);
	const cl_uint zero = 0;
	cl_int err = CL_SUCCESS;

	n->done = (struct spin){ .work = work };
	if (!n->mem)
		n->mem = clCreateBuffer(n->context, CL_MEM_READ_WRITE, size, NULL, &err);
	return !failed("no buffer", err) &&
	       !failed("filling", clEnqueueFillBuffer(n->queue, n->mem, &zero, sizeof(zero), 0,
						      size, 0, NULL, NULL)) &&
	       !failed("filling", clFinish(n->queue)) &&
	       !failed("argument", clSetKernelArg(n->kernel, 0, sizeof(n->mem), &n->mem)) &&
	       !failed("argument", clSetKernelArg(n->kernel, 2, sizeof(work), &work));
}

/* Launch some; @event is that of the last. */
static cl_int launch(struct native_cl *n, __u32 count, cl_event *event)
{
	const size_t items = items_of(n), group = n->base.grid.items[0];
	cl_int err = CL_SUCCESS;

	while (count-- && !err) {
		err = clSetKernelArg(n->kernel, 1, sizeof(n->done.jobs), &n->done.jobs) ?:
		      clEnqueueNDRangeKernel(n->queue, n->kernel, 1, NULL, &items, &group, 0, NULL,
					     count ? NULL : event);
		if (!err)
			n->done.seeds += n->done.jobs++;
	}
	return err ?: clFlush(n->queue);
}

static cl_int wait_for(cl_event *event)
{
	cl_int err = *event ? clWaitForEvents(1, event) : CL_SUCCESS;

	if (*event)
		clReleaseEvent(*event);
	*event = NULL;
	return err;
}

static bool native_cl_run(struct native *native, __u64 ns, __u64 kernel_ns,
			  struct loop_result *result)
{
	struct native_cl *n = (struct native_cl *)native;
	__u32 batch = BATCH_NS / (kernel_ns + 1), before = n->done.jobs;
	__u64 cpu = cpu_ns(), begin = now_ns(), end;
	cl_event event[2] = { };
	cl_int err = CL_SUCCESS;
	int i = 0;

	batch = batch < 1 ? 1 : batch > BATCH_MAX ? BATCH_MAX : batch;
	do {
		err = wait_for(&event[i]) ?: launch(n, batch, &event[i]);
		i = !i;
	} while (!err && now_ns() < begin + ns);
	err = err ?: clFinish(n->queue);
	end = now_ns();
	wait_for(&event[0]);
	wait_for(&event[1]);
	result->jobs = n->done.jobs - before;
	result->per_s = (double)result->jobs * NS_PER_S / (end - begin);
	result->cpu_ns = (double)(cpu_ns() - cpu) / result->jobs;
	return !failed("launching", err);
}

static bool native_cl_check(struct native *native)
{
	struct native_cl *n = (struct native_cl *)native;
	size_t size = items_of(n) * sizeof(cl_uint);
	cl_uint *sum = malloc(size);
	bool right;

	right = sum && !clEnqueueReadBuffer(n->queue, n->mem, CL_TRUE, 0, size, sum, 0, NULL,
					    NULL) &&
		spin_right(&n->done, sum, items_of(n));
	free(sum);
	if (!right)
		fprintf(stderr, SPIN_WRONG);
	return right;
}

const struct native_ops native_opencl = {
	.open = native_cl_open,
	.close = native_cl_close,
	.prepare = native_cl_prepare,
	.run = native_cl_run,
	.check = native_cl_check,
};
