// SPDX-License-Identifier: GPL-2.0
/*
 * Floating-point loops of the cpu backend.  No contraction and no reordering:
 * the results are defined to the bit by enum vgpu_builtin.
 */
#include <linux/minmax.h>
#include <linux/string.h>

#include "cpu_fp.h"

/**
 * vgpu_cpu_fp_vecadd() - dst[i] = a[i] + b[i]
 * @dst: may be @a or @b
 * @a: @count elements
 * @b: @count elements
 * @count: elements
 *
 * Context: inside kernel_fpu_begin().
 */
void vgpu_cpu_fp_vecadd(void *dst, const void *a, const void *b, u32 count)
{
	const float *fa = a, *fb = b;
	float *fdst = dst;
	u32 i;

	for (i = 0; i < count; i++)
		fdst[i] = fa[i] + fb[i];
}

/**
 * vgpu_cpu_fp_saxpy() - y[i] = a * x[i] + y[i]
 * @y: may be @x
 * @x: @count elements
 * @a_bits: the bits of a
 * @count: elements
 *
 * Context: inside kernel_fpu_begin().
 */
void vgpu_cpu_fp_saxpy(void *y, const void *x, u32 a_bits, u32 count)
{
	const float *fx = x;
	float *fy = y, a;
	u32 i;

	memcpy(&a, &a_bits, sizeof(a));
	for (i = 0; i < count; i++)
		fy[i] = a * fx[i] + fy[i];
}

/**
 * vgpu_cpu_fp_matmul() - part of the sum of one element of a matrix product
 * @c: product, @n columns
 * @a: left factor, @k columns
 * @b: right factor, @n columns
 * @n: columns of @c
 * @k: products per element
 * @row: row of the element
 * @col: column of the element
 * @first: first of the products, up to VGPU_CPU_FP_MATMUL_SPAN of them; the sum
 *	goes on from what is in @c unless it is 0
 *
 * Context: inside kernel_fpu_begin().
 */
void vgpu_cpu_fp_matmul(void *c, const void *a, const void *b, u32 n, u32 k,
			u32 row, u32 col, u32 first)
{
	float *fc = (float *)c + (u64)row * n + col;
	const float *fa = (const float *)a + (u64)row * k;
	const float *fb = (const float *)b + col;
	u32 last = first + min(k - first, VGPU_CPU_FP_MATMUL_SPAN), i;
	float sum = 0;

	if (first)
		sum = *fc;
	for (i = first; i < last; i++)
		sum += fa[i] * fb[(u64)i * n];
	*fc = sum;
}
