// SPDX-License-Identifier: GPL-2.0
/*
 * A GPU: the budget from which its vGPUs get their quotas, and the dispatcher
 * that carries jobs from the arbiter to the backend.  Their way back is complete.c.
 *
 * Whoever completes a job dispatches the next ones himself, so that a busy GPU needs
 * no other thread.  A work item does it when a job is submitted to a GPU that has room,
 * from a place where dispatching isn't possible, and where somebody else was at it; and
 * at the time at which a job may run that had to wait for that.
 */
#include <linux/export.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/string.h>

#include "complete.h"
#include "gpu.h"
#include "job.h"
#include "trace.h"
#include "watchdog.h"

static void vgpu_gpu_control_work(struct work_struct *work)
{
	struct vgpu_job *job = container_of(work, struct vgpu_job, work);

	/* whatever it takes, it is no time of the GPU's */
	vgpu_job_complete(job, job->control(job), 0);
}

/* Return false if the backend is busy: it promises a completion, which queues us. */
static bool vgpu_gpu_run_job(struct vgpu_gpu *gpu, struct vgpu_job *job)
{
	if (job->type == VGPU_JOB_CONTROL) {
		INIT_WORK(&job->work, vgpu_gpu_control_work);
		queue_work(gpu->wq, &job->work);
		return true;
	}

	vgpu_watchdog_watch_locked(gpu, job);
	if (!gpu->desc.ops->submit(gpu, job))
		return true;
	if (vgpu_arb_requeue(&gpu->arb, job, ktime_get_ns()))
		return false;
	vgpu_job_complete(job, VGPU_ERR_CANCELED, 0);
	return true;
}

/* Return whether there may be more to hand out. */
static bool vgpu_gpu_dispatch_one_locked(struct vgpu_gpu *gpu)
{
	struct vgpu_job *job;
	u64 next_ns;

	lockdep_assert_held(&gpu->dispatch_lock);

	job = vgpu_arb_pick(&gpu->arb, ktime_get_ns());
	if (!job) {
		next_ns = vgpu_arb_next_ns(&gpu->arb);
		if (next_ns != U64_MAX)
			hrtimer_start(&gpu->wake, ns_to_ktime(next_ns), HRTIMER_MODE_ABS);
		return false;
	}
	trace_vgpu_dispatch(job);
	vgpu_gpu_progress(job->entity);
	return vgpu_gpu_run_job(gpu, job);
}

static void vgpu_gpu_dispatch_work(struct work_struct *work)
{
	struct vgpu_gpu *gpu = container_of(work, struct vgpu_gpu, dispatch);
	bool more;

	do {
		mutex_lock(&gpu->dispatch_lock);
		more = vgpu_gpu_dispatch_one_locked(gpu);
		mutex_unlock(&gpu->dispatch_lock);
	} while (more);
}

static enum hrtimer_restart vgpu_gpu_wake(struct hrtimer *timer)
{
	vgpu_gpu_kick(container_of(timer, struct vgpu_gpu, wake));
	return HRTIMER_NORESTART;
}

/**
 * vgpu_gpu_dispatch() - hand out what there is to hand out
 * @gpu: the GPU
 *
 * A work item does it if somebody, perhaps the caller, is at it already.
 *
 * Context: may sleep.
 */
void vgpu_gpu_dispatch(struct vgpu_gpu *gpu)
{
	bool more;

	do {
		if (!mutex_trylock(&gpu->dispatch_lock)) {
			queue_work(gpu->leaf_wq, &gpu->dispatch);
			return;
		}
		more = vgpu_gpu_dispatch_one_locked(gpu);
		mutex_unlock(&gpu->dispatch_lock);
	} while (more);
}

/**
 * vgpu_gpu_init() - make a GPU without vGPUs
 * @gpu: the GPU
 * @desc: the backend's description; copied
 * @id: its number
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if the description is wrong; -ENOMEM.
 */
int vgpu_gpu_init(struct vgpu_gpu *gpu, const struct vgpu_gpu_desc *desc, u32 id)
{
	if (desc->formats && (!desc->ops->module_build || !desc->ops->module_destroy ||
			      !desc->ops->kernel_get || !desc->ops->kernel_put ||
			      desc->formats & BIT(VGPU_MODULE_BUILTIN)))
		return -EINVAL;
	if (!desc->depth || !desc->memory_size || !desc->ops->bo_create ||
	    !desc->ops->bo_destroy || !desc->ops->submit || !desc->ops->abort ||
	    !desc->ops->abort_job || !desc->ops->bo_map != !desc->ops->bo_unmap ||
	    strscpy(gpu->name, desc->name, sizeof(gpu->name)) < 0)
		return -EINVAL;

	gpu->desc = *desc;
	gpu->desc.name = gpu->name;
	gpu->id = id;
	vgpu_arb_init(&gpu->arb, desc->depth);
	gpu->arb.parallel = desc->parallel;
	gpu->arb.floor_ns = VGPU_ARB_JOB_NS;
	INIT_WORK(&gpu->dispatch, vgpu_gpu_dispatch_work);
	hrtimer_setup(&gpu->wake, vgpu_gpu_wake, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
	mutex_init(&gpu->dispatch_lock);
	vgpu_watchdog_init(gpu);
	spin_lock_init(&gpu->memory_lock);
	gpu->memory_free = desc->memory_size;
	gpu->wq = alloc_workqueue("vgpu-%s", WQ_UNBOUND, 0, gpu->name);
	if (!gpu->wq)
		return -ENOMEM;
	gpu->poll_wq = alloc_workqueue("vgpu-poll-%s", WQ_UNBOUND | WQ_CPU_INTENSIVE, 0,
				       gpu->name);
	if (!gpu->poll_wq)
		goto err_wq;
	gpu->leaf_wq = alloc_workqueue("vgpu-leaf-%s", WQ_UNBOUND, 0, gpu->name);
	if (!gpu->leaf_wq)
		goto err_poll_wq;
	return 0;

err_poll_wq:
	destroy_workqueue(gpu->poll_wq);
err_wq:
	destroy_workqueue(gpu->wq);
	return -ENOMEM;
}

/**
 * vgpu_gpu_fini() - end a GPU
 * @gpu: the GPU; its vGPUs are gone
 *
 * Context: may sleep.
 */
void vgpu_gpu_fini(struct vgpu_gpu *gpu)
{
	/* no job waits: nobody starts it again */
	hrtimer_cancel(&gpu->wake);
	vgpu_watchdog_fini(gpu);
	destroy_workqueue(gpu->poll_wq);
	destroy_workqueue(gpu->wq);
	destroy_workqueue(gpu->leaf_wq);
	vgpu_arb_fini(&gpu->arb);
	mutex_destroy(&gpu->dispatch_lock);
}

/**
 * vgpu_gpu_priv() - the backend's own pointer
 * @gpu: the GPU
 *
 * Context: any.
 * Return: &vgpu_gpu_desc.priv.
 */
void *vgpu_gpu_priv(struct vgpu_gpu *gpu)
{
	return gpu->desc.priv;
}
EXPORT_SYMBOL_GPL(vgpu_gpu_priv);

/**
 * vgpu_gpu_memory_reserve() - take a vGPU's quota out of the budget
 * @gpu: the GPU
 * @size: bytes
 *
 * Context: process context.
 * Return: 0, or -ENOSPC and nothing is taken.
 */
int vgpu_gpu_memory_reserve(struct vgpu_gpu *gpu, u64 size)
{
	int ret = 0;

	spin_lock(&gpu->memory_lock);
	if (gpu->memory_free < size)
		ret = -ENOSPC;
	else
		gpu->memory_free -= size;
	spin_unlock(&gpu->memory_lock);
	return ret;
}

/**
 * vgpu_gpu_memory_release() - put a quota back into the budget
 * @gpu: the GPU
 * @size: as reserved
 *
 * Context: process context.
 */
void vgpu_gpu_memory_release(struct vgpu_gpu *gpu, u64 size)
{
	spin_lock(&gpu->memory_lock);
	gpu->memory_free += size;
	WARN_ON_ONCE(gpu->memory_free > gpu->desc.memory_size);
	spin_unlock(&gpu->memory_lock);
}

/**
 * vgpu_gpu_memory_free() - what is left of the budget
 * @gpu: the GPU
 *
 * Context: process context.
 * Return: bytes.
 */
u64 vgpu_gpu_memory_free(struct vgpu_gpu *gpu)
{
	u64 free;

	spin_lock(&gpu->memory_lock);
	free = gpu->memory_free;
	spin_unlock(&gpu->memory_lock);
	return free;
}

/**
 * vgpu_gpu_kick() - see whether there is something to dispatch
 * @gpu: the GPU
 *
 * After a change of policy, of which the arbiter tells nobody.
 *
 * Context: any.
 */
void vgpu_gpu_kick(struct vgpu_gpu *gpu)
{
	queue_work(gpu->leaf_wq, &gpu->dispatch);
}

/**
 * vgpu_gpu_pause() - nobody drives a GPU at present
 * @gpu: the GPU
 *
 * When this returns no job is on its way to the backend, and until vgpu_gpu_resume() it gets
 * none: they wait.  What the backend has is still its own to complete, and it is told to abort
 * as ever.
 *
 * Context: may sleep; not from &vgpu_backend_ops.submit, abort or abort_job.
 */
void vgpu_gpu_pause(struct vgpu_gpu *gpu)
{
	mutex_lock(&gpu->dispatch_lock);
	vgpu_arb_pause(&gpu->arb, true);
	mutex_unlock(&gpu->dispatch_lock);
}
EXPORT_SYMBOL_GPL(vgpu_gpu_pause);

/**
 * vgpu_gpu_take_back() - jobs that the backend had wait again
 * @gpu: the GPU, paused
 * @next: a job of the backend's, the last of those of its stream that are left; NULL: no more.
 *	Each is &vgpu_job.again
 * @from: for @next
 *
 * Context: may sleep; not from &vgpu_backend_ops.submit, abort or abort_job.  Between the
 * backend and the arbiter nobody sees them: so who cancels or aborts waits until they wait.
 */
void vgpu_gpu_take_back(struct vgpu_gpu *gpu, struct vgpu_job *(*next)(void *from), void *from)
{
	struct vgpu_job *job;

	mutex_lock(&gpu->dispatch_lock);
	while ((job = next(from))) {
		if (!vgpu_arb_requeue(&gpu->arb, job, ktime_get_ns()))
			vgpu_job_complete(job, VGPU_ERR_CANCELED, 0);
	}
	mutex_unlock(&gpu->dispatch_lock);
}
EXPORT_SYMBOL_GPL(vgpu_gpu_take_back);

/**
 * vgpu_gpu_resume() - the backend takes jobs again
 * @gpu: the GPU
 *
 * Context: process context.
 */
void vgpu_gpu_resume(struct vgpu_gpu *gpu)
{
	vgpu_arb_pause(&gpu->arb, false);
	vgpu_gpu_kick(gpu);
}
EXPORT_SYMBOL_GPL(vgpu_gpu_resume);

/**
 * vgpu_gpu_submit() - submit a job and see that it gets dispatched
 * @gpu: the GPU
 * @job: owned by the caller as VGPU_JOB_QUEUE
 *
 * Context: process context.
 * Return: as vgpu_arb_submit().
 */
enum vgpu_error vgpu_gpu_submit(struct vgpu_gpu *gpu, struct vgpu_job *job)
{
	enum vgpu_error err = vgpu_arb_submit(&gpu->arb, job, ktime_get_ns());

	/* else the next completion dispatches, or the timer; or we do, when all is told */
	if (err == VGPU_ERR_NONE && READ_ONCE(gpu->teller) != current &&
	    vgpu_arb_has_work(&gpu->arb))
		vgpu_gpu_kick(gpu);
	return err;
}

/**
 * struct vgpu_gpu_abort - an abort by a work item
 * @work: does it
 * @gpu: the GPU
 * @entity: whose jobs
 */
struct vgpu_gpu_abort {
	struct work_struct work;
	struct vgpu_gpu *gpu;
	struct vgpu_arb_entity *entity;
};

static void vgpu_gpu_abort_work(struct work_struct *work)
{
	struct vgpu_gpu_abort *abort = container_of(work, struct vgpu_gpu_abort, work);
	struct vgpu_gpu *gpu = abort->gpu;

	/*
	 * With the lock held no job is between the arbiter and the backend: what
	 * is not canceled is where abort can see it.
	 */
	mutex_lock(&gpu->dispatch_lock);
	gpu->desc.ops->abort(gpu, abort->entity, NULL);
	mutex_unlock(&gpu->dispatch_lock);
}

/**
 * vgpu_gpu_drain() - bring every job of an entity to an end
 * @gpu: the GPU
 * @entity: the entity
 *
 * When it returns no job of @entity is pending, and submissions fail with
 * VGPU_ERR_CANCELED until vgpu_arb_entity_drain_end().
 *
 * Context: may sleep; not from &vgpu_job.done or &vgpu_job.control.
 */
void vgpu_gpu_drain(struct vgpu_gpu *gpu, struct vgpu_arb_entity *entity)
{
	struct vgpu_gpu_abort abort = { .gpu = gpu, .entity = entity };
	LIST_HEAD(canceled);

	vgpu_arb_entity_drain_begin(entity, &canceled, ktime_get_ns());
	vgpu_jobs_end_canceled(&canceled);

	/*
	 * We may be a thread of a VMM's, which has it in hand when its threads run: with the
	 * lock held it would keep the dispatcher, and so everybody, waiting.
	 */
	INIT_WORK_ONSTACK(&abort.work, vgpu_gpu_abort_work);
	queue_work(gpu->leaf_wq, &abort.work);
	flush_work(&abort.work);
	destroy_work_on_stack(&abort.work);
	vgpu_arb_entity_drain_wait(entity);
}

/**
 * vgpu_gpu_cancel() - bring the jobs of a stream to an end
 * @gpu: the GPU
 * @entity: the entity
 * @stream: &vgpu_job.stream, not NULL; nobody submits to it any more
 *
 * They end as soon as the backend can; the caller waits for that.
 *
 * Context: may sleep; not from &vgpu_job.done.
 */
void vgpu_gpu_cancel(struct vgpu_gpu *gpu, struct vgpu_arb_entity *entity,
		     const void *stream)
{
	LIST_HEAD(canceled);

	/* or one that the backend was too busy for would wait again, behind our back */
	mutex_lock(&gpu->dispatch_lock);
	vgpu_arb_entity_cancel(entity, stream, &canceled, ktime_get_ns());
	gpu->desc.ops->abort(gpu, entity, stream);
	mutex_unlock(&gpu->dispatch_lock);
	vgpu_jobs_end_canceled(&canceled);
}

/**
 * vgpu_gpu_lose() - jobs of a group are run no more
 * @gpu: the GPU
 * @entity: the entity
 * @group: its group
 *
 * What waits ends with VGPU_ERR_BACKEND_LOST, and so does what is submitted.  What the backend
 * has is its own to end.
 *
 * Context: may sleep; not from &vgpu_job.done.
 */
void vgpu_gpu_lose(struct vgpu_gpu *gpu, struct vgpu_arb_entity *entity,
		   struct vgpu_arb_group *group)
{
	LIST_HEAD(canceled);

	/* as in vgpu_gpu_cancel() */
	mutex_lock(&gpu->dispatch_lock);
	vgpu_arb_group_lose(entity, group, &canceled, ktime_get_ns());
	mutex_unlock(&gpu->dispatch_lock);
	vgpu_jobs_end_canceled(&canceled);
	/* or a queue of it that is quiet would not be, before the GPU goes on */
	vgpu_gpu_progress(entity);
}

/**
 * vgpu_gpu_tell() - an operator is to hear of something, see &vgpu_arb_entity.event
 * @entity: to which it happened; kept by the caller
 * @event: what
 *
 * Context: may sleep.
 */
void vgpu_gpu_tell(struct vgpu_arb_entity *entity, enum vgpu_arb_event event)
{
	if (entity->event)
		entity->event(entity, event);
}

/**
 * vgpu_gpu_quarantine() - have a vGPU run nothing, until vgpu_gpu_release()
 * @gpu: the GPU
 * @entity: the vGPU's; kept by the caller
 *
 * All that it has submitted ends with VGPU_ERR_QUARANTINED, as soon as the backend can;
 * what it submits from now on is refused.
 *
 * Context: may sleep; not from &vgpu_job.done.
 */
void vgpu_gpu_quarantine(struct vgpu_gpu *gpu, struct vgpu_arb_entity *entity)
{
	LIST_HEAD(canceled);
	bool first;

	/* as in vgpu_gpu_cancel() */
	mutex_lock(&gpu->dispatch_lock);
	first = vgpu_arb_quarantine(entity, &canceled, ktime_get_ns());
	gpu->desc.ops->abort(gpu, entity, NULL);
	mutex_unlock(&gpu->dispatch_lock);
	vgpu_jobs_end_canceled(&canceled);
	if (first)
		vgpu_gpu_tell(entity, VGPU_ARB_QUARANTINED);
}

/**
 * vgpu_gpu_release() - let a vGPU run jobs again
 * @gpu: the GPU
 * @entity: the vGPU's; kept by the caller
 *
 * Context: may sleep.
 */
void vgpu_gpu_release(struct vgpu_gpu *gpu, struct vgpu_arb_entity *entity)
{
	if (vgpu_arb_release(entity))
		vgpu_gpu_tell(entity, VGPU_ARB_RELEASED);
}
