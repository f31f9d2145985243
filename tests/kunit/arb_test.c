// SPDX-License-Identifier: GPL-2.0
/*
 * The arbiter, driven by hand: time is a number, the backend is an array, and a
 * model in the test says which job comes next and who owns each.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/prandom.h>

#include "arb.h"
#include "job.h"

#define ARB_ENTITIES	3
#define ARB_JOBS	24
#define ARB_DEPTH	4
#define ARB_LIMIT	6
#define ARB_ROUNDS	100000

/**
 * struct arb_fixture - &kunit.priv
 * @arb: what is tested
 * @entity: share it
 * @job: job i is of entity i % ARB_ENTITIES
 */
struct arb_fixture {
	struct vgpu_arb arb;
	struct vgpu_arb_entity entity[ARB_ENTITIES];
	struct vgpu_job job[ARB_JOBS];
};

static int arb_init(struct kunit *test)
{
	struct arb_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	u32 i;

	if (!f)
		return -ENOMEM;
	vgpu_arb_init(&f->arb, ARB_DEPTH);
	for (i = 0; i < ARB_ENTITIES; i++)
		vgpu_arb_entity_init(&f->entity[i], &f->arb, ARB_LIMIT);
	for (i = 0; i < ARB_JOBS; i++) {
		INIT_LIST_HEAD(&f->job[i].node);
		f->job[i].entity = &f->entity[i % ARB_ENTITIES];
		f->job[i].owner = VGPU_JOB_GUEST;
		f->job[i].type = VGPU_JOB_NOP;
	}
	test->priv = f;
	return 0;
}

static enum vgpu_error arb_submit(struct arb_fixture *f, u32 i, u64 now)
{
	if (f->job[i].owner != VGPU_JOB_QUEUE)
		vgpu_job_set_owner(&f->job[i], VGPU_JOB_QUEUE);
	return vgpu_arb_submit(&f->arb, &f->job[i], now);
}

/* number of the job picked, or -1 */
static int arb_pick(struct arb_fixture *f, u64 now)
{
	struct vgpu_job *job = vgpu_arb_pick(&f->arb, now);

	return job ? job - f->job : -1;
}

static void arb_end(struct arb_fixture *f, u32 i, u64 now)
{
	f->job[i].status = VGPU_ERR_NONE;
	vgpu_arb_complete(&f->arb, &f->job[i], now);
	vgpu_job_set_owner(&f->job[i], VGPU_JOB_GUEST);
	vgpu_arb_entity_done(f->job[i].entity);
}

/* end everything that is still somewhere */
static void arb_finish(struct kunit *test)
{
	struct arb_fixture *f = test->priv;
	u32 i;
	int j;

	for (i = 0; i < ARB_JOBS; i++) {
		if (f->job[i].owner == VGPU_JOB_BACKEND)
			arb_end(f, i, 0);
	}
	while ((j = arb_pick(f, 0)) >= 0)
		arb_end(f, j, 0);
	for (i = 0; i < ARB_ENTITIES; i++) {
		KUNIT_EXPECT_EQ(test, f->entity[i].nr_waiting, 0);
		KUNIT_EXPECT_EQ(test, f->entity[i].nr_pending, 0);
		vgpu_arb_entity_fini(&f->entity[i]);
	}
	KUNIT_EXPECT_EQ(test, f->arb.nr_running, 0);
	vgpu_arb_fini(&f->arb);
}

static void arb_nothing_to_pick(struct kunit *test)
{
	struct arb_fixture *f = test->priv;

	KUNIT_EXPECT_EQ(test, arb_pick(f, 1), -1);
	KUNIT_EXPECT_EQ(test, f->arb.nr_running, 0);
}

/* Within an entity first come, first served; entities take turns. */
static void arb_order(struct kunit *test)
{
	/* entities 0, 0, 1, 2, 1, 0 */
	static const int submit[] = { 3, 0, 4, 2, 1, 6 };
	static const int order[] = { 3, 4, 2, 0, 1, 6 };
	struct arb_fixture *f = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(submit); i++)
		KUNIT_EXPECT_EQ(test, arb_submit(f, submit[i], 10 + i), VGPU_ERR_NONE);
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		KUNIT_EXPECT_EQ(test, arb_pick(f, 20 + i), order[i]);
		KUNIT_EXPECT_EQ(test, f->job[order[i]].owner, VGPU_JOB_BACKEND);
		arb_end(f, order[i], 30);
	}
	KUNIT_EXPECT_EQ(test, arb_pick(f, 40), -1);
}

/* They neither wait for the GPU nor keep anybody from it, and are canceled like others. */
static void arb_control_jobs(struct kunit *test)
{
	struct arb_fixture *f = test->priv;
	LIST_HEAD(canceled);
	u32 i;

	for (i = 0; i <= ARB_DEPTH; i++)
		arb_submit(f, i, 1);
	f->job[9].type = VGPU_JOB_CONTROL;
	arb_submit(f, 9, 2);
	KUNIT_EXPECT_TRUE(test, vgpu_arb_has_work(&f->arb));
	KUNIT_EXPECT_EQ(test, arb_pick(f, 3), 9);
	for (i = 0; i < ARB_DEPTH; i++)
		KUNIT_EXPECT_EQ(test, arb_pick(f, 4), (int)i);
	KUNIT_EXPECT_EQ(test, arb_pick(f, 5), -1);
	KUNIT_EXPECT_FALSE(test, vgpu_arb_has_work(&f->arb));
	arb_end(f, 9, 6);
	KUNIT_EXPECT_EQ(test, f->arb.nr_running, ARB_DEPTH);
	KUNIT_EXPECT_EQ(test, arb_pick(f, 7), -1);
	arb_submit(f, 9, 8);
	KUNIT_EXPECT_TRUE(test, vgpu_arb_has_work(&f->arb));
	vgpu_arb_entity_drain_begin(&f->entity[0], &canceled, 9);
	KUNIT_EXPECT_TRUE(test, list_is_singular(&canceled));
	KUNIT_EXPECT_PTR_EQ(test, canceled.next, &f->job[9].node);
	KUNIT_EXPECT_EQ(test, f->job[9].status, VGPU_ERR_CANCELED);
	list_del_init(&f->job[9].node);
	vgpu_job_set_owner(&f->job[9], VGPU_JOB_GUEST);
	vgpu_arb_entity_done(&f->entity[0]);
}

static void arb_times(struct kunit *test)
{
	struct arb_fixture *f = test->priv;
	struct vgpu_job *job = &f->job[0];

	arb_submit(f, 0, 100);
	KUNIT_EXPECT_EQ(test, job->submit_ns, 100);
	KUNIT_EXPECT_EQ(test, arb_pick(f, 250), 0);
	KUNIT_EXPECT_EQ(test, job->dispatch_ns, 250);
	KUNIT_EXPECT_TRUE(test, vgpu_arb_requeue(&f->arb, job, 0));
	KUNIT_EXPECT_EQ(test, arb_pick(f, 300), 0);
	KUNIT_EXPECT_EQ(test, job->submit_ns, 100);
	KUNIT_EXPECT_EQ(test, job->dispatch_ns, 300);
	arb_end(f, 0, 1000);
	KUNIT_EXPECT_EQ(test, job->complete_ns, 1000);
}

static void arb_depth(struct kunit *test)
{
	struct arb_fixture *f = test->priv;
	u32 i;

	for (i = 0; i < ARB_DEPTH + 2; i++)
		arb_submit(f, i, i);
	for (i = 0; i < ARB_DEPTH; i++)
		KUNIT_EXPECT_EQ(test, arb_pick(f, 10), i);
	KUNIT_EXPECT_EQ(test, arb_pick(f, 10), -1);
	KUNIT_EXPECT_EQ(test, f->arb.nr_running, ARB_DEPTH);
	/* one back, one out: in whatever order they come back */
	arb_end(f, 2, 20);
	KUNIT_EXPECT_EQ(test, arb_pick(f, 21), ARB_DEPTH);
	KUNIT_EXPECT_EQ(test, arb_pick(f, 21), -1);
	arb_finish(test);
}

static void arb_depth_of_one(struct kunit *test)
{
	struct arb_fixture *f = test->priv;

	f->arb.depth = 1;
	arb_submit(f, 0, 1);
	arb_submit(f, 1, 1);
	KUNIT_EXPECT_EQ(test, arb_pick(f, 2), 0);
	KUNIT_EXPECT_EQ(test, arb_pick(f, 2), -1);
	arb_finish(test);
}

static void arb_queue_limit(struct kunit *test)
{
	struct arb_fixture *f = test->priv;
	u32 i;

	/* all of entity 0 */
	for (i = 0; i < ARB_LIMIT; i++)
		KUNIT_EXPECT_EQ(test, arb_submit(f, i * 3, i), VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, arb_submit(f, 18, 9), VGPU_ERR_QUEUE_FULL);
	KUNIT_EXPECT_EQ(test, f->job[18].owner, VGPU_JOB_QUEUE);
	KUNIT_EXPECT_EQ(test, f->entity[0].nr_waiting, ARB_LIMIT);
	KUNIT_EXPECT_EQ(test, f->entity[0].nr_pending, ARB_LIMIT);
	/* its limit is nobody else's */
	KUNIT_EXPECT_EQ(test, arb_submit(f, 1, 9), VGPU_ERR_NONE);
	/* what runs doesn't wait */
	KUNIT_EXPECT_EQ(test, arb_pick(f, 10), 0);
	KUNIT_EXPECT_EQ(test, arb_submit(f, 18, 11), VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, arb_submit(f, 21, 11), VGPU_ERR_QUEUE_FULL);
	vgpu_job_set_owner(&f->job[21], VGPU_JOB_DONE);
	arb_finish(test);
}

static void arb_requeue_goes_first(struct kunit *test)
{
	struct arb_fixture *f = test->priv;

	/* all of entity 0 */
	arb_submit(f, 0, 1);
	arb_submit(f, 3, 1);
	arb_submit(f, 6, 1);
	KUNIT_EXPECT_EQ(test, arb_pick(f, 2), 0);
	KUNIT_EXPECT_TRUE(test, vgpu_arb_requeue(&f->arb, &f->job[0], 0));
	KUNIT_EXPECT_EQ(test, f->job[0].owner, VGPU_JOB_ARBITER);
	KUNIT_EXPECT_EQ(test, f->arb.nr_running, 0);
	KUNIT_EXPECT_EQ(test, f->entity[0].nr_waiting, 3);
	KUNIT_EXPECT_EQ(test, f->entity[0].nr_pending, 3);
	/* nothing was charged for it */
	KUNIT_EXPECT_EQ(test, f->entity[0].flow.start, 0ULL);
	KUNIT_EXPECT_EQ(test, arb_pick(f, 3), 0);
	KUNIT_EXPECT_EQ(test, arb_pick(f, 3), 3);
	KUNIT_EXPECT_EQ(test, arb_pick(f, 3), 6);
	/* two of them: the last back is the first out, no one is lost */
	KUNIT_EXPECT_TRUE(test, vgpu_arb_requeue(&f->arb, &f->job[6], 0));
	KUNIT_EXPECT_TRUE(test, vgpu_arb_requeue(&f->arb, &f->job[3], 0));
	KUNIT_EXPECT_EQ(test, arb_pick(f, 4), 3);
	KUNIT_EXPECT_EQ(test, arb_pick(f, 4), 6);
	arb_finish(test);
}

/* begin a drain; check that exactly these jobs come back, in order */
static void arb_expect_drain(struct kunit *test, u32 entity, const u32 *want, u32 n)
{
	struct arb_fixture *f = test->priv;
	struct vgpu_job *job, *next;
	LIST_HEAD(canceled);
	u32 i = 0;

	vgpu_arb_entity_drain_begin(&f->entity[entity], &canceled, 77);
	list_for_each_entry_safe(job, next, &canceled, node) {
		list_del_init(&job->node);
		KUNIT_ASSERT_LT(test, i, n);
		KUNIT_EXPECT_EQ(test, job - f->job, want[i]);
		KUNIT_EXPECT_EQ(test, job->owner, VGPU_JOB_DONE);
		KUNIT_EXPECT_EQ(test, job->status, VGPU_ERR_CANCELED);
		KUNIT_EXPECT_EQ(test, job->complete_ns, 77);
		vgpu_job_set_owner(job, VGPU_JOB_GUEST);
		vgpu_arb_entity_done(job->entity);
		i++;
	}
	KUNIT_EXPECT_EQ(test, i, n);
	KUNIT_EXPECT_EQ(test, f->entity[entity].nr_waiting, 0);
}

static void arb_drain_cancels_what_waits(struct kunit *test)
{
	struct arb_fixture *f = test->priv;
	u32 i;

	for (i = 0; i < 9; i++)
		arb_submit(f, i, i);
	KUNIT_EXPECT_EQ(test, arb_pick(f, 10), 0);
	arb_expect_drain(test, 0, (u32[]){ 3, 6 }, 2);
	/* the one that runs is still pending */
	KUNIT_EXPECT_EQ(test, f->entity[0].nr_pending, 1);
	/* the others keep their places */
	KUNIT_EXPECT_EQ(test, arb_pick(f, 11), 1);
	KUNIT_EXPECT_EQ(test, arb_pick(f, 11), 2);
	KUNIT_EXPECT_EQ(test, arb_pick(f, 11), 4);
	arb_end(f, 0, 12);
	KUNIT_EXPECT_EQ(test, f->entity[0].nr_pending, 0);
	vgpu_arb_entity_drain_wait(&f->entity[0]);
	arb_finish(test);
}

static void arb_drain_refuses_until_its_end(struct kunit *test)
{
	struct arb_fixture *f = test->priv;

	arb_expect_drain(test, 1, NULL, 0);
	KUNIT_EXPECT_EQ(test, arb_submit(f, 1, 1), VGPU_ERR_CANCELED);
	KUNIT_EXPECT_EQ(test, f->job[1].owner, VGPU_JOB_QUEUE);
	KUNIT_EXPECT_EQ(test, f->entity[1].nr_pending, 0);
	KUNIT_EXPECT_EQ(test, arb_submit(f, 0, 1), VGPU_ERR_NONE);
	/* idle: nothing to wait for */
	vgpu_arb_entity_drain_wait(&f->entity[1]);
	KUNIT_EXPECT_EQ(test, arb_submit(f, 1, 2), VGPU_ERR_CANCELED);
	vgpu_arb_entity_drain_end(&f->entity[1]);
	KUNIT_EXPECT_EQ(test, arb_submit(f, 1, 3), VGPU_ERR_NONE);
	arb_finish(test);
}

static void arb_requeue_while_draining(struct kunit *test)
{
	struct arb_fixture *f = test->priv;

	arb_submit(f, 0, 1);
	arb_submit(f, 1, 1);
	KUNIT_EXPECT_EQ(test, arb_pick(f, 2), 0);
	KUNIT_EXPECT_EQ(test, arb_pick(f, 2), 1);
	arb_expect_drain(test, 0, NULL, 0);
	/* still the caller's, who completes it; another entity's is taken back */
	KUNIT_EXPECT_FALSE(test, vgpu_arb_requeue(&f->arb, &f->job[0], 0));
	KUNIT_EXPECT_EQ(test, f->job[0].owner, VGPU_JOB_BACKEND);
	KUNIT_EXPECT_EQ(test, f->arb.nr_running, 2);
	KUNIT_EXPECT_TRUE(test, vgpu_arb_requeue(&f->arb, &f->job[1], 0));
	KUNIT_EXPECT_EQ(test, arb_pick(f, 3), 1);
	arb_end(f, 0, 4);
	KUNIT_EXPECT_EQ(test, f->entity[0].nr_pending, 0);
	arb_finish(test);
}

/**
 * struct arb_waiter - a thread that waits for an entity to be idle
 * @entity: the entity
 * @done: it is
 */
struct arb_waiter {
	struct vgpu_arb_entity *entity;
	struct completion done;
};

static int arb_waiter_thread(void *arg)
{
	struct arb_waiter *waiter = arg;

	vgpu_arb_entity_drain_wait(waiter->entity);
	complete(&waiter->done);
	return 0;
}

static void arb_drain_wakes_when_idle(struct kunit *test)
{
	struct arb_fixture *f = test->priv;
	struct arb_waiter waiter = { .entity = &f->entity[0] };
	struct task_struct *task;

	init_completion(&waiter.done);
	arb_submit(f, 0, 1);
	arb_submit(f, 3, 1);
	arb_pick(f, 2);
	arb_pick(f, 2);
	arb_expect_drain(test, 0, NULL, 0);
	task = kthread_run(arb_waiter_thread, &waiter, "vgpu-arb-waiter");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	msleep(20);
	arb_end(f, 0, 3);
	msleep(20);
	KUNIT_EXPECT_FALSE(test, completion_done(&waiter.done));
	/* complete, but its callback hasn't returned: not idle yet */
	f->job[3].status = VGPU_ERR_NONE;
	vgpu_arb_complete(&f->arb, &f->job[3], 4);
	msleep(20);
	KUNIT_EXPECT_FALSE(test, completion_done(&waiter.done));
	vgpu_arb_entity_done(&f->entity[0]);
	KUNIT_EXPECT_NE(test, wait_for_completion_timeout(&waiter.done, 10 * HZ), 0);
	arb_finish(test);
}

/**
 * struct arb_model - what the arbiter should hold
 * @queue: jobs that wait; those of an entity are in order
 * @nr: how many
 * @owner: by job
 * @pending: by entity
 * @waiting: by entity
 * @running: over all
 * @draining: by entity
 */
struct arb_model {
	u32 queue[ARB_JOBS];
	u32 nr;
	enum vgpu_job_owner owner[ARB_JOBS];
	u32 pending[ARB_ENTITIES];
	u32 waiting[ARB_ENTITIES];
	u32 running;
	bool draining[ARB_ENTITIES];
};

static void arb_model_remove(struct arb_model *m, u32 at)
{
	u32 i = m->queue[at];

	m->waiting[i % ARB_ENTITIES]--;
	for (m->nr--; at < m->nr; at++)
		m->queue[at] = m->queue[at + 1];
}

static void arb_model_insert(struct arb_model *m, u32 at, u32 i)
{
	u32 to;

	for (to = m->nr++; to > at; to--)
		m->queue[to] = m->queue[to - 1];
	m->queue[at] = i;
	m->waiting[i % ARB_ENTITIES]++;
	m->owner[i] = VGPU_JOB_ARBITER;
}

static void arb_random_submit(struct kunit *test, struct arb_model *m, u32 i)
{
	struct arb_fixture *f = test->priv;
	u32 e = i % ARB_ENTITIES;
	enum vgpu_error want = VGPU_ERR_NONE;

	if (m->owner[i] != VGPU_JOB_GUEST)
		return;
	if (m->draining[e])
		want = VGPU_ERR_CANCELED;
	else if (m->waiting[e] >= ARB_LIMIT)
		want = VGPU_ERR_QUEUE_FULL;
	KUNIT_ASSERT_EQ(test, arb_submit(f, i, 1), want);
	if (want) {
		vgpu_job_set_owner(&f->job[i], VGPU_JOB_DONE);
		vgpu_job_set_owner(&f->job[i], VGPU_JOB_GUEST);
		return;
	}
	arb_model_insert(m, m->nr, i);
	m->pending[e]++;
}

static void arb_random_pick(struct kunit *test, struct arb_model *m)
{
	struct arb_fixture *f = test->priv;
	int got = arb_pick(f, 1);
	u32 at;

	/* if there is one and room for it, it gets it */
	KUNIT_ASSERT_EQ(test, got >= 0, m->running < ARB_DEPTH && m->nr);
	if (got < 0)
		return;
	for (at = 0; m->queue[at] % ARB_ENTITIES != got % ARB_ENTITIES; at++)
		KUNIT_ASSERT_LT(test, at + 1, m->nr);
	KUNIT_ASSERT_EQ(test, m->queue[at], (u32)got);
	arb_model_remove(m, at);
	m->owner[got] = VGPU_JOB_BACKEND;
	m->running++;
}

static void arb_random_requeue(struct kunit *test, struct arb_model *m, u32 i)
{
	struct arb_fixture *f = test->priv;
	bool want = !m->draining[i % ARB_ENTITIES];

	if (m->owner[i] != VGPU_JOB_BACKEND)
		return;
	KUNIT_ASSERT_EQ(test, vgpu_arb_requeue(&f->arb, &f->job[i], 0), want);
	if (!want)
		return;
	arb_model_insert(m, 0, i);
	m->running--;
}

static void arb_random_complete(struct kunit *test, struct arb_model *m, u32 i)
{
	struct arb_fixture *f = test->priv;

	if (m->owner[i] == VGPU_JOB_BACKEND) {
		f->job[i].gpu_ns = i * 1000;
		vgpu_arb_complete(&f->arb, &f->job[i], 1);
		m->owner[i] = VGPU_JOB_DONE;
		m->running--;
	} else if (m->owner[i] == VGPU_JOB_DONE) {
		/* the callback returns some time later */
		vgpu_job_set_owner(&f->job[i], VGPU_JOB_GUEST);
		vgpu_arb_entity_done(f->job[i].entity);
		m->owner[i] = VGPU_JOB_GUEST;
		m->pending[i % ARB_ENTITIES]--;
	}
}

static void arb_random_drain(struct kunit *test, struct arb_model *m, u32 e)
{
	struct arb_fixture *f = test->priv;
	u32 want[ARB_JOBS], n = 0, at = 0;

	if (m->draining[e]) {
		vgpu_arb_entity_drain_end(&f->entity[e]);
		m->draining[e] = false;
		return;
	}
	m->draining[e] = true;
	while (at < m->nr) {
		if (m->queue[at] % ARB_ENTITIES != e) {
			at++;
			continue;
		}
		want[n] = m->queue[at];
		m->owner[want[n++]] = VGPU_JOB_GUEST;
		m->pending[e]--;
		arb_model_remove(m, at);
	}
	arb_expect_drain(test, e, want, n);
}

/* each job has one owner, and every count is the number of what it counts */
static void arb_expect_model(struct kunit *test, const struct arb_model *m)
{
	struct arb_fixture *f = test->priv;
	struct vgpu_job *job;
	u32 i, at, n = 0;

	for (i = 0; i < ARB_JOBS; i++)
		KUNIT_ASSERT_EQ(test, f->job[i].owner, m->owner[i]);
	for (i = 0; i < ARB_ENTITIES; i++) {
		KUNIT_ASSERT_EQ(test, f->entity[i].nr_waiting, m->waiting[i]);
		KUNIT_ASSERT_EQ(test, f->entity[i].nr_pending, m->pending[i]);
	}
	KUNIT_ASSERT_EQ(test, f->arb.nr_running, m->running);
	for (i = 0; i < ARB_ENTITIES; i++) {
		at = 0;
		list_for_each_entry(job, &f->entity[i].own.waiting, node) {
			while (at < m->nr && m->queue[at] % ARB_ENTITIES != i)
				at++;
			KUNIT_ASSERT_LT(test, at, m->nr);
			KUNIT_ASSERT_EQ(test, job - f->job, m->queue[at++]);
			n++;
		}
	}
	KUNIT_ASSERT_EQ(test, n, m->nr);
}

static void arb_conservation(struct kunit *test)
{
	struct arb_model *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	struct rnd_state rnd;
	u32 round, dice, i;

	KUNIT_ASSERT_NOT_NULL(test, m);
	prandom_seed_state(&rnd, 0x76677075);
	for (round = 0; round < ARB_ROUNDS; round++) {
		dice = prandom_u32_state(&rnd) % 100;
		i = prandom_u32_state(&rnd) % ARB_JOBS;
		if (dice < 40)
			arb_random_submit(test, m, i);
		else if (dice < 60)
			arb_random_pick(test, m);
		else if (dice < 67)
			arb_random_requeue(test, m, i);
		else if (dice < 98)
			arb_random_complete(test, m, i);
		else
			arb_random_drain(test, m, i % ARB_ENTITIES);
		if (round % 16 == 0)
			arb_expect_model(test, m);
	}
	arb_expect_model(test, m);
	for (i = 0; i < ARB_JOBS; i++) {
		while (m->owner[i] == VGPU_JOB_BACKEND || m->owner[i] == VGPU_JOB_DONE)
			arb_random_complete(test, m, i);
	}
	arb_finish(test);
}

static struct kunit_case arb_cases[] = {
	KUNIT_CASE(arb_nothing_to_pick),
	KUNIT_CASE(arb_order),
	KUNIT_CASE(arb_control_jobs),
	KUNIT_CASE(arb_times),
	KUNIT_CASE(arb_depth),
	KUNIT_CASE(arb_depth_of_one),
	KUNIT_CASE(arb_queue_limit),
	KUNIT_CASE(arb_requeue_goes_first),
	KUNIT_CASE(arb_drain_cancels_what_waits),
	KUNIT_CASE(arb_drain_refuses_until_its_end),
	KUNIT_CASE(arb_requeue_while_draining),
	KUNIT_CASE(arb_drain_wakes_when_idle),
	KUNIT_CASE(arb_conservation),
	{}
};

static struct kunit_suite arb_suite = {
	.name = "vgpu_arb",
	.init = arb_init,
	.test_cases = arb_cases,
};

kunit_test_suite(arb_suite);
