// SPDX-License-Identifier: GPL-2.0
/*
 * Serving a queue.  An entry of the submission ring is read once, into a private
 * copy, checked, and becomes a job in the arbiter like any other; when the job is
 * over its completion goes into the completion ring.  No memory is allocated and no
 * address is looked up for it.
 *
 * A queue is looked at when its doorbell rings, and after each of its jobs.  While
 * one is pending, or the queue is quiet or polled, it asks for no doorbell.  Completions are in
 * the order of the submissions, whichever job is over first.
 *
 * What is in the rings can only harm the guest itself: the host keeps its indices
 * to itself, and takes at most &vgpu_queue.window entries ahead of what it completed.
 * Entries that are no jobs (refused, or a fence that is passed) take little of the vGPU's
 * share of the GPU, so nothing holds back who submits them without end but where they are
 * dealt with: in the doorbell as many as the window, it is the guest's own processor;
 * elsewhere a few after each job, or each jiffy if there is none.  Queues that wait for each
 * other, and for nothing else, have so many fences to pass in a jiffy: else they would keep as
 * many processors busy as there are queues.
 * Whoever completes a job waits for nobody who serves a queue.
 *
 * An entry of which the arbiter doesn't want the job yet stays where it is, and those behind
 * it in the ring.  It is offered again when jobs of the vGPU have gone on, or at the time
 * at which its rate permits it.
 */
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "bo.h"
#include "counters.h"
#include "ctx.h"
#include "delay.h"
#include "fence.h"
#include "gpu.h"
#include "module.h"
#include "poll.h"
#include "prepare.h"
#include "queue.h"
#include "quiet.h"
#include "serve.h"
#include "vgpu.h"

/*
 * Turns in one go, but for the doorbell.  An entry that is refused takes VGPU_SERVE_REFUSED
 * of them, a fence that is passed one: a job may wait for every other queue.
 */
#define VGPU_SERVE_TURNS	VGPU_MAX_QUEUES
#define VGPU_SERVE_REFUSED	4U

/* Fences that a queue may pass in a jiffy, and as many as a go has turns after each of its jobs */
#define VGPU_SERVE_PASSES	32U

/* What passing one is charged, with the vGPU's next job: about what a work item takes */
#define VGPU_SERVE_PASS_NS	1000U

/* The block of arguments is the guest's to change at any time: it is read once. */
static enum vgpu_error vgpu_serve_read_args(struct vgpu_queue *queue,
					    const struct vgpu_dev_sqe *sqe, u8 *args, u32 room)
{
	u32 length = le32_to_cpu(sqe->launch.args_length);
	struct vgpu_bo_range range;
	enum vgpu_error err;

	if (length > room)
		return VGPU_ERR_INVALID_REQUEST;
	/* there is no block then; whoever takes arguments refuses that */
	if (!length)
		return VGPU_ERR_NONE;
	err = vgpu_prepare_range(queue->ctx, le32_to_cpu(sqe->launch.args),
				 le64_to_cpu(sqe->launch.args_offset), length, &range);
	if (!err && !vgpu_bo_vaddr(range.bo))
		err = VGPU_ERR_INVALID_REQUEST;
	if (!err)
		memcpy(args, vgpu_bo_vaddr(range.bo) + range.offset, length);
	vgpu_bo_put_async(range.bo);
	return err;
}

static enum vgpu_error vgpu_serve_prepare_launch(struct vgpu_queue *queue,
						 struct vgpu_job *job,
						 const struct vgpu_dev_sqe *sqe)
{
	u8 args[VGPU_MAX_ARGS * sizeof(struct vgpu_dev_arg)];
	u32 length = le32_to_cpu(sqe->launch.args_length), builtin, i;
	struct vgpu_prepare_geometry geometry;
	struct vgpu_kernel *kernel;
	enum vgpu_error err;
	bool one = true;

	for (i = 0; i < ARRAY_SIZE(geometry.grid); i++) {
		geometry.grid[i] = le32_to_cpu(sqe->launch.grid[i]);
		geometry.block[i] = le32_to_cpu(sqe->launch.block[i]);
		one = one && geometry.grid[i] == 1 && geometry.block[i] == 1;
	}
	geometry.shared = le32_to_cpu(sqe->launch.shared);
	kernel = vgpu_kernel_find(queue->ctx, le32_to_cpu(sqe->launch.kernel));
	if (!kernel)
		return VGPU_ERR_BAD_HANDLE;
	builtin = kernel->builtin;
	err = builtin && (!one || geometry.shared) ?
	      VGPU_ERR_INVALID_REQUEST : vgpu_serve_read_args(queue, sqe, args, sizeof(args));
	if (!err && !builtin)
		return vgpu_prepare_kernel(queue->ctx, job, kernel, &geometry, args, length);
	vgpu_kernel_put_async(kernel);
	return err ?: vgpu_prepare_launch(queue->ctx, job, builtin, args, length);
}

/* Nothing is submitted: the queue goes on when the fence is passed. */
static enum vgpu_error vgpu_serve_prepare_wait(struct vgpu_queue *queue,
					       const struct vgpu_dev_sqe *sqe)
{
	enum vgpu_error err;
	u32 i;

	if (!vgpu_has_feature(queue->ctx->vgpu, VGPU_FEATURE_WAIT))
		return VGPU_ERR_UNSUPPORTED_OP;
	for (i = 0; i < ARRAY_SIZE(sqe->wait.reserved); i++) {
		if (sqe->wait.reserved[i])
			return VGPU_ERR_INVALID_REQUEST;
	}
	err = vgpu_fence_wait(queue, le32_to_cpu(sqe->wait.queue),
			      le32_to_cpu(sqe->wait.index));
	queue->waiting = !err;
	return err;
}

static enum vgpu_error vgpu_serve_prepare_timestamp(struct vgpu_queue *queue,
						    struct vgpu_job *job,
						    const struct vgpu_dev_sqe *sqe)
{
	struct vgpu_prepare_range dst = {
		.handle = le32_to_cpu(sqe->timestamp.dst),
		.offset = le64_to_cpu(sqe->timestamp.offset),
	};
	u32 i;

	if (!vgpu_has_feature(queue->ctx->vgpu, VGPU_FEATURE_TIMESTAMP))
		return VGPU_ERR_UNSUPPORTED_OP;
	if (sqe->timestamp.reserved0)
		return VGPU_ERR_INVALID_REQUEST;
	for (i = 0; i < ARRAY_SIZE(sqe->timestamp.reserved); i++) {
		if (sqe->timestamp.reserved[i])
			return VGPU_ERR_INVALID_REQUEST;
	}
	return vgpu_prepare_timestamp(queue->ctx, job, &dst);
}

static enum vgpu_error vgpu_serve_prepare(struct vgpu_queue *queue, struct vgpu_job *job,
					  const struct vgpu_dev_sqe *sqe)
{
	u32 control = le32_to_cpu(sqe->control) & ~VGPU_RING_PHASE, i;
	u32 flags = control & ~VGPU_SQE_OPCODE_MASK;
	struct vgpu_prepare_range dst, src;

	if (flags & ~VGPU_SQE_AGAIN || sqe->reserved)
		return VGPU_ERR_INVALID_REQUEST;
	if (flags && !vgpu_has_feature(queue->ctx->vgpu, VGPU_FEATURE_AGAIN))
		return VGPU_ERR_INVALID_REQUEST;
	job->again = flags;

	switch (control & VGPU_SQE_OPCODE_MASK) {
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
		return vgpu_serve_prepare_launch(queue, job, sqe);
	case VGPU_SQE_WAIT:
		return vgpu_serve_prepare_wait(queue, sqe);
	case VGPU_SQE_TIMESTAMP:
		return vgpu_serve_prepare_timestamp(queue, job, sqe);
	default:
		return VGPU_ERR_UNSUPPORTED_OP;
	}
}

/**
 * vgpu_serve_taken() - how many jobs are taken and not completed
 * @queue: of which
 *
 * Context: &vgpu_queue.lock is held, or nobody else uses @queue any more.
 * Return: 0 to &vgpu_queue.window.
 */
u32 vgpu_serve_taken(const struct vgpu_queue *queue)
{
	return queue->ring.fetched - queue->ring.completed;
}

/* job of the entry that was fetched last */
static struct vgpu_queue_job *vgpu_serve_last_locked(struct vgpu_queue *queue)
{
	lockdep_assert_held(&queue->lock);
	return &queue->job[(queue->ring.fetched - 1) & (queue->window - 1)];
}

/* A job that the arbiter hasn't got is over. */
static void vgpu_serve_refuse_locked(struct vgpu_queue *queue, enum vgpu_error err)
{
	struct vgpu_queue_job *qjob = vgpu_serve_last_locked(queue);

	vgpu_stats_reject(&qjob->job, err);
	qjob->job.status = err;
	qjob->over = true;
	vgpu_job_set_owner(&qjob->job, VGPU_JOB_DONE);
}

/* Complete what is over, in order. */
static void vgpu_serve_complete_locked(struct vgpu_queue *queue)
{
	struct vgpu_ring_device *ring = &queue->ring;
	struct vgpu_queue_job *qjob;

	lockdep_assert_held(&queue->lock);

	while (vgpu_serve_taken(queue)) {
		qjob = &queue->job[ring->completed & (queue->window - 1)];
		/* with it, all that its end has left in it */
		if (!smp_load_acquire(&qjob->over))
			break;
		qjob->over = false;
		vgpu_job_set_owner(&qjob->job, VGPU_JOB_GUEST);
		if (queue->state == VGPU_QUEUE_STOPPED)
			ring->completed++;
		else
			vgpu_ring_complete(ring, qjob->user_data, qjob->job.status,
					   min_t(u64, qjob->job.gpu_ns, U32_MAX));
	}
}

/* Take the next entry.  Return false if there is none. */
static bool vgpu_serve_fetch_locked(struct vgpu_queue *queue, struct vgpu_dev_sqe *sqe)
{
	struct vgpu_queue_job *qjob;

	if (!vgpu_ring_fetch(&queue->ring, sqe))
		return false;
	qjob = vgpu_serve_last_locked(queue);
	vgpu_job_set_owner(&qjob->job, VGPU_JOB_QUEUE);
	qjob->user_data = sqe->user_data;
	qjob->job.type = VGPU_JOB_NOP;
	qjob->job.gpu_ns = 0;
	return true;
}

/* The entry that was taken last is over: it is no job, or was not admitted. */
static void vgpu_serve_end_last_locked(struct vgpu_queue *queue, enum vgpu_error err)
{
	queue->stalled = false;
	vgpu_serve_refuse_locked(queue, err);
	vgpu_prepare_undo(&vgpu_serve_last_locked(queue)->job);
}

/*
 * Give the arbiter the job of the entry that was taken last.  If the vGPU has too many
 * jobs there, or has spent its rate, the queue stalls: nothing is refused, the guest finds
 * its ring full.  Return false if the arbiter hasn't got it.
 */
static bool vgpu_serve_admit_locked(struct vgpu_queue *queue)
{
	struct vgpu_job *job = &vgpu_serve_last_locked(queue)->job;
	struct vgpu_gpu *gpu = queue->ctx->vgpu->gpu;
	enum vgpu_error err = vgpu_gpu_submit(gpu, job);

	if (err == VGPU_ERR_QUEUE_FULL) {
		/* once more: the last of those that wait may have gone before the mark was there */
		vgpu_quiet_mark(queue);
		err = vgpu_gpu_submit(gpu, job);
	}
	queue->stalled = err == VGPU_ERR_QUEUE_FULL || err == VGPU_ERR_RATE_LIMITED;
	if (queue->stalled)
		vgpu_ring_disarm_kick(&queue->ring);
	else if (err)
		vgpu_serve_end_last_locked(queue, err);
	if (err == VGPU_ERR_RATE_LIMITED)
		queue_delayed_work(gpu->wq, &queue->again,
				   vgpu_delay_jiffies(vgpu_arb_retry_ns(job, err)));
	return !err;
}

/*
 * Make a job of an entry.  Return false if the arbiter hasn't got it: it is no good and
 * over, or waits for a fence, or for room.
 */
static bool vgpu_serve_submit_locked(struct vgpu_queue *queue, const struct vgpu_dev_sqe *sqe)
{
	enum vgpu_error err;

	err = vgpu_serve_prepare(queue, &vgpu_serve_last_locked(queue)->job, sqe);
	if (queue->waiting)
		return false;
	if (!err)
		return vgpu_serve_admit_locked(queue);
	vgpu_serve_end_last_locked(queue, err);
	return false;
}

/* May it pass a fence, if it can? */
static bool vgpu_serve_may_pass_locked(struct vgpu_queue *queue)
{
	lockdep_assert_held(&queue->lock);
	if (time_after(jiffies, queue->passes_jiffy)) {
		queue->passes_jiffy = jiffies;
		queue->passes = max(queue->passes, VGPU_SERVE_PASSES);
	}
	if (queue->passes)
		return true;
	/* else looked at again when what it took is over */
	if (vgpu_serve_taken(queue) == 1)
		queue_delayed_work(queue->ctx->vgpu->gpu->wq, &queue->again, 1);
	return false;
}

/* Must the entries behind one that waits be left alone still? */
static bool vgpu_serve_waits_locked(struct vgpu_queue *queue)
{
	enum vgpu_error status;

	lockdep_assert_held(&queue->lock);
	if (queue->stalled && !vgpu_serve_admit_locked(queue))
		vgpu_serve_complete_locked(queue);
	if (queue->stalled)
		return true;
	if (!queue->waiting)
		return false;
	if (!vgpu_serve_may_pass_locked(queue) || !vgpu_fence_wait_is_over(queue, &status))
		return true;
	queue->passes--;
	vgpu_arb_entity_owes(&queue->ctx->vgpu->entity, VGPU_SERVE_PASS_NS);
	queue->waiting = false;
	vgpu_serve_refuse_locked(queue, status);
	vgpu_serve_complete_locked(queue);
	return false;
}

/* Take what there is, or as many as it has @turns.  With nothing pending, ask for a doorbell. */
static void vgpu_serve_take_locked(struct vgpu_queue *queue, u32 turns)
{
	struct vgpu_ring_device *ring = &queue->ring;
	struct vgpu_dev_sqe sqe;

	lockdep_assert_held(&queue->lock);

	if (READ_ONCE(queue->held))
		return;
	while (queue->state == VGPU_QUEUE_RUNNING && !queue->aborting &&
	       !vgpu_serve_waits_locked(queue) && vgpu_serve_taken(queue) < queue->window) {
		if (!turns) {
			/* else looked at again when that is over */
			if (!vgpu_serve_taken(queue))
				queue_delayed_work(queue->ctx->vgpu->gpu->wq, &queue->again, 1);
			return;
		}
		if (!vgpu_serve_fetch_locked(queue, &sqe)) {
			if (vgpu_serve_taken(queue)) {
				/* looked at again when that is over */
				vgpu_ring_disarm_kick(ring);
				return;
			}
			if (vgpu_quiet_begin_locked(queue) || vgpu_poll_idle_locked(queue)) {
				vgpu_ring_disarm_kick(ring);
				return;
			}
			vgpu_ring_arm_kick(ring);
			if (!vgpu_serve_fetch_locked(queue, &sqe))
				return;
		}
		if (!vgpu_serve_submit_locked(queue, &sqe)) {
			/* it was offered just now: who looks next offers it again */
			if (queue->stalled)
				return;
			turns -= min(turns, queue->waiting ? 1U : VGPU_SERVE_REFUSED);
			vgpu_serve_complete_locked(queue);
		}
	}
}

/* Serve a queue and let go of its lock; then tell those who asked. */
static void vgpu_serve_unlock(struct vgpu_queue *queue, u32 turns)
{
	struct vgpu *vgpu = queue->ctx->vgpu;
	bool irq = false;

	lockdep_assert_held(&queue->lock);
	vgpu_serve_complete_locked(queue);
	vgpu_serve_take_locked(queue, turns);
	if (queue->state != VGPU_QUEUE_STOPPED &&
	    queue->ring.signaled != queue->ring.completed) {
		WRITE_ONCE(queue->published, queue->ring.completed);
		irq = vgpu_ring_publish(&queue->ring);
	}
	if ((queue->state == VGPU_QUEUE_STOPPED || queue->aborting) &&
	    !vgpu_serve_taken(queue))
		complete_all(&queue->idle);
	mutex_unlock(&queue->lock);

	if (irq) {
		vgpu_count(&vgpu->counters, VGPU_COUNT_INTERRUPTS);
		vgpu->raise_irq(vgpu, VGPU_VECTOR_QUEUE(queue->id));
	}
	vgpu_fence_signal(queue);
}

/**
 * vgpu_serve() - look at a queue
 * @queue: the queue; the caller has a reference, or something else that keeps it
 *
 * Context: may sleep.
 */
void vgpu_serve(struct vgpu_queue *queue)
{
	mutex_lock(&queue->lock);
	vgpu_serve_unlock(queue, VGPU_SERVE_TURNS);
}

/**
 * vgpu_serve_try() - look at a queue, or have a work item look in a jiffy if somebody else does
 * @queue: the queue; something keeps it, and it isn't through vgpu_queue_end() yet
 *
 * For whoever isn't to wait for a processor of the guest's, that may stand still in a doorbell.
 *
 * Context: may sleep.
 */
void vgpu_serve_try(struct vgpu_queue *queue)
{
	if (mutex_trylock(&queue->lock))
		vgpu_serve_unlock(queue, VGPU_SERVE_TURNS);
	else
		queue_delayed_work(queue->ctx->vgpu->gpu->wq, &queue->again, 1);
}

/**
 * vgpu_serve_doorbell() - look at a queue whose doorbell was rung
 * @queue: the queue; the caller has a reference
 *
 * Context: the guest's processor; may sleep.
 */
void vgpu_serve_doorbell(struct vgpu_queue *queue)
{
	mutex_lock(&queue->lock);
	vgpu_serve_unlock(queue, queue->window * VGPU_SERVE_REFUSED);
}

/**
 * vgpu_serve_again() - have a work item look at a queue, at once
 * @queue: the queue; something keeps it, and it isn't through vgpu_queue_end() yet
 *
 * Context: any.
 */
void vgpu_serve_again(struct vgpu_queue *queue)
{
	mod_delayed_work(queue->ctx->vgpu->gpu->wq, &queue->again, 0);
}

static void vgpu_serve_job_done(struct vgpu_job *job)
{
	struct vgpu_queue_job *qjob = container_of(job, struct vgpu_queue_job, job);
	struct vgpu_queue *queue = qjob->queue;
	u32 turns = job->told * VGPU_SERVE_TURNS;

	/* the job is what keeps the queue until here */
	if (turns)
		vgpu_queue_get(queue);
	vgpu_prepare_undo(job);
	/* behind all that was written to the job: see vgpu_serve_complete_locked() */
	smp_store_release(&qjob->over, true);
	/* the next one keeps the queue, and has the turns of this one */
	if (!turns)
		return;
	/*
	 * We are the engine, which everybody needs, or whoever else completes jobs; the
	 * lock may be held by a processor of the guest's, which its owner can have stand
	 * still.  So it is not waited for here.
	 */
	if (mutex_trylock(&queue->lock)) {
		queue->passes = min(queue->passes + turns, VGPU_QUEUE_WINDOW * VGPU_SERVE_TURNS);
		vgpu_serve_unlock(queue, turns);
	} else {
		vgpu_serve_again(queue);
	}
	vgpu_queue_put(queue);
}

/**
 * vgpu_serve_init_job() - prepare a job of a queue
 * @queue: the queue
 * @qjob: zeroed
 *
 * Context: any.
 */
void vgpu_serve_init_job(struct vgpu_queue *queue, struct vgpu_queue_job *qjob)
{
	qjob->queue = queue;
	qjob->job.owner = VGPU_JOB_GUEST;
	qjob->job.entity = &queue->ctx->vgpu->entity;
	qjob->job.group = &queue->ctx->group;
	qjob->job.ctx_stats = &queue->ctx->stats;
	qjob->job.from.vm_id = queue->ctx->vgpu->vm_id;
	qjob->job.from.ctx = queue->ctx->id;
	qjob->job.stream = queue;
	qjob->job.done = vgpu_serve_job_done;
	INIT_LIST_HEAD(&qjob->job.node);
}

/**
 * vgpu_serve_end_stall_locked() - let a job that waits for room wait no longer
 * @queue: the queue
 *
 * Context: may sleep; &vgpu_queue.lock is held.
 */
void vgpu_serve_end_stall_locked(struct vgpu_queue *queue)
{
	lockdep_assert_held(&queue->lock);
	if (!queue->stalled)
		return;
	vgpu_serve_end_last_locked(queue, VGPU_ERR_CANCELED);
	vgpu_serve_complete_locked(queue);
}

/**
 * vgpu_serve_end_wait_locked() - let an entry that waits for a fence or room wait no longer
 * @queue: the queue
 *
 * Context: may sleep; &vgpu_queue.lock is held.
 */
void vgpu_serve_end_wait_locked(struct vgpu_queue *queue)
{
	lockdep_assert_held(&queue->lock);
	vgpu_serve_end_stall_locked(queue);
	if (!queue->waiting)
		return;
	vgpu_fence_wait_end(queue);
	queue->waiting = false;
	vgpu_serve_refuse_locked(queue, VGPU_ERR_CANCELED);
	vgpu_serve_complete_locked(queue);
}

/**
 * vgpu_serve_cancel_locked() - complete everything that is in the ring, as canceled
 * @queue: the queue; nothing of it is taken and not completed
 *
 * Of what the guest submits meanwhile it takes no more than the ring has room for.
 *
 * Context: process context; &vgpu_queue.lock is held.
 */
void vgpu_serve_cancel_locked(struct vgpu_queue *queue)
{
	struct vgpu_dev_sqe sqe;
	u32 i;

	lockdep_assert_held(&queue->lock);
	for (i = 0; i <= queue->ring.mask && vgpu_serve_fetch_locked(queue, &sqe); i++) {
		vgpu_serve_refuse_locked(queue, VGPU_ERR_CANCELED);
		vgpu_serve_complete_locked(queue);
	}
}
