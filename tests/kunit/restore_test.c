// SPDX-License-Identifier: GPL-2.0
/* Objects with the handles they had, and queues that go on where they were. */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/workqueue.h>

#include "bar.h"
#include "module.h"
#include "fixture.h"
#include "queue_guest.h"

#define NONE		VGPU_ERR_NONE
#define INVALID		VGPU_ERR_INVALID_REQUEST
#define HANDLE		VGPU_ERR_BAD_HANDLE
#define BUSY		VGPU_ERR_BUSY

/* What is in the rings of a queue when all before @start has completed, and been reaped */
static void restore_rings(struct queue_guest *q, u32 start)
{
	u32 entries = q->ring.mask + 1, i;

	for (i = start - entries; i != start; i++) {
		q->ring.sq[i & q->ring.mask].control =
			cpu_to_le32(VGPU_SQE_NOP | vgpu_ring_phase(i, q->ring.mask));
		((struct vgpu_dev_cqe *)q->ring.cq)[i & q->ring.mask].control =
			cpu_to_le32(vgpu_ring_phase(i, q->ring.mask));
	}
	q->ring.events->completed = cpu_to_le32(start);
	q->ring.submitted = start;
	q->ring.kicked = start;
	q->ring.reaped = start;
}

static u32 restore_queue(struct queue_guest *q, u32 page, u32 want, u32 start)
{
	return vgpu_do(&q->v->vgpu, VGPU_OP_QUEUE_CREATE, q->ctx, q->bo, page * PAGE_SIZE, 0,
		       q->ring.mask + 1, 0, want, start);
}

/* Further parameters are known with the feature only, and then all of them or none. */
static void restore_feature(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = &f->v[0].vgpu;
	struct queue_guest q = { .v = &f->v[0] };
	u32 round;

	for (round = 0; round < 2; round++) {
		u32 want = round ? NONE : INVALID;

		vgpu_reset(vgpu);
		vgpu_fixture_enable(test, vgpu,
				    round ? VGPU_FEATURES : VGPU_FEATURES & ~VGPU_FEATURE_RESTORE);
		q.ctx = vgpu_fixture_ctx(test, vgpu);
		q.bo = vgpu_fixture_system_bo(test, q.v, q.ctx, QUEUE_GUEST_PAGE, 4);
		KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_CREATE, q.ctx, 1, 0, 0), want);
		KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_CREATE, q.ctx, 1, 0), NONE);
		KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_MODULE_LOAD, q.ctx, 0, 0), want);
		KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_MODULE_LOAD, q.ctx, 0), NONE);
		KUNIT_EXPECT_EQ(test, vgpu_do_data(vgpu, VGPU_OP_KERNEL_GET, "sha256", 6, q.ctx,
						   1, 0), want);
		KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_QUEUE_CREATE, q.ctx, q.bo, 0, 0, 4, 0,
					      0, 0), want);
		KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_QUEUE_CREATE, q.ctx, q.bo, 0, 0, 4, 0,
					      0), INVALID);
		KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_CREATE, q.ctx, 1, 0, 0, 0),
				INVALID);
		KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_CTX_CREATE, 0), INVALID);
	}
}

/* Handles: any, the first, the last, taken, and those that are never given. */
static void restore_handles(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = &f->v[0].vgpu;
	u32 ctx = vgpu_fixture_ctx(test, vgpu), used, at, i;
	static const struct {
		u32 opcode;
		u32 last;
	} table[] = {
		{ VGPU_OP_BO_CREATE, VGPU_MAX_BOS }, { VGPU_OP_BO_CREATE_SYSTEM, VGPU_MAX_BOS },
		{ VGPU_OP_MODULE_LOAD, VGPU_MAX_MODULES },
		{ VGPU_OP_KERNEL_GET, VGPU_MAX_KERNELS },
	};
	struct vgpu_dev_page_list *list;

	at = (VGPU_FIXTURE_PAGES - 1) * PAGE_SIZE;
	list = (void *)(f->v[0].mem + at);
	list->count = cpu_to_le32(1);
	list->extent[0].addr = cpu_to_le64(QUEUE_GUEST_PAGE * PAGE_SIZE);
	list->extent[0].length = cpu_to_le64(PAGE_SIZE);
#define MAKE(want) ({									\
	u32 __want = want;								\
	table[i].opcode == VGPU_OP_BO_CREATE ?						\
		vgpu_do(vgpu, VGPU_OP_BO_CREATE, ctx, PAGE_SIZE, 0, __want) :		\
	table[i].opcode == VGPU_OP_BO_CREATE_SYSTEM ?					\
		vgpu_do(vgpu, VGPU_OP_BO_CREATE_SYSTEM, ctx, PAGE_SIZE, 0, at, 0,	\
			__want) :							\
	table[i].opcode == VGPU_OP_MODULE_LOAD ?					\
		vgpu_do(vgpu, VGPU_OP_MODULE_LOAD, ctx, 0, __want) :			\
		vgpu_do_data(vgpu, VGPU_OP_KERNEL_GET, "sha256", 6, ctx, 40, __want);	\
})
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		if (table[i].opcode == VGPU_OP_BO_CREATE_SYSTEM) {
			KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_CTX_DESTROY, ctx), NONE);
			ctx = vgpu_fixture_ctx(test, vgpu);
		}
		if (table[i].opcode == VGPU_OP_KERNEL_GET) {
			KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_MODULE_LOAD, ctx, 0, 40),
					NONE);
		}
		KUNIT_EXPECT_EQ_MSG(test, MAKE(7), NONE, "%#x", table[i].opcode);
		KUNIT_EXPECT_EQ(test, vgpu_response_result(vgpu, 0), 7U);
		KUNIT_EXPECT_EQ(test, MAKE(table[i].last), NONE);
		KUNIT_EXPECT_EQ(test, vgpu_response_result(vgpu, 0), table[i].last);
		/* what is refused leaves nothing behind */
		used = vgpu->quota.nr_bos;
		KUNIT_EXPECT_EQ(test, MAKE(7), BUSY);
		KUNIT_EXPECT_EQ(test, MAKE(table[i].last), BUSY);
		KUNIT_EXPECT_EQ(test, MAKE(table[i].last + 1), HANDLE);
		KUNIT_EXPECT_EQ(test, MAKE(1U << 31), HANDLE);
		KUNIT_EXPECT_EQ(test, MAKE(~0U), HANDLE);
		KUNIT_EXPECT_EQ(test, vgpu->quota.nr_bos, used);
		/* any: the first that is free, around those that were wanted */
		KUNIT_EXPECT_EQ(test, MAKE(1), NONE);
		KUNIT_EXPECT_EQ(test, MAKE(0), NONE);
		KUNIT_EXPECT_EQ(test, vgpu_response_result(vgpu, 0), 2U);
	}
#undef MAKE
}

/* Numbers of queues, one more than which is what is wanted. */
static void restore_queue_numbers(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	struct queue_guest q = { .v = v, .ring.mask = 3 };
	struct vgpu *vgpu = &v->vgpu;

	q.ctx = vgpu_fixture_ctx(test, vgpu);
	q.bo = vgpu_fixture_system_bo(test, v, q.ctx, QUEUE_GUEST_PAGE, QUEUE_GUEST_PAGES);
	KUNIT_EXPECT_EQ(test, restore_queue(&q, 0, VGPU_MAX_QUEUES, 0), NONE);
	KUNIT_EXPECT_EQ(test, vgpu_response_result(vgpu, 0), VGPU_MAX_QUEUES - 1);
	KUNIT_EXPECT_EQ(test, restore_queue(&q, 2, VGPU_MAX_QUEUES, 0), BUSY);
	KUNIT_EXPECT_EQ(test, restore_queue(&q, 2, VGPU_MAX_QUEUES + 1, 0), HANDLE);
	KUNIT_EXPECT_EQ(test, restore_queue(&q, 2, ~0U, 0), HANDLE);
	KUNIT_EXPECT_EQ(test, restore_queue(&q, 2, 1, 0), NONE);
	KUNIT_EXPECT_EQ(test, vgpu_response_result(vgpu, 0), 0U);
	KUNIT_EXPECT_EQ(test, restore_queue(&q, 4, 0, 0), NONE);
	KUNIT_EXPECT_EQ(test, vgpu_response_result(vgpu, 0), 1U);
	/* another context's is taken as well */
	q.ctx = vgpu_fixture_ctx(test, vgpu);
	q.bo = vgpu_fixture_system_bo(test, v, q.ctx, QUEUE_GUEST_PAGE, QUEUE_GUEST_PAGES);
	KUNIT_EXPECT_EQ(test, restore_queue(&q, 6, 2, 0), BUSY);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_DESTROY, q.ctx, q.bo), NONE);
}

/* A queue goes on at any index: its entries are taken, its completions come in order. */
static void restore_start(struct kunit *test)
{
	static const u32 starts[] = { 0, 1, 3, 4, 1000, 0x7ffffffe, 0x80000001, ~0U - 1, ~0U };
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	struct queue_guest q;
	u32 i, k, n;

	queue_guest_create(test, &q, v, 4);
	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		KUNIT_EXPECT_EQ(test, vgpu_do(&v->vgpu, VGPU_OP_QUEUE_DESTROY, q.ctx, q.id), NONE);
		restore_rings(&q, starts[i]);
		/* of a device that is no more: it would have to be told */
		q.ring.events->sq_event = cpu_to_le32(starts[i] + VGPU_RING_FAR);
		queue_guest_nops(&q, 2);
		KUNIT_ASSERT_EQ(test, restore_queue(&q, 0, 1, starts[i]), NONE);
		KUNIT_EXPECT_EQ(test, vgpu_response_result(&v->vgpu, 0), q.id);
		/* not before it is rung for */
		KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, starts[i]), -1);
		q.ring.events->cq_event = cpu_to_le32(starts[i] + 1);
		n = v->irqs;
		queue_guest_doorbell(&q);
		vgpu_mock_settle(&f->mock);
		KUNIT_EXPECT_EQ(test, v->irqs, n + 1);
		KUNIT_EXPECT_EQ(test, le32_to_cpu(q.ring.events->completed), starts[i] + 2);
		/* and from then on as ever, more than a lap */
		q.ring.kicked = q.ring.submitted;
		for (k = 0; k < 6; k++) {
			KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, starts[i] + k), NONE);
			queue_guest_nops(&q, 1);
			KUNIT_EXPECT_TRUE(test, queue_guest_kick(&q));
		}
		while (queue_guest_reap(test, &q, starts[i] + k) == NONE)
			k++;
		KUNIT_EXPECT_EQ(test, k, 8U);
	}
}

/* A wait between queues that are made again, and for what was long ago. */
static void restore_wait(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	struct queue_guest a, b;
	struct vgpu_dev_sqe *sqe;

	queue_guest_create(test, &a, v, 4);
	queue_guest_add(test, &b, &a, 8, 4);
	KUNIT_EXPECT_EQ(test, vgpu_do(&v->vgpu, VGPU_OP_QUEUE_DESTROY, a.ctx, a.id), NONE);
	KUNIT_EXPECT_EQ(test, vgpu_do(&v->vgpu, VGPU_OP_QUEUE_DESTROY, a.ctx, b.id), NONE);
	restore_rings(&a, 5);
	restore_rings(&b, 1000);
	/* b's last one, which has completed, and the next but one */
	sqe = queue_guest_sqe(&a, 5);
	sqe->wait.queue = cpu_to_le32(b.id);
	sqe->wait.index = cpu_to_le32(999);
	vgpu_ring_submit(&a.ring, VGPU_SQE_WAIT);
	sqe = queue_guest_sqe(&a, 6);
	sqe->wait.queue = cpu_to_le32(b.id);
	sqe->wait.index = cpu_to_le32(1001);
	vgpu_ring_submit(&a.ring, VGPU_SQE_WAIT);
	/* the one that waits is there first: it is not looked at */
	KUNIT_ASSERT_EQ(test, restore_queue(&a, 0, a.id + 1, 5), NONE);
	KUNIT_ASSERT_EQ(test, restore_queue(&b, 8, b.id + 1, 1000), NONE);
	queue_guest_doorbell(&a);
	queue_guest_doorbell(&b);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 5), NONE);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 6), -1);
	queue_guest_nops(&b, 1);
	KUNIT_EXPECT_TRUE(test, queue_guest_kick(&b));
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 6), -1);
	queue_guest_nops(&b, 1);
	KUNIT_EXPECT_TRUE(test, queue_guest_kick(&b));
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 6), NONE);
}

/**
 * struct restore_reset - a reset by somebody else
 * @work: makes it
 * @vgpu: of what
 */
struct restore_reset {
	struct work_struct work;
	struct vgpu *vgpu;
};

static void restore_reset_work(struct work_struct *work)
{
	vgpu_reset(container_of(work, struct restore_reset, work)->vgpu);
}

/*
 * A reset is no end of a wait: who makes the queue again finds its rings as they were.  It
 * gets stuck between the queue that is waited for and the one that waits.
 */
static void restore_reset(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = &f->v[0].vgpu;
	struct restore_reset reset = { .vgpu = vgpu };
	struct queue_guest awaited, between, waiter;
	struct vgpu_queue *queue[3];
	struct vgpu_dev_sqe *sqe;

	queue_guest_create(test, &awaited, &f->v[0], 4);
	queue_guest_add(test, &between, &awaited, 2, 4);
	queue_guest_add(test, &waiter, &awaited, 4, 4);
	memcpy(queue, vgpu->queues.queue, sizeof(queue));
	sqe = queue_guest_sqe(&waiter, 0);
	sqe->wait.queue = cpu_to_le32(awaited.id);
	vgpu_ring_submit(&waiter.ring, VGPU_SQE_WAIT);
	queue_guest_nops(&waiter, 1);
	queue_guest_kick(&waiter);
	KUNIT_EXPECT_EQ(test, queue[2]->waiting, true);

	INIT_WORK_ONSTACK(&reset.work, restore_reset_work);
	mutex_lock(&queue[1]->lock);
	queue_work(system_unbound_wq, &reset.work);
	while (READ_ONCE(queue[0]->state) == VGPU_QUEUE_RUNNING)
		usleep_range(100, 1000);
	/* what the end of the first one has begun */
	flush_delayed_work(&queue[2]->again);
	mutex_unlock(&queue[1]->lock);
	flush_work(&reset.work);
	destroy_work_on_stack(&reset.work);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(waiter.ring.events->completed), 0U);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &waiter, 0), -1);
}

static struct kunit_case restore_cases[] = {
	KUNIT_CASE(restore_feature),
	KUNIT_CASE(restore_handles),
	KUNIT_CASE(restore_queue_numbers),
	KUNIT_CASE(restore_start),
	KUNIT_CASE(restore_wait),
	KUNIT_CASE(restore_reset),
	{}
};

static struct kunit_suite restore_suite = {
	.name = "vgpu_restore",
	.init = vgpu_fixture_init,
	.exit = vgpu_fixture_exit,
	.test_cases = restore_cases,
};

kunit_test_suite(restore_suite);
