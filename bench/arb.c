// SPDX-License-Identifier: GPL-2.0
/*
 * The arbiter as a program: what a decision costs, and whether its bound holds over more
 * decisions than a unit test has time for.  Built from the driver's own files.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "arb.h"
#include "chance.h"
#include "job.h"

#define JOBS		4	/* of each entity */
#define DEPTH		4
#define LONGEST_US	1000

/**
 * struct tenant - one that shares the GPU
 * @entity: what is measured
 * @job: its jobs
 * @cost: what each takes, in nanoseconds
 * @longest: the longest of them so far
 * @served: GPU time that it has had
 * @active: it always has something waiting
 */
struct tenant {
	struct vgpu_arb_entity entity;
	struct vgpu_job job[JOBS];
	u64 cost[JOBS];
	u64 longest;
	u64 served;
	bool active;
};

/**
 * struct lead - how far one tenant has been ahead of another, by weighted GPU time
 * @low: least, since both have been active
 * @high: most
 * @valid: there is such a time
 */
struct lead {
	s64 low;
	s64 high;
	bool valid;
};

static struct vgpu_arb arb;
static struct tenant *tenants;
static unsigned int nr_tenants;
static u64 random_state;

static u64 chance(u64 below)
{
	return chance_below(&random_state, below);
}

static u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static void prepare(unsigned int n, u64 seed)
{
	unsigned int i, j;

	random_state = seed;
	nr_tenants = n;
	tenants = calloc(n, sizeof(*tenants));
	if (!tenants)
		exit(1);
	vgpu_arb_init(&arb, DEPTH);
	for (i = 0; i < n; i++) {
		vgpu_arb_entity_init(&tenants[i].entity, &arb, JOBS);
		for (j = 0; j < JOBS; j++) {
			INIT_LIST_HEAD(&tenants[i].job[j].node);
			tenants[i].job[j].entity = &tenants[i].entity;
			tenants[i].job[j].type = VGPU_JOB_LAUNCH;
			tenants[i].job[j].owner = VGPU_JOB_GUEST;
		}
	}
}

static struct tenant *tenant_of(struct vgpu_job *job)
{
	return container_of(job->entity, struct tenant, entity);
}

static void submit(struct vgpu_job *job, u64 cost)
{
	struct tenant *t = tenant_of(job);

	t->cost[job - t->job] = cost;
	if (cost > t->longest)
		t->longest = cost;
	vgpu_job_set_owner(job, VGPU_JOB_QUEUE);
	if (vgpu_arb_submit(&arb, job, 0))
		abort();
}

static void complete_job(struct vgpu_job *job)
{
	struct tenant *t = tenant_of(job);

	job->gpu_ns = t->cost[job - t->job];
	t->served += job->gpu_ns;
	job->status = VGPU_ERR_NONE;
	vgpu_arb_complete(&arb, job, 0);
	vgpu_job_set_owner(job, VGPU_JOB_GUEST);
	vgpu_arb_entity_done(&t->entity);
}

/* One job of each waits; picked, completed and submitted again, with another cost. */
static int measure(unsigned int n, unsigned long decisions)
{
	unsigned long i;
	unsigned int j;
	u64 begin;

	prepare(n, 88172645463325252ULL);
	for (j = 0; j < n; j++)
		submit(&tenants[j].job[0], 1 + chance(LONGEST_US * 1000));
	begin = now_ns();
	for (i = 0; i < decisions; i++) {
		struct vgpu_job *job = vgpu_arb_pick(&arb, 0);

		complete_job(job);
		submit(job, 1 + chance(LONGEST_US * 1000));
	}
	printf("%.1f\n", (double)(now_ns() - begin) / decisions);
	return 0;
}

/*
 * All always have jobs waiting, whose length depends on whose they are: 1 us to 1 ms, one
 * at a time on the GPU.  Prints Jain's index of what they had divided by their weights,
 * and the largest error of a share, relative to it.
 * R. Jain, D. Chiu, W. Hawe, DEC-TR-301, 1984.
 */
static int shares(unsigned int n, bool equal)
{
	double sum = 0, squares = 0, weights = 0, total = 0, worst = 0;
	unsigned long i;
	unsigned int j;

	prepare(n, 88172645463325252ULL);
	for (j = 0; j < n; j++) {
		vgpu_arb_entity_set_weight(&tenants[j].entity, equal ? 100 : 1 + chance(1000));
		for (i = 0; i < JOBS; i++)
			submit(&tenants[j].job[i], 1000);
	}
	for (i = 0; i < 10000000; i++) {
		struct vgpu_job *job = vgpu_arb_pick(&arb, 0);

		j = tenant_of(job) - tenants;
		complete_job(job);
		submit(job, (1 + chance(2 * (1 << j % 11))) * 1000);
	}
	for (j = 0; j < n; j++) {
		double x = (double)tenants[j].served / tenants[j].entity.flow.weight;

		sum += x;
		squares += x * x;
		total += tenants[j].served;
		weights += tenants[j].entity.flow.weight;
	}
	for (j = 0; j < n; j++) {
		double want = total * tenants[j].entity.flow.weight / weights;
		double error = (tenants[j].served - want) / want;

		error = error < 0 ? -error : error;
		worst = error > worst ? error : worst;
	}
	printf("[%.6f, %.6f]\n", sum * sum / (n * squares), worst);
	return 0;
}

static s64 weighted(const struct tenant *t, u64 ns)
{
	return ns * VGPU_WEIGHT_DEFAULT / t->entity.flow.weight;
}

/* Only the leads of the one that was served have changed. */
static bool bound_holds(struct lead *leads, const struct tenant *t)
{
	unsigned int i, me = t - tenants;

	for (i = 0; i < nr_tenants; i++) {
		const struct tenant *a = &tenants[me < i ? me : i], *b = &tenants[me < i ? i : me];
		struct lead *l = &leads[(a - tenants) * nr_tenants + (b - tenants)];
		s64 lead, bound;

		if (a == b)
			continue;
		if (!a->active || !b->active) {
			l->valid = false;
			continue;
		}
		lead = weighted(a, a->served) - weighted(b, b->served);
		if (!l->valid)
			*l = (struct lead){ lead, lead, true };
		l->low = lead < l->low ? lead : l->low;
		l->high = lead > l->high ? lead : l->high;
		/* what division cuts off, and a nanosecond for each job under way */
		bound = DEPTH * (weighted(a, a->longest) + weighted(b, b->longest) + 2) + 2;
		if (l->high - l->low > bound) {
			fprintf(stderr, "%td and %td: %lld, more than %lld\n", a - tenants,
				b - tenants, (long long)(l->high - l->low), (long long)bound);
			return false;
		}
	}
	return true;
}

/* Some come, some go, some submit a single job now and then: 1 us to 1 ms each. */
static void arrivals(struct lead *leads)
{
	unsigned int i, j;

	if (!chance(1000)) {
		i = chance(nr_tenants);
		tenants[i].active = !tenants[i].active;
		/* whatever was before, the next interval begins when both are active */
		for (j = 0; j < nr_tenants; j++) {
			leads[i * nr_tenants + j].valid = false;
			leads[j * nr_tenants + i].valid = false;
		}
	}
	for (i = 0; i < nr_tenants; i++) {
		for (j = 0; j < JOBS; j++) {
			if (tenants[i].job[j].owner == VGPU_JOB_GUEST &&
			    (tenants[i].active || !chance(100)))
				submit(&tenants[i].job[j], 1000 * (1 + chance(LONGEST_US)));
		}
	}
}

static int check_bound(unsigned long decisions, u64 seed)
{
	struct vgpu_job *on_gpu[DEPTH], *job;
	unsigned int n = 0, i;
	struct lead *leads;
	unsigned long done;

	prepare(8, seed);
	leads = calloc(nr_tenants * nr_tenants, sizeof(*leads));
	if (!leads)
		return 1;
	for (i = 0; i < nr_tenants; i++) {
		vgpu_arb_entity_set_weight(&tenants[i].entity,
					   1 + chance(i % 2 ? VGPU_WEIGHT_MAX : 200));
		tenants[i].active = i % 2;
	}
	for (done = 0; done < decisions; done++) {
		arrivals(leads);
		while ((job = vgpu_arb_pick(&arb, 0)))
			on_gpu[n++] = job;
		if (!n)
			continue;
		/* jobs that are on the GPU at the same time end in any order */
		i = chance(n);
		job = on_gpu[i];
		on_gpu[i] = on_gpu[--n];
		complete_job(job);
		if (!bound_holds(leads, tenant_of(job)))
			return 1;
		if (done % 10000000 == 9999999)
			fprintf(stderr, "bound: %lu decisions\n", done + 1);
	}
	printf("%lu\n", done);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "cost"))
		return measure(atoi(argv[2]), strtoul(argv[3], NULL, 10));
	if (argc == 4 && !strcmp(argv[1], "bound"))
		return check_bound(strtoul(argv[2], NULL, 10), strtoull(argv[3], NULL, 10));
	if (argc == 4 && !strcmp(argv[1], "shares"))
		return shares(atoi(argv[2]), !strcmp(argv[3], "equal"));
	fprintf(stderr, "usage: arb cost ENTITIES DECISIONS | arb bound DECISIONS SEED |\n"
		"       arb shares ENTITIES equal|weighted\n");
	return 2;
}
