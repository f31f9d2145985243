// SPDX-License-Identifier: GPL-2.0
/*
 * The OpenCL engine: any vendor's GPU, by its ICD, or PoCL's on the CPU.  One device, one
 * context, and queues in order; here it is opened, and waited for.
 *
 * OpenCL can't end what the device is at.  So what can be cut into pieces is, and between two
 * of them is a look at whether the job is aborted; a guest's own kernel can't be cut, and one
 * that goes on after an abort costs the worker: the kernel ends it after two seconds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "opencl.h"

/* Words of state for a built-in kernel */
#define SCRATCH_BYTES	4096

/**
 * opencl_error() - what an error of OpenCL's is to a guest
 * @err: which
 *
 * Return: that.
 */
enum vgpu_error opencl_error(cl_int err)
{
	switch (err) {
	case CL_SUCCESS:
		return VGPU_ERR_NONE;
	case CL_OUT_OF_RESOURCES:
	case CL_OUT_OF_HOST_MEMORY:
	case CL_MEM_OBJECT_ALLOCATION_FAILURE:
	case CL_INVALID_BUFFER_SIZE:
		return VGPU_ERR_NO_MEMORY;
	case CL_BUILD_PROGRAM_FAILURE:
	case CL_COMPILE_PROGRAM_FAILURE:
	case CL_LINK_PROGRAM_FAILURE:
	case CL_COMPILER_NOT_AVAILABLE:
	case CL_INVALID_BINARY:
	case CL_INVALID_VALUE:
	case CL_INVALID_BUILD_OPTIONS:
	case CL_INVALID_COMPILER_OPTIONS:
	case CL_INVALID_PROGRAM_EXECUTABLE:
	case CL_INVALID_KERNEL_NAME:
	case CL_INVALID_KERNEL_DEFINITION:
	case CL_INVALID_KERNEL_ARGS:
	case CL_INVALID_ARG_INDEX:
	case CL_INVALID_ARG_VALUE:
	case CL_INVALID_ARG_SIZE:
	case CL_INVALID_WORK_DIMENSION:
	case CL_INVALID_WORK_GROUP_SIZE:
	case CL_INVALID_WORK_ITEM_SIZE:
	case CL_INVALID_GLOBAL_WORK_SIZE:
	case CL_INVALID_GLOBAL_OFFSET:
	case CL_MISALIGNED_SUB_BUFFER_OFFSET:
		return VGPU_ERR_INVALID_REQUEST;
	default:
		return VGPU_ERR_GPU;
	}
}

static bool has_ended(cl_event event)
{
	cl_int status = CL_COMPLETE;

	return clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof(status), &status,
			      NULL) || status <= CL_COMPLETE;
}

static void add_time(cl_event event, struct engine_job *job)
{
	cl_ulong begin, end;

	if (!clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_START, sizeof(begin), &begin,
				     NULL) &&
	    !clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_END, sizeof(end), &end, NULL) &&
	    end > begin)
		job->gpu_ns += end - begin;
}

/* A command has ended, as far as waiting for it, which returned @err, can tell. */
static enum vgpu_error end(cl_event event, cl_int err, struct engine_job *job)
{
	cl_int status = CL_COMPLETE;

	clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof(status), &status, NULL);
	if (status < 0)
		err = status;
	if (job)
		add_time(event, job);
	clReleaseEvent(event);
	return opencl_error(err);
}

static cl_int make_queue(struct opencl *cl, unsigned int i)
{
	const cl_queue_properties profiling[] = {
		CL_QUEUE_PROPERTIES, CL_QUEUE_PROFILING_ENABLE, 0
	};
	cl_int err;

	cl->queue[i] = clCreateCommandQueueWithProperties(cl->context, cl->device, profiling, &err);
	return err;
}

/**
 * opencl_queue() - by which of OpenCL's queues to tell the device of a job
 * @cl: the engine
 * @job: the job
 *
 * Return: the queue; the first, if there are to be no more.
 */
cl_command_queue opencl_queue(struct opencl *cl, const struct engine_job *job)
{
	unsigned int i = job->later ? job->queue % ENGINE_QUEUES : 0;

	/* from then on always, so that jobs with one number have one queue */
	if (!cl->queue[i] && make_queue(cl, i)) {
		clRetainCommandQueue(*cl->queue);
		cl->queue[i] = *cl->queue;
	}
	return cl->queue[i];
}

/**
 * opencl_finish() - wait for a command that was given to the queue, unless that is for later
 * @cl: whose
 * @err: what giving it returned; if that is an error there is nothing to wait for
 * @event: the command's; it is released
 * @job: what it belongs to; its time is added; or NULL
 *
 * Return: the error that it ended with; or VGPU_ERR_NONE, if it has an &engine_job.event now.
 */
enum vgpu_error opencl_finish(struct opencl *cl, cl_int err, cl_event event,
			      struct engine_job *job)
{
	__u64 begin = engine_now_ns();

	if (err)
		return opencl_error(err);
	clFlush(job ? opencl_queue(cl, job) : *cl->queue);
	if (job && job->later) {
		job->event = event;
		return VGPU_ERR_NONE;
	}
	/* what was completed before is told meanwhile: that is what the look is for here */
	while (job && !has_ended(event) && engine_now_ns() - begin < ENGINE_SPIN_NS)
		engine_is_aborted(job);
	return end(event, clWaitForEvents(1, &event), job);
}

/**
 * opencl_is_over() - see &struct engine_ops
 */
bool opencl_is_over(struct engine *engine, struct engine_job *job, bool wait,
		    enum vgpu_error *status)
{
	cl_event event = job->event;
	cl_int err = CL_SUCCESS;

	(void)engine;
	if (wait)
		err = clWaitForEvents(1, &event);
	else if (!has_ended(event))
		return false;
	*status = end(event, err, job);
	job->event = NULL;
	return true;
}

static void opencl_close(struct engine *engine)
{
	struct opencl *cl = to_opencl(engine);
	int i;

	opencl_builtin_end(cl);
	if (cl->scratch)
		clReleaseMemObject(cl->scratch);
	for (i = 0; i < ENGINE_QUEUES; i++)
		if (cl->queue[i])
			clReleaseCommandQueue(cl->queue[i]);
	if (cl->context)
		clReleaseContext(cl->context);
	free(cl);
}

static bool open_queue(struct opencl *cl)
{
	const char *what = "context";
	cl_int err;

	cl->context = clCreateContext(NULL, 1, &cl->device, NULL, NULL, &err);
	if (!err) {
		what = "queue";
		err = make_queue(cl, 0);
	}
	if (!err) {
		what = "buffer";
		cl->scratch = clCreateBuffer(cl->context, CL_MEM_READ_WRITE, SCRATCH_BYTES, NULL,
					     &err);
	}
	if (err)
		fprintf(stderr, "vgpu-execd: opencl: %s: no %s: error %d\n", cl->base.info.name,
			what, err);
	return !err;
}

static struct engine *opencl_open(const char *device)
{
	struct opencl *cl = calloc(1, sizeof(*cl));

	if (!cl)
		return NULL;
	cl->base.ops = &engine_opencl;
	cl->device = opencl_device_find(device);
	if (!cl->device) {
		free(cl);
		return NULL;
	}
	opencl_device_info(cl->device, &cl->base.info);
	clGetDeviceInfo(cl->device, CL_DEVICE_LOCAL_MEM_SIZE, sizeof(cl->local), &cl->local, NULL);
	opencl_builtin_info(cl);
	if (!open_queue(cl)) {
		opencl_close(&cl->base);
		return NULL;
	}
	return &cl->base;
}

/*
 * The ICD loader, what it finds, and for PoCL the compiler and the linker, which reads crt and
 * libgcc from below /usr; and by what Intel's and AMD's software finds out what there is.
 */
static const char *const opencl_view[] = {
	"/usr", "/bin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/OpenCL", "/etc/ld.so.cache",
	"/etc/alternatives", "/sys/devices/system", "/sys/dev/char", "/sys/class/drm",
	"/sys/class/kfd", "/sys/devices/pci*", "/sys/devices/virtual/kfd", "/sys/module/amdgpu",
	"/sys/module/nvidia", "/opt/rocm*", NULL
};

/* Intel's and AMD's, AMD's, NVIDIA's */
static const char *const opencl_nodes[] = {
	"/dev/dri/renderD*", "/dev/kfd", "/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia[0-9]*",
	NULL
};

const struct engine_ops engine_opencl = {
	.name = "opencl",
	.view = opencl_view,
	.nodes = opencl_nodes,
	.list = opencl_device_list,
	.open = opencl_open,
	.close = opencl_close,
	.code_get = opencl_code_get,
	.code_use = opencl_code_use,
	.warm = opencl_warm,
	.mem_create = opencl_mem_create,
	.mem_import = opencl_mem_import,
	.mem_destroy = opencl_mem_destroy,
	.copy = opencl_copy,
	.fill = opencl_fill,
	.read = opencl_read,
	.write = opencl_write,
	.launch_builtin = opencl_launch_builtin,
	.module_build = opencl_module_build,
	.module_destroy = opencl_module_destroy,
	.kernel_get = opencl_kernel_get,
	.kernel_put = opencl_kernel_put,
	.launch = opencl_launch,
	.is_over = opencl_is_over,
};
