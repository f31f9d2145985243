// SPDX-License-Identifier: GPL-2.0
/*
 * Contexts: each open file gets one on the device, with the first request that
 * needs it, and gives it back with the last close.  Nobody waits for either:
 *
 * - The request that creates the context goes into the file's queue in front
 *   of the first one that needs it.  Those behind it get its number, or its
 *   failure, when it is answered.  They can't overtake it, and whoever gives
 *   up meanwhile leaves nothing behind.
 * - The request that destroys it outlives the file.
 *
 * Both are one object, made with the file, so that closing can't fail.  It is
 * never in the mailbox twice: a context is destroyed only after its creation
 * was answered.
 *
 * A reset of the device takes its contexts away.  A file that had one says so
 * from then on (ESTALE), since its buffer objects are gone, too; unless it was while the
 * machine slept, and restore.c makes everything again, beginning here.
 */
#include <linux/device.h>
#include <linux/slab.h>

#include "ctx.h"

static void vgpug_ctx_free(struct kref *ref)
{
	struct vgpug_ctx *ctx = container_of(ref, struct vgpug_ctx, ref);

	vgpug_objects_fini(ctx, ctx->released);
	vgpug_records_fini(&ctx->records);
	vgpug_request_put(ctx->own);
	put_device(ctx->dev);
	kfree(ctx);
}

/**
 * vgpug_ctx_get() - take a reference
 * @ctx: something keeps it from going away
 *
 * Context: Any.
 */
void vgpug_ctx_get(struct vgpug_ctx *ctx)
{
	kref_get(&ctx->ref);
}

/**
 * vgpug_ctx_put() - drop a reference
 * @ctx: not to be used afterwards
 *
 * Context: Process context, may sleep.
 */
void vgpug_ctx_put(struct vgpug_ctx *ctx)
{
	kref_put(&ctx->ref, vgpug_ctx_free);
}

/**
 * vgpug_ctx_create() - for a file that is being opened
 * @dev: holds @mb
 * @mb: mailbox of the device
 *
 * Context: Process context.
 * Return: a context, to be given to vgpug_ctx_close(), or -ENOMEM.
 */
struct vgpug_ctx *vgpug_ctx_create(struct device *dev,
				   struct vgpug_mailbox *mb)
{
	struct vgpug_ctx *ctx;

	ctx = kzalloc(sizeof(*ctx), GFP_KERNEL_ACCOUNT);
	if (!ctx)
		return ERR_PTR(-ENOMEM);
	ctx->own = vgpug_request_alloc();
	if (!ctx->own)
		goto err_free_ctx;
	kref_init(&ctx->ref);
	ctx->dev = get_device(dev);
	ctx->mb = mb;
	vgpug_client_init(&ctx->client);
	vgpug_objects_init(&ctx->objects);
	ctx->state = VGPUG_CTX_NONE;
	mutex_lock(&mb->lock);
	list_add_tail(&ctx->node, &mb->ctxs);
	mutex_unlock(&mb->lock);
	return ctx;

err_free_ctx:
	kfree(ctx);
	return ERR_PTR(-ENOMEM);
}

/* Submits the context's own request; it holds a reference until it is done */
static int vgpug_ctx_submit_own_locked(struct vgpug_ctx *ctx,
				       void (*done)(struct vgpug_request *own))
{
	int err;

	lockdep_assert_held(&ctx->mb->lock);
	ctx->own->done = done;
	kref_get(&ctx->ref);
	err = vgpug_mailbox_enqueue_locked(ctx->mb, &ctx->client, ctx->own);
	if (err)
		vgpug_ctx_put(ctx);
	return err;
}

static void vgpug_ctx_destroyed_locked(struct vgpug_request *own)
{
	struct vgpug_ctx *ctx = container_of(own->client, struct vgpug_ctx, client);

	lockdep_assert_held(&ctx->mb->lock);
	ctx->released = !own->error && own->status == VGPU_ERR_NONE;
	vgpug_ctx_put(ctx);
}

/* Lets the device have its context back.  If it is dead there is none. */
static void vgpug_ctx_destroy_locked(struct vgpug_ctx *ctx)
{
	lockdep_assert_held(&ctx->mb->lock);
	if (ctx->generation != ctx->mb->generation) {
		/* there was a reset, and the device is in use again: it was one */
		ctx->released = ctx->mb->state == VGPUG_MAILBOX_RUNNING;
		return;
	}
	vgpug_request_encode(ctx->own, VGPU_OP_CTX_DESTROY, 1, 0);
	vgpug_request_set_ctx(ctx->own, ctx->id);
	vgpug_ctx_submit_own_locked(ctx, vgpug_ctx_destroyed_locked);
}

static void vgpug_ctx_ready_locked(struct vgpug_ctx *ctx, u32 id)
{
	struct vgpug_request *request;

	lockdep_assert_held(&ctx->mb->lock);
	ctx->id = id;
	ctx->generation = ctx->mb->generation;
	ctx->state = VGPUG_CTX_READY;
	ctx->released = false;
	list_for_each_entry(request, &ctx->client.requests, node) {
		if (request->wants_ctx)
			vgpug_request_set_ctx(request, id);
	}
}

static void vgpug_ctx_created_locked(struct vgpug_request *own)
{
	struct vgpug_ctx *ctx = container_of(own->client, struct vgpug_ctx,
					     client);
	int error = own->error;

	lockdep_assert_held(&ctx->mb->lock);
	if (!error && own->status == VGPU_ERR_NONE && !own->result_count)
		error = -EIO;
	if (error || own->status != VGPU_ERR_NONE) {
		ctx->state = VGPUG_CTX_NONE;
		vgpug_client_fail_locked(ctx->mb, &ctx->client, error,
					 own->status);
	} else {
		vgpug_ctx_ready_locked(ctx,
				       le32_to_cpu(*vgpug_request_results(own)));
		if (ctx->closed || ctx->lost)
			vgpug_ctx_destroy_locked(ctx);
	}
	vgpug_ctx_put(ctx);
}

/* Gives a request its context, or puts one before it that will */
static int vgpug_ctx_bind_locked(struct vgpug_ctx *ctx,
				 struct vgpug_request *request)
{
	int err;

	lockdep_assert_held(&ctx->mb->lock);
	/* closed: before it could be made again */
	if (ctx->lost || ctx->closed)
		return -ESTALE;
	switch (ctx->state) {
	case VGPUG_CTX_READY:
		if (ctx->generation != ctx->mb->generation)
			return -ESTALE;
		vgpug_request_set_ctx(request, ctx->id);
		return 0;
	case VGPUG_CTX_NONE:
		vgpug_request_encode(ctx->own, VGPU_OP_CTX_CREATE, 0, 0);
		err = vgpug_ctx_submit_own_locked(ctx,
						  vgpug_ctx_created_locked);
		if (err)
			return err;
		ctx->state = VGPUG_CTX_CREATING;
		break;
	case VGPUG_CTX_CREATING:
		break;
	}
	request->wants_ctx = true;
	return 0;
}

/**
 * vgpug_ctx_submit() - let a request have its turn
 * @ctx: whose request it is
 * @request: encoded, owned by the caller; afterwards as after
 *	vgpug_mailbox_enqueue_locked()
 * @needs_ctx: its first parameter is the context, to be filled in
 *
 * Context: Process context.  Takes and releases &vgpug_mailbox.lock.
 * Return: 0, -EAGAIN, -ENODEV; -ESTALE if the context was lost in a reset.
 */
int vgpug_ctx_submit(struct vgpug_ctx *ctx, struct vgpug_request *request,
		     bool needs_ctx)
{
	int err = 0;

	mutex_lock(&ctx->mb->lock);
	if (needs_ctx)
		err = vgpug_ctx_bind_locked(ctx, request);
	if (!err)
		err = vgpug_mailbox_enqueue_locked(ctx->mb, &ctx->client,
						   request);
	mutex_unlock(&ctx->mb->lock);
	return err;
}

/**
 * vgpug_ctx_run() - let a request have its turn, and wait for its answer
 * @ctx: as for vgpug_ctx_submit()
 * @request: likewise
 * @needs_ctx: likewise
 * @timeout_ms: longest wait
 *
 * Context: Process context, may sleep.
 * Return: 0 and there is an answer; else what vgpug_ctx_submit(),
 * vgpug_mailbox_wait() or &vgpug_request.error says, and the request may be on the
 * device still.
 */
int vgpug_ctx_run(struct vgpug_ctx *ctx, struct vgpug_request *request,
		  bool needs_ctx, u32 timeout_ms)
{
	int err;

	err = vgpug_ctx_submit(ctx, request, needs_ctx);
	if (!err)
		err = vgpug_mailbox_wait(ctx->mb, request, timeout_ms);
	return err ?: request->error;
}

/**
 * vgpug_ctx_is_there_locked() - has the device a context for the file?
 * @ctx: of an open file
 *
 * Context: Process context, &vgpug_mailbox.lock held.
 */
bool vgpug_ctx_is_there_locked(const struct vgpug_ctx *ctx)
{
	lockdep_assert_held(&ctx->mb->lock);
	return ctx->state == VGPUG_CTX_READY && !ctx->lost &&
	       ctx->generation == ctx->mb->generation;
}

/**
 * vgpug_ctx_lost() - has the device lost the context?
 * @ctx: of an open file
 *
 * Context: Process context.  Takes and releases &vgpug_mailbox.lock.
 * Return: 0; -ESTALE if so, in a reset; -ENODEV if the device itself is gone.
 */
int vgpug_ctx_lost(struct vgpug_ctx *ctx)
{
	int err = 0;

	mutex_lock(&ctx->mb->lock);
	if (ctx->mb->state == VGPUG_MAILBOX_DEAD)
		err = -ENODEV;
	else if (ctx->lost || (ctx->state == VGPUG_CTX_READY && !vgpug_ctx_is_there_locked(ctx)))
		err = -ESTALE;
	mutex_unlock(&ctx->mb->lock);
	return err;
}

/* Nobody wants the context any more. */
static void vgpug_ctx_release_locked(struct vgpug_ctx *ctx)
{
	lockdep_assert_held(&ctx->mb->lock);
	if (ctx->state == VGPUG_CTX_READY) {
		vgpug_ctx_destroy_locked(ctx);
	} else if (ctx->state == VGPUG_CTX_CREATING &&
		   ctx->own->owner == VGPUG_OWNER_QUEUE) {
		vgpug_mailbox_dequeue_locked(ctx->mb, ctx->own);
		ctx->state = VGPUG_CTX_NONE;
		vgpug_ctx_put(ctx);
	}
}

/**
 * vgpug_ctx_renew() - the context was lost, but may be made again
 * @ctx: the caller has a reference; the device was reset, and is in use again.  The next
 *	request that needs a context makes it
 *
 * Context: Process context.  Takes and releases &vgpug_mailbox.lock.
 * Return: 0; -ESTALE if the file has been closed.
 */
int vgpug_ctx_renew(struct vgpug_ctx *ctx)
{
	int err = -ESTALE;

	mutex_lock(&ctx->mb->lock);
	if (!ctx->closed) {
		ctx->state = VGPUG_CTX_NONE;
		ctx->released = true;
		err = 0;
	}
	mutex_unlock(&ctx->mb->lock);
	return err;
}

/**
 * vgpug_ctx_give_up() - the context is lost for good
 * @ctx: the caller has a reference; what there may be of it on the device ends
 *
 * The machine is asleep; whoever uses it is told afterwards.
 *
 * Context: Process context.  Takes and releases &vgpug_mailbox.lock.
 */
void vgpug_ctx_give_up(struct vgpug_ctx *ctx)
{
	mutex_lock(&ctx->mb->lock);
	ctx->lost = true;
	ctx->mb->untold = true;
	if (!ctx->closed)
		vgpug_ctx_release_locked(ctx);
	mutex_unlock(&ctx->mb->lock);
}

/**
 * vgpug_ctx_close() - the file is gone, and nobody uses it any more
 * @ctx: not to be used afterwards
 *
 * Doesn't wait for the device.
 *
 * Context: Process context.  Takes and releases &vgpug_mailbox.lock.
 */
void vgpug_ctx_close(struct vgpug_ctx *ctx)
{
	struct vgpug_mailbox *mb = ctx->mb;

	mutex_lock(&mb->lock);
	ctx->closed = true;
	list_del(&ctx->node);
	if (!ctx->lost)
		vgpug_ctx_release_locked(ctx);
	mutex_unlock(&mb->lock);
	vgpug_ctx_put(ctx);
}
