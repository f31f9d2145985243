// SPDX-License-Identifier: GPL-2.0
/* Priority classes, in virtual time: strict, but nobody starves. */
#include <linux/math64.h>

#include "fair.h"

#define CLASS_ARRIVALS	2000

static int class_init(struct kunit *test)
{
	struct fair_fixture *f;
	int ret = fair_init(test);
	u32 i;

	if (ret)
		return ret;
	f = test->priv;
	for (i = 0; i < VGPU_ARB_CLASSES; i++)
		vgpu_arb_entity_set_priority(&f->e[i].entity, i, 0);
	return 0;
}

/* Entity i is of class i; those of @mask always have jobs of @cost[i] waiting. */
static void class_run(struct kunit *test, u32 mask, const u64 *cost, u64 ns)
{
	struct fair_fixture *f = test->priv;
	u64 end = f->now + ns;
	u32 i;

	for (i = 0; i < VGPU_ARB_CLASSES; i++)
		f->e[i].served = 0;
	while (f->now < end) {
		for (i = 0; i < VGPU_ARB_CLASSES; i++) {
			if (mask & BIT(i))
				fair_fill(test, i, cost[i]);
		}
		fair_run(test);
	}
}

/* In thousandths of what all of them had */
static u64 class_share(const struct fair_fixture *f, u32 i)
{
	return div64_u64(f->e[i].served * 1000,
			 f->e[0].served + f->e[1].served + f->e[2].served);
}

/* Who waits below has its minimum, and who is above has the rest; whatever the jobs are. */
static void class_shares(struct kunit *test)
{
	static const u64 cost[][VGPU_ARB_CLASSES] = {
		{ NSEC_PER_MSEC, NSEC_PER_MSEC, NSEC_PER_MSEC },
		{ NSEC_PER_USEC, 10 * NSEC_PER_USEC, NSEC_PER_MSEC },
		{ NSEC_PER_MSEC, 10 * NSEC_PER_USEC, NSEC_PER_USEC },
	};
	struct fair_fixture *f = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cost); i++) {
		class_run(test, 7, cost[i], NSEC_PER_SEC);
		KUNIT_EXPECT_LE(test, abs_diff(class_share(f, 0), 60ULL), 2ULL);
		KUNIT_EXPECT_LE(test, abs_diff(class_share(f, 1), 120ULL), 2ULL);
		class_run(test, 3, cost[i], NSEC_PER_SEC);
		KUNIT_EXPECT_LE(test, abs_diff(class_share(f, 0), 60ULL), 2ULL);
		class_run(test, 5, cost[i], NSEC_PER_SEC);
		KUNIT_EXPECT_LE(test, abs_diff(class_share(f, 0), 60ULL), 2ULL);
		while (fair_run(test))
			;
	}
	/* nobody above it, and it has everything */
	class_run(test, 1, cost[0], NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, class_share(f, 0), 1000ULL);
	fair_finish(test);
}

/*
 * One job at a time of a thousand times the length of low's, and again as soon as that is
 * over: low has its minimum still.
 */
static void class_no_starvation(struct kunit *test)
{
	struct fair_fixture *f = test->priv;

	while (f->now < 30ULL * NSEC_PER_SEC) {
		fair_submit(test, &f->e[2], 0, 100 * NSEC_PER_MSEC);
		fair_fill(test, 0, 100 * NSEC_PER_USEC);
		fair_run(test);
	}
	KUNIT_EXPECT_GE(test, f->e[0].served * 1000, f->now * 58);
	KUNIT_EXPECT_LE(test, f->e[0].served * 1000, f->now * 65);
	fair_finish(test);
}

/*
 * One of high that comes while nobody of its class is there: it waits for what was handed
 * out, and for one turn of one class at most, which was owed that much.
 */
static void class_arrivals(struct kunit *test)
{
	struct fair_fixture *f = test->priv;
	u64 before, since = 0, longest, pause;
	struct vgpu_job *high = &f->e[2].job[0];
	u32 i, j, others[2], turns;

	for (i = 0; i < CLASS_ARRIVALS; i++) {
		/* for so long nobody of high is there */
		pause = prandom_u32_state(&f->rnd) % NSEC_PER_MSEC;
		for (before = f->now; f->now <= before + pause;) {
			for (j = 0; j < FAIR_JOBS; j++) {
				fair_submit(test, &f->e[0], j,
					    1 + prandom_u32_state(&f->rnd) % NSEC_PER_MSEC);
				fair_submit(test, &f->e[1], j,
					    1 + prandom_u32_state(&f->rnd) % NSEC_PER_USEC);
			}
			fair_run(test);
		}
		fair_dispatch(test);
		fair_submit(test, &f->e[2], 0, 1 + prandom_u32_state(&f->rnd) % NSEC_PER_MSEC);
		since += f->e[2].cost[0];
		others[0] = f->e[0].entity.nr_waiting;
		others[1] = f->e[1].entity.nr_waiting;
		longest = 0;
		/* jobs of theirs that are handed out from here on come before high's */
		while (high->owner == VGPU_JOB_ARBITER) {
			struct vgpu_job *job = vgpu_arb_pick(&f->arb, f->now);

			if (!job) {
				KUNIT_ASSERT_NOT_NULL(test, fair_run(test));
				continue;
			}
			f->on_gpu[f->nr_on_gpu++] = job;
			if (job != high)
				longest += fair_cost(job);
		}
		turns = (others[0] != f->e[0].entity.nr_waiting) +
			(others[1] != f->e[1].entity.nr_waiting);
		KUNIT_ASSERT_LE(test, turns, 1U);
		/* of what high has ever had what medium is owed for it, and a job */
		KUNIT_ASSERT_LE(test, longest, div_u64(since * 12, 82) + NSEC_PER_MSEC);
		while (high->owner != VGPU_JOB_GUEST)
			fair_run(test);
	}
	fair_finish(test);
}

/* After one turn somebody above is served before there is another, of whichever class. */
static void class_one_turn(struct kunit *test)
{
	static const int want[] = { 0, 2, 1, 2, 2 };
	struct vgpu_arb_flow flow[VGPU_ARB_CLASSES];
	struct vgpu_arb_classes classes;
	u32 credited[VGPU_ARB_CLASSES], i;
	struct vgpu_arb_rq *rq;
	bool minimum;

	vgpu_arb_classes_init(&classes);
	for (i = 0; i < VGPU_ARB_CLASSES; i++) {
		vgpu_arb_flow_init(&flow[i], &classes.class[i].rq);
		vgpu_arb_class_add(&classes, i, &flow[i]);
	}
	/* two that are owed a microsecond: who is owed more comes first */
	classes.class[0].credit = 100 * NSEC_PER_USEC + 1;
	classes.class[1].credit = 100 * NSEC_PER_USEC;
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		rq = vgpu_arb_class_pick(&classes, &minimum);
		KUNIT_EXPECT_PTR_EQ(test, rq, &classes.class[want[i]].rq);
		KUNIT_EXPECT_EQ(test, minimum, want[i] != 2);
		vgpu_arb_class_charge(&classes, want[i], minimum,
				      want[i] == 2 ? 1 : 2 * NSEC_PER_USEC, credited);
	}
	/* who waits no more is owed nothing, and owes what it owed */
	classes.class[0].credit = 7;
	vgpu_arb_class_del(&classes, 0, &flow[0]);
	KUNIT_EXPECT_EQ(test, classes.class[0].credit, 0);
	classes.class[1].credit = -7;
	vgpu_arb_class_del(&classes, 1, &flow[1]);
	KUNIT_EXPECT_EQ(test, classes.class[1].credit, -7);
}

/* What a job of high turns out to take matters to who was credited for it and waits still. */
static void class_correction(struct kunit *test)
{
	struct vgpu_arb_flow flow[VGPU_ARB_CLASSES];
	struct vgpu_arb_classes classes;
	u32 credited[VGPU_ARB_CLASSES];
	u32 i;

	vgpu_arb_classes_init(&classes);
	for (i = 0; i < VGPU_ARB_CLASSES; i++)
		vgpu_arb_flow_init(&flow[i], &classes.class[i].rq);
	vgpu_arb_class_add(&classes, 2, &flow[2]);
	vgpu_arb_class_add(&classes, 1, &flow[1]);
	vgpu_arb_class_charge(&classes, 2, false, 1000, credited);
	KUNIT_EXPECT_EQ(test, classes.class[1].credit, 12000);
	/* low came later: it was credited nothing, and has nothing to give back */
	vgpu_arb_class_add(&classes, 0, &flow[0]);
	vgpu_arb_class_correct(&classes, 2, false, -500, credited);
	KUNIT_EXPECT_EQ(test, classes.class[1].credit, 6000);
	KUNIT_EXPECT_EQ(test, classes.class[0].credit, 0);
	/* nobody of medium waited in between: what it was credited is forgotten */
	vgpu_arb_class_charge(&classes, 2, false, 1000, credited);
	vgpu_arb_class_del(&classes, 1, &flow[1]);
	vgpu_arb_class_add(&classes, 1, &flow[1]);
	vgpu_arb_class_correct(&classes, 2, false, -900, credited);
	KUNIT_EXPECT_EQ(test, classes.class[1].credit, 0);
	KUNIT_EXPECT_EQ(test, classes.class[0].credit, 600);
}

/* It takes its debts along, and is of the other class at once. */
static void class_change(struct kunit *test)
{
	struct fair_fixture *f = test->priv;
	u32 i;

	/* a second, while another of its class has nothing */
	vgpu_arb_entity_set_priority(&f->e[3].entity, VGPU_PRIORITY_LOW, 0);
	fair_submit(test, &f->e[3], 0, NSEC_PER_MSEC);
	fair_run(test);
	fair_submit(test, &f->e[0], 0, NSEC_PER_SEC);
	fair_run(test);
	vgpu_arb_entity_set_priority(&f->e[0].entity, VGPU_PRIORITY_MEDIUM, f->now);
	f->e[0].served = 0;
	f->e[1].served = 0;
	for (i = 0; i < 200; i++) {
		fair_fill(test, 0, NSEC_PER_MSEC);
		fair_fill(test, 1, NSEC_PER_MSEC);
		fair_run(test);
	}
	KUNIT_EXPECT_LE(test, f->e[0].served, (u64)FAIR_DEPTH * NSEC_PER_MSEC);
	/* waiting, and from the next decision on before the others */
	while (fair_run(test))
		;
	fair_fill(test, 0, NSEC_PER_MSEC);
	fair_dispatch(test);
	fair_fill(test, 4, NSEC_PER_MSEC);
	vgpu_arb_entity_set_priority(&f->e[4].entity, VGPU_PRIORITY_HIGH, f->now);
	for (i = 0; i < FAIR_DEPTH; i++)
		KUNIT_EXPECT_PTR_EQ(test, fair_run(test), &f->e[0]);
	KUNIT_EXPECT_PTR_EQ(test, fair_run(test), &f->e[4]);
	fair_finish(test);
}

/* A turn for the minimum of a class is that class's to pay for, also if who had it left. */
static void class_change_in_turn(struct kunit *test)
{
	struct fair_fixture *f = test->priv;
	struct vgpu_arb_class *class = f->arb.classes.class;
	struct vgpu_job *job = &f->e[0].job[0];
	s64 credit;

	fair_fill(test, 0, NSEC_PER_MSEC);
	fair_fill(test, 2, NSEC_PER_MSEC);
	class[VGPU_PRIORITY_LOW].credit = 100 * NSEC_PER_SEC;
	fair_dispatch(test);
	KUNIT_ASSERT_PTR_EQ(test, f->on_gpu[0], job);
	KUNIT_EXPECT_TRUE(test, job->minimum);
	KUNIT_ASSERT_NE(test, job->estimate_ns, (u64)NSEC_PER_MSEC);
	vgpu_arb_entity_set_priority(&f->e[0].entity, VGPU_PRIORITY_HIGH, f->now);
	credit = class[VGPU_PRIORITY_LOW].credit -
		 100 * ((s64)NSEC_PER_MSEC - (s64)job->estimate_ns);
	KUNIT_EXPECT_PTR_EQ(test, fair_run(test), &f->e[0]);
	KUNIT_EXPECT_EQ(test, class[VGPU_PRIORITY_LOW].credit, credit);
	KUNIT_EXPECT_EQ(test, class[VGPU_PRIORITY_HIGH].credit, 0LL);
	fair_finish(test);
}

#define CLASS_HANG	(100 * NSEC_PER_MSEC)

/* As fair_run(), but what takes so long is a hang that the watchdog ends. */
static void class_run_or_hang(struct kunit *test)
{
	struct fair_fixture *f = test->priv;

	fair_dispatch(test);
	if (f->nr_on_gpu && fair_cost(f->on_gpu[0]) == CLASS_HANG)
		f->on_gpu[0]->expired = true;
	fair_run(test);
}

/* One hang of a vGPU's leaves the others of its class their minimum. */
static void class_hang_once(struct kunit *test)
{
	struct fair_fixture *f = test->priv;
	u64 end;

	vgpu_arb_entity_set_priority(&f->e[3].entity, VGPU_PRIORITY_LOW, 0);
	vgpu_arb_entity_set_timeout(&f->e[0].entity, 100);
	fair_submit(test, &f->e[0], 0, CLASS_HANG);
	while (f->e[0].served < CLASS_HANG) {
		fair_fill(test, 2, NSEC_PER_MSEC);
		class_run_or_hang(test);
	}
	end = f->now + NSEC_PER_SEC;
	while (f->now < end) {
		fair_fill(test, 2, NSEC_PER_MSEC);
		fair_fill(test, 3, NSEC_PER_MSEC);
		fair_run(test);
	}
	KUNIT_EXPECT_GE(test, f->e[3].served, 55ULL * NSEC_PER_MSEC);
	fair_finish(test);
}

static bool class_faults_are_rare(struct vgpu_arb_entity *entity)
{
	bool rare;

	spin_lock(&entity->arb->lock);
	rare = vgpu_arb_faults_are_rare_locked(entity);
	spin_unlock(&entity->arb->lock);
	return rare;
}

/* Where nobody is quarantined for them, or never, hangs don't have the class served for nothing. */
static void class_hang_often(struct kunit *test)
{
	struct fair_fixture *f = test->priv;
	u32 n = 0, j;

	vgpu_arb_entity_set_timeout(&f->e[0].entity, 100);
	KUNIT_EXPECT_TRUE(test, class_faults_are_rare(&f->e[0].entity));
	vgpu_arb_set_fault_decay(&f->arb, 4);
	KUNIT_EXPECT_FALSE(test, class_faults_are_rare(&f->e[0].entity));
	vgpu_arb_set_fault_decay(&f->arb, 5);
	KUNIT_EXPECT_TRUE(test, class_faults_are_rare(&f->e[0].entity));
	vgpu_arb_entity_set_timeout(&f->e[0].entity, 0);
	KUNIT_EXPECT_FALSE(test, class_faults_are_rare(&f->e[0].entity));
	vgpu_arb_entity_set_timeout(&f->e[0].entity, 100);
	vgpu_arb_set_fault_threshold(&f->arb, 0);
	KUNIT_EXPECT_FALSE(test, class_faults_are_rare(&f->e[0].entity));
	while (f->now < 20ULL * NSEC_PER_SEC) {
		fair_fill(test, 2, NSEC_PER_MSEC);
		/* short ones, until a long one is thought to be short, too */
		for (j = 0; j < FAIR_JOBS; j++) {
			if (f->e[0].job[j].owner == VGPU_JOB_GUEST)
				fair_submit(test, &f->e[0], j,
					    n++ % 80 ? 2 * NSEC_PER_USEC : CLASS_HANG);
		}
		class_run_or_hang(test);
	}
	KUNIT_EXPECT_LE(test, class_share(f, 0), 70ULL);
	fair_finish(test);
}

static struct kunit_case class_cases[] = {
	KUNIT_CASE(class_shares),
	KUNIT_CASE(class_no_starvation),
	KUNIT_CASE(class_arrivals),
	KUNIT_CASE(class_one_turn),
	KUNIT_CASE(class_correction),
	KUNIT_CASE(class_change),
	KUNIT_CASE(class_change_in_turn),
	KUNIT_CASE(class_hang_once),
	KUNIT_CASE(class_hang_often),
	{}
};

static struct kunit_suite class_suite = {
	.name = "vgpu_arb_class",
	.init = class_init,
	.test_cases = class_cases,
};

kunit_test_suite(class_suite);
