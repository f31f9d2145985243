// SPDX-License-Identifier: GPL-2.0
/*
 * A worker of the CUDA engine, at work in its sandbox: with NVIDIA's library where there is a GPU,
 * or with the stand-in, which says nothing of what NVIDIA's asks of the system.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

#include "cuda_test.h"
#include "engine.h"
#include "sandbox_test.h"

static struct engine *opened;

/* Before the filter, as a worker does */
static int open_engine(void)
{
	opened = engine_cuda.open(NULL);
	return !opened;
}

static int try_module(struct engine *e, struct engine_mem *mem, struct engine_job *job)
{
	static const struct engine_grid grid = { { 4, 1, 1 }, { 4, 1, 1 }, 0 };
	const struct engine_source source = {
		.format = VGPU_MODULE_PTX, .data = cuda_test_ptx, .length = sizeof(cuda_test_ptx),
	};
	const int by = 3;
	const struct engine_arg arg[] = {
		{ .mem = mem, .offset = 1024, .length = 64 },
		{ .mem = mem, .length = 64 },
		{ .value = &by, .length = sizeof(by) },
		{ .mem = mem, .length = 4 },
	};
	struct engine_kernel_info info;
	struct engine_module *module;
	struct engine_kernel *kernel;
	__u32 words[16], i;
	char said[1024];
	struct engine_log log = { said, sizeof(said) };

	if (e->ops->module_build(e, &source, &log, &module))
		return 10;
	if (e->ops->kernel_get(e, module, "scale", NULL, &kernel, &info))
		return 11;
	if (e->ops->launch(e, kernel, arg, 4, &grid, job))
		return 12;
	if (e->ops->read(e, mem, 1024, words, sizeof(words), job))
		return 13;
	for (i = 0; i < 16; i++)
		if (words[i] != 7 * 3 + 7)
			return 14;
	e->ops->kernel_put(e, kernel);
	e->ops->module_destroy(e, module);
	return 0;
}

static int try_work(void)
{
	const __u64 n = 8;
	const __u32 abort = 0;
	struct engine_job job = { .abort = &abort };
	struct engine_arg arg[VGPU_MAX_ARGS] = { };
	struct engine *e = opened;
	struct engine_mem *mem;
	__u32 sum = 0;

	if (e->ops->mem_create(e, 4096, &mem))
		return 1;
	if (e->ops->fill(e, mem, 0, 7, 64, &job))
		return 2;
	arg[0] = (struct engine_arg){ .mem = mem, .offset = 2048, .length = 4 };
	arg[1] = (struct engine_arg){ .mem = mem, .length = 32 };
	arg[2] = (struct engine_arg){ .value = &n, .length = sizeof(n) };
	if (e->ops->launch_builtin(e, VGPU_BUILTIN_REDUCE_U32, arg, &job))
		return 3;
	if (e->ops->read(e, mem, 2048, &sum, sizeof(sum), &job) || sum != 56)
		return 4;
	return try_module(e, mem, &job);
}

static void test_work(void)
{
	struct outcome o = {
		.try = open_engine, .view = engine_cuda.view, .nodes = engine_cuda.nodes,
		.reserves = engine_cuda.reserves,
	};

	if (outcome_of(&o)) {
		tap_skip("no CUDA that works; what is missing is on stderr");
		return;
	}
	o.before = open_engine;
	o.try = try_work;
	CHECK_EQ(outcome_of(&o), 0);
}

/**
 * run_cuda_tests() - run them
 */
void run_cuda_tests(void)
{
	/* once loaded it is found by its name where there are no files, and not begun by that */
	void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
	struct tap_test test = {
		"execd-sandbox-cuda", "a worker runs CUDA jobs in its sandbox", test_work,
	};

	if (!library) {
		printf("ok %s - %s # SKIP no libcuda.so.1\n", test.name, test.text);
		return;
	}
	if (dlsym(library, "standin")) {
		test.name = "execd-sandbox-cuda-standin";
		test.text = "a worker runs jobs in the sandbox of CUDA's (stand-in)";
	}
	if (geteuid())
		printf("ok %s - %s # SKIP not root\n", test.name, test.text);
	else
		tap_run(&test);
}
