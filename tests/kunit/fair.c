// SPDX-License-Identifier: GPL-2.0
/* The arbiter's GPU in virtual time. */
#include "fair.h"

/**
 * fair_init() - make a GPU, and entities that share it
 * @test: its priv becomes a struct fair_fixture
 *
 * Return: 0 or -ENOMEM.
 */
int fair_init(struct kunit *test)
{
	struct fair_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	struct vgpu_job *job;
	u32 i, j;

	if (!f)
		return -ENOMEM;
	vgpu_arb_init(&f->arb, FAIR_DEPTH);
	for (i = 0; i < FAIR_ENTITIES; i++) {
		vgpu_arb_entity_init(&f->e[i].entity, &f->arb, FAIR_JOBS);
		for (j = 0; j < FAIR_JOBS; j++) {
			job = &f->e[i].job[j];
			INIT_LIST_HEAD(&job->node);
			job->entity = &f->e[i].entity;
			job->owner = VGPU_JOB_GUEST;
			job->type = VGPU_JOB_LAUNCH;
		}
	}
	prandom_seed_state(&f->rnd, 0x5f);
	test->priv = f;
	return 0;
}

/**
 * fair_entity_of() - whose job is it?
 * @job: the job
 *
 * Return: the entity.
 */
struct fair_entity *fair_entity_of(struct vgpu_job *job)
{
	return container_of(job->entity, struct fair_entity, entity);
}

/**
 * fair_cost() - what does a job take?
 * @job: the job
 *
 * Return: nanoseconds of GPU time.
 */
u64 fair_cost(struct vgpu_job *job)
{
	struct fair_entity *e = fair_entity_of(job);

	return e->cost[job - e->job];
}

/**
 * fair_submit() - submit a job, if it isn't pending
 * @test: the test
 * @e: whose
 * @j: which
 * @cost: GPU time that it is to take
 */
void fair_submit(struct kunit *test, struct fair_entity *e, u32 j, u64 cost)
{
	struct fair_fixture *f = test->priv;

	if (e->job[j].owner != VGPU_JOB_GUEST)
		return;
	e->cost[j] = cost;
	e->longest = max(e->longest, cost);
	vgpu_job_set_owner(&e->job[j], VGPU_JOB_QUEUE);
	KUNIT_ASSERT_EQ(test, vgpu_arb_submit(&f->arb, &e->job[j], f->now), VGPU_ERR_NONE);
}

/**
 * fair_fill() - submit as many jobs as may be
 * @test: the test
 * @i: number of the entity
 * @cost: GPU time of each
 */
void fair_fill(struct kunit *test, u32 i, u64 cost)
{
	struct fair_fixture *f = test->priv;
	u32 j;

	for (j = 0; j < FAIR_JOBS; j++)
		fair_submit(test, &f->e[i], j, cost);
}

/**
 * fair_dispatch() - hand out what may be
 * @test: the test
 */
void fair_dispatch(struct kunit *test)
{
	struct fair_fixture *f = test->priv;
	struct vgpu_job *job;

	while ((job = vgpu_arb_pick(&f->arb, f->now)))
		f->on_gpu[f->nr_on_gpu++] = job;
}

/**
 * fair_end() - a job is over
 * @f: the fixture
 * @job: was handed out
 * @status: how
 * @gpu_ns: what it took
 */
void fair_end(struct fair_fixture *f, struct vgpu_job *job, enum vgpu_error status, u64 gpu_ns)
{
	struct vgpu_arb_entity *entity = job->entity;

	job->status = status;
	job->gpu_ns = gpu_ns;
	vgpu_arb_complete(&f->arb, job, f->now);
	vgpu_job_set_owner(job, VGPU_JOB_GUEST);
	vgpu_arb_entity_done(entity);
}

/**
 * fair_run() - run the job that was handed out first to its end
 * @test: the test
 *
 * If there is none, time passes until there is.
 *
 * Return: whose it was, or NULL if nothing waits.
 */
struct fair_entity *fair_run(struct kunit *test)
{
	struct fair_fixture *f = test->priv;
	struct fair_entity *e;
	struct vgpu_job *job;
	u64 cost, next_ns;
	u32 i;

	fair_dispatch(test);
	if (!f->nr_on_gpu) {
		next_ns = vgpu_arb_next_ns(&f->arb);
		if (next_ns == U64_MAX)
			return NULL;
		KUNIT_ASSERT_GT(test, next_ns, f->now);
		f->now = next_ns;
		fair_dispatch(test);
		KUNIT_ASSERT_GT(test, f->nr_on_gpu, 0U);
	}
	job = f->on_gpu[0];
	for (i = 1; i < f->nr_on_gpu; i++)
		f->on_gpu[i - 1] = f->on_gpu[i];
	f->nr_on_gpu--;
	e = fair_entity_of(job);
	cost = fair_cost(job);
	f->now += cost;
	e->served += cost;
	fair_end(f, job, VGPU_ERR_NONE, cost);
	return e;
}

/**
 * fair_finish() - run all there is, and end the entities
 * @test: the test
 */
void fair_finish(struct kunit *test)
{
	struct fair_fixture *f = test->priv;
	u32 i;

	while (fair_run(test))
		;
	for (i = 0; i < FAIR_ENTITIES; i++)
		vgpu_arb_entity_fini(&f->e[i].entity);
	vgpu_arb_fini(&f->arb);
}
