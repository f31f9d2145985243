// SPDX-License-Identifier: GPL-2.0
/* Who gets how much, in virtual time. */
#include <linux/math64.h>

#include "fair.h"

#define FAIR_ROUNDS	200000

static s64 fair_weighted(const struct fair_entity *e, u64 ns)
{
	return div_u64(ns * VGPU_WEIGHT_DEFAULT, e->entity.flow.weight);
}

/* Between any two moments since both have been active: SFQ(D)'s bound */
static void fair_expect_bound(struct kunit *test)
{
	struct fair_fixture *f = test->priv;
	struct fair_entity *a, *b;
	s64 lead, bound;
	u32 i, j;

	for (i = 0; i < FAIR_ENTITIES; i++) {
		for (j = 0; j < i; j++) {
			a = &f->e[i];
			b = &f->e[j];
			if (!a->active || !b->active) {
				f->valid[i][j] = false;
				continue;
			}
			lead = fair_weighted(a, a->served) - fair_weighted(b, b->served);
			if (!f->valid[i][j]) {
				f->low[i][j] = lead;
				f->high[i][j] = lead;
				f->valid[i][j] = true;
			}
			f->low[i][j] = min(f->low[i][j], lead);
			f->high[i][j] = max(f->high[i][j], lead);
			bound = FAIR_DEPTH * (fair_weighted(a, a->longest) +
					      fair_weighted(b, b->longest)) + 100;
			KUNIT_ASSERT_LE(test, f->high[i][j] - f->low[i][j], bound);
		}
	}
}

/* Jobs of 1 to 1000, weights of 1 to 10000, some come, some go, some flood. */
static void fair_bound(struct kunit *test)
{
	struct fair_fixture *f = test->priv;
	u32 round, i, j;

	for (i = 0; i < FAIR_ENTITIES; i++) {
		f->e[i].entity.flow.weight = clamp(prandom_u32_state(&f->rnd) % (10U << i), 1U,
						   (u32)VGPU_WEIGHT_MAX);
		f->e[i].active = i % 2;
	}
	for (round = 0; round < FAIR_ROUNDS; round++) {
		i = prandom_u32_state(&f->rnd) % FAIR_ENTITIES;
		if (prandom_u32_state(&f->rnd) % 1000 == 0)
			f->e[i].active = !f->e[i].active;
		for (i = 0; i < FAIR_ENTITIES; i++) {
			for (j = 0; j < FAIR_JOBS && f->e[i].active; j++)
				fair_submit(test, &f->e[i], j,
					    1000 * (1 + prandom_u32_state(&f->rnd) % 1000));
			/* some of no account between */
			if (!f->e[i].active && prandom_u32_state(&f->rnd) % 20 == 0)
				fair_submit(test, &f->e[i], 0, 1000000);
		}
		fair_run(test);
		fair_expect_bound(test);
	}
	fair_finish(test);
}

/* Shares are in proportion to weights, whatever the sizes of the jobs. */
static void fair_shares(struct kunit *test)
{
	static const u32 weight[] = { 100, 100, 100, 300, 50, 25, 1, 1000 };
	struct fair_fixture *f = test->priv;
	u64 sum = 0, want, total = 0;
	u32 i;

	for (i = 0; i < FAIR_ENTITIES; i++) {
		f->e[i].entity.flow.weight = weight[i];
		sum += weight[i];
	}
	while (f->now < 100ULL * NSEC_PER_SEC) {
		for (i = 0; i < FAIR_ENTITIES; i++)
			fair_fill(test, i, NSEC_PER_USEC << (i * 5 % 12));
		fair_run(test);
	}
	for (i = 0; i < FAIR_ENTITIES; i++)
		total += f->e[i].served;
	for (i = 0; i < FAIR_ENTITIES; i++) {
		want = div_u64(total, sum) * weight[i];
		/* within 1 % */
		KUNIT_EXPECT_LT(test, abs_diff(f->e[i].served, want), div_u64(want, 100));
	}
	fair_finish(test);
}

/* Who did nothing for a while has no more than its share afterwards. */
static void fair_no_credit(struct kunit *test)
{
	struct fair_fixture *f = test->priv;
	u64 begin;
	u32 i;

	/* both are known; then the second does nothing for a minute */
	for (i = 0; i < 20; i++) {
		fair_fill(test, 0, NSEC_PER_MSEC);
		fair_fill(test, 1, NSEC_PER_MSEC);
		fair_run(test);
	}
	while (f->now < 60ULL * NSEC_PER_SEC) {
		fair_fill(test, 0, NSEC_PER_MSEC);
		fair_run(test);
	}
	begin = f->e[1].served;
	f->e[0].served = 0;
	for (i = 0; i < 1000; i++) {
		fair_fill(test, 0, NSEC_PER_MSEC);
		fair_fill(test, 1, NSEC_PER_MSEC);
		fair_run(test);
	}
	KUNIT_EXPECT_LE(test, abs_diff(f->e[0].served, f->e[1].served - begin),
			(u64)FAIR_DEPTH * 2 * NSEC_PER_MSEC);
	fair_finish(test);
}

/* A long job is paid for, also by who does nothing after it. */
static void fair_debt(struct kunit *test)
{
	struct fair_fixture *f = test->priv;
	u64 begin;

	fair_submit(test, &f->e[0], 0, NSEC_PER_SEC);
	while (fair_run(test))
		;
	begin = f->now;
	/* from now on the other alone, until the first has waited as long */
	do {
		fair_fill(test, 1, NSEC_PER_MSEC);
		fair_fill(test, 0, NSEC_PER_MSEC);
		fair_run(test);
	} while (f->e[0].served == NSEC_PER_SEC);
	KUNIT_EXPECT_GT(test, f->now - begin, (u64)NSEC_PER_SEC - 10 * NSEC_PER_MSEC);
	KUNIT_EXPECT_LT(test, f->now - begin, (u64)NSEC_PER_SEC + 10 * NSEC_PER_MSEC);
	fair_finish(test);
}

/* What a job costs is learned: it is charged when it is handed out, not when it is over. */
static void fair_learns(struct kunit *test)
{
	struct fair_fixture *f = test->priv;
	struct vgpu_arb_flow *flow = &f->e[0].entity.flow;
	u32 i;

	for (i = 0; i < 100; i++) {
		fair_fill(test, 0, NSEC_PER_MSEC);
		fair_run(test);
	}
	while (fair_run(test))
		;
	KUNIT_EXPECT_EQ(test, flow->start, 100ULL * NSEC_PER_MSEC + 7 * NSEC_PER_MSEC);
	fair_submit(test, &f->e[0], 0, NSEC_PER_MSEC);
	fair_dispatch(test);
	KUNIT_EXPECT_GT(test, flow->start, 107ULL * NSEC_PER_MSEC + 9 * NSEC_PER_MSEC / 10);
	KUNIT_EXPECT_LE(test, flow->start, 108ULL * NSEC_PER_MSEC);
	/* another type is another matter */
	f->e[0].job[1].type = VGPU_JOB_COPY;
	fair_submit(test, &f->e[0], 1, NSEC_PER_MSEC);
	fair_dispatch(test);
	KUNIT_EXPECT_LE(test, flow->start, 108ULL * NSEC_PER_MSEC + 1);
	fair_finish(test);
}

/*
 * Who had long jobs, and calls such ones off as soon as they are handed out, keeps others
 * behind what they would have taken for no longer than until that is learned.
 */
static void fair_estimates(struct kunit *test)
{
	const u64 long_ns = 100 * NSEC_PER_MSEC;
	struct fair_fixture *f = test->priv;
	struct fair_entity *e = &f->e[0];
	u32 i, j, turns = 0;

	for (i = 0; i < 100; i++) {
		fair_fill(test, 0, long_ns);
		fair_run(test);
	}
	while (fair_run(test))
		;
	for (i = 0; i < 100; i++) {
		/* two of its jobs are such; of the others there are always more than run */
		for (j = 0; j < FAIR_JOBS; j++) {
			e->job[j].type = j < 2 ? VGPU_JOB_LAUNCH : VGPU_JOB_COPY;
			fair_submit(test, e, j, NSEC_PER_MSEC);
		}
		fair_dispatch(test);
		while (f->nr_on_gpu) {
			struct vgpu_job *job = f->on_gpu[--f->nr_on_gpu];

			if (job->type == VGPU_JOB_LAUNCH)
				fair_end(f, job, VGPU_ERR_CANCELED, 0);
			else
				fair_end(f, job, VGPU_ERR_NONE, NSEC_PER_MSEC);
		}
		/* another has one job at a time */
		fair_submit(test, &f->e[1], 0, NSEC_PER_MSEC);
		do {
			for (j = 2; j < FAIR_JOBS; j++)
				fair_submit(test, e, j, NSEC_PER_MSEC);
			turns++;
		} while (fair_run(test) != &f->e[1]);
	}
	/* two at a time, and 1 + 7/8 + (7/8)^2 + ... is 8; then, a few jobs each time */
	KUNIT_EXPECT_LT(test, turns, (u32)div_u64(2 * 8 * long_ns, NSEC_PER_MSEC) + 100 * 8);
	fair_finish(test);
}

/* Virtual time goes round, and one who was idle all the while has its share still. */
static void fair_wrap(struct kunit *test)
{
	static const u64 vtime[] = { S64_MAX, U64_MAX - 5 * NSEC_PER_SEC, U64_MAX / 4 * 3 };
	struct fair_fixture *f = test->priv;
	u64 served;
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(vtime); i++) {
		f->arb.classes.class[VGPU_PRIORITY_MEDIUM].rq.vtime = vtime[i];
		f->e[0].entity.flow.start = vtime[i];
		served = f->e[1].served;
		f->e[0].served = 0;
		for (j = 0; j < 10000; j++) {
			fair_fill(test, 0, NSEC_PER_MSEC);
			fair_fill(test, 1, NSEC_PER_MSEC);
			fair_run(test);
		}
		KUNIT_EXPECT_LE(test, abs_diff(f->e[0].served, f->e[1].served - served),
				(u64)FAIR_DEPTH * 2 * NSEC_PER_MSEC);
		while (fair_run(test))
			;
	}
	fair_finish(test);
}

/* Whoever is alone has all of it, whatever it owes. */
static void fair_work_conserving(struct kunit *test)
{
	struct fair_fixture *f = test->priv;
	u32 i;

	f->e[0].entity.flow.weight = 1;
	for (i = 0; i < 1000; i++) {
		fair_fill(test, 0, NSEC_PER_SEC);
		KUNIT_EXPECT_PTR_EQ(test, fair_run(test), &f->e[0]);
		KUNIT_EXPECT_EQ(test, f->nr_on_gpu, FAIR_DEPTH - 1U);
	}
	fair_finish(test);
}

/* A new weight counts from the next decision on. */
static void fair_weight_changes(struct kunit *test)
{
	struct fair_fixture *f = test->priv;
	u64 served[2], heavy, light;
	u32 turn, i;

	for (turn = 0; turn < 4; turn++) {
		vgpu_arb_entity_set_weight(&f->e[0].entity, turn % 2 ? 300 : 100);
		vgpu_arb_entity_set_weight(&f->e[1].entity, turn % 2 ? 100 : 300);
		served[0] = f->e[0].served;
		served[1] = f->e[1].served;
		for (i = 0; i < 4000; i++) {
			fair_fill(test, 0, NSEC_PER_MSEC);
			fair_fill(test, 1, 3 * NSEC_PER_MSEC);
			fair_run(test);
		}
		served[0] = f->e[0].served - served[0];
		served[1] = f->e[1].served - served[1];
		heavy = served[turn % 2 ? 0 : 1];
		light = served[turn % 2 ? 1 : 0];
		KUNIT_EXPECT_LT(test, abs_diff(3 * light, heavy), div_u64(heavy, 50));
	}
	fair_finish(test);
}

static struct kunit_case fair_cases[] = {
	KUNIT_CASE(fair_bound),
	KUNIT_CASE(fair_shares),
	KUNIT_CASE(fair_no_credit),
	KUNIT_CASE(fair_debt),
	KUNIT_CASE(fair_learns),
	KUNIT_CASE(fair_estimates),
	KUNIT_CASE(fair_wrap),
	KUNIT_CASE(fair_work_conserving),
	KUNIT_CASE(fair_weight_changes),
	{}
};

static struct kunit_suite fair_suite = {
	.name = "vgpu_arb_fair",
	.init = fair_init,
	.test_cases = fair_cases,
};

kunit_test_suite(fair_suite);
