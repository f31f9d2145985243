// SPDX-License-Identifier: GPL-2.0
/*
 * Jobs that run longer than they may, and who is quarantined for that.
 *
 * A job's time counts from when the backend began it: what waits behind it on the GPU
 * does no wrong.  One that takes longer is a fault of its entity.  A fault is forgotten
 * after a while, one by one; who has as many as the threshold at a time is quarantined.
 * That while must be longer than it takes to have so many: between two of them all others
 * have their turn.
 *
 * All of it is under &vgpu_arb.lock.
 */
#include <linux/limits.h>
#include <linux/lockdep.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "arb.h"

/**
 * vgpu_arb_fault_init() - the defaults
 * @arb: the arbiter
 *
 * Context: any.
 */
void vgpu_arb_fault_init(struct vgpu_arb *arb)
{
	arb->fault_threshold = VGPU_FAULT_THRESHOLD_DEFAULT;
	arb->fault_decay_s = VGPU_FAULT_DECAY_DEFAULT_S;
}

/**
 * vgpu_arb_fault_entity_init_locked() - an entity without faults
 * @entity: the entity
 *
 * Context: @entity->arb->lock is held.
 */
void vgpu_arb_fault_entity_init_locked(struct vgpu_arb_entity *entity)
{
	lockdep_assert_held(&entity->arb->lock);
	entity->timeout_ns = VGPU_JOB_TIMEOUT_DEFAULT_MS * (u64)NSEC_PER_MSEC;
	entity->faults = 0;
	entity->faults_ns = 0;
	entity->quarantined = false;
}

/* When it will have run as long as it may, or U64_MAX */
static u64 vgpu_arb_job_deadline_ns(const struct vgpu_job *job, u64 now_ns)
{
	u64 begin_ns = READ_ONCE(job->begin_ns);

	if (job->expired || !job->entity->timeout_ns)
		return U64_MAX;
	/* what hasn't begun will have begun then at the earliest */
	return (begin_ns ?: now_ns) + job->entity->timeout_ns;
}

/**
 * vgpu_arb_faults_are_rare_locked() - do an entity's jobs hang for no more than a small part of
 *	the time, or else is it quarantined?
 * @entity: the entity
 *
 * Context: @entity->arb->lock is held.
 * Return: true if so many faults as lead to quarantine are, with the time that each may take,
 * no more than one VGPU_ARB_RARE_FAULTS-th of the time in which one of them is forgotten.
 */
bool vgpu_arb_faults_are_rare_locked(const struct vgpu_arb_entity *entity)
{
	const struct vgpu_arb *arb = entity->arb;
	u64 decay_ns = arb->fault_decay_s * (u64)NSEC_PER_SEC;

	lockdep_assert_held(&arb->lock);
	return arb->fault_threshold && entity->timeout_ns &&
	       entity->timeout_ns <= div_u64(decay_ns,
					     VGPU_ARB_RARE_FAULTS * arb->fault_threshold);
}

/**
 * vgpu_arb_expire() - find a job that runs longer than it may
 * @arb: the arbiter
 * @now_ns: the time
 * @id: its &vgpu_job.id
 *
 * Each is found once.  If the backend is asked to end it, it ends with VGPU_ERR_TIMEOUT,
 * if it wasn't faster.
 *
 * Context: process context; takes @arb->lock.
 * Return: the job's entity, which stays until vgpu_arb_entity_done() is called for it; or
 * NULL if there is no such job.
 */
struct vgpu_arb_entity *vgpu_arb_expire(struct vgpu_arb *arb, u64 now_ns, u64 *id)
{
	struct vgpu_arb_entity *entity = NULL;
	struct vgpu_job *job;

	spin_lock(&arb->lock);
	list_for_each_entry(job, &arb->running, running) {
		if (vgpu_arb_job_deadline_ns(job, now_ns) > now_ns)
			continue;
		job->expired = true;
		*id = job->id;
		entity = job->entity;
		entity->nr_pending++;
		break;
	}
	spin_unlock(&arb->lock);
	return entity;
}

/**
 * vgpu_arb_deadline_ns() - when is it worth while to look for such jobs?
 * @arb: the arbiter
 * @now_ns: the time
 *
 * Context: process context; takes @arb->lock.
 * Return: a time before which no job that was handed out runs longer than it may; U64_MAX
 * if there is none.
 */
u64 vgpu_arb_deadline_ns(struct vgpu_arb *arb, u64 now_ns)
{
	u64 deadline_ns = U64_MAX;
	struct vgpu_job *job;

	spin_lock(&arb->lock);
	list_for_each_entry(job, &arb->running, running)
		deadline_ns = min(deadline_ns, vgpu_arb_job_deadline_ns(job, now_ns));
	spin_unlock(&arb->lock);
	return deadline_ns;
}

static void vgpu_arb_forget_faults_locked(struct vgpu_arb_entity *entity, u64 now_ns)
{
	u64 decay_ns = entity->arb->fault_decay_s * (u64)NSEC_PER_SEC, n;

	lockdep_assert_held(&entity->arb->lock);
	/* a clock that was read before another fault came */
	if ((s64)(now_ns - entity->faults_ns) < 0)
		return;
	n = div64_u64(now_ns - entity->faults_ns, decay_ns);
	if (n >= entity->faults) {
		entity->faults_ns = now_ns;
		n = entity->faults;
	} else {
		entity->faults_ns += n * decay_ns;
	}
	WRITE_ONCE(entity->faults, entity->faults - n);
}

/**
 * vgpu_arb_faults() - how many faults an entity has
 * @entity: the entity
 * @now_ns: the time
 *
 * Context: process context; takes @entity->arb->lock.
 * Return: those that aren't forgotten.
 */
u32 vgpu_arb_faults(struct vgpu_arb_entity *entity, u64 now_ns)
{
	u32 faults;

	spin_lock(&entity->arb->lock);
	vgpu_arb_forget_faults_locked(entity, now_ns);
	faults = entity->faults;
	spin_unlock(&entity->arb->lock);
	return faults;
}

/**
 * vgpu_arb_fault() - an entity had a fault
 * @entity: the entity
 * @now_ns: the time
 *
 * Context: process context; takes @entity->arb->lock.
 * Return: true if it is to be quarantined for that.
 */
bool vgpu_arb_fault(struct vgpu_arb_entity *entity, u64 now_ns)
{
	struct vgpu_arb *arb = entity->arb;
	bool quarantine;

	spin_lock(&arb->lock);
	vgpu_arb_forget_faults_locked(entity, now_ns);
	WRITE_ONCE(entity->faults, entity->faults + 1);
	quarantine = arb->fault_threshold && entity->faults >= arb->fault_threshold;
	spin_unlock(&arb->lock);
	return quarantine;
}

/**
 * vgpu_arb_release() - end an entity's quarantine
 * @entity: the entity.  Its faults are forgotten
 *
 * Context: process context; takes @entity->arb->lock.
 * Return: false if it wasn't quarantined.
 */
bool vgpu_arb_release(struct vgpu_arb_entity *entity)
{
	bool quarantined;

	spin_lock(&entity->arb->lock);
	quarantined = entity->quarantined;
	WRITE_ONCE(entity->quarantined, false);
	WRITE_ONCE(entity->faults, 0);
	spin_unlock(&entity->arb->lock);
	return quarantined;
}

/**
 * vgpu_arb_set_fault_threshold() - with how many faults an entity is quarantined
 * @arb: the arbiter
 * @faults: up to VGPU_FAULT_THRESHOLD_MAX; 0: never
 *
 * Who has as many already is quarantined at the next.
 *
 * Context: process context; takes @arb->lock.
 */
void vgpu_arb_set_fault_threshold(struct vgpu_arb *arb, u32 faults)
{
	spin_lock(&arb->lock);
	WRITE_ONCE(arb->fault_threshold, faults);
	spin_unlock(&arb->lock);
}

/**
 * vgpu_arb_set_fault_decay() - after how long a fault is forgotten
 * @arb: the arbiter
 * @seconds: 1 to VGPU_FAULT_DECAY_MAX_S
 *
 * Context: process context; takes @arb->lock.
 */
void vgpu_arb_set_fault_decay(struct vgpu_arb *arb, u32 seconds)
{
	spin_lock(&arb->lock);
	WRITE_ONCE(arb->fault_decay_s, seconds);
	spin_unlock(&arb->lock);
}

/**
 * vgpu_arb_entity_set_timeout() - how long an entity's jobs may run
 * @entity: the entity
 * @ms: milliseconds, up to VGPU_JOB_TIMEOUT_MAX_MS; 0: as long as they like
 *
 * For those that run, too.
 *
 * Context: process context; takes @entity->arb->lock.
 */
void vgpu_arb_entity_set_timeout(struct vgpu_arb_entity *entity, u32 ms)
{
	spin_lock(&entity->arb->lock);
	WRITE_ONCE(entity->timeout_ns, ms * (u64)NSEC_PER_MSEC);
	spin_unlock(&entity->arb->lock);
}
