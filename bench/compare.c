// SPDX-License-Identifier: GPL-2.0
/*
 * The arbiter beside other rules: the same jobs through each of them, in virtual time.
 * Prints JSON, and writes who had the GPU when.  Documentation/arbiter.rst has what came out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>

#include "rules.h"
#include "sim.h"
#include "sim_check.h"

#define NS_PER_MS	1000000ULL
#define WINDOW_NS	(10 * NS_PER_MS)
#define DURATION_US	60000000

static const struct sim_rule * const rules[] = {
	&rule_arbiter, &rule_arbiter_1, &rule_arbiter_slice,
	&rule_fifo, &rule_urgency, &rule_round_robin,
	&rule_drm_fair,
};

#define BACKLOGGED	.backlogged = true
#define WATCHED		.watched = true

/* Columns: name, weight, weight later, window, shortest and longest job, think time */
static const struct sim_mix mixes[] = {
	{ "heavy-light", .duration_us = DURATION_US, .tenants = {
		{ "heavy", 100, 100, 8, 2000, 5000, BACKLOGGED },
		{ "light", 100, 100, 1, 100, 300, 1000, 5000, WATCHED },
	} },
	{ "lengths", .duration_us = DURATION_US, .tenants = {
		{ "10us", 100, 100, 8, 5, 15, BACKLOGGED, WATCHED },
		{ "27us", 100, 100, 8, 14, 41, BACKLOGGED },
		{ "72us", 100, 100, 8, 36, 108, BACKLOGGED },
		{ "193us", 100, 100, 8, 97, 290, BACKLOGGED },
		{ "518us", 100, 100, 8, 259, 777, BACKLOGGED },
		{ "1390us", 100, 100, 8, 695, 2085, BACKLOGGED },
		{ "3728us", 100, 100, 8, 1864, 5592, BACKLOGGED },
		{ "10000us", 100, 100, 8, 5000, 15000, BACKLOGGED },
	} },
	{ "flood", .duration_us = DURATION_US, .tenants = {
		{ "flood", 100, 100, 4000, 10, 30, BACKLOGGED },
		{ "steady", 100, 100, 2, 500, 1500, BACKLOGGED, WATCHED },
	} },
	{ "bursts", .duration_us = DURATION_US, .tenants = {
		{ "a", 100, 100, 8, 500, 1500, BACKLOGGED },
		{ "b", 100, 100, 8, 500, 1500, BACKLOGGED },
		{ "burst", 100, 100, 20, 500, 1500, 50000, 150000, .burst = true, WATCHED },
		{ "rare", 100, 100, 1, 100, 300, 200000, 400000 },
		{ "idle", 100, 100, 1, 100, 300, .first = 2 * DURATION_US },
	} },
	{ "weights", .duration_us = DURATION_US, .change_us = DURATION_US / 2, .tenants = {
		{ "a", 100, 300, 8, 500, 1500, BACKLOGGED, WATCHED },
		{ "b", 300, 100, 8, 500, 1500, BACKLOGGED },
	} },
	{ "switches", .duration_us = DURATION_US, .switch_us = 50, .tenants = {
		{ "a", 100, 100, 8, 100, 300, BACKLOGGED, WATCHED },
		{ "b", 100, 100, 8, 100, 300, BACKLOGGED },
		{ "c", 100, 100, 8, 100, 300, BACKLOGGED },
		{ "d", 100, 100, 8, 100, 300, BACKLOGGED },
	} },
};

static int wait_order(const void *a, const void *b)
{
	const struct sim_wait *x = a, *y = b;

	return x->ns < y->ns ? -1 : x->ns > y->ns;
}

static void print_wait(const char *name, const struct sim_wait *wait)
{
	printf(", \"%s_us\": %.1f, \"%s_open\": %s", name, wait->ns / 1e3, name,
	       wait->open ? "true" : "false");
}

/* Of the one that is watched */
static void print_waits(struct sim *sim)
{
	u32 i;

	for (i = 0; i < sim->nr_vgpus; i++) {
		const struct sim_vgpu *vgpu = &sim->vgpu[i];

		if (!vgpu->tenant->watched)
			continue;
		printf(", \"watched\": \"%s\"", vgpu->tenant->name);
		qsort(vgpu->waits, vgpu->nr_waits, sizeof(*vgpu->waits), wait_order);
		print_wait("wait_p99", &vgpu->waits[vgpu->nr_waits * 99 / 100]);
		print_wait("wait_max", &vgpu->waits[vgpu->nr_waits - 1]);
	}
}

static void print_figures(struct sim *sim)
{
	u32 i;

	printf("    \"%s\": {\"idle_percent\": %.3f, \"switch_percent\": %.3f", sim->rule->name,
	       100.0 * sim->idle_ns / sim->end_ns, 100.0 * sim->switch_ns / sim->end_ns);
	if (sim->jain >= 0)
		printf(", \"jain\": %.4f", sim->jain);
	print_waits(sim);
	printf(", \"gpu_percent\": {");
	for (i = 0; i < sim->nr_vgpus; i++)
		printf("%s\"%s\": %.3f", i ? ", " : "", sim->vgpu[i].tenant->name,
		       100.0 * sim->vgpu[i].served_ns / sim->end_ns);
	printf("}}");
}

/* Columns: milliseconds, and per cent of the GPU of the first, of the first two, ... */
static void write_shares(const struct sim *sim, const char *dir)
{
	u64 windows = sim->end_ns / sim->window_ns, i;
	char path[1024];
	FILE *f;
	u32 j;

	snprintf(path, sizeof(path), "%s/%s.%s.dat", dir, sim->mix->name, sim->rule->name);
	f = fopen(path, "w");
	if (!f) {
		perror(path);
		exit(1);
	}
	for (i = 0; i < windows; i++) {
		u64 sum = 0;

		fprintf(f, "%llu", (unsigned long long)(i * sim->window_ns / NS_PER_MS));
		for (j = 0; j < sim->nr_vgpus; j++) {
			sum += sim->shares[i * SIM_MAX_VGPUS + j];
			fprintf(f, " %.2f", 100.0 * sum / sim->window_ns);
		}
		fputc('\n', f);
	}
	fclose(f);
}

static void run(const struct sim_mix *mix, const struct sim_rule *rule, const char *dir)
{
	struct sim *sim = sim_create(mix, rule);

	fprintf(stderr, "compare: %s, %s\n", mix->name, rule->name);
	sim_record_shares(sim, WINDOW_NS);
	sim_run(sim);
	print_figures(sim);
	write_shares(sim, dir);
	sim_free(sim);
}

static void run_all(const char *dir)
{
	size_t i, j;

	printf("{\n");
	for (i = 0; i < ARRAY_SIZE(mixes); i++) {
		const char *separator = "";

		printf("%s  \"%s\": {\n", i ? ",\n" : "", mixes[i].name);
		for (j = 0; j < ARRAY_SIZE(rules); j++) {
			if (mixes[i].change_us && !rules[j]->weights)
				continue;
			fputs(separator, stdout);
			run(&mixes[i], rules[j], dir);
			separator = ",\n";
		}
		printf("\n  }");
	}
	printf("\n}\n");
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "check"))
		return !sim_check();
	if (argc == 3 && !strcmp(argv[1], "run")) {
		run_all(argv[2]);
		return 0;
	}
	fprintf(stderr, "usage: compare check | compare run DIR\n");
	return 2;
}
