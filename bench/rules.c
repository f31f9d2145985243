// SPDX-License-Identifier: GPL-2.0
/*
 * What the arbiter is compared with.  Documentation/arbiter.rst says what each of them is.
 *
 * Within a vGPU all are first come, first served.
 */
#include "rules.h"

#define DEPTH		4
#define SLICE_NS	2000000ULL

/* Of all rules but the arbiter: it waits with its vGPU. */
static void rule_submit(struct sim *sim, struct sim_job *job)
{
	list_add_tail(&job->job.node, &job->vgpu->waiting);
}

static struct sim_job *rule_first(struct sim_vgpu *vgpu)
{
	return list_first_entry_or_null(&vgpu->waiting, struct sim_job, job.node);
}

static struct sim_job *rule_take(struct sim_vgpu *vgpu)
{
	struct sim_job *job = rule_first(vgpu);

	list_del_init(&job->job.node);
	return job;
}

/* FIFO: whoever came first, of all vGPUs. */
static struct sim_job *fifo_pick(struct sim *sim)
{
	const struct sim_job *first = NULL;
	u32 i;

	for (i = 0; i < sim->nr_vgpus; i++) {
		const struct sim_job *job = rule_first(&sim->vgpu[i]);

		if (job && (!first || job->number < first->number))
			first = job;
	}
	return rule_take(first->vgpu);
}

const struct sim_rule rule_fifo = {
	.name = "fifo",
	.depth = DEPTH,
	.submit = rule_submit,
	.pick = fifo_pick,
};

/*
 * Urgency: a score made of a multiplier for the priority (1, 2 or 4; here all have the
 * middle one), weight, jobs waiting and seconds waited.
 */
static double urgency(const struct sim *sim, const struct sim_vgpu *vgpu,
		      const struct sim_job *first)
{
	double seconds = (sim->now_ns - first->submit_ns) / 1e9;

	return 2 * (vgpu->weight / 50.0) * (1 + vgpu->nr_waiting / 10.0) * (1 + seconds / 10);
}

/* Of equals whoever came first */
static struct sim_job *urgency_pick(struct sim *sim)
{
	const struct sim_job *first = NULL;
	double most = 0;
	u32 i;

	for (i = 0; i < sim->nr_vgpus; i++) {
		const struct sim_job *job = rule_first(&sim->vgpu[i]);
		double score = job ? urgency(sim, &sim->vgpu[i], job) : 0;

		if (job && (score > most || (score == most && job->number < first->number))) {
			first = job;
			most = score;
		}
	}
	return rule_take(first->vgpu);
}

const struct sim_rule rule_urgency = {
	.name = "urgency",
	.weights = true,
	.depth = DEPTH,
	.submit = rule_submit,
	.pick = urgency_pick,
};

/*
 * Strict round robin: each vGPU has a slice, whether or not it has anything to run.  A job
 * isn't preempted, and the next slice begins when it is over.  Jobs are handed over one at
 * a time: what is handed over would run in the slices of others.
 */
static struct {
	u32 current;
	u64 end_ns;
} slice;

static void round_robin_next(struct sim *sim, u64 begin_ns)
{
	slice.current = (slice.current + 1) % sim->nr_vgpus;
	slice.end_ns = begin_ns + SLICE_NS;
}

static void round_robin_init(struct sim *sim)
{
	slice.current = 0;
	slice.end_ns = SLICE_NS;
}

static void round_robin_complete(struct sim *sim, struct sim_job *job)
{
	if (sim->now_ns >= slice.end_ns)
		round_robin_next(sim, sim->now_ns);
}

static struct sim_job *round_robin_pick(struct sim *sim)
{
	struct sim_vgpu *vgpu;

	while (sim->now_ns >= slice.end_ns)
		round_robin_next(sim, slice.end_ns);
	vgpu = &sim->vgpu[slice.current];
	return rule_first(vgpu) ? rule_take(vgpu) : NULL;
}

static u64 round_robin_retry_ns(struct sim *sim)
{
	return slice.end_ns;
}

const struct sim_rule rule_round_robin = {
	.name = "round-robin",
	.depth = 1,
	.init = round_robin_init,
	.submit = rule_submit,
	.pick = round_robin_pick,
	.complete = round_robin_complete,
	.retry_ns = round_robin_retry_ns,
};
