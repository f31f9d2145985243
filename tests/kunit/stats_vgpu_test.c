// SPDX-License-Identifier: GPL-2.0
/* Accounting of what a guest does, by its mailbox and its queues; and the tracepoints. */
#include <kunit/test.h>

#include "bo.h"
#include "ctx.h"
#include "fixture.h"
#include "queue_guest.h"
#include "request.h"
#include "trace.h"

#define NONE	VGPU_ERR_NONE

static struct vgpu_fixture_vgpu *account_v(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;

	return &f->v[0];
}

/* A figure of a vGPU, or of a context if that is not 0 */
static u64 account_figure(struct kunit *test, struct vgpu *vgpu, u32 ctx_id, u32 figure)
{
	struct vgpu_stats_report *report = kunit_kzalloc(test, sizeof(*report), GFP_KERNEL);
	struct vgpu_ctx *ctx = ctx_id ? vgpu_ctx_find(vgpu, ctx_id) : NULL;
	u64 value;

	KUNIT_ASSERT_NOT_NULL(test, report);
	KUNIT_EXPECT_EQ(test, !!ctx, !!ctx_id);
	vgpu_stats_read(vgpu, ctx, report);
	value = vgpu_figure_get(figure, report);
	kunit_kfree(test, report);
	if (ctx)
		vgpu_ctx_put(ctx);
	return value;
}

static void account_expect(struct kunit *test, struct vgpu *vgpu, u32 ctx, u32 figure, u64 n)
{
	char name[VGPU_FIGURE_NAME];

	vgpu_figure_name(figure, name);
	KUNIT_EXPECT_EQ_MSG(test, account_figure(test, vgpu, ctx, figure), n,
			    "%s of context %u", name, ctx);
}

/* Each way in which something is refused is counted by its reason, and as nothing else. */
static void account_rejected_mailbox(struct kunit *test)
{
	struct vgpu *vgpu = &account_v(test)->vgpu;
	u32 ctx = vgpu_fixture_ctx(test, vgpu), other = vgpu_fixture_ctx(test, vgpu);
	u64 submitted = account_figure(test, vgpu, 0, VGPU_FIGURE_SUBMITTED);
	u32 bo = vgpu_fixture_bo(test, vgpu, ctx, 4096);

	vgpu_request_put_raw(vgpu, "", 1);
	KUNIT_EXPECT_EQ(test, vgpu_request_run(vgpu), VGPU_ERR_INVALID_LENGTH);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, 0x77), VGPU_ERR_UNSUPPORTED_OP);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, 0x77), VGPU_ERR_UNSUPPORTED_OP);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_FILL, ctx, bo, 0, 0, 8192, 0, 0),
			VGPU_ERR_OUT_OF_RANGE);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_FILL, 99, bo, 0, 0, 8192, 0, 0),
			VGPU_ERR_BAD_HANDLE);
	account_expect(test, vgpu, 0, VGPU_FIGURE_REJECTED + VGPU_ERR_INVALID_LENGTH, 1);
	account_expect(test, vgpu, 0, VGPU_FIGURE_REJECTED + VGPU_ERR_UNSUPPORTED_OP, 2);
	account_expect(test, vgpu, 0, VGPU_FIGURE_REJECTED + VGPU_ERR_OUT_OF_RANGE, 1);
	account_expect(test, vgpu, 0, VGPU_FIGURE_REJECTED + VGPU_ERR_BAD_HANDLE, 1);
	account_expect(test, vgpu, 0, VGPU_FIGURE_REJECTED_ALL, 5);
	/* of the context only what names it */
	account_expect(test, vgpu, ctx, VGPU_FIGURE_REJECTED + VGPU_ERR_OUT_OF_RANGE, 1);
	account_expect(test, vgpu, ctx, VGPU_FIGURE_REJECTED_ALL, 1);
	account_expect(test, vgpu, other, VGPU_FIGURE_REJECTED_ALL, 0);
	/* one, which made the object */
	account_expect(test, vgpu, 0, VGPU_FIGURE_SUBMITTED, submitted + 1);
	account_expect(test, vgpu, 0, VGPU_FIGURE_FAILED_ALL, 0);
	/* what fails when it is run is not refused */
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_DESTROY, ctx, 77), VGPU_ERR_BAD_HANDLE);
	account_expect(test, vgpu, 0, VGPU_FIGURE_REJECTED_ALL, 5);
	account_expect(test, vgpu, 0, VGPU_FIGURE_FAILED + VGPU_ERR_BAD_HANDLE, 1);
	account_expect(test, vgpu, ctx, VGPU_FIGURE_FAILED + VGPU_ERR_BAD_HANDLE, 1);
	/* the arbiter takes nothing of a vGPU that is stopped */
	vgpu_stop(vgpu);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_NOP), VGPU_ERR_CANCELED);
	account_expect(test, vgpu, 0, VGPU_FIGURE_REJECTED + VGPU_ERR_CANCELED, 1);
	account_expect(test, vgpu, 0, VGPU_FIGURE_PENDING, 0);
	vgpu_start(vgpu);
}

static void account_rejected_queue(struct kunit *test)
{
	struct vgpu_fixture_vgpu *v = account_v(test);
	struct vgpu_dev_sqe *sqe;
	struct queue_guest q, waiter;
	u64 submitted;

	queue_guest_create(test, &q, v, 8);
	queue_guest_add(test, &waiter, &q, 4, 8);
	submitted = account_figure(test, &v->vgpu, 0, VGPU_FIGURE_SUBMITTED);
	queue_guest_sqe(&q, 0);
	vgpu_ring_submit(&q.ring, 77);
	sqe = queue_guest_sqe(&q, 1);
	sqe->fill.dst = cpu_to_le32(99);
	vgpu_ring_submit(&q.ring, VGPU_SQE_FILL);
	queue_guest_kick(&q);
	/* a fence that is passed: no job, and nothing wrong */
	sqe = queue_guest_sqe(&waiter, 0);
	sqe->wait.queue = cpu_to_le32(q.id);
	sqe->wait.index = cpu_to_le32(1);
	vgpu_ring_submit(&waiter.ring, VGPU_SQE_WAIT);
	queue_guest_nops(&waiter, 1);
	queue_guest_kick(&waiter);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, 0), VGPU_ERR_UNSUPPORTED_OP);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, 1), VGPU_ERR_BAD_HANDLE);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &waiter, 0), NONE);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &waiter, 1), NONE);
	account_expect(test, &v->vgpu, q.ctx, VGPU_FIGURE_REJECTED + VGPU_ERR_UNSUPPORTED_OP, 1);
	account_expect(test, &v->vgpu, q.ctx, VGPU_FIGURE_REJECTED + VGPU_ERR_BAD_HANDLE, 1);
	account_expect(test, &v->vgpu, q.ctx, VGPU_FIGURE_REJECTED_ALL, 2);
	account_expect(test, &v->vgpu, 0, VGPU_FIGURE_REJECTED_ALL, 2);
	account_expect(test, &v->vgpu, q.ctx, VGPU_FIGURE_REJECTED + NONE, 1);
	account_expect(test, &v->vgpu, 0, VGPU_FIGURE_REJECTED + NONE, 1);
	account_expect(test, &v->vgpu, 0, VGPU_FIGURE_SUBMITTED, submitted + 1);
}

/* What is in a queue counts for its context and no other. */
static void account_contexts(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = account_v(test);
	struct vgpu *vgpu = &v->vgpu;
	u32 ctx, bo, before;
	struct queue_guest q;

	f->mock.gpu_ns = 10;
	queue_guest_create(test, &q, v, 8);
	ctx = vgpu_fixture_ctx(test, vgpu);
	bo = vgpu_fixture_bo(test, vgpu, ctx, 4096);
	/* queue's context: its object and its queue; the other: its object */
	account_expect(test, vgpu, q.ctx, VGPU_FIGURE_SUBMITTED, 2);
	account_expect(test, vgpu, ctx, VGPU_FIGURE_SUBMITTED, 1);
	before = account_figure(test, vgpu, 0, VGPU_FIGURE_SUBMITTED);
	queue_guest_nops(&q, 3);
	queue_guest_kick(&q);
	account_expect(test, vgpu, q.ctx, VGPU_FIGURE_SUBMITTED, 5);
	account_expect(test, vgpu, q.ctx, VGPU_FIGURE_FAILED + NONE, 5);
	account_expect(test, vgpu, q.ctx, VGPU_FIGURE_GPU_TIME, 30);
	account_expect(test, vgpu, ctx, VGPU_FIGURE_SUBMITTED, 1);
	account_expect(test, vgpu, ctx, VGPU_FIGURE_GPU_TIME, 0);
	KUNIT_EXPECT_EQ(test, vgpu_do_data(vgpu, VGPU_OP_BO_WRITE, "12345678", 8, ctx, bo, 0, 0),
			NONE);
	account_expect(test, vgpu, ctx, VGPU_FIGURE_SUBMITTED, 2);
	account_expect(test, vgpu, ctx, VGPU_FIGURE_COPIED, 8);
	account_expect(test, vgpu, ctx, VGPU_FIGURE_GPU_TIME, 10);
	account_expect(test, vgpu, q.ctx, VGPU_FIGURE_COPIED, 0);
	account_expect(test, vgpu, q.ctx, VGPU_FIGURE_SWITCHES, 1);
	account_expect(test, vgpu, ctx, VGPU_FIGURE_SWITCHES, 1);
	account_expect(test, vgpu, 0, VGPU_FIGURE_SUBMITTED, before + 4);
	account_expect(test, vgpu, 0, VGPU_FIGURE_GPU_TIME, 40);
	account_expect(test, vgpu, 0, VGPU_FIGURE_COPIED, 8);
	account_expect(test, &f->v[1].vgpu, 0, VGPU_FIGURE_SUBMITTED, 0);
	/* it goes, and the vGPU's figures remain */
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_CTX_DESTROY, q.ctx), NONE);
	account_expect(test, vgpu, 0, VGPU_FIGURE_GPU_TIME, 40);
	/* a new one begins with nothing, whatever number it has */
	KUNIT_EXPECT_EQ(test, vgpu_fixture_ctx(test, vgpu), q.ctx);
	account_expect(test, vgpu, q.ctx, VGPU_FIGURE_SUBMITTED, 0);
	/* nor is it taken for one that was where it is */
	KUNIT_EXPECT_NOT_NULL(test, vgpu->entity.arb->last);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_CTX_DESTROY, ctx), NONE);
	KUNIT_EXPECT_NULL(test, vgpu->entity.arb->last);
}

/* A context that ends while its job waits: the job ends first. */
static void account_ctx_ends_first(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = account_v(test);
	struct queue_guest q;

	queue_guest_create(test, &q, v, 8);
	f->mock.sync = false;
	queue_guest_nops(&q, VGPU_FIXTURE_DEPTH + 2);
	queue_guest_kick(&q);
	account_expect(test, &v->vgpu, q.ctx, VGPU_FIGURE_PENDING, VGPU_FIXTURE_DEPTH + 2);
	KUNIT_EXPECT_EQ(test, vgpu_do(&v->vgpu, VGPU_OP_CTX_DESTROY, q.ctx), NONE);
	account_expect(test, &v->vgpu, 0, VGPU_FIGURE_FAILED + VGPU_ERR_CANCELED,
		       VGPU_FIXTURE_DEPTH + 2);
	account_expect(test, &v->vgpu, 0, VGPU_FIGURE_PENDING, 0);
}

static void account_memory(struct kunit *test)
{
	struct vgpu *vgpu = &account_v(test)->vgpu;
	u32 a = vgpu_fixture_ctx(test, vgpu), b = vgpu_fixture_ctx(test, vgpu);
	u32 bo = vgpu_fixture_bo(test, vgpu, a, 8192);

	vgpu_fixture_bo(test, vgpu, b, 4096);
	account_expect(test, vgpu, 0, VGPU_FIGURE_MEMORY_USED, 12288);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_DESTROY, a, bo), NONE);
	account_expect(test, vgpu, a, VGPU_FIGURE_MEMORY_USED, 0);
	account_expect(test, vgpu, a, VGPU_FIGURE_MEMORY_PEAK, 8192);
	account_expect(test, vgpu, b, VGPU_FIGURE_MEMORY_USED, 4096);
	account_expect(test, vgpu, b, VGPU_FIGURE_MEMORY_PEAK, 4096);
	account_expect(test, vgpu, 0, VGPU_FIGURE_MEMORY_USED, 4096);
	account_expect(test, vgpu, 0, VGPU_FIGURE_MEMORY_PEAK, 12288);
	/* less than there was */
	vgpu_fixture_bo(test, vgpu, a, 4096);
	account_expect(test, vgpu, a, VGPU_FIGURE_MEMORY_PEAK, 8192);
	account_expect(test, vgpu, 0, VGPU_FIGURE_MEMORY_PEAK, 12288);
	/* what was not given was not used */
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_CREATE, a, 0, 0xff),
			VGPU_ERR_NO_MEMORY);
	account_expect(test, vgpu, 0, VGPU_FIGURE_MEMORY_PEAK, 12288);
	vgpu_stats_reset(vgpu);
	account_expect(test, vgpu, a, VGPU_FIGURE_MEMORY_PEAK, 4096);
	account_expect(test, vgpu, 0, VGPU_FIGURE_MEMORY_PEAK, 8192);
	account_expect(test, vgpu, 0, VGPU_FIGURE_MEMORY_USED, 8192);
}

/* The vGPU's figures and its contexts' begin again; another's don't. */
static void account_reset(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = account_v(test);
	u32 figure, other = vgpu_fixture_ctx(test, &f->v[1].vgpu);
	struct vgpu *vgpu = &v->vgpu;
	struct queue_guest q;

	queue_guest_create(test, &q, v, 8);
	vgpu_fixture_bo(test, vgpu, q.ctx, 4096);
	queue_guest_nops(&q, 1);
	queue_guest_sqe(&q, 1);
	vgpu_ring_submit(&q.ring, 77);
	queue_guest_kick(&q);
	f->mock.sync = false;
	queue_guest_nops(&q, 2);
	queue_guest_kick(&q);
	vgpu_stats_reset(vgpu);
	for (figure = 0; figure < VGPU_FIGURES; figure++) {
		u64 want = figure == VGPU_FIGURE_SUBMITTED || figure == VGPU_FIGURE_PENDING ? 2 :
			   figure == VGPU_FIGURE_MEMORY_USED ||
			   figure == VGPU_FIGURE_MEMORY_PEAK ? 4096 : 0;

		account_expect(test, vgpu, 0, figure, want);
		account_expect(test, vgpu, q.ctx, figure, want);
	}
	account_expect(test, &f->v[1].vgpu, 0, VGPU_FIGURE_SUBMITTED, 1);
	account_expect(test, &f->v[1].vgpu, other, VGPU_FIGURE_SUBMITTED, 0);
	vgpu_mock_complete_first(&f->mock, NONE);
	vgpu_mock_complete_first(&f->mock, VGPU_ERR_TIMEOUT);
	account_expect(test, vgpu, q.ctx, VGPU_FIGURE_PENDING, 0);
	account_expect(test, vgpu, 0, VGPU_FIGURE_PENDING, 0);
	account_expect(test, vgpu, 0, VGPU_FIGURE_FAILED + VGPU_ERR_TIMEOUT, 1);
}

/* One list of files: every name is there, and there once. */
static void account_names(struct kunit *test)
{
	char (*name)[VGPU_FIGURE_NAME];
	u32 i, j;

	name = kunit_kcalloc(test, VGPU_FIGURES, sizeof(*name), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, name);
	for (i = 0; i < VGPU_FIGURES; i++) {
		vgpu_figure_name(i, name[i]);
		KUNIT_EXPECT_NULL(test, strchr(name[i], '('));
		KUNIT_EXPECT_LT(test, 3, (int)strlen(name[i]));
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, name[i], name[j]);
	}
	KUNIT_EXPECT_STREQ(test, name[VGPU_FIGURE_FAILED + NONE], "completed");
	KUNIT_EXPECT_STREQ(test, name[VGPU_FIGURE_FAILED + VGPU_ERR_TIMEOUT], "failed_timeout");
	KUNIT_EXPECT_STREQ(test, name[VGPU_FIGURE_REJECTED + NONE], "fences_passed");
	KUNIT_EXPECT_STREQ(test, name[VGPU_FIGURE_REJECTED + VGPU_ERR_BUSY], "rejected_busy");
}

/**
 * struct account_seen - what tracepoints told
 * @submit: vgpu_submit
 * @dispatch: vgpu_dispatch
 * @complete: vgpu_complete
 * @refuse: vgpu_refuse
 * @from: of the last
 * @type: of the last
 * @status: of the last vgpu_complete or vgpu_refuse
 */
struct account_seen {
	u32 submit;
	u32 dispatch;
	u32 complete;
	u32 refuse;
	struct vgpu_job_from from;
	enum vgpu_job_type type;
	enum vgpu_error status;
};

static void account_see(struct account_seen *seen, const struct vgpu_job *job)
{
	seen->from = job->from;
	seen->type = job->type;
}

static void account_submit(void *data, const struct vgpu_job *job)
{
	struct account_seen *seen = data;

	seen->submit++;
	account_see(seen, job);
}

static void account_dispatch(void *data, const struct vgpu_job *job)
{
	struct account_seen *seen = data;

	seen->dispatch++;
	account_see(seen, job);
}

static void account_complete(void *data, const struct vgpu_job *job)
{
	struct account_seen *seen = data;

	seen->complete++;
	seen->status = job->status;
	account_see(seen, job);
}

static void account_refuse(void *data, const struct vgpu_job *job, enum vgpu_error reason)
{
	struct account_seen *seen = data;

	seen->refuse++;
	seen->status = reason;
	account_see(seen, job);
}

static void account_expect_seen(struct kunit *test, const struct account_seen *seen, u32 submit,
				u32 dispatch, u32 complete, u32 refuse)
{
	KUNIT_EXPECT_EQ(test, seen->submit, submit);
	KUNIT_EXPECT_EQ(test, seen->dispatch, dispatch);
	KUNIT_EXPECT_EQ(test, seen->complete, complete);
	KUNIT_EXPECT_EQ(test, seen->refuse, refuse);
}

static void account_traced(struct kunit *test, struct account_seen *seen)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[1];
	struct vgpu_dev_sqe *sqe;
	struct queue_guest q;

	vgpu_fixture_ctx(test, &v->vgpu);
	account_expect_seen(test, seen, 1, 1, 1, 0);
	KUNIT_EXPECT_EQ(test, seen->from.vm_id, 2U);
	KUNIT_EXPECT_EQ(test, seen->from.ctx, 0U);
	KUNIT_EXPECT_EQ(test, seen->from.queue, VGPU_JOB_FROM_MAILBOX);
	KUNIT_EXPECT_EQ(test, seen->type, VGPU_JOB_CONTROL);
	KUNIT_EXPECT_EQ(test, seen->status, NONE);
	queue_guest_create(test, &q, v, 8);
	queue_guest_add(test, &q, &q, 4, 8);
	memset(seen, 0, sizeof(*seen));

	sqe = queue_guest_sqe(&q, 0);
	sqe->fill.dst = cpu_to_le32(99);
	vgpu_ring_submit(&q.ring, VGPU_SQE_FILL);
	queue_guest_kick(&q);
	account_expect_seen(test, seen, 0, 0, 0, 1);
	KUNIT_EXPECT_EQ(test, seen->from.vm_id, 2U);
	KUNIT_EXPECT_EQ(test, seen->from.ctx, q.ctx);
	KUNIT_EXPECT_EQ(test, seen->from.queue, (s32)q.id);
	KUNIT_EXPECT_EQ(test, seen->type, VGPU_JOB_FILL);
	KUNIT_EXPECT_EQ(test, seen->status, VGPU_ERR_BAD_HANDLE);

	/* one with the backend and called off, the others called off before */
	f->mock.sync = false;
	queue_guest_nops(&q, VGPU_FIXTURE_DEPTH + 1);
	queue_guest_kick(&q);
	account_expect_seen(test, seen, VGPU_FIXTURE_DEPTH + 1, VGPU_FIXTURE_DEPTH, 0, 1);
	vgpu_stop(&v->vgpu);
	account_expect_seen(test, seen, VGPU_FIXTURE_DEPTH + 1, VGPU_FIXTURE_DEPTH,
			    VGPU_FIXTURE_DEPTH + 1, 1);
	KUNIT_EXPECT_EQ(test, seen->status, VGPU_ERR_CANCELED);
	KUNIT_EXPECT_EQ(test, seen->from.queue, (s32)q.id);
}

static void account_trace(struct kunit *test)
{
	struct account_seen *seen = kunit_kzalloc(test, sizeof(*seen), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, seen);
	KUNIT_EXPECT_EQ(test, register_trace_vgpu_submit(account_submit, seen), 0);
	KUNIT_EXPECT_EQ(test, register_trace_vgpu_dispatch(account_dispatch, seen), 0);
	KUNIT_EXPECT_EQ(test, register_trace_vgpu_complete(account_complete, seen), 0);
	KUNIT_EXPECT_EQ(test, register_trace_vgpu_refuse(account_refuse, seen), 0);
	account_traced(test, seen);
	unregister_trace_vgpu_submit(account_submit, seen);
	unregister_trace_vgpu_dispatch(account_dispatch, seen);
	unregister_trace_vgpu_complete(account_complete, seen);
	unregister_trace_vgpu_refuse(account_refuse, seen);
	tracepoint_synchronize_unregister();
}

static struct kunit_case account_cases[] = {
	KUNIT_CASE(account_rejected_mailbox),
	KUNIT_CASE(account_rejected_queue),
	KUNIT_CASE(account_contexts),
	KUNIT_CASE(account_ctx_ends_first),
	KUNIT_CASE(account_memory),
	KUNIT_CASE(account_reset),
	KUNIT_CASE(account_names),
	KUNIT_CASE(account_trace),
	{}
};

static struct kunit_suite account_suite = {
	.name = "vgpu_stats_vgpu",
	.init = vgpu_fixture_init,
	.exit = vgpu_fixture_exit,
	.test_cases = account_cases,
};

kunit_test_suite(account_suite);
