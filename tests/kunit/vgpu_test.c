// SPDX-License-Identifier: GPL-2.0
/*
 * Start, stop and reset of a vGPU, with a request in each place where it can be, and
 * with doorbells at the same time.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>

#include "bar.h"
#include "call.h"
#include "job.h"
#include "fixture.h"

static struct vgpu *life_vgpu(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;

	return &f->v[0].vgpu;
}

static u32 life_status(struct kunit *test)
{
	return vgpu_reg(life_vgpu(test), VGPU_REG_STATUS);
}

static void life_expect_initial(struct kunit *test, struct vgpu *vgpu)
{
	static const u32 zero[] = { 0x000, 0x004, 0x014, 0x018, 0x01c, 0x028, 0x02c,
				    0x030, 0x034, 0x038, 0x03c };
	u8 *bytes = kunit_kzalloc(test, 0x800, GFP_KERNEL);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(zero); i++)
		KUNIT_EXPECT_EQ_MSG(test, vgpu_reg(vgpu, zero[i]), 0, "0x%x", zero[i]);
	KUNIT_ASSERT_NOT_NULL(test, bytes);
	vgpu_bar0_read(vgpu, 0x40, bytes, 0x800);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(bytes, 0, 0x800), NULL);
	KUNIT_EXPECT_EQ(test, vgpu_quota_used(vgpu), 0);
	KUNIT_EXPECT_TRUE(test, xa_empty(&vgpu->ctxs));
}

/* Where the request is when the reset comes */
enum life_place {
	LIFE_NEVER,
	LIFE_DONE,
	LIFE_ERROR,
	LIFE_ARBITER,
	LIFE_BACKEND,
};

static const enum life_place life_places[] = {
	LIFE_NEVER, LIFE_DONE, LIFE_ERROR, LIFE_ARBITER, LIFE_BACKEND,
};

static void life_place_desc(const enum life_place *place, char *desc)
{
	static const char * const names[] = {
		"idle", "done", "error", "waiting in the arbiter", "with the backend",
	};

	strscpy(desc, names[*place], KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(life_place, life_places, life_place_desc);

static void life_reset_at(struct kunit *test)
{
	const enum life_place *place = test->param_value;
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = life_vgpu(test);
	struct vgpu_job *job = &vgpu->mailbox.call->job;
	u32 ctx = vgpu_fixture_ctx(test, vgpu), bo, other;

	bo = vgpu_fixture_bo(test, vgpu, ctx, 8192);
	other = vgpu_fixture_ctx(test, &f->v[1].vgpu);
	vgpu_reg_set(vgpu, VGPU_REG_IRQ_CTRL, 1);
	vgpu_reg_set(vgpu, VGPU_REG_SCRATCH, 1);
	vgpu_reg_set(vgpu, VGPU_REG_REQUEST_ID, 1);
	if (*place == LIFE_DONE)
		vgpu_do(vgpu, VGPU_OP_NOP);
	if (*place == LIFE_ERROR)
		vgpu_do(vgpu, 0x77);
	if (*place >= LIFE_ARBITER) {
		f->mock.sync = false;
		vgpu_put(vgpu, VGPU_OP_FILL, ctx, bo, 0, 0, 4096, 0, 7);
		vgpu_reg_set(vgpu, VGPU_REG_DOORBELL, 1);
		if (*place == LIFE_BACKEND)
			vgpu_mock_settle(&f->mock);
		KUNIT_ASSERT_EQ(test, job->owner, *place == LIFE_BACKEND ?
				VGPU_JOB_BACKEND : VGPU_JOB_ARBITER);
	}
	vgpu_reset(vgpu);

	life_expect_initial(test, vgpu);
	KUNIT_EXPECT_EQ(test, job->owner, VGPU_JOB_GUEST);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, 0);
	KUNIT_EXPECT_EQ(test, f->mock.nr_bos, 0);
	KUNIT_EXPECT_EQ(test, vgpu_counter(vgpu, VGPU_COUNT_RESETS), 1);
	KUNIT_EXPECT_EQ(test, vgpu->entity.stats.ended[VGPU_ERR_CANCELED],
			*place >= LIFE_ARBITER);
	/* it works again, and the neighbour noticed nothing */
	f->mock.sync = true;
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_CTX_DESTROY, ctx),
			VGPU_ERR_BAD_HANDLE);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_COMPUTE, 3, 4), VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, vgpu_response_result(vgpu, 0), 7);
	KUNIT_EXPECT_EQ(test, vgpu_do(&f->v[1].vgpu, VGPU_OP_CTX_DESTROY, other),
			VGPU_ERR_NONE);
}

/**
 * struct life_thread - another CPU of the guest, or its VMM
 * @vgpu: the vGPU
 * @act: what it does
 * @done: it has
 */
struct life_thread {
	struct vgpu *vgpu;
	void (*act)(struct vgpu *vgpu);
	struct completion done;
};

static int life_thread_main(void *arg)
{
	struct life_thread *thread = arg;

	thread->act(thread->vgpu);
	complete(&thread->done);
	return 0;
}

static void life_thread_run(struct kunit *test, struct life_thread *thread,
			    void (*act)(struct vgpu *vgpu))
{
	struct task_struct *task;

	thread->vgpu = life_vgpu(test);
	thread->act = act;
	init_completion(&thread->done);
	task = kthread_run(life_thread_main, thread, "vgpu-life-test");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
}

static void life_thread_join(struct kunit *test, struct life_thread *thread)
{
	KUNIT_EXPECT_NE(test, wait_for_completion_timeout(&thread->done, 10 * HZ), 0);
}

/* begin a reset that a job with the backend holds up */
static void life_reset_held_up(struct kunit *test, struct life_thread *resetter)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = life_vgpu(test);
	u32 i;

	f->mock.sync = false;
	vgpu_put(vgpu, VGPU_OP_NOP);
	vgpu_reg_set(vgpu, VGPU_REG_DOORBELL, 1);
	vgpu_mock_settle(&f->mock);
	KUNIT_ASSERT_NOT_NULL(test, vgpu_mock_first(&f->mock));
	f->mock.keep_on_abort = true;
	life_thread_run(test, resetter, vgpu_reset);
	for (i = 0; i < 100; i++) {
		if (vgpu_mock_call_find(&f->mock, VGPU_MOCK_ABORT, &vgpu->entity) >= 0)
			break;
		msleep(20);
	}
	msleep(20);
	KUNIT_EXPECT_LT(test, i, 100);
	KUNIT_EXPECT_FALSE(test, completion_done(&resetter->done));
}

static void life_reset_waits_for_backend(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct life_thread *resetter = kunit_kzalloc(test, sizeof(*resetter), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, resetter);
	life_reset_held_up(test, resetter);
	KUNIT_EXPECT_EQ(test, life_status(test), VGPU_STATUS_BUSY);
	/* the backend was faster than the abort: that is allowed */
	vgpu_mock_complete_first(&f->mock, VGPU_ERR_NONE);
	life_thread_join(test, resetter);
	life_expect_initial(test, life_vgpu(test));
}

/* while it waits, others' requests run */
static void life_reset_leaves_others_alone(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *other = &f->v[1].vgpu;
	struct life_thread *resetter = kunit_kzalloc(test, sizeof(*resetter), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, resetter);
	life_reset_held_up(test, resetter);
	f->mock.sync = true;
	KUNIT_EXPECT_EQ(test, vgpu_do(other, VGPU_OP_COMPUTE, 1, 2), VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, vgpu_response_result(other, 0), 3);
	vgpu_mock_complete_first(&f->mock, VGPU_ERR_CANCELED);
	life_thread_join(test, resetter);
}

static void life_ring(struct vgpu *vgpu)
{
	vgpu_reg_set(vgpu, VGPU_REG_DOORBELL, 1);
}

/*
 * A doorbell that comes while the vGPU is being reset: it is refused, or obeyed
 * before or after, but nothing that it makes outlives the reset.
 */
static void life_doorbell_during_reset(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = life_vgpu(test);
	struct life_thread *thread = kunit_kcalloc(test, 2, sizeof(*thread), GFP_KERNEL);
	u32 ctx = vgpu_fixture_ctx(test, vgpu);

	KUNIT_ASSERT_NOT_NULL(test, thread);
	life_reset_held_up(test, &thread[0]);
	vgpu_put(vgpu, VGPU_OP_BO_CREATE, ctx, 4096, 0);
	life_thread_run(test, &thread[1], life_ring);
	msleep(20);
	vgpu_mock_complete_first(&f->mock, VGPU_ERR_CANCELED);
	life_thread_join(test, &thread[0]);
	life_thread_join(test, &thread[1]);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, f->mock.nr_bos, 0);
	KUNIT_EXPECT_EQ(test, f->mock.nr_ctxs, 0);
	KUNIT_EXPECT_EQ(test, vgpu_quota_used(vgpu), 0);
	KUNIT_EXPECT_EQ(test, vgpu->mailbox.call->job.owner, VGPU_JOB_GUEST);
	KUNIT_EXPECT_NE(test, life_status(test), VGPU_STATUS_BUSY);
	f->mock.sync = true;
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_NOP), VGPU_ERR_NONE);
}

/* the threads of life_doorbells_and_resets() are to end */
static bool life_storm_stop;

static void life_storm_ring(struct vgpu *vgpu)
{
	u32 param[3] = { 1, 4096, 0 }, round;

	for (round = 0; !READ_ONCE(life_storm_stop); round++) {
		vgpu_request_put(vgpu, round % 4 ? VGPU_OP_BO_CREATE : VGPU_OP_CTX_CREATE,
				 round % 4 ? 3 : 0, param, NULL, 0);
		life_ring(vgpu);
		usleep_range(50, 200);
	}
}

static void life_storm_reset(struct vgpu *vgpu)
{
	while (!READ_ONCE(life_storm_stop)) {
		vgpu_reset(vgpu);
		usleep_range(100, 500);
	}
}

/* two CPUs ring, one resets, for a while; then there is nothing left */
static void life_doorbells_and_resets(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = life_vgpu(test);
	struct life_thread *thread = kunit_kcalloc(test, 3, sizeof(*thread), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, thread);
	life_storm_stop = false;
	life_thread_run(test, &thread[0], life_storm_ring);
	life_thread_run(test, &thread[1], life_storm_ring);
	life_thread_run(test, &thread[2], life_storm_reset);
	msleep(500);
	WRITE_ONCE(life_storm_stop, true);
	for (i = 0; i < 3; i++)
		life_thread_join(test, &thread[i]);
	KUNIT_EXPECT_GT(test, vgpu_counter(vgpu, VGPU_COUNT_RESETS), 0);
	KUNIT_EXPECT_GT(test, vgpu->entity.stats.ended[VGPU_ERR_NONE], 0);
	vgpu_reset(vgpu);
	life_expect_initial(test, vgpu);
	KUNIT_EXPECT_EQ(test, f->mock.nr_ctxs, 0);
	KUNIT_EXPECT_EQ(test, f->mock.nr_bos, 0);
}

static void life_stopped(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = life_vgpu(test);

	vgpu_fixture_ctx(test, vgpu);
	vgpu_stop(vgpu);
	life_expect_initial(test, vgpu);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_NOP), VGPU_ERR_CANCELED);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_CTX_CREATE), VGPU_ERR_CANCELED);
	KUNIT_EXPECT_EQ(test, f->mock.nr_ctxs, 0);
	KUNIT_EXPECT_EQ(test, vgpu_do(&f->v[1].vgpu, VGPU_OP_NOP), VGPU_ERR_NONE);
	vgpu_start(vgpu);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_NOP), VGPU_ERR_NONE);
	/* policy and counters outlive it */
	KUNIT_EXPECT_EQ(test, vgpu_counter(vgpu, VGPU_COUNT_RESETS), 0);
	KUNIT_EXPECT_EQ(test, vgpu_fixture_requests(vgpu), 4);
	KUNIT_EXPECT_EQ(test, vgpu->quota.memory_size, VGPU_FIXTURE_QUOTA);
}

static void life_reset_ends_config_and_contexts(struct kunit *test)
{
	struct vgpu *vgpu = life_vgpu(test);
	u8 command[2] = { 0x06, 0 };
	bool flr = false;
	u32 ctx;

	ctx = vgpu_fixture_ctx(test, vgpu);
	vgpu_fixture_bo(test, vgpu, ctx, VGPU_FIXTURE_QUOTA);
	vgpu_config_write(&vgpu->config, PCI_COMMAND, command, 2, &flr);
	vgpu_reset(vgpu);
	vgpu_config_read(&vgpu->config, PCI_COMMAND, command, 2);
	KUNIT_EXPECT_EQ(test, command[0], 0);
	/* all of the quota is there again */
	ctx = vgpu_fixture_ctx(test, vgpu);
	vgpu_fixture_bo(test, vgpu, ctx, VGPU_FIXTURE_QUOTA);
}

static struct kunit_case life_cases[] = {
	KUNIT_CASE_PARAM(life_reset_at, life_place_gen_params),
	KUNIT_CASE(life_reset_waits_for_backend),
	KUNIT_CASE(life_reset_leaves_others_alone),
	KUNIT_CASE(life_doorbell_during_reset),
	KUNIT_CASE(life_doorbells_and_resets),
	KUNIT_CASE(life_stopped),
	KUNIT_CASE(life_reset_ends_config_and_contexts),
	{}
};

static struct kunit_suite life_suite = {
	.name = "vgpu_life",
	.init = vgpu_fixture_init,
	.exit = vgpu_fixture_exit,
	.test_cases = life_cases,
};

kunit_test_suite(life_suite);
