// SPDX-License-Identifier: GPL-2.0
/*
 * Modules of PTX and cubins, and kernels of theirs; see cuda_test.cl.  The cubin is for sm_50, so
 * most GPUs refuse it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cuda_test.h"
#include "engine_test.h"

static const char bad[] =
	".version 6.0\n.target sm_50\n.address_size 64\n"
	".visible .entry k()\n{\n\twrong_instruction;\n}\n";

static const struct engine_grid one = { { 1, 1, 1 }, { 1, 1, 1 }, 0 };

static enum vgpu_error build(__u32 format, const void *data, size_t length, const char *options,
			     struct engine_log *log, struct engine_module **module)
{
	const struct engine_source s = {
		.format = format,
		.data = data,
		.length = length,
		.options = options,
	};

	return ops->module_build(engine, &s, log, module);
}

static enum vgpu_error build_ptx(const char *options, struct engine_log *log,
				 struct engine_module **module)
{
	return build(VGPU_MODULE_PTX, cuda_test_ptx, sizeof(cuda_test_ptx), options, log, module);
}

static struct engine_module *module_of(void)
{
	struct engine_module *module = NULL;
	char said[1024];
	struct engine_log log = { said, sizeof(said) };

	if (!CHECK_EQ(build_ptx(NULL, &log, &module), VGPU_ERR_NONE)) {
		fprintf(stderr, "# %s\n", said);
		exit(1);
	}
	return module;
}

static struct engine_kernel *kernel_of(struct engine_module *module, const char *name,
				       struct engine_kernel_info *info)
{
	struct engine_kernel *kernel = NULL;
	char said[256] = "";
	struct engine_log log = { said, sizeof(said) };

	if (!CHECK_EQ(ops->kernel_get(engine, module, name, &log, &kernel, info),
		      VGPU_ERR_NONE)) {
		fprintf(stderr, "# %s: %s\n", name, said);
		exit(1);
	}
	return kernel;
}

static void test_build(void)
{
	static const char *const options[] = { "", " ", "-O0", " -O3 ", "--maxrregcount=32 -O2" };
	static const char *const wrong[] = {
		"-O", "-O5", "-O2x", "-O1 -O2", "--maxrregcount=", "--maxrregcount=0",
		"--maxrregcount=256", "--maxrregcount=1x", "--maxrregcount=99999999999999999999",
		"-lineinfo", "\"\\ %s%n", "x", "--maxrregcount=8 --maxrregcount=8",
	};
	struct engine_module *module = NULL;
	char said[4096];
	struct engine_log log = { said, sizeof(said) }, little = { said, 5 };
	unsigned int i;

	memset(said, 'x', sizeof(said));
	CHECK_EQ(build(VGPU_MODULE_PTX, bad, strlen(bad), NULL, &log, &module),
		 VGPU_ERR_INVALID_REQUEST);
	CHECK(memchr(said, 0, sizeof(said)) && strstr(said, "error"));
	memset(said, 'x', sizeof(said));
	CHECK_EQ(build(VGPU_MODULE_PTX, bad, strlen(bad), NULL, &little, &module),
		 VGPU_ERR_INVALID_REQUEST);
	CHECK_EQ(strnlen(said, sizeof(said)), 4);
	CHECK_EQ(said[5], 'x');
	CHECK_EQ(build(VGPU_MODULE_PTX, bad, strlen(bad), NULL, NULL, &module),
		 VGPU_ERR_INVALID_REQUEST);
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		*said = 0;
		if (!CHECK_EQ(build_ptx(wrong[i], &log, &module), VGPU_ERR_INVALID_REQUEST))
			fprintf(stderr, "# %s\n", wrong[i]);
		CHECK(strstr(said, "maxrregcount"));
	}
	CHECK(!module);
	for (i = 0; i < sizeof(options) / sizeof(*options); i++) {
		if (!CHECK_EQ(build_ptx(options[i], &log, &module), VGPU_ERR_NONE))
			fprintf(stderr, "# %s: %s\n", options[i], said);
		else
			ops->module_destroy(engine, module);
	}
}

static void test_format(void)
{
	const __u32 formats[] = { VGPU_MODULE_BUILTIN, VGPU_MODULE_OPENCL_C, VGPU_MODULE_SPIRV, 63,
				  64, ~0U };
	struct engine_module *module = NULL;
	char said[256];
	struct engine_log log = { said, sizeof(said) };
	char text[sizeof(cuda_test_ptx)];
	enum vgpu_error err;
	unsigned int i;

	for (i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		CHECK_EQ(build(formats[i], cuda_test_ptx, sizeof(cuda_test_ptx), NULL, &log,
			       &module), VGPU_ERR_INVALID_REQUEST);
	/* each as the other, and in part */
	CHECK_EQ(build(VGPU_MODULE_PTX, cuda_test_cubin, sizeof(cuda_test_cubin), NULL, &log,
		       &module), VGPU_ERR_INVALID_REQUEST);
	CHECK(strstr(said, "no text"));
	CHECK_EQ(build(VGPU_MODULE_CUBIN, cuda_test_ptx, sizeof(cuda_test_ptx), NULL, &log,
		       &module), VGPU_ERR_INVALID_REQUEST);
	CHECK(strstr(said, "no cubin"));
	memcpy(text, cuda_test_ptx, sizeof(text));
	text[sizeof(text) - 1] = 0;
	CHECK_EQ(build(VGPU_MODULE_PTX, text, sizeof(text), NULL, &log, &module),
		 VGPU_ERR_INVALID_REQUEST);
	for (i = 1; i < sizeof(cuda_test_cubin); i += 97)
		CHECK_EQ(build(VGPU_MODULE_CUBIN, cuda_test_cubin, i, NULL, NULL, &module),
			 VGPU_ERR_INVALID_REQUEST);
	CHECK_EQ(build(VGPU_MODULE_CUBIN, cuda_test_cubin, sizeof(cuda_test_cubin), "-O2", &log,
		       &module), VGPU_ERR_INVALID_REQUEST);
	CHECK(!module);
	err = build(VGPU_MODULE_CUBIN, cuda_test_cubin, sizeof(cuda_test_cubin), NULL, &log,
		    &module);
	CHECK(err == VGPU_ERR_NONE || err == VGPU_ERR_INVALID_REQUEST);
	CHECK(err || module);
	if (!err)
		ops->module_destroy(engine, module);
}

static void check_params(struct engine_module *module, const char *name,
			 const struct engine_param *want, __u32 count)
{
	struct engine_kernel_info info = { };
	struct engine_kernel *kernel = kernel_of(module, name, &info);
	__u32 i;

	CHECK_EQ(info.count, count);
	for (i = 0; i < info.count && i < count; i++)
		if (!CHECK(info.param[i].type == want[i].type &&
			   info.param[i].size == want[i].size))
			fprintf(stderr, "# %s, %u: %u bytes\n", name, i, info.param[i].size);
	ops->kernel_put(engine, kernel);
}

static void check_kernels(struct engine_module *module)
{
	static const struct engine_param scale[] = {
		{ ENGINE_PARAM_ANY, 8 }, { ENGINE_PARAM_ANY, 8 }, { ENGINE_PARAM_VALUE, 4 },
		{ ENGINE_PARAM_ANY, 8 },
	}, sizes[] = {
		{ ENGINE_PARAM_VALUE, 1 }, { ENGINE_PARAM_VALUE, 2 }, { ENGINE_PARAM_VALUE, 4 },
		{ ENGINE_PARAM_ANY, 8 }, { ENGINE_PARAM_VALUE, 12 }, { ENGINE_PARAM_ANY, 8 },
	};

	check_params(module, "scale", scale, 4);
	check_params(module, "sizes", sizes, 6);
	check_params(module, "none", NULL, 0);
}

static void test_kernels(void)
{
	struct engine_module *module = module_of(), *binary;
	struct engine_kernel_info info = { };
	struct engine_kernel *kernel = NULL;
	char said[256];
	struct engine_log log = { said, sizeof(said) };

	CHECK_EQ(ops->kernel_get(engine, module, "absent", &log, &kernel, &info),
		 VGPU_ERR_INVALID_REQUEST);
	CHECK(strstr(said, "no kernel of that name"));
	CHECK_EQ(ops->kernel_get(engine, module, "", NULL, &kernel, &info),
		 VGPU_ERR_INVALID_REQUEST);
	CHECK(!kernel);
	check_kernels(module);
	ops->module_destroy(engine, module);
	if (build(VGPU_MODULE_CUBIN, cuda_test_cubin, sizeof(cuda_test_cubin), NULL, NULL,
		  &binary))
		return;
	check_kernels(binary);
	ops->module_destroy(engine, binary);
}

static void test_launch(void)
{
	static const struct engine_grid grid = { { 4, 1, 1 }, { 16, 1, 1 }, 0 };
	struct engine_mem *mem = new_mem(65536);
	struct engine_module *module = module_of();
	struct engine_kernel_info info;
	struct engine_kernel *kernel = kernel_of(module, "scale", &info);
	int by = 3, add = 1000, in[64], out[64], at;
	struct engine_arg arg[4] = {
		buffer(mem, 8192, 65536 - 8192), buffer(mem, 4, sizeof(in)),
		value(&by, sizeof(by)), buffer(mem, 4096, 4),
	};
	__u64 wide = 0;

	for (at = 0; at < 64; at++)
		in[at] = at * 11;
	put(mem, 4, in, sizeof(in));
	put(mem, 4096, &add, sizeof(add));
	job.gpu_ns = 0;
	CHECK_EQ(ops->launch(engine, kernel, arg, 4, &grid, &job), VGPU_ERR_NONE);
	CHECK(job.gpu_ns > 0);
	get(mem, 8192, out, sizeof(out));
	for (at = 0; at < 64; at++)
		CHECK_EQ(out[at], in[at] * 3 + 1000);
	/* no more and no fewer, and each of its kind */
	CHECK_EQ(ops->launch(engine, kernel, arg, 3, &grid, &job), VGPU_ERR_INVALID_REQUEST);
	arg[2] = value(&wide, sizeof(wide));
	CHECK_EQ(ops->launch(engine, kernel, arg, 4, &grid, &job), VGPU_ERR_INVALID_REQUEST);
	arg[2] = buffer(mem, 0, 4);
	CHECK_EQ(ops->launch(engine, kernel, arg, 4, &grid, &job), VGPU_ERR_INVALID_REQUEST);
	arg[2] = (struct engine_arg){ };
	CHECK_EQ(ops->launch(engine, kernel, arg, 4, &grid, &job), VGPU_ERR_INVALID_REQUEST);
	arg[2] = (struct engine_arg){ .length = 4 };
	CHECK_EQ(ops->launch(engine, kernel, arg, 4, &grid, &job), VGPU_ERR_INVALID_REQUEST);
	arg[2] = value(&by, sizeof(by));
	arg[3] = value(&by, sizeof(by));
	CHECK_EQ(ops->launch(engine, kernel, arg, 4, &grid, &job), VGPU_ERR_INVALID_REQUEST);
	arg[3] = (struct engine_arg){ .length = 8 };
	CHECK_EQ(ops->launch(engine, kernel, arg, 4, &grid, &job), VGPU_ERR_INVALID_REQUEST);
	ops->kernel_put(engine, kernel);
	ops->module_destroy(engine, module);
	ops->mem_destroy(engine, mem);
}

static void test_values(void)
{
	struct engine_module *module = module_of();
	struct engine_kernel_info info;
	struct engine_kernel *kernel = kernel_of(module, "sizes", &info);
	struct engine_mem *mem = new_mem(4096);
	const int t[3] = { 0, 0, 50000 };
	const double d = 4000;
	const float f = 300;
	const short h = 20;
	const char c = 1;
	const __u64 none = 0;
	struct engine_arg arg[] = {
		value(&c, 1), value(&h, 2), value(&f, 4), value(&d, 8), value(t, 12),
		buffer(mem, 0, 4096),
	};
	int sum = 0;

	CHECK_EQ(ops->launch(engine, kernel, arg, 6, &one, &job), VGPU_ERR_NONE);
	get(mem, 0, &sum, sizeof(sum));
	CHECK_EQ(sum, 54321);
	ops->kernel_put(engine, kernel);
	/* a buffer that isn't there, and its address as a number */
	kernel = kernel_of(module, "nothing", &info);
	arg[0] = (struct engine_arg){ };
	CHECK_EQ(ops->launch(engine, kernel, arg, 1, &one, &job), VGPU_ERR_NONE);
	arg[0] = value(&none, sizeof(none));
	CHECK_EQ(ops->launch(engine, kernel, arg, 1, &one, &job), VGPU_ERR_NONE);
	arg[0] = buffer(mem, 8, 4088);
	CHECK_EQ(ops->launch(engine, kernel, arg, 1, &one, &job), VGPU_ERR_NONE);
	get(mem, 8, &sum, sizeof(sum));
	CHECK_EQ(sum, 1);
	ops->kernel_put(engine, kernel);
	kernel = kernel_of(module, "none", &info);
	CHECK_EQ(ops->launch(engine, kernel, NULL, 0, &one, &job), VGPU_ERR_NONE);
	ops->kernel_put(engine, kernel);
	ops->module_destroy(engine, module);
	ops->mem_destroy(engine, mem);
}

static void test_geometry(void)
{
	static const struct engine_grid good = { { 3, 2, 5 }, { 4, 2, 1 }, 0 }, wrong[] = {
		{ { 0, 1, 1 }, { 1, 1, 1 }, 0 }, { { 1, 1, 1 }, { 1, 0, 1 }, 0 },
		{ { 1, 1, 1 }, { 1 << 20, 1, 1 }, 0 }, { { 1, 1, 1 }, { 1, 1, 1 << 30 }, 0 },
		{ { 1, 1, 1 }, { 1024, 1024, 64 }, 0 }, { { 1, 1, 1 }, { ~0U, ~0U, ~0U }, 0 },
		{ { 1, 1, ~0U }, { 1, 1, 1 }, 0 }, { { 1, 1, 1 }, { 1, 1, 1 }, ~0U },
		{ { 1, 1, 1 }, { 1, 1, 1 }, 64 << 20 },
	}, nine = { { 1, 1, 1 }, { 9, 1, 1 }, 0 }, eight = { { 3, 1, 1 }, { 8, 1, 1 }, 0 },
	   more = { { 1, 1, 1 }, { 8, 1, 1 }, 60000 };
	struct engine_module *module = module_of();
	struct engine_kernel_info info;
	struct engine_kernel *kernel = kernel_of(module, "where", &info);
	struct engine_mem *mem = new_mem(4096);
	const struct engine_arg arg[] = { buffer(mem, 0, 4096) };
	__u32 out[12 * 4 * 5], x, y, z;
	enum vgpu_error err;
	unsigned int i;

	CHECK_EQ(ops->launch(engine, kernel, arg, 1, &good, &job), VGPU_ERR_NONE);
	get(mem, 0, out, sizeof(out));
	for (z = 0; z < 5; z++)
		for (y = 0; y < 4; y++)
			for (x = 0; x < 12; x++)
				CHECK_EQ(out[x + 12 * (y + 4 * z)], x / 4 << 16 | y / 2 << 8 | z);
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (!CHECK_EQ(ops->launch(engine, kernel, arg, 1, &wrong[i], &job),
			      VGPU_ERR_INVALID_REQUEST))
			fprintf(stderr, "# geometry %u\n", i);
	ops->kernel_put(engine, kernel);
	kernel = kernel_of(module, "eight", &info);
	CHECK_EQ(ops->launch(engine, kernel, arg, 1, &eight, &job), VGPU_ERR_NONE);
	get(mem, 0, out, sizeof(out));
	for (i = 0; i < 24; i++)
		CHECK_EQ(out[i], 1);
	CHECK_EQ(ops->launch(engine, kernel, arg, 1, &nine, &job), VGPU_ERR_INVALID_REQUEST);
	/* more shared memory than without more ado; the oldest GPUs don't have it */
	err = ops->launch(engine, kernel, arg, 1, &more, &job);
	CHECK(err == VGPU_ERR_NONE || err == VGPU_ERR_INVALID_REQUEST);
	ops->kernel_put(engine, kernel);
	ops->module_destroy(engine, module);
	ops->mem_destroy(engine, mem);
}

static void test_two(void)
{
	struct engine_module *a = module_of(), *b = module_of();
	struct engine_kernel_info info;
	struct engine_kernel *of_a = kernel_of(a, "nothing", &info);
	struct engine_kernel *of_b = kernel_of(b, "nothing", &info);
	struct engine_mem *mem = new_mem(4096);
	const struct engine_arg arg[] = { buffer(mem, 0, 4096) };

	CHECK_EQ(ops->launch(engine, of_a, arg, 1, &one, &job), VGPU_ERR_NONE);
	ops->kernel_put(engine, of_a);
	ops->module_destroy(engine, a);
	CHECK_EQ(ops->launch(engine, of_b, arg, 1, &one, &job), VGPU_ERR_NONE);
	ops->kernel_put(engine, of_b);
	ops->module_destroy(engine, b);
	ops->mem_destroy(engine, mem);
}

/* A kernel with the guest's memory */
static void test_guest(void)
{
	static const struct engine_grid grid = { { 16, 1, 1 }, { 64, 1, 1 }, 0 };
	int *guest = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct engine_module *module = module_of();
	struct engine_kernel_info info;
	struct engine_kernel *kernel = kernel_of(module, "scale", &info);
	struct engine_mem *its = NULL;
	struct engine_arg arg[4];
	int by = 3, round, i;

	if (!CHECK_EQ(ops->mem_import(engine, guest, 16384, &its), VGPU_ERR_NONE))
		return;
	arg[0] = buffer(its, 8192, 8192);
	arg[1] = buffer(its, 0, 16384);
	arg[2] = value(&by, sizeof(by));
	arg[3] = buffer(its, 4096, 4096);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 1024; i++)
			guest[i] = i + round;
		guest[1024] = 7 * round;
		guest[3072] = 12345;
		CHECK_EQ(ops->launch(engine, kernel, arg, 4, &grid, &job), VGPU_ERR_NONE);
		for (i = 0; i < 1024; i++)
			CHECK_EQ(guest[2048 + i], (i + round) * 3 + 7 * round);
		CHECK_EQ(guest[3072], 12345);
	}
	ops->kernel_put(engine, kernel);
	ops->module_destroy(engine, module);
	ops->mem_destroy(engine, its);
	munmap(guest, 16384);
}

static long resident_kb(void)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (!f || fscanf(f, "%*d %ld", &pages) != 1)
		pages = 0;
	if (f)
		fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void test_builds(void)
{
	int n = atoi(getenv("ENGINE_BUILDS") ?: "100"), i;
	struct engine_kernel_info info;
	struct engine_module *module;
	long before = 0, after;

	for (i = 0; i < n; i++) {
		/* what is warm by then isn't counted */
		if (i == n / 4)
			before = resident_kb();
		module = module_of();
		ops->kernel_put(engine, kernel_of(module, "scale", &info));
		ops->module_destroy(engine, module);
	}
	after = resident_kb();
	fprintf(stderr, "# %d builds, %ld KiB more in each\n", n, (after - before) / n);
	CHECK((after - before) / n < 16);
}

const struct tap_test cuda_tests[] = {
	{ "build", "PTX is built, or the guest is told why not", test_build },
	{ "format", "what isn't PTX or a whole cubin is refused", test_format },
	{ "kernels", "a kernel is found, and what it takes", test_kernels },
	{ "launch", "a kernel runs with buffers and values", test_launch },
	{ "values", "values of all sizes, and buffers that aren't there", test_values },
	{ "geometry", "blocks and threads are as told, and refused if they can't be",
	  test_geometry },
	{ "two", "two modules don't know of one another", test_two },
	{ "guest", "a kernel uses the guest's memory", test_guest },
	{ "builds", "modules leave nothing behind", test_builds },
};

const size_t cuda_tests_count = sizeof(cuda_tests) / sizeof(*cuda_tests);
