// SPDX-License-Identifier: GPL-2.0
/*
 * Ownership of a job: the table of arcs that enum vgpu_job_owner describes, and
 * the one function that walks them; and what things are called.
 */
#include <linux/bits.h>
#include <linux/bug.h>
#include <linux/compiler.h>

#include "job.h"

static const u8 vgpu_job_owner_next[VGPU_JOB_OWNER_COUNT] = {
	[VGPU_JOB_GUEST] = BIT(VGPU_JOB_QUEUE),
	[VGPU_JOB_QUEUE] = BIT(VGPU_JOB_ARBITER) | BIT(VGPU_JOB_DONE),
	[VGPU_JOB_ARBITER] = BIT(VGPU_JOB_BACKEND) | BIT(VGPU_JOB_DONE),
	[VGPU_JOB_BACKEND] = BIT(VGPU_JOB_ARBITER) | BIT(VGPU_JOB_DONE),
	[VGPU_JOB_DONE] = BIT(VGPU_JOB_GUEST),
};

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
 * vgpu_job_owner_may_follow() - is there an arc between two owners?
 * @from: owner now
 * @to: owner next
 *
 * Context: any.
 * Return: whether enum vgpu_job_owner lists the arc.
 */
bool vgpu_job_owner_may_follow(enum vgpu_job_owner from, enum vgpu_job_owner to)
{
	return from < VGPU_JOB_OWNER_COUNT && to < VGPU_JOB_OWNER_COUNT &&
	       vgpu_job_owner_next[from] & BIT(to);
}

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
 * vgpu_job_set_owner() - hand a job on
 * @job: the job; the caller owns it
 * @to: the next owner, who may touch it at once
 *
 * Context: any.
 */
void vgpu_job_set_owner(struct vgpu_job *job, enum vgpu_job_owner to)
{
	WARN_ONCE(!vgpu_job_owner_may_follow(job->owner, to),
		  "vgpu: job goes from %s to %s\n",
		  vgpu_job_owner_str(job->owner), vgpu_job_owner_str(to));
	/* debugfs reads it without owning the job */
	WRITE_ONCE(job->owner, to);
}
