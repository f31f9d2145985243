// SPDX-License-Identifier: GPL-2.0
/* A GPU: its budget, its dispatcher, and the end of an entity's jobs. */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/prandom.h>
#include <linux/sizes.h>

#include "job.h"
#include "mock_backend.h"

#define GPU_MEMORY	((u64)SZ_1G)
#define GPU_DEPTH	3
#define GPU_JOBS	8

/**
 * struct gpu_job - a job of the test's own
 * @job: the job
 * @nr_done: how often it was told to be over
 * @order: when, counted over all
 */
struct gpu_job {
	struct vgpu_job job;
	u32 nr_done;
	u32 order;
};

/**
 * struct gpu_fixture - &kunit.priv
 * @mock: the GPU
 * @entity: two that share it
 * @job: even ones of the first, odd ones of the second
 * @nr_done: jobs that are over
 */
struct gpu_fixture {
	struct vgpu_mock mock;
	struct vgpu_arb_entity entity[2];
	struct gpu_job job[GPU_JOBS];
	u32 nr_done;
};

static void gpu_job_done(struct vgpu_job *job)
{
	struct vgpu_gpu *gpu = container_of(job->entity->arb, struct vgpu_gpu, arb);
	struct vgpu_mock *mock = container_of(gpu, struct vgpu_mock, gpu);
	struct gpu_fixture *f = container_of(mock, struct gpu_fixture, mock);
	struct gpu_job *g = container_of(job, struct gpu_job, job);

	g->nr_done++;
	g->order = ++f->nr_done;
}

static int gpu_init(struct kunit *test)
{
	struct gpu_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	u32 i;
	int ret;

	if (!f)
		return -ENOMEM;
	ret = vgpu_mock_init(&f->mock, GPU_MEMORY, GPU_DEPTH);
	if (ret)
		return ret;
	for (i = 0; i < ARRAY_SIZE(f->entity); i++)
		vgpu_arb_entity_init(&f->entity[i], &f->mock.gpu.arb, GPU_JOBS);
	for (i = 0; i < GPU_JOBS; i++) {
		INIT_LIST_HEAD(&f->job[i].job.node);
		f->job[i].job.entity = &f->entity[i % 2];
		f->job[i].job.type = VGPU_JOB_NOP;
		f->job[i].job.done = gpu_job_done;
	}
	test->priv = f;
	return 0;
}

static void gpu_exit(struct kunit *test)
{
	struct gpu_fixture *f = test->priv;
	u32 i;

	if (!f)
		return;
	f->mock.keep_on_abort = false;
	f->mock.refuse = 0;
	f->mock.refuse_until_complete = false;
	f->mock.on_submit = NULL;
	f->mock.on_abort = NULL;
	for (i = 0; i < ARRAY_SIZE(f->entity); i++) {
		vgpu_gpu_drain(&f->mock.gpu, &f->entity[i]);
		vgpu_arb_entity_fini(&f->entity[i]);
	}
	for (i = 0; i < GPU_JOBS; i++)
		KUNIT_EXPECT_LE(test, f->job[i].nr_done, 1);
	vgpu_mock_fini(&f->mock);
	KUNIT_EXPECT_EQ(test, f->mock.violations, 0);
}

static enum vgpu_error gpu_submit(struct gpu_fixture *f, u32 i)
{
	if (f->job[i].job.owner == VGPU_JOB_DONE)
		vgpu_job_set_owner(&f->job[i].job, VGPU_JOB_GUEST);
	vgpu_job_set_owner(&f->job[i].job, VGPU_JOB_QUEUE);
	return vgpu_gpu_submit(&f->mock.gpu, &f->job[i].job);
}

/* number of the job that has been with the backend longest, or -1 */
static int gpu_first(struct gpu_fixture *f)
{
	struct vgpu_job *job = vgpu_mock_first(&f->mock);

	return job ? container_of(job, struct gpu_job, job) - f->job : -1;
}

static void gpu_bad_description(struct kunit *test)
{
	struct gpu_fixture *f = test->priv;
	struct vgpu_gpu_desc good = f->mock.gpu.desc, desc;
	struct vgpu_backend_ops ops = *good.ops;
	struct vgpu_gpu *gpu = kunit_kzalloc(test, sizeof(*gpu), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, gpu);
	desc = good;
	desc.depth = 0;
	KUNIT_EXPECT_EQ(test, vgpu_gpu_init(gpu, &desc, 1), -EINVAL);
	desc = good;
	desc.memory_size = 0;
	KUNIT_EXPECT_EQ(test, vgpu_gpu_init(gpu, &desc, 1), -EINVAL);
	desc = good;
	desc.name = "a name of exactly 32 characters.";
	KUNIT_EXPECT_EQ(test, vgpu_gpu_init(gpu, &desc, 1), -EINVAL);
	desc = good;
	desc.ops = &ops;
	ops.submit = NULL;
	KUNIT_EXPECT_EQ(test, vgpu_gpu_init(gpu, &desc, 1), -EINVAL);
	ops = *good.ops;
	ops.abort = NULL;
	KUNIT_EXPECT_EQ(test, vgpu_gpu_init(gpu, &desc, 1), -EINVAL);
	ops = *good.ops;
	ops.bo_create = NULL;
	KUNIT_EXPECT_EQ(test, vgpu_gpu_init(gpu, &desc, 1), -EINVAL);
	ops = *good.ops;
	ops.bo_destroy = NULL;
	KUNIT_EXPECT_EQ(test, vgpu_gpu_init(gpu, &desc, 1), -EINVAL);
	/* contexts are optional; 31 characters fit */
	ops = *good.ops;
	ops.ctx_create = NULL;
	ops.ctx_destroy = NULL;
	desc.name = "a name of exactly 31 characters";
	KUNIT_ASSERT_EQ(test, vgpu_gpu_init(gpu, &desc, 1), 0);
	KUNIT_EXPECT_STREQ(test, gpu->name, desc.name);
	KUNIT_EXPECT_PTR_EQ(test, vgpu_gpu_priv(gpu), good.priv);
	vgpu_gpu_fini(gpu);
}

static void gpu_budget(struct kunit *test)
{
	struct gpu_fixture *f = test->priv;
	struct vgpu_gpu *gpu = &f->mock.gpu;

	KUNIT_EXPECT_EQ(test, vgpu_gpu_memory_free(gpu), GPU_MEMORY);
	KUNIT_EXPECT_EQ(test, vgpu_gpu_memory_reserve(gpu, GPU_MEMORY + 1), -ENOSPC);
	KUNIT_EXPECT_EQ(test, vgpu_gpu_memory_reserve(gpu, ~0ULL), -ENOSPC);
	KUNIT_EXPECT_EQ(test, vgpu_gpu_memory_free(gpu), GPU_MEMORY);
	KUNIT_EXPECT_EQ(test, vgpu_gpu_memory_reserve(gpu, GPU_MEMORY), 0);
	KUNIT_EXPECT_EQ(test, vgpu_gpu_memory_free(gpu), 0);
	KUNIT_EXPECT_EQ(test, vgpu_gpu_memory_reserve(gpu, 1), -ENOSPC);
	vgpu_gpu_memory_release(gpu, GPU_MEMORY);
	KUNIT_EXPECT_EQ(test, vgpu_gpu_memory_reserve(gpu, 1), 0);
	KUNIT_EXPECT_EQ(test, vgpu_gpu_memory_reserve(gpu, GPU_MEMORY), -ENOSPC);
	KUNIT_EXPECT_EQ(test, vgpu_gpu_memory_reserve(gpu, GPU_MEMORY - 1), 0);
	vgpu_gpu_memory_release(gpu, GPU_MEMORY - 1);
	vgpu_gpu_memory_release(gpu, 1);
}

static void gpu_budget_mixed_types(struct kunit *test)
{
	static const u32 divisors[] = { 1, 2, 4, 8, 16 };
	struct gpu_fixture *f = test->priv;
	struct vgpu_gpu *gpu = &f->mock.gpu;
	u32 have[ARRAY_SIZE(divisors)] = {}, round, i;
	struct rnd_state rnd;
	u64 used = 0, size;
	int ret;

	prandom_seed_state(&rnd, 1);
	for (round = 0; round < 20000; round++) {
		i = prandom_u32_state(&rnd) % ARRAY_SIZE(divisors);
		size = GPU_MEMORY / divisors[i];
		if (prandom_u32_state(&rnd) % 2) {
			ret = vgpu_gpu_memory_reserve(gpu, size);
			KUNIT_ASSERT_EQ(test, ret,
					used + size <= GPU_MEMORY ? 0 : -ENOSPC);
			if (!ret) {
				have[i]++;
				used += size;
			}
		} else if (have[i]) {
			vgpu_gpu_memory_release(gpu, size);
			have[i]--;
			used -= size;
		}
		KUNIT_ASSERT_EQ(test, vgpu_gpu_memory_free(gpu), GPU_MEMORY - used);
	}
	for (i = 0; i < ARRAY_SIZE(divisors); i++) {
		while (have[i]--)
			vgpu_gpu_memory_release(gpu, GPU_MEMORY / divisors[i]);
	}
	KUNIT_EXPECT_EQ(test, vgpu_gpu_memory_free(gpu), GPU_MEMORY);
}

static void gpu_dispatch_up_to_depth(struct kunit *test)
{
	struct gpu_fixture *f = test->priv;
	u32 i;

	for (i = 0; i < GPU_JOBS; i++)
		KUNIT_EXPECT_EQ(test, gpu_submit(f, i), VGPU_ERR_NONE);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, GPU_DEPTH);
	for (i = 0; i < GPU_JOBS; i++) {
		KUNIT_EXPECT_EQ(test, gpu_first(f), i);
		/* a completion lets the next one in */
		KUNIT_ASSERT_TRUE(test, vgpu_mock_complete_first(&f->mock, VGPU_ERR_NONE));
		KUNIT_EXPECT_EQ(test, f->job[i].order, i + 1);
		KUNIT_EXPECT_EQ(test, f->mock.nr_jobs,
				min_t(u32, GPU_DEPTH, GPU_JOBS - 1 - i));
	}
	KUNIT_EXPECT_EQ(test, f->mock.max_jobs, GPU_DEPTH);
	KUNIT_EXPECT_EQ(test, f->mock.gpu.arb.nr_running, 0);
}

/* a backend may complete a job before submit has returned */
static void gpu_synchronous_backend(struct kunit *test)
{
	struct gpu_fixture *f = test->priv;
	u32 i;

	f->mock.sync = true;
	f->mock.gpu_ns = 123;
	for (i = 0; i < GPU_JOBS; i++)
		gpu_submit(f, i);
	vgpu_mock_settle(&f->mock);
	for (i = 0; i < GPU_JOBS; i++) {
		KUNIT_EXPECT_EQ(test, f->job[i].order, i + 1);
		KUNIT_EXPECT_EQ(test, f->job[i].job.owner, VGPU_JOB_DONE);
		KUNIT_EXPECT_EQ(test, f->job[i].job.status, VGPU_ERR_NONE);
		KUNIT_EXPECT_EQ(test, f->job[i].job.gpu_ns, 123);
	}
	KUNIT_EXPECT_EQ(test, f->entity[0].nr_pending, 0);
	KUNIT_EXPECT_EQ(test, f->entity[1].nr_pending, 0);
}

/* the contract: "submitted again after the next completion" */
static void gpu_busy_backend(struct kunit *test)
{
	struct gpu_fixture *f = test->priv;

	gpu_submit(f, 0);
	vgpu_mock_settle(&f->mock);
	f->mock.refuse_until_complete = true;
	gpu_submit(f, 1);
	gpu_submit(f, 2);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ_MSG(test, f->mock.refused, 1,
			    "asked %u times without a completion in between",
			    f->mock.refused);
	KUNIT_EXPECT_EQ(test, f->job[1].job.owner, VGPU_JOB_ARBITER);
	vgpu_mock_complete_first(&f->mock, VGPU_ERR_NONE);
	/* it kept its place */
	KUNIT_EXPECT_EQ(test, gpu_first(f), 1);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, 2);
	KUNIT_EXPECT_EQ(test, f->job[1].nr_done, 0);
}

static void gpu_busy_once(struct kunit *test)
{
	struct gpu_fixture *f = test->priv;

	gpu_submit(f, 0);
	vgpu_mock_settle(&f->mock);
	f->mock.refuse = 1;
	gpu_submit(f, 1);
	vgpu_mock_settle(&f->mock);
	vgpu_mock_complete_first(&f->mock, VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, f->mock.refused, 1);
	KUNIT_EXPECT_EQ(test, gpu_first(f), 1);
	vgpu_mock_complete_first(&f->mock, VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, f->job[1].nr_done, 1);
	KUNIT_EXPECT_EQ(test, f->job[1].job.status, VGPU_ERR_NONE);
}

static void gpu_drain_before_refusal(struct vgpu_mock *mock, struct vgpu_job *job)
{
	LIST_HEAD(canceled);

	vgpu_arb_entity_drain_begin(job->entity, &canceled, 0);
	mock->on_submit = NULL;
}

/* nobody would ever cancel it, had it gone back to the arbiter */
static void gpu_busy_while_draining(struct kunit *test)
{
	struct gpu_fixture *f = test->priv;

	f->mock.on_submit = gpu_drain_before_refusal;
	f->mock.refuse = 1;
	gpu_submit(f, 0);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, f->job[0].nr_done, 1);
	KUNIT_EXPECT_EQ(test, f->job[0].job.status, VGPU_ERR_CANCELED);
	KUNIT_EXPECT_EQ(test, f->entity[0].nr_pending, 0);
}

static enum vgpu_error gpu_control(struct vgpu_job *job)
{
	return job->entity->queue_limit == GPU_JOBS ? VGPU_ERR_NO_MEMORY : VGPU_ERR_NONE;
}

static void gpu_control_job(struct kunit *test)
{
	struct gpu_fixture *f = test->priv;

	f->job[2].job.type = VGPU_JOB_CONTROL;
	f->job[2].job.control = gpu_control;
	f->job[2].job.gpu_ns = 1;
	gpu_submit(f, 0);
	gpu_submit(f, 2);
	gpu_submit(f, 4);
	vgpu_mock_settle(&f->mock);
	/* not the backend's; its result is kept, and it took none of the GPU's time */
	KUNIT_EXPECT_EQ(test, f->job[2].nr_done, 1);
	KUNIT_EXPECT_EQ(test, f->job[2].job.status, VGPU_ERR_NO_MEMORY);
	KUNIT_EXPECT_EQ(test, f->job[2].job.gpu_ns, 0ULL);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, 2);
	KUNIT_EXPECT_LT(test, vgpu_mock_call_find(&f->mock, VGPU_MOCK_SUBMIT,
						  &f->job[2].job), 0);
}

static DECLARE_COMPLETION(gpu_go);

static enum vgpu_error gpu_control_until_go(struct vgpu_job *job)
{
	return wait_for_completion_timeout(&gpu_go, 10 * HZ) ? VGPU_ERR_NONE :
							       VGPU_ERR_TIMEOUT;
}

static void gpu_control_job_delays_nobody(struct kunit *test)
{
	struct gpu_fixture *f = test->priv;

	reinit_completion(&gpu_go);
	f->job[0].job.type = VGPU_JOB_CONTROL;
	f->job[0].job.control = gpu_control_until_go;
	gpu_submit(f, 0);
	gpu_submit(f, 1);
	/* the dispatcher alone: the control job is not going to end */
	while (flush_work(&f->mock.gpu.dispatch))
		;
	KUNIT_EXPECT_EQ(test, f->job[0].nr_done, 0);
	KUNIT_ASSERT_PTR_EQ(test, vgpu_mock_first(&f->mock), &f->job[1].job);
	vgpu_mock_complete(&f->mock, &f->job[1].job, VGPU_ERR_NONE, 0);
	KUNIT_EXPECT_EQ(test, f->job[1].nr_done, 1);
	complete(&gpu_go);
	while (flush_work(&f->job[0].job.work))
		;
	KUNIT_EXPECT_EQ(test, f->job[0].nr_done, 1);
	KUNIT_EXPECT_EQ(test, f->job[0].job.status, VGPU_ERR_NONE);
}

static void gpu_control_job_takes_no_slot(struct kunit *test)
{
	struct gpu_fixture *f = test->priv;
	u32 i;

	for (i = 0; i < GPU_DEPTH; i++)
		gpu_submit(f, i);
	f->job[3].job.type = VGPU_JOB_CONTROL;
	f->job[3].job.control = gpu_control;
	gpu_submit(f, 3);
	vgpu_mock_settle(&f->mock);
	/* the backend has all it wants, and jobs that may never end */
	KUNIT_EXPECT_EQ(test, f->job[3].nr_done, 1);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, GPU_DEPTH);
	gpu_submit(f, 4);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, GPU_DEPTH);
	vgpu_mock_complete_first(&f->mock, VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, GPU_DEPTH);
}

static void gpu_drain_all_places(struct kunit *test)
{
	struct gpu_fixture *f = test->priv;
	u32 i;

	for (i = 0; i < GPU_JOBS; i++)
		gpu_submit(f, i);
	vgpu_mock_settle(&f->mock);
	/* 0, 1, 2 are with the backend; drain the even ones */
	vgpu_gpu_drain(&f->mock.gpu, &f->entity[0]);
	for (i = 0; i < GPU_JOBS; i++) {
		KUNIT_EXPECT_EQ(test, f->job[i].nr_done, !(i % 2));
		if (i % 2)
			continue;
		KUNIT_EXPECT_EQ(test, f->job[i].job.owner, VGPU_JOB_DONE);
		KUNIT_EXPECT_EQ(test, f->job[i].job.status, VGPU_ERR_CANCELED);
	}
	/* what waited is told before what ran is aborted */
	KUNIT_EXPECT_LT(test, f->job[4].order, f->job[0].order);
	KUNIT_EXPECT_EQ(test, gpu_submit(f, 0), VGPU_ERR_CANCELED);
	/* the other entity gets the slots */
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, gpu_first(f), 1);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, 3);
	for (i = 1; i < GPU_JOBS; i += 2)
		KUNIT_EXPECT_TRUE(test, vgpu_mock_complete_first(&f->mock, VGPU_ERR_NONE));
	vgpu_arb_entity_drain_end(&f->entity[0]);
	KUNIT_EXPECT_EQ(test, vgpu_gpu_submit(&f->mock.gpu, &f->job[0].job),
			VGPU_ERR_NONE);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, gpu_first(f), 0);
	f->job[0].nr_done = 0;
}

/**
 * struct gpu_drainer - a thread that drains an entity
 * @f: the fixture
 * @entity: which
 * @done: it has
 */
struct gpu_drainer {
	struct gpu_fixture *f;
	u32 entity;
	struct completion done;
};

static int gpu_drainer_thread(void *arg)
{
	struct gpu_drainer *drainer = arg;

	vgpu_gpu_drain(&drainer->f->mock.gpu, &drainer->f->entity[drainer->entity]);
	complete(&drainer->done);
	return 0;
}

static void gpu_drain_waits_for_abort(struct kunit *test)
{
	struct gpu_fixture *f = test->priv;
	struct gpu_drainer drainer = { .f = f };
	struct task_struct *task;

	init_completion(&drainer.done);
	gpu_submit(f, 0);
	gpu_submit(f, 1);
	gpu_submit(f, 2);
	vgpu_mock_settle(&f->mock);
	f->mock.keep_on_abort = true;
	task = kthread_run(gpu_drainer_thread, &drainer, "vgpu-drainer");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	msleep(50);
	KUNIT_EXPECT_GE(test, vgpu_mock_call_find(&f->mock, VGPU_MOCK_ABORT,
						  &f->entity[0]), 0);
	KUNIT_EXPECT_LT(test, vgpu_mock_call_find(&f->mock, VGPU_MOCK_ABORT,
						  &f->entity[1]), 0);
	KUNIT_EXPECT_FALSE(test, completion_done(&drainer.done));
	vgpu_mock_complete(&f->mock, &f->job[2].job, VGPU_ERR_CANCELED, 0);
	msleep(20);
	KUNIT_EXPECT_FALSE(test, completion_done(&drainer.done));
	/* others go on meanwhile */
	vgpu_mock_complete(&f->mock, &f->job[1].job, VGPU_ERR_NONE, 0);
	gpu_submit(f, 3);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, f->job[3].job.owner, VGPU_JOB_BACKEND);
	vgpu_mock_complete(&f->mock, &f->job[0].job, VGPU_ERR_NONE, 0);
	KUNIT_EXPECT_NE(test, wait_for_completion_timeout(&drainer.done, 10 * HZ), 0);
	KUNIT_EXPECT_EQ(test, f->job[0].job.status, VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, f->entity[0].nr_pending, 0);
}

static void gpu_drain_idle(struct kunit *test)
{
	struct gpu_fixture *f = test->priv;

	vgpu_gpu_drain(&f->mock.gpu, &f->entity[0]);
	vgpu_gpu_drain(&f->mock.gpu, &f->entity[0]);
	KUNIT_EXPECT_EQ(test, f->nr_done, 0);
	KUNIT_EXPECT_EQ(test, gpu_submit(f, 0), VGPU_ERR_CANCELED);
	KUNIT_EXPECT_EQ(test, gpu_submit(f, 1), VGPU_ERR_NONE);
}

static void gpu_on_abort(struct vgpu_mock *mock, struct vgpu_arb_entity *entity)
{
	mock->hook_arg = current;
}

/* A thread of a VMM's, which can be made to stand still, never has the dispatcher's lock. */
static void gpu_drain_is_not_the_caller_s(struct kunit *test)
{
	struct gpu_fixture *f = test->priv;

	f->mock.sync = false;
	f->mock.on_abort = gpu_on_abort;
	KUNIT_EXPECT_EQ(test, gpu_submit(f, 0), VGPU_ERR_NONE);
	vgpu_mock_settle(&f->mock);
	vgpu_gpu_drain(&f->mock.gpu, &f->entity[0]);
	KUNIT_EXPECT_EQ(test, f->nr_done, 1);
	KUNIT_ASSERT_NOT_NULL(test, f->mock.hook_arg);
	KUNIT_EXPECT_PTR_NE(test, f->mock.hook_arg, (void *)current);
}

/* What completing a job takes is charged where nobody's jobs run meanwhile, else not. */
static void gpu_completion_is_charged(struct kunit *test)
{
	struct gpu_fixture *f = test->priv;

	f->mock.sync = true;
	KUNIT_EXPECT_EQ(test, gpu_submit(f, 0), VGPU_ERR_NONE);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, atomic64_read(&f->entity[0].owed_ns), 0LL);
	f->mock.gpu.desc.on_cpu = true;
	KUNIT_EXPECT_EQ(test, gpu_submit(f, 1), VGPU_ERR_NONE);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, f->nr_done, 2);
	KUNIT_EXPECT_GT(test, atomic64_read(&f->entity[1].owed_ns), 0LL);
	KUNIT_EXPECT_EQ(test, atomic64_read(&f->entity[0].owed_ns), 0LL);
}

/* What a job's vGPU has kept others by is charged with it, and no time of its own. */
static void gpu_job_owes(struct kunit *test)
{
	struct gpu_fixture *f = test->priv;
	u64 start[2];
	u32 i;

	f->mock.sync = false;
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, gpu_submit(f, i), VGPU_ERR_NONE);
	vgpu_mock_settle(&f->mock);
	for (i = 0; i < 2; i++)
		start[i] = f->entity[i].flow.start;
	vgpu_job_owe(&f->job[0].job, NSEC_PER_SEC);
	vgpu_job_owe(&f->job[0].job, NSEC_PER_SEC);
	for (i = 0; i < 2; i++)
		vgpu_mock_complete(&f->mock, &f->job[i].job, VGPU_ERR_NONE, NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, f->job[0].job.gpu_ns, (u64)NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, atomic64_read(&f->entity[0].owed_ns), 0LL);
	KUNIT_EXPECT_EQ(test, f->entity[0].flow.start - start[0],
			f->entity[1].flow.start - start[1] + 2 * (u64)NSEC_PER_SEC);
}

static struct kunit_case gpu_cases[] = {
	KUNIT_CASE(gpu_bad_description),
	KUNIT_CASE(gpu_budget),
	KUNIT_CASE(gpu_budget_mixed_types),
	KUNIT_CASE(gpu_dispatch_up_to_depth),
	KUNIT_CASE(gpu_synchronous_backend),
	KUNIT_CASE(gpu_busy_backend),
	KUNIT_CASE(gpu_busy_once),
	KUNIT_CASE(gpu_busy_while_draining),
	KUNIT_CASE(gpu_control_job),
	KUNIT_CASE(gpu_control_job_delays_nobody),
	KUNIT_CASE(gpu_control_job_takes_no_slot),
	KUNIT_CASE(gpu_drain_all_places),
	KUNIT_CASE(gpu_drain_waits_for_abort),
	KUNIT_CASE(gpu_drain_idle),
	KUNIT_CASE(gpu_drain_is_not_the_caller_s),
	KUNIT_CASE(gpu_completion_is_charged),
	KUNIT_CASE(gpu_job_owes),
	{}
};

static struct kunit_suite gpu_suite = {
	.name = "vgpu_gpu",
	.init = gpu_init,
	.exit = gpu_exit,
	.test_cases = gpu_cases,
};

kunit_test_suite(gpu_suite);
