// SPDX-License-Identifier: GPL-2.0
/*
 * Buffer objects.  As with contexts the handle holds a reference; a job holds
 * one more for each object it names, so that destroying the handle while the
 * job runs takes nothing away from under it.  The memory is charged to the vGPU
 * until the last reference is gone.
 */
#include <linux/limits.h>
#include <linux/math.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "bo.h"
#include "ctx.h"
#include "gpu.h"
#include "vgpu.h"

static void vgpu_bo_release(struct kref *ref)
{
	struct vgpu_bo *bo = container_of(ref, struct vgpu_bo, ref);
	struct vgpu_ctx *ctx = bo->ctx;
	struct vgpu *vgpu = ctx->vgpu;

	vgpu->gpu->desc.ops->bo_destroy(vgpu->gpu, bo);
	vgpu_quota_uncharge(vgpu, bo->size);
	kfree(bo);
	vgpu_ctx_put(ctx);
}

/**
 * vgpu_bo_create() - make a buffer object of zeroed device memory
 * @ctx: its context
 * @size: bytes the guest asks for; rounded up to VGPU_BO_ALIGN
 * @handle: its handle, from 1
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if @size is 0; -ENOSPC if the quota is spent; -ENOMEM.
 */
int vgpu_bo_create(struct vgpu_ctx *ctx, u64 size, u32 *handle)
{
	struct vgpu *vgpu = ctx->vgpu;
	struct vgpu_gpu *gpu = vgpu->gpu;
	struct vgpu_bo *bo;
	int ret;

	if (!size)
		return -EINVAL;
	if (check_add_overflow(size, (u64)VGPU_BO_ALIGN - 1, &size))
		return -ENOSPC;
	size = round_down(size, (u64)VGPU_BO_ALIGN);

	ret = vgpu_quota_charge(vgpu, size);
	if (ret)
		return ret;
	bo = kzalloc(sizeof(*bo), GFP_KERNEL_ACCOUNT);
	if (!bo) {
		ret = -ENOMEM;
		goto err_uncharge;
	}
	bo->ctx = ctx;
	bo->size = size;
	kref_init(&bo->ref);
	vgpu_ctx_get(ctx);

	ret = gpu->desc.ops->bo_create(gpu, bo);
	if (ret)
		goto err_put_ctx;
	/* not from 0: to erase what isn't there makes even a reserved index free */
	ret = xa_alloc(&ctx->bos, handle, bo, XA_LIMIT(1, INT_MAX),
		       GFP_KERNEL_ACCOUNT);
	if (ret)
		goto err_backend;
	return 0;

err_backend:
	gpu->desc.ops->bo_destroy(gpu, bo);
err_put_ctx:
	vgpu_ctx_put(ctx);
	kfree(bo);
err_uncharge:
	vgpu_quota_uncharge(vgpu, size);
	return ret;
}

/**
 * vgpu_bo_put() - drop a reference
 * @bo: the object
 *
 * Context: may sleep.
 */
void vgpu_bo_put(struct vgpu_bo *bo)
{
	kref_put(&bo->ref, vgpu_bo_release);
}

/**
 * vgpu_bo_find() - look a buffer object up
 * @ctx: the context
 * @handle: what the guest says is its handle
 *
 * Context: process context.
 * Return: the object with a reference for the caller, or NULL.
 */
struct vgpu_bo *vgpu_bo_find(struct vgpu_ctx *ctx, u32 handle)
{
	struct vgpu_bo *bo;

	xa_lock(&ctx->bos);
	bo = xa_load(&ctx->bos, handle);
	if (bo)
		kref_get(&bo->ref);
	xa_unlock(&ctx->bos);
	return bo;
}

/**
 * vgpu_bo_destroy() - end a handle
 * @ctx: the context
 * @handle: what the guest says is a handle
 *
 * Context: may sleep.
 * Return: 0 or -ENOENT.
 */
int vgpu_bo_destroy(struct vgpu_ctx *ctx, u32 handle)
{
	struct vgpu_bo *bo = xa_erase(&ctx->bos, handle);

	if (!bo)
		return -ENOENT;
	vgpu_bo_put(bo);
	return 0;
}

/**
 * vgpu_bo_destroy_all() - end all handles of a context
 * @ctx: the context; no longer reachable by its id
 *
 * Context: may sleep.
 */
void vgpu_bo_destroy_all(struct vgpu_ctx *ctx)
{
	unsigned long handle;
	struct vgpu_bo *bo;

	xa_for_each(&ctx->bos, handle, bo)
		vgpu_bo_destroy(ctx, handle);
}
