// SPDX-License-Identifier: GPL-2.0
/*
 * Buffer objects of this machine's memory: what programs ask for, and what has to be kept
 * until the device has let go of it.  What is said to the device of queues is in
 * object_queue.c.
 *
 * While a request is under way its memory is in limbo.  If nobody saw the answer (a
 * signal, a timeout, a reset) it stays there as long as the context: the device may
 * have it.  With the context's end the device has said that it has nothing any more;
 * where it could not, the memory is an orphan until the next reset.
 */
#include <linux/mm.h>
#include <linux/vgpu.h>

#include "bo.h"
#include "cdev.h"
#include "ctx.h"
#include "mmap.h"
#include "object.h"
#include "queue.h"

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
	objects->offsets = RB_ROOT;
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
 * vgpug_objects_release_limbo_locked() - the device has nothing of the file's
 * @objects: of an open file; the device was reset
 *
 * Context: Process context, may sleep; &vgpug_objects.lock held.
 */
void vgpug_objects_release_limbo_locked(struct vgpug_objects *objects)
{
	struct vgpug_bo *bo, *next;

	lockdep_assert_held(&objects->lock);
	list_for_each_entry_safe(bo, next, &objects->limbo, node) {
		list_del_init(&bo->node);
		vgpug_bo_put_later(bo);
	}
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
	/* the file is closed: nothing is mapped */
	if (objects->nowhere)
		__free_page(objects->nowhere);
	xa_destroy(&objects->bos);
	xa_destroy(&objects->queues);
	mutex_destroy(&objects->lock);
}

/**
 * vgpug_objects_lock() - take &vgpug_objects.lock, for an ioctl
 * @objects: of an open file
 *
 * Nothing has been done yet: whoever handles the signal sees EINTR, and for a sleep of the
 * machine, which is one too, the call begins again.
 *
 * Context: Process context, may sleep.
 * Return: 0 or -ERESTARTNOHAND.
 */
int vgpug_objects_lock(struct vgpug_objects *objects)
{
	return mutex_lock_interruptible(&objects->lock) ? -ERESTARTNOHAND : 0;
}

/**
 * vgpug_object_request() - ask the device
 * @ctx: of an open file
 * @opcode: enum vgpu_opcode
 * @params: its parameters but the context, which is the first
 * @nparams: how many
 * @asked: set if the device has been asked: if this fails, nobody knows what it did
 * @status: set on success: enum vgpu_error
 * @result: set on success, if @status is VGPU_ERR_NONE; or NULL
 *
 * Context: Process context, may sleep.
 * Return: 0 or a negative errno.
 */
int vgpug_object_request(struct vgpug_ctx *ctx, u32 opcode, const u32 *params, u32 nparams,
			 bool *asked, u32 *status, u32 *result)
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
	/* who doesn't know of an end goes on as if it had not been */
	request->patient = opcode == VGPU_OP_BO_DESTROY || opcode == VGPU_OP_QUEUE_DESTROY;
	/* also what was made by VGPU_IOC_REQUEST, and has got the handle meanwhile */
	if (opcode == VGPU_OP_BO_DESTROY)
		vgpug_record_ended_by(&ctx->records, request, VGPU_OP_BO_CREATE);
	err = vgpug_ctx_run(ctx, request, true, VGPUG_OBJECT_TIMEOUT_MS);
	/* constant now, even if it is on the device: nobody encodes it again */
	*asked = request->sent;
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

/**
 * vgpug_object_end() - ask the device to end something
 * @ctx: of an open file
 * @opcode: VGPU_OP_BO_DESTROY or VGPU_OP_QUEUE_DESTROY
 * @handle: of what is to end.  If the device has no such thing it has ended before, and
 *	nobody saw the device say so
 * @status: set if the device has answered
 *
 * Context: Process context, may sleep.
 * Return: 0; -EREMOTEIO if the device refuses; or as vgpug_object_request().
 */
int vgpug_object_end(struct vgpug_ctx *ctx, u32 opcode, u32 handle, u32 *status)
{
	bool asked;
	int err;

	err = vgpug_object_request(ctx, opcode, &handle, 1, &asked, status, NULL);
	if (err)
		return err;
	if (*status == VGPU_ERR_BAD_HANDLE)
		*status = VGPU_ERR_NONE;
	return *status ? -EREMOTEIO : 0;
}

/* The device is known to have it, by a handle that is new. */
static int vgpug_object_add_bo_locked(struct vgpug_ctx *ctx, u32 handle, struct vgpug_bo *bo)
{
	struct vgpug_objects *objects = &ctx->objects;
	struct vgpug_bo *old;
	int err;

	lockdep_assert_held(&objects->lock);
	/* what was imported is a process's already */
	err = bo->imported ? 0 : vgpug_mmap_add_bo(objects, bo);
	if (err)
		return err;
	old = xa_store(&objects->bos, handle, bo, GFP_KERNEL_ACCOUNT);
	if (xa_is_err(old)) {
		vgpug_mmap_del_bo(objects, bo);
		return xa_err(old);
	}
	list_del_init(&bo->node);
	/* what had the handle before is gone; nobody saw the device say so */
	if (old) {
		vgpug_mmap_del_bo(objects, old);
		vgpug_bo_put(old);
	}
	return 0;
}

/* The same, and @asked as vgpug_object_request() has it */
static int vgpug_object_ask_bo_locked(struct vgpug_ctx *ctx, struct vgpug_bo *bo, u32 want,
				      bool *asked, u32 *status, u32 *handle)
{
	u64 addr = bo->list_addr, bytes = (u64)bo->npages << PAGE_SHIFT;
	struct vgpug_bo *list = bo->list;
	u32 params[5];
	int err;

	lockdep_assert_held(&ctx->objects.lock);
	*asked = false;
	if (list)
		vgpug_bo_get(list);
	else
		list = vgpug_bo_create_list(bo, &addr);
	if (IS_ERR(list))
		return PTR_ERR(list);
	list_add(&list->node, &ctx->objects.limbo);
	params[0] = lower_32_bits(bytes);
	params[1] = upper_32_bits(bytes);
	params[2] = lower_32_bits(addr);
	params[3] = upper_32_bits(addr);
	params[4] = want;
	err = vgpug_object_request(ctx, VGPU_OP_BO_CREATE_SYSTEM, params, want ? 5 : 4, asked,
				   status, handle);
	if (err && *asked)
		return err;
	/* it was answered, or not asked: the list isn't read any more */
	list_del_init(&list->node);
	vgpug_bo_put(list);
	return err ?: *status ? -EREMOTEIO : 0;
}

/**
 * vgpug_object_tell_bo_locked() - tell the device of memory that it may use
 * @ctx: of the open file; the memory is its, whatever comes of this
 * @bo: the memory
 * @want: the handle it must have, if the device has VGPU_FEATURE_RESTORE; 0: any
 * @status: set if the device has answered
 * @handle: set on success
 *
 * Context: Process context, may sleep; &vgpug_objects.lock held.
 * Return: 0; -EREMOTEIO if the device refuses; or as vgpug_object_request().
 */
int vgpug_object_tell_bo_locked(struct vgpug_ctx *ctx, struct vgpug_bo *bo, u32 want,
				u32 *status, u32 *handle)
{
	bool asked;

	return vgpug_object_ask_bo_locked(ctx, bo, want, &asked, status, handle);
}

/**
 * vgpug_object_create_bo_locked() - make a buffer object of memory
 * @ctx: of the open file; the memory is its, whatever comes of this
 * @bo: the memory; the caller's reference is the context's afterwards
 * @status: set if the device has answered
 * @handle: set on success
 *
 * Context: Process context, may sleep; &vgpug_objects.lock held.
 * Return: 0; -EREMOTEIO if the device refuses; or as vgpug_object_request().
 */
int vgpug_object_create_bo_locked(struct vgpug_ctx *ctx, struct vgpug_bo *bo, u32 *status,
				  u32 *handle)
{
	bool asked;
	int err;

	list_add(&bo->node, &ctx->objects.limbo);
	err = vgpug_object_ask_bo_locked(ctx, bo, 0, &asked, status, handle);
	if (!err)
		return vgpug_object_add_bo_locked(ctx, *handle, bo);
	/* nobody saw the answer: it stays there */
	if (asked && err != -EREMOTEIO)
		return err;
	list_del_init(&bo->node);
	vgpug_bo_put(bo);
	return err;
}

/**
 * vgpug_object_destroy_bo_locked() - undo vgpug_object_create_bo_locked()
 * @ctx: of the open file
 * @handle: what somebody says is the object's
 * @status: set if the device has answered
 *
 * Context: Process context, may sleep; &vgpug_objects.lock held.
 * Return: 0; -ENOENT; -EREMOTEIO if the device refuses; or as vgpug_object_request().
 */
int vgpug_object_destroy_bo_locked(struct vgpug_ctx *ctx, u32 handle, u32 *status)
{
	struct vgpug_bo *bo = xa_load(&ctx->objects.bos, handle);
	int err;

	lockdep_assert_held(&ctx->objects.lock);
	if (!bo)
		return -ENOENT;
	err = vgpug_object_end(ctx, VGPU_OP_BO_DESTROY, handle, status);
	if (err)
		return err;
	xa_erase(&ctx->objects.bos, handle);
	vgpug_mmap_del_bo(&ctx->objects, bo);
	vgpug_bo_put(bo);
	return 0;
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
	if (!err)
		args->mmap_offset = vgpug_mmap_offset(bo);
	mutex_unlock(&ctx->objects.lock);
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
	int err;

	if (args->__reserved)
		return -EINVAL;
	err = vgpug_objects_lock(objects);
	if (err)
		return err;
	err = vgpug_object_destroy_bo_locked(ctx, args->handle, &args->status);
	mutex_unlock(&objects->lock);
	return err;
}
