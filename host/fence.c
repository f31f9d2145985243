// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting of one queue for another of its context.  The fence is the index of a
 * submission; it is passed once that has completed.
 *
 * A waiter notes itself with the queue it waits for, then looks whether the fence is
 * passed; that queue publishes how far it is, then looks whether somebody has noted
 * himself.  A full barrier is between the two steps on both sides, so at least one of
 * them sees the other.  Most queues are never waited for: then that look is all it
 * costs, without a lock.
 *
 * Who waits for whom is protected by &vgpu_queues.lock.  A queue that can't be found
 * any more neither waits nor is waited for, so these pointers need no references.
 * Queues that wait for each other do so until one of them is aborted or ends: it is
 * their guest's own time.
 */
#include <linux/bitops.h>
#include <linux/nospec.h>

#include "ctx.h"
#include "fence.h"
#include "gpu.h"
#include "queue.h"
#include "serve.h"
#include "vgpu.h"

static struct vgpu_queues *vgpu_fence_queues(struct vgpu_queue *queue)
{
	return &queue->ctx->vgpu->queues;
}

static void vgpu_fence_wait_end_locked(struct vgpu_queue *queue)
{
	lockdep_assert_held(&vgpu_fence_queues(queue)->lock);
	if (queue->awaited)
		WRITE_ONCE(queue->awaited->waiters,
			   queue->awaited->waiters & ~BIT(queue->id));
	queue->awaited = NULL;
}

/**
 * vgpu_fence_wait() - let a queue wait for another
 * @queue: it doesn't wait yet
 * @id: what the guest says is the number of the other
 * @index: the fence
 *
 * Context: process context; takes &vgpu_queues.lock.
 * Return: VGPU_ERR_NONE, and the caller asks vgpu_fence_wait_is_over() next;
 * VGPU_ERR_BAD_HANDLE if its context has no such queue; VGPU_ERR_INVALID_REQUEST if
 * that is @queue itself; VGPU_ERR_CANCELED if one of the two is ending.
 */
enum vgpu_error vgpu_fence_wait(struct vgpu_queue *queue, u32 id, u32 index)
{
	struct vgpu_queues *queues = vgpu_fence_queues(queue);
	enum vgpu_error err = VGPU_ERR_NONE;
	struct vgpu_queue *awaited;

	if (id >= VGPU_MAX_QUEUES)
		return VGPU_ERR_BAD_HANDLE;
	id = array_index_nospec(id, VGPU_MAX_QUEUES);
	spin_lock(&queues->lock);
	awaited = queues->queue[id];
	if (!awaited || awaited->ctx != queue->ctx) {
		err = VGPU_ERR_BAD_HANDLE;
	} else if (awaited == queue) {
		err = VGPU_ERR_INVALID_REQUEST;
	} else if (queues->queue[queue->id] != queue ||
		   READ_ONCE(awaited->state) == VGPU_QUEUE_STOPPED) {
		/* one of them is about to end: see vgpu_fence_end_locked() */
		err = VGPU_ERR_CANCELED;
	} else {
		queue->awaited = awaited;
		queue->awaited_index = index;
		WRITE_ONCE(awaited->waiters, awaited->waiters | BIT(queue->id));
	}
	spin_unlock(&queues->lock);
	/* with the one of vgpu_fence_signal() */
	smp_mb();
	return err;
}

/**
 * vgpu_fence_wait_is_over() - need a queue wait no longer?
 * @queue: of which vgpu_fence_wait() said VGPU_ERR_NONE
 * @status: how it ended, if so: VGPU_ERR_CANCELED if what it waited for has ended
 *
 * Context: process context; takes &vgpu_queues.lock.
 */
bool vgpu_fence_wait_is_over(struct vgpu_queue *queue, enum vgpu_error *status)
{
	struct vgpu_queues *queues = vgpu_fence_queues(queue);
	bool over = true;

	spin_lock(&queues->lock);
	if (!queue->awaited)
		*status = VGPU_ERR_CANCELED;
	else if ((s32)(READ_ONCE(queue->awaited->published) - queue->awaited_index) > 0)
		*status = VGPU_ERR_NONE;
	else
		over = false;
	if (over)
		vgpu_fence_wait_end_locked(queue);
	spin_unlock(&queues->lock);
	return over;
}

/**
 * vgpu_fence_wait_end() - wait no longer
 * @queue: which perhaps waits
 *
 * Context: process context; takes &vgpu_queues.lock.
 */
void vgpu_fence_wait_end(struct vgpu_queue *queue)
{
	struct vgpu_queues *queues = vgpu_fence_queues(queue);

	spin_lock(&queues->lock);
	vgpu_fence_wait_end_locked(queue);
	spin_unlock(&queues->lock);
}

/**
 * vgpu_fence_signal() - a queue has got further
 * @queue: which has changed &vgpu_queue.published
 *
 * Queues whose fence is passed are served again, by a work item.
 *
 * Context: process context; takes &vgpu_queues.lock.
 */
void vgpu_fence_signal(struct vgpu_queue *queue)
{
	struct vgpu_queues *queues = vgpu_fence_queues(queue);
	struct vgpu_queue *waiter;
	unsigned long id, waiters;

	/* with the one of vgpu_fence_wait() */
	smp_mb();
	if (!READ_ONCE(queue->waiters))
		return;
	spin_lock(&queues->lock);
	waiters = queue->waiters;
	for_each_set_bit(id, &waiters, VGPU_MAX_QUEUES) {
		waiter = queues->queue[id];
		/* it can be found, so it is not cleaning up after this work yet */
		if ((s32)(READ_ONCE(queue->published) - waiter->awaited_index) > 0)
			vgpu_serve_again(waiter);
	}
	spin_unlock(&queues->lock);
}

/**
 * vgpu_fence_end_locked() - a queue gets no further: nobody waits for it any more
 * @queue: the queue; neither does it wait
 *
 * Context: process context; &vgpu_queues.lock is held.
 */
void vgpu_fence_end_locked(struct vgpu_queue *queue)
{
	struct vgpu_queues *queues = vgpu_fence_queues(queue);
	struct vgpu_queue *waiter;
	unsigned long id, waiters = queue->waiters;

	lockdep_assert_held(&queues->lock);
	vgpu_fence_wait_end_locked(queue);
	for_each_set_bit(id, &waiters, VGPU_MAX_QUEUES) {
		waiter = queues->queue[id];
		waiter->awaited = NULL;
		vgpu_serve_again(waiter);
	}
	WRITE_ONCE(queue->waiters, 0);
}
