// SPDX-License-Identifier: GPL-2.0
/*
 * The arbiter.  Every request of every vGPU passes through here, whichever way
 * it came in; nothing else hands jobs to a backend.
 *
 * It decides and counts, it doesn't act: the caller dispatches what
 * vgpu_arb_pick() returns, and calls &vgpu_job.done.  Time is a parameter.  So
 * the whole of it runs in a unit test, without a VM and without a clock.
 *
 * Order: by class, see arb_class.c; in a class fair over the entities by measured GPU
 * time, see arb_rq.c; of those that may run, see arb_policy.c.  Within an entity its groups
 * (contexts) take turns, a job each; within a group first come, first served.  At most
 * @depth jobs are handed out at a time, so that what isn't can still be canceled; but see
 * arb_beyond.c.
 *
 * Control jobs take none of the GPU's time, and so wait for nobody's and keep nobody
 * from it: the guest that calls off a job that hangs need not wait for that job, nor
 * one for another's memory being zeroed.  A vGPU has one at a time.
 *
 * A job counts as pending from vgpu_arb_submit() until vgpu_arb_entity_done(),
 * which is called after &vgpu_job.done has returned: when an entity is idle, no
 * callback of it is running anywhere.
 */
#include <linux/bug.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "arb.h"
#include "job.h"
#include "trace.h"

/**
 * vgpu_arb_init() - make an arbiter without entities
 * @arb: the arbiter
 * @depth: most jobs handed to the backend at a time, at least 1
 *
 * Context: any.
 */
void vgpu_arb_init(struct vgpu_arb *arb, u32 depth)
{
	spin_lock_init(&arb->lock);
	INIT_LIST_HEAD(&arb->control);
	INIT_LIST_HEAD(&arb->entities);
	INIT_LIST_HEAD(&arb->running);
	vgpu_arb_policy_init(arb);
	vgpu_arb_fault_init(arb);
	arb->next_ns = U64_MAX;
	arb->nr_running = 0;
	arb->last_id = 0;
	arb->depth = depth;
	arb->parallel = false;
	arb->nr_left_out = 0;
	arb->looked_ns = 0;
	arb->nr_looks = 0;
	arb->paused = false;
	arb->last = NULL;
}

/**
 * vgpu_arb_fini() - end an arbiter
 * @arb: the arbiter; its entities have no jobs
 *
 * Context: any.
 */
void vgpu_arb_fini(struct vgpu_arb *arb)
{
	/* the last reference to an entity may go a moment later: but it has no jobs */
	WARN_ON(!list_empty(&arb->control) || arb->classes.waiting || arb->nr_running ||
		arb->nr_left_out || !RB_EMPTY_ROOT(&arb->throttled.rb_root));
}

/**
 * vgpu_arb_entity_init() - add an entity
 * @entity: the entity
 * @arb: the arbiter of the GPU it shares
 * @queue_limit: most jobs waiting at a time
 *
 * Context: any.
 */
void vgpu_arb_entity_init(struct vgpu_arb_entity *entity, struct vgpu_arb *arb,
			  u32 queue_limit)
{
	entity->arb = arb;
	INIT_LIST_HEAD(&entity->groups);
	vgpu_arb_group_init(&entity->own);
	memset(&entity->stats, 0, sizeof(entity->stats));
	atomic64_set(&entity->owed_ns, 0);
	memset(entity->cost_ns, 0, sizeof(entity->cost_ns));
	entity->nr_waiting = 0;
	entity->nr_pending = 0;
	entity->nr_running = 0;
	entity->moved_ns = 0;
	entity->left_out = false;
	entity->looked_at = 0;
	entity->queue_limit = queue_limit;
	entity->draining = false;
	entity->progress = NULL;
	entity->event = NULL;
	init_waitqueue_head(&entity->idle);
	spin_lock(&arb->lock);
	vgpu_arb_policy_entity_init_locked(entity);
	vgpu_arb_fault_entity_init_locked(entity);
	list_add_tail(&entity->node, &arb->entities);
	spin_unlock(&arb->lock);
}

/**
 * vgpu_arb_entity_fini() - remove an entity
 * @entity: the entity; drained
 *
 * Context: process context; takes @entity->arb->lock.
 */
void vgpu_arb_entity_fini(struct vgpu_arb_entity *entity)
{
	struct vgpu_arb *arb = entity->arb;

	WARN_ON(entity->nr_waiting || entity->nr_pending);
	spin_lock(&arb->lock);
	list_del(&entity->node);
	if (arb->served == entity)
		arb->served = NULL;
	vgpu_stats_forget(&entity->stats, &arb->last);
	spin_unlock(&arb->lock);
}

/**
 * vgpu_arb_group_init() - make a group without jobs
 * @group: the group
 *
 * Context: any.
 */
void vgpu_arb_group_init(struct vgpu_arb_group *group)
{
	INIT_LIST_HEAD(&group->node);
	INIT_LIST_HEAD(&group->waiting);
	group->lost = false;
}

/* Of the jobs of a type an eighth of the last, and less of those before */
#define VGPU_ARB_COST_SHIFT	3

static void vgpu_arb_learn_locked(struct vgpu_arb_entity *entity, const struct vgpu_job *job,
				  u64 took_ns)
{
	u64 *cost_ns = &entity->cost_ns[job->type];

	lockdep_assert_held(&entity->arb->lock);
	/*
	 * One that was called off counts, too.  An estimate that is too high moves virtual
	 * time, and with it those who come behind it; so it must not stay for nothing.
	 */
	*cost_ns += (s64)(min(took_ns, VGPU_ARB_MAX_COST_NS) - *cost_ns) >>
		    VGPU_ARB_COST_SHIFT;
}

/* The caller sees to the entity's place. */
static void vgpu_arb_wait_locked(struct vgpu_arb_entity *entity, struct vgpu_job *job, bool first)
{
	struct vgpu_arb_group *group = vgpu_arb_job_group(job);
	struct vgpu_arb *arb = entity->arb;

	lockdep_assert_held(&arb->lock);
	vgpu_job_set_owner(job, VGPU_JOB_ARBITER);
	entity->nr_waiting++;
	if (job->type == VGPU_JOB_CONTROL) {
		list_add_tail(&job->node, &arb->control);
	} else if (first) {
		list_add(&job->node, &group->waiting);
		list_move(&group->node, &entity->groups);
	} else {
		list_add_tail(&job->node, &group->waiting);
		if (list_empty(&group->node))
			list_add_tail(&group->node, &entity->groups);
	}
}

static void vgpu_arb_count_running_locked(struct vgpu_arb_entity *entity, int by)
{
	lockdep_assert_held(&entity->arb->lock);
	entity->arb->nr_running += by;
	entity->nr_running += by;
	vgpu_arb_beyond_count_locked(entity);
}

/* Of the entity whose turn it is, of its group whose turn it is; @beyond: if it has none yet */
static struct vgpu_job *vgpu_arb_next_locked(struct vgpu_arb *arb, bool beyond, u64 now_ns)
{
	struct vgpu_arb_entity *entity;
	struct vgpu_arb_group *group;
	struct vgpu_job *job;
	bool minimum;

	lockdep_assert_held(&arb->lock);
	vgpu_arb_policy_release_locked(arb, now_ns);
	entity = beyond ? vgpu_arb_beyond_choose_locked(arb, &minimum, now_ns) :
			  vgpu_arb_policy_choose_locked(arb, &minimum);
	if (!entity)
		return NULL;
	group = list_first_entry(&entity->groups, struct vgpu_arb_group, node);
	job = list_first_entry(&group->waiting, struct vgpu_job, node);
	list_del_init(&job->node);
	if (list_empty(&group->waiting))
		list_del_init(&group->node);
	else
		list_move_tail(&group->node, &entity->groups);
	job->minimum = minimum;
	job->estimate_ns = max(entity->cost_ns[job->type], arb->floor_ns);
	vgpu_arb_policy_charge_locked(job, now_ns);
	job->id = ++arb->last_id;
	job->begin_ns = 0;
	job->expired = false;
	list_add_tail(&job->running, &arb->running);
	vgpu_arb_count_running_locked(entity, 1);
	vgpu_stats_dispatch(&entity->stats, job, &arb->last);
	return job;
}

/**
 * vgpu_arb_submit() - queue a job
 * @arb: the arbiter
 * @job: the job, owned by the caller as VGPU_JOB_QUEUE; &vgpu_job.entity is set
 * @now_ns: the time
 *
 * On success the arbiter owns the job.  The caller then makes sure that
 * somebody calls vgpu_arb_pick().
 *
 * Context: process context; takes @arb->lock.
 * Return: VGPU_ERR_NONE; VGPU_ERR_QUEUE_FULL, VGPU_ERR_RATE_LIMITED,
 * VGPU_ERR_QUARANTINED, VGPU_ERR_BACKEND_LOST or VGPU_ERR_CANCELED, and the job is still the
 * caller's.
 */
enum vgpu_error vgpu_arb_submit(struct vgpu_arb *arb, struct vgpu_job *job,
				u64 now_ns)
{
	struct vgpu_arb_entity *entity = job->entity;
	enum vgpu_error err;

	spin_lock(&arb->lock);
	if (entity->draining)
		err = VGPU_ERR_CANCELED;
	else if (entity->quarantined && job->type != VGPU_JOB_CONTROL)
		err = VGPU_ERR_QUARANTINED;
	else if (job->group && job->group->lost && job->type != VGPU_JOB_CONTROL)
		err = VGPU_ERR_BACKEND_LOST;
	else
		err = vgpu_arb_policy_admit_locked(entity, job, now_ns);
	if (!err) {
		job->submit_ns = now_ns;
		vgpu_arb_wait_locked(entity, job, false);
		vgpu_arb_policy_place_locked(entity, now_ns);
		entity->nr_pending++;
		vgpu_stats_submit(&entity->stats, job);
		trace_vgpu_submit(job);
	}
	spin_unlock(&arb->lock);
	return err;
}

/* When the first that is throttled may run, or U64_MAX */
static u64 vgpu_arb_ready_ns_locked(struct vgpu_arb *arb)
{
	struct rb_node *node = rb_first_cached(&arb->throttled);

	lockdep_assert_held(&arb->lock);
	return node ? rb_entry(node, struct vgpu_arb_entity, throttle)->ready_ns : U64_MAX;
}

static bool vgpu_arb_has_room_locked(const struct vgpu_arb *arb)
{
	lockdep_assert_held(&arb->lock);
	return arb->nr_running < arb->depth && !arb->paused;
}

/**
 * vgpu_arb_has_work() - is there something for a dispatcher to do?
 * @arb: the arbiter
 *
 * If not, there is after the next vgpu_arb_complete() or vgpu_arb_requeue(), or at the
 * time that vgpu_arb_next_ns() told.
 *
 * Context: process context; takes @arb->lock.
 * Return: true if vgpu_arb_pick() would hand out a job, or might to somebody who has none with
 * the backend, or if vgpu_arb_next_ns() would tell an earlier time than it has.
 */
bool vgpu_arb_has_work(struct vgpu_arb *arb)
{
	bool room, work;

	spin_lock(&arb->lock);
	room = vgpu_arb_has_room_locked(arb);
	work = !list_empty(&arb->control) ||
	       (room ? arb->classes.waiting : vgpu_arb_beyond_waits_locked(arb)) ||
	       ((room || vgpu_arb_beyond_may_locked(arb)) &&
		vgpu_arb_ready_ns_locked(arb) < arb->next_ns);
	spin_unlock(&arb->lock);
	return work;
}

/**
 * vgpu_arb_entity_waits() - do jobs of an entity wait, and will they go on?
 * @entity: the entity
 *
 * Context: process context; takes @entity->arb->lock.
 * Return: true if so; and when they do, &vgpu_arb_entity.progress is called.  False if nothing is
 * handed out at present.
 */
bool vgpu_arb_entity_waits(struct vgpu_arb_entity *entity)
{
	bool waits;

	spin_lock(&entity->arb->lock);
	waits = entity->nr_waiting && !entity->arb->paused;
	spin_unlock(&entity->arb->lock);
	return waits;
}

/**
 * vgpu_arb_pick() - take the job that runs next
 * @arb: the arbiter
 * @now_ns: the time
 *
 * Context: process context; takes @arb->lock.
 * Return: a job, owned by the caller as VGPU_JOB_BACKEND, which ends with
 * vgpu_arb_complete() or vgpu_arb_requeue(); or NULL if nothing waits or enough
 * is running.
 */
struct vgpu_job *vgpu_arb_pick(struct vgpu_arb *arb, u64 now_ns)
{
	struct vgpu_job *job = NULL;

	spin_lock(&arb->lock);
	job = list_first_entry_or_null(&arb->control, struct vgpu_job, node);
	if (job)
		list_del_init(&job->node);
	else if (vgpu_arb_has_room_locked(arb))
		job = vgpu_arb_next_locked(arb, false, now_ns);
	else if (vgpu_arb_beyond_may_locked(arb))
		job = vgpu_arb_next_locked(arb, true, now_ns);
	if (job) {
		job->entity->nr_waiting--;
		/* who submitted it may have read the clock later, and had the lock before */
		job->dispatch_ns = max(now_ns, job->submit_ns);
		vgpu_job_set_owner(job, VGPU_JOB_BACKEND);
	}
	spin_unlock(&arb->lock);
	return job;
}

/**
 * vgpu_arb_pause() - hand nothing out, or do again
 * @arb: the arbiter
 * @paused: which
 *
 * Jobs are accepted, and wait, as long as there is room for them.  Control jobs go on.
 *
 * Context: process context; takes @arb->lock.
 */
void vgpu_arb_pause(struct vgpu_arb *arb, bool paused)
{
	spin_lock(&arb->lock);
	WRITE_ONCE(arb->paused, paused);
	spin_unlock(&arb->lock);
}

/**
 * vgpu_arb_next_ns() - when is there to be a decision without an event?
 * @arb: the arbiter, of which vgpu_arb_pick() has just returned NULL
 *
 * Context: process context; takes @arb->lock.
 * Return: time at which a job may run that has to wait until then; U64_MAX if there is none,
 * or if vgpu_arb_complete() comes first.
 */
u64 vgpu_arb_next_ns(struct vgpu_arb *arb)
{
	u64 next_ns;
	bool room;

	spin_lock(&arb->lock);
	room = vgpu_arb_has_room_locked(arb);
	next_ns = room ? U64_MAX : vgpu_arb_beyond_next_ns_locked(arb);
	/* who has had its cap may have nothing with the backend */
	if (room || vgpu_arb_beyond_may_locked(arb))
		next_ns = min(next_ns, vgpu_arb_ready_ns_locked(arb));
	arb->next_ns = next_ns;
	spin_unlock(&arb->lock);
	return next_ns;
}

/**
 * vgpu_arb_requeue() - give back a job that the backend was too busy for
 * @arb: the arbiter
 * @job: what vgpu_arb_pick() returned; not a control job
 * @now_ns: the time
 *
 * It is the entity's first job next time.  The jobs of an entity that is being drained
 * are not taken back: nobody would cancel them any more.
 *
 * Context: process context; takes @arb->lock.
 * Return: false if the job is still the caller's, who completes it with
 * VGPU_ERR_CANCELED.
 */
bool vgpu_arb_requeue(struct vgpu_arb *arb, struct vgpu_job *job, u64 now_ns)
{
	bool taken;

	spin_lock(&arb->lock);
	taken = !job->entity->draining;
	if (taken) {
		vgpu_arb_wait_locked(job->entity, job, true);
		vgpu_arb_policy_refund_locked(job, now_ns);
		list_del(&job->running);
		vgpu_arb_count_running_locked(job->entity, -1);
	}
	spin_unlock(&arb->lock);
	return taken;
}

/**
 * vgpu_arb_complete() - a job that was handed out is over
 * @arb: the arbiter
 * @job: what vgpu_arb_pick() returned; &vgpu_job.status and &vgpu_job.gpu_ns are set
 * @now_ns: the time
 *
 * The job is the caller's as VGPU_JOB_DONE.  The caller then calls
 * &vgpu_job.done and, last, vgpu_arb_entity_done().
 *
 * Context: process context; takes @arb->lock.
 */
void vgpu_arb_complete(struct vgpu_arb *arb, struct vgpu_job *job, u64 now_ns)
{
	u64 took_ns = job->gpu_ns;

	spin_lock(&arb->lock);
	if (job->type != VGPU_JOB_CONTROL) {
		WARN_ON_ONCE(!arb->nr_running);
		vgpu_arb_beyond_moved_locked(job, now_ns);
		list_del(&job->running);
		vgpu_arb_count_running_locked(job->entity, -1);
		/* whoever ended it early, the backend doesn't know why */
		if (job->status == VGPU_ERR_CANCELED && job->expired)
			job->status = VGPU_ERR_TIMEOUT;
		else if (job->status == VGPU_ERR_CANCELED && job->entity->quarantined)
			job->status = VGPU_ERR_QUARANTINED;
		/* of the one before, as a rule */
		if (atomic64_read(&job->entity->owed_ns))
			took_ns += atomic64_xchg(&job->entity->owed_ns, 0);
		vgpu_arb_policy_correct_locked(job, took_ns, now_ns);
		vgpu_arb_learn_locked(job->entity, job, took_ns);
	}
	job->complete_ns = max(now_ns, job->dispatch_ns);
	vgpu_stats_complete(&job->entity->stats, job);
	vgpu_job_set_owner(job, VGPU_JOB_DONE);
	spin_unlock(&arb->lock);
}

/**
 * vgpu_arb_entity_owes() - an entity has had more than its jobs' time on the GPU
 * @entity: the entity; something of the caller's keeps it
 * @ns: time for which it kept others from the GPU; charged with its next job
 *
 * Context: any.
 */
void vgpu_arb_entity_owes(struct vgpu_arb_entity *entity, u64 ns)
{
	atomic64_add(ns, &entity->owed_ns);
}

/**
 * vgpu_arb_entity_done_some() - &vgpu_job.done of some jobs has returned
 * @entity: the jobs' entity; the jobs themselves may be gone or in use again
 * @count: how many, at least 1
 *
 * The wake-up is under the lock: a waiter sees the entity idle only once this
 * function no longer touches it.
 *
 * Context: process context; takes @entity->arb->lock.
 */
void vgpu_arb_entity_done_some(struct vgpu_arb_entity *entity, u32 count)
{
	struct vgpu_arb *arb = entity->arb;

	spin_lock(&arb->lock);
	WARN_ON_ONCE(entity->nr_pending < count);
	entity->nr_pending -= count;
	if (!entity->nr_pending)
		wake_up_all(&entity->idle);
	spin_unlock(&arb->lock);
}

static void vgpu_arb_cancel_list_locked(struct vgpu_arb_entity *entity,
					struct list_head *waiting, const void *stream,
					const struct vgpu_arb_group *group,
					enum vgpu_error status, struct list_head *canceled,
					u64 now_ns)
{
	struct vgpu_job *job, *next;

	lockdep_assert_held(&entity->arb->lock);

	list_for_each_entry_safe(job, next, waiting, node) {
		if (job->entity != entity || (stream && job->stream != stream) ||
		    (group && job->group != group))
			continue;
		entity->nr_waiting--;
		job->status = status;
		job->complete_ns = max(now_ns, job->submit_ns);
		vgpu_stats_cancel(&entity->stats, job);
		vgpu_job_set_owner(job, VGPU_JOB_DONE);
		list_move_tail(&job->node, canceled);
	}
}

/* Those of @stream, and those of @of, if it isn't NULL */
static void vgpu_arb_cancel_groups_locked(struct vgpu_arb_entity *entity, const void *stream,
					  const struct vgpu_arb_group *of, enum vgpu_error status,
					  struct list_head *canceled, u64 now_ns)
{
	struct vgpu_arb_group *group, *next;

	list_for_each_entry_safe(group, next, &entity->groups, node) {
		vgpu_arb_cancel_list_locked(entity, &group->waiting, stream, of, status, canceled,
					    now_ns);
		if (list_empty(&group->waiting))
			list_del_init(&group->node);
	}
	vgpu_arb_policy_place_locked(entity, now_ns);
}

/**
 * vgpu_arb_entity_drain_begin() - refuse new jobs and take back what waits
 * @entity: the entity
 * @canceled: as for vgpu_arb_entity_cancel()
 * @now_ns: the time
 *
 * Context: process context; takes @entity->arb->lock.
 */
void vgpu_arb_entity_drain_begin(struct vgpu_arb_entity *entity,
				 struct list_head *canceled, u64 now_ns)
{
	spin_lock(&entity->arb->lock);
	WRITE_ONCE(entity->draining, true);
	vgpu_arb_cancel_list_locked(entity, &entity->arb->control, NULL, NULL, VGPU_ERR_CANCELED,
				    canceled, now_ns);
	vgpu_arb_cancel_groups_locked(entity, NULL, NULL, VGPU_ERR_CANCELED, canceled, now_ns);
	spin_unlock(&entity->arb->lock);
}

/**
 * vgpu_arb_entity_cancel() - take back the jobs of a stream that wait
 * @entity: the entity
 * @stream: &vgpu_job.stream, not NULL
 * @canceled: list to which the jobs are moved that waited.  They are the
 *	caller's as VGPU_JOB_DONE with status VGPU_ERR_CANCELED, and end like
 *	those of vgpu_arb_complete()
 * @now_ns: the time
 *
 * Context: process context; takes @entity->arb->lock.
 */
void vgpu_arb_entity_cancel(struct vgpu_arb_entity *entity, const void *stream,
			    struct list_head *canceled, u64 now_ns)
{
	spin_lock(&entity->arb->lock);
	vgpu_arb_cancel_groups_locked(entity, stream, NULL, VGPU_ERR_CANCELED, canceled, now_ns);
	spin_unlock(&entity->arb->lock);
}

/**
 * vgpu_arb_group_lose() - accept jobs of a group no more, and take back those that wait
 * @entity: the entity
 * @group: a group of it
 * @canceled: as for vgpu_arb_entity_cancel(), but with VGPU_ERR_BACKEND_LOST
 * @now_ns: the time
 *
 * Control jobs go on, as for vgpu_arb_quarantine().
 *
 * Context: process context; takes @entity->arb->lock.
 */
void vgpu_arb_group_lose(struct vgpu_arb_entity *entity, struct vgpu_arb_group *group,
			 struct list_head *canceled, u64 now_ns)
{
	spin_lock(&entity->arb->lock);
	WRITE_ONCE(group->lost, true);
	vgpu_arb_cancel_groups_locked(entity, NULL, group, VGPU_ERR_BACKEND_LOST, canceled,
				      now_ns);
	spin_unlock(&entity->arb->lock);
}

/**
 * vgpu_arb_quarantine() - accept jobs no more, and take back those that wait
 * @entity: the entity
 * @canceled: as for vgpu_arb_entity_cancel(), but with VGPU_ERR_QUARANTINED
 * @now_ns: the time
 *
 * Control jobs go on: a guest must be able to end what it has made.  What the backend
 * aborts from now on ends with VGPU_ERR_QUARANTINED.
 *
 * Context: process context; takes @entity->arb->lock.
 * Return: false if it was quarantined already.
 */
bool vgpu_arb_quarantine(struct vgpu_arb_entity *entity, struct list_head *canceled, u64 now_ns)
{
	bool first;

	spin_lock(&entity->arb->lock);
	first = !entity->quarantined;
	WRITE_ONCE(entity->quarantined, true);
	vgpu_arb_cancel_groups_locked(entity, NULL, NULL, VGPU_ERR_QUARANTINED, canceled, now_ns);
	spin_unlock(&entity->arb->lock);
	return first;
}

static bool vgpu_arb_entity_is_idle(struct vgpu_arb_entity *entity)
{
	bool idle;

	/* see vgpu_arb_entity_done_some() */
	spin_lock(&entity->arb->lock);
	idle = !entity->nr_pending;
	spin_unlock(&entity->arb->lock);
	return idle;
}

/**
 * vgpu_arb_entity_drain_wait() - wait until no job of the entity is pending
 * @entity: the entity, after vgpu_arb_entity_drain_begin()
 *
 * Ends when the backend has completed what it has; the backend's promise.
 *
 * Context: may sleep.
 */
void vgpu_arb_entity_drain_wait(struct vgpu_arb_entity *entity)
{
	wait_event(entity->idle, vgpu_arb_entity_is_idle(entity));
}

/**
 * vgpu_arb_entity_is_draining() - is somebody waiting for the entity's jobs to end?
 * @entity: the entity
 *
 * For control jobs that take long.
 *
 * Context: any.
 */
bool vgpu_arb_entity_is_draining(const struct vgpu_arb_entity *entity)
{
	return READ_ONCE(entity->draining);
}

/**
 * vgpu_arb_entity_drain_end() - accept jobs again
 * @entity: the entity
 *
 * Context: process context; takes @entity->arb->lock.
 */
void vgpu_arb_entity_drain_end(struct vgpu_arb_entity *entity)
{
	spin_lock(&entity->arb->lock);
	WRITE_ONCE(entity->draining, false);
	spin_unlock(&entity->arb->lock);
}
