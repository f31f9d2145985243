/* SPDX-License-Identifier: GPL-2.0 */
/* Contexts: isolated sets of handles inside a vGPU. */
#ifndef _VGPU_CTX_H
#define _VGPU_CTX_H

#include <linux/kref.h>
#include <linux/types.h>
#include <linux/xarray.h>

#include "arb.h"
#include "stats.h"

struct vgpu;

/**
 * struct vgpu_ctx - a context
 * @vgpu: the vGPU it belongs to
 * @id: its number in @vgpu
 * @ref: one for the id, one for each buffer object and queue, one for each user
 * @bos: buffer objects by handle.  Its lock also protects the references in it
 * @modules: modules by handle
 * @kernels: kernels by handle.  Its lock also protects what is in them
 * @group: its place in the arbiter; its jobs end before it
 * @priv: the backend's own
 * @stats: what became of its jobs
 * @memory: device memory that its buffer objects use
 */
struct vgpu_ctx {
	struct vgpu *vgpu;
	u32 id;
	struct kref ref;
	struct xarray bos;
	struct xarray modules;
	struct xarray kernels;
	struct vgpu_arb_group group;
	void *priv;
	struct vgpu_stats stats;
	struct vgpu_stats_memory memory;
};

int vgpu_handle_alloc(struct xarray *xa, void *object, u32 max, u32 want, u32 *handle);

int vgpu_ctx_create(struct vgpu *vgpu, u32 *id);
int vgpu_ctx_destroy(struct vgpu *vgpu, u32 id);
void vgpu_ctx_destroy_all(struct vgpu *vgpu);
struct vgpu_ctx *vgpu_ctx_find(struct vgpu *vgpu, u32 id);
struct vgpu_ctx *vgpu_ctx_next(struct vgpu *vgpu, unsigned long *id);
void vgpu_ctx_get(struct vgpu_ctx *ctx);
void vgpu_ctx_put(struct vgpu_ctx *ctx);

#endif /* _VGPU_CTX_H */
