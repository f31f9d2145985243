// SPDX-License-Identifier: GPL-2.0
/*
 * Contexts.  The id holds a reference, and so does whoever uses the context for
 * a moment; destroying the id makes the context unreachable at once, and the
 * last reference frees it.
 *
 * Contexts and buffer objects are made and destroyed by control jobs, of which a
 * vGPU has one at a time (it has one mailbox), or by vgpu_stop() when no job is
 * pending.
 * So nothing is made in a context while it is being destroyed.
 */
#include <linux/export.h>
#include <linux/slab.h>

#include "bo.h"
#include "ctx.h"
#include "gpu.h"
#include "module.h"
#include "queue.h"
#include "vgpu.h"

/**
 * vgpu_handle_alloc() - give an object a handle
 * @xa: the handles there are, of XA_FLAGS_ALLOC1
 * @object: the object
 * @max: the last handle there may be.  So many objects at most can be in @xa: a handle
 *	above would be none that could have been given, and cost memory
 * @want: what the guest wants it to be; 0: any
 * @handle: its handle, from 1; changed on success only
 *
 * Context: may sleep.
 * Return: 0; -EBUSY if @want is taken; -ERANGE if it is above @max; -ENOSPC if all are
 * taken; -ENOMEM.
 */
int vgpu_handle_alloc(struct xarray *xa, void *object, u32 max, u32 want, u32 *handle)
{
	int ret;

	if (!want) {
		/* not from 0: to erase what isn't there makes even a reserved index free */
		ret = xa_alloc(xa, handle, object, XA_LIMIT(1, max), GFP_KERNEL_ACCOUNT);
		return ret == -EBUSY ? -ENOSPC : ret;
	}
	if (want > max)
		return -ERANGE;
	ret = xa_insert(xa, want, object, GFP_KERNEL_ACCOUNT);
	if (!ret)
		*handle = want;
	return ret;
}

/**
 * vgpu_ctx_create() - make a context
 * @vgpu: its vGPU
 * @id: its number, from 1
 *
 * Context: may sleep.
 * Return: 0; -ENOSPC if the vGPU has VGPU_MAX_CTXS; -ENOMEM.
 */
int vgpu_ctx_create(struct vgpu *vgpu, u32 *id)
{
	const struct vgpu_backend_ops *ops = vgpu->gpu->desc.ops;
	struct vgpu_ctx *ctx;
	int ret;

	ctx = kzalloc(sizeof(*ctx), GFP_KERNEL_ACCOUNT);
	if (!ctx)
		return -ENOMEM;
	ctx->vgpu = vgpu;
	kref_init(&ctx->ref);
	xa_init_flags(&ctx->bos, XA_FLAGS_ALLOC1);
	xa_init_flags(&ctx->modules, XA_FLAGS_ALLOC1);
	xa_init_flags(&ctx->kernels, XA_FLAGS_ALLOC1);
	vgpu_arb_group_init(&ctx->group);

	if (ops->ctx_create) {
		ret = ops->ctx_create(vgpu->gpu, ctx);
		if (ret)
			goto err_free;
	}

	ret = vgpu_handle_alloc(&vgpu->ctxs, ctx, VGPU_MAX_CTXS, 0, &ctx->id);
	if (ret)
		goto err_backend;
	*id = ctx->id;
	return 0;

err_backend:
	if (ops->ctx_destroy)
		ops->ctx_destroy(vgpu->gpu, ctx);
err_free:
	xa_destroy(&ctx->bos);
	xa_destroy(&ctx->modules);
	xa_destroy(&ctx->kernels);
	kfree(ctx);
	return ret;
}

static void vgpu_ctx_release(struct kref *ref)
{
	struct vgpu_ctx *ctx = container_of(ref, struct vgpu_ctx, ref);
	const struct vgpu_backend_ops *ops = ctx->vgpu->gpu->desc.ops;
	struct vgpu_arb *arb = ctx->vgpu->entity.arb;

	spin_lock(&arb->lock);
	vgpu_stats_forget(&ctx->stats, &arb->last);
	spin_unlock(&arb->lock);
	if (ops->ctx_destroy)
		ops->ctx_destroy(ctx->vgpu->gpu, ctx);
	xa_destroy(&ctx->bos);
	xa_destroy(&ctx->modules);
	xa_destroy(&ctx->kernels);
	kfree(ctx);
}

/**
 * vgpu_ctx_get() - take a reference
 * @ctx: a context to which the caller has one
 *
 * Context: any.
 */
void vgpu_ctx_get(struct vgpu_ctx *ctx)
{
	kref_get(&ctx->ref);
}

/**
 * vgpu_ctx_put() - drop a reference
 * @ctx: the context
 *
 * Context: may sleep.
 */
void vgpu_ctx_put(struct vgpu_ctx *ctx)
{
	kref_put(&ctx->ref, vgpu_ctx_release);
}

/**
 * vgpu_ctx_lose() - a context has lost what it had on the GPU
 * @ctx: a context for which &vgpu_backend_ops.ctx_destroy has not returned, nor will before this
 *	has
 *
 * Its jobs that wait end with VGPU_ERR_BACKEND_LOST; those that the guest submits from now on
 * are refused so.
 *
 * Context: may sleep; not from &vgpu_backend_ops.submit, abort or abort_job.
 */
void vgpu_ctx_lose(struct vgpu_ctx *ctx)
{
	u32 id;

	vgpu_gpu_lose(ctx->vgpu->gpu, &ctx->vgpu->entity, &ctx->group);
	/* one that is quiet is looked at when jobs of its vGPU go on, and these may not soon */
	for (id = 0; id < VGPU_MAX_QUEUES; id++)
		vgpu_queue_look_later(ctx->vgpu, id);
}
EXPORT_SYMBOL_GPL(vgpu_ctx_lose);

/**
 * vgpu_ctx_find() - look a context up
 * @vgpu: the vGPU
 * @id: what the guest says is its number
 *
 * Context: process context.
 * Return: the context with a reference for the caller, or NULL.
 */
struct vgpu_ctx *vgpu_ctx_find(struct vgpu *vgpu, u32 id)
{
	struct vgpu_ctx *ctx;

	xa_lock(&vgpu->ctxs);
	ctx = xa_load(&vgpu->ctxs, id);
	if (ctx)
		kref_get(&ctx->ref);
	xa_unlock(&vgpu->ctxs);
	return ctx;
}

/**
 * vgpu_ctx_next() - look contexts up, one after the other
 * @vgpu: the vGPU
 * @id: the smallest number to be looked at; then that of what was found
 *
 * Context: process context.
 * Return: the context with a reference for the caller, or NULL if there is none.
 */
struct vgpu_ctx *vgpu_ctx_next(struct vgpu *vgpu, unsigned long *id)
{
	struct vgpu_ctx *ctx;

	xa_lock(&vgpu->ctxs);
	ctx = xa_find(&vgpu->ctxs, id, ULONG_MAX, XA_PRESENT);
	if (ctx)
		kref_get(&ctx->ref);
	xa_unlock(&vgpu->ctxs);
	return ctx;
}

/**
 * vgpu_ctx_destroy() - end a context and all that it has
 * @vgpu: the vGPU
 * @id: what the guest says is its number
 *
 * Context: may sleep.
 * Return: 0 or -ENOENT.
 */
int vgpu_ctx_destroy(struct vgpu *vgpu, u32 id)
{
	struct vgpu_ctx *ctx = xa_erase(&vgpu->ctxs, id);

	if (!ctx)
		return -ENOENT;
	vgpu_queue_destroy_all(ctx);
	vgpu_module_unload_all(ctx);
	vgpu_bo_destroy_all(ctx);
	vgpu_ctx_put(ctx);
	return 0;
}

/**
 * vgpu_ctx_destroy_all() - end all contexts of a vGPU
 * @vgpu: the vGPU; drained
 *
 * Context: may sleep.
 */
void vgpu_ctx_destroy_all(struct vgpu *vgpu)
{
	struct vgpu_ctx *ctx;
	unsigned long id;

	xa_for_each(&vgpu->ctxs, id, ctx)
		vgpu_ctx_destroy(vgpu, id);
}
