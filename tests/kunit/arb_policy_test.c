// SPDX-License-Identifier: GPL-2.0
/* What an operator sets, and what follows from it, in virtual time. */
#include <linux/math64.h>

#include "fair.h"

#define POLICY_ROUNDS	30000

/* Without a limit there is always one; with one, as many as it holds. */
static void policy_bucket(struct kunit *test)
{
	struct vgpu_arb_bucket bucket;

	vgpu_arb_bucket_init(&bucket);
	vgpu_arb_bucket_take(&bucket, 1000, 0);
	KUNIT_EXPECT_TRUE(test, vgpu_arb_bucket_has(&bucket, 1, 0));
	vgpu_arb_bucket_set(&bucket, 7, 100, 1000);
	KUNIT_EXPECT_TRUE(test, vgpu_arb_bucket_has(&bucket, 100, 1000));
	vgpu_arb_bucket_take(&bucket, 1, 1000);
	KUNIT_EXPECT_FALSE(test, vgpu_arb_bucket_has(&bucket, 100, 1000));
	KUNIT_EXPECT_TRUE(test, vgpu_arb_bucket_has(&bucket, 99, 1000));
}

/* When the next token is there is known to the nanosecond. */
static void policy_bucket_ready(struct kunit *test)
{
	struct vgpu_arb_bucket bucket;
	u64 ready;

	vgpu_arb_bucket_init(&bucket);
	vgpu_arb_bucket_set(&bucket, 7, 100, 2000);
	vgpu_arb_bucket_take(&bucket, 130, 2000);
	/* 31 are missing, 4 and 3/7 nanoseconds */
	KUNIT_EXPECT_FALSE(test, vgpu_arb_bucket_has(&bucket, 1, 2000));
	ready = vgpu_arb_bucket_ready_ns(&bucket, 1);
	KUNIT_EXPECT_EQ(test, ready, 2005ULL);
	KUNIT_EXPECT_FALSE(test, vgpu_arb_bucket_has(&bucket, 1, 2004));
	KUNIT_EXPECT_EQ(test, vgpu_arb_bucket_ready_ns(&bucket, 1), ready);
	KUNIT_EXPECT_TRUE(test, vgpu_arb_bucket_has(&bucket, 1, 2005));
	KUNIT_EXPECT_EQ(test, bucket.level, 5);
	/* a clock that another processor read before */
	KUNIT_EXPECT_TRUE(test, vgpu_arb_bucket_has(&bucket, 1, 1999));
	KUNIT_EXPECT_EQ(test, bucket.level, 5);
	/* what came while it was full is lost, though nobody looked */
	vgpu_arb_bucket_take(&bucket, 130, 3000);
	KUNIT_EXPECT_EQ(test, bucket.level, -30);
	/* what is put back doesn't make it overflow, nor does time */
	vgpu_arb_bucket_take(&bucket, -1000, 3000);
	KUNIT_EXPECT_EQ(test, bucket.level, 100);
	vgpu_arb_bucket_take(&bucket, 1, 3000);
	KUNIT_EXPECT_TRUE(test, vgpu_arb_bucket_has(&bucket, 100, S64_MAX));
	KUNIT_EXPECT_EQ(test, bucket.level, 100);
}

/* A smaller bucket is no fuller than it can be; a debt is not forgiven. */
static void policy_bucket_change(struct kunit *test)
{
	struct vgpu_arb_bucket bucket;

	vgpu_arb_bucket_init(&bucket);
	vgpu_arb_bucket_set(&bucket, 10, 1000, 0);
	vgpu_arb_bucket_set(&bucket, 10, 50, 0);
	KUNIT_EXPECT_EQ(test, bucket.level, 50);
	vgpu_arb_bucket_take(&bucket, 250, 0);
	vgpu_arb_bucket_set(&bucket, 20, 5000, 5);
	KUNIT_EXPECT_EQ(test, bucket.level, -150);
	vgpu_arb_bucket_set(&bucket, 0, 1, 5);
	KUNIT_EXPECT_TRUE(test, vgpu_arb_bucket_has(&bucket, 1, 5));
}

/* GPU time that entity 0 has in a second, if it always has jobs of @cost waiting */
static u64 policy_second(struct kunit *test, u64 cost)
{
	struct fair_fixture *f = test->priv;
	u64 end = f->now + NSEC_PER_SEC, served = f->e[0].served;

	while (f->now < end) {
		fair_fill(test, 0, cost);
		fair_run(test);
	}
	return f->e[0].served - served;
}

/* Of any second it has what it may, to within a hundredth of that; alone and not. */
static void policy_cap(struct kunit *test)
{
	static const u32 percent[] = { 5, 10, 25, 50, 75, 90 };
	struct fair_fixture *f = test->priv;
	u64 want;
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(percent); i++) {
		vgpu_arb_entity_set_cap(&f->e[0].entity, percent[i], f->now);
		want = percent[i] * (NSEC_PER_SEC / 100);
		/* what it did before has been charged */
		policy_second(test, 100 * NSEC_PER_USEC);
		for (j = 0; j < 3; j++)
			KUNIT_EXPECT_LE(test,
					abs_diff(policy_second(test, 100 * NSEC_PER_USEC), want),
					div_u64(want, 100));
	}
	fair_finish(test);
}

/* However short its jobs are, there is no timer for each. */
static void policy_cap_wakes(struct kunit *test)
{
	struct fair_fixture *f = test->priv;
	u32 wakes = 0;

	vgpu_arb_entity_set_cap(&f->e[0].entity, 20, 0);
	while (f->now < NSEC_PER_SEC) {
		fair_fill(test, 0, 10 * NSEC_PER_USEC);
		fair_dispatch(test);
		wakes += !f->nr_on_gpu;
		fair_run(test);
	}
	/* each is for what comes in a sixteenth of ten milliseconds */
	KUNIT_EXPECT_LE(test, wakes, 1600U);
	KUNIT_EXPECT_LE(test, abs_diff(f->e[0].served * 5, f->now), div_u64(f->now, 20));
	fair_finish(test);
}

/* What the one may not have the other has. */
static void policy_cap_neighbour(struct kunit *test)
{
	struct fair_fixture *f = test->priv;
	u64 begin;

	vgpu_arb_entity_set_cap(&f->e[0].entity, 20, 0);
	while (f->now < 4ULL * NSEC_PER_SEC) {
		fair_fill(test, 0, 100 * NSEC_PER_USEC);
		fair_fill(test, 1, 300 * NSEC_PER_USEC);
		fair_run(test);
	}
	KUNIT_EXPECT_LE(test, abs_diff(f->e[0].served * 5, f->now), div_u64(f->now, 100));
	KUNIT_EXPECT_LE(test, abs_diff(f->e[1].served + f->e[0].served, f->now),
			(u64)NSEC_PER_MSEC);

	/* without the cap it is served at the next decision, not when it would have been */
	while (fair_run(test))
		;
	vgpu_arb_entity_set_cap(&f->e[0].entity, 1, f->now);
	fair_submit(test, &f->e[0], 0, NSEC_PER_SEC);
	fair_run(test);
	begin = f->now;
	fair_submit(test, &f->e[0], 0, NSEC_PER_MSEC);
	fair_dispatch(test);
	KUNIT_EXPECT_EQ(test, f->nr_on_gpu, 0U);
	KUNIT_EXPECT_FALSE(test, vgpu_arb_entity_waits(&f->e[1].entity));
	KUNIT_EXPECT_GT(test, vgpu_arb_next_ns(&f->arb), f->now + 50ULL * NSEC_PER_SEC);
	vgpu_arb_entity_set_cap(&f->e[0].entity, 100, f->now);
	KUNIT_EXPECT_TRUE(test, vgpu_arb_has_work(&f->arb));
	KUNIT_EXPECT_PTR_EQ(test, fair_run(test), &f->e[0]);
	KUNIT_EXPECT_EQ(test, f->now, begin + NSEC_PER_MSEC);
	fair_finish(test);
}

/* A dispatcher is told whenever the time at which it should look is another than it knows. */
static void policy_wake(struct kunit *test)
{
	struct fair_fixture *f = test->priv;
	u64 first, second;

	vgpu_arb_entity_set_cap(&f->e[0].entity, 50, 0);
	vgpu_arb_entity_set_cap(&f->e[1].entity, 50, 0);
	fair_submit(test, &f->e[0], 0, NSEC_PER_SEC);
	fair_submit(test, &f->e[1], 0, NSEC_PER_MSEC * 100);
	KUNIT_EXPECT_TRUE(test, vgpu_arb_has_work(&f->arb));
	fair_run(test);
	fair_run(test);
	KUNIT_EXPECT_FALSE(test, vgpu_arb_has_work(&f->arb));
	fair_submit(test, &f->e[0], 0, 1);
	KUNIT_EXPECT_TRUE(test, vgpu_arb_has_work(&f->arb));
	KUNIT_EXPECT_PTR_EQ(test, vgpu_arb_pick(&f->arb, f->now), NULL);
	first = vgpu_arb_next_ns(&f->arb);
	KUNIT_EXPECT_FALSE(test, vgpu_arb_has_work(&f->arb));
	/* the same, and no news */
	fair_submit(test, &f->e[0], 1, 1);
	KUNIT_EXPECT_FALSE(test, vgpu_arb_has_work(&f->arb));
	fair_submit(test, &f->e[1], 0, 1);
	KUNIT_EXPECT_TRUE(test, vgpu_arb_has_work(&f->arb));
	KUNIT_EXPECT_PTR_EQ(test, vgpu_arb_pick(&f->arb, f->now), NULL);
	second = vgpu_arb_next_ns(&f->arb);
	KUNIT_EXPECT_LT(test, second, first);
	KUNIT_EXPECT_PTR_EQ(test, vgpu_arb_pick(&f->arb, second - 1), NULL);
	f->now = second;
	KUNIT_EXPECT_PTR_EQ(test, fair_run(test), &f->e[1]);
	fair_finish(test);
}

static enum vgpu_error policy_try(struct kunit *test, u32 j)
{
	struct fair_fixture *f = test->priv;
	struct vgpu_job *job = &f->e[0].job[j];
	enum vgpu_error err;

	vgpu_job_set_owner(job, VGPU_JOB_QUEUE);
	err = vgpu_arb_submit(&f->arb, job, f->now);
	if (err) {
		vgpu_job_set_owner(job, VGPU_JOB_DONE);
		vgpu_job_set_owner(job, VGPU_JOB_GUEST);
	}
	return err;
}

/* So many at once, then so many in a second; of what ends objects as many as it likes. */
static void policy_rate(struct kunit *test)
{
	struct fair_fixture *f = test->priv;
	u32 i;

	vgpu_arb_entity_set_burst(&f->e[0].entity, 3, 0);
	vgpu_arb_entity_set_rate_limit(&f->e[0].entity, 1000, 0);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, policy_try(test, i), VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, policy_try(test, 3), VGPU_ERR_RATE_LIMITED);
	f->e[0].job[4].type = VGPU_JOB_CONTROL;
	KUNIT_EXPECT_EQ(test, policy_try(test, 4), VGPU_ERR_NONE);
	f->now = NSEC_PER_MSEC - 1;
	KUNIT_EXPECT_EQ(test, policy_try(test, 3), VGPU_ERR_RATE_LIMITED);
	f->now++;
	KUNIT_EXPECT_EQ(test, policy_try(test, 3), VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, policy_try(test, 5), VGPU_ERR_RATE_LIMITED);
	vgpu_arb_entity_set_rate_limit(&f->e[0].entity, 0, f->now);
	KUNIT_EXPECT_EQ(test, policy_try(test, 5), VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, policy_try(test, 6), VGPU_ERR_NONE);
	fair_finish(test);
}

static void policy_queue_limit(struct kunit *test)
{
	struct fair_fixture *f = test->priv;
	struct vgpu_arb_group group;

	vgpu_arb_entity_set_queue_limit(&f->e[0].entity, 2);
	KUNIT_EXPECT_EQ(test, policy_try(test, 0), VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, policy_try(test, 1), VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, policy_try(test, 2), VGPU_ERR_QUEUE_FULL);
	/* what it has made it can end */
	f->e[0].job[4].type = VGPU_JOB_CONTROL;
	KUNIT_EXPECT_EQ(test, policy_try(test, 4), VGPU_ERR_NONE);
	KUNIT_EXPECT_PTR_EQ(test, vgpu_arb_pick(&f->arb, f->now), &f->e[0].job[4]);
	fair_end(f, &f->e[0].job[4], VGPU_ERR_NONE, 0);
	/* what waits stays, what comes is refused */
	vgpu_arb_entity_set_queue_limit(&f->e[0].entity, 1);
	KUNIT_EXPECT_EQ(test, f->e[0].entity.nr_waiting, 2U);
	fair_dispatch(test);
	KUNIT_EXPECT_EQ(test, policy_try(test, 2), VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, policy_try(test, 3), VGPU_ERR_QUEUE_FULL);
	/* of another context one can always wait */
	vgpu_arb_group_init(&group);
	f->e[0].job[5].group = &group;
	f->e[0].job[6].group = &group;
	KUNIT_EXPECT_EQ(test, policy_try(test, 5), VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, policy_try(test, 6), VGPU_ERR_QUEUE_FULL);
	vgpu_arb_entity_set_queue_limit(&f->e[0].entity, 3);
	KUNIT_EXPECT_EQ(test, policy_try(test, 3), VGPU_ERR_NONE);
	fair_finish(test);
}

/* How many jobs of the same entity come one after the other, on average */
static u64 policy_run_length(struct kunit *test, u32 rounds)
{
	struct fair_fixture *f = test->priv;
	struct fair_entity *e, *last = NULL;
	u32 i, changes = 0;

	for (i = 0; i < rounds; i++) {
		fair_fill(test, 0, 100 * NSEC_PER_USEC);
		fair_fill(test, 1, 100 * NSEC_PER_USEC);
		e = fair_run(test);
		changes += e != last;
		last = e;
	}
	KUNIT_EXPECT_LE(test, abs_diff(f->e[0].served, f->e[1].served), 8ULL * NSEC_PER_MSEC);
	return rounds / changes;
}

/* What costs less than the floor is charged the floor, for which a neighbour has as much. */
static void policy_floor(struct kunit *test)
{
	struct fair_fixture *f = test->priv;
	u64 tiny = 0;

	f->arb.floor_ns = 2 * NSEC_PER_USEC;
	while (f->e[1].served < 20 * NSEC_PER_MSEC) {
		fair_fill(test, 0, 20);
		fair_fill(test, 1, 100 * NSEC_PER_USEC);
		tiny += fair_run(test) == &f->e[0];
	}
	/* as many as if each took two microseconds */
	KUNIT_EXPECT_LE(test, abs_diff(tiny, 10000ULL), 200ULL);
	fair_finish(test);
}

/* It stays with one as long as was said, with as fair a result; but not while it is idle. */
static void policy_time_slice(struct kunit *test)
{
	struct fair_fixture *f = test->priv;

	KUNIT_EXPECT_EQ(test, policy_run_length(test, 2000), 1ULL);
	vgpu_arb_set_time_slice(&f->arb, 2000);
	KUNIT_EXPECT_GE(test, policy_run_length(test, 2000), 19ULL);
	while (fair_run(test))
		;
	fair_submit(test, &f->e[0], 0, NSEC_PER_USEC);
	fair_submit(test, &f->e[1], 0, NSEC_PER_USEC);
	KUNIT_EXPECT_NOT_NULL(test, fair_run(test));
	KUNIT_EXPECT_NOT_NULL(test, fair_run(test));
	KUNIT_EXPECT_EQ(test, f->nr_on_gpu, 0U);
	/* nor for somebody of a higher class */
	vgpu_arb_entity_set_priority(&f->e[1].entity, VGPU_PRIORITY_HIGH, f->now);
	fair_fill(test, 0, 100 * NSEC_PER_USEC);
	fair_dispatch(test);
	fair_submit(test, &f->e[1], 0, NSEC_PER_USEC);
	while (fair_run(test) == &f->e[0])
		KUNIT_EXPECT_LE(test, ++f->e[7].longest, (u64)FAIR_DEPTH);
	vgpu_arb_set_time_slice(&f->arb, 0);
	KUNIT_EXPECT_EQ(test, f->arb.stay_ns, 0);
	fair_finish(test);
}

/* Weights count, don't count, or are what was fixed. */
static void policy_shares(struct kunit *test)
{
	struct fair_fixture *f = test->priv;
	enum vgpu_policy policy;
	u64 a, b, total, begin;

	vgpu_arb_entity_set_weight(&f->e[0].entity, 900);
	vgpu_arb_entity_set_share(&f->e[0].entity, 2500, 0);
	vgpu_arb_entity_set_share(&f->e[1].entity, 5000, 0);
	for (policy = VGPU_POLICY_BEST_EFFORT; policy <= VGPU_POLICY_FIXED_SHARE; policy++) {
		vgpu_arb_set_policy(&f->arb, policy, f->now);
		begin = f->now;
		a = f->e[0].served;
		b = f->e[1].served;
		while (f->now < begin + 2ULL * NSEC_PER_SEC) {
			fair_fill(test, 0, 100 * NSEC_PER_USEC);
			fair_fill(test, 1, 100 * NSEC_PER_USEC);
			fair_run(test);
		}
		total = f->now - begin;
		a = div64_u64((f->e[0].served - a) * 1000, total);
		b = div64_u64((f->e[1].served - b) * 1000, total);
		switch (policy) {
		case VGPU_POLICY_BEST_EFFORT:
			KUNIT_EXPECT_LE(test, abs_diff(a, 900ULL), 5ULL);
			KUNIT_EXPECT_LE(test, abs_diff(b, 100ULL), 5ULL);
			break;
		case VGPU_POLICY_EQUAL_SHARE:
			KUNIT_EXPECT_LE(test, abs_diff(a, 500ULL), 5ULL);
			KUNIT_EXPECT_LE(test, abs_diff(b, 500ULL), 5ULL);
			break;
		case VGPU_POLICY_FIXED_SHARE:
			KUNIT_EXPECT_LE(test, abs_diff(a, 250ULL), 5ULL);
			KUNIT_EXPECT_LE(test, abs_diff(b, 500ULL), 8ULL);
			break;
		}
	}
	/* alone it has no more; and all of it where that is not the policy */
	while (fair_run(test))
		;
	policy_second(test, 100 * NSEC_PER_USEC);
	KUNIT_EXPECT_LE(test, abs_diff(policy_second(test, 100 * NSEC_PER_USEC),
				       NSEC_PER_SEC / 4ULL), NSEC_PER_SEC / 400ULL);
	vgpu_arb_set_policy(&f->arb, VGPU_POLICY_EQUAL_SHARE, f->now);
	KUNIT_EXPECT_GE(test, policy_second(test, 100 * NSEC_PER_USEC), NSEC_PER_SEC * 1ULL);
	fair_finish(test);
}

/* Contexts of one entity take turns, however many jobs each has. */
static void policy_groups(struct kunit *test)
{
	static const u32 want[] = { 0, 4, 6, 1, 5, 7, 2, 3 };
	struct fair_fixture *f = test->priv;
	struct vgpu_arb_group group[2];
	LIST_HEAD(canceled);
	struct vgpu_job *job;
	u32 i;

	f->arb.depth = 1;
	for (i = 0; i < ARRAY_SIZE(group); i++)
		vgpu_arb_group_init(&group[i]);
	/* 0 to 3 of none, 4 and 5 of the first, 6 and 7 of the second */
	for (i = 4; i < FAIR_JOBS; i++)
		f->e[0].job[i].group = &group[i / 2 - 2];
	fair_fill(test, 0, NSEC_PER_USEC);
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		job = vgpu_arb_pick(&f->arb, f->now);
		KUNIT_ASSERT_PTR_EQ(test, job, &f->e[0].job[want[i]]);
		if (i == 4) {
			/* given back, it is the next again */
			KUNIT_EXPECT_TRUE(test, vgpu_arb_requeue(&f->arb, job, f->now));
			KUNIT_EXPECT_PTR_EQ(test, vgpu_arb_pick(&f->arb, f->now), job);
		}
		fair_end(f, job, VGPU_ERR_NONE, NSEC_PER_USEC);
	}
	fair_fill(test, 0, NSEC_PER_USEC);
	vgpu_arb_entity_drain_begin(&f->e[0].entity, &canceled, f->now);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&canceled), (size_t)FAIR_JOBS);
	KUNIT_EXPECT_TRUE(test, list_empty(&group[0].node) && list_empty(&group[1].node));
	while ((job = list_first_entry_or_null(&canceled, struct vgpu_job, node))) {
		list_del_init(&job->node);
		vgpu_job_set_owner(job, VGPU_JOB_GUEST);
		vgpu_arb_entity_done(job->entity);
	}
	fair_finish(test);
}

/* Who has jobs waiting is in one place, and only there. */
static void policy_expect_place(struct kunit *test, struct fair_entity *e)
{
	struct vgpu_arb_entity *entity = &e->entity;
	bool queued = vgpu_arb_flow_is_queued(&entity->flow);
	bool throttled = !RB_EMPTY_NODE(&entity->throttle);
	bool waits = !list_empty(&entity->groups);

	KUNIT_ASSERT_EQ(test, waits, queued || throttled);
	KUNIT_ASSERT_FALSE(test, queued && throttled);
	KUNIT_ASSERT_EQ(test, waits, entity->nr_waiting > 0);
}

static void policy_change(struct kunit *test, struct vgpu_arb_entity *entity)
{
	struct fair_fixture *f = test->priv;
	u32 value = prandom_u32_state(&f->rnd);

	switch (prandom_u32_state(&f->rnd) % 8) {
	case 0:
		vgpu_arb_entity_set_cap(entity, value % 100 + 1, f->now);
		break;
	case 1:
		vgpu_arb_entity_set_cap(entity, 100, f->now);
		break;
	case 2:
		vgpu_arb_entity_set_priority(entity, value % VGPU_ARB_CLASSES, f->now);
		break;
	case 3:
		vgpu_arb_entity_set_weight(entity, value % VGPU_WEIGHT_MAX + 1);
		break;
	case 4:
		vgpu_arb_entity_set_share(entity, value % VGPU_ARB_WHOLE + 1, f->now);
		break;
	case 5:
		vgpu_arb_set_time_slice(&f->arb, value % 3 * 500);
		break;
	case 6:
		vgpu_arb_set_policy(&f->arb, value % 3, f->now);
		break;
	case 7:
		vgpu_arb_set_depth(&f->arb, value % FAIR_DEPTH + 1);
		break;
	}
}

/* For what an entity's jobs keep the GPU from others after their end it pays as for themselves. */
static void policy_owes(struct kunit *test)
{
	struct fair_fixture *f = test->priv;
	struct fair_entity *e;
	u32 round;

	for (round = 0; round < 600; round++) {
		fair_fill(test, 0, NSEC_PER_MSEC);
		fair_fill(test, 1, NSEC_PER_MSEC);
		e = fair_run(test);
		if (e == &f->e[0])
			vgpu_arb_entity_owes(&e->entity, NSEC_PER_MSEC);
	}
	KUNIT_EXPECT_LE(test, f->e[0].served, 204ULL * NSEC_PER_MSEC);
	KUNIT_EXPECT_GE(test, f->e[0].served, 196ULL * NSEC_PER_MSEC);
	fair_finish(test);
}

/* What runs is paid at the weight with which it began, whatever the weight is by then. */
static void policy_weight_while_running(struct kunit *test)
{
	struct fair_fixture *f = test->priv;
	struct vgpu_arb_entity *entity = &f->e[0].entity;
	u64 start = entity->flow.start;

	vgpu_arb_entity_set_weight(entity, 100 * VGPU_WEIGHT_DEFAULT);
	fair_submit(test, &f->e[0], 0, NSEC_PER_SEC);
	fair_dispatch(test);
	vgpu_arb_entity_set_weight(entity, 1);
	KUNIT_EXPECT_PTR_EQ(test, fair_run(test), &f->e[0]);
	KUNIT_EXPECT_EQ(test, entity->flow.start - start, NSEC_PER_SEC / 100ULL);
	fair_finish(test);
}

/* Whatever is set at whatever moment, everything comes to its end, and nothing twice. */
static void policy_random(struct kunit *test)
{
	struct fair_fixture *f = test->priv;
	u64 submitted = 0, over = 0;
	struct fair_entity *e;
	u32 round, i, j;

	for (round = 0; round < POLICY_ROUNDS; round++) {
		e = &f->e[prandom_u32_state(&f->rnd) % FAIR_ENTITIES];
		j = prandom_u32_state(&f->rnd) % FAIR_JOBS;
		if (prandom_u32_state(&f->rnd) % 50 == 0)
			policy_change(test, &e->entity);
		if (e->job[j].owner == VGPU_JOB_GUEST) {
			fair_submit(test, e, j, 1 + prandom_u32_state(&f->rnd) % NSEC_PER_MSEC);
			submitted++;
		}
		if (prandom_u32_state(&f->rnd) % 4)
			over += !!fair_run(test);
		for (i = 0; i < FAIR_ENTITIES; i++)
			policy_expect_place(test, &f->e[i]);
	}
	while (fair_run(test))
		over++;
	KUNIT_EXPECT_EQ(test, over, submitted);
	fair_finish(test);
}

static struct kunit_case policy_cases[] = {
	KUNIT_CASE(policy_bucket),
	KUNIT_CASE(policy_bucket_ready),
	KUNIT_CASE(policy_bucket_change),
	KUNIT_CASE(policy_cap),
	KUNIT_CASE(policy_cap_wakes),
	KUNIT_CASE(policy_cap_neighbour),
	KUNIT_CASE(policy_wake),
	KUNIT_CASE(policy_rate),
	KUNIT_CASE(policy_queue_limit),
	KUNIT_CASE(policy_floor),
	KUNIT_CASE(policy_time_slice),
	KUNIT_CASE(policy_shares),
	KUNIT_CASE(policy_groups),
	KUNIT_CASE(policy_owes),
	KUNIT_CASE(policy_weight_while_running),
	KUNIT_CASE(policy_random),
	{}
};

static struct kunit_suite policy_suite = {
	.name = "vgpu_arb_policy",
	.init = fair_init,
	.test_cases = policy_cases,
};

kunit_test_suite(policy_suite);
