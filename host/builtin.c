// SPDX-License-Identifier: GPL-2.0
/*
 * What enum vgpu_builtin says in words, as a table: how many arguments, which
 * of them are buffers, and how many bytes of each buffer the kernel touches.  A
 * backend gets a launch only after this, and need not check again.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/nospec.h>
#include <linux/overflow.h>
#include <linux/string.h>

#include "bo.h"
#include "builtin.h"
#include "job.h"

/**
 * struct vgpu_builtin_sig - signature of a kernel
 * @name: its name
 * @nargs: arguments; 0: no such kernel
 * @nbufs: how many of them, from the first, are buffers.  The first is written
 * @in_place: the output may be the same bytes as an input
 * @extent: fill in &vgpu_bo_range.length of each buffer from the values
 */
struct vgpu_builtin_sig {
	const char *name;
	u32 nargs;
	u32 nbufs;
	bool in_place;
	bool (*extent)(struct vgpu_job_arg *arg);
};

/* bytes of a x b elements of 4 bytes; false if 0 or more than there can be */
static bool vgpu_builtin_bytes(u64 a, u64 b, u64 *bytes)
{
	return a && b && a <= U32_MAX && b <= U32_MAX &&
	       !check_mul_overflow(a * b, (u64)sizeof(u32), bytes);
}

/* every buffer holds n elements, where n is the last argument */
static bool vgpu_builtin_extent_vec2(struct vgpu_job_arg *arg)
{
	return vgpu_builtin_bytes(arg[3].value, 1, &arg[0].range.length) &&
	       vgpu_builtin_bytes(arg[3].value, 1, &arg[1].range.length);
}

static bool vgpu_builtin_extent_vec3(struct vgpu_job_arg *arg)
{
	return vgpu_builtin_extent_vec2(arg) &&
	       vgpu_builtin_bytes(arg[3].value, 1, &arg[2].range.length);
}

static bool vgpu_builtin_extent_saxpy(struct vgpu_job_arg *arg)
{
	return arg[2].value <= U32_MAX && vgpu_builtin_extent_vec2(arg);
}

static bool vgpu_builtin_extent_matmul(struct vgpu_job_arg *arg)
{
	u64 m = arg[3].value, n = arg[4].value, k = arg[5].value;

	return vgpu_builtin_bytes(m, n, &arg[0].range.length) &&
	       vgpu_builtin_bytes(m, k, &arg[1].range.length) &&
	       vgpu_builtin_bytes(k, n, &arg[2].range.length);
}

static bool vgpu_builtin_extent_reduce(struct vgpu_job_arg *arg)
{
	arg[0].range.length = sizeof(u32);
	return vgpu_builtin_bytes(arg[2].value, 1, &arg[1].range.length);
}

static bool vgpu_builtin_extent_sha256(struct vgpu_job_arg *arg)
{
	arg[0].range.length = 32;
	arg[1].range.length = arg[2].value;
	return true;
}

static const struct vgpu_builtin_sig vgpu_builtins[VGPU_BUILTIN_COUNT] = {
	[VGPU_BUILTIN_VECADD_U32] = { "vecadd_u32", 4, 3, true, vgpu_builtin_extent_vec3 },
	[VGPU_BUILTIN_VECADD_F32] = { "vecadd_f32", 4, 3, true, vgpu_builtin_extent_vec3 },
	[VGPU_BUILTIN_SAXPY_F32] = { "saxpy_f32", 4, 2, true, vgpu_builtin_extent_saxpy },
	[VGPU_BUILTIN_MATMUL_F32] = { "matmul_f32", 6, 3, false, vgpu_builtin_extent_matmul },
	[VGPU_BUILTIN_REDUCE_U32] = { "reduce_u32", 3, 2, false, vgpu_builtin_extent_reduce },
	[VGPU_BUILTIN_SHA256] = { "sha256", 3, 2, true, vgpu_builtin_extent_sha256 },
};

/**
 * vgpu_builtin_find() - look a kernel up by its name
 * @name: the name, without NUL
 * @length: bytes of @name
 *
 * Context: any.
 * Return: enum vgpu_builtin; 0, which is none, if there is no such kernel.
 */
u32 vgpu_builtin_find(const void *name, u32 length)
{
	u32 i;

	for (i = 1; i < VGPU_BUILTIN_COUNT; i++) {
		if (length == strlen(vgpu_builtins[i].name) &&
		    !memcmp(name, vgpu_builtins[i].name, length))
			return i;
	}
	return 0;
}

/**
 * vgpu_builtin_nargs() - how many arguments a kernel takes
 * @kernel: what the guest says is an enum vgpu_builtin
 * @nargs: at most VGPU_MAX_ARGS, on success
 *
 * Context: any.
 * Return: VGPU_ERR_NONE or VGPU_ERR_UNSUPPORTED_OP.
 */
enum vgpu_error vgpu_builtin_nargs(u32 kernel, u32 *nargs)
{
	if (kernel >= VGPU_BUILTIN_COUNT)
		return VGPU_ERR_UNSUPPORTED_OP;
	*nargs = vgpu_builtins[array_index_nospec(kernel, VGPU_BUILTIN_COUNT)].nargs;
	return *nargs ? VGPU_ERR_NONE : VGPU_ERR_UNSUPPORTED_OP;
}

/**
 * vgpu_builtin_arg_is_bo() - is an argument a buffer?
 * @kernel: a kernel that vgpu_builtin_nargs() knows
 * @arg: number of the argument, from 0
 *
 * Context: any.
 * Return: true for a buffer, false for a value.
 */
bool vgpu_builtin_arg_is_bo(u32 kernel, u32 arg)
{
	return arg < vgpu_builtins[kernel].nbufs;
}

static bool vgpu_builtin_overlap(const struct vgpu_bo_range *a,
				 const struct vgpu_bo_range *b)
{
	return a->bo == b->bo && a->length && b->length &&
	       a->offset < b->offset + b->length &&
	       b->offset < a->offset + a->length;
}

/**
 * vgpu_builtin_check() - check a launch against the kernel's signature
 * @kernel: a kernel that vgpu_builtin_nargs() knows
 * @arg: its arguments.  For buffers, &vgpu_bo_range.bo and &vgpu_bo_range.offset
 *	are set; &vgpu_bo_range.length is filled in with what the kernel touches
 *
 * Context: any.
 * Return: VGPU_ERR_NONE; VGPU_ERR_INVALID_REQUEST if a count is 0 or too large,
 * an offset is no multiple of 4, or the output overlaps an input where it must
 * not; VGPU_ERR_OUT_OF_RANGE if the kernel would leave a buffer.
 */
enum vgpu_error vgpu_builtin_check(u32 kernel, struct vgpu_job_arg *arg)
{
	const struct vgpu_builtin_sig *sig = &vgpu_builtins[kernel];
	const struct vgpu_bo_range *out = &arg[0].range;
	u32 i;

	if (!sig->extent(arg))
		return VGPU_ERR_INVALID_REQUEST;

	for (i = 0; i < sig->nbufs; i++) {
		const struct vgpu_bo_range *in = &arg[i].range;

		if (!IS_ALIGNED(in->offset, sizeof(u32)))
			return VGPU_ERR_INVALID_REQUEST;
		/* no overflow: neither term exceeds the size */
		if (in->offset > in->bo->size ||
		    in->length > in->bo->size - in->offset)
			return VGPU_ERR_OUT_OF_RANGE;
	}
	for (i = 1; i < sig->nbufs; i++) {
		const struct vgpu_bo_range *in = &arg[i].range;

		if (vgpu_builtin_overlap(out, in) &&
		    !(sig->in_place && out->offset == in->offset))
			return VGPU_ERR_INVALID_REQUEST;
	}
	return VGPU_ERR_NONE;
}
