/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One GPU that vGPUs share, in virtual time.  Whose job is next is decided by one of several
 * rules; the jobs are the same for all of them.
 */
#ifndef _BENCH_SIM_H
#define _BENCH_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/types.h>

#include "job.h"

#define SIM_MAX_VGPUS	8
#define SIM_NEVER	(~(u64)0)

/**
 * struct sim_tenant - what the guest of one vGPU does; all times in microseconds
 * @name: of the vGPU, for people; NULL: no more tenants
 * @weight: its share, 100 being the default
 * @later_weight: its share from &sim_mix.change_us on
 * @window: most jobs it has submitted and not back yet
 * @cost_min: its shortest job
 * @cost_max: its longest job; lengths between are drawn at random
 * @think_min: shortest time from the end of a job until the next is submitted in its place
 * @think_max: longest such time
 * @first: when it submits its first jobs
 * @jobs: it ends after so many; 0: never
 * @burst: it thinks after all of a window are over, and submits them together
 * @backlogged: it always wants more of the GPU than it gets
 * @watched: how long its jobs wait is told
 */
struct sim_tenant {
	const char *name;
	u32 weight;
	u32 later_weight;
	u32 window;
	u32 cost_min;
	u32 cost_max;
	u32 think_min;
	u32 think_max;
	u32 first;
	u32 jobs;
	bool burst;
	bool backlogged;
	bool watched;
};

/**
 * struct sim_mix - who shares the GPU
 * @name: for people
 * @tenants: ends with one without a name
 * @duration_us: how long it runs
 * @change_us: when weights change; 0: never
 * @switch_us: what it costs the GPU that a job isn't of the vGPU of the job before
 */
struct sim_mix {
	const char *name;
	struct sim_tenant tenants[SIM_MAX_VGPUS + 1];
	u32 duration_us;
	u32 change_us;
	u32 switch_us;
};

/**
 * struct sim_job - a job, used again and again
 * @job: what the arbiter sees of it; &vgpu_job.node is of whoever has the job
 * @vgpu: whose it is
 * @ready: in &sim.thinking, by @ready_ns
 * @ready_ns: when it is submitted
 * @cost_ns: GPU time it takes
 * @think_ns: time from its end until the next
 * @submit_ns: when it was submitted
 * @start_ns: when it began on the GPU
 * @number: counts all jobs in the order they were submitted
 * @waits: submitted, and not on the GPU yet
 */
struct sim_job {
	struct vgpu_job job;
	struct sim_vgpu *vgpu;
	struct rb_node ready;
	u64 ready_ns;
	u64 cost_ns;
	u64 think_ns;
	u64 submit_ns;
	u64 start_ns;
	u64 number;
	bool waits;
};

/**
 * struct sim_wait - how long a job waited until it began on the GPU
 * @ns: so long
 * @open: it had not begun when the run ended
 */
struct sim_wait {
	u64 ns;
	bool open;
};

/**
 * struct sim_vgpu - one that shares the GPU
 * @tenant: what its guest does
 * @index: its place in &sim.vgpu
 * @weight: its share now
 * @jobs: &sim_tenant.window of them
 * @chance: seed of its jobs
 * @waiting: jobs that the rule hasn't handed over; not used by the arbiter, which has its own
 * @nr_waiting: how many the rule hasn't handed over
 * @nr_out: jobs submitted and not back yet
 * @nr_submitted: jobs submitted so far
 * @served_ns: GPU time it has had
 * @weighted: that, since weights changed, divided by its weight
 * @waits: of each of its jobs
 * @nr_waits: of them
 * @room: for so many
 */
struct sim_vgpu {
	const struct sim_tenant *tenant;
	u32 index;
	u32 weight;
	struct sim_job *jobs;
	u64 chance;
	struct list_head waiting;
	u32 nr_waiting;
	u32 nr_out;
	u32 nr_submitted;
	u64 served_ns;
	double weighted;
	struct sim_wait *waits;
	size_t nr_waits;
	size_t room;
};

/**
 * struct sim - a run of a mix by a rule
 * @mix: who shares the GPU
 * @rule: who decides
 * @vgpu: those who share it
 * @nr_vgpus: how many
 * @now_ns: virtual time
 * @end_ns: when it ends
 * @thinking: jobs that are to be submitted, by time
 * @nr_waiting: jobs that the rule hasn't handed over
 * @on_gpu: jobs handed over, in that order; the first one runs
 * @nr_on_gpu: how many
 * @last: whose job ran last
 * @running: the first one of @on_gpu has begun
 * @done_ns: when it is over
 * @number: jobs submitted
 * @idle_ns: time in which nothing ran and a job waited
 * @switch_ns: time that changing from one vGPU to another took
 * @jain: Jain's index of those that are backlogged, the least of all phases of weights;
 *	negative: fewer than two are
 * @window_ns: length of a window of @shares
 * @shares: GPU time in each window, SIM_MAX_VGPUS of each; or NULL
 * @started: called when a job begins on the GPU; or NULL
 * @started_data: for @started
 */
struct sim {
	const struct sim_mix *mix;
	const struct sim_rule *rule;
	struct sim_vgpu vgpu[SIM_MAX_VGPUS];
	u32 nr_vgpus;
	u64 now_ns;
	u64 end_ns;
	struct rb_root_cached thinking;
	u32 nr_waiting;
	struct list_head on_gpu;
	u32 nr_on_gpu;
	const struct sim_vgpu *last;
	bool running;
	u64 done_ns;
	u64 number;
	u64 idle_ns;
	u64 switch_ns;
	double jain;
	u64 window_ns;
	u64 *shares;
	void (*started)(struct sim *sim, const struct sim_job *job);
	void *started_data;
};

/**
 * struct sim_rule - decides whose job is next
 * @name: for people
 * @weights: it knows weights
 * @depth: most jobs handed over at a time
 * @init: forget what was; NULL: nothing is kept
 * @submit: a job has come, and is the rule's
 * @pick: hand over a job; NULL if none is to be now
 * @complete: a job is over, and still belongs to its vGPU; NULL: no matter
 * @set_weight: &sim_vgpu.weight is another; NULL: no matter
 * @retry_ns: when @pick is to be asked although nothing has happened; NULL: never
 */
struct sim_rule {
	const char *name;
	bool weights;
	u32 depth;
	void (*init)(struct sim *sim);
	void (*submit)(struct sim *sim, struct sim_job *job);
	struct sim_job *(*pick)(struct sim *sim);
	void (*complete)(struct sim *sim, struct sim_job *job);
	void (*set_weight)(struct sim *sim, struct sim_vgpu *vgpu);
	u64 (*retry_ns)(struct sim *sim);
};

struct sim *sim_create(const struct sim_mix *mix, const struct sim_rule *rule);
void sim_record_shares(struct sim *sim, u64 window_ns);
void sim_run(struct sim *sim);
void sim_free(struct sim *sim);

#endif /* _BENCH_SIM_H */
