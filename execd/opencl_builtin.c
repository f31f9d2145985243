// SPDX-License-Identifier: GPL-2.0
/*
 * The OpenCL engine's built-in kernels, from builtin.cl.  Each runs in pieces, so that it can
 * be aborted between them.
 */
#include <stdio.h>

#include "opencl.h"

static const char source[] = {
#include "builtin_cl.h"
	0
};

/* Items of a group: one size, for a compiler such as PoCL's compiles for each anew */
#define GROUP		64

/* Items that sum, each a word of the scratch buffer */
#define SUMS		256U

/* Elements of a piece, or of a sum's, or steps of matmul's, or bytes: about a millisecond */
#define PIECE		(1024ULL << 10)

#define ALL_BUILTINS						\
	(1ULL << VGPU_BUILTIN_VECADD_U32 | 1ULL << VGPU_BUILTIN_VECADD_F32 | \
	 1ULL << VGPU_BUILTIN_SAXPY_F32 | 1ULL << VGPU_BUILTIN_MATMUL_F32 | \
	 1ULL << VGPU_BUILTIN_REDUCE_U32 | 1ULL << VGPU_BUILTIN_SHA256)

/**
 * struct call - a kernel of builtin.cl that is about to run
 * @cl: the engine
 * @kernel: it
 * @args: arguments that it has so far
 * @err: the first error
 */
struct call {
	struct opencl *cl;
	cl_kernel kernel;
	cl_uint args;
	cl_int err;
};

static struct call call_begin(struct opencl *cl, const char *name)
{
	struct call c = { .cl = cl };

	c.kernel = clCreateKernel(cl->builtin, name, &c.err);
	return c;
}

static void pass(struct call *c, const void *value, size_t size)
{
	if (!c->err)
		c->err = clSetKernelArg(c->kernel, c->args++, size, value);
}

static void pass_number(struct call *c, __u64 value)
{
	const cl_ulong number = value;

	pass(c, &number, sizeof(number));
}

static void pass_word(struct call *c, __u32 value)
{
	const cl_uint word = value;

	pass(c, &word, sizeof(word));
}

/* A buffer, and where it begins in units of @unit bytes */
static void pass_buffer(struct call *c, const struct engine_arg *arg, unsigned int unit)
{
	pass(c, &to_mem(arg->mem)->mem, sizeof(cl_mem));
	pass_number(c, arg->offset / unit);
}

static void pass_scratch(struct call *c)
{
	pass(c, &c->cl->scratch, sizeof(cl_mem));
}

static enum vgpu_error call_run(struct call *c, size_t items, size_t group,
				struct engine_job *job)
{
	cl_event event;

	if (!c->err)
		c->err = clEnqueueNDRangeKernel(c->cl->queue, c->kernel, 1, NULL, &items, &group,
						0, NULL, &event);
	return opencl_finish(c->cl, c->err, event, job);
}

/* What was passed is the device's until it has run, so nothing is released before. */
static enum vgpu_error call_end(struct call *c, enum vgpu_error err)
{
	if (c->kernel)
		clReleaseKernel(c->kernel);
	return err ?: opencl_error(c->err);
}

static enum vgpu_error call_once(struct call *c, size_t items, struct engine_job *job)
{
	return call_end(c, call_run(c, items, items < GROUP ? items : GROUP, job));
}

/* Pass the last two arguments, and run, for each piece of [0, n); @items 0: one for each. */
static enum vgpu_error call_pieces(struct call *c, __u64 n, __u64 piece, size_t items,
				   struct engine_job *job)
{
	enum vgpu_error err = VGPU_ERR_NONE;
	cl_uint args = c->args;
	__u64 first, end;
	size_t count;

	for (first = 0; first < n && !err && !c->err; first = end) {
		if (engine_is_aborted(job)) {
			err = VGPU_ERR_CANCELED;
			break;
		}
		end = n - first < piece ? n : first + piece;
		c->args = args;
		pass_number(c, first);
		pass_number(c, end);
		count = items ?: (end - first + GROUP - 1) / GROUP * GROUP;
		err = call_run(c, count, count < GROUP ? count : GROUP, job);
	}
	return call_end(c, err);
}

static enum vgpu_error run_vecadd(struct opencl *cl, const char *name,
				  const struct engine_arg *arg, __u64 n, struct engine_job *job)
{
	struct call c = call_begin(cl, name);

	pass_buffer(&c, &arg[0], sizeof(__u32));
	pass_buffer(&c, &arg[1], sizeof(__u32));
	pass_buffer(&c, &arg[2], sizeof(__u32));
	return call_pieces(&c, n, PIECE, 0, job);
}

static enum vgpu_error run_saxpy(struct opencl *cl, const struct engine_arg *arg, __u32 a,
				 __u64 n, struct engine_job *job)
{
	struct call c = call_begin(cl, "saxpy_f32");

	pass_buffer(&c, &arg[0], sizeof(__u32));
	pass_buffer(&c, &arg[1], sizeof(__u32));
	pass_word(&c, a);
	return call_pieces(&c, n, PIECE, 0, job);
}

static enum vgpu_error run_matmul(struct opencl *cl, const struct engine_arg *arg, __u64 m,
				  __u64 n, __u64 k, struct engine_job *job)
{
	struct call c = call_begin(cl, "matmul_f32");

	pass_buffer(&c, &arg[0], sizeof(__u32));
	pass_buffer(&c, &arg[1], sizeof(__u32));
	pass_buffer(&c, &arg[2], sizeof(__u32));
	pass_number(&c, n);
	pass_number(&c, k);
	return call_pieces(&c, m * n, k < PIECE / GROUP ? PIECE / k : GROUP, 0, job);
}

static enum vgpu_error run_reduce(struct opencl *cl, const struct engine_arg *arg, __u64 n,
				  struct engine_job *job)
{
	struct call c = call_begin(cl, "reduce_begin");
	enum vgpu_error err;

	pass_scratch(&c);
	err = call_once(&c, SUMS, job);
	if (err)
		return err;
	c = call_begin(cl, "reduce_step");
	pass_scratch(&c);
	pass_buffer(&c, &arg[1], sizeof(__u32));
	err = call_pieces(&c, n, PIECE, SUMS, job);
	if (err)
		return err;
	c = call_begin(cl, "reduce_end");
	pass_scratch(&c);
	pass_word(&c, SUMS);
	pass_buffer(&c, &arg[0], sizeof(__u32));
	return call_once(&c, 1, job);
}

static enum vgpu_error run_sha256(struct opencl *cl, const struct engine_arg *arg, __u64 bytes,
				  struct engine_job *job)
{
	struct call c = call_begin(cl, "sha256_begin");
	enum vgpu_error err;

	pass_scratch(&c);
	err = call_once(&c, 1, job);
	if (err)
		return err;
	c = call_begin(cl, "sha256_step");
	pass_scratch(&c);
	pass_buffer(&c, &arg[1], 1);
	err = call_pieces(&c, bytes / 64 * 64, PIECE, 1, job);
	if (err)
		return err;
	c = call_begin(cl, "sha256_end");
	pass_scratch(&c);
	pass_buffer(&c, &arg[1], 1);
	pass_number(&c, bytes);
	pass_buffer(&c, &arg[0], 1);
	return call_once(&c, 1, job);
}

static __u64 number(const struct engine_arg *arg)
{
	return *(const __u64 *)arg->value;
}

static enum vgpu_error run(struct opencl *cl, enum vgpu_builtin kernel,
			   const struct engine_arg *arg, struct engine_job *job)
{
	switch (kernel) {
	case VGPU_BUILTIN_VECADD_U32:
		return run_vecadd(cl, "vecadd_u32", arg, number(&arg[3]), job);
	case VGPU_BUILTIN_VECADD_F32:
		return run_vecadd(cl, "vecadd_f32", arg, number(&arg[3]), job);
	case VGPU_BUILTIN_SAXPY_F32:
		return run_saxpy(cl, arg, number(&arg[2]), number(&arg[3]), job);
	case VGPU_BUILTIN_MATMUL_F32:
		return run_matmul(cl, arg, number(&arg[3]), number(&arg[4]), number(&arg[5]), job);
	case VGPU_BUILTIN_REDUCE_U32:
		return run_reduce(cl, arg, number(&arg[2]), job);
	case VGPU_BUILTIN_SHA256:
		return run_sha256(cl, arg, number(&arg[2]), job);
	default:
		return VGPU_ERR_GPU;
	}
}

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
	err = run(cl, kernel, arg, job);
	late = opencl_args_end(cl, arg, VGPU_MAX_ARGS);
	/* the guest has nothing wrong to say here that hasn't been checked */
	if (err == VGPU_ERR_INVALID_REQUEST)
		err = VGPU_ERR_GPU;
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
	cl->base.info.builtins = ALL_BUILTINS;
	/* subnormal numbers are what a device may leave out */
	clGetDeviceInfo(cl->device, CL_DEVICE_SINGLE_FP_CONFIG, sizeof(fp), &fp, NULL);
	if (!(fp & CL_FP_DENORM) || !(fp & CL_FP_ROUND_TO_NEAREST))
		cl->base.info.builtins &= ~(1ULL << VGPU_BUILTIN_VECADD_F32 |
					    1ULL << VGPU_BUILTIN_SAXPY_F32 |
					    1ULL << VGPU_BUILTIN_MATMUL_F32);
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
