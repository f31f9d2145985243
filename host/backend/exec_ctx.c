// SPDX-License-Identifier: GPL-2.0
/*
 * Contexts, and the channel that those of a vGPU share: the first one makes it, and the last one
 * ends it.
 *
 * A context whose worker has died is lost: no job of it runs any more.  If it is the executor
 * that has gone, only contexts are lost that have something in device memory; the others' jobs
 * wait in the arbiter until there is the next.
 */
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/slab.h>

#include "ctx.h"
#include "exec.h"
#include "vgpu.h"

/* For a worker whose channel has ended to be gone, when there is to be another */
#define VGPU_EXEC_END_JIFFIES	(30 * HZ)

static struct vgpu_exec_channel *vgpu_exec_find_locked(struct vgpu_exec_gpu *gpu, u32 vm_id)
{
	struct vgpu_exec_channel *channel;

	lockdep_assert_held(&gpu->lock);

	list_for_each_entry(channel, &gpu->channels, node) {
		if (channel->vm_id == vm_id)
			return channel;
	}
	return NULL;
}

/**
 * vgpu_exec_channel_find() - the channel of a vGPU
 * @gpu: the GPU
 * @vm_id: the vGPU
 *
 * Context: may sleep; takes &vgpu_exec_gpu.lock.
 * Return: the channel, with a reference; or NULL.
 */
struct vgpu_exec_channel *vgpu_exec_channel_find(struct vgpu_exec_gpu *gpu, u32 vm_id)
{
	struct vgpu_exec_channel *channel;

	mutex_lock(&gpu->lock);
	channel = vgpu_exec_find_locked(gpu, vm_id);
	if (channel)
		vgpu_exec_channel_get(channel);
	mutex_unlock(&gpu->lock);
	return channel;
}

/*
 * One whose contexts are all gone, but not its worker.  That of an executor that is gone, too,
 * is nobody's any more, and nobody waits for it.
 */
static bool vgpu_exec_is_left_behind_locked(const struct vgpu_exec_gpu *gpu,
					    const struct vgpu_exec_channel *channel)
{
	return vgpu_exec_channel_is_dead(channel) && !channel->orphan &&
	       channel->generation != gpu->generation;
}

/*
 * The channel for a new context.  Return 0, and the context has a reference; -ENODEV if nobody
 * drives the GPU; -EAGAIN if there has to be a new one, in @fresh; -EBUSY, with a reference, if
 * the last worker isn't gone, or there is to be one that its contexts wait for.
 */
static int vgpu_exec_channel_use(struct vgpu_exec_gpu *gpu, u32 vm_id, struct vgpu_exec_ctx *ctx,
				 struct vgpu_exec_channel **fresh,
				 struct vgpu_exec_channel **channel)
{
	int ret = 0;

	mutex_lock(&gpu->lock);
	*channel = vgpu_exec_find_locked(gpu, vm_id);
	if (!gpu->executor || gpu->leaving) {
		ret = -ENODEV;
		goto out_unlock;
	}
	if (*channel && vgpu_exec_is_left_behind_locked(gpu, *channel)) {
		list_del_init(&(*channel)->node);
		vgpu_exec_channel_put(*channel);
		*channel = NULL;
	}
	/* or is about to be: its last context goes just now */
	if (*channel && (vgpu_exec_channel_is_dead(*channel) || list_empty(&(*channel)->ctxs))) {
		vgpu_exec_channel_get(*channel);
		ret = -EBUSY;
		goto out_unlock;
	}
	if (!*channel && !*fresh) {
		ret = -EAGAIN;
		goto out_unlock;
	}
	if (!*channel) {
		/* our reference is the list's from now on */
		*channel = *fresh;
		*fresh = NULL;
		list_add_tail(&(*channel)->node, &gpu->channels);
		vgpu_exec_tell_executor_locked(gpu, *channel);
	}
	ctx->channel = *channel;
	list_add_tail(&ctx->node, &(*channel)->ctxs);
	vgpu_exec_channel_get(*channel);

out_unlock:
	mutex_unlock(&gpu->lock);
	return ret;
}

/*
 * It is worth another look: the last worker is gone; or there is the next one, which may have come
 * as soon as that.  If the last context goes just now, the channel has yet to end.
 */
static bool vgpu_exec_is_over(const struct vgpu_exec_channel *channel)
{
	if (!vgpu_exec_channel_is_dead(channel))
		return !list_empty_careful(&channel->ctxs);
	return !READ_ONCE(channel->attached) && !READ_ONCE(channel->orphan);
}

/* A worker is to be gone, or to be there again.  Return 0, or -ENODEV if that takes too long. */
static int vgpu_exec_await_end(struct vgpu_exec_channel *channel, const struct vgpu *vgpu)
{
	unsigned long end = jiffies + VGPU_EXEC_END_JIFFIES;

	while (!wait_event_timeout(channel->wait, vgpu_exec_is_over(channel),
				   VGPU_EXEC_LOOK_JIFFIES)) {
		if (vgpu_is_stopping(vgpu) || time_after(jiffies, end))
			return -ENODEV;
	}
	return 0;
}

/* A context doesn't use it any more. */
static void vgpu_exec_channel_leave(struct vgpu_exec_gpu *gpu, struct vgpu_exec_ctx *ctx)
{
	struct vgpu_exec_channel *channel = ctx->channel;
	bool last;

	mutex_lock(&gpu->lock);
	while (ctx->losing) {
		mutex_unlock(&gpu->lock);
		wait_event(channel->wait, !READ_ONCE(ctx->losing));
		mutex_lock(&gpu->lock);
	}
	list_del(&ctx->node);
	last = list_empty(&channel->ctxs);
	mutex_unlock(&gpu->lock);
	if (last) {
		/* without contexts it has no other life */
		vgpu_exec_channel_kill(channel, READ_ONCE(channel->life), NULL);
		/* if it has ended before nobody else does */
		vgpu_exec_forget(channel, false);
	}
	vgpu_exec_channel_put(channel);
}

static int vgpu_exec_ctx_begin(struct vgpu_exec_gpu *gpu, struct vgpu_exec_ctx *c,
			       const struct vgpu *vgpu)
{
	struct vgpu_exec_channel *channel, *fresh = NULL;
	int ret;

	do {
		ret = vgpu_exec_channel_use(gpu, vgpu->vm_id, c, &fresh, &channel);
		if (ret == -EAGAIN) {
			fresh = vgpu_exec_channel_create(gpu, vgpu->vm_id);
			if (!fresh)
				return -ENOMEM;
		} else if (ret == -EBUSY) {
			ret = vgpu_exec_await_end(channel, vgpu) ?: -EAGAIN;
			vgpu_exec_channel_put(channel);
		}
	} while (ret == -EAGAIN);
	if (fresh)
		vgpu_exec_channel_put(fresh);
	if (ret)
		return ret;
	ret = vgpu_exec_channel_await(channel, vgpu);
	if (ret)
		vgpu_exec_channel_leave(gpu, c);
	return ret;
}

/**
 * vgpu_exec_ctx_create() - as &vgpu_backend_ops.ctx_create has it
 * @gpu: the GPU
 * @ctx: the context
 *
 * The first of a vGPU has a worker begin.
 *
 * Context: may sleep, until there is the worker.
 * Return: 0; -ENOMEM; -ENODEV if nobody drives the GPU, or its executor begins no worker.
 */
int vgpu_exec_ctx_create(struct vgpu_gpu *gpu, struct vgpu_ctx *ctx)
{
	struct vgpu_exec_ctx *c = kzalloc(sizeof(*c), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!c)
		return -ENOMEM;
	c->ctx = ctx;
	ret = vgpu_exec_ctx_begin(vgpu_gpu_priv(gpu), c, ctx->vgpu);
	if (ret) {
		kfree(c);
		return ret;
	}
	ctx->priv = c;
	return 0;
}

/**
 * vgpu_exec_ctx_destroy() - as &vgpu_backend_ops.ctx_destroy has it
 * @gpu: the GPU
 * @ctx: the context
 *
 * With the last of a vGPU its worker ends.
 *
 * Context: may sleep.
 */
void vgpu_exec_ctx_destroy(struct vgpu_gpu *gpu, struct vgpu_ctx *ctx)
{
	vgpu_exec_channel_leave(vgpu_gpu_priv(gpu), ctx->priv);
	kfree(ctx->priv);
}

/**
 * vgpu_exec_ctx_gains() - a context has one thing more in device memory
 * @ctx: the context
 * @object: the thing; its worker has said so
 *
 * Context: may sleep; takes &vgpu_exec_gpu.lock.
 * Return: false if it hasn't: that worker is gone.
 */
bool vgpu_exec_ctx_gains(struct vgpu_exec_ctx *ctx, const struct vgpu_exec_object *object)
{
	struct vgpu_exec_channel *channel = ctx->channel;
	struct vgpu_exec_gpu *gpu = channel->owner;
	bool there;

	mutex_lock(&gpu->lock);
	/* a life begins under this lock, and before that the channel is an orphan */
	there = object->life == READ_ONCE(channel->life) && !channel->orphan &&
		!vgpu_exec_channel_is_dead(channel);
	if (there)
		ctx->nr_device++;
	mutex_unlock(&gpu->lock);
	return there;
}

/**
 * vgpu_exec_ctx_loses() - and one less
 * @ctx: the context
 *
 * Context: may sleep; takes &vgpu_exec_gpu.lock.
 */
void vgpu_exec_ctx_loses(struct vgpu_exec_ctx *ctx)
{
	struct vgpu_exec_gpu *gpu = ctx->channel->owner;

	mutex_lock(&gpu->lock);
	ctx->nr_device--;
	mutex_unlock(&gpu->lock);
}

/**
 * vgpu_exec_ctx_gone() - why has it no worker?
 * @ctx: a context whose channel has ended, or had
 *
 * Context: any.
 * Return: VGPU_ERR_BACKEND_UNAVAILABLE if it is to have one again, VGPU_ERR_BACKEND_LOST if not.
 */
enum vgpu_error vgpu_exec_ctx_gone(const struct vgpu_exec_ctx *ctx)
{
	if (READ_ONCE(ctx->lost))
		return VGPU_ERR_BACKEND_LOST;
	return READ_ONCE(ctx->channel->orphan) || !vgpu_exec_channel_is_dead(ctx->channel) ?
		       VGPU_ERR_BACKEND_UNAVAILABLE : VGPU_ERR_BACKEND_LOST;
}
