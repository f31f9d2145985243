/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A GPU that is a number, on which jobs take what the test says and are over in the order
 * they were handed out; shared by the arbiter.
 */
#ifndef _VGPU_FAIR_H
#define _VGPU_FAIR_H

#include <kunit/test.h>
#include <linux/prandom.h>

#include "arb.h"
#include "job.h"

#define FAIR_ENTITIES	8
#define FAIR_JOBS	8	/* of each entity */
#define FAIR_DEPTH	4

/**
 * struct fair_entity - one that shares the GPU
 * @entity: what is tested
 * @job: its jobs
 * @cost: what each takes
 * @longest: the longest it has ever run
 * @served: GPU time it has had
 * @active: it always has something to run
 */
struct fair_entity {
	struct vgpu_arb_entity entity;
	struct vgpu_job job[FAIR_JOBS];
	u64 cost[FAIR_JOBS];
	u64 longest;
	u64 served;
	bool active;
};

/**
 * struct fair_fixture - &kunit.priv
 * @arb: what is tested
 * @e: share it
 * @on_gpu: jobs that were handed out, in order; with a control job of each entity
 * @nr_on_gpu: how many
 * @now: the time
 * @rnd: chance
 * @low: smallest lead of the first over the second since both have been active, in time
 *	at the default weight
 * @high: the largest
 * @valid: they are
 */
struct fair_fixture {
	struct vgpu_arb arb;
	struct fair_entity e[FAIR_ENTITIES];
	struct vgpu_job *on_gpu[FAIR_DEPTH + 2 * FAIR_ENTITIES];
	u32 nr_on_gpu;
	u64 now;
	struct rnd_state rnd;
	s64 low[FAIR_ENTITIES][FAIR_ENTITIES];
	s64 high[FAIR_ENTITIES][FAIR_ENTITIES];
	bool valid[FAIR_ENTITIES][FAIR_ENTITIES];
};

int fair_init(struct kunit *test);
struct fair_entity *fair_entity_of(struct vgpu_job *job);
u64 fair_cost(struct vgpu_job *job);
void fair_submit(struct kunit *test, struct fair_entity *e, u32 j, u64 cost);
void fair_fill(struct kunit *test, u32 i, u64 cost);
void fair_dispatch(struct kunit *test);
void fair_end(struct fair_fixture *f, struct vgpu_job *job, enum vgpu_error status, u64 gpu_ns);
struct fair_entity *fair_run(struct kunit *test);
void fair_finish(struct kunit *test);

#endif /* _VGPU_FAIR_H */
