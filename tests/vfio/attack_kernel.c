// SPDX-License-Identifier: GPL-2.0
/* Attacks by modules and kernels of a guest's own, and by what else its worker does for it. */
#include <stdio.h>
#include <string.h>

#include "attack.h"
#include "gpu.h"
#include "io.h"
#include "module.h"

/* Objects that are made and ended: to zero them is the worker's work */
#define ATTACK_OBJECT	(8ULL << 20)
#define ATTACK_OBJECTS	64U

static const char attack_good[] =
	"kernel void k(global uint *p) { p[get_global_id(0)] = get_local_id(0); }";
static const char attack_broken[] = "kernel void k(global uint *p) { *p = nothing; }";
static const char attack_endless[] =
	"kernel void k(global volatile uint *p) { for (;;) *p += 1; }";
static const char attack_writes[] =
	"kernel void k(global volatile uint *p) { p[-(1L << 42)] = 7; }";
static const char attack_reads[] =
	"kernel void k(global volatile uint *p) { *p = p[-(1L << 42)]; }";
static const char attack_prints[] =
	"kernel void k(global uint *p)\n"
	"{\n"
	"	for (uint i = 0; i < 1000; i++)\n"
	"		printf(\"%u: what nobody asked for, and nobody reads, %u\\n\", i, *p);\n"
	"}\n";
/* More on its stack than there can be */
static const char attack_stack[] =
	"kernel void k(global uint *p)\n"
	"{\n"
	"	volatile uint all[1 << 28];\n"
	"	for (uint i = 0; i < 1 << 28; i++)\n"
	"		all[i] = i;\n"
	"	*p = all[*p & 0xff];\n"
	"}\n";

/* A string of 8 KiB, so often that the whole, of which the compiler makes one, takes 2 GiB */
static const char *attack_string(void)
{
	static const char more[] =
		"\n#define B A A A A A A A A\n#define C B B B B B B B B\n"
		"#define D C C C C C C C C\n#define E D D D D D D D D\n"
		"#define F E E E E E E E E\n#define G F F F F F F F F\n"
		"constant char all[] = G;\nkernel void k(global uint *p) { *p = all[*p]; }";
	static char source[WORK_SOURCE];

	if (!*source) {
		memset(source, 'x', 8192);
		memcpy(source, "#define A \"", 11);
		source[8192 - 1] = '"';
		memcpy(source + 8192, more, sizeof(more));
	}
	return source;
}

/* What a worker has done for once is a new one's to do again. */
static int attack_over(struct attacker *a, int err)
{
	if (err)
		attacker_renew(a);
	return err;
}

/* @own: it has that kernel already */
static int attack_launch(struct attacker *a, const struct attack *attack)
{
	int err = 0;

	if (!a->own)
		err = work_source(&a->w, attack->text);
	a->own = !err;
	return attack_over(a, err ?: work_keep(&a->w, 1));
}

/* A buffer where a value is due, and the other way round: it is the host that refuses these. */
static int attack_arguments(struct attacker *a, const struct attack *attack)
{
	(void)attack;
	work_set_arg(&a->w, 1, VGPU_ARG_VALUE, 0, 0);
	work_set_arg(&a->w, 2, VGPU_ARG_BO, a->w.data, 0);
	return work_keep(&a->w, WORK_DEPTH);
}

static int attack_build(struct attacker *a, const struct attack *attack)
{
	struct mbox_request r;
	int err;

	work_text(&a->w, attack->text ?: attack_string(), &r);
	err = mbox_run(&a->m, &r);
	/* a source that is wrong costs nothing else */
	return err == VGPU_ERR_BUILD ? err : attack_over(a, err);
}

/* Builds one after the other, and jobs all the time: two threads of its worker's are busy. */
static int attack_both(struct attacker *a, const struct attack *attack)
{
	struct mbox_request r;
	int err = 0;

	work_text(&a->w, attack->text, &r);
	if (!mbox_submit(&a->m, &r))
		return -1;
	while (!err && bar0_get(a->s, VGPU_REG_STATUS) == VGPU_STATUS_BUSY)
		err = work_keep(&a->w, WORK_DEPTH);
	if (!mbox_wait(&a->m) || !mbox_read_response(&a->m))
		return -1;
	err = err ?: (int)a->m.resp.error;
	return attack_over(a, err ?: module_unload(&a->m, a->w.ctx, a->m.resp.result[0]));
}

/* All memory there is, again and again */
static int attack_objects(struct attacker *a, const struct attack *attack)
{
	u32 bo[ATTACK_OBJECTS], n = 0;
	int err;

	(void)attack;
	do
		err = gpu_bo_create(&a->m, a->w.ctx, ATTACK_OBJECT, &bo[n]);
	while (!err && ++n < ATTACK_OBJECTS);
	while (n--)
		gpu_bo_destroy(&a->m, a->w.ctx, bo[n]);
	return err;
}

/* Its only one: a worker ends and another begins */
static int attack_contexts(struct attacker *a, const struct attack *attack)
{
	u32 ctx;
	int err;

	(void)attack;
	work_close(&a->w);
	err = gpu_ctx_create(&a->m, &ctx);
	return err ?: gpu_ctx_destroy(&a->m, ctx);
}

/* In bench/neighbour.py "endless" has a meaning: it shortens the limit of a job meanwhile. */
const struct attack attack_kernels[] = {
	{ "fair", attack_fair, NULL, VGPU_ERR_NONE, 10 },
	{ "builds_refused", attack_build, attack_broken, VGPU_ERR_BUILD, 10 },
	{ "builds_beside_jobs", attack_both, attack_good, VGPU_ERR_NONE, 10 },
	{ "builds_without_bound", attack_build, NULL, VGPU_ERR_BACKEND_LOST, 20 },
	{ "reads_out_of_bounds", attack_launch, attack_reads, VGPU_ERR_BACKEND_LOST, 20 },
	{ "writes_out_of_bounds", attack_launch, attack_writes, VGPU_ERR_BACKEND_LOST, 20 },
	{ "stack_without_bound", attack_launch, attack_stack, VGPU_ERR_BACKEND_LOST, 20 },
	{ "prints", attack_launch, attack_prints, VGPU_ERR_NONE, 10 },
	{ "wrong_arguments", attack_arguments, NULL, VGPU_ERR_INVALID_REQUEST, 5 },
	{ "all_memory", attack_objects, NULL, VGPU_ERR_NO_MEMORY, 5 },
	{ "contexts", attack_contexts, NULL, VGPU_ERR_NONE, 10 },
	{ "endless", attack_launch, attack_endless, VGPU_ERR_TIMEOUT, 30 },
};

const u32 attack_kernels_count = ARRAY_SIZE(attack_kernels);
