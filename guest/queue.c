// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting for a queue.  Submitting and reaping are the process's own; only who wants
 * to sleep comes here.
 *
 * A waiter writes the index it waits for where the device looks (cq_event), then
 * looks itself at how far the queue is, then sleeps; the device does the two in the
 * opposite order.  See the head of <vgpu/ring.h>.  Of several waiters the earliest
 * index is armed; its interrupt wakes them all, and they arm the next.
 *
 * The process can write into the page of events, too.  It can only keep itself
 * waiting, until the timeout, or be told that something is over that isn't.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "bo.h"
#include "mailbox.h"
#include "queue.h"

/**
 * vgpug_queues_init() - no queues
 * @queues: of a device
 *
 * Context: Any.
 */
void vgpug_queues_init(struct vgpug_queues *queues)
{
	spin_lock_init(&queues->lock);
}

/**
 * vgpug_queues_wake_one() - a queue's interrupt
 * @queues: of a device
 * @id: of the queue, below VGPU_MAX_QUEUES
 *
 * Context: Any, also hard interrupts.
 */
void vgpug_queues_wake_one(struct vgpug_queues *queues, u32 id)
{
	unsigned long flags;

	spin_lock_irqsave(&queues->lock, flags);
	if (queues->queue[id])
		wake_up_all(&queues->queue[id]->wait);
	spin_unlock_irqrestore(&queues->lock, flags);
}

/**
 * vgpug_queues_wake() - something has become of every queue
 * @queues: of a device
 *
 * Context: Any, also hard interrupts.
 */
void vgpug_queues_wake(struct vgpug_queues *queues)
{
	u32 id;

	for (id = 0; id < VGPU_MAX_QUEUES; id++)
		vgpug_queues_wake_one(queues, id);
}

/**
 * vgpug_queues_add() - let interrupts find a queue
 * @queues: of its device
 * @queue: its number is below VGPU_MAX_QUEUES; one of an earlier generation that had
 *	it is not found any more
 *
 * Context: Process context.
 */
void vgpug_queues_add(struct vgpug_queues *queues, struct vgpug_queue *queue)
{
	spin_lock_irq(&queues->lock);
	queues->queue[queue->id] = queue;
	spin_unlock_irq(&queues->lock);
}

/**
 * vgpug_queues_del() - undo vgpug_queues_add()
 * @queues: of its device
 * @queue: not touched by an interrupt any more on return
 *
 * Context: Process context.
 */
void vgpug_queues_del(struct vgpug_queues *queues, struct vgpug_queue *queue)
{
	spin_lock_irq(&queues->lock);
	if (queues->queue[queue->id] == queue)
		queues->queue[queue->id] = NULL;
	spin_unlock_irq(&queues->lock);
}

/**
 * vgpug_queue_create() - a queue, which the device doesn't know yet
 * @mb: mailbox of its device
 * @bo: its rings
 *
 * Context: Process context, may sleep.
 * Return: a queue with a reference for the caller, or NULL.
 */
struct vgpug_queue *vgpug_queue_create(struct vgpug_mailbox *mb, struct vgpug_bo *bo)
{
	struct vgpug_queue *queue = kzalloc(sizeof(*queue), GFP_KERNEL_ACCOUNT);

	if (!queue)
		return NULL;
	kref_init(&queue->ref);
	queue->mb = mb;
	vgpug_bo_get(bo);
	queue->bo = bo;
	queue->events = page_address(bo->pages[VGPU_QUEUE_EVENTS]);
	init_waitqueue_head(&queue->wait);
	spin_lock_init(&queue->lock);
	return queue;
}

/**
 * vgpug_queue_get() - take a reference
 * @queue: the caller has one, or keeps it from going away
 *
 * Context: Any.
 */
void vgpug_queue_get(struct vgpug_queue *queue)
{
	kref_get(&queue->ref);
}

static void vgpug_queue_free(struct kref *ref)
{
	struct vgpug_queue *queue = container_of(ref, struct vgpug_queue, ref);

	vgpug_bo_put(queue->bo);
	kfree(queue);
}

/**
 * vgpug_queue_put() - drop a reference
 * @queue: not to be used afterwards
 *
 * Context: Process context, may sleep.
 */
void vgpug_queue_put(struct vgpug_queue *queue)
{
	kref_put(&queue->ref, vgpug_queue_free);
}

/* Has the submission of @index completed? */
static bool vgpug_queue_passed(const struct vgpug_queue *queue, u32 index)
{
	/* before what the process reads of the completion: acquire */
	u32 completed = le32_to_cpu(smp_load_acquire(&queue->events->completed));

	return (s32)(completed - index) > 0;
}

/* Arm for @index if nobody waits for an earlier one, and look once more. */
static bool vgpug_queue_arm(struct vgpug_queue *queue, u32 index)
{
	if (vgpug_queue_passed(queue, index))
		return true;
	spin_lock(&queue->lock);
	if (vgpug_queue_passed(queue, queue->armed) || (s32)(index - queue->armed) < 0)
		queue->armed = index;
	/* each time: the process may have overwritten it */
	WRITE_ONCE(queue->events->cq_event, cpu_to_le32(queue->armed));
	spin_unlock(&queue->lock);
	/* with the device's, between its completion and its look at cq_event */
	smp_mb();
	return vgpug_queue_passed(queue, index);
}

static int vgpug_queue_lost(const struct vgpug_queue *queue)
{
	if (READ_ONCE(queue->mb->state) == VGPUG_MAILBOX_DEAD)
		return -ENODEV;
	return READ_ONCE(queue->mb->generation) == queue->generation ? 0 : -ESTALE;
}

/**
 * vgpug_queue_wait() - wait until a submission has completed
 * @queue: the queue
 * @index: of the submission
 * @timeout_ms: longest wait; 0: only look
 *
 * Context: Process context, may sleep.
 * Return: 0, -ETIMEDOUT, -EINTR, -ESTALE if it was lost in a reset, -ENODEV.
 */
int vgpug_queue_wait(struct vgpug_queue *queue, u32 index, u32 timeout_ms)
{
	long left = timeout_ms ? msecs_to_jiffies(timeout_ms) : 0;

	if (left)
		left = wait_event_interruptible_timeout(queue->wait,
							vgpug_queue_arm(queue, index) ||
							vgpug_queue_lost(queue), left);
	if (vgpug_queue_passed(queue, index))
		return 0;
	if (vgpug_queue_lost(queue))
		return vgpug_queue_lost(queue);
	return left < 0 ? -EINTR : -ETIMEDOUT;
}
