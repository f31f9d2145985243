// SPDX-License-Identifier: GPL-2.0
/*
 * The mailbox: its states, and what the guest may do in each.
 */
#include <kunit/test.h>
#include <linux/delay.h>
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
	KUNIT_EXPECT_EQ(test, vgpu->entity.stats.ended[*err], 1);
	KUNIT_EXPECT_EQ(test, vgpu->entity.stats.ended[VGPU_ERR_NONE], 0);
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
	KUNIT_EXPECT_EQ(test, vgpu_fixture_requests(vgpu), 1);
	KUNIT_EXPECT_EQ(test, vgpu->entity.stats.ended[VGPU_ERR_NONE], 1);
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
		KUNIT_EXPECT_EQ(test, vgpu->entity.stats.gpu_ns, sum);
	}
	/* what was refused took no time, whatever ran before it */
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, 0x77), VGPU_ERR_UNSUPPORTED_OP);
	head = vgpu_response_head(vgpu);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(head.exec_time_us), 0);
	KUNIT_EXPECT_EQ(test, vgpu->entity.stats.gpu_ns, sum);
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
	{}
};

static struct kunit_suite mailbox_suite = {
	.name = "vgpu_mailbox",
	.init = vgpu_fixture_init,
	.exit = vgpu_fixture_exit,
	.test_cases = mailbox_cases,
};

kunit_test_suite(mailbox_suite);
