// SPDX-License-Identifier: GPL-2.0
/*
 * What others do while somebody is between two steps: a doorbell that has found its
 * queue, a completion that has been written, memory that is being unpinned.
 *
 * The steps in between are made in a hook.  Whoever has to wait for the one in the hook
 * is given a while, and may be through after it.
 */
#include <kunit/test.h>

#include "bar.h"
#include "fixture.h"
#include "queue.h"
#include "queue_guest.h"

#define NONE		VGPU_ERR_NONE

/* Where the second queue of a context has its rings */
#define SECOND_PAGE	84

/* Turns that the host's work items get while the test is in a hook */
#define RACE_TURNS	20

/**
 * struct race - what is done in a hook
 * @q: the queue
 * @opcode: what is asked for in it: VGPU_OP_QUEUE_DESTROY or VGPU_OP_CTX_DESTROY
 * @early: it was answered before the hook returned
 * @error: what BO_DESTROY of the rings said then
 * @pinned: what was pinned then
 * @unmap: takes the rings away
 * @unpinning: @unmap is about to unpin
 * @go: and may go on
 */
struct race {
	struct queue_guest q;
	u32 opcode;
	bool early;
	u32 error;
	u32 pinned;
	struct work_struct unmap;
	bool unpinning;
	bool go;
};

static struct race *race;

static bool race_answered(struct vgpu *vgpu)
{
	return vgpu_reg(vgpu, VGPU_REG_STATUS) != VGPU_STATUS_BUSY;
}

static void race_unmap_work(struct work_struct *work)
{
	vgpu_unmap(&race->q.v->vgpu, vgpu_dma_iova((QUEUE_GUEST_PAGE + 8) * PAGE_SIZE), PAGE_SIZE);
}

static void race_on_unpin(struct vgpu_fixture_vgpu *v)
{
	v->on_unpin = NULL;
	WRITE_ONCE(race->unpinning, true);
	while (!READ_ONCE(race->go))
		schedule_timeout_uninterruptible(1);
}

/* Somebody holds the queue still: it is telling the guest of a completion. */
static void race_on_irq(struct vgpu_fixture_vgpu *v)
{
	u32 i;

	v->on_irq = NULL;
	if (race->opcode == VGPU_OP_CTX_DESTROY)
		vgpu_put(&v->vgpu, VGPU_OP_CTX_DESTROY, race->q.ctx);
	else
		vgpu_put(&v->vgpu, VGPU_OP_QUEUE_DESTROY, race->q.ctx, race->q.id);
	vgpu_reg_set(&v->vgpu, VGPU_REG_DOORBELL, 1);
	for (i = 0; i < RACE_TURNS && !race_answered(&v->vgpu); i++)
		schedule_timeout_uninterruptible(1);
	race->early = race_answered(&v->vgpu);
	if (!race->early)
		return;
	race->pinned = v->pinned;
	if (race->opcode == VGPU_OP_QUEUE_DESTROY)
		race->error = vgpu_do(&v->vgpu, VGPU_OP_BO_DESTROY, race->q.ctx, race->q.bo);
	if (!race->unmap.func)
		return;
	v->on_unpin = race_on_unpin;
	schedule_work(&race->unmap);
	for (i = 0; i < RACE_TURNS && !READ_ONCE(race->unpinning); i++)
		schedule_timeout_uninterruptible(1);
}

/* An entry that is refused in the doorbell, which raises the interrupt. */
static void race_doorbell(struct kunit *test, struct race *r, u32 opcode)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];

	race = r;
	r->opcode = opcode;
	queue_guest_create(test, &r->q, v, 4);
	vgpu_ring_arm_irq(&r->q.ring, 0);
	queue_guest_sqe(&r->q, 0);
	vgpu_ring_submit(&r->q.ring, 99);
	v->on_irq = race_on_irq;
	queue_guest_doorbell(&r->q);
	KUNIT_EXPECT_NULL(test, v->on_irq);
	while (!race_answered(&v->vgpu))
		vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, vgpu_reg(&v->vgpu, VGPU_REG_ERROR_CODE),
			r->early ? r->error : NONE);
}

/* "BO_DESTROY is refused (0x11) while a queue or a job uses the object", not later. */
static void race_queue_destroy(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct race r = {};

	race_doorbell(test, &r, VGPU_OP_QUEUE_DESTROY);
	if (r.early)
		KUNIT_EXPECT_EQ(test, r.error, NONE);
	else
		KUNIT_EXPECT_EQ(test, vgpu_do(&f->v[0].vgpu, VGPU_OP_BO_DESTROY, r.q.ctx, r.q.bo),
				NONE);
	KUNIT_EXPECT_EQ(test, f->v[0].pinned, 0U);
}

/* The memory is the device's until CTX_DESTROY has succeeded, not longer. */
static void race_ctx_destroy(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct race r = {};

	race_doorbell(test, &r, VGPU_OP_CTX_DESTROY);
	if (r.early)
		KUNIT_EXPECT_EQ(test, r.pinned, 0U);
	KUNIT_EXPECT_EQ(test, f->v[0].pinned, 0U);
}

/* The context ends, and the VMM unmaps its memory, while a doorbell holds a queue of it. */
static void race_unmap_behind_doorbell(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct race r = {};

	INIT_WORK_ONSTACK(&r.unmap, race_unmap_work);
	race_doorbell(test, &r, VGPU_OP_CTX_DESTROY);
	WRITE_ONCE(r.go, true);
	flush_work(&r.unmap);
	destroy_work_on_stack(&r.unmap);
	KUNIT_EXPECT_EQ(test, f->v[0].pinned, 0U);
}

/* Entries that need no job: "refuses at most as many in one go". */
static void race_waits_take_turns(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_dev_sqe *sqe;
	struct vgpu_queue *queue;
	struct queue_guest a, b;
	u32 i, n;

	queue_guest_create(test, &a, &f->v[0], 4096);
	queue_guest_add(test, &b, &a, SECOND_PAGE, 4);
	queue_guest_nops(&b, 1);
	queue_guest_kick(&b);
	KUNIT_ASSERT_EQ(test, queue_guest_reap(test, &b, 0), NONE);
	f->mock.sync = false;
	queue_guest_nops(&a, 1);
	queue_guest_kick(&a);
	KUNIT_ASSERT_EQ(test, f->mock.nr_jobs, 1U);
	for (i = 1; i < 4096; i++) {
		sqe = queue_guest_sqe(&a, i);
		sqe->wait.queue = cpu_to_le32(b.id);
		vgpu_ring_submit(&a.ring, VGPU_SQE_WAIT);
	}
	/* whoever completes one job of this guest; then it is others' turn */
	vgpu_mock_complete(&f->mock, vgpu_mock_first(&f->mock), NONE, 0);
	n = le32_to_cpu(a.ring.events->completed);
	KUNIT_EXPECT_LE(test, n, VGPU_QUEUE_WINDOW);
	/* and all are looked at in the end */
	queue = f->v[0].vgpu.queues.queue[a.id];
	while (le32_to_cpu(a.ring.events->completed) < 4096) {
		KUNIT_ASSERT_TRUE(test, flush_delayed_work(&queue->again) ||
				  le32_to_cpu(a.ring.events->completed) > n);
		n = le32_to_cpu(a.ring.events->completed);
	}
	for (i = 0; i < 4096; i++)
		KUNIT_ASSERT_EQ(test, queue_guest_reap(test, &a, i), NONE);
}

static void race_engine_work(struct work_struct *work)
{
	struct vgpu_fixture *f = container_of(race->q.v->vgpu.gpu, struct vgpu_fixture, mock.gpu);

	vgpu_mock_complete(&f->mock, vgpu_mock_first(&f->mock), NONE, 0);
	vgpu_mock_complete(&f->mock, vgpu_mock_first(&f->mock), NONE, 0);
}

/*
 * A processor of one guest is taken away by whoever schedules it, while it serves a
 * queue: it keeps nobody else's jobs from being completed.
 */
static void race_engine_waits_for_nobody(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_queue *queue;
	struct queue_guest other;
	struct race r = {};
	u32 i;

	race = &r;
	queue_guest_create(test, &r.q, &f->v[0], 4);
	queue_guest_create(test, &other, &f->v[1], 4);
	queue = f->v[0].vgpu.queues.queue[r.q.id];
	f->mock.sync = false;
	queue_guest_nops(&r.q, 1);
	queue_guest_kick(&r.q);
	queue_guest_nops(&other, 1);
	queue_guest_kick(&other);
	KUNIT_ASSERT_EQ(test, f->mock.nr_jobs, 2U);
	INIT_WORK_ONSTACK(&r.unmap, race_engine_work);
	mutex_lock(&queue->lock);
	schedule_work(&r.unmap);
	for (i = 0; i < RACE_TURNS && !le32_to_cpu(READ_ONCE(other.ring.events->completed)); i++)
		schedule_timeout_uninterruptible(1);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &other, 0), NONE);
	mutex_unlock(&queue->lock);
	flush_work(&r.unmap);
	destroy_work_on_stack(&r.unmap);
	queue_guest_settle(&r.q);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &r.q, 0), NONE);
}

/*
 * A job ends while somebody else has the lock, and its completion is left to a work item
 * which doesn't get to it before the memory is unmapped: it is written before, or never.
 */
static void race_unmap_before_completion(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_queue *queue;
	struct queue_guest q;
	bool canceled;

	queue_guest_create(test, &q, &f->v[0], 4);
	queue = f->v[0].vgpu.queues.queue[q.id];
	f->mock.sync = false;
	queue_guest_nops(&q, 1);
	queue_guest_kick(&q);
	mutex_lock(&queue->lock);
	vgpu_mock_complete(&f->mock, vgpu_mock_first(&f->mock), NONE, 0);
	/* one processor: nobody has begun it yet */
	canceled = cancel_delayed_work(&queue->again);
	mutex_unlock(&queue->lock);
	KUNIT_ASSERT_TRUE(test, canceled);
	vgpu_unmap(&f->v[0].vgpu, vgpu_dma_iova((QUEUE_GUEST_PAGE + 8) * PAGE_SIZE), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, 0), NONE);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(q.ring.events->completed), 1U);
	memset(f->v[0].mem, 0, (QUEUE_GUEST_PAGE + QUEUE_GUEST_PAGES) * PAGE_SIZE);
	mod_delayed_work(f->mock.gpu.wq, &queue->again, 0);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(q.ring.events->completed), 0U);
}

/* Who sleeps until a completion is told when there won't be any. */
static void race_lost_queue_interrupts(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct queue_guest q;

	queue_guest_create(test, &q, &f->v[0], 4);
	f->mock.sync = false;
	queue_guest_nops(&q, 1);
	queue_guest_kick(&q);
	/* of the second: the first may still complete, canceled */
	vgpu_ring_arm_irq(&q.ring, 1);
	vgpu_unmap(&f->v[0].vgpu, vgpu_dma_iova((QUEUE_GUEST_PAGE + 8) * PAGE_SIZE), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, f->v[0].pinned, 0U);
	KUNIT_EXPECT_EQ(test, f->v[0].irqs, 1U);
}

/*
 * VFIO type1 asks ten times and no more: the eleventh is BUG_ON().  A VMM can let any
 * time pass between two of them, and the guest try to pin anew.
 */
static void race_unmap_asked_again(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	u32 ctx = vgpu_fixture_ctx(test, &v->vgpu), at = (VGPU_FIXTURE_PAGES - 1) * PAGE_SIZE;
	struct vgpu_dev_page_list *list = (void *)(v->mem + at);
	u32 asked = 0;

	vgpu_fixture_system_bo(test, v, ctx, 2, 1);
	for (; v->pinned && asked < 11; asked++) {
		vgpu_unmap(&v->vgpu, vgpu_dma_iova(2 * PAGE_SIZE), PAGE_SIZE);
		/* the VMM's thread may have the lowest priority there is: there is time for all */
		vgpu_reset(&v->vgpu);
		vgpu_fixture_enable(test, &v->vgpu, VGPU_FEATURES);
		ctx = vgpu_fixture_ctx(test, &v->vgpu);
		vgpu_do(&v->vgpu, VGPU_OP_BO_CREATE_SYSTEM, ctx, PAGE_SIZE, 0, at, 0);
	}
	KUNIT_EXPECT_EQ(test, asked, 1U);
	/* nor after many others */
	for (asked = 0; asked < 20; asked++) {
		vgpu_fixture_system_bo(test, v, ctx, 3 + asked, 1);
		vgpu_unmap(&v->vgpu, vgpu_dma_iova((3 + asked) * PAGE_SIZE), PAGE_SIZE);
	}
	list->extent[0].addr = cpu_to_le64(2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, vgpu_do(&v->vgpu, VGPU_OP_BO_CREATE_SYSTEM, ctx, PAGE_SIZE, 0, at,
				      0), VGPU_ERR_BAD_ADDRESS);
	/* those behind are not affected */
	vgpu_fixture_system_bo(test, v, ctx, 30, 1);
}

static struct kunit_case race_cases[] = {
	KUNIT_CASE(race_queue_destroy),
	KUNIT_CASE(race_ctx_destroy),
	KUNIT_CASE(race_waits_take_turns),
	KUNIT_CASE(race_unmap_behind_doorbell),
	KUNIT_CASE(race_engine_waits_for_nobody),
	KUNIT_CASE(race_unmap_before_completion),
	KUNIT_CASE(race_lost_queue_interrupts),
	KUNIT_CASE(race_unmap_asked_again),
	{}
};

static struct kunit_suite race_suite = {
	.name = "vgpu_queue_race",
	.init = vgpu_fixture_init,
	.exit = vgpu_fixture_exit,
	.test_cases = race_cases,
};

kunit_test_suite(race_suite);
