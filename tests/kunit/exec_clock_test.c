// SPDX-License-Identifier: GPL-2.0
/* What jobs of an executor's workers are charged; time is a number. */
#include <kunit/test.h>
#include <linux/prandom.h>

#include "backend/exec_clock.h"

/* Who is alone is charged what passes; who isn't, his part of it. */
static void exec_clock_shares(struct kunit *test)
{
	struct vgpu_exec_clock clock = { };
	u64 a, b, c;

	vgpu_exec_clock_init(&clock);
	a = vgpu_exec_clock_begin(&clock, 1000);
	KUNIT_EXPECT_EQ(test, vgpu_exec_clock_end(&clock, a, 1600), 600ULL);
	/* nobody's time is nobody's */
	a = vgpu_exec_clock_begin(&clock, 5000);
	b = vgpu_exec_clock_begin(&clock, 5100);
	KUNIT_EXPECT_EQ(test, vgpu_exec_clock_end(&clock, a, 5300), 200ULL);
	c = vgpu_exec_clock_begin(&clock, 5300);
	a = vgpu_exec_clock_begin(&clock, 5300);
	KUNIT_EXPECT_EQ(test, vgpu_exec_clock_end(&clock, b, 5600), 200ULL);
	/* who read the time before and had the lock after */
	KUNIT_EXPECT_EQ(test, vgpu_exec_clock_end(&clock, c, 5590), 100ULL);
	KUNIT_EXPECT_EQ(test, vgpu_exec_clock_end(&clock, a, 5700), 200ULL);
	KUNIT_EXPECT_EQ(test, clock.busy, 0U);
}

/* However they come and go, together they are not charged more than has passed. */
static void exec_clock_conserves(struct kunit *test)
{
	struct vgpu_exec_clock clock = { };
	u64 begin[8] = { }, now = 1, busy = 0, charged = 0;
	struct rnd_state rnd;
	u32 at, i, step;
	u8 is = 0;

	prandom_seed_state(&rnd, 11);
	vgpu_exec_clock_init(&clock);
	for (i = 0; i < 100000; i++) {
		step = prandom_u32_state(&rnd) % 1000;
		now += step;
		if (is)
			busy += step;
		at = prandom_u32_state(&rnd) % ARRAY_SIZE(begin);
		if (is & 1U << at)
			charged += vgpu_exec_clock_end(&clock, begin[at], now);
		else
			begin[at] = vgpu_exec_clock_begin(&clock, now);
		is ^= 1U << at;
	}
	for (at = 0; at < ARRAY_SIZE(begin); at++) {
		if (is & 1U << at)
			charged += vgpu_exec_clock_end(&clock, begin[at], now);
	}
	KUNIT_EXPECT_LE(test, charged, busy);
	/* but for what division leaves, less than a nanosecond for each at each step */
	KUNIT_EXPECT_GE(test, charged + 100000 * ARRAY_SIZE(begin), busy);
}

static struct kunit_case exec_clock_cases[] = {
	KUNIT_CASE(exec_clock_shares),
	KUNIT_CASE(exec_clock_conserves),
	{}
};

static struct kunit_suite exec_clock_suite = {
	.name = "vgpu_exec_clock",
	.test_cases = exec_clock_cases,
};

kunit_test_suite(exec_clock_suite);
