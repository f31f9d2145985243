// SPDX-License-Identifier: GPL-2.0
/* A GPU that nobody drives for a while, and contexts that it has lost. */
#include <kunit/test.h>

#include "ctx.h"
#include "fixture.h"
#include "gpu.h"
#include "queue.h"
#include "queue_guest.h"
#include "request.h"

#define NONE		VGPU_ERR_NONE
#define LOST		VGPU_ERR_BACKEND_LOST

static int lost_init(struct kunit *test)
{
	int ret = vgpu_fixture_init(test);
	struct vgpu_fixture *f = test->priv;

	if (!ret)
		f->mock.sync = false;
	return ret;
}

static void lost_ctx(struct vgpu *vgpu, u32 id)
{
	struct vgpu_ctx *ctx = vgpu_ctx_find(vgpu, id);

	vgpu_ctx_lose(ctx);
	vgpu_ctx_put(ctx);
}

static void lost_run_all(struct vgpu_fixture *f)
{
	vgpu_mock_settle(&f->mock);
	while (vgpu_mock_complete_first(&f->mock, NONE))
		vgpu_mock_settle(&f->mock);
}

/* Jobs wait, whichever way they came; what the guest makes and ends doesn't. */
static void lost_pause(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = &f->v[0].vgpu;
	struct queue_guest q;

	queue_guest_create(test, &q, &f->v[0], 16);
	/* as many as there is room for are with the backend, and stay there */
	queue_guest_nops(&q, VGPU_FIXTURE_DEPTH + 3);
	queue_guest_kick(&q);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, VGPU_FIXTURE_DEPTH);
	vgpu_gpu_pause(&f->mock.gpu);
	vgpu_mock_complete_first(&f->mock, LOST);
	vgpu_mock_complete_first(&f->mock, NONE);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, 0U);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, 0), LOST);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, 1), NONE);
	vgpu_put(vgpu, VGPU_OP_COMPUTE, 4, 7);
	vgpu_reg_set(vgpu, VGPU_REG_DOORBELL, 1);
	KUNIT_EXPECT_EQ(test, vgpu_do(&f->v[1].vgpu, VGPU_OP_BO_CREATE,
				      vgpu_fixture_ctx(test, &f->v[1].vgpu), 4096, 0), NONE);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, 0U);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_STATUS), VGPU_STATUS_BUSY);

	vgpu_gpu_resume(&f->mock.gpu);
	lost_run_all(f);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_STATUS), VGPU_STATUS_DONE);
	KUNIT_EXPECT_EQ(test, vgpu_response_result(vgpu, 0), 11U);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, 2), NONE);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, 3), NONE);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, 4), NONE);
}

/* Nobody waits for the next who drives it: a reset ends all, and a queue can be ended. */
static void lost_pause_ends(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct queue_guest a, b;

	queue_guest_create(test, &a, &f->v[0], 16);
	queue_guest_create(test, &b, &f->v[1], 16);
	vgpu_gpu_pause(&f->mock.gpu);
	queue_guest_nops(&a, 2);
	queue_guest_kick(&a);
	queue_guest_nops(&b, 2);
	queue_guest_kick(&b);
	KUNIT_EXPECT_EQ(test, vgpu_do(&f->v[0].vgpu, VGPU_OP_QUEUE_DESTROY, a.ctx, a.id), NONE);
	vgpu_reset(&f->v[1].vgpu);
	vgpu_gpu_resume(&f->mock.gpu);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, 0U);
}

/* What waits of a context that is lost ends at once, and what comes; another's goes on. */
static void lost_context(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = &f->v[0].vgpu;
	struct queue_guest a;
	u32 ctx, bo;

	queue_guest_create(test, &a, &f->v[0], 16);
	ctx = vgpu_fixture_ctx(test, vgpu);
	f->mock.sync = true;
	bo = vgpu_fixture_bo(test, vgpu, ctx, 4096);
	f->mock.sync = false;
	vgpu_gpu_pause(&f->mock.gpu);
	queue_guest_nops(&a, 2);
	queue_guest_kick(&a);
	vgpu_put(vgpu, VGPU_OP_FILL, ctx, bo, 0, 0, 4096, 0, 77);
	vgpu_reg_set(vgpu, VGPU_REG_DOORBELL, 1);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_STATUS), VGPU_STATUS_BUSY);
	/* that of the mailbox, which isn't in the context's turn */
	lost_ctx(vgpu, ctx);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_STATUS), VGPU_STATUS_ERROR);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_ERROR_CODE), LOST);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_FILL, ctx, bo, 0, 0, 4096, 0, 77), LOST);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 0), -1);
	/* and those of a queue */
	lost_ctx(vgpu, a.ctx);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 0), LOST);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 1), LOST);
	queue_guest_nops(&a, 1);
	queue_guest_kick(&a);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 2), LOST);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_CTX_DESTROY, a.ctx), NONE);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_CTX_DESTROY, ctx), NONE);
	vgpu_gpu_resume(&f->mock.gpu);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, 0U);
	/* the next is as good as new */
	ctx = vgpu_fixture_ctx(test, vgpu);
	f->mock.sync = true;
	bo = vgpu_fixture_bo(test, vgpu, ctx, 4096);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_FILL, ctx, bo, 0, 0, 4096, 0, 77), NONE);
}

static struct kunit_case lost_cases[] = {
	KUNIT_CASE(lost_pause),
	KUNIT_CASE(lost_pause_ends),
	KUNIT_CASE(lost_context),
	{}
};

static struct kunit_suite lost_suite = {
	.name = "vgpu_lost",
	.init = lost_init,
	.exit = vgpu_fixture_exit,
	.test_cases = lost_cases,
};

kunit_test_suite(lost_suite);
