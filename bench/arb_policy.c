// SPDX-License-Identifier: GPL-2.0
/*
 * What the arbiter promises beyond fairness, over more decisions than a unit test has time
 * for, in virtual time: how long a job of high waits, how exact a cap is, and that the
 * lowest class has its minimum and no engine idles while somebody may run.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arb.h"
#include "chance.h"
#include "job.h"

#define TENANTS		4
#define JOBS		8	/* of each */
#define DEPTH		4
#define SECOND		1000000000ULL

/**
 * struct tenant - one that shares the GPU
 * @entity: what is measured
 * @job: its jobs
 * @cost: what each takes, in nanoseconds
 * @served: GPU time that it has had
 * @handed: jobs of it that were handed out
 */
struct tenant {
	struct vgpu_arb_entity entity;
	struct vgpu_job job[JOBS];
	u64 cost[JOBS];
	u64 served;
	u64 handed;
};

static struct vgpu_arb arb;
static struct tenant tenant[TENANTS];
static struct vgpu_job *on_gpu[DEPTH];
static unsigned int nr_on_gpu;
static u64 now, seed;

static u64 chance(u64 below)
{
	return chance_below(&seed, below);
}

static void prepare(u64 new_seed)
{
	unsigned int i, j;

	seed = new_seed;
	vgpu_arb_init(&arb, DEPTH);
	for (i = 0; i < TENANTS; i++) {
		vgpu_arb_entity_init(&tenant[i].entity, &arb, JOBS);
		for (j = 0; j < JOBS; j++) {
			INIT_LIST_HEAD(&tenant[i].job[j].node);
			tenant[i].job[j].entity = &tenant[i].entity;
			tenant[i].job[j].type = VGPU_JOB_LAUNCH;
			tenant[i].job[j].owner = VGPU_JOB_GUEST;
		}
	}
}

static struct tenant *tenant_of(struct vgpu_job *job)
{
	return container_of(job->entity, struct tenant, entity);
}

static u64 cost_of(struct vgpu_job *job)
{
	struct tenant *t = tenant_of(job);

	return t->cost[job - t->job];
}

/* At most one more if it has one to spare */
static void submit(struct tenant *t, unsigned int j, u64 cost)
{
	if (t->job[j].owner != VGPU_JOB_GUEST)
		return;
	t->cost[j] = cost;
	vgpu_job_set_owner(&t->job[j], VGPU_JOB_QUEUE);
	if (vgpu_arb_submit(&arb, &t->job[j], now))
		abort();
}

static struct vgpu_job *hand_out(void)
{
	struct vgpu_job *job = vgpu_arb_pick(&arb, now);

	if (job) {
		on_gpu[nr_on_gpu++] = job;
		tenant_of(job)->handed++;
	}
	return job;
}

/* The GPU runs what it got first to its end; without work, time passes.  False if none waits. */
static bool run(void)
{
	struct vgpu_job *job;
	u64 next;

	while (hand_out())
		;
	if (!nr_on_gpu) {
		next = vgpu_arb_next_ns(&arb);
		if (next == U64_MAX)
			return false;
		now = next;
		if (!hand_out())
			abort();
	}
	job = on_gpu[0];
	memmove(on_gpu, on_gpu + 1, --nr_on_gpu * sizeof(on_gpu[0]));
	job->gpu_ns = cost_of(job);
	job->status = VGPU_ERR_NONE;
	now += job->gpu_ns;
	tenant_of(job)->served += job->gpu_ns;
	vgpu_arb_complete(&arb, job, now);
	vgpu_job_set_owner(job, VGPU_JOB_GUEST);
	vgpu_arb_entity_done(job->entity);
	return true;
}

/* What each job takes at most, in the first of these tests */
#define LONGEST		100000ULL

/* GPU time that low and medium can at most be owed, in nanoseconds */
static double owed[2];

/* Serve one; what low and medium have they are owed no more. */
static void run_owed(void)
{
	u64 served[2] = { tenant[0].served, tenant[1].served };
	unsigned int i;

	run();
	for (i = 0; i < 2; i++) {
		owed[i] -= tenant[i].served - served[i];
		owed[i] = owed[i] < 0 ? 0 : owed[i];
	}
}

/* Low and medium always have some. */
static void fill_lower(void)
{
	unsigned int i;

	for (i = 0; i < JOBS; i++) {
		submit(&tenant[VGPU_PRIORITY_LOW], i, 1 + chance(LONGEST));
		submit(&tenant[VGPU_PRIORITY_MEDIUM], i, 1 + chance(LONGEST));
	}
}

/*
 * Jobs of high come one by one, at any time.  Prints for how many turns of lower classes one
 * of them waited at most that began after it had come; the longest such turn; and by how
 * much one was longer than its class was owed, a job, and what estimates are off.
 */
static int arrive(unsigned long n, u64 new_seed)
{
	u64 before[2], turns, most = 0, turn, longest = 0, until;
	struct vgpu_job *high, *job;
	double over = 0, may;
	unsigned long i;
	unsigned int j;

	prepare(new_seed);
	for (j = 0; j < 3; j++)
		vgpu_arb_entity_set_priority(&tenant[j].entity, j, 0);
	high = &tenant[VGPU_PRIORITY_HIGH].job[0];
	for (i = 0; i < n; i++) {
		until = now + chance(3 * LONGEST);
		do {
			fill_lower();
			run_owed();
		} while (now < until);
		while (hand_out())
			;
		submit(&tenant[VGPU_PRIORITY_HIGH], 0, 1 + chance(LONGEST));
		for (j = 0; j < 2; j++)
			before[j] = tenant[j].handed;
		may = (owed[0] > owed[1] ? owed[0] : owed[1]) + LONGEST + DEPTH * LONGEST * 0.18;
		turn = 0;
		while (high->owner == VGPU_JOB_ARBITER) {
			job = hand_out();
			if (!job)
				run_owed();
			else if (job != high)
				turn += cost_of(job);
		}
		/* 6 and 12 percent of all, of which high has the rest */
		owed[VGPU_PRIORITY_LOW] += cost_of(high) * 0.06 / 0.82;
		owed[VGPU_PRIORITY_MEDIUM] += cost_of(high) * 0.12 / 0.82;
		turns = (tenant[0].handed != before[0]) + (tenant[1].handed != before[1]);
		most = turns > most ? turns : most;
		longest = turn > longest ? turn : longest;
		over = turn - may > over ? turn - may : over;
		while (high->owner != VGPU_JOB_GUEST)
			run_owed();
		if (i % 1000000 == 999999)
			fprintf(stderr, "arrivals: %lu\n", i + 1);
	}
	printf("{\"arrivals\": %lu, \"turns\": %llu, \"longest_ns\": %llu, \"over_ns\": %.0f}\n",
	       n, (unsigned long long)most, (unsigned long long)longest, over);
	return 0;
}

/* By how much the GPU time of the first is off its cap in the next second, relative to that */
static double cap_error(unsigned int percent, bool beside)
{
	u64 begin = now, served = tenant[0].served;
	double want, error;
	unsigned int i;

	while (now < begin + SECOND) {
		for (i = 0; i < JOBS; i++) {
			submit(&tenant[0], i, 1000 + chance(199000));
			if (beside)
				submit(&tenant[1], i, 1000 + chance(199000));
		}
		run();
	}
	want = (double)(now - begin) * percent / 100;
	error = (tenant[0].served - served - want) / want;
	return error < 0 ? -error : error;
}

/*
 * One with a cap, alone, and beside another where the cap is less than its share.  Prints
 * the largest error in any second but the first, which settles what was before.
 */
static int caps(u64 new_seed)
{
	double worst = 0, error;
	unsigned int percent, beside, i;

	prepare(new_seed);
	for (percent = 5; percent <= 90; percent += 5) {
		vgpu_arb_entity_set_cap(&tenant[0].entity, percent, now);
		for (beside = 0; beside < (percent < 50 ? 2 : 1); beside++) {
			cap_error(percent, beside);
			for (i = 0; i < 19; i++) {
				error = cap_error(percent, beside);
				worst = error > worst ? error : worst;
			}
		}
	}
	printf("%.6f\n", worst);
	return 0;
}

/*
 * Low always has jobs, whoever is above it has some, or one at a time, of any length.
 * Prints the smallest part of the GPU's time that low had in any such mix of 100 seconds.
 */
static int minimum(unsigned int mixes, u64 new_seed)
{
	u64 length[3], begin, served;
	unsigned int i, j, c, window;
	double least = 1, part;

	prepare(new_seed);
	for (c = 0; c < 3; c++)
		vgpu_arb_entity_set_priority(&tenant[c].entity, c, 0);
	for (i = 0; i < mixes; i++) {
		for (c = 0; c < 3; c++)
			length[c] = 1000ULL << chance(16);
		window = i % 2 ? 1 : JOBS;
		/* whatever the mix before has left */
		while (run())
			;
		begin = now;
		served = tenant[0].served;
		while (now < begin + 100 * SECOND) {
			for (j = 0; j < JOBS; j++)
				submit(&tenant[0], j, length[0]);
			for (j = 0; j < window; j++) {
				submit(&tenant[1], j, length[1]);
				submit(&tenant[2], j, length[2]);
			}
			/* best effort: as long as there is work, there is no pause */
			if (!run() || (nr_on_gpu < DEPTH && vgpu_arb_has_work(&arb) && !hand_out()))
				abort();
		}
		part = (double)(tenant[0].served - served) / (now - begin);
		least = part < least ? part : least;
	}
	printf("%.6f\n", least);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "arrivals"))
		return arrive(strtoul(argv[2], NULL, 10), strtoull(argv[3], NULL, 10));
	if (argc == 3 && !strcmp(argv[1], "caps"))
		return caps(strtoull(argv[2], NULL, 10));
	if (argc == 4 && !strcmp(argv[1], "minimum"))
		return minimum(atoi(argv[2]), strtoull(argv[3], NULL, 10));
	fprintf(stderr, "usage: arb_policy arrivals NUMBER SEED | arb_policy caps SEED |\n"
		"       arb_policy minimum MIXES SEED\n");
	return 2;
}
