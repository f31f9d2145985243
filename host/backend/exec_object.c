// SPDX-License-Identifier: GPL-2.0
/*
 * Objects of a channel: what has a number that the worker is told when it begins and when it
 * ends.  It is told by entries, as of jobs, and in order with these; nobody waits for it but who
 * needs to know whether there is device memory.
 */
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "bo.h"
#include "ctx.h"
#include "exec.h"
#include "vgpu.h"

/* Largest number of an object: their offsets are 63 bits */
#define VGPU_EXEC_MAX_NUMBER		((1U << 27) - 1)

/* How far a worker may be behind with what it is told of objects: twice what can be there */
#define VGPU_EXEC_MAX_NOTICES		8192

/**
 * vgpu_exec_object_new() - an object with a number
 * @channel: of which channel
 * @end: by which opcode it ends, enum vgpu_exec_opcode
 * @size: bytes, if that means anything
 *
 * Context: may sleep.
 * Return: the object, the caller's, for vgpu_exec_object_end(); NULL if there is no memory, or
 * no number.
 */
struct vgpu_exec_object *vgpu_exec_object_new(struct vgpu_exec_channel *channel, u32 end,
					      u64 size)
{
	struct vgpu_exec_object *object = kzalloc(sizeof(*object), GFP_KERNEL_ACCOUNT);
	int number;

	if (!object)
		return NULL;
	number = ida_alloc_range(&channel->numbers, 1, VGPU_EXEC_MAX_NUMBER, GFP_KERNEL_ACCOUNT);
	if (number < 0) {
		kfree(object);
		return NULL;
	}
	INIT_LIST_HEAD(&object->node);
	object->refs = 1;
	object->number = number;
	object->end = end;
	object->size = size;
	object->status = VGPU_ERR_COUNT;
	return object;
}

/*
 * Have the worker told of an object, when there is room.  If there is no worker that is as if
 * it had said so.  Nobody waits here, whatever the worker does.  Return which life of its channel
 * is to end, because it is so far behind; or 0.
 */
static u32 vgpu_exec_notify_locked(struct vgpu_exec_channel *channel,
				   struct vgpu_exec_object *object, u32 opcode)
{
	lockdep_assert_held(&channel->lock);

	object->refs++;
	object->opcode = opcode;
	if (channel->state != VGPU_EXEC_RUNNING) {
		vgpu_exec_object_done_locked(channel, object, opcode, VGPU_ERR_BACKEND_LOST);
		return 0;
	}
	object->life = channel->life;
	list_add_tail(&object->node, &channel->notices);
	channel->nr_notices++;
	vgpu_exec_send_notices_locked(channel);
	return channel->nr_notices > VGPU_EXEC_MAX_NOTICES ? channel->life : 0;
}

/* The lock is free again, without which a channel can't be ended. */
static void vgpu_exec_notified(struct vgpu_exec_channel *channel, u32 behind)
{
	if (behind)
		vgpu_exec_channel_kill(channel, behind, "is behind with objects");
}

static void vgpu_exec_notify(struct vgpu_exec_channel *channel, struct vgpu_exec_object *object,
			     u32 opcode)
{
	u32 behind;

	mutex_lock(&channel->lock);
	behind = vgpu_exec_notify_locked(channel, object, opcode);
	mutex_unlock(&channel->lock);
	vgpu_exec_notified(channel, behind);
}

/* Guest memory that the worker there is now hasn't been told of, by whoever comes first */
static u32 vgpu_exec_notify_map_locked(struct vgpu_exec_channel *channel,
				       struct vgpu_exec_object *object)
{
	lockdep_assert_held(&channel->lock);
	return object->life == channel->life ?
		       0 : vgpu_exec_notify_locked(channel, object, VGPU_EXEC_OP_BO_MAP);
}

/**
 * vgpu_exec_object_end() - an object is gone
 * @channel: its channel
 * @object: the object, not the caller's any more
 *
 * The worker is told, if it is the one that has been told of it.
 *
 * Context: may sleep, never for the worker.
 */
void vgpu_exec_object_end(struct vgpu_exec_channel *channel, struct vgpu_exec_object *object)
{
	u32 behind = 0;

	mutex_lock(&channel->lock);
	if (!list_empty(&object->node)) {
		list_del_init(&object->node);
		channel->nr_notices--;
		vgpu_exec_object_put_locked(channel, object);
	} else if (object->life == channel->life) {
		behind = vgpu_exec_notify_locked(channel, object, object->end);
	}
	vgpu_exec_object_put_locked(channel, object);
	mutex_unlock(&channel->lock);
	vgpu_exec_notified(channel, behind);
}

/**
 * vgpu_exec_object_forget() - an object has come to nothing
 * @channel: its channel
 * @object: the object, not the caller's any more; the worker hasn't been told, and doesn't
 *	have it
 *
 * Context: may sleep, never for the worker.
 */
void vgpu_exec_object_forget(struct vgpu_exec_channel *channel, struct vgpu_exec_object *object)
{
	mutex_lock(&channel->lock);
	vgpu_exec_object_put_locked(channel, object);
	mutex_unlock(&channel->lock);
}

/**
 * vgpu_exec_bo_create() - have device memory made
 * @ctx: the object's context
 * @bo: the object
 *
 * Context: may sleep, as long as it takes the worker to get to it, but not while the vGPU is
 * being stopped.
 * Return: as &vgpu_backend_ops.bo_create.
 */
int vgpu_exec_bo_create(struct vgpu_exec_ctx *ctx, struct vgpu_bo *bo)
{
	struct vgpu_exec_channel *channel = ctx->channel;
	struct vgpu_exec_object *object;
	enum vgpu_error status;

	if (READ_ONCE(ctx->lost))
		return -ENOTRECOVERABLE;
	object = vgpu_exec_object_new(channel, VGPU_EXEC_OP_BO_DESTROY, bo->size);

	if (!object)
		return -ENOMEM;
	vgpu_exec_notify(channel, object, VGPU_EXEC_OP_BO_CREATE);
	while (!wait_event_timeout(channel->wait, READ_ONCE(object->status) != VGPU_ERR_COUNT ||
				   vgpu_exec_channel_is_dead(channel), VGPU_EXEC_LOOK_JIFFIES)) {
		if (vgpu_is_stopping(bo->ctx->vgpu))
			break;
	}
	status = READ_ONCE(object->status);
	/* who ends the channel may not have got to it yet */
	if (status == VGPU_ERR_COUNT && vgpu_exec_channel_is_dead(channel))
		status = VGPU_ERR_BACKEND_LOST;
	if (status == VGPU_ERR_NONE && !vgpu_exec_ctx_gains(ctx, object))
		status = VGPU_ERR_BACKEND_LOST;
	if (status == VGPU_ERR_NONE) {
		bo->priv = object;
		return 0;
	}
	vgpu_exec_object_end(channel, object);
	if (status != VGPU_ERR_BACKEND_LOST)
		return -ENOMEM;
	return vgpu_exec_ctx_gone(ctx) == VGPU_ERR_BACKEND_LOST ? -ENOTRECOVERABLE : -ENODEV;
}

/**
 * vgpu_exec_bo_destroy() - have device memory freed
 * @ctx: the object's context
 * @bo: the object
 *
 * Context: may sleep, never for the worker.
 */
void vgpu_exec_bo_destroy(struct vgpu_exec_ctx *ctx, struct vgpu_bo *bo)
{
	vgpu_exec_ctx_loses(ctx);
	vgpu_exec_object_end(ctx->channel, bo->priv);
}

/**
 * vgpu_exec_bos_remap() - tell a new worker of the guest's memory
 * @channel: its channel; no job runs yet
 *
 * Context: may sleep; takes &vgpu_exec_channel.maps.lock, which keeps the objects.
 */
void vgpu_exec_bos_remap(struct vgpu_exec_channel *channel)
{
	unsigned long number;
	struct vgpu_bo *bo;
	u32 behind = 0;

	mutex_lock(&channel->maps.lock);
	mutex_lock(&channel->lock);
	xa_for_each(&channel->maps.bos, number, bo)
		/* of one life, or 0 */
		behind |= vgpu_exec_notify_map_locked(channel, bo->priv);
	mutex_unlock(&channel->lock);
	mutex_unlock(&channel->maps.lock);
	vgpu_exec_notified(channel, behind);
}

/**
 * vgpu_exec_bo_map() - let the worker map guest memory
 * @channel: of the object's context
 * @bo: the object
 *
 * Context: may sleep, until there is room to tell the worker, but not while the vGPU is being
 * stopped.
 * Return: 0 or -ENOMEM.
 */
int vgpu_exec_bo_map(struct vgpu_exec_channel *channel, struct vgpu_bo *bo)
{
	struct vgpu_exec_object *object;
	u32 behind;

	if (bo->size > VGPU_EXEC_MMAP_BO)
		return -ENOMEM;
	object = vgpu_exec_object_new(channel, VGPU_EXEC_OP_BO_DESTROY, bo->size);
	if (!object)
		return -ENOMEM;
	/* from then on it may be told of at once, see vgpu_exec_bos_remap() */
	bo->priv = object;
	if (vgpu_exec_maps_add(channel, object->number, bo)) {
		bo->priv = NULL;
		vgpu_exec_object_end(channel, object);
		return -ENOMEM;
	}
	mutex_lock(&channel->lock);
	behind = vgpu_exec_notify_map_locked(channel, object);
	mutex_unlock(&channel->lock);
	vgpu_exec_notified(channel, behind);
	/* else a job that names it could be told first */
	while (!wait_event_timeout(channel->wait, list_empty_careful(&object->node),
				   VGPU_EXEC_LOOK_JIFFIES)) {
		if (vgpu_is_stopping(bo->ctx->vgpu))
			break;
	}
	return 0;
}

/**
 * vgpu_exec_bo_unmap() - take guest memory away from the worker
 * @channel: of the object's context
 * @bo: the object; named by no job
 *
 * Context: may sleep, as long as it takes in the worker's page tables.
 */
void vgpu_exec_bo_unmap(struct vgpu_exec_channel *channel, struct vgpu_bo *bo)
{
	vgpu_exec_maps_del(channel, vgpu_exec_bo_number(bo));
	vgpu_exec_object_end(channel, bo->priv);
	bo->priv = NULL;
}
