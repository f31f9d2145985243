// SPDX-License-Identifier: GPL-2.0
/* Jobs for the cpu backend's real engine.  Context: may sleep. */
#include <kunit/test.h>
#include <linux/err.h>

#include "backend/cpu.h"
#include "bo.h"
#include "builtin.h"
#include "cpu_fixture.h"
#include "ctx.h"

static void cpu_raise_irq(struct vgpu *vgpu, u32 vector)
{
}

static void cpu_job_done(struct vgpu_job *job)
{
	struct cpu_job *c = container_of(job, struct cpu_job, job);
	struct vgpu *vgpu = container_of(job->entity, struct vgpu, entity);
	struct cpu_fixture *f = container_of(vgpu, struct cpu_fixture, vgpu);

	c->order = ++f->nr_done;
	complete(&c->done);
}

/**
 * cpu_fixture_init() - make an engine, and a started vGPU with a context
 * @test: its priv becomes a struct cpu_fixture
 *
 * Return: 0 or an error.
 */
int cpu_fixture_init(struct kunit *test)
{
	struct vgpu_gpu_desc desc = { .name = "cpu0", .memory_size = CPU_MEMORY };
	struct cpu_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	u32 id, i;
	int ret;

	if (!f)
		return -ENOMEM;
	f->cpu = vgpu_cpu_create("test");
	if (IS_ERR(f->cpu))
		return PTR_ERR(f->cpu);
	vgpu_cpu_describe(f->cpu, &desc);
	ret = vgpu_gpu_init(&f->gpu, &desc, 0);
	if (ret)
		goto err_cpu;
	ret = vgpu_init(&f->vgpu, &f->gpu, 1, CPU_MEMORY, cpu_raise_irq,
			NULL);
	if (ret)
		goto err_gpu;
	vgpu_start(&f->vgpu);
	ret = vgpu_ctx_create(&f->vgpu, &id);
	if (ret)
		goto err_vgpu;
	f->ctx = vgpu_ctx_find(&f->vgpu, id);
	for (i = 0; i < CPU_JOBS; i++) {
		INIT_LIST_HEAD(&f->job[i].job.node);
		init_completion(&f->job[i].done);
		f->job[i].job.entity = &f->vgpu.entity;
		f->job[i].job.done = cpu_job_done;
	}
	test->priv = f;
	return 0;

err_vgpu:
	vgpu_stop(&f->vgpu);
	vgpu_fini(&f->vgpu);
err_gpu:
	vgpu_gpu_fini(&f->gpu);
err_cpu:
	vgpu_cpu_destroy(f->cpu);
	return ret;
}

/**
 * cpu_fixture_exit() - end them, and see that nothing is left
 * @test: as cpu_fixture_init() left it
 */
void cpu_fixture_exit(struct kunit *test)
{
	struct cpu_fixture *f = test->priv;

	if (!f)
		return;
	vgpu_gpu_drain(&f->gpu, &f->vgpu.entity);
	vgpu_ctx_put(f->ctx);
	vgpu_stop(&f->vgpu);
	KUNIT_EXPECT_EQ(test, vgpu_quota_used(&f->vgpu), 0);
	vgpu_fini(&f->vgpu);
	vgpu_gpu_fini(&f->gpu);
	vgpu_cpu_destroy(f->cpu);
}

/**
 * cpu_bo() - make a buffer object
 * @test: the test, which ends if it fails
 * @size: its bytes
 *
 * Return: the object, which goes with its context; &vgpu_bo.priv are its bytes.
 */
struct vgpu_bo *cpu_bo(struct kunit *test, u64 size)
{
	struct cpu_fixture *f = test->priv;
	struct vgpu_bo *bo;
	u32 handle;

	KUNIT_ASSERT_EQ(test, vgpu_bo_create(f->ctx, size, 0, &handle), 0);
	bo = vgpu_bo_find(f->ctx, handle);
	KUNIT_ASSERT_NOT_NULL(test, bo);
	vgpu_bo_put(bo);
	return bo;
}

/**
 * cpu_job() - prepare a job
 * @test: the test
 * @i: which of the fixture's; over if it ran before
 * @type: its type; the caller fills in the rest
 *
 * Return: the job.
 */
struct cpu_job *cpu_job(struct kunit *test, u32 i, enum vgpu_job_type type)
{
	struct cpu_fixture *f = test->priv;
	struct cpu_job *job = &f->job[i];

	if (job->job.owner == VGPU_JOB_DONE)
		vgpu_job_set_owner(&job->job, VGPU_JOB_GUEST);
	reinit_completion(&job->done);
	job->job.type = type;
	return job;
}

/**
 * cpu_submit() - hand a job in
 * @test: the test
 * @job: the job
 */
void cpu_submit(struct kunit *test, struct cpu_job *job)
{
	struct cpu_fixture *f = test->priv;

	vgpu_job_set_owner(&job->job, VGPU_JOB_QUEUE);
	KUNIT_ASSERT_EQ(test, vgpu_gpu_submit(&f->gpu, &job->job), VGPU_ERR_NONE);
}

/**
 * cpu_wait() - wait for a job
 * @test: the test, which ends if the job doesn't
 * @job: the job
 *
 * Return: how it ended.
 */
enum vgpu_error cpu_wait(struct kunit *test, struct cpu_job *job)
{
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&job->done, 60 * HZ), 0);
	KUNIT_EXPECT_EQ(test, job->job.owner, VGPU_JOB_DONE);
	return job->job.status;
}

/**
 * cpu_launch() - check a launch as the core does, run it and wait
 * @test: the test
 * @kernel: the kernel
 * @arg: as many arguments as it takes
 *
 * Return: what was said to it, or how it ended.
 */
enum vgpu_error cpu_launch(struct kunit *test, u32 kernel,
			   const struct vgpu_job_arg *arg)
{
	struct cpu_job *job = cpu_job(test, 0, VGPU_JOB_LAUNCH);
	enum vgpu_error err;

	job->job.launch.kernel = kernel;
	KUNIT_ASSERT_EQ(test, vgpu_builtin_nargs(kernel, &job->job.launch.nargs),
			VGPU_ERR_NONE);
	memset(job->job.launch.arg, 0, sizeof(job->job.launch.arg));
	memcpy(job->job.launch.arg, arg, job->job.launch.nargs * sizeof(*arg));
	err = vgpu_builtin_check(kernel, job->job.launch.arg);
	if (err)
		return err;
	cpu_submit(test, job);
	return cpu_wait(test, job);
}
