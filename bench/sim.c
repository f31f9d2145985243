// SPDX-License-Identifier: GPL-2.0
/*
 * The event loop, the guests and the GPU of a simulation.
 *
 * The GPU is one engine: jobs run one at a time in the order they are handed over, and none
 * is preempted.  Beginning a job of another vGPU than the last one's may cost it time.
 *
 * The jobs of a vGPU are drawn at random in the order they are submitted, from a seed of
 * its own: whatever the rule does, its n-th job is as long, and its guest thinks as long
 * after it.  When it is submitted may depend on when others were over, as with a real guest.
 *
 * At the same instant a job ends, others are submitted, and then the rule is asked.
 */
#include <stdlib.h>
#include <string.h>

#include "chance.h"
#include "sim.h"

#define NS_PER_US	1000ULL

static void *sim_alloc(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p)
		abort();
	return p;
}

static bool sim_ready_before(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct sim_job, ready)->ready_ns <
	       rb_entry(b, struct sim_job, ready)->ready_ns;
}

static void sim_think(struct sim *sim, struct sim_job *job, u64 until_ns)
{
	job->ready_ns = until_ns;
	rb_add_cached(&job->ready, &sim->thinking, sim_ready_before);
}

static void sim_add_vgpu(struct sim *sim, const struct sim_tenant *tenant)
{
	struct sim_vgpu *vgpu = &sim->vgpu[sim->nr_vgpus];
	u32 i;

	vgpu->tenant = tenant;
	vgpu->index = sim->nr_vgpus++;
	vgpu->weight = tenant->weight;
	vgpu->chance = 88172645463325252ULL + vgpu->index;
	INIT_LIST_HEAD(&vgpu->waiting);
	vgpu->jobs = sim_alloc(tenant->window, sizeof(*vgpu->jobs));
	for (i = 0; i < tenant->window; i++) {
		INIT_LIST_HEAD(&vgpu->jobs[i].job.node);
		vgpu->jobs[i].vgpu = vgpu;
		sim_think(sim, &vgpu->jobs[i], tenant->first * NS_PER_US);
	}
}

/**
 * sim_create() - prepare a run
 * @mix: who shares the GPU; stays
 * @rule: who decides; has one run at a time
 *
 * Return: the run; sim_free() ends it.
 */
struct sim *sim_create(const struct sim_mix *mix, const struct sim_rule *rule)
{
	struct sim *sim = sim_alloc(1, sizeof(*sim));
	u32 i;

	sim->mix = mix;
	sim->rule = rule;
	sim->end_ns = mix->duration_us * NS_PER_US;
	sim->thinking = RB_ROOT_CACHED;
	sim->jain = -1;
	INIT_LIST_HEAD(&sim->on_gpu);
	for (i = 0; mix->tenants[i].name; i++)
		sim_add_vgpu(sim, &mix->tenants[i]);
	if (rule->init)
		rule->init(sim);
	return sim;
}

/**
 * sim_record_shares() - remember who has the GPU when
 * @sim: the run; has not begun
 * @window_ns: so exactly
 */
void sim_record_shares(struct sim *sim, u64 window_ns)
{
	sim->window_ns = window_ns;
	sim->shares = sim_alloc((sim->end_ns / window_ns + 1) * SIM_MAX_VGPUS,
				sizeof(*sim->shares));
}

static u64 sim_draw(struct sim_vgpu *vgpu, u32 min_us, u32 max_us)
{
	return min_us * NS_PER_US + chance_below(&vgpu->chance, (max_us - min_us) * NS_PER_US + 1);
}

static void sim_submit(struct sim *sim, struct sim_job *job)
{
	struct sim_vgpu *vgpu = job->vgpu;
	const struct sim_tenant *tenant = vgpu->tenant;

	rb_erase_cached(&job->ready, &sim->thinking);
	if (tenant->jobs && vgpu->nr_submitted == tenant->jobs)
		return;
	job->cost_ns = sim_draw(vgpu, tenant->cost_min, tenant->cost_max);
	job->think_ns = sim_draw(vgpu, tenant->think_min, tenant->think_max);
	job->submit_ns = sim->now_ns;
	job->number = sim->number++;
	job->waits = true;
	vgpu->nr_submitted++;
	vgpu->nr_out++;
	vgpu->nr_waiting++;
	sim->nr_waiting++;
	sim->rule->submit(sim, job);
}

static void sim_waited(struct sim_vgpu *vgpu, u64 ns, bool open)
{
	if (vgpu->nr_waits == vgpu->room) {
		vgpu->room = 2 * vgpu->room + 1024;
		vgpu->waits = realloc(vgpu->waits, vgpu->room * sizeof(*vgpu->waits));
		if (!vgpu->waits)
			abort();
	}
	vgpu->waits[vgpu->nr_waits++] = (struct sim_wait){ ns, open };
}

/* The GPU worked for a vGPU from one time to another. */
static void sim_served(struct sim *sim, struct sim_vgpu *vgpu, u64 from, u64 to)
{
	vgpu->served_ns += to - from;
	vgpu->weighted += (double)(to - from) / vgpu->weight;
	while (sim->shares && from < to) {
		u64 window = from / sim->window_ns;
		u64 end = (window + 1) * sim->window_ns;

		if (end > to)
			end = to;
		sim->shares[window * SIM_MAX_VGPUS + vgpu->index] += end - from;
		from = end;
	}
}

/* R. Jain, D. Chiu, W. Hawe, DEC-TR-301, 1984; then the next phase begins. */
static void sim_phase_end(struct sim *sim)
{
	double sum = 0, squares = 0, jain;
	u32 i, n = 0;

	for (i = 0; i < sim->nr_vgpus; i++) {
		struct sim_vgpu *vgpu = &sim->vgpu[i];

		if (vgpu->tenant->backlogged) {
			sum += vgpu->weighted;
			squares += vgpu->weighted * vgpu->weighted;
			n++;
		}
		vgpu->weighted = 0;
	}
	jain = squares ? sum * sum / (n * squares) : 1;
	if (n >= 2 && (sim->jain < 0 || jain < sim->jain))
		sim->jain = jain;
}

static void sim_change_weights(struct sim *sim)
{
	u32 i;

	sim_phase_end(sim);
	for (i = 0; i < sim->nr_vgpus; i++) {
		sim->vgpu[i].weight = sim->vgpu[i].tenant->later_weight;
		if (sim->rule->set_weight)
			sim->rule->set_weight(sim, &sim->vgpu[i]);
	}
}

static struct sim_job *sim_first_on_gpu(struct sim *sim)
{
	return list_first_entry(&sim->on_gpu, struct sim_job, job.node);
}

static void sim_complete(struct sim *sim)
{
	struct sim_job *job = sim_first_on_gpu(sim);
	struct sim_vgpu *vgpu = job->vgpu;
	u32 i;

	sim_served(sim, vgpu, job->start_ns, sim->now_ns);
	list_del_init(&job->job.node);
	sim->nr_on_gpu--;
	sim->running = false;
	vgpu->nr_out--;
	if (sim->rule->complete)
		sim->rule->complete(sim, job);
	if (!vgpu->tenant->burst)
		sim_think(sim, job, sim->now_ns + job->think_ns);
	else if (!vgpu->nr_out)
		for (i = 0; i < vgpu->tenant->window; i++)
			sim_think(sim, &vgpu->jobs[i], sim->now_ns + job->think_ns);
}

static void sim_start(struct sim *sim)
{
	struct sim_job *job;

	if (sim->running || list_empty(&sim->on_gpu))
		return;
	job = sim_first_on_gpu(sim);
	job->start_ns = sim->now_ns;
	if (sim->last && sim->last != job->vgpu)
		job->start_ns += sim->mix->switch_us * NS_PER_US;
	sim->switch_ns += job->start_ns - sim->now_ns;
	sim->last = job->vgpu;
	sim->running = true;
	sim->done_ns = job->start_ns + job->cost_ns;
	job->waits = false;
	sim_waited(job->vgpu, job->start_ns - job->submit_ns, false);
	if (sim->started)
		sim->started(sim, job);
}

static struct sim_job *sim_pick(struct sim *sim)
{
	struct sim_job *job;

	if (!sim->nr_waiting || sim->nr_on_gpu == sim->rule->depth)
		return NULL;
	job = sim->rule->pick(sim);
	if (job) {
		job->vgpu->nr_waiting--;
		sim->nr_waiting--;
		list_add_tail(&job->job.node, &sim->on_gpu);
		sim->nr_on_gpu++;
	}
	return job;
}

static struct sim_job *sim_first_ready(struct sim *sim)
{
	struct rb_node *node = rb_first_cached(&sim->thinking);

	return node ? rb_entry(node, struct sim_job, ready) : NULL;
}

static u64 sim_earlier(u64 a, u64 b)
{
	return a < b ? a : b;
}

/* When something happens that has not happened yet */
static u64 sim_next_ns(struct sim *sim)
{
	const struct sim_job *ready = sim_first_ready(sim);
	u64 change_ns = sim->mix->change_us * NS_PER_US;
	u64 next = sim->end_ns;

	if (sim->running)
		next = sim_earlier(next, sim->done_ns);
	if (ready)
		next = sim_earlier(next, ready->ready_ns);
	if (change_ns > sim->now_ns)
		next = sim_earlier(next, change_ns);
	if (sim->rule->retry_ns && sim->nr_waiting && sim->nr_on_gpu < sim->rule->depth)
		next = sim_earlier(next, sim->rule->retry_ns(sim));
	return next;
}

/* What hasn't come to its end has had its time, too, and has waited. */
static void sim_cut_off(struct sim *sim)
{
	u32 i, j;

	if (sim->running) {
		struct sim_job *job = sim_first_on_gpu(sim);

		if (job->start_ns < sim->end_ns)
			sim_served(sim, job->vgpu, job->start_ns, sim->end_ns);
		else
			sim->switch_ns -= job->start_ns - sim->end_ns;
	}
	for (i = 0; i < sim->nr_vgpus; i++) {
		struct sim_vgpu *vgpu = &sim->vgpu[i];

		for (j = 0; j < vgpu->tenant->window; j++) {
			if (vgpu->jobs[j].waits)
				sim_waited(vgpu, sim->end_ns - vgpu->jobs[j].submit_ns, true);
		}
	}
	sim_phase_end(sim);
}

/**
 * sim_run() - run to the end
 * @sim: the run
 */
void sim_run(struct sim *sim)
{
	struct sim_job *job;
	u64 next;

	while ((next = sim_next_ns(sim)) < sim->end_ns) {
		if (!sim->running && sim->nr_waiting)
			sim->idle_ns += next - sim->now_ns;
		sim->now_ns = next;
		if (sim->running && sim->done_ns == next)
			sim_complete(sim);
		if (next && sim->mix->change_us * NS_PER_US == next)
			sim_change_weights(sim);
		while ((job = sim_first_ready(sim)) && job->ready_ns == next)
			sim_submit(sim, job);
		while (sim_pick(sim))
			;
		sim_start(sim);
	}
	if (!sim->running && sim->nr_waiting)
		sim->idle_ns += sim->end_ns - sim->now_ns;
	sim->now_ns = sim->end_ns;
	sim_cut_off(sim);
}

/**
 * sim_free() - end a run
 * @sim: the run
 */
void sim_free(struct sim *sim)
{
	u32 i;

	for (i = 0; i < sim->nr_vgpus; i++) {
		free(sim->vgpu[i].jobs);
		free(sim->vgpu[i].waits);
	}
	free(sim->shares);
	free(sim);
}
