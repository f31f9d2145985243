// SPDX-License-Identifier: GPL-2.0
/*
 * The reference engine: the built-in kernels in plain C, as enum vgpu_builtin says what they
 * are, to the bit (so without contraction, see the Makefile).
 */
#include <sha256.h>
#include <string.h>

#include "engine.h"

/* Between two looks at *abort: some ten microseconds */
#define CHUNK_BYTES	(256U << 10)
#define CHUNK_OPS	65536U

static __u64 least(__u64 a, __u64 b)
{
	return a < b ? a : b;
}

static enum vgpu_error reference_copy(void *dst, const void *src, __u64 length,
				      const __u32 *abort)
{
	__u64 at, n;

	for (at = 0; at < length; at += n) {
		if (engine_is_aborted(abort))
			return VGPU_ERR_CANCELED;
		n = least(length - at, CHUNK_BYTES);
		memcpy((char *)dst + at, (const char *)src + at, n);
	}
	return VGPU_ERR_NONE;
}

static enum vgpu_error reference_fill(void *dst, __u32 pattern, __u64 length,
				      const __u32 *abort)
{
	__u64 words = length / sizeof(__u32), i;
	__u32 *at = dst;

	for (i = 0; i < words; i++) {
		if (!(i % CHUNK_OPS) && engine_is_aborted(abort))
			return VGPU_ERR_CANCELED;
		at[i] = pattern;
	}
	return VGPU_ERR_NONE;
}

static void step_vecadd_u32(const struct engine_range *arg, __u64 i)
{
	((__u32 *)arg[0].at)[i] = ((__u32 *)arg[1].at)[i] + ((__u32 *)arg[2].at)[i];
}

static void step_vecadd_f32(const struct engine_range *arg, __u64 i)
{
	((float *)arg[0].at)[i] = ((float *)arg[1].at)[i] + ((float *)arg[2].at)[i];
}

static void step_saxpy_f32(const struct engine_range *arg, __u64 i)
{
	__u32 bits = arg[2].value;
	float a;

	memcpy(&a, &bits, sizeof(a));
	((float *)arg[0].at)[i] = a * ((float *)arg[1].at)[i] + ((float *)arg[0].at)[i];
}

static void step_reduce_u32(const struct engine_range *arg, __u64 i)
{
	__u32 *sum = arg[0].at;

	*sum = (i ? *sum : 0) + ((__u32 *)arg[1].at)[i];
}

static enum vgpu_error run_steps(const struct engine_range *arg, __u64 n,
				 void (*step)(const struct engine_range *arg, __u64 i),
				 const __u32 *abort)
{
	__u64 i;

	for (i = 0; i < n; i++) {
		if (!(i % CHUNK_OPS) && engine_is_aborted(abort))
			return VGPU_ERR_CANCELED;
		step(arg, i);
	}
	return VGPU_ERR_NONE;
}

static enum vgpu_error run_matmul(const struct engine_range *arg, const __u32 *abort)
{
	const float *a = arg[1].at, *b = arg[2].at;
	__u64 m = arg[3].value, n = arg[4].value, k = arg[5].value, row, col, i;
	__u64 since = 0;
	float *c = arg[0].at, sum;

	for (row = 0; row < m; row++) {
		for (col = 0; col < n; col++) {
			since += k;
			if (since >= CHUNK_OPS) {
				since = 0;
				if (engine_is_aborted(abort))
					return VGPU_ERR_CANCELED;
			}
			sum = 0;
			for (i = 0; i < k; i++)
				sum += a[row * k + i] * b[i * n + col];
			c[row * n + col] = sum;
		}
	}
	return VGPU_ERR_NONE;
}

static enum vgpu_error run_sha256(const struct engine_range *arg, const __u32 *abort)
{
	const __u8 *src = arg[1].at;
	__u64 length = arg[2].value, at, n;
	SHA2_CTX sha;

	SHA256Init(&sha);
	for (at = 0; at < length; at += n) {
		if (engine_is_aborted(abort))
			return VGPU_ERR_CANCELED;
		n = least(length - at, CHUNK_BYTES);
		SHA256Update(&sha, src + at, n);
	}
	SHA256Final(arg[0].at, &sha);
	return VGPU_ERR_NONE;
}

static enum vgpu_error reference_launch(enum vgpu_builtin kernel, const struct engine_range *arg,
					const __u32 *abort)
{
	switch (kernel) {
	case VGPU_BUILTIN_VECADD_U32:
		return run_steps(arg, arg[3].value, step_vecadd_u32, abort);
	case VGPU_BUILTIN_VECADD_F32:
		return run_steps(arg, arg[3].value, step_vecadd_f32, abort);
	case VGPU_BUILTIN_SAXPY_F32:
		return run_steps(arg, arg[3].value, step_saxpy_f32, abort);
	case VGPU_BUILTIN_MATMUL_F32:
		return run_matmul(arg, abort);
	case VGPU_BUILTIN_REDUCE_U32:
		return run_steps(arg, arg[2].value, step_reduce_u32, abort);
	case VGPU_BUILTIN_SHA256:
		return run_sha256(arg, abort);
	default:
		return VGPU_ERR_GPU;
	}
}

/* By enum vgpu_builtin; see reference_launch() */
#define REFERENCE_BUILTINS						\
	(1ULL << VGPU_BUILTIN_VECADD_U32 | 1ULL << VGPU_BUILTIN_VECADD_F32 | \
	 1ULL << VGPU_BUILTIN_SAXPY_F32 | 1ULL << VGPU_BUILTIN_MATMUL_F32 | \
	 1ULL << VGPU_BUILTIN_REDUCE_U32 | 1ULL << VGPU_BUILTIN_SHA256)

const struct engine engine_reference = {
	.name = "reference",
	.builtins = REFERENCE_BUILTINS,
	.copy = reference_copy,
	.fill = reference_fill,
	.launch = reference_launch,
};
