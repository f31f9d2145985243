// SPDX-License-Identifier: GPL-2.0
/* The CUDA engine's built-in kernels: builtin.ptx, which is builtin.cl compiled, for the device. */
#include <stdio.h>

#include "builtin.h"
#include "cuda.h"

static const char source[] = {
#include "builtin_ptx.h"
	0
};

/* Items that sum, each a word of the scratch memory: all of it */
#define SUMS		1024U

static enum vgpu_error call_begin(struct builtin_call *call, const char *name)
{
	struct cuda *cu = to_cuda(call->engine);
	struct cu_function *function;
	int error;

	error = cu->api->module_get_function(&function, cu->builtin, name);
	if (!error)
		call->kernel = function;
	return cuda_error(cu, error);
}

static enum vgpu_error call_pass(struct builtin_call *call, __u32 i, const void *value,
				 size_t size)
{
	/* as many bytes are read of it as the kernel takes, from the first */
	memcpy(&call->value[i], value, size);
	return VGPU_ERR_NONE;
}

static enum vgpu_error call_pass_mem(struct builtin_call *call, __u32 i, struct engine_mem *mem)
{
	call->value[i] = mem ? to_mem(mem)->device : to_cuda(call->engine)->scratch;
	return VGPU_ERR_NONE;
}

static enum vgpu_error call_run(struct builtin_call *call, size_t items, size_t group,
				struct engine_job *job)
{
	struct cuda *cu = to_cuda(call->engine);
	enum vgpu_error err = cuda_begin(cu, job);
	void *param[BUILTIN_MAX_ARGS];
	__u32 i;
	int error;

	if (err)
		return err;
	for (i = 0; i < call->args; i++)
		param[i] = &call->value[i];
	error = cu->api->launch_kernel(call->kernel, items / group, 1, 1, group, 1, 1, 0,
				       cu->timer->stream, param, NULL);
	return cuda_finish(cu, error, job);
}

/* The module has it as long as itself */
static void call_end(struct builtin_call *call)
{
	call->kernel = NULL;
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
 * cuda_launch_builtin() - see &struct engine_ops
 */
enum vgpu_error cuda_launch_builtin(struct engine *engine, enum vgpu_builtin kernel,
				    const struct engine_arg *arg, struct engine_job *job)
{
	struct cuda *cu = to_cuda(engine);
	enum vgpu_error err;

	/* each writes to its first, and to no other */
	err = cuda_enter(cu) ?: cuda_args_begin(cu, arg, VGPU_MAX_ARGS, 1);
	if (err)
		return err;
	err = builtin_run(&calls, engine, kernel, arg, job);
	if (!err || err == VGPU_ERR_CANCELED)
		cuda_args_end(arg, 1);
	return err;
}

/**
 * cuda_builtin_load() - load the module
 * @cu: the engine
 *
 * Return: false after a message if that fails.
 */
bool cuda_builtin_load(struct cuda *cu)
{
	char said[2048] = "";
	int option[] = { CUDA_JIT_ERROR_LOG_BUFFER, CUDA_JIT_ERROR_LOG_BUFFER_SIZE_BYTES };
	void *value[] = { said, (void *)(uintptr_t)(sizeof(said) - 1) };
	int error;

	error = cu->api->module_load_data_ex(&cu->builtin, source, 2, option, value);
	if (error) {
		fprintf(stderr, "vgpu-execd: cuda: %s: no built-in kernels: %s\n%s%s",
			cu->base.info.name, cuda_api_error(cu->api, error), said,
			*said ? "\n" : "");
		return false;
	}
	cu->base.info.builtins = BUILTIN_ALL;
	return true;
}

/**
 * cuda_builtin_end() - cuda_builtin_load(), undone
 * @cu: the engine
 */
void cuda_builtin_end(struct cuda *cu)
{
	if (cu->builtin)
		cu->api->module_unload(cu->builtin);
}
