// SPDX-License-Identifier: GPL-2.0
/*
 * The OpenCL engine's built-in kernels: builtin.cl, built for the device when the first of them is
 * launched.  An executor has that done once, when it looks whether the device does anything, and
 * gives the code to its workers: for a compiler that is a second, and more where the machine is at
 * something else.
 */
#include <stdio.h>

#include "builtin.h"
#include "opencl.h"

static const char source[] = {
#include "builtin_cl.h"
	0
};

#define OPTIONS		"-cl-std=CL1.2"

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

	err = clEnqueueNDRangeKernel(*cl->queue, call->kernel, 1, NULL, &items, &group, 0, NULL,
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

/* Code that another engine has built.  Return false if the device doesn't take it. */
static bool build_code(struct opencl *cl)
{
	const unsigned char *data = cl->code.data;
	cl_int err, status = CL_SUCCESS;

	if (!cl->code.size)
		return false;
	cl->builtin = clCreateProgramWithBinary(cl->context, 1, &cl->device, &cl->code.size, &data,
						&status, &err);
	err = err ?: status ?: clBuildProgram(cl->builtin, 1, &cl->device, OPTIONS, NULL, NULL);
	if (err)
		opencl_builtin_end(cl);
	return !err;
}

static cl_int build_source(struct opencl *cl)
{
	const char *text = source;
	char said[2048] = "";
	struct engine_log log = { said, sizeof(said) };
	cl_int err;

	cl->builtin = clCreateProgramWithSource(cl->context, 1, &text, NULL, &err);
	if (!err)
		err = clBuildProgram(cl->builtin, 1, &cl->device, OPTIONS, NULL, NULL);
	if (!err)
		return err;
	if (cl->builtin)
		opencl_log(cl, cl->builtin, &log);
	fprintf(stderr, "vgpu-execd: opencl: %s: no built-in kernels: error %d\n%s\n",
		cl->base.info.name, err, said);
	opencl_builtin_end(cl);
	return err;
}

/* Have the program.  The guest can't help it if that fails, and the next launch tries again. */
static enum vgpu_error build(struct opencl *cl)
{
	enum vgpu_error err;

	if (cl->builtin || build_code(cl))
		return VGPU_ERR_NONE;
	err = opencl_error(build_source(cl));
	return err == VGPU_ERR_INVALID_REQUEST ? VGPU_ERR_GPU : err;
}

/**
 * opencl_launch_builtin() - see &struct engine_ops
 */
enum vgpu_error opencl_launch_builtin(struct engine *engine, enum vgpu_builtin kernel,
				      const struct engine_arg *arg, struct engine_job *job)
{
	struct opencl *cl = to_opencl(engine);
	enum vgpu_error err, late;

	err = build(cl) ?: opencl_args_begin(cl, arg, VGPU_MAX_ARGS);
	if (err)
		return err;
	err = builtin_run(&calls, engine, kernel, arg, job);
	late = opencl_args_end(cl, arg, VGPU_MAX_ARGS);
	return err ?: late;
}

/**
 * opencl_code_get() - see &struct engine_ops
 *
 * PoCL compiles all kernels for that, and keeps those that have run as they were compiled.
 */
size_t opencl_code_get(struct engine *engine, void *to, size_t size)
{
	struct opencl *cl = to_opencl(engine);
	unsigned char *at = to;
	size_t its = 0;

	if (!cl->builtin ||
	    clGetProgramInfo(cl->builtin, CL_PROGRAM_BINARY_SIZES, sizeof(its), &its, NULL) ||
	    its > size ||
	    clGetProgramInfo(cl->builtin, CL_PROGRAM_BINARIES, sizeof(at), &at, NULL))
		return 0;
	return its;
}

/**
 * opencl_code_use() - see &struct engine_ops
 */
void opencl_code_use(struct engine *engine, const struct engine_code *code)
{
	to_opencl(engine)->code = *code;
}

/**
 * opencl_builtin_info() - say which built-in kernels there are
 * @cl: the engine, whose formats are known
 *
 * They are built when the first of them is launched.  A device without a compiler, or that rounds
 * as it likes, has none.
 */
void opencl_builtin_info(struct opencl *cl)
{
	cl_device_fp_config fp = 0;

	if (!(cl->base.info.formats & 1ULL << VGPU_MODULE_OPENCL_C))
		return;
	cl->base.info.builtins = BUILTIN_ALL;
	/* subnormal numbers are what a device may leave out */
	clGetDeviceInfo(cl->device, CL_DEVICE_SINGLE_FP_CONFIG, sizeof(fp), &fp, NULL);
	if (!(fp & CL_FP_DENORM) || !(fp & CL_FP_ROUND_TO_NEAREST))
		cl->base.info.builtins &= ~BUILTIN_FLOATS;
}

/**
 * opencl_builtin_end() - end the program
 * @cl: the engine; what was launched has ended
 */
void opencl_builtin_end(struct opencl *cl)
{
	if (cl->builtin)
		clReleaseProgram(cl->builtin);
	cl->builtin = NULL;
}
