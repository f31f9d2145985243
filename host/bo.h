/* SPDX-License-Identifier: GPL-2.0 */
/* Buffer objects: memory with a handle. */
#ifndef _VGPU_BO_H
#define _VGPU_BO_H

#include <linux/kref.h>
#include <linux/types.h>

struct vgpu_ctx;

/**
 * struct vgpu_bo - device memory of one context
 * @ctx: the context; the object holds a reference
 * @ref: one for the handle, one for each job that names it
 * @size: bytes, a multiple of VGPU_BO_ALIGN
 * @priv: the backend's own
 */
struct vgpu_bo {
	struct vgpu_ctx *ctx;
	struct kref ref;
	u64 size;
	void *priv;
};

int vgpu_bo_create(struct vgpu_ctx *ctx, u64 size, u32 *handle);
int vgpu_bo_destroy(struct vgpu_ctx *ctx, u32 handle);
void vgpu_bo_destroy_all(struct vgpu_ctx *ctx);
struct vgpu_bo *vgpu_bo_find(struct vgpu_ctx *ctx, u32 handle);
void vgpu_bo_put(struct vgpu_bo *bo);

#endif /* _VGPU_BO_H */
