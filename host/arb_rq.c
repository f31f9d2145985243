// SPDX-License-Identifier: GPL-2.0
/*
 * Run queue of the arbiter: start-time fair queueing with D jobs under way, SFQ(D).
 *
 * P. Goyal, H. M. Vin, H. Cheng, "Start-time Fair Queueing", SIGCOMM 1996;
 * W. Jin, J. S. Chase, J. Kaur, "Interposed Proportional Sharing for a Storage Service
 * Utility", SIGMETRICS 2004, for D > 1.  See also Documentation/arbiter.rst.
 *
 * Each flow has a start tag, in virtual time: GPU time divided by the flow's weight.
 * The flow with the smallest tag is next; being served moves its tag on by what that
 * costs.  So of two flows that have something to run all the time, neither gets ahead of
 * the other by more than the jobs that are under way: D * (Li / wi + Lj / wj), where L is
 * the longest job.  A flow that had nothing to run begins at the virtual time of the
 * queue, if that is later than its own tag: idling earns nothing, and what it owes for
 * its last jobs it still owes.
 *
 * What a job costs is known only when it is over.  It is charged what it will probably
 * cost, and the rest when that is known: a flow owes no more than the jobs it has under way.
 *
 * Nothing here locks, sleeps or reads a clock: the caller serialises.
 */
#include <linux/bits.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "arb_rq.h"

/*
 * Of no flow the tag is that far ahead of virtual time.  What it has under way is less: 64
 * jobs of VGPU_ARB_MAX_COST_NS at the smallest weight.  One that seems to be has been idle
 * for so long that virtual time has gone round.
 */
#define VGPU_ARB_MAX_DEBT	((u64)BIT_ULL(56))

/*
 * In virtual time, which is nanoseconds at the default weight.  Rounded up, and so never
 * for nothing; at the largest weight that is by less than 100 ns.
 */
static u64 vgpu_arb_cost(u32 weight, u64 cost_ns)
{
	cost_ns = clamp(cost_ns, (u64)1, VGPU_ARB_MAX_COST_NS);
	/* as the division would say, which takes a tenth of a decision */
	if (weight == VGPU_WEIGHT_DEFAULT)
		return cost_ns;
	return div_u64(cost_ns * VGPU_WEIGHT_DEFAULT + weight - 1, weight);
}

/* Virtual time may wrap; see VGPU_ARB_MAX_DEBT. */
static bool vgpu_arb_before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

static bool vgpu_arb_flow_less(struct rb_node *a, const struct rb_node *b)
{
	return vgpu_arb_before(rb_entry(a, struct vgpu_arb_flow, node)->start,
			       rb_entry(b, struct vgpu_arb_flow, node)->start);
}

/**
 * vgpu_arb_rq_init() - make a run queue without flows
 * @rq: the run queue
 *
 * Context: any.
 */
void vgpu_arb_rq_init(struct vgpu_arb_rq *rq)
{
	rq->flows = RB_ROOT_CACHED;
	rq->vtime = 0;
}

/**
 * vgpu_arb_flow_init() - make a flow that has nothing to run
 * @flow: the flow; its weight is the default
 * @rq: its run queue
 *
 * Context: any; the caller serialises.
 */
void vgpu_arb_flow_init(struct vgpu_arb_flow *flow, const struct vgpu_arb_rq *rq)
{
	RB_CLEAR_NODE(&flow->node);
	flow->start = rq->vtime;
	flow->weight = VGPU_WEIGHT_DEFAULT;
}

/**
 * vgpu_arb_flow_change() - move a flow that has nothing to run to another run queue
 * @flow: the flow
 * @from: the run queue that it was of
 * @to: the other.  What it owed in @from it owes in @to
 *
 * Context: any; the caller serialises.
 */
void vgpu_arb_flow_change(struct vgpu_arb_flow *flow, const struct vgpu_arb_rq *from,
			  const struct vgpu_arb_rq *to)
{
	u64 debt = flow->start - from->vtime;

	flow->start = to->vtime + (debt > VGPU_ARB_MAX_DEBT ? 0 : debt);
}

/**
 * vgpu_arb_rq_add() - a flow has something to run
 * @rq: the run queue
 * @flow: the flow, not in it
 *
 * Context: any; the caller serialises.
 */
void vgpu_arb_rq_add(struct vgpu_arb_rq *rq, struct vgpu_arb_flow *flow)
{
	/* behind, or ahead by more than can be */
	if (flow->start - rq->vtime > VGPU_ARB_MAX_DEBT)
		flow->start = rq->vtime;
	rb_add_cached(&flow->node, &rq->flows, vgpu_arb_flow_less);
}

/**
 * vgpu_arb_rq_del() - a flow has nothing to run any more
 * @rq: the run queue
 * @flow: the flow, in it
 *
 * Context: any; the caller serialises.
 */
void vgpu_arb_rq_del(struct vgpu_arb_rq *rq, struct vgpu_arb_flow *flow)
{
	rb_erase_cached(&flow->node, &rq->flows);
	RB_CLEAR_NODE(&flow->node);
}

/* Its place may be another: it goes behind those with the same tag. */
static void vgpu_arb_rq_move(struct vgpu_arb_rq *rq, struct vgpu_arb_flow *flow, u64 start)
{
	bool queued = vgpu_arb_flow_is_queued(flow);

	if (queued)
		rb_erase_cached(&flow->node, &rq->flows);
	flow->start = start;
	if (queued)
		rb_add_cached(&flow->node, &rq->flows, vgpu_arb_flow_less);
}

/**
 * vgpu_arb_rq_charge() - something of a flow is dispatched
 * @rq: the run queue
 * @flow: the flow
 * @cost_ns: what it will probably cost, in nanoseconds of GPU time
 *
 * Context: any; the caller serialises.
 * Return: what was charged, for vgpu_arb_rq_correct() or vgpu_arb_rq_refund().
 */
u64 vgpu_arb_rq_charge(struct vgpu_arb_rq *rq, struct vgpu_arb_flow *flow, u64 cost_ns)
{
	u64 cost = vgpu_arb_cost(flow->weight, cost_ns), start = flow->start;
	const struct vgpu_arb_flow *first = vgpu_arb_rq_first(rq);

	/* who is served out of turn moves virtual time no further than whose turn it is */
	if (first && vgpu_arb_before(first->start, start))
		start = first->start;
	if (vgpu_arb_before(rq->vtime, start))
		rq->vtime = start;
	vgpu_arb_rq_move(rq, flow, flow->start + cost);
	return cost;
}

/**
 * vgpu_arb_rq_correct() - now it is known what it cost
 * @rq: the run queue
 * @flow: the flow
 * @charged: what vgpu_arb_rq_charge() returned
 * @weight: &vgpu_arb_flow.weight then.  Another may be in force by now; for what was begun
 *	under the old one it would make a debt, or credit, of any size
 * @cost_ns: what it cost, in nanoseconds of GPU time
 *
 * Context: any; the caller serialises.
 */
void vgpu_arb_rq_correct(struct vgpu_arb_rq *rq, struct vgpu_arb_flow *flow, u64 charged,
			 u32 weight, u64 cost_ns)
{
	u64 cost = vgpu_arb_cost(weight, cost_ns);

	if (cost != charged)
		vgpu_arb_rq_move(rq, flow, flow->start - charged + cost);
}

/**
 * vgpu_arb_rq_extend() - it isn't over, and has cost so much already
 * @rq: the run queue
 * @flow: the flow
 * @charged: what vgpu_arb_rq_charge() or this returned last
 * @weight: as for vgpu_arb_rq_correct()
 * @cost_ns: what it has cost, in nanoseconds of GPU time
 *
 * Context: any; the caller serialises.
 * Return: what has been charged for it now; never less than before.
 */
u64 vgpu_arb_rq_extend(struct vgpu_arb_rq *rq, struct vgpu_arb_flow *flow, u64 charged,
		       u32 weight, u64 cost_ns)
{
	u64 cost = vgpu_arb_cost(weight, cost_ns);

	if (cost <= charged)
		return charged;
	vgpu_arb_rq_move(rq, flow, flow->start - charged + cost);
	return cost;
}

/**
 * vgpu_arb_rq_refund() - it wasn't dispatched after all
 * @rq: the run queue
 * @flow: the flow
 * @charged: what vgpu_arb_rq_charge() returned
 *
 * Context: any; the caller serialises.
 */
void vgpu_arb_rq_refund(struct vgpu_arb_rq *rq, struct vgpu_arb_flow *flow, u64 charged)
{
	vgpu_arb_rq_move(rq, flow, flow->start - charged);
}
