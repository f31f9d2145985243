// SPDX-License-Identifier: GPL-2.0
#include <linux/vgpu_dev.h>
#include <stdio.h>

#include "launch.h"
#include "tap.h"
#include "test_badlaunch.h"

static void launch_bad_kernel(struct launch *l)
{
	static const u32 kernel[] = { 0, VGPU_BUILTIN_COUNT, 63, 64, 65,
				      0x80000001, 0xffffffff };
	char what[32];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(kernel); i++) {
		snprintf(what, sizeof(what), "kernel %#x", kernel[i]);
		launch_expect(gpu_launch(&l->m, l->ctx, kernel[i], NULL, 0),
			      VGPU_ERR_UNSUPPORTED_OP, what);
	}
}

/* Spoils one argument of a vector addition at a time. */
static void launch_bad_arg(struct launch *l)
{
	static const struct {
		u32 index, type, handle;
		u64 value;
		const char *what;
	} bad[] = {
		{ 0, 2, 0, 0, "an argument of type 2" },
		{ 0, 0xffffffff, 0, 0, "an argument of type ones" },
		{ 0, VGPU_ARG_VALUE, 0, 0, "a number where a buffer is due" },
		{ 3, VGPU_ARG_BO, 0, 0, "a buffer where a number is due" },
		{ 3, VGPU_ARG_VALUE, 1, 8, "a number with a handle" },
		{ 0, VGPU_ARG_BO, 0, 1, "an output at byte 1" },
		{ 1, VGPU_ARG_BO, 0, 2, "an input at byte 2" },
		{ 2, VGPU_ARG_BO, 0, 3, "an input at byte 3" },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct gpu_arg arg[] = { gpu_bo(l->out, 0), gpu_bo(l->a, 0),
					 gpu_bo(l->b, 0), gpu_value(8) };
		struct gpu_arg *a = &arg[bad[i].index];

		a->type = bad[i].type;
		a->value = bad[i].value;
		if (bad[i].type == VGPU_ARG_VALUE || bad[i].index == 3)
			a->handle = bad[i].handle;
		if (bad[i].type == VGPU_ARG_BO && bad[i].index == 3)
			a->handle = l->a;
		launch_expect(gpu_launch(&l->m, l->ctx, VGPU_BUILTIN_VECADD_U32,
					 arg, ARRAY_SIZE(arg)),
			      VGPU_ERR_INVALID_REQUEST, bad[i].what);
	}
}

static void launch_bad_count(struct launch *l)
{
	struct gpu_arg arg[20];
	struct mbox_request r;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(arg); i++)
		arg[i] = gpu_value(1);
	arg[0] = gpu_bo(l->out, 0);
	arg[1] = gpu_bo(l->a, 0);
	arg[2] = gpu_bo(l->b, 0);
	launch_expect(gpu_launch(&l->m, l->ctx, VGPU_BUILTIN_VECADD_U32, arg, 0),
		      VGPU_ERR_INVALID_REQUEST, "no arguments");
	launch_expect(gpu_launch(&l->m, l->ctx, VGPU_BUILTIN_VECADD_U32, arg, 3),
		      VGPU_ERR_INVALID_REQUEST, "an argument too few");
	launch_expect(gpu_launch(&l->m, l->ctx, VGPU_BUILTIN_VECADD_U32, arg, 5),
		      VGPU_ERR_INVALID_REQUEST, "an argument too many");
	launch_expect(gpu_launch(&l->m, l->ctx, VGPU_BUILTIN_VECADD_U32, arg,
				 VGPU_MAX_ARGS),
		      VGPU_ERR_INVALID_REQUEST, "as many as there may be");
	launch_expect(gpu_launch(&l->m, l->ctx, VGPU_BUILTIN_VECADD_U32, arg,
				 VGPU_MAX_ARGS + 1),
		      VGPU_ERR_INVALID_REQUEST, "more than there may be");

	gpu_launch_request(&r, l->ctx, VGPU_BUILTIN_VECADD_U32, arg, 4);
	mbox_request_word(&r, MBOX_DATA_LENGTH, 63);
	launch_expect(mbox_run(&l->m, &r), VGPU_ERR_INVALID_REQUEST,
		      "an argument cut off");
}

static void launch_bad_range(struct launch *l)
{
	static const struct {
		u64 offset, count;
		int or_want;
	} range[] = {
		{ 0, LAUNCH_BYTES / 4 + 1, 0 },
		{ LAUNCH_BYTES - 4, 2, 0 },
		{ LAUNCH_BYTES, 1, 0 },
		{ 1ULL << 32, 1, 0 },
		{ 0xfffffffffffffffc, 1, 0 },
		{ 0xfffffffffffffff8, 4, 0 },
		/* times 4 these are 4 and 0, and more than 32 bits */
		{ 0, (1ULL << 62) + 1, VGPU_ERR_INVALID_REQUEST },
		{ 0, 1ULL << 62, VGPU_ERR_INVALID_REQUEST },
		{ 0, 0xffffffffffffffff, VGPU_ERR_INVALID_REQUEST },
		{ 0, 1ULL << 32, VGPU_ERR_INVALID_REQUEST },
		{ 0, (1ULL << 30) + 1, 0 },
		{ 0, 0xffffffff, 0 },
	};
	u32 i, k;
	int got;

	for (i = 0; i < ARRAY_SIZE(range); i++) {
		for (k = 0; k < 3; k++) {
			struct gpu_arg arg[] = {
				gpu_bo(l->out, 0), gpu_bo(l->a, 0),
				gpu_bo(l->b, 0), gpu_value(range[i].count),
			};

			arg[k].value = range[i].offset;
			got = gpu_launch(&l->m, l->ctx, VGPU_BUILTIN_VECADD_U32,
					 arg, ARRAY_SIZE(arg));
			tap_ok(got == VGPU_ERR_OUT_OF_RANGE ||
			       (got > 0 && got == range[i].or_want),
			       "vector add, %#llx at %#llx of buffer %u: got %s want OUT_OF_RANGE",
			       (unsigned long long)range[i].count,
			       (unsigned long long)range[i].offset, k,
			       mbox_error_name(got));
		}
	}
}

static void launch_bad_shape(struct launch *l)
{
	static const struct {
		u64 m, n, k;
	} shape[] = {
		{ 0xffffffff, 0xffffffff, 0xffffffff },
		/* products that are small in 32 and in 64 bits */
		{ 0x10000, 0x10000, 1 },
		{ 1, 0x10000, 0x10000 },
		{ 0x10000, 1, 0x10000 },
		{ 1ULL << 32, 1ULL << 32, 1 },
		{ 1ULL << 62, 1, 1 },
		{ 1, 1ULL << 62, 4 },
		{ 46, 45, 45 },
		{ 1, 2049, 1 },
	};
	u32 i;
	int got;

	if (!(l->builtins & (1ULL << VGPU_BUILTIN_MATMUL_F32)))
		return;
	for (i = 0; i < ARRAY_SIZE(shape); i++) {
		const struct gpu_arg arg[] = {
			gpu_bo(l->out, 0),	gpu_bo(l->a, 0),
			gpu_bo(l->b, 0),	gpu_value(shape[i].m),
			gpu_value(shape[i].n),	gpu_value(shape[i].k),
		};

		got = gpu_launch(&l->m, l->ctx, VGPU_BUILTIN_MATMUL_F32, arg,
				 ARRAY_SIZE(arg));
		tap_ok(got == VGPU_ERR_OUT_OF_RANGE ||
		       got == VGPU_ERR_INVALID_REQUEST,
		       "matmul %#llx x %#llx x %#llx: got %s want OUT_OF_RANGE",
		       (unsigned long long)shape[i].m,
		       (unsigned long long)shape[i].n,
		       (unsigned long long)shape[i].k, mbox_error_name(got));
	}
}

static void launch_bad_overlap(struct launch *l)
{
	const struct gpu_arg shifted[] = { gpu_bo(l->a, 4), gpu_bo(l->a, 0),
					   gpu_bo(l->b, 0), gpu_value(8) };
	const struct gpu_arg reduce[] = { gpu_bo(l->a, 0), gpu_bo(l->a, 0),
					  gpu_value(8) };
	const struct gpu_arg inside[] = { gpu_bo(l->a, 16), gpu_bo(l->a, 0),
					  gpu_value(8) };
	const struct gpu_arg matmul[] = {
		gpu_bo(l->a, 0), gpu_bo(l->a, 0), gpu_bo(l->b, 0),
		gpu_value(4),	 gpu_value(4),	  gpu_value(4),
	};
	const struct gpu_arg beside[] = { gpu_bo(l->a, 32), gpu_bo(l->a, 0),
					  gpu_value(8) };
	const int bad = VGPU_ERR_INVALID_REQUEST;

	launch_expect(gpu_launch(&l->m, l->ctx, VGPU_BUILTIN_VECADD_U32,
				 shifted, 4),
		      bad, "an output that overlaps an input");
	if (l->builtins & (1ULL << VGPU_BUILTIN_REDUCE_U32)) {
		launch_expect(gpu_launch(&l->m, l->ctx, VGPU_BUILTIN_REDUCE_U32,
					 reduce, 3),
			      bad, "reduction in place");
		launch_expect(gpu_launch(&l->m, l->ctx, VGPU_BUILTIN_REDUCE_U32,
					 inside, 3),
			      bad, "reduction into its input");
		launch_expect(gpu_launch(&l->m, l->ctx, VGPU_BUILTIN_REDUCE_U32,
					 beside, 3),
			      0, "reduction to right behind its input");
	}
	if (l->builtins & (1ULL << VGPU_BUILTIN_MATMUL_F32))
		launch_expect(gpu_launch(&l->m, l->ctx, VGPU_BUILTIN_MATMUL_F32,
					 matmul, 6),
			      bad, "matmul in place");
}

/**
 * test_badlaunch() - kernels and arguments that are wrong
 * @s: an open session
 */
void test_badlaunch(struct session *s)
{
	struct random rnd = { .state = 12 };
	struct launch l;

	if (!launch_open(&l, s))
		return;
	if (!(l.builtins & (1ULL << VGPU_BUILTIN_VECADD_U32))) {
		tap_skip("this GPU has no vector addition", "bad arguments");
		goto out;
	}
	if (!launch_upload(&l, &rnd, false))
		goto out;
	launch_bad_kernel(&l);
	launch_bad_arg(&l);
	launch_bad_count(&l);
	launch_bad_range(&l);
	launch_bad_shape(&l);
	launch_compare(&l, l.out, l.out_data, LAUNCH_BITS,
		       "refused launches wrote nothing");
	launch_bad_overlap(&l);
	tap_eq((u64)mbox_nop(&l.m), 0, "a good request afterwards");
out:
	mbox_close(&l.m);
}

/**
 * test_badlaunch_empty() - nothing to do, but a lot of it
 * @s: an open session
 *
 * A product of matrices without columns needs no memory, so ranges don't bound
 * it: it must be refused, or end at once, and not keep the host looping.
 */
void test_badlaunch_empty(struct session *s)
{
	static const struct {
		u64 m, n, k;
	} shape[] = {
		{ 0, 0, 0 }, { 0xffffffff, 0, 0 }, { 0, 0xffffffff, 0 },
		{ 0, 0, 0xffffffff }, { 0xffffffff, 0, 0xffffffff },
		{ 1ULL << 63, 0, 0 }, { 0, 0, 1ULL << 63 },
	};
	struct launch l;
	u32 i;
	int got;

	if (!launch_open(&l, s))
		return;
	for (i = 0; i < ARRAY_SIZE(shape); i++) {
		const struct gpu_arg arg[] = {
			gpu_bo(l.out, 0),	gpu_bo(l.a, 0),
			gpu_bo(l.b, 0),		gpu_value(shape[i].m),
			gpu_value(shape[i].n),	gpu_value(shape[i].k),
		};

		if (!(l.builtins & (1ULL << VGPU_BUILTIN_MATMUL_F32)))
			break;
		got = gpu_launch(&l.m, l.ctx, VGPU_BUILTIN_MATMUL_F32, arg,
				 ARRAY_SIZE(arg));
		tap_ok(got == VGPU_ERR_NONE ||
		       got == VGPU_ERR_INVALID_REQUEST ||
		       got == VGPU_ERR_OUT_OF_RANGE,
		       "matmul %#llx x %#llx x %#llx ends: got %s",
		       (unsigned long long)shape[i].m,
		       (unsigned long long)shape[i].n,
		       (unsigned long long)shape[i].k, mbox_error_name(got));
	}
	tap_eq((u64)mbox_nop(&l.m), 0, "a good request afterwards");
	mbox_close(&l.m);
}
