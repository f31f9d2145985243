// SPDX-License-Identifier: GPL-2.0
/* The fixture.  Context: process context; may sleep. */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/overflow.h>

#include "fixture.h"

static void vgpu_fixture_raise_irq(struct vgpu *vgpu, u32 vector)
{
	struct vgpu_fixture_vgpu *v = container_of(vgpu, struct vgpu_fixture_vgpu,
						   vgpu);

	v->irqs++;
	v->vector = vector;
	if (v->on_irq)
		v->on_irq(v);
}

static struct vgpu_fixture_vgpu *vgpu_fixture_from(struct vgpu *vgpu)
{
	return container_of(vgpu, struct vgpu_fixture_vgpu, vgpu);
}

static bool vgpu_fixture_has(vgpu_iova_t iova, u64 length)
{
	u64 addr = vgpu_dma_addr(iova), end;

	return addr >= PAGE_SIZE && !check_add_overflow(addr, length, &end) &&
	       end <= VGPU_FIXTURE_PAGES * PAGE_SIZE;
}

static int vgpu_fixture_pin(struct vgpu *vgpu, vgpu_iova_t iova, u32 npages,
			    struct page **pages)
{
	struct vgpu_fixture_vgpu *v = vgpu_fixture_from(vgpu);
	u32 first = vgpu_dma_addr(iova) >> PAGE_SHIFT, i;

	if (v->on_pin)
		v->on_pin(v);
	if (v->fail_pin && !--v->fail_pin)
		return -ENOMEM;
	if (!npages || npages > VGPU_DMA_BATCH ||
	    !vgpu_fixture_has(iova, (u64)npages * PAGE_SIZE))
		return -EFAULT;
	for (i = 0; i < npages; i++) {
		pages[i] = virt_to_page(v->mem + (first + i) * PAGE_SIZE);
		v->pins[first + i]++;
		v->pinned++;
	}
	return 0;
}

static void vgpu_fixture_unpin(struct vgpu *vgpu, vgpu_iova_t iova, u32 npages)
{
	struct vgpu_fixture_vgpu *v = vgpu_fixture_from(vgpu);
	u32 first = vgpu_dma_addr(iova) >> PAGE_SHIFT, i;

	if (v->on_unpin)
		v->on_unpin(v);
	/* a pin that isn't there stays negative, and vgpu_fixture_exit() sees it */
	for (i = 0; i < npages; i++) {
		v->pins[first + i]--;
		v->pinned--;
	}
}

static int vgpu_fixture_read(struct vgpu *vgpu, vgpu_iova_t iova, void *buf, size_t len)
{
	if (!vgpu_fixture_has(iova, len))
		return -EFAULT;
	memcpy(buf, vgpu_fixture_from(vgpu)->mem + vgpu_dma_addr(iova), len);
	return 0;
}

static const struct vgpu_dma_ops vgpu_fixture_dma_ops = {
	.pin = vgpu_fixture_pin,
	.unpin = vgpu_fixture_unpin,
	.read = vgpu_fixture_read,
};

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
		f->v[i].mem = (u8 *)__get_free_pages(GFP_KERNEL | __GFP_ZERO,
						     get_order(VGPU_FIXTURE_PAGES * PAGE_SIZE));
		if (!f->v[i].mem)
			return -ENOMEM;
		ret = vgpu_init(&f->v[i].vgpu, &f->mock.gpu, i + 1,
				VGPU_FIXTURE_QUOTA, vgpu_fixture_raise_irq,
				&vgpu_fixture_dma_ops);
		if (ret)
			return ret;
		f->made++;
		vgpu_start(&f->v[i].vgpu);
		vgpu_fixture_enable(test, &f->v[i].vgpu, VGPU_FEATURES);
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
	u32 i;

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
		f->v[f->made - 1].on_irq = NULL;
		f->v[f->made - 1].on_unpin = NULL;
		vgpu_stop(vgpu);
		KUNIT_EXPECT_EQ(test, vgpu_quota_used(vgpu), 0ULL);
		KUNIT_EXPECT_EQ(test, vgpu->quota.nr_bos, 0U);
		KUNIT_EXPECT_TRUE(test, xa_empty(&vgpu->ctxs));
		KUNIT_EXPECT_EQ(test, vgpu->dma.nr_pages, 0U);
		for (i = 0; i < VGPU_FIXTURE_PAGES; i++)
			KUNIT_EXPECT_EQ(test, f->v[f->made - 1].pins[i], 0U);
		vgpu_fini(vgpu);
	}
	for (i = 0; i < ARRAY_SIZE(f->v); i++)
		free_pages((unsigned long)f->v[i].mem,
			   get_order(VGPU_FIXTURE_PAGES * PAGE_SIZE));
	vgpu_mock_fini(&f->mock);
	KUNIT_EXPECT_EQ(test, f->mock.violations, 0U);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, 0U);
	KUNIT_EXPECT_EQ(test, f->mock.nr_ctxs, 0U);
	KUNIT_EXPECT_EQ(test, f->mock.nr_bos, 0U);
	KUNIT_EXPECT_EQ(test, f->mock.bo_bytes, 0ULL);
}

/**
 * vgpu_fixture_enable() - accept features and enable them
 * @test: the test, which ends if it fails
 * @vgpu: the vGPU, none of whose features are enabled
 * @features: VGPU_FEATURE_*
 */
void vgpu_fixture_enable(struct kunit *test, struct vgpu *vgpu, u64 features)
{
	vgpu_reg_set(vgpu, VGPU_REG_EXT_ACCEPTED_LO, lower_32_bits(features));
	vgpu_reg_set(vgpu, VGPU_REG_EXT_ACCEPTED_HI, upper_32_bits(features));
	vgpu_reg_set(vgpu, VGPU_REG_EXT_CONTROL, VGPU_EXT_ENABLE);
	KUNIT_ASSERT_EQ(test, vgpu_reg(vgpu, VGPU_REG_EXT_STATUS), VGPU_EXT_ENABLED);
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

/**
 * vgpu_fixture_system_bo() - make a buffer object of guest memory by a request
 * @test: the test, which ends if it fails
 * @v: the vGPU
 * @ctx: its context
 * @page: its first page.  The list goes into the last page of the guest's memory
 * @npages: its pages
 *
 * Return: its handle.
 */
u32 vgpu_fixture_system_bo(struct kunit *test, struct vgpu_fixture_vgpu *v, u32 ctx,
			   u32 page, u32 npages)
{
	u32 at = (VGPU_FIXTURE_PAGES - 1) * PAGE_SIZE;
	struct vgpu_dev_page_list *list = (void *)(v->mem + at);

	memset(list, 0, sizeof(*list));
	list->count = cpu_to_le32(1);
	list->extent[0].addr = cpu_to_le64(page * PAGE_SIZE);
	list->extent[0].length = cpu_to_le64(npages * PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, vgpu_do(&v->vgpu, VGPU_OP_BO_CREATE_SYSTEM, ctx,
				      npages * PAGE_SIZE, 0, at, 0), VGPU_ERR_NONE);
	return vgpu_response_result(&v->vgpu, 0);
}

/**
 * vgpu_fixture_requests() - what a vGPU was asked for
 * @vgpu: the vGPU, of which no job ends
 *
 * Return: requests and entries, whatever became of them.
 */
u64 vgpu_fixture_requests(const struct vgpu *vgpu)
{
	const struct vgpu_stats *stats = &vgpu->entity.stats;

	return stats->submitted + vgpu_stats_rejected(stats) +
	       atomic64_read(&stats->rejected[VGPU_ERR_NONE]);
}
