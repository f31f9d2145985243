// SPDX-License-Identifier: GPL-2.0
/* Signatures of the built-in kernels, as vgpu_dev.h states them. */
#include <kunit/test.h>
#include <linux/string.h>

#include "bo.h"
#include "builtin.h"
#include "job.h"

#define K_U32	VGPU_BUILTIN_VECADD_U32
#define K_F32	VGPU_BUILTIN_VECADD_F32
#define K_SAXPY	VGPU_BUILTIN_SAXPY_F32
#define K_MM	VGPU_BUILTIN_MATMUL_F32
#define K_SUM	VGPU_BUILTIN_REDUCE_U32
#define K_SHA	VGPU_BUILTIN_SHA256

#define OK	VGPU_ERR_NONE
#define BAD	VGPU_ERR_INVALID_REQUEST
#define OUT	VGPU_ERR_OUT_OF_RANGE

/* objects 1, 2 and 3; object 0 of an argument is a value */
static const u64 builtin_sizes[] = { 4096, 8192, 1ULL << 40 };

/**
 * struct builtin_launch - a launch, and what is said to it
 * @name: for people
 * @kernel: the kernel
 * @arg: its arguments: object, and offset or value
 * @err: what is said
 * @bytes: if nothing, the bytes touched in each buffer
 */
struct builtin_launch {
	const char *name;
	u32 kernel;
	struct {
		u32 bo;
		u64 value;
	} arg[6];
	enum vgpu_error err;
	u64 bytes[3];
};

static const struct builtin_launch builtin_launches[] = {
	{ "vecadd one element", K_U32, { { 1, 0 }, { 2, 0 }, { 2, 4 }, { 0, 1 } },
	  OK, { 4, 4, 4 } },
	{ "vecadd whole object", K_U32, { { 1, 0 }, { 2, 0 }, { 2, 4096 }, { 0, 1024 } },
	  OK, { 4096, 4096, 4096 } },
	{ "vecadd last element", K_F32, { { 1, 4092 }, { 2, 0 }, { 2, 8188 }, { 0, 1 } },
	  OK, { 4, 4, 4 } },
	{ "vecadd no elements", K_U32, { { 1, 0 }, { 2, 0 }, { 2, 0 }, { 0, 0 } }, BAD },
	{ "vecadd dst too short", K_U32, { { 1, 0 }, { 2, 0 }, { 2, 0 }, { 0, 1025 } },
	  OUT },
	{ "vecadd a too short", K_U32, { { 2, 0 }, { 1, 0 }, { 2, 0 }, { 0, 1025 } },
	  OUT },
	{ "vecadd b too short", K_U32, { { 2, 0 }, { 2, 0 }, { 1, 0 }, { 0, 1025 } },
	  OUT },
	{ "vecadd dst past the end", K_U32, { { 1, 4096 }, { 2, 0 }, { 2, 0 }, { 0, 1 } },
	  OUT },
	{ "vecadd b past the end", K_F32, { { 1, 0 }, { 2, 0 }, { 2, 8192 }, { 0, 1 } },
	  OUT },
	{ "vecadd offset ~3", K_U32, { { 1, ~3ULL }, { 2, 0 }, { 2, 0 }, { 0, 1 } }, OUT },
	{ "vecadd offset 2^63", K_U32,
	  { { 1, 0 }, { 2, 1ULL << 63 }, { 2, 0 }, { 0, 1 } }, OUT },
	{ "vecadd n 2^32 - 1", K_U32, { { 3, 0 }, { 3, 1ULL << 35 }, { 3, 1ULL << 36 },
	  { 0, U32_MAX } }, OK, { 4ULL * U32_MAX, 4ULL * U32_MAX, 4ULL * U32_MAX } },
	{ "vecadd n 2^32", K_U32, { { 3, 0 }, { 3, 0 }, { 3, 0 }, { 0, 1ULL << 32 } },
	  BAD },
	{ "vecadd n * 4 overflows", K_U32,
	  { { 3, 0 }, { 3, 0 }, { 3, 0 }, { 0, (1ULL << 62) + 1 } }, BAD },
	{ "vecadd n ~0", K_F32, { { 3, 0 }, { 3, 0 }, { 3, 0 }, { 0, ~0ULL } }, BAD },
	{ "vecadd dst unaligned", K_U32, { { 1, 2 }, { 2, 0 }, { 2, 0 }, { 0, 1 } }, BAD },
	{ "vecadd a unaligned", K_U32, { { 1, 0 }, { 2, 1 }, { 2, 0 }, { 0, 1 } }, BAD },
	{ "vecadd b unaligned", K_F32, { { 1, 0 }, { 2, 0 }, { 2, 7 }, { 0, 1 } }, BAD },
	{ "vecadd in place, first", K_U32, { { 1, 0 }, { 1, 0 }, { 2, 0 }, { 0, 8 } },
	  OK, { 32, 32, 32 } },
	{ "vecadd in place, second", K_F32, { { 1, 4 }, { 2, 0 }, { 1, 4 }, { 0, 8 } },
	  OK, { 32, 32, 32 } },
	{ "vecadd in place, both", K_U32, { { 1, 8 }, { 1, 8 }, { 1, 8 }, { 0, 8 } },
	  OK, { 32, 32, 32 } },
	{ "vecadd inputs overlap", K_U32, { { 1, 0 }, { 2, 0 }, { 2, 4 }, { 0, 8 } },
	  OK, { 32, 32, 32 } },
	{ "vecadd dst behind a by one", K_U32, { { 1, 4 }, { 1, 0 }, { 2, 0 }, { 0, 2 } },
	  BAD },
	{ "vecadd dst before a by one", K_U32, { { 1, 0 }, { 1, 4 }, { 2, 0 }, { 0, 2 } },
	  BAD },
	{ "vecadd dst in b's last", K_F32, { { 1, 28 }, { 2, 0 }, { 1, 0 }, { 0, 8 } },
	  BAD },
	{ "vecadd dst next to b", K_U32, { { 1, 32 }, { 2, 0 }, { 1, 0 }, { 0, 8 } },
	  OK, { 32, 32, 32 } },
	{ "vecadd same place of another", K_U32,
	  { { 1, 4 }, { 2, 0 }, { 2, 4 }, { 0, 8 } }, OK, { 32, 32, 32 } },

	{ "saxpy", K_SAXPY, { { 1, 0 }, { 2, 0 }, { 0, 0x3f800000 }, { 0, 1024 } },
	  OK, { 4096, 4096 } },
	{ "saxpy in place", K_SAXPY, { { 1, 0 }, { 1, 0 }, { 0, 0xffffffff }, { 0, 4 } },
	  OK, { 16, 16 } },
	{ "saxpy a of 33 bits", K_SAXPY, { { 1, 0 }, { 2, 0 }, { 0, 1ULL << 32 }, { 0, 4 } },
	  BAD },
	{ "saxpy no elements", K_SAXPY, { { 1, 0 }, { 2, 0 }, { 0, 0 }, { 0, 0 } }, BAD },
	{ "saxpy y too short", K_SAXPY, { { 1, 0 }, { 2, 0 }, { 0, 0 }, { 0, 1025 } }, OUT },
	{ "saxpy x too short", K_SAXPY, { { 2, 0 }, { 1, 0 }, { 0, 0 }, { 0, 1025 } }, OUT },
	{ "saxpy shifted", K_SAXPY, { { 1, 4 }, { 1, 0 }, { 0, 0 }, { 0, 2 } }, BAD },

	{ "matmul", K_MM, { { 1, 0 }, { 2, 0 }, { 2, 4096 }, { 0, 4 }, { 0, 5 }, { 0, 6 } },
	  OK, { 80, 96, 120 } },
	{ "matmul 1 x 1 x 1", K_MM, { { 1, 4092 }, { 2, 0 }, { 2, 0 }, { 0, 1 }, { 0, 1 },
	  { 0, 1 } }, OK, { 4, 4, 4 } },
	{ "matmul m 0", K_MM, { { 1, 0 }, { 2, 0 }, { 2, 0 }, { 0, 0 }, { 0, 1 }, { 0, 1 } },
	  BAD },
	{ "matmul n 0", K_MM, { { 1, 0 }, { 2, 0 }, { 2, 0 }, { 0, 1 }, { 0, 0 }, { 0, 1 } },
	  BAD },
	{ "matmul k 0", K_MM, { { 1, 0 }, { 2, 0 }, { 2, 0 }, { 0, 1 }, { 0, 1 }, { 0, 0 } },
	  BAD },
	{ "matmul c too short", K_MM, { { 1, 0 }, { 3, 0 }, { 3, 0 }, { 0, 33 }, { 0, 32 },
	  { 0, 1 } }, OUT },
	{ "matmul a too short", K_MM, { { 2, 0 }, { 1, 0 }, { 3, 0 }, { 0, 33 }, { 0, 1 },
	  { 0, 32 } }, OUT },
	{ "matmul b too short", K_MM, { { 2, 0 }, { 3, 0 }, { 1, 0 }, { 0, 1 }, { 0, 33 },
	  { 0, 32 } }, OUT },
	{ "matmul m * n overflows 32 bits", K_MM, { { 1, 0 }, { 3, 0 }, { 3, 0 },
	  { 0, 0x10000 }, { 0, 0x10000 }, { 0, 1 } }, OUT },
	{ "matmul m * n * 4 overflows 64 bits", K_MM, { { 1, 0 }, { 3, 0 }, { 3, 0 },
	  { 0, U32_MAX }, { 0, U32_MAX }, { 0, 1 } }, BAD },
	{ "matmul m of 33 bits", K_MM, { { 1, 0 }, { 3, 0 }, { 3, 0 }, { 0, 1ULL << 32 },
	  { 0, 1 }, { 0, 1 } }, BAD },
	{ "matmul c is a", K_MM, { { 1, 0 }, { 1, 0 }, { 2, 0 }, { 0, 1 }, { 0, 1 },
	  { 0, 1 } }, BAD },
	{ "matmul c is b", K_MM, { { 1, 0 }, { 2, 0 }, { 1, 0 }, { 0, 1 }, { 0, 1 },
	  { 0, 1 } }, BAD },
	{ "matmul c ends in a", K_MM, { { 1, 0 }, { 1, 60 }, { 2, 0 }, { 0, 4 }, { 0, 4 },
	  { 0, 4 } }, BAD },
	{ "matmul c ends before a", K_MM, { { 1, 0 }, { 1, 64 }, { 2, 0 }, { 0, 4 },
	  { 0, 4 }, { 0, 4 } }, OK, { 64, 64, 64 } },
	{ "matmul a is b", K_MM, { { 1, 0 }, { 2, 0 }, { 2, 0 }, { 0, 4 }, { 0, 4 },
	  { 0, 4 } }, OK, { 64, 64, 64 } },

	{ "reduce", K_SUM, { { 1, 4092 }, { 2, 0 }, { 0, 2048 } }, OK, { 4, 8192 } },
	{ "reduce nothing", K_SUM, { { 1, 0 }, { 2, 0 }, { 0, 0 } }, BAD },
	{ "reduce src too short", K_SUM, { { 1, 0 }, { 2, 0 }, { 0, 2049 } }, OUT },
	{ "reduce dst past the end", K_SUM, { { 1, 4096 }, { 2, 0 }, { 0, 1 } }, OUT },
	{ "reduce into its first", K_SUM, { { 1, 0 }, { 1, 0 }, { 0, 1 } }, BAD },
	{ "reduce into its last", K_SUM, { { 1, 28 }, { 1, 0 }, { 0, 8 } }, BAD },
	{ "reduce to behind it", K_SUM, { { 1, 32 }, { 1, 0 }, { 0, 8 } }, OK, { 4, 32 } },
	{ "reduce n of 33 bits", K_SUM, { { 1, 0 }, { 3, 0 }, { 0, 1ULL << 32 } }, BAD },

	{ "sha256", K_SHA, { { 1, 0 }, { 2, 0 }, { 0, 8191 } }, OK, { 32, 8191 } },
	{ "sha256 of nothing", K_SHA, { { 1, 4064 }, { 2, 8192 }, { 0, 0 } }, OK, { 32, 0 } },
	{ "sha256 of nothing, in place", K_SHA, { { 1, 0 }, { 1, 0 }, { 0, 0 } }, OK,
	  { 32, 0 } },
	{ "sha256 src too short", K_SHA, { { 1, 0 }, { 2, 4 }, { 0, 8189 } }, OUT },
	{ "sha256 dst too short", K_SHA, { { 1, 4068 }, { 2, 0 }, { 0, 1 } }, OUT },
	{ "sha256 bytes ~0", K_SHA, { { 1, 0 }, { 2, 4 }, { 0, ~0ULL } }, OUT },
	{ "sha256 nothing from past the end", K_SHA, { { 1, 0 }, { 2, 8196 }, { 0, 0 } },
	  OUT },
	{ "sha256 in place", K_SHA, { { 1, 8 }, { 1, 8 }, { 0, 100 } }, OK, { 32, 100 } },
	{ "sha256 into its source", K_SHA, { { 1, 0 }, { 1, 28 }, { 0, 100 } }, BAD },
	{ "sha256 before its source", K_SHA, { { 1, 0 }, { 1, 32 }, { 0, 100 } }, OK,
	  { 32, 100 } },
	{ "sha256 dst unaligned", K_SHA, { { 1, 1 }, { 2, 0 }, { 0, 1 } }, BAD },
	{ "sha256 src unaligned", K_SHA, { { 1, 0 }, { 2, 2 }, { 0, 1 } }, BAD },
};

static void builtin_launch_desc(const struct builtin_launch *p, char *desc)
{
	strscpy(desc, p->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(builtin_launch, builtin_launches, builtin_launch_desc);

static void builtin_check(struct kunit *test)
{
	const struct builtin_launch *p = test->param_value;
	struct vgpu_bo bo[ARRAY_SIZE(builtin_sizes)] = {};
	struct vgpu_job_arg arg[VGPU_MAX_ARGS] = {};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bo); i++)
		bo[i].size = builtin_sizes[i];
	for (i = 0; i < ARRAY_SIZE(p->arg); i++) {
		if (p->arg[i].bo) {
			arg[i].range.bo = &bo[p->arg[i].bo - 1];
			arg[i].range.offset = p->arg[i].value;
			/* what was there before doesn't matter */
			arg[i].range.length = 0xdeadbeef;
		} else {
			arg[i].value = p->arg[i].value;
		}
	}
	KUNIT_EXPECT_EQ(test, vgpu_builtin_check(p->kernel, arg), p->err);
	if (p->err)
		return;
	for (i = 0; i < ARRAY_SIZE(p->bytes) && p->arg[i].bo; i++)
		KUNIT_EXPECT_EQ(test, arg[i].range.length, p->bytes[i]);
}

static void builtin_signatures(struct kunit *test)
{
	static const struct {
		u32 nargs;
		u32 nbufs;
	} want[] = { { 0, 0 }, { 4, 3 }, { 4, 3 }, { 4, 2 }, { 6, 3 }, { 3, 2 },
		     { 3, 2 } };
	u32 kernel, nargs, i;

	KUNIT_ASSERT_EQ(test, ARRAY_SIZE(want), VGPU_BUILTIN_COUNT);
	for (kernel = 1; kernel < ARRAY_SIZE(want); kernel++) {
		KUNIT_EXPECT_EQ(test, vgpu_builtin_nargs(kernel, &nargs), VGPU_ERR_NONE);
		KUNIT_EXPECT_EQ(test, nargs, want[kernel].nargs);
		for (i = 0; i < nargs; i++)
			KUNIT_EXPECT_EQ(test, vgpu_builtin_arg_is_bo(kernel, i),
					i < want[kernel].nbufs);
	}
}

static void builtin_unknown(struct kunit *test)
{
	static const u32 unknown[] = { 0, 7, 8, 63, 64, 0x100, 0x80000001, ~0U };
	u32 nargs, i;

	for (i = 0; i < ARRAY_SIZE(unknown); i++)
		KUNIT_EXPECT_EQ(test, vgpu_builtin_nargs(unknown[i], &nargs),
				VGPU_ERR_UNSUPPORTED_OP);
}

static struct kunit_case builtin_cases[] = {
	KUNIT_CASE_PARAM(builtin_check, builtin_launch_gen_params),
	KUNIT_CASE(builtin_signatures),
	KUNIT_CASE(builtin_unknown),
	{}
};

static struct kunit_suite builtin_suite = {
	.name = "vgpu_builtin",
	.test_cases = builtin_cases,
};

kunit_test_suite(builtin_suite);
