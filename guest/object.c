// SPDX-License-Identifier: GPL-2.0
/*
 * Buffer objects of this machine's memory, and queues: what programs ask for, and what
 * has to be kept until the device has let go of it.
 *
 * While a request is under way its memory is in limbo.  If nobody saw the answer (a
 * signal, a timeout, a reset) it stays there as long as the context: the device may
 * have it.  With the context's end the device has said that it has nothing any more;
 * where it could not, the memory is an orphan until the next reset.
 */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/vgpu.h>

#include "bo.h"
#include "cdev.h"
#include "ctx.h"
#include "mmap.h"
#include "object.h"
#include "queue.h"

/* To pin a GiB of single pages takes the host that long on a slow machine */
#define VGPUG_OBJECT_TIMEOUT_MS	60000

/**
 * vgpug_objects_init() - no objects
 * @objects: of an open file
 *
 * Context: Any.
 */
void vgpug_objects_init(struct vgpug_objects *objects)
{
	mutex_init(&objects->lock);
	xa_init(&objects->bos);
	xa_init(&objects->queues);
	INIT_LIST_HEAD(&objects->limbo);
	init_waitqueue_head(&objects->pollers);
}

static void vgpug_object_release(struct vgpug_bo *bo, bool released)
{
	if (released)
		vgpug_bo_put_later(bo);
	else
		vgpug_bo_orphan(bo);
}

/**
 * vgpug_objects_fini() - the file is closed, and its context is gone or lost
 * @ctx: of the file
 * @released: the device has said that it has nothing of the context any more
 *
 * Context: Process context, may sleep; &vgpug_mailbox.lock may be held.
 */
void vgpug_objects_fini(struct vgpug_ctx *ctx, bool released)
{
	struct vgpug_objects *objects = &ctx->objects;
	struct vgpug_bo *bo, *next;
	struct vgpug_queue *queue;
	unsigned long i;

	xa_for_each(&objects->queues, i, queue) {
		vgpug_queues_del(&vgpug_ctx_device(ctx)->queues, queue);
		vgpug_queue_put(queue);
	}
	xa_for_each(&objects->bos, i, bo)
		vgpug_object_release(bo, released);
	list_for_each_entry_safe(bo, next, &objects->limbo, node) {
		list_del(&bo->node);
		vgpug_object_release(bo, released);
	}
	xa_destroy(&objects->bos);
	xa_destroy(&objects->queues);
	mutex_destroy(&objects->lock);
}

/*
 * Nothing has been done yet: whoever handles the signal sees EINTR, and for a sleep of the
 * machine, which is one too, the call begins again.
 */
static int vgpug_objects_lock(struct vgpug_objects *objects)
{
	return mutex_lock_interruptible(&objects->lock) ? -ERESTARTNOHAND : 0;
}

/*
 * Ask the device.  Return 0 and its status; or an error, and @asked says whether it may
 * have been asked: nobody knows what it did then.
 */
static int vgpug_object_request(struct vgpug_ctx *ctx, u32 opcode, const u32 *params,
				u32 nparams, bool *asked, u32 *status, u32 *result)
{
	struct vgpug_request *request = vgpug_request_alloc();
	__le32 *p;
	u32 i;
	int err;

	*asked = false;
	if (!request)
		return -ENOMEM;
	vgpug_request_encode(request, opcode, nparams + 1, 0);
	p = vgpug_request_params(request);
	for (i = 0; i < nparams; i++)
		p[i + 1] = cpu_to_le32(params[i]);
	err = vgpug_ctx_submit(ctx, request, true);
	*asked = !err;
	if (!err)
		err = vgpug_mailbox_wait(ctx->mb, request, VGPUG_OBJECT_TIMEOUT_MS);
	if (!err)
		err = request->error;
	if (!err) {
		*status = request->status;
		if (result && !*status) {
			if (request->result_count)
				*result = le32_to_cpu(*vgpug_request_results(request));
			else
				err = -EIO;
		}
	}
	vgpug_request_put(request);
	return err;
}

/* The device is known to have it, by a handle that is new. */
static int vgpug_object_add_bo_locked(struct vgpug_ctx *ctx, u32 handle, struct vgpug_bo *bo)
{
	struct vgpug_bo *old;

	lockdep_assert_held(&ctx->objects.lock);
	old = xa_store(&ctx->objects.bos, handle, bo, GFP_KERNEL_ACCOUNT);
	if (xa_is_err(old))
		return xa_err(old);
	list_del_init(&bo->node);
	/* what had the handle before is gone; nobody saw the device say so */
	if (old)
		vgpug_bo_put(old);
	return 0;
}

/* Make an object on the device.  It is the context's, whatever comes of it. */
static int vgpug_object_create_bo_locked(struct vgpug_ctx *ctx, struct vgpug_bo *bo,
					 u32 *status, u32 *handle)
{
	u64 addr, bytes = (u64)bo->npages << PAGE_SHIFT;
	struct vgpug_bo *list;
	u32 params[4];
	bool asked;
	int err;

	lockdep_assert_held(&ctx->objects.lock);
	list = vgpug_bo_create_list(bo, &addr);
	if (IS_ERR(list)) {
		vgpug_bo_put(bo);
		return PTR_ERR(list);
	}
	list_add(&bo->node, &ctx->objects.limbo);
	list_add(&list->node, &ctx->objects.limbo);
	params[0] = lower_32_bits(bytes);
	params[1] = upper_32_bits(bytes);
	params[2] = lower_32_bits(addr);
	params[3] = upper_32_bits(addr);
	err = vgpug_object_request(ctx, VGPU_OP_BO_CREATE_SYSTEM, params, 4, &asked, status,
				   handle);
	if (err && asked)
		return err;
	/* it was answered, or not asked: the list isn't read any more */
	list_del_init(&list->node);
	vgpug_bo_put(list);
	if (!err && !*status)
		return vgpug_object_add_bo_locked(ctx, *handle, bo);
	list_del_init(&bo->node);
	vgpug_bo_put(bo);
	return err ?: -EREMOTEIO;
}

/**
 * vgpug_ioctl_bo_create() - VGPU_IOC_BO_CREATE
 * @ctx: of the open file
 * @cmd: its &struct vgpu_bo_create
 *
 * Context: Process context, may sleep.
 * Return: 0 or a negative errno of the dictionary in <linux/vgpu.h>.
 */
int vgpug_ioctl_bo_create(struct vgpug_ctx *ctx, void *cmd)
{
	struct vgpug_bos *bos = &vgpug_ctx_device(ctx)->bos;
	struct vgpu_bo_create *args = cmd;
	struct vgpug_bo *bo;
	bool import;
	int err;

	if (args->flags & ~VGPU_BO_CREATE_IMPORT)
		return -EOPNOTSUPP;
	import = args->flags & VGPU_BO_CREATE_IMPORT;
	if (!args->bytes || !PAGE_ALIGNED(args->address) ||
	    (import ? !PAGE_ALIGNED(args->bytes) : args->address))
		return -EINVAL;
	bo = import ? vgpug_bo_import(bos, args->address, args->bytes) :
		      vgpug_bo_create(bos, args->bytes);
	if (IS_ERR(bo))
		return PTR_ERR(bo);
	err = vgpug_objects_lock(&ctx->objects);
	if (err) {
		vgpug_bo_put(bo);
		return err;
	}
	err = vgpug_object_create_bo_locked(ctx, bo, &args->status, &args->handle);
	mutex_unlock(&ctx->objects.lock);
	args->mmap_offset = import ? 0 : (u64)args->handle << VGPUG_MMAP_SHIFT;
	return err;
}

/**
 * vgpug_ioctl_bo_destroy() - VGPU_IOC_BO_DESTROY
 * @ctx: of the open file
 * @cmd: its &struct vgpu_bo_destroy
 *
 * Context: Process context, may sleep.
 * Return: 0 or a negative errno of the dictionary in <linux/vgpu.h>.
 */
int vgpug_ioctl_bo_destroy(struct vgpug_ctx *ctx, void *cmd)
{
	struct vgpug_objects *objects = &ctx->objects;
	struct vgpu_bo_destroy *args = cmd;
	struct vgpug_bo *bo;
	bool asked;
	int err;

	if (args->__reserved)
		return -EINVAL;
	err = vgpug_objects_lock(objects);
	if (err)
		return err;
	bo = xa_load(&objects->bos, args->handle);
	if (!bo) {
		err = -ENOENT;
		goto out_unlock;
	}
	err = vgpug_object_request(ctx, VGPU_OP_BO_DESTROY, &args->handle, 1, &asked,
				   &args->status, NULL);
	if (!err && args->status) {
		err = -EREMOTEIO;
	} else if (!err) {
		xa_erase(&objects->bos, args->handle);
		vgpug_bo_put(bo);
	}
out_unlock:
	mutex_unlock(&objects->lock);
	return err;
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
		err = xa_err(xa_store(&ctx->objects.queues, queue->id, queue,
				      GFP_KERNEL_ACCOUNT));
	if (err)
		goto err_put_queue;
	vgpug_queues_add(&vdev->queues, queue);
	args->queue = queue->id;
	args->rings_offset = (u64)handle << VGPUG_MMAP_SHIFT;
	args->doorbell_offset = VGPU_BAR2_DOORBELL(queue->id);
	return 0;

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
	bool asked;
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
	err = vgpug_object_request(ctx, VGPU_OP_QUEUE_DESTROY, &args->queue, 1, &asked,
				   &args->status, NULL);
	if (!err && args->status) {
		err = -EREMOTEIO;
	} else if (!err) {
		xa_erase(&objects->queues, args->queue);
		vgpug_queues_del(&vgpug_ctx_device(ctx)->queues, queue);
		vgpug_queue_put(queue);
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
 * Context: Process context.
 * Return: true if so, and it was not armed again.
 */
bool vgpug_objects_fired(struct vgpug_objects *objects)
{
	struct vgpug_queue *queue;
	bool fired = false;
	unsigned long i;

	/* keeps them */
	xa_lock(&objects->queues);
	xa_for_each(&objects->queues, i, queue)
		fired |= vgpug_queue_fired(queue);
	xa_unlock(&objects->queues);
	return fired;
}
