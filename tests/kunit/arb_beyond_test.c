// SPDX-License-Identifier: GPL-2.0
/* One whose jobs stand still, and the others, on a GPU that runs them beside one another. */
#include "fair.h"

#define BEYOND_COST	(100 * NSEC_PER_USEC)

/* The first has all that the depth gives, and more waiting; each is thought to take BEYOND_COST. */
static struct fair_fixture *beyond_begin(struct kunit *test, bool parallel)
{
	struct fair_fixture *f = test->priv;
	u32 i;

	f->arb.parallel = parallel;
	f->now = NSEC_PER_SEC;
	for (i = 0; i < FAIR_ENTITIES; i++)
		f->e[i].entity.cost_ns[VGPU_JOB_LAUNCH] = BEYOND_COST;
	fair_fill(test, 0, BEYOND_COST);
	fair_dispatch(test);
	KUNIT_EXPECT_EQ(test, f->nr_on_gpu, (u32)FAIR_DEPTH);
	return f;
}

/* The job that is handed out now; NULL: none is */
static struct vgpu_job *beyond_pick(struct fair_fixture *f)
{
	struct vgpu_job *job = vgpu_arb_pick(&f->arb, f->now);

	if (job)
		f->on_gpu[f->nr_on_gpu++] = job;
	return job;
}

/* The last that was handed out is over */
static void beyond_end_last(struct fair_fixture *f, u64 gpu_ns)
{
	fair_end(f, f->on_gpu[--f->nr_on_gpu], VGPU_ERR_NONE, gpu_ns);
}

static void beyond_finish(struct kunit *test)
{
	struct fair_fixture *f = test->priv;

	f->arb.parallel = false;
	fair_finish(test);
}

/* Not where one waits for another anyway, nor with a depth of 1, nor while all is paused. */
static void beyond_not(struct kunit *test)
{
	struct fair_fixture *f = beyond_begin(test, false);

	fair_fill(test, 1, BEYOND_COST);
	KUNIT_EXPECT_FALSE(test, vgpu_arb_has_work(&f->arb));
	KUNIT_EXPECT_NULL(test, beyond_pick(f));
	KUNIT_EXPECT_EQ(test, vgpu_arb_next_ns(&f->arb), U64_MAX);
	f->arb.parallel = true;
	vgpu_arb_pause(&f->arb, true);
	KUNIT_EXPECT_FALSE(test, vgpu_arb_has_work(&f->arb));
	KUNIT_EXPECT_NULL(test, beyond_pick(f));
	KUNIT_EXPECT_EQ(test, vgpu_arb_next_ns(&f->arb), U64_MAX);
	vgpu_arb_pause(&f->arb, false);
	vgpu_arb_set_depth(&f->arb, 1);
	KUNIT_EXPECT_FALSE(test, vgpu_arb_has_work(&f->arb));
	KUNIT_EXPECT_NULL(test, beyond_pick(f));
	KUNIT_EXPECT_EQ(test, vgpu_arb_next_ns(&f->arb), U64_MAX);
	vgpu_arb_set_depth(&f->arb, FAIR_DEPTH);
	KUNIT_EXPECT_TRUE(test, vgpu_arb_has_work(&f->arb));
	beyond_finish(test);
}

/* Whoever has nothing there may have one, and no more. */
static void beyond_one(struct kunit *test)
{
	struct fair_fixture *f = beyond_begin(test, true);
	struct vgpu_job *job;
	u32 i;

	KUNIT_EXPECT_FALSE(test, vgpu_arb_has_work(&f->arb));
	for (i = 1; i < FAIR_ENTITIES; i++) {
		fair_fill(test, i, BEYOND_COST);
		KUNIT_EXPECT_TRUE(test, vgpu_arb_has_work(&f->arb));
		job = beyond_pick(f);
		KUNIT_ASSERT_NOT_NULL(test, job);
		KUNIT_EXPECT_PTR_EQ(test, fair_entity_of(job), &f->e[i]);
		KUNIT_EXPECT_FALSE(test, vgpu_arb_has_work(&f->arb));
		KUNIT_EXPECT_NULL(test, beyond_pick(f));
		KUNIT_EXPECT_EQ(test, vgpu_arb_next_ns(&f->arb), U64_MAX);
	}
	/* and another when that is over, and the others have been longer at theirs */
	beyond_end_last(f, BEYOND_COST);
	KUNIT_EXPECT_NULL(test, beyond_pick(f));
	f->now += NSEC_PER_MSEC;
	job = beyond_pick(f);
	KUNIT_ASSERT_NOT_NULL(test, job);
	KUNIT_EXPECT_PTR_EQ(test, fair_entity_of(job), &f->e[FAIR_ENTITIES - 1]);
	beyond_finish(test);
}

/*
 * Who has had a second waits until the other has stood still for as long, by its weight; and it is
 * looked at once in a while.
 */
static void beyond_turn(struct kunit *test)
{
	struct fair_fixture *f = beyond_begin(test, true);
	u64 since = f->now;

	vgpu_arb_entity_set_weight(&f->e[0].entity, 200);
	fair_fill(test, 1, BEYOND_COST);
	KUNIT_EXPECT_NOT_NULL(test, beyond_pick(f));
	beyond_end_last(f, NSEC_PER_SEC);
	KUNIT_EXPECT_NULL(test, beyond_pick(f));
	while (f->now < since + NSEC_PER_SEC - NSEC_PER_MSEC) {
		KUNIT_ASSERT_EQ(test, vgpu_arb_next_ns(&f->arb), f->now + NSEC_PER_MSEC);
		f->now += NSEC_PER_MSEC;
		KUNIT_ASSERT_NULL(test, beyond_pick(f));
	}
	/* what was handed out before the weight changed is charged by the weight of then */
	f->now = since + NSEC_PER_SEC;
	KUNIT_EXPECT_NOT_NULL(test, beyond_pick(f));
	beyond_finish(test);
}

/* In the end it is charged what it took, and no trace is left of what it was thought to take. */
static void beyond_charge(struct kunit *test)
{
	struct fair_fixture *f = beyond_begin(test, true);
	u64 start = f->e[0].entity.flow.start, late;

	fair_fill(test, 1, BEYOND_COST);
	KUNIT_EXPECT_NOT_NULL(test, beyond_pick(f));
	beyond_end_last(f, NSEC_PER_SEC);
	f->now += 500 * NSEC_PER_MSEC;
	KUNIT_EXPECT_NULL(test, beyond_pick(f));
	late = f->e[0].entity.flow.start;
	KUNIT_EXPECT_GT(test, late, start);
	f->now += 100 * NSEC_PER_MSEC;
	KUNIT_EXPECT_NULL(test, beyond_pick(f));
	KUNIT_EXPECT_GT(test, f->e[0].entity.flow.start, late);
	/* the first that was handed out, after all that, in the time it was thought to take */
	fair_end(f, f->on_gpu[0], VGPU_ERR_NONE, BEYOND_COST);
	KUNIT_EXPECT_EQ(test, f->e[0].entity.flow.start, start);
	memmove(&f->on_gpu[0], &f->on_gpu[1], --f->nr_on_gpu * sizeof(f->on_gpu[0]));
	/* and the next one begins only now */
	f->now += BEYOND_COST / 2;
	vgpu_arb_set_depth(&f->arb, 2);
	KUNIT_EXPECT_NULL(test, beyond_pick(f));
	KUNIT_EXPECT_EQ(test, f->e[0].entity.flow.start, start);
	beyond_finish(test);
}

/* Who has had its cap goes on when there is some of it again, though another stands still. */
static void beyond_cap(struct kunit *test)
{
	struct fair_fixture *f = beyond_begin(test, true);
	struct vgpu_arb_entity *capped = &f->e[1].entity;

	vgpu_arb_entity_set_cap(capped, 10, f->now);
	fair_submit(test, &f->e[1], 0, BEYOND_COST);
	KUNIT_EXPECT_NOT_NULL(test, beyond_pick(f));
	f->now += 20 * NSEC_PER_MSEC;
	beyond_end_last(f, 20 * NSEC_PER_MSEC);
	KUNIT_EXPECT_NULL(test, beyond_pick(f));
	KUNIT_EXPECT_EQ(test, vgpu_arb_next_ns(&f->arb), U64_MAX);
	fair_submit(test, &f->e[1], 0, BEYOND_COST);
	KUNIT_EXPECT_TRUE(test, vgpu_arb_has_work(&f->arb));
	KUNIT_EXPECT_NULL(test, beyond_pick(f));
	KUNIT_EXPECT_EQ(test, vgpu_arb_next_ns(&f->arb), capped->ready_ns);
	KUNIT_EXPECT_FALSE(test, vgpu_arb_has_work(&f->arb));
	f->now = capped->ready_ns;
	KUNIT_EXPECT_NOT_NULL(test, beyond_pick(f));
	/* and while nothing can be handed out at all there is no time for it */
	vgpu_arb_pause(&f->arb, true);
	KUNIT_EXPECT_EQ(test, vgpu_arb_next_ns(&f->arb), U64_MAX);
	vgpu_arb_pause(&f->arb, false);
	beyond_finish(test);
}

/* A class below in which one stands still has its minimum of it in vain. */
static void beyond_minimum(struct kunit *test)
{
	struct fair_fixture *f = beyond_begin(test, true);
	u32 i;

	vgpu_arb_entity_set_priority(&f->e[1].entity, VGPU_PRIORITY_HIGH, f->now);
	for (i = 0; i < 3; i++) {
		fair_submit(test, &f->e[1], 0, BEYOND_COST);
		KUNIT_EXPECT_NOT_NULL(test, beyond_pick(f));
		KUNIT_EXPECT_NULL(test, beyond_pick(f));
		f->now += BEYOND_COST;
		beyond_end_last(f, BEYOND_COST);
	}
	/* it is owed that still */
	KUNIT_EXPECT_GT(test, f->arb.classes.class[VGPU_PRIORITY_MEDIUM].credit, 0);
	beyond_finish(test);
}

/* Nor does it stay its turn for longer than a time slice. */
static void beyond_slice(struct kunit *test)
{
	struct fair_fixture *f = test->priv;

	vgpu_arb_set_time_slice(&f->arb, 10 * USEC_PER_MSEC);
	f = beyond_begin(test, true);
	fair_submit(test, &f->e[1], 0, BEYOND_COST);
	KUNIT_EXPECT_NULL(test, beyond_pick(f));
	f->now += 9 * NSEC_PER_MSEC;
	KUNIT_EXPECT_NULL(test, beyond_pick(f));
	f->now += 2 * NSEC_PER_MSEC;
	KUNIT_EXPECT_NOT_NULL(test, beyond_pick(f));
	beyond_finish(test);
}

/* What it stands still for isn't taken back when another job of it is over before. */
static void beyond_order(struct kunit *test)
{
	struct fair_fixture *f = beyond_begin(test, true);
	u64 start;

	fair_fill(test, 1, BEYOND_COST);
	KUNIT_EXPECT_NOT_NULL(test, beyond_pick(f));
	beyond_end_last(f, NSEC_PER_SEC);
	f->now += 500 * NSEC_PER_MSEC;
	KUNIT_EXPECT_NULL(test, beyond_pick(f));
	start = f->e[0].entity.flow.start;
	/* the last of those that were handed out */
	beyond_end_last(f, BEYOND_COST);
	vgpu_arb_set_depth(&f->arb, FAIR_DEPTH - 1);
	f->now += NSEC_PER_MSEC;
	KUNIT_EXPECT_NULL(test, beyond_pick(f));
	KUNIT_EXPECT_GE(test, f->e[0].entity.flow.start, start);
	/* nor is it what the others stand still with */
	start = f->e[0].entity.flow.start;
	f->now += 100 * NSEC_PER_MSEC;
	KUNIT_EXPECT_NULL(test, beyond_pick(f));
	KUNIT_EXPECT_GT(test, f->e[0].entity.flow.start, start);
	beyond_finish(test);
}

/* Among those who always have jobs, weights hold as they do elsewhere. */
static void beyond_weights(struct kunit *test)
{
	static const u32 weight[] = { 100, 300, 600 };
	struct fair_fixture *f = test->priv;
	u64 all = 0;
	u32 i, n;

	f->arb.parallel = true;
	for (i = 0; i < ARRAY_SIZE(weight); i++)
		vgpu_arb_entity_set_weight(&f->e[i].entity, weight[i]);
	for (n = 0; n < 30000; n++) {
		for (i = 0; i < ARRAY_SIZE(weight); i++)
			fair_fill(test, i, BEYOND_COST + prandom_u32_state(&f->rnd) % BEYOND_COST);
		KUNIT_ASSERT_NOT_NULL(test, fair_run(test));
	}
	for (i = 0; i < ARRAY_SIZE(weight); i++)
		all += f->e[i].served;
	for (i = 0; i < ARRAY_SIZE(weight); i++)
		KUNIT_EXPECT_LE(test, abs_diff(f->e[i].served * 1000, all * weight[i]), all * 2);
	beyond_finish(test);
}

static struct kunit_case beyond_cases[] = {
	KUNIT_CASE(beyond_not),
	KUNIT_CASE(beyond_one),
	KUNIT_CASE(beyond_turn),
	KUNIT_CASE(beyond_charge),
	KUNIT_CASE(beyond_cap),
	KUNIT_CASE(beyond_minimum),
	KUNIT_CASE(beyond_slice),
	KUNIT_CASE(beyond_order),
	KUNIT_CASE(beyond_weights),
	{}
};

static struct kunit_suite beyond_suite = {
	.name = "vgpu_arb_beyond",
	.init = fair_init,
	.test_cases = beyond_cases,
};

kunit_test_suites(&beyond_suite);
