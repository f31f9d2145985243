// SPDX-License-Identifier: GPL-2.0
/* What the device offers, what the guest accepts of it, and what holds then. */
#include <kunit/test.h>

#include "bar.h"
#include "fixture.h"
#include "queue_guest.h"

#define NONE		VGPU_ERR_NONE
#define UNSUPPORTED	VGPU_ERR_UNSUPPORTED_OP

static void feature_accept(struct vgpu *vgpu, u64 features)
{
	vgpu_reg_set(vgpu, VGPU_REG_EXT_ACCEPTED_LO, lower_32_bits(features));
	vgpu_reg_set(vgpu, VGPU_REG_EXT_ACCEPTED_HI, upper_32_bits(features));
}

static u64 feature_get(struct vgpu *vgpu, u32 low)
{
	return vgpu_reg(vgpu, low) | (u64)vgpu_reg(vgpu, low + 4) << 32;
}

static void feature_enable(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = &f->v[0].vgpu;
	u64 bad;

	vgpu_reset(vgpu);
	KUNIT_EXPECT_EQ(test, feature_get(vgpu, VGPU_REG_EXT_FEATURES_LO),
			VGPU_FEATURE_QUEUES | VGPU_FEATURE_WAIT | VGPU_FEATURE_TIMESTAMP |
			VGPU_FEATURE_RESTORE | VGPU_FEATURE_AGAIN);
	KUNIT_EXPECT_EQ(test, feature_get(vgpu, VGPU_REG_EXT_ACCEPTED_LO), 0ULL);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_EXT_CONTROL), 0U);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_EXT_STATUS), 0U);

	/* each half has its own place, and what is offered can't be written */
	feature_accept(vgpu, 0x123456789abcdef0ULL);
	KUNIT_EXPECT_EQ(test, feature_get(vgpu, VGPU_REG_EXT_ACCEPTED_LO),
			0x123456789abcdef0ULL);
	bad = vgpu_counter(vgpu, VGPU_COUNT_BAD_BAR);
	vgpu_reg_set(vgpu, VGPU_REG_EXT_FEATURES_LO, 0);
	vgpu_reg_set(vgpu, VGPU_REG_EXT_STATUS, VGPU_EXT_ENABLED);
	vgpu_reg_set(vgpu, VGPU_REG_EXT_CONTROL, 0);
	vgpu_reg_set(vgpu, VGPU_REG_EXT_CONTROL, 3);
	KUNIT_EXPECT_EQ(test, vgpu_counter(vgpu, VGPU_COUNT_BAD_BAR), bad + 4);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_EXT_STATUS), 0U);

	/* more than there is */
	vgpu_reg_set(vgpu, VGPU_REG_EXT_CONTROL, VGPU_EXT_ENABLE);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_EXT_STATUS), VGPU_EXT_REFUSED);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_EXT_CONTROL), 0U);
	feature_accept(vgpu, VGPU_FEATURE_QUEUES | 1ULL << 63);
	vgpu_reg_set(vgpu, VGPU_REG_EXT_CONTROL, VGPU_EXT_ENABLE);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_EXT_STATUS), VGPU_EXT_REFUSED);

	/* less is fine; and it is for good */
	feature_accept(vgpu, VGPU_FEATURE_QUEUES);
	vgpu_reg_set(vgpu, VGPU_REG_EXT_CONTROL, VGPU_EXT_ENABLE);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_EXT_STATUS), VGPU_EXT_ENABLED);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_EXT_CONTROL), VGPU_EXT_ENABLE);
	feature_accept(vgpu, 0);
	vgpu_reg_set(vgpu, VGPU_REG_EXT_CONTROL, 0);
	KUNIT_EXPECT_EQ(test, feature_get(vgpu, VGPU_REG_EXT_ACCEPTED_LO), VGPU_FEATURE_QUEUES);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_EXT_STATUS), VGPU_EXT_ENABLED);

	vgpu_reset(vgpu);
	KUNIT_EXPECT_EQ(test, feature_get(vgpu, VGPU_REG_EXT_ACCEPTED_LO), 0ULL);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_EXT_STATUS), 0U);
	/* the other vGPU's are its own */
	KUNIT_EXPECT_EQ(test, vgpu_reg(&f->v[1].vgpu, VGPU_REG_EXT_STATUS), VGPU_EXT_ENABLED);
}

/* Without the feature its opcodes are as unknown as any other. */
static void feature_opcodes(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = &f->v[0].vgpu;
	struct queue_guest q;
	u32 ctx;

	vgpu_reset(vgpu);
	ctx = vgpu_fixture_ctx(test, vgpu);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_CREATE_SYSTEM, ctx, PAGE_SIZE, 0, PAGE_SIZE,
				      0), UNSUPPORTED);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_QUEUE_CREATE, ctx, 1, 0, 0, 4, 0),
			UNSUPPORTED);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_MODULE_LOAD, ctx, 0), UNSUPPORTED);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_QUEUE_DESTROY, ctx, 0), UNSUPPORTED);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_QUEUE_ABORT, ctx, 0), UNSUPPORTED);
	/* accepted is not enabled */
	feature_accept(vgpu, VGPU_FEATURE_QUEUES);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_QUEUE_DESTROY, ctx, 0), UNSUPPORTED);
	vgpu_reg_set(vgpu, VGPU_REG_EXT_CONTROL, VGPU_EXT_ENABLE);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_QUEUE_DESTROY, ctx, 0), VGPU_ERR_BAD_HANDLE);

	/* queues, and nothing else */
	queue_guest_create(test, &q, &f->v[0], 4);
	queue_guest_sqe(&q, 0);
	vgpu_ring_submit(&q.ring, VGPU_SQE_WAIT);
	queue_guest_sqe(&q, 1)->timestamp.dst = cpu_to_le32(q.bo);
	vgpu_ring_submit(&q.ring, VGPU_SQE_TIMESTAMP);
	queue_guest_sqe(&q, 2);
	vgpu_ring_submit(&q.ring, VGPU_SQE_NOP | VGPU_SQE_AGAIN);
	queue_guest_nops(&q, 1);
	queue_guest_kick(&q);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, 0), UNSUPPORTED);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, 1), UNSUPPORTED);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, 2), VGPU_ERR_INVALID_REQUEST);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, 3), NONE);
}

static struct kunit_case feature_cases[] = {
	KUNIT_CASE(feature_enable),
	KUNIT_CASE(feature_opcodes),
	{}
};

static struct kunit_suite feature_suite = {
	.name = "vgpu_feature",
	.init = vgpu_fixture_init,
	.exit = vgpu_fixture_exit,
	.test_cases = feature_cases,
};

kunit_test_suite(feature_suite);
