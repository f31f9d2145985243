// SPDX-License-Identifier: GPL-2.0
/* Jobs that a backend tells of together. */
#include <kunit/test.h>
#include <linux/workqueue.h>

#include "fixture.h"
#include "job.h"
#include "queue.h"
#include "queue_guest.h"

#define NONE		VGPU_ERR_NONE

/* Where the second queue of a context has its rings */
#define SECOND_PAGE	8

#define JOBS		6

/* More than any of the tests has under way */
#define DEPTH		VGPU_MOCK_TOGETHER

/**
 * struct together - jobs of the test's own
 * @job: the jobs
 * @f: the fixture
 * @order: which were told, in that order
 * @nr_told: how many
 * @next: told of the first, this one is submitted; or NULL
 * @submitted: what became of that
 * @mock_jobs: how many the backend had when the first was told
 * @kicked: whether a work item was to dispatch after @next was submitted
 * @published: how far the first queue had got when the first interrupt came
 */
struct together {
	struct vgpu_job job[JOBS];
	struct vgpu_fixture *f;
	u32 order[JOBS];
	u32 nr_told;
	struct vgpu_job *next;
	enum vgpu_error submitted;
	u32 mock_jobs;
	bool kicked;
	u32 published;
};

static struct together *together;

static enum vgpu_error together_submit(struct vgpu_job *job)
{
	vgpu_job_set_owner(job, VGPU_JOB_QUEUE);
	return vgpu_gpu_submit(&together->f->mock.gpu, job);
}

static void together_done(struct vgpu_job *job)
{
	struct vgpu_gpu *gpu = &together->f->mock.gpu;

	if (!together->nr_told)
		together->mock_jobs = together->f->mock.nr_jobs;
	together->order[together->nr_told++] = job - together->job;
	if (!together->next)
		return;
	together->submitted = together_submit(together->next);
	together->kicked = work_busy(&gpu->dispatch);
	together->next = NULL;
}

static void together_begin(struct kunit *test, u32 depth)
{
	struct vgpu_fixture *f = test->priv;
	u32 i;

	together = kunit_kzalloc(test, sizeof(*together), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, together);
	together->f = f;
	f->mock.sync = false;
	f->mock.gpu.desc.depth = depth;
	vgpu_arb_set_depth(&f->mock.gpu.arb, depth);
	for (i = 0; i < JOBS; i++) {
		INIT_LIST_HEAD(&together->job[i].node);
		together->job[i].entity = &f->v[0].vgpu.entity;
		together->job[i].type = VGPU_JOB_NOP;
		together->job[i].done = together_done;
	}
}

/* Each is told once, in order, and which is the last of a row of one stream. */
static void complete_rows(struct kunit *test)
{
	static const u32 told[JOBS] = { 0, 2, 1, 1, 1, 1 };
	struct vgpu_fixture *f = test->priv;
	u32 i;

	together_begin(test, DEPTH);
	/* two, one of another, again one, and two that have none */
	for (i = 0; i < 4; i++)
		together->job[i].stream = &together->job[i == 2];
	for (i = 0; i < JOBS; i++)
		KUNIT_ASSERT_EQ(test, together_submit(&together->job[i]), NONE);
	vgpu_mock_settle(&f->mock);
	KUNIT_ASSERT_EQ(test, vgpu_mock_complete_all(&f->mock), (u32)JOBS);
	KUNIT_EXPECT_EQ(test, together->nr_told, (u32)JOBS);
	for (i = 0; i < JOBS; i++) {
		KUNIT_EXPECT_EQ(test, together->order[i], i);
		KUNIT_EXPECT_EQ(test, together->job[i].told, told[i]);
		KUNIT_EXPECT_EQ(test, together->job[i].owner, VGPU_JOB_DONE);
	}
	/* nor does the arbiter think that any is under way */
	KUNIT_EXPECT_EQ(test, f->v[0].vgpu.entity.nr_pending, 0U);
}

/* Who waits is handed out before anybody is told, and what is submitted then by the teller. */
static void complete_dispatches(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	u32 i;

	together_begin(test, 2);
	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, together_submit(&together->job[i]), NONE);
	vgpu_mock_settle(&f->mock);
	KUNIT_ASSERT_EQ(test, f->mock.nr_jobs, 2U);
	together->next = &together->job[3];
	KUNIT_ASSERT_EQ(test, vgpu_mock_complete_all(&f->mock), 2U);
	KUNIT_EXPECT_EQ(test, together->mock_jobs, 1U);
	KUNIT_EXPECT_EQ(test, together->submitted, NONE);
	KUNIT_EXPECT_FALSE(test, together->kicked);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, 2U);
	/* and afterwards a submission asks for the work item again */
	KUNIT_ASSERT_EQ(test, vgpu_mock_complete_all(&f->mock), 2U);
	KUNIT_ASSERT_EQ(test, together_submit(&together->job[4]), NONE);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, vgpu_mock_complete_all(&f->mock), 1U);
}

/* Each queue is looked at once: one interrupt, and all that waited in it is taken. */
static void complete_queues(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct queue_guest a, b;
	u32 i;

	together_begin(test, DEPTH);
	queue_guest_create(test, &a, &f->v[0], 16);
	queue_guest_add(test, &b, &a, SECOND_PAGE, 16);
	queue_guest_nops(&a, 5);
	queue_guest_nops(&b, 3);
	queue_guest_kick(&a);
	queue_guest_kick(&b);
	KUNIT_ASSERT_EQ(test, f->mock.nr_jobs, 8U);
	vgpu_ring_arm_irq(&a.ring, 0);
	vgpu_ring_arm_irq(&b.ring, 2);
	/* not asked for, since jobs are under way */
	queue_guest_nops(&a, 4);
	KUNIT_EXPECT_FALSE(test, vgpu_ring_need_kick(&a.ring));
	f->v[0].irqs = 0;
	KUNIT_ASSERT_EQ(test, vgpu_mock_complete_all(&f->mock), 8U);
	KUNIT_EXPECT_EQ(test, f->v[0].irqs, 2U);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, 4U);
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, i), NONE);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 5), -1);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &b, i), NONE);
	KUNIT_ASSERT_EQ(test, vgpu_mock_complete_all(&f->mock), 4U);
	vgpu_mock_settle(&f->mock);
	/* b, which has had nothing since, asks for its doorbell */
	queue_guest_nops(&b, 1);
	KUNIT_EXPECT_TRUE(test, queue_guest_kick(&b));
	KUNIT_EXPECT_EQ(test, vgpu_mock_complete_all(&f->mock), 1U);
	vgpu_mock_settle(&f->mock);
}

static void together_irq(struct vgpu_fixture_vgpu *v)
{
	if (!together->published)
		together->published = v->vgpu.queues.queue[0]->published;
}

/* What is refused behind jobs that are told together is dealt with as after each of them. */
static void complete_turns(struct kunit *test)
{
	u32 jobs = 4, bad = 250, turns = VGPU_MAX_QUEUES, refused = 4, i;
	struct vgpu_fixture *f = test->priv;
	struct queue_guest a;

	together_begin(test, DEPTH);
	queue_guest_create(test, &a, &f->v[0], 256);
	queue_guest_nops(&a, jobs);
	queue_guest_kick(&a);
	KUNIT_ASSERT_EQ(test, f->mock.nr_jobs, jobs);
	for (i = 0; i < bad; i++) {
		queue_guest_sqe(&a, jobs + i)->reserved = cpu_to_le32(1);
		vgpu_ring_submit(&a.ring, VGPU_SQE_NOP);
	}
	vgpu_ring_arm_irq(&a.ring, 0);
	f->v[0].on_irq = together_irq;
	KUNIT_ASSERT_EQ(test, vgpu_mock_complete_all(&f->mock), jobs);
	KUNIT_EXPECT_EQ(test, together->published, jobs + jobs * turns / refused);
	queue_guest_settle(&a);
	for (i = 0; i < jobs + bad; i++)
		KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, i),
				i < jobs ? NONE : VGPU_ERR_INVALID_REQUEST);
}

static struct kunit_case complete_cases[] = {
	KUNIT_CASE(complete_rows),
	KUNIT_CASE(complete_dispatches),
	KUNIT_CASE(complete_queues),
	KUNIT_CASE(complete_turns),
	{}
};

static struct kunit_suite complete_suite = {
	.name = "vgpu_complete",
	.init = vgpu_fixture_init,
	.exit = vgpu_fixture_exit,
	.test_cases = complete_cases,
};

kunit_test_suite(complete_suite);
