/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Floating-point loops of the cpu backend.  The only translation unit compiled
 * with floating point; to be called between kernel_fpu_begin() and _end().
 * Elements are float behind void, so that no other unit sees the type.
 */
#ifndef _VGPU_CPU_FP_H
#define _VGPU_CPU_FP_H

#include <linux/types.h>

/* Products of one element of a matrix that are summed in one go */
#define VGPU_CPU_FP_MATMUL_SPAN	1024

void vgpu_cpu_fp_vecadd(void *dst, const void *a, const void *b, u32 count);
void vgpu_cpu_fp_saxpy(void *y, const void *x, u32 a_bits, u32 count);
void vgpu_cpu_fp_matmul(void *c, const void *a, const void *b, u32 n, u32 k,
			u32 row, u32 col, u32 first);

#endif /* _VGPU_CPU_FP_H */
