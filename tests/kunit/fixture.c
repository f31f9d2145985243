// SPDX-License-Identifier: GPL-2.0
/* The fixture.  Context: process context; may sleep. */
#include <kunit/test.h>

#include "fixture.h"

static void vgpu_fixture_raise_irq(struct vgpu *vgpu, u32 vector)
{
	struct vgpu_fixture_vgpu *v = container_of(vgpu, struct vgpu_fixture_vgpu,
						   vgpu);

	v->irqs++;
	v->vector = vector;
}

/**
 * vgpu_fixture_init() - make a GPU and two started vGPUs
 * @test: its priv becomes a struct vgpu_fixture
 *
 * Return: 0 or an error.
 */
int vgpu_fixture_init(struct kunit *test)
{
	struct vgpu_fixture *f;
	int ret;
	u32 i;

	f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	if (!f)
		return -ENOMEM;
	test->priv = f;
	ret = vgpu_mock_init(&f->mock, ARRAY_SIZE(f->v) * VGPU_FIXTURE_QUOTA,
			     VGPU_FIXTURE_DEPTH);
	if (ret)
		return ret;
	f->made++;
	f->mock.sync = true;
	for (i = 0; i < ARRAY_SIZE(f->v); i++) {
		ret = vgpu_init(&f->v[i].vgpu, &f->mock.gpu, i + 1,
				VGPU_FIXTURE_QUOTA, vgpu_fixture_raise_irq);
		if (ret)
			return ret;
		f->made++;
		vgpu_start(&f->v[i].vgpu);
	}
	return 0;
}

/**
 * vgpu_fixture_exit() - end the GPU, and see that nothing is left
 * @test: as vgpu_fixture_init() left it
 */
void vgpu_fixture_exit(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu;

	if (!f || !f->made)
		return;
	/* a test that failed half-way must not make the clean-up wait */
	f->mock.on_submit = NULL;
	f->mock.on_abort = NULL;
	f->mock.keep_on_abort = false;
	f->mock.refuse = 0;
	f->mock.refuse_until_complete = false;
	f->mock.sync = true;
	while (f->made > 1) {
		vgpu = &f->v[--f->made - 1].vgpu;
		vgpu_stop(vgpu);
		KUNIT_EXPECT_EQ(test, vgpu_quota_used(vgpu), 0ULL);
		KUNIT_EXPECT_EQ(test, vgpu->quota.nr_bos, 0U);
		KUNIT_EXPECT_TRUE(test, xa_empty(&vgpu->ctxs));
		vgpu_fini(vgpu);
	}
	vgpu_mock_fini(&f->mock);
	KUNIT_EXPECT_EQ(test, f->mock.violations, 0U);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, 0U);
	KUNIT_EXPECT_EQ(test, f->mock.nr_ctxs, 0U);
	KUNIT_EXPECT_EQ(test, f->mock.nr_bos, 0U);
	KUNIT_EXPECT_EQ(test, f->mock.bo_bytes, 0ULL);
}

/**
 * vgpu_fixture_ctx() - make a context by a request
 * @test: the test, which ends if it fails
 * @vgpu: the vGPU
 *
 * Return: its number.
 */
u32 vgpu_fixture_ctx(struct kunit *test, struct vgpu *vgpu)
{
	KUNIT_ASSERT_EQ(test, vgpu_do(vgpu, VGPU_OP_CTX_CREATE), VGPU_ERR_NONE);
	return vgpu_response_result(vgpu, 0);
}

/**
 * vgpu_fixture_bo() - make a buffer object by a request
 * @test: the test, which ends if it fails
 * @vgpu: the vGPU
 * @ctx: its context
 * @size: its bytes
 *
 * Return: its handle.
 */
u32 vgpu_fixture_bo(struct kunit *test, struct vgpu *vgpu, u32 ctx, u64 size)
{
	KUNIT_ASSERT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_CREATE, ctx, lower_32_bits(size),
				      upper_32_bits(size)), VGPU_ERR_NONE);
	return vgpu_response_result(vgpu, 0);
}
