// SPDX-License-Identifier: GPL-2.0
/* What a job's types and owners are called, and what is said of a job that goes astray. */
#include <linux/bug.h>

#include "job.h"

static const char * const vgpu_job_owner_name[VGPU_JOB_OWNER_COUNT] = {
	[VGPU_JOB_GUEST] = "guest",
	[VGPU_JOB_QUEUE] = "queue",
	[VGPU_JOB_ARBITER] = "arbiter",
	[VGPU_JOB_BACKEND] = "backend",
	[VGPU_JOB_DONE] = "done",
};

static const char * const vgpu_job_type_name[VGPU_JOB_TYPES] = {
	[VGPU_JOB_CONTROL] = "control",
	[VGPU_JOB_NOP] = "nop",
	[VGPU_JOB_ADD] = "add",
	[VGPU_JOB_WRITE] = "write",
	[VGPU_JOB_READ] = "read",
	[VGPU_JOB_COPY] = "copy",
	[VGPU_JOB_FILL] = "fill",
	[VGPU_JOB_LAUNCH] = "launch",
	[VGPU_JOB_TIMESTAMP] = "timestamp",
};

/**
 * vgpu_job_type_str() - name of a type, for people
 * @type: the type
 *
 * Context: any.
 * Return: a constant string, shorter than VGPU_JOB_TYPE_NAME.
 */
const char *vgpu_job_type_str(enum vgpu_job_type type)
{
	return vgpu_job_type_name[type];
}

/**
 * vgpu_job_owner_str() - name of an owner, for people
 * @owner: any value
 *
 * Context: any.
 * Return: a constant string, "?" for what is no owner.
 */
const char *vgpu_job_owner_str(enum vgpu_job_owner owner)
{
	return owner < VGPU_JOB_OWNER_COUNT ? vgpu_job_owner_name[owner] : "?";
}

/**
 * vgpu_job_owner_complain() - say that a job goes where it may not
 * @job: the job
 * @to: the next owner
 *
 * Context: any.
 */
void vgpu_job_owner_complain(const struct vgpu_job *job, enum vgpu_job_owner to)
{
	WARN_ONCE(true, "vgpu: job goes from %s to %s\n",
		  vgpu_job_owner_str(job->owner), vgpu_job_owner_str(to));
}
