// SPDX-License-Identifier: GPL-2.0
/* Buffer objects of guest memory: lists, pins, limits, and memory taken away. */
#include <kunit/test.h>
#include <linux/ktime.h>

#include "bo.h"
#include "ctx.h"
#include "fixture.h"

#define NONE	VGPU_ERR_NONE
#define INVALID	VGPU_ERR_INVALID_REQUEST

/* Where the tests put lists: the last pages of the guest's memory */
#define LIST(n)	((VGPU_FIXTURE_PAGES - 1 - (n)) * PAGE_SIZE)

static struct vgpu_dev_page_list *dma_list(struct vgpu_fixture_vgpu *v, u32 n)
{
	struct vgpu_dev_page_list *list = (void *)(v->mem + LIST(n));

	memset(list, 0, sizeof(*list));
	return list;
}

static void dma_extent(struct vgpu_dev_page_list *list, u64 addr, u64 length)
{
	u32 i = le32_to_cpu(list->count);

	list->extent[i].addr = cpu_to_le64(addr);
	list->extent[i].length = cpu_to_le64(length);
	list->count = cpu_to_le32(i + 1);
}

static u32 dma_create(struct vgpu_fixture_vgpu *v, u32 ctx, u64 size, u64 list)
{
	return vgpu_do(&v->vgpu, VGPU_OP_BO_CREATE_SYSTEM, ctx, lower_32_bits(size),
		       upper_32_bits(size), lower_32_bits(list), upper_32_bits(list));
}

/* Pages in any order, in two lists, are one object. */
static void dma_create_scattered(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	u32 ctx = vgpu_fixture_ctx(test, &v->vgpu), handle;
	struct vgpu_dev_page_list *list;
	struct vgpu_ctx *c;
	struct vgpu_bo *bo;
	u8 *vaddr;

	list = dma_list(v, 0);
	dma_extent(list, 7 * PAGE_SIZE, 2 * PAGE_SIZE);
	dma_extent(list, 3 * PAGE_SIZE, PAGE_SIZE);
	list->next = cpu_to_le64(LIST(1));
	list = dma_list(v, 1);
	/* the same page twice is the guest's own affair */
	dma_extent(list, 3 * PAGE_SIZE, PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, dma_create(v, ctx, 4 * PAGE_SIZE, LIST(0)), NONE);
	handle = vgpu_response_result(&v->vgpu, 0);
	KUNIT_EXPECT_EQ(test, v->pinned, 4U);
	KUNIT_EXPECT_EQ(test, v->pins[3], 2U);
	KUNIT_EXPECT_EQ(test, v->pins[7], 1U);
	KUNIT_EXPECT_EQ(test, v->pins[8], 1U);
	/* it is not device memory */
	KUNIT_EXPECT_EQ(test, vgpu_quota_used(&v->vgpu), 0ULL);
	KUNIT_EXPECT_EQ(test, f->mock.nr_bos, 0U);

	c = vgpu_ctx_find(&v->vgpu, ctx);
	KUNIT_ASSERT_NOT_NULL(test, c);
	bo = vgpu_bo_find(c, handle);
	KUNIT_ASSERT_NOT_NULL(test, bo);
	vaddr = vgpu_bo_vaddr(bo);
	v->mem[7 * PAGE_SIZE] = 70;
	v->mem[8 * PAGE_SIZE + 5] = 85;
	vaddr[2 * PAGE_SIZE + 9] = 39;
	KUNIT_EXPECT_EQ(test, vaddr[0], 70);
	KUNIT_EXPECT_EQ(test, vaddr[PAGE_SIZE + 5], 85);
	KUNIT_EXPECT_EQ(test, v->mem[3 * PAGE_SIZE + 9], 39);
	KUNIT_EXPECT_EQ(test, vaddr[3 * PAGE_SIZE + 9], 39);
	vgpu_ctx_put(c);

	/* it is the guest's again when it has been destroyed, and not before */
	KUNIT_EXPECT_EQ(test, vgpu_do(&v->vgpu, VGPU_OP_BO_DESTROY, ctx, handle),
			VGPU_ERR_BUSY);
	KUNIT_EXPECT_EQ(test, v->pinned, 4U);
	vgpu_bo_put(bo);
	KUNIT_EXPECT_EQ(test, vgpu_do(&v->vgpu, VGPU_OP_BO_DESTROY, ctx, handle), NONE);
	KUNIT_EXPECT_EQ(test, v->pinned, 0U);
}

/* An object larger than what is pinned in one call, and a list that is full. */
static void dma_create_many(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	u32 ctx = vgpu_fixture_ctx(test, &v->vgpu), n = 3 * VGPU_DMA_BATCH / 2, i;
	struct vgpu_dev_page_list *list = NULL;

	for (i = 0; i < n; i++) {
		if (i % VGPU_PAGE_LIST_EXTENTS == 0) {
			if (list)
				list->next = cpu_to_le64(LIST(i / VGPU_PAGE_LIST_EXTENTS));
			list = dma_list(v, i / VGPU_PAGE_LIST_EXTENTS);
		}
		dma_extent(list, (1 + i % 9) * PAGE_SIZE, PAGE_SIZE);
	}
	KUNIT_ASSERT_EQ(test, dma_create(v, ctx, n * PAGE_SIZE, LIST(0)), NONE);
	KUNIT_EXPECT_EQ(test, v->pinned, n);

	/* one too few, one too many: nothing stays pinned of it */
	KUNIT_EXPECT_EQ(test, dma_create(v, ctx, (n - 1) * PAGE_SIZE, LIST(0)), INVALID);
	KUNIT_EXPECT_EQ(test, dma_create(v, ctx, (n + 1) * PAGE_SIZE, LIST(0)), INVALID);
	KUNIT_EXPECT_EQ(test, v->pinned, n);
}

/* Lists that are wrong in one thing each. */
static void dma_bad_lists(struct kunit *test)
{
	static const struct {
		u64 size, at, addr, length, next;
		u32 count, reserved, error;
	} bad[] = {
		/* the one that is right, and is changed below */
		{ PAGE_SIZE, LIST(0), PAGE_SIZE, PAGE_SIZE, 0, 1, 0, NONE },
		{ 0, LIST(0), PAGE_SIZE, PAGE_SIZE, 0, 1, 0, INVALID },
		{ PAGE_SIZE + 1, LIST(0), PAGE_SIZE, PAGE_SIZE, 0, 1, 0, INVALID },
		{ PAGE_SIZE, LIST(0) + 8, PAGE_SIZE, PAGE_SIZE, 0, 1, 0, INVALID },
		{ PAGE_SIZE, 0, PAGE_SIZE, PAGE_SIZE, 0, 1, 0, VGPU_ERR_BAD_ADDRESS },
		{ PAGE_SIZE, ~0ULL << PAGE_SHIFT, PAGE_SIZE, PAGE_SIZE, 0, 1, 0,
		  VGPU_ERR_BAD_ADDRESS },
		{ PAGE_SIZE, LIST(0), PAGE_SIZE + 1, PAGE_SIZE, 0, 1, 0, INVALID },
		{ PAGE_SIZE, LIST(0), 0, PAGE_SIZE, 0, 1, 0, VGPU_ERR_BAD_ADDRESS },
		{ PAGE_SIZE, LIST(0), ~0ULL << PAGE_SHIFT, PAGE_SIZE, 0, 1, 0,
		  VGPU_ERR_BAD_ADDRESS },
		{ 2 * PAGE_SIZE, LIST(0), ~0ULL << PAGE_SHIFT, 2 * PAGE_SIZE, 0, 1, 0, INVALID },
		{ 9 * PAGE_SIZE, LIST(0), (VGPU_FIXTURE_PAGES - 8) * PAGE_SIZE, 9 * PAGE_SIZE,
		  0, 1, 0, VGPU_ERR_BAD_ADDRESS },
		{ PAGE_SIZE, LIST(0), PAGE_SIZE, 0, 0, 1, 0, INVALID },
		{ PAGE_SIZE, LIST(0), PAGE_SIZE, 1, 0, 1, 0, INVALID },
		{ PAGE_SIZE, LIST(0), PAGE_SIZE, 2 * PAGE_SIZE, 0, 1, 0, INVALID },
		{ PAGE_SIZE, LIST(0), PAGE_SIZE, ~0ULL << PAGE_SHIFT, 0, 1, 0, INVALID },
		{ PAGE_SIZE, LIST(0), PAGE_SIZE, PAGE_SIZE, LIST(0), 1, 0, INVALID },
		{ 2 * PAGE_SIZE, LIST(0), PAGE_SIZE, PAGE_SIZE, 0, 1, 0, INVALID },
		{ 2 * PAGE_SIZE, LIST(0), PAGE_SIZE, PAGE_SIZE, LIST(0) + 8, 1, 0, INVALID },
		{ 2 * PAGE_SIZE, LIST(0), PAGE_SIZE, PAGE_SIZE, 1ULL << 60, 1, 0,
		  VGPU_ERR_BAD_ADDRESS },
		/* a chain that bites its tail ends where the object is full */
		{ 9 * PAGE_SIZE, LIST(0), PAGE_SIZE, PAGE_SIZE, LIST(0), 1, 0, INVALID },
		{ PAGE_SIZE, LIST(0), PAGE_SIZE, PAGE_SIZE, 0, 0, 0, INVALID },
		{ PAGE_SIZE, LIST(0), PAGE_SIZE, PAGE_SIZE, 0, 256, 0, INVALID },
		{ PAGE_SIZE, LIST(0), PAGE_SIZE, PAGE_SIZE, 0, ~0U, 0, INVALID },
		{ PAGE_SIZE, LIST(0), PAGE_SIZE, PAGE_SIZE, 0, 1, 1, INVALID },
		{ (u64)VGPU_DMA_MAX_PAGES << PAGE_SHIFT, LIST(0), PAGE_SIZE,
		  (u64)VGPU_DMA_MAX_PAGES << PAGE_SHIFT, 0, 1, 0, VGPU_ERR_NO_MEMORY },
		{ ~0ULL << PAGE_SHIFT, LIST(0), PAGE_SIZE, PAGE_SIZE, 0, 1, 0,
		  VGPU_ERR_NO_MEMORY },
	};
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	u32 ctx = vgpu_fixture_ctx(test, &v->vgpu), i;
	struct vgpu_dev_page_list *list;

	KUNIT_EXPECT_EQ(test, dma_create(v, ctx + 1, PAGE_SIZE, LIST(0)), VGPU_ERR_BAD_HANDLE);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		list = dma_list(v, 0);
		list->extent[0].addr = cpu_to_le64(bad[i].addr);
		list->extent[0].length = cpu_to_le64(bad[i].length);
		list->next = cpu_to_le64(bad[i].next);
		list->count = cpu_to_le32(bad[i].count);
		list->reserved = cpu_to_le32(bad[i].reserved);
		KUNIT_EXPECT_EQ_MSG(test, dma_create(v, ctx, bad[i].size, bad[i].at),
				    bad[i].error, "case %u", i);
	}
	/* nothing is left of what failed */
	KUNIT_EXPECT_EQ(test, v->pinned, 1U);
	KUNIT_EXPECT_EQ(test, v->vgpu.dma.nr_pages, 1U);
	KUNIT_EXPECT_EQ(test, v->vgpu.quota.nr_bos, 1U);
}

/* The most that may be pinned, over all objects of a vGPU and no further. */
static void dma_limit(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	u32 ctx = vgpu_fixture_ctx(test, &v->vgpu), handle;

	handle = vgpu_fixture_system_bo(test, v, ctx, 1, 2);
	/* as if the rest were pinned already */
	v->vgpu.dma.nr_pages += VGPU_DMA_MAX_PAGES - 5;
	dma_extent(dma_list(v, 0), PAGE_SIZE, 4 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, dma_create(v, ctx, 4 * PAGE_SIZE, LIST(0)), VGPU_ERR_NO_MEMORY);
	vgpu_fixture_system_bo(test, v, ctx, 1, 3);
	KUNIT_EXPECT_EQ(test, v->vgpu.dma.nr_pages, VGPU_DMA_MAX_PAGES);
	KUNIT_EXPECT_EQ(test, vgpu_do(&v->vgpu, VGPU_OP_BO_DESTROY, ctx, handle), NONE);
	vgpu_fixture_system_bo(test, v, ctx, 1, 2);
	v->vgpu.dma.nr_pages -= VGPU_DMA_MAX_PAGES - 5;
}

/* A pin that fails half-way takes back what was pinned before it. */
static void dma_pin_fails(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	u32 ctx = vgpu_fixture_ctx(test, &v->vgpu), i;
	struct vgpu_dev_page_list *list;

	for (i = 1; i <= 3; i++) {
		list = dma_list(v, 0);
		dma_extent(list, PAGE_SIZE, PAGE_SIZE);
		dma_extent(list, 4 * PAGE_SIZE, 2 * PAGE_SIZE);
		dma_extent(list, 2 * PAGE_SIZE, PAGE_SIZE);
		v->fail_pin = i;
		KUNIT_EXPECT_EQ(test, dma_create(v, ctx, 4 * PAGE_SIZE, LIST(0)),
				VGPU_ERR_NO_MEMORY);
		KUNIT_EXPECT_EQ(test, v->fail_pin, 0U);
		KUNIT_EXPECT_EQ(test, v->pinned, 0U);
	}
	KUNIT_EXPECT_EQ(test, dma_create(v, ctx, 4 * PAGE_SIZE, LIST(0)), NONE);
}

/* What is unmapped is unpinned at once, its objects are lost, the others not. */
static void dma_unmap(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	u32 ctx = vgpu_fixture_ctx(test, &v->vgpu), a, b, dev;

	a = vgpu_fixture_system_bo(test, v, ctx, 2, 3);
	b = vgpu_fixture_system_bo(test, v, ctx, 6, 1);
	dev = vgpu_fixture_bo(test, &v->vgpu, ctx, PAGE_SIZE);
	/* misses both */
	vgpu_unmap(&v->vgpu, vgpu_dma_iova(PAGE_SIZE), PAGE_SIZE);
	vgpu_unmap(&v->vgpu, vgpu_dma_iova(5 * PAGE_SIZE), PAGE_SIZE);
	vgpu_unmap(&v->vgpu, vgpu_dma_iova(7 * PAGE_SIZE), ~0ULL - 7 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, v->pinned, 4U);
	KUNIT_EXPECT_EQ(test, vgpu_do(&v->vgpu, VGPU_OP_COPY, ctx, a, 0, 0, b, 0, 0, 16, 0),
			NONE);

	vgpu_unmap(&v->vgpu, vgpu_dma_iova(4 * PAGE_SIZE), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, v->pinned, 1U);
	KUNIT_EXPECT_EQ(test, v->pins[6], 1U);
	KUNIT_EXPECT_EQ(test, vgpu_counter(&v->vgpu, VGPU_COUNT_LOST_BOS), 1ULL);
	KUNIT_EXPECT_EQ(test, vgpu_do(&v->vgpu, VGPU_OP_COPY, ctx, a, 0, 0, b, 0, 0, 16, 0),
			VGPU_ERR_BAD_ADDRESS);
	KUNIT_EXPECT_EQ(test, vgpu_do(&v->vgpu, VGPU_OP_COPY, ctx, b, 0, 0, a, 0, 0, 16, 0),
			VGPU_ERR_BAD_ADDRESS);
	KUNIT_EXPECT_EQ(test, vgpu_do(&v->vgpu, VGPU_OP_FILL, ctx, a, 0, 0, 16, 0, 1),
			VGPU_ERR_BAD_ADDRESS);
	KUNIT_EXPECT_EQ(test, vgpu_do(&v->vgpu, VGPU_OP_BO_READ, ctx, a, 0, 0, 16),
			VGPU_ERR_BAD_ADDRESS);
	KUNIT_EXPECT_EQ(test, vgpu_do(&v->vgpu, VGPU_OP_COPY, ctx, dev, 0, 0, b, 0, 0, 16, 0),
			NONE);

	/* what is being unmapped is not pinned again, what isn't is */
	dma_extent(dma_list(v, 0), 3 * PAGE_SIZE, 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, dma_create(v, ctx, 2 * PAGE_SIZE, LIST(0)), VGPU_ERR_BAD_ADDRESS);
	dma_extent(dma_list(v, 0), 3 * PAGE_SIZE, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, dma_create(v, ctx, PAGE_SIZE, LIST(0)), NONE);
	KUNIT_EXPECT_EQ(test, vgpu_do(&v->vgpu, VGPU_OP_BO_DESTROY, ctx, a), NONE);

	/* everything, as when an address space is detached */
	vgpu_unmap(&v->vgpu, vgpu_dma_iova(0), ~0ULL);
	KUNIT_EXPECT_EQ(test, v->pinned, 0U);
	KUNIT_EXPECT_EQ(test, vgpu_counter(&v->vgpu, VGPU_COUNT_LOST_BOS), 3ULL);

	/* until it is opened again */
	vgpu_stop(&v->vgpu);
	vgpu_start(&v->vgpu);
	vgpu_fixture_enable(test, &v->vgpu, VGPU_FEATURES);
	ctx = vgpu_fixture_ctx(test, &v->vgpu);
	vgpu_fixture_system_bo(test, v, ctx, 3, 2);
}

/* What is lost is no more than a handle: there can be thousands. */
static void dma_lost_is_small(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	u32 id = vgpu_fixture_ctx(test, &v->vgpu);
	u32 handle = vgpu_fixture_system_bo(test, v, id, 2, 3);
	struct vgpu_ctx *ctx = vgpu_ctx_find(&v->vgpu, id);
	struct vgpu_bo *bo;

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	bo = vgpu_bo_find(ctx, handle);
	KUNIT_ASSERT_NOT_NULL(test, bo);
	KUNIT_EXPECT_NULL(test, bo->dma->pages);
	KUNIT_EXPECT_NOT_NULL(test, bo->dma->extent);
	vgpu_unmap(&v->vgpu, vgpu_dma_iova(2 * PAGE_SIZE), PAGE_SIZE);
	KUNIT_EXPECT_NULL(test, bo->dma->vaddr);
	KUNIT_EXPECT_NULL(test, bo->dma->extent);
	vgpu_bo_put(bo);
	vgpu_ctx_put(ctx);
}

/* Unmapping a job's memory ends the job first. */
static void dma_unmap_while_running(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	u32 ctx = vgpu_fixture_ctx(test, &v->vgpu), a, b;

	a = vgpu_fixture_system_bo(test, v, ctx, 2, 1);
	b = vgpu_fixture_system_bo(test, v, ctx, 3, 1);
	f->mock.sync = false;
	vgpu_put(&v->vgpu, VGPU_OP_COPY, ctx, a, 0, 0, b, 0, 0, 16, 0);
	vgpu_reg_set(&v->vgpu, VGPU_REG_DOORBELL, 1);
	vgpu_mock_settle(&f->mock);
	KUNIT_ASSERT_EQ(test, f->mock.nr_jobs, 1U);
	vgpu_unmap(&v->vgpu, vgpu_dma_iova(3 * PAGE_SIZE), 1);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, 0U);
	KUNIT_EXPECT_EQ(test, vgpu_reg(&v->vgpu, VGPU_REG_ERROR_CODE), VGPU_ERR_CANCELED);
	KUNIT_EXPECT_EQ(test, v->pinned, 1U);
	f->mock.sync = true;
	/* and the vGPU goes on */
	KUNIT_EXPECT_EQ(test, vgpu_do(&v->vgpu, VGPU_OP_COMPUTE, 1, 2), NONE);
}

struct dma_race {
	struct work_struct work;
	struct vgpu *vgpu;
};

static void dma_race_work(struct work_struct *work)
{
	struct dma_race *race = container_of(work, struct dma_race, work);

	vgpu_unmap(race->vgpu, vgpu_dma_iova(2 * PAGE_SIZE), PAGE_SIZE);
}

static struct dma_race *dma_race;

static void dma_race_on_pin(struct vgpu_fixture_vgpu *v)
{
	v->on_pin = NULL;
	schedule_work(&dma_race->work);
	/* until it waits for us */
	while (!vgpu_arb_entity_is_draining(&v->vgpu.entity))
		schedule_timeout_uninterruptible(1);
}

/* Unmapping memory that is just being pinned: the rest of it isn't waited for. */
static void dma_unmap_while_pinning(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	u32 ctx = vgpu_fixture_ctx(test, &v->vgpu), error;
	struct vgpu_dev_page_list *list = dma_list(v, 0);
	struct dma_race race = { .vgpu = &v->vgpu };

	INIT_WORK_ONSTACK(&race.work, dma_race_work);
	dma_race = &race;
	v->on_pin = dma_race_on_pin;
	dma_extent(list, 2 * PAGE_SIZE, PAGE_SIZE);
	dma_extent(list, 4 * PAGE_SIZE, PAGE_SIZE);
	error = dma_create(v, ctx, 2 * PAGE_SIZE, LIST(0));
	flush_work(&race.work);
	destroy_work_on_stack(&race.work);
	KUNIT_EXPECT_EQ(test, v->pinned, 0U);
	KUNIT_EXPECT_EQ(test, error, VGPU_ERR_CANCELED);
	KUNIT_EXPECT_EQ(test, vgpu_counter(&v->vgpu, VGPU_COUNT_LOST_BOS), 0ULL);
	/* elsewhere there is no obstacle */
	v->on_pin = NULL;
	memset(list, 0, sizeof(*list));
	dma_extent(list, 4 * PAGE_SIZE, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, dma_create(v, ctx, PAGE_SIZE, LIST(0)), NONE);
}

/* The best of some, as the machine may have other things to do */
static u64 dma_time_of_endless(struct kunit *test, u32 ctx, u32 npages)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	u64 best = U64_MAX, begin;
	u32 i;

	for (i = 0; i < 5; i++) {
		begin = ktime_get_ns();
		/* it ends when the object is full, and is no good */
		KUNIT_EXPECT_EQ(test, dma_create(v, ctx, (u64)npages * PAGE_SIZE, LIST(0)),
				INVALID);
		KUNIT_EXPECT_EQ(test, v->pinned, 0U);
		best = min(best, ktime_get_ns() - begin);
	}
	return best;
}

/*
 * One page of the guest's, a list that goes on with itself: the work grows with the
 * number of pages, not with its square, which would be 64 times as much.
 */
static void dma_list_of_itself(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	u32 ctx = vgpu_fixture_ctx(test, &v->vgpu);
	struct vgpu_dev_page_list *list = dma_list(v, 0);
	u64 few, many;

	dma_extent(list, PAGE_SIZE, PAGE_SIZE);
	list->next = cpu_to_le64(LIST(0));
	few = dma_time_of_endless(test, ctx, 8192);
	many = dma_time_of_endless(test, ctx, 8 * 8192);
	kunit_info(test, "8192 pages: %llu us, 65536: %llu us", few / 1000, many / 1000);
	KUNIT_EXPECT_LT(test, many, 32 * few);
}

static struct kunit_case dma_cases[] = {
	KUNIT_CASE(dma_create_scattered),
	KUNIT_CASE(dma_create_many),
	KUNIT_CASE(dma_bad_lists),
	KUNIT_CASE(dma_limit),
	KUNIT_CASE(dma_pin_fails),
	KUNIT_CASE(dma_unmap),
	KUNIT_CASE(dma_lost_is_small),
	KUNIT_CASE(dma_unmap_while_running),
	KUNIT_CASE(dma_unmap_while_pinning),
	KUNIT_CASE(dma_list_of_itself),
	{}
};

static struct kunit_suite dma_suite = {
	.name = "vgpu_dma",
	.init = vgpu_fixture_init,
	.exit = vgpu_fixture_exit,
	.test_cases = dma_cases,
};

kunit_test_suite(dma_suite);
