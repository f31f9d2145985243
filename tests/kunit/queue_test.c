// SPDX-License-Identifier: GPL-2.0
/* Queues: rings, order, waking, bad entries, and the end of a queue at any moment. */
#include <kunit/test.h>
#include <vgpu/ring.h>

#include "bar.h"
#include "fixture.h"
#include "bo.h"
#include "queue.h"
#include "queue_guest.h"

#define NONE	VGPU_ERR_NONE
#define INVALID	VGPU_ERR_INVALID_REQUEST

static void queue_create_bad(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	struct queue_guest q;
	u32 dev, i, other;

	queue_guest_create(test, &q, v, 64);
	other = vgpu_fixture_ctx(test, &v->vgpu);
	dev = vgpu_fixture_bo(test, &v->vgpu, q.ctx, 64 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, queue_guest_request(&q, 0), INVALID);
	KUNIT_EXPECT_EQ(test, queue_guest_request(&q, 1), INVALID);
	KUNIT_EXPECT_EQ(test, queue_guest_request(&q, 3), INVALID);
	KUNIT_EXPECT_EQ(test, queue_guest_request(&q, 8192), INVALID);
	KUNIT_EXPECT_EQ(test, queue_guest_request(&q, ~0U), INVALID);
	KUNIT_EXPECT_EQ(test, queue_guest_request(&q, 1U << 31), INVALID);
#define CREATE(ctx, bo, low, high, entries)						\
	vgpu_do(&v->vgpu, VGPU_OP_QUEUE_CREATE, ctx, bo, low, high, entries, 0)
	KUNIT_EXPECT_EQ(test, CREATE(other, q.bo, 0, 0, 64), VGPU_ERR_BAD_HANDLE);
	KUNIT_EXPECT_EQ(test, CREATE(99, q.bo, 0, 0, 64), VGPU_ERR_BAD_HANDLE);
	KUNIT_EXPECT_EQ(test, CREATE(q.ctx, 0, 0, 0, 64), VGPU_ERR_BAD_HANDLE);
	KUNIT_EXPECT_EQ(test, CREATE(q.ctx, ~0U, 0, 0, 64), VGPU_ERR_BAD_HANDLE);
	KUNIT_EXPECT_EQ(test, CREATE(q.ctx, dev, 0, 0, 64), INVALID);
	KUNIT_EXPECT_EQ(test, CREATE(q.ctx, q.bo, 64, 0, 64), INVALID);
	KUNIT_EXPECT_EQ(test, CREATE(q.ctx, q.bo, (QUEUE_GUEST_PAGES - 2) * PAGE_SIZE, 0, 64),
			VGPU_ERR_OUT_OF_RANGE);
	KUNIT_EXPECT_EQ(test, CREATE(q.ctx, q.bo, ~0U << PAGE_SHIFT, ~0U, 64),
			VGPU_ERR_OUT_OF_RANGE);
	KUNIT_EXPECT_EQ(test, CREATE(q.ctx, q.bo, 0, 0, 4096), NONE);
	KUNIT_EXPECT_EQ(test, CREATE(q.ctx, q.bo, (QUEUE_GUEST_PAGES - 2) * PAGE_SIZE, 0, 2), NONE);
	for (i = 3; i < VGPU_MAX_QUEUES; i++)
		KUNIT_EXPECT_EQ(test, CREATE(q.ctx, q.bo, 0, 0, 2), NONE);
	KUNIT_EXPECT_EQ(test, CREATE(q.ctx, q.bo, 0, 0, 2), VGPU_ERR_NO_MEMORY);
#undef CREATE
	KUNIT_EXPECT_EQ(test, vgpu_do(&v->vgpu, VGPU_OP_QUEUE_CREATE, q.ctx, q.bo, 0, 0, 2, 1),
			INVALID);
	KUNIT_EXPECT_EQ(test, vgpu_do(&v->vgpu, VGPU_OP_QUEUE_CREATE, q.ctx, q.bo, 0, 0, 2),
			INVALID);
#define DESTROY(ctx, queue) vgpu_do(&v->vgpu, VGPU_OP_QUEUE_DESTROY, ctx, queue)
	KUNIT_EXPECT_EQ(test, DESTROY(other, q.id), VGPU_ERR_BAD_HANDLE);
	KUNIT_EXPECT_EQ(test, DESTROY(q.ctx, VGPU_MAX_QUEUES), VGPU_ERR_BAD_HANDLE);
	KUNIT_EXPECT_EQ(test, DESTROY(q.ctx, ~0U), VGPU_ERR_BAD_HANDLE);
	KUNIT_EXPECT_EQ(test, vgpu_do(&v->vgpu, VGPU_OP_BO_DESTROY, q.ctx, q.bo), VGPU_ERR_BUSY);
	KUNIT_EXPECT_EQ(test, DESTROY(q.ctx, q.id), NONE);
	KUNIT_EXPECT_EQ(test, DESTROY(q.ctx, q.id), VGPU_ERR_BAD_HANDLE);
#undef DESTROY
	/* the number is free again, the others go with their context */
	KUNIT_EXPECT_EQ(test, queue_guest_request(&q, 64), NONE);
	KUNIT_EXPECT_EQ(test, vgpu_response_result(&v->vgpu, 0), q.id);
	KUNIT_EXPECT_EQ(test, vgpu_do(&v->vgpu, VGPU_OP_CTX_DESTROY, q.ctx), NONE);
	KUNIT_EXPECT_EQ(test, v->pinned, 0U);
}

/* Jobs one by one: each rings, each interrupts, and each is counted. */
static void queue_one_by_one(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	struct queue_guest q;
	u64 requests;
	u32 i;

	queue_guest_create(test, &q, v, 4);
	requests = vgpu_fixture_requests(&v->vgpu);
	for (i = 0; i < 10; i++) {
		vgpu_ring_arm_irq(&q.ring, 0);
		KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, i), -1);
		queue_guest_nops(&q, 1);
		KUNIT_EXPECT_TRUE(test, queue_guest_kick(&q));
		KUNIT_EXPECT_EQ(test, v->irqs, i + 1);
		KUNIT_EXPECT_EQ(test, v->vector, VGPU_VECTOR_QUEUE(q.id));
		KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, i), NONE);
		KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, i), -1);
		KUNIT_EXPECT_EQ(test, le32_to_cpu(q.ring.events->completed), i + 1);
	}
	KUNIT_EXPECT_EQ(test, vgpu_fixture_requests(&v->vgpu) - requests, 10ULL);
	KUNIT_EXPECT_EQ(test, vgpu_counter(&v->vgpu, VGPU_COUNT_DOORBELLS), 10ULL);
	KUNIT_EXPECT_EQ(test, vgpu_counter(&v->vgpu, VGPU_COUNT_INTERRUPTS), 10ULL);
}

/* While a job is pending no doorbell is asked for: each completion looks for more. */
static void queue_busy_needs_no_doorbell(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	struct queue_guest q;
	u32 i;

	queue_guest_create(test, &q, v, 8);
	vgpu_ring_disarm_irq(&q.ring);
	f->mock.sync = false;
	queue_guest_nops(&q, 2);
	KUNIT_EXPECT_TRUE(test, queue_guest_kick(&q));
	for (i = 0; i < 100; i++) {
		queue_guest_nops(&q, 1);
		KUNIT_EXPECT_FALSE(test, queue_guest_kick(&q));
		KUNIT_EXPECT_TRUE(test, vgpu_mock_complete_first(&f->mock, NONE));
		KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, i), NONE);
	}
	KUNIT_EXPECT_EQ(test, vgpu_counter(&v->vgpu, VGPU_COUNT_DOORBELLS), 1ULL);
	KUNIT_EXPECT_EQ(test, v->irqs, 0U);
	while (vgpu_mock_complete_first(&f->mock, NONE))
		KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, i++), NONE);
	KUNIT_EXPECT_EQ(test, i, 102U);
	/* idle: it wants to be told */
	queue_guest_nops(&q, 1);
	f->mock.sync = true;
	KUNIT_EXPECT_TRUE(test, queue_guest_kick(&q));
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, i), NONE);
}

/* A ring full of jobs: the host takes a window of it, and all of it in the end. */
static void queue_window(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	struct queue_guest q;
	u32 i;

	queue_guest_create(test, &q, v, 128);
	f->mock.sync = false;
	queue_guest_nops(&q, 128);
	KUNIT_EXPECT_EQ(test, vgpu_ring_room(&q.ring), 0U);
	queue_guest_kick(&q);
	KUNIT_EXPECT_EQ(test, v->vgpu.entity.nr_pending, VGPU_QUEUE_WINDOW);
	for (i = 0; i < 128; i++) {
		KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, i), -1);
		KUNIT_EXPECT_TRUE(test, vgpu_mock_complete_first(&f->mock, NONE));
		KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, i), NONE);
		KUNIT_EXPECT_LE(test, v->vgpu.entity.nr_pending, VGPU_QUEUE_WINDOW);
	}
	KUNIT_EXPECT_FALSE(test, vgpu_mock_complete_first(&f->mock, NONE));
	/* another lap, and then one that is never drained: the guest's own loss */
	f->mock.sync = true;
	queue_guest_nops(&q, 128);
	queue_guest_kick(&q);
	q.ring.reaped += 128;
	queue_guest_nops(&q, 128);
	queue_guest_kick(&q);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(q.ring.events->completed), 384U);
}

/* Completions are in the order of the submissions, whatever ends first. */
static void queue_in_order(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	struct vgpu_job *job;
	struct queue_guest q;
	u64 gpu_ns;

	queue_guest_create(test, &q, v, 8);
	gpu_ns = v->vgpu.entity.stats.gpu_ns;
	f->mock.sync = false;
	queue_guest_nops(&q, 2);
	/* refused at once, and yet behind the two */
	queue_guest_sqe(&q, 2);
	vgpu_ring_submit(&q.ring, 77);
	queue_guest_kick(&q);
	KUNIT_ASSERT_EQ(test, f->mock.nr_jobs, 2U);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, 0), -1);
	job = vgpu_mock_first(&f->mock);
	job = list_next_entry(job, node);
	vgpu_mock_complete(&f->mock, job, VGPU_ERR_GPU, 5);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, 0), -1);
	vgpu_mock_complete_first(&f->mock, NONE);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, 0), NONE);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, 1), VGPU_ERR_GPU);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, 2), VGPU_ERR_UNSUPPORTED_OP);
	KUNIT_EXPECT_EQ(test, v->vgpu.entity.stats.ended[VGPU_ERR_GPU], 1ULL);
	KUNIT_EXPECT_EQ(test, v->vgpu.entity.stats.gpu_ns - gpu_ns, 5ULL);
}

/* What is asked for arrives at the backend as it was asked for. */
static void queue_copy_and_fill(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	struct vgpu_dev_sqe *sqe;
	struct vgpu_job *job;
	struct queue_guest q;
	u32 dev;

	queue_guest_create(test, &q, v, 8);
	dev = vgpu_fixture_bo(test, &v->vgpu, q.ctx, 2 * PAGE_SIZE);
	f->mock.sync = false;
	sqe = queue_guest_sqe(&q, 0);
	sqe->copy.dst = cpu_to_le32(dev);
	sqe->copy.dst_offset = cpu_to_le64(12);
	sqe->copy.src = cpu_to_le32(q.bo);
	sqe->copy.src_offset = cpu_to_le64(PAGE_SIZE);
	sqe->copy.length = cpu_to_le64(PAGE_SIZE + 1);
	vgpu_ring_submit(&q.ring, VGPU_SQE_COPY);
	sqe = queue_guest_sqe(&q, 1);
	sqe->fill.dst = cpu_to_le32(dev);
	sqe->fill.pattern = cpu_to_le32(0x12345678);
	sqe->fill.offset = cpu_to_le64(8);
	sqe->fill.length = cpu_to_le64(16);
	vgpu_ring_submit(&q.ring, VGPU_SQE_FILL);
	queue_guest_kick(&q);
	KUNIT_ASSERT_EQ(test, f->mock.nr_jobs, 2U);
	job = vgpu_mock_first(&f->mock);
	KUNIT_EXPECT_EQ(test, job->type, VGPU_JOB_COPY);
	KUNIT_EXPECT_EQ(test, job->copy.dst.offset, 12ULL);
	KUNIT_EXPECT_EQ(test, job->copy.dst.length, PAGE_SIZE + 1ULL);
	KUNIT_EXPECT_EQ(test, job->copy.src.offset, (u64)PAGE_SIZE);
	KUNIT_EXPECT_NULL(test, vgpu_bo_vaddr(job->copy.dst.bo));
	KUNIT_EXPECT_NOT_NULL(test, vgpu_bo_vaddr(job->copy.src.bo));
	job = list_next_entry(job, node);
	KUNIT_EXPECT_EQ(test, job->type, VGPU_JOB_FILL);
	KUNIT_EXPECT_EQ(test, job->fill.pattern, 0x12345678U);
	KUNIT_EXPECT_EQ(test, job->fill.dst.offset, 8ULL);
	KUNIT_EXPECT_EQ(test, job->fill.dst.length, 16ULL);
	/* the object outlives its handle as long as a job names it */
	KUNIT_EXPECT_EQ(test, f->mock.nr_bos, 1U);
	vgpu_mock_complete_first(&f->mock, NONE);
	vgpu_mock_complete_first(&f->mock, NONE);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, 0), NONE);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, 1), NONE);
	f->mock.sync = true;
	KUNIT_EXPECT_EQ(test, vgpu_do(&v->vgpu, VGPU_OP_BO_DESTROY, q.ctx, dev), NONE);
	KUNIT_EXPECT_EQ(test, f->mock.nr_bos, 0U);
}

/* Entries that are wrong in one thing each are refused each with its reason. */
static void queue_bad_entries(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	struct queue_guest q, other;
	struct vgpu_dev_sqe good, *sqe;
	u32 dev, foreign, i, n = 0;
	int status;

	queue_guest_create(test, &q, v, 4);
	queue_guest_create(test, &other, v, 4);
	dev = vgpu_fixture_bo(test, &v->vgpu, q.ctx, PAGE_SIZE);
	/* a handle that this context doesn't have */
	do {
		foreign = vgpu_fixture_bo(test, &v->vgpu, other.ctx, PAGE_SIZE);
	} while (foreign <= dev);
	memset(&good, 0, sizeof(good));
	good.copy.dst = cpu_to_le32(dev);
	good.copy.src = cpu_to_le32(q.bo);
	good.copy.length = cpu_to_le64(64);
#define TRY(op, expect, change) do {							\
	sqe = queue_guest_sqe(&q, n);								\
	good.control = sqe->control;							\
	good.user_data = cpu_to_le64(n);						\
	*sqe = good;									\
	change;										\
	vgpu_ring_submit(&q.ring, op);							\
	queue_guest_kick(&q);									\
	status = queue_guest_reap(test, &q, n++);						\
	KUNIT_EXPECT_EQ_MSG(test, status, (int)(expect), "%s", #change);		\
} while (0)
	TRY(VGPU_SQE_COPY, NONE, (void)0);
	TRY(VGPU_SQE_COPY, INVALID, sqe->reserved = cpu_to_le32(1));
	TRY(VGPU_SQE_COPY, INVALID, sqe->copy.reserved[0] = cpu_to_le64(1));
	TRY(VGPU_SQE_COPY, INVALID, sqe->copy.reserved[1] = cpu_to_le64(1));
	TRY(VGPU_SQE_COPY | VGPU_SQE_AGAIN, NONE, (void)0);
	TRY(VGPU_SQE_COPY | VGPU_SQE_AGAIN << 1, INVALID, (void)0);
	TRY(VGPU_SQE_COPY | 1U << 30, INVALID, (void)0);
	TRY(6, VGPU_ERR_UNSUPPORTED_OP, (void)0);
	TRY(0xff, VGPU_ERR_UNSUPPORTED_OP, (void)0);
	TRY(VGPU_SQE_COPY, VGPU_ERR_BAD_HANDLE, sqe->copy.dst = 0);
	TRY(VGPU_SQE_COPY, VGPU_ERR_BAD_HANDLE, sqe->copy.dst = cpu_to_le32(~0U));
	TRY(VGPU_SQE_COPY, VGPU_ERR_BAD_HANDLE, sqe->copy.src = cpu_to_le32(foreign));
	TRY(VGPU_SQE_COPY, INVALID, sqe->copy.length = 0);
	TRY(VGPU_SQE_COPY, VGPU_ERR_OUT_OF_RANGE, sqe->copy.length = cpu_to_le64(4097));
	TRY(VGPU_SQE_COPY, VGPU_ERR_OUT_OF_RANGE, sqe->copy.length = cpu_to_le64(~0ULL));
	TRY(VGPU_SQE_COPY, VGPU_ERR_OUT_OF_RANGE, sqe->copy.dst_offset = cpu_to_le64(4033));
	TRY(VGPU_SQE_COPY, VGPU_ERR_OUT_OF_RANGE, sqe->copy.dst_offset = cpu_to_le64(-32ULL));
	TRY(VGPU_SQE_COPY, VGPU_ERR_OUT_OF_RANGE,
	    sqe->copy.src_offset = cpu_to_le64(QUEUE_GUEST_PAGES * PAGE_SIZE));
	TRY(VGPU_SQE_COPY, INVALID, sqe->copy.src = cpu_to_le32(dev));
	TRY(VGPU_SQE_NOP, INVALID, (void)0);
	TRY(VGPU_SQE_NOP, NONE, memset(sqe->words, 0, sizeof(sqe->words)));
	memset(&good, 0, sizeof(good));
	good.fill.dst = cpu_to_le32(dev);
	good.fill.length = cpu_to_le64(64);
	TRY(VGPU_SQE_FILL, NONE, (void)0);
	TRY(VGPU_SQE_FILL, INVALID, sqe->fill.offset = cpu_to_le64(2));
	TRY(VGPU_SQE_FILL, INVALID, sqe->fill.length = cpu_to_le64(62));
	TRY(VGPU_SQE_FILL, INVALID, sqe->fill.length = 0);
	TRY(VGPU_SQE_FILL, VGPU_ERR_OUT_OF_RANGE, sqe->fill.length = cpu_to_le64(4100));
	TRY(VGPU_SQE_FILL, VGPU_ERR_BAD_HANDLE, sqe->fill.dst = cpu_to_le32(foreign));
	for (i = 0; i < 3; i++)
		TRY(VGPU_SQE_FILL, INVALID, sqe->fill.reserved[i] = cpu_to_le64(1));
#undef TRY
	/* the refused ones hold no object */
	KUNIT_EXPECT_EQ(test, vgpu_do(&v->vgpu, VGPU_OP_BO_DESTROY, q.ctx, dev), NONE);
	KUNIT_EXPECT_EQ(test, vgpu_quota_used(&v->vgpu),
			(u64)f->mock.nr_bos * PAGE_SIZE);
}

static u32 queue_kernel(struct kunit *test, struct queue_guest *q, const char *name)
{
	KUNIT_ASSERT_EQ(test, vgpu_do(&q->v->vgpu, VGPU_OP_MODULE_LOAD, q->ctx, 0), NONE);
	KUNIT_ASSERT_EQ(test, vgpu_do_data(&q->v->vgpu, VGPU_OP_KERNEL_GET, name, strlen(name),
					   q->ctx, vgpu_response_result(&q->v->vgpu, 0)), NONE);
	return vgpu_response_result(&q->v->vgpu, 0);
}

/* A kernel by its name, with arguments in guest memory. */
static void queue_launch(struct kunit *test)
{
	/* the block of arguments is in the last page of the rings' object */
	u32 at = (QUEUE_GUEST_PAGES - 1) * PAGE_SIZE, kernel, dev, i, n = 0;
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	struct vgpu_dev_arg *arg = (void *)(v->mem + QUEUE_GUEST_PAGE * PAGE_SIZE + at);
	struct vgpu_dev_sqe *sqe;
	struct vgpu_job *job;
	struct queue_guest q;
	int status;

	queue_guest_create(test, &q, v, 4);
	kernel = queue_kernel(test, &q, "reduce_u32");
	dev = vgpu_fixture_bo(test, &v->vgpu, q.ctx, PAGE_SIZE);
	arg[0] = (struct vgpu_dev_arg){ cpu_to_le32(VGPU_ARG_BO), cpu_to_le32(dev),
					cpu_to_le64(8) };
	arg[1] = (struct vgpu_dev_arg){ cpu_to_le32(VGPU_ARG_BO), cpu_to_le32(q.bo), 0 };
	arg[2] = (struct vgpu_dev_arg){ 0, 0, cpu_to_le64(100) };
#define TRY(expect, change) do {							\
	sqe = queue_guest_sqe(&q, n);								\
	sqe->launch.kernel = cpu_to_le32(kernel);					\
	for (i = 0; i < 3; i++) {							\
		sqe->launch.grid[i] = cpu_to_le32(1);					\
		sqe->launch.block[i] = cpu_to_le32(1);					\
	}										\
	sqe->launch.args = cpu_to_le32(q.bo);						\
	sqe->launch.args_offset = cpu_to_le64(at);					\
	sqe->launch.args_length = cpu_to_le32(3 * sizeof(*arg));			\
	change;										\
	vgpu_ring_submit(&q.ring, VGPU_SQE_LAUNCH);					\
	queue_guest_kick(&q);									\
	status = queue_guest_reap(test, &q, n++);						\
	KUNIT_EXPECT_EQ_MSG(test, status, (int)(expect), "%s", #change);		\
} while (0)
	f->mock.sync = false;
	TRY(-1, (void)0);
	n--;
	job = vgpu_mock_first(&f->mock);
	KUNIT_ASSERT_NOT_NULL(test, job);
	KUNIT_EXPECT_EQ(test, job->type, VGPU_JOB_LAUNCH);
	KUNIT_EXPECT_EQ(test, job->launch.kernel, VGPU_BUILTIN_REDUCE_U32);
	KUNIT_EXPECT_EQ(test, job->launch.nargs, 3U);
	KUNIT_EXPECT_EQ(test, job->launch.arg[0].range.offset, 8ULL);
	KUNIT_EXPECT_EQ(test, job->launch.arg[0].range.length, 4ULL);
	KUNIT_EXPECT_EQ(test, job->launch.arg[1].range.length, 400ULL);
	KUNIT_EXPECT_EQ(test, job->launch.arg[2].value, 100ULL);
	f->mock.sync = true;
	vgpu_mock_complete_first(&f->mock, NONE);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, n++), NONE);

	TRY(NONE, (void)0);
	TRY(VGPU_ERR_BAD_HANDLE, sqe->launch.kernel = 0);
	TRY(VGPU_ERR_BAD_HANDLE, sqe->launch.kernel = cpu_to_le32(kernel + 1));
	TRY(VGPU_ERR_BAD_HANDLE, sqe->launch.kernel = cpu_to_le32(~0U));
	TRY(INVALID, sqe->launch.grid[0] = 0);
	TRY(INVALID, sqe->launch.grid[2] = cpu_to_le32(~0U));
	TRY(INVALID, sqe->launch.block[1] = 0);
	TRY(INVALID, sqe->launch.block[0] = cpu_to_le32(2));
	TRY(INVALID, sqe->launch.shared = cpu_to_le32(1));
	TRY(INVALID, sqe->launch.args_length = 0);
	TRY(INVALID, sqe->launch.args_length = cpu_to_le32(47));
	TRY(INVALID, sqe->launch.args_length = cpu_to_le32(4 * sizeof(*arg)));
	TRY(INVALID, sqe->launch.args_length = cpu_to_le32(17 * sizeof(*arg)));
	TRY(INVALID, sqe->launch.args_length = cpu_to_le32(~0U));
	TRY(VGPU_ERR_BAD_HANDLE, sqe->launch.args = 0);
	TRY(INVALID, (sqe->launch.args = cpu_to_le32(dev), sqe->launch.args_offset = 0));
	TRY(VGPU_ERR_OUT_OF_RANGE,
	    sqe->launch.args_offset = cpu_to_le64(QUEUE_GUEST_PAGES * PAGE_SIZE - 47));
	TRY(VGPU_ERR_OUT_OF_RANGE, sqe->launch.args_offset = cpu_to_le64(-48ULL));
	/* and what the block says */
	arg[1].handle = cpu_to_le32(99);
	TRY(VGPU_ERR_BAD_HANDLE, (void)0);
	arg[1].handle = cpu_to_le32(q.bo);
	arg[2].value = 0;
	TRY(INVALID, (void)0);
	arg[2].value = cpu_to_le64(1 << 30);
	TRY(VGPU_ERR_OUT_OF_RANGE, (void)0);
#undef TRY
	KUNIT_EXPECT_EQ(test, vgpu_do(&v->vgpu, VGPU_OP_BO_DESTROY, q.ctx, dev), NONE);
	KUNIT_EXPECT_EQ(test, f->mock.nr_bos, 0U);
}

/* Modules and kernels that aren't, and as many as there can be. */
static void queue_modules(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = &f->v[0].vgpu;
	u32 ctx = vgpu_fixture_ctx(test, vgpu), other = vgpu_fixture_ctx(test, vgpu);
	u32 module, i, last = 0;

	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_MODULE_LOAD, ctx, 1), VGPU_ERR_UNSUPPORTED_OP);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_MODULE_LOAD, ctx, ~0U),
			VGPU_ERR_UNSUPPORTED_OP);
	KUNIT_EXPECT_EQ(test, vgpu_do_data(vgpu, VGPU_OP_MODULE_LOAD, "garbage", 7, ctx, 0),
			INVALID);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_MODULE_LOAD, ctx, 0), NONE);
	module = vgpu_response_result(vgpu, 0);
#define GET(ctx, module, name, length)							\
	vgpu_do_data(vgpu, VGPU_OP_KERNEL_GET, name, length, ctx, module)
	KUNIT_EXPECT_EQ(test, GET(other, module, "sha256", 6), VGPU_ERR_BAD_HANDLE);
	KUNIT_EXPECT_EQ(test, GET(ctx, module + 1, "sha256", 6), VGPU_ERR_BAD_HANDLE);
	KUNIT_EXPECT_EQ(test, GET(ctx, 0, "sha256", 6), VGPU_ERR_BAD_HANDLE);
	KUNIT_EXPECT_EQ(test, GET(ctx, module, "sha256", 5), VGPU_ERR_UNSUPPORTED_OP);
	KUNIT_EXPECT_EQ(test, GET(ctx, module, "sha256\0", 7), VGPU_ERR_UNSUPPORTED_OP);
	KUNIT_EXPECT_EQ(test, GET(ctx, module, "SHA256", 6), VGPU_ERR_UNSUPPORTED_OP);
	KUNIT_EXPECT_EQ(test, GET(ctx, module, NULL, 0), VGPU_ERR_UNSUPPORTED_OP);
	/* the one that the mock's GPU doesn't have */
	KUNIT_EXPECT_EQ(test, GET(ctx, module, "vecadd_f32", 10), VGPU_ERR_UNSUPPORTED_OP);
	for (i = 0; i < 256; i++)
		KUNIT_EXPECT_EQ(test, GET(ctx, module, "sha256", 6), NONE);
	last = vgpu_response_result(vgpu, 0);
	KUNIT_EXPECT_EQ(test, GET(ctx, module, "sha256", 6), VGPU_ERR_NO_MEMORY);
#undef GET
	KUNIT_EXPECT_EQ(test, last, 256U);
	for (i = 1; i < 64; i++)
		KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_MODULE_LOAD, ctx, 0), NONE);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_MODULE_LOAD, ctx, 0), VGPU_ERR_NO_MEMORY);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_MODULE_UNLOAD, ctx, module), NONE);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_MODULE_UNLOAD, ctx, module),
			VGPU_ERR_BAD_HANDLE);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_MODULE_UNLOAD, other, 2), VGPU_ERR_BAD_HANDLE);
}

/* Bad entries without end don't keep whoever serves them from anything else. */
static void queue_bad_entries_take_turns(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	struct queue_guest q;
	u32 i, n;

	queue_guest_create(test, &q, v, 256);
	for (i = 0; i < 256; i++) {
		queue_guest_sqe(&q, i);
		vgpu_ring_submit(&q.ring, 99);
	}
	KUNIT_ASSERT_TRUE(test, vgpu_ring_need_kick(&q.ring));
	queue_guest_doorbell(&q);
	/* in the doorbell itself only so many */
	for (i = 0; i < VGPU_QUEUE_WINDOW; i++)
		KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, i), VGPU_ERR_UNSUPPORTED_OP);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, i), -1);
	/* elsewhere, and without a job that is over, a few at a time */
	while (i < 256) {
		KUNIT_ASSERT_TRUE(test, flush_delayed_work(&v->vgpu.queues.queue[q.id]->again));
		n = le32_to_cpu(q.ring.events->completed) - i;
		KUNIT_ASSERT_GT(test, n, 0U);
		KUNIT_ASSERT_LT(test, n, VGPU_QUEUE_WINDOW / 2U);
		while (n--)
			KUNIT_ASSERT_EQ(test, queue_guest_reap(test, &q, i++),
					VGPU_ERR_UNSUPPORTED_OP);
	}
}

/* Doorbells that mean nothing. */
static void queue_bad_doorbells(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	struct queue_guest q;
	u64 bad, word = 0;

	queue_guest_create(test, &q, v, 4);
	bad = vgpu_counter(&v->vgpu, VGPU_COUNT_BAD_BAR);
	vgpu_bar2_write(&v->vgpu, VGPU_BAR2_DOORBELL(q.id) + 4, &word, 4);
	vgpu_bar2_write(&v->vgpu, VGPU_BAR2_DOORBELL(q.id), &word, 2);
	vgpu_bar2_write(&v->vgpu, VGPU_BAR2_DOORBELL(q.id), &word, 8);
	vgpu_bar2_write(&v->vgpu, VGPU_BAR2_DOORBELL(q.id + 1), &word, 4);
	vgpu_bar2_write(&v->vgpu, VGPU_BAR2_SIZE - 4, &word, 4);
	KUNIT_EXPECT_EQ(test, vgpu_counter(&v->vgpu, VGPU_COUNT_BAD_BAR), bad + 5);
	/* of a queue with nothing in it */
	queue_guest_doorbell(&q);
	queue_guest_doorbell(&q);
	KUNIT_EXPECT_EQ(test, vgpu_counter(&v->vgpu, VGPU_COUNT_BAD_BAR), bad + 5);
	queue_guest_nops(&q, 1);
	KUNIT_EXPECT_TRUE(test, queue_guest_kick(&q));
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, 0), NONE);
}

/* A queue destroyed with jobs waiting and running; the context's other one goes on. */
static void queue_destroy_busy(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	struct queue_guest q, other;

	queue_guest_create(test, &q, v, 64);
	queue_guest_create(test, &other, &f->v[1], 4);
	f->mock.sync = false;
	queue_guest_nops(&other, 1);
	queue_guest_kick(&other);
	queue_guest_nops(&q, 64);
	queue_guest_kick(&q);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, 2U);
	vgpu_put(&v->vgpu, VGPU_OP_QUEUE_DESTROY, q.ctx, q.id);
	vgpu_reg_set(&v->vgpu, VGPU_REG_DOORBELL, 1);
	/* it waits for none of them */
	while (vgpu_reg(&v->vgpu, VGPU_REG_STATUS) == VGPU_STATUS_BUSY)
		vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, vgpu_reg(&v->vgpu, VGPU_REG_STATUS), VGPU_STATUS_DONE);
	KUNIT_EXPECT_EQ(test, v->vgpu.entity.nr_pending, 0U);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &other, 0), -1);
	vgpu_mock_complete_first(&f->mock, NONE);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &other, 0), NONE);
}

/* A reset with jobs waiting and running: no completion is written behind it. */
static void queue_reset_busy(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	struct queue_guest q;
	u8 *mem = v->mem + QUEUE_GUEST_PAGE * PAGE_SIZE, *before;

	before = kunit_kmalloc(test, QUEUE_GUEST_PAGES * PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, before);
	queue_guest_create(test, &q, v, 64);
	f->mock.sync = false;
	queue_guest_nops(&q, 64);
	queue_guest_kick(&q);
	memcpy(before, mem, QUEUE_GUEST_PAGES * PAGE_SIZE);
	vgpu_reset(&v->vgpu);
	KUNIT_EXPECT_EQ(test, memcmp(before, mem, QUEUE_GUEST_PAGES * PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, v->pinned, 0U);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, 0U);
	KUNIT_EXPECT_EQ(test, v->irqs, 0U);
	/* the doorbell of what was a queue */
	queue_guest_doorbell(&q);
	f->mock.sync = true;
	vgpu_fixture_enable(test, &v->vgpu, VGPU_FEATURES);
	memset(mem, 0, QUEUE_GUEST_PAGES * PAGE_SIZE);
	queue_guest_create(test, &q, v, 64);
	queue_guest_nops(&q, 1);
	queue_guest_kick(&q);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, 0), NONE);
}

/* The VMM takes memory away under running jobs. */
static void queue_unmap(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	u32 other, i;
	struct queue_guest q;

	queue_guest_create(test, &q, v, 64);
	other = vgpu_fixture_system_bo(test, v, q.ctx, 2, 1);
	f->mock.sync = false;
	queue_guest_nops(&q, 64);
	queue_guest_kick(&q);
	/* not the rings: what the host has taken is canceled, and then it goes on */
	vgpu_unmap(&v->vgpu, vgpu_dma_iova(2 * PAGE_SIZE), PAGE_SIZE);
	for (i = 0; i < VGPU_QUEUE_WINDOW; i++)
		KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, i), VGPU_ERR_CANCELED);
	vgpu_mock_settle(&f->mock);
	while (vgpu_mock_complete_first(&f->mock, NONE))
		KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, i++), NONE);
	KUNIT_EXPECT_EQ(test, i, 64U);
	KUNIT_EXPECT_EQ(test, vgpu_do(&v->vgpu, VGPU_OP_BO_DESTROY, q.ctx, other), NONE);

	/* the rings: they are not touched again */
	queue_guest_nops(&q, 3);
	queue_guest_kick(&q);
	vgpu_unmap(&v->vgpu, vgpu_dma_iova((QUEUE_GUEST_PAGE + 1) * PAGE_SIZE), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, v->pinned, 0U);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, 0U);
	queue_guest_doorbell(&q);
	f->mock.sync = true;
	KUNIT_EXPECT_EQ(test, vgpu_do(&v->vgpu, VGPU_OP_QUEUE_DESTROY, q.ctx, q.id), NONE);
	KUNIT_EXPECT_EQ(test, queue_guest_request(&q, 64), VGPU_ERR_BAD_ADDRESS);
}

/* Whatever is in the rings: every job ends, and nothing is left behind. */
static void queue_random_rings(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	u32 seed = 0x5eed, i, j, index, *word;
	struct queue_guest q;

	queue_guest_create(test, &q, v, 32);
	vgpu_fixture_bo(test, &v->vgpu, q.ctx, PAGE_SIZE);
	for (i = 0; i < 20000; i++) {
		/* the entry that the host looks at next, of mostly small numbers */
		index = v->vgpu.queues.queue[q.id]->ring.fetched;
		word = (u32 *)&q.ring.sq[index & q.ring.mask];
		for (j = 0; j < 16; j++) {
			seed = seed * 1664525 + 1013904223;
			word[j] = seed >> 24 < 16 ? seed : seed >> 24 < 200 ? 0 :
				  (seed >> 16) % 8;
		}
		/* and now and then its phase is wrong */
		if (seed >> 28)
			word[0] = (word[0] & 7) | vgpu_ring_phase(index, q.ring.mask);
		queue_guest_doorbell(&q);
		if (i % 64 == 0)
			vgpu_mock_settle(&f->mock);
	}
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_GT(test, vgpu_fixture_requests(&v->vgpu), 10000ULL);
	KUNIT_EXPECT_GT(test, v->vgpu.entity.stats.ended[VGPU_ERR_NONE], 100ULL);
	kunit_info(test, "%llu entries taken, %llu good",
		   vgpu_fixture_requests(&v->vgpu),
		   v->vgpu.entity.stats.ended[VGPU_ERR_NONE]);
}

static struct kunit_case queue_cases[] = {
	KUNIT_CASE(queue_create_bad),
	KUNIT_CASE(queue_one_by_one),
	KUNIT_CASE(queue_busy_needs_no_doorbell),
	KUNIT_CASE(queue_window),
	KUNIT_CASE(queue_in_order),
	KUNIT_CASE(queue_copy_and_fill),
	KUNIT_CASE(queue_bad_entries),
	KUNIT_CASE(queue_launch),
	KUNIT_CASE(queue_modules),
	KUNIT_CASE(queue_bad_entries_take_turns),
	KUNIT_CASE(queue_bad_doorbells),
	KUNIT_CASE(queue_destroy_busy),
	KUNIT_CASE(queue_reset_busy),
	KUNIT_CASE(queue_unmap),
	KUNIT_CASE(queue_random_rings),
	{}
};

static struct kunit_suite queue_suite = {
	.name = "vgpu_queue",
	.init = vgpu_fixture_init,
	.exit = vgpu_fixture_exit,
	.test_cases = queue_cases,
};

kunit_test_suite(queue_suite);
