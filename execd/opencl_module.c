// SPDX-License-Identifier: GPL-2.0
/*
 * The OpenCL engine's modules and kernels: a guest's own code.
 *
 * A kernel's buffers are sub-buffers, so they begin at multiples of &engine_info.buffer_align;
 * one that doesn't is refused, with VGPU_ERR_INVALID_REQUEST.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "opencl.h"

/* So that the kernels' parameters are known */
#define OWN_OPTION	"-cl-kernel-arg-info"

/* Bytes of an argument that is a value, at most: what a device takes at least is 1024 */
#define MAX_VALUE	1024

struct engine_module {
	cl_program program;
};

/**
 * struct engine_kernel - a kernel
 * @kernel: what OpenCL calls it
 * @info: its parameters
 * @local: bytes of local memory that it declares
 */
struct engine_kernel {
	cl_kernel kernel;
	struct engine_kernel_info info;
	cl_ulong local;
};

static void say(struct engine_log *log, const char *format, unsigned int n, const char *text)
{
	if (log && log->text)
		snprintf(log->text, log->size, format, n, text);
}

/**
 * opencl_log() - what the compiler had to say
 * @cl: the engine
 * @program: of which
 * @log: where to write it
 */
void opencl_log(struct opencl *cl, cl_program program, struct engine_log *log)
{
	size_t size = 0;
	char *whole;

	if (!log || !log->text)
		return;
	*log->text = 0;
	/* it can't be had in part */
	if (clGetProgramBuildInfo(program, cl->device, CL_PROGRAM_BUILD_LOG, 0, NULL, &size))
		return;
	whole = calloc(1, size + 1);
	if (!whole)
		return;
	if (!clGetProgramBuildInfo(program, cl->device, CL_PROGRAM_BUILD_LOG, size, whole, NULL))
		snprintf(log->text, log->size, "%s", whole);
	free(whole);
}

/* The folder of a program that wasn't built: there is what the compiler said, and no program. */
static void remove_failed(int dir, const char *name)
{
	char path[NAME_MAX + 16];

	snprintf(path, sizeof(path), "%s/program.bc", name);
	if (!faccessat(dir, path, F_OK, 0))
		return;
	snprintf(path, sizeof(path), "%s/build.log", name);
	unlinkat(dir, path, 0);
	unlinkat(dir, name, AT_REMOVEDIR);
}

/*
 * PoCL 3.1 leaves an empty file behind for each build, and a folder for each that failed.  All is
 * the worker's own, in the sandbox; elsewhere nobody says where it is.  There is one build at a
 * time.
 */
static void sweep(void)
{
	const char *at = getenv("POCL_CACHE_DIR");
	DIR *dir = at ? opendir(at) : NULL;
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_type == DT_REG && !strncmp(entry->d_name, "tempfile", 8))
			unlinkat(dirfd(dir), entry->d_name, 0);
		else if (entry->d_type == DT_DIR && !strncmp(entry->d_name, "_UNCACHED_", 10))
			remove_failed(dirfd(dir), entry->d_name);
	}
	if (dir)
		closedir(dir);
}

static cl_int new_program(struct opencl *cl, const struct engine_source *source,
			  cl_program *program)
{
	const char *text = source->data;
	cl_int err = CL_INVALID_VALUE;

	*program = NULL;
	if (source->format == VGPU_MODULE_OPENCL_C)
		*program = clCreateProgramWithSource(cl->context, 1, &text, &source->length, &err);
	else if (source->format == VGPU_MODULE_SPIRV)
		*program = clCreateProgramWithIL(cl->context, text, source->length, &err);
	return err;
}

static cl_int build(struct opencl *cl, cl_program program, const char *options)
{
	char *all;
	cl_int err;

	if (asprintf(&all, "%s %s", OWN_OPTION, options ?: "") < 0)
		return CL_OUT_OF_HOST_MEMORY;
	err = clBuildProgram(program, 1, &cl->device, all, NULL, NULL);
	free(all);
	return err;
}

/**
 * opencl_module_build() - see &struct engine_ops
 */
enum vgpu_error opencl_module_build(struct engine *engine, const struct engine_source *source,
				    struct engine_log *log, struct engine_module **module)
{
	struct opencl *cl = to_opencl(engine);
	struct engine_module *m;
	cl_int err;

	say(log, "", 0, NULL);
	if (source->format > 63 || !(engine->info.formats & 1ULL << source->format))
		return VGPU_ERR_INVALID_REQUEST;
	m = calloc(1, sizeof(*m));
	if (!m)
		return VGPU_ERR_NO_MEMORY;
	err = new_program(cl, source, &m->program);
	if (!err) {
		err = build(cl, m->program, source->options);
		opencl_log(cl, m->program, log);
	}
	if (err && log && log->text && !*log->text)
		say(log, "build failed with OpenCL's error -%u%s", -err, "");
	if (err)
		opencl_module_destroy(engine, m);
	sweep();
	if (err)
		return opencl_error(err);
	*module = m;
	return VGPU_ERR_NONE;
}

/**
 * opencl_warm() - see &struct engine_ops
 *
 * PoCL reads a library of all built-in functions when it compiles something for the first time.
 */
void opencl_warm(struct engine *engine)
{
	static const char text[] = "kernel void warm(global int *at) { *at = 0; }";
	const struct engine_source source = {
		.format = VGPU_MODULE_OPENCL_C, .data = text, .length = sizeof(text) - 1,
	};
	struct engine_module *module;

	if (!opencl_module_build(engine, &source, NULL, &module))
		opencl_module_destroy(engine, module);
}

/**
 * opencl_module_destroy() - see &struct engine_ops
 */
void opencl_module_destroy(struct engine *engine, struct engine_module *module)
{
	(void)engine;
	if (module->program)
		clReleaseProgram(module->program);
	free(module);
}

/*
 * Find the size of a value that a kernel takes; 0 if the device takes any, as PoCL does for
 * types that have names of their own.  Return false if it is no value.
 */
static bool value_size(cl_kernel kernel, cl_uint i, __u32 *found)
{
	static const char zeroes[MAX_VALUE];
	__u32 size, before = 0;
	cl_int err;

	*found = 0;
	/* there is no way to ask; but all others are refused */
	for (size = 1; size <= MAX_VALUE; size++) {
		err = clSetKernelArg(kernel, i, size, zeroes);
		if (err == CL_INVALID_ARG_SIZE)
			continue;
		if (err)
			return false;
		/* for PoCL three quarters will do, of anything: it means vectors of three */
		if (before || (*found && *found * 4 != size * 3)) {
			*found = 0;
			return true;
		}
		before = *found;
		*found = size;
	}
	return *found;
}

/* Handles of the device's, which are values to some */
static bool is_handle(const char *type)
{
	static const char *const handles[] = { "sampler_t", "queue_t", "event_t", "clk_event_t",
					       "reserve_id_t" };
	unsigned int i;

	for (i = 0; i < sizeof(handles) / sizeof(*handles); i++)
		if (!strcmp(type, handles[i]))
			return true;
	return false;
}

static bool param_get(cl_kernel kernel, cl_uint i, const char *type_name,
		      struct engine_param *param)
{
	cl_kernel_arg_access_qualifier access = CL_KERNEL_ARG_ACCESS_NONE;
	cl_kernel_arg_address_qualifier address;
	cl_kernel_arg_type_qualifier type = 0;

	if (clGetKernelArgInfo(kernel, i, CL_KERNEL_ARG_ADDRESS_QUALIFIER, sizeof(address),
			       &address, NULL))
		return false;
	clGetKernelArgInfo(kernel, i, CL_KERNEL_ARG_ACCESS_QUALIFIER, sizeof(access), &access,
			   NULL);
	clGetKernelArgInfo(kernel, i, CL_KERNEL_ARG_TYPE_QUALIFIER, sizeof(type), &type, NULL);
	if (access != CL_KERNEL_ARG_ACCESS_NONE || type & CL_KERNEL_ARG_TYPE_PIPE ||
	    is_handle(type_name))
		return false;
	param->size = 0;
	switch (address) {
	case CL_KERNEL_ARG_ADDRESS_GLOBAL:
	case CL_KERNEL_ARG_ADDRESS_CONSTANT:
		param->type = ENGINE_PARAM_BUFFER;
		return true;
	case CL_KERNEL_ARG_ADDRESS_LOCAL:
		param->type = ENGINE_PARAM_LOCAL;
		return true;
	default:
		param->type = ENGINE_PARAM_VALUE;
		return value_size(kernel, i, &param->size);
	}
}

static enum vgpu_error params_get(struct engine_kernel *k, struct engine_log *log)
{
	cl_uint count = 0, i;
	char type[128];
	cl_int err;

	err = clGetKernelInfo(k->kernel, CL_KERNEL_NUM_ARGS, sizeof(count), &count, NULL);
	if (err)
		return opencl_error(err);
	if (count > ENGINE_MAX_ARGS) {
		say(log, "%u parameters are too many%s", count, "");
		return VGPU_ERR_INVALID_REQUEST;
	}
	for (i = 0; i < count; i++) {
		*type = 0;
		clGetKernelArgInfo(k->kernel, i, CL_KERNEL_ARG_TYPE_NAME, sizeof(type), type, NULL);
		if (param_get(k->kernel, i, type, &k->info.param[i]))
			continue;
		say(log, "parameter %u: %s is neither a buffer, a value nor local memory", i,
		    type);
		return VGPU_ERR_INVALID_REQUEST;
	}
	k->info.count = count;
	return VGPU_ERR_NONE;
}

/**
 * opencl_kernel_get() - see &struct engine_ops
 */
enum vgpu_error opencl_kernel_get(struct engine *engine, struct engine_module *module,
				  const char *name, struct engine_log *log,
				  struct engine_kernel **kernel, struct engine_kernel_info *info)
{
	struct engine_kernel *k = calloc(1, sizeof(*k));
	enum vgpu_error err;
	cl_int code;

	if (!k)
		return VGPU_ERR_NO_MEMORY;
	say(log, "", 0, NULL);
	k->kernel = clCreateKernel(module->program, name, &code);
	if (code)
		say(log, "the module has no kernel of that name (OpenCL's error -%u)%s", -code, "");
	err = code ? opencl_error(code) : params_get(k, log);
	if (!err)
		err = opencl_error(clGetKernelWorkGroupInfo(k->kernel, to_opencl(engine)->device,
							    CL_KERNEL_LOCAL_MEM_SIZE,
							    sizeof(k->local), &k->local, NULL));
	if (err) {
		opencl_kernel_put(engine, k);
		return err;
	}
	*kernel = k;
	*info = k->info;
	return VGPU_ERR_NONE;
}

/**
 * opencl_kernel_put() - see &struct engine_ops
 */
void opencl_kernel_put(struct engine *engine, struct engine_kernel *kernel)
{
	(void)engine;
	if (kernel->kernel)
		clReleaseKernel(kernel->kernel);
	free(kernel);
}

/* Make a buffer of a range of memory; *@part is NULL if it is all of it. */
static cl_int new_part(const struct engine_arg *arg, cl_mem *part)
{
	const cl_buffer_region region = { arg->offset, arg->length };
	cl_int err = CL_SUCCESS;

	*part = NULL;
	if (arg->offset || arg->length != arg->mem->size)
		*part = clCreateSubBuffer(to_mem(arg->mem)->mem, CL_MEM_READ_WRITE,
					  CL_BUFFER_CREATE_TYPE_REGION, &region, &err);
	return err;
}

static cl_int pass_buffer(cl_kernel kernel, __u32 i, const struct engine_arg *arg, cl_mem *part)
{
	cl_int err;

	if (!arg->mem)
		return arg->value || arg->length ? CL_INVALID_ARG_VALUE :
						   clSetKernelArg(kernel, i, sizeof(cl_mem), NULL);
	err = new_part(arg, part);
	return err ?: clSetKernelArg(kernel, i, sizeof(cl_mem),
				     *part ? part : &to_mem(arg->mem)->mem);
}

static cl_int pass(struct engine_kernel *k, __u32 i, const struct engine_arg *arg, cl_mem *part)
{
	switch (k->info.param[i].type) {
	case ENGINE_PARAM_BUFFER:
		return pass_buffer(k->kernel, i, arg, part);
	case ENGINE_PARAM_LOCAL:
		if (arg->mem || arg->value || !arg->length)
			return CL_INVALID_ARG_VALUE;
		return clSetKernelArg(k->kernel, i, arg->length, NULL);
	default:
		if (arg->mem || !arg->value || !arg->length || arg->length > MAX_VALUE ||
		    (k->info.param[i].size && arg->length != k->info.param[i].size))
			return CL_INVALID_ARG_VALUE;
		return clSetKernelArg(k->kernel, i, arg->length, arg->value);
	}
}

/* PoCL doesn't look, and ends itself when it runs out.  It aligns each to its largest type. */
static bool has_local(struct opencl *cl, const struct engine_kernel *k,
		      const struct engine_arg *arg)
{
	__u64 left = cl->local > k->local ? cl->local - k->local : 0, takes;
	__u32 i, align = cl->base.info.buffer_align;

	for (i = 0; i < k->info.count; i++) {
		if (k->info.param[i].type != ENGINE_PARAM_LOCAL)
			continue;
		if (arg[i].length > left)
			return false;
		takes = (arg[i].length + align - 1) / align * align;
		left = takes < left ? left - takes : 0;
	}
	return true;
}

/* Return false if the device can't count as far. */
static bool sizes(const struct engine_grid *grid, size_t all[3], size_t group[3])
{
	int i;

	for (i = 0; i < 3; i++) {
		if (!grid->groups[i] || !grid->items[i])
			return false;
		group[i] = grid->items[i];
		if (__builtin_mul_overflow(group[i], grid->groups[i], &all[i]))
			return false;
	}
	return true;
}

static enum vgpu_error run(struct opencl *cl, cl_kernel kernel, const size_t all[3],
			   const size_t group[3], struct engine_job *job)
{
	cl_uint dimensions = all[2] > 1 ? 3 : all[1] > 1 ? 2 : 1;
	cl_event event;
	cl_int code;

	code = clEnqueueNDRangeKernel(opencl_queue(cl, job), kernel, dimensions, NULL, all, group,
				      0, NULL, &event);
	return opencl_finish(cl, code, event, job);
}

/**
 * opencl_launch() - see &struct engine_ops
 */
enum vgpu_error opencl_launch(struct engine *engine, struct engine_kernel *kernel,
			      const struct engine_arg *arg, __u32 count,
			      const struct engine_grid *grid, struct engine_job *job)
{
	struct opencl *cl = to_opencl(engine);
	cl_mem part[ENGINE_MAX_ARGS] = { };
	enum vgpu_error err, late;
	size_t all[3], group[3];
	cl_int code = 0;
	__u32 i;

	/* local memory is arguments, and what kernels declare: nothing else is known to OpenCL */
	if (count != kernel->info.count || grid->shared || !sizes(grid, all, group))
		return VGPU_ERR_INVALID_REQUEST;
	if (!has_local(cl, kernel, arg))
		return VGPU_ERR_NO_MEMORY;
	if (engine_is_aborted(job))
		return VGPU_ERR_CANCELED;
	/* the guest's is mapped again when the kernel has ended */
	job->would_wait = job->later && opencl_args_are_guest(arg, count);
	if (job->would_wait)
		return VGPU_ERR_NONE;
	err = opencl_args_begin(cl, arg, count);
	if (err)
		return err;
	for (i = 0; i < count && !code; i++)
		code = pass(kernel, i, &arg[i], &part[i]);
	err = code ? opencl_error(code) : run(cl, kernel->kernel, all, group, job);
	for (i = 0; i < count; i++)
		if (part[i])
			clReleaseMemObject(part[i]);
	late = opencl_args_end(cl, arg, count);
	return err ?: late;
}
