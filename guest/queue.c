// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting for a queue, and its event for poll(2) and an eventfd.  Submitting and
 * reaping are the process's own; only who wants to sleep comes here.
 *
 * A waiter writes the index it waits for where the device looks (cq_event), then
 * looks itself at how far the queue is, then sleeps; the device does the two in the
 * opposite order.  See the head of <vgpu/ring.h>.  Of several waiters and the event
 * the earliest index is armed; its interrupt wakes them all, and they arm the next,
 * which for the event the interrupt does itself.
 *
 * The process can write into the page of events, too.  It can only keep itself
 * waiting, until the timeout, or be told that something is over that isn't.
 */
#include <linux/err.h>
#include <linux/eventfd.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <vgpu/ring.h>

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

/* Has the submission of @index completed? */
static bool vgpug_queue_passed(const struct vgpug_queue *queue, u32 index)
{
	/* before what the process reads of the completion: acquire */
	u32 completed = le32_to_cpu(virt_load_acquire(&queue->events->completed));

	return (s32)(completed - index) > 0;
}

/* Arm for @index if nobody waits for an earlier one, and look once more. */
static bool vgpug_queue_arm_locked(struct vgpug_queue *queue, u32 index)
{
	lockdep_assert_held(&queue->lock);
	if (vgpug_queue_passed(queue, index))
		return true;
	if (vgpug_queue_passed(queue, queue->armed) || (s32)(index - queue->armed) < 0)
		queue->armed = index;
	/* each time: the process may have overwritten it */
	WRITE_ONCE(queue->events->cq_event, cpu_to_le32(queue->armed));
	/* with the device's, between its completion and its look at cq_event */
	virt_mb();
	return vgpug_queue_passed(queue, index);
}

static int vgpug_queue_lost(const struct vgpug_queue *queue)
{
	if (READ_ONCE(queue->ended))
		return -ENOENT;
	if (READ_ONCE(queue->mb->state) == VGPUG_MAILBOX_DEAD)
		return -ENODEV;
	return READ_ONCE(queue->mb->generation) == queue->generation ? 0 : -ESTALE;
}

static void vgpug_queue_interrupt(struct vgpug_queue *queue)
{
	wake_up_all(&queue->wait);
	spin_lock(&queue->lock);
	if (queue->event == VGPUG_EVENT_ARMED &&
	    vgpug_queue_arm_locked(queue, queue->event_index)) {
		WRITE_ONCE(queue->event, VGPUG_EVENT_FIRED);
		if (queue->eventfd)
			eventfd_signal(queue->eventfd);
		wake_up_all(queue->pollers);
	}
	spin_unlock(&queue->lock);
}

/**
 * vgpug_queues_interrupt_one() - a queue's interrupt
 * @queues: of a device
 * @id: of the queue, below VGPU_MAX_QUEUES
 *
 * Context: Any, also hard interrupts.
 */
void vgpug_queues_interrupt_one(struct vgpug_queues *queues, u32 id)
{
	unsigned long flags;

	spin_lock_irqsave(&queues->lock, flags);
	if (queues->queue[id])
		vgpug_queue_interrupt(queues->queue[id]);
	spin_unlock_irqrestore(&queues->lock, flags);
}

/**
 * vgpug_queues_interrupt() - an interrupt that may be any queue's
 * @queues: of a device
 *
 * Context: Any, also hard interrupts.
 */
void vgpug_queues_interrupt(struct vgpug_queues *queues)
{
	u32 id;

	for (id = 0; id < VGPU_MAX_QUEUES; id++)
		vgpug_queues_interrupt_one(queues, id);
}

/**
 * vgpug_queues_lost() - queues are no more: tell those who wait
 * @queues: of a device, whose mailbox says so already
 *
 * Those who poll are told by the file.
 *
 * Context: Process context.
 */
void vgpug_queues_lost(struct vgpug_queues *queues)
{
	struct vgpug_queue *queue;
	u32 id;

	spin_lock_irq(&queues->lock);
	for (id = 0; id < VGPU_MAX_QUEUES; id++) {
		queue = queues->queue[id];
		if (!queue || !vgpug_queue_lost(queue))
			continue;
		wake_up_all(&queue->wait);
		spin_lock(&queue->lock);
		if (queue->eventfd)
			eventfd_signal(queue->eventfd);
		spin_unlock(&queue->lock);
	}
	spin_unlock_irq(&queues->lock);
}

/* The submission of @index, if it is there; or NULL */
static const struct vgpu_dev_sqe *vgpug_queue_sqe(const struct vgpug_queue *queue, u32 index)
{
	size_t offset = VGPU_QUEUE_SQ + (index & queue->mask) * sizeof(struct vgpu_dev_sqe);
	const struct vgpu_dev_sqe *sqe;

	sqe = page_address(queue->bo->pages[offset >> PAGE_SHIFT]) + offset_in_page(offset);
	/* before the rest of the entry, which it makes valid */
	if ((le32_to_cpu(virt_load_acquire(&sqe->control)) & VGPU_RING_PHASE) !=
	    vgpu_ring_phase(index, queue->mask))
		return NULL;
	return sqe;
}

/*
 * Does a submission wait for a fence that has not passed?  Then nothing is done for it.  One
 * that the device refuses doesn't: what is behind it is done.
 */
static bool vgpug_queues_blocked_locked(struct vgpug_queues *queues,
					const struct vgpug_queue *queue,
					const struct vgpu_dev_sqe *sqe)
{
	const struct vgpug_queue *other;
	u32 id, i;

	lockdep_assert_held(&queues->lock);
	if ((le32_to_cpu(READ_ONCE(sqe->control)) & ~VGPU_RING_PHASE) != VGPU_SQE_WAIT ||
	    READ_ONCE(sqe->reserved))
		return false;
	for (i = 0; i < ARRAY_SIZE(sqe->wait.reserved); i++) {
		if (READ_ONCE(sqe->wait.reserved[i]))
			return false;
	}
	id = le32_to_cpu(READ_ONCE(sqe->wait.queue));
	if (id >= VGPU_MAX_QUEUES)
		return false;
	other = queues->queue[array_index_nospec(id, VGPU_MAX_QUEUES)];
	/* of the same file */
	return other && other != queue && other->pollers == queue->pollers &&
	       !vgpug_queue_passed(other, le32_to_cpu(READ_ONCE(sqe->wait.index)));
}

/* Is the device at work for a queue?  Then it is armed for the next completion. */
static bool vgpug_queues_busy_locked(struct vgpug_queues *queues, struct vgpug_queue *queue)
{
	const struct vgpu_dev_sqe *sqe;
	bool passed;
	u32 index;

	lockdep_assert_held(&queues->lock);
	if (vgpug_queue_lost(queue))
		return false;
	do {
		index = vgpug_queue_completed(queue);
		sqe = vgpug_queue_sqe(queue, index);
		if (!sqe || vgpug_queues_blocked_locked(queues, queue, sqe))
			return false;
		spin_lock(&queue->lock);
		passed = vgpug_queue_arm_locked(queue, index);
		spin_unlock(&queue->lock);
	} while (passed);
	return true;
}

/**
 * vgpug_queues_find_busy() - is the device at work for any queue?
 * @queues: of the device; no process runs
 *
 * What was submitted counts, be it that the device doesn't know of it yet; what waits for
 * the fence of a queue that is not busy doesn't.
 *
 * Context: Process context.
 * Return: for which, with a reference for the caller; or NULL.
 */
struct vgpug_queue *vgpug_queues_find_busy(struct vgpug_queues *queues)
{
	struct vgpug_queue *queue = NULL;
	u32 id;

	spin_lock_irq(&queues->lock);
	for (id = 0; id < VGPU_MAX_QUEUES; id++) {
		queue = queues->queue[id];
		if (queue && vgpug_queues_busy_locked(queues, queue)) {
			vgpug_queue_get(queue);
			break;
		}
		queue = NULL;
	}
	spin_unlock_irq(&queues->lock);
	return queue;
}

static bool vgpug_queues_busy(struct vgpug_queues *queues, struct vgpug_queue *queue)
{
	bool busy;

	spin_lock_irq(&queues->lock);
	busy = vgpug_queues_busy_locked(queues, queue);
	spin_unlock_irq(&queues->lock);
	return busy;
}

/**
 * vgpug_queues_drain() - wait until the device is not at work for a queue
 * @queues: of the device; no process runs
 * @queue: of which the caller has a reference; it may end meanwhile
 * @end: in jiffies, when to give up
 *
 * Context: Process context, may sleep.
 * Return: 0 or -ETIMEDOUT.
 */
int vgpug_queues_drain(struct vgpug_queues *queues, struct vgpug_queue *queue,
		       unsigned long end)
{
	long left = end - jiffies;

	if (left > 0 && wait_event_timeout(queue->wait, !vgpug_queues_busy(queues, queue), left))
		return 0;
	return vgpug_queues_busy(queues, queue) ? -ETIMEDOUT : 0;
}

/**
 * vgpug_queues_ring() - ring for all queues that are not lost
 * @queues: of the device
 * @doorbells: BAR2
 *
 * Context: Process context.
 */
void vgpug_queues_ring(struct vgpug_queues *queues, void __iomem *doorbells)
{
	u32 id;

	spin_lock_irq(&queues->lock);
	for (id = 0; id < VGPU_MAX_QUEUES; id++) {
		if (queues->queue[id] && !vgpug_queue_lost(queues->queue[id]))
			writel(0, doorbells + VGPU_BAR2_DOORBELL(id));
	}
	spin_unlock_irq(&queues->lock);
}

/**
 * vgpug_queues_has() - is a queue the one of its number?
 * @queues: of its device
 * @queue: a queue
 *
 * Context: Process context.
 */
bool vgpug_queues_has(struct vgpug_queues *queues, const struct vgpug_queue *queue)
{
	bool has;

	spin_lock_irq(&queues->lock);
	has = queues->queue[queue->id] == queue;
	spin_unlock_irq(&queues->lock);
	return has;
}

/**
 * vgpug_queues_add() - let interrupts find a queue
 * @queues: of its device
 * @queue: its number is below VGPU_MAX_QUEUES; one of an earlier generation that had
 *	it is not found any more.  If it is lost itself, one of a later one may have it
 *
 * Context: Process context.
 */
void vgpug_queues_add(struct vgpug_queues *queues, struct vgpug_queue *queue)
{
	spin_lock_irq(&queues->lock);
	if (!vgpug_queue_lost(queue))
		queues->queue[queue->id] = queue;
	spin_unlock_irq(&queues->lock);
}

/**
 * vgpug_queues_del() - undo vgpug_queues_add(): a queue has ended
 * @queues: of its device
 * @queue: not touched by an interrupt any more on return
 *
 * Whoever waits for it is told, and if its event was to come it comes now.
 *
 * Context: Process context.
 * Return: whether it was to come: those who poll are the caller's to tell.
 */
bool vgpug_queues_del(struct vgpug_queues *queues, struct vgpug_queue *queue)
{
	bool armed;

	spin_lock_irq(&queues->lock);
	if (queues->queue[queue->id] == queue)
		queues->queue[queue->id] = NULL;
	spin_lock(&queue->lock);
	WRITE_ONCE(queue->ended, true);
	armed = queue->event == VGPUG_EVENT_ARMED;
	WRITE_ONCE(queue->event, VGPUG_EVENT_NONE);
	if (armed && queue->eventfd)
		eventfd_signal(queue->eventfd);
	spin_unlock(&queue->lock);
	spin_unlock_irq(&queues->lock);
	wake_up_all(&queue->wait);
	return armed;
}

/**
 * vgpug_queue_create() - a queue, which the device doesn't know yet
 * @mb: mailbox of its device
 * @bo: its rings
 * @entries: of them, a power of two
 * @pollers: see &vgpug_queue.pollers
 *
 * Context: Process context, may sleep.
 * Return: a queue with a reference for the caller, or NULL.
 */
struct vgpug_queue *vgpug_queue_create(struct vgpug_mailbox *mb, struct vgpug_bo *bo,
				       u32 entries, wait_queue_head_t *pollers)
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
	queue->mask = entries - 1;
	queue->pollers = pollers;
	spin_lock_init(&queue->lock);
	return queue;
}

/**
 * vgpug_queue_completed() - how far is a queue?
 * @queue: the queue
 *
 * Context: Any.
 * Return: the index of the next completion, as the device says, or the process.
 */
u32 vgpug_queue_completed(const struct vgpug_queue *queue)
{
	return le32_to_cpu(READ_ONCE(queue->events->completed));
}

/**
 * vgpug_queue_renew() - a queue has been made again, or can't be
 * @queue: the queue; no process runs
 * @generation: of its mailbox, when that was; or VGPUG_GENERATION_NONE
 *
 * Context: Process context.
 */
void vgpug_queue_renew(struct vgpug_queue *queue, u64 generation)
{
	queue->generation = generation;
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

	if (queue->eventfd)
		eventfd_ctx_put(queue->eventfd);
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

/* For whoever goes to sleep: is there no need to, since @index has been passed? */
static bool vgpug_queue_wait_passed(struct vgpug_queue *queue, u32 index)
{
	bool passed;

	spin_lock_irq(&queue->lock);
	passed = vgpug_queue_arm_locked(queue, index);
	spin_unlock_irq(&queue->lock);
	return passed;
}

/**
 * vgpug_queue_wait() - wait until a submission has completed
 * @queue: the queue
 * @index: of the submission
 * @timeout_ms: longest wait; 0: only look
 *
 * Context: Process context, may sleep.
 * Return: 0, -ETIMEDOUT, -ERESTARTNOHAND, -ENOENT if it has ended, -ESTALE if it was lost
 * in a reset, -ENODEV.
 */
int vgpug_queue_wait(struct vgpug_queue *queue, u32 index, u32 timeout_ms)
{
	long left = timeout_ms ? msecs_to_jiffies(timeout_ms) : 0;

	if (left)
		left = wait_event_freezable_timeout(queue->wait,
						    vgpug_queue_wait_passed(queue, index) ||
						    vgpug_queue_lost(queue), left);
	if (vgpug_queue_passed(queue, index))
		return 0;
	if (vgpug_queue_lost(queue))
		return vgpug_queue_lost(queue);
	/* EINTR for whoever handles the signal; a stop, and what a debugger does, is none */
	return left < 0 ? -ERESTARTNOHAND : -ETIMEDOUT;
}

/**
 * vgpug_queue_arm() - let the event come with a completion
 * @queue: the queue; what it was armed for before is forgotten
 * @index: of the submission
 * @passed: set on success: it has completed already, and no event will come
 *
 * Context: Process context.
 * Return: 0, -ENOENT if it has ended, -ESTALE if it was lost in a reset, -ENODEV.
 */
int vgpug_queue_arm(struct vgpug_queue *queue, u32 index, bool *passed)
{
	int err;

	spin_lock_irq(&queue->lock);
	*passed = vgpug_queue_arm_locked(queue, index);
	WRITE_ONCE(queue->event, *passed ? VGPUG_EVENT_NONE : VGPUG_EVENT_ARMED);
	queue->event_index = index;
	/* under the lock: either who tells of the loss is yet to come, or it is seen here */
	err = vgpug_queue_lost(queue);
	spin_unlock_irq(&queue->lock);
	return err;
}

/**
 * vgpug_queue_set_eventfd() - which eventfd is to be signalled
 * @queue: the queue
 * @fd: an eventfd, of which this keeps a reference; -1: none
 *
 * Context: Process context.
 * Return: 0; -EBADF or -EINVAL if @fd is no file or no eventfd; -ENOENT if the queue has
 * ended, -ESTALE if it was lost in a reset, -ENODEV.
 */
int vgpug_queue_set_eventfd(struct vgpug_queue *queue, int fd)
{
	struct eventfd_ctx *eventfd = NULL;
	int err;

	if (fd != -1) {
		eventfd = eventfd_ctx_fdget(fd);
		if (IS_ERR(eventfd))
			return PTR_ERR(eventfd);
	}
	spin_lock_irq(&queue->lock);
	err = vgpug_queue_lost(queue);
	/* to take it off is always right */
	if (!err || !eventfd)
		swap(queue->eventfd, eventfd);
	spin_unlock_irq(&queue->lock);
	if (eventfd)
		eventfd_ctx_put(eventfd);
	return fd == -1 ? 0 : err;
}

/**
 * vgpug_queue_fired() - has the event come?
 * @queue: the queue
 *
 * Context: Process context.
 * Return: true from the event until it is armed again.
 */
bool vgpug_queue_fired(struct vgpug_queue *queue)
{
	return READ_ONCE(queue->event) == VGPUG_EVENT_FIRED;
}
