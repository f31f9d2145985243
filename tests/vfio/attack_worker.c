// SPDX-License-Identifier: GPL-2.0
/*
 * Attacks by a worker that its guest has taken over: tests/execd/obey.c makes workers that do what
 * is written to an object.
 */
#include <stdio.h>
#include <string.h>

#include "attack.h"
#include "gpu.h"

static int worker_tell(struct attacker *a, const char *what)
{
	char text[32];

	snprintf(text, sizeof(text), "obey:%s", what);
	return gpu_bo_write(&a->m, a->w.ctx, a->w.data, 0, text, strlen(text) + 1);
}

/* What it does shows with the next job, if not at once; and then the guest has another. */
static int attack_worker(struct attacker *a, const struct attack *attack)
{
	int err = worker_tell(a, attack->text);

	if (!err)
		err = work_keep(&a->w, 1);
	attacker_renew(a);
	return err;
}

/* The same jobs as everybody's, of which the worker says that they took no time */
static int attack_times(struct attacker *a, const struct attack *attack)
{
	int err = a->own ? 0 : worker_tell(a, attack->text);

	a->own = true;
	return err ?: work_keep(&a->w, WORK_DEPTH);
}

/* Likewise, with as many jobs under way as there may be, which then wait for it */
static int attack_worker_full(struct attacker *a, const struct attack *attack)
{
	int err, late = 0;

	work_fill(&a->w, WORK_DEPTH);
	err = worker_tell(a, attack->text);
	while (a->w.pending && late >= 0)
		late = work_keep(&a->w, 0);
	attacker_renew(a);
	return late ?: err;
}

/* In bench/neighbour.py "never" and "storms" have a meaning: they shorten the limit of a job. */
const struct attack attack_workers[] = {
	{ "fair", attack_fair, NULL, VGPU_ERR_NONE, 10 },
	{ "completes_twice", attack_worker, "twice", VGPU_ERR_BACKEND_LOST, 5 },
	{ "completes_unknown", attack_worker, "unknown", VGPU_ERR_BACKEND_LOST, 5 },
	{ "completes_out_of_range", attack_worker, "range", VGPU_ERR_BACKEND_LOST, 5 },
	{ "says_wrong_status", attack_worker, "status", VGPU_ERR_GPU, 5 },
	{ "says_no_time", attack_times, "time", VGPU_ERR_NONE, 10 },
	{ "garbage", attack_worker, "garbage", VGPU_ERR_BACKEND_LOST, 5 },
	{ "maps_what_is_not_granted", attack_worker, "map", VGPU_ERR_BACKEND_LOST, 5 },
	{ "forks", attack_worker, "fork", VGPU_ERR_BACKEND_LOST, 5 },
	{ "dies", attack_worker, "die", VGPU_ERR_BACKEND_LOST, 5 },
	{ "storms", attack_worker, "storm", VGPU_ERR_TIMEOUT, 15 },
	{ "never", attack_worker, "never", VGPU_ERR_TIMEOUT, 15 },
	{ "never_with_many_jobs", attack_worker_full, "never", ATTACK_ANY, 15 },
};

const u32 attack_workers_count = ARRAY_SIZE(attack_workers);
