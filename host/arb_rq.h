/* SPDX-License-Identifier: GPL-2.0 */
/* Run queue of the arbiter: which of those that wait is next. */
#ifndef _VGPU_ARB_RQ_H
#define _VGPU_ARB_RQ_H

#include <linux/bits.h>
#include <linux/rbtree.h>
#include <linux/types.h>

#define VGPU_WEIGHT_MIN		1
#define VGPU_WEIGHT_DEFAULT	100
#define VGPU_WEIGHT_MAX		10000

/*
 * What counts of a job's time at most, in nanoseconds: 2.4 hours.  What a backend says needn't
 * fit the arithmetic, and this does, of 64 jobs at a time: in a bucket, where a nanosecond is
 * 10^4 tokens, that is less than 2^63
 */
#define VGPU_ARB_MAX_COST_NS	((u64)BIT_ULL(43))

/**
 * struct vgpu_arb_rq - run queue
 * @flows: those that have something to run, the next one leftmost
 * @vtime: virtual time: start tag of what was dispatched last, or later; never goes back
 */
struct vgpu_arb_rq {
	struct rb_root_cached flows;
	u64 vtime;
};

/**
 * struct vgpu_arb_flow - one that shares the GPU, as the run queue sees it
 * @node: in &vgpu_arb_rq.flows while it has something to run
 * @start: start tag of what it runs next
 * @weight: its share is in proportion to this, VGPU_WEIGHT_MIN to VGPU_WEIGHT_MAX
 */
struct vgpu_arb_flow {
	struct rb_node node;
	u64 start;
	u32 weight;
};

/**
 * vgpu_arb_flow_is_queued() - is a flow in its run queue?
 * @flow: the flow
 *
 * Context: any; the caller serialises.
 * Return: true if so: it has something to run.
 */
static inline bool vgpu_arb_flow_is_queued(const struct vgpu_arb_flow *flow)
{
	return !RB_EMPTY_NODE(&flow->node);
}

/**
 * vgpu_arb_rq_first() - who is next?
 * @rq: the run queue
 *
 * Context: any; the caller serialises.
 * Return: a flow, or NULL if none has anything to run.
 */
static inline struct vgpu_arb_flow *vgpu_arb_rq_first(const struct vgpu_arb_rq *rq)
{
	struct rb_node *node = rb_first_cached(&rq->flows);

	return node ? rb_entry(node, struct vgpu_arb_flow, node) : NULL;
}

void vgpu_arb_rq_init(struct vgpu_arb_rq *rq);
void vgpu_arb_flow_init(struct vgpu_arb_flow *flow, const struct vgpu_arb_rq *rq);
void vgpu_arb_flow_change(struct vgpu_arb_flow *flow, const struct vgpu_arb_rq *from,
			  const struct vgpu_arb_rq *to);
void vgpu_arb_rq_add(struct vgpu_arb_rq *rq, struct vgpu_arb_flow *flow);
void vgpu_arb_rq_del(struct vgpu_arb_rq *rq, struct vgpu_arb_flow *flow);
u64 vgpu_arb_rq_charge(struct vgpu_arb_rq *rq, struct vgpu_arb_flow *flow, u64 cost_ns);
void vgpu_arb_rq_correct(struct vgpu_arb_rq *rq, struct vgpu_arb_flow *flow, u64 charged,
			 u32 weight, u64 cost_ns);
u64 vgpu_arb_rq_extend(struct vgpu_arb_rq *rq, struct vgpu_arb_flow *flow, u64 charged,
		       u32 weight, u64 cost_ns);
void vgpu_arb_rq_refund(struct vgpu_arb_rq *rq, struct vgpu_arb_flow *flow, u64 charged);

#endif /* _VGPU_ARB_RQ_H */
