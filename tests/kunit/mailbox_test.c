// SPDX-License-Identifier: GPL-2.0
/*
 * The mailbox: its states, what the guest may do in each, and a reset in each.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/ktime.h>

#include "bar.h"
#include "call.h"
#include "job.h"
#include "fixture.h"

static struct vgpu *mailbox_vgpu(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;

	return &f->v[0].vgpu;
}

static u32 mailbox_status(struct kunit *test)
{
	return vgpu_reg(mailbox_vgpu(test), VGPU_REG_STATUS);
}

/* ring with a request of this opcode, whose job then stays with the backend */
static struct vgpu_job *mailbox_submit(struct kunit *test, u32 opcode, u32 nparams,
				       const u32 *param)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = mailbox_vgpu(test);
	struct vgpu_job *job;

	f->mock.sync = false;
	vgpu_request_put(vgpu, opcode, nparams, param, NULL, 0);
	vgpu_reg_set(vgpu, VGPU_REG_DOORBELL, 1);
	vgpu_mock_settle(&f->mock);
	job = vgpu_mock_first(&f->mock);
	KUNIT_ASSERT_NOT_NULL(test, job);
	return job;
}

#define mailbox_begin(test, opcode, ...)					\
	mailbox_submit(test, opcode, sizeof((u32[]){ __VA_ARGS__ }) / 4,	\
		       (u32[]){ __VA_ARGS__ })

static void mailbox_busy_until_done(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = mailbox_vgpu(test);

	f->mock.sync = false;
	KUNIT_EXPECT_EQ(test, mailbox_status(test), VGPU_STATUS_IDLE);
	vgpu_put(vgpu, VGPU_OP_COMPUTE, 5, 6);
	KUNIT_EXPECT_EQ(test, mailbox_status(test), VGPU_STATUS_IDLE);
	vgpu_reg_set(vgpu, VGPU_REG_DOORBELL, 0);
	KUNIT_EXPECT_EQ(test, mailbox_status(test), VGPU_STATUS_BUSY);
	KUNIT_EXPECT_EQ(test, vgpu->mailbox.call->job.owner, VGPU_JOB_ARBITER);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, mailbox_status(test), VGPU_STATUS_BUSY);
	KUNIT_EXPECT_EQ(test, vgpu->mailbox.call->job.owner, VGPU_JOB_BACKEND);
	KUNIT_ASSERT_TRUE(test, vgpu_mock_complete_first(&f->mock, VGPU_ERR_NONE));
	KUNIT_EXPECT_EQ(test, mailbox_status(test), VGPU_STATUS_DONE);
	KUNIT_EXPECT_EQ(test, vgpu->mailbox.call->job.owner, VGPU_JOB_GUEST);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_ERROR_CODE), 0);
	KUNIT_EXPECT_EQ(test, vgpu_response_result(vgpu, 0), 11);
	KUNIT_EXPECT_STREQ(test, vgpu_response_fault(vgpu, 1, 0) ?: "none", "none");
}

static const enum vgpu_error mailbox_errors[] = {
	VGPU_ERR_BACKEND_UNAVAILABLE, VGPU_ERR_TIMEOUT, VGPU_ERR_GPU,
	VGPU_ERR_CANCELED,
};

static void mailbox_error_desc(const enum vgpu_error *err, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "backend says 0x%02x", *err);
}

KUNIT_ARRAY_PARAM(mailbox_error, mailbox_errors, mailbox_error_desc);

static void mailbox_backend_error(struct kunit *test)
{
	const enum vgpu_error *err = test->param_value;
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = mailbox_vgpu(test);

	mailbox_begin(test, VGPU_OP_COMPUTE, 5, 6);
	vgpu_mock_complete_first(&f->mock, *err);
	KUNIT_EXPECT_EQ(test, mailbox_status(test), VGPU_STATUS_ERROR);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_ERROR_CODE), *err);
	KUNIT_EXPECT_STREQ(test, vgpu_response_fault(vgpu, 0, 0) ?: "none", "none");
	KUNIT_EXPECT_EQ(test, atomic64_read(&vgpu->counters.failed[*err]), 1);
	KUNIT_EXPECT_EQ(test, vgpu_counter(vgpu, VGPU_COUNT_COMPLETED), 0);
	/* an error is the end of a request, not of the mailbox */
	f->mock.sync = true;
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_NOP), VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_ERROR_CODE), 0);
}

static void mailbox_doorbell_while_busy(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = mailbox_vgpu(test);
	u32 i;

	mailbox_begin(test, VGPU_OP_COMPUTE, 1, 2);
	vgpu_put(vgpu, VGPU_OP_COMPUTE, 100, 200);
	for (i = 1; i <= 5; i++) {
		vgpu_reg_set(vgpu, VGPU_REG_DOORBELL, i);
		vgpu_mock_settle(&f->mock);
		KUNIT_EXPECT_EQ(test, vgpu_counter(vgpu, VGPU_COUNT_DOORBELL_BUSY), i);
		KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, 1);
		KUNIT_EXPECT_EQ(test, mailbox_status(test), VGPU_STATUS_BUSY);
	}
	vgpu_mock_complete_first(&f->mock, VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, vgpu_response_result(vgpu, 0), 3);
	/* refused doorbells are not remembered either */
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, 0);
	KUNIT_EXPECT_EQ(test, mailbox_status(test), VGPU_STATUS_DONE);
	KUNIT_EXPECT_EQ(test, vgpu_counter(vgpu, VGPU_COUNT_REQUESTS), 1);
	KUNIT_EXPECT_EQ(test, vgpu_counter(vgpu, VGPU_COUNT_COMPLETED), 1);
}

static void mailbox_request_is_private(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = mailbox_vgpu(test);
	u32 ctx = vgpu_fixture_ctx(test, vgpu);
	u32 bo = vgpu_fixture_bo(test, vgpu, ctx, 4096);
	u8 data[16] = "as it was sent", garbage[VGPU_REQ_BUF_SIZE];
	struct vgpu_job *job;

	memset(garbage, 0xff, sizeof(garbage));
	f->mock.sync = false;
	vgpu_put_data(vgpu, VGPU_OP_BO_WRITE, data, sizeof(data), ctx, bo, 64, 0);
	vgpu_reg_set(vgpu, VGPU_REG_DOORBELL, 1);
	/* while it waits, and again while it runs */
	vgpu_request_put_raw(vgpu, garbage, sizeof(garbage));
	vgpu_mock_settle(&f->mock);
	job = vgpu_mock_first(&f->mock);
	KUNIT_ASSERT_NOT_NULL(test, job);
	vgpu_request_put_raw(vgpu, garbage, ~0U);
	KUNIT_EXPECT_EQ(test, job->type, VGPU_JOB_WRITE);
	KUNIT_EXPECT_EQ(test, job->inline_copy.range.offset, 64);
	KUNIT_EXPECT_EQ(test, job->inline_copy.range.length, sizeof(data));
	KUNIT_EXPECT_EQ(test, memcmp(job->inline_copy.data, data, sizeof(data)), 0);
	vgpu_mock_complete_first(&f->mock, VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, mailbox_status(test), VGPU_STATUS_DONE);
	/* the guest's own bytes are where it put them */
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REQ_BUF), ~0U);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_REQUEST_LEN), ~0U);
}

static void mailbox_len_read_once(struct kunit *test)
{
	struct vgpu *vgpu = mailbox_vgpu(test);
	struct vgpu_fixture *f = test->priv;

	f->mock.sync = false;
	vgpu_request_put(vgpu, VGPU_OP_NOP, 0, NULL, NULL, 0);
	vgpu_reg_set(vgpu, VGPU_REG_DOORBELL, 1);
	vgpu_reg_set(vgpu, VGPU_REG_REQUEST_LEN, 0);
	vgpu_mock_settle(&f->mock);
	vgpu_mock_complete_first(&f->mock, VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, mailbox_status(test), VGPU_STATUS_DONE);
	KUNIT_EXPECT_EQ(test, vgpu_request_run(vgpu), VGPU_ERR_INVALID_LENGTH);
}

/* registers that are the guest's stay so while a request runs */
static void mailbox_registers_while_busy(struct kunit *test)
{
	struct vgpu *vgpu = mailbox_vgpu(test);
	struct vgpu_fixture *f = test->priv;

	vgpu_reg_set(vgpu, VGPU_REG_REQUEST_ID, 0x1234);
	mailbox_submit(test, VGPU_OP_NOP, 0, NULL);
	vgpu_reg_set(vgpu, VGPU_REG_SCRATCH, 0xabcd);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_SCRATCH), 0xabcd);
	vgpu_mock_complete_first(&f->mock, VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_REQUEST_ID), 0x1234);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_SCRATCH), 0xabcd);
}

/**
 * struct mailbox_irq - a request that ends in some way
 * @name: for people
 * @ctrl: IRQ_CTRL
 * @good: it passes validation
 * @end: how the backend ends it then
 */
struct mailbox_irq {
	const char *name;
	u32 ctrl;
	bool good;
	enum vgpu_error end;
};

static const struct mailbox_irq mailbox_irqs[] = {
	{ "done", 1, true, VGPU_ERR_NONE },
	{ "error", 1, true, VGPU_ERR_GPU },
	{ "refused", 1, false, VGPU_ERR_NONE },
	{ "done, masked", 0, true, VGPU_ERR_NONE },
	{ "error, masked", 0, true, VGPU_ERR_GPU },
	{ "refused, masked", 0, false, VGPU_ERR_NONE },
	{ "done, other bits set", ~1U, true, VGPU_ERR_NONE },
};

static void mailbox_irq_desc(const struct mailbox_irq *p, char *desc)
{
	strscpy(desc, p->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(mailbox_irq, mailbox_irqs, mailbox_irq_desc);

static void mailbox_interrupt(struct kunit *test)
{
	const struct mailbox_irq *p = test->param_value;
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = mailbox_vgpu(test);
	u32 round, irqs = p->ctrl & 1;

	f->mock.sync = false;
	f->v[0].vector = ~0U;
	vgpu_reg_set(vgpu, VGPU_REG_IRQ_CTRL, p->ctrl);
	for (round = 1; round <= 3; round++) {
		vgpu_request_put(vgpu, p->good ? VGPU_OP_NOP : 0x77, 0, NULL, NULL, 0);
		vgpu_reg_set(vgpu, VGPU_REG_DOORBELL, 1);
		vgpu_mock_settle(&f->mock);
		if (p->good) {
			KUNIT_EXPECT_EQ(test, f->v[0].irqs, (round - 1) * irqs);
			KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_IRQ_STATUS), 0);
			vgpu_mock_complete_first(&f->mock, p->end);
		}
		KUNIT_EXPECT_EQ(test, f->v[0].irqs, round * irqs);
		KUNIT_EXPECT_EQ(test, vgpu_counter(vgpu, VGPU_COUNT_INTERRUPTS),
				round * irqs);
		/* it happened, signalled or not */
		KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_IRQ_STATUS), 1);
		vgpu_reg_set(vgpu, VGPU_REG_IRQ_STATUS, 1);
		KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_IRQ_STATUS), 0);
	}
	KUNIT_EXPECT_EQ(test, f->v[0].vector, irqs ? 0 : ~0U);
	KUNIT_EXPECT_EQ(test, f->v[1].irqs, 0);
}

static u64 mailbox_timestamp(struct vgpu *vgpu)
{
	return (u64)vgpu_reg(vgpu, VGPU_REG_TIMESTAMP_HI) << 32 |
	       vgpu_reg(vgpu, VGPU_REG_TIMESTAMP_LO);
}

static void mailbox_timestamps(struct kunit *test)
{
	struct vgpu *vgpu = mailbox_vgpu(test);
	u64 first, second, begin;

	KUNIT_EXPECT_EQ(test, mailbox_timestamp(vgpu), 0);
	begin = ktime_get_ns();
	vgpu_reset(vgpu);
	usleep_range(1000, 2000);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_NOP), VGPU_ERR_NONE);
	first = mailbox_timestamp(vgpu);
	/* since the reset, not since some time of the host's */
	KUNIT_EXPECT_GE(test, first, 1000000);
	KUNIT_EXPECT_LE(test, first, ktime_get_ns() - begin);
	/* of the completion, not of the read; a refusal is one */
	usleep_range(1000, 2000);
	KUNIT_EXPECT_EQ(test, mailbox_timestamp(vgpu), first);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, 0x77), VGPU_ERR_UNSUPPORTED_OP);
	second = mailbox_timestamp(vgpu);
	KUNIT_EXPECT_GE(test, second, first + 1000000);
	vgpu_reset(vgpu);
	KUNIT_EXPECT_EQ(test, mailbox_timestamp(vgpu), 0);
	/* more than 32 bits of it */
	vgpu->mailbox.regs.epoch_ns = ktime_get_ns() - (5ULL << 32);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_NOP), VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_TIMESTAMP_HI), 5);
}

static void mailbox_exec_time(struct kunit *test)
{
	static const struct {
		u64 ns;
		u32 us;
	} table[] = { { 0, 0 }, { 1, 1 }, { 999, 1 }, { 1000, 1 }, { 1001, 2 },
		      { 5000000000ULL, 5000000 } };
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = mailbox_vgpu(test);
	struct vgpu_dev_response head;
	u64 sum = 0;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		f->mock.gpu_ns = table[i].ns;
		KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_NOP), VGPU_ERR_NONE);
		head = vgpu_response_head(vgpu);
		KUNIT_EXPECT_EQ(test, le32_to_cpu(head.exec_time_us), table[i].us);
		sum += table[i].ns;
		KUNIT_EXPECT_EQ(test, vgpu_counter(vgpu, VGPU_COUNT_GPU_NS), sum);
	}
	/* what was refused took no time, whatever ran before it */
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, 0x77), VGPU_ERR_UNSUPPORTED_OP);
	head = vgpu_response_head(vgpu);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(head.exec_time_us), 0);
	KUNIT_EXPECT_EQ(test, vgpu_counter(vgpu, VGPU_COUNT_GPU_NS), sum);
}

static void mailbox_expect_initial(struct kunit *test, struct vgpu *vgpu)
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
enum mailbox_place {
	MAILBOX_NEVER,
	MAILBOX_DONE,
	MAILBOX_ERROR,
	MAILBOX_ARBITER,
	MAILBOX_BACKEND,
};

static const enum mailbox_place mailbox_places[] = {
	MAILBOX_NEVER, MAILBOX_DONE, MAILBOX_ERROR, MAILBOX_ARBITER, MAILBOX_BACKEND,
};

static void mailbox_place_desc(const enum mailbox_place *place, char *desc)
{
	static const char * const names[] = {
		"idle", "done", "error", "waiting in the arbiter", "with the backend",
	};

	strscpy(desc, names[*place], KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(mailbox_place, mailbox_places, mailbox_place_desc);

static void mailbox_reset_at(struct kunit *test)
{
	const enum mailbox_place *place = test->param_value;
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = mailbox_vgpu(test);
	struct vgpu_job *job = &vgpu->mailbox.call->job;
	u32 ctx = vgpu_fixture_ctx(test, vgpu), bo, other;

	bo = vgpu_fixture_bo(test, vgpu, ctx, 8192);
	other = vgpu_fixture_ctx(test, &f->v[1].vgpu);
	vgpu_reg_set(vgpu, VGPU_REG_IRQ_CTRL, 1);
	vgpu_reg_set(vgpu, VGPU_REG_SCRATCH, 1);
	vgpu_reg_set(vgpu, VGPU_REG_REQUEST_ID, 1);
	if (*place == MAILBOX_DONE)
		vgpu_do(vgpu, VGPU_OP_NOP);
	if (*place == MAILBOX_ERROR)
		vgpu_do(vgpu, 0x77);
	if (*place >= MAILBOX_ARBITER) {
		f->mock.sync = false;
		vgpu_put(vgpu, VGPU_OP_FILL, ctx, bo, 0, 0, 4096, 0, 7);
		vgpu_reg_set(vgpu, VGPU_REG_DOORBELL, 1);
		if (*place == MAILBOX_BACKEND)
			vgpu_mock_settle(&f->mock);
		KUNIT_ASSERT_EQ(test, job->owner, *place == MAILBOX_BACKEND ?
				VGPU_JOB_BACKEND : VGPU_JOB_ARBITER);
	}
	vgpu_reset(vgpu);

	mailbox_expect_initial(test, vgpu);
	KUNIT_EXPECT_EQ(test, job->owner, VGPU_JOB_GUEST);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, 0);
	KUNIT_EXPECT_EQ(test, f->mock.nr_bos, 0);
	KUNIT_EXPECT_EQ(test, vgpu_counter(vgpu, VGPU_COUNT_RESETS), 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&vgpu->counters.failed[VGPU_ERR_CANCELED]),
			*place >= MAILBOX_ARBITER);
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
 * struct mailbox_thread - another CPU of the guest, or its VMM
 * @vgpu: the vGPU
 * @act: what it does
 * @done: it has
 */
struct mailbox_thread {
	struct vgpu *vgpu;
	void (*act)(struct vgpu *vgpu);
	struct completion done;
};

static int mailbox_thread_main(void *arg)
{
	struct mailbox_thread *thread = arg;

	thread->act(thread->vgpu);
	complete(&thread->done);
	return 0;
}

static void mailbox_thread_run(struct kunit *test, struct mailbox_thread *thread,
			       void (*act)(struct vgpu *vgpu))
{
	struct task_struct *task;

	thread->vgpu = mailbox_vgpu(test);
	thread->act = act;
	init_completion(&thread->done);
	task = kthread_run(mailbox_thread_main, thread, "vgpu-mailbox-test");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
}

static void mailbox_thread_join(struct kunit *test, struct mailbox_thread *thread)
{
	KUNIT_EXPECT_NE(test, wait_for_completion_timeout(&thread->done, 10 * HZ), 0);
}

/* begin a reset that a job with the backend holds up */
static void mailbox_reset_held_up(struct kunit *test, struct mailbox_thread *resetter)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = mailbox_vgpu(test);
	u32 i;

	mailbox_submit(test, VGPU_OP_NOP, 0, NULL);
	f->mock.keep_on_abort = true;
	mailbox_thread_run(test, resetter, vgpu_reset);
	for (i = 0; i < 100; i++) {
		if (vgpu_mock_call_find(&f->mock, VGPU_MOCK_ABORT, &vgpu->entity) >= 0)
			break;
		msleep(20);
	}
	msleep(20);
	KUNIT_EXPECT_LT(test, i, 100);
	KUNIT_EXPECT_FALSE(test, completion_done(&resetter->done));
}

static void mailbox_reset_waits_for_backend(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct mailbox_thread *resetter = kunit_kzalloc(test, sizeof(*resetter), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, resetter);
	mailbox_reset_held_up(test, resetter);
	KUNIT_EXPECT_EQ(test, mailbox_status(test), VGPU_STATUS_BUSY);
	/* the backend was faster than the abort: that is allowed */
	vgpu_mock_complete_first(&f->mock, VGPU_ERR_NONE);
	mailbox_thread_join(test, resetter);
	mailbox_expect_initial(test, mailbox_vgpu(test));
}

/* while it waits, others' requests run */
static void mailbox_reset_leaves_others_alone(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *other = &f->v[1].vgpu;
	struct mailbox_thread *resetter = kunit_kzalloc(test, sizeof(*resetter), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, resetter);
	mailbox_reset_held_up(test, resetter);
	f->mock.sync = true;
	KUNIT_EXPECT_EQ(test, vgpu_do(other, VGPU_OP_COMPUTE, 1, 2), VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, vgpu_response_result(other, 0), 3);
	vgpu_mock_complete_first(&f->mock, VGPU_ERR_CANCELED);
	mailbox_thread_join(test, resetter);
}

static void mailbox_ring(struct vgpu *vgpu)
{
	vgpu_reg_set(vgpu, VGPU_REG_DOORBELL, 1);
}

/*
 * A doorbell that comes while the vGPU is being reset: it is refused, or obeyed
 * before or after, but nothing that it makes outlives the reset.
 */
static void mailbox_doorbell_during_reset(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = mailbox_vgpu(test);
	struct mailbox_thread *thread = kunit_kcalloc(test, 2, sizeof(*thread), GFP_KERNEL);
	u32 ctx = vgpu_fixture_ctx(test, vgpu);

	KUNIT_ASSERT_NOT_NULL(test, thread);
	mailbox_reset_held_up(test, &thread[0]);
	vgpu_put(vgpu, VGPU_OP_BO_CREATE, ctx, 4096, 0);
	mailbox_thread_run(test, &thread[1], mailbox_ring);
	msleep(20);
	vgpu_mock_complete_first(&f->mock, VGPU_ERR_CANCELED);
	mailbox_thread_join(test, &thread[0]);
	mailbox_thread_join(test, &thread[1]);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, f->mock.nr_bos, 0);
	KUNIT_EXPECT_EQ(test, f->mock.nr_ctxs, 0);
	KUNIT_EXPECT_EQ(test, vgpu_quota_used(vgpu), 0);
	KUNIT_EXPECT_EQ(test, vgpu->mailbox.call->job.owner, VGPU_JOB_GUEST);
	KUNIT_EXPECT_NE(test, mailbox_status(test), VGPU_STATUS_BUSY);
	f->mock.sync = true;
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_NOP), VGPU_ERR_NONE);
}

/* the threads of mailbox_doorbells_and_resets() are to end */
static bool mailbox_storm_stop;

static void mailbox_storm_ring(struct vgpu *vgpu)
{
	u32 param[3] = { 1, 4096, 0 }, round;

	for (round = 0; !READ_ONCE(mailbox_storm_stop); round++) {
		vgpu_request_put(vgpu, round % 4 ? VGPU_OP_BO_CREATE : VGPU_OP_CTX_CREATE,
				 round % 4 ? 3 : 0, param, NULL, 0);
		mailbox_ring(vgpu);
		usleep_range(50, 200);
	}
}

static void mailbox_storm_reset(struct vgpu *vgpu)
{
	while (!READ_ONCE(mailbox_storm_stop)) {
		vgpu_reset(vgpu);
		usleep_range(100, 500);
	}
}

/* two CPUs ring, one resets, for a while; then there is nothing left */
static void mailbox_doorbells_and_resets(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = mailbox_vgpu(test);
	struct mailbox_thread *thread = kunit_kcalloc(test, 3, sizeof(*thread), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, thread);
	mailbox_storm_stop = false;
	mailbox_thread_run(test, &thread[0], mailbox_storm_ring);
	mailbox_thread_run(test, &thread[1], mailbox_storm_ring);
	mailbox_thread_run(test, &thread[2], mailbox_storm_reset);
	msleep(500);
	WRITE_ONCE(mailbox_storm_stop, true);
	for (i = 0; i < 3; i++)
		mailbox_thread_join(test, &thread[i]);
	KUNIT_EXPECT_GT(test, vgpu_counter(vgpu, VGPU_COUNT_RESETS), 0);
	KUNIT_EXPECT_GT(test, vgpu_counter(vgpu, VGPU_COUNT_COMPLETED), 0);
	vgpu_reset(vgpu);
	mailbox_expect_initial(test, vgpu);
	KUNIT_EXPECT_EQ(test, f->mock.nr_ctxs, 0);
	KUNIT_EXPECT_EQ(test, f->mock.nr_bos, 0);
}

static void mailbox_stopped(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = mailbox_vgpu(test);

	vgpu_fixture_ctx(test, vgpu);
	vgpu_stop(vgpu);
	mailbox_expect_initial(test, vgpu);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_NOP), VGPU_ERR_CANCELED);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_CTX_CREATE), VGPU_ERR_CANCELED);
	KUNIT_EXPECT_EQ(test, f->mock.nr_ctxs, 0);
	KUNIT_EXPECT_EQ(test, vgpu_do(&f->v[1].vgpu, VGPU_OP_NOP), VGPU_ERR_NONE);
	vgpu_start(vgpu);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_NOP), VGPU_ERR_NONE);
	/* policy and counters outlive it */
	KUNIT_EXPECT_EQ(test, vgpu_counter(vgpu, VGPU_COUNT_RESETS), 0);
	KUNIT_EXPECT_EQ(test, vgpu_counter(vgpu, VGPU_COUNT_REQUESTS), 4);
	KUNIT_EXPECT_EQ(test, vgpu->quota.memory_size, VGPU_FIXTURE_QUOTA);
}

static void mailbox_reset_ends_config_and_contexts(struct kunit *test)
{
	struct vgpu *vgpu = mailbox_vgpu(test);
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

static struct kunit_case mailbox_cases[] = {
	KUNIT_CASE(mailbox_busy_until_done),
	KUNIT_CASE_PARAM(mailbox_backend_error, mailbox_error_gen_params),
	KUNIT_CASE(mailbox_doorbell_while_busy),
	KUNIT_CASE(mailbox_request_is_private),
	KUNIT_CASE(mailbox_len_read_once),
	KUNIT_CASE(mailbox_registers_while_busy),
	KUNIT_CASE_PARAM(mailbox_interrupt, mailbox_irq_gen_params),
	KUNIT_CASE(mailbox_timestamps),
	KUNIT_CASE(mailbox_exec_time),
	KUNIT_CASE_PARAM(mailbox_reset_at, mailbox_place_gen_params),
	KUNIT_CASE(mailbox_reset_waits_for_backend),
	KUNIT_CASE(mailbox_reset_leaves_others_alone),
	KUNIT_CASE(mailbox_doorbell_during_reset),
	KUNIT_CASE(mailbox_doorbells_and_resets),
	KUNIT_CASE(mailbox_stopped),
	KUNIT_CASE(mailbox_reset_ends_config_and_contexts),
	{}
};

static struct kunit_suite mailbox_suite = {
	.name = "vgpu_mailbox",
	.init = vgpu_fixture_init,
	.exit = vgpu_fixture_exit,
	.test_cases = mailbox_cases,
};

kunit_test_suite(mailbox_suite);
