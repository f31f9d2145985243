/* SPDX-License-Identifier: GPL-2.0 */
/* The arbiter: whose job runs next on the GPU. */
#ifndef _VGPU_ARB_H
#define _VGPU_ARB_H

#include <linux/limits.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/vgpu_dev.h>
#include <linux/wait.h>

#include "arb_bucket.h"
#include "arb_class.h"
#include "job.h"
#include "stats.h"

/* All of the GPU, in basis points: hundredths of a percent */
#define VGPU_ARB_WHOLE		10000U

/*
 * What a job is charged at least: about what it costs the host to fetch one, hand it out and
 * complete it (some 3000 instructions for a null job, see the promise T4), for which the
 * engine waits.
 */
#define VGPU_ARB_JOB_NS		2000

#define VGPU_RATE_LIMIT_MAX	1000000000U
#define VGPU_BURST_DEFAULT	64U
#define VGPU_BURST_MAX		1000000U
#define VGPU_TIME_SLICE_MAX_US	1000000U

/**
 * enum vgpu_policy - how entities share a GPU
 * @VGPU_POLICY_BEST_EFFORT: by weight, among those that have something to run
 * @VGPU_POLICY_EQUAL_SHARE: as if all had the same weight
 * @VGPU_POLICY_FIXED_SHARE: each has &vgpu_arb_entity.share and no more, even while others
 *	have nothing to run
 */
enum vgpu_policy {
	VGPU_POLICY_BEST_EFFORT,
	VGPU_POLICY_EQUAL_SHARE,
	VGPU_POLICY_FIXED_SHARE,
};

/**
 * enum vgpu_arb_event - what an operator hears of
 * @VGPU_ARB_TIMEOUT: a job took longer than it may
 * @VGPU_ARB_QUARANTINED: the entity is quarantined
 * @VGPU_ARB_RELEASED: it isn't any more
 */
enum vgpu_arb_event {
	VGPU_ARB_TIMEOUT,
	VGPU_ARB_QUARANTINED,
	VGPU_ARB_RELEASED,
};

#define VGPU_JOB_TIMEOUT_DEFAULT_MS	60000U
/* what counts of a job's time is VGPU_ARB_MAX_COST_NS at most */
#define VGPU_JOB_TIMEOUT_MAX_MS		7200000U
#define VGPU_FAULT_THRESHOLD_DEFAULT	3U
#define VGPU_FAULT_THRESHOLD_MAX	1000U
#define VGPU_FAULT_DECAY_DEFAULT_S	3600U
#define VGPU_FAULT_DECAY_MAX_S		86400U

/* See vgpu_arb_faults_are_rare_locked(); 3 faults of a minute in an hour are */
#define VGPU_ARB_RARE_FAULTS		16U

/**
 * struct vgpu_arb - one per GPU
 * @lock: protects every other member, and the members of every entity.  A leaf
 *	apart from what wake_up_all() takes
 * @control: control jobs whose owner is VGPU_JOB_ARBITER
 * @entities: all there are
 * @classes: entities of which others of these wait, and that may run
 * @throttled: entities of which others of these wait, and that have had their cap; the
 *	one that may run first leftmost
 * @served: the entity that was served last, or NULL
 * @stay_ns: GPU time for which it goes on being served, while it has something to run and
 *	nobody of a higher class has; negative when that is over
 * @policy: enum vgpu_policy
 * @time_slice_ns: what @stay_ns begins with
 * @floor_ns: what the shortest job is charged; what it costs the host is no GPU time, but
 *	nobody else has the engine meanwhile
 * @next_ns: what vgpu_arb_next_ns() told last
 * @running: jobs handed out and not yet back, without control jobs
 * @nr_running: how many
 * @last_id: of these the last had this &vgpu_job.id
 * @depth: most of @running at a time; see @parallel
 * @parallel: the backend runs entities beside one another: who has nothing there may have one
 *	job more
 * @nr_left_out: entities that have nothing there, and may have
 * @looked_ns: when those that stand still were charged last
 * @nr_looks: how often that was
 * @paused: nobody gets any more; control jobs do
 * @fault_threshold: with so many faults an entity is quarantined; 0: never
 * @fault_decay_s: after so many seconds a fault is forgotten
 * @last: of whose context the job was that was handed out last.  Only compared
 */
struct vgpu_arb {
	spinlock_t lock;
	struct list_head control;
	struct list_head entities;
	struct vgpu_arb_classes classes;
	struct rb_root_cached throttled;
	struct vgpu_arb_entity *served;
	s64 stay_ns;
	enum vgpu_policy policy;
	u32 time_slice_ns;
	u64 floor_ns;
	u64 next_ns;
	struct list_head running;
	u32 nr_running;
	u64 last_id;
	u32 depth;
	bool parallel;
	u32 nr_left_out;
	u64 looked_ns;
	u64 nr_looks;
	bool paused;
	u32 fault_threshold;
	u32 fault_decay_s;
	const struct vgpu_stats *last;
};

/**
 * struct vgpu_arb_group - jobs of an entity that share its turns with those of others
 * @node: in &vgpu_arb_entity.groups while jobs of it wait
 * @waiting: its jobs whose owner is VGPU_JOB_ARBITER, in the order they run; without
 *	control jobs and those that are &vgpu_job.apart
 * @lost: jobs of it are refused with VGPU_ERR_BACKEND_LOST
 */
struct vgpu_arb_group {
	struct list_head node;
	struct list_head waiting;
	bool lost;
};

/**
 * struct vgpu_arb_entity - what shares the GPU: a vGPU
 * @arb: the arbiter it belongs to
 * @node: in &vgpu_arb.entities
 * @flow: its place in a run queue of &vgpu_arb.classes.  Its weight is what the policy makes
 *	of @weight
 * @throttle: its place in &vgpu_arb.throttled, until @ready_ns
 * @ready_ns: when it may run again
 * @groups: its groups of which jobs wait, the next one first
 * @own: group of its jobs that have none
 * @cap: of its GPU time, in ten-thousandths of a nanosecond
 * @rate: of its submissions, in 1e-9 jobs
 * @owed_ns: see vgpu_arb_entity_owes(); not protected by the lock
 * @cost_ns: what a job of a type takes of the GPU's time: a moving average
 * @weight: its share is in proportion to this, VGPU_WEIGHT_MIN to VGPU_WEIGHT_MAX
 * @share: part of the GPU that it has under VGPU_POLICY_FIXED_SHARE, in basis points
 * @cap_percent: most GPU time, percent of all time; 100: no limit
 * @rate_limit: most jobs in a second; 0: no limit
 * @burst: jobs that may come at once, if none came before
 * @priority: its class
 * @nr_waiting: jobs waiting in the arbiter
 * @nr_pending: jobs submitted whose &vgpu_job.done has not returned yet
 * @nr_running: of these, handed out and not yet back, without control jobs
 * @moved_ns: if the backend is parallel, when one came back that was the oldest of them
 * @left_out: it is one of &vgpu_arb.nr_left_out
 * @looked_at: &vgpu_arb.nr_looks when it was looked at last
 * @queue_limit: most jobs waiting at a time
 * @draining: new jobs are refused with VGPU_ERR_CANCELED
 * @timeout_ns: how long a job may run; 0: as long as it likes
 * @faults: jobs that ran longer, as far as they aren't forgotten
 * @faults_ns: when the last was forgotten, or the first came
 * @quarantined: new jobs but control jobs are refused with VGPU_ERR_QUARANTINED
 * @idle: woken when @nr_pending becomes 0
 * @progress: called by the dispatcher when a job of it was taken from the arbiter, and
 *	when one is over or was called off; a job is pending still.  NULL: by nobody
 * @event: called when something happened to it of which an operator is to hear; may sleep.
 *	NULL: by nobody
 * @stats: what became of its jobs
 */
struct vgpu_arb_entity {
	struct vgpu_arb *arb;
	struct list_head node;
	struct vgpu_arb_flow flow;
	struct rb_node throttle;
	u64 ready_ns;
	struct list_head groups;
	struct vgpu_arb_group own;
	struct vgpu_arb_bucket cap;
	struct vgpu_arb_bucket rate;
	atomic64_t owed_ns;
	u64 cost_ns[VGPU_JOB_TYPES];
	u32 weight;
	u32 share;
	u32 cap_percent;
	u32 rate_limit;
	u32 burst;
	enum vgpu_priority priority;
	u32 nr_waiting;
	u32 nr_pending;
	u32 nr_running;
	u64 moved_ns;
	bool left_out;
	u64 looked_at;
	u32 queue_limit;
	bool draining;
	u64 timeout_ns;
	u32 faults;
	u64 faults_ns;
	bool quarantined;
	wait_queue_head_t idle;
	void (*progress)(struct vgpu_arb_entity *entity);
	void (*event)(struct vgpu_arb_entity *entity, enum vgpu_arb_event event);
	struct vgpu_stats stats;
};

/**
 * vgpu_arb_job_group() - with which jobs does a job share the turns of its entity?
 * @job: the job
 *
 * Context: any.
 * Return: the group.
 */
static inline struct vgpu_arb_group *vgpu_arb_job_group(const struct vgpu_job *job)
{
	return job->group && !job->apart ? job->group : &job->entity->own;
}

void vgpu_arb_init(struct vgpu_arb *arb, u32 depth);
void vgpu_arb_fini(struct vgpu_arb *arb);
void vgpu_arb_entity_init(struct vgpu_arb_entity *entity, struct vgpu_arb *arb,
			  u32 queue_limit);
void vgpu_arb_entity_fini(struct vgpu_arb_entity *entity);
void vgpu_arb_group_init(struct vgpu_arb_group *group);

enum vgpu_error vgpu_arb_submit(struct vgpu_arb *arb, struct vgpu_job *job,
				u64 now_ns);
bool vgpu_arb_has_work(struct vgpu_arb *arb);
struct vgpu_job *vgpu_arb_pick(struct vgpu_arb *arb, u64 now_ns);
void vgpu_arb_pause(struct vgpu_arb *arb, bool paused);
u64 vgpu_arb_next_ns(struct vgpu_arb *arb);
bool vgpu_arb_requeue(struct vgpu_arb *arb, struct vgpu_job *job, u64 now_ns);
void vgpu_arb_complete(struct vgpu_arb *arb, struct vgpu_job *job, u64 now_ns);
bool vgpu_arb_entity_waits(struct vgpu_arb_entity *entity);
void vgpu_arb_entity_owes(struct vgpu_arb_entity *entity, u64 ns);
void vgpu_arb_entity_done_some(struct vgpu_arb_entity *entity, u32 count);
void vgpu_arb_entity_drain_begin(struct vgpu_arb_entity *entity,
				 struct list_head *canceled, u64 now_ns);
void vgpu_arb_entity_cancel(struct vgpu_arb_entity *entity, const void *stream,
			    struct list_head *canceled, u64 now_ns);
void vgpu_arb_group_lose(struct vgpu_arb_entity *entity, struct vgpu_arb_group *group,
			 struct list_head *canceled, u64 now_ns);
bool vgpu_arb_quarantine(struct vgpu_arb_entity *entity, struct list_head *canceled, u64 now_ns);
void vgpu_arb_entity_drain_wait(struct vgpu_arb_entity *entity);
bool vgpu_arb_entity_is_draining(const struct vgpu_arb_entity *entity);
void vgpu_arb_entity_drain_end(struct vgpu_arb_entity *entity);

/**
 * vgpu_arb_entity_done() - a job's &vgpu_job.done has returned
 * @entity: as for vgpu_arb_entity_done_some()
 *
 * Context: process context; takes @entity->arb->lock.
 */
static inline void vgpu_arb_entity_done(struct vgpu_arb_entity *entity)
{
	vgpu_arb_entity_done_some(entity, 1);
}

/* arb_fault.c */
void vgpu_arb_fault_init(struct vgpu_arb *arb);
void vgpu_arb_fault_entity_init_locked(struct vgpu_arb_entity *entity);
struct vgpu_arb_entity *vgpu_arb_expire(struct vgpu_arb *arb, u64 now_ns, u64 *id);
u64 vgpu_arb_deadline_ns(struct vgpu_arb *arb, u64 now_ns);
u32 vgpu_arb_faults(struct vgpu_arb_entity *entity, u64 now_ns);
bool vgpu_arb_faults_are_rare_locked(const struct vgpu_arb_entity *entity);
bool vgpu_arb_fault(struct vgpu_arb_entity *entity, u64 now_ns);
bool vgpu_arb_release(struct vgpu_arb_entity *entity);
void vgpu_arb_set_fault_threshold(struct vgpu_arb *arb, u32 faults);
void vgpu_arb_set_fault_decay(struct vgpu_arb *arb, u32 seconds);
void vgpu_arb_entity_set_timeout(struct vgpu_arb_entity *entity, u32 ms);

/* arb_beyond.c */
bool vgpu_arb_beyond_may_locked(const struct vgpu_arb *arb);
bool vgpu_arb_beyond_waits_locked(const struct vgpu_arb *arb);
void vgpu_arb_beyond_count_locked(struct vgpu_arb_entity *entity);
void vgpu_arb_beyond_moved_locked(const struct vgpu_job *job, u64 now_ns);
struct vgpu_arb_entity *vgpu_arb_beyond_choose_locked(struct vgpu_arb *arb, bool *minimum,
						      u64 now_ns);
u64 vgpu_arb_beyond_next_ns_locked(const struct vgpu_arb *arb);

/* arb_policy.c */
void vgpu_arb_policy_init(struct vgpu_arb *arb);
void vgpu_arb_policy_entity_init_locked(struct vgpu_arb_entity *entity);
void vgpu_arb_policy_place_locked(struct vgpu_arb_entity *entity, u64 now_ns);
void vgpu_arb_policy_release_locked(struct vgpu_arb *arb, u64 now_ns);
struct vgpu_arb_entity *vgpu_arb_policy_choose_locked(struct vgpu_arb *arb, bool *minimum);
void vgpu_arb_policy_charge_locked(struct vgpu_job *job, u64 now_ns);
void vgpu_arb_policy_extend_locked(struct vgpu_job *job, u64 ran_ns);
void vgpu_arb_policy_correct_locked(struct vgpu_job *job, u64 took_ns, u64 now_ns);
void vgpu_arb_policy_refund_locked(struct vgpu_job *job, u64 now_ns);
enum vgpu_error vgpu_arb_policy_admit_locked(struct vgpu_arb_entity *entity,
					     const struct vgpu_job *job, u64 now_ns);

void vgpu_arb_set_policy(struct vgpu_arb *arb, enum vgpu_policy policy, u64 now_ns);
void vgpu_arb_set_time_slice(struct vgpu_arb *arb, u32 us);
void vgpu_arb_set_depth(struct vgpu_arb *arb, u32 depth);
void vgpu_arb_entity_set_weight(struct vgpu_arb_entity *entity, u32 weight);
void vgpu_arb_entity_set_priority(struct vgpu_arb_entity *entity, enum vgpu_priority priority,
				  u64 now_ns);
void vgpu_arb_entity_set_cap(struct vgpu_arb_entity *entity, u32 percent, u64 now_ns);
void vgpu_arb_entity_set_share(struct vgpu_arb_entity *entity, u32 share, u64 now_ns);
void vgpu_arb_entity_set_rate_limit(struct vgpu_arb_entity *entity, u32 rate, u64 now_ns);
void vgpu_arb_entity_set_burst(struct vgpu_arb_entity *entity, u32 jobs, u64 now_ns);
u64 vgpu_arb_retry_ns(const struct vgpu_job *job, enum vgpu_error err);
void vgpu_arb_entity_set_queue_limit(struct vgpu_arb_entity *entity, u32 jobs);

#endif /* _VGPU_ARB_H */
