// SPDX-License-Identifier: GPL-2.0
/*
 * Results are compared with the same arithmetic done here, bit by bit: the ABI
 * says how each kernel rounds.  Only NaNs may differ in which NaN they are.
 */
#include <linux/vgpu_dev.h>
#include <stdio.h>
#include <string.h>

#include "gpu.h"
#include "mbox.h"
#include "random.h"
#include "sha256.h"
#include "tap.h"
#include "test_launch.h"

/* Elements of the largest vectors here, and bytes of each object */
#define LAUNCH_MAX	1025
#define LAUNCH_BYTES	8192

/**
 * struct launch - what a test of a kernel needs
 * @m: the mailbox
 * @ctx: a context
 * @out: object for the output
 * @a: object for an input
 * @b: object for another
 * @builtins: bits of what can be launched
 * @out_data: what @out holds
 * @a_data: what @a holds
 * @b_data: what @b holds
 */
struct launch {
	struct mbox m;
	u32 ctx;
	u32 out;
	u32 a;
	u32 b;
	u64 builtins;
	u8 out_data[LAUNCH_BYTES];
	u8 a_data[LAUNCH_BYTES];
	u8 b_data[LAUNCH_BYTES];
};

static bool launch_expect(int got, int want, const char *what)
{
	return tap_ok(got == want, "%s: got %s want %s", what,
		      mbox_error_name(got), mbox_error_name(want));
}

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

/* How exactly outputs are compared */
enum launch_match {
	LAUNCH_BITS,	/* bit by bit */
	LAUNCH_FLOAT,	/* any NaN is as good as another */
	LAUNCH_SUM,	/* and a sum may begin with 0 or with its first term */
};

static bool launch_match(u32 got, u32 want, enum launch_match how)
{
	const u32 magnitude = 0x7fffffff, infinite = 0x7f800000;

	if (got == want)
		return true;
	if (how != LAUNCH_BITS && (got & magnitude) > infinite &&
	    (want & magnitude) > infinite)
		return true;
	return how == LAUNCH_SUM && !(got & magnitude) && !(want & magnitude);
}

static bool launch_open(struct launch *l, struct session *s)
{
	struct gpu_info info;

	if (!mbox_open(&l->m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return false;
	if (tap_must(!gpu_get_info(&l->m, &info) &&
		     !gpu_ctx_create(&l->m, &l->ctx) &&
		     !gpu_bo_create(&l->m, l->ctx, LAUNCH_BYTES, &l->out) &&
		     !gpu_bo_create(&l->m, l->ctx, LAUNCH_BYTES, &l->a) &&
		     !gpu_bo_create(&l->m, l->ctx, LAUNCH_BYTES, &l->b),
		     "makes three objects")) {
		l->builtins = info.builtins;
		return true;
	}
	mbox_close(&l->m);
	return false;
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

/* Integers, or floats of all kinds: normal, tiny, huge, infinite. */
static void launch_randomise(struct random *rnd, u8 *p, bool floats)
{
	static const u32 special[] = {
		0x00000000, 0x80000000, 0x00000001, 0x807fffff, 0x00800000,
		0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, 0x3f800000,
		0xbf800000, 0x4b800000, 0x33800000,
	};
	u32 i, bits;

	for (i = 0; i < LAUNCH_BYTES; i += 4) {
		bits = (u32)random_next(rnd);
		if (floats && random_below(rnd, 4))
			/* exponents near 0: sums that must be rounded */
			bits = (bits & 0x807fffff) |
			       (120 + random_below(rnd, 14)) << 23;
		else if (floats)
			bits = special[random_below(rnd, ARRAY_SIZE(special))];
		put_le32(p + i, bits);
	}
}

static bool launch_upload(struct launch *l, struct random *rnd, bool floats)
{
	launch_randomise(rnd, l->a_data, floats);
	launch_randomise(rnd, l->b_data, floats);
	launch_randomise(rnd, l->out_data, floats);
	return tap_must(!gpu_upload(&l->m, l->ctx, l->a, 0, l->a_data,
				    LAUNCH_BYTES) &&
			!gpu_upload(&l->m, l->ctx, l->b, 0, l->b_data,
				    LAUNCH_BYTES) &&
			!gpu_upload(&l->m, l->ctx, l->out, 0, l->out_data,
				    LAUNCH_BYTES),
			"writes the inputs");
}

/* Compares an object, all of it, with what it should be. */
static void launch_compare(struct launch *l, u32 bo, const u8 *want,
			   enum launch_match how, const char *what)
{
	u32 i, wrong = 0, first = 0;
	u8 got[LAUNCH_BYTES];

	if (!tap_must(!gpu_download(&l->m, l->ctx, bo, 0, got, sizeof(got)),
		      "reads the output"))
		return;
	for (i = 0; i < LAUNCH_BYTES; i += 4) {
		if (launch_match(get_le32(got + i), get_le32(want + i), how))
			continue;
		if (!wrong++)
			first = i;
	}
	tap_ok(!wrong,
	       "%s: got %u wrong words (first at %#x: %#x want %#x) want none",
	       what, wrong, first, get_le32(got + first),
	       get_le32(want + first));
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
 * test_launch_bad() - kernels and arguments that are wrong
 * @s: an open session
 */
void test_launch_bad(struct session *s)
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
 * test_launch_empty() - nothing to do, but a lot of it
 * @s: an open session
 *
 * A product of matrices without columns needs no memory, so ranges don't bound
 * it: it must be refused, or end at once, and not keep the host looping.
 */
void test_launch_empty(struct session *s)
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
