// SPDX-License-Identifier: GPL-2.0
/*
 * The watchdog of a GPU.  A job that runs longer than its vGPU's jobs may is ended through
 * the backend, and is a fault of the vGPU; with too many of these the vGPU is quarantined.
 *
 * A work item looks at what the backend has, at the time at which the first of it would be
 * due; nothing is done for each job but to see that this is early enough.
 */
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/lockdep.h>

#include "delay.h"
#include "gpu.h"
#include "job.h"
#include "watchdog.h"

static void vgpu_watchdog_arm_locked(struct vgpu_gpu *gpu, u64 deadline_ns, u64 now_ns)
{
	lockdep_assert_held(&gpu->dispatch_lock);
	if (deadline_ns >= gpu->watchdog.next_ns)
		return;
	gpu->watchdog.next_ns = deadline_ns;
	mod_delayed_work(gpu->leaf_wq, &gpu->watchdog.work,
			 vgpu_delay_jiffies(deadline_ns - min(deadline_ns, now_ns)));
}

static void vgpu_watchdog_end(struct vgpu_gpu *gpu, struct vgpu_arb_entity *entity, u64 id)
{
	bool quarantine;

	/* with the lock held it is where the backend can see it, if it isn't over */
	mutex_lock(&gpu->dispatch_lock);
	gpu->desc.ops->abort_job(gpu, entity, id);
	mutex_unlock(&gpu->dispatch_lock);
	quarantine = vgpu_arb_fault(entity, ktime_get_ns());
	vgpu_gpu_tell(entity, VGPU_ARB_TIMEOUT);
	if (quarantine)
		vgpu_gpu_quarantine(gpu, entity);
}

static void vgpu_watchdog_work(struct work_struct *work)
{
	struct vgpu_gpu *gpu = container_of(to_delayed_work(work), struct vgpu_gpu,
					    watchdog.work);
	struct vgpu_arb_entity *entity;
	u64 now_ns, id;

	mutex_lock(&gpu->dispatch_lock);
	gpu->watchdog.next_ns = U64_MAX;
	mutex_unlock(&gpu->dispatch_lock);

	while ((entity = vgpu_arb_expire(&gpu->arb, ktime_get_ns(), &id))) {
		vgpu_watchdog_end(gpu, entity, id);
		vgpu_arb_entity_done(entity);
	}

	mutex_lock(&gpu->dispatch_lock);
	now_ns = ktime_get_ns();
	vgpu_watchdog_arm_locked(gpu, vgpu_arb_deadline_ns(&gpu->arb, now_ns), now_ns);
	mutex_unlock(&gpu->dispatch_lock);
}

/**
 * vgpu_watchdog_init() - nothing to watch
 * @gpu: the GPU
 *
 * Context: any.
 */
void vgpu_watchdog_init(struct vgpu_gpu *gpu)
{
	INIT_DELAYED_WORK(&gpu->watchdog.work, vgpu_watchdog_work);
	gpu->watchdog.next_ns = U64_MAX;
}

/**
 * vgpu_watchdog_fini() - watch no more
 * @gpu: the GPU; no jobs are handed out
 *
 * Context: may sleep.
 */
void vgpu_watchdog_fini(struct vgpu_gpu *gpu)
{
	cancel_delayed_work_sync(&gpu->watchdog.work);
}

/**
 * vgpu_watchdog_watch_locked() - a job is about to be handed to the backend
 * @gpu: the GPU
 * @job: the job
 *
 * Context: process context; &vgpu_gpu.dispatch_lock is held.
 */
void vgpu_watchdog_watch_locked(struct vgpu_gpu *gpu, const struct vgpu_job *job)
{
	u64 timeout_ns = READ_ONCE(job->entity->timeout_ns);

	if (timeout_ns)
		vgpu_watchdog_arm_locked(gpu, job->dispatch_ns + timeout_ns, job->dispatch_ns);
}

/**
 * vgpu_watchdog_look() - look at once
 * @gpu: the GPU
 *
 * After jobs that run may run for another time than was known.
 *
 * Context: may sleep; takes &vgpu_gpu.dispatch_lock.
 */
void vgpu_watchdog_look(struct vgpu_gpu *gpu)
{
	/* so that nobody who knows of a later time puts it off */
	mutex_lock(&gpu->dispatch_lock);
	gpu->watchdog.next_ns = 0;
	mutex_unlock(&gpu->dispatch_lock);
	mod_delayed_work(gpu->leaf_wq, &gpu->watchdog.work, 0);
}
