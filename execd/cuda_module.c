// SPDX-License-Identifier: GPL-2.0
/*
 * The CUDA engine's modules and kernels: a guest's own code, as PTX or as a cubin.
 *
 * Of a kernel's parameters it is known how many bytes each has: from the driver, or before CUDA
 * 12.4 out of the module itself.  One of 8 may be an address or a number; what it is the launch
 * says, by giving a buffer or a value.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cuda.h"
#include "cuda_image.h"

/* Options for the driver's compiler, with their values, at most */
#define MAX_OPTIONS	6

/* Of what the compiler says, at most; see &struct engine_log */
#define LOG_SIZE	65536U

/**
 * struct engine_module - a module
 * @module: what CUDA calls it
 * @image: what it was made of, NUL-terminated, if the driver doesn't tell what kernels take;
 *	else NULL
 * @length: bytes of it, without the NUL
 * @format: VGPU_MODULE_PTX or VGPU_MODULE_CUBIN
 */
struct engine_module {
	struct cu_module *module;
	char *image;
	size_t length;
	__u32 format;
};

/**
 * struct engine_kernel - a kernel
 * @function: what CUDA calls it
 * @info: its parameters
 * @threads: of a block, at most
 * @shared: bytes of shared memory that it declares
 * @dynamic: and that it may have besides
 */
struct engine_kernel {
	struct cu_function *function;
	struct engine_kernel_info info;
	int threads;
	__u32 shared;
	__u32 dynamic;
};

/**
 * struct jit - what the driver's compiler is told
 * @count: members of @option and @value that hold
 * @option: enum cuda_jit_option
 * @value: a number, or a pointer
 * @info: LOG_SIZE bytes for what it says
 * @error: LOG_SIZE bytes for what it says against the module
 */
struct jit {
	unsigned int count;
	int option[MAX_OPTIONS];
	void *value[MAX_OPTIONS];
	char *info;
	char *error;
};

static void say(struct engine_log *log, const char *text)
{
	if (log && log->text)
		snprintf(log->text, log->size, "%s", text);
}

static void jit_add(struct jit *jit, int option, __u64 value)
{
	jit->option[jit->count] = option;
	jit->value[jit->count++] = (void *)(uintptr_t)value;
}

/* The guest's options: -O0 to -O4, and --maxrregcount=N, as for NVIDIA's ptxas. */
static bool jit_parse(struct jit *jit, const char *options)
{
	static const char registers[] = "--maxrregcount=";
	unsigned long n = 0;
	bool has_registers = false, has_level = false;
	char *end;

	for (options += strspn(options, " "); *options; options = end + strspn(end, " ")) {
		end = (char *)options;
		if (!strncmp(options, registers, strlen(registers)) && !has_registers) {
			options += strlen(registers);
			n = *options >= '0' && *options <= '9' ? strtoul(options, &end, 10) : 0;
			has_registers = n && n < 256;
			if (!has_registers)
				return false;
			jit_add(jit, CUDA_JIT_MAX_REGISTERS, n);
		} else if (!strncmp(options, "-O", 2) && options[2] >= '0' && options[2] <= '4' &&
			   !has_level) {
			has_level = true;
			jit_add(jit, CUDA_JIT_OPTIMIZATION_LEVEL, options[2] - '0');
			end += 3;
		}
		if (end == options || (*end && *end != ' '))
			return false;
	}
	return true;
}

/* Options without a log, if there is no memory for one. */
static void jit_begin(struct jit *jit, const struct engine_log *log)
{
	if (!log || !log->text)
		return;
	/* and a byte behind each that stays 0 */
	jit->info = calloc(1, LOG_SIZE + 1);
	jit->error = calloc(1, LOG_SIZE + 1);
	if (!jit->info || !jit->error)
		return;
	jit_add(jit, CUDA_JIT_INFO_LOG_BUFFER, (uintptr_t)jit->info);
	jit_add(jit, CUDA_JIT_INFO_LOG_BUFFER_SIZE_BYTES, LOG_SIZE);
	jit_add(jit, CUDA_JIT_ERROR_LOG_BUFFER, (uintptr_t)jit->error);
	jit_add(jit, CUDA_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, LOG_SIZE);
}

static void jit_end(struct jit *jit, const struct cuda_api *api, int error,
		    struct engine_log *log)
{
	if (jit->error && *jit->error)
		say(log, jit->error);
	else if (jit->info && *jit->info && !error)
		say(log, jit->info);
	else if (error)
		say(log, cuda_api_error(api, error));
	free(jit->info);
	free(jit->error);
}

static const char *check(const struct engine_source *source)
{
	return source->format == VGPU_MODULE_PTX ? cuda_ptx_check(source->data, source->length) :
						   cuda_cubin_check(source->data, source->length);
}

static enum vgpu_error load(struct cuda *cu, struct engine_module *m, struct jit *jit,
			    struct engine_log *log)
{
	int error;

	jit_begin(jit, log);
	error = cu->api->module_load_data_ex(&m->module, m->image, jit->count, jit->option,
					     jit->value);
	jit_end(jit, cu->api, error, log);
	return cuda_error(cu, error);
}

/**
 * cuda_module_build() - see &struct engine_ops
 */
enum vgpu_error cuda_module_build(struct engine *engine, const struct engine_source *source,
				  struct engine_log *log, struct engine_module **module)
{
	struct cuda *cu = to_cuda(engine);
	struct engine_module *m;
	struct jit jit = { };
	enum vgpu_error err;
	const char *why;

	say(log, "");
	if (source->format > 63 || !(engine->info.formats & 1ULL << source->format))
		return VGPU_ERR_INVALID_REQUEST;
	why = check(source);
	if (!why && source->options &&
	    !(source->format == VGPU_MODULE_PTX ? jit_parse(&jit, source->options) :
						  !*source->options))
		why = "options are -O0 to -O4 and --maxrregcount=N, for PTX";
	if (why) {
		say(log, why);
		return VGPU_ERR_INVALID_REQUEST;
	}
	m = calloc(1, sizeof(*m));
	if (!m)
		return VGPU_ERR_NO_MEMORY;
	m->format = source->format;
	m->length = source->length;
	/* with a NUL behind it */
	m->image = calloc(1, source->length + 1);
	if (m->image)
		memcpy(m->image, source->data, source->length);
	err = m->image ? cuda_enter(cu) ?: load(cu, m, &jit, log) : VGPU_ERR_NO_MEMORY;
	if (err) {
		cuda_module_destroy(engine, m);
		return err;
	}
	if (cu->api->func_get_param_info) {
		free(m->image);
		m->image = NULL;
	}
	*module = m;
	return VGPU_ERR_NONE;
}

/**
 * cuda_module_destroy() - see &struct engine_ops
 */
void cuda_module_destroy(struct engine *engine, struct engine_module *module)
{
	struct cuda *cu = to_cuda(engine);

	cuda_enter(cu);
	if (module->module)
		cu->api->module_unload(module->module);
	free(module->image);
	free(module);
}

/* The driver's word for it: until there are no more */
static enum vgpu_error ask_params(struct cuda *cu, struct engine_kernel *k,
				  struct engine_log *log)
{
	size_t offset, size;
	int error;

	for (k->info.count = 0; ; k->info.count++) {
		error = cu->api->func_get_param_info(k->function, k->info.count, &offset, &size);
		if (error == CUDA_INVALID_VALUE)
			return VGPU_ERR_NONE;
		if (error)
			return cuda_error(cu, error);
		if (k->info.count == ENGINE_MAX_ARGS) {
			say(log, "too many parameters");
			return VGPU_ERR_INVALID_REQUEST;
		}
		k->info.param[k->info.count] = cuda_param(size);
	}
}

static enum vgpu_error find_params(struct cuda *cu, const struct engine_module *module,
				   const char *name, struct engine_kernel *k,
				   struct engine_log *log)
{
	const char *why;

	if (cu->api->func_get_param_info)
		return ask_params(cu, k, log);
	why = module->format == VGPU_MODULE_PTX ?
		cuda_ptx_params(module->image, name, &k->info) :
		cuda_cubin_params(module->image, module->length, name, &k->info);
	if (!why)
		return VGPU_ERR_NONE;
	say(log, why);
	return VGPU_ERR_INVALID_REQUEST;
}

static enum vgpu_error find_limits(struct cuda *cu, struct engine_kernel *k)
{
	int shared = 0, error;

	error = cu->api->func_get_attribute(&k->threads, CUDA_FUNCTION_MAX_THREADS_PER_BLOCK,
					    k->function);
	if (!error)
		error = cu->api->func_get_attribute(&shared, CUDA_FUNCTION_SHARED_SIZE_BYTES,
						    k->function);
	k->shared = shared;
	k->dynamic = shared < cu->shared ? cu->shared - shared : 0;
	return cuda_error(cu, error);
}

/**
 * cuda_kernel_get() - see &struct engine_ops
 */
enum vgpu_error cuda_kernel_get(struct engine *engine, struct engine_module *module,
				const char *name, struct engine_log *log,
				struct engine_kernel **kernel, struct engine_kernel_info *info)
{
	struct engine_kernel *k = calloc(1, sizeof(*k));
	struct cuda *cu = to_cuda(engine);
	enum vgpu_error err;
	int error;

	if (!k)
		return VGPU_ERR_NO_MEMORY;
	say(log, "");
	err = cuda_enter(cu);
	if (!err) {
		error = cu->api->module_get_function(&k->function, module->module, name);
		if (error == CUDA_NOT_FOUND)
			say(log, "the module has no kernel of that name");
		err = cuda_error(cu, error);
	}
	err = err ?: find_params(cu, module, name, k, log) ?: find_limits(cu, k);
	if (err) {
		cuda_kernel_put(engine, k);
		return err;
	}
	*kernel = k;
	*info = k->info;
	return VGPU_ERR_NONE;
}

/**
 * cuda_kernel_put() - see &struct engine_ops
 */
void cuda_kernel_put(struct engine *engine, struct engine_kernel *kernel)
{
	(void)engine;
	/* the module has the function as long as itself */
	free(kernel);
}

/* Where CUDA reads an argument; *@address is room for one. NULL if it doesn't match. */
static void *pass(const struct engine_param *param, const struct engine_arg *arg, __u64 *address)
{
	if (arg->mem && param->type == ENGINE_PARAM_ANY) {
		*address = to_mem(arg->mem)->device + arg->offset;
		return address;
	}
	/* a buffer that isn't there */
	if (!arg->mem && !arg->value && !arg->length && param->type == ENGINE_PARAM_ANY) {
		*address = 0;
		return address;
	}
	return !arg->mem && arg->value && arg->length == param->size ? (void *)arg->value : NULL;
}

static bool is_possible(const struct cuda *cu, const struct engine_kernel *k,
			const struct engine_grid *grid)
{
	__u64 threads = 1;
	int i;

	for (i = 0; i < 3; i++) {
		if (!grid->groups[i] || grid->groups[i] > (__u32)cu->grid[i] || !grid->items[i] ||
		    grid->items[i] > (__u32)cu->block[i])
			return false;
		threads *= grid->items[i];
	}
	return threads <= (__u64)k->threads && threads <= (__u64)cu->threads &&
	       (__u64)k->shared + grid->shared <= (__u64)cu->shared_most;
}

/* More than all devices have, a kernel must be told to have. */
static int allow_shared(struct cuda *cu, struct engine_kernel *k, __u32 shared)
{
	int error;

	if (shared <= k->dynamic)
		return CUDA_OK;
	error = cu->api->func_set_attribute(k->function,
					    CUDA_FUNCTION_MAX_DYNAMIC_SHARED_SIZE_BYTES, shared);
	if (!error)
		k->dynamic = shared;
	return error;
}

static enum vgpu_error run(struct cuda *cu, struct engine_kernel *k, void **param,
			   const struct engine_grid *grid, struct engine_job *job)
{
	enum vgpu_error err;
	int error;

	error = allow_shared(cu, k, grid->shared);
	err = cuda_error(cu, error) ?: cuda_begin(cu, job);
	if (err)
		return err;
	error = cu->api->launch_kernel(k->function, grid->groups[0], grid->groups[1],
				       grid->groups[2], grid->items[0], grid->items[1],
				       grid->items[2], grid->shared, cu->timer->stream, param,
				       NULL);
	return cuda_finish(cu, error, job);
}

/**
 * cuda_launch() - see &struct engine_ops
 */
enum vgpu_error cuda_launch(struct engine *engine, struct engine_kernel *kernel,
			    const struct engine_arg *arg, __u32 count,
			    const struct engine_grid *grid, struct engine_job *job)
{
	__u64 address[ENGINE_MAX_ARGS];
	struct cuda *cu = to_cuda(engine);
	void *param[ENGINE_MAX_ARGS];
	enum vgpu_error err;
	__u32 i;

	if (count != kernel->info.count || !is_possible(cu, kernel, grid))
		return VGPU_ERR_INVALID_REQUEST;
	if (engine_is_aborted(job))
		return VGPU_ERR_CANCELED;
	/* they are copied back when the kernel has ended */
	job->would_wait = job->later && cuda_args_are_copied(arg, count);
	if (job->would_wait)
		return VGPU_ERR_NONE;
	/* an address is known only when the device uses the memory */
	err = cuda_enter(cu) ?: cuda_args_begin(cu, arg, count, count);
	if (err)
		return err;
	for (i = 0; i < count; i++) {
		param[i] = pass(&kernel->info.param[i], &arg[i], &address[i]);
		if (!param[i])
			return VGPU_ERR_INVALID_REQUEST;
	}
	err = run(cu, kernel, param, grid, job);
	if (!err)
		cuda_args_end(arg, count);
	return err;
}
