// SPDX-License-Identifier: GPL-2.0
/*
 * Queues of an open file: what programs ask for.  Waiting for one is in queue.c.
 */
#include <linux/log2.h>
#include <linux/vgpu.h>

#include "bo.h"
#include "cdev.h"
#include "ctx.h"
#include "mmap.h"
#include "object.h"
#include "queue.h"

static void vgpug_objects_set_ended(struct vgpug_objects *objects, bool ended)
{
	xa_lock(&objects->queues);
	objects->ended = ended;
	xa_unlock(&objects->queues);
}

/* A queue that can't be found any more; the file's reference goes */
static void vgpug_object_end_queue(struct vgpug_ctx *ctx, struct vgpug_queue *queue)
{
	struct vgpug_objects *objects = &ctx->objects;

	if (vgpug_queues_del(&vgpug_ctx_device(ctx)->queues, queue)) {
		vgpug_objects_set_ended(objects, true);
		wake_up_all(&objects->pollers);
	}
	vgpug_queue_put(queue);
}

/*
 * The device is known to have it, by a number that is new.  What had that before is gone;
 * nobody saw the device say so.
 */
static int vgpug_object_add_queue_locked(struct vgpug_ctx *ctx, struct vgpug_queue *queue)
{
	struct vgpug_queues *queues = &vgpug_ctx_device(ctx)->queues;
	struct vgpug_queue *old;

	lockdep_assert_held(&ctx->objects.lock);
	old = xa_store(&ctx->objects.queues, queue->id, queue, GFP_KERNEL_ACCOUNT);
	if (xa_is_err(old))
		return xa_err(old);
	if (old)
		vgpug_object_end_queue(ctx, old);
	vgpug_queues_add(queues, queue);
	return 0;
}

/* The rings of a queue that the device doesn't have, or perhaps: then it keeps them. */
static void vgpug_object_destroy_rings_locked(struct vgpug_ctx *ctx, u32 rings)
{
	u32 status;

	/* if it fails they are there as long as the context */
	vgpug_object_destroy_bo_locked(ctx, rings, &status);
}

static int vgpug_object_create_queue_locked(struct vgpug_ctx *ctx,
					    struct vgpu_queue_create *args)
{
	struct vgpug_device *vdev = vgpug_ctx_device(ctx);
	struct vgpug_queue *queue;
	u32 params[5] = {}, handle;
	struct vgpug_bo *bo;
	bool asked;
	int err;

	lockdep_assert_held(&ctx->objects.lock);
	bo = vgpug_bo_create(&vdev->bos, VGPU_QUEUE_SIZE(args->entries));
	if (IS_ERR(bo))
		return PTR_ERR(bo);
	/* before the device has it: afterwards nothing may fail */
	queue = vgpug_queue_create(ctx->mb, bo, args->entries, &ctx->objects.pollers);
	if (!queue) {
		vgpug_bo_put(bo);
		return -ENOMEM;
	}
	err = vgpug_object_create_bo_locked(ctx, bo, &args->status, &handle);
	if (err)
		goto err_put_queue;
	queue->rings = handle;
	params[0] = handle;
	params[3] = args->entries;
	/* read first: a reset meanwhile makes the queue a lost one, not a new one */
	queue->generation = READ_ONCE(ctx->mb->generation);
	err = vgpug_object_request(ctx, VGPU_OP_QUEUE_CREATE, params, 5, &asked,
				   &args->status, &queue->id);
	if (!err && !args->status && queue->id >= VGPU_MAX_QUEUES)
		err = -EIO;
	if (!err && args->status)
		err = -EREMOTEIO;
	if (!err)
		err = vgpug_object_add_queue_locked(ctx, queue);
	if (err)
		goto err_destroy_rings;
	args->queue = queue->id;
	args->rings_offset = vgpug_mmap_offset(bo);
	args->doorbell_offset = VGPU_BAR2_DOORBELL(queue->id);
	return 0;

err_destroy_rings:
	vgpug_object_destroy_rings_locked(ctx, handle);
err_put_queue:
	vgpug_queue_put(queue);
	return err;
}

/**
 * vgpug_ioctl_queue_create() - VGPU_IOC_QUEUE_CREATE
 * @ctx: of the open file
 * @cmd: its &struct vgpu_queue_create
 *
 * Context: Process context, may sleep.
 * Return: 0 or a negative errno of the dictionary in <linux/vgpu.h>.
 */
int vgpug_ioctl_queue_create(struct vgpug_ctx *ctx, void *cmd)
{
	struct vgpu_queue_create *args = cmd;
	int err;

	if (args->flags)
		return -EOPNOTSUPP;
	if (args->__reserved || args->entries < VGPU_RING_MIN_ENTRIES ||
	    args->entries > VGPU_RING_MAX_ENTRIES || !is_power_of_2(args->entries))
		return -EINVAL;
	err = vgpug_objects_lock(&ctx->objects);
	if (err)
		return err;
	vgpug_objects_set_ended(&ctx->objects, false);
	err = vgpug_object_create_queue_locked(ctx, args);
	mutex_unlock(&ctx->objects.lock);
	return err;
}

/**
 * vgpug_ioctl_queue_destroy() - VGPU_IOC_QUEUE_DESTROY
 * @ctx: of the open file
 * @cmd: its &struct vgpu_queue_destroy
 *
 * Context: Process context, may sleep.
 * Return: 0 or a negative errno of the dictionary in <linux/vgpu.h>.
 */
int vgpug_ioctl_queue_destroy(struct vgpug_ctx *ctx, void *cmd)
{
	struct vgpug_objects *objects = &ctx->objects;
	struct vgpu_queue_destroy *args = cmd;
	struct vgpug_queue *queue;
	u32 rings;
	int err;

	if (args->__reserved)
		return -EINVAL;
	err = vgpug_objects_lock(objects);
	if (err)
		return err;
	queue = xa_load(&objects->queues, args->queue);
	if (!queue) {
		err = -ENOENT;
		goto out_unlock;
	}
	err = vgpug_object_end(ctx, VGPU_OP_QUEUE_DESTROY, args->queue, &args->status);
	if (!err) {
		xa_erase(&objects->queues, args->queue);
		rings = queue->rings;
		vgpug_object_end_queue(ctx, queue);
		vgpug_object_destroy_rings_locked(ctx, rings);
	}
out_unlock:
	mutex_unlock(&objects->lock);
	return err;
}

/**
 * vgpug_object_find_queue() - look a queue up
 * @ctx: of the open file
 * @id: its number
 *
 * Context: Any but interrupts.
 * Return: the queue with a reference for the caller, or NULL.
 */
struct vgpug_queue *vgpug_object_find_queue(struct vgpug_ctx *ctx, u32 id)
{
	struct vgpug_queue *queue;

	xa_lock(&ctx->objects.queues);
	queue = xa_load(&ctx->objects.queues, id);
	if (queue)
		vgpug_queue_get(queue);
	xa_unlock(&ctx->objects.queues);
	return queue;
}

/**
 * vgpug_ioctl_queue_wait() - VGPU_IOC_QUEUE_WAIT
 * @ctx: of the open file
 * @cmd: its &struct vgpu_queue_wait
 *
 * Context: Process context, may sleep.
 * Return: 0 or a negative errno of the dictionary in <linux/vgpu.h>.
 */
int vgpug_ioctl_queue_wait(struct vgpug_ctx *ctx, void *cmd)
{
	struct vgpu_queue_wait *args = cmd;
	struct vgpug_queue *queue;
	int err;

	queue = vgpug_object_find_queue(ctx, args->queue);
	if (!queue)
		return -ENOENT;
	err = vgpug_queue_wait(queue, args->index, args->timeout_ms);
	vgpug_queue_put(queue);
	return err;
}

/**
 * vgpug_ioctl_queue_arm() - VGPU_IOC_QUEUE_ARM
 * @ctx: of the open file
 * @cmd: its &struct vgpu_queue_arm
 *
 * Context: Process context.
 * Return: 0 or a negative errno of the dictionary in <linux/vgpu.h>.
 */
int vgpug_ioctl_queue_arm(struct vgpug_ctx *ctx, void *cmd)
{
	struct vgpu_queue_arm *args = cmd;
	struct vgpug_queue *queue;
	bool passed;
	int err;

	/* first, so that an end from here on is seen; also by who arms a queue that has ended */
	vgpug_objects_set_ended(&ctx->objects, false);
	queue = vgpug_object_find_queue(ctx, args->queue);
	if (!queue)
		return -ENOENT;
	err = vgpug_queue_arm(queue, args->index, &passed);
	args->passed = passed;
	vgpug_queue_put(queue);
	return err;
}

/**
 * vgpug_ioctl_queue_eventfd() - VGPU_IOC_QUEUE_EVENTFD
 * @ctx: of the open file
 * @cmd: its &struct vgpu_queue_eventfd
 *
 * Context: Process context.
 * Return: 0 or a negative errno of the dictionary in <linux/vgpu.h>.
 */
int vgpug_ioctl_queue_eventfd(struct vgpug_ctx *ctx, void *cmd)
{
	struct vgpu_queue_eventfd *args = cmd;
	struct vgpug_queue *queue;
	int err;

	if (args->__reserved)
		return -EINVAL;
	queue = vgpug_object_find_queue(ctx, args->queue);
	if (!queue)
		return -ENOENT;
	err = vgpug_queue_set_eventfd(queue, args->fd);
	vgpug_queue_put(queue);
	return err;
}

/**
 * vgpug_objects_fired() - has the event of any queue come?
 * @objects: of an open file
 *
 * Whoever asks changes nothing: epoll does so more than once for each time that it tells.
 *
 * Context: Process context.
 * Return: true if so, and it was not armed again; of one that has ended, none was.
 */
bool vgpug_objects_fired(struct vgpug_objects *objects)
{
	struct vgpug_queue *queue;
	unsigned long i;
	bool fired;

	/* keeps them */
	xa_lock(&objects->queues);
	fired = objects->ended;
	xa_for_each(&objects->queues, i, queue)
		fired |= vgpug_queue_fired(queue);
	xa_unlock(&objects->queues);
	return fired;
}
