// SPDX-License-Identifier: GPL-2.0
/*
 * The built-in kernels, computed here: what the device must give, to the bit.
 *
 * The device ABI fixes each rounding.  So this file has to be compiled without
 * fused multiply-add and without excess precision (-ffp-contract=off, SSE).
 */
#include <sha2.h>
#include <string.h>

#include "run-kernels.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

static int launch_vecadd_u32(struct vgpu *dev, struct vgpu_buf out,
			     const struct vgpu_buf *in, __u64 n, float a)
{
	(void)a;
	return vgpu_vecadd_u32(dev, out, in[0], in[1], n);
}

static void reference_vecadd_u32(void *out, void * const *in, __u64 n, float a)
{
	const __u32 *x = in[0];
	const __u32 *y = in[1];
	__u32 *sum = out;
	__u64 i;

	(void)a;
	for (i = 0; i < n; i++)
		sum[i] = x[i] + y[i];
}

static int launch_vecadd_f32(struct vgpu *dev, struct vgpu_buf out,
			     const struct vgpu_buf *in, __u64 n, float a)
{
	(void)a;
	return vgpu_vecadd_f32(dev, out, in[0], in[1], n);
}

static void reference_vecadd_f32(void *out, void * const *in, __u64 n, float a)
{
	const float *x = in[0];
	const float *y = in[1];
	float *sum = out;
	__u64 i;

	(void)a;
	for (i = 0; i < n; i++)
		sum[i] = x[i] + y[i];
}

static int launch_saxpy_f32(struct vgpu *dev, struct vgpu_buf out,
			    const struct vgpu_buf *in, __u64 n, float a)
{
	return vgpu_saxpy_f32(dev, out, in[0], a, n);
}

static void reference_saxpy_f32(void *out, void * const *in, __u64 n, float a)
{
	const float *x = in[0];
	float *y = out;
	float product;
	__u64 i;

	for (i = 0; i < n; i++) {
		product = a * x[i];
		y[i] = product + y[i];
	}
}

static int launch_matmul_f32(struct vgpu *dev, struct vgpu_buf out,
			     const struct vgpu_buf *in, __u64 n, float a)
{
	(void)a;
	return vgpu_matmul_f32(dev, out, in[0], in[1], n, n, n);
}

static void reference_matmul_f32(void *out, void * const *in, __u64 n, float a)
{
	const float *x = in[0];
	const float *y = in[1];
	float *c = out;
	float product, sum;
	__u64 i, j, k;

	(void)a;
	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++) {
			sum = 0;
			for (k = 0; k < n; k++) {
				product = x[i * n + k] * y[k * n + j];
				sum = sum + product;
			}
			c[i * n + j] = sum;
		}
	}
}

static int launch_reduce_u32(struct vgpu *dev, struct vgpu_buf out,
			     const struct vgpu_buf *in, __u64 n, float a)
{
	(void)a;
	return vgpu_reduce_u32(dev, out, in[0], n);
}

static void reference_reduce_u32(void *out, void * const *in, __u64 n, float a)
{
	const __u32 *x = in[0];
	__u32 *sum = out;
	__u64 i;

	(void)a;
	*sum = 0;
	for (i = 0; i < n; i++)
		*sum += x[i];
}

static int launch_sha256(struct vgpu *dev, struct vgpu_buf out,
			 const struct vgpu_buf *in, __u64 n, float a)
{
	(void)a;
	return vgpu_sha256(dev, out, in[0], n);
}

static void reference_sha256(void *out, void * const *in, __u64 n, float a)
{
	SHA2_CTX ctx;

	(void)a;
	SHA256Init(&ctx);
	SHA256Update(&ctx, in[0], n);
	SHA256Final(out, &ctx);
}

static const struct run_kernel kernels[] = {
	{
		.name = "vecadd-u32",
		.unit = "elements",
		.inputs = 2,
		.default_n = 4096,
		.element = 4,
		.launch = launch_vecadd_u32,
		.reference = reference_vecadd_u32,
	}, {
		.name = "vecadd-f32",
		.unit = "elements",
		.inputs = 2,
		.default_n = 4096,
		.is_float = true,
		.element = 4,
		.launch = launch_vecadd_f32,
		.reference = reference_vecadd_f32,
	}, {
		.name = "saxpy-f32",
		.unit = "elements",
		.inputs = 1,
		.default_n = 4096,
		.in_place = true,
		.is_float = true,
		.element = 4,
		.launch = launch_saxpy_f32,
		.reference = reference_saxpy_f32,
	}, {
		.name = "matmul-f32",
		.unit = "rows and columns",
		.inputs = 2,
		.default_n = 32,
		.is_float = true,
		.element = 4,
		.square = true,
		.launch = launch_matmul_f32,
		.reference = reference_matmul_f32,
	}, {
		.name = "reduce-u32",
		.unit = "elements",
		.inputs = 1,
		.default_n = 4096,
		.element = 4,
		.out_bytes = 4,
		.launch = launch_reduce_u32,
		.reference = reference_reduce_u32,
	}, {
		.name = "sha256",
		.unit = "bytes",
		.inputs = 1,
		.default_n = 4096,
		.element = 1,
		.out_bytes = SHA256_DIGEST_LENGTH,
		.launch = launch_sha256,
		.reference = reference_sha256,
	},
};

/**
 * run_kernel_find() - look up a kernel
 * @name: such as "vecadd-u32"
 *
 * Return: the kernel, or NULL.
 */
const struct run_kernel *run_kernel_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kernels); i++) {
		if (!strcmp(kernels[i].name, name))
			return &kernels[i];
	}
	return NULL;
}
