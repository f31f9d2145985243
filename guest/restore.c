// SPDX-License-Identifier: GPL-2.0
/*
 * The device was reset while the machine slept: all that was on it is made again, and
 * processes find it under the handles that they know.
 *
 * Before the sleep the content of device memory is copied into this machine's, and
 * the lists are made that name this machine's to the device.  So what a rebuilding needs
 * of memory, but for requests, is there before anything can be lost.  Of the rest the
 * driver knows how it was made: object.c has memory and queues, record.c the others.
 * Contexts have no numbers that a process knows, and get new ones.
 *
 * A queue goes on behind what the device says it has completed.  The process may have
 * written another number there, and jobs that had ended run again, or some never do: its
 * own, in a queue of its own.
 *
 * No process runs from save to drop.  Files can be closed nevertheless, by the kernel's
 * own threads, so each context is held, and who closes one finds it as it always is.
 */
#include <linux/err.h>
#include <linux/io.h>
#include <linux/math.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vgpu_dev.h>

#include "bo.h"
#include "cdev.h"
#include "ctx.h"
#include "object.h"
#include "record.h"
#include "restore.h"

/* Of device memory, that are copied at a time, and pinned by the host meanwhile */
#define VGPUG_RESTORE_PIECE	SZ_16M

static int vgpug_restore_status(int err, u32 status)
{
	if (err && err != -EREMOTEIO)
		return err;
	if (status == VGPU_ERR_NO_MEMORY)
		return -ENOMEM;
	return status ? -EREMOTEIO : err;
}

static int vgpug_restore_make_list(struct vgpug_bo *bo)
{
	struct vgpug_bo *list;

	list = vgpug_bo_create_list(bo, &bo->list_addr);
	if (IS_ERR(list))
		return PTR_ERR(list);
	bo->list = list;
	return 0;
}

static void vgpug_restore_drop_list(struct vgpug_bo *bo)
{
	if (bo->list)
		vgpug_bo_put(bo->list);
	bo->list = NULL;
}

static int vgpug_restore_alloc_content(struct vgpug_ctx *ctx, struct vgpug_record *record)
{
	u64 bytes = vgpug_record_bytes(record), left;
	struct vgpug_bo *piece;
	int err;

	record->content = kvcalloc(DIV_ROUND_UP_ULL(bytes, VGPUG_RESTORE_PIECE),
				   sizeof(*record->content), GFP_KERNEL_ACCOUNT);
	if (!record->content)
		return -ENOMEM;
	for (left = bytes; left; left -= min_t(u64, left, VGPUG_RESTORE_PIECE)) {
		piece = vgpug_bo_create(&vgpug_ctx_device(ctx)->bos,
					min_t(u64, left, VGPUG_RESTORE_PIECE));
		if (IS_ERR(piece))
			return PTR_ERR(piece);
		record->content[record->pieces++] = piece;
		err = vgpug_restore_make_list(piece);
		if (err)
			return err;
	}
	return 0;
}

static void vgpug_restore_drop_content(struct vgpug_record *record)
{
	while (record->pieces) {
		vgpug_restore_drop_list(record->content[--record->pieces]);
		vgpug_bo_put(record->content[record->pieces]);
	}
	kvfree(record->content);
	record->content = NULL;
}

static int vgpug_restore_alloc_locked(struct vgpug_ctx *ctx)
{
	struct vgpug_record *record = NULL;
	struct vgpug_bo *bo;
	unsigned long i;
	int err;

	lockdep_assert_held(&ctx->objects.lock);
	while ((record = vgpug_record_next(&ctx->records, record))) {
		if (record->opcode != VGPU_OP_BO_CREATE)
			continue;
		err = vgpug_restore_alloc_content(ctx, record);
		if (err)
			return err;
	}
	xa_for_each(&ctx->objects.bos, i, bo) {
		err = vgpug_restore_make_list(bo);
		if (err)
			return err;
	}
	return 0;
}

/* The device copies a piece, from or to memory that it gets for as long. */
static int vgpug_restore_copy_piece_locked(struct vgpug_ctx *ctx,
					   const struct vgpug_record *record, u32 n, bool save)
{
	struct vgpug_bo *piece = record->content[n];
	u64 length = (u64)piece->npages << PAGE_SHIFT;
	u64 offset = (u64)n * VGPUG_RESTORE_PIECE;
	u32 status = 0, handle, *side;
	u32 params[8] = {};
	int err, end;
	bool asked;

	lockdep_assert_held(&ctx->objects.lock);
	vgpug_bo_get(piece);
	err = vgpug_object_create_bo_locked(ctx, piece, &status, &handle);
	if (err)
		return vgpug_restore_status(err, status);
	/* dst, dst_offset, src, src_offset, length */
	params[save ? 0 : 3] = handle;
	side = params + (save ? 3 : 0);
	side[0] = record->handle;
	side[1] = lower_32_bits(offset);
	side[2] = upper_32_bits(offset);
	params[6] = lower_32_bits(length);
	params[7] = upper_32_bits(length);
	err = vgpug_object_request(ctx, VGPU_OP_COPY, params, 8, &asked, &status, NULL);
	err = vgpug_restore_status(err, status);
	end = vgpug_object_destroy_bo_locked(ctx, handle, &status);
	return err ?: end;
}

static int vgpug_restore_copy_locked(struct vgpug_ctx *ctx, bool save)
{
	struct vgpug_record *record = NULL;
	u32 n;
	int err;

	lockdep_assert_held(&ctx->objects.lock);
	while ((record = vgpug_record_next(&ctx->records, record))) {
		for (n = 0; n < record->pieces; n++) {
			err = vgpug_restore_copy_piece_locked(ctx, record, n, save);
			if (err)
				return err;
		}
	}
	return 0;
}

/* What a program made by a request is made by the same once more. */
static int vgpug_restore_record(struct vgpug_ctx *ctx, const struct vgpug_record *record)
{
	u32 nparams = record->nparams;
	struct vgpug_request *request;
	__le32 *p;
	int err;

	if (!vgpug_request_fits(nparams + 2, record->length))
		return -EMSGSIZE;
	request = vgpug_request_alloc();
	if (!request)
		return -ENOMEM;
	vgpug_request_encode(request, record->opcode, nparams + 2, record->length);
	p = vgpug_request_params(request);
	memcpy(p + 1, record->words, nparams * sizeof(*p));
	p[nparams + 1] = cpu_to_le32(record->handle);
	memcpy(vgpug_request_data(request), record->words + nparams, record->length);
	err = vgpug_ctx_run(ctx, request, true, VGPUG_OBJECT_TIMEOUT_MS);
	if (!err)
		err = vgpug_restore_status(0, request->status);
	if (!err && (!request->result_count ||
		     le32_to_cpu(*vgpug_request_results(request)) != record->handle))
		err = -EIO;
	vgpug_request_put(request);
	return err;
}

static int vgpug_restore_objects_locked(struct vgpug_ctx *ctx)
{
	u32 status = 0, handle;
	struct vgpug_record *record = NULL;
	struct vgpug_bo *bo;
	unsigned long i;
	int err;

	lockdep_assert_held(&ctx->objects.lock);
	while ((record = vgpug_record_next(&ctx->records, record))) {
		err = vgpug_restore_record(ctx, record);
		if (err)
			return err;
	}
	xa_for_each(&ctx->objects.bos, i, bo) {
		err = vgpug_object_tell_bo_locked(ctx, bo, i, &status, &handle);
		err = vgpug_restore_status(err, status);
		if (!err && handle != i)
			err = -EIO;
		if (err)
			return err;
	}
	return 0;
}

static int vgpug_restore_queues_locked(struct vgpug_ctx *ctx)
{
	struct vgpug_queues *queues = &vgpug_ctx_device(ctx)->queues;
	struct vgpug_queue *queue;
	u32 status = 0, id;
	unsigned long i;
	bool asked;
	int err;

	lockdep_assert_held(&ctx->objects.lock);
	xa_for_each(&ctx->objects.queues, i, queue) {
		/* handle, offset, entries, flags, number + 1, start */
		u32 params[7] = { queue->rings, 0, 0, queue->mask + 1, 0, queue->id + 1,
				  vgpug_queue_completed(queue) };

		/* its number is another's: it has ended, and nobody saw the device say so */
		if (!vgpug_queues_has(queues, queue))
			continue;
		err = vgpug_object_request(ctx, VGPU_OP_QUEUE_CREATE, params, ARRAY_SIZE(params),
					   &asked, &status, &id);
		err = vgpug_restore_status(err, status);
		if (!err && id != queue->id)
			err = -EIO;
		if (err)
			return err;
	}
	xa_for_each(&ctx->objects.queues, i, queue) {
		if (vgpug_queues_has(queues, queue))
			vgpug_queue_renew(queue, ctx->generation);
	}
	return 0;
}

static int vgpug_restore_ctx(struct vgpug_ctx *ctx)
{
	int err;

	mutex_lock(&ctx->objects.lock);
	err = vgpug_ctx_renew(ctx);
	/* the reset has ended whatever was doubtful */
	if (!err)
		vgpug_objects_release_limbo_locked(&ctx->objects);
	if (!err)
		err = vgpug_restore_objects_locked(ctx);
	if (!err)
		err = vgpug_restore_copy_locked(ctx, false);
	if (!err)
		err = vgpug_restore_queues_locked(ctx);
	mutex_unlock(&ctx->objects.lock);
	return err;
}

/* Holds all contexts that there are on the device.  Return whether they can be saved. */
static bool vgpug_restore_get_ctxs(struct vgpug_device *vdev)
{
	struct vgpug_mailbox *mb = &vdev->mailbox;
	struct vgpug_ctx *ctx;
	bool can;

	mutex_lock(&mb->lock);
	vdev->sleep.features = mb->features;
	can = mb->state == VGPUG_MAILBOX_RUNNING && mb->features & VGPU_FEATURE_RESTORE;
	list_for_each_entry(ctx, &mb->ctxs, node) {
		if (!can || !vgpug_ctx_is_there_locked(ctx))
			continue;
		vgpug_ctx_get(ctx);
		list_add_tail(&ctx->sleep_node, &vdev->sleep.ctxs);
	}
	mutex_unlock(&mb->lock);
	return can;
}

/* What was saved of a context is not needed any more. */
static void vgpug_restore_drop_ctx(struct vgpug_ctx *ctx)
{
	struct vgpug_record *record = NULL;
	struct vgpug_bo *bo;
	unsigned long i;

	mutex_lock(&ctx->objects.lock);
	while ((record = vgpug_record_next(&ctx->records, record)))
		vgpug_restore_drop_content(record);
	xa_for_each(&ctx->objects.bos, i, bo)
		vgpug_restore_drop_list(bo);
	mutex_unlock(&ctx->objects.lock);
	list_del(&ctx->sleep_node);
	vgpug_ctx_put(ctx);
}

/* A context that can't be kept is lost, as after any reset. */
static void vgpug_restore_give_up(struct vgpug_device *vdev, struct vgpug_ctx *ctx, int err)
{
	struct vgpug_queue *queue;
	unsigned long i;

	dev_warn(vdev->dev.parent, "a context can't be saved or made again, error %d\n", err);
	mutex_lock(&ctx->objects.lock);
	xa_for_each(&ctx->objects.queues, i, queue)
		vgpug_queue_renew(queue, VGPUG_GENERATION_NONE);
	mutex_unlock(&ctx->objects.lock);
	vgpug_ctx_give_up(ctx);
	vgpug_restore_drop_ctx(ctx);
}

/**
 * vgpug_restore_save() - get ready for the loss of all that is on the device
 * @vdev: drained; no process runs.  vgpug_restore_drop() has to follow, whatever this
 *	returns
 *
 * Does nothing if the device can't be brought back to where it was.  A context of which the
 * device doesn't have what it is thought to have is lost; its end may be under way.
 *
 * Context: Process context, may sleep.  Takes and releases &vgpug_objects.lock of all
 * files, and &vgpug_mailbox.lock.
 * Return: 0; or why there can be no sleep: -ENOMEM; -ETIMEDOUT if the device takes too long;
 * or as vgpug_bo_create().
 */
int vgpug_restore_save(struct vgpug_device *vdev)
{
	struct vgpug_ctx *ctx, *next;
	int err = 0;

	if (!vgpug_restore_get_ctxs(vdev))
		return 0;
	list_for_each_entry(ctx, &vdev->sleep.ctxs, sleep_node) {
		mutex_lock(&ctx->objects.lock);
		err = vgpug_restore_alloc_locked(ctx);
		mutex_unlock(&ctx->objects.lock);
		if (err)
			return err;
	}
	list_for_each_entry_safe(ctx, next, &vdev->sleep.ctxs, sleep_node) {
		mutex_lock(&ctx->objects.lock);
		err = vgpug_restore_copy_locked(ctx, true);
		mutex_unlock(&ctx->objects.lock);
		if (err == -ENOMEM || err == -ETIMEDOUT)
			return err;
		if (err)
			vgpug_restore_give_up(vdev, ctx, err);
	}
	return 0;
}

/**
 * vgpug_restore() - bring everything back
 * @vdev: was reset after vgpug_restore_save(), and is in use again
 *
 * A context for which this fails is lost, as after any reset.
 *
 * Context: Process context, may sleep.  Takes and releases &vgpug_objects.lock of all
 * files, and &vgpug_mailbox.lock.
 */
void vgpug_restore(struct vgpug_device *vdev)
{
	struct vgpug_mailbox *mb = &vdev->mailbox;
	struct vgpug_ctx *ctx, *next;
	bool can;
	int err;

	mutex_lock(&mb->lock);
	can = !(vdev->sleep.features & ~mb->features);
	mutex_unlock(&mb->lock);
	list_for_each_entry_safe(ctx, next, &vdev->sleep.ctxs, sleep_node) {
		err = can ? vgpug_restore_ctx(ctx) : -EOPNOTSUPP;
		if (err)
			vgpug_restore_give_up(vdev, ctx, err);
	}
	/* not before: one may wait for another */
	vgpug_queues_ring(&vdev->queues, vdev->sleep.doorbells);
	/* an interrupt may have gone with the device */
	vgpug_queues_interrupt(&vdev->queues);
}

/**
 * vgpug_restore_drop() - what was saved is not needed any more
 * @vdev: after vgpug_restore_save()
 *
 * Context: Process context, may sleep.  Takes and releases &vgpug_objects.lock of all
 * files.
 */
void vgpug_restore_drop(struct vgpug_device *vdev)
{
	struct vgpug_ctx *ctx, *next;

	list_for_each_entry_safe(ctx, next, &vdev->sleep.ctxs, sleep_node)
		vgpug_restore_drop_ctx(ctx);
}
