// SPDX-License-Identifier: GPL-2.0
/*
 * Results are compared with the same arithmetic done here, bit by bit: the ABI
 * says how each kernel rounds.  Only NaNs may differ in which NaN they are.
 */
#include <linux/vgpu_dev.h>
#include <stdio.h>
#include <string.h>

#include "launch.h"
#include "sha256.h"
#include "tap.h"
#include "test_launch.h"

static float launch_get_f32(const u8 *p)
{
	u32 bits = get_le32(p);
	float f;

	memcpy(&f, &bits, sizeof(f));
	return f;
}

static u32 launch_bits(float f)
{
	u32 bits;

	memcpy(&bits, &f, sizeof(bits));
	return bits;
}

static bool launch_has(struct launch *l, u32 kernel, const char *name)
{
	if (l->builtins & (1ULL << kernel))
		return true;
	tap_skip("this GPU doesn't have it", "%s", name);
	launch_expect(gpu_launch(&l->m, l->ctx, kernel, NULL, 0),
		      VGPU_ERR_UNSUPPORTED_OP, "launching it all the same");
	return false;
}

static void launch_vecadd(struct launch *l, u32 kernel, bool floats,
			  const char *name)
{
	static const u32 count[] = { 1, 2, 3, 7, 8, 16, 33, 1000, LAUNCH_MAX };
	struct random rnd = { .state = 6 };
	/* not at 0, and not aligned to more than a word */
	const u32 at = 4, at_a = 12, at_b = 20;
	u32 i, k, x, y;
	char what[64];

	if (!launch_has(l, kernel, name))
		return;
	for (i = 0; i < ARRAY_SIZE(count); i++) {
		const struct gpu_arg arg[] = {
			gpu_bo(l->out, at), gpu_bo(l->a, at_a),
			gpu_bo(l->b, at_b), gpu_value(count[i]),
		};

		if (!launch_upload(l, &rnd, floats))
			return;
		snprintf(what, sizeof(what), "%s of %u", name, count[i]);
		launch_expect(gpu_launch(&l->m, l->ctx, kernel, arg,
					 ARRAY_SIZE(arg)),
			      0, what);
		for (k = 0; k < count[i]; k++) {
			x = get_le32(l->a_data + at_a + 4 * k);
			y = get_le32(l->b_data + at_b + 4 * k);
			if (floats)
				x = launch_bits(launch_get_f32(l->a_data +
							       at_a + 4 * k) +
						launch_get_f32(l->b_data +
							       at_b + 4 * k));
			else
				x += y;
			put_le32(l->out_data + at + 4 * k, x);
		}
		launch_compare(l, l->out, l->out_data,
			       floats ? LAUNCH_FLOAT : LAUNCH_BITS, what);
	}
}

/* The output may be one of the inputs, if they begin at the same byte. */
static void launch_in_place(struct launch *l)
{
	const struct gpu_arg arg[] = { gpu_bo(l->a, 8), gpu_bo(l->a, 8),
				       gpu_bo(l->a, 8), gpu_value(100) };
	struct random rnd = { .state = 7 };
	u32 k;

	if (!(l->builtins & (1ULL << VGPU_BUILTIN_VECADD_U32)) ||
	    !launch_upload(l, &rnd, false))
		return;
	launch_expect(gpu_launch(&l->m, l->ctx, VGPU_BUILTIN_VECADD_U32, arg,
				 ARRAY_SIZE(arg)),
		      0, "vector add in place");
	for (k = 0; k < 100; k++)
		put_le32(l->a_data + 8 + 4 * k,
			 2 * get_le32(l->a_data + 8 + 4 * k));
	launch_compare(l, l->a, l->a_data, LAUNCH_BITS, "vector add in place");
}

static void launch_saxpy(struct launch *l)
{
	const struct gpu_arg arg[] = { gpu_bo(l->out, 4), gpu_bo(l->a, 8),
				       gpu_value(launch_bits(1.1f)),
				       gpu_value(1000) };
	struct random rnd = { .state = 8 };
	float product;
	u8 *y;
	u32 k;

	if (!launch_has(l, VGPU_BUILTIN_SAXPY_F32, "saxpy f32") ||
	    !launch_upload(l, &rnd, true))
		return;
	launch_expect(gpu_launch(&l->m, l->ctx, VGPU_BUILTIN_SAXPY_F32, arg,
				 ARRAY_SIZE(arg)),
		      0, "saxpy f32");
	for (k = 0; k < 1000; k++) {
		y = l->out_data + 4 + 4 * k;
		product = 1.1f * launch_get_f32(l->a_data + 8 + 4 * k);
		put_le32(y, launch_bits(product + launch_get_f32(y)));
	}
	launch_compare(l, l->out, l->out_data, LAUNCH_FLOAT, "saxpy f32");
}

/**
 * struct launch_shape - dimensions of a matrix product
 * @m: rows of the left matrix
 * @n: columns of the right one
 * @k: columns of the left one, rows of the right one
 */
struct launch_shape {
	u32 m;
	u32 n;
	u32 k;
};

static void launch_matmul_model(struct launch *l, const struct launch_shape *d)
{
	float sum, product;
	u32 i, j, k;

	for (i = 0; i < d->m; i++) {
		for (j = 0; j < d->n; j++) {
			sum = 0;
			for (k = 0; k < d->k; k++) {
				product = launch_get_f32(l->a_data +
							 4 * (i * d->k + k)) *
					  launch_get_f32(l->b_data +
							 4 * (k * d->n + j));
				sum += product;
			}
			put_le32(l->out_data + 4 * (i * d->n + j),
				 launch_bits(sum));
		}
	}
}

static void launch_matmul(struct launch *l)
{
	static const struct launch_shape shape[] = {
		{ 1, 1, 1 },   { 2, 2, 2 },   { 3, 5, 7 },    { 1, 17, 40 },
		{ 40, 1, 17 }, { 17, 40, 1 }, { 32, 32, 32 }, { 44, 45, 41 },
	};
	struct random rnd = { .state = 9 };
	char what[64];
	u32 i;

	if (!launch_has(l, VGPU_BUILTIN_MATMUL_F32, "matmul f32"))
		return;
	for (i = 0; i < ARRAY_SIZE(shape); i++) {
		const struct gpu_arg arg[] = {
			gpu_bo(l->out, 0),	gpu_bo(l->a, 0),
			gpu_bo(l->b, 0),	gpu_value(shape[i].m),
			gpu_value(shape[i].n),	gpu_value(shape[i].k),
		};

		if (!launch_upload(l, &rnd, true))
			return;
		snprintf(what, sizeof(what), "matmul f32 %ux%ux%u", shape[i].m,
			 shape[i].n, shape[i].k);
		launch_expect(gpu_launch(&l->m, l->ctx, VGPU_BUILTIN_MATMUL_F32,
					 arg, ARRAY_SIZE(arg)),
			      0, what);
		launch_matmul_model(l, &shape[i]);
		launch_compare(l, l->out, l->out_data, LAUNCH_SUM, what);
	}
}

static void launch_reduce(struct launch *l)
{
	static const u32 count[] = { 1, 2, 5, 1000, LAUNCH_MAX };
	struct random rnd = { .state = 10 };
	char what[64];
	u32 i, k, sum;

	if (!launch_has(l, VGPU_BUILTIN_REDUCE_U32, "reduce u32"))
		return;
	for (i = 0; i < ARRAY_SIZE(count); i++) {
		const struct gpu_arg arg[] = { gpu_bo(l->out, 16),
					       gpu_bo(l->a, 4),
					       gpu_value(count[i]) };

		if (!launch_upload(l, &rnd, false))
			return;
		snprintf(what, sizeof(what), "reduce u32 of %u", count[i]);
		launch_expect(gpu_launch(&l->m, l->ctx, VGPU_BUILTIN_REDUCE_U32,
					 arg, ARRAY_SIZE(arg)),
			      0, what);
		for (k = sum = 0; k < count[i]; k++)
			sum += get_le32(l->a_data + 4 + 4 * k);
		put_le32(l->out_data + 16, sum);
		launch_compare(l, l->out, l->out_data, LAUNCH_BITS, what);
	}
}

static void launch_sha256(struct launch *l)
{
	static const u32 bytes[] = { 1, 3, 55, 56, 57, 63, 64, 65, 119, 120,
				     128, 1000, 4096, 8188 };
	struct random rnd = { .state = 11 };
	char what[64];
	u32 i;

	if (!launch_has(l, VGPU_BUILTIN_SHA256, "sha256"))
		return;
	for (i = 0; i < ARRAY_SIZE(bytes); i++) {
		const struct gpu_arg arg[] = { gpu_bo(l->out, 4),
					       gpu_bo(l->a, 4),
					       gpu_value(bytes[i]) };

		if (!launch_upload(l, &rnd, false))
			return;
		snprintf(what, sizeof(what), "sha256 of %u bytes", bytes[i]);
		launch_expect(gpu_launch(&l->m, l->ctx, VGPU_BUILTIN_SHA256,
					 arg, ARRAY_SIZE(arg)),
			      0, what);
		sha256(l->a_data + 4, bytes[i], l->out_data + 4);
		launch_compare(l, l->out, l->out_data, LAUNCH_BITS, what);
	}
}

static void launch_sha256_in_place(struct launch *l)
{
	const struct gpu_arg arg[] = { gpu_bo(l->a, 0), gpu_bo(l->a, 0),
				       gpu_value(100) };
	struct random rnd = { .state = 13 };
	u8 digest[32];

	if (!(l->builtins & (1ULL << VGPU_BUILTIN_SHA256)) ||
	    !launch_upload(l, &rnd, false))
		return;
	launch_expect(gpu_launch(&l->m, l->ctx, VGPU_BUILTIN_SHA256, arg,
				 ARRAY_SIZE(arg)),
		      0, "sha256 in place");
	sha256(l->a_data, 100, digest);
	memcpy(l->a_data, digest, sizeof(digest));
	launch_compare(l, l->a, l->a_data, LAUNCH_BITS, "sha256 in place");
}

/**
 * test_builtins() - results
 * @s: an open session
 */
void test_builtins(struct session *s)
{
	struct launch l;

	if (!launch_open(&l, s))
		return;
	launch_vecadd(&l, VGPU_BUILTIN_VECADD_U32, false, "vector add u32");
	launch_vecadd(&l, VGPU_BUILTIN_VECADD_F32, true, "vector add f32");
	launch_in_place(&l);
	launch_saxpy(&l);
	launch_matmul(&l);
	launch_reduce(&l);
	launch_sha256(&l);
	launch_sha256_in_place(&l);
	mbox_close(&l.m);
}
