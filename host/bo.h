/* SPDX-License-Identifier: GPL-2.0 */
/* Buffer objects: memory with a handle. */
#ifndef _VGPU_BO_H
#define _VGPU_BO_H

#include <linux/kref.h>
#include <linux/llist.h>
#include <linux/types.h>

#include "dma.h"

struct vgpu;
struct vgpu_ctx;

/**
 * struct vgpu_bo - memory of one context
 * @ctx: the context; the object holds a reference
 * @ref: one for the handle, one for each job that names it
 * @unused: in &vgpu.unused, once nothing holds it
 * @size: bytes, a multiple of VGPU_BO_ALIGN
 * @dma: the guest memory it is made of; NULL if it is device memory
 * @priv: the backend's own
 */
struct vgpu_bo {
	struct vgpu_ctx *ctx;
	struct kref ref;
	struct llist_node unused;
	u64 size;
	struct vgpu_dma *dma;
	void *priv;
};

int vgpu_bo_create(struct vgpu_ctx *ctx, u64 size, u32 want, u32 *handle);
int vgpu_bo_create_system(struct vgpu_ctx *ctx, u64 size, vgpu_iova_t list, u32 want,
			  u32 *handle);
bool vgpu_bo_is_lost(const struct vgpu_bo *bo);
void vgpu_bo_unmap(struct vgpu_bo *bo);
void *vgpu_bo_vaddr(const struct vgpu_bo *bo);
int vgpu_bo_destroy(struct vgpu_ctx *ctx, u32 handle);
void vgpu_bo_destroy_all(struct vgpu_ctx *ctx);
struct vgpu_bo *vgpu_bo_find(struct vgpu_ctx *ctx, u32 handle);
void vgpu_bo_put(struct vgpu_bo *bo);
void vgpu_bo_put_async(struct vgpu_bo *bo);
void vgpu_bo_init_unused(struct vgpu *vgpu);
void vgpu_bo_flush_unused(struct vgpu *vgpu);

#endif /* _VGPU_BO_H */
