// SPDX-License-Identifier: GPL-2.0
/*
 * The fair policy of Linux's DRM GPU scheduler, as far as it matters here: all of the same
 * priority, one GPU.
 *
 * T. Ursulin, "drm/sched: Add fair scheduling policy", April 2026.
 *
 * Each has a virtual run time, and who has the least is next.  Measured time is what it
 * grows by, and that only when another job of it is taken and more remain: what is under way
 * counts for nothing yet.  Who had nothing waiting and comes back is put right before the
 * least that waits, or right behind it if its jobs are longer than the average.  (The
 * original lets it keep a distance to the least with which it left; but who leaves was the
 * least itself, as long as there are no priorities.)
 */
#include "rules.h"

#define DEPTH		4
#define AVERAGE_SHIFT	2	/* of averages a quarter is the last */

/**
 * struct fair - what it knows of a vGPU
 * @vruntime: virtual run time
 * @place: of those with the same, the lowest is first
 * @measured: GPU time of its jobs that are over
 * @counted: how much of that is in @vruntime
 * @average: of the length of its jobs
 */
struct fair {
	s64 vruntime;
	u64 place;
	u64 measured;
	u64 counted;
	s64 average;
};

static struct fair fair[SIM_MAX_VGPUS];
static u64 fair_places;
static s64 fair_average;

static void fair_init(struct sim *sim)
{
	u32 i;

	for (i = 0; i < SIM_MAX_VGPUS; i++)
		fair[i] = (struct fair){ 0 };
	fair_places = 0;
	fair_average = 0;
}

/* Of those with something waiting, the one that is next */
static struct sim_vgpu *fair_least(struct sim *sim)
{
	struct sim_vgpu *least = NULL;
	u32 i;

	for (i = 0; i < sim->nr_vgpus; i++) {
		const struct fair *f = &fair[i], *l = least ? &fair[least->index] : NULL;

		if (list_empty(&sim->vgpu[i].waiting))
			continue;
		if (!l || f->vruntime < l->vruntime ||
		    (f->vruntime == l->vruntime && f->place < l->place))
			least = &sim->vgpu[i];
	}
	return least;
}

static void fair_submit(struct sim *sim, struct sim_job *job)
{
	struct fair *f = &fair[job->vgpu->index];
	const struct sim_vgpu *least;

	if (list_empty(&job->vgpu->waiting)) {
		least = fair_least(sim);
		f->vruntime = 0;
		if (least)
			f->vruntime = fair[least->index].vruntime +
				      (f->average <= fair_average ? -1 : 1);
		f->place = fair_places++;
	}
	list_add_tail(&job->job.node, &job->vgpu->waiting);
}

static struct sim_job *fair_pick(struct sim *sim)
{
	struct sim_vgpu *vgpu = fair_least(sim);
	struct fair *f = &fair[vgpu->index];
	struct sim_job *job = list_first_entry(&vgpu->waiting, struct sim_job, job.node);

	list_del_init(&job->job.node);
	if (!list_empty(&vgpu->waiting)) {
		f->vruntime += f->measured - f->counted;
		f->counted = f->measured;
		f->place = fair_places++;
	}
	return job;
}

static void fair_learn(s64 *average, s64 ns)
{
	*average = *average ? *average + ((ns - *average) >> AVERAGE_SHIFT) : ns;
}

static void fair_complete(struct sim *sim, struct sim_job *job)
{
	struct fair *f = &fair[job->vgpu->index];

	f->measured += job->cost_ns;
	fair_learn(&f->average, job->cost_ns);
	fair_learn(&fair_average, job->cost_ns);
}

const struct sim_rule rule_drm_fair = {
	.name = "drm-fair",
	.depth = DEPTH,
	.init = fair_init,
	.submit = fair_submit,
	.pick = fair_pick,
	.complete = fair_complete,
};
