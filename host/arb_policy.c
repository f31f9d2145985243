// SPDX-License-Identifier: GPL-2.0
/*
 * Policy of the arbiter: what an operator has set for each entity and for the GPU, and
 * what follows from that for who may run, and who is next.
 *
 * Who has jobs waiting is in one of two places: in the run queue of its class, or, while
 * it has had its cap, among the throttled, by the time at which that is over.  Nothing
 * ticks: the caller is told when the next of these is due, see vgpu_arb_next_ns().
 *
 * A cap is a token bucket on GPU time: an estimate is taken when a job is handed out, the
 * difference when it is over.  The bucket holds what comes in 10 ms.  So over a second the
 * GPU time is the cap's to within a hundredth, and one job.
 *
 * Whose turn it is: the class by arb_class.c, in it the entity by arb_rq.c; but the entity
 * that had the last turn stays for a time slice, as changing over costs a GPU time.
 *
 * All of it is under &vgpu_arb.lock.
 */
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "arb.h"

/* In basis points of a nanosecond, as is &vgpu_arb_entity.cap */
#define VGPU_ARB_CAP_BURST_NS	(10 * NSEC_PER_MSEC)

/* What part of a full bucket is waited for when it was empty: what comes in 0.6 ms */
#define VGPU_ARB_CAP_REST	16

/* In 1e-9 jobs, as is &vgpu_arb_entity.rate */
#define VGPU_ARB_RATE_JOB	((u64)NSEC_PER_SEC)

static struct vgpu_arb_rq *vgpu_arb_entity_rq(struct vgpu_arb_entity *entity)
{
	return &entity->arb->classes.class[entity->priority].rq;
}

/**
 * vgpu_arb_policy_init() - no entities, and the policy that is the default
 * @arb: the arbiter
 *
 * Context: any.
 */
void vgpu_arb_policy_init(struct vgpu_arb *arb)
{
	vgpu_arb_classes_init(&arb->classes);
	arb->throttled = RB_ROOT_CACHED;
	arb->served = NULL;
	arb->stay_ns = 0;
	arb->policy = VGPU_POLICY_BEST_EFFORT;
	arb->time_slice_ns = 0;
	arb->floor_ns = 0;
}

static u32 vgpu_arb_effective_weight(const struct vgpu_arb_entity *entity)
{
	switch (entity->arb->policy) {
	case VGPU_POLICY_EQUAL_SHARE:
		return VGPU_WEIGHT_DEFAULT;
	case VGPU_POLICY_FIXED_SHARE:
		return entity->share;
	default:
		return entity->weight;
	}
}

/* In basis points */
static u32 vgpu_arb_effective_cap(const struct vgpu_arb_entity *entity)
{
	u32 cap = entity->cap_percent * (VGPU_ARB_WHOLE / 100);

	return entity->arb->policy == VGPU_POLICY_FIXED_SHARE ? min(cap, entity->share) : cap;
}

static void vgpu_arb_apply_locked(struct vgpu_arb_entity *entity, u64 now_ns)
{
	u32 cap = vgpu_arb_effective_cap(entity);

	lockdep_assert_held(&entity->arb->lock);
	entity->flow.weight = vgpu_arb_effective_weight(entity);
	vgpu_arb_bucket_set(&entity->cap, cap < VGPU_ARB_WHOLE ? cap : 0,
			    (u64)cap * VGPU_ARB_CAP_BURST_NS, now_ns);
	vgpu_arb_policy_place_locked(entity, now_ns);
}

/**
 * vgpu_arb_policy_entity_init_locked() - an entity without jobs, and without limits
 * @entity: the entity; @entity->arb is set
 *
 * Context: @entity->arb->lock is held.
 */
void vgpu_arb_policy_entity_init_locked(struct vgpu_arb_entity *entity)
{
	lockdep_assert_held(&entity->arb->lock);
	entity->weight = VGPU_WEIGHT_DEFAULT;
	entity->share = VGPU_ARB_WHOLE;
	entity->cap_percent = 100;
	entity->rate_limit = 0;
	entity->burst = VGPU_BURST_DEFAULT;
	entity->priority = VGPU_PRIORITY_MEDIUM;
	RB_CLEAR_NODE(&entity->throttle);
	vgpu_arb_bucket_init(&entity->cap);
	vgpu_arb_bucket_init(&entity->rate);
	vgpu_arb_flow_init(&entity->flow, vgpu_arb_entity_rq(entity));
	entity->flow.weight = vgpu_arb_effective_weight(entity);
}

static bool vgpu_arb_ready_less(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct vgpu_arb_entity, throttle)->ready_ns <
	       rb_entry(b, struct vgpu_arb_entity, throttle)->ready_ns;
}

/*
 * How much must be in its bucket for it to run.  One that has run dry waits for more than the
 * first token, or there would be a timer for each of its jobs, as short as they may be.
 */
static u64 vgpu_arb_cap_tokens(const struct vgpu_arb_entity *entity, bool dry)
{
	return dry ? max_t(u64, entity->cap.size / VGPU_ARB_CAP_REST, 1) : 1;
}

/**
 * vgpu_arb_policy_place_locked() - put an entity where it belongs
 * @entity: the entity; something about it has changed: whether jobs of it wait, what it
 *	has had, or what it may have
 * @now_ns: the time
 *
 * Context: @entity->arb->lock is held.
 */
void vgpu_arb_policy_place_locked(struct vgpu_arb_entity *entity, u64 now_ns)
{
	bool waits = !list_empty(&entity->groups), runs;
	struct vgpu_arb *arb = entity->arb;

	lockdep_assert_held(&arb->lock);
	runs = waits && vgpu_arb_bucket_has(&entity->cap,
			vgpu_arb_cap_tokens(entity, !RB_EMPTY_NODE(&entity->throttle)), now_ns);
	if (runs != vgpu_arb_flow_is_queued(&entity->flow)) {
		if (runs)
			vgpu_arb_class_add(&arb->classes, entity->priority, &entity->flow);
		else
			vgpu_arb_class_del(&arb->classes, entity->priority, &entity->flow);
		vgpu_arb_beyond_count_locked(entity);
	}
	if (!RB_EMPTY_NODE(&entity->throttle)) {
		rb_erase_cached(&entity->throttle, &arb->throttled);
		RB_CLEAR_NODE(&entity->throttle);
	}
	if (waits && !runs) {
		entity->ready_ns = vgpu_arb_bucket_ready_ns(&entity->cap,
							    vgpu_arb_cap_tokens(entity, true));
		rb_add_cached(&entity->throttle, &arb->throttled, vgpu_arb_ready_less);
	}
}

/**
 * vgpu_arb_policy_release_locked() - let those run again that have waited long enough
 * @arb: the arbiter
 * @now_ns: the time
 *
 * Context: @arb->lock is held.
 */
void vgpu_arb_policy_release_locked(struct vgpu_arb *arb, u64 now_ns)
{
	struct vgpu_arb_entity *entity;
	struct rb_node *node;

	lockdep_assert_held(&arb->lock);
	while ((node = rb_first_cached(&arb->throttled))) {
		entity = rb_entry(node, struct vgpu_arb_entity, throttle);
		if (entity->ready_ns > now_ns)
			break;
		vgpu_arb_policy_place_locked(entity, now_ns);
	}
}

/**
 * vgpu_arb_policy_choose_locked() - whose turn is it?
 * @arb: the arbiter
 * @minimum: true if it is for the minimum of its class
 *
 * Context: @arb->lock is held; one of the entity's jobs is handed out then.
 * Return: an entity of which jobs wait, or NULL if there is none that may run.
 */
struct vgpu_arb_entity *vgpu_arb_policy_choose_locked(struct vgpu_arb *arb, bool *minimum)
{
	struct vgpu_arb_rq *rq = vgpu_arb_class_pick(&arb->classes, minimum);
	struct vgpu_arb_entity *entity = arb->served;

	lockdep_assert_held(&arb->lock);
	if (!rq)
		return NULL;
	if (entity && arb->stay_ns > 0 && vgpu_arb_flow_is_queued(&entity->flow) &&
	    rq == vgpu_arb_entity_rq(entity))
		return entity;
	entity = container_of(vgpu_arb_rq_first(rq), struct vgpu_arb_entity, flow);
	arb->served = entity;
	arb->stay_ns = arb->time_slice_ns;
	return entity;
}

/* The arbiter was wrong by so much about a job that was handed out. */
static void vgpu_arb_adjust_locked(struct vgpu_job *job, s64 ns, u64 now_ns)
{
	struct vgpu_arb_entity *entity = job->entity;

	lockdep_assert_held(&entity->arb->lock);
	vgpu_arb_bucket_take(&entity->cap, ns * VGPU_ARB_WHOLE, now_ns);
	if (entity->arb->served == entity)
		entity->arb->stay_ns = min_t(s64, entity->arb->stay_ns - ns,
					     entity->arb->time_slice_ns);
}

/**
 * vgpu_arb_policy_charge_locked() - charge what a job will probably cost
 * @job: is being handed out; what is known of its cost is in &vgpu_job.estimate_ns
 * @now_ns: the time
 *
 * Context: the arbiter's lock is held; @job waits no more, but its entity is where it was.
 */
void vgpu_arb_policy_charge_locked(struct vgpu_job *job, u64 now_ns)
{
	struct vgpu_arb_entity *entity = job->entity;

	job->priority = entity->priority;
	vgpu_arb_class_charge(&entity->arb->classes, job->priority, job->minimum,
			      job->estimate_ns, job->credited);
	vgpu_arb_adjust_locked(job, job->estimate_ns, now_ns);
	/* first, so that an entity that leaves the run queue isn't moved in it */
	vgpu_arb_policy_place_locked(entity, now_ns);
	job->weight = entity->flow.weight;
	job->charged = vgpu_arb_rq_charge(vgpu_arb_entity_rq(entity), &entity->flow,
					  job->estimate_ns);
}

/**
 * vgpu_arb_policy_extend_locked() - a job takes longer than was thought
 * @job: was handed out
 * @ran_ns: for how long it has run, more than its &vgpu_job.estimate_ns; if that is less than was
 *	known before, as another of its entity's jobs was over meanwhile, nothing changes
 *
 * It is its entity's turn again so much later.  What its class is owed, and a cap, wait until it
 * is known what became of it.
 *
 * Context: the arbiter's lock is held.
 */
void vgpu_arb_policy_extend_locked(struct vgpu_job *job, u64 ran_ns)
{
	struct vgpu_arb_entity *entity = job->entity;

	lockdep_assert_held(&entity->arb->lock);
	job->charged = vgpu_arb_rq_extend(vgpu_arb_entity_rq(entity), &entity->flow,
					  job->charged, job->weight,
					  min(ran_ns, VGPU_ARB_MAX_COST_NS));
}

/**
 * vgpu_arb_policy_correct_locked() - charge what a job has cost instead
 * @job: is over
 * @took_ns: what it took, and what its entity owes
 * @now_ns: the time
 *
 * Context: the arbiter's lock is held.
 */
void vgpu_arb_policy_correct_locked(struct vgpu_job *job, u64 took_ns, u64 now_ns)
{
	struct vgpu_arb_entity *entity = job->entity;
	u64 cost_ns = clamp(took_ns, entity->arb->floor_ns, VGPU_ARB_MAX_COST_NS);
	s64 ns = cost_ns - job->estimate_ns;

	vgpu_arb_rq_correct(vgpu_arb_entity_rq(entity), &entity->flow, job->charged, job->weight,
			    cost_ns);
	/* others of the class don't pay for a job that hung, where that is soon over */
	vgpu_arb_class_correct(&entity->arb->classes, job->priority, job->minimum,
			       job->expired && vgpu_arb_faults_are_rare_locked(entity) ?
			       min_t(s64, ns, 0) : ns, job->credited);
	if (!ns)
		return;
	vgpu_arb_adjust_locked(job, ns, now_ns);
	if (entity->cap.rate)
		vgpu_arb_policy_place_locked(entity, now_ns);
}

/**
 * vgpu_arb_policy_refund_locked() - charge nothing: a job was not run after all
 * @job: waits again
 * @now_ns: the time
 *
 * Context: the arbiter's lock is held.
 */
void vgpu_arb_policy_refund_locked(struct vgpu_job *job, u64 now_ns)
{
	struct vgpu_arb_entity *entity = job->entity;

	vgpu_arb_class_correct(&entity->arb->classes, job->priority, job->minimum,
			       -(s64)job->estimate_ns, job->credited);
	vgpu_arb_adjust_locked(job, -(s64)job->estimate_ns, now_ns);
	vgpu_arb_rq_refund(vgpu_arb_entity_rq(entity), &entity->flow, job->charged);
	vgpu_arb_policy_place_locked(entity, now_ns);
}

/**
 * vgpu_arb_policy_admit_locked() - may an entity submit a job now?
 * @entity: the entity
 * @job: the job; control jobs are not limited, as a guest ends things by them: it has one
 *	at a time
 * @now_ns: the time
 *
 * Context: @entity->arb->lock is held.
 * Return: VGPU_ERR_NONE, and the job counts for the entity's rate; else
 * VGPU_ERR_QUEUE_FULL or VGPU_ERR_RATE_LIMITED.
 */
enum vgpu_error vgpu_arb_policy_admit_locked(struct vgpu_arb_entity *entity,
					     const struct vgpu_job *job, u64 now_ns)
{
	lockdep_assert_held(&entity->arb->lock);
	if (job->type == VGPU_JOB_CONTROL)
		return VGPU_ERR_NONE;
	/* but one of each context, so that none keeps another out */
	if (entity->nr_waiting >= entity->queue_limit &&
	    !list_empty(&vgpu_arb_job_group(job)->waiting))
		return VGPU_ERR_QUEUE_FULL;
	if (!vgpu_arb_bucket_has(&entity->rate, VGPU_ARB_RATE_JOB, now_ns))
		return VGPU_ERR_RATE_LIMITED;
	vgpu_arb_bucket_take(&entity->rate, VGPU_ARB_RATE_JOB, now_ns);
	return VGPU_ERR_NONE;
}

/**
 * vgpu_arb_retry_ns() - when is it worth while to submit a job again?
 * @job: was refused just now
 * @err: with this; VGPU_ERR_QUEUE_FULL or VGPU_ERR_RATE_LIMITED
 *
 * Context: process context; takes the arbiter's lock.
 * Return: nanoseconds from when it was refused, at least 1: until the rate permits it, if
 * nobody else comes first; or as long as such a job takes on the GPU, at most a second.
 */
u64 vgpu_arb_retry_ns(const struct vgpu_job *job, enum vgpu_error err)
{
	struct vgpu_arb_entity *entity = job->entity;
	u64 ns;

	spin_lock(&entity->arb->lock);
	if (err == VGPU_ERR_RATE_LIMITED && entity->rate.rate)
		ns = vgpu_arb_bucket_ready_ns(&entity->rate, VGPU_ARB_RATE_JOB) -
		     entity->rate.filled_ns;
	else
		ns = entity->cost_ns[job->type];
	spin_unlock(&entity->arb->lock);
	return clamp(ns, (u64)1, (u64)NSEC_PER_SEC);
}

/**
 * vgpu_arb_set_policy() - how the entities of a GPU share it
 * @arb: the arbiter
 * @policy: enum vgpu_policy
 * @now_ns: the time
 *
 * In force at the next decision, as is all that is set here.
 *
 * Context: process context; takes @arb->lock.
 */
void vgpu_arb_set_policy(struct vgpu_arb *arb, enum vgpu_policy policy, u64 now_ns)
{
	struct vgpu_arb_entity *entity;

	spin_lock(&arb->lock);
	WRITE_ONCE(arb->policy, policy);
	list_for_each_entry(entity, &arb->entities, node)
		vgpu_arb_apply_locked(entity, now_ns);
	spin_unlock(&arb->lock);
}

/**
 * vgpu_arb_set_time_slice() - for how long to stay with an entity
 * @arb: the arbiter
 * @us: microseconds of GPU time, 0 to VGPU_TIME_SLICE_MAX_US
 *
 * Context: process context; takes @arb->lock.
 */
void vgpu_arb_set_time_slice(struct vgpu_arb *arb, u32 us)
{
	spin_lock(&arb->lock);
	WRITE_ONCE(arb->time_slice_ns, us * NSEC_PER_USEC);
	arb->stay_ns = min_t(s64, arb->stay_ns, arb->time_slice_ns);
	spin_unlock(&arb->lock);
}

/**
 * vgpu_arb_set_depth() - how many jobs may be with the backend
 * @arb: the arbiter
 * @depth: 1 to what the backend wants at most
 *
 * What it has more than that it keeps.
 *
 * Context: process context; takes @arb->lock.
 */
void vgpu_arb_set_depth(struct vgpu_arb *arb, u32 depth)
{
	spin_lock(&arb->lock);
	WRITE_ONCE(arb->depth, depth);
	spin_unlock(&arb->lock);
}

/**
 * vgpu_arb_entity_set_weight() - change an entity's share
 * @entity: the entity
 * @weight: VGPU_WEIGHT_MIN to VGPU_WEIGHT_MAX
 *
 * What was charged before stays as it is.
 *
 * Context: process context; takes @entity->arb->lock.
 */
void vgpu_arb_entity_set_weight(struct vgpu_arb_entity *entity, u32 weight)
{
	spin_lock(&entity->arb->lock);
	WRITE_ONCE(entity->weight, weight);
	entity->flow.weight = vgpu_arb_effective_weight(entity);
	spin_unlock(&entity->arb->lock);
}

/**
 * vgpu_arb_entity_set_priority() - change an entity's class
 * @entity: the entity
 * @priority: enum vgpu_priority
 * @now_ns: the time
 *
 * What it owes the others of one class it owes those of the other.
 *
 * Context: process context; takes @entity->arb->lock.
 */
void vgpu_arb_entity_set_priority(struct vgpu_arb_entity *entity, enum vgpu_priority priority,
				  u64 now_ns)
{
	struct vgpu_arb *arb = entity->arb;

	spin_lock(&arb->lock);
	if (priority == entity->priority)
		goto out_unlock;
	if (vgpu_arb_flow_is_queued(&entity->flow))
		vgpu_arb_class_del(&arb->classes, entity->priority, &entity->flow);
	vgpu_arb_flow_change(&entity->flow, vgpu_arb_entity_rq(entity),
			     &arb->classes.class[priority].rq);
	WRITE_ONCE(entity->priority, priority);
	vgpu_arb_policy_place_locked(entity, now_ns);
out_unlock:
	spin_unlock(&arb->lock);
}

/**
 * vgpu_arb_entity_set_cap() - limit an entity's GPU time
 * @entity: the entity
 * @percent: of all time, 1 to 100; 100: no limit
 * @now_ns: the time
 *
 * Context: process context; takes @entity->arb->lock.
 */
void vgpu_arb_entity_set_cap(struct vgpu_arb_entity *entity, u32 percent, u64 now_ns)
{
	spin_lock(&entity->arb->lock);
	WRITE_ONCE(entity->cap_percent, percent);
	vgpu_arb_apply_locked(entity, now_ns);
	spin_unlock(&entity->arb->lock);
}

/**
 * vgpu_arb_entity_set_share() - what an entity has where shares are fixed
 * @entity: the entity
 * @share: basis points, 1 to VGPU_ARB_WHOLE
 * @now_ns: the time
 *
 * Context: process context; takes @entity->arb->lock.
 */
void vgpu_arb_entity_set_share(struct vgpu_arb_entity *entity, u32 share, u64 now_ns)
{
	spin_lock(&entity->arb->lock);
	entity->share = share;
	vgpu_arb_apply_locked(entity, now_ns);
	spin_unlock(&entity->arb->lock);
}

static void vgpu_arb_apply_rate_locked(struct vgpu_arb_entity *entity, u64 now_ns)
{
	lockdep_assert_held(&entity->arb->lock);
	vgpu_arb_bucket_set(&entity->rate, entity->rate_limit,
			    entity->burst * VGPU_ARB_RATE_JOB, now_ns);
}

/**
 * vgpu_arb_entity_set_rate_limit() - limit an entity's submissions
 * @entity: the entity
 * @rate: jobs per second, up to VGPU_RATE_LIMIT_MAX; 0: no limit
 * @now_ns: the time
 *
 * Context: process context; takes @entity->arb->lock.
 */
void vgpu_arb_entity_set_rate_limit(struct vgpu_arb_entity *entity, u32 rate, u64 now_ns)
{
	spin_lock(&entity->arb->lock);
	WRITE_ONCE(entity->rate_limit, rate);
	vgpu_arb_apply_rate_locked(entity, now_ns);
	spin_unlock(&entity->arb->lock);
}

/**
 * vgpu_arb_entity_set_burst() - how many jobs may come at once
 * @entity: the entity
 * @jobs: if none came before, 1 to VGPU_BURST_MAX
 * @now_ns: the time
 *
 * Context: process context; takes @entity->arb->lock.
 */
void vgpu_arb_entity_set_burst(struct vgpu_arb_entity *entity, u32 jobs, u64 now_ns)
{
	spin_lock(&entity->arb->lock);
	WRITE_ONCE(entity->burst, jobs);
	vgpu_arb_apply_rate_locked(entity, now_ns);
	spin_unlock(&entity->arb->lock);
}

/**
 * vgpu_arb_entity_set_queue_limit() - limit the jobs of an entity that wait
 * @entity: the entity
 * @jobs: at least 1
 *
 * What waits is not refused after the event.
 *
 * Context: process context; takes @entity->arb->lock.
 */
void vgpu_arb_entity_set_queue_limit(struct vgpu_arb_entity *entity, u32 jobs)
{
	spin_lock(&entity->arb->lock);
	WRITE_ONCE(entity->queue_limit, jobs);
	spin_unlock(&entity->arb->lock);
}
