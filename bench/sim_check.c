// SPDX-License-Identifier: GPL-2.0
/*
 * Checks of the simulation and of the rules that are compared, against runs so short that
 * they were worked out by hand.  The arbiter has unit tests; of it only what it must come to.
 */
#include <stdio.h>
#include <string.h>
#include <linux/kernel.h>

#include "rules.h"
#include "sim.h"
#include "sim_check.h"

/**
 * struct sim_expected - a run, and what comes of it
 * @name: for people
 * @rule: who decides
 * @mix: who shares the GPU
 * @started: jobs in the order they begin, with the time in microseconds; NULL: too many
 * @open: jobs that haven't begun at the end; 0: no matter
 * @idle_us: &sim.idle_ns
 * @switch_us: &sim.switch_ns
 * @wait_us: longest wait of the second vGPU; 0: no matter
 * @jain: &sim.jain; 0: no matter
 * @percent: of the time that the GPU worked, what the second vGPU had; 0: no matter
 */
struct sim_expected {
	const char *name;
	const struct sim_rule *rule;
	struct sim_mix mix;
	const char *started;
	u32 open;
	u32 idle_us;
	u32 switch_us;
	u32 wait_us;
	double jain;
	double percent;
};

static const struct sim_expected expected[] = {
	{
		.name = "fifo, the second comes last",
		.rule = &rule_fifo,
		.mix = { .duration_us = 100, .tenants = {
			{ "a", 100, 100, 3, 10, 10, .jobs = 3 },
			{ "b", 100, 100, 1, 5, 5, .jobs = 1, .first = 1 },
		} },
		.started = "a@0 a@10 a@20 b@30 ",
		.wait_us = 29,
	}, {
		.name = "fifo, the second comes before what the first submits later",
		.rule = &rule_fifo,
		.mix = { .duration_us = 65, .tenants = {
			{ "a", 100, 100, 6, 10, 10 },
			{ "b", 100, 100, 1, 10, 10, .jobs = 1, .first = 1 },
		} },
		.started = "a@0 a@10 a@20 a@30 a@40 a@50 b@60 ",
		.open = 6,
		.wait_us = 59,
	}, {
		.name = "fifo, a change of vGPU takes 7 us",
		.rule = &rule_fifo,
		.mix = { .duration_us = 40, .switch_us = 7, .tenants = {
			{ "a", 100, 100, 1, 10, 10 },
			{ "b", 100, 100, 1, 10, 10, .first = 1 },
		} },
		.started = "a@0 b@17 a@34 ",
		.open = 1,
		/* 10 to 17 and 27 to 34 */
		.switch_us = 14,
		.wait_us = 16,
	}, {
		.name = "fifo, the end is in a change",
		.rule = &rule_fifo,
		.mix = { .duration_us = 14, .switch_us = 7, .tenants = {
			{ "a", 100, 100, 1, 10, 10 },
			{ "b", 100, 100, 1, 10, 10 },
		} },
		.started = "a@0 b@17 ",
		.open = 1,
		.switch_us = 4,
	}, {
		.name = "fifo, one has jobs three times as long",
		.rule = &rule_fifo,
		.mix = { .duration_us = 400, .tenants = {
			{ "a", 100, 100, 1, 10, 10, .backlogged = true },
			{ "b", 100, 100, 1, 30, 30, .backlogged = true },
		} },
		/* (1 + 3)^2 / (2 * (1 + 9)) */
		.jain = 0.8,
		.percent = 75,
	}, {
		.name = "fifo knows no weights",
		.rule = &rule_fifo,
		.mix = { .duration_us = 400, .change_us = 200, .tenants = {
			{ "a", 100, 300, 1, 10, 10, .backlogged = true },
			{ "b", 100, 100, 1, 10, 10, .backlogged = true },
		} },
		/* 1 before; then (1/3 + 1)^2 / (2 * (1/9 + 1)) */
		.jain = 0.8,
		.percent = 50,
	}, {
		.name = "a burst: both together, and again 50 us after the last",
		.rule = &rule_fifo,
		.mix = { .duration_us = 100, .tenants = {
			{ "a", 100, 100, 2, 10, 10, 50, 50, .burst = true },
		} },
		.started = "a@0 a@10 a@70 a@80 ",
	}, {
		.name = "urgency: three that wait before one, then who has waited longer",
		.rule = &rule_urgency,
		.mix = { .duration_us = 90, .tenants = {
			{ "a", 100, 100, 5, 10, 10, .jobs = 5 },
			{ "b", 100, 100, 3, 10, 10, .jobs = 3, .first = 1 },
		} },
		.started = "a@0 a@10 a@20 a@30 b@40 b@50 a@60 b@70 ",
	}, {
		.name = "urgency: thrice the weight before three that wait",
		.rule = &rule_urgency,
		.mix = { .duration_us = 90, .tenants = {
			{ "a", 300, 300, 5, 10, 10, .jobs = 5 },
			{ "b", 100, 100, 3, 10, 10, .jobs = 3, .first = 1 },
		} },
		.started = "a@0 a@10 a@20 a@30 a@40 b@50 b@60 b@70 ",
	}, {
		/*
		 * Of a one has waited for a second whenever one is over, and one has just
		 * come: 2 * 4 * 1.2 * 1.1.  So much, 2 * 2 * 1.1 * (1 + t / 10), b has
		 * right after 14 s.  It is asked again after 15 s, and three run before it.
		 */
		.name = "urgency: after some seconds before twice the weight",
		.rule = &rule_urgency,
		.mix = { .duration_us = 20000000, .tenants = {
			{ "a", 200, 200, 5, 1000000, 1000000 },
			{ "b", 100, 100, 1, 10, 10, .jobs = 1, .first = 1 },
		} },
		.open = 4,
		.wait_us = 18000000 - 1,
	}, {
		.name = "round robin: a job is longer than its slice, and a slice is empty",
		.rule = &rule_round_robin,
		.mix = { .duration_us = 8000, .tenants = {
			{ "a", 100, 100, 1, 500, 500 },
			{ "b", 100, 100, 1, 3000, 3000, .jobs = 1, .first = 100 },
		} },
		.started = "a@0 a@500 a@1000 a@1500 b@2000 a@5000 a@5500 a@6000 a@6500 ",
		.open = 1,
		.idle_us = 1000,
		.wait_us = 1900,
	}, {
		.name = "round robin: a slice goes by while nobody waits",
		.rule = &rule_round_robin,
		.mix = { .duration_us = 7000, .tenants = {
			{ "a", 100, 100, 1, 500, 500, .jobs = 1, .first = 3000 },
			{ "b", 100, 100, 1, 500, 500, .jobs = 1, .first = 4500 },
		} },
		.started = "a@4000 b@6000 ",
		/* 3000 to 4000 and 4500 to 6000 */
		.idle_us = 2500,
		.wait_us = 1500,
	}, {
		/* b begins first by a nanosecond, four of it before its first counts */
		.name = "drm-fair: what is under way doesn't count",
		.rule = &rule_drm_fair,
		.mix = { .duration_us = 165, .tenants = {
			{ "a", 100, 100, 6, 10, 10 },
			{ "b", 100, 100, 6, 20, 20 },
		} },
		.started = "b@0 b@20 b@40 b@60 b@80 a@100 a@110 a@120 a@130 a@140 a@150 b@160 ",
		.open = 11,
	}, {
		/* After 65 us b counts as little as a, which counts for nothing yet. */
		.name = "drm-fair: one comes back, its jobs are as short as the average",
		.rule = &rule_drm_fair,
		.mix = { .duration_us = 105, .tenants = {
			{ "a", 100, 100, 8, 10, 10 },
			{ "b", 100, 100, 2, 30, 30, 5, 5, .burst = true },
		} },
		.started = "b@0 b@30 a@60 a@70 a@80 a@90 b@100 ",
		.open = 9,
	}, {
		/*
		 * It goes on with six of a from 130, b at 190 and, as b comes back after
		 * 225 us and is put right behind a, five of a from 220, and b at 270.
		 */
		.name = "drm-fair: one comes back, its jobs are longer than the average",
		.rule = &rule_drm_fair,
		.mix = { .duration_us = 271, .tenants = {
			{ "a", 100, 100, 8, 10, 10 },
			{ "b", 100, 100, 2, 30, 30, 5, 5, .burst = true },
		} },
		.open = 9,
		.percent = 100.0 * 121 / 271,
	}, {
		.name = "drm-fair: jobs of any length",
		.rule = &rule_drm_fair,
		.mix = { .duration_us = 1000000, .tenants = {
			{ "a", 100, 100, 8, 1, 20, .backlogged = true },
			{ "b", 100, 100, 8, 100, 300, .backlogged = true },
		} },
		.jain = 1,
		.percent = 50,
	}, {
		.name = "arbiter: in proportion to weights",
		.rule = &rule_arbiter,
		.mix = { .duration_us = 10000000, .tenants = {
			{ "a", 100, 100, 8, 1, 200, .backlogged = true },
			{ "b", 300, 300, 8, 100, 300, .backlogged = true },
		} },
		.jain = 1,
		.percent = 75,
	}, {
		.name = "arbiter: weights change",
		.rule = &rule_arbiter,
		.mix = { .duration_us = 10000000, .change_us = 5000000, .tenants = {
			{ "a", 100, 300, 8, 1, 200, .backlogged = true },
			{ "b", 300, 100, 8, 100, 300, .backlogged = true },
		} },
		.jain = 1,
		.percent = 50,
	},
};

static void sim_check_started(struct sim *sim, const struct sim_job *job)
{
	char *text = sim->started_data, *end = text + strlen(text);

	/* Of a run of any length the begin is enough. */
	if (end - text < 400)
		sprintf(end, "%s@%llu ", job->vgpu->tenant->name,
			(unsigned long long)job->start_ns / 1000);
}

static u32 sim_check_open(const struct sim *sim)
{
	u32 open = 0, i;
	size_t j;

	for (i = 0; i < sim->nr_vgpus; i++)
		for (j = 0; j < sim->vgpu[i].nr_waits; j++)
			open += sim->vgpu[i].waits[j].open;
	return open;
}

static bool sim_check_wait(const struct sim *sim, u32 us)
{
	const struct sim_vgpu *vgpu = &sim->vgpu[1];
	u64 most = 0;
	size_t i;

	for (i = 0; i < vgpu->nr_waits; i++)
		most = vgpu->waits[i].ns > most ? vgpu->waits[i].ns : most;
	return !us || most == us * 1000ULL;
}

/* Windows hold what was served, whatever their length. */
static bool sim_check_windows(const struct sim *sim)
{
	u64 windows = sim->end_ns / sim->window_ns + 1;
	u64 i;
	u32 j;

	for (j = 0; j < sim->nr_vgpus; j++) {
		u64 sum = 0;

		for (i = 0; i < windows; i++)
			sum += sim->shares[i * SIM_MAX_VGPUS + j];
		if (sum != sim->vgpu[j].served_ns)
			return false;
	}
	return true;
}

static bool sim_check_close(double a, double b)
{
	return a - b < 0.001 && b - a < 0.001;
}

static bool sim_check_one(const struct sim_expected *want)
{
	struct sim *sim = sim_create(&want->mix, want->rule);
	char text[512] = "";
	double percent;
	bool ok;

	sim->started = sim_check_started;
	sim->started_data = text;
	sim_record_shares(sim, 7000);
	sim_run(sim);
	percent = 100.0 * sim->vgpu[1].served_ns /
		  (sim->vgpu[0].served_ns + sim->vgpu[1].served_ns);
	ok = (!want->started || !strcmp(text, want->started)) &&
	     (!want->open || sim_check_open(sim) == want->open) &&
	     sim->idle_ns == want->idle_us * 1000ULL &&
	     sim->switch_ns == want->switch_us * 1000ULL && sim_check_wait(sim, want->wait_us) &&
	     (!want->jain || sim_check_close(sim->jain, want->jain)) &&
	     (!want->percent || sim_check_close(percent / 100, want->percent / 100)) &&
	     sim_check_windows(sim);
	if (!ok)
		fprintf(stderr, "%s: began %s\n\tidle %llu ns, changes %llu ns, Jain %f, %f %%\n",
			want->name, text, (unsigned long long)sim->idle_ns,
			(unsigned long long)sim->switch_ns, sim->jain, percent);
	sim_free(sim);
	return ok;
}

/**
 * sim_check() - try it
 *
 * Return: whether it does what it should; else stderr has what it did.
 */
bool sim_check(void)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(expected); i++)
		ok &= sim_check_one(&expected[i]);
	return ok;
}
