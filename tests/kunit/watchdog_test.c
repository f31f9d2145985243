// SPDX-License-Identifier: GPL-2.0
/* Jobs that run longer than they may, faults, and quarantine. */
#include <kunit/test.h>
#include <linux/delay.h>

#include "delay.h"
#include "fixture.h"
#include "queue.h"
#include "queue_guest.h"
#include "request.h"
#include "watchdog.h"

#define NONE		VGPU_ERR_NONE
#define TIMEOUT		VGPU_ERR_TIMEOUT
#define QUARANTINED	VGPU_ERR_QUARANTINED
#define CANCELED	VGPU_ERR_CANCELED

/* Of what an operator is told; one test runs at a time */
static u32 watchdog_events[VGPU_ARB_RELEASED + 1];

static void watchdog_event(struct vgpu_arb_entity *entity, enum vgpu_arb_event event)
{
	watchdog_events[event]++;
}

static int watchdog_init(struct kunit *test)
{
	int ret = vgpu_fixture_init(test);
	struct vgpu_fixture *f = test->priv;

	if (ret)
		return ret;
	memset(watchdog_events, 0, sizeof(watchdog_events));
	f->v[0].vgpu.entity.event = watchdog_event;
	f->mock.sync = false;
	return 0;
}

/* The first that the GPU has begins, and runs for longer than a millisecond. */
static void watchdog_hang(struct vgpu_fixture *f)
{
	vgpu_mock_settle(&f->mock);
	vgpu_job_begin(vgpu_mock_first(&f->mock));
	usleep_range(1500, 2000);
	vgpu_watchdog_look(&f->mock.gpu);
	flush_delayed_work(&f->mock.gpu.watchdog.work);
}

/* Only what runs is ended, and what comes behind it isn't. */
static void watchdog_timeout(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct queue_guest a, b;

	queue_guest_create(test, &a, &f->v[0], 16);
	queue_guest_create(test, &b, &f->v[1], 16);
	vgpu_arb_entity_set_timeout(&f->v[0].vgpu.entity, 1);
	vgpu_arb_entity_set_timeout(&f->v[1].vgpu.entity, 1);
	queue_guest_nops(&a, 3);
	queue_guest_kick(&a);
	queue_guest_nops(&b, 1);
	queue_guest_kick(&b);
	watchdog_hang(f);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 0), TIMEOUT);
	KUNIT_EXPECT_EQ(test, f->v[0].vgpu.entity.faults, 1U);
	KUNIT_EXPECT_EQ(test, f->v[1].vgpu.entity.faults, 0U);
	KUNIT_EXPECT_EQ(test, watchdog_events[VGPU_ARB_TIMEOUT], 1U);
	KUNIT_EXPECT_EQ(test, watchdog_events[VGPU_ARB_QUARANTINED], 0U);
	while (vgpu_mock_complete_first(&f->mock, NONE))
		vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 1), NONE);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 2), NONE);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &b, 0), NONE);
}

/* It looks by itself, when the first would be due; not for jobs without a limit. */
static void watchdog_arms(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct queue_guest a;

	queue_guest_create(test, &a, &f->v[0], 16);
	vgpu_arb_entity_set_timeout(&f->v[0].vgpu.entity, 0);
	cancel_delayed_work_sync(&f->mock.gpu.watchdog.work);
	f->mock.gpu.watchdog.next_ns = U64_MAX;
	queue_guest_nops(&a, 1);
	queue_guest_kick(&a);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&f->mock.gpu.watchdog.work));
	vgpu_job_begin(vgpu_mock_first(&f->mock));
	/* for one that runs, too */
	vgpu_arb_entity_set_timeout(&f->v[0].vgpu.entity, 2);
	vgpu_watchdog_look(&f->mock.gpu);
	while (vgpu_mock_first(&f->mock))
		usleep_range(1000, 2000);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 0), TIMEOUT);
	vgpu_arb_entity_set_timeout(&f->v[0].vgpu.entity, 1000);
	queue_guest_nops(&a, 1);
	queue_guest_kick(&a);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&f->mock.gpu.watchdog.work));
	KUNIT_EXPECT_TRUE(test, time_before(f->mock.gpu.watchdog.work.timer.expires,
					    jiffies + HZ + 3));
	vgpu_mock_complete_first(&f->mock, NONE);
}

/* Not before it is time if that is soon; else in steps that end there, and never late. */
static void watchdog_delay(struct kunit *test)
{
	u64 left = nsecs_to_jiffies(60ULL * NSEC_PER_SEC);
	u32 steps = 0;

	KUNIT_EXPECT_EQ(test, vgpu_delay_jiffies(0), 1UL);
	KUNIT_EXPECT_EQ(test, vgpu_delay_jiffies(10 * jiffies_to_nsecs(1)), 11UL);
	while (left >= VGPU_DELAY_EXACT) {
		KUNIT_ASSERT_LE(test, (u64)vgpu_delay_jiffies(jiffies_to_nsecs(left)),
				left - left / 8);
		left -= vgpu_delay_jiffies(jiffies_to_nsecs(left));
		steps++;
	}
	KUNIT_EXPECT_LE(test, steps, 5U);
}

/* A backend that can't end one job ends those of its vGPU, and nobody else's. */
static void watchdog_coarse(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct queue_guest a, b;

	f->mock.coarse_abort = true;
	queue_guest_create(test, &a, &f->v[0], 16);
	queue_guest_create(test, &b, &f->v[1], 16);
	vgpu_arb_entity_set_timeout(&f->v[0].vgpu.entity, 1);
	queue_guest_nops(&a, VGPU_FIXTURE_DEPTH);
	queue_guest_kick(&a);
	vgpu_mock_settle(&f->mock);
	queue_guest_nops(&b, 1);
	queue_guest_kick(&b);
	watchdog_hang(f);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 0), TIMEOUT);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 1), CANCELED);
	vgpu_mock_complete_first(&f->mock, NONE);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &b, 0), NONE);
}

/* The third offence; everything ends, nothing begins, and one write makes it good again. */
static void watchdog_quarantine(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = &f->v[0].vgpu;
	struct queue_guest a, b;
	u32 i;

	queue_guest_create(test, &a, &f->v[0], 32);
	queue_guest_create(test, &b, &f->v[1], 16);
	vgpu_arb_entity_set_timeout(&vgpu->entity, 1);
	queue_guest_nops(&a, 8);
	queue_guest_kick(&a);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_FALSE(test, vgpu->entity.quarantined);
		watchdog_hang(f);
		KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, i), TIMEOUT);
	}
	KUNIT_EXPECT_TRUE(test, vgpu->entity.quarantined);
	KUNIT_EXPECT_EQ(test, watchdog_events[VGPU_ARB_TIMEOUT], 3U);
	KUNIT_EXPECT_EQ(test, watchdog_events[VGPU_ARB_QUARANTINED], 1U);
	vgpu_mock_settle(&f->mock);
	KUNIT_EXPECT_EQ(test, f->mock.nr_jobs, 0U);
	for (; i < 8; i++)
		KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, i), QUARANTINED);
	queue_guest_nops(&a, 1);
	queue_guest_kick(&a);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &a, 8), QUARANTINED);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_COMPUTE, 1, 2), QUARANTINED);
	/* what it has made it can end, and a reset is no way out */
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_QUEUE_DESTROY, a.ctx, a.id), NONE);
	vgpu_reset(vgpu);
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_COMPUTE, 1, 2), QUARANTINED);
	queue_guest_nops(&b, 1);
	queue_guest_kick(&b);
	vgpu_mock_settle(&f->mock);
	vgpu_mock_complete_first(&f->mock, NONE);
	KUNIT_EXPECT_EQ(test, queue_guest_reap(test, &b, 0), NONE);

	vgpu_gpu_release(vgpu->gpu, &vgpu->entity);
	KUNIT_EXPECT_EQ(test, watchdog_events[VGPU_ARB_RELEASED], 1U);
	KUNIT_EXPECT_EQ(test, vgpu->entity.faults, 0U);
	f->mock.sync = true;
	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_COMPUTE, 1, 2), NONE);
}

/* By default three in an hour are too many, as they can be a minute and more apart. */
static void watchdog_defaults(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_arb_entity *entity = &f->v[0].vgpu.entity;
	const u64 s = NSEC_PER_SEC;

	KUNIT_EXPECT_FALSE(test, vgpu_arb_fault(entity, 1000 * s));
	/* who read the clock before */
	KUNIT_EXPECT_EQ(test, vgpu_arb_faults(entity, 1000 * s - 1), 1U);
	KUNIT_EXPECT_FALSE(test, vgpu_arb_fault(entity, 1061 * s));
	KUNIT_EXPECT_EQ(test, vgpu_arb_faults(entity, 1062 * s), 2U);
	KUNIT_EXPECT_TRUE(test, vgpu_arb_fault(entity, 1600 * s));
	KUNIT_EXPECT_EQ(test, vgpu_arb_faults(entity, 8200 * s), 1U);
	KUNIT_EXPECT_EQ(test, vgpu_arb_faults(entity, 11800 * s), 0U);
}

/* In virtual time: what is forgotten when */
static void watchdog_decay(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_arb_entity *entity = &f->v[0].vgpu.entity;
	const u64 s = NSEC_PER_SEC;

	vgpu_arb_set_fault_threshold(entity->arb, 3);
	vgpu_arb_set_fault_decay(entity->arb, 10);
	KUNIT_EXPECT_FALSE(test, vgpu_arb_fault(entity, 100 * s));
	KUNIT_EXPECT_FALSE(test, vgpu_arb_fault(entity, 109 * s));
	/* the first is forgotten */
	KUNIT_EXPECT_FALSE(test, vgpu_arb_fault(entity, 110 * s));
	KUNIT_EXPECT_EQ(test, entity->faults, 2U);
	KUNIT_EXPECT_TRUE(test, vgpu_arb_fault(entity, 119 * s));
	/* after a long time all of them */
	KUNIT_EXPECT_FALSE(test, vgpu_arb_fault(entity, 1000 * s));
	KUNIT_EXPECT_EQ(test, entity->faults, 1U);
	vgpu_arb_set_fault_threshold(entity->arb, 0);
	KUNIT_EXPECT_FALSE(test, vgpu_arb_fault(entity, 1000 * s));
	KUNIT_EXPECT_FALSE(test, vgpu_arb_fault(entity, 1000 * s));
	KUNIT_EXPECT_FALSE(test, vgpu_arb_fault(entity, 1000 * s));
}

static struct kunit_case watchdog_cases[] = {
	KUNIT_CASE(watchdog_timeout),
	KUNIT_CASE(watchdog_arms),
	KUNIT_CASE(watchdog_delay),
	KUNIT_CASE(watchdog_coarse),
	KUNIT_CASE(watchdog_quarantine),
	KUNIT_CASE(watchdog_defaults),
	KUNIT_CASE(watchdog_decay),
	{}
};

static struct kunit_suite watchdog_suite = {
	.name = "vgpu_watchdog",
	.init = watchdog_init,
	.exit = vgpu_fixture_exit,
	.test_cases = watchdog_cases,
};

kunit_test_suite(watchdog_suite);
