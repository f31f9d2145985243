// SPDX-License-Identifier: GPL-2.0
/* What orders the jobs of several queues, and what calls them off. */
#include <kunit/test.h>

#include "bar.h"
#include "fixture.h"
#include "poll.h"
#include "queue.h"
#include "queue_guest.h"
#include "request.h"
#include "serve.h"

#define NONE		VGPU_ERR_NONE
#define INVALID		VGPU_ERR_INVALID_REQUEST
#define CANCELED	VGPU_ERR_CANCELED

/* Where the second and third queue of a context have their rings */
#define SECOND_PAGE	8
#define THIRD_PAGE	16

static void order_wait(struct queue_guest *q, const struct queue_guest *on, u32 index)
{
	struct vgpu_dev_sqe *sqe = queue_guest_sqe(q, q->ring.submitted);

	sqe->wait.queue = cpu_to_le32(on->id);
	sqe->wait.index = cpu_to_le32(index);
	vgpu_ring_submit(&q->ring, VGPU_SQE_WAIT);
}

static u32 order_completed(struct queue_guest *q)
{
	return le32_to_cpu(q->ring.events->completed);
}

/* Entries behind one that waits stay where they are until the fence is passed. */
static void order_wait_stalls(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct queue_guest a, b;
	u32 i;

	queue_guest_create(test, &a, &f->v[0], 16);
	queue_guest_add(test, &b, &a, SECOND_PAGE, 16);
	f->mock.sync = false;
	/* two of a's own before, two behind; the fence is b's second */
	queue_guest_nops(&a, 2);
	order_wait(&a, &b, 1);
	queue_guest_nops(&a, 2);
	queue_guest_kick(&a);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, 2U);
	vgpu_mock_complete_first(&f->mock, NONE);
	vgpu_mock_complete_first(&f->mock, NONE);
	KUNIT_EXPECT_EQ(test, order_completed(&a), 2U);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, 0U);
	/* a doorbell doesn't help */
	queue_guest_doorbell(&a);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, 0U);
	queue_guest_nops(&b, 2);
	queue_guest_kick(&b);
	vgpu_mock_complete_first(&f->mock, NONE);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, order_completed(&a), 2U);
	vgpu_mock_complete_first(&f->mock, VGPU_ERR_GPU);
	/* by a work item */
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, order_completed(&a), 3U);
	while (vgpu_mock_complete_first(&f->mock, NONE))
		;
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, i), NONE);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 5), -1);
	/* one that was passed long ago costs nothing; and a takes doorbells again */
	order_wait(&a, &b, 0);
	order_wait(&a, &b, 0x80000003U);
	KUNIT_EXPECT_TRUE(test, queue_guest_kick(&a));
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 5), NONE);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 6), NONE);
}

/* Fences that are passed don't keep whoever looks at them from anything else. */
static void order_waits_take_turns(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_queue *queue;
	struct queue_guest a, b;
	u32 i;

	queue_guest_create(test, &a, &f->v[0], 256);
	queue_guest_add(test, &b, &a, SECOND_PAGE, 4);
	queue_guest_nops(&b, 1);
	queue_guest_kick(&b);
	vgpu_mock_settle(&f->mock);
	for (i = 0; i < 256; i++)
		order_wait(&a, &b, 0);
	queue_guest_doorbell(&a);
	/* in the doorbell itself not all of them */
	KUNIT_EXPECT_LT(test, order_completed(&a), 256U);
	queue = f->v[0].vgpu.queues.queue[a.id];
	while (order_completed(&a) < 256)
		KUNIT_ASSERT_TRUE(test, flush_delayed_work(&queue->again) ||
				  order_completed(&a) == 256);
	for (i = 0; i < 256; i++)
		KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, i), NONE);
}

static void order_wait_bad(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct queue_guest a, b, other;
	struct vgpu_dev_sqe *sqe;
	u32 i, n = 0;
	int status;

	queue_guest_create(test, &a, &f->v[0], 4);
	queue_guest_add(test, &b, &a, SECOND_PAGE, 4);
	queue_guest_nops(&b, 1);
	queue_guest_kick(&b);
	/* of another context; its rings are a's, but it isn't used */
	other.v = a.v;
	other.ctx = vgpu_fixture_ctx(test, &a.v->vgpu);
	other.bo = vgpu_fixture_system_bo(test, a.v, other.ctx, QUEUE_GUEST_PAGE,
					  QUEUE_GUEST_PAGES);
	KUNIT_ASSERT_EQ(test, queue_guest_request(&other, 4), NONE);
	other.id = vgpu_response_result(&a.v->vgpu, 0);
#define TRY(expect, change) do {							\
	sqe = queue_guest_sqe(&a, n);							\
	sqe->wait.queue = cpu_to_le32(b.id);						\
	change;										\
	vgpu_ring_submit(&a.ring, VGPU_SQE_WAIT);					\
	queue_guest_kick(&a);								\
	status = queue_guest_reap(test, &a, n++);					\
	KUNIT_EXPECT_EQ_MSG(test, status, (int)(expect), "%s", #change);		\
} while (0)
	TRY(NONE, (void)0);
	TRY(INVALID, sqe->wait.queue = cpu_to_le32(a.id));
	TRY(VGPU_ERR_BAD_HANDLE, sqe->wait.queue = cpu_to_le32(other.id));
	TRY(VGPU_ERR_BAD_HANDLE, sqe->wait.queue = cpu_to_le32(other.id + 1));
	TRY(VGPU_ERR_BAD_HANDLE, sqe->wait.queue = cpu_to_le32(VGPU_MAX_QUEUES));
	TRY(VGPU_ERR_BAD_HANDLE, sqe->wait.queue = cpu_to_le32(~0U));
	for (i = 0; i < 5; i++)
		TRY(INVALID, sqe->wait.reserved[i] = cpu_to_le64(1));
#undef TRY
}

/* Three that wait for one another; each way out lets the others go on. */
static void order_wait_cycle(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = &f->v[0].vgpu;
	struct queue_guest a, b, c;

	queue_guest_create(test, &a, &f->v[0], 4);
	queue_guest_add(test, &b, &a, SECOND_PAGE, 4);
	queue_guest_add(test, &c, &a, THIRD_PAGE, 4);
	order_wait(&a, &b, 0);
	queue_guest_kick(&a);
	order_wait(&b, &c, 0);
	queue_guest_kick(&b);
	order_wait(&c, &a, 0);
	queue_guest_nops(&c, 1);
	queue_guest_kick(&c);
	KUNIT_EXPECT_EQ(test, order_completed(&a) + order_completed(&b) + order_completed(&c), 0U);
	/* c's wait is called off, which is b's fence, which is a's, which c no longer wants */
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_QUEUE_ABORT, c.ctx, c.id), NONE);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &c, 0), CANCELED);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &c, 1), CANCELED);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &b, 0), NONE);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 0), NONE);

	/* the queue that is waited for ends; who waited goes on */
	order_wait(&a, &b, 77);
	queue_guest_nops(&a, 1);
	queue_guest_kick(&a);
	order_wait(&c, &b, 77);
	queue_guest_kick(&c);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_QUEUE_DESTROY, b.ctx, b.id), NONE);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 1), CANCELED);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 2), NONE);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &c, 2), CANCELED);

	/* who waits ends, and then whom it waited for gets further */
	order_wait(&a, &c, 3);
	queue_guest_kick(&a);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_QUEUE_DESTROY, a.ctx, a.id), NONE);
	queue_guest_nops(&c, 1);
	queue_guest_kick(&c);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &c, 3), NONE);
	KUNIT_EXPECT_EQ(test, vgpu->queues.queue[c.id]->waiters, 0UL);
}

/* A reset, an unmap and a context's end, with queues that wait for one another. */
static void order_wait_end(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = &f->v[0].vgpu;
	struct queue_guest a, b;
	u32 how;

	for (how = 0; how < 3; how++) {
		queue_guest_create(test, &a, &f->v[0], 4);
		queue_guest_add(test, &b, &a, SECOND_PAGE, 4);
		order_wait(&a, &b, 0);
		queue_guest_kick(&a);
		order_wait(&b, &a, 0);
		queue_guest_kick(&b);
		switch (how) {
		case 0:
			KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_CTX_DESTROY, a.ctx), NONE);
			break;
		case 1:
			vgpu_reset(vgpu);
			vgpu_fixture_enable(test, vgpu, VGPU_FEATURES);
			break;
		case 2:
			vgpu_unmap(vgpu, vgpu_dma_iova((QUEUE_GUEST_PAGE + 1) * PAGE_SIZE),
				   PAGE_SIZE);
			KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_QUEUE_ABORT, a.ctx, a.id),
					VGPU_ERR_BAD_ADDRESS);
			KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_CTX_DESTROY, a.ctx), NONE);
			break;
		}
		KUNIT_EXPECT_EQ(test, f->v[0].pinned, 0U);
		KUNIT_EXPECT_EQ(test, vgpu->entity.nr_pending, 0U);
		memset(f->v[0].mem, 0, (QUEUE_GUEST_PAGE + QUEUE_GUEST_PAGES) * PAGE_SIZE);
	}
}

/* Everything that was submitted before is over, and the queue goes on. */
static void order_abort(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = &f->v[0].vgpu;
	struct queue_guest a, b;
	u32 i;

	queue_guest_create(test, &a, &f->v[0], 128);
	queue_guest_add(test, &b, &a, SECOND_PAGE, 4);
	f->mock.sync = false;
	queue_guest_nops(&a, 100);
	queue_guest_kick(&a);
	queue_guest_nops(&b, 1);
	queue_guest_kick(&b);
	vgpu_put(vgpu, VGPU_OP_QUEUE_ABORT, a.ctx, a.id);
	vgpu_reg_set(vgpu, VGPU_REG_DOORBELL, 1);
	/* it doesn't wait for the jobs that it calls off */
	while (vgpu_reg(vgpu, VGPU_REG_STATUS) == VGPU_STATUS_BUSY) {
		if (!vgpu_mock_complete_first(&f->mock, NONE))
			vgpu_mock_settle(&f->mock);
	}
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_ERROR_CODE), NONE);
	KUNIT_EXPECT_EQ(test, order_completed(&a), 100U);
	for (i = 0; queue_guest_reap(test, &a, i) == NONE; i++)
		;
	/* that was the first of them that did not run */
	KUNIT_EXPECT_LT(test, i, 100U);
	for (i++; i < 100; i++)
		KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, i), CANCELED);
	while (vgpu_mock_complete_first(&f->mock, NONE))
		;
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &b, 0), NONE);
	f->mock.sync = true;
	queue_guest_nops(&a, 1);
	KUNIT_EXPECT_TRUE(test, queue_guest_kick(&a));
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 100), NONE);
	/* with nothing in it; twice; and not somebody else's */
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_QUEUE_ABORT, a.ctx, a.id), NONE);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_QUEUE_ABORT, a.ctx, a.id), NONE);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_QUEUE_ABORT, a.ctx, 2), VGPU_ERR_BAD_HANDLE);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_QUEUE_ABORT, a.ctx, ~0U),
			VGPU_ERR_BAD_HANDLE);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_QUEUE_ABORT, vgpu_fixture_ctx(test, vgpu),
				      a.id), VGPU_ERR_BAD_HANDLE);
	queue_guest_nops(&a, 1);
	queue_guest_kick(&a);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 101), NONE);
}

static void order_timestamp(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_dev_sqe *sqe;
	struct vgpu_job *job;
	struct queue_guest q;
	u32 dev, i, n = 0;
	int status;

	queue_guest_create(test, &q, &f->v[0], 4);
	dev = vgpu_fixture_bo(test, &q.v->vgpu, q.ctx, PAGE_SIZE);
	f->mock.sync = false;
#define TRY(expect, change) do {							\
	sqe = queue_guest_sqe(&q, n);							\
	sqe->timestamp.dst = cpu_to_le32(dev);						\
	sqe->timestamp.offset = cpu_to_le64(4088);					\
	change;										\
	vgpu_ring_submit(&q.ring, VGPU_SQE_TIMESTAMP);					\
	queue_guest_kick(&q);								\
	status = queue_guest_reap(test, &q, n++);					\
	KUNIT_EXPECT_EQ_MSG(test, status, (int)(expect), "%s", #change);		\
} while (0)
	TRY(-1, (void)0);
	job = vgpu_mock_first(&f->mock);
	KUNIT_ASSERT_NOT_NULL(test, job);
	KUNIT_EXPECT_EQ(test, job->type, VGPU_JOB_TIMESTAMP);
	KUNIT_EXPECT_EQ(test, job->timestamp.dst.offset, 4088ULL);
	KUNIT_EXPECT_EQ(test, job->timestamp.dst.length, 8ULL);
	KUNIT_EXPECT_EQ(test, job->timestamp.epoch_ns, q.v->vgpu.mailbox.regs.epoch_ns);
	vgpu_mock_complete_first(&f->mock, NONE);
	f->mock.sync = true;
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, 0), NONE);
	TRY(INVALID, sqe->timestamp.offset = cpu_to_le64(4));
	TRY(VGPU_ERR_OUT_OF_RANGE, sqe->timestamp.offset = cpu_to_le64(4092));
	TRY(VGPU_ERR_OUT_OF_RANGE, sqe->timestamp.offset = cpu_to_le64(4096));
	TRY(VGPU_ERR_OUT_OF_RANGE, sqe->timestamp.offset = cpu_to_le64(-8ULL));
	TRY(VGPU_ERR_BAD_HANDLE, sqe->timestamp.dst = 0);
	TRY(VGPU_ERR_BAD_HANDLE, sqe->timestamp.dst = cpu_to_le32(~0U));
	TRY(INVALID, sqe->timestamp.reserved0 = cpu_to_le32(1));
	for (i = 0; i < 4; i++)
		TRY(INVALID, sqe->timestamp.reserved[i] = cpu_to_le64(1));
	TRY(NONE, sqe->timestamp.dst = cpu_to_le32(q.bo));
#undef TRY
	KUNIT_EXPECT_EQ(test, vgpu_do(&q.v->vgpu, VGPU_OP_BO_DESTROY, q.ctx, dev), NONE);
	KUNIT_EXPECT_EQ(test, f->mock.nr_bos, 0U);
}

static bool order_poll_is_active(struct vgpu_queue *queue)
{
	bool active;

	mutex_lock(&queue->lock);
	active = queue->poll.active;
	mutex_unlock(&queue->lock);
	return active;
}

/* A queue that is polled needs no doorbell; one that isn't says so. */
static void order_poll(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = &f->v[0].vgpu;
	struct vgpu_queue *queue;
	struct queue_guest q;
	u32 i;

	queue_guest_create(test, &q, &f->v[0], 4);
	queue = vgpu->queues.queue[q.id];
	/* an eternity, so that no time that this machine takes is too long */
	vgpu_poll_us = 1000 * USEC_PER_SEC;
	for (i = 0; i < 10; i++) {
		queue_guest_nops(&q, 1);
		/* asked for: there was no poll before, or that is over */
		KUNIT_EXPECT_TRUE(test, queue_guest_kick(&q));
		KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, i), NONE);
		KUNIT_EXPECT_EQ(test, queue->poll.ns, 10000ULL << i);
		if (queue->poll.ns > NSEC_PER_MSEC)
			break;
	}
	KUNIT_EXPECT_LT(test, i, 10U);
	/* polled for as long as it takes */
	mutex_lock(&queue->lock);
	queue->poll.ns = 1000 * NSEC_PER_SEC;
	mutex_unlock(&queue->lock);
	queue_guest_nops(&q, 1);
	KUNIT_EXPECT_TRUE(test, vgpu_ring_need_kick(&q.ring));
	queue_guest_doorbell(&q);
	while (queue_guest_reap(test, &q, i + 1) != NONE)
		cond_resched();
	for (i += 2; i < 100; i++) {
		while (!order_poll_is_active(queue))
			cond_resched();
		queue_guest_nops(&q, 1);
		KUNIT_EXPECT_FALSE(test, vgpu_ring_need_kick(&q.ring));
		while (queue_guest_reap(test, &q, i) != NONE)
			cond_resched();
	}
	KUNIT_EXPECT_LT(test, vgpu_counter(vgpu, VGPU_COUNT_DOORBELLS), 12ULL);
	/* nothing else waits for the end of it: not memory that is taken away, nor a reset */
	while (!order_poll_is_active(queue))
		cond_resched();
	vgpu_unmap(vgpu, vgpu_dma_iova((QUEUE_GUEST_PAGE + 1) * PAGE_SIZE), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, f->v[0].pinned, 0U);
	vgpu_reset(vgpu);
	vgpu_poll_us = 0;
}

/* The first queue of a vGPU has as much to do as the GPU takes, and one job more. */
static void order_make_busy(struct kunit *test, struct queue_guest *q)
{
	struct vgpu_fixture *f = test->priv;

	queue_guest_nops(q, f->mock.gpu.desc.depth + 1);
	queue_guest_kick(q);
	KUNIT_ASSERT_EQ(test, f->mock.nr_jobs, f->mock.gpu.desc.depth);
	KUNIT_ASSERT_EQ(test, q->v->vgpu.entity.nr_waiting, 1U);
}

/* Submit a job, and see whether a doorbell is asked for; it isn't rung. */
static bool order_asks(struct queue_guest *q)
{
	queue_guest_nops(q, 1);
	return vgpu_ring_need_kick(&q->ring);
}

/* While jobs of a vGPU wait for the GPU, none of its queues wants a doorbell. */
static void order_quiet(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct queue_guest a, b, other;
	u32 i;

	queue_guest_create(test, &a, &f->v[0], 16);
	queue_guest_add(test, &b, &a, SECOND_PAGE, 16);
	queue_guest_create(test, &other, &f->v[1], 16);
	f->mock.sync = false;
	order_make_busy(test, &a);
	/* who was idle before is told once */
	KUNIT_EXPECT_TRUE(test, order_asks(&b));
	queue_guest_doorbell(&b);
	for (i = 0; i < 20; i++) {
		KUNIT_EXPECT_FALSE(test, order_asks(&a));
		KUNIT_EXPECT_TRUE(test, vgpu_mock_complete_first(&f->mock, NONE));
		/* b's job was the fourth */
		if (i == 3)
			KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &b, 0), NONE);
		else
			KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, i - (i > 3)), NONE);
	}
	/* another's vGPU is no reason to wait */
	KUNIT_EXPECT_TRUE(test, order_asks(&other));
	KUNIT_EXPECT_EQ(test, f->v[0].vgpu.queues.quiet.queues, BIT(b.id));
	/* seen without a doorbell, and before all that waits has got the GPU */
	KUNIT_EXPECT_FALSE(test, order_asks(&b));
	/* whatever time that takes on this machine: the time is up */
	WRITE_ONCE(f->v[0].vgpu.queues.quiet.next_ns, 0);
	vgpu_mock_complete_first(&f->mock, NONE);
	KUNIT_EXPECT_EQ(test, vgpu_serve_taken(f->v[0].vgpu.queues.queue[b.id]), 1U);
	while (vgpu_mock_complete_first(&f->mock, NONE))
		;
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &b, 1), NONE);
	/* and then a doorbell is wanted by both */
	KUNIT_EXPECT_EQ(test, f->v[0].vgpu.queues.quiet.queues, 0UL);
	KUNIT_EXPECT_TRUE(test, order_asks(&a));
	KUNIT_EXPECT_TRUE(test, order_asks(&b));
}

/* The first of two queues is busy, and a job in the second is there without a doorbell. */
static void order_make_quiet(struct kunit *test, struct queue_guest *a, struct queue_guest *b)
{
	struct vgpu_fixture *f = test->priv;

	queue_guest_create(test, a, &f->v[0], 16);
	queue_guest_add(test, b, a, SECOND_PAGE, 16);
	f->mock.sync = false;
	order_make_busy(test, a);
	queue_guest_doorbell(b);
	KUNIT_EXPECT_FALSE(test, order_asks(b));
}

/* Looked at when the last that waits has got the GPU, however soon that is. */
static void order_quiet_last(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct queue_guest a, b;

	order_make_quiet(test, &a, &b);
	/* a job is over, but somebody else is at the dispatching, and the time isn't up */
	WRITE_ONCE(f->v[0].vgpu.queues.quiet.next_ns, U64_MAX);
	mutex_lock(&f->mock.gpu.dispatch_lock);
	vgpu_mock_complete(&f->mock, vgpu_mock_first(&f->mock), NONE, 0);
	KUNIT_EXPECT_EQ(test, f->v[0].vgpu.queues.quiet.queues, BIT(b.id));
	KUNIT_EXPECT_EQ(test, f->v[0].vgpu.entity.nr_waiting, 1U);
	mutex_unlock(&f->mock.gpu.dispatch_lock);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, f->v[0].vgpu.queues.quiet.queues, 0UL);
	KUNIT_EXPECT_EQ(test, vgpu_serve_taken(f->v[0].vgpu.queues.queue[b.id]), 1U);
	while (vgpu_mock_complete_first(&f->mock, NONE))
		;
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &b, 0), NONE);
	KUNIT_EXPECT_TRUE(test, order_asks(&b));
}

/* What waits is called off, not dispatched: the quiet queue is seen all the same. */
static void order_quiet_cancel(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = &f->v[0].vgpu;
	struct queue_guest a, b;

	order_make_quiet(test, &a, &b);
	WRITE_ONCE(vgpu->queues.quiet.next_ns, U64_MAX);
	/* those on the GPU stay there */
	f->mock.keep_on_abort = true;
	vgpu_gpu_cancel(vgpu->gpu, &vgpu->entity, vgpu->queues.queue[a.id]);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, vgpu_serve_taken(vgpu->queues.queue[b.id]), 1U);
	f->mock.keep_on_abort = false;
	while (vgpu_mock_complete_first(&f->mock, NONE))
		;
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &b, 0), NONE);
	KUNIT_EXPECT_TRUE(test, order_asks(&b));
}

/* One that is made while the vGPU is busy never asks for a doorbell. */
static void order_quiet_create(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct queue_guest a, b;

	queue_guest_create(test, &a, &f->v[0], 16);
	f->mock.sync = false;
	order_make_busy(test, &a);
	queue_guest_add(test, &b, &a, SECOND_PAGE, 16);
	KUNIT_EXPECT_FALSE(test, order_asks(&b));
	while (vgpu_mock_complete_first(&f->mock, NONE))
		;
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &b, 0), NONE);
}

/* Gone while it is quiet */
static void order_quiet_reset(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = &f->v[0].vgpu;
	struct queue_guest a, b;

	order_make_quiet(test, &a, &b);
	vgpu_reset(vgpu);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, f->v[0].pinned, 0U);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, 0U);
	KUNIT_EXPECT_EQ(test, vgpu->queues.quiet.queues, 0UL);
}

/* Fences cost nothing of the GPU's time; so there are so many for a queue in a jiffy. */
static void order_waits_by_the_jiffy(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	unsigned long begin, end = jiffies + 60 * HZ;
	struct queue_guest a, b;
	u32 i, done;

	queue_guest_create(test, &a, &f->v[0], 128);
	queue_guest_add(test, &b, &a, SECOND_PAGE, 16);
	queue_guest_nops(&b, 1);
	queue_guest_kick(&b);
	KUNIT_EXPECT_EQ(test, order_completed(&b), 1U);
	for (i = 0; i < 100; i++)
		order_wait(&a, &b, 0);
	begin = jiffies;
	queue_guest_doorbell(&a);
	done = order_completed(&a);
	KUNIT_EXPECT_GT(test, done, 0U);
	KUNIT_EXPECT_LE(test, (unsigned long)done, 32 * (jiffies - begin + 1));
	/* the others follow by themselves */
	while (order_completed(&a) < 100 && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	KUNIT_EXPECT_EQ(test, order_completed(&a), 100U);
	KUNIT_EXPECT_GE(test, jiffies - begin, 3UL);
}

static struct kunit_case order_cases[] = {
	KUNIT_CASE(order_wait_stalls),
	KUNIT_CASE(order_waits_take_turns),
	KUNIT_CASE(order_wait_bad),
	KUNIT_CASE(order_wait_cycle),
	KUNIT_CASE(order_wait_end),
	KUNIT_CASE(order_abort),
	KUNIT_CASE(order_timestamp),
	KUNIT_CASE(order_poll),
	KUNIT_CASE(order_quiet),
	KUNIT_CASE(order_quiet_last),
	KUNIT_CASE(order_quiet_cancel),
	KUNIT_CASE(order_quiet_create),
	KUNIT_CASE(order_quiet_reset),
	KUNIT_CASE(order_waits_by_the_jiffy),
	{}
};

static struct kunit_suite order_suite = {
	.name = "vgpu_queue_order",
	.init = vgpu_fixture_init,
	.exit = vgpu_fixture_exit,
	.test_cases = order_cases,
};

kunit_test_suite(order_suite);
