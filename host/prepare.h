/* SPDX-License-Identifier: GPL-2.0 */
/* From the numbers a guest gave to a job that can be run. */
#ifndef _VGPU_PREPARE_H
#define _VGPU_PREPARE_H

#include <linux/types.h>
#include <linux/vgpu_dev.h>

struct vgpu_bo_range;
struct vgpu_ctx;
struct vgpu_job;
struct vgpu_kernel;

/**
 * struct vgpu_prepare_range - bytes of a buffer object, as the guest names them
 * @handle: the object
 * @offset: first byte
 */
struct vgpu_prepare_range {
	u32 handle;
	u64 offset;
};

/**
 * struct vgpu_prepare_geometry - how many threads a launch has
 * @grid: blocks in each dimension
 * @block: threads of a block in each dimension
 * @shared: bytes that the threads of a block share, beside those of VGPU_ARG_LOCAL
 */
struct vgpu_prepare_geometry {
	u32 grid[3];
	u32 block[3];
	u32 shared;
};

enum vgpu_error vgpu_prepare_range(struct vgpu_ctx *ctx, u32 handle, u64 offset,
				   u64 length, struct vgpu_bo_range *range);
enum vgpu_error vgpu_prepare_copy(struct vgpu_ctx *ctx, struct vgpu_job *job,
				  const struct vgpu_prepare_range *dst,
				  const struct vgpu_prepare_range *src, u64 length);
enum vgpu_error vgpu_prepare_timestamp(struct vgpu_ctx *ctx, struct vgpu_job *job,
				       const struct vgpu_prepare_range *dst);
enum vgpu_error vgpu_prepare_fill(struct vgpu_ctx *ctx, struct vgpu_job *job,
				  const struct vgpu_prepare_range *dst, u64 length,
				  u32 pattern);
enum vgpu_error vgpu_prepare_launch(struct vgpu_ctx *ctx, struct vgpu_job *job,
				    u32 kernel, const void *args, u32 length);
enum vgpu_error vgpu_prepare_kernel(struct vgpu_ctx *ctx, struct vgpu_job *job,
				    struct vgpu_kernel *kernel,
				    const struct vgpu_prepare_geometry *geometry,
				    const void *args, u32 length);
void vgpu_prepare_undo(struct vgpu_job *job);

#endif /* _VGPU_PREPARE_H */
