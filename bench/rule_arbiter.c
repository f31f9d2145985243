// SPDX-License-Identifier: GPL-2.0
/* The arbiter as one of the rules that are compared: the driver's own files decide. */
#include <stdlib.h>

#include "arb.h"
#include "rules.h"

static struct vgpu_arb arb;
static struct vgpu_arb_entity entities[SIM_MAX_VGPUS];

static void arbiter_set_weight(struct sim *sim, struct sim_vgpu *vgpu)
{
	vgpu_arb_entity_set_weight(&entities[vgpu->index], vgpu->weight);
}

static void arbiter_init(struct sim *sim)
{
	u32 i;

	vgpu_arb_init(&arb, sim->rule->depth);
	for (i = 0; i < sim->nr_vgpus; i++) {
		vgpu_arb_entity_init(&entities[i], &arb, sim->vgpu[i].tenant->window);
		arbiter_set_weight(sim, &sim->vgpu[i]);
	}
}

static void arbiter_slice_init(struct sim *sim)
{
	arbiter_init(sim);
	vgpu_arb_set_time_slice(&arb, 2000);
}

static void arbiter_submit(struct sim *sim, struct sim_job *job)
{
	job->job.entity = &entities[job->vgpu->index];
	job->job.type = VGPU_JOB_LAUNCH;
	vgpu_job_set_owner(&job->job, VGPU_JOB_QUEUE);
	if (vgpu_arb_submit(&arb, &job->job, sim->now_ns))
		abort();
}

static struct sim_job *arbiter_pick(struct sim *sim)
{
	struct vgpu_job *job = vgpu_arb_pick(&arb, sim->now_ns);

	return job ? container_of(job, struct sim_job, job) : NULL;
}

static void arbiter_complete(struct sim *sim, struct sim_job *job)
{
	job->job.gpu_ns = job->cost_ns;
	job->job.status = VGPU_ERR_NONE;
	vgpu_arb_complete(&arb, &job->job, sim->now_ns);
	vgpu_job_set_owner(&job->job, VGPU_JOB_GUEST);
	vgpu_arb_entity_done(job->job.entity);
}

const struct sim_rule rule_arbiter = {
	.name = "arbiter",
	.weights = true,
	.depth = 4,
	.init = arbiter_init,
	.submit = arbiter_submit,
	.pick = arbiter_pick,
	.complete = arbiter_complete,
	.set_weight = arbiter_set_weight,
};

/* What handing over more than one job costs */
const struct sim_rule rule_arbiter_1 = {
	.name = "arbiter-1",
	.weights = true,
	.depth = 1,
	.init = arbiter_init,
	.submit = arbiter_submit,
	.pick = arbiter_pick,
	.complete = arbiter_complete,
	.set_weight = arbiter_set_weight,
};

/* What changing over costs */
const struct sim_rule rule_arbiter_slice = {
	.name = "arbiter-slice",
	.weights = true,
	.depth = 4,
	.init = arbiter_slice_init,
	.submit = arbiter_submit,
	.pick = arbiter_pick,
	.complete = arbiter_complete,
	.set_weight = arbiter_set_weight,
};
