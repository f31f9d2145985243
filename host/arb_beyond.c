// SPDX-License-Identifier: GPL-2.0
/*
 * Beyond the depth: where the backend runs vGPUs beside one another (&vgpu_arb.parallel), one whose
 * jobs stand still doesn't keep the others out.
 *
 * The depth is shared, and one vGPU alone may have all of it.  If its jobs don't end - a kernel
 * that never does, a worker that is busy with something else - nobody's would begin until the
 * watchdog has ended them.  So whoever has nothing with the backend may have one job there, though
 * there are as many as the depth says, when it is its turn.
 *
 * Whose turn it is doesn't change by that: the order is by tags, as always, so weights hold.  But
 * tags move when jobs are handed out and when they end; so a vGPU that stands still would have its
 * turn, and not use it, for ever.  Hence what it stands still for is charged as it goes: the
 * oldest job of each vGPU is thought to take at least as long as it has taken.  When it ends it is
 * charged what it took, as always.
 *
 * The bound of SFQ(D) holds with D being the depth, and one for each vGPU that waits.
 */
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>

#include "arb.h"
#include "job.h"

/*
 * Look so often who stands still, and whether another has its turn by now: short beside what a job
 * that stands still costs, and long beside what it takes to look at all that are with the backend
 */
#define VGPU_ARB_LOOK_NS	1000000

/**
 * vgpu_arb_beyond_may_locked() - may there be more jobs with the backend than the depth says?
 * @arb: the arbiter
 *
 * Context: @arb->lock is held.
 * Return: true if so, for those who have nothing there.
 */
bool vgpu_arb_beyond_may_locked(const struct vgpu_arb *arb)
{
	lockdep_assert_held(&arb->lock);
	/* with a depth of 1 there is to be one job at a time, whoever's it is */
	return arb->parallel && !arb->paused && arb->depth > 1;
}

/**
 * vgpu_arb_beyond_waits_locked() - does somebody wait who has nothing with the backend?
 * @arb: the arbiter
 *
 * Context: @arb->lock is held.
 * Return: true if so, and it may have a job there in its turn.
 */
bool vgpu_arb_beyond_waits_locked(const struct vgpu_arb *arb)
{
	lockdep_assert_held(&arb->lock);
	return arb->nr_left_out && vgpu_arb_beyond_may_locked(arb);
}

/**
 * vgpu_arb_beyond_count_locked() - whether an entity may run, or has something with the backend,
 *	may have changed
 * @entity: the entity
 *
 * Context: @entity->arb->lock is held.
 */
void vgpu_arb_beyond_count_locked(struct vgpu_arb_entity *entity)
{
	bool left_out = !entity->nr_running && vgpu_arb_flow_is_queued(&entity->flow);
	struct vgpu_arb *arb = entity->arb;

	lockdep_assert_held(&arb->lock);
	if (left_out == entity->left_out)
		return;
	entity->left_out = left_out;
	arb->nr_left_out += left_out ? 1 : -1;
}

/**
 * vgpu_arb_beyond_moved_locked() - a job is over: does who had it stand still no longer?
 * @job: is with the backend still
 * @now_ns: the time
 *
 * One that ends before another that was handed out earlier, as it was called off, or needed nobody
 * to run it, says nothing of that: else one such in a while would keep the others out.
 *
 * Context: the arbiter's lock is held.
 */
void vgpu_arb_beyond_moved_locked(const struct vgpu_job *job, u64 now_ns)
{
	struct vgpu_arb_entity *entity = job->entity;
	const struct vgpu_job *before = job;

	lockdep_assert_held(&entity->arb->lock);
	if (!entity->arb->parallel)
		return;
	if (entity->nr_running > 1) {
		list_for_each_entry_continue_reverse(before, &entity->arb->running, running) {
			if (before->entity == entity)
				return;
		}
	}
	entity->moved_ns = now_ns;
}

/*
 * Those that stand still are charged for it, and have had so much of their time slice; the caller
 * keeps what is left of that, for when it is charged in the end.  Jobs of one run in the order they
 * were handed out.
 */
static void vgpu_arb_beyond_charge_locked(struct vgpu_arb *arb, u64 now_ns)
{
	struct vgpu_arb_entity *entity;
	struct vgpu_job *job;
	u64 since_ns;

	lockdep_assert_held(&arb->lock);
	arb->nr_looks++;
	list_for_each_entry(job, &arb->running, running) {
		entity = job->entity;
		if (entity->looked_at == arb->nr_looks)
			continue;
		entity->looked_at = arb->nr_looks;
		since_ns = max(job->dispatch_ns, entity->moved_ns);
		if (now_ns <= since_ns || now_ns - since_ns <= job->estimate_ns)
			continue;
		vgpu_arb_policy_extend_locked(job, now_ns - since_ns);
		if (entity == arb->served)
			arb->stay_ns -= now_ns - since_ns - job->estimate_ns;
	}
}

/**
 * vgpu_arb_beyond_choose_locked() - whose turn is it, of those who have nothing with the backend?
 * @arb: the arbiter, of whose jobs as many are running as may
 * @minimum: as for vgpu_arb_policy_choose_locked()
 * @now_ns: the time
 *
 * Context: @arb->lock is held; one of the entity's jobs is handed out then.
 * Return: an entity, or NULL if it is the turn of nobody, or of another.
 */
struct vgpu_arb_entity *vgpu_arb_beyond_choose_locked(struct vgpu_arb *arb, bool *minimum,
						      u64 now_ns)
{
	struct vgpu_arb_entity *served = arb->served, *entity;
	s64 stay_ns = arb->stay_ns, left_ns;
	int turn = arb->classes.turn;
	bool due = arb->classes.due;

	lockdep_assert_held(&arb->lock);
	if (!vgpu_arb_beyond_waits_locked(arb))
		return NULL;
	if (now_ns >= arb->looked_ns + VGPU_ARB_LOOK_NS) {
		arb->looked_ns = now_ns;
		vgpu_arb_beyond_charge_locked(arb, now_ns);
	}
	left_ns = arb->stay_ns;
	entity = vgpu_arb_policy_choose_locked(arb, minimum);
	if (entity && entity->nr_running && *minimum) {
		/* its class is owed that still; until it can have it, it is as after a turn */
		arb->served = served;
		arb->stay_ns = left_ns;
		arb->classes.turn = -1;
		arb->classes.due = true;
		entity = vgpu_arb_policy_choose_locked(arb, minimum);
	}
	if (entity && !entity->nr_running)
		return entity;
	/* it isn't served, so it is as if nobody had asked */
	arb->served = served;
	arb->stay_ns = stay_ns;
	arb->classes.turn = turn;
	arb->classes.due = due;
	return NULL;
}

/**
 * vgpu_arb_beyond_next_ns_locked() - when to look again
 * @arb: the arbiter, of whose jobs as many are running as may
 *
 * Context: @arb->lock is held.
 * Return: that; U64_MAX if nobody waits for it.
 */
u64 vgpu_arb_beyond_next_ns_locked(const struct vgpu_arb *arb)
{
	lockdep_assert_held(&arb->lock);
	return vgpu_arb_beyond_waits_locked(arb) ? arb->looked_ns + VGPU_ARB_LOOK_NS : U64_MAX;
}
