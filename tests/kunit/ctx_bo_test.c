// SPDX-License-Identifier: GPL-2.0
/* Contexts and buffer objects: who can name them, and how long they live. */
#include <kunit/test.h>

#include "bo.h"
#include "ctx.h"
#include "fixture.h"
#include "job.h"

/* Handles that nobody was given */
static const u32 ctx_bo_wrong[] = { 0, 3, 255, 256, 257, 0x7fffffff, 0x80000000, ~0U };

static struct vgpu *ctx_bo_vgpu(struct kunit *test, u32 i)
{
	struct vgpu_fixture *f = test->priv;

	return &f->v[i].vgpu;
}

static void ctx_ids(struct kunit *test)
{
	struct vgpu *vgpu = ctx_bo_vgpu(test, 0);
	struct vgpu_ctx *ctx;
	u32 i, id;

	KUNIT_EXPECT_EQ(test, vgpu_fixture_ctx(test, vgpu), 1);
	KUNIT_EXPECT_EQ(test, vgpu_fixture_ctx(test, vgpu), 2);
	for (id = 1; id <= 2; id++) {
		ctx = vgpu_ctx_find(vgpu, id);
		KUNIT_ASSERT_NOT_NULL(test, ctx);
		KUNIT_EXPECT_EQ(test, ctx->id, id);
		KUNIT_EXPECT_PTR_EQ(test, ctx->vgpu, vgpu);
		vgpu_ctx_put(ctx);
	}
	for (i = 0; i < ARRAY_SIZE(ctx_bo_wrong); i++) {
		KUNIT_EXPECT_PTR_EQ(test, vgpu_ctx_find(vgpu, ctx_bo_wrong[i]), NULL);
		KUNIT_EXPECT_EQ(test, vgpu_ctx_destroy(vgpu, ctx_bo_wrong[i]), -ENOENT);
	}
}

static void ctx_stale_id(struct kunit *test)
{
	struct vgpu *vgpu = ctx_bo_vgpu(test, 0);
	u32 id = vgpu_fixture_ctx(test, vgpu);

	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_CTX_DESTROY, id), VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_CTX_DESTROY, id), VGPU_ERR_BAD_HANDLE);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_CREATE, id, 4096, 0),
			VGPU_ERR_BAD_HANDLE);
	KUNIT_EXPECT_PTR_EQ(test, vgpu_ctx_find(vgpu, id), NULL);
}

static void ctx_of_another_vgpu(struct kunit *test)
{
	struct vgpu *mine = ctx_bo_vgpu(test, 0), *other = ctx_bo_vgpu(test, 1);
	u32 id;

	vgpu_fixture_ctx(test, mine);
	id = vgpu_fixture_ctx(test, mine);
	vgpu_fixture_bo(test, mine, id, 4096);
	KUNIT_EXPECT_EQ(test, vgpu_do(other, VGPU_OP_CTX_DESTROY, id), VGPU_ERR_BAD_HANDLE);
	KUNIT_EXPECT_EQ(test, vgpu_do(other, VGPU_OP_BO_READ, id, 1, 0, 0, 16),
			VGPU_ERR_BAD_HANDLE);
	/* the same number there is another context, without objects */
	KUNIT_EXPECT_EQ(test, vgpu_fixture_ctx(test, other), 1);
	KUNIT_EXPECT_EQ(test, vgpu_fixture_ctx(test, other), id);
	KUNIT_EXPECT_EQ(test, vgpu_do(other, VGPU_OP_BO_READ, id, 1, 0, 0, 16),
			VGPU_ERR_BAD_HANDLE);
	KUNIT_EXPECT_EQ(test, vgpu_do(other, VGPU_OP_CTX_DESTROY, id), VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, vgpu_do(mine, VGPU_OP_BO_READ, id, 1, 0, 0, 16),
			VGPU_ERR_NONE);
}

static void ctx_limit(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = ctx_bo_vgpu(test, 0);
	u32 i, id;

	for (i = 1; i <= VGPU_MAX_CTXS; i++)
		KUNIT_ASSERT_EQ(test, vgpu_fixture_ctx(test, vgpu), i);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_CTX_CREATE), VGPU_ERR_NO_MEMORY);
	KUNIT_EXPECT_EQ(test, vgpu_ctx_create(vgpu, &id), -ENOSPC);
	KUNIT_EXPECT_EQ(test, f->mock.nr_ctxs, VGPU_MAX_CTXS);
	/* the other vGPU has its own */
	KUNIT_EXPECT_EQ(test, vgpu_fixture_ctx(test, ctx_bo_vgpu(test, 1)), 1);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_CTX_DESTROY, 77), VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, vgpu_fixture_ctx(test, vgpu), 77);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_CTX_CREATE), VGPU_ERR_NO_MEMORY);
}

static void ctx_backend_fails(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = ctx_bo_vgpu(test, 0);
	u32 fail, i;

	for (fail = 1; fail <= 4; fail++) {
		f->mock.fail_ctx_create = fail;
		for (i = 1; i <= 4; i++)
			KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_CTX_CREATE),
					i == fail ? VGPU_ERR_NO_MEMORY : VGPU_ERR_NONE);
		KUNIT_EXPECT_EQ(test, f->mock.nr_ctxs, 3);
		vgpu_reset(vgpu);
		KUNIT_EXPECT_EQ(test, f->mock.nr_ctxs, 0);
	}
}

/* who holds a reference keeps it alive, but not reachable */
static void ctx_reference(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = ctx_bo_vgpu(test, 0);
	u32 id = vgpu_fixture_ctx(test, vgpu);
	struct vgpu_ctx *ctx = vgpu_ctx_find(vgpu, id);

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	vgpu_ctx_get(ctx);
	KUNIT_EXPECT_EQ(test, vgpu_ctx_destroy(vgpu, id), 0);
	KUNIT_EXPECT_PTR_EQ(test, vgpu_ctx_find(vgpu, id), NULL);
	KUNIT_EXPECT_EQ(test, f->mock.nr_ctxs, 1);
	vgpu_ctx_put(ctx);
	KUNIT_EXPECT_EQ(test, f->mock.nr_ctxs, 1);
	vgpu_ctx_put(ctx);
	KUNIT_EXPECT_EQ(test, f->mock.nr_ctxs, 0);
}

static void ctx_destroy_takes_its_objects(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = ctx_bo_vgpu(test, 0);
	u32 a = vgpu_fixture_ctx(test, vgpu), b = vgpu_fixture_ctx(test, vgpu), i;

	for (i = 0; i < 5; i++) {
		vgpu_fixture_bo(test, vgpu, a, 4096);
		vgpu_fixture_bo(test, vgpu, b, 8192);
	}
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_CTX_DESTROY, a), VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, f->mock.nr_bos, 5);
	KUNIT_EXPECT_EQ(test, vgpu_quota_used(vgpu), 5 * 8192);
	KUNIT_EXPECT_EQ(test, f->mock.nr_ctxs, 1);
}

static void bo_handles_are_the_context_s(struct kunit *test)
{
	struct vgpu *vgpu = ctx_bo_vgpu(test, 0);
	u32 a = vgpu_fixture_ctx(test, vgpu), b = vgpu_fixture_ctx(test, vgpu), i;

	KUNIT_EXPECT_EQ(test, vgpu_fixture_bo(test, vgpu, a, 4096), 1);
	KUNIT_EXPECT_EQ(test, vgpu_fixture_bo(test, vgpu, a, 8192), 2);
	KUNIT_EXPECT_EQ(test, vgpu_fixture_bo(test, vgpu, b, 4096), 1);
	/* 2 is a's alone; b's 1 is not as long as a's 2 */
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_READ, b, 2, 0, 0, 4),
			VGPU_ERR_BAD_HANDLE);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_DESTROY, b, 2), VGPU_ERR_BAD_HANDLE);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_READ, b, 1, 4096, 0, 4),
			VGPU_ERR_OUT_OF_RANGE);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_READ, a, 2, 4096, 0, 4),
			VGPU_ERR_NONE);
	for (i = 0; i < ARRAY_SIZE(ctx_bo_wrong); i++)
		KUNIT_EXPECT_EQ_MSG(test, vgpu_do(vgpu, VGPU_OP_BO_DESTROY, a,
						  ctx_bo_wrong[i]),
				    VGPU_ERR_BAD_HANDLE, "0x%x", ctx_bo_wrong[i]);
}

static void bo_stale_handle(struct kunit *test)
{
	struct vgpu *vgpu = ctx_bo_vgpu(test, 0);
	u32 ctx = vgpu_fixture_ctx(test, vgpu), bo = vgpu_fixture_bo(test, vgpu, ctx, 4096);

	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_DESTROY, ctx, bo), VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_DESTROY, ctx, bo),
			VGPU_ERR_BAD_HANDLE);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_READ, ctx, bo, 0, 0, 4),
			VGPU_ERR_BAD_HANDLE);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_FILL, ctx, bo, 0, 0, 4, 0, 0),
			VGPU_ERR_BAD_HANDLE);
}

/* 0 names nothing, not even after a guest tried to destroy it */
static void bo_handle_zero(struct kunit *test)
{
	struct vgpu *vgpu = ctx_bo_vgpu(test, 0);
	u32 ctx, i;

	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_CTX_DESTROY, 0), VGPU_ERR_BAD_HANDLE);
	ctx = vgpu_fixture_ctx(test, vgpu);
	KUNIT_EXPECT_EQ(test, ctx, 1);
	for (i = 1; i <= 3; i++) {
		KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_DESTROY, ctx, 0),
				VGPU_ERR_BAD_HANDLE);
		KUNIT_EXPECT_EQ(test, vgpu_fixture_bo(test, vgpu, ctx, 4096), i);
		KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_CTX_DESTROY, 0),
				VGPU_ERR_BAD_HANDLE);
		KUNIT_EXPECT_EQ(test, vgpu_fixture_ctx(test, vgpu), i + 1);
	}
}

static void bo_size_is_rounded_up(struct kunit *test)
{
	static const struct {
		u64 asked;
		u64 got;
	} table[] = { { 1, 4096 }, { 4095, 4096 }, { 4096, 4096 }, { 4097, 8192 },
		      { VGPU_FIXTURE_QUOTA - 1, VGPU_FIXTURE_QUOTA },
		      { VGPU_FIXTURE_QUOTA, VGPU_FIXTURE_QUOTA } };
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = ctx_bo_vgpu(test, 0);
	u32 ctx = vgpu_fixture_ctx(test, vgpu), bo, got, i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		bo = vgpu_fixture_bo(test, vgpu, ctx, table[i].asked);
		got = table[i].got;
		KUNIT_EXPECT_EQ(test, f->mock.bo_bytes, got);
		KUNIT_EXPECT_EQ(test, vgpu_quota_used(vgpu), got);
		/* its last byte is there, the next is not */
		KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_READ, ctx, bo, got - 1, 0, 1),
				VGPU_ERR_NONE);
		KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_READ, ctx, bo, got, 0, 1),
				VGPU_ERR_OUT_OF_RANGE);
		KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_DESTROY, ctx, bo),
				VGPU_ERR_NONE);
	}
}

static void bo_sizes_refused(struct kunit *test)
{
	static const struct {
		u64 size;
		int ret;
	} table[] = {
		{ 0, -EINVAL }, { VGPU_FIXTURE_QUOTA + 1, -ENOSPC }, { 1ULL << 32, -ENOSPC },
		{ (1ULL << 32) + 1, -ENOSPC }, { 1ULL << 63, -ENOSPC },
		{ ~0ULL - 4095, -ENOSPC }, { ~0ULL - 4094, -ENOSPC }, { ~0ULL, -ENOSPC },
	};
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = ctx_bo_vgpu(test, 0);
	struct vgpu_ctx *ctx = vgpu_ctx_find(vgpu, vgpu_fixture_ctx(test, vgpu));
	u32 i, handle;

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	for (i = 0; i < ARRAY_SIZE(table); i++)
		KUNIT_EXPECT_EQ_MSG(test, vgpu_bo_create(ctx, table[i].size, 0, &handle),
				    table[i].ret, "%llx", table[i].size);
	vgpu_ctx_put(ctx);
	/* the backend wasn't even asked */
	KUNIT_EXPECT_LT(test, vgpu_mock_call_find(&f->mock, VGPU_MOCK_BO_CREATE, NULL), 0);
	KUNIT_EXPECT_EQ(test, vgpu_quota_used(vgpu), 0);
	KUNIT_EXPECT_EQ(test, vgpu->quota.nr_bos, 0);
}

/* Another limit: within what the GPU has, and not below what is in use. */
static void bo_quota_resize(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = &f->v[0].vgpu;
	u32 ctx = vgpu_fixture_ctx(test, vgpu);
	u64 gpu_free;

	KUNIT_ASSERT_EQ(test, vgpu_gpu_memory_reserve(vgpu->gpu, VGPU_FIXTURE_QUOTA), 0);
	gpu_free = vgpu_gpu_memory_free(vgpu->gpu);
	vgpu_fixture_bo(test, vgpu, ctx, 8192);
	KUNIT_EXPECT_EQ(test, vgpu_quota_resize(vgpu, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, vgpu_quota_resize(vgpu, 8193), -EINVAL);
	KUNIT_EXPECT_EQ(test, vgpu_quota_resize(vgpu, 4096), -EBUSY);
	KUNIT_EXPECT_EQ(test, vgpu_quota_resize(vgpu, VGPU_FIXTURE_QUOTA + gpu_free + 4096),
			-ENOSPC);
	KUNIT_EXPECT_EQ(test, vgpu->quota.memory_size, VGPU_FIXTURE_QUOTA);
	KUNIT_EXPECT_EQ(test, vgpu_gpu_memory_free(vgpu->gpu), gpu_free);

	KUNIT_EXPECT_EQ(test, vgpu_quota_resize(vgpu, 8192), 0);
	KUNIT_EXPECT_EQ(test, vgpu_gpu_memory_free(vgpu->gpu),
			gpu_free + VGPU_FIXTURE_QUOTA - 8192);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_CREATE, ctx, 1, 0), VGPU_ERR_NO_MEMORY);
	KUNIT_EXPECT_EQ(test, vgpu_quota_resize(vgpu, 12288), 0);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_CREATE, ctx, 1, 0), VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, vgpu_quota_resize(vgpu, VGPU_FIXTURE_QUOTA), 0);
	KUNIT_EXPECT_EQ(test, vgpu_gpu_memory_free(vgpu->gpu), gpu_free);
	vgpu_gpu_memory_release(vgpu->gpu, VGPU_FIXTURE_QUOTA);
}

/* a quota that is not whole pages: what can't be rounded up isn't given */
static void bo_odd_quota(struct kunit *test)
{
	struct vgpu *vgpu = ctx_bo_vgpu(test, 0);
	u32 ctx = vgpu_fixture_ctx(test, vgpu);

	vgpu->quota.memory_size = 10000;
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_CREATE, ctx, 10000, 0),
			VGPU_ERR_NO_MEMORY);
	vgpu_fixture_bo(test, vgpu, ctx, 8192);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_CREATE, ctx, 1, 0),
			VGPU_ERR_NO_MEMORY);
	KUNIT_EXPECT_EQ(test, vgpu_quota_used(vgpu), 8192);
	vgpu->quota.memory_size = VGPU_FIXTURE_QUOTA;
}

/* a quota so large that rounding a size up to whole pages overflows */
static void bo_huge_quota(struct kunit *test)
{
	struct vgpu *vgpu = ctx_bo_vgpu(test, 0);
	u32 ctx = vgpu_fixture_ctx(test, vgpu);

	vgpu->quota.memory_size = ~0ULL;
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_CREATE, ctx, ~0U, ~0U),
			VGPU_ERR_NO_MEMORY);
	KUNIT_EXPECT_EQ(test, vgpu->quota.nr_bos, 0);
	vgpu->quota.memory_size = VGPU_FIXTURE_QUOTA;
}

static void bo_quota(struct kunit *test)
{
	struct vgpu *vgpu = ctx_bo_vgpu(test, 0), *other = ctx_bo_vgpu(test, 1);
	u32 a = vgpu_fixture_ctx(test, vgpu), b = vgpu_fixture_ctx(test, vgpu), i;

	/* over all contexts of the vGPU, and none of another's */
	for (i = 0; i < VGPU_FIXTURE_QUOTA / 4096; i++)
		vgpu_fixture_bo(test, vgpu, i % 2 ? a : b, 4096);
	KUNIT_EXPECT_EQ(test, vgpu_quota_used(vgpu), VGPU_FIXTURE_QUOTA);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_CREATE, a, 1, 0),
			VGPU_ERR_NO_MEMORY);
	vgpu_fixture_bo(test, other, vgpu_fixture_ctx(test, other), VGPU_FIXTURE_QUOTA);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_DESTROY, a, 1), VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_CREATE, b, 4097, 0),
			VGPU_ERR_NO_MEMORY);
	vgpu_fixture_bo(test, vgpu, b, 4096);
}

static void bo_limit(struct kunit *test)
{
	struct vgpu *vgpu = ctx_bo_vgpu(test, 0);
	struct vgpu_ctx *ctx = vgpu_ctx_find(vgpu, vgpu_fixture_ctx(test, vgpu));
	u32 i;

	/* the mock's memory would not do for so many: only the counting */
	vgpu->quota.memory_size = ~0ULL;
	for (i = 0; i < VGPU_MAX_BOS; i++)
		KUNIT_ASSERT_EQ(test, vgpu_quota_charge(ctx, 4096), 0);
	KUNIT_EXPECT_EQ(test, vgpu_quota_charge(ctx, 4096), -ENOSPC);
	KUNIT_EXPECT_EQ(test, vgpu_quota_charge(ctx, 0), -ENOSPC);
	vgpu_quota_uncharge(ctx, 4096);
	KUNIT_EXPECT_EQ(test, vgpu_quota_charge(ctx, ~0ULL), -ENOSPC);
	KUNIT_EXPECT_EQ(test, vgpu_quota_charge(ctx, 4096), 0);
	KUNIT_EXPECT_EQ(test, vgpu_quota_charge(ctx, 4096), -ENOSPC);
	KUNIT_EXPECT_EQ(test, vgpu_quota_used(vgpu), VGPU_MAX_BOS * 4096ULL);
	for (i = 0; i < VGPU_MAX_BOS; i++)
		vgpu_quota_uncharge(ctx, 4096);
	KUNIT_EXPECT_EQ(test, vgpu_quota_used(vgpu), 0);
	vgpu->quota.memory_size = VGPU_FIXTURE_QUOTA;
	vgpu_ctx_put(ctx);
}

static void bo_backend_fails(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = ctx_bo_vgpu(test, 0);
	u32 fail, i, ctx;

	for (fail = 1; fail <= 4; fail++) {
		ctx = vgpu_fixture_ctx(test, vgpu);
		f->mock.fail_bo_create = fail;
		for (i = 1; i <= 4; i++)
			KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_CREATE, ctx, 4096, 0),
					i == fail ? VGPU_ERR_NO_MEMORY : VGPU_ERR_NONE);
		KUNIT_EXPECT_EQ(test, f->mock.nr_bos, 3);
		KUNIT_EXPECT_EQ(test, vgpu_quota_used(vgpu), 3 * 4096);
		KUNIT_EXPECT_EQ(test, vgpu->quota.nr_bos, 3);
		/* nor is its context held by what didn't come to be */
		vgpu_do(vgpu, VGPU_OP_CTX_DESTROY, ctx);
		KUNIT_EXPECT_EQ(test, f->mock.nr_ctxs, 0);
		KUNIT_EXPECT_EQ(test, vgpu_quota_used(vgpu), 0);
	}
}

/* a job's references outlast the handles; memory stays charged so long */
static void bo_held_by_a_job(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = ctx_bo_vgpu(test, 0);
	u32 ctx = vgpu_fixture_ctx(test, vgpu), bo[2];
	struct vgpu_job *job;

	bo[0] = vgpu_fixture_bo(test, vgpu, ctx, 4096);
	bo[1] = vgpu_fixture_bo(test, vgpu, ctx, 8192);
	f->mock.sync = false;
	vgpu_put(vgpu, VGPU_OP_COPY, ctx, bo[0], 0, 0, bo[1], 0, 0, 64, 0);
	vgpu_reg_set(vgpu, VGPU_REG_DOORBELL, 1);
	vgpu_mock_settle(&f->mock);
	job = vgpu_mock_first(&f->mock);
	KUNIT_ASSERT_NOT_NULL(test, job);

	/* as a second queue of the same vGPU could */
	KUNIT_EXPECT_EQ(test, vgpu_ctx_destroy(vgpu, ctx), 0);
	KUNIT_EXPECT_EQ(test, f->mock.nr_bos, 2);
	KUNIT_EXPECT_EQ(test, f->mock.nr_ctxs, 1);
	KUNIT_EXPECT_EQ(test, vgpu_quota_used(vgpu), 4096 + 8192);
	KUNIT_EXPECT_EQ(test, job->copy.dst.bo->size, 4096);
	KUNIT_EXPECT_EQ(test, job->copy.src.bo->size, 8192);

	vgpu_mock_complete_first(&f->mock, VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_STATUS), VGPU_STATUS_DONE);
	vgpu_bo_flush_unused(vgpu);
	KUNIT_EXPECT_EQ(test, f->mock.nr_bos, 0);
	KUNIT_EXPECT_EQ(test, f->mock.nr_ctxs, 0);
	KUNIT_EXPECT_EQ(test, vgpu_quota_used(vgpu), 0);
}

/* Make an object as large as the quota that only a job still holds, and end that. */
static void bo_fill_and_forget(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = ctx_bo_vgpu(test, 0);
	u32 ctx = vgpu_fixture_ctx(test, vgpu);
	u32 bo = vgpu_fixture_bo(test, vgpu, ctx, VGPU_FIXTURE_QUOTA);
	struct vgpu_ctx *owner = vgpu_ctx_find(vgpu, ctx);

	KUNIT_ASSERT_NOT_NULL(test, owner);
	f->mock.sync = false;
	vgpu_put(vgpu, VGPU_OP_FILL, ctx, bo, 0, 0, 64, 0, 0);
	vgpu_reg_set(vgpu, VGPU_REG_DOORBELL, 1);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, vgpu_bo_destroy(owner, bo), 0);
	vgpu_ctx_put(owner);
	KUNIT_EXPECT_EQ(test, f->mock.nr_bos, 1);
	f->mock.sync = true;
	/* so that nobody finds it freed who didn't wait for that */
	f->mock.bo_destroy_jiffies = 5;
	KUNIT_ASSERT_NOT_NULL(test, vgpu_mock_first(&f->mock));
	vgpu_mock_complete(&f->mock, vgpu_mock_first(&f->mock), VGPU_ERR_NONE, 0);
}

/* To free memory takes long: whoever completes a job is everybody's */
static void bo_not_freed_by_the_engine(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = ctx_bo_vgpu(test, 0);

	bo_fill_and_forget(test);
	vgpu_bo_flush_unused(vgpu);
	KUNIT_EXPECT_EQ(test, f->mock.nr_bos, 0);
	KUNIT_ASSERT_NOT_NULL(test, f->mock.bo_destroyer);
	KUNIT_EXPECT_PTR_NE(test, f->mock.bo_destroyer, current);
	/* whoever ends a handle does it himself: to end many is work of his own */
	f->mock.bo_destroy_jiffies = 0;
	KUNIT_EXPECT_EQ(test, vgpu_ctx_destroy(vgpu, 1), 0);
	vgpu_fixture_bo(test, vgpu, vgpu_fixture_ctx(test, vgpu), 4096);
	vgpu_stop(vgpu);
	KUNIT_EXPECT_PTR_EQ(test, f->mock.bo_destroyer, current);
	vgpu_start(vgpu);
}

/* What completed jobs held can be had again at once */
static void bo_quota_after_a_job(struct kunit *test)
{
	struct vgpu *vgpu = ctx_bo_vgpu(test, 0);

	bo_fill_and_forget(test);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_CREATE, 1, VGPU_FIXTURE_QUOTA, 0),
			VGPU_ERR_NONE);
}

/* Stopped means that nothing is left */
static void bo_stop_after_a_job(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = ctx_bo_vgpu(test, 0);

	bo_fill_and_forget(test);
	vgpu_stop(vgpu);
	KUNIT_EXPECT_EQ(test, f->mock.nr_bos, 0);
	KUNIT_EXPECT_EQ(test, f->mock.nr_ctxs, 0);
	KUNIT_EXPECT_EQ(test, vgpu_quota_used(vgpu), 0);
	vgpu_start(vgpu);
}

/* the same object twice in one launch: a reference for each time */
static void bo_named_twice(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = ctx_bo_vgpu(test, 0);
	u32 ctx = vgpu_fixture_ctx(test, vgpu), bo = vgpu_fixture_bo(test, vgpu, ctx, 4096);
	struct vgpu_dev_arg arg[4] = {
		{ cpu_to_le32(VGPU_ARG_BO), cpu_to_le32(bo), 0 },
		{ cpu_to_le32(VGPU_ARG_BO), cpu_to_le32(bo), 0 },
		{ cpu_to_le32(VGPU_ARG_BO), cpu_to_le32(bo), 0 },
		{ cpu_to_le32(VGPU_ARG_VALUE), 0, cpu_to_le64(16) },
	};
	struct vgpu_bo *held;

	f->mock.sync = false;
	vgpu_put_data(vgpu, VGPU_OP_LAUNCH, arg, sizeof(arg), ctx, VGPU_BUILTIN_VECADD_U32);
	vgpu_reg_set(vgpu, VGPU_REG_DOORBELL, 1);
	vgpu_mock_settle(&f->mock);
	KUNIT_ASSERT_NOT_NULL(test, vgpu_mock_first(&f->mock));
	held = vgpu_mock_first(&f->mock)->launch.arg[2].range.bo;
	KUNIT_EXPECT_EQ(test, kref_read(&held->ref), 4);
	vgpu_mock_complete_first(&f->mock, VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, kref_read(&held->ref), 1);
}

/* backend first sees the context, then its objects, and the end in reverse */
static void ctx_bo_order(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = ctx_bo_vgpu(test, 0);
	static const enum vgpu_mock_op want[] = {
		VGPU_MOCK_CTX_CREATE, VGPU_MOCK_BO_CREATE, VGPU_MOCK_BO_CREATE,
		VGPU_MOCK_ABORT, VGPU_MOCK_BO_DESTROY, VGPU_MOCK_BO_DESTROY,
		VGPU_MOCK_CTX_DESTROY,
	};
	u32 ctx = vgpu_fixture_ctx(test, vgpu), i;

	vgpu_fixture_bo(test, vgpu, ctx, 4096);
	vgpu_fixture_bo(test, vgpu, ctx, 4096);
	vgpu_reset(vgpu);
	KUNIT_ASSERT_EQ(test, f->mock.nr_calls, ARRAY_SIZE(want));
	for (i = 0; i < ARRAY_SIZE(want); i++)
		KUNIT_EXPECT_EQ(test, f->mock.call[i].op, want[i]);
	KUNIT_EXPECT_PTR_EQ(test, f->mock.call[0].what, f->mock.call[6].what);
}

static struct kunit_case ctx_bo_cases[] = {
	KUNIT_CASE(ctx_ids),
	KUNIT_CASE(ctx_stale_id),
	KUNIT_CASE(ctx_of_another_vgpu),
	KUNIT_CASE(ctx_limit),
	KUNIT_CASE(ctx_backend_fails),
	KUNIT_CASE(ctx_reference),
	KUNIT_CASE(ctx_destroy_takes_its_objects),
	KUNIT_CASE(bo_handles_are_the_context_s),
	KUNIT_CASE(bo_stale_handle),
	KUNIT_CASE(bo_handle_zero),
	KUNIT_CASE(bo_size_is_rounded_up),
	KUNIT_CASE(bo_sizes_refused),
	KUNIT_CASE(bo_quota_resize),
	KUNIT_CASE(bo_odd_quota),
	KUNIT_CASE(bo_huge_quota),
	KUNIT_CASE(bo_quota),
	KUNIT_CASE(bo_limit),
	KUNIT_CASE(bo_backend_fails),
	KUNIT_CASE(bo_held_by_a_job),
	KUNIT_CASE(bo_not_freed_by_the_engine),
	KUNIT_CASE(bo_quota_after_a_job),
	KUNIT_CASE(bo_stop_after_a_job),
	KUNIT_CASE(bo_named_twice),
	KUNIT_CASE(ctx_bo_order),
	{}
};

static struct kunit_suite ctx_bo_suite = {
	.name = "vgpu_ctx_bo",
	.init = vgpu_fixture_init,
	.exit = vgpu_fixture_exit,
	.test_cases = ctx_bo_cases,
};

kunit_test_suite(ctx_bo_suite);
