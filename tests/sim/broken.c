// SPDX-License-Identifier: GPL-2.0
/* Engines that do something wrong, in the place of sim/kinds.c: vgpu-sim has to tell. */
#include <linux/vgpu_dev.h>

#include "kinds.h"

/* It is done to this job of the second tenant: only tenants that share run it */
#define VICTIM	100

static struct engine_ops losing, repeating, failing, refusing, wrong, plain;
static struct engine *second;

static bool is_victim(const struct engine *engine)
{
	static __u32 jobs;

	return engine == second && ++jobs == VICTIM;
}

static enum vgpu_error lose(struct engine *engine, struct engine_kernel *kernel,
			    const struct engine_arg *arg, __u32 count,
			    const struct engine_grid *grid, struct engine_job *job)
{
	if (is_victim(engine))
		return VGPU_ERR_NONE;
	return engine_opencl.launch(engine, kernel, arg, count, grid, job);
}

static enum vgpu_error repeat(struct engine *engine, struct engine_kernel *kernel,
			      const struct engine_arg *arg, __u32 count,
			      const struct engine_grid *grid, struct engine_job *job)
{
	struct engine_job once = { .abort = job->abort };

	if (is_victim(engine))
		engine_opencl.launch(engine, kernel, arg, count, grid, &once);
	return engine_opencl.launch(engine, kernel, arg, count, grid, job);
}

static enum vgpu_error fail(struct engine *engine, struct engine_kernel *kernel,
			    const struct engine_arg *arg, __u32 count,
			    const struct engine_grid *grid, struct engine_job *job)
{
	if (is_victim(engine))
		return VGPU_ERR_GPU;
	return engine_opencl.launch(engine, kernel, arg, count, grid, job);
}

/* Nothing is ever run. */
static enum vgpu_error refuse(struct engine *engine, enum vgpu_builtin kernel,
			      const struct engine_arg *arg, struct engine_job *job)
{
	return VGPU_ERR_GPU;
}

static struct engine *open_as(const struct engine_ops *ops, struct engine *engine)
{
	static __u32 engines;

	if (engine)
		engine->ops = ops;
	if (++engines == 2)
		second = engine;
	return engine;
}

static struct engine *open_losing(const char *device)
{
	return open_as(&losing, engine_opencl.open(device));
}

static struct engine *open_repeating(const char *device)
{
	return open_as(&repeating, engine_opencl.open(device));
}

static struct engine *open_failing(const char *device)
{
	return open_as(&failing, engine_opencl.open(device));
}

static struct engine *open_refusing(const char *device)
{
	return open_as(&refusing, engine_reference.open(device));
}

/* A device that is wrong at one seed in many */
static const char wrong_text[] =
	"__kernel void spin(__global uint *sum, uint seed, uint steps)\n"
	"{\n"
	"	uint x = seed + (uint)get_global_id(0), i;\n"
	"	for (i = 0; i < steps; i++)\n"
	"		x = x * 1664525u + 1013904223u;\n"
	"	sum[get_global_id(0)] += x + (seed == 100 && get_global_id(0) == 7);\n"
	"}\n";

static const struct spin_source wrong_source = {
	.format = VGPU_MODULE_OPENCL_C,
	.name = "spin",
	.text = (const unsigned char *)wrong_text,
	.length = sizeof(wrong_text) - 1,
};

static struct native *open_right(const char *device, const struct spin_source *source)
{
	return native_opencl.open(device, &spin_opencl_c);
}

static struct native *open_wrong(const char *device, const struct spin_source *source)
{
	return native_opencl.open(device, &wrong_source);
}

static const struct native_ops native_right = { .open = open_right };
static const struct native_ops native_wrong = { .open = open_wrong };

const struct kind kinds[] = {
	{ &losing, &spin_opencl_c, &native_opencl },
	{ &repeating, &spin_opencl_c, &native_opencl },
	{ &failing, &spin_opencl_c, &native_opencl },
	{ &refusing, NULL, NULL },
	{ &wrong, &wrong_source, &native_right },
	{ &plain, &spin_opencl_c, &native_wrong },
	{ }
};

/* Each is another engine, but for what is wrong with it. */
__attribute__((constructor)) static void make(void)
{
	losing = engine_opencl;
	losing.name = "losing";
	losing.open = open_losing;
	losing.launch = lose;
	repeating = engine_opencl;
	repeating.name = "repeating";
	repeating.open = open_repeating;
	repeating.launch = repeat;
	failing = engine_opencl;
	failing.name = "failing";
	failing.open = open_failing;
	failing.launch = fail;
	refusing = engine_reference;
	refusing.name = "refusing";
	refusing.open = open_refusing;
	refusing.launch_builtin = refuse;
	wrong = engine_opencl;
	wrong.name = "wrong";
	plain = engine_opencl;
	plain.name = "plain";
}
