// SPDX-License-Identifier: GPL-2.0
/*
 * User-mode queues.  An entry of the submission ring is read once, into a private
 * copy, checked, and becomes a job in the arbiter like any other; when the job is
 * over its completion goes into the completion ring.  No memory is allocated and no
 * address is looked up for it.
 *
 * A queue is looked at when its doorbell rings, and after each of its jobs.  While
 * one is pending it asks for no doorbell.  Completions are in the order of the
 * submissions, whichever job is over first.
 *
 * What is in the rings can only harm the guest itself: the host keeps its indices
 * to itself, takes at most &vgpu_queue.window entries ahead of what it completed,
 * and refuses at most as many in one go: then it lets others have their turn.
 *
 * Stopped first, then drained, then freed: see vgpu_queue_end().
 */
#include <linux/lockdep.h>
#include <linux/log2.h>
#include <linux/nospec.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "bo.h"
#include "counters.h"
#include "ctx.h"
#include "gpu.h"
#include "module.h"
#include "prepare.h"
#include "queue.h"
#include "vgpu.h"

/* jobs taken and not completed */
static u32 vgpu_queue_taken(const struct vgpu_queue *queue)
{
	return queue->ring.fetched - queue->ring.completed;
}

static void vgpu_queue_release(struct kref *ref)
{
	struct vgpu_queue *queue = container_of(ref, struct vgpu_queue, ref);

	WARN_ON(vgpu_queue_taken(queue));
	vgpu_bo_put(queue->bo);
	vgpu_ctx_put(queue->ctx);
	mutex_destroy(&queue->lock);
	kvfree(queue->job);
	kfree(queue);
}

static void vgpu_queue_put(struct vgpu_queue *queue)
{
	kref_put(&queue->ref, vgpu_queue_release);
}

/* The block of arguments is the guest's to change at any time: it is read once. */
static enum vgpu_error vgpu_queue_prepare_launch(struct vgpu_queue *queue,
						 struct vgpu_job *job,
						 const struct vgpu_dev_sqe *sqe)
{
	u8 args[VGPU_MAX_ARGS * sizeof(struct vgpu_dev_arg)];
	u32 length = le32_to_cpu(sqe->launch.args_length), kernel, i;
	struct vgpu_bo_range range;
	enum vgpu_error err;

	err = vgpu_kernel_find(queue->ctx, le32_to_cpu(sqe->launch.kernel), &kernel);
	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(sqe->launch.grid); i++) {
		if (le32_to_cpu(sqe->launch.grid[i]) != 1 ||
		    le32_to_cpu(sqe->launch.block[i]) != 1)
			return VGPU_ERR_INVALID_REQUEST;
	}
	if (sqe->launch.shared || length > sizeof(args))
		return VGPU_ERR_INVALID_REQUEST;
	err = vgpu_prepare_range(queue->ctx, le32_to_cpu(sqe->launch.args),
				 le64_to_cpu(sqe->launch.args_offset), length, &range);
	if (!err && !vgpu_bo_vaddr(range.bo))
		err = VGPU_ERR_INVALID_REQUEST;
	if (!err)
		memcpy(args, vgpu_bo_vaddr(range.bo) + range.offset, length);
	vgpu_bo_put(range.bo);
	return err ?: vgpu_prepare_launch(queue->ctx, job, kernel, args, length);
}

static enum vgpu_error vgpu_queue_prepare(struct vgpu_queue *queue, struct vgpu_job *job,
					  const struct vgpu_dev_sqe *sqe)
{
	u32 control = le32_to_cpu(sqe->control) & ~VGPU_RING_PHASE, i;
	struct vgpu_prepare_range dst, src;

	if (control & ~VGPU_SQE_OPCODE_MASK || sqe->reserved)
		return VGPU_ERR_INVALID_REQUEST;

	switch (control) {
	case VGPU_SQE_NOP:
		for (i = 0; i < VGPU_SQE_WORDS; i++) {
			if (sqe->words[i])
				return VGPU_ERR_INVALID_REQUEST;
		}
		return VGPU_ERR_NONE;
	case VGPU_SQE_COPY:
		if (sqe->copy.reserved[0] || sqe->copy.reserved[1])
			return VGPU_ERR_INVALID_REQUEST;
		dst.handle = le32_to_cpu(sqe->copy.dst);
		dst.offset = le64_to_cpu(sqe->copy.dst_offset);
		src.handle = le32_to_cpu(sqe->copy.src);
		src.offset = le64_to_cpu(sqe->copy.src_offset);
		return vgpu_prepare_copy(queue->ctx, job, &dst, &src,
					 le64_to_cpu(sqe->copy.length));
	case VGPU_SQE_FILL:
		if (sqe->fill.reserved[0] || sqe->fill.reserved[1] || sqe->fill.reserved[2])
			return VGPU_ERR_INVALID_REQUEST;
		dst.handle = le32_to_cpu(sqe->fill.dst);
		dst.offset = le64_to_cpu(sqe->fill.offset);
		return vgpu_prepare_fill(queue->ctx, job, &dst,
					 le64_to_cpu(sqe->fill.length),
					 le32_to_cpu(sqe->fill.pattern));
	case VGPU_SQE_LAUNCH:
		return vgpu_queue_prepare_launch(queue, job, sqe);
	default:
		return VGPU_ERR_UNSUPPORTED_OP;
	}
}

/* Complete what is over, in order. */
static void vgpu_queue_advance_locked(struct vgpu_queue *queue)
{
	struct vgpu_counters *counters = &queue->ctx->vgpu->counters;
	struct vgpu_ring_device *ring = &queue->ring;
	struct vgpu_queue_job *qjob;

	lockdep_assert_held(&queue->lock);

	while (vgpu_queue_taken(queue)) {
		qjob = &queue->job[ring->completed & (queue->window - 1)];
		if (!qjob->over)
			break;
		qjob->over = false;
		vgpu_count_end(counters, qjob->job.status, qjob->job.gpu_ns);
		vgpu_job_set_owner(&qjob->job, VGPU_JOB_GUEST);
		if (queue->state == VGPU_QUEUE_STOPPED)
			ring->completed++;
		else
			vgpu_ring_complete(ring, qjob->user_data, qjob->job.status,
					   min_t(u64, qjob->job.gpu_ns, U32_MAX));
	}
}

/* Make a job of an entry.  It is over at once if it is no good. */
static bool vgpu_queue_take_locked(struct vgpu_queue *queue, const struct vgpu_dev_sqe *sqe)
{
	struct vgpu *vgpu = queue->ctx->vgpu;
	struct vgpu_queue_job *qjob;
	struct vgpu_job *job;
	enum vgpu_error err;

	lockdep_assert_held(&queue->lock);

	qjob = &queue->job[(queue->ring.fetched - 1) & (queue->window - 1)];
	job = &qjob->job;
	vgpu_job_set_owner(job, VGPU_JOB_QUEUE);
	vgpu_count(&vgpu->counters, VGPU_COUNT_REQUESTS);
	qjob->user_data = sqe->user_data;
	job->type = VGPU_JOB_NOP;
	job->gpu_ns = 0;
	err = vgpu_queue_prepare(queue, job, sqe);
	if (!err)
		err = vgpu_gpu_submit(vgpu->gpu, job);
	if (!err)
		return true;

	vgpu_prepare_undo(job);
	job->status = err;
	qjob->over = true;
	vgpu_job_set_owner(job, VGPU_JOB_DONE);
	return false;
}

/* Take what there is.  Where nothing is pending, ask for a doorbell. */
static void vgpu_queue_serve_locked(struct vgpu_queue *queue)
{
	struct vgpu_ring_device *ring = &queue->ring;
	u32 refused = 0;
	struct vgpu_dev_sqe sqe;

	lockdep_assert_held(&queue->lock);

	while (queue->state == VGPU_QUEUE_RUNNING &&
	       vgpu_queue_taken(queue) < queue->window) {
		if (refused == queue->window) {
			queue_work(queue->ctx->vgpu->gpu->wq, &queue->again);
			return;
		}
		if (!vgpu_ring_fetch(ring, &sqe)) {
			if (vgpu_queue_taken(queue)) {
				/* looked at again when that is over */
				vgpu_ring_disarm_kick(ring);
				return;
			}
			vgpu_ring_arm_kick(ring);
			if (!vgpu_ring_fetch(ring, &sqe))
				return;
		}
		if (!vgpu_queue_take_locked(queue, &sqe)) {
			refused++;
			vgpu_queue_advance_locked(queue);
		}
	}
}

/*
 * Serve a queue, of which job @over has ended unless it is NULL, and tell the guest
 * what became of it.  The caller has a reference.
 */
static void vgpu_queue_serve(struct vgpu_queue *queue, struct vgpu_queue_job *over)
{
	struct vgpu *vgpu = queue->ctx->vgpu;
	bool irq = false;

	mutex_lock(&queue->lock);
	if (over)
		over->over = true;
	vgpu_queue_advance_locked(queue);
	vgpu_queue_serve_locked(queue);
	if (queue->state == VGPU_QUEUE_STOPPED) {
		if (!vgpu_queue_taken(queue))
			complete_all(&queue->idle);
	} else if (queue->ring.signaled != queue->ring.completed) {
		irq = vgpu_ring_publish(&queue->ring);
	}
	mutex_unlock(&queue->lock);

	if (irq) {
		vgpu_count(&vgpu->counters, VGPU_COUNT_INTERRUPTS);
		vgpu->raise_irq(vgpu, VGPU_VECTOR_QUEUE(queue->id));
	}
}

static void vgpu_queue_again_work(struct work_struct *work)
{
	vgpu_queue_serve(container_of(work, struct vgpu_queue, again), NULL);
}

static void vgpu_queue_job_done(struct vgpu_job *job)
{
	struct vgpu_queue_job *qjob = container_of(job, struct vgpu_queue_job, job);
	struct vgpu_queue *queue = qjob->queue;

	/* the job is what keeps the queue until here */
	kref_get(&queue->ref);
	/* may sleep, and end objects: not under the lock */
	vgpu_prepare_undo(job);
	vgpu_queue_serve(queue, qjob);
	vgpu_queue_put(queue);
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

static void vgpu_queue_set_state(struct vgpu_queue *queue, enum vgpu_queue_state state)
{
	mutex_lock(&queue->lock);
	if (queue->state != VGPU_QUEUE_STOPPED)
		queue->state = state;
	mutex_unlock(&queue->lock);
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
		vgpu_queue_put(queue);
	}
}

/**
 * vgpu_queues_pause() - take nothing more out of the queues of a vGPU
 * @vgpu: the vGPU; nobody makes queues meanwhile, or they are found at
 *	vgpu_queues_resume()
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
		vgpu_queue_set_state(queue, vgpu_bo_is_lost(queue->bo) ?
				     VGPU_QUEUE_STOPPED : VGPU_QUEUE_RUNNING);
		vgpu_queue_serve(queue, NULL);
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
	vgpu_queues_set_state(vgpu, VGPU_QUEUE_STOPPED);
}

/**
 * vgpu_queue_create() - make a queue
 * @ctx: its context
 * @rings: the object and the offset where its rings are
 * @entries: entries of each ring
 * @id: its number
 *
 * The guest may submit at once.
 *
 * Context: may sleep; control job, of which a vGPU has one at a time.
 * Return: VGPU_ERR_NONE; VGPU_ERR_INVALID_REQUEST if @entries is not one of the
 * numbers there are, the offset is not aligned, or the object is not guest memory;
 * VGPU_ERR_NO_MEMORY, also if the vGPU has VGPU_MAX_QUEUES; or as
 * vgpu_prepare_range().
 */
enum vgpu_error vgpu_queue_create(struct vgpu_ctx *ctx,
				  const struct vgpu_prepare_range *rings, u32 entries,
				  u32 *id)
{
	struct vgpu *vgpu = ctx->vgpu;
	struct vgpu_bo_range range;
	struct vgpu_queue *queue;
	enum vgpu_error err;
	void *vaddr;
	u32 i;

	if (entries < VGPU_RING_MIN_ENTRIES || entries > VGPU_RING_MAX_ENTRIES ||
	    !is_power_of_2(entries) || !IS_ALIGNED(rings->offset, VGPU_BO_ALIGN))
		return VGPU_ERR_INVALID_REQUEST;
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
	queue->job = kvcalloc(queue->window, sizeof(*queue->job), GFP_KERNEL_ACCOUNT);
	if (!queue->job)
		goto err_queue;
	for (i = 0; i < queue->window; i++) {
		queue->job[i].queue = queue;
		queue->job[i].job.owner = VGPU_JOB_GUEST;
		queue->job[i].job.entity = &vgpu->entity;
		queue->job[i].job.stream = queue;
		queue->job[i].job.done = vgpu_queue_job_done;
		INIT_LIST_HEAD(&queue->job[i].job.node);
	}
	queue->ctx = ctx;
	queue->bo = range.bo;
	vaddr = vgpu_bo_vaddr(range.bo) + rings->offset;
	queue->ring.events = vaddr + VGPU_QUEUE_EVENTS;
	queue->ring.sq = vaddr + VGPU_QUEUE_SQ;
	queue->ring.cq = vaddr + VGPU_QUEUE_CQ(entries);
	queue->ring.mask = entries - 1;
	queue->state = VGPU_QUEUE_RUNNING;
	kref_init(&queue->ref);
	mutex_init(&queue->lock);
	init_completion(&queue->idle);
	INIT_WORK(&queue->again, vgpu_queue_again_work);

	spin_lock(&vgpu->queues.lock);
	for (i = 0; i < VGPU_MAX_QUEUES && vgpu->queues.queue[i]; i++)
		;
	if (i < VGPU_MAX_QUEUES) {
		queue->id = i;
		vgpu_ctx_get(ctx);
		vgpu->queues.queue[i] = queue;
	}
	spin_unlock(&vgpu->queues.lock);
	if (i == VGPU_MAX_QUEUES)
		goto err_jobs;
	*id = i;
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
 * End a queue that can't be found any more.  Its jobs that wait are taken back, those
 * on the GPU aborted; both end as jobs do, but leave no completion.
 */
static void vgpu_queue_end(struct vgpu_queue *queue)
{
	struct vgpu *vgpu = queue->ctx->vgpu;
	bool busy;

	mutex_lock(&queue->lock);
	queue->state = VGPU_QUEUE_STOPPED;
	busy = vgpu_queue_taken(queue);
	mutex_unlock(&queue->lock);
	/* nothing queues it again: that is only done while the queue runs */
	cancel_work_sync(&queue->again);
	vgpu_gpu_cancel(vgpu->gpu, &vgpu->entity, queue);
	if (busy)
		wait_for_completion(&queue->idle);
	vgpu_queue_put(queue);
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
	if (queue && queue->ctx == ctx)
		queues->queue[id] = NULL;
	else
		queue = NULL;
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
	vgpu_queue_serve(queue, NULL);
	vgpu_queue_put(queue);
	return true;
}
