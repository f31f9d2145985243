// SPDX-License-Identifier: GPL-2.0
/*
 * Idle queues of a busy vGPU.  While jobs of a vGPU wait for the GPU, what it submits to
 * another of its queues could only wait with them.  So such a queue is quiet: it asks
 * for no doorbell, and is looked at again when jobs of the vGPU are over, at most one queue in
 * VGPU_QUIET_NS, and when the last that waited got the GPU: then it asks for doorbells.
 *
 * A queue that stalls, as too many jobs of its vGPU wait, is looked at in the same way.
 *
 * Each is looked at by a work item of its own: a processor of the guest's that stands still
 * in one's doorbell hides no other.
 *
 * A look is no more than a doorbell that nobody rang, so one too many does no harm.  None
 * is missed: the queue is marked before it is asked whether jobs wait, and whoever takes
 * one of these from the arbiter looks for marks afterwards; the arbiter's lock is between.
 */
#include <linux/bitops.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/time64.h>

#include "ctx.h"
#include "gpu.h"
#include "queue.h"
#include "quiet.h"
#include "vgpu.h"

/*
 * For each queue that is looked at.  A look costs a microsecond, which is charged: a hundredth
 * of the time.  And nobody sees that a job that has to wait anyway was seen so much later.
 */
#define VGPU_QUIET_NS		(100 * NSEC_PER_USEC)
#define VGPU_QUIET_LOOK_NS	NSEC_PER_USEC

static void vgpu_quiet_work(struct work_struct *work)
{
	struct vgpu *vgpu = container_of(work, struct vgpu, queues.quiet.work);
	unsigned long queues = xchg(&vgpu->queues.quiet.queues, 0);
	u32 id;

	vgpu_arb_entity_owes(&vgpu->entity, hweight_long(queues) * VGPU_QUIET_LOOK_NS);
	for_each_set_bit(id, &queues, VGPU_MAX_QUEUES)
		vgpu_queue_look_later(vgpu, id);
}

/**
 * vgpu_quiet_init() - no queue is quiet
 * @vgpu: zeroed
 *
 * Context: any.
 */
void vgpu_quiet_init(struct vgpu *vgpu)
{
	INIT_WORK(&vgpu->queues.quiet.work, vgpu_quiet_work);
}

/**
 * vgpu_quiet_fini() - look no more
 * @vgpu: the vGPU; none of its jobs is pending, and it has no queues
 *
 * Context: may sleep.
 */
void vgpu_quiet_fini(struct vgpu *vgpu)
{
	cancel_work_sync(&vgpu->queues.quiet.work);
}

/**
 * vgpu_quiet_mark() - have a queue looked at when jobs of its vGPU have gone on
 * @queue: the queue; jobs of its vGPU wait, by what is found out after this call
 *
 * Context: any.
 */
void vgpu_quiet_mark(struct vgpu_queue *queue)
{
	set_bit(queue->id, &queue->ctx->vgpu->queues.quiet.queues);
}

/**
 * vgpu_quiet_begin_locked() - nothing is in a queue: may it be quiet?
 * @queue: the queue
 *
 * Context: process context; &vgpu_queue.lock is held.
 * Return: true if it is looked at later without a doorbell.
 */
bool vgpu_quiet_begin_locked(struct vgpu_queue *queue)
{
	struct vgpu *vgpu = queue->ctx->vgpu;

	lockdep_assert_held(&queue->lock);
	vgpu_quiet_mark(queue);
	/* what is submitted to one that is lost waits for nothing */
	if (vgpu_arb_entity_waits(&vgpu->entity) && !READ_ONCE(queue->ctx->group.lost))
		return true;
	clear_bit(queue->id, &vgpu->queues.quiet.queues);
	return false;
}

/**
 * vgpu_quiet_progress() - see &vgpu_arb_entity.progress
 * @entity: of a vGPU
 *
 * Context: process context.
 */
void vgpu_quiet_progress(struct vgpu_arb_entity *entity)
{
	struct vgpu *vgpu = container_of(entity, struct vgpu, entity);
	unsigned long queues = READ_ONCE(vgpu->queues.quiet.queues);
	u64 now_ns;

	if (!queues)
		return;
	now_ns = ktime_get_ns();
	if (now_ns < READ_ONCE(vgpu->queues.quiet.next_ns) && vgpu_arb_entity_waits(entity))
		return;
	WRITE_ONCE(vgpu->queues.quiet.next_ns, now_ns + hweight_long(queues) * VGPU_QUIET_NS);
	queue_work(vgpu->gpu->wq, &vgpu->queues.quiet.work);
}
