// SPDX-License-Identifier: GPL-2.0
/* The OpenCL engine's built-in kernels: builtin.cl, built for the device. */
#include <stdio.h>

#include "builtin.h"
#include "opencl.h"

static const char source[] = {
#include "builtin_cl.h"
	0
};

/* Items that sum, each a word of the scratch buffer */
#define SUMS		256U

static enum vgpu_error call_begin(struct builtin_call *call, const char *name)
{
	cl_int err;

	call->kernel = clCreateKernel(to_opencl(call->engine)->builtin, name, &err);
	return opencl_error(err);
}

static enum vgpu_error call_pass(struct builtin_call *call, __u32 i, const void *value,
				 size_t size)
{
	return opencl_error(clSetKernelArg(call->kernel, i, size, value));
}

static enum vgpu_error call_pass_mem(struct builtin_call *call, __u32 i, struct engine_mem *mem)
{
	const cl_mem *buffer = mem ? &to_mem(mem)->mem : &to_opencl(call->engine)->scratch;

	return call_pass(call, i, buffer, sizeof(*buffer));
}

static enum vgpu_error call_run(struct builtin_call *call, size_t items, size_t group,
				struct engine_job *job)
{
	struct opencl *cl = to_opencl(call->engine);
	cl_event event;
	cl_int err;

	err = clEnqueueNDRangeKernel(cl->queue, call->kernel, 1, NULL, &items, &group, 0, NULL,
				     &event);
	return opencl_finish(cl, err, event, job);
}

static void call_end(struct builtin_call *call)
{
	if (call->kernel)
		clReleaseKernel(call->kernel);
}

static const struct builtin_ops calls = {
	.sums = SUMS,
	.begin = call_begin,
	.pass = call_pass,
	.pass_mem = call_pass_mem,
	.run = call_run,
	.end = call_end,
};

/**
 * opencl_launch_builtin() - see &struct engine_ops
 */
enum vgpu_error opencl_launch_builtin(struct engine *engine, enum vgpu_builtin kernel,
				      const struct engine_arg *arg, struct engine_job *job)
{
	struct opencl *cl = to_opencl(engine);
	enum vgpu_error err, late;

	err = opencl_args_begin(cl, arg, VGPU_MAX_ARGS);
	if (err)
		return err;
	err = builtin_run(&calls, engine, kernel, arg, job);
	late = opencl_args_end(cl, arg, VGPU_MAX_ARGS);
	return err ?: late;
}

/**
 * opencl_builtin_build() - build the program
 * @cl: the engine
 *
 * A device without a compiler, or that rounds as it likes, has no built-in kernels.
 *
 * Return: false after a message if that fails.
 */
bool opencl_builtin_build(struct opencl *cl)
{
	const char *text = source;
	char said[2048];
	struct engine_log log = { said, sizeof(said) };
	cl_device_fp_config fp = 0;
	cl_int err;

	if (!(cl->base.info.formats & 1ULL << VGPU_MODULE_OPENCL_C))
		return true;
	cl->builtin = clCreateProgramWithSource(cl->context, 1, &text, NULL, &err);
	if (!err)
		err = clBuildProgram(cl->builtin, 1, &cl->device, "-cl-std=CL1.2", NULL, NULL);
	if (err) {
		*said = 0;
		if (cl->builtin)
			opencl_log(cl, cl->builtin, &log);
		fprintf(stderr, "vgpu-execd: opencl: %s: no built-in kernels: error %d\n%s\n",
			cl->base.info.name, err, said);
		return false;
	}
	cl->base.info.builtins = BUILTIN_ALL;
	/* subnormal numbers are what a device may leave out */
	clGetDeviceInfo(cl->device, CL_DEVICE_SINGLE_FP_CONFIG, sizeof(fp), &fp, NULL);
	if (!(fp & CL_FP_DENORM) || !(fp & CL_FP_ROUND_TO_NEAREST))
		cl->base.info.builtins &= ~BUILTIN_FLOATS;
	return true;
}

/**
 * opencl_builtin_end() - opencl_builtin_build(), undone
 * @cl: the engine
 */
void opencl_builtin_end(struct opencl *cl)
{
	if (cl->builtin)
		clReleaseProgram(cl->builtin);
}
