// SPDX-License-Identifier: GPL-2.0
/* Modules of OpenCL C, and kernels of theirs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine_test.h"
#include "spirv_test.h"

static const char source[] =
	"typedef struct { int a[3]; } triple;\n"
	"kernel void scale(global int *dst, global const int *src, int by, local int *tmp,\n"
	"		constant int *add)\n"
	"{\n"
	"	tmp[get_local_id(0)] = src[get_global_id(0)];\n"
	"	barrier(CLK_LOCAL_MEM_FENCE);\n"
	"	dst[get_global_id(0)] = tmp[get_local_size(0) - 1 - get_local_id(0)] * by + *add;\n"
	"}\n"
	"kernel void sizes(char c, short4 s, float3 f, ulong l, triple t, global int *out)\n"
	"{\n"
	"	*out = c + s.w + (int)f.z + (int)l + t.a[2];\n"
	"}\n"
	"kernel void where(global uint *out)\n"
	"{\n"
	"	size_t i = get_global_id(0) + get_global_size(0) *\n"
	"		(get_global_id(1) + get_global_size(1) * get_global_id(2));\n"
	"	out[i] = get_group_id(0) << 16 | get_group_id(1) << 8 | get_group_id(2);\n"
	"}\n"
	"kernel void picture(read_only image2d_t i, global int *out) { *out = get_image_width(i); }\n"
	"kernel void sampled(sampler_t s, global int *out) { *out = 1; }\n"
	"kernel void nothing(global int *out) { if (!out) return; *out = 1; }\n"
	"kernel __attribute__((reqd_work_group_size(8, 1, 1))) void eight(global int *out)\n"
	"{ out[get_global_id(0)] = 1; }\n";

static const struct engine_grid one = { { 1, 1, 1 }, { 1, 1, 1 }, 0 };

static enum vgpu_error build(const char *text, const char *options, struct engine_log *log,
			     struct engine_module **module)
{
	const struct engine_source s = {
		.format = VGPU_MODULE_OPENCL_C,
		.data = text,
		.length = strlen(text),
		.options = options,
	};

	return ops->module_build(engine, &s, log, module);
}

static struct engine_module *module_of(const char *text)
{
	struct engine_module *module = NULL;
	char said[1024];
	struct engine_log log = { said, sizeof(said) };

	if (!CHECK_EQ(build(text, NULL, &log, &module), VGPU_ERR_NONE)) {
		fprintf(stderr, "# %s\n", said);
		exit(1);
	}
	return module;
}

static struct engine_kernel *kernel_of(struct engine_module *module, const char *name,
				       struct engine_kernel_info *info)
{
	struct engine_kernel *kernel = NULL;

	if (!CHECK_EQ(ops->kernel_get(engine, module, name, NULL, &kernel, info), VGPU_ERR_NONE))
		exit(1);
	return kernel;
}

static void test_build(void)
{
	struct engine_module *module = NULL;
	char said[4096];
	struct engine_log log = { said, sizeof(said) }, little = { said, 5 };

	memset(said, 'x', sizeof(said));
	CHECK_EQ(build("kernel void bad(global int *p) { *p = undeclared_thing; }", NULL, &log,
		       &module), VGPU_ERR_INVALID_REQUEST);
	CHECK(memchr(said, 0, sizeof(said)) && strstr(said, "undeclared_thing"));
	memset(said, 'x', sizeof(said));
	CHECK_EQ(build("nonsense", NULL, &little, &module), VGPU_ERR_INVALID_REQUEST);
	CHECK_EQ(strnlen(said, sizeof(said)), 4);
	CHECK_EQ(said[5], 'x');
	CHECK_EQ(build("nonsense", NULL, NULL, &module), VGPU_ERR_INVALID_REQUEST);
	CHECK_EQ(build(source, "--no-such-option-there-is", &log, &module),
		 VGPU_ERR_INVALID_REQUEST);
	CHECK(*said);
	CHECK_EQ(build(source, "\"\\ -D -D= \x01\xff %s%n", &log, &module),
		 VGPU_ERR_INVALID_REQUEST);
	CHECK(!module);
	CHECK_EQ(build("kernel void k(global int *p) { *p = WHAT; }", "-DWHAT=7", &log, &module),
		 VGPU_ERR_NONE);
	ops->module_destroy(engine, module);
}

static void test_format(void)
{
	const __u32 formats[] = { VGPU_MODULE_BUILTIN, VGPU_MODULE_PTX, VGPU_MODULE_CUBIN, 63, 64,
				  ~0U };
	struct engine_module *module = NULL;
	struct engine_source s = { .data = source, .length = sizeof(source) - 1 };
	unsigned int i;

	for (i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		s.format = formats[i];
		CHECK_EQ(ops->module_build(engine, &s, NULL, &module), VGPU_ERR_INVALID_REQUEST);
	}
	s.format = VGPU_MODULE_SPIRV;
	/* text isn't, also where that is taken */
	CHECK(ops->module_build(engine, &s, NULL, &module) != VGPU_ERR_NONE);
}

/* A device that doesn't say that it takes SPIR-V is asked, once: it is the vendor who refuses. */
static void test_spirv(void)
{
	static const struct engine_grid grid = { { 4, 1, 1 }, { 16, 1, 1 }, 0 };
	const __u64 said_so = engine->info.formats & 1ULL << VGPU_MODULE_SPIRV;
	const struct engine_source s = {
		.format = VGPU_MODULE_SPIRV, .data = spirv_test, .length = sizeof(spirv_test),
	};
	struct engine_module *module = NULL;
	char said[1024];
	struct engine_log log = { said, sizeof(said) };
	struct engine_kernel_info info;
	struct engine_kernel *kernel;
	struct engine_mem *mem;
	__u32 in[64], out[64], by = 3, at;
	struct engine_arg arg[3];
	enum vgpu_error err;

	if (!said_so) {
		CHECK_EQ(ops->module_build(engine, &s, &log, &module), VGPU_ERR_INVALID_REQUEST);
		CHECK(!*said);
		engine->info.formats |= 1ULL << VGPU_MODULE_SPIRV;
		err = ops->module_build(engine, &s, &log, &module);
		engine->info.formats &= ~(1ULL << VGPU_MODULE_SPIRV);
		CHECK(err && !module);
		CHECK(strstr(said, "OpenCL's error -"));
		fprintf(stderr, "# %s: SPIR-V: %s\n", engine->info.name, said);
		return;
	}
	if (!CHECK_EQ(ops->module_build(engine, &s, &log, &module), VGPU_ERR_NONE))
		return;
	kernel = kernel_of(module, "scale", &info);
	mem = new_mem(8192);
	for (at = 0; at < 64; at++)
		in[at] = at * 11;
	put(mem, 0, in, sizeof(in));
	arg[0] = buffer(mem, 4096, 4096);
	arg[1] = buffer(mem, 0, 4096);
	arg[2] = value(&by, sizeof(by));
	CHECK_EQ(ops->launch(engine, kernel, arg, 3, &grid, &job), VGPU_ERR_NONE);
	get(mem, 4096, out, sizeof(out));
	for (at = 0; at < 64; at++)
		CHECK_EQ(out[at], in[at] * 3);
	ops->kernel_put(engine, kernel);
	ops->module_destroy(engine, module);
	ops->mem_destroy(engine, mem);
}

static void test_kernels(void)
{
	static const struct engine_param scale[] = {
		{ ENGINE_PARAM_BUFFER, 0 }, { ENGINE_PARAM_BUFFER, 0 }, { ENGINE_PARAM_VALUE, 4 },
		{ ENGINE_PARAM_LOCAL, 0 }, { ENGINE_PARAM_BUFFER, 0 },
	}, sizes[] = {
		{ ENGINE_PARAM_VALUE, 1 }, { ENGINE_PARAM_VALUE, 8 }, { ENGINE_PARAM_VALUE, 16 },
		/* PoCL doesn't tell the size of a struct */
		{ ENGINE_PARAM_VALUE, 8 }, { ENGINE_PARAM_VALUE, 0 }, { ENGINE_PARAM_BUFFER, 0 },
	};
	struct engine_module *module = module_of(source);
	struct engine_kernel_info info = { };
	struct engine_kernel *kernel = NULL;
	char said[256];
	struct engine_log log = { said, sizeof(said) };
	unsigned int i;

	CHECK_EQ(ops->kernel_get(engine, module, "absent", &log, &kernel, &info),
		 VGPU_ERR_INVALID_REQUEST);
	CHECK(*said);
	CHECK_EQ(ops->kernel_get(engine, module, "", &log, &kernel, &info),
		 VGPU_ERR_INVALID_REQUEST);
	CHECK_EQ(ops->kernel_get(engine, module, "picture", &log, &kernel, &info),
		 VGPU_ERR_INVALID_REQUEST);
	CHECK(strstr(said, "image2d_t"));
	CHECK_EQ(ops->kernel_get(engine, module, "sampled", &log, &kernel, &info),
		 VGPU_ERR_INVALID_REQUEST);
	CHECK(strstr(said, "sampler_t"));
	CHECK(!kernel);
	kernel = kernel_of(module, "scale", &info);
	CHECK_EQ(info.count, 5);
	for (i = 0; i < info.count; i++)
		CHECK(!memcmp(&info.param[i], &scale[i], sizeof(scale[i])));
	ops->kernel_put(engine, kernel);
	kernel = kernel_of(module, "sizes", &info);
	CHECK_EQ(info.count, 6);
	for (i = 0; i < info.count; i++)
		if (!CHECK(info.param[i].type == sizes[i].type &&
			   (info.param[i].size == sizes[i].size ||
			    (i == 4 && info.param[i].size == 12))))
			fprintf(stderr, "# %u: %u bytes\n", i, info.param[i].size);
	ops->kernel_put(engine, kernel);
	ops->module_destroy(engine, module);
}

static void test_launch(void)
{
	static const struct engine_grid grid = { { 4, 1, 1 }, { 16, 1, 1 }, 0 };
	struct engine_module *module = module_of(source);
	__u32 align = engine->info.buffer_align, at;
	struct engine_mem *mem = new_mem(65536);
	struct engine_kernel_info info;
	struct engine_kernel *kernel = kernel_of(module, "scale", &info);
	int by = 3, add = 1000, in[64], out[64];
	struct engine_arg arg[5] = {
		buffer(mem, 8192 + align, sizeof(out)), buffer(mem, align, sizeof(in)),
		value(&by, sizeof(by)), { .length = 16 * sizeof(int) }, buffer(mem, 4096, 4),
	};

	for (at = 0; at < 64; at++)
		in[at] = at * 11;
	put(mem, align, in, sizeof(in));
	put(mem, 4096, &add, sizeof(add));
	job.gpu_ns = 0;
	CHECK_EQ(ops->launch(engine, kernel, arg, 5, &grid, &job), VGPU_ERR_NONE);
	CHECK(job.gpu_ns > 0);
	get(mem, 8192 + align, out, sizeof(out));
	for (at = 0; at < 64; at++)
		CHECK_EQ(out[at], in[at / 16 * 16 + 15 - at % 16] * 3 + 1000);
	/* no more and no fewer, and each of its kind */
	CHECK_EQ(ops->launch(engine, kernel, arg, 4, &grid, &job), VGPU_ERR_INVALID_REQUEST);
	arg[2].length = 8;
	CHECK_EQ(ops->launch(engine, kernel, arg, 5, &grid, &job), VGPU_ERR_INVALID_REQUEST);
	arg[2] = buffer(mem, 0, 4);
	CHECK_EQ(ops->launch(engine, kernel, arg, 5, &grid, &job), VGPU_ERR_INVALID_REQUEST);
	arg[2] = value(&by, sizeof(by));
	arg[3] = value(&by, sizeof(by));
	CHECK_EQ(ops->launch(engine, kernel, arg, 5, &grid, &job), VGPU_ERR_INVALID_REQUEST);
	arg[3] = (struct engine_arg){ .length = 1ULL << 40 };
	CHECK_EQ(ops->launch(engine, kernel, arg, 5, &grid, &job), VGPU_ERR_NO_MEMORY);
	arg[3].length = 64;
	arg[1] = value(&by, sizeof(by));
	CHECK_EQ(ops->launch(engine, kernel, arg, 5, &grid, &job), VGPU_ERR_INVALID_REQUEST);
	arg[1] = buffer(mem, align + 4, 256);
	CHECK_EQ(ops->launch(engine, kernel, arg, 5, &grid, &job), VGPU_ERR_INVALID_REQUEST);
	arg[1].offset = 2 * align;
	CHECK_EQ(ops->launch(engine, kernel, arg, 5, &grid, &job), VGPU_ERR_NONE);
	ops->kernel_put(engine, kernel);
	ops->module_destroy(engine, module);
	ops->mem_destroy(engine, mem);
}

static void test_values(void)
{
	struct engine_module *module = module_of(source);
	struct engine_kernel_info info;
	struct engine_kernel *kernel = kernel_of(module, "sizes", &info);
	struct engine_mem *mem = new_mem(4096);
	const short s[4] = { 0, 0, 0, 20 };
	const float f[4] = { 0, 0, 300, 0 };
	const int t[3] = { 0, 0, 50000 };
	const __u64 l = 4000;
	const char c = 1;
	struct engine_arg arg[] = {
		value(&c, 1), value(s, 8), value(f, 16), value(&l, 8), value(t, 12),
		buffer(mem, 0, 4096),
	};
	int sum;

	CHECK_EQ(ops->launch(engine, kernel, arg, 6, &one, &job), VGPU_ERR_NONE);
	get(mem, 0, &sum, sizeof(sum));
	CHECK_EQ(sum, 54321);
	ops->kernel_put(engine, kernel);
	kernel = kernel_of(module, "nothing", &info);
	arg[0] = (struct engine_arg){ };
	CHECK_EQ(ops->launch(engine, kernel, arg, 1, &one, &job), VGPU_ERR_NONE);
	ops->kernel_put(engine, kernel);
	ops->module_destroy(engine, module);
	ops->mem_destroy(engine, mem);
}

static void test_geometry(void)
{
	static const struct engine_grid good = { { 3, 2, 5 }, { 4, 2, 1 }, 0 }, bad[] = {
		{ { 0, 1, 1 }, { 1, 1, 1 }, 0 }, { { 1, 1, 1 }, { 1, 0, 1 }, 0 },
		{ { 1, 1, 1 }, { 1 << 20, 1, 1 }, 0 }, { { 1, 1, 1 }, { 1, 1, 1 << 30 }, 0 },
		{ { 1, 1, 1 }, { 1024, 1024, 64 }, 0 }, { { 1, 1, 1 }, { ~0U, ~0U, ~0U }, 0 },
		{ { 1, 1, 1 }, { 1, 1, 1 }, 4 },
	};
	struct engine_module *module = module_of(source);
	struct engine_kernel_info info;
	struct engine_kernel *kernel = kernel_of(module, "where", &info);
	struct engine_mem *mem = new_mem(4096);
	const struct engine_arg arg[] = { buffer(mem, 0, 4096) };
	__u32 out[12 * 4 * 5], x, y, z;
	unsigned int i;

	CHECK_EQ(ops->launch(engine, kernel, arg, 1, &good, &job), VGPU_ERR_NONE);
	get(mem, 0, out, sizeof(out));
	for (z = 0; z < 5; z++)
		for (y = 0; y < 4; y++)
			for (x = 0; x < 12; x++)
				CHECK_EQ(out[x + 12 * (y + 4 * z)], x / 4 << 16 | y / 2 << 8 | z);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (!CHECK_EQ(ops->launch(engine, kernel, arg, 1, &bad[i], &job),
			      VGPU_ERR_INVALID_REQUEST))
			fprintf(stderr, "# geometry %u\n", i);
	ops->kernel_put(engine, kernel);
	kernel = kernel_of(module, "eight", &info);
	CHECK_EQ(ops->launch(engine, kernel, arg, 1, &one, &job), VGPU_ERR_INVALID_REQUEST);
	ops->kernel_put(engine, kernel);
	ops->module_destroy(engine, module);
	ops->mem_destroy(engine, mem);
}

static void test_two(void)
{
	struct engine_module *a = module_of("kernel void k(global int *p) { *p = 1; }");
	struct engine_module *b = module_of("kernel void k(global int *p) { *p = 2; }");
	struct engine_kernel_info info;
	struct engine_kernel *of_a = kernel_of(a, "k", &info), *of_b = kernel_of(b, "k", &info);
	struct engine_mem *mem = new_mem(4096);
	const struct engine_arg arg[] = { buffer(mem, 0, 4096) };
	int got;

	CHECK_EQ(ops->launch(engine, of_a, arg, 1, &one, &job), VGPU_ERR_NONE);
	get(mem, 0, &got, sizeof(got));
	CHECK_EQ(got, 1);
	CHECK_EQ(ops->launch(engine, of_b, arg, 1, &one, &job), VGPU_ERR_NONE);
	get(mem, 0, &got, sizeof(got));
	CHECK_EQ(got, 2);
	ops->kernel_put(engine, of_a);
	ops->module_destroy(engine, a);
	CHECK_EQ(ops->launch(engine, of_b, arg, 1, &one, &job), VGPU_ERR_NONE);
	ops->kernel_put(engine, of_b);
	ops->module_destroy(engine, b);
	ops->mem_destroy(engine, mem);
}

const struct tap_test module_tests[] = {
	{ "build", "a module is built, or the guest is told why not", test_build },
	{ "format", "a format that it doesn't take is refused", test_format },
	{ "spirv", "SPIR-V runs, or the vendor refuses it", test_spirv },
	{ "kernels", "a kernel is found, and what it takes", test_kernels },
	{ "launch", "a kernel runs with buffers, values and local memory", test_launch },
	{ "values", "values of all sizes, and buffers that aren't there", test_values },
	{ "geometry", "groups and items are as told, and refused if they can't be",
	  test_geometry },
	{ "two", "two modules don't know of one another", test_two },
};

const size_t module_tests_count = sizeof(module_tests) / sizeof(*module_tests);
