// SPDX-License-Identifier: GPL-2.0
/*
 * The end of jobs.  The arbiter is told first: it charges them, and has room for others, which
 * are handed out before anybody is told.  Then &vgpu_job.done is called for each, and last the
 * arbiter is told that it has been: see arb.c.
 *
 * A backend that finds several over at a time tells of them together.  Then whoever submitted
 * them looks at what follows once for all that are of one stream, and what is submitted
 * meanwhile is handed out together as well.
 */
#include <linux/export.h>
#include <linux/ktime.h>
#include <linux/sched.h>

#include "complete.h"
#include "gpu.h"
#include "job.h"
#include "trace.h"

static struct vgpu_gpu *vgpu_job_gpu(const struct vgpu_job *job)
{
	return container_of(job->entity->arb, struct vgpu_gpu, arb);
}

/**
 * vgpu_job_begin() - a job begins to run on the GPU
 * @job: the job, owned by the caller as VGPU_JOB_BACKEND
 *
 * From then on its time counts.
 *
 * Context: any.
 * Return: the time, by ktime_get_ns().
 */
u64 vgpu_job_begin(struct vgpu_job *job)
{
	u64 now_ns = ktime_get_ns();

	WRITE_ONCE(job->begin_ns, now_ns);
	return now_ns;
}
EXPORT_SYMBOL_GPL(vgpu_job_begin);

/**
 * vgpu_job_owe() - a job's vGPU has kept others from the GPU by something else than a job
 * @job: the job, owned by the caller as VGPU_JOB_BACKEND
 * @ns: for how long: charged with the job, but no part of what it took
 *
 * Context: any.
 */
void vgpu_job_owe(struct vgpu_job *job, u64 ns)
{
	vgpu_arb_entity_owes(job->entity, ns);
}
EXPORT_SYMBOL_GPL(vgpu_job_owe);

/* It is the arbiter's no more, which has room for another. */
static void vgpu_job_end(struct vgpu_gpu *gpu, struct vgpu_job *job, enum vgpu_error status,
			 u64 gpu_ns, u64 now_ns)
{
	/* an index from here on, and perhaps not from code that we trust */
	if (WARN_ON_ONCE((u32)status >= VGPU_ERR_COUNT))
		status = VGPU_ERR_GPU;
	job->status = status;
	job->gpu_ns = gpu_ns;
	vgpu_arb_complete(&gpu->arb, job, now_ns);
}

static void vgpu_job_tell(struct vgpu_job *job, u32 told)
{
	trace_vgpu_complete(job);
	job->told = told;
	job->done(job);
}

/**
 * vgpu_job_complete() - a job is over
 * @job: the job, owned by the caller as VGPU_JOB_BACKEND
 * @status: VGPU_ERR_NONE, VGPU_ERR_GPU, VGPU_ERR_NO_MEMORY, VGPU_ERR_TIMEOUT, VGPU_ERR_CANCELED,
 *	VGPU_ERR_BACKEND_LOST; or VGPU_ERR_INVALID_REQUEST, if only the GPU can know
 * @gpu_ns: time it took on the GPU; nothing else, such as waiting in the backend
 *
 * Context: may sleep.  The caller must not touch @job afterwards.
 */
void vgpu_job_complete(struct vgpu_job *job, enum vgpu_error status, u64 gpu_ns)
{
	struct vgpu_gpu *gpu = vgpu_job_gpu(job);
	bool charge = gpu->desc.on_cpu && job->type != VGPU_JOB_CONTROL;
	struct vgpu_arb_entity *entity = job->entity;
	u64 now_ns = ktime_get_ns(), delay_ns = vgpu_run_delay_ns(), ns;

	vgpu_job_end(gpu, job, status, gpu_ns, now_ns);
	/* before the callback: a slot is free, and the callback may take long */
	vgpu_gpu_dispatch(gpu);
	vgpu_job_tell(job, 1);
	/* the job may be in use again by now */
	vgpu_gpu_progress(entity);
	if (charge) {
		ns = ktime_get_ns() - now_ns;
		vgpu_arb_entity_owes(entity, ns - min(ns, vgpu_run_delay_ns() - delay_ns));
	}
	vgpu_arb_entity_done(entity);
}
EXPORT_SYMBOL_GPL(vgpu_job_complete);

/* Tell of the first of some jobs, and those behind it that are of its stream.  Return how many. */
static u32 vgpu_jobs_tell(const struct vgpu_job_result *result, u32 count)
{
	struct vgpu_arb_entity *entity = result->job->entity;
	const void *stream = result->job->stream;
	u32 n = 1, i;

	while (stream && n < count && result[n].job->stream == stream)
		n++;
	for (i = 0; i < n; i++)
		vgpu_job_tell(result[i].job, i < n - 1 ? 0 : n);
	vgpu_gpu_progress(entity);
	vgpu_arb_entity_done_some(entity, n);
	return n;
}

/**
 * vgpu_jobs_complete() - jobs are over
 * @result: the jobs, of one GPU, as for vgpu_job_complete(); those of a stream in its order
 * @count: how many, at least 1
 *
 * As vgpu_job_complete() for each, but with less to do for those of one stream that follow each
 * other here.  Not for a GPU that is &vgpu_gpu_desc.on_cpu: what this takes is charged to nobody.
 *
 * Context: may sleep.  The caller must not touch the jobs afterwards.
 */
void vgpu_jobs_complete(const struct vgpu_job_result *result, u32 count)
{
	struct vgpu_gpu *gpu = vgpu_job_gpu(result->job);
	u64 now_ns = ktime_get_ns();
	u32 i;

	for (i = 0; i < count; i++)
		vgpu_job_end(gpu, result[i].job, result[i].status, result[i].gpu_ns, now_ns);
	/* as in vgpu_job_complete() */
	vgpu_gpu_dispatch(gpu);
	WRITE_ONCE(gpu->teller, current);
	for (i = 0; i < count; )
		i += vgpu_jobs_tell(&result[i], count - i);
	WRITE_ONCE(gpu->teller, NULL);
	/* what was submitted by that */
	if (vgpu_arb_has_work(&gpu->arb))
		vgpu_gpu_dispatch(gpu);
}
EXPORT_SYMBOL_GPL(vgpu_jobs_complete);

/**
 * vgpu_jobs_end_canceled() - tell of jobs that were taken back before they ran
 * @canceled: as vgpu_arb_entity_cancel() leaves them; empty afterwards
 *
 * Context: may sleep.
 */
void vgpu_jobs_end_canceled(struct list_head *canceled)
{
	struct vgpu_arb_entity *entity;
	struct vgpu_job *job, *next;

	list_for_each_entry_safe(job, next, canceled, node) {
		entity = job->entity;
		list_del_init(&job->node);
		vgpu_job_tell(job, 1);
		vgpu_gpu_progress(entity);
		vgpu_arb_entity_done(entity);
	}
}
