// SPDX-License-Identifier: GPL-2.0
/*
 * Built-in kernels on the CPU.  Each is cut into units, and a step does as many
 * as take some tens of microseconds where memory is near: 64 Ki additions of whole
 * numbers.  In floating point 4 Ki: denormal numbers take some fifty times as long as others
 * (40 ns for each x86 product; a guest may have nothing else).  Between steps the engine yields
 * and looks whether it should stop.  The FPU, and so preemption, is kept for no longer than a
 * step; for products, whose columns a guest can spread over as many pages, for
 * VGPU_CPU_FP_MATMUL_SPAN.
 */
#include <crypto/hash.h>
#include <linux/fpu.h>
#include <linux/math64.h>

#include "cpu_fp.h"
#include "cpu_kernel.h"

#define VGPU_CPU_CHUNK_OPS	65536
#define VGPU_CPU_CHUNK_FP	4096

/* bytes hashed in a unit */
#define VGPU_CPU_SHA256_UNIT	4096

static u64 vgpu_cpu_vec_units(struct vgpu_cpu_run *run)
{
	return run->arg[3].value;
}

static void vgpu_cpu_vecadd_u32(struct vgpu_cpu_run *run, u64 first, u32 count)
{
	u32 *dst = (u32 *)run->buf[0] + first;
	const u32 *a = (u32 *)run->buf[1] + first;
	const u32 *b = (u32 *)run->buf[2] + first;
	u32 i;

	for (i = 0; i < count; i++)
		dst[i] = a[i] + b[i];
}

static void vgpu_cpu_vecadd_f32(struct vgpu_cpu_run *run, u64 first, u32 count)
{
	u64 at = first * sizeof(u32);

	kernel_fpu_begin();
	vgpu_cpu_fp_vecadd(run->buf[0] + at, run->buf[1] + at, run->buf[2] + at,
			   count);
	kernel_fpu_end();
}

static void vgpu_cpu_saxpy_f32(struct vgpu_cpu_run *run, u64 first, u32 count)
{
	u64 at = first * sizeof(u32);

	kernel_fpu_begin();
	vgpu_cpu_fp_saxpy(run->buf[0] + at, run->buf[1] + at, run->arg[2].value,
			  count);
	kernel_fpu_end();
}

/* spans of products that one element of a matrix product takes */
static u32 vgpu_cpu_matmul_spans(struct vgpu_cpu_run *run)
{
	return DIV_ROUND_UP_ULL(run->arg[5].value, VGPU_CPU_FP_MATMUL_SPAN);
}

static u64 vgpu_cpu_matmul_units(struct vgpu_cpu_run *run)
{
	/* all fit into a buffer object: far from overflow */
	return run->arg[3].value * run->arg[4].value * vgpu_cpu_matmul_spans(run);
}

static void vgpu_cpu_matmul_f32(struct vgpu_cpu_run *run, u64 first, u32 count)
{
	u32 n = run->arg[4].value, k = run->arg[5].value;
	u32 spans = vgpu_cpu_matmul_spans(run), span, row, col;
	u32 products = 0;
	u64 element, unit;

	kernel_fpu_begin();
	for (unit = first; unit < first + count; unit++) {
		/* a column's elements may each be in a page of its own */
		if (products >= VGPU_CPU_FP_MATMUL_SPAN) {
			kernel_fpu_end();
			kernel_fpu_begin();
			products = 0;
		}
		products += min(k, VGPU_CPU_FP_MATMUL_SPAN);
		element = div_u64_rem(unit, spans, &span);
		row = div_u64_rem(element, n, &col);
		vgpu_cpu_fp_matmul(run->buf[0], run->buf[1], run->buf[2], n, k,
				   row, col, span * VGPU_CPU_FP_MATMUL_SPAN);
	}
	kernel_fpu_end();
}

static u64 vgpu_cpu_reduce_units(struct vgpu_cpu_run *run)
{
	run->sum = 0;
	return run->arg[2].value;
}

static void vgpu_cpu_reduce_u32(struct vgpu_cpu_run *run, u64 first, u32 count)
{
	const u32 *src = (u32 *)run->buf[1] + first;
	u32 i;

	for (i = 0; i < count; i++)
		run->sum += src[i];
}

static void vgpu_cpu_reduce_finish(struct vgpu_cpu_run *run)
{
	*(u32 *)run->buf[0] = run->sum;
}

static u64 vgpu_cpu_sha256_units(struct vgpu_cpu_run *run)
{
	crypto_shash_init(run->sha256);
	return DIV_ROUND_UP_ULL(run->arg[2].value, VGPU_CPU_SHA256_UNIT);
}

static void vgpu_cpu_sha256(struct vgpu_cpu_run *run, u64 first, u32 count)
{
	u64 begin = first * VGPU_CPU_SHA256_UNIT;
	u64 end = min((first + count) * VGPU_CPU_SHA256_UNIT, run->arg[2].value);

	crypto_shash_update(run->sha256, run->buf[1] + begin, end - begin);
}

static void vgpu_cpu_sha256_finish(struct vgpu_cpu_run *run)
{
	crypto_shash_final(run->sha256, run->buf[0]);
}

/** vgpu_cpu_kernels: by enum vgpu_builtin */
const struct vgpu_cpu_kernel vgpu_cpu_kernels[VGPU_BUILTIN_COUNT] = {
	[VGPU_BUILTIN_VECADD_U32] = {
		.units = vgpu_cpu_vec_units,
		.step = vgpu_cpu_vecadd_u32,
		.chunk = VGPU_CPU_CHUNK_OPS,
	},
	[VGPU_BUILTIN_VECADD_F32] = {
		.units = vgpu_cpu_vec_units,
		.step = vgpu_cpu_vecadd_f32,
		.chunk = VGPU_CPU_CHUNK_FP,
	},
	[VGPU_BUILTIN_SAXPY_F32] = {
		.units = vgpu_cpu_vec_units,
		.step = vgpu_cpu_saxpy_f32,
		.chunk = VGPU_CPU_CHUNK_FP,
	},
	[VGPU_BUILTIN_MATMUL_F32] = {
		.units = vgpu_cpu_matmul_units,
		.step = vgpu_cpu_matmul_f32,
		.chunk = VGPU_CPU_CHUNK_FP / VGPU_CPU_FP_MATMUL_SPAN,
	},
	[VGPU_BUILTIN_REDUCE_U32] = {
		.units = vgpu_cpu_reduce_units,
		.step = vgpu_cpu_reduce_u32,
		.finish = vgpu_cpu_reduce_finish,
		.chunk = VGPU_CPU_CHUNK_OPS,
	},
	[VGPU_BUILTIN_SHA256] = {
		.units = vgpu_cpu_sha256_units,
		.step = vgpu_cpu_sha256,
		.finish = vgpu_cpu_sha256_finish,
		.chunk = VGPU_CPU_CHUNK_OPS / VGPU_CPU_SHA256_UNIT,
	},
};
