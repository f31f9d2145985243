/* SPDX-License-Identifier: GPL-2.0 */
/* The arbiter: whose job runs next on the GPU. */
#ifndef _VGPU_ARB_H
#define _VGPU_ARB_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/vgpu_dev.h>
#include <linux/wait.h>

#include "arb_rq.h"
#include "job.h"

/**
 * struct vgpu_arb - one per GPU
 * @lock: protects every other member, and the members of every entity.  A leaf
 *	apart from what wake_up_all() takes
 * @control: control jobs whose owner is VGPU_JOB_ARBITER
 * @rq: entities of which others of these wait
 * @nr_running: jobs handed out and not yet back, without control jobs
 * @depth: most of these at a time
 */
struct vgpu_arb {
	spinlock_t lock;
	struct list_head control;
	struct vgpu_arb_rq rq;
	u32 nr_running;
	u32 depth;
};

/**
 * struct vgpu_arb_entity - what shares the GPU: a vGPU
 * @arb: the arbiter it belongs to
 * @flow: its place in &vgpu_arb.rq
 * @waiting: its jobs whose owner is VGPU_JOB_ARBITER, in the order they run; without
 *	control jobs
 * @cost_ns: what a job of a type takes of the GPU's time: a moving average
 * @nr_waiting: jobs waiting in the arbiter
 * @nr_pending: jobs submitted whose &vgpu_job.done has not returned yet
 * @queue_limit: most jobs waiting at a time
 * @draining: new jobs are refused with VGPU_ERR_CANCELED
 * @idle: woken when @nr_pending becomes 0
 * @progress: called by the dispatcher when a job of it was taken from the arbiter, and
 *	when one is over or was called off; a job is pending still.  NULL: by nobody
 */
struct vgpu_arb_entity {
	struct vgpu_arb *arb;
	struct vgpu_arb_flow flow;
	struct list_head waiting;
	u64 cost_ns[VGPU_JOB_TYPES];
	u32 nr_waiting;
	u32 nr_pending;
	u32 queue_limit;
	bool draining;
	wait_queue_head_t idle;
	void (*progress)(struct vgpu_arb_entity *entity);
};

void vgpu_arb_init(struct vgpu_arb *arb, u32 depth);
void vgpu_arb_fini(struct vgpu_arb *arb);
void vgpu_arb_entity_init(struct vgpu_arb_entity *entity, struct vgpu_arb *arb,
			  u32 queue_limit);
void vgpu_arb_entity_fini(struct vgpu_arb_entity *entity);
u32 vgpu_arb_entity_weight(const struct vgpu_arb_entity *entity);
void vgpu_arb_entity_set_weight(struct vgpu_arb_entity *entity, u32 weight);
bool vgpu_arb_entity_waits(struct vgpu_arb_entity *entity);

enum vgpu_error vgpu_arb_submit(struct vgpu_arb *arb, struct vgpu_job *job,
				u64 now_ns);
bool vgpu_arb_has_room(struct vgpu_arb *arb);
struct vgpu_job *vgpu_arb_pick(struct vgpu_arb *arb, u64 now_ns);
bool vgpu_arb_requeue(struct vgpu_arb *arb, struct vgpu_job *job);
void vgpu_arb_complete(struct vgpu_arb *arb, struct vgpu_job *job, u64 now_ns);
void vgpu_arb_entity_done(struct vgpu_arb_entity *entity);
void vgpu_arb_entity_drain_begin(struct vgpu_arb_entity *entity,
				 struct list_head *canceled, u64 now_ns);
void vgpu_arb_entity_cancel(struct vgpu_arb_entity *entity, const void *stream,
			    struct list_head *canceled, u64 now_ns);
void vgpu_arb_entity_drain_wait(struct vgpu_arb_entity *entity);
bool vgpu_arb_entity_is_draining(const struct vgpu_arb_entity *entity);
void vgpu_arb_entity_drain_end(struct vgpu_arb_entity *entity);

#endif /* _VGPU_ARB_H */
