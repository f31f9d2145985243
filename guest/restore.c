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
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/io.h>
#include <linux/jiffies.h>
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

/* Who is refused for now asks again after so many, whatever the device says */
#define VGPUG_RESTORE_MIN_RETRY_US	1000
#define VGPUG_RESTORE_MAX_RETRY_US	USEC_PER_SEC

/*
 * -EBUSY: the device doesn't do it now; -ETIMEDOUT: it took the host too long.  To be
 * quarantined is neither: it may last for ever, and the machine is not to be kept awake so
 * long.  So what was there is lost, as is what nobody can run for the quarantined vGPU.
 */
static int vgpug_restore_status(int err, u32 status)
{
	if (err && err != -EREMOTEIO)
		return err;
	switch (status) {
	case VGPU_ERR_NONE:
		return err;
	case VGPU_ERR_RATE_LIMITED:
	case VGPU_ERR_QUEUE_FULL:
	case VGPU_ERR_CANCELED:
		return -EBUSY;
	case VGPU_ERR_TIMEOUT:
		return -ETIMEDOUT;
	case VGPU_ERR_NO_MEMORY:
		return -ENOMEM;
	default:
		return -EREMOTEIO;
	}
}

/* Is it worth to ask once more?  Waits until it is. */
static bool vgpug_restore_again(struct vgpug_ctx *ctx, int err, u32 retry_us)
{
	if (err != -EBUSY || !time_before(jiffies, vgpug_ctx_device(ctx)->sleep.end))
		return false;
	fsleep(clamp_t(u32, retry_us, VGPUG_RESTORE_MIN_RETRY_US, VGPUG_RESTORE_MAX_RETRY_US));
	return true;
}

/*
 * Asks the device, as long as it refuses for now.  The context is put before @params;
 * @result: what it must say, if it says something.
 */
static int vgpug_restore_ask(struct vgpug_ctx *ctx, u32 opcode, const __le32 *params,
			     u32 nparams, const void *data, u32 length, const u32 *result)
{
	struct vgpug_request *request;
	int err;

	if (!vgpug_request_fits(nparams + 1, length))
		return -EMSGSIZE;
	request = vgpug_request_alloc();
	if (!request)
		return -ENOMEM;
	do {
		vgpug_request_encode(request, opcode, nparams + 1, length);
		memcpy(vgpug_request_params(request) + 1, params, nparams * sizeof(*params));
		memcpy(vgpug_request_data(request), data, length);
		err = vgpug_ctx_run(ctx, request, true, VGPUG_OBJECT_TIMEOUT_MS);
		/* else it may be on the device, and is not to be looked at */
		if (!err)
			err = vgpug_restore_status(0, request->status);
	} while (vgpug_restore_again(ctx, err, READ_ONCE(request->retry_us)));
	if (!err && result && (!request->result_count ||
			       le32_to_cpu(*vgpug_request_results(request)) != *result))
		err = -EIO;
	vgpug_request_put(request);
	return err;
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

static int vgpug_restore_create_bo_locked(struct vgpug_ctx *ctx, struct vgpug_bo *bo,
					  u32 *handle)
{
	u32 status = 0;
	int err;

	lockdep_assert_held(&ctx->objects.lock);
	do {
		vgpug_bo_get(bo);
		err = vgpug_object_create_bo_locked(ctx, bo, &status, handle);
		err = vgpug_restore_status(err, status);
	} while (vgpug_restore_again(ctx, err, 0));
	return err;
}

static int vgpug_restore_destroy_bo_locked(struct vgpug_ctx *ctx, u32 handle)
{
	u32 status = 0;
	int err;

	lockdep_assert_held(&ctx->objects.lock);
	do {
		err = vgpug_object_destroy_bo_locked(ctx, handle, &status);
		err = vgpug_restore_status(err, status);
	} while (vgpug_restore_again(ctx, err, 0));
	return err;
}

/* The device copies a piece, from or to memory that it gets for as long. */
static int vgpug_restore_copy_piece_locked(struct vgpug_ctx *ctx,
					   const struct vgpug_record *record, u32 n, bool save)
{
	struct vgpug_bo *piece = record->content[n];
	u64 length = (u64)piece->npages << PAGE_SHIFT;
	u64 offset = (u64)n * VGPUG_RESTORE_PIECE;
	__le32 params[8] = {}, *side;
	int err, end;
	u32 handle;

	lockdep_assert_held(&ctx->objects.lock);
	err = vgpug_restore_create_bo_locked(ctx, piece, &handle);
	if (err)
		return err;
	/* dst, dst_offset, src, src_offset, length */
	params[save ? 0 : 3] = cpu_to_le32(handle);
	side = params + (save ? 3 : 0);
	side[0] = cpu_to_le32(record->handle);
	side[1] = cpu_to_le32(lower_32_bits(offset));
	side[2] = cpu_to_le32(upper_32_bits(offset));
	params[6] = cpu_to_le32(lower_32_bits(length));
	params[7] = cpu_to_le32(upper_32_bits(length));
	err = vgpug_restore_ask(ctx, VGPU_OP_COPY, params, ARRAY_SIZE(params), NULL, 0, NULL);
	end = vgpug_restore_destroy_bo_locked(ctx, handle);
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
	__le32 params[VGPUG_RECORD_MAX_PARAMS + 1];

	memcpy(params, record->words, record->nparams * sizeof(*params));
	/* the wish */
	params[record->nparams] = cpu_to_le32(record->handle);
	return vgpug_restore_ask(ctx, record->opcode, params, record->nparams + 1,
				 record->words + record->nparams, record->length,
				 &record->handle);
}

static int vgpug_restore_tell_bo_locked(struct vgpug_ctx *ctx, struct vgpug_bo *bo, u32 want)
{
	u32 status = 0, handle;
	int err;

	lockdep_assert_held(&ctx->objects.lock);
	do {
		err = vgpug_object_tell_bo_locked(ctx, bo, want, &status, &handle);
		err = vgpug_restore_status(err, status);
	} while (vgpug_restore_again(ctx, err, 0));
	return err ?: handle == want ? 0 : -EIO;
}

static int vgpug_restore_objects_locked(struct vgpug_ctx *ctx)
{
	struct vgpug_record *record = NULL;
	struct vgpug_bo *bo;
	unsigned long i;
	int err;

	lockdep_assert_held(&ctx->objects.lock);
	/* in front, since modules are built of them */
	xa_for_each(&ctx->objects.bos, i, bo) {
		err = vgpug_restore_tell_bo_locked(ctx, bo, i);
		if (err)
			return err;
	}
	while ((record = vgpug_record_next(&ctx->records, record))) {
		err = vgpug_restore_record(ctx, record);
		if (err)
			return err;
	}
	return 0;
}

static int vgpug_restore_queues_locked(struct vgpug_ctx *ctx)
{
	struct vgpug_queues *queues = &vgpug_ctx_device(ctx)->queues;
	struct vgpug_queue *queue;
	unsigned long i;
	int err;

	lockdep_assert_held(&ctx->objects.lock);
	xa_for_each(&ctx->objects.queues, i, queue) {
		/* handle, offset, entries, flags, number + 1, start */
		const __le32 params[7] = {
			[0] = cpu_to_le32(queue->rings),
			[3] = cpu_to_le32(queue->mask + 1),
			[5] = cpu_to_le32(queue->id + 1),
			[6] = cpu_to_le32(vgpug_queue_completed(queue)),
		};

		/* its number is another's: it has ended, and nobody saw the device say so */
		if (!vgpug_queues_has(queues, queue))
			continue;
		err = vgpug_restore_ask(ctx, VGPU_OP_QUEUE_CREATE, params, ARRAY_SIZE(params),
					NULL, 0, &queue->id);
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
	/*
	 * Once its content is dropped a record may go: by the answer, which may come now, to
	 * a request that the device took too long for.
	 */
	mutex_lock(&ctx->mb->lock);
	while ((record = vgpug_record_next(&ctx->records, record)))
		vgpug_restore_drop_content(record);
	mutex_unlock(&ctx->mb->lock);
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
 * device doesn't have what it is thought to have is lost; its end may be under way.  What the
 * device refuses for now is asked again, for as long as going to sleep may take.
 *
 * Context: Process context, may sleep.  Takes and releases &vgpug_objects.lock of all
 * files, and &vgpug_mailbox.lock.
 * Return: 0; or why there can be no sleep: -ENOMEM; -ETIMEDOUT if the device takes too long;
 * -EBUSY if it refuses still; or as vgpug_bo_create().
 */
int vgpug_restore_save(struct vgpug_device *vdev)
{
	struct vgpug_ctx *ctx, *next;
	int err = 0;

	vdev->sleep.end = jiffies + VGPUG_SLEEP_TIMEOUT;
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
		if (err == -ENOMEM || err == -ETIMEDOUT || err == -EBUSY)
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

	/* what is not there by then is lost, so it is given more time than going to sleep */
	vdev->sleep.end = jiffies + msecs_to_jiffies(VGPUG_OBJECT_TIMEOUT_MS);
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
