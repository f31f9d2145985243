// SPDX-License-Identifier: GPL-2.0
/* Modules that are built, their kernels, and launches of these. */
#include <kunit/test.h>

#include "fixture.h"
#include "module.h"
#include "queue_guest.h"
#include "request.h"

#define NONE		VGPU_ERR_NONE
#define INVALID		VGPU_ERR_INVALID_REQUEST
#define RANGE		VGPU_ERR_OUT_OF_RANGE
#define HANDLE		VGPU_ERR_BAD_HANDLE

#define BYTES		(QUEUE_GUEST_PAGES * (u32)PAGE_SIZE)

/* In the last pages of the rings' object: source, log, arguments */
#define SOURCE		(BYTES - 3 * (u32)PAGE_SIZE)
#define LOG		(BYTES - 2 * (u32)PAGE_SIZE)
#define ARGS		(BYTES - (u32)PAGE_SIZE)

static void *module_memory(const struct queue_guest *q, u32 at)
{
	return q->v->mem + QUEUE_GUEST_PAGE * PAGE_SIZE + at;
}

/* Change a parameter of a request that would do; what it says */
static u32 module_try(struct queue_guest *q, u32 i, u32 value)
{
	u32 param[] = { q->ctx, VGPU_MODULE_OPENCL_C, q->bo, SOURCE, 0, 16, 0,
			q->bo, LOG, 0, 8, 0 };

	if (i < ARRAY_SIZE(param))
		param[i] = value;
	return vgpu_request_call(&q->v->vgpu, VGPU_OP_MODULE_BUILD, ARRAY_SIZE(param), param,
				 "-O", 2);
}

#define MODULE_GOOD	100

static void module_build(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_fixture_vgpu *v = &f->v[0];
	struct vgpu *vgpu = &v->vgpu;
	static const struct {
		u32 i;
		u32 value;
		u32 want;
	} bad[] = {
		{ 0, 77, HANDLE },
		{ 1, VGPU_MODULE_BUILTIN, VGPU_ERR_UNSUPPORTED_OP },
		{ 1, VGPU_MODULE_SPIRV, VGPU_ERR_UNSUPPORTED_OP },
		{ 1, VGPU_MODULE_FORMATS, VGPU_ERR_UNSUPPORTED_OP },
		{ 1, 32, VGPU_ERR_UNSUPPORTED_OP },
		{ 1, ~0U, VGPU_ERR_UNSUPPORTED_OP },
		{ 2, 0, HANDLE },
		{ 2, ~0U, HANDLE },
		{ 3, BYTES - 15, RANGE },
		{ 4, ~0U, RANGE },
		{ 5, 0, INVALID },
		{ 5, 3 * PAGE_SIZE + 1, RANGE },
		{ 5, VGPU_MAX_SOURCE + 1, VGPU_ERR_TOO_LARGE },
		{ 6, 1, VGPU_ERR_TOO_LARGE },
		{ 6, ~0U, VGPU_ERR_TOO_LARGE },
		{ 7, 0, HANDLE },
		{ 7, ~0U, HANDLE },
		{ 8, BYTES - 7, RANGE },
		{ 9, ~0U, RANGE },
		{ 10, 0, INVALID },
		{ 10, 2 * PAGE_SIZE + 1, RANGE },
		{ 11, ~0U, RANGE },
	};
	char options[VGPU_MAX_BUILD_OPTIONS + 1] = { };
	struct queue_guest q;
	u32 i, dev, n;

	queue_guest_create(test, &q, v, 4);
	dev = vgpu_fixture_bo(test, vgpu, q.ctx, PAGE_SIZE);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, module_try(&q, bad[i].i, bad[i].value), bad[i].want,
				    "parameter %u: %#x", bad[i].i, bad[i].value);
	/* device memory is no source, and takes no log */
	KUNIT_EXPECT_EQ(test, module_try(&q, 2, dev), RANGE);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_MODULE_BUILD, q.ctx, 1, dev, 0, 0, 16, 0, 0, 0,
				      0, 0, 0), INVALID);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_MODULE_BUILD, q.ctx, 1, q.bo, 0, 0, 16, 0, dev,
				      0, 0, 16, 0), INVALID);
	KUNIT_EXPECT_EQ(test, vgpu_do_data(vgpu, VGPU_OP_MODULE_BUILD, options, sizeof(options),
					   q.ctx, 1, q.bo, SOURCE, 0, 16, 0, 0, 0, 0, 0, 0),
			VGPU_ERR_TOO_LARGE);
	KUNIT_EXPECT_EQ(test, f->mock.nr_modules, 0U);

	KUNIT_EXPECT_EQ(test, module_try(&q, MODULE_GOOD, 0), NONE);
	KUNIT_EXPECT_STREQ(test, (char *)module_memory(&q, LOG), "good");
	*(char *)module_memory(&q, SOURCE) = 'x';
	KUNIT_EXPECT_EQ(test, module_try(&q, MODULE_GOOD, 0), VGPU_ERR_BUILD);
	KUNIT_EXPECT_STREQ(test, (char *)module_memory(&q, LOG), "bad");
	*(char *)module_memory(&q, SOURCE) = 0;
	KUNIT_EXPECT_EQ(test, f->mock.nr_modules, 1U);
	for (n = 1; module_try(&q, MODULE_GOOD, 0) == NONE; n++)
		;
	KUNIT_EXPECT_EQ(test, n, VGPU_MAX_MODULES);
	KUNIT_EXPECT_EQ(test, f->mock.nr_modules, VGPU_MAX_MODULES);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_MODULE_UNLOAD, q.ctx, 3), NONE);
	KUNIT_EXPECT_EQ(test, f->mock.nr_modules, VGPU_MAX_MODULES - 1);
	/* the last one holds no object */
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_DESTROY, q.ctx, dev), NONE);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_CTX_DESTROY, q.ctx), NONE);
	KUNIT_EXPECT_EQ(test, f->mock.nr_modules, 0U);
}

static u32 module_get(struct queue_guest *q, u32 module, const char *name)
{
	return vgpu_do_data(&q->v->vgpu, VGPU_OP_KERNEL_GET, name, strlen(name), q->ctx, module);
}

static void module_kernels(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = &f->v[0].vgpu;
	struct queue_guest q;
	u32 module, n;

	queue_guest_create(test, &q, &f->v[0], 4);
	KUNIT_ASSERT_EQ(test, module_try(&q, MODULE_GOOD, 0), NONE);
	module = vgpu_response_result(vgpu, 0);
	KUNIT_EXPECT_EQ(test, module_get(&q, module, "four"), VGPU_ERR_UNSUPPORTED_OP);
	KUNIT_EXPECT_EQ(test, module_get(&q, module, "sha256"), VGPU_ERR_UNSUPPORTED_OP);
	KUNIT_EXPECT_EQ(test, module_get(&q, module + 1, "three"), HANDLE);
	f->mock.fail_kernel = VGPU_ERR_BACKEND_UNAVAILABLE;
	KUNIT_EXPECT_EQ(test, module_get(&q, module, "three"), VGPU_ERR_BACKEND_UNAVAILABLE);
	f->mock.fail_kernel = 0;
	KUNIT_EXPECT_EQ(test, f->mock.nr_kernels, 0U);
	for (n = 0; module_get(&q, module, "three") == NONE; n++)
		;
	KUNIT_EXPECT_EQ(test, n, VGPU_MAX_KERNELS);
	KUNIT_EXPECT_EQ(test, f->mock.nr_kernels, VGPU_MAX_KERNELS);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_MODULE_UNLOAD, q.ctx, module), NONE);
	KUNIT_EXPECT_EQ(test, f->mock.nr_kernels, 0U);
	KUNIT_EXPECT_EQ(test, f->mock.nr_modules, 0U);
}

/* A kernel with a buffer, a number and local memory, in the queue's own guest memory */
static u32 module_three(struct kunit *test, struct queue_guest *q, u32 dev, u32 *module)
{
	struct vgpu_dev_arg *arg = module_memory(q, ARGS);
	struct vgpu *vgpu = &q->v->vgpu;

	KUNIT_ASSERT_EQ(test, module_try(q, MODULE_GOOD, 0), NONE);
	*module = vgpu_response_result(vgpu, 0);
	KUNIT_ASSERT_EQ(test, module_get(q, *module, "three"), NONE);
	arg[0] = (struct vgpu_dev_arg){ cpu_to_le32(VGPU_ARG_BO), cpu_to_le32(dev),
					cpu_to_le64(100) };
	arg[1] = (struct vgpu_dev_arg){ cpu_to_le32(VGPU_ARG_VALUE), 0, cpu_to_le64(~0U) };
	arg[2] = (struct vgpu_dev_arg){ cpu_to_le32(VGPU_ARG_LOCAL), 0, cpu_to_le64(256) };
	return vgpu_response_result(vgpu, 0);
}

static struct vgpu_dev_sqe *module_sqe(struct queue_guest *q, u32 kernel, u32 n)
{
	struct vgpu_dev_sqe *sqe = queue_guest_sqe(q, n);
	u32 i;

	sqe->launch.kernel = cpu_to_le32(kernel);
	for (i = 0; i < 3; i++) {
		sqe->launch.grid[i] = cpu_to_le32(i + 2);
		sqe->launch.block[i] = cpu_to_le32(i + 5);
	}
	sqe->launch.shared = cpu_to_le32(64);
	sqe->launch.args = cpu_to_le32(q->bo);
	sqe->launch.args_offset = cpu_to_le64(ARGS);
	sqe->launch.args_length = cpu_to_le32(3 * sizeof(struct vgpu_dev_arg));
	return sqe;
}

static void module_launch(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = &f->v[0].vgpu;
	u32 kernel, dev, module, n = 0, i;
	struct vgpu_dev_arg *arg, good;
	struct vgpu_dev_sqe *sqe;
	struct vgpu_job *job;
	struct queue_guest q;

	queue_guest_create(test, &q, &f->v[0], 4);
	dev = vgpu_fixture_bo(test, vgpu, q.ctx, PAGE_SIZE);
	kernel = module_three(test, &q, dev, &module);
	arg = module_memory(&q, ARGS);
	f->mock.sync = false;
	module_sqe(&q, kernel, n);
	vgpu_ring_submit(&q.ring, VGPU_SQE_LAUNCH);
	queue_guest_kick(&q);
	queue_guest_settle(&q);
	job = vgpu_mock_first(&f->mock);
	KUNIT_ASSERT_NOT_NULL(test, job);
	KUNIT_ASSERT_EQ(test, job->type, VGPU_JOB_LAUNCH);
	KUNIT_ASSERT_NOT_NULL(test, job->launch.object);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, job->launch.grid[i], i + 2);
		KUNIT_EXPECT_EQ(test, job->launch.block[i], i + 5);
	}
	KUNIT_EXPECT_EQ(test, job->launch.shared, 64U);
	/* all of the object behind the offset */
	KUNIT_EXPECT_EQ(test, job->launch.arg[0].range.offset, 100ULL);
	KUNIT_EXPECT_EQ(test, job->launch.arg[0].range.length, PAGE_SIZE - 100ULL);
	KUNIT_EXPECT_EQ(test, job->launch.arg[1].value, (u64)~0U);
	KUNIT_EXPECT_EQ(test, job->launch.arg[2].value, 256ULL);

	/* both are there as long as it runs, whatever becomes of their handles */
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_MODULE_UNLOAD, q.ctx, module), NONE);
	KUNIT_EXPECT_EQ(test, f->mock.nr_kernels, 1U);
	KUNIT_EXPECT_EQ(test, f->mock.nr_modules, 1U);
	f->mock.sync = true;
	vgpu_mock_complete_first(&f->mock, NONE);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, n++), NONE);
	vgpu_module_flush_unused(vgpu);
	KUNIT_EXPECT_EQ(test, f->mock.nr_kernels, 0U);
	KUNIT_EXPECT_EQ(test, f->mock.nr_modules, 0U);

	kernel = module_three(test, &q, dev, &module);
#define TRY(expect, change) do {							\
	sqe = module_sqe(&q, kernel, n);						\
	change;										\
	vgpu_ring_submit(&q.ring, VGPU_SQE_LAUNCH);					\
	queue_guest_kick(&q);								\
	KUNIT_EXPECT_EQ_MSG(test, queue_guest_reap(test, &q, n++), (int)(expect), "%s",	\
			    #change);							\
} while (0)
	TRY(NONE, sqe->launch.shared = 0);
	TRY(NONE, sqe->launch.grid[0] = cpu_to_le32(~0U));
	TRY(INVALID, sqe->launch.grid[0] = 0);
	TRY(INVALID, sqe->launch.grid[2] = 0);
	TRY(INVALID, sqe->launch.block[1] = 0);
	TRY(INVALID, sqe->launch.args_length = cpu_to_le32(2 * sizeof(*arg)));
	TRY(INVALID, sqe->launch.args_length = cpu_to_le32(4 * sizeof(*arg)));
	TRY(INVALID, sqe->launch.args_length = 0);
	TRY(INVALID, (sqe->launch.args_length = 0, sqe->launch.args = 0));
	good = arg[0];
	TRY(NONE, arg[0].value = cpu_to_le64(PAGE_SIZE - 1));
	arg[0] = good;
	good = arg[0];
	TRY(RANGE, arg[0].value = cpu_to_le64(PAGE_SIZE));
	arg[0] = good;
	good = arg[0];
	TRY(RANGE, arg[0].value = cpu_to_le64(-1ULL));
	arg[0] = good;
	good = arg[0];
	TRY(HANDLE, arg[0].handle = cpu_to_le32(99));
	arg[0] = good;
	good = arg[0];
	TRY(INVALID, arg[0].type = cpu_to_le32(VGPU_ARG_VALUE));
	arg[0] = good;
	good = arg[0];
	TRY(INVALID, arg[0].type = cpu_to_le32(VGPU_ARG_LOCAL));
	arg[0] = good;
	good = arg[1];
	TRY(INVALID, arg[1].type = cpu_to_le32(VGPU_ARG_BO));
	arg[1] = good;
	good = arg[1];
	TRY(INVALID, arg[1].handle = cpu_to_le32(dev));
	arg[1] = good;
	good = arg[1];
	TRY(INVALID, arg[1].value = cpu_to_le64(1ULL << 32));
	arg[1] = good;
	good = arg[2];
	TRY(INVALID, arg[2].value = 0);
	arg[2] = good;
	good = arg[2];
	TRY(INVALID, arg[2].value = cpu_to_le64(1ULL << 32));
	arg[2] = good;
	good = arg[2];
	TRY(INVALID, arg[2].type = cpu_to_le32(77));
	arg[2] = good;
	TRY(NONE, (void)0);

	/* of another kernel the first may be a number, too */
	KUNIT_EXPECT_EQ(test, module_get(&q, module, "any01"), NONE);
	kernel = vgpu_response_result(vgpu, 0);
	TRY(NONE, (void)0);
	good = arg[0];
	TRY(RANGE, arg[0].value = cpu_to_le64(PAGE_SIZE));
	arg[0] = good;
	TRY(INVALID, arg[0].type = cpu_to_le32(VGPU_ARG_LOCAL));
	arg[0].type = cpu_to_le32(VGPU_ARG_VALUE);
	TRY(INVALID, (void)0);
	arg[0].handle = 0;
	arg[0].value = cpu_to_le64(~0ULL);
	TRY(NONE, (void)0);
	arg[1].type = cpu_to_le32(VGPU_ARG_BO);
	TRY(INVALID, arg[1].handle = cpu_to_le32(dev));
	arg[1] = (struct vgpu_dev_arg){ cpu_to_le32(VGPU_ARG_VALUE), 0, 0 };
	f->mock.sync = false;
	module_sqe(&q, kernel, n);
	vgpu_ring_submit(&q.ring, VGPU_SQE_LAUNCH);
	queue_guest_kick(&q);
	queue_guest_settle(&q);
	job = vgpu_mock_first(&f->mock);
	KUNIT_ASSERT_NOT_NULL(test, job);
	KUNIT_EXPECT_NULL(test, job->launch.arg[0].range.bo);
	KUNIT_EXPECT_EQ(test, job->launch.arg[0].value, ~0ULL);
	f->mock.sync = true;
	vgpu_mock_complete_first(&f->mock, NONE);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, n++), NONE);
	arg[0] = good;
#undef TRY
	/* one that takes nothing needs no block */
	KUNIT_EXPECT_EQ(test, module_get(&q, module, "none"), NONE);
	kernel = vgpu_response_result(vgpu, 0);
	sqe = module_sqe(&q, kernel, n);
	sqe->launch.args = 0;
	sqe->launch.args_offset = 0;
	sqe->launch.args_length = 0;
	vgpu_ring_submit(&q.ring, VGPU_SQE_LAUNCH);
	queue_guest_kick(&q);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &q, n++), NONE);

	/* the refused ones hold nothing */
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_MODULE_UNLOAD, q.ctx, module), NONE);
	vgpu_module_flush_unused(vgpu);
	KUNIT_EXPECT_EQ(test, f->mock.nr_kernels, 0U);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_DESTROY, q.ctx, dev), NONE);
	KUNIT_EXPECT_EQ(test, f->mock.nr_bos, 0U);
}

/* A reset in the middle of it all */
static void module_reset(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = &f->v[0].vgpu;
	struct queue_guest q;
	u32 dev, module;

	queue_guest_create(test, &q, &f->v[0], 4);
	dev = vgpu_fixture_bo(test, vgpu, q.ctx, PAGE_SIZE);
	f->mock.sync = false;
	module_sqe(&q, module_three(test, &q, dev, &module), 0);
	vgpu_ring_submit(&q.ring, VGPU_SQE_LAUNCH);
	queue_guest_kick(&q);
	queue_guest_settle(&q);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, 1U);
	vgpu_reset(vgpu);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, 0U);
	KUNIT_EXPECT_EQ(test, f->mock.nr_kernels, 0U);
	KUNIT_EXPECT_EQ(test, f->mock.nr_modules, 0U);
	KUNIT_EXPECT_EQ(test, f->mock.nr_ctxs, 0U);
}

static struct kunit_case module_cases[] = {
	KUNIT_CASE(module_build),
	KUNIT_CASE(module_kernels),
	KUNIT_CASE(module_launch),
	KUNIT_CASE(module_reset),
	{}
};

static struct kunit_suite module_suite = {
	.name = "vgpu_module",
	.init = vgpu_fixture_init,
	.exit = vgpu_fixture_exit,
	.test_cases = module_cases,
};

kunit_test_suite(module_suite);
