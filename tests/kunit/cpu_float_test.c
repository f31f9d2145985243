// SPDX-License-Identifier: GPL-2.0
/*
 * The cpu backend's floating point, to the bit: each product and each sum is
 * rounded, in the order that vgpu_dev.h gives.  No test code uses the FPU.
 */
#include <kunit/test.h>
#include <linux/prandom.h>
#include <linux/string.h>

#include "bo.h"
#include "cpu_fixture.h"
#include "softfloat.h"

#define CPU_OPS_CHUNK	65536

/* a finite number of any sign, between 2^-10 and 2^6, with all bits in use */
static u32 cpu_float(struct rnd_state *rnd)
{
	u32 bits = prandom_u32_state(rnd);

	return (bits & 0x807fffff) | (117 + prandom_u32_state(rnd) % 16) << 23;
}

static void cpu_floats(u32 *to, u32 seed, u32 n)
{
	struct rnd_state rnd;
	u32 i;

	prandom_seed_state(&rnd, seed);
	for (i = 0; i < n; i++)
		to[i] = cpu_float(&rnd);
}

/* the reference against values worked out with rational numbers elsewhere */
static void cpu_softfloat(struct kunit *test)
{
	static const struct {
		u32 a;
		u32 b;
		u32 sum;
		u32 product;
	} table[] = {
		{ 0x3f800000, 0x33800000, 0x3f800000, 0x33800000 },
		{ 0x3f800001, 0x33800000, 0x3f800002, 0x33800001 },
		{ 0x3f800000, 0x33800001, 0x3f800001, 0x33800001 },
		{ 0x4b800000, 0x3f800000, 0x4b800000, 0x4b800000 },
		{ 0x4b800001, 0x3f800000, 0x4b800002, 0x4b800001 },
		{ 0x3f800000, 0xbf800000, 0x00000000, 0xbf800000 },
		{ 0x3f800000, 0xbf7fffff, 0x33800000, 0xbf7fffff },
		{ 0x00000000, 0x80000000, 0x00000000, 0x80000000 },
		{ 0x80000000, 0x80000000, 0x80000000, 0x00000000 },
		{ 0x00000001, 0x00000001, 0x00000002, 0x00000000 },
		{ 0x007fffff, 0x00000001, 0x00800000, 0x00000000 },
		{ 0x00800000, 0x80000001, 0x007fffff, 0x80000000 },
		{ 0x3f800001, 0x3f800001, 0x40000001, 0x3f800002 },
		{ 0x00800000, 0x3f000000, 0x3f000000, 0x00400000 },
		{ 0x00800001, 0x3f000000, 0x3f000000, 0x00400000 },
		{ 0x00000001, 0x3f000000, 0x3f000000, 0x00000000 },
		{ 0x00000003, 0x3f000000, 0x3f000000, 0x00000002 },
		{ 0x1f800000, 0x1f800000, 0x20000000, 0x00200000 },
		{ 0x20000000, 0x9fffffff, 0x14000000, 0x80800000 },
		{ 0x3f800000, 0x00000001, 0x3f800000, 0x00000001 },
		{ 0xbf800000, 0x3f800001, 0x34000000, 0xbf800001 },
		{ 0x40490fdb, 0xc02df854, 0x3ed8bc38, 0xc108a2c0 },
		{ 0x5d5e0b6b, 0xdd5e0b6a, 0x51800000, 0xfb4097cd },
		{ 0x33ffffff, 0x3f7fffff, 0x3f800000, 0x33fffffe },
		{ 0x3fffffff, 0x3fffffff, 0x407fffff, 0x407ffffe },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		KUNIT_EXPECT_EQ_MSG(test, softfloat_add(table[i].a, table[i].b),
				    table[i].sum, "0x%x + 0x%x", table[i].a, table[i].b);
		KUNIT_EXPECT_EQ_MSG(test, softfloat_mul(table[i].b, table[i].a),
				    table[i].product, "0x%x * 0x%x", table[i].a,
				    table[i].b);
	}
	KUNIT_EXPECT_EQ(test, softfloat_from_int(0), 0);
	KUNIT_EXPECT_EQ(test, softfloat_from_int(1), 0x3f800000);
	KUNIT_EXPECT_EQ(test, softfloat_from_int(-3), 0xc0400000);
	KUNIT_EXPECT_EQ(test, softfloat_from_int(16777215), 0x4b7fffff);
}

static const u32 cpu_float_counts[] = {
	1, 2, 3, 5, 1023, CPU_OPS_CHUNK - 1, CPU_OPS_CHUNK, CPU_OPS_CHUNK + 1,
};

static void cpu_float_count_desc(const u32 *n, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u elements", *n);
}

KUNIT_ARRAY_PARAM(cpu_float_count, cpu_float_counts, cpu_float_count_desc);

static void cpu_vecadd_f32(struct kunit *test)
{
	const u32 *n = test->param_value;
	struct vgpu_bo *dst = cpu_bo(test, *n * 4 + 8), *a = cpu_bo(test, *n * 4),
		       *b = cpu_bo(test, *n * 4);
	const struct vgpu_job_arg arg[] = { CPU_BUF(dst, 4), CPU_BUF(a, 0), CPU_BUF(b, 0),
					    CPU_VALUE(*n) };
	u32 *x = a->priv, *y = b->priv, *sum = dst->priv, i;

	cpu_floats(x, 1, *n);
	cpu_floats(y, 2, *n);
	memset(dst->priv, 0x5a, dst->size);
	KUNIT_EXPECT_EQ(test, cpu_launch(test, VGPU_BUILTIN_VECADD_F32, arg),
			VGPU_ERR_NONE);
	for (i = 0; i < *n; i++) {
		if (sum[i + 1] != softfloat_add(x[i], y[i]))
			KUNIT_FAIL(test, "0x%x + 0x%x = 0x%x", x[i], y[i], sum[i + 1]);
	}
	KUNIT_EXPECT_EQ(test, sum[0], 0x5a5a5a5a);
	KUNIT_EXPECT_EQ(test, sum[*n + 1], 0x5a5a5a5a);
}

static void cpu_saxpy_f32(struct kunit *test)
{
	const u32 *n = test->param_value, factor = 0xbfc90fdb;
	struct vgpu_bo *dst = cpu_bo(test, *n * 4 + 8), *src = cpu_bo(test, *n * 4);
	const struct vgpu_job_arg arg[] = { CPU_BUF(dst, 4), CPU_BUF(src, 0),
					    CPU_VALUE(factor), CPU_VALUE(*n) };
	u32 *x = src->priv, *y = dst->priv, *before, want, i;

	before = kunit_kcalloc(test, *n, sizeof(u32), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, before);
	memset(dst->priv, 0x5a, dst->size);
	cpu_floats(x, 3, *n);
	cpu_floats(y + 1, 4, *n);
	memcpy(before, y + 1, *n * 4);
	KUNIT_EXPECT_EQ(test, cpu_launch(test, VGPU_BUILTIN_SAXPY_F32, arg),
			VGPU_ERR_NONE);
	for (i = 0; i < *n; i++) {
		want = softfloat_add(softfloat_mul(factor, x[i]), before[i]);
		if (y[i + 1] != want)
			KUNIT_FAIL(test, "element %u is 0x%x, not 0x%x", i, y[i + 1], want);
	}
	KUNIT_EXPECT_EQ(test, y[0], 0x5a5a5a5a);
	KUNIT_EXPECT_EQ(test, y[*n + 1], 0x5a5a5a5a);
}

/* (1 + 2^-12)^2 - 1 loses its last bit if rounded twice, and not if fused */
static void cpu_saxpy_is_not_fused(struct kunit *test)
{
	struct vgpu_bo *y = cpu_bo(test, 4096), *x = cpu_bo(test, 4096);
	const struct vgpu_job_arg arg[] = { CPU_BUF(y, 0), CPU_BUF(x, 0),
					    CPU_VALUE(0x3f800800), CPU_VALUE(1) };

	*(u32 *)x->priv = 0x3f800800;
	*(u32 *)y->priv = 0xbf800000;
	KUNIT_EXPECT_EQ(test, cpu_launch(test, VGPU_BUILTIN_SAXPY_F32, arg),
			VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, *(u32 *)y->priv, 0x3a000000);
}

/**
 * struct cpu_matrix - sizes of a product
 * @m: rows
 * @n: columns
 * @k: products per element
 */
struct cpu_matrix {
	u32 m;
	u32 n;
	u32 k;
};

static const struct cpu_matrix cpu_matrices[] = {
	{ 1, 1, 1 }, { 1, 1, 2 }, { 2, 3, 4 }, { 7, 5, 3 }, { 16, 16, 16 },
	/* spans of 1024 products */
	{ 1, 1, 1023 }, { 1, 1, 1024 }, { 1, 1, 1025 }, { 3, 2, 1023 }, { 3, 2, 1024 },
	{ 3, 2, 1025 }, { 2, 2, 2048 }, { 2, 3, 2049 }, { 1, 1, 5000 },
	/* 64 units a step */
	{ 9, 7, 1 }, { 8, 8, 1 }, { 13, 5, 1 }, { 1, 65, 3 }, { 65, 1, 3 },
	{ 8, 4, 1025 }, { 11, 3, 1025 },
};

static void cpu_matrix_desc(const struct cpu_matrix *p, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u x %u x %u", p->m, p->n, p->k);
}

KUNIT_ARRAY_PARAM(cpu_matrix, cpu_matrices, cpu_matrix_desc);

static u32 cpu_matmul_element(const struct cpu_matrix *p, const u32 *a, const u32 *b,
			      u32 row, u32 col)
{
	u32 sum = 0, i;

	for (i = 0; i < p->k; i++)
		sum = softfloat_add(sum, softfloat_mul(a[row * p->k + i],
						       b[i * p->n + col]));
	return sum;
}

static void cpu_matmul_f32(struct kunit *test)
{
	const struct cpu_matrix *p = test->param_value;
	struct vgpu_bo *c = cpu_bo(test, p->m * p->n * 4 + 8),
		       *a = cpu_bo(test, p->m * p->k * 4),
		       *b = cpu_bo(test, p->k * p->n * 4);
	const struct vgpu_job_arg arg[] = { CPU_BUF(c, 4), CPU_BUF(a, 0), CPU_BUF(b, 0),
					    CPU_VALUE(p->m), CPU_VALUE(p->n),
					    CPU_VALUE(p->k) };
	u32 *product = c->priv, want, row, col;

	cpu_floats(a->priv, 5, p->m * p->k);
	cpu_floats(b->priv, 6, p->k * p->n);
	/* what is in the product before is no part of it */
	memset(c->priv, 0x5a, c->size);
	KUNIT_EXPECT_EQ(test, cpu_launch(test, VGPU_BUILTIN_MATMUL_F32, arg),
			VGPU_ERR_NONE);
	for (row = 0; row < p->m; row++) {
		for (col = 0; col < p->n; col++) {
			want = cpu_matmul_element(p, a->priv, b->priv, row, col);
			if (product[1 + row * p->n + col] != want)
				KUNIT_FAIL(test, "element %u, %u is 0x%x, not 0x%x", row,
					   col, product[1 + row * p->n + col], want);
		}
	}
	KUNIT_EXPECT_EQ(test, product[0], 0x5a5a5a5a);
	KUNIT_EXPECT_EQ(test, product[1 + p->m * p->n], 0x5a5a5a5a);
}

/* whole numbers, where no order and no rounding can hide a wrong element */
static void cpu_matmul_of_integers(struct kunit *test)
{
	const u32 n = 24;
	struct vgpu_bo *c = cpu_bo(test, n * n * 4), *a = cpu_bo(test, n * n * 4),
		       *b = cpu_bo(test, n * n * 4);
	const struct vgpu_job_arg arg[] = { CPU_BUF(c, 0), CPU_BUF(a, 0), CPU_BUF(b, 0),
					    CPU_VALUE(n), CPU_VALUE(n), CPU_VALUE(n) };
	u32 row, col, i;
	s32 sum;

	for (i = 0; i < n * n; i++) {
		((u32 *)a->priv)[i] = softfloat_from_int(i % 37 - 18);
		((u32 *)b->priv)[i] = softfloat_from_int(i % 41 - 20);
	}
	KUNIT_EXPECT_EQ(test, cpu_launch(test, VGPU_BUILTIN_MATMUL_F32, arg),
			VGPU_ERR_NONE);
	for (row = 0; row < n; row++) {
		for (col = 0; col < n; col++) {
			for (sum = 0, i = 0; i < n; i++)
				sum += ((s32)((row * n + i) % 37) - 18) *
				       ((s32)((i * n + col) % 41) - 20);
			KUNIT_EXPECT_EQ(test, ((u32 *)c->priv)[row * n + col],
					softfloat_from_int(sum));
		}
	}
}

static struct kunit_case cpu_float_cases[] = {
	KUNIT_CASE(cpu_softfloat),
	KUNIT_CASE_PARAM(cpu_vecadd_f32, cpu_float_count_gen_params),
	KUNIT_CASE_PARAM(cpu_saxpy_f32, cpu_float_count_gen_params),
	KUNIT_CASE(cpu_saxpy_is_not_fused),
	KUNIT_CASE_PARAM(cpu_matmul_f32, cpu_matrix_gen_params),
	KUNIT_CASE(cpu_matmul_of_integers),
	{}
};

static struct kunit_suite cpu_float_suite = {
	.name = "vgpu_cpu_float",
	.init = cpu_fixture_init,
	.exit = cpu_fixture_exit,
	.test_cases = cpu_float_cases,
};

kunit_test_suite(cpu_float_suite);
