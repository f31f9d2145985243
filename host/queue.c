// SPDX-License-Identifier: GPL-2.0
/*
 * User-mode queues: their life.  What is done with their entries is in serve.c.
 *
 * Stopped first, then drained, then freed: see vgpu_queue_end().
 */
#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/nospec.h>
#include <linux/slab.h>

#include "bo.h"
#include "counters.h"
#include "ctx.h"
#include "fence.h"
#include "gpu.h"
#include "poll.h"
#include "prepare.h"
#include "queue.h"
#include "serve.h"
#include "vgpu.h"

static void vgpu_queue_release(struct kref *ref)
{
	complete(&container_of(ref, struct vgpu_queue, ref)->unused);
}

static void vgpu_queue_free(struct vgpu_queue *queue)
{
	WARN_ON(vgpu_serve_taken(queue));
	vgpu_bo_put(queue->bo);
	vgpu_ctx_put(queue->ctx);
	mutex_destroy(&queue->lock);
	kvfree(queue->job);
	kfree(queue);
}

/**
 * vgpu_queue_get() - take a reference
 * @queue: something keeps it from going away
 *
 * Context: any.
 */
void vgpu_queue_get(struct vgpu_queue *queue)
{
	kref_get(&queue->ref);
}

/**
 * vgpu_queue_put() - drop a reference
 * @queue: not to be used afterwards
 *
 * Context: any.
 */
void vgpu_queue_put(struct vgpu_queue *queue)
{
	kref_put(&queue->ref, vgpu_queue_release);
}

/**
 * vgpu_queues_init() - no queues
 * @queues: the queues
 *
 * Context: any.
 */
void vgpu_queues_init(struct vgpu_queues *queues)
{
	spin_lock_init(&queues->lock);
}

/**
 * vgpu_queues_fini() - end of the queues
 * @queues: the queues, of which there are none
 *
 * Context: any.
 */
void vgpu_queues_fini(struct vgpu_queues *queues)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(queues->queue); i++)
		WARN_ON(queues->queue[i]);
}

/* Return the queue with a reference for the caller, or NULL. */
static struct vgpu_queue *vgpu_queue_find(struct vgpu *vgpu, u32 id)
{
	struct vgpu_queue *queue = NULL;

	if (id >= VGPU_MAX_QUEUES)
		return NULL;
	id = array_index_nospec(id, VGPU_MAX_QUEUES);
	spin_lock(&vgpu->queues.lock);
	queue = vgpu->queues.queue[id];
	if (queue)
		kref_get(&queue->ref);
	spin_unlock(&vgpu->queues.lock);
	return queue;
}

/* Return whether it is in another state now. */
static bool vgpu_queue_set_state(struct vgpu_queue *queue, enum vgpu_queue_state state)
{
	struct vgpu_queues *queues = &queue->ctx->vgpu->queues;
	bool changed;

	mutex_lock(&queue->lock);
	changed = queue->state != VGPU_QUEUE_STOPPED && queue->state != state;
	if (changed)
		WRITE_ONCE(queue->state, state);
	/* it is prepared: it names objects that may go now */
	if (state == VGPU_QUEUE_PAUSED)
		vgpu_serve_end_stall_locked(queue);
	if (state == VGPU_QUEUE_STOPPED) {
		vgpu_serve_end_wait_locked(queue);
		spin_lock(&queues->lock);
		vgpu_fence_end_locked(queue);
		spin_unlock(&queues->lock);
	}
	mutex_unlock(&queue->lock);
	return changed;
}

static void vgpu_queues_set_state(struct vgpu *vgpu, enum vgpu_queue_state state)
{
	struct vgpu_queue *queue;
	u32 i;

	for (i = 0; i < VGPU_MAX_QUEUES; i++) {
		queue = vgpu_queue_find(vgpu, i);
		if (!queue)
			continue;
		vgpu_queue_set_state(queue, state);
		/* what is over may be a work item's to complete still: see below */
		vgpu_serve(queue);
		vgpu_queue_put(queue);
	}
}

/**
 * vgpu_queues_pause() - take nothing more out of the queues of a vGPU
 * @vgpu: the vGPU; nobody makes queues meanwhile, or they are found at
 *	vgpu_queues_resume()
 *
 * If no job of @vgpu is pending, then afterwards nobody touches the rings, until
 * vgpu_queues_resume(): every completion has been written, and told or left to whoever tells.
 *
 * Context: may sleep.
 */
void vgpu_queues_pause(struct vgpu *vgpu)
{
	vgpu_queues_set_state(vgpu, VGPU_QUEUE_PAUSED);
}

/**
 * vgpu_queues_resume() - serve the queues again, but those whose rings are lost
 * @vgpu: the vGPU, paused and drained; it accepts jobs
 *
 * Context: may sleep.
 */
void vgpu_queues_resume(struct vgpu *vgpu)
{
	struct vgpu_queue *queue;
	u32 i;

	for (i = 0; i < VGPU_MAX_QUEUES; i++) {
		queue = vgpu_queue_find(vgpu, i);
		if (!queue)
			continue;
		if (!vgpu_bo_is_lost(queue->bo))
			vgpu_queue_set_state(queue, VGPU_QUEUE_RUNNING);
		else if (vgpu_queue_set_state(queue, VGPU_QUEUE_STOPPED))
			/* who waits for a completion need not any more */
			vgpu->raise_irq(vgpu, VGPU_VECTOR_QUEUE(queue->id));
		vgpu_serve(queue);
		vgpu_queue_put(queue);
	}
}

/**
 * vgpu_queues_stop() - touch the rings of a vGPU no more
 * @vgpu: the vGPU
 *
 * The queues remain until their context ends.
 *
 * Context: may sleep.
 */
void vgpu_queues_stop(struct vgpu *vgpu)
{
	/* first none goes on: not because the one that it waits for has been stopped before it */
	vgpu_queues_pause(vgpu);
	vgpu_queues_set_state(vgpu, VGPU_QUEUE_STOPPED);
}

static void vgpu_queue_again_work(struct work_struct *work)
{
	vgpu_serve_try(container_of(to_delayed_work(work), struct vgpu_queue, again));
}

/* Give a queue its number: from then on it can be found. */
static enum vgpu_error vgpu_queue_publish(struct vgpu_queue *queue, u32 want)
{
	struct vgpu_queues *queues = &queue->ctx->vgpu->queues;
	enum vgpu_error err = VGPU_ERR_NONE;
	u32 id = 0, i;

	spin_lock(&queues->lock);
	if (want)
		id = array_index_nospec(want - 1, VGPU_MAX_QUEUES);
	else
		while (id < VGPU_MAX_QUEUES && queues->queue[id])
			id++;
	if (id == VGPU_MAX_QUEUES) {
		err = VGPU_ERR_NO_MEMORY;
	} else if (queues->queue[id]) {
		err = VGPU_ERR_BUSY;
	} else {
		queue->id = id;
		for (i = 0; i < queue->window; i++)
			queue->job[i].job.from.queue = id;
		vgpu_ctx_get(queue->ctx);
		queues->queue[id] = queue;
	}
	spin_unlock(&queues->lock);
	return err;
}

/**
 * vgpu_queue_create() - make a queue
 * @ctx: its context
 * @rings: the object and the offset where its rings are
 * @entries: entries of each ring
 * @want: the number it is to have, plus 1; 0: any
 * @start: index of the first entry that has not completed
 * @id: its number
 *
 * The guest may submit at once.  One for which it has wishes has perhaps something in its
 * rings, and is not looked at before its doorbell rings.
 *
 * Context: may sleep; control job, of which a vGPU has one at a time.
 * Return: VGPU_ERR_NONE; VGPU_ERR_INVALID_REQUEST if @entries is not one of the
 * numbers there are, the offset is not aligned, or the object is not guest memory;
 * VGPU_ERR_BAD_HANDLE if @want is none of the numbers there are, VGPU_ERR_BUSY if it is
 * taken; VGPU_ERR_NO_MEMORY, also if the vGPU has VGPU_MAX_QUEUES; or as
 * vgpu_prepare_range().
 */
enum vgpu_error vgpu_queue_create(struct vgpu_ctx *ctx,
				  const struct vgpu_prepare_range *rings, u32 entries,
				  u32 want, u32 start, u32 *id)
{
	struct vgpu_bo_range range;
	struct vgpu_queue *queue;
	enum vgpu_error err;
	void *vaddr;
	u32 i;

	if (entries < VGPU_RING_MIN_ENTRIES || entries > VGPU_RING_MAX_ENTRIES ||
	    !is_power_of_2(entries) || !IS_ALIGNED(rings->offset, VGPU_BO_ALIGN))
		return VGPU_ERR_INVALID_REQUEST;
	if (want > VGPU_MAX_QUEUES)
		return VGPU_ERR_BAD_HANDLE;
	/* no queue is there to be locked, but nothing is lost while a control job runs */
	err = vgpu_prepare_range(ctx, rings->handle, rings->offset,
				 VGPU_QUEUE_SIZE(entries), &range);
	if (!err && !vgpu_bo_vaddr(range.bo))
		err = VGPU_ERR_INVALID_REQUEST;
	if (err)
		goto err_bo;

	err = VGPU_ERR_NO_MEMORY;
	queue = kzalloc(sizeof(*queue), GFP_KERNEL_ACCOUNT);
	if (!queue)
		goto err_bo;
	queue->window = min_t(u32, entries, VGPU_QUEUE_WINDOW);
	queue->passes_jiffy = jiffies - 1;
	queue->job = kvcalloc(queue->window, sizeof(*queue->job), GFP_KERNEL_ACCOUNT);
	if (!queue->job)
		goto err_queue;
	queue->ctx = ctx;
	for (i = 0; i < queue->window; i++)
		vgpu_serve_init_job(queue, &queue->job[i]);
	queue->bo = range.bo;
	vaddr = vgpu_bo_vaddr(range.bo) + rings->offset;
	queue->ring.events = vaddr + VGPU_QUEUE_EVENTS;
	queue->ring.sq = vaddr + VGPU_QUEUE_SQ;
	queue->ring.cq = vaddr + VGPU_QUEUE_CQ(entries);
	queue->ring.mask = entries - 1;
	queue->ring.fetched = start;
	queue->ring.completed = start;
	queue->ring.signaled = start;
	queue->ring.sq_event = start;
	queue->published = start;
	queue->held = want || start;
	queue->state = VGPU_QUEUE_RUNNING;
	kref_init(&queue->ref);
	mutex_init(&queue->lock);
	init_completion(&queue->idle);
	init_completion(&queue->unused);
	INIT_DELAYED_WORK(&queue->again, vgpu_queue_again_work);
	vgpu_poll_init(queue);

	err = vgpu_queue_publish(queue, want);
	if (err)
		goto err_jobs;
	*id = queue->id;
	/* whether it asks for doorbells depends */
	vgpu_serve(queue);
	return VGPU_ERR_NONE;

err_jobs:
	mutex_destroy(&queue->lock);
	kvfree(queue->job);
err_queue:
	kfree(queue);
err_bo:
	vgpu_bo_put(range.bo);
	return err;
}

/*
 * Take back the jobs of a queue that wait and abort those on the GPU, and wait for their
 * end.  It takes no new ones.
 */
static void vgpu_queue_drain(struct vgpu_queue *queue)
{
	struct vgpu *vgpu = queue->ctx->vgpu;
	bool busy;

	mutex_lock(&queue->lock);
	WARN_ON_ONCE(queue->state != VGPU_QUEUE_STOPPED && !queue->aborting);
	vgpu_serve_end_wait_locked(queue);
	busy = vgpu_serve_taken(queue);
	if (busy)
		reinit_completion(&queue->idle);
	mutex_unlock(&queue->lock);
	vgpu_gpu_cancel(vgpu->gpu, &vgpu->entity, queue);
	if (busy)
		wait_for_completion(&queue->idle);
}

/*
 * End a queue that can't be found any more.  Its jobs leave no completion.  Afterwards
 * nobody uses it: not its memory, either, which may be unmapped at any time.
 */
static void vgpu_queue_end(struct vgpu_queue *queue)
{
	mutex_lock(&queue->lock);
	WRITE_ONCE(queue->state, VGPU_QUEUE_STOPPED);
	mutex_unlock(&queue->lock);
	vgpu_queue_drain(queue);
	vgpu_queue_put(queue);
	/* who has found it is in a doorbell, or completes a job: neither waits for us */
	wait_for_completion(&queue->unused);
	/* nobody is left who would queue it */
	vgpu_poll_cancel(queue);
	cancel_delayed_work_sync(&queue->again);
	vgpu_queue_free(queue);
}

/* Take queue @id of @ctx out of reach.  Return it, or NULL. */
static struct vgpu_queue *vgpu_queue_unpublish(struct vgpu_ctx *ctx, u32 id)
{
	struct vgpu_queues *queues = &ctx->vgpu->queues;
	struct vgpu_queue *queue;

	if (id >= VGPU_MAX_QUEUES)
		return NULL;
	id = array_index_nospec(id, VGPU_MAX_QUEUES);
	spin_lock(&queues->lock);
	queue = queues->queue[id];
	if (queue && queue->ctx == ctx) {
		queues->queue[id] = NULL;
		vgpu_fence_end_locked(queue);
	} else {
		queue = NULL;
	}
	spin_unlock(&queues->lock);
	return queue;
}

/**
 * vgpu_queue_destroy() - end a queue
 * @ctx: its context
 * @id: what the guest says is its number
 *
 * Context: may sleep, for as long as the backend takes to abort a job.
 * Return: VGPU_ERR_NONE or VGPU_ERR_BAD_HANDLE.
 */
enum vgpu_error vgpu_queue_destroy(struct vgpu_ctx *ctx, u32 id)
{
	struct vgpu_queue *queue = vgpu_queue_unpublish(ctx, id);

	if (!queue)
		return VGPU_ERR_BAD_HANDLE;
	vgpu_queue_end(queue);
	return VGPU_ERR_NONE;
}

/**
 * vgpu_queue_abort() - cancel what is in a queue
 * @ctx: its context
 * @id: what the guest says is its number
 *
 * What was submitted before has completed when this returns.
 *
 * Context: may sleep, for as long as the backend takes to abort a job; control job, of
 * which a vGPU has one at a time.
 * Return: VGPU_ERR_NONE; VGPU_ERR_BAD_HANDLE; VGPU_ERR_BAD_ADDRESS if its rings are lost.
 */
enum vgpu_error vgpu_queue_abort(struct vgpu_ctx *ctx, u32 id)
{
	struct vgpu_queue *queue = vgpu_queue_find(ctx->vgpu, id);
	enum vgpu_error err = VGPU_ERR_NONE;

	if (!queue)
		return VGPU_ERR_BAD_HANDLE;
	if (queue->ctx != ctx) {
		err = VGPU_ERR_BAD_HANDLE;
		goto out_put;
	}
	mutex_lock(&queue->lock);
	queue->aborting = queue->state != VGPU_QUEUE_STOPPED;
	mutex_unlock(&queue->lock);
	if (!queue->aborting) {
		err = VGPU_ERR_BAD_ADDRESS;
		goto out_put;
	}
	vgpu_queue_drain(queue);
	mutex_lock(&queue->lock);
	queue->aborting = false;
	/*
	 * The rings may have been given up meanwhile by a stop, not by an unmap: that
	 * waits for us before it takes the memory away.
	 */
	if (queue->state != VGPU_QUEUE_STOPPED)
		vgpu_serve_cancel_locked(queue);
	mutex_unlock(&queue->lock);
	vgpu_serve(queue);
out_put:
	vgpu_queue_put(queue);
	return err;
}

/**
 * vgpu_queue_destroy_all() - end all queues of a context
 * @ctx: the context; no longer reachable by its id
 *
 * Context: may sleep, as vgpu_queue_destroy().
 */
void vgpu_queue_destroy_all(struct vgpu_ctx *ctx)
{
	u32 i;

	for (i = 0; i < VGPU_MAX_QUEUES; i++)
		vgpu_queue_destroy(ctx, i);
}

/**
 * vgpu_queue_look_later() - have a work item look at a queue, if it is there
 * @vgpu: whose queue
 * @id: its number
 *
 * Context: process context.
 */
void vgpu_queue_look_later(struct vgpu *vgpu, u32 id)
{
	struct vgpu_queue *queue = vgpu_queue_find(vgpu, id);

	if (!queue)
		return;
	vgpu_serve_again(queue);
	vgpu_queue_put(queue);
}

/**
 * vgpu_queue_doorbell() - the guest has submitted something
 * @vgpu: whose queue
 * @id: its number
 *
 * The checking of what was submitted is done here: it is the guest's own processor
 * that waits for it.
 *
 * Context: may sleep.
 * Return: false if there is no such queue.
 */
bool vgpu_queue_doorbell(struct vgpu *vgpu, u32 id)
{
	struct vgpu_queue *queue = vgpu_queue_find(vgpu, id);

	if (!queue)
		return false;
	vgpu_count(&vgpu->counters, VGPU_COUNT_DOORBELLS);
	WRITE_ONCE(queue->held, false);
	vgpu_poll_woken(queue);
	vgpu_serve_doorbell(queue);
	vgpu_queue_put(queue);
	return true;
}
