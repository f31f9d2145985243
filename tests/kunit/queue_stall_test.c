// SPDX-License-Identifier: GPL-2.0
/* Queues of a vGPU that may submit no more for now: nothing is refused, nothing is lost. */
#include <kunit/test.h>

#include "fixture.h"
#include "queue.h"
#include "queue_guest.h"
#include "request.h"
#include "serve.h"

#define NONE		VGPU_ERR_NONE
#define CANCELED	VGPU_ERR_CANCELED

/* Where the second queue has its rings */
#define SECOND_PAGE	8

static struct vgpu_queue *stall_queue(const struct queue_guest *q)
{
	return q->v->vgpu.queues.queue[q->id];
}

/* How many jobs the arbiter and the backend have */
static u32 stall_pending(struct vgpu_fixture *f)
{
	return f->v[0].vgpu.entity.nr_pending;
}

/* A guest's processor that stands still in a doorbell holds up no worker that looks. */
static void stall_in_doorbell(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct queue_guest a;

	queue_guest_create(test, &a, &f->v[0], 16);
	mutex_lock(&stall_queue(&a)->lock);
	queue_guest_nops(&a, 1);
	vgpu_serve_again(stall_queue(&a));
	/* would wait for us */
	flush_delayed_work(&stall_queue(&a)->again);
	KUNIT_EXPECT_EQ(test, stall_pending(f), 0U);
	mutex_unlock(&stall_queue(&a)->lock);
	queue_guest_settle(&a);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 0), NONE);
}

/* Two jobs may wait; the third stays, and those behind it in the ring, and comes in its turn. */
static void stall_full(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct queue_guest a, b;
	u32 i;

	queue_guest_create(test, &a, &f->v[0], 16);
	queue_guest_add(test, &b, &a, SECOND_PAGE, 16);
	f->mock.sync = false;
	vgpu_arb_entity_set_queue_limit(&f->v[0].vgpu.entity, 2);
	/* two on the GPU first, so that it is known how many wait */
	queue_guest_nops(&a, VGPU_FIXTURE_DEPTH);
	queue_guest_kick(&a);
	vgpu_mock_settle(&f->mock);
	queue_guest_nops(&a, 12);
	queue_guest_doorbell(&a);
	KUNIT_EXPECT_TRUE(test, stall_queue(&a)->stalled);
	KUNIT_EXPECT_EQ(test, stall_pending(f), VGPU_FIXTURE_DEPTH + 2U);
	KUNIT_EXPECT_EQ(test, vgpu_serve_taken(stall_queue(&a)), VGPU_FIXTURE_DEPTH + 3U);
	/* another queue of the vGPU likewise */
	queue_guest_nops(&b, 4);
	queue_guest_doorbell(&b);
	KUNIT_EXPECT_TRUE(test, stall_queue(&b)->stalled);
	KUNIT_EXPECT_EQ(test, f->v[0].vgpu.entity.nr_waiting, 2U);
	/* a doorbell doesn't help */
	queue_guest_doorbell(&a);
	KUNIT_EXPECT_EQ(test, stall_pending(f), VGPU_FIXTURE_DEPTH + 2U);
	while (stall_pending(f)) {
		vgpu_mock_complete_first(&f->mock, NONE);
		vgpu_mock_settle(&f->mock);
		KUNIT_ASSERT_LE(test, f->v[0].vgpu.entity.nr_waiting, 2U);
	}
	for (i = 0; i < VGPU_FIXTURE_DEPTH; i++)
		KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, i), NONE);
	for (i = 0; i < 12; i++)
		KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, VGPU_FIXTURE_DEPTH + i), NONE);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &b, i), NONE);
	KUNIT_EXPECT_EQ(test, vgpu_stats_rejected(&f->v[0].vgpu.entity.stats), 0ULL);
	/* and they take doorbells again */
	queue_guest_nops(&a, 1);
	KUNIT_EXPECT_TRUE(test, queue_guest_kick(&a));
	queue_guest_nops(&b, 1);
	KUNIT_EXPECT_TRUE(test, queue_guest_kick(&b));
	while (vgpu_mock_complete_first(&f->mock, NONE))
		;
}

/* What is over its rate goes on when that permits it, with no doorbell. */
static void stall_rate(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_arb_entity *entity = &f->v[0].vgpu.entity;
	struct queue_guest a;
	u32 i;

	queue_guest_create(test, &a, &f->v[0], 16);
	vgpu_arb_entity_set_burst(entity, 2, ktime_get_ns());
	vgpu_arb_entity_set_rate_limit(entity, 1, ktime_get_ns());
	queue_guest_nops(&a, 4);
	queue_guest_kick(&a);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_TRUE(test, stall_queue(&a)->stalled);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(a.ring.events->completed), 2U);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&stall_queue(&a)->again));
	/* a second from when it found no room, to the jiffy */
	KUNIT_EXPECT_TRUE(test, time_before(stall_queue(&a)->again.timer.expires,
					    jiffies + HZ + 3));
	vgpu_arb_entity_set_rate_limit(entity, 1000, ktime_get_ns());
	while (le32_to_cpu(a.ring.events->completed) < 4)
		KUNIT_ASSERT_TRUE(test, flush_delayed_work(&stall_queue(&a)->again) ||
				  le32_to_cpu(a.ring.events->completed) == 4);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, i), NONE);
	KUNIT_EXPECT_FALSE(test, stall_queue(&a)->stalled);
	KUNIT_EXPECT_EQ(test, vgpu_stats_rejected(&f->v[0].vgpu.entity.stats), 0ULL);
}

/* With the mailbox it is the guest's to try again, and it is told when. */
static void stall_mailbox(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = &f->v[0].vgpu;
	u32 retry_us;

	vgpu_arb_entity_set_burst(&vgpu->entity, 1, ktime_get_ns());
	vgpu_arb_entity_set_rate_limit(&vgpu->entity, 1, ktime_get_ns());
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_COMPUTE, 1, 2), NONE);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(vgpu_response_head(vgpu).retry_us), 0U);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_COMPUTE, 1, 2), VGPU_ERR_RATE_LIMITED);
	retry_us = le32_to_cpu(vgpu_response_head(vgpu).retry_us);
	KUNIT_EXPECT_GT(test, retry_us, 0U);
	KUNIT_EXPECT_LE(test, retry_us, 1000000U);
	/* objects it may make and end as it likes */
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_CTX_CREATE), NONE);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_CTX_DESTROY, 1), NONE);
	vgpu_arb_entity_set_rate_limit(&vgpu->entity, 0, ktime_get_ns());
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_COMPUTE, 1, 2), NONE);
}

/* A queue of which a job that names an object waits for room */
static void stall_make(struct kunit *test, struct queue_guest *a)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_dev_sqe *sqe;
	u32 bo;

	queue_guest_create(test, a, &f->v[0], 16);
	bo = vgpu_fixture_system_bo(test, &f->v[0], a->ctx, 120, 1);
	vgpu_arb_entity_set_burst(&f->v[0].vgpu.entity, 1, ktime_get_ns());
	vgpu_arb_entity_set_rate_limit(&f->v[0].vgpu.entity, 1, ktime_get_ns());
	queue_guest_nops(a, 1);
	sqe = queue_guest_sqe(a, 1);
	sqe->fill.dst = cpu_to_le32(bo);
	sqe->fill.length = cpu_to_le64(64);
	vgpu_ring_submit(&a->ring, VGPU_SQE_FILL);
	queue_guest_nops(a, 1);
	queue_guest_kick(a);
	vgpu_mock_settle(&f->mock);
	KUNIT_ASSERT_TRUE(test, stall_queue(a)->stalled);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, a, 0), NONE);
}

static void stall_abort(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = &f->v[0].vgpu;
	struct queue_guest a;

	stall_make(test, &a);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_QUEUE_ABORT, a.ctx, a.id), NONE);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 1), CANCELED);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 2), CANCELED);
	KUNIT_EXPECT_FALSE(test, stall_queue(&a)->stalled);
	vgpu_arb_entity_set_rate_limit(&vgpu->entity, 0, ktime_get_ns());
	queue_guest_nops(&a, 1);
	KUNIT_EXPECT_TRUE(test, queue_guest_kick(&a));
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 3), NONE);
}

/* The memory that its job names goes: the job is over, the queue goes on. */
static void stall_unmap(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct queue_guest a;

	stall_make(test, &a);
	vgpu_unmap(&f->v[0].vgpu, vgpu_dma_iova(120 * PAGE_SIZE), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, f->v[0].pins[120], 0U);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 1), CANCELED);
	vgpu_arb_entity_set_rate_limit(&f->v[0].vgpu.entity, 0, ktime_get_ns());
	queue_guest_doorbell(&a);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 2), NONE);
}

static void stall_reset(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct queue_guest a;

	stall_make(test, &a);
	vgpu_reset(&f->v[0].vgpu);
	KUNIT_EXPECT_EQ(test, f->v[0].pinned, 0U);
	KUNIT_EXPECT_EQ(test, f->v[0].vgpu.quota.nr_bos, 0U);
	/* policy survives a reset */
	KUNIT_EXPECT_EQ(test, f->v[0].vgpu.entity.rate_limit, 1U);
}

static struct kunit_case stall_cases[] = {
	KUNIT_CASE(stall_in_doorbell),
	KUNIT_CASE(stall_full),
	KUNIT_CASE(stall_rate),
	KUNIT_CASE(stall_mailbox),
	KUNIT_CASE(stall_abort),
	KUNIT_CASE(stall_unmap),
	KUNIT_CASE(stall_reset),
	{}
};

static struct kunit_suite stall_suite = {
	.name = "vgpu_queue_stall",
	.init = vgpu_fixture_init,
	.exit = vgpu_fixture_exit,
	.test_cases = stall_cases,
};

kunit_test_suite(stall_suite);
