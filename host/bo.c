// SPDX-License-Identifier: GPL-2.0
/*
 * Buffer objects, of device memory or of guest memory.  As with contexts the handle
 * holds a reference; a job holds one more for each object it names, so that
 * destroying the handle while the job runs takes nothing away from under it.  Device
 * memory is charged to the vGPU until the last reference is gone, guest memory is
 * pinned as long.
 *
 * To free much memory takes a while.  Whoever ends a handle waits for that, but not the
 * engine, if a job was the last to hold the object: a work item of the vGPU does it.
 */
#include <linux/err.h>
#include <linux/export.h>
#include <linux/math.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "bo.h"
#include "ctx.h"
#include "gpu.h"
#include "vgpu.h"

static void vgpu_bo_free(struct vgpu_bo *bo)
{
	struct vgpu_ctx *ctx = bo->ctx;
	struct vgpu *vgpu = ctx->vgpu;

	if (bo->dma) {
		vgpu_dma_destroy(bo->dma);
		vgpu_quota_uncharge(ctx, 0);
	} else {
		vgpu->gpu->desc.ops->bo_destroy(vgpu->gpu, bo);
		vgpu_quota_uncharge(ctx, bo->size);
	}
	kfree(bo);
	vgpu_ctx_put(ctx);
}

static void vgpu_bo_release(struct kref *ref)
{
	vgpu_bo_free(container_of(ref, struct vgpu_bo, ref));
}

static void vgpu_bo_release_async(struct kref *ref)
{
	struct vgpu_bo *bo = container_of(ref, struct vgpu_bo, ref);
	struct vgpu *vgpu = bo->ctx->vgpu;

	if (llist_add(&bo->unused, &vgpu->unused.bos))
		queue_work(vgpu->gpu->leaf_wq, &vgpu->unused.work);
}

static void vgpu_bo_unused_work(struct work_struct *work)
{
	struct vgpu *vgpu = container_of(work, struct vgpu, unused.work);
	struct vgpu_bo *bo, *next;

	llist_for_each_entry_safe(bo, next, llist_del_all(&vgpu->unused.bos), unused)
		vgpu_bo_free(bo);
}

/**
 * vgpu_bo_init_unused() - no objects that are no longer used
 * @vgpu: the vGPU
 *
 * Context: any.
 */
void vgpu_bo_init_unused(struct vgpu *vgpu)
{
	init_llist_head(&vgpu->unused.bos);
	INIT_WORK(&vgpu->unused.work, vgpu_bo_unused_work);
}

/**
 * vgpu_bo_flush_unused() - see that what nothing holds any more is free
 * @vgpu: the vGPU
 *
 * Context: may sleep; holds no lock that &vgpu_backend_ops.bo_destroy takes.
 */
void vgpu_bo_flush_unused(struct vgpu *vgpu)
{
	flush_work(&vgpu->unused.work);
}

static int vgpu_bo_charge(struct vgpu_ctx *ctx, u64 size)
{
	int ret = vgpu_quota_charge(ctx, size);

	if (!ret)
		return 0;
	/* a guest may count on what its completed jobs held */
	vgpu_bo_flush_unused(ctx->vgpu);
	return vgpu_quota_charge(ctx, size);
}

static struct vgpu_bo *vgpu_bo_alloc(struct vgpu_ctx *ctx, u64 size)
{
	struct vgpu_bo *bo = kzalloc(sizeof(*bo), GFP_KERNEL_ACCOUNT);

	if (!bo)
		return NULL;
	bo->ctx = ctx;
	bo->size = size;
	kref_init(&bo->ref);
	vgpu_ctx_get(ctx);
	return bo;
}

/**
 * vgpu_bo_create() - make a buffer object of zeroed device memory
 * @ctx: its context
 * @size: bytes the guest asks for; rounded up to VGPU_BO_ALIGN
 * @want: the handle it is to have; 0: any
 * @handle: its handle, from 1
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if @size is 0; -ENOSPC if the quota is spent; -ENOMEM; or as
 * vgpu_handle_alloc().
 */
int vgpu_bo_create(struct vgpu_ctx *ctx, u64 size, u32 want, u32 *handle)
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

	ret = vgpu_bo_charge(ctx, size);
	if (ret)
		return ret;
	bo = vgpu_bo_alloc(ctx, size);
	if (!bo) {
		vgpu_quota_uncharge(ctx, size);
		return -ENOMEM;
	}
	ret = gpu->desc.ops->bo_create(gpu, bo);
	if (ret)
		goto err_free;
	ret = vgpu_handle_alloc(&ctx->bos, bo, VGPU_MAX_BOS, want, handle);
	if (ret)
		goto err_backend;
	return 0;

err_backend:
	gpu->desc.ops->bo_destroy(gpu, bo);
err_free:
	vgpu_quota_uncharge(ctx, size);
	kfree(bo);
	vgpu_ctx_put(ctx);
	return ret;
}

/* Tell the backend of guest memory. */
static int vgpu_bo_map(struct vgpu_bo *bo)
{
	struct vgpu_gpu *gpu = bo->ctx->vgpu->gpu;
	int ret;

	if (!gpu->desc.ops->bo_map)
		return 0;
	ret = gpu->desc.ops->bo_map(gpu, bo);
	if (!ret)
		bo->dma->bo = bo;
	return ret;
}

/**
 * vgpu_bo_unmap() - see that the backend can't reach guest memory any more
 * @bo: the object, of which the backend has been told
 *
 * Context: may sleep; as &vgpu_backend_ops.bo_unmap.
 */
void vgpu_bo_unmap(struct vgpu_bo *bo)
{
	struct vgpu_gpu *gpu = bo->ctx->vgpu->gpu;

	gpu->desc.ops->bo_unmap(gpu, bo);
}

/**
 * vgpu_bo_create_system() - make a buffer object of guest memory
 * @ctx: its context
 * @size: bytes, a multiple of VGPU_BO_ALIGN
 * @list: where its first &struct vgpu_dev_page_list is
 * @want: the handle it is to have; 0: any
 * @handle: its handle, from 1
 *
 * Context: may sleep.
 * Return: 0; -ENOSPC if the vGPU has VGPU_MAX_BOS; or as vgpu_dma_create() and
 * vgpu_handle_alloc().
 */
int vgpu_bo_create_system(struct vgpu_ctx *ctx, u64 size, vgpu_iova_t list, u32 want,
			  u32 *handle)
{
	struct vgpu *vgpu = ctx->vgpu;
	struct vgpu_bo *bo;
	int ret;

	/* it is not device memory, but it is one of the objects a vGPU may have */
	ret = vgpu_bo_charge(ctx, 0);
	if (ret)
		return ret;
	bo = vgpu_bo_alloc(ctx, size);
	if (!bo) {
		vgpu_quota_uncharge(ctx, 0);
		return -ENOMEM;
	}
	bo->dma = vgpu_dma_create(vgpu, list, size);
	if (IS_ERR(bo->dma)) {
		ret = PTR_ERR(bo->dma);
		goto err_free;
	}
	ret = vgpu_bo_map(bo);
	if (ret)
		goto err_dma;
	ret = vgpu_handle_alloc(&ctx->bos, bo, VGPU_MAX_BOS, want, handle);
	if (ret)
		goto err_dma;
	return 0;

err_dma:
	vgpu_dma_destroy(bo->dma);
err_free:
	vgpu_quota_uncharge(ctx, 0);
	kfree(bo);
	vgpu_ctx_put(ctx);
	return ret;
}

/**
 * vgpu_bo_is_lost() - has the guest memory of an object been taken away?
 * @bo: the object
 *
 * Context: process context; nobody takes it away meanwhile: the caller holds
 * &vgpu.reset_lock, or &vgpu_queue.lock of a queue that is not paused.
 * Return: true if a job must not touch it.
 */
bool vgpu_bo_is_lost(const struct vgpu_bo *bo)
{
	return bo->dma && !bo->dma->vaddr;
}

/**
 * vgpu_bo_vaddr() - where the host finds the bytes of an object of guest memory
 * @bo: the object; named by a job, so not lost
 *
 * The guest changes these bytes at any time.
 *
 * Context: any.
 * Return: a kernel address; NULL if the object is device memory.
 */
void *vgpu_bo_vaddr(const struct vgpu_bo *bo)
{
	return bo->dma ? bo->dma->vaddr : NULL;
}
EXPORT_SYMBOL_GPL(vgpu_bo_vaddr);

/**
 * vgpu_bo_put() - drop a reference
 * @bo: the object, or NULL
 *
 * Context: may sleep.
 */
void vgpu_bo_put(struct vgpu_bo *bo)
{
	if (bo)
		kref_put(&bo->ref, vgpu_bo_release);
}

/**
 * vgpu_bo_put_async() - drop a reference, and don't wait if it was the last
 * @bo: the object, or NULL
 *
 * Context: any.
 */
void vgpu_bo_put_async(struct vgpu_bo *bo)
{
	if (bo)
		kref_put(&bo->ref, vgpu_bo_release_async);
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
 * Guest memory is the guest's again when this has succeeded, so nothing else may
 * hold it then.
 *
 * Context: may sleep.
 * Return: 0; -ENOENT; -EBUSY if a queue or a job uses guest memory.
 */
int vgpu_bo_destroy(struct vgpu_ctx *ctx, u32 handle)
{
	struct vgpu_bo *bo;
	int ret = 0;

	/* who takes a reference takes it under this lock */
	xa_lock(&ctx->bos);
	bo = xa_load(&ctx->bos, handle);
	if (!bo)
		ret = -ENOENT;
	else if (bo->dma && kref_read(&bo->ref) > 1)
		ret = -EBUSY;
	else
		__xa_erase(&ctx->bos, handle);
	xa_unlock(&ctx->bos);
	if (!ret)
		vgpu_bo_put(bo);
	return ret;
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

	xa_for_each(&ctx->bos, handle, bo) {
		xa_erase(&ctx->bos, handle);
		vgpu_bo_put(bo);
	}
}
