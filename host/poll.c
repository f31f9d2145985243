// SPDX-License-Identifier: GPL-2.0
/*
 * Looking at an idle queue for a while, before it asks for doorbells.  A program that
 * submits its next job as soon as the last one is over costs a VM exit for each; a
 * processor of the host that looks for it instead costs none.  Off by default: it is
 * the administrator's processor.
 *
 * How long is worth it is found out as KVM does for halted processors
 * (Documentation/virt/kvm/halt-polling.rst of Linux): when a doorbell comes sooner than
 * the longest poll, polling might have seen it, and the next poll is twice as long; when
 * it comes later, it would have been in vain, and the next idle time isn't polled at all.
 * A queue that stays idle is polled once.  Of the queues of a vGPU one is polled at a time.
 */
#include <linux/bitops.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/time64.h>

#include "ctx.h"
#include "gpu.h"
#include "poll.h"
#include "queue.h"
#include "serve.h"
#include "vgpu.h"

#define VGPU_POLL_MAX_US	1000
/* The shortest poll; as KVM's halt_poll_ns_grow_start */
#define VGPU_POLL_START_NS	10000

unsigned int vgpu_poll_us;

static int vgpu_poll_set(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 0, VGPU_POLL_MAX_US);
}

static const struct kernel_param_ops vgpu_poll_ops = {
	.set = vgpu_poll_set,
	.get = param_get_uint,
};

module_param_cb(poll_us, &vgpu_poll_ops, &vgpu_poll_us, 0644);
MODULE_PARM_DESC(poll_us, "Longest time to look at an idle queue, in microseconds (0 to 1000, default 0: don't)");

static u64 vgpu_poll_max_ns(void)
{
	return (u64)READ_ONCE(vgpu_poll_us) * NSEC_PER_USEC;
}

/* Look once.  Return true if that was enough. */
static bool vgpu_poll_look(struct vgpu_queue *queue, u64 end_ns)
{
	bool enough;

	mutex_lock(&queue->lock);
	enough = queue->state != VGPU_QUEUE_RUNNING || vgpu_serve_taken(queue) ||
		 vgpu_ring_has_submission(&queue->ring);
	if (!enough && ktime_get_ns() >= end_ns) {
		queue->poll.in_vain = true;
		enough = true;
	}
	if (enough) {
		queue->poll.active = false;
		clear_bit(0, &queue->ctx->vgpu->queues.polled);
	}
	mutex_unlock(&queue->lock);
	return enough;
}

static void vgpu_poll_work(struct work_struct *work)
{
	struct vgpu_queue *queue = container_of(work, struct vgpu_queue, poll.work);
	u64 end_ns = READ_ONCE(queue->poll.idle_ns) + READ_ONCE(queue->poll.ns);

	while (!vgpu_poll_look(queue, end_ns)) {
		cpu_relax();
		cond_resched();
	}
	vgpu_serve(queue);
}

/**
 * vgpu_poll_init() - a queue isn't polled yet
 * @queue: the queue, zeroed
 *
 * Context: any.
 */
void vgpu_poll_init(struct vgpu_queue *queue)
{
	INIT_WORK(&queue->poll.work, vgpu_poll_work);
	queue->poll.idle_ns = ktime_get_ns();
}

/**
 * vgpu_poll_idle_locked() - nothing is in a queue: poll it?
 * @queue: the queue
 *
 * Context: process context; &vgpu_queue.lock is held.
 * Return: true if somebody does, who then serves it; false if it has to ask for
 * doorbells.
 */
bool vgpu_poll_idle_locked(struct vgpu_queue *queue)
{
	struct vgpu *vgpu = queue->ctx->vgpu;
	u64 max_ns = vgpu_poll_max_ns();

	lockdep_assert_held(&queue->lock);
	if (queue->poll.active)
		return true;
	if (queue->poll.in_vain || !max_ns) {
		queue->poll.in_vain = false;
		return false;
	}
	queue->poll.idle_ns = ktime_get_ns();
	queue->poll.ns = min(queue->poll.ns, max_ns);
	if (!queue->poll.ns || test_and_set_bit(0, &vgpu->queues.polled))
		return false;
	queue->poll.active = true;
	queue_work(vgpu->gpu->poll_wq, &queue->poll.work);
	return true;
}

/**
 * vgpu_poll_woken() - the doorbell of a queue was rung
 * @queue: the queue
 *
 * Context: may sleep.
 */
void vgpu_poll_woken(struct vgpu_queue *queue)
{
	u64 max_ns = vgpu_poll_max_ns();

	if (!max_ns)
		return;
	mutex_lock(&queue->lock);
	/* one that wasn't asked for says nothing */
	if (!queue->poll.active && !vgpu_serve_taken(queue)) {
		if (ktime_get_ns() - queue->poll.idle_ns > max_ns)
			queue->poll.ns = 0;
		else
			queue->poll.ns = clamp(2 * queue->poll.ns, VGPU_POLL_START_NS, max_ns);
	}
	mutex_unlock(&queue->lock);
}

/**
 * vgpu_poll_cancel() - poll a queue no more
 * @queue: the queue, stopped
 *
 * Context: may sleep.
 */
void vgpu_poll_cancel(struct vgpu_queue *queue)
{
	/* it was taken for it, and won't be let go of by it */
	if (cancel_work_sync(&queue->poll.work))
		clear_bit(0, &queue->ctx->vgpu->queues.polled);
}
